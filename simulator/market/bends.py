"""How commands bend the price path of one security: moved, pinned to a price, or halted.

All of it is a list of commands with their instants; what the path is at an instant follows from the
list alone. Times are the market's clock. What was before an instant is never changed by a command
of that instant.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from math import prod
from typing import Final

from simulator.domain import OrderBook
from simulator.market.corporate_actions import CorporateAction

FOREVER: Final = 2**62


class Pin(Enum):
    """Which side of the book is empty while a price is pinned."""

    UP = auto()
    """Limit up: nobody offers."""
    DOWN = auto()
    """Limit down: nobody bids."""


@dataclass(frozen=True, slots=True)
class Span:
    """An interval [start, end); `end_ns` is FOREVER until a command ends it."""

    start_ns: int
    end_ns: int = FOREVER

    def covers(self, time_ns: int) -> bool:
        """Whether an instant lies in it."""
        return self.start_ns <= time_ns < self.end_ns


@dataclass(frozen=True, slots=True)
class Pinned(Span):
    """A price that stands still."""

    units: int = 0
    """Millionths of the currency."""
    pin: Pin = Pin.UP


@dataclass(frozen=True, slots=True)
class Cooling(Span):
    """A cooling-off period: trading goes on between two prices, in millionths."""

    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """A corporate action that a command declared."""

    action: CorporateAction
    from_ns: int
    """Before the first print of the ex-date."""
    factor: float
    """What the action makes of a price."""


@dataclass(slots=True)
class Bend:
    """Everything that commands did to one security's path.

    The factor on the seeded path is 1 at first, changes linearly between two knots and stays after
    the last one; two knots at one instant are a jump. Corporate actions come on top of it.
    """

    times: list[int] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    halts: list[Span] = field(default_factory=list)
    pins: list[Pinned] = field(default_factory=list)
    prints: dict[int, int] = field(default_factory=dict)
    """Prices, in millionths, of prints that commands caused, by instant."""
    declared: list[Declared] = field(default_factory=list)
    """By ex-date."""
    pauses: list[Span] = field(default_factory=list)
    """Trading pauses that moves by command lead to by themselves."""
    limit_states: list[Pinned] = field(default_factory=list)
    """Where the price stands at a band's edge by itself."""
    coolings: list[Cooling] = field(default_factory=list)

    def _spans(self) -> tuple[Span, ...]:
        return (*self.halts, *self.pins, *self.pauses, *self.limit_states)

    @property
    def start_ns(self) -> int:
        """Nothing is bent before it."""
        starts = (*self.times[:1], *(span.start_ns for span in self._spans()))
        return min((*starts, *(declared.from_ns for declared in self.declared)), default=FOREVER)

    @property
    def end_ns(self) -> int:
        """After it the factor stays, and halts and pins that are not over go on."""
        ends = (s.end_ns if s.end_ns < FOREVER else s.start_ns for s in self._spans())
        changes = (declared.from_ns for declared in self.declared)
        return max((*self.times[-1:], *ends, *changes), default=0)

    def is_steady(self, start_ns: int, end_ns: int) -> bool:
        """Whether factor, halts and pins are the same from one instant until before another."""
        first, last = bisect_right(self.times, start_ns), bisect_left(self.times, end_ns)
        if first < last or (0 < first < len(self.times) and self._slopes(first)):
            return False
        if any(start_ns < declared.from_ns < end_ns for declared in self.declared):
            return False
        turns = (turn for span in self._spans() for turn in (span.start_ns, span.end_ns))
        printed = any(start_ns <= at < end_ns for at in self.prints)
        return not printed and not any(start_ns < turn < end_ns for turn in turns)

    def _slopes(self, at: int) -> bool:
        return self.factors[at - 1] != self.factors[at]

    def factor(self, time_ns: int) -> float:
        """What the seeded price is multiplied with."""
        return self._path(time_ns) * self.declared_factor(time_ns)

    def declared_factor(self, time_ns: int) -> float:
        """What corporate actions by command have made of the price so far."""
        return prod(d.factor for d in self.declared if d.from_ns <= time_ns)

    def _path(self, time_ns: int) -> float:
        at = bisect_right(self.times, time_ns)
        if at == 0:
            return 1.0
        if at == len(self.times):
            return self.factors[-1]
        begin, end = self.times[at - 1], self.times[at]
        low, high = self.factors[at - 1], self.factors[at]
        return low + (high - low) * ((time_ns - begin) / (end - begin))

    def is_halted(self, time_ns: int) -> bool:
        """Whether trading is halted."""
        return any(span.covers(time_ns) for span in (*self.halts, *self.pauses))

    def is_stopped(self, time_ns: int) -> bool:
        """Whether a command itself has halted trading."""
        return any(span.covers(time_ns) for span in self.halts)

    def pinned(self, time_ns: int) -> Pinned | None:
        """The price at which it is locked, or held by a band, if it is."""
        spans = (*self.limit_states, *self.pins)
        return next((span for span in spans if span.covers(time_ns)), None)

    def next_turn_ns(self, time_ns: int) -> int:
        """When a halt, a pause or a pin begins or ends next; FOREVER if none does."""
        turns = (turn for span in self._spans() for turn in (span.start_ns, span.end_ns))
        return min((turn for turn in turns if turn > time_ns), default=FOREVER)

    def cooling(self, time_ns: int) -> Cooling | None:
        """The cooling-off period that runs, if one does."""
        return next((span for span in self.coolings if span.covers(time_ns)), None)

    def displayed(self, book: OrderBook, time_ns: int) -> OrderBook:
        """What is left of a displayed book: nothing in a halt, one side while a price is pinned."""
        if self.is_halted(time_ns):
            return replace(book, bids=(), asks=())
        pinned = self.pinned(time_ns)
        if pinned is None:
            return book
        return replace(book, asks=()) if pinned.pin is Pin.UP else replace(book, bids=())

    # --- commands -----------------------------------------------------------------------------

    def declare(self, declared: Declared) -> None:
        """Have a corporate action happen; those declared before stay."""
        self.declared.append(declared)
        self.declared.sort(key=lambda each: each.action.ordinal)

    def move(self, time_ns: int, knots: list[tuple[int, float]]) -> None:
        """From `time_ns` on follow these knots instead of what was planned.

        Args:
            time_ns: The command's instant; it ends a pin.
            knots: (instant, factor) at or after `time_ns`, ascending.
        """
        self.unpin(time_ns)
        here = self._path(time_ns)
        kept = bisect_right(self.times, time_ns)
        del self.times[kept:], self.factors[kept:]
        for at_ns, factor in ((time_ns, here), *knots):
            self.times.append(at_ns)
            self.factors.append(factor)

    def halt(self, time_ns: int, end_ns: int = FOREVER) -> None:
        """Stop trading; a halt that goes on already ends when this one does."""
        self.resume(time_ns)
        self.halts.append(Span(time_ns, end_ns))

    def resume(self, time_ns: int) -> None:
        """Let trading go on; no pause and no cooling-off period is left."""
        self.forget_plans(time_ns)
        for spans in (self.halts, self.pauses):
            spans[:] = [Span(s.start_ns, min(s.end_ns, time_ns)) for s in spans]
        self.coolings = [replace(s, end_ns=min(s.end_ns, time_ns)) for s in self.coolings]

    def forget_plans(self, time_ns: int) -> None:
        """Drop what was to happen by itself later; a pause or cooling-off period that runs stays."""
        self.pauses = [span for span in self.pauses if span.start_ns < time_ns]
        self.coolings = [span for span in self.coolings if span.start_ns < time_ns]
        self.limit_states = [
            replace(span, end_ns=min(span.end_ns, time_ns))
            for span in self.limit_states
            if span.start_ns < time_ns
        ]

    def lock(self, time_ns: int, units: int, pin: Pin) -> None:
        """Pin the price."""
        self.unpin(time_ns)
        self.pins.append(Pinned(time_ns, FOREVER, units, pin))

    def unpin(self, time_ns: int) -> None:
        """Let the price move again."""
        self.pins = [Pinned(p.start_ns, min(p.end_ns, time_ns), p.units, p.pin) for p in self.pins]
