"""What an honest client notices of others that mean harm, and what memory they take.

python -m benchmarks.attacks
"""

import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from benchmarks.blocking_client import BlockingClient
from benchmarks.child import cpu_seconds
from benchmarks.pushes import subscription
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import RunningGateway
from gateway.pb import Qot_Common
from gateway.wire.ft_frame import encode_frame
from gateway.wire.proto_ids import ProtoId

ROUNDS: Final = 2000
PLACES: Final = 127
"""Connections besides the honest one."""
MOST_MB: Final = 100.0
MOST_TIMES: Final = 3.0
"""How many times slower the median may be on a machine with other work."""
SPEED: Final = 60


@dataclass(frozen=True)
class Calm:
    """How the honest client fared."""

    median_ms: float
    p99_ms: float
    cpu_us: float
    """Of the gateway, for each of its requests and for all that went on meanwhile."""


def rows() -> list[Row]:
    """One row for each attack; each in a gateway of its own."""
    return [
        _row("no attack", _nobody),
        _row(f"{PLACES} connections and 50 more", _crowd),
        _row(f"{PLACES} half-open handshakes", _half_open),
        _row("a slow reader under full push load", _slow_reader),
        _row("oversized and garbage frames, 200 connections", _rubbish),
        _row("1 MiB bodies, never finished, on 60 connections", _long_bodies),
    ]


def _row(what: str, attack: "Callable[[int], ExitStack]") -> Row:
    with RunningGateway("-sim_limits=off", f"-sim_speed={SPEED}") as gateway:
        honest = BlockingClient(gateway.port)
        calm = _fare(honest, gateway.pid)
        before = gateway.resident_mb()
        with attack(gateway.port):
            under = _fare(honest, gateway.pid)
            grown = gateway.resident_mb() - before
        honest.close()
    times = under.median_ms / calm.median_ms
    text = (
        f"KeepAlive p50 {under.median_ms:.2f} ms, p99 {under.p99_ms:.2f} ms "
        f"(before {calm.median_ms:.2f} and {calm.p99_ms:.2f}); {under.cpu_us:.0f} µs of processor "
        f"each (before {calm.cpu_us:.0f}); {grown:+.1f} MB"
    )
    figures = {"p50_ms": under.median_ms, "p99_ms": under.p99_ms, "grown_mb": grown}
    holds = times <= MOST_TIMES and grown <= MOST_MB
    return Row(
        what, f"p50 within noise (≤ {MOST_TIMES:g} ×), ≤ {MOST_MB:g} MB", text, holds, figures
    )


def _fare(honest: BlockingClient, pid: int) -> Calm:
    times, before = [], cpu_seconds(pid)
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        honest.ask(ProtoId.KeepAlive, time=1)
        times.append((time.perf_counter() - begin) * 1e3)
    cpu_us = (cpu_seconds(pid) - before) / ROUNDS * 1e6
    return Calm(statistics.median(times), sorted(times)[ROUNDS * 99 // 100], cpu_us)


def _nobody(_port: int) -> ExitStack:
    return ExitStack()


def _open(stack: ExitStack, port: int) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port)))


def _crowd(port: int) -> ExitStack:
    stack = ExitStack()
    for _ in range(PLACES):
        stack.callback(BlockingClient(port).close)
    for _ in range(50):
        _open(stack, port)
    return stack


def _half_open(port: int) -> ExitStack:
    stack = ExitStack()
    half = encode_frame(ProtoId.InitConnect, 0, 1, bytes(20), b"x" * 100)[:30]
    for _ in range(PLACES):
        _open(stack, port).sendall(half)
    return stack


def _slow_reader(port: int) -> ExitStack:
    stack = ExitStack()
    slow = BlockingClient(port)
    stack.callback(slow.close)
    for sub_type in (Qot_Common.SubType_Basic, Qot_Common.SubType_OrderBook):
        slow.ask(ProtoId.Qot_Sub, **subscription(100, sub_type)[1])
    return stack


def _rubbish(port: int) -> ExitStack:
    oversized = b"FT" + (1001).to_bytes(4, "little") + bytes(6) + b"\xff\xff\xff\x7f" + bytes(28)
    with ExitStack() as stack:
        for turn in range(200):
            _open(stack, port).sendall(oversized if turn % 2 else bytes(range(256)))
    return ExitStack()


def _long_bodies(port: int) -> ExitStack:
    stack = ExitStack()
    whole = encode_frame(ProtoId.KeepAlive, 0, 1, bytes(20), bytes(1 << 20))
    for _ in range(60):
        _open(stack, port).sendall(whole[:-1])
    return stack


if __name__ == "__main__":
    print(markdown(rows()))
