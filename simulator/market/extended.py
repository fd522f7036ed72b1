"""Trading outside the American day: each kind of session is a thin market of its own.

A session is made as a day is: a bar for each trade date, split into minutes and prints that add up
exactly. The hours after a close, the night and the hours before the open lead from that close to
that open, so the gap between two days is what happened in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, Security, Venue
from simulator.market.caches import Recent
from simulator.market.minutes import MinuteShocks, minute_bars, weights
from simulator.market.price_grid import GridHistory
from simulator.market.prints import minute_ticks
from simulator.market.randomness import lane, normals, uniforms
from simulator.market.source import DayBars, Liquidity, MarketSource, MinuteBars, MinuteTicks
from simulator.trading_days import SessionKind, TradingCalendar, TradingSession, calendar_for

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_LOTS: Final = 2_000
_LEAST_STEPS: Final = 20
_MINUTES_A_DAY: Final = 10_000
_MOST_TABLES: Final = 300
_MOST_SESSIONS: Final = 600
_PRINTS_A_MINUTE: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a kind of session trades. Source: [I] within 2 to 6 % of the day together."""

    share: float
    """Of the day's volume."""
    sigma: float
    """Of the day's standard deviation."""
    reached: float
    """How much of the gap from the last close to the next open is behind at the session's end."""
    lane: int
    is_rising: bool
    """Whether it is busiest at its end."""


_AFTER_REACH: Final = 0.35
_NIGHT_REACH: Final = 0.55
HABITS: Final[dict[SessionKind, _Habit]] = {
    SessionKind.AFTER: _Habit(0.022, 0.28, _AFTER_REACH, 80, is_rising=False),
    SessionKind.OVERNIGHT: _Habit(0.006, 0.2, _NIGHT_REACH, 85, is_rising=False),
    SessionKind.PRE: _Habit(0.018, 0.3, 1.0, 90, is_rising=True),
}
FIRST_MINUTES: Final = {
    SessionKind.OVERNIGHT: -1_200,
    SessionKind.PRE: -700,
    SessionKind.AFTER: 2_000,
}
"""Where a session's minutes lie among those of the trade date, which start at 0."""


def has_extended_hours(instrument: Instrument) -> bool:
    """Whether a security trades outside the day; options do not."""
    if instrument.venue is not Venue.US_STOCK:
        return False
    return instrument.is_tradable and instrument.terms is None


def session_of(calendar: TradingCalendar, day: date, kind: SessionKind) -> TradingSession | None:
    """The session of a kind that belongs to a trade date."""
    found = calendar.extended_sessions(day) + calendar.overnight_sessions(day)
    return next((session for session in found if session.kind is kind), None)


def session_date(calendar: TradingCalendar, kind: SessionKind, time_ns: int) -> date:
    """The trade date whose session of a kind began last."""
    day = calendar.previous_day(calendar.local_date(time_ns) + timedelta(days=5))
    while True:
        session = session_of(calendar, day, kind)
        if session is None or session.start_ns <= time_ns:
            return day
        day = calendar.previous_day(day)


