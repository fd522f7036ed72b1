"""A call auction: at which price it trades, and which orders it fills.

Theory of operation. Orders gather without trading. Then one price is found at which as much as
possible trades, and everything that trades does so at that price.

1. Candidates are the prices of orders between the lowest offer and the highest bid.
2. The price at which most trades wins; of several, the one that leaves the least over.
3. If buyers are left over at all of those, the highest; if sellers, the lowest.
4. Otherwise the one nearest to the reference price; of two equally near, the higher.

Orders without a limit come first, by time; then the others by price, then time.

Source: [V] HKEX rule 501H and its questions and answers; [I] of two equally near prices the higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.domain import Side


@dataclass(frozen=True, slots=True)
class AuctionOrder:
    """An order in a call; of two of one price the earlier in the sequence has priority."""

    side: Side
    quantity: int
    price: Decimal | None = None
    """The limit; None for an at-auction order."""
    order_id: int | None = None
    """None for what the market itself brings."""

    def accepts(self, price: Decimal) -> bool:
        """Whether it trades at a price."""
        if self.price is None:
            return True
        return price <= self.price if self.side is Side.BUY else price >= self.price


def auction_price(orders: Sequence[AuctionOrder], reference: Decimal) -> Decimal | None:
    """The price at which the call trades; None if no limits cross.

    Args:
        orders: all of the call.
        reference: previous close in the opening, reference price in the closing call.
    """
    bids = [o.price for o in orders if o.side is Side.BUY and o.price is not None]
    asks = [o.price for o in orders if o.side is Side.SELL and o.price is not None]
    if not bids or not asks or max(bids) < min(asks):
        return None
    between = {price for price in (*bids, *asks) if min(asks) <= price <= max(bids)}
    rows = [(price, *_volumes(orders, price)) for price in between]
    most = max(min(buys, sells) for _, buys, sells in rows)
    rows = [row for row in rows if min(row[1], row[2]) == most]
    least = min(abs(buys - sells) for _, buys, sells in rows)
    rows = [row for row in rows if abs(row[1] - row[2]) == least]
    prices = [price for price, _, _ in rows]
    if all(buys > sells for _, buys, sells in rows):
        return max(prices)
    if all(sells > buys for _, buys, sells in rows):
        return min(prices)
    return min(prices, key=lambda price: (abs(price - reference), -price))


def auction_fills(orders: Sequence[AuctionOrder], price: Decimal) -> list[int]:
    """How much of each order trades at the auction's price."""
    buys, sells = _volumes(orders, price)
    left = dict.fromkeys((Side.BUY, Side.SELL), min(buys, sells))
    filled = [0] * len(orders)
    for number in sorted(range(len(orders)), key=lambda number: _rank(orders[number])):
        order = orders[number]
        if order.accepts(price):
            filled[number] = min(order.quantity, left[order.side])
            left[order.side] -= filled[number]
    return filled


def _volumes(orders: Sequence[AuctionOrder], price: Decimal) -> tuple[int, int]:
    """What is bid and offered at a price."""
    willing = [order for order in orders if order.accepts(price)]
    buys = sum(order.quantity for order in willing if order.side is Side.BUY)
    return buys, sum(order.quantity for order in willing) - buys


def _rank(order: AuctionOrder) -> tuple[bool, Decimal]:
    if order.price is None:
        return False, Decimal(0)
    return True, -order.price if order.side is Side.BUY else order.price
