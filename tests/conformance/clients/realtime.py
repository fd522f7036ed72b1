"""Subscribe to every type, use every getter, keep every push, and compare one instant's answers."""

from sdk import HK_STOCK, Pushes, api, observe, quote_context, run

TYPES = ["QUOTE", "ORDER_BOOK", "TICKER", "RT_DATA", "BROKER"]
CANDLES = ["K_1M", "K_3M", "K_5M", "K_15M", "K_30M", "K_60M", "K_DAY", "K_WEEK", "K_MON"]
CANDLES += ["K_QUARTER", "K_YEAR"]


def one_instant(quotes):
    """Ask everything about one security, between two looks at its trades."""
    return {
        "trades_before": observe(quotes.get_rt_ticker(HK_STOCK, 1000)),
        "snapshot_before": observe(quotes.get_market_snapshot([HK_STOCK])),
        "minute": observe(quotes.get_cur_kline(HK_STOCK, 3, "K_1M", api.AuType.NONE)),
        "day": observe(quotes.get_cur_kline(HK_STOCK, 2, "K_DAY", api.AuType.NONE)),
        "quote": observe(quotes.get_stock_quote([HK_STOCK])),
        "rt": observe(quotes.get_rt_data(HK_STOCK)),
        "book": observe(quotes.get_order_book(HK_STOCK, 10)),
        "snapshot_after": observe(quotes.get_market_snapshot([HK_STOCK])),
        "trades_after": observe(quotes.get_rt_ticker(HK_STOCK, 1000)),
    }


def story():
    with quote_context() as quotes:
        too_early = {
            "quote": observe(quotes.get_stock_quote([HK_STOCK])),
            "minute": observe(quotes.get_cur_kline(HK_STOCK, 3, "K_1M")),
            "trades": observe(quotes.get_rt_ticker(HK_STOCK, 10)),
            "book": observe(quotes.get_order_book(HK_STOCK)),
        }
        pushes = Pushes(quotes, "quote", "order_book", "ticker", "rt", "candle", "broker")
        subscribed = observe(quotes.subscribe([HK_STOCK], TYPES + CANDLES))
        pushes.wait_for_count(
            20, quote=3, order_book=3, ticker=3, rt=3, candle=len(CANDLES) + 3, broker=1
        )
        instants = [one_instant(quotes) for _ in range(3)]
        brokers = quotes.get_broker_queue(HK_STOCK)
        return {
            "too_early": too_early,
            "subscribed": subscribed,
            "subscription": observe(quotes.query_subscription()),
            "instants": instants,
            "brokers": observe((brokers[0], list(brokers[1:]))),
            "candles": {
                ktype: observe(quotes.get_cur_kline(HK_STOCK, 20, ktype)) for ktype in CANDLES
            },
            "pushes": pushes.seen,
        }


run(story)
