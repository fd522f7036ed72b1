"""How many units of a combo the legs' books fill, against counting them one by one."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import Side
from simulator.venue.combos import LegBook, leg_weight, most_filled

BUY, SELL = Side.BUY, Side.SELL


def book(side, ratio, *levels, multiplier=100):
    pairs = tuple((Decimal(str(price)), volume) for price, volume in levels)
    return LegBook(leg_weight(side, ratio, multiplier, 100), ratio, pairs)


def test_a_spread_fills_as_long_as_each_unit_is_within_the_limit():
    """Bought at 5.1 then 5.3, sold at 3 then 2.9: units cost 2.1, 2.3, 2.3 and 2.4."""
    legs = [book(BUY, 1, (5.1, 1), (5.3, 9)), book(SELL, 1, (3, 3), (2.9, 9))]
    found = [most_filled(legs, Decimal(limit), 4) for limit in ("2.09", "2.1", "2.3", "2.4")]
    assert found == [0, 1, 3, 4]


def test_only_whole_units_of_the_ratio_fill():
    """A butterfly sells two of its middle: three there are enough for one unit."""
    legs = [book(BUY, 1, (5, 9)), book(SELL, 2, (3, 3)), book(BUY, 1, (2, 9))]
    assert most_filled(legs, Decimal(1), 9) == 1
    assert most_filled(legs, Decimal("0.99"), 9) == 0


def test_a_hundred_shares_weigh_as_much_as_one_contract():
    """A covered call: shares at 101 less a call at 5 is 96."""
    legs = [book(BUY, 100, (101, 500), multiplier=1), book(SELL, 1, (5, 9))]
    assert most_filled(legs, Decimal(96), 9) == 5
    assert most_filled(legs, Decimal("95.99"), 9) == 0


def test_a_credit_has_a_negative_price():
    """Two calls sold for 3 together: a limit of -3 takes them, one of -3.01 does not."""
    legs = [book(SELL, 1, (2, 5)), book(SELL, 1, (1, 5))]
    assert [most_filled(legs, Decimal(x), 5) for x in ("-3", "-3.01")] == [5, 0]


LEVELS = st.lists(st.integers(1, 6), max_size=4)


@given(
    st.lists(
        st.tuples(st.sampled_from((BUY, SELL)), st.integers(1, 3), LEVELS),
        min_size=2,
        max_size=4,
    ),
    st.integers(-30, 30),
    st.integers(1, 12),
)
def test_it_agrees_with_taking_one_unit_after_the_other(legs, limit, wanted):
    """The slow way: take contract by contract while a unit's net price is within the limit."""
    books, queues = [], []
    for side, ratio, volumes in legs:
        step = 1 if side is BUY else -1
        levels = [(10 + step * number, volume) for number, volume in enumerate(volumes)]
        books.append(book(side, ratio, *levels))
        queues.append([price for price, volume in levels for _ in range(volume)])
    count = 0
    while count < wanted:
        net = 0
        for (side, ratio, _), queue in zip(legs, queues, strict=True):
            taken = queue[count * ratio : (count + 1) * ratio]
            if len(taken) < ratio:
                break
            net += sum(taken) if side is BUY else -sum(taken)
        else:
            if net <= limit:
                count += 1
                continue
        break
    assert most_filled(books, Decimal(limit), wanted) == count
