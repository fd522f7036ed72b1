"""Everything that can go wrong, one after the other, as a strategy on the SDK meets it.

Argument: the port of the gateway's admin interface. The clock stands unless a command moves it. Where a
fault takes the client long to notice, the client's own patience is shortened.
"""

import threading
import time

from directing import Marks, command, look
from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context

PATIENCE_S = 1.5
"""How long a context waits for an answer, instead of 12 s."""
ANSWER_S = 20


class Story:
    """The contexts that suffer and what is pushed to them."""

    def __init__(self, quotes, trades):
        self.quotes, self.trades = quotes, trades
        self.pushes = Pushes(quotes, "quote", "ticker")
        self.orders = Pushes(trades, "order")
        quotes.subscribe([HK_STOCK], ["QUOTE", "TICKER", "ORDER_BOOK"])
        self.marks = Marks(quotes, trades)
        self.advance("30s")

    def advance(self, span):
        """Move the clock and let everything arrive."""
        command("sim_clock", advance=span)
        self.marks.pass_by()

    def told(self, span, kind="ticker"):
        """What is pushed in so much time."""
        before = len(self.pushes.rows(kind))
        self.advance(span)
        return self.pushes.rows(kind)[before:]

    def snapshot(self):
        return observe(self.quotes.get_market_snapshot([HK_STOCK]))

    def quote(self):
        return observe(self.quotes.get_stock_quote([HK_STOCK]))


in_force = []


def fault(kind, **parameters):
    answer = command("sim_fault", add=kind, **parameters)
    in_force.append(int("".join(filter(str.isdigit, answer))))


def clear():
    """End the faults of this part of the story."""
    while in_force:
        command("sim_fault", clear=in_force.pop())


class Quiet:
    """A context that hears nothing any more, has less than 33 s of patience, and is turned away once.

    Its way back takes some fifteen seconds, in which other things happen.
    """

    def __init__(self, context):
        self.context, self.old = context, context.get_sync_conn_id()
        context._keep_alive_interval, context._conn_alive_timeout = 0.5, 2.5
        command("sim_fault", add="swallow", protocol="KeepAlive", conn_id=self.old)
        command("sim_fault", add="drop", conn_id=self.old)
        command("sim_fault", add="refuse", count=1)
        threading.Thread(target=self._calm_down, daemon=True).start()

    def _calm_down(self):
        """Have the usual patience again once the connection was given up."""
        _wait(lambda: self.context.get_sync_conn_id() == 0)
        self.context._conn_alive_timeout = 33

    def came_back(self):
        new = _reconnected(self.context, self.old)
        return {"old": self.old, "new": new, "refused": _struck("refuse")}


def numbers(tickers):
    return [row["sequence"] for row in tickers]


def outlier(story):
    fault("outlier", security=HK_STOCK, percent=30)
    quotes = len(story.pushes.rows("quote"))
    first, then = story.told("20s"), story.told("20s")
    listed = rows(observe(story.quotes.get_rt_ticker(HK_STOCK, 1000)))
    return {
        "pushed": {row["sequence"]: row["price"] for row in first + then},
        "listed": {row["sequence"]: row["price"] for row in listed},
        "quotes": [row["last_price"] for row in story.pushes.rows("quote")[quotes:]],
        "faults": [entry for entry in look("/faults") if entry["kind"] == "outlier"],
    }


def stale(story):
    fault("stale", security=HK_STOCK)
    before = [story.quote(), story.snapshot()]
    tickers = story.told("60s")
    pushed = story.pushes.rows("quote")[-1]
    during = [story.quote(), story.snapshot()]
    clear()
    return {
        "before": before,
        "during": during,
        "pushed": pushed,
        "prints": len(tickers),
        "after": [story.quote(), story.snapshot()],
    }


def lost_and_swapped(story):
    """What becomes of ticker pushes, beside what the getter lists."""
    seen = {}
    for kind in ("drop", "duplicate", "reorder", "wrong_digest"):
        fault(kind, protocol="Qot_UpdateTicker")
        seen[kind] = numbers(story.told("30s"))
        clear()
        listed = rows(observe(story.quotes.get_rt_ticker(HK_STOCK, 1000)))
        seen[f"{kind}_listed"] = numbers(listed)
    seen["drop_quotes"] = len(story.told("30s", "quote"))
    return seen