class SessionSource:
    """One kind of session as a source of its own, made of another source's days.

    Args:
        base: The source of the days between the sessions.
        kind: PRE, AFTER or OVERNIGHT.
    """

    def __init__(self, base: MarketSource, kind: SessionKind) -> None:
        self._base = base
        self._kind = kind
        self._habit = HABITS[kind]
        self._days: Recent[Security, DayBars] = Recent(_MOST_TABLES)
        self._minutes: Recent[tuple[Security, int], MinuteBars] = Recent(_MOST_SESSIONS)

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read the base anew for some securities."""
        self._days.forget(is_meant)
        self._minutes.forget(lambda key: is_meant(key[0]))

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How the security trades and quotes."""
        return self._base.liquidity(instrument)

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """The session of that row's trade date; none before there were nights."""
        day = date.fromordinal(int(self._base.days(instrument).ordinals[row]))
        found = session_of(calendar_for(instrument.venue), day, self._kind)
        return (found,) if found else ()

    def days(self, instrument: Instrument) -> DayBars:
        """A bar of this kind of session for each trade date."""
        return self._days.get_or(instrument.security, lambda: self._make_days(instrument))

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the sessions of the rows `first` to `last`, inclusive."""
        return [self._session_minutes(instrument, row) for row in range(first, last + 1)]

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a session."""
        (bars,) = self.minutes(instrument, row, row)
        ordinal = int(self.days(instrument).ordinals[row])
        return self.ticks_of(instrument, row, minute, bars, ordinal)

    def ticks_of(
        self, instrument: Instrument, row: int, minute: int, bars: MinuteBars, ordinal: int
    ) -> MinuteTicks:
        """What `ticks` gives."""
        key = lane(self._base.liquidity(instrument).key, self._habit.lane)
        place = lane(key, ordinal * _MINUTES_A_DAY + minute)
        return minute_ticks(bars, minute, _PRINTS_A_MINUTE, place, has_sides=True)

    def _session_minutes(self, instrument: Instrument, row: int) -> MinuteBars:
        key = (instrument.security, row)
        return self._minutes.get_or(key, lambda: self._make_minutes(instrument, row))

    def _make_minutes(self, instrument: Instrument, row: int) -> MinuteBars:
        days, sessions = self.days(instrument), self.sessions(instrument, row)
        numbers = np.concatenate(
            [np.arange(s.start_ns // NS_PER_MINUTE, s.end_ns // NS_PER_MINUTE) for s in sessions]
            or [np.empty(0, np.int64)]
        )
        if not len(numbers) or not days.lots[row]:
            price = np.full(len(numbers), days.close[row], np.int32)
            none = np.zeros(len(numbers), np.int32)
            still = none.astype(np.int64)
            return MinuteBars(int(days.step[row]), price, price, price, price, none, still)
        share = weights((len(numbers),), (False,))
        share = share[::-1] if self._habit.is_rising else share
        own = lane(self._base.liquidity(instrument).key, self._habit.lane + 1)
        shocks = MinuteShocks(((lane(own, 0), 1.0),), own)
        counters = numbers.astype(np.uint64)[None, :]
        return minute_bars(days, row, counters, share, shocks)[0]

    def _make_days(self, instrument: Instrument) -> DayBars:
        base = self._base.days(instrument)
        key = lane(self._base.liquidity(instrument).key, self._habit.lane + 2)
        counters = base.ordinals.astype(np.uint64)
        opening, closing = self._ends(instrument, base)
        sigma = base.sigma.astype(np.float64) * self._habit.sigma
        square = (closing - opening) ** 2
        reach = [
            np.sqrt(square - 2 * sigma**2 * np.log(uniforms(lane(key, i), counters)))
            for i in (0, 1)
        ]
        high = 0.5 * (opening + closing + reach[0])
        low = 0.5 * (opening + closing - reach[1])
        units = [np.rint(np.exp(x)) for x in (opening, high, low, closing)]
        step = GridHistory.of(instrument).common_steps(
            base.ordinals.astype(np.int64), units[2], units[1]
        )
        o, h, l, c = (  # noqa: E741
            np.maximum(np.rint(x / step), _LEAST_STEPS).astype(np.int64) for x in units
        )
        h, l = np.maximum(h, np.maximum(o, c)), np.minimum(l, np.minimum(o, c))  # noqa: E741
        size = self._habit.share * np.exp(0.35 * normals(lane(key, 2), counters))
        lots = np.maximum(np.rint(base.lots * size), _LEAST_LOTS).astype(np.int64)
        lots = np.where(base.lots > 0, lots, 0)
        average = 0.3 * (o + c) + 0.2 * (h + l)
        return DayBars(
            ordinals=base.ordinals,
            step=step.astype(np.int32),
            open=o.astype(np.int32),
            high=h.astype(np.int32),
            low=l.astype(np.int32),
            close=c.astype(np.int32),
            previous_close=self._reference(base),
            lots=lots.astype(np.int32),
            value=np.rint(average * lots).astype(np.int64),
            sigma=sigma.astype(np.float32),
        )

    def _reference(self, base: DayBars) -> Ints:
        """What changes are measured from: the last close of the regular day."""
        if self._kind is SessionKind.AFTER:
            return base.close.astype(np.int64) * base.step
        return base.previous_close

    def _ends(self, instrument: Instrument, base: DayBars) -> tuple[Floats, Floats]:
        """Where each session opens and closes, as log prices in millionths."""
        start = np.log(base.previous_close)
        gap = np.log(base.open.astype(np.float64) * base.step) - start
        evening = start + gap * _AFTER_REACH + self._stray(instrument, base, 0)
        night = start + gap * _NIGHT_REACH + self._stray(instrument, base, 1)
        match self._kind:
            case SessionKind.PRE:
                return night, start + gap
            case SessionKind.OVERNIGHT:
                return evening, night
            case _:
                close = np.log(base.close.astype(np.float64) * base.step)
                moved = np.append((evening - start)[1:], 0.0)
                return close, close + moved

    def _stray(self, instrument: Instrument, base: DayBars, number: int) -> Floats:
        """How far a session's end lies off the straight way to the open."""
        key = lane(self._base.liquidity(instrument).key, 95 + number)
        draw = normals(key, base.ordinals.astype(np.uint64))
        stray: Floats = 0.12 * base.sigma.astype(np.float64) * draw
        return stray
