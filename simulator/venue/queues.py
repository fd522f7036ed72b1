"""The single orders that stand behind a displayed level, front of the queue first.

Orders of the market are not stored: they are a function of the security, the day, the price and the
level's volume. An order keeps its number as long as it keeps its size, so a level that grows or
shrinks a little changes at its end only, while what users take leaves it from its front.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, log
from typing import Final
from zlib import crc32

from simulator.domain import NS_PER_DAY, DepthLevel, OrderBook, QueuedOrder, Side
from simulator.venue.order_book import VenueOrder, price_key

_MASK: Final = 2**64 - 1
_STEP: Final = 0x9E37_79B9_7F4A_7C15
_SIZES: Final = (0.25, 0.25, 0.5, 0.5, 1.0, 1.0, 2.0, 3.0)
"""Sizes of orders over the usual one; many are small. Source: [I]."""
_GRADE: Final = 1.25
"""The usual size is a power of it, so that it stays while the level changes little."""
_FILLED: Final = 0.85
"""Part of the volume that orders of the usual size make up; the last order has the rest."""
_LEAST_ID: Final = 10**18
"""Of 19 digits, as users' orders have."""


def market_queue(book: OrderBook, side: Side, level: DepthLevel, lot: int) -> list[QueuedOrder]:
    """The market's orders at a level; together they have its volume.

    Args:
        book: What the level belongs to.
        side: BUY for a bid.
        level: Of the displayed book, before users took anything.
        lot: Shares that orders are multiples of, where the level's volume is one.
    """
    unit = lot if lot > 0 and level.volume % lot == 0 else 1
    left = level.volume // unit
    count = min(max(level.order_count, 1), left)
    if not count:
        return []
    usual = _GRADE ** floor(log(_FILLED * left / count, _GRADE))
    day = book.time_ns // NS_PER_DAY
    name = f"{book.security.symbol} {day} {side.name} {price_key(level.price)}"
    seed = crc32(name.encode()) << 32
    queue = []
    for behind in reversed(range(count)):
        drawn = _mixed(seed + (count - behind) * _STEP)
        drawn_size = max(int(usual * _SIZES[drawn & 7]), 1)
        size = min(drawn_size, left - behind) if behind else left
        queue.append(QueuedOrder(_numbered(drawn ^ size), size * unit))
        left -= size
    return queue


def left_of(queue: Sequence[QueuedOrder], volume: int) -> list[QueuedOrder]:
    """What remains of a queue when only `volume` is left: users take from the front."""
    gone = sum(order.volume for order in queue) - volume
    remaining = []
    for order in queue:
        if gone < order.volume:
            remaining.append(QueuedOrder(order.order_id, order.volume - max(gone, 0)))
        gone -= order.volume
    return remaining


def with_users(queue: Sequence[QueuedOrder], orders: Iterable[VenueOrder]) -> list[QueuedOrder]:
    """A level's queue with users' orders, each behind the displayed volume it has before it.

    Source: [P] the exchange's number of an order is not the one that its sender knows.
    """
    merged = list(queue)
    for order in reversed(tuple(orders)):
        number = exchange_number(order.order_id)
        merged.insert(_place(queue, order.ahead), QueuedOrder(number, order.quantity))
    return merged


def exchange_number(order_id: int) -> int:
    """What the exchange calls a user's order."""
    return _numbered(order_id)


def _place(queue: Sequence[QueuedOrder], ahead: int | None) -> int:
    if ahead is None:
        return len(queue)
    before = 0
    for place, order in enumerate(queue):
        if before >= ahead:
            return place
        before += order.volume
    return len(queue)


def _numbered(number: int) -> int:
    return _LEAST_ID + (_mixed(number) >> 3)


def _mixed(number: int) -> int:
    """A number of 64 bits that shows no trace of its argument (splitmix64)."""
    number &= _MASK
    number = (number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9 & _MASK
    number = (number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB & _MASK
    return number ^ (number >> 31)
