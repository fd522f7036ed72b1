"""Trading pauses that begin by themselves when a command moves a price too fast.

In America a price that would leave its band stands at the band's edge for 15 seconds and then trading
pauses for five minutes (limit up, limit down). In Hong Kong trading goes on inside a band for five
minutes (the volatility control mechanism). What a command leads to is known when it is given, as the
path is a function of seed and commands; so it is planned then, once, and stands in the same record.

Source: [V] LULD plan of the American exchanges, HKEX rule 101 on the volatility control mechanism, as
far as the numbers below; [I] that the reopening takes the path's next print.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Instrument,
    Market,
    Security,
    SecurityType,
    Venue,
)
from simulator.market.bends import Bend, Cooling, Pin, Pinned, Span
from simulator.trading_days import TradingSession

PAUSE_NS: Final = 5 * NS_PER_MINUTE
WINDOW_NS: Final = 5 * NS_PER_MINUTE
"""What reference prices look back at, in both markets."""
LIMIT_STATE_NS: Final = 15 * NS_PER_S
_WIDE_OPENING_NS: Final = 15 * NS_PER_MINUTE
_WIDE_CLOSING_NS: Final = 25 * NS_PER_MINUTE
"""When American bands are twice as wide."""
_MOVED: Final = 0.01
"""An American reference price stays until the mean is so far away from it."""
_COOLING_STARTS_NS: Final = 15 * NS_PER_MINUTE
_COOLING_ENDS_NS: Final = 20 * NS_PER_MINUTE
"""Hong Kong does not look at the first minutes of a session nor at the last ones of a day."""

_AMERICAN_TIER_1: Final = (Security(Market.US, ".SPX"), Security(Market.US, ".NDX"))
"""Members of the S&P 500; those of the Nasdaq-100 stand for the Russell 1000. [I]"""
_LARGE_INDICES: Final = tuple(Security(Market.HK, code) for code in ("800000", "800100", "800700"))
_AFTERNOON_UTC: Final = 4
_MID_VALUE: Final = 30_000_000_000
"""Hong Kong dollars from which a company outside the indices counts as mid-cap. [I]"""


@dataclass(frozen=True, slots=True)
class Print:
    """A trade of the path."""

    time_ns: int
    units: int
    session: TradingSession


@dataclass(slots=True)
class Plan:
    """What will happen by itself."""

    pauses: list[Span] = field(default_factory=list)
    limit_states: list[Pinned] = field(default_factory=list)
    coolings: list[Cooling] = field(default_factory=list)

    def add_to(self, bend: Bend) -> None:
        """Have it happen; what a command printed beyond a band is printed at its edge."""
        bend.pauses += self.pauses
        bend.limit_states += self.limit_states
        bend.coolings += self.coolings
        for state in self.limit_states:
            if state.start_ns in bend.prints:
                bend.prints[state.start_ns] = state.units


@dataclass(frozen=True, slots=True)
class Rule:
    """How far a security's price may go."""

    fraction: float
    """Of the reference price; for the least American prices a part of it."""
    is_cooling: bool = False
    """Hong Kong's way, not America's."""

    def band(self, reference: int, at: Print) -> tuple[float, float]:
        """Lowest and highest price in millionths."""
        fraction = self.fraction
        if not self.is_cooling:
            session = at.session
            is_wide = (
                at.time_ns < session.start_ns + _WIDE_OPENING_NS
                or at.time_ns >= session.end_ns - _WIDE_CLOSING_NS
            )
            fraction *= 2 if is_wide else 1
        return reference * (1 - fraction), reference * (1 + fraction)


