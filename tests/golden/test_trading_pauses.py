"""Trading pauses and cooling-off periods: cases worked out by hand from the rules' text."""

from __future__ import annotations

import pytest

from simulator.domain import NS_PER_MINUTE, NS_PER_S
from simulator.market.bends import Bend, Cooling, Pin, Pinned, Span
from simulator.market.pauses import Plan, Print, Rule, american_fraction, plan, rule_of
from simulator.market.price_grid import PRICE_UNITS
from simulator.trading_days import SessionKind, TradingSession
from tests.support.markets import UNIVERSE, instrument, utc_ns

NEW_YORK = TradingSession(
    utc_ns("2026-01-15T09:30:00-05:00"), utc_ns("2026-01-15T16:00:00-05:00"), SessionKind.REGULAR
)
MORNING = TradingSession(
    utc_ns("2026-01-15T09:30:00+08:00"), utc_ns("2026-01-15T12:00:00+08:00"), SessionKind.REGULAR
)
AFTERNOON = TradingSession(
    utc_ns("2026-01-15T13:00:00+08:00"), utc_ns("2026-01-15T16:00:00+08:00"), SessionKind.REGULAR
)
FIRST_TIER = Rule(0.05)
LARGE = Rule(0.10, is_cooling=True)


def cent(units: float) -> int:
    return round(units / 10_000) * 10_000


def at_(session: TradingSession, minute: float) -> int:
    """So many minutes into a session."""
    return session.start_ns + round(minute * NS_PER_MINUTE)


def prints(session: TradingSession, *rows: tuple[float, float]) -> list[Print]:
    """(minutes into the session, price)."""
    return [
        Print(at_(session, minute), round(price * PRICE_UNITS), session) for minute, price in rows
    ]


def planned(rule: Rule, made: list[Print], bend: Bend | None = None) -> Plan:
    return plan(rule, made, bend or Bend(), 0, cent)


def quiet(first: int, last: int, price: float = 100.0) -> list[tuple[float, float]]:
    """A print every minute at one price."""
    return [(minute, price) for minute in range(first, last)]


@pytest.mark.parametrize(
    ("close", "is_first_tier", "fraction"),
    [
        (3.01, True, 0.05),
        (3.01, False, 0.10),
        (3.00, True, 0.20),
        (0.75, False, 0.20),
        (0.50, True, 0.30),
        (0.20, False, 0.75),
        (0.10, False, 0.75),
    ],
)
def test_an_american_band_is_as_wide_as_tier_and_price_say(close, is_first_tier, fraction) -> None:
    """5 or 10 % above three dollars, 20 % to 75 cents, below the lesser of 15 cents and 75 %."""
    assert american_fraction(close, is_first_tier=is_first_tier) == pytest.approx(fraction)


@pytest.mark.parametrize(
    ("symbol", "rule"),
    [
        ("US.AAPL", FIRST_TIER),
        ("US.SPY", FIRST_TIER),
        ("HK.00700", LARGE),
        ("SH.600519", None),
        ("HK.800000", None),
        ("HK.HSImain", None),
    ],
)
def test_a_security_has_the_rule_of_its_exchange(symbol: str, rule: Rule | None) -> None:
    """Shares and funds of America by tier, of Hong Kong by size; nothing else."""
    assert rule_of(instrument(symbol), 100.0, UNIVERSE.members) == rule


def test_a_price_at_the_band_for_fifteen_seconds_leads_to_a_pause() -> None:
    """95 is the band of 100; it stands there for 15 s, and trading pauses for five minutes."""
    found = planned(FIRST_TIER, prints(NEW_YORK, *quiet(60, 66), (66, 94.99), (67, 94), (75, 93)))
    begin = at_(NEW_YORK, 66)
    stop = begin + 15 * NS_PER_S
    assert found.limit_states == [Pinned(begin, stop, 95 * PRICE_UNITS, Pin.DOWN)]
    assert found.pauses == [Span(stop, stop + 5 * NS_PER_MINUTE)]
    assert not found.coolings


def test_the_band_itself_belongs_to_the_range() -> None:
    """A print at 95 is none outside."""
    found = planned(FIRST_TIER, prints(NEW_YORK, *quiet(60, 66), (66, 95.0)))
    assert found == Plan()


def test_a_price_that_comes_back_in_time_is_not_paused() -> None:
    """Ten seconds at the band and back: the limit state ends without a pause."""
    back = 66 + 10 / 60
    found = planned(FIRST_TIER, prints(NEW_YORK, *quiet(60, 66), (66, 106), (back, 104)))
    assert found.limit_states == [
        Pinned(at_(NEW_YORK, 66), at_(NEW_YORK, back), 105 * PRICE_UNITS, Pin.UP)
    ]
    assert not found.pauses


