"""Instants of a venue's clock as OpenD writes them, and times as clients write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from gateway import texts
from gateway.errors import ApiError
from simulator.domain import NS_PER_S, Venue
from simulator.trading_days import calendar_for

_NS_PER_MS: Final = 1_000_000
_DATE_LENGTH: Final = len("2026-01-15")


@cache
def zone_of(venue: Venue) -> ZoneInfo:
    """The time zone of a venue's time strings. Source: [D] times are local to the market."""
    return calendar_for(venue).zone


def local_time(time_ns: int, zone: tzinfo) -> str:
    """Write `YYYY-MM-DD HH:MM:SS`."""
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, zone).replace(tzinfo=None)
    return moment.isoformat(" ")


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
