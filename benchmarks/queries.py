"""How long the large questions take once the market has been read, and what the first ones do to others.

    python -m benchmarks.queries

The goals are judged by processor time of the server, which is what an idle machine would take; the
waiting time beside it depends on who else uses the machine.
"""

import statistics
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.child import cpu_seconds
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common, Qot_StockFilter
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, SecurityType
from simulator.market.long_tail import full_universe

ROUNDS: Final = 20
SNAPSHOTS: Final = 400
US: Final = Qot_Common.QotMarket_US_Security
OPTIONS: Final = ("-sim_limits=off", "-sim_clock=open")
TENCENT: Final[dict[str, Any]] = {"market": Qot_Common.QotMarket_HK_Security, "code": "00700"}
HISTORY: Final[dict[str, Any]] = {
    "rehabType": Qot_Common.RehabType_Forward,
    "klType": Qot_Common.KLType_Day,
    "security": TENCENT,
    "beginTime": "2018-01-01",
    "endTime": "2026-01-01",
    "maxAckKLNum": 1000,
}
APPLE: Final[dict[str, Any]] = {"market": Qot_Common.QotMarket_US_Security, "code": "AAPL"}
WARRANTS: Final[dict[str, Any]] = {
    "begin": 0,
    "num": 200,
    "sortField": Qot_Common.SortField_Volume,
    "ascend": False,
}
CHEAP_FIRST: Final[list[dict[str, Any]]] = [
    {"fieldName": Qot_StockFilter.StockField_MarketVal, "filterMin": 1e9, "isNoFilter": False},
    {
        "fieldName": Qot_StockFilter.StockField_CurPrice,
        "isNoFilter": True,
        "sortDir": Qot_StockFilter.SortDir_Descend,
    },
]
PATTERN: Final[list[dict[str, Any]]] = [
    {
        "fieldName": Qot_StockFilter.PatternField_MAAlignmentLong,
        "klType": Qot_Common.KLType_Day,
        "isNoFilter": False,
    }
]


@dataclass(frozen=True)
class Question:
    """One request, its goal in milliseconds, and how long to wait between two of them."""

    what: str
    most_ms: float
    proto_id: ProtoId
    c2s: dict[str, Any]
    pause_s: float = 0.0


def rows() -> list[Row]:
    """Each question asked several times in a row; then the first of all, beside another client."""
    with RunningGateway(*OPTIONS) as gateway:
        client = BlockingClient(gateway.port)
        found = [row_of(gateway.pid, client, question) for question in questions(client)]
        client.close()
    return [*found, beside_a_first_question()]


def questions(client: BlockingClient) -> list[Question]:
    """What is asked; the chain covers the month from the nearest expiry on."""
    universe = full_universe()
    securities = [
        {"market": i.security.market, "code": i.security.code}
        for market in (Market.HK, Market.US, Market.SH, Market.SZ)
        for i in universe.instruments(market, SecurityType.EQUITY)
        if i.is_tradable and (not i.is_generated or market is Market.HK)
    ][-SNAPSHOTS:]
    snapshot = (ProtoId.Qot_GetSecuritySnapshot, {"securityList": securities})
    expiry: Any = client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=APPLE)
    dates = [each.strikeTime for each in expiry.s2c.dateList][:5]
    chain = {"owner": APPLE, "beginTime": dates[0], "endTime": dates[-1]}
    markets = {"Hong Kong": Qot_Common.QotMarket_HK_Security, "the US": US}
    screens = [
        Question(
            f"stock filter over {name}, {kind}",
            150,
            ProtoId.Qot_StockFilter,
            {"begin": 0, "num": 200, "market": market, **conditions},
        )
        for name, market in markets.items()
        for kind, conditions in (
            ("price and value", {"baseFilterList": CHEAP_FIRST}),
            ("a pattern of averages", {"patternFilterList": PATTERN}),
        )
    ]
    return [
        Question(f"snapshot of {len(securities)} stocks", 12, *snapshot),
        Question("the same, asked once a second", 0, *snapshot, pause_s=1.0),
        Question("page of 1,000 day candles", 6, ProtoId.Qot_RequestHistoryKL, HISTORY),
        Question("option chain of a month of AAPL", 20, ProtoId.Qot_GetOptionChain, chain),
        Question("page of 200 warrants by volume", 30, ProtoId.Qot_GetWarrant, WARRANTS),
        *screens,
    ]


def row_of(pid: int, client: BlockingClient, question: Question) -> Row:
    """The median of several questions after two that do not count."""
    taken = [ask(client, question) for _ in range(2)]
    before = cpu_seconds(pid)
    for _ in range(ROUNDS):
        time.sleep(question.pause_s)
        taken.append(ask(client, question))
    processor = (cpu_seconds(pid) - before) / ROUNDS * 1e3
    median, worst = statistics.median(taken[2:]), max(taken[2:])
    text = (
        f"{processor:.1f} ms of processor (waited {median:.1f} ms, at most {worst:.1f} ms;"
        f" first {taken[0]:.0f} ms)"
    )
    figures = {
        "processor_ms": processor,
        "median_ms": median,
        "first_ms": taken[0],
        "slowest_ms": worst,
    }
    goal, holds = (f"≤ {question.most_ms:g} ms", processor <= question.most_ms)
    if not question.most_ms:
        return Row(question.what, "", text, None, figures)
    return Row(question.what, goal, text, holds, figures)


def ask(client: BlockingClient, question: Question) -> float:
    """Milliseconds until the reply is read."""
    begin = time.perf_counter()
    client.ask(question.proto_id, **question.c2s)
    return (time.perf_counter() - begin) * 1e3


def beside_a_first_question() -> Row:
    """How long another client's KeepAlives wait while the first filter over the US is answered."""
    with RunningGateway(*OPTIONS) as gateway:
        busy, other = BlockingClient(gateway.port), BlockingClient(gateway.port)
        screen = {"begin": 0, "num": 200, "market": US}
        first = threading.Thread(
            target=lambda: busy.ask(ProtoId.Qot_StockFilter, **screen, baseFilterList=CHEAP_FIRST)
        )
        waits = []
        begin = time.perf_counter()
        first.start()
        while first.is_alive():
            asked = time.perf_counter()
            other.ask(ProtoId.KeepAlive, time=0)
            waits.append((time.perf_counter() - asked) * 1e3)
        whole = (time.perf_counter() - begin) * 1e3
        busy.close()
        other.close()
    waits.sort()
    worst, median = waits[-1], statistics.median(waits)
    text = f"{len(waits)} KeepAlives in {whole:,.0f} ms: median {median:.1f} ms, at most {worst:.0f} ms"
    figures = {"keep_alives": float(len(waits)), "longest_ms": worst, "first_ms": whole}
    what = "another client while the first filter over the US is computed"
    return Row(what, "nobody waits over 100 ms", text, worst <= 100, figures)


if __name__ == "__main__":
    print(markdown(rows()))
