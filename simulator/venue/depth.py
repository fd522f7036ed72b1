"""The order book as everybody sees it: the market's levels with users' orders in them."""

from __future__ import annotations

from dataclasses import replace

from simulator.domain import DepthLevel, OrderBook, OrderQueues, QueuedOrder, Side
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import SecurityMatcher
from simulator.venue.order_book import key_price, price_key
from simulator.venue.queues import left_of, market_queue, with_users


def merged_book(
    matcher: SecurityMatcher, displayed: OrderBook, now_ns: int, depth: int, lot: int
) -> OrderBook:
    """Displayed volume less what users took, plus users' resting orders, at most `depth` levels."""
    return replace(
        displayed,
        bids=_merge(matcher, Side.BUY, displayed, now_ns, lot)[:depth],
        asks=_merge(matcher, Side.SELL, displayed, now_ns, lot)[:depth],
    )


def order_queues(
    matcher: SecurityMatcher | None, displayed: OrderBook, now_ns: int, depth: int, lot: int
) -> OrderQueues:
    """The single orders of each level that `merged_book` has.

    Args:
        matcher: Where users' orders rest; None where no user ever ordered.
        displayed: The market's levels.
        now_ns: Gateway time.
        depth: Levels on each side at most.
        lot: Shares that the market's orders are multiples of.
    """
    return OrderQueues(
        bids=_queues(matcher, Side.BUY, displayed, now_ns, lot)[:depth],
        asks=_queues(matcher, Side.SELL, displayed, now_ns, lot)[:depth],
    )


def _merge(
    matcher: SecurityMatcher, side: Side, displayed: OrderBook, now_ns: int, lot: int
) -> tuple[DepthLevel, ...]:
    merged = {}
    for key, (level, volume) in _left(matcher, side, displayed, now_ns).items():
        count = level.order_count
        if volume < level.volume:
            count = len(left_of(market_queue(displayed, side, level, lot), volume))
        merged[key] = DepthLevel(level.price, volume, count)
    for order in matcher.book.side(side):
        _, volume, count = merged.get(order.key, (0.0, 0, 0))
        merged[order.key] = DepthLevel(
            float(key_price(order.key)), volume + order.quantity, count + 1
        )
    keys = sorted(merged, reverse=side is Side.BUY)
    return tuple(merged[key] for key in keys)


def _queues(
    matcher: SecurityMatcher | None, side: Side, displayed: OrderBook, now_ns: int, lot: int
) -> tuple[tuple[QueuedOrder, ...], ...]:
    if matcher is None:
        levels = displayed.bids if side is Side.BUY else displayed.asks
        return tuple(tuple(market_queue(displayed, side, level, lot)) for level in levels)
    queues = {
        key: left_of(market_queue(displayed, side, level, lot), volume)
        for key, (level, volume) in _left(matcher, side, displayed, now_ns).items()
    }
    resting = matcher.book.side(side)
    occupied = resting.keys()
    for key in occupied:
        queues[key] = with_users(queues.get(key, []), resting.level(key))
    return tuple(tuple(queues[key]) for key in sorted(queues, reverse=side is Side.BUY))


def _left(
    matcher: SecurityMatcher, side: Side, displayed: OrderBook, now_ns: int
) -> dict[int, tuple[DepthLevel, int]]:
    """Displayed levels by price key, with the volume that users left of them; empty ones left out."""
    levels = displayed.bids if side is Side.BUY else displayed.asks
    book = DisplayedBook.from_levels(displayed.bids, displayed.asks)
    by_key = {price_key(level.price): level for level in levels}
    shown = matcher.available(side, book, now_ns)
    return {key: (by_key[key], volume) for key, volume in shown.items()}
