"""The displayed order book: a pure function of the last public print and of the time."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import DepthLevel, TradeDirection
from simulator.market.price_grid import PRICE_UNITS, PriceGrid, to_units
from simulator.market.randomness import lane, stream_key, uniform, uniforms
from simulator.market.source import Liquidity

_SLOTS_A_LIFE: Final = 8
"""A level keeps its volume for so many refreshes, levels not all at once."""
_HUMP: Final = np.array([0.55, 0.85, 1.1, 1.2, 1.2, 1.1, 1.0, 0.95, 0.9, 0.85])
"""Mean volume by distance from the best. Source: [S] the hump is at the second to fourth level."""
_WIDEST: Final = 12
WIDEST_SPREAD: Final = 1 + _WIDEST
"""Most ticks between the displayed best prices."""
_ORDER_LOTS: Final = 9.0

Levels = tuple[DepthLevel, ...]


@dataclass(frozen=True, slots=True)
class BookMoment:
    """What the displayed book depends on."""

    last: float
    direction: TradeDirection
    sequence: int
    """Of the last public print."""
    previous_close: float
    day: int
    slot: int
    """Number of the refresh interval."""


def best_rungs(grid: PriceGrid, liquidity: Liquidity, moment: BookMoment) -> tuple[int, int]:
    """Best bid and ask as rungs of the grid.

    A buy printed at the best ask, a sell at the best bid; the other side is a spread away.
    """
    rung = grid.rung(to_units(moment.last))
    draw = uniform(lane(liquidity.key, 1), moment.sequence)
    wider = 1.0 - 1.0 / liquidity.spread
    extra = int(log(draw) / log(wider)) if wider > 0 else 0
    spread = 1 + min(extra, _WIDEST)
    if moment.direction is TradeDirection.BUY:
        return max(rung - spread, 1), rung
    return rung, rung + spread


def displayed_levels(
    grid: PriceGrid, liquidity: Liquidity, moment: BookMoment, depth: int
) -> tuple[Levels, Levels]:
    """Bids and asks, best first; fewer than `depth` where a price limit or zero is near."""
    bid, ask = best_rungs(grid, liquidity, moment)
    steps = np.arange(depth)
    rungs = np.concatenate([bid - steps, ask + steps])
    inside = _inside(grid, liquidity, moment, rungs)
    prices = grid.prices(rungs) / PRICE_UNITS
    lots, orders = _volumes(liquidity, moment, rungs, np.concatenate([steps, steps]))
    volumes = lots * max(liquidity.lot, 1)
    rows = zip(prices.tolist(), volumes.tolist(), orders.tolist(), inside.tolist(), strict=True)
    levels = [DepthLevel(price, volume, count) if ok else None for price, volume, count, ok in rows]
    return (
        tuple(level for level in levels[:depth] if level is not None),
        tuple(level for level in levels[depth:] if level is not None),
    )


def _inside(
    grid: PriceGrid, liquidity: Liquidity, moment: BookMoment, rungs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    if liquidity.limit is None:
        return rungs >= 1
    close = moment.previous_close * PRICE_UNITS
    prices = grid.prices(rungs)
    slack = int(grid.ticks[0]) // 2
    top = close * (1 + liquidity.limit) + slack
    bottom = close * (1 - liquidity.limit) - slack
    return (prices <= top) & (prices >= bottom) & (rungs >= 1)


def _volumes(
    liquidity: Liquidity,
    moment: BookMoment,
    rungs: NDArray[np.int64],
    distance: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lots and orders of each level. A level keeps them for some refreshes, the best till a print."""
    key = stream_key(liquidity.key, "book", moment.day)
    places = rungs.astype(np.uint64)
    phase = (uniforms(lane(key, 0), places) * _SLOTS_A_LIFE).astype(np.int64)
    epoch = (moment.slot + phase) // _SLOTS_A_LIFE
    epoch = np.where(distance == 0, epoch + moment.sequence, epoch)
    counters = (rungs * 2**40 + epoch).astype(np.uint64)
    lanes = np.array([[lane(key, 1)], [lane(key, 2)], [lane(key, 3)]], np.uint64)
    body, tail, crowding = uniforms(lanes, counters)  # in one go: for so few numbers calls are dear
    long_tail: NDArray[np.float64] = tail**-0.5
    heavy = -np.log(body) * long_tail
    hump = _HUMP[np.minimum(distance, len(_HUMP) - 1)]
    lots = np.maximum(np.rint(0.55 * liquidity.level_lots * hump * heavy), 1.0)
    crowd = np.rint(lots / _ORDER_LOTS * (0.6 + 0.8 * crowding))
    orders = np.clip(crowd, 1, np.minimum(lots, 400))
    return lots.astype(np.int64), orders.astype(np.int64)
