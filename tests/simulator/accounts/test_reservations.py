"""Totals of what open orders hold back: whatever comes and goes, they are the sums of what is there."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from simulator.accounts.reservations import Reservation, Reservations
from simulator.domain import Side
from tests.support.sources import APPLE, MOUTAI, TENCENT

SECURITIES = (APPLE, MOUTAI, TENCENT)
AMOUNTS = st.one_of(
    st.decimals(0, 10**12, allow_nan=False, places=4),
    st.builds(lambda units: units / Decimal("7.8"), st.integers(1, 10**13)),
)
RESERVATIONS = st.builds(
    Reservation,
    st.sampled_from(SECURITIES),
    st.sampled_from(Side),
    st.integers(1, 10**6),
    st.booleans(),
    AMOUNTS,
    AMOUNTS,
)
STEPS = st.lists(st.tuples(st.integers(1, 6), st.one_of(st.none(), RESERVATIONS)), max_size=40)


def follow(steps) -> tuple[Reservations, dict[int, Reservation]]:
    """Reservations after the steps, and what must be in them; None as a step is an order's end."""
    reservations, expected = Reservations(), {}
    for order_id, reservation in steps:
        if reservation is None:
            assert reservations.pop(order_id) == expected.pop(order_id, None)
        else:
            reservations.put(order_id, reservation)
            expected[order_id] = reservation
    return reservations, expected


def rounded_sum(amounts) -> Decimal:
    """The exact sum, rounded once."""
    total = sum(map(Fraction, amounts), Fraction(0))
    return Decimal(total.numerator) / total.denominator


@given(STEPS)
def test_totals_are_the_sums_of_what_is_there(steps):
    """To the last digit, however many digits a conversion of currencies left."""
    reservations, expected = follow(steps)
    there = expected.values()

    assert {order_id: reservations.get(order_id) for order_id in expected} == expected
    assert reservations.cash == rounded_sum(r.cash for r in there)
    assert reservations.margin == rounded_sum(r.margin for r in there)
    for security in SECURITIES:
        for side in Side:
            of_side = [r for r in there if (r.security, r.side) == (security, side)]
            claimed = sum(r.quantity for r in of_side if not r.opens)
            assert reservations.claimed(security, side) == claimed
            assert reservations.has_opening(security, side) == any(r.opens for r in of_side)


@given(STEPS)
def test_nothing_stays_when_all_orders_have_ended(steps):
    """Not even the last digit of an amount."""
    reservations, expected = follow(steps)
    for order_id in expected:
        reservations.pop(order_id)

    assert (reservations.cash, reservations.margin) == (0, 0)
    assert not any(reservations.claimed(s, side) for s in SECURITIES for side in Side)
    assert not any(reservations.has_opening(s, side) for s in SECURITIES for side in Side)
