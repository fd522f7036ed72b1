"""Two connections: whose pushes go where, what is shared, and what a closed one leaves behind."""

import time

from sdk import HK_STOCK, SIMULATE, Pushes, api, observe, quote_context, rows, run, trade_context


def quotes_of_two():
    with quote_context() as first, quote_context() as second:
        to_first, to_second = Pushes(first, "ticker", "quote"), Pushes(second, "ticker", "quote")
        subscribed = observe(first.subscribe([HK_STOCK], ["TICKER", "QUOTE"]))
        silent = observe(second.subscribe([HK_STOCK], ["QUOTE"], subscribe_push=False))
        to_first.wait_for_count(15, ticker=3, quote=3)
        return {
            "subscribed": [subscribed, silent],
            "counts": [to_first.counts(), to_second.counts()],
            "getter_of_second": observe(second.get_stock_quote([HK_STOCK])),
            "ticker_of_second": observe(second.get_rt_ticker(HK_STOCK, 5)),
            "subscriptions": [
                observe(first.query_subscription(False)),
                observe(second.query_subscription(False)),
                observe(second.query_subscription(True)),
            ],
        }


def left_behind():
    with quote_context() as third:
        return observe(third.query_subscription(True))


def orders_of_two():
    with quote_context() as quotes, trade_context() as first, trade_context() as second:
        snapshot = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
        price = round(snapshot["bid_price"] - 20 * snapshot["price_spread"], 3)
        to_first, to_second = Pushes(first, "order"), Pushes(second, "order")
        placed = observe(
            first.place_order(
                price, snapshot["lot_size"], HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE
            )
        )
        order_id = rows(placed)[0]["order_id"]
        to_second.wait_for_count(10, order=2)
        cancel = observe(
            second.modify_order(
                api.ModifyOrderOp.CANCEL, order_id=order_id, qty=0, price=0, trd_env=SIMULATE
            )
        )
        to_first.wait_for_count(10, order=3)
        time.sleep(0.3)
        return {
            "placed": placed,
            "cancel": cancel,
            "pushes": [to_first.rows("order"), to_second.rows("order")],
        }


def story():
    return {"quotes": quotes_of_two(), "left": left_behind(), "orders": orders_of_two()}


run(story)
