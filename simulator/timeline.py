"""How the gateway's clock maps to the clock of each venue.

`WallTimeline`: markets keep real time. `OpenTimeline`: each venue's clock starts inside a
continuous session and runs through sessions only, so that every market is always trading. Between
two sessions the clock does not stand still, it jumps: the gateway instant at which one session ends
is the instant at which the next one starts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Protocol

from simulator.domain import NS_PER_S, Venue
from simulator.trading_days import SessionKind, TradingCalendar, calendar_for

_CHUNK_DAYS: Final = 32
_INTO_SESSION_NS: Final = 3600 * NS_PER_S


class Timeline(Protocol):
    """A pure, monotone mapping; both directions are UTC nanoseconds."""

    def market_ns(self, venue: Venue, now_ns: int) -> int:
        """Give the venue's time at a gateway instant."""
        ...

    def gateway_ns(self, venue: Venue, market_ns: int) -> int:
        """Give the first gateway instant at which the venue's clock has reached `market_ns`."""
        ...


class WallTimeline:
    """Every venue's clock is the gateway's."""

    def market_ns(self, venue: Venue, now_ns: int) -> int:
        """Give `now_ns` itself."""
        return now_ns

    def gateway_ns(self, venue: Venue, market_ns: int) -> int:
        """Give `market_ns` itself."""
        return market_ns


class _OpenClock:
    """One venue's clock: parallel columns of sessions, oldest first, extended when asked."""

    def __init__(self, calendar: TradingCalendar, start_ns: int) -> None:
        self._calendar = calendar
        day = self._anchor_day(start_ns)
        sessions = calendar.sessions(day)
        anchor = next(s for s in sessions if s.kind is SessionKind.REGULAR)
        self._starts = [s.start_ns for s in sessions]
        self._ends = [s.end_ns for s in sessions]
        self._reached: list[int] = []
        """Gateway time at which each session starts."""
        reached = 0
        for session in sessions:
            self._reached.append(reached)
            reached += session.end_ns - session.start_ns
        shift = start_ns - _INTO_SESSION_NS - self._reached[sessions.index(anchor)]
        self._reached = [reached + shift for reached in self._reached]
        self._first = self._last = calendar.day_number(day)
        self._span = 0, 0, 0
        """Gateway time from when until when (exclusive) the clocks differ by how much."""

    def _anchor_day(self, start_ns: int) -> date:
        return self._calendar.previous_day(self._calendar.local_date(start_ns) + timedelta(days=1))

    def market_ns(self, now_ns: int) -> int:
        begin_ns, end_ns, ahead = self._span
        if begin_ns <= now_ns < end_ns:
            return now_ns + ahead
        while now_ns < self._reached[0]:
            self._extend_back()
        while now_ns >= self._reached[-1] + self._ends[-1] - self._starts[-1]:
            self._extend_forward()
        i = bisect_right(self._reached, now_ns) - 1
        begin_ns, ahead = self._reached[i], self._starts[i] - self._reached[i]
        self._span = begin_ns, begin_ns + self._ends[i] - self._starts[i], ahead
        return now_ns + ahead

    def gateway_ns(self, market_ns: int) -> int:
        while market_ns < self._starts[0]:
            self._extend_back()
        while market_ns > self._ends[-1]:
            self._extend_forward()
        i = bisect_right(self._starts, market_ns) - 1
        return self._reached[i] + min(market_ns, self._ends[i]) - self._starts[i]

    def _extend_forward(self) -> None:
        numbers = range(self._last + 1, self._last + 1 + _CHUNK_DAYS)
        for day in [self._calendar.day_at(n) for n in numbers]:  # all of them, or none
            for session in self._calendar.sessions(day):
                self._reached.append(self._reached[-1] + self._ends[-1] - self._starts[-1])
                self._starts.append(session.start_ns)
                self._ends.append(session.end_ns)
        self._last += _CHUNK_DAYS

    def _extend_back(self) -> None:
        numbers = range(self._first - _CHUNK_DAYS, self._first)
        sessions = [s for n in numbers for s in self._calendar.sessions(self._calendar.day_at(n))]
        reached: list[int] = []
        until = self._reached[0]
        for session in reversed(sessions):
            until -= session.end_ns - session.start_ns
            reached.append(until)
        self._reached[:0] = reversed(reached)
        self._starts[:0] = [s.start_ns for s in sessions]
        self._ends[:0] = [s.end_ns for s in sessions]
        self._first -= _CHUNK_DAYS


class OpenTimeline:
    """Always inside a continuous session.

    At `start_ns` each venue's clock shows one hour after the day opening of the latest trade date
    that is not after the start's date in the venue's zone; so there is a chart to see. [I]

    Args:
        start_ns: The gateway instant to start from, UTC ns.
        calendars: Calendars to use, by venue; the venues' own where absent.
    """

    def __init__(
        self, start_ns: int, calendars: Mapping[Venue, TradingCalendar] | None = None
    ) -> None:
        self._start_ns = start_ns
        self._calendars = calendars or {}
        self._clocks: dict[Venue, _OpenClock] = {}

    @property
    def origin_ns(self) -> int:
        """The gateway instant that it started from."""
        return self._start_ns

    def market_ns(self, venue: Venue, now_ns: int) -> int:
        """Give the venue's time at a gateway instant; never outside a session."""
        return self._clock(venue).market_ns(now_ns)

    def gateway_ns(self, venue: Venue, market_ns: int) -> int:
        """Give the first gateway instant at which the venue's clock has reached `market_ns`.

        For an instant between two sessions it is the moment of the jump.
        """
        return self._clock(venue).gateway_ns(market_ns)

    def _clock(self, venue: Venue) -> _OpenClock:
        clock = self._clocks.get(venue)
        if clock is None:
            calendar = self._calendars.get(venue) or calendar_for(venue)
            clock = self._clocks[venue] = _OpenClock(calendar, self._start_ns)
        return clock