def test_bands_are_twice_as_wide_near_opening_and_close() -> None:
    """9 % is inside until 9:45 and from 15:35 on, and outside between."""
    for minute, is_paused in (
        (10, False),
        (14.9, False),
        (15.1, True),
        (364.9, True),
        (365.1, False),
    ):
        made = prints(NEW_YORK, *((minute - k, 100.0) for k in (4, 3, 2, 1)), (minute, 91.0))
        assert bool(planned(FIRST_TIER, made).pauses) is is_paused, minute


def test_the_reference_follows_the_mean_of_five_minutes() -> None:
    """4 % in each of three steps ten minutes apart: never 5 % away from the mean."""
    rows = [*quiet(60, 70), *quiet(70, 80, 96.0), *quiet(80, 90, 92.2), *quiet(90, 100, 88.6)]
    assert planned(FIRST_TIER, prints(NEW_YORK, *rows)) == Plan()


def test_after_a_pause_the_first_print_is_the_reference() -> None:
    """At 90 after the reopening: 86 is inside the new band, 85 leads to another pause."""
    rows = [*quiet(60, 66), (66, 90), *quiet(72, 76, 90.0), (76, 86), (77, 85)]
    found = planned(FIRST_TIER, prints(NEW_YORK, *rows))
    assert [state.start_ns for state in found.limit_states] == [
        at_(NEW_YORK, 66),
        at_(NEW_YORK, 77),
    ]
    assert len(found.pauses) == 2


def test_a_pause_ends_with_the_session() -> None:
    """A pause that begins at 15:57 ends at 16:00."""
    found = planned(FIRST_TIER, prints(NEW_YORK, *quiet(380, 387), (387, 80)))
    assert found.pauses[0].end_ns == NEW_YORK.end_ns


def test_hong_kong_cools_off_between_two_prices() -> None:
    """More than 10 % from five minutes before: five minutes between 90 and 110, at 90 while below."""
    rows = [*quiet(20, 31), (31, 89.99), (32, 88), (33, 95), (34, 80), (40, 80)]
    found = planned(LARGE, prints(MORNING, *rows))
    begin, end = at_(MORNING, 31), at_(MORNING, 36)
    low, high = 90 * PRICE_UNITS, 110 * PRICE_UNITS
    assert found.coolings == [Cooling(begin, end, low, high)]
    assert found.limit_states == [
        Pinned(begin, at_(MORNING, 33), low, Pin.DOWN),
        Pinned(at_(MORNING, 34), end, low, Pin.DOWN),
    ]
    assert not found.pauses


def test_hong_kong_compares_with_five_minutes_before() -> None:
    """2 % a minute is 10 % in five minutes and inside; 2.2 % a minute is not."""
    for step, is_cooled in ((2.0, False), (2.2, True)):
        rows = [
            *quiet(20, 31),
            *((31 + k, 100 + step * k) for k in range(1, 6)),
            (36.5, 100 + step * 5),
        ]
        assert bool(planned(LARGE, prints(MORNING, *rows)).coolings) is is_cooled


@pytest.mark.parametrize(
    ("session", "minute", "is_cooled"),
    [
        (MORNING, 14.9, False),
        (MORNING, 15.1, True),
        (MORNING, 145, True),
        (AFTERNOON, 14.9, False),
        (AFTERNOON, 159.9, True),
        (AFTERNOON, 160.1, False),
    ],
)
def test_hong_kong_does_not_look_at_the_edges(session, minute: float, is_cooled: bool) -> None:
    """Not in a session's first 15 minutes nor in the afternoon's last 20."""
    made = prints(session, *((minute - k, 100.0) for k in (9, 7, 5, 1)), (minute, 85.0))
    assert bool(planned(LARGE, made).coolings) is is_cooled


def test_hong_kong_cools_off_once_a_session() -> None:
    """A second crash in the morning passes, one in the afternoon does not."""
    rows = [*quiet(20, 31), (31, 85), *quiet(36, 60, 85.0), (60, 70), *quiet(61, 70, 70.0)]
    later = prints(AFTERNOON, *quiet(0, 30, 70.0), (30, 60))
    found = planned(LARGE, [*prints(MORNING, *rows), *later])
    assert [cooling.start_ns for cooling in found.coolings] == [
        at_(MORNING, 31),
        at_(AFTERNOON, 30),
    ]
