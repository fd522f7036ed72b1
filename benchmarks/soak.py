"""A long run at speed: does the gateway keep its memory, and does anything go wrong?

    python -m benchmarks.soak [--hours 24] [--speed 60] [--clients 20] [--json file] [--plot file]

Clients subscribe to prices, prints, books and candles, read snapshots and history, place orders and
take them back, and look at their account. Market time passes `speed` times as fast as the wall's.
`--plot` needs matplotlib.
"""

import argparse
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.child import cpu_seconds, resident_mb
from benchmarks.place_order import cancellation, header, order
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common, Trd_Common
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market
from simulator.market.universe import default_universe

SAMPLES: Final = 96
MOST_GROWTH: Final = 0.05
SUBSCRIBED: Final = 5
"""Securities of each client."""
ASKED: Final = 20
"""Codes of each snapshot."""
PAUSE_S: Final = 1.0
"""Wall time for which a client only listens between two rounds."""
ORDER_ROUNDS: Final = 5
"""A client places an order every so many rounds."""
KINDS: Final = (
    Qot_Common.SubType_Basic,
    Qot_Common.SubType_Ticker,
    Qot_Common.SubType_OrderBook,
    Qot_Common.SubType_KL_1Min,
)
_STILL_OPEN: Final = (
    Trd_Common.OrderStatus_Submitting,
    Trd_Common.OrderStatus_Submitted,
    Trd_Common.OrderStatus_Filled_Part,
)


@dataclass(frozen=True)
class Sample:
    """What the gateway took at one moment.

    Attributes:
        hours: Market time since the begin.
        resident_mb: Memory, in MB of 1,000,000 bytes.
        cpu_share: Part of one core since the sample before.
        frames: What all clients have received until now.
    """

    hours: float
    resident_mb: float
    cpu_share: float
    frames: int


@dataclass
class Soak:
    """One run.

    Attributes:
        samples: In order of time, equally far apart.
        requests: Answered requests by protocol.
        errors: What went wrong, in the clients' words.
        orders: How many were placed.
    """

    samples: list[Sample] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    orders: int = 0

    @property
    def growth(self) -> float:
        """The most memory of the last quarter over that of the second, less one."""
        quarter = len(self.samples) // 4
        second = max(s.resident_mb for s in self.samples[quarter : 2 * quarter])
        return max(s.resident_mb for s in self.samples[-quarter:]) / second - 1


