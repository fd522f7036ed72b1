"""Days, sessions and states, each case worked out by hand from the exchanges' notices."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import NS_PER_S, MarketState, Venue
from simulator.trading_days import DayKind, SessionKind, TradingDay, calendar_for

HK = calendar_for(Venue.HK_STOCK)
HK_FUTURE = calendar_for(Venue.HK_FUTURE)
US = calendar_for(Venue.US_STOCK)
US_FUTURE = calendar_for(Venue.US_FUTURE)
CN = calendar_for(Venue.CN_STOCK)
SG = calendar_for(Venue.SG_FUTURE)
JP = calendar_for(Venue.JP_FUTURE)

INSTANTS = st.integers(
    int(datetime(2005, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S,
    int(datetime(2035, 1, 1, tzinfo=UTC).timestamp()) * NS_PER_S,
)
VENUES = st.sampled_from(list(Venue))
DAYS = st.dates(date(1980, 1, 1), date(2060, 1, 1))


def local_ns(calendar, text):
    return int(datetime.fromisoformat(text).replace(tzinfo=calendar.zone).timestamp()) * NS_PER_S


def utc_ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_S


def utc_hours(calendar, day):
    """Sessions as `MM-DD HH:MM` pairs in UTC."""
    return [
        tuple(
            datetime.fromtimestamp(ns / NS_PER_S, UTC).strftime("%m-%d %H:%M")
            for ns in (session.start_ns, session.end_ns)
        )
        for session in calendar.sessions(day)
    ]


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        (HK, date(2023, 9, 1)),  # typhoon Saola
        (HK, date(2023, 9, 8)),  # black rainstorm
        (HK, date(2024, 9, 6)),  # typhoon Yagi
        (HK, date(2026, 2, 17)),  # Lunar New Year
        (HK, date(2026, 1, 17)),  # a Saturday
        (US, date(2026, 1, 19)),  # Martin Luther King Day
        (US, date(2001, 9, 11)),
        (CN, date(2026, 10, 1)),
        (CN, date(2027, 10, 4)),  # beyond the data: golden week is fixed
        (SG, date(2026, 8, 10)),  # National Day fell on a Sunday
        (JP, date(2026, 1, 2)),
        (US_FUTURE, date(2026, 12, 25)),
    ],
)
def test_closed_days(calendar, day):
    """A closed day has no sessions and is skipped by its neighbours."""
    assert not calendar.is_trading_day(day)
    assert calendar.sessions(day) == ()
    assert calendar.extended_sessions(day) == ()
    assert calendar.previous_day(day) < day < calendar.next_day(day)


def test_open_days_beyond_the_data():
    """Past the calendar file every weekday trades that is no fixed holiday."""
    assert CN.is_trading_day(date(2027, 2, 8))
    assert HK.is_trading_day(date(2035, 1, 2))
    assert not HK.is_trading_day(date(2035, 1, 1))


def test_trade_days_around_lunar_new_year():
    """The eve is a morning; both ends of the range count."""
    expected = [
        TradingDay(date(2026, 2, 13), DayKind.WHOLE),
        TradingDay(date(2026, 2, 16), DayKind.MORNING),
        TradingDay(date(2026, 2, 20), DayKind.WHOLE),
    ]

    assert expected == HK.trading_days(date(2026, 2, 13), date(2026, 2, 20))


@pytest.mark.parametrize(
    ("year", "hk", "us", "cn"),
    [(2024, 246, 252, 242), (2025, 246, 250, 243), (2026, 247, 251, 242)],
)
def test_days_per_year(year, hk, us, cn):
    """Counts agree with the exchanges' published years."""
    begin, end = date(year, 1, 1), date(year, 12, 31)

    assert [hk, us, cn] == [len(c.trading_days(begin, end)) for c in (HK, US, CN)]