def rule_of(
    instrument: Instrument,
    previous_close: float,
    members: Callable[[Security], Iterable[Instrument]],
) -> Rule | None:
    """The rule for a security; None where no exchange pauses it.

    Args:
        instrument: which one.
        previous_close: of the day before.
        members: those of an index.
    """
    if instrument.security_type not in (SecurityType.EQUITY, SecurityType.TRUST):
        return None
    if instrument.venue is Venue.US_STOCK:
        is_first = instrument.is_etf or _is_member(instrument, _AMERICAN_TIER_1, members)
        return Rule(american_fraction(previous_close, is_first_tier=is_first))
    if instrument.venue is Venue.HK_STOCK:
        is_large = instrument.is_etf or _is_member(instrument, _LARGE_INDICES, members)
        is_mid = previous_close * instrument.issued_shares >= _MID_VALUE
        return Rule(0.10 if is_large else 0.15 if is_mid else 0.20, is_cooling=True)
    return None


def american_fraction(previous_close: float, *, is_first_tier: bool) -> float:
    """The part of the reference price: by tier above 3 dollars, by price below. Source: [V]."""
    if previous_close > 3:
        return 0.05 if is_first_tier else 0.10
    if previous_close >= 0.75:
        return 0.20
    return min(0.15 / max(previous_close, 0.01), 0.75)


def _is_member(
    instrument: Instrument,
    indices: Iterable[Security],
    members: Callable[[Security], Iterable[Instrument]],
) -> bool:
    return any(
        member.security == instrument.security for index in indices for member in members(index)
    )


def moving(bend: Bend, from_ns: int) -> list[tuple[int, int]]:
    """When the path moves by command from an instant on, as far as references reach; ascending.

    Args:
        bend: the commands.
        from_ns: the last command.
    """
    moves = [
        (begin, end)
        for (begin, low), (end, high) in pairwise(zip(bend.times, bend.factors, strict=True))
        if low != high and end >= from_ns
    ]
    moves += [(pin.start_ns, pin.start_ns) for pin in bend.pins if pin.start_ns >= from_ns]
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(moves):
        first, last = begin - WINDOW_NS - NS_PER_MINUTE, end + WINDOW_NS + NS_PER_MINUTE
        if spans and first <= spans[-1][1]:
            first, last = spans[-1][0], max(last, spans.pop()[1])
        spans.append((first, last))
    return spans


def plan(
    rule: Rule,
    prints: Sequence[Print],
    bend: Bend,
    from_ns: int,
    on_tick: Callable[[float], int],
) -> Plan:
    """What a path leads to.

    Args:
        rule: of the security.
        prints: those of the path as if nothing happened by itself, from before the reference's window.
        bend: what happens by itself already.
        from_ns: the command's instant; nothing happens before it.
        on_tick: the nearest price on the grid.
    """
    if rule.is_cooling:
        return _Cooler(rule, bend, on_tick).plan(prints, from_ns)
    return _Pauser(rule, bend, on_tick).plan(prints, from_ns)


class _Pauser:
    """America: the band around the mean of five minutes."""

    def __init__(self, rule: Rule, bend: Bend, on_tick: Callable[[float], int]) -> None:
        self._rule = rule
        self._on_tick = on_tick
        self._ends = [span.end_ns for span in bend.pauses]
        self._plan = Plan()
        self._reference: int | None = None
        self._window: deque[Print] = deque()

    def plan(self, prints: Sequence[Print], from_ns: int) -> Plan:
        """Go through the prints once."""
        at = 0
        while at < len(prints):
            here = prints[at]
            if at and self._is_anew(prints[at - 1], here):
                self._forget()
            if self._reference is None:
                self._reference = here.units
            low, high = self._rule.band(self._reference, here)
            if here.time_ns < from_ns or low <= here.units <= high:
                self._note(here)
                at += 1
            else:
                at = self._hold(prints, at, low, high)
        return self._plan

    def _is_anew(self, before: Print, here: Print) -> bool:
        is_reopened = any(before.time_ns < end <= here.time_ns for end in self._ends)
        return is_reopened or before.session != here.session

    def _forget(self) -> None:
        self._reference = None
        self._window.clear()

    def _note(self, here: Print) -> None:
        window = self._window
        window.append(here)
        while window[0].time_ns <= here.time_ns - WINDOW_NS:
            window.popleft()
        mean = round(sum(each.units for each in window) / len(window))
        if self._reference is None or abs(mean - self._reference) >= self._reference * _MOVED:
            self._reference = mean

    def _hold(self, prints: Sequence[Print], at: int, low: float, high: float) -> int:
        """Hold the price at the band's edge; give the number of the next print that counts."""
        here = prints[at]
        pin = Pin.UP if here.units > high else Pin.DOWN
        edge = self._on_tick(high if pin is Pin.UP else low)
        session = here.session
        end_ns = min(here.time_ns + LIMIT_STATE_NS, session.end_ns)
        for number in range(at + 1, len(prints)):
            later = prints[number]
            if later.time_ns >= end_ns:
                break
            if low <= later.units <= high:
                self._plan.limit_states.append(Pinned(here.time_ns, later.time_ns, edge, pin))
                return number
        self._plan.limit_states.append(Pinned(here.time_ns, end_ns, edge, pin))
        until_ns = min(end_ns + PAUSE_NS, session.end_ns)
        if until_ns > end_ns:
            self._plan.pauses.append(Span(end_ns, until_ns))
        self._forget()
        later_ones = range(at + 1, len(prints))
        return next((n for n in later_ones if prints[n].time_ns >= until_ns), len(prints))