def late(story):
    """Pushes and a reply that wait for the clock, and a narrow line."""
    fault("latency", protocol="Qot_UpdateTicker", delay="40s", jitter="1s")
    early = numbers(story.told("30s"))
    then = numbers(story.told("30s"))
    clear()
    story.marks.pass_by()
    fault("latency", protocol="Qot_GetSecuritySnapshot", delay="2s", count=1)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(story.snapshot()))
    waiting.start()
    _wait(lambda: _struck("latency") == 1)
    arrived_before = len(answers)
    command("sim_clock", advance="2s")
    waiting.join(ANSWER_S)
    clear()
    fault("bandwidth", protocol="Qot_UpdateBasicQot", rate=60)
    narrow = len(story.told("30s", "quote"))
    clear()
    story.marks.pass_by()
    wide = len(story.told("30s", "quote"))
    return {
        "early": early,
        "then": then,
        "arrived_before": arrived_before,
        "reply": answers,
        "narrow": narrow,
        "wide": wide,
    }


def refused(story):
    """Errors, a wrong SHA-1, and an order whose answer never comes."""
    fault("error", protocol="Qot_GetSecuritySnapshot", message="server busy", ret_type=-100)
    error = story.snapshot()
    clear()
    fault("wrong_digest", protocol="Qot_GetSecuritySnapshot", count=1)
    digest = [story.snapshot(), story.snapshot()]
    clear()
    fault("swallow", protocol="Trd_PlaceOrder", count=1)
    story.trades._query_timeout = PATIENCE_S
    buy = api.TrdSide.BUY
    placed = observe(story.trades.place_order(300, 100, HK_STOCK, buy, trd_env=SIMULATE))
    story.trades._query_timeout = ANSWER_S
    story.advance("1s")
    orders = observe(story.trades.order_list_query(trd_env=SIMULATE))
    clear()
    return {"error": error, "digest": digest, "swallowed": placed, "orders": orders}


def link_lost(story):
    """The quote link first, then the trade link, then subscriptions with it."""
    seen = {}
    notices = story.marks.notices[0].seen["notify"]
    count = len(notices)
    fault("link", link="quotes", lasts="30s")
    command("sim_clock", advance="20s")
    seen["state"] = observe(story.quotes.get_global_state())
    seen["snapshot"] = story.snapshot()
    seen["quotes"] = [story.quote(), story.quote()]
    seen["pushed"] = story.told("10s")
    seen["after"] = numbers(story.told("20s"))
    seen["listed"] = numbers(rows(observe(story.quotes.get_rt_ticker(HK_STOCK, 1000))))
    seen["notices"] = [n["value"] for n in notices[count:] if n["value"][0] == "CONN_STATUS"]

    buy = api.TrdSide.BUY
    fault("link", link="trading", lasts="10s")
    seen["refused"] = observe(story.trades.place_order(300, 100, HK_STOCK, buy, trd_env=SIMULATE))
    told = len(story.orders.rows("order"))
    command("sim_price", security=HK_STOCK, price=290, lasts="5s")
    story.advance("5s")
    seen["told_meanwhile"] = len(story.orders.rows("order")) - told
    story.advance("10s")
    seen["told_afterwards"] = [row["order_status"] for row in story.orders.rows("order")[told:]]

    fault("link", link="quotes", lasts="1s", subscriptions="lost")
    story.advance("2s")
    seen["lost"] = observe(story.quotes.query_subscription())
    seen["after_loss"] = numbers(story.told("30s"))
    story.quotes.subscribe([HK_STOCK], ["QUOTE", "TICKER"])
    seen["again"] = numbers(story.told("30s"))
    return seen


def cut_off(story):
    """The SDK connects again after six seconds."""
    old = story.quotes.get_sync_conn_id()
    command("sim_fault", add="cut", conn_id=old)
    new = _reconnected(story.quotes, old)
    _wait(lambda: "rows" in story.quote())
    subscribed = observe(story.quotes.query_subscription())
    story.marks.count = 0
    story.marks = Marks(story.quotes)
    return {
        "old": old,
        "new": new,
        "subscribed": subscribed,
        "pushed": numbers(story.told("30s")),
    }


def _reconnected(context, old):
    _wait(lambda: context.get_sync_conn_id() not in (0, old))
    return context.get_sync_conn_id()


def _struck(kind):
    return max(entry["struck"] for entry in look("/faults") if entry["kind"] == kind)


def _wait(condition):
    deadline = time.monotonic() + ANSWER_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it takes too long")
        time.sleep(0.02)


def story():
    with quote_context() as quotes, trade_context("HK") as trades, quote_context() as quiet:
        silence = Quiet(quiet)
        told = Story(quotes, trades)
        return {
            "outlier": outlier(told),
            "stale": stale(told),
            "lost": lost_and_swapped(told),
            "late": late(told),
            "refused": refused(told),
            "link": link_lost(told),
            "cut": cut_off(told),
            "quiet": silence.came_back(),
            "journal": look("/journal?limit=20&client=PyNormal"),
        }


run(story)
