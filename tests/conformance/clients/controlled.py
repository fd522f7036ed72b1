"""A strategy's test on a clock that stands still: time, price, halt and fills by command.

Argument: the port of the gateway's admin interface. Everything that the client gets is kept in order.
"""

from directing import Marks, command
from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context


def snapshot(quotes):
    return rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]


def order(trades):
    return rows(observe(trades.order_list_query(trd_env=SIMULATE)))[0]


def story():
    with quote_context() as quotes, trade_context("HK") as trades:
        pushes = Pushes(quotes, "quote", "ticker", "order_book", "candle")
        fills = Pushes(trades, "order", "fill")
        quotes.subscribe([HK_STOCK], ["QUOTE", "TICKER", "ORDER_BOOK", "K_1M"])
        marks = Marks(quotes, trades)

        def act(name, **parameters):
            told = command(name, **parameters)
            marks.pass_by()
            return told

        seen = {"times": [act("sim_clock", advance="60s")], "before": snapshot(quotes)}
        seen["set"] = act("sim_price", security=HK_STOCK, price=500)
        seen["after_set"] = snapshot(quotes)
        seen["ticker_at_set"] = pushes.rows("ticker")[-1]

        command("sim_order", action="fill", percent=50)
        placed = observe(trades.place_order(510, 400, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE))
        seen["placed"] = placed
        seen["times"].append(act("sim_clock", advance="1s"))
        seen["half"] = order(trades)
        act("sim_order", action="release", order_id=rows(placed)[0]["order_id"])
        seen["released"] = order(trades)

        seen["halt"] = act("sim_halt", security=HK_STOCK)
        count = len(pushes.rows("ticker"))
        seen["times"].append(act("sim_clock", advance="120s"))
        seen["in_halt"] = observe(quotes.get_order_book(HK_STOCK))
        seen["halted"] = snapshot(quotes)
        seen["prints_in_halt"] = len(pushes.rows("ticker")) - count
        command("sim_resume")
        seen["times"].append(act("sim_clock", advance="60s"))
        seen["prints_after_halt"] = len(pushes.rows("ticker")) - count
        seen["pushes"] = {kind: list(found) for kind, found in pushes.seen.items()}
        seen["fills"] = fills.seen
        seen["history"] = observe(quotes.get_rt_ticker(HK_STOCK, 1000))
        seen["with_losses"] = with_losses(act, pushes)
        return seen


def with_losses(act, pushes):
    """The prints of half a minute of which chance takes four in ten."""
    count = len(pushes.rows("ticker"))
    command("sim_fault", add="drop", protocol="Qot_UpdateTicker", probability=0.4)
    act("sim_clock", advance="30s")
    command("sim_fault", clear="all")
    return [row["sequence"] for row in pushes.rows("ticker")[count:]]


run(story)
