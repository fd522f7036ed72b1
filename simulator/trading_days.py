"""Which days a venue trades, its sessions in UTC, and the market state at any instant.

Theory of operation. A calendar file names closures and early closes; `_load_days` turns it into one
sorted list of trading days from 1970 to 2099, so that a day's neighbours are its neighbours in
the list. `session_tables` gives local times relative to a trade date; `TradingCalendar` turns
them into UTC once per trade date and keeps the result. States are found by bisection among the
changes of the few trade dates around an instant; between two trade dates the last state stays,
so weekends and holidays keep the state of the last close.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_S, MarketState, Venue
from simulator.session_tables import VENUES, DayTable, SessionKind, SessionRow, TradingHours

__all__ = [
    "DayKind",
    "SessionKind",
    "TradingCalendar",
    "TradingDay",
    "TradingHours",
    "TradingSession",
    "calendar_for",
]

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2099
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()
_UNIX_EPOCH: Final = date(1970, 1, 1).toordinal()


class DayKind(IntEnum):
    """Which part of a day is traded. Source: [P] Qot_Common.TradeDateType."""

    WHOLE = 0
    MORNING = 1
    AFTERNOON = 2


@dataclass(frozen=True, slots=True)
class TradingDay:
    """A trade date and how much of it is traded."""

    day: date
    kind: DayKind


@dataclass(frozen=True, slots=True)
class TradingSession:
    """A stretch of trading, UTC ns, `end_ns` exclusive."""

    start_ns: int
    end_ns: int
    kind: SessionKind


class _CalendarRow(TypedDict):
    zone: str
    first: int
    last: int
    closed: list[int]
    early_close: dict[str, int]
    fixed: list[int]


@cache
def _calendar_file() -> dict[str, _CalendarRow]:
    text = resources.files("simulator.data").joinpath("calendars.json").read_bytes()
    calendars: dict[str, _CalendarRow] = json.loads(text)["calendars"]
    return calendars


def _ordinals(numbers: list[int]) -> NDArray[np.int64]:
    n = np.array(numbers, dtype=np.int64)
    months = (n // 10_000 - 1970) * 12 + n // 100 % 100 - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + n % 100 - 1
    return days + _UNIX_EPOCH


def _from_number(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)


def _load_days(row: _CalendarRow) -> list[int]:
    """List the ordinals of all trading days; outside the file's span by its fixed holidays."""
    first, last = _from_number(row["first"]).year, _from_number(row["last"]).year
    years = [y for y in range(_FIRST_YEAR, _LAST_YEAR + 1) if not first <= y <= last]
    fixed = [year * 10_000 + month_day for year in years for month_day in row["fixed"]]
    begin, end = date(_FIRST_YEAR, 1, 1).toordinal(), date(_LAST_YEAR, 12, 31).toordinal()
    is_open = np.arange(begin, end + 1) % 7 % 6 != 0  # ordinal 1 is a Monday: drop 6 and 0
    is_open[_ordinals(row["closed"] + fixed) - begin] = False
    trading: list[int] = (np.flatnonzero(is_open) + begin).tolist()
    return trading


_ANCHORS: Final = {"": 0, "eve": -1, "prev": 0, "prev+": 1}


@cache
def _parse(text: str) -> tuple[bool, int, int]:
    """Split a row's time into: from the previous trading day, days to add, minutes to add."""
    anchor, _, clock = text.rpartition(" ")
    hours, minutes = clock.split(":")
    return anchor.startswith("prev"), _ANCHORS[anchor], int(hours) * 60 + int(minutes)


