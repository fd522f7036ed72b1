"""Users' resting orders under price-time priority, against a brute-force model."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import Side
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.order_book import RestingBook, VenueOrder, key_price, price_key

EMPTY = DisplayedBook({}, {})


@pytest.mark.parametrize("text", ["0.001", "0.0001", "421.6", "100", "5000", "0.015625", "9995"])
def test_price_keys_are_exact(text):
    """Decimal, float and key stand for the same price."""
    price = Decimal(text)

    assert price == key_price(price_key(price))
    assert price_key(price) == price_key(float(text))


def test_best_price_comes_first_then_the_oldest():
    """Iteration follows price-time priority on both sides."""
    book = RestingBook()
    for order_id, key in enumerate((5, 7, 5, 6), start=1):
        book.add(VenueOrder(order_id, 1, Side.BUY, key, 10))
        book.add(VenueOrder(order_id + 10, 1, Side.SELL, key + 10, 10))

    assert [order.order_id for order in book.side(Side.BUY)] == [2, 4, 1, 3]
    assert [order.order_id for order in book.side(Side.SELL)] == [11, 13, 14, 12]


def test_a_filled_order_leaves_the_book():
    """`take` removes an order with its last share, and its level with it."""
    book = RestingBook()
    order = VenueOrder(1, 1, Side.BUY, 5, 10)
    book.add(order)

    book.take(order, 4)
    assert len(book) == 1
    book.take(order, 6)

    assert len(book) == 0
    assert book.side(Side.BUY).keys() == ()
    assert book.remove(1) is None


def brute_force(resting, order_id, account, side, key, quantity):
    """A list, searched from end to end for the best counterpart each time."""
    matches = []
    while quantity:
        others = [
            row
            for row in resting
            if row["side"] is not side
            and row["account"] != account
            and (row["key"] <= key if side is Side.BUY else row["key"] >= key)
        ]
        if not others:
            resting.append(
                {"id": order_id, "account": account, "side": side, "key": key, "left": quantity}
            )
            break
        sign = 1 if side is Side.BUY else -1
        best = min(others, key=lambda row: sign * row["key"])  # min() keeps the oldest
        traded = min(quantity, best["left"])
        matches.append((order_id, best["id"], best["key"], traded))
        quantity -= traded
        best["left"] -= traded
        if not best["left"]:
            resting.remove(best)
    return matches


ACTIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.integers(1, 3),
            st.sampled_from((Side.BUY, Side.SELL)),
            st.integers(95, 105),
            st.integers(1, 20),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 40)),
    ),
    max_size=40,
)


@given(ACTIONS)
def test_users_match_as_the_brute_force_model_says(actions):
    """Same matches in the same order, same rest, for any stream of orders and cancellations."""
    matcher = SecurityMatcher(HalfLifeRefill())
    resting = []
    for order_id, (kind, *rest) in enumerate(actions):
        if kind == "cancel":
            expected = any(row["id"] == rest[0] for row in resting)
            resting[:] = [row for row in resting if row["id"] != rest[0]]
            assert expected == matcher.remove(rest[0])
            continue
        account, side, key, quantity = rest
        matches = matcher.arrive(VenueOrder(order_id, account, side, key, quantity), EMPTY, 0)
        seen = [
            (order_id, m.sell_order_id if side is Side.BUY else m.buy_order_id, m.key, m.quantity)
            for m in matches
        ]

        assert brute_force(resting, order_id, account, side, key, quantity) == seen

    left = {
        order.order_id: order.quantity
        for s in (Side.BUY, Side.SELL)
        for order in matcher.book.side(s)
    }
    assert {row["id"]: row["left"] for row in resting} == left
