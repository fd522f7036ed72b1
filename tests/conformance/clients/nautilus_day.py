"""The day through nautilus-futu: its own implementation of the protocol, in Rust."""

import platform
import time
from importlib.metadata import version

from document import options, run
from nautilus_futu._rust import PyFutuClient

TENCENT = (1, "00700")
PAPER, HK_TRADE, BUY, LIMIT, CANCEL = 0, 1, 1, 1, 2
UNADJUSTED, DAY = 0, 2
CASH_ACCOUNT = 1
FILLED, SUBMITTED, CANCELLED = 11, 5, 15
NOTIFY, QUOTE, CANDLE, TICKER, BOOK, ORDER, FILL = 1003, 3005, 3007, 3011, 3013, 2208, 2218
SUB_TYPES = [1, 2, 4, 5, 11, 14]
MISSING = {
    "time-share push": "its adapter has no use for it",
    "broker push": "its adapter has no use for it",
    "reminder push": "its adapter has no use for it",
    "order history": "it asks without the begin time that OpenD demands",
    "next page": "it joins the pages by itself",
}


def bars(page):
    names = ("open_price", "high_price", "low_price", "close_price", "volume")
    return [[bar["time"][:10], *(float(bar[name]) for name in names)] for bar in page]


def book(data):
    asks, bids = ([level["price"] for level in data[side]] for side in ("asks", "bids"))
    return {"code": data["code"], "asks": asks, "bids": bids}


def candles(data):
    names = ("open", "high", "low", "close")
    return [
        {"code": data["code"]} | {name: bar[f"{name}_price"] for name in names}
        for bar in data["kl_list"]
    ]


def trades(data):
    return [
        {
            "code": data["code"],
            "price": t["price"],
            "volume": t["volume"],
            "sequence": str(t["sequence"]),
        }
        for t in data["tickers"]
    ]


READERS = {
    QUOTE: ("quote", lambda data: [{"code": q["code"], "price": q["cur_price"]} for q in data]),
    BOOK: ("order_book", lambda data: [book(data)]),
    CANDLE: ("candle", candles),
    TICKER: ("ticker", trades),
    NOTIFY: ("notify", lambda data: [{"type": data["type"]}]),
    ORDER: (
        "order",
        lambda data: [
            {"id": str(data["order"]["order_id"]), "status": data["order"]["order_status"]}
        ],
    ),
    FILL: (
        "fill",
        lambda data: [
            {
                "order": str(data["fill"]["order_id"]),
                "price": data["fill"]["price"],
                "quantity": data["fill"]["qty"],
            }
        ],
    ),
}


class Pushes:
    def __init__(self, client):
        self.client = client
        self.channel = client.start_push(list(READERS))
        self.seen = {kind: [] for kind, _ in READERS.values()}

    def wait(self, condition, seconds=20):
        """Take pushes until the condition holds, at most so long."""
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            push = self.client.poll_push(self.channel, 100)
            if push is not None:
                kind, read = READERS[push["proto_id"]]
                self.seen[kind] += read(push["data"])

    def states(self, order_id):
        return [push["status"] for push in self.seen["order"] if push["id"] == order_id]


def trade(client, pushes, lot):
    accounts = client.get_acc_list()
    account = next(
        a["acc_id"]
        for a in accounts
        if (a["trd_env"], a["trd_market_auth_list"]) == (PAPER, [HK_TRADE])
    )
    where = (PAPER, account, HK_TRADE)
    client.sub_acc_push([account])

    def place(price):
        answer = client.place_order(*where, BUY, LIMIT, "00700", lot, price, 1)
        return str(answer["order_id"])

    latest = pushes.seen["order_book"][-1]
    bought = place(latest["asks"][2])
    pushes.wait(lambda: FILLED in pushes.states(bought) and pushes.seen["fill"])
    resting = place(latest["bids"][9])
    pushes.wait(lambda: SUBMITTED in pushes.states(resting))
    client.modify_order(*where, int(resting), CANCEL)
    pushes.wait(lambda: CANCELLED in pushes.states(resting))
    return {
        "bought": {"id": bought, "states": pushes.states(bought)},
        "cancelled": {"id": resting, "states": pushes.states(resting)},
        "orders": [],
        "position": {p["code"]: p["qty"] for p in client.get_position_list(*where)},
    }


def day():
    client = PyFutuClient()
    client.connect(options.host, options.port, "day", 100, options.rsa_key)
    pushes = Pushes(client)
    (snapshot,) = client.get_security_snapshot([TENCENT])
    history = client.get_history_kl(*TENCENT, UNADJUSTED, DAY, "2025-06-02", "2025-12-31")
    client.subscribe([TENCENT], SUB_TYPES, True)
    least = {"quote": 3, "order_book": 3, "ticker": 3, "candle": 3, "notify": 1}
    pushes.wait(lambda: all(len(pushes.seen[kind]) >= count for kind, count in least.items()))
    seen = trade(client, pushes, snapshot["lot_size"])
    client.disconnect()
    return seen | {
        "snapshot": {
            "code": snapshot["code"],
            "last": snapshot["cur_price"],
            "low": snapshot["low_price"],
            "high": snapshot["high_price"],
            "lot": snapshot["lot_size"],
        },
        "history": {"pages": [bars(history)]},
        "pushes": pushes.seen,
        "missing": MISSING,
        "runtime": f"CPython {platform.python_version()}, nautilus_trader {version('nautilus_trader')}",
    }


run(day)
