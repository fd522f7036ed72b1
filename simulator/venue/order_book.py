"""Users' resting orders of one security under price-time priority.

Prices are integers here (`price_key`), so that levels compare and hash exactly. Within a level the
order of insertion is the order of time. What the market displays is not stored: each resting order
only remembers how much displayed volume stands before it (`ahead`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from simulator.domain import Side

_DECIMALS: Final = 9
"""Enough for every tick size; futures quote up to 9 decimals ([D] price digits)."""
_SCALE: Final = 10**_DECIMALS


def price_key(price: Decimal | float) -> int:
    """The integer that stands for a price on the tick."""
    return round(price * _SCALE)


def key_price(key: int) -> Decimal:
    """The price that `price_key` was made from, without trailing zeros."""
    whole, fraction = divmod(key, _SCALE)
    digits = f"{fraction:0{_DECIMALS}d}".rstrip("0")
    return Decimal(f"{whole}.{digits}" if digits else whole)


def opposite(side: Side) -> Side:
    """The side that an order trades against."""
    return Side.SELL if side is Side.BUY else Side.BUY


def rank(side: Side, key: int) -> int:
    """Sorts prices of a side best first: high bids, low asks."""
    return -key if side is Side.BUY else key


@dataclass(slots=True)
class VenueOrder:
    """What the venue knows of an order; `quantity` is what is left of it."""

    order_id: int
    account_id: int
    side: Side
    key: int
    """Limit; for a market order the worst price it may trade at."""
    quantity: int
    is_market: bool = False
    rests: bool = True
    """Whether what is left after the first meeting stays."""
    levels: int | None = None
    """Most queues that the order may take at once; None for any number."""
    ahead: int | None = 0
    """Displayed volume with priority at the same price; None while the price is out of sight."""


class BookSide:
    """The resting orders of one side."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._ranks: list[int] = []
        self._levels: dict[int, dict[int, VenueOrder]] = {}

    def __iter__(self) -> Iterator[VenueOrder]:
        """All orders, best price first, then oldest first; safe against removals on the way."""
        for price_rank in tuple(self._ranks):
            yield from tuple(self._levels.get(abs(price_rank), {}).values())

    def keys(self) -> tuple[int, ...]:
        """Occupied prices, best first."""
        return tuple(map(abs, self._ranks))

    def keys_until(self, worst: int) -> list[int]:
        """Occupied prices whose rank is no higher than `worst`, best first."""
        return [abs(r) for r in self._ranks[: bisect_right(self._ranks, worst)]]

    def level(self, key: int) -> tuple[VenueOrder, ...]:
        """Orders at a price, oldest first."""
        return tuple(self._levels.get(key, {}).values())

    def add(self, order: VenueOrder) -> None:
        """Queue an order behind all others at its price."""
        level = self._levels.get(order.key)
        if level is None:
            level = self._levels[order.key] = {}
            insort(self._ranks, rank(self.side, order.key))
        level[order.order_id] = order

    def remove(self, order: VenueOrder) -> None:
        """Take an order out; it must be in the book."""
        level = self._levels[order.key]
        del level[order.order_id]
        if not level:
            del self._levels[order.key]
            del self._ranks[bisect_left(self._ranks, rank(self.side, order.key))]


class RestingBook:
    """Both sides and an index by order number."""

    def __init__(self) -> None:
        self._sides = {side: BookSide(side) for side in (Side.BUY, Side.SELL)}
        self._orders: dict[int, VenueOrder] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def side(self, side: Side) -> BookSide:
        """One side; BUY holds the bids."""
        return self._sides[side]

    def get(self, order_id: int) -> VenueOrder | None:
        """The resting order of that number, if it rests here."""
        return self._orders.get(order_id)

    def add(self, order: VenueOrder) -> None:
        """Queue an order at the end of its level."""
        self._orders[order.order_id] = order
        self._sides[order.side].add(order)

    def remove(self, order_id: int) -> VenueOrder | None:
        """Take an order out, if it rests here."""
        order = self._orders.pop(order_id, None)
        if order is not None:
            self._sides[order.side].remove(order)
        return order

    def take(self, order: VenueOrder, quantity: int) -> None:
        """Execute a part or all of a resting order; a filled order leaves the book."""
        order.quantity -= quantity
        if not order.quantity:
            self.remove(order.order_id)
