"""Single orders of a book, and the option chains of a share, an index at home and one abroad."""

from sdk import HK_STOCK, Pushes, api, observe, options, quote_context, rows, run

OWNERS = [HK_STOCK, "HK.800000", "US.AAPL", "US..SPX"]
FILTERED = {"delta_min": 0.2, "delta_max": 0.8}


def book_story(quotes):
    pushes = Pushes(quotes, "order_book")
    subscribed = observe(quotes.subscribe([HK_STOCK], ["ORDER_BOOK"], is_detailed_orderbook=True))
    pushes.wait_for_count(20, order_book=3)
    brokers = {}
    if observe(quotes.subscribe([HK_STOCK], ["BROKER"]))["ret"] == 0:
        _, bids, _ = quotes.get_broker_queue(HK_STOCK)
        brokers = observe((0, bids))
    return {
        "subscribed": subscribed,
        "asked": observe(quotes.get_order_book(HK_STOCK, 40)),
        "pushed": pushes.seen["order_book"],
        "brokers": brokers,
    }


def chain_story(quotes, owner):
    dates = rows(observe(quotes.get_option_expiration_date(owner)))
    day = next(d for d in dates if d["option_expiry_date_distance"] > 12)["strike_time"]
    wanted = api.OptionDataFilter()
    for name, value in FILTERED.items():
        setattr(wanted, name, value)
    whole = observe(quotes.get_option_chain(owner, start=day, end=day))
    codes = [row["code"] for row in rows(whole)]
    middle = len(codes) // 2
    return {
        "dates": dates,
        "day": day,
        "chain": whole,
        "filtered": observe(quotes.get_option_chain(owner, start=day, end=day, data_filter=wanted)),
        "snapshots": observe(quotes.get_market_snapshot(codes[max(middle - 30, 0) : middle + 30])),
        "owner": observe(quotes.get_market_snapshot([owner])),
    }


def story():
    with quote_context() as quotes:
        if options.arguments:
            return {"book": book_story(quotes)}
        return {
            "book": book_story(quotes),
            "chains": {owner: chain_story(quotes, owner) for owner in OWNERS},
        }


run(story)
