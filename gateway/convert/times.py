"""Instants of a venue's clock as OpenD writes them, and times as clients write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gateway import texts
from gateway.errors import ApiError
from simulator.domain import NS_PER_S, Venue
from simulator.trading_days import calendar_for

_NS_PER_MS: Final = 1_000_000
_WEEK_S: Final = 7 * 86_400
_FIRST_S: Final = 315_532_800
"""1980 in seconds since 1970."""
_LAST_S: Final = 2_208_988_800
"""2040."""
_TIME_LENGTH: Final = len("2026-01-15 09:30:00")
_DATE_LENGTH: Final = len("2026-01-15")


@cache
def zone_of(venue: Venue) -> ZoneInfo:
    """The time zone of a venue's time strings. Source: [D] times are local to the market."""
    return calendar_for(venue).zone


def local_time(time_ns: int, zone: tzinfo) -> str:
    """Write `YYYY-MM-DD HH:MM:SS`."""
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, zone).replace(tzinfo=None)
    return moment.isoformat(" ")


def local_times(times_ns: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.uint8]:
    """What `local_time` writes of several instants, as ASCII bytes of shape (instants, 19)."""
    seconds = times_ns // NS_PER_S
    if len(seconds) and (seconds.min() < _FIRST_S or seconds.max() >= _LAST_S):
        rare = [local_time(time_ns, zone) for time_ns in times_ns.tolist()]
        return np.array(rare, "S19").view(np.uint8).reshape(-1, _TIME_LENGTH)
    since, offsets = _offsets(zone)
    local = seconds + offsets[np.searchsorted(since, seconds, "right") - 1]
    written = np.datetime_as_string(local.astype("datetime64[s]")).astype("S19")
    characters = written.view(np.uint8).reshape(-1, _TIME_LENGTH)
    characters[:, _DATE_LENGTH] = ord(" ")
    return characters


@cache
def _offsets(zone: ZoneInfo) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Since when, in seconds since 1970, a zone's clocks are how many seconds ahead of UTC."""
    since, offsets = [_FIRST_S], [_offset(zone, _FIRST_S)]
    for end in range(_FIRST_S + _WEEK_S, _LAST_S, _WEEK_S):
        if _offset(zone, end) != offsets[-1]:
            since.append(_turn(zone, end - _WEEK_S, end))
            offsets.append(_offset(zone, end))
    return np.array(since), np.array(offsets)


def _turn(zone: ZoneInfo, before: int, after: int) -> int:
    """The first second of the offset that a zone has at `after` and not at `before`."""
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = datetime.fromtimestamp(second, zone).utcoffset() or timedelta()
    return int(shift.total_seconds())


def local_time_ms(time_ns: int, zone: tzinfo) -> str:
    """Write `YYYY-MM-DD HH:MM:SS.mmm`. Source: [O] snapshots, [D] samples of prints."""
    return f"{local_time(time_ns, zone)}.{time_ns // _NS_PER_MS % 1000:03d}"


def timestamp(time_ns: int) -> float:
    """Seconds since 1970 with microseconds: what a double holds without noise."""
    return time_ns // 1000 / 1_000_000


def midnight(day: date, zone: ZoneInfo) -> float:
    """The timestamp of a date's beginning."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


@cache
def listing_timestamp(day: str, venue: Venue) -> float:
    """The timestamp of a listing date `YYYY-MM-DD`."""
    return midnight(date.fromisoformat(day), zone_of(venue))


def parse_begin(text: str) -> datetime:
    """Read the beginning of a range; a bare date begins at midnight.

    Args:
        text: `YYYY-MM-DD`, or that with `HH:MM:SS` and perhaps a fraction after one blank.

    Raises:
        ApiError: Neither form.

    Source: [D] the formats that requests may use.
    """
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError as error:
        raise ApiError(texts.INVALID_TIME, value=text) from error


def parse_end(text: str) -> datetime:
    """Read the end of a range; a bare date ends with its last microsecond.

    Raises:
        ApiError: As `parse_begin`.
    """
    end = parse_begin(text)
    if len(text.strip()) > _DATE_LENGTH:
        return end
    return end + timedelta(days=1, microseconds=-1)


def parse_range(begin: str, end: str) -> tuple[datetime, datetime]:
    """Read both ends of a range.

    Raises:
        ApiError: A time is unreadable, or the range is reversed.
    """
    first, last = parse_begin(begin), parse_end(end)
    if first > last:
        raise ApiError(texts.REVERSED_TIME_RANGE)
    return first, last
