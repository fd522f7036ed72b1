"""When each venue trades and which state it reports: rows of local times, nothing computed here.

Times are `HH:MM` of the venue's own zone. A row may begin with a day: `prev` is the trading day
before the trade date (where a night session starts), `prev+` the calendar day after that (where
it ends), `eve` the calendar day before the trade date. `close` stands for the early closing time
that the calendar gives. Tables carry the date from which they hold; the newest one not after the trade date counts.

Source: [D] quote Q&A 14, state by local time; [D] exchanges' hours; [I] where a row says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final

from simulator.domain import MarketState, Venue


class SessionKind(StrEnum):
    """What sort of continuous trading a session is."""

    REGULAR = "REGULAR"
    PRE = "PRE"
    AFTER = "AFTER"
    NIGHT = "NIGHT"
    OVERNIGHT = "OVERNIGHT"
    """Of American shares; `NIGHT` is that of futures."""


class TradingHours(IntEnum):
    """How much of an American trading day is shown. Source: [P] Common.Session."""

    REGULAR = 1
    EXTENDED = 2
    """With the hours before and after."""
    ALL = 3
    """With the night too."""


SessionRow = tuple[str, str, SessionKind]
"""Start, end (exclusive) and kind of a session."""

StateRow = tuple[str, MarketState]
"""From when on the venue reports the state."""


@dataclass(frozen=True, slots=True)
class DayTable:
    """One kind of day: its continuous sessions and its states, both in order."""

    sessions: tuple[SessionRow, ...]
    states: tuple[StateRow, ...]
    extended: tuple[SessionRow, ...] = ()
    """Trading before and after hours; not part of the day's continuous sessions."""
    overnight: tuple[SessionRow, ...] = ()
    """Trading in the night before; not part of them either."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a venue from one trade date on."""

    since: date
    whole: DayTable
    short: DayTable
    """Half days and days with an early halt."""


@dataclass(frozen=True, slots=True)
class VenueRow:
    """The calendar that a venue follows and its hours."""

    calendar: str
    zone: str
    schedules: tuple[Schedule, ...]
    """Oldest first."""
    roll: str | None = None
    """When "today" becomes the trade date; None: as its first session opens. [I] Until then clients
    see the data of the last trading day."""
    night_after_half_day: bool = True
    """Whether a night session starts on the evening of a half day."""


_BEGINNING: Final = date.min
_REGULAR: Final = SessionKind.REGULAR
_NIGHT: Final = SessionKind.NIGHT
_S: Final = MarketState

_HK_MORNING: Final[tuple[StateRow, ...]] = (
    ("08:55", _S.NONE),
    ("09:00", _S.AUCTION),
    ("09:20", _S.WAITING_OPEN),
    ("09:30", _S.MORNING),
)
_HK_STOCK: Final = Schedule(
    since=_BEGINNING,
    whole=DayTable(
        sessions=(("09:30", "12:00", _REGULAR), ("13:00", "16:00", _REGULAR)),
        states=(
            *_HK_MORNING,
            ("12:00", _S.REST),
            ("13:00", _S.AFTERNOON),
            ("16:00", _S.HK_CAS),
            ("16:08", _S.CLOSED),
        ),
    ),
    short=DayTable(
        sessions=(("09:30", "12:00", _REGULAR),),
        states=(*_HK_MORNING, ("12:00", _S.HK_CAS), ("12:08", _S.CLOSED)),
    ),
)

