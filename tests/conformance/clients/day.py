"""A client's whole day, told the same way by every kind of client: see `matrix/observed_day.py`.

Quotes, a history in pages, every kind of push, an order to its fill, a cancel, the order history.
"""

import importlib
import platform
import time

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

TYPES = ["QUOTE", "ORDER_BOOK", "TICKER", "RT_DATA", "BROKER", "K_1M"]
HISTORY = {"start": "2025-06-02", "end": "2025-12-31"}
PAGE = 100


def number(value):
    return None if value is None else float(value)


def snapshot(quotes):
    row = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
    names = {"last": "last_price", "low": "low_price", "high": "high_price", "lot": "lot_size"}
    return {"code": row["code"]} | {key: number(row[name]) for key, name in names.items()}


def history(quotes):
    """All pages; in JSON mode the SDK cannot read the key of the next page."""
    pages, key = [], None
    while key is not None or not pages:
        ret, page, key = quotes.request_history_kline(
            HK_STOCK,
            **HISTORY,
            ktype="K_DAY",
            autype=api.AuType.NONE,
            max_count=1000 if options.json else PAGE,
            page_req_key=key,
        )
        if ret != api.RET_OK:
            raise AssertionError(page)
        names = ("open", "high", "low", "close", "volume")
        bars = rows(observe((ret, page)))
        pages.append(
            [[bar["time_key"][:10], *(number(bar[name]) for name in names)] for bar in bars]
        )
    return {"pages": pages}


def runtime():
    """The interpreter and the protobuf library below the SDK."""
    protobuf = importlib.import_module("google.protobuf").__version__
    return f"CPython {platform.python_version()}, protobuf {protobuf}"


READERS = {
    "quote": lambda row: {"code": row["code"], "price": row["last_price"]},
    "ticker": lambda row: {
        "code": row["code"],
        "price": row["price"],
        "volume": row["volume"],
        "sequence": str(row["sequence"]),
    },
    "rt": lambda row: {"code": row["code"], "price": row["cur_price"], "time": row["time"]},
    "candle": lambda row: (
        {"code": row["code"]} | {name: row[name] for name in ("open", "high", "low", "close")}
    ),
    "reminder": lambda row: {"code": row["code"], "note": row["note"], "price": row["price"]},
    "order": lambda row: {"id": str(row["order_id"]), "status": row["order_status"]},
    "fill": lambda row: {
        "order": str(row["order_id"]),
        "price": row["price"],
        "quantity": number(row["qty"]),
    },
}


def book(pushed):
    return {
        "code": pushed["code"],
        "asks": [level[0] for level in pushed["Ask"]],
        "bids": [level[0] for level in pushed["Bid"]],
    }


def brokers(pushed):
    code, (bids, asks) = pushed
    return {"code": code, "bids": len(bids), "asks": len(asks)}


def read(kind, push):
    """Give the plain facts of a push, one for each of its rows."""
    if push["ret"] != api.RET_OK:
        raise AssertionError(f"{kind}: {push}")
    if kind == "order_book":
        return [book(push["value"])]
    if kind == "broker":
        return [brokers(push["value"])]
    if kind == "notify":
        return [{"type": push["value"][0]}]
    found = push["rows"] if "rows" in push else [push["value"]]
    return [READERS[kind](row) for row in found]


def told(pushes):
    return {
        kind: [one for push in seen for one in read(kind, push)]
        for kind, seen in pushes.seen.items()
    }


def remind(quotes):
    """Ask for the push of a price reminder that any trade fulfils."""
    return observe(
        quotes.set_price_reminder(
            HK_STOCK,
            api.SetPriceReminderOp.ADD,
            reminder_type=api.PriceReminderType.VOLUME_UP,
            reminder_freq=api.PriceReminderFreq.ONCE,
            value=10,
            note="day",
        )
    )


