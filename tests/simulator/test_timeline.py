"""The gateway's clock and the venues' clocks."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import NS_PER_DAY, NS_PER_MINUTE, NS_PER_S, MarketState, Venue
from simulator.timeline import OpenTimeline, WallTimeline
from simulator.trading_days import calendar_for

SATURDAY_NS = int(datetime(2026, 1, 17, 3, tzinfo=UTC).timestamp()) * NS_PER_S
TIMELINE = OpenTimeline(SATURDAY_NS)

VENUES = st.sampled_from(list(Venue))
NEARBY = st.integers(SATURDAY_NS - 400 * NS_PER_DAY, SATURDAY_NS + 400 * NS_PER_DAY)
OPEN_STATES = {
    MarketState.MORNING,
    MarketState.AFTERNOON,
    MarketState.NIGHT_OPEN,
    MarketState.FUTURE_DAY_OPEN,
    MarketState.FUTURE_OPEN,
}


def local(venue, time_ns):
    return datetime.fromtimestamp(time_ns / NS_PER_S, calendar_for(venue).zone)


def local_ns(venue, text):
    zone = calendar_for(venue).zone
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * NS_PER_S


def test_wall_timeline_is_the_identity():
    """Markets keep real time."""
    assert WallTimeline().market_ns(Venue.HK_STOCK, 5) == 5
    assert WallTimeline().gateway_ns(Venue.HK_STOCK, 5) == 5


@pytest.mark.parametrize(
    ("venue", "expected"),
    [
        (Venue.HK_STOCK, "2026-01-16 10:30"),
        (Venue.HK_FUTURE, "2026-01-16 10:15"),
        (Venue.US_STOCK, "2026-01-16 10:30"),
        (Venue.US_FUTURE, "2026-01-15 19:00"),
        (Venue.CN_STOCK, "2026-01-16 10:30"),
        (Venue.SG_FUTURE, "2026-01-16 10:00"),
        (Venue.JP_FUTURE, "2026-01-16 09:45"),
    ],
)
def test_starts_an_hour_into_the_last_trade_date(venue, expected):
    """Started on a Saturday, every market is an hour into Friday."""
    assert local_ns(venue, expected) == TIMELINE.market_ns(venue, SATURDAY_NS)


def test_jumps_over_lunch_night_and_weekend():
    """From 10:30, 90 minutes lead to 13:00 of the same day and 270 to Monday's 09:30."""

    def after(minutes):
        return TIMELINE.market_ns(Venue.HK_STOCK, SATURDAY_NS + minutes * NS_PER_MINUTE)

    assert local_ns(Venue.HK_STOCK, "2026-01-16 11:59") == after(89)
    assert local_ns(Venue.HK_STOCK, "2026-01-16 13:00") == after(90)
    assert local_ns(Venue.HK_STOCK, "2026-01-16 15:59") == after(269)
    assert local_ns(Venue.HK_STOCK, "2026-01-19 09:30") == after(270)


def test_runs_backwards_before_the_start():
    """An hour before the start is the opening; a minute earlier is the day before."""
    before = SATURDAY_NS - 61 * NS_PER_MINUTE

    assert local_ns(Venue.HK_STOCK, "2026-01-15 15:59") == TIMELINE.market_ns(
        Venue.HK_STOCK, before
    )


def test_futures_go_through_the_night():
    """After the day's 16:30 the clock shows 17:15 of the same evening."""
    close = TIMELINE.gateway_ns(Venue.HK_FUTURE, local_ns(Venue.HK_FUTURE, "2026-01-16 16:30"))

    assert local_ns(Venue.HK_FUTURE, "2026-01-16 17:15") == TIMELINE.market_ns(
        Venue.HK_FUTURE, close
    )


@pytest.mark.parametrize("text", ["2026-01-16 16:00", "2026-01-16 16:08", "2026-01-18 12:00"])
def test_an_instant_in_a_gap_is_reached_at_the_jump(text):
    """Close, weekend and next opening are one gateway instant."""
    jump = SATURDAY_NS + 270 * NS_PER_MINUTE

    assert jump == TIMELINE.gateway_ns(Venue.HK_STOCK, local_ns(Venue.HK_STOCK, text))


def test_a_fresh_timeline_agrees_with_an_extended_one():
    """What was asked before does not change an answer."""
    far = SATURDAY_NS + 500 * NS_PER_DAY
    TIMELINE.market_ns(Venue.US_STOCK, SATURDAY_NS - 100 * NS_PER_DAY)
    fresh = OpenTimeline(SATURDAY_NS)

    assert fresh.market_ns(Venue.US_STOCK, far) == TIMELINE.market_ns(Venue.US_STOCK, far)


@pytest.mark.parametrize("days", [-500, 500])
def test_the_way_back_needs_no_warming_up(days):
    """A far instant can be the first question asked, in the past and in the future."""
    now_ns = SATURDAY_NS + days * NS_PER_DAY
    market_ns = TIMELINE.market_ns(Venue.US_STOCK, now_ns)

    assert now_ns == OpenTimeline(SATURDAY_NS).gateway_ns(Venue.US_STOCK, market_ns)


@given(VENUES, NEARBY)
def test_always_inside_a_session(venue, now_ns):
    """The market's time lies in a continuous session, and its state is an open one."""
    calendar = calendar_for(venue)
    market_ns = TIMELINE.market_ns(venue, now_ns)
    sessions = calendar.sessions(calendar.trading_date(market_ns))

    assert any(s.start_ns <= market_ns < s.end_ns for s in sessions)
    assert calendar.state(market_ns) in OPEN_STATES


@given(VENUES, NEARBY)
def test_gateway_ns_undoes_market_ns(venue, now_ns):
    """Inside sessions the two directions are inverse."""
    assert now_ns == TIMELINE.gateway_ns(venue, TIMELINE.market_ns(venue, now_ns))


@given(VENUES, NEARBY, st.integers(1, 3 * NS_PER_DAY))
def test_the_market_clock_is_strictly_monotone(venue, now_ns, step_ns):
    """Later at the gateway is later at the market, by at least as much."""
    advance = TIMELINE.market_ns(venue, now_ns + step_ns) - TIMELINE.market_ns(venue, now_ns)

    assert step_ns <= advance


@given(VENUES, NEARBY, st.integers(0, 3 * NS_PER_DAY))
def test_the_way_back_is_monotone(venue, market_ns, step_ns):
    """A later market instant is never reached earlier, gaps included."""
    first = TIMELINE.gateway_ns(venue, market_ns)

    assert first <= TIMELINE.gateway_ns(venue, market_ns + step_ns)


@given(VENUES, NEARBY)
def test_gateway_ns_is_the_first_instant_that_reaches_it(venue, market_ns):
    """At that instant the clock has reached the time; a nanosecond earlier it has not."""
    reached = TIMELINE.gateway_ns(venue, market_ns)

    assert TIMELINE.market_ns(venue, reached - 1) < market_ns
    assert market_ns <= TIMELINE.market_ns(venue, reached)


@given(VENUES, st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_starts_open_on_any_day(venue, day):
    """Whenever it is started, the market is open and its trade date is not in the future."""
    start_ns = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * NS_PER_S
    market_ns = OpenTimeline(start_ns).market_ns(venue, start_ns)
    calendar = calendar_for(venue)

    assert calendar.state(market_ns) in OPEN_STATES
    assert calendar.trading_date(market_ns) <= local(venue, start_ns).date()
