"""The price of a call auction: cases worked out from the exchange's rule, then what always holds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import Side
from simulator.venue.auction import AuctionOrder, auction_fills, auction_price

BUY, SELL = Side.BUY, Side.SELL


def call(*rows):
    """`("B", 300, 10.1)` is a bid; no price is an at-auction order."""
    return [
        AuctionOrder(
            BUY if side == "B" else SELL, quantity, Decimal(str(price[0])) if price else None
        )
        for side, quantity, *price in rows
    ]


@pytest.mark.parametrize(
    ("orders", "reference", "price"),
    [
        # Most volume: at 10.0 and 10.1 bids of 500 and 300 meet offers of 400 and 600: 400 and 300.
        (call(("B", 300, 10.1), ("B", 200, 10.0), ("S", 400, 10.0), ("S", 200, 10.1)), 10, "10.0"),
        # At-auction orders count at every price: 500 to sell without a limit make 10.0 the better one.
        (
            call(
                ("B", 100, 10.2),
                ("B", 400, 10.0),
                (
                    "S",
                    500,
                ),
                ("S", 100, 10.0),
            ),
            10,
            "10.0",
        ),
        # Equal volume of 100 at 10.0, 10.1 and 10.2; buyers are over at all three: the highest.
        (call(("B", 300, 10.2), ("S", 100, 10.0), ("B", 100, 10.1)), 9, "10.2"),
        # The same with sellers left over: the lowest.
        (call(("S", 300, 10.0), ("B", 100, 10.2), ("S", 100, 10.1)), 11, "10.0"),
        # Volume 100 everywhere, nothing left over at either end: nearest to the reference.
        (call(("B", 100, 10.2), ("S", 100, 10.0)), "10.05", "10.0"),
        (call(("B", 100, 10.2), ("S", 100, 10.0)), "10.15", "10.2"),
        # As near to one as to the other: the higher.
        (call(("B", 100, 10.2), ("S", 100, 10.0)), "10.1", "10.2"),
        # Least left over: 100 trade at 10.0 and at 10.1; at 10.0 200 are left, at 10.1 100.
        (call(("B", 200, 10.1), ("B", 100, 10.0), ("S", 100, 10.0)), 9, "10.1"),
    ],
)
def test_the_price(orders, reference, price):
    """One case for each step of the rule."""
    assert auction_price(orders, Decimal(reference)) == Decimal(price)


def test_no_price_where_nothing_crosses():
    """Bids below offers, or no limits at all."""
    assert auction_price(call(("B", 100, 9.9), ("S", 100, 10.0)), Decimal(10)) is None
    assert auction_price(call(("B", 100), ("S", 100)), Decimal(10)) is None


def test_who_is_filled():
    """400 are offered at 10: 100 at auction first, then 10.2, then the earlier of two at 10.1."""
    orders = call(
        ("B", 200, 10.1), ("B", 200, 10.1), ("B", 100, 10.2), ("B", 100), ("S", 400, 10.0)
    )
    assert auction_fills(orders, Decimal("10.1")) == [200, 0, 100, 100, 400]


ORDERS = st.lists(
    st.builds(
        AuctionOrder,
        st.sampled_from((BUY, SELL)),
        st.integers(1, 9).map(lambda lots: lots * 100),
        st.none() | st.integers(95, 105).map(Decimal),
    ),
    max_size=12,
)


@given(ORDERS, st.integers(95, 105).map(Decimal))
def test_no_other_price_trades_more(orders, reference):
    """And as much is bought as sold, nobody beyond a limit, at-auction orders first."""
    price = auction_price(orders, reference)
    if price is None:
        return
    filled = auction_fills(orders, price)
    bought, sold = (
        sum(f for f, order in zip(filled, orders, strict=True) if order.side is side)
        for side in (BUY, SELL)
    )
    assert bought == sold
    limits = [[o.price for o in orders if o.side is s and o.price is not None] for s in (SELL, BUY)]
    for other in range(int(min(limits[0])), int(max(limits[1])) + 1):
        assert sum(auction_fills(orders, Decimal(other))) <= 2 * bought
    for order, quantity in zip(orders, filled, strict=True):
        assert quantity == 0 or order.accepts(price)
    for side in (BUY, SELL):
        rows = [(o, f) for o, f in zip(orders, filled, strict=True) if o.side is side]
        limits_traded = any(f for o, f in rows if o.price is not None)
        assert not limits_traded or all(f == o.quantity for o, f in rows if o.price is None)


@given(ORDERS, st.integers(96, 104).map(Decimal))
def test_users_do_not_move_the_markets_price(orders, price):
    """With a little more of the market on each side than of users, the call trades at its price."""
    users = {side: sum(o.quantity for o in orders if o.side is side) for side in (BUY, SELL)}
    volume = max(users.values()) + 1
    whole = [AuctionOrder(side, volume, price) for side in (BUY, SELL)] + orders
    assert auction_price(whole, price) == price
