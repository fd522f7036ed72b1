"""How long the large questions take, once the market has been read (warm).

python -m benchmarks.queries
"""

import statistics
import time
from typing import Any, Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common, Qot_StockFilter
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market
from simulator.market.universe import default_universe

ROUNDS: Final = 9
SNAPSHOTS: Final = 400
OPTIONS: Final = ("-sim_limits=off", "-sim_clock=open")
HISTORY: Final[dict[str, Any]] = {
    "rehabType": Qot_Common.RehabType_Forward,
    "klType": Qot_Common.KLType_Day,
    "security": {"market": Qot_Common.QotMarket_HK_Security, "code": "00700"},
    "beginTime": "2018-01-01",
    "endTime": "2026-01-01",
    "maxAckKLNum": 1000,
}
FILTER: Final[dict[str, Any]] = {
    "begin": 0,
    "num": 200,
    "market": Qot_Common.QotMarket_HK_Security,
    "baseFilterList": [
        {"fieldName": Qot_StockFilter.StockField_MarketVal, "filterMin": 1e9, "isNoFilter": False},
        {
            "fieldName": Qot_StockFilter.StockField_CurPrice,
            "isNoFilter": True,
            "sortDir": Qot_StockFilter.SortDir_Descend,
        },
    ],
}


def rows() -> list[Row]:
    """Snapshot, page and filter, each asked several times in a row."""
    securities = [
        {"market": i.security.market, "code": i.security.code}
        for market in (Market.HK, Market.US, Market.SH, Market.SZ)
        for i in default_universe().instruments(market)
        if i.is_tradable
    ][:SNAPSHOTS]
    number = len(securities)
    with RunningGateway(*OPTIONS) as gateway:
        client = BlockingClient(gateway.port)
        found = [
            row_of(
                client,
                f"snapshot of {number} stocks and funds",
                12,
                ProtoId.Qot_GetSecuritySnapshot,
                {"securityList": securities},
            ),
            row_of(client, "page of 1,000 day candles", 6, ProtoId.Qot_RequestHistoryKL, HISTORY),
            row_of(client, "stock filter over Hong Kong", 150, ProtoId.Qot_StockFilter, FILTER),
        ]
        client.close()
    return found


def row_of(
    client: BlockingClient, what: str, most_ms: float, proto_id: ProtoId, c2s: dict[str, Any]
) -> Row:
    """The median of several questions after two that do not count."""
    taken = []
    for _ in range(ROUNDS + 2):
        begin = time.perf_counter()
        client.ask(proto_id, **c2s)
        taken.append((time.perf_counter() - begin) * 1e3)
    median, worst = statistics.median(taken[2:]), max(taken[2:])
    text = f"{median:.1f} ms (first {taken[0]:.0f} ms, slowest {worst:.1f} ms)"
    figures = {"median_ms": median, "first_ms": taken[0], "slowest_ms": worst}
    return Row(what, f"≤ {most_ms:g} ms", text, median <= most_ms, figures)


if __name__ == "__main__":
    print(markdown(rows()))