# [I] The five minutes of FUTURE_DAY_WAIT_FOR_OPEN before a night session are documented for Japan
# only; FUTURE_DAY_BREAK at the lunch of Hong Kong is the state's plain meaning.
_HK_NIGHT: Final[tuple[StateRow, ...]] = (
    ("prev 17:10", _S.FUTURE_DAY_WAIT_FOR_OPEN),
    ("prev 17:15", _S.NIGHT_OPEN),
    ("prev+ 03:00", _S.NIGHT_END),
)
_HK_FUTURE_OPEN: Final[tuple[StateRow, ...]] = (
    ("08:45", _S.FUTURE_DAY_WAIT_FOR_OPEN),
    ("09:15", _S.FUTURE_DAY_OPEN),
)
_HK_FUTURE: Final = Schedule(
    since=_BEGINNING,
    whole=DayTable(
        sessions=(
            ("prev 17:15", "prev+ 03:00", _NIGHT),
            ("09:15", "12:00", _REGULAR),
            ("13:00", "16:30", _REGULAR),
        ),
        states=(
            *_HK_NIGHT,
            *_HK_FUTURE_OPEN,
            ("12:00", _S.FUTURE_DAY_BREAK),
            ("13:00", _S.FUTURE_DAY_OPEN),
            ("16:30", _S.FUTURE_DAY_CLOSE),
        ),
    ),
    short=DayTable(
        sessions=(("prev 17:15", "prev+ 03:00", _NIGHT), ("09:15", "12:30", _REGULAR)),
        states=(*_HK_NIGHT, *_HK_FUTURE_OPEN, ("12:30", _S.FUTURE_DAY_CLOSE)),
    ),
)

_US_OPENING: Final[tuple[StateRow, ...]] = (
    ("04:00", _S.PRE_MARKET_BEGIN),
    ("09:30", _S.AFTERNOON),
)
_US_WHOLE_STATES: Final[tuple[StateRow, ...]] = (
    *_US_OPENING,
    ("16:00", _S.AFTER_HOURS_BEGIN),
    ("20:00", _S.AFTER_HOURS_END),
)
_US_SHORT_STATES: Final[tuple[StateRow, ...]] = (
    *_US_OPENING,
    ("close", _S.AFTER_HOURS_BEGIN),
    ("17:00", _S.AFTER_HOURS_END),
)
_US_WHOLE: Final = DayTable(
    sessions=(("09:30", "16:00", _REGULAR),),
    states=_US_WHOLE_STATES,
    extended=(("04:00", "09:30", SessionKind.PRE), ("16:00", "20:00", SessionKind.AFTER)),
)
_US_SHORT: Final = DayTable(
    sessions=(("09:30", "close", _REGULAR),),
    states=_US_SHORT_STATES,
    extended=(("04:00", "09:30", SessionKind.PRE), ("close", "17:00", SessionKind.AFTER)),
)
_US_NIGHT: Final[StateRow] = ("eve 20:00", _S.OVERNIGHT)
_US_OVERNIGHT: Final = (("eve 20:00", "04:00", SessionKind.OVERNIGHT),)
_US_STOCK: Final = (
    Schedule(_BEGINNING, _US_WHOLE, _US_SHORT),
    # [I] The overnight state arrived with interface 9.2 of April 2025. It runs on the nights before
    # a trading day; on all other nights AFTER_HOURS_END stays.
    Schedule(
        date(2025, 4, 1),
        replace(_US_WHOLE, states=(_US_NIGHT, *_US_WHOLE_STATES), overnight=_US_OVERNIGHT),
        replace(_US_SHORT, states=(_US_NIGHT, *_US_SHORT_STATES), overnight=_US_OVERNIGHT),
    ),
)

# [I] FUTURE_SWITCH_DATE, "waiting to open", fills the last quarter of the daily halt.
_US_FUTURE_OPEN: Final[tuple[StateRow, ...]] = (
    ("eve 17:45", _S.FUTURE_SWITCH_DATE),
    ("eve 18:00", _S.FUTURE_OPEN),
)
_US_FUTURE: Final = Schedule(
    since=_BEGINNING,
    whole=DayTable(
        sessions=(("eve 18:00", "17:00", _REGULAR),),
        states=(*_US_FUTURE_OPEN, ("17:00", _S.FUTURE_CLOSE)),
    ),
    short=DayTable(
        sessions=(("eve 18:00", "close", _REGULAR),),
        states=(*_US_FUTURE_OPEN, ("close", _S.FUTURE_CLOSE)),
    ),
)

