"""Local time strings of instants, and the times that clients write."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.convert.times import (
    listing_timestamp,
    local_time,
    local_time_ms,
    local_times,
    parse_begin,
    parse_end,
    parse_range,
    timestamp,
    zone_of,
)
from gateway.errors import ApiError
from simulator.domain import Venue

SUMMER_NS = 1_784_122_200_123_456_789
"""2026-07-15 13:30:00.123456789 UTC."""


@pytest.mark.parametrize(
    ("venue", "text"),
    [
        (Venue.HK_STOCK, "2026-07-15 21:30:00"),
        (Venue.US_STOCK, "2026-07-15 09:30:00"),
        (Venue.JP_FUTURE, "2026-07-15 22:30:00"),
    ],
)
def test_instants_are_written_in_the_markets_own_time(venue, text):
    """Daylight saving included, and with milliseconds cut off, not rounded."""
    assert local_time(SUMMER_NS, zone_of(venue)) == text
    assert local_time_ms(SUMMER_NS, zone_of(venue)) == f"{text}.123"


def test_timestamps_keep_microseconds():
    """No noise behind them."""
    assert timestamp(SUMMER_NS) == 1784122200.123456


def test_a_listing_date_begins_at_local_midnight():
    """In Hong Kong eight hours before London."""
    assert listing_timestamp("2004-06-16", Venue.HK_STOCK) == 1087315200


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-01-14", (2026, 1, 14), (2026, 1, 14, 23, 59, 59, 999999)),
        ("2026-01-14 09:31:00", (2026, 1, 14, 9, 31), (2026, 1, 14, 9, 31)),
        (
            "2026-01-14 09:31:00.500",
            (2026, 1, 14, 9, 31, 0, 500000),
            (2026, 1, 14, 9, 31, 0, 500000),
        ),
    ],
)
def test_dates_stand_for_whole_days(text, begin, end):
    """As a beginning for their first instant, as an end for their last."""
    assert parse_begin(text) == datetime(*begin)  # noqa: DTZ001 - local to a market
    assert parse_end(text) == datetime(*end)  # noqa: DTZ001


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "01/14/2026"])
def test_what_is_no_time_is_refused(text):
    """The text repeats it."""
    with pytest.raises(ApiError, match="Invalid time format"):
        parse_begin(text)


def test_a_reversed_range_is_refused():
    """One day asked for twice is a range."""
    assert parse_range("2026-01-14", "2026-01-14")
    with pytest.raises(ApiError, match="later than the end"):
        parse_range("2026-01-15", "2026-01-14")


@pytest.mark.parametrize("venue", list(Venue))
@given(st.lists(st.integers(-(10**18), 3 * 10**18), min_size=1, max_size=30))
def test_many_times_are_written_as_each(venue, times_ns):
    """In winter and summer, before and after the years of any market data."""
    zone = zone_of(venue)

    written = local_times(np.array(times_ns, np.int64), zone)

    expected = [local_time(time_ns, zone) for time_ns in times_ns]
    assert [row.tobytes().decode() for row in written] == expected


def test_clocks_turn_at_the_right_second():
    """The last second before and the first after each American change of clocks in a year."""
    turns = [1_772_953_200, 1_793_512_800]
    times_ns = [(turn + step) * 10**9 for turn in turns for step in (-1, 0)]

    written = local_times(np.array(times_ns, np.int64), zone_of(Venue.US_STOCK))

    assert [row.tobytes().decode()[11:] for row in written] == [
        "01:59:59",
        "03:00:00",
        "01:59:59",
        "01:00:00",
    ]
