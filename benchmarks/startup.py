"""How long a start takes, and how much memory it needs.

    python -m benchmarks.startup

A cold start is a new process, from its creation to the ready line, with the bytecode already compiled.
"""

import statistics
from typing import Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.report import Row
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market
from simulator.market.universe import default_universe

STARTS: Final = 5
MOST_START_S: Final = 0.7
MOST_MB: Final = 110
SECURITIES: Final = 50
SETTLE_S: Final = 5.0
SUB_TYPES: Final = (
    Qot_Common.SubType_Basic,
    Qot_Common.SubType_OrderBook,
    Qot_Common.SubType_Ticker,
    Qot_Common.SubType_KL_1Min,
)


def main() -> None:
    """Measure and print a Markdown table."""
    seconds, idle = [], []
    for _ in range(STARTS):
        with RunningGateway() as gateway:
            seconds.append(gateway.seconds_to_ready)
            idle.append(gateway.resident_mb())
    busy, pushes = subscribed_mb()
    print("| figure | measured |")
    print("| --- | --- |")
    print(f"| start to ready line, median of {STARTS} | {statistics.median(seconds):.2f} s |")
    print(f"| start to ready line, slowest | {max(seconds):.2f} s |")
    print(f"| resident memory when ready | {statistics.median(idle):.0f} MB |")
    print(
        f"| resident memory, {SECURITIES} securities x {len(SUB_TYPES)} types pushed "
        f"for {SETTLE_S:g} s ({pushes} pushes) | {busy:.0f} MB |"
    )


def rows() -> list[Row]:
    """Start and memory of a gateway that nobody uses."""
    seconds, idle = [], []
    for _ in range(STARTS):
        with RunningGateway() as gateway:
            seconds.append(gateway.seconds_to_ready)
            idle.append(gateway.resident_mb())
    start_s, memory_mb = statistics.median(seconds), statistics.median(idle)
    return [
        Row(
            "start to the ready line; resident memory",
            f"≤ {MOST_START_S} s; ≤ {MOST_MB} MB",
            f"{start_s:.2f} s (slowest {max(seconds):.2f} s); {memory_mb:.0f} MB",
            start_s <= MOST_START_S and memory_mb <= MOST_MB,
            {"start_s": start_s, "slowest_s": max(seconds), "memory_mb": memory_mb},
        )
    ]


def subscribed_mb() -> tuple[float, int]:
    """Resident memory with one busy client, in MB, and the pushes that it received."""
    with RunningGateway() as gateway:
        client = BlockingClient(gateway.port)
        client.ask(
            ProtoId.Qot_Sub,
            securityList=securities(),
            subTypeList=SUB_TYPES,
            isSubOrUnSub=True,
            isRegOrUnRegPush=True,
        )
        pushes = client.read_pushes(SETTLE_S)
        used = gateway.resident_mb()
        client.close()
    return used, pushes


def securities() -> list[dict[str, object]]:
    """The first Hong Kong securities of the universe, as C2S writes them."""
    chosen = default_universe().instruments(Market.HK)[:SECURITIES]
    return [
        {"market": Qot_Common.QotMarket_HK_Security, "code": instrument.security.code}
        for instrument in chosen
    ]


if __name__ == "__main__":
    main()