class SoakClient(threading.Thread):
    """One client that works until it is stopped.

    Args:
        port: Of the gateway.
        number: Chooses its securities and keeps its packet ids apart from others'.
        run: Gets what it saw.
        stop: Set when it shall end.
    """

    def __init__(self, port: int, number: int, run: Soak, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._number, self._run, self._stop_event = port, number, run, stop
        self.frames = 0

    def run(self) -> None:
        """Work round by round; what goes wrong ends this client and is written down."""
        try:
            client = BlockingClient(self._port)
            self._subscribe(client)
            for round_number in itertools.count():
                if self._stop_event.is_set():
                    break
                self._round(client, round_number)
            client.close()
        except (OSError, RuntimeError) as error:
            self._run.errors.append(f"client {self._number}: {error}")

    def _ask(self, client: BlockingClient, proto_id: ProtoId, **c2s: object) -> object:
        response = client.ask(proto_id, **c2s)
        counts = self._run.requests
        counts[proto_id.name] = counts.get(proto_id.name, 0) + 1
        self.frames += 1
        return response

    def _subscribe(self, client: BlockingClient) -> None:
        chosen = _some(SUBSCRIBED, self._number)
        self._ask(
            client,
            ProtoId.Qot_Sub,
            securityList=[_as_security(i) for i in chosen],
            subTypeList=KINDS,
            isSubOrUnSub=True,
            isRegOrUnRegPush=True,
        )

    def _round(self, client: BlockingClient, number: int) -> None:
        asked = _some(ASKED, self._number + number)
        codes = [_as_security(i) for i in asked]
        self._ask(client, ProtoId.Qot_GetSecuritySnapshot, securityList=codes)
        self._ask(
            client,
            ProtoId.Qot_RequestHistoryKL,
            security=_as_security(_some(1, self._number)[0]),
            klType=Qot_Common.KLType_Day,
            rehabType=Qot_Common.RehabType_Forward,
            beginTime="2024-01-01",
            endTime="2026-12-31",
        )
        self._ask(client, ProtoId.Trd_GetFunds, header=header())
        self._ask(client, ProtoId.Trd_GetPositionList, header=header())
        if number % ORDER_ROUNDS == 0:
            placed = self._ask(client, ProtoId.Trd_PlaceOrder, **order(client, number))
            self._take_back(client, number, placed.s2c.orderID)  # type: ignore[attr-defined]
            self._run.orders += 1
        self._ask(client, ProtoId.KeepAlive, time=0)
        self.frames += client.read_pushes(PAUSE_S)

    def _take_back(self, client: BlockingClient, number: int, order_id: int) -> None:
        """Cancel an order; where the day has ended it already, see that it is so."""
        try:
            self._ask(client, ProtoId.Trd_ModifyOrder, **cancellation(client, number, order_id))
        except RuntimeError as refusal:
            reply = self._ask(client, ProtoId.Trd_GetOrderList, header=header())
            listed = reply.s2c.orderList  # type: ignore[attr-defined]
            if any(o.orderID == order_id and o.orderStatus in _STILL_OPEN for o in listed):
                raise RuntimeError(f"an open order is not taken back: {refusal}") from refusal


def soak(hours: float, speed: float, clients: int) -> Soak:
    """Run for so many hours of market time."""
    run, stop = Soak(), threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        store = f"-sim_store=sqlite:{Path(folder) / 'soak.sqlite3'}"
        options = ("-sim_limits=off", "-sim_clock=open", f"-sim_speed={speed:g}", store)
        with RunningGateway(*options) as gateway:
            threads = [SoakClient(gateway.port, n, run, stop) for n in range(clients)]
            for thread in threads:
                thread.start()
            _sample(run, threads, gateway.pid, hours, speed)
            stop.set()
            for thread in threads:
                thread.join(timeout=60)
    return run


def _sample(run: Soak, threads: Sequence[SoakClient], pid: int, hours: float, speed: float) -> None:
    step_s = hours * 3600 / speed / SAMPLES
    begin, spent = time.perf_counter(), cpu_seconds(pid)
    for number in range(1, SAMPLES + 1):
        time.sleep(max(0.0, begin + number * step_s - time.perf_counter()))
        used, spent = cpu_seconds(pid) - spent, cpu_seconds(pid)
        frames = sum(thread.frames for thread in threads)
        run.samples.append(
            Sample(hours * number / SAMPLES, resident_mb(pid), used / step_s, frames)
        )


def row(run: Soak, hours: float, speed: float, clients: int) -> Row:
    """The run in one line."""
    last = run.samples[-1]
    text = (
        f"{run.growth:+.1%} (last quarter against the second; {last.resident_mb:.0f} MB at the end), "
        f"{last.frames:,} frames, {sum(run.requests.values()):,} requests, {run.orders:,} orders, "
        f"{len(run.errors)} errors, {sum(s.cpu_share for s in run.samples) / SAMPLES:.0%} of one core"
    )
    return Row(
        f"{hours:g} h at {speed:g}×, {clients} clients",
        f"memory flat within {MOST_GROWTH:.0%}, no error",
        text,
        abs(run.growth) <= MOST_GROWTH and not run.errors,
        {"growth": run.growth, "resident_mb": last.resident_mb, "errors": len(run.errors)},
    )


def draw(run: Soak, file: Path) -> None:
    """Memory and processor time over market time."""
    import matplotlib as mpl  # noqa: PLC0415 - only who draws needs it

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    hours = [s.hours for s in run.samples]
    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 5))
    above.plot(hours, [s.resident_mb for s in run.samples])
    above.set_ylabel("resident memory, MB")
    above.set_ylim(bottom=0)
    below.plot(hours, [100 * s.cpu_share for s in run.samples])
    below.set_ylabel("% of one core")
    below.set_ylim(bottom=0)
    below.set_xlabel("hours of market time")
    figure.tight_layout()
    figure.savefig(file, dpi=100)


def _some(count: int, start: int) -> list[Instrument]:
    """So many securities, others for each start."""
    tradable = _tradable()
    return [tradable[(start * 7 + n * 3) % len(tradable)] for n in range(count)]


def _tradable() -> list[Instrument]:
    universe = default_universe()
    listed = (*universe.instruments(Market.HK), *universe.instruments(Market.US))
    return [i for i in listed if i.is_tradable]


def _as_security(instrument: Instrument) -> dict[str, object]:
    return {"market": instrument.security.market, "code": instrument.security.code}


def main() -> None:
    """Run once and say what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the samples to this file")
    parser.add_argument("--plot", type=Path, help="draw them into this file")
    asked = parser.parse_args()
    run = soak(asked.hours, asked.speed, asked.clients)
    print(markdown([row(run, asked.hours, asked.speed, asked.clients)]))
    for error in run.errors:
        print(error)
    if asked.json:
        asked.json.write_text(json.dumps(asdict(run), indent=1) + "\n", encoding="utf-8")
    if asked.plot:
        draw(run, asked.plot)


if __name__ == "__main__":
    main()
