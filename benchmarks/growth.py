"""How cost grows: with connections, subscriptions, the universe, the orders of a day and the journal.

    python -m benchmarks.growth [--json file] [--plots folder] [--from file] [name …]

Names: connections, subscriptions, universe, orders, journal; all of them without any. Costs are
processor time of the gateway's process, as the machine may have other work. `--plots` draws one PNG
for each and needs matplotlib; `--from` draws figures that were written before.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.child import resident_mb, thread_seconds
from benchmarks.load import Plan
from benchmarks.loading import loaded, measure
from benchmarks.place_order import burst, cancellation, header, order
from benchmarks.pushes import FAST, STREAMS, subscription
from benchmarks.queries import CHEAP_FIRST
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, SecurityType
from simulator.market.long_tail import full_universe
from simulator.market.universe import Universe, default_universe

Point = dict[str, float]
"""Figures by name with unit; the first is what grows."""

SECONDS: Final = 3.0
CONNECTIONS: Final = (1, 10, 50, 100, 128)
SUBSCRIBED: Final = (10, 50, 100, 250, 500)
LISTEN_S: Final = 10.0
"""Wall time for which subscriptions are watched."""
KINDS: Final = (
    Qot_Common.SubType_Basic,
    Qot_Common.SubType_Ticker,
    Qot_Common.SubType_OrderBook,
    Qot_Common.SubType_KL_1Min,
)
SIZES: Final[dict[str, Callable[[], Universe]]] = {
    "named": default_universe,
    "full": full_universe,
}
STARTS: Final = 3
SCREENED: Final = (Market.SH, Market.HK, Market.US)
ORDERS: Final = (0, 1_000, 5_000, 10_000, 20_000)
JOURNALED: Final = (0, 1_000, 5_000, 10_000, 20_000)
OPTIONS: Final = ("-sim_limits=off", "-sim_clock=open")


def connections() -> Iterator[Point]:
    """KeepAlives on all connections at once, and prints of some securities to all of them."""
    for count in CONNECTIONS:
        with RunningGateway(*OPTIONS) as gateway:
            BlockingClient(gateway.port).close()
            before = gateway.resident_mb()
            with loaded(gateway.pid, Plan(gateway.port, count, SECONDS, "KeepAlive", _NOW)) as cost:
                extra_mb = gateway.resident_mb() - before
        setup = [subscription(STREAMS, Qot_Common.SubType_Ticker)]
        with RunningGateway(*OPTIONS, FAST) as gateway:
            pushed = measure(gateway.pid, Plan(gateway.port, count, SECONDS, setup=setup))
        yield {
            "connections": count,
            "keep_alive_us": cost.cpu_us,
            "resident_mb": before + extra_mb,
            "extra_kb": extra_mb * 1e3,
            "push_us": pushed.cpu_us,
            "push_cpu_percent": 100 * pushed.cpu_share,
            "pushes_per_s": pushed.per_second,
        }


def subscriptions() -> Iterator[Point]:
    """Quotes, prints, books and minute candles of so many securities, at the usual speed."""
    for count in SUBSCRIBED:
        with RunningGateway(*OPTIONS, "-sim_quota_tier=2000") as gateway:
            client = BlockingClient(gateway.port)
            begin = thread_seconds(gateway.pid)
            _subscribe(client, count)
            client.ask(ProtoId.KeepAlive, time=0)
            client.read_pushes(LISTEN_S / 2)
            before = thread_seconds(gateway.pid)
            pushes = client.read_pushes(LISTEN_S)
            used = thread_seconds(gateway.pid) - before
            yield {
                "securities": count,
                "types": len(KINDS),
                "first_seconds_s": before - begin,
                "cpu_ms_per_market_second": used / LISTEN_S * 1e3,
                "push_us": used / pushes * 1e6,
                "pushes_per_s": pushes / LISTEN_S,
                "resident_mb": gateway.resident_mb(),
            }
            client.close()


def universe() -> Iterator[Point]:
    """Start of gateways that list few and many, and filters over markets of several sizes."""
    for size, make in SIZES.items():
        listed = make()
        option = f"-sim_universe_size={size}"
        starts = [_start(option) for _ in range(STARTS)]
        for market in SCREENED:
            companies = [
                i for i in listed.instruments(market, SecurityType.EQUITY) if i.is_tradable
            ]
            with RunningGateway(*OPTIONS, option) as gateway:
                first, warm = _filter_ms(gateway, int(market))
            yield {
                "companies": len(companies),
                "market": int(market),
                "listed": sum(len(listed.instruments(each)) for each in Market),
                "start_cpu_s": min(seconds for seconds, _ in starts),
                "start_mb": min(megabytes for _, megabytes in starts),
                "first_filter_ms": first,
                "warm_filter_ms": warm,
            }


def orders() -> Iterator[Point]:
    """What requests take when the account has placed so many orders today that still rest."""
    with RunningGateway(*OPTIONS) as gateway:
        client = BlockingClient(gateway.port)
        probe = _Probe(gateway.pid, client)
        placed = 0
        for count in ORDERS:
            place(client, placed, count)
            placed = count + _TRIED
            yield {"orders": count} | _with_orders(client, probe, count)
        client.close()


def _with_orders(client: BlockingClient, probe: "_Probe", count: int) -> Point:
    numbers: list[int] = []

    def place_one(number: int) -> None:
        numbers.append(_placed(client, count + number))

    def cancel_one(number: int) -> None:
        client.ask(ProtoId.Trd_ModifyOrder, **cancellation(client, count + number, numbers[number]))

    return {
        "place_us": 1e3 * probe.ms(_TRIED, place_one),
        "cancel_us": 1e3 * probe.ms(_TRIED, cancel_one),
        "order_list_ms": probe.ms(5, lambda _: _orders(client)),
        "funds_ms": probe.ms(50, lambda _: _read(client, ProtoId.Trd_GetFunds)),
        "positions_ms": probe.ms(50, lambda _: _read(client, ProtoId.Trd_GetPositionList)),
        "listed": len(_orders(client)),
        "resident_mb": resident_mb(probe.pid),
    }


def journal() -> Iterator[Point]:
    """The file that so many orders leave behind, and the start of a gateway that reads it."""
    for count in JOURNALED:
        with tempfile.TemporaryDirectory() as folder:
            store = f"-sim_store=sqlite:{Path(folder) / 'orders.sqlite3'}"
            with RunningGateway(*OPTIONS, store) as gateway:
                client = BlockingClient(gateway.port)
                place(client, 0, count)
                client.close()
            stored = sum(file.stat().st_size for file in Path(folder).iterdir())
            with RunningGateway(*OPTIONS, store) as gateway:
                used = thread_seconds(gateway.pid)
                client = BlockingClient(gateway.port)
                yield {
                    "orders": count,
                    "file_mb": stored / 1e6,
                    "restart_s": gateway.seconds_to_ready,
                    "restart_cpu_s": used,
                    "resident_mb": gateway.resident_mb(),
                    "listed": len(_orders(client)),
                }
                client.close()


PARTS: Final[dict[str, Callable[[], Iterator[Point]]]] = {
    "connections": connections,
    "subscriptions": subscriptions,
    "universe": universe,
    "orders": orders,
    "journal": journal,
}
_NOW: Final = {"time": 0}
_TRIED: Final = 200
"""Requests of one kind whose mean is told."""


class _Probe:
    """Tells what requests take from the gateway's processor.

    Args:
        pid: Of the gateway.
        client: Has nothing under way.
    """

    def __init__(self, pid: int, client: BlockingClient) -> None:
        self.pid = pid
        self._client = client

    def ms(self, times: int, request: Callable[[int], object]) -> float:
        """Milliseconds of each of so many requests."""
        before = thread_seconds(self.pid)
        for number in range(times):
            request(number)
        return (thread_seconds(self.pid) - before) / times * 1e3


def place(client: BlockingClient, first: int, until: int) -> None:
    """Place the orders of these numbers, many at a time."""
    requests = [
        client.encode(ProtoId.Trd_PlaceOrder, **order(client, number))
        for number in range(first, until)
    ]
    burst(client, requests)


def _placed(client: BlockingClient, number: int) -> int:
    reply: Any = client.ask(ProtoId.Trd_PlaceOrder, **order(client, number))
    return int(reply.s2c.orderID)


def _orders(client: BlockingClient) -> list[Any]:
    reply: Any = client.ask(ProtoId.Trd_GetOrderList, header=header())
    return list(reply.s2c.orderList)


def _read(client: BlockingClient, proto_id: ProtoId) -> None:
    client.ask(proto_id, header=header())


def _subscribe(client: BlockingClient, count: int) -> None:
    listed = [
        instrument
        for market in (Market.HK, Market.US)
        for instrument in full_universe().instruments(market)
        if instrument.is_tradable
    ]
    step = len(listed) // count
    chosen = listed[::step][:count]
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[{"market": i.security.market, "code": i.security.code} for i in chosen],
        subTypeList=KINDS,
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
    )


def _start(option: str) -> tuple[float, float]:
    """Processor seconds until the ready line, and MB then."""
    with RunningGateway(*OPTIONS, option) as gateway:
        return thread_seconds(gateway.pid), gateway.resident_mb()


def _filter_ms(gateway: RunningGateway, market: int) -> tuple[float, float]:
    """The first filter over a market, and later ones."""
    client = BlockingClient(gateway.port)
    probe = _Probe(gateway.pid, client)
    screen: dict[str, Any] = {"begin": 0, "num": 200, "market": market}

    def ask(_: int) -> None:
        client.ask(ProtoId.Qot_StockFilter, **screen, baseFilterList=CHEAP_FIRST)

    first = probe.ms(1, ask)
    probe.ms(2, ask)
    warm = probe.ms(20, ask)
    client.close()
    return first, warm


def main() -> None:
    """Measure part by part, write and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--plots", type=Path, help="draw them into this folder")
    parser.add_argument("--from", dest="source", type=Path, help="read figures, measure nothing")
    asked = parser.parse_args()
    found: dict[str, list[Point]] = {}
    if asked.source:
        found = json.loads(asked.source.read_text(encoding="utf-8"))
    for name in () if asked.source else asked.names or PARTS:
        found[name] = []
        for point in PARTS[name]():
            print(name, json.dumps({k: round(v, 3) for k, v in point.items()}), flush=True)
            found[name].append(point)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if asked.plots:
        from benchmarks.growth_plots import draw  # noqa: PLC0415 - only who draws needs it

        draw(found, asked.plots)


if __name__ == "__main__":
    main()
