"""History candles as the newest SDK pages through them."""

from __future__ import annotations

from datetime import date
from itertools import groupby, pairwise

import pytest

from tests.conformance.client_programs import observe, rows

PAGED = ["days_by_37", "minutes_by_333", "minutes_by_1000"]


@pytest.fixture(scope="module", params=["HK.00700", "US.AAPL"])
def seen(request, quote_gateway):
    return observe("current", "history", quote_gateway, request.param)


def joined(pages):
    return [row for page in pages for row in rows(page)]


def candle_of(parts):
    """Aggregate candles of a shorter period."""
    return {
        "open": parts[0]["open"],
        "close": parts[-1]["close"],
        "high": max(part["high"] for part in parts),
        "low": min(part["low"] for part in parts),
        "volume": sum(part["volume"] for part in parts),
    }


def bare(candle):
    return {key: candle[key] for key in ("open", "close", "high", "low", "volume")}


@pytest.mark.parametrize("request_name", PAGED)
def test_pages_are_full_and_ascend_without_gap_or_repeat(seen, request_name):
    """All pages but the last hold exactly what was asked for, and times rise throughout."""
    size = int(request_name.rpartition("_")[2])
    pages = seen[request_name]
    keys = [row["time_key"] for row in joined(pages)]

    assert all(len(rows(page)) == size for page in pages[:-1])
    assert 0 < len(rows(pages[-1])) <= size
    assert all(earlier < later for earlier, later in pairwise(keys))


@pytest.mark.parametrize(
    ("small", "large"), [("days_by_37", "days_by_1000"), ("minutes_by_333", "minutes_by_1000")]
)
def test_the_size_of_the_pages_does_not_change_the_candles(seen, small, large):
    """The same range in small and large pages is the same list; the running day may move on."""
    a, b = joined(seen[small]), joined(seen[large])

    assert len(a) == len(b) > 200
    assert a[:-1] == b[:-1]


def test_minutes_add_up_to_their_day(seen):
    """The minute candles of each finished day aggregate exactly to its day candle."""
    minutes = joined(seen["minutes_by_1000"])
    by_day = {
        day: list(part) for day, part in groupby(minutes, lambda candle: candle["time_key"][:10])
    }
    days = {row["time_key"][:10]: row for row in joined(seen["week_of_days"])}

    assert len(days) >= 3
    assert set(days) == set(by_day)
    for day, candle in days.items():
        assert bare(candle) == candle_of(by_day[day])
        assert candle["turnover"] == pytest.approx(
            sum(part["turnover"] for part in by_day[day]), rel=1e-9
        )


def week_of(candle):
    return date.fromisoformat(candle["time_key"][:10]).isocalendar()[:2]


def test_days_add_up_to_their_week(seen):
    """Each whole week of the year aggregates from its days."""
    days = {week: list(part) for week, part in groupby(joined(seen["days_by_1000"]), week_of)}
    weeks = {week_of(week): week for week in joined(seen["weeks"])}
    whole = sorted(weeks)[1:-1]

    assert len(whole) > 45
    assert all(bare(weeks[week]) == candle_of(days[week]) for week in whole)


def test_each_day_starts_from_the_close_before(seen):
    """`last_close` repeats the previous raw close, less the dividend on a few ex-dates."""
    days = joined(seen["days_by_1000"])
    other = [(a, b) for a, b in pairwise(days) if b["last_close"] != a["close"]]

    assert len(other) <= 5
    assert all(0.9 * a["close"] < b["last_close"] < a["close"] for a, b in other)
