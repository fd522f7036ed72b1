"""The short story every release must live through: quotes, candles, pushes, an order, a cancel."""

from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context

TYPES = ["QUOTE", "ORDER_BOOK", "TICKER", "RT_DATA", "BROKER", "K_1M", "K_DAY"]


def watch(quotes):
    pushes = Pushes(quotes, "quote", "order_book", "ticker", "rt", "candle", "broker")
    subscribed = observe(quotes.subscribe([HK_STOCK], TYPES))
    pushes.wait_for_count(15, quote=2, order_book=2, ticker=2, rt=1, candle=3, broker=1)
    brokers = quotes.get_broker_queue(HK_STOCK)
    # JSON mode cannot read the key of a next page, so everything has to fit into one.
    history = quotes.request_history_kline(HK_STOCK, ktype="K_DAY", max_count=1000)
    return {
        "subscribed": subscribed,
        "counts": pushes.counts(),
        "pushes": pushes.seen,
        "snapshot": observe(quotes.get_market_snapshot([HK_STOCK, "US.AAPL"])),
        "history": observe(history),
        "quote": observe(quotes.get_stock_quote([HK_STOCK])),
        "trades": observe(quotes.get_rt_ticker(HK_STOCK, 10)),
        "minute": observe(quotes.get_cur_kline(HK_STOCK, 5, "K_1M")),
        "rt": observe(quotes.get_rt_data(HK_STOCK)),
        "brokers": observe((brokers[0], list(brokers[1:]))),
    }


def trade(quotes, trader):
    pushes = Pushes(trader, "order")
    snapshot = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
    lot, spread = int(snapshot["lot_size"]), snapshot["price_spread"]

    def order(price):
        return observe(trader.place_order(price, lot, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE))

    def states(placed):
        order_id = rows(placed)[0]["order_id"]
        return [r["order_status"] for r in pushes.rows("order") if r["order_id"] == order_id]

    funds_before = observe(trader.accinfo_query(trd_env=SIMULATE))
    bought = order(round(snapshot["ask_price"] + 2 * spread, 3))
    pushes.wait(lambda: "FILLED_ALL" in states(bought), 20)
    resting = order(round(snapshot["bid_price"] - 20 * spread, 3))
    pushes.wait(lambda: "SUBMITTED" in states(resting), 10)
    cancel = observe(
        trader.modify_order(
            api.ModifyOrderOp.CANCEL, rows(resting)[0]["order_id"], 0, 0, trd_env=SIMULATE
        )
    )
    pushes.wait(lambda: "CANCELLED_ALL" in states(resting), 10)
    return {
        "accounts": observe(trader.get_acc_list()),
        "bought": states(bought),
        "resting": states(resting),
        "cancel": cancel,
        "lot": lot,
        "orders": observe(trader.order_list_query(trd_env=SIMULATE)),
        "positions": observe(trader.position_list_query(trd_env=SIMULATE)),
        "funds": [funds_before, observe(trader.accinfo_query(trd_env=SIMULATE))],
    }


def story():
    with quote_context() as quotes, trade_context() as trader:
        return {"quotes": watch(quotes), "trade": trade(quotes, trader)}


run(story)