@pytest.mark.parametrize(
    ("calendar", "day", "expected"),
    [
        (HK, date(2026, 1, 15), [("01-15 01:30", "01-15 04:00"), ("01-15 05:00", "01-15 08:00")]),
        (HK, date(2026, 2, 16), [("02-16 01:30", "02-16 04:00")]),
        (HK, date(2001, 12, 24), [("12-24 01:30", "12-24 04:00")]),
        (CN, date(2026, 1, 15), [("01-15 01:30", "01-15 03:30"), ("01-15 05:00", "01-15 07:00")]),
        # American clocks change on 2026-03-08 and 2026-11-01.
        (US, date(2026, 3, 6), [("03-06 14:30", "03-06 21:00")]),
        (US, date(2026, 3, 9), [("03-09 13:30", "03-09 20:00")]),
        (US, date(2026, 10, 30), [("10-30 13:30", "10-30 20:00")]),
        (US, date(2026, 11, 2), [("11-02 14:30", "11-02 21:00")]),
        (US, date(2026, 11, 27), [("11-27 14:30", "11-27 18:00")]),
        (US_FUTURE, date(2026, 3, 9), [("03-08 22:00", "03-09 21:00")]),
        (US_FUTURE, date(2026, 11, 2), [("11-01 23:00", "11-02 22:00")]),
        (US_FUTURE, date(2026, 11, 26), [("11-25 23:00", "11-26 18:00")]),
        # Friday's night belongs to Monday.
        (
            HK_FUTURE,
            date(2026, 1, 19),
            [
                ("01-16 09:15", "01-16 19:00"),
                ("01-19 01:15", "01-19 04:00"),
                ("01-19 05:00", "01-19 08:30"),
            ],
        ),
        (
            HK_FUTURE,
            date(2026, 2, 16),
            [("02-13 09:15", "02-13 19:00"), ("02-16 01:15", "02-16 04:30")],
        ),
        # No night follows a half day.
        (
            HK_FUTURE,
            date(2026, 2, 20),
            [("02-20 01:15", "02-20 04:00"), ("02-20 05:00", "02-20 08:30")],
        ),
        (SG, date(2026, 1, 15), [("01-14 09:00", "01-14 21:15"), ("01-15 01:00", "01-15 08:30")]),
        (JP, date(2026, 1, 13), [("01-09 08:00", "01-09 21:00"), ("01-12 23:45", "01-13 06:45")]),
    ],
)
def test_sessions(calendar, day, expected):
    """Continuous sessions of a trade date, in UTC."""
    assert expected == utc_hours(calendar, day)


def test_night_sessions_are_marked():
    """Only the session of the evening before is a night."""
    kinds = [session.kind for session in JP.sessions(date(2026, 1, 13))]

    assert kinds == [SessionKind.NIGHT, SessionKind.REGULAR]


def test_extended_sessions_end_early_on_an_american_half_day():
    """Before hours from 04:00; after hours to 20:00, or from 13:00 to 17:00."""

    def hours(day):
        found = US.extended_sessions(day)
        assert [s.kind for s in found] == [SessionKind.PRE, SessionKind.AFTER]
        times = [ns for s in found for ns in (s.start_ns, s.end_ns)]
        return [datetime.fromtimestamp(ns / NS_PER_S, US.zone).strftime("%H:%M") for ns in times]

    assert hours(date(2026, 1, 15)) == ["04:00", "09:30", "16:00", "20:00"]
    assert hours(date(2026, 11, 27)) == ["04:00", "09:30", "13:00", "17:00"]
    assert HK.extended_sessions(date(2026, 1, 15)) == ()