def watch(quotes, missing):
    offered = ["quote", "order_book", "ticker", "rt", "candle", "broker", "notify"]
    if hasattr(api, "PriceReminderHandlerBase"):
        offered.append("reminder")
    else:
        missing["reminder push"] = "this release knows no price reminders"
    pushes = Pushes(quotes, *offered)
    subscribed = observe(quotes.subscribe([HK_STOCK], TYPES))
    if subscribed["ret"] != api.RET_OK:
        raise AssertionError(subscribed)
    least = {"quote": 3, "order_book": 3, "ticker": 3, "rt": 2, "candle": 3, "broker": 2}
    least["notify"] = 1
    if "reminder" in offered:
        remind(quotes)
        least["reminder"] = 1
    pushes.wait_for_count(25, **least)
    return pushes


def ask(quotes):
    """What was subscribed can be asked for as well."""
    answers = {
        "quote": (quotes.get_stock_quote([HK_STOCK]), 1),
        "trades": (quotes.get_rt_ticker(HK_STOCK, 10), 10),
        "minutes": (quotes.get_cur_kline(HK_STOCK, 5, "K_1M"), 5),
        "time-share": (quotes.get_rt_data(HK_STOCK), 1),
    }
    for name, (answer, least) in answers.items():
        if len(rows(observe(answer))) < least:
            raise AssertionError(f"{name}: {answer}")
    for answer in (quotes.get_order_book(HK_STOCK), quotes.get_broker_queue(HK_STOCK)):
        if answer[0] != api.RET_OK:
            raise AssertionError(answer)


def trade(trader, lot, latest_book):
    """Buy one lot at the third ask, rest another at the tenth bid and cancel it."""
    pushes = Pushes(trader, "order", "fill")

    def states(order_id):
        return [
            row["order_status"] for row in pushes.rows("order") if str(row["order_id"]) == order_id
        ]

    def place(price):
        placed = observe(
            trader.place_order(price, lot, HK_STOCK, api.TrdSide.BUY, trd_env=SIMULATE)
        )
        return str(rows(placed)[0]["order_id"])

    bought = place(latest_book["asks"][2])
    pushes.wait(lambda: "FILLED_ALL" in states(bought) and pushes.rows("fill"), 20)
    resting = place(latest_book["bids"][9])
    pushes.wait(lambda: "SUBMITTED" in states(resting), 10)
    cancel = observe(trader.modify_order(api.ModifyOrderOp.CANCEL, resting, 0, 0, trd_env=SIMULATE))
    if cancel["ret"] != api.RET_OK:
        raise AssertionError(cancel)
    pushes.wait(lambda: "CANCELLED_ALL" in states(resting), 10)
    return {
        "bought": {"id": bought, "states": states(bought)},
        "cancelled": {"id": resting, "states": states(resting)},
        "orders": orders(trader),
        "position": position(trader),
        "pushes": told(pushes),
    }


def position(trader):
    held = rows(observe(trader.position_list_query(trd_env=SIMULATE)))
    return {row["code"]: number(row["qty"]) for row in held}


def orders(trader):
    today = rows(observe(trader.order_list_query(trd_env=SIMULATE)))
    time.sleep(0.1)
    day = today[0]["create_time"][:10]
    listed = observe(trader.history_order_list_query(start=day, end=day, trd_env=SIMULATE))
    return [
        {
            "id": str(row["order_id"]),
            "status": row["order_status"],
            "filled": number(row["dealt_qty"]),
        }
        for row in rows(listed)
    ]


def story():
    missing = {"next page": "the SDK cannot read its key as JSON"} if options.json else {}
    with quote_context() as quotes, trade_context() as trader:
        seen = {"snapshot": snapshot(quotes), "history": history(quotes)}
        pushes = watch(quotes, missing)
        ask(quotes)
        book_now = told(pushes)["order_book"][-1]
        seen |= trade(trader, seen["snapshot"]["lot"], book_now)
        seen["pushes"] |= told(pushes)
        return seen | {"missing": missing, "runtime": runtime()}


run(story)
