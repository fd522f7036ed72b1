"""The examples of scenarios as a strategy meets them, each in a world of its own.

Arguments: the port of the admin interface and the folder of the examples. Time stands unless it is moved here.
"""

import json
import urllib.error
import urllib.request
from pathlib import Path

from sdk import (
    HK_STOCK,
    SIMULATE,
    Pushes,
    api,
    observe,
    options,
    quote_context,
    rows,
    run,
    trade_context,
)

ADMIN, FOLDER = options.arguments


class World:
    """A world with a scenario under way; its clients are those that connect inside the block."""

    def __init__(self, name):
        self.name = name
        text = (Path(FOLDER) / f"{name}.yaml").read_text(encoding="utf-8")
        self.command("sim_scenario", text=text, name=name)

    def __enter__(self):
        api.SysConfig.set_client_info(self.name, 1)
        return self

    def __exit__(self, *_):
        api.SysConfig.set_client_info(None, None)

    def command(self, command, /, **parameters):
        request = urllib.request.Request(
            f"http://{options.host}:{ADMIN}/commands/{command}?world={self.name}",
            json.dumps(parameters).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{command}: {error.read().decode()}") from None

    def advance(self, span):
        return self.command("sim_clock", advance=span)

    def progress(self):
        url = f"http://{options.host}:{ADMIN}/scenario?world={self.name}"
        with urllib.request.urlopen(url, timeout=60) as reply:
            report = json.load(reply)
        return [report["state"], [s["state"] for s in report["tracks"][0]["steps"]]]


def settle(world, pushes):
    """Wait until the client has handled everything up to now: a notice comes behind it."""
    before = _marks(pushes)
    world.command("sim_notify", notice="links_restored")
    assert pushes.wait(lambda: _marks(pushes) > before, 20)


def _marks(pushes):
    return sum(push["value"][0] == "CONN_STATUS" for push in pushes.seen["notify"])


def snapshot(quotes):
    (row,) = rows(observe(quotes.get_market_snapshot([HK_STOCK])))
    return {name: row[name] for name in ("update_time", "last_price", "volume", "suspension")}


def orders(trades):
    return rows(observe(trades.order_list_query(trd_env=SIMULATE)))


def buy(trades, price, quantity):
    price = float(round(price))
    placed = trades.place_order(price, quantity, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE)
    return rows(observe(placed))[0]["order_id"]


def flash_crash():
    with World("flash_crash") as world, quote_context() as quotes, trade_context() as trades:
        pushes = Pushes(quotes, "ticker", "notify")
        quotes.subscribe([HK_STOCK], ["TICKER"])
        seen = {"first": snapshot(quotes)}
        buy(trades, seen["first"]["last_price"] * 0.95, 100)
        for name, span in (("before", "1m"), ("bottom", "20s"), ("back", "5m"), ("after", "10m")):
            world.advance(span)
            seen[name] = {"snapshot": snapshot(quotes), "order": orders(trades)[0]}
        settle(world, pushes)
        seen |= {"prints": pushes.rows("ticker"), "progress": world.progress()}
        return seen | {"cooling": cooling_off(world, quotes, trades)}


def cooling_off(world, quotes, trades):
    """A fall that the exchange does not let pass: 15 % in half a minute."""
    world.advance("5m")
    seen = {"before": snapshot(quotes)}
    world.command("sim_price", security=HK_STOCK, percent=-15, over="30s")
    world.advance("1m")
    seen["held"] = snapshot(quotes)
    low = float(round(seen["held"]["last_price"] - 10))
    seen["refused"] = observe(
        trades.place_order(low, 100, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE)
    )
    world.advance("5m")
    return seen | {"after": snapshot(quotes)}


def exchange_halt():
    with World("exchange_halt") as world, quote_context() as quotes, trade_context() as trades:
        pushes = Pushes(quotes, "ticker", "notify")
        quotes.subscribe([HK_STOCK], ["TICKER", "ORDER_BOOK"])
        seen = {}
        for name, span in (("before", "5m"), ("halted", "9m"), ("after", "2m")):
            world.advance(span)
            settle(world, pushes)
            seen[name] = {
                "snapshot": snapshot(quotes),
                "book": observe(quotes.get_order_book(HK_STOCK)),
                "orders": orders(trades),
                "prints": len(pushes.rows("ticker")),
            }
            if name == "before":
                buy(trades, seen[name]["snapshot"]["last_price"] + 10, 100)
        return seen | {"progress": world.progress()}


def disconnect_in_partial_fill():
    with World("disconnect_in_partial_fill") as world, trade_context() as trades:
        pushes = Pushes(trades, "order")
        world.advance("61s")
        seen = {"order_id": buy(trades, 650, 400)}
        world.advance("1s")
        world.advance("10s")
        # The SDK connects again by itself and asks for the account's pushes; then calls work again.
        seen["found"] = orders(trades)
        world.advance("10s")
        assert pushes.wait(lambda: _filled(pushes) == 400, 20)
        return seen | {
            "pushed": pushes.rows("order"),
            "after": orders(trades),
            "progress": world.progress(),
        }


def _filled(pushes):
    rows_so_far = [row for push in pushes.seen["order"] for row in push.get("rows", [])]
    return rows_so_far[-1]["dealt_qty"] if rows_so_far else 0


def quota_exhaustion():
    with World("quota_exhaustion") as world, quote_context() as quotes:
        seen = {
            "three": observe(quotes.subscribe([HK_STOCK, "HK.00005", "HK.00001"], ["QUOTE"])),
            "none": observe(quotes.subscribe(["HK.00388"], ["QUOTE"])),
            "candles": [
                observe(quotes.request_history_kline(code, start="2026-01-05", end="2026-01-14"))
                for code in (HK_STOCK, "HK.00005")
            ],
        }
        world.advance("10m")
        seen["again"] = observe(quotes.subscribe(["HK.00388"], ["QUOTE"]))
        return seen | {"progress": world.progress()}


def quote_right_kicked():
    with World("quote_right_kicked") as world, quote_context() as quotes:
        pushes = Pushes(quotes, "quote", "notify")
        quotes.subscribe([HK_STOCK], ["QUOTE"])
        counts, answers = [], []
        for span in ("29s", "5s", "2s", "50s", "10s", "30s"):
            world.advance(span)
            settle(world, pushes)
            counts.append(len(pushes.rows("quote")))
            answer = observe(quotes.get_stock_quote([HK_STOCK]))
            answers.append(answer.get("text", ""))
        return {
            "counts": counts,
            "refusals": answers,
            "notices": pushes.seen["notify"],
            "progress": world.progress(),
        }


def story():
    stories = (
        flash_crash,
        exchange_halt,
        disconnect_in_partial_fill,
        quota_exhaustion,
        quote_right_kicked,
    )
    return {tell.__name__: tell() for tell in stories}


run(story)