@pytest.mark.parametrize(
    ("calendar", "text", "expected"),
    [
        (HK, "2026-01-15 08:54:59", MarketState.CLOSED),
        (HK, "2026-01-15 08:55", MarketState.NONE),
        (HK, "2026-01-15 09:00", MarketState.AUCTION),
        (HK, "2026-01-15 09:20", MarketState.WAITING_OPEN),
        (HK, "2026-01-15 09:30", MarketState.MORNING),
        (HK, "2026-01-15 12:00", MarketState.REST),
        (HK, "2026-01-15 13:00", MarketState.AFTERNOON),
        (HK, "2026-01-15 16:00", MarketState.HK_CAS),
        (HK, "2026-01-15 16:08", MarketState.CLOSED),
        (HK, "2026-01-17 10:00", MarketState.CLOSED),
        (HK, "2026-02-16 11:59", MarketState.MORNING),
        (HK, "2026-02-16 12:00", MarketState.HK_CAS),
        (HK, "2026-02-16 12:08", MarketState.CLOSED),
        (HK, "2026-02-18 10:00", MarketState.CLOSED),
        (CN, "2026-07-03 15:10", MarketState.CLOSED),
        (CN, "2026-07-06 09:16", MarketState.AUCTION),
        (CN, "2026-07-06 09:25", MarketState.WAITING_OPEN),
        (CN, "2026-07-06 11:30", MarketState.REST),
        (CN, "2026-07-06 15:00", MarketState.ASHARE_AFTER_HOURS_WAIT),
        (CN, "2026-07-06 15:05", MarketState.ASHARE_AFTER_HOURS_BEGIN),
        (CN, "2026-07-06 15:30", MarketState.ASHARE_AFTER_HOURS_END),
        (CN, "2026-07-07 08:54", MarketState.ASHARE_AFTER_HOURS_END),
        (US, "2026-01-15 03:59", MarketState.OVERNIGHT),
        (US, "2026-01-15 04:00", MarketState.PRE_MARKET_BEGIN),
        (US, "2026-01-15 09:30", MarketState.AFTERNOON),
        (US, "2026-01-15 16:00", MarketState.AFTER_HOURS_BEGIN),
        (US, "2026-01-15 20:00", MarketState.OVERNIGHT),
        (US, "2026-01-16 20:00", MarketState.AFTER_HOURS_END),
        (US, "2026-01-18 21:00", MarketState.AFTER_HOURS_END),  # the eve of a holiday
        (US, "2026-01-19 12:00", MarketState.AFTER_HOURS_END),
        (US, "2026-01-19 20:00", MarketState.OVERNIGHT),
        (US, "2026-01-25 20:00", MarketState.OVERNIGHT),  # a Sunday
        (US, "2026-11-27 13:00", MarketState.AFTER_HOURS_BEGIN),
        (US, "2026-11-27 17:00", MarketState.AFTER_HOURS_END),
        (HK_FUTURE, "2026-01-16 12:30", MarketState.FUTURE_DAY_BREAK),
        (HK_FUTURE, "2026-01-16 16:30", MarketState.FUTURE_DAY_CLOSE),
        (HK_FUTURE, "2026-01-16 17:10", MarketState.FUTURE_DAY_WAIT_FOR_OPEN),
        (HK_FUTURE, "2026-01-16 23:00", MarketState.NIGHT_OPEN),
        (HK_FUTURE, "2026-01-17 03:00", MarketState.NIGHT_END),
        (HK_FUTURE, "2026-01-18 12:00", MarketState.NIGHT_END),
        (HK_FUTURE, "2026-02-16 17:30", MarketState.FUTURE_DAY_CLOSE),
        (US_FUTURE, "2026-01-16 17:00", MarketState.FUTURE_CLOSE),
        (US_FUTURE, "2026-01-18 17:45", MarketState.FUTURE_SWITCH_DATE),
        (US_FUTURE, "2026-01-18 18:00", MarketState.FUTURE_OPEN),
        (JP, "2026-01-15 17:00", MarketState.NIGHT_OPEN),
        (JP, "2026-01-16 06:00", MarketState.NIGHT_END),
        (SG, "2026-01-15 09:00", MarketState.FUTURE_DAY_OPEN),
    ],
)
def test_states(calendar, text, expected):
    """The state at a local time follows the documented table."""
    assert expected is calendar.state(local_ns(calendar, text))


def test_states_of_the_documented_sample():
    """The sample answer of get_global_state, 2021-05-14 11:29 in Hong Kong."""
    now_ns = 1620962951 * NS_PER_S
    expected = {
        Venue.HK_STOCK: MarketState.MORNING,
        Venue.HK_FUTURE: MarketState.FUTURE_DAY_OPEN,
        Venue.US_STOCK: MarketState.AFTER_HOURS_END,
        Venue.US_FUTURE: MarketState.FUTURE_OPEN,
        Venue.CN_STOCK: MarketState.MORNING,
        Venue.SG_FUTURE: MarketState.FUTURE_DAY_OPEN,
        Venue.JP_FUTURE: MarketState.FUTURE_DAY_OPEN,
    }

    assert expected == {venue: calendar_for(venue).state(now_ns) for venue in Venue}


def test_next_state_change_crosses_a_weekend():
    """After Friday's close the next change is Monday 08:55."""
    friday = local_ns(HK, "2026-01-16 16:08")

    assert local_ns(HK, "2026-01-19 08:55") == HK.next_state_change_ns(friday)


