"""Measured delays: how long requests took, how late pushes were, how fast orders reached the venue.

The shell measures with its own clock and hands the figures in; nothing here reads one.
Source: [P] GetDelayStatistics.proto for what is asked; [I] for what each stage means in an emulator,
where the market's server is in the same process: SR (the server has the data) is the instant at which
the market moved, SS and CR (it left the server, it reached OpenD) are the moment at which the gateway
took it up, CS is the moment at which its frames were handed to the connections.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_DAY, NS_PER_S

_KNOWN_IDS: Final = frozenset(ProtoId)

NS_PER_MS: Final = 1_000_000
KEPT_SAMPLES: Final = 20_000
"""Push delays kept per kind: enough for a day's report, bounded for one that runs for weeks."""
KEPT_ORDERS: Final = 1_000
_RESET_AHEAD_NS: Final = 2 * 3600 * NS_PER_S
"""How far the daily reset lies before midnight UTC."""


class PushKind(IntEnum):
    """Source: [P] GetDelayStatistics.QotPushType."""

    PRICE = 1
    TICKER = 2
    ORDER_BOOK = 3
    BROKER = 4


class PushStage(IntEnum):
    """Source: [P] GetDelayStatistics.QotPushStage."""

    SR2SS = 1
    SS2CR = 2
    CR2CS = 3
    SS2CS = 4
    SR2CS = 5


@dataclass(slots=True)
class RequestDelay:
    """All requests of one protocol."""

    count: int = 0
    total_ns: int = 0


@dataclass(slots=True)
class OrderDelay:
    """One order's way: handled by OpenD, then accepted by the venue."""

    gateway_ns: int
    placed_ns: int
    """Gateway time of the reply."""
    accepted_ns: int | None = None

    @property
    def update_ns(self) -> int:
        """Gateway time from the reply to the venue's acceptance; 0 while that is open."""
        return 0 if self.accepted_ns is None else self.accepted_ns - self.placed_ns


@dataclass(frozen=True, slots=True)
class PushDelay:
    """One push: how late it was taken up, and how long its frames took to make."""

    late_ns: int
    handled_ns: int

    def stage_ns(self, stage: PushStage) -> int:
        """The part of the way that `stage` names."""
        match stage:
            case PushStage.SR2SS:
                return self.late_ns
            case PushStage.SS2CR:
                return 0
            case PushStage.CR2CS | PushStage.SS2CS:
                return self.handled_ns
            case PushStage.SR2CS:
                return self.late_ns + self.handled_ns


@dataclass(frozen=True, slots=True)
class DelaySegment:
    """How many samples lay in [begin, end) milliseconds; `end` -1 is open."""

    begin_ms: int
    end_ms: int
    count: int
    percent: float
    cumulative_percent: float


def default_segments() -> tuple[int, ...]:
    """Segment ends in milliseconds: every 2 ms to 100, then 500, 1000, 2000 and the rest [P]."""
    return (*range(2, 101, 2), 500, 1000, 2000, -1)


def histogram(samples_ns: Sequence[int], ends_ms: Sequence[int]) -> tuple[DelaySegment, ...]:
    """Sort delays into segments.

    Args:
        samples_ns: Delays in nanoseconds.
        ends_ms: Rising segment ends; -1 for the last, open one.
    """
    segments: list[DelaySegment] = []
    begin = 0
    cumulated = 0
    total = len(samples_ns) or 1
    for end in ends_ms:
        low, high = begin * NS_PER_MS, end * NS_PER_MS
        count = sum(1 for s in samples_ns if s >= low and (end < 0 or s < high))
        cumulated += count
        segments.append(
            DelaySegment(begin, end, count, 100 * count / total, 100 * cumulated / total)
        )
        begin = end
    return tuple(segments)


def next_reset_ns(now_ns: int) -> int:
    """The first 6:00 in Beijing, which is 22:00 UTC, after `now_ns`."""
    return (now_ns + _RESET_AHEAD_NS) // NS_PER_DAY * NS_PER_DAY + NS_PER_DAY - _RESET_AHEAD_NS


@dataclass(slots=True)
class Delays:
    """The figures behind GetDelayStatistics and `show_delay_report`."""

    requests: dict[int, RequestDelay] = field(default_factory=lambda: defaultdict(RequestDelay))
    orders: dict[int, OrderDelay] = field(default_factory=dict)
    pushes: dict[PushKind, deque[PushDelay]] = field(
        default_factory=lambda: {kind: deque(maxlen=KEPT_SAMPLES) for kind in PushKind}
    )
    next_reset_ns: int | None = None
    """Gateway time at which the figures are cleared next; None: never."""

    def record_request(self, proto_id: int, took_ns: int) -> None:
        """A request was answered; ids that do not exist are not counted."""
        if proto_id not in _KNOWN_IDS:
            return
        entry = self.requests[proto_id]
        entry.count += 1
        entry.total_ns += took_ns

    def record_order(self, order_id: int, took_ns: int, now_ns: int) -> None:
        """PlaceOrder was answered."""
        if len(self.orders) >= KEPT_ORDERS:
            del self.orders[next(iter(self.orders))]
        self.orders[order_id] = OrderDelay(took_ns, now_ns)

    def record_accepted(self, order_id: int, now_ns: int) -> None:
        """The venue took an order."""
        entry = self.orders.get(order_id)
        if entry is not None and entry.accepted_ns is None:
            entry.accepted_ns = now_ns

    def record_push(self, kind: PushKind, late_ns: int, handled_ns: int) -> None:
        """A push left."""
        self.pushes[kind].append(PushDelay(max(late_ns, 0), handled_ns))

    def roll(self, now_ns: int) -> None:
        """Clear everything if a day has ended. Source: [D] daily at 6:00, Beijing time."""
        if self.next_reset_ns is not None and now_ns >= self.next_reset_ns:
            self.clear()
            self.next_reset_ns = next_reset_ns(now_ns)

    def clear(self) -> None:
        """Forget all figures."""
        self.requests.clear()
        self.orders.clear()
        for samples in self.pushes.values():
            samples.clear()
