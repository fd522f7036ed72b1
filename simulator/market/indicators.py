"""Technical indicators over many securities at once, in the formulas that are usual in China.

Every function takes and gives arrays of shape (securities, bars), oldest bar first. Where there is
too little history the result is not a number, which fulfils no comparison. Source: [D] formulas of
the Tongdaxin and Futu chart software; [I] recursive averages start at the first bar given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_DIGITS: Final = 9
"""Decimals of a mean; hides the noise of running sums, so that equal means are equal."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Prices of several securities, the running bar last."""

    high: Floats
    low: Floats
    close: Floats


def _windows(values: Floats, size: int, reduce: Callable[..., Floats]) -> Floats:
    """`reduce` over the last `size` bars; nothing where there are fewer."""
    found = np.full(values.shape, np.nan)
    if size <= values.shape[1]:
        found[:, size - 1 :] = reduce(sliding_window_view(values, size, axis=1), axis=2)
    return found


def _recursive(values: Floats, weight: float, start: Floats | None = None) -> Floats:
    """Y = weight * x + (1 - weight) * y before, from the first number of each row on."""
    found = np.full(values.shape, np.nan)
    before = np.full(len(values), np.nan) if start is None else start
    for bar in range(values.shape[1]):
        x = values[:, bar]
        mixed = weight * x + (1 - weight) * before
        before = np.where(np.isnan(x), before, np.where(np.isnan(before), x, mixed))
        found[:, bar] = np.where(np.isnan(x), np.nan, before)
    return found


def ma(close: Floats, period: int) -> Floats:
    """Simple mean of the last `period` closes."""
    known = ~np.isnan(close)
    sums, counts = (
        np.cumsum(column, axis=1) for column in (np.where(known, close, 0.0), known * 1.0)
    )
    for column in (sums, counts):
        column[:, period:] = column[:, period:] - column[:, :-period]
    found: Floats = np.where(counts == period, np.round(sums / period, _DIGITS), np.nan)
    return found


def ema(close: Floats, period: int) -> Floats:
    """Exponential mean of weight 2 / (period + 1)."""
    return _recursive(close, 2 / (period + 1))


def rsi(close: Floats, period: int) -> Floats:
    """Share of the rises in all moves, in percent; means of weight 1 / period."""
    moves = np.diff(close, axis=1, prepend=np.nan)
    rises = _recursive(np.maximum(moves, 0.0), 1 / period)
    total = _recursive(np.abs(moves), 1 / period)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, rises / total * 100, np.where(total == 0, 50.0, np.nan))


class Macd(NamedTuple):
    """DIFF, its mean DEA, and twice their distance."""

    diff: Floats
    dea: Floats
    macd: Floats


def macd(close: Floats, fast: int, slow: int, signal: int) -> Macd:
    """Distance of a fast and a slow exponential mean."""
    diff = ema(close, fast) - ema(close, slow)
    dea = ema(diff, signal)
    return Macd(diff, dea, 2 * (diff - dea))


class Kdj(NamedTuple):
    """K, its mean D, and J = 3 K - 2 D."""

    k: Floats
    d: Floats
    j: Floats


def kdj(bars: Bars, period: int, smooth_k: int, smooth_d: int) -> Kdj:
    """Where the close lies in the range of the last `period` bars, smoothed twice from 50 on."""
    top = _windows(bars.high, period, np.max)
    bottom = _windows(bars.low, period, np.min)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (bars.close - bottom) / (top - bottom) * 100
    raw = np.where(top == bottom, 50.0, inside)
    start = np.full(len(raw), 50.0)
    k = _recursive(raw, 1 / smooth_k, start)
    d = _recursive(k, 1 / smooth_d, start)
    return Kdj(k, d, 3 * k - 2 * d)


class Boll(NamedTuple):
    """A simple mean with a band around it."""

    upper: Floats
    middle: Floats
    lower: Floats


def boll(close: Floats, period: int, width: float) -> Boll:
    """The band is `width` standard deviations, of the sample, away."""
    middle = ma(close, period)
    spread = np.zeros_like(close)
    if period > 1:
        spread = _windows(close, period, lambda x, axis: x.std(axis=axis, ddof=1))
    return Boll(middle + width * spread, middle, middle - width * spread)


def before(values: Floats) -> Floats:
    """The value of the bar before."""
    return np.concatenate([np.full((len(values), 1), np.nan), values[:, :-1]], axis=1)


def crosses_up(first: Floats, second: Floats) -> Flags:
    """Below on the bar before, above on this one."""
    flags: Flags = (before(first) < before(second)) & (first > second)
    return flags


def is_ordered(lines: list[Floats]) -> Flags:
    """Each line above the next, on this bar and on the one before."""
    held = np.ones(lines[0].shape, np.bool_)
    for upper, lower in pairwise(lines):
        held &= (upper > lower) & (before(upper) > before(lower))
    return held


def diverges(close: Floats, measure: Floats) -> Flags:
    """At the last of two adjacent peaks the close is higher than at the first, the measure lower.

    A peak is a close above its neighbours', so it is known one bar later; the flag is up on that
    bar. For troughs pass both negated.
    """
    flags = np.zeros(close.shape, np.bool_)
    middle = close[:, 1:-1]
    peaks = (middle > close[:, :-2]) & (middle > close[:, 2:])
    for row in range(len(close)):
        at = np.flatnonzero(peaks[row]) + 1
        if len(at) < 2:
            continue
        old, new = at[:-1], at[1:]
        higher = close[row, new] > close[row, old]
        flags[row, new[higher & (measure[row, new] < measure[row, old])] + 1] = True
    return flags
