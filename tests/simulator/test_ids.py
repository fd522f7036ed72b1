"""Order and fill ids."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from simulator.ids import OrderIds

SEEDS = st.integers(0, 2**64)
COUNTERS = st.integers(0, 2**60)


@given(SEEDS, COUNTERS)
def test_ids_have_nineteen_digits_and_fit_a_signed_number(seed, counter):
    """Clients in any language can hold them."""
    for number in (OrderIds(seed).order_id(counter), OrderIds(seed).fill_id(counter)):
        assert len(str(number)) == 19
        assert number < 2**63


@given(SEEDS, COUNTERS, COUNTERS)
def test_ids_are_unique(seed, first, second):
    """Two counters never share an id, nor do an order and a fill."""
    ids = OrderIds(seed)

    assert (first == second) == (ids.order_id(first) == ids.order_id(second))
    assert ids.order_id(first) != ids.fill_id(second)


def test_ids_repeat_with_the_seed_and_differ_without():
    """Runs repeat; another seed gives other ids."""
    assert OrderIds(7).order_id(3) == OrderIds(7).order_id(3)
    assert OrderIds(7).order_id(3) != OrderIds(8).order_id(3)


def test_ids_show_no_order():
    """Consecutive ids neither rise nor fall."""
    numbers = [OrderIds(1).order_id(n) for n in range(100)]

    assert len(set(numbers)) == 100
    assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))


def test_string_ids_hold_the_day():
    """Order and fill have different strings that name their day."""
    ids = OrderIds(1)
    order, fill = ids.order_id_ex(0, date(2026, 1, 15)), ids.fill_id_ex(0, date(2026, 1, 15))

    assert order.startswith("v3_20260115_00000001_")
    assert order != fill
