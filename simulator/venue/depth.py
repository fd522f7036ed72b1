"""The order book as everybody sees it: the market's levels with users' orders in them."""

from __future__ import annotations

from dataclasses import replace

from simulator.domain import DepthLevel, OrderBook, Side
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import SecurityMatcher
from simulator.venue.order_book import key_price, price_key


def merged_book(
    matcher: SecurityMatcher, displayed: OrderBook, now_ns: int, depth: int
) -> OrderBook:
    """Displayed volume less what users took, plus users' resting orders, at most `depth` levels."""
    return replace(
        displayed,
        bids=_merge(matcher, Side.BUY, displayed, now_ns)[:depth],
        asks=_merge(matcher, Side.SELL, displayed, now_ns)[:depth],
    )


def _merge(
    matcher: SecurityMatcher, side: Side, displayed: OrderBook, now_ns: int
) -> tuple[DepthLevel, ...]:
    levels = displayed.bids if side is Side.BUY else displayed.asks
    book = DisplayedBook.from_levels(displayed.bids, displayed.asks)
    shown = matcher.available(side, book, now_ns)
    counts = {price_key(level.price): level.order_count for level in levels}
    merged = {key: DepthLevel(float(key_price(key)), v, counts[key]) for key, v in shown.items()}
    for order in matcher.book.side(side):
        _, volume, count = merged.get(order.key, (0.0, 0, 0))
        merged[order.key] = DepthLevel(
            float(key_price(order.key)), volume + order.quantity, count + 1
        )
    keys = sorted(merged, reverse=side is Side.BUY)
    return tuple(merged[key] for key in keys)