class _Cooler:
    """Hong Kong: the band around the price of five minutes before, once a session."""

    def __init__(self, rule: Rule, bend: Bend, on_tick: Callable[[float], int]) -> None:
        self._rule = rule
        self._on_tick = on_tick
        self._coolings = list(bend.coolings)
        self._plan = Plan()

    def plan(self, prints: Sequence[Print], from_ns: int) -> Plan:
        """Go through the prints once."""
        window: deque[Print] = deque()
        outside: tuple[int, int, Pin] | None = None
        reference: int | None = None
        for here in prints:
            while window and window[0].time_ns <= here.time_ns - WINDOW_NS:
                reference = window.popleft().units
            if here.time_ns >= from_ns and reference is not None:
                self._watch(here, reference)
            cooling = next((c for c in self._coolings if c.covers(here.time_ns)), None)
            edge = None if cooling is None or here.time_ns < from_ns else _edge(cooling, here.units)
            if outside is not None and (edge is None or edge != outside[1:]):
                self._pin(outside, here.time_ns)
                outside = None
            if edge is not None and outside is None:
                outside = (here.time_ns, *edge)
            window.append(Print(here.time_ns, edge[0] if edge else here.units, here.session))
        if outside is not None:
            self._pin(outside, outside[0] + PAUSE_NS)
        return self._plan

    def _watch(self, here: Print, reference: int) -> None:
        session = here.session
        begin_ns, end_ns = session.start_ns + _COOLING_STARTS_NS, session.end_ns
        if _is_last(session):
            end_ns -= _COOLING_ENDS_NS
        was = any(session.start_ns <= c.start_ns < session.end_ns for c in self._coolings)
        low, high = self._rule.band(reference, here)
        if was or not begin_ns <= here.time_ns < end_ns or low <= here.units <= high:
            return
        until_ns = min(here.time_ns + PAUSE_NS, session.end_ns)
        cooling = Cooling(here.time_ns, until_ns, self._on_tick(low), self._on_tick(high))
        self._coolings.append(cooling)
        self._plan.coolings.append(cooling)

    def _pin(self, outside: tuple[int, int, Pin], end_ns: int) -> None:
        start_ns, units, pin = outside
        cooling = next(c for c in self._coolings if c.covers(start_ns))
        until_ns = min(end_ns, cooling.end_ns)
        self._plan.limit_states.append(Pinned(start_ns, until_ns, units, pin))


def _edge(cooling: Cooling, units: int) -> tuple[int, Pin] | None:
    if units > cooling.high:
        return cooling.high, Pin.UP
    return (cooling.low, Pin.DOWN) if units < cooling.low else None


def _is_last(session: TradingSession) -> bool:
    """Whether it is Hong Kong's afternoon, from 13:00 (5:00 UTC) on."""
    return session.start_ns // (60 * NS_PER_MINUTE) % 24 >= _AFTERNOON_UTC
