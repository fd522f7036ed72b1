"""The prints of one minute, drawn freely and then repaired until they add up to its bar exactly."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, TradeDirection
from simulator.market.randomness import uniforms
from simulator.market.source import MinuteBars, MinuteTicks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_PRINTS: Final = 160
"""Of one minute; keeps a busy minute cheap to make."""
_STAY: Final = 0.72
"""How often a print at an unchanged price takes the side of the one before."""
_NOTHING: Final = MinuteTicks([], [], [], [])


def minute_ticks(
    bars: MinuteBars, minute: int, usual: float, key: int, *, has_sides: bool
) -> MinuteTicks:
    """Prints of a minute: the first at its open, the last at its close.

    Args:
        bars: The day's minutes.
        minute: Which one.
        usual: Prints of a minute of usual volume.
        key: Stream of this minute alone.
        has_sides: False for securities whose prints have no direction.
    """
    lots = int(bars.lots[minute])
    if lots == 0:
        return _NOTHING
    forced = _forced_prices(bars, minute, lots)
    mean = max(float(bars.lots.sum()) / len(bars), 1.0)
    body = _body_count(lots, len(forced), usual * (lots / mean) ** 0.6)
    draws = uniforms(key, np.arange(4 * body + 2 * (body + 6), dtype=np.uint64))
    prices, sizes = _body(bars, minute, lots - len(forced), body, draws)
    prices, sizes = _repair(
        prices,
        sizes,
        int(bars.value[minute]) - sum(forced),
        int(bars.low[minute]),
        int(bars.high[minute]),
    )
    price, size = _insert_forced(prices.tolist(), sizes.tolist(), forced, draws)
    rest = draws[4 * body :]
    return MinuteTicks(
        _offsets(rest[: len(price)]),
        price,
        size,
        _directions(price, rest[len(price) :].tolist(), has_sides=has_sides),
    )


def _forced_prices(bars: MinuteBars, minute: int, lots: int) -> list[int]:
    """Open and close, then high and low where these are others; one lot each."""
    o, c = int(bars.open[minute]), int(bars.close[minute])
    if lots == 1:
        return [o]
    h, low = int(bars.high[minute]), int(bars.low[minute])
    return [o, c] + [h] * (h > max(o, c)) + [low] * (low < min(o, c))


def _body_count(lots: int, forced: int, wanted: float) -> int:
    free = lots - forced
    return min(free, max(1, min(round(wanted), MOST_PRINTS) - forced))


def _body(bars: MinuteBars, minute: int, lots: int, count: int, draws: Floats) -> tuple[Ints, Ints]:
    """A lazy random walk from open to close, and sizes with a long tail."""
    if count == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    move, gate, size, tail = draws[: 4 * count].reshape(4, count)
    walk = np.cumsum(np.where(move < 0.5, -1, 1) * (gate < 0.4))
    along = np.arange(1, count + 1) / (count + 1)
    o, c = int(bars.open[minute]), int(bars.close[minute])
    line = o + (c - o) * along + walk - along * walk[-1]
    prices = np.clip(np.rint(line), int(bars.low[minute]), int(bars.high[minute]))
    weight = -np.log(size) / np.sqrt(tail)
    running = np.cumsum(weight)
    extra = np.rint(running / running[-1] * (lots - count)).astype(np.int64)
    return prices.astype(np.int64), np.diff(extra, prepend=0) + 1


def _repair(prices: Ints, sizes: Ints, target: int, low: int, high: int) -> tuple[Ints, Ints]:
    """Move prices inside [low, high] until the sum of price times size is `target`.

    First all together, then one step each in turn, then as far as needed; the last print that has
    to move by less than its size is split in two.
    """
    for _ in range(3):
        gap = target - int(prices @ sizes)
        shift = int(gap / int(sizes.sum())) if len(sizes) else 0
        if shift == 0:
            break
        prices = np.clip(prices + shift, low, high)
    for reach in (1, high - low):
        gap = target - int(prices @ sizes)
        if gap == 0:
            break
        prices, sizes = _move_in_turn(prices, sizes, gap, reach, (low, high))
    return prices, sizes


def _move_in_turn(
    prices: Ints, sizes: Ints, gap: int, reach: int, bounds: tuple[int, int]
) -> tuple[Ints, Ints]:
    sign = 1 if gap > 0 else -1
    room = bounds[1] - prices if gap > 0 else prices - bounds[0]
    room = np.minimum(room, reach)
    filled = np.cumsum(room * sizes)
    at = int(np.searchsorted(filled, abs(gap)))
    moved = prices.copy()
    moved[:at] += sign * room[:at]
    if at == len(prices):
        return moved, sizes
    rest = abs(gap) - (int(filled[at - 1]) if at else 0)
    whole, part = divmod(rest, int(sizes[at]))
    moved[at] += sign * whole
    if part == 0:
        return moved, sizes
    split = sizes.copy()
    split[at] -= part
    return np.insert(moved, at, moved[at] + sign), np.insert(split, at, part)


def _insert_forced(
    prices: list[int], sizes: list[int], forced: list[int], draws: Floats
) -> tuple[list[int], list[int]]:
    """Put the extremes at random places inside, the open first and the close last."""
    for price, draw in zip(forced[2:], draws[-2:].tolist(), strict=False):
        at = int(draw * (len(prices) + 1))
        prices.insert(at, price)
        sizes.insert(at, 1)
    prices.insert(0, forced[0])
    sizes.insert(0, 1)
    if len(forced) > 1:
        prices.append(forced[1])
        sizes.append(1)
    return prices, sizes


def _offsets(draws: Floats) -> list[int]:
    count = len(draws)
    times = np.sort((draws * (NS_PER_MINUTE - count - 1)).astype(np.int64))
    offsets: list[int] = (times + np.arange(1, count + 1)).tolist()
    return offsets


def _directions(prices: list[int], draws: list[float], *, has_sides: bool) -> list[int]:
    """Upticks are buys, downticks sells; unchanged prices mostly keep the side before."""
    if not has_sides:
        return [int(TradeDirection.NEUTRAL)] * len(prices)
    buy, sell = int(TradeDirection.BUY), int(TradeDirection.SELL)
    side = buy if draws[-1] < 0.5 else sell
    before = prices[0]
    found = []
    for price, draw in zip(prices, draws, strict=False):
        if price != before:
            side = buy if price > before else sell
        elif draw > _STAY:
            side = buy + sell - side
        found.append(side)
        before = price
    return found