_CN_SESSIONS: Final[tuple[SessionRow, ...]] = (
    ("09:30", "11:30", _REGULAR),
    ("13:00", "15:00", _REGULAR),
)
_CN_STATES: Final[tuple[StateRow, ...]] = (
    ("08:55", _S.NONE),
    ("09:15", _S.AUCTION),
    ("09:25", _S.WAITING_OPEN),
    ("09:30", _S.MORNING),
    ("11:30", _S.REST),
    ("13:00", _S.AFTERNOON),
)
_CN_CLOSED: Final = DayTable(_CN_SESSIONS, (*_CN_STATES, ("15:00", _S.CLOSED)))
# Trading at the closing price after hours, for all A shares since 2026-07-06.
_CN_FIXED_PRICE: Final = DayTable(
    _CN_SESSIONS,
    (
        *_CN_STATES,
        ("15:00", _S.ASHARE_AFTER_HOURS_WAIT),
        ("15:05", _S.ASHARE_AFTER_HOURS_BEGIN),
        ("15:30", _S.ASHARE_AFTER_HOURS_END),
    ),
)
_CN_STOCK: Final = (
    Schedule(_BEGINNING, _CN_CLOSED, _CN_CLOSED),
    Schedule(date(2026, 7, 6), _CN_FIXED_PRICE, _CN_FIXED_PRICE),
)

# The hours of the A50 contract stand for the venue.
_SG_DAY: Final = DayTable(
    sessions=(("prev 17:00", "prev+ 05:15", _NIGHT), ("09:00", "16:30", _REGULAR)),
    states=(
        ("prev 16:55", _S.FUTURE_DAY_WAIT_FOR_OPEN),
        ("prev 17:00", _S.NIGHT_OPEN),
        ("prev+ 05:15", _S.NIGHT_END),
        ("09:00", _S.FUTURE_DAY_OPEN),
        ("16:30", _S.FUTURE_DAY_CLOSE),
    ),
)
_JP_DAY: Final = DayTable(
    sessions=(("prev 17:00", "prev+ 06:00", _NIGHT), ("08:45", "15:45", _REGULAR)),
    states=(
        ("prev 16:55", _S.FUTURE_DAY_WAIT_FOR_OPEN),
        ("prev 17:00", _S.NIGHT_OPEN),
        ("prev+ 06:00", _S.NIGHT_END),
        ("08:45", _S.FUTURE_DAY_OPEN),
        ("15:45", _S.FUTURE_DAY_CLOSE),
    ),
)

VENUES: Final[dict[Venue, VenueRow]] = {
    Venue.HK_STOCK: VenueRow("XHKG", "Asia/Hong_Kong", (_HK_STOCK,), roll="09:00"),
    Venue.HK_FUTURE: VenueRow("XHKG", "Asia/Hong_Kong", (_HK_FUTURE,), night_after_half_day=False),
    Venue.US_STOCK: VenueRow("XNYS", "America/New_York", _US_STOCK),
    Venue.US_FUTURE: VenueRow("CME", "America/New_York", (_US_FUTURE,)),
    Venue.CN_STOCK: VenueRow("XSHG", "Asia/Shanghai", _CN_STOCK, roll="09:15"),
    Venue.SG_FUTURE: VenueRow("XSES", "Asia/Singapore", (Schedule(_BEGINNING, _SG_DAY, _SG_DAY),)),
    # Trading on Japanese holidays belongs to the next trade date, so the cash calendar gives the
    # right trade dates; the holiday sessions themselves are left out [I].
    Venue.JP_FUTURE: VenueRow("XTKS", "Asia/Tokyo", (Schedule(_BEGINNING, _JP_DAY, _JP_DAY),)),
}
