"""The displayed book of a security that market makers quote around its value."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np

from simulator.domain import DepthLevel
from simulator.market.books import Levels
from simulator.market.price_grid import PRICE_UNITS, PriceGrid, to_units
from simulator.market.randomness import lane, stream_key, uniforms
from simulator.market.source import Liquidity

_WIDTH: Final = 0.012
"""Spread over the value, where that is more than a tick. [S]"""


@dataclass(frozen=True, slots=True)
class QuoteMoment:
    """What the quotes depend on."""

    value: float
    day: int
    slot: int
    """Number of the refresh interval."""


def quoted_levels(
    grid: PriceGrid, liquidity: Liquidity, moment: QuoteMoment, depth: int
) -> tuple[Levels, Levels]:
    """Bids and asks, best first: the value lies between them, or on the bid where it has a tick.

    There is no bid where the value is below a tick.
    """
    half = moment.value * _WIDTH * (liquidity.spread - 1.0) / 2
    tick = grid.tick_at(max(to_units(moment.value), 1)) / PRICE_UNITS
    low = to_units(floor((moment.value - half) / tick + 1e-9) * tick)
    high = to_units(ceil((moment.value + half) / tick - 1e-9) * tick)
    high = max(high, low + to_units(tick))
    bid, ask = grid.rung(low) if low > 0 else 0, grid.rung(high)
    steps = np.arange(depth)
    rungs = np.concatenate([bid - steps, ask + steps])
    prices = (grid.prices(np.maximum(rungs, 1)) / PRICE_UNITS).tolist()
    key = stream_key(liquidity.key, "quotes", moment.day, moment.slot)
    cells = np.arange(2 * depth, dtype=np.uint64)
    far = np.concatenate([steps, steps])
    spread = 0.4 + 1.2 * uniforms(lane(key, 0), cells)
    lots = np.maximum(np.rint(liquidity.level_lots * spread * (1 + 0.5 * far)), 1)
    orders = 1 + (3 * uniforms(lane(key, 1), cells)).astype(np.int64)
    levels = [
        DepthLevel(price, int(size) * liquidity.lot, int(min(count, size)))
        for price, size, count in zip(prices, lots.tolist(), orders.tolist(), strict=True)
    ]
    bids = [level for level, rung in zip(levels[:depth], rungs[:depth], strict=True) if rung >= 1]
    return tuple(bids), tuple(levels[depth:])