@pytest.mark.parametrize(
    ("calendar", "text", "expected"),
    [
        (HK, "2026-01-19 08:59:59", date(2026, 1, 16)),
        (HK, "2026-01-19 09:00", date(2026, 1, 19)),
        (HK, "2026-01-18 12:00", date(2026, 1, 16)),
        (CN, "2026-01-15 09:14", date(2026, 1, 14)),
        (CN, "2026-01-15 09:15", date(2026, 1, 15)),
        (US, "2026-01-15 09:29", date(2026, 1, 14)),
        (US, "2026-01-15 09:30", date(2026, 1, 15)),
        (HK_FUTURE, "2026-01-16 17:14", date(2026, 1, 16)),
        (HK_FUTURE, "2026-01-16 17:15", date(2026, 1, 19)),
        (HK_FUTURE, "2026-02-16 18:00", date(2026, 2, 16)),
        (HK_FUTURE, "2026-02-20 09:15", date(2026, 2, 20)),
        (US_FUTURE, "2026-01-18 17:59", date(2026, 1, 16)),
        (US_FUTURE, "2026-01-18 18:00", date(2026, 1, 19)),
        (JP, "2026-01-09 17:00", date(2026, 1, 13)),
    ],
)
def test_trading_date(calendar, text, expected):
    """Today rolls at the pre-opening of stocks and at the first session of futures."""
    assert expected == calendar.trading_date(local_ns(calendar, text))


def test_days_outside_the_range_are_refused():
    """Neighbours beyond 1970 and 2099 are unknown."""
    with pytest.raises(ValueError, match="no trading day"):
        HK.next_day(date(2099, 12, 31))
    with pytest.raises(ValueError, match="no trading day"):
        HK.previous_day(date(1970, 1, 1))


def test_day_zero():
    """Numbers count from the first trade date of the year 2000, in both directions."""
    assert HK.day_number(date(2000, 1, 3)) == 0
    assert HK.day_number(date(1999, 12, 30)) == -1  # the 31st was a holiday
    assert HK.day_at(1) == date(2000, 1, 4)


@given(VENUES, DAYS)
def test_day_numbers_are_consecutive(venue, day):
    """`day_at` undoes `day_number`; the next trade date has the next number."""
    calendar = calendar_for(venue)
    trading = calendar.next_day(day)

    assert trading == calendar.day_at(calendar.day_number(trading))
    assert calendar.day_number(trading) + 1 == calendar.day_number(calendar.next_day(trading))


@given(VENUES, DAYS)
def test_sessions_are_in_order_across_trade_dates(venue, day):
    """Sessions of consecutive trade dates never overlap and never run backwards."""
    calendar = calendar_for(venue)
    first = calendar.next_day(day)
    sessions = [*calendar.sessions(first), *calendar.sessions(calendar.next_day(first))]

    assert all(s.start_ns < s.end_ns for s in sessions)
    assert all(a.end_ns <= b.start_ns for a, b in pairwise(sessions))


@given(VENUES, INSTANTS)
def test_the_state_holds_until_the_next_change(venue, time_ns):
    """Between two changes the state is one; at the change it is another."""
    calendar = calendar_for(venue)
    change_ns = calendar.next_state_change_ns(time_ns)

    assert time_ns < change_ns
    assert calendar.state(time_ns) is calendar.state(change_ns - 1)
    assert calendar.state(time_ns) is not calendar.state(change_ns)


@given(VENUES, DAYS, st.floats(0, 1, exclude_max=True))
def test_today_inside_a_session_is_its_trade_date(venue, day, fraction):
    """During every session the data of its own trade date are current."""
    calendar = calendar_for(venue)
    trading = calendar.next_day(day)
    for session in calendar.sessions(trading):
        time_ns = session.start_ns + int((session.end_ns - session.start_ns) * fraction)

        assert trading == calendar.trading_date(time_ns)


@given(VENUES, INSTANTS)
def test_today_never_runs_backwards(venue, time_ns):
    """An hour later today is the same trade date or a later one."""
    calendar = calendar_for(venue)
    later = calendar.trading_date(time_ns + int(timedelta(hours=1).total_seconds()) * NS_PER_S)

    assert calendar.trading_date(time_ns) <= later
