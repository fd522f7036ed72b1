"""How long an order takes from the client's call to the reply, what was stored included.

    python -m benchmarks.place_order [store …]

Without arguments: memory, SQLite, and SQLite that waits for the disk. A store may also be a
`postgresql://` URL of an empty database.
"""

import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.report import Row
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Trd_Common
from gateway.wire.proto_ids import ProtoId

ACCOUNT: Final = 10741586
MOST_P50_MS: Final = 0.5
MOST_P99_MS: Final = 3.0
WARM_UP: Final = 200
ORDERS: Final = 2_000
CONNECTIONS: Final = 10
BURST: Final = 400
"""Orders of each connection in the throughput run."""
WINDOW: Final = 32
"""Orders that a connection sends ahead of their replies."""


def main() -> None:
    """Measure and print a Markdown table."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "orders.sqlite3"
        places = sys.argv[1:] or [
            "memory",
            f"sqlite:{file}",
            f"sqlite:{file}.full?synchronous=full",
        ]
        print("| store | p50 | p99 | one connection | 10 connections |")
        print("| --- | --- | --- | --- | --- |")
        for place in places:
            print(row_of(place, place.replace(directory, "…")), flush=True)


def rows() -> list[Row]:
    """Round trips with every change on the disk before its reply."""
    with tempfile.TemporaryDirectory() as directory:
        store = f"-sim_store=sqlite:{Path(directory) / 'orders.sqlite3'}"
        with RunningGateway("-sim_limits=off", store) as gateway:
            client = BlockingClient(gateway.port)
            taken = [seconds * 1e3 for seconds in place_many(client, WARM_UP + ORDERS)][WARM_UP:]
            client.close()
    cuts = statistics.quantiles(taken, n=100)
    p50, p99 = cuts[49], cuts[98]
    return [
        Row(
            "place_order round trip, SQLite store",
            f"p50 ≤ {MOST_P50_MS} ms, p99 ≤ {MOST_P99_MS} ms",
            f"p50 {p50:.2f} ms, p99 {p99:.2f} ms",
            p50 <= MOST_P50_MS and p99 <= MOST_P99_MS,
            {"p50_ms": p50, "p99_ms": p99},
        )
    ]


def row_of(place: str, name: str) -> str:
    """One line of the table for one store."""
    options = ("-sim_limits=off", f"-sim_store={place}")
    with RunningGateway(*options) as gateway:
        client = BlockingClient(gateway.port)
        round_trips = [seconds * 1e3 for seconds in place_many(client, WARM_UP + ORDERS)][WARM_UP:]
        per_second = orders_per_second(gateway.port)
        client.close()
    cuts = statistics.quantiles(round_trips, n=100)
    alone = 1e3 / statistics.mean(round_trips)
    return (
        f"| {name} | {cuts[49]:.2f} ms | {cuts[98]:.2f} ms | {alone:,.0f}/s | {per_second:,.0f}/s |"
    )


def place_many(client: BlockingClient, count: int) -> Iterator[float]:
    """Place and take back limit orders far from the market; yields the seconds of each placing."""
    for number in range(count):
        begin = time.perf_counter()
        reply = client.ask(ProtoId.Trd_PlaceOrder, **order(client, number))
        yield time.perf_counter() - begin
        order_id = reply.s2c.orderID  # type: ignore[attr-defined]
        client.ask(ProtoId.Trd_ModifyOrder, **cancellation(client, number, order_id))


def orders_per_second(port: int) -> float:
    """Orders answered per second with ten connections that send ahead."""
    clients = [BlockingClient(port) for _ in range(CONNECTIONS)]
    threads = [
        threading.Thread(target=burst, args=(client, burst_requests(client))) for client in clients
    ]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    for client in clients:
        client.close()
    return CONNECTIONS * BURST / seconds


def burst_requests(client: BlockingClient) -> list[bytes]:
    """The bodies that one connection sends."""
    return [
        client.encode(ProtoId.Trd_PlaceOrder, **order(client, number)) for number in range(BURST)
    ]


def burst(client: BlockingClient, requests: Sequence[bytes]) -> None:
    """Send all requests, never more than `WINDOW` ahead of the replies."""
    for request in itertools.islice(requests, WINDOW):
        client.send(ProtoId.Trd_PlaceOrder, request)
    for request in requests[WINDOW:]:
        client.receive()
        client.send(ProtoId.Trd_PlaceOrder, request)
    for _ in range(min(WINDOW, len(requests))):
        client.receive()


def order(client: BlockingClient, number: int) -> dict[str, object]:
    """The C2S of a small limit order that does not trade."""
    return {
        "packetID": {"connID": client.conn_id, "serialNo": 2 * number},
        "header": header(),
        "trdSide": Trd_Common.TrdSide_Buy,
        "orderType": Trd_Common.OrderType_Normal,
        "code": "AAPL",
        "qty": 1,
        "price": 1.0,
    }


def cancellation(client: BlockingClient, number: int, order_id: int) -> dict[str, object]:
    """The C2S that takes an order back."""
    return {
        "packetID": {"connID": client.conn_id, "serialNo": 2 * number + 1},
        "header": header(),
        "orderID": order_id,
        "modifyOrderOp": Trd_Common.ModifyOrderOp_Cancel,
        "qty": 0,
        "price": 0,
    }


def header() -> dict[str, object]:
    """The header of the US paper account."""
    return {
        "trdEnv": Trd_Common.TrdEnv_Simulate,
        "accID": ACCOUNT,
        "trdMarket": Trd_Common.TrdMarket_US,
    }


if __name__ == "__main__":
    main()
