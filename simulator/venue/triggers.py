"""When a sleeping order wakes: stop, if-touched and trailing orders against the last price.

Source: [D] the order types and which price each takes; [V] orders wake on
    the last trade.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from simulator.domain import OrderType, Side, Trail, TrailKind

_STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_HUNDRED: Final = Decimal(100)


def is_touched(order_type: OrderType, side: Side, aux_price: Decimal, last: Decimal) -> bool:
    """Whether a price wakes a stop or an if-touched order.

    A stop buys once the price has risen to it and sells once it has fallen to it; an if-touched
    order the other way round.
    """
    waits_for_rise = (side is Side.BUY) == (order_type in _STOPS)
    return last >= aux_price if waits_for_rise else last <= aux_price


def followed(side: Side, watermark: Decimal | None, last: Decimal) -> Decimal:
    """The best price that a trailing order has seen: the highest for a sale, the lowest to buy."""
    if watermark is None:
        return last
    return max(watermark, last) if side is Side.SELL else min(watermark, last)


def stop_price(side: Side, trail: Trail, watermark: Decimal) -> Decimal:
    """Where a trailing order wakes."""
    distance = trail.value
    if trail.kind is TrailKind.RATIO:
        distance = watermark * trail.value / _HUNDRED
    return watermark - distance if side is Side.SELL else watermark + distance


def trailing_limit(side: Side, trail: Trail, stop: Decimal, tick: Decimal) -> Decimal:
    """The limit of a trailing stop-limit order that wakes at `stop`, on the tick, above zero.

    It is rounded so that the order trades no worse than the spread allows.
    """
    limit = stop - trail.spread if side is Side.SELL else stop + trail.spread
    rounding = ROUND_CEILING if side is Side.SELL else ROUND_FLOOR
    return max((limit / tick).to_integral_value(rounding) * tick, tick)
