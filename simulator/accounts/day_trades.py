"""Counts day trades: what was opened and closed on one trade date.

Theory of operation. The fills of an account are walked through, oldest first. A fill that adds to a
position opens a *leg*; the first fill after it that takes from the position makes one day trade of it,
however many more follow. What was opened today and is still open is the *exposure* of the day.

Source: [V] FINRA rule 4210(f)(8)(B) as it stood until 2026; [D] OpenAPI's page on trading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Final, NamedTuple

from simulator.domain import Security

WINDOW_DAYS: Final = 5
"""Trade dates that are looked at together. Source: [D]."""
TRADES_OF_A_PATTERN: Final = 4
"""So many day trades in the window mark the account. Source: [D]."""


class DayTradeStatus(IntEnum):
    """What the account may still do today. Source: [P] Trd_Common.DTStatus."""

    UNKNOWN = 0
    UNLIMITED = 1
    EQUITY_CALL = 2
    """Marked, with too little equity to open positions."""
    DAY_TRADE_CALL = 3
    """Day-traded beyond its power; cash is called for."""


@dataclass(frozen=True, slots=True)
class DayTradeStanding:
    """How an account stands with the rules of day trading; money in its own currency."""

    is_marked: bool
    """Whether it is a pattern day trader's."""
    trades_left: int | None
    """Before it is marked; None: as many as it likes."""
    beginning_power: Decimal
    remaining_power: Decimal
    call: Decimal
    """What is to be paid in for having gone beyond the power."""
    status: DayTradeStatus


class Step(NamedTuple):
    """A fill as the count sees it."""

    security: Security
    day: date
    quantity: int
    """Negative for a sale."""
    value: Decimal
    """Above zero, in the account's currency."""
    time_ns: int = 0


@dataclass(slots=True)
class _Leg:
    """What became of one security on one day."""

    position: int
    is_open: bool = False
    """Whether the next closing fill makes a day trade."""
    opened: int = 0
    """Opened today and still open."""
    value: Decimal = Decimal(0)
    """What was paid for that."""


@dataclass(slots=True)
class DayTradeCount:
    """The result of a walk."""

    trades: Counter[date] = field(default_factory=Counter)
    exposure: Decimal = Decimal(0)
    """Value of what was opened on the last day and is still open."""
    peak: Decimal = Decimal(0)
    """The largest exposure of the last day at which something was closed."""
    peak_ns: int = 0
    """When that was."""
    open_legs: frozenset[Security] = frozenset()
    """Securities whose sale, or purchase, on the last day would be a day trade."""

    def in_window(self, days: Sequence[date]) -> int:
        """Day trades on these days together."""
        return sum(self.trades[day] for day in days)


def count_day_trades(
    steps: Iterable[Step], today: date, given: Mapping[Security, int]
) -> DayTradeCount:
    """Walk through all fills of an account.

    Args:
        steps: oldest first.
        today: the trade date whose exposure is asked for.
        given: what an account holds of a security beyond its fills, such as shares brought in.
    """
    count = DayTradeCount()
    legs: dict[Security, _Leg] = {}
    day = date.min
    for step in steps:
        if step.day != day:
            day = step.day
            legs = {s: _Leg(leg.position) for s, leg in legs.items()}
            count.exposure = count.peak = Decimal(0)
        leg = legs.setdefault(step.security, _Leg(given.get(step.security, 0)))
        _walk(count, leg, step)
    if day != today:
        count.exposure = count.peak = Decimal(0)
        legs = {}
    count.open_legs = frozenset(security for security, leg in legs.items() if leg.is_open)
    return count


def _walk(count: DayTradeCount, leg: _Leg, step: Step) -> None:
    opens = leg.position * step.quantity >= 0
    leg.position += step.quantity
    if opens:
        leg.is_open = True
        leg.opened += abs(step.quantity)
        leg.value += step.value
        count.exposure += step.value
        return
    if leg.is_open:
        leg.is_open = False
        count.trades[step.day] += 1
    if leg.opened:
        if count.exposure > count.peak:
            count.peak, count.peak_ns = count.exposure, step.time_ns
        closed = min(abs(step.quantity), leg.opened)
        share = leg.value * closed / leg.opened
        leg.opened -= closed
        leg.value -= share
        count.exposure -= share