class TradingCalendar:
    """The trade dates of one venue, 1970 to 2099. Use `calendar_for`, which keeps one per venue.

    Past the end of the calendar file a day trades if it is a weekday and not one of the exchange's
    fixed holidays; holidays of the moon calendar are not known there [I].
    """

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._row = VENUES[venue]
        self.zone = ZoneInfo(self._row.zone)
        row = _calendar_file()[self._row.calendar]
        self._days = _load_days(row)
        self._day_zero = bisect_left(self._days, _DAY_ZERO)
        self._early_close = {
            _from_number(int(n)).toordinal(): f"{hhmm // 100:02}:{hhmm % 100:02}"
            for n, hhmm in row["early_close"].items()
        }
        self._sessions: dict[int, tuple[TradingSession, ...]] = {}
        self._rolls: dict[int, int] = {}
        self._changes: dict[int, tuple[list[int], list[MarketState]]] = {}
        self._last_date = (0, 0, date.min)
        """From when until when (exclusive) which trade date is today: what was asked for last."""
        self._last_state = (0, 0, MarketState.NONE)
        """The same of the market state."""

    # --- days ---------------------------------------------------------------------------------

    def is_trading_day(self, day: date) -> bool:
        """Tell whether there is a trade date `day`."""
        index = bisect_left(self._days, day.toordinal())
        return index < len(self._days) and self._days[index] == day.toordinal()

    def trading_days(self, begin: date, end: date) -> list[TradingDay]:
        """List the trade dates from `begin` to `end`, both included."""
        first = bisect_left(self._days, begin.toordinal())
        last = bisect_right(self._days, end.toordinal())
        return [
            TradingDay(
                date.fromordinal(ordinal),
                DayKind.MORNING if ordinal in self._early_close else DayKind.WHOLE,
            )
            for ordinal in self._days[first:last]
        ]

    def previous_day(self, day: date) -> date:
        """Give the last trade date before `day`, which need not be one itself."""
        return self._day(bisect_left(self._days, day.toordinal()) - 1)

    def next_day(self, day: date) -> date:
        """Give the first trade date after `day`, which need not be one itself."""
        return self._day(bisect_right(self._days, day.toordinal()))

    def day_number(self, day: date) -> int:
        """Number the trade dates in order; 0 is the first of the year 2000.

        Consecutive trade dates have consecutive numbers. A day without trading has the number of
        the next trade date.
        """
        return bisect_left(self._days, day.toordinal()) - self._day_zero

    def day_at(self, number: int) -> date:
        """Give the trade date of a `day_number`."""
        return self._day(number + self._day_zero)

    # --- sessions -----------------------------------------------------------------------------

    def sessions(self, day: date) -> tuple[TradingSession, ...]:
        """List the continuous sessions of a trade date, in order; empty if it is none.

        A night session belongs to the trade date that follows it and comes first.
        """
        ordinal = day.toordinal()
        known = self._sessions.get(ordinal)
        if known is None:
            table = self._table(day) if self.is_trading_day(day) else None
            known = self._resolve(day, table.sessions) if table else ()
            self._sessions[ordinal] = known
        return known

    def extended_sessions(self, day: date) -> tuple[TradingSession, ...]:
        """List the trading before and after hours of a trade date; empty where there is none."""
        return self._resolve(day, self._table(day).extended) if self.is_trading_day(day) else ()

    def overnight_sessions(self, day: date) -> tuple[TradingSession, ...]:
        """List the trading in the night before a trade date; empty where there is none."""
        return self._resolve(day, self._table(day).overnight) if self.is_trading_day(day) else ()

    # --- instants -----------------------------------------------------------------------------

    def local_date(self, time_ns: int) -> date:
        """Give the date on the venue's wall calendar."""
        return datetime.fromtimestamp(time_ns // NS_PER_S, self.zone).date()

    def trading_date(self, time_ns: int) -> date:
        """Give the trade date whose data is "today" at an instant.

        It changes when the pre-opening of a stock exchange starts, elsewhere when the first
        session of the new trade date opens. Source: [I]
        """
        begin_ns, end_ns, day = self._last_date
        if begin_ns <= time_ns < end_ns:
            return day
        index = bisect_left(self._days, self.local_date(time_ns).toordinal()) + 1
        end_ns = time_ns + 1  # until more is known
        while (begin_ns := self._roll_ns(index)) > time_ns:
            end_ns = begin_ns
            index -= 1
        day = self._day(index)
        self._last_date = begin_ns, end_ns, day
        return day

    def state(self, time_ns: int) -> MarketState:
        """Give the market state. Source: [D] quote Q&A 14."""
        begin_ns, end_ns, state = self._last_state
        if begin_ns <= time_ns < end_ns:
            return state
        times, states = self._changes_around(time_ns)
        index = bisect_right(times, time_ns)
        state = states[index - 1]
        self._last_state = times[index - 1], times[index], state
        return state

    def next_state_change_ns(self, time_ns: int) -> int:
        """Give the first instant after `time_ns` at which the state is another one."""
        times, _ = self._changes_around(time_ns)
        return times[bisect_right(times, time_ns)]

    # --- inside -------------------------------------------------------------------------------

    def _day(self, index: int) -> date:
        if not 0 <= index < len(self._days):
            raise ValueError(f"no trading day known before {_FIRST_YEAR} or after {_LAST_YEAR}")
        return date.fromordinal(self._days[index])

    def _table(self, day: date) -> DayTable:
        schedule = next(s for s in reversed(self._row.schedules) if s.since <= day)
        return schedule.short if day.toordinal() in self._early_close else schedule.whole

    def _has_night(self, day: date) -> bool:
        return (
            self._row.night_after_half_day
            or self.previous_day(day).toordinal() not in self._early_close
        )

    def _utc_ns(self, day: date, text: str) -> int:
        clock = self._early_close[day.toordinal()] if text == "close" else text
        from_previous, days, minutes = _parse(clock)
        base = self.previous_day(day) if from_previous else day
        midnight = datetime(base.year, base.month, base.day, tzinfo=self.zone)
        local = midnight + timedelta(days=days, minutes=minutes)
        return int(local.timestamp()) * NS_PER_S

    def _resolve(self, day: date, rows: tuple[SessionRow, ...]) -> tuple[TradingSession, ...]:
        has_night = self._has_night(day)
        return tuple(
            TradingSession(self._utc_ns(day, start), self._utc_ns(day, end), kind)
            for start, end, kind in rows
            if has_night or kind is not SessionKind.NIGHT
        )

    def _roll_ns(self, index: int) -> int:
        known = self._rolls.get(index)
        if known is None:
            day, roll = self._day(index), self._row.roll
            known = self._utc_ns(day, roll) if roll else self.sessions(day)[0].start_ns
            self._rolls[index] = known
        return known

    def _changes_around(self, time_ns: int) -> tuple[list[int], list[MarketState]]:
        index = bisect_left(self._days, self.local_date(time_ns).toordinal())
        known = self._changes.get(index)
        if known is None:
            known = self._changes[index] = self._merge_changes(index)
        return known

    def _merge_changes(self, index: int) -> tuple[list[int], list[MarketState]]:
        """Collect the changes of four trade dates; of two at one instant the newer date's wins."""
        rows = [row for i in range(index - 2, index + 2) for row in self._state_rows(self._day(i))]
        changes = dict(sorted(rows, key=lambda row: row[0]))
        return list(changes), list(changes.values())

    def _state_rows(self, day: date) -> list[tuple[int, MarketState]]:
        has_night = self._has_night(day)
        return [
            (self._utc_ns(day, start), state)
            for start, state in self._table(day).states
            if has_night or not start.startswith("prev")
        ]


@cache
def calendar_for(venue: Venue) -> TradingCalendar:
    """Give the one calendar of a venue."""
    return TradingCalendar(venue)
