"""Minute bars: a bridge from a day's open to its close that adds up to the day bar exactly.

Prices are counted in the day's steps and volumes in lots, so that every sum is a sum of whole
numbers: minutes hit the day's open, high, low, close, volume and turnover without any rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.market.randomness import Counters, lane, normals, spread_evenly, uniforms
from simulator.market.source import DayBars, MinuteBars

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUND_THE_CLOCK: Final = 1_000
"""A session of more minutes than this is a 23-hour one with a busy part of its own."""
_BUSY_PART: Final = (930, 1_320)
"""Minutes after the start of such a session: 9:30 to 16:00 where it starts at 18:00."""
_QUIET: Final = 0.18
_NEWTON_STEPS: Final = 5
_BENDS: Final = 3
_STEEPEST: Final = 6.0
"""Bound of the tilt; beyond it a day would squeeze its volume into a few minutes."""
_FORCED: Final = 4
"""Lots that a minute with all of open, high, low and close needs at least."""
_PLENTY: Final = 60
"""Lots of a minute most of which can trade at any price of its range."""


@dataclass(frozen=True, slots=True)
class MinuteShocks:
    """Where a security's minute-to-minute moves come from: (stream key, weight) pairs.

    For a batch of securities each key and weight is a column of shape (securities, 1).
    """

    sources: tuple[tuple[int | Counters, float | Floats], ...]
    own_key: int | Counters


@lru_cache(maxsize=64)
def weights(lengths: tuple[int, ...], quiet: tuple[bool, ...]) -> Floats:
    """Share of a day's variance that falls into each minute.

    A double U: busy after the open and before the close of every session, the day's first and last
    most of all. Source: market microstructure literature [S].

    Args:
        lengths: Minutes of each session.
        quiet: Whether the session is a night session.
    """
    parts = []
    for i, (length, is_quiet) in enumerate(zip(lengths, quiet, strict=True)):
        x = np.linspace(0.0, 1.0, length)
        opening = 2.2 if i == 0 or quiet[i - 1] else 0.8
        closing = 1.1 if i == len(lengths) - 1 else 0.25
        part = 1 + opening * np.exp(-9 * x) + closing * np.exp(-8 * (1 - x))
        if length > _ROUND_THE_CLOCK:
            part[: _BUSY_PART[0]] *= _QUIET
            part[_BUSY_PART[1] :] *= _QUIET
        parts.append(part * (_QUIET if is_quiet else 1.0))
    joined = np.concatenate(parts)
    share: Floats = joined / joined.sum()
    return share


def minute_bars(
    bars: DayBars, first: int, minutes: NDArray[np.uint64], share: Floats, shocks: MinuteShocks
) -> list[MinuteBars]:
    """The minutes of consecutive rows of `bars` that have sessions of the same lengths.

    Args:
        bars: The day bars.
        first: The first row; there are as many as `minutes` has.
        minutes: Minutes since the UTC epoch, shape (days, minutes); the counters of all draws.
        share: Weight of each minute of the day, from `weights`.
        shocks: Streams that move the price.
    """
    rows = slice(first, first + len(minutes))
    day = Days.of(bars, rows)
    made = minute_table(day, bars.sigma[rows].astype(np.float64), minutes, share, shocks)
    o, h, l, c, traded = (  # noqa: E741
        x.astype(np.int32) for x in (made.open, made.high, made.low, made.close, made.lots)
    )
    return [
        MinuteBars(int(day.step[i]), o[i], h[i], l[i], c[i], traded[i], made.value[i])
        for i in range(len(minutes))
    ]


@dataclass(frozen=True, slots=True)
class MinuteTable:
    """Minutes of several days, or of several securities on one day: shape (rows, minutes)."""

    open: Ints
    high: Ints
    low: Ints
    close: Ints
    lots: Ints
    value: Ints


def minute_table(
    day: Days,
    sigma: Floats,
    minutes: NDArray[np.uint64],
    share: Floats,
    shocks: MinuteShocks,
) -> MinuteTable:
    """The minutes of some days, in whole steps and lots.

    Args:
        day: The days.
        sigma: Deviation of each day's log price, shape (days,).
        minutes: Minutes since the UTC epoch, shape (days, minutes).
        share: Weight of each minute of the day, from `weights`.
        shocks: Streams that move the price.
    """
    path = _paths(day, sigma, minutes, share, shocks)
    lots = _volumes(day, path, share, normals(lane(shocks.own_key, 23), minutes))
    _fit_to_lots(path, lots)
    value = _values(day, path, lots)
    return MinuteTable(path.o, path.h, path.l, path.c, lots, value)


@dataclass(frozen=True, slots=True)
class Days:
    """Columns of shape (days,) in whole steps and lots."""

    step: Ints
    o: Ints
    h: Ints
    l: Ints  # noqa: E741
    c: Ints
    lots: Ints
    value: Ints

    @classmethod
    def of(cls, bars: DayBars, rows: slice) -> Days:
        """Some rows of a security's days."""
        names = ("step", "open", "high", "low", "close", "lots", "value")
        return cls(*(getattr(bars, name)[rows].astype(np.int64) for name in names))


@dataclass(slots=True)
class _Path:
    """Minutes of several days, shape (days, minutes), in whole steps."""

    o: Ints
    h: Ints
    l: Ints  # noqa: E741
    c: Ints
    activity: Floats
    typical: Floats
    """Average price of each minute if nothing forces another one."""


def _paths(
    day: Days,
    sigma: Floats,
    minutes: NDArray[np.uint64],
    share: Floats,
    shocks: MinuteShocks,
) -> _Path:
    """Brownian bridges whose extremes are stretched onto the day's high and low."""
    spread = np.sqrt(share) * sigma[:, None]
    z = sum(weight * normals(key, minutes) for key, weight in shocks.sources)
    walk = np.cumsum(z * spread, axis=1)
    elapsed = np.cumsum(share)
    start, end = np.log(day.o)[:, None], np.log(day.c)[:, None]
    close = start + walk - elapsed * walk[:, -1:] + elapsed * (end - start)
    opening = np.concatenate([start, close[:, :-1]], axis=1)
    square = (close - opening) ** 2
    within = 2 * spread**2
    middle = opening + close
    up = np.sqrt(square - within * np.log(uniforms(lane(shocks.own_key, 21), minutes)))
    down = np.sqrt(square - within * np.log(uniforms(lane(shocks.own_key, 22), minutes)))
    high, low = 0.5 * (middle + up), 0.5 * (middle - down)
    activity = np.abs(close - opening) / np.maximum(spread, 1e-12)
    stretched = _bend(day, (opening, high, low, close), share, elapsed)
    return _round_path(day, stretched, activity, minutes, shocks.own_key)


def _bend(
    day: Days, logs: tuple[Floats, Floats, Floats, Floats], share: Floats, elapsed: Floats
) -> list[Floats]:
    """Add the arc that makes a path's average price the day's, then hit its high and low.

    The arc is the shape that a bridge takes on when its mean is given.
    """
    at_close = elapsed * (1 - elapsed)
    at_open = np.concatenate([[0.0], at_close[:-1]])
    between = 0.5 * (at_open + at_close)
    arcs = (at_open, between, between, at_close)
    wanted = np.log(day.value / day.lots)
    size = np.zeros(len(wanted))
    bent = _stretch(day, logs)
    for _ in range(_BENDS):
        # No matrix products: their last digit may depend on how many days are made at once.
        missing = wanted - 0.25 * sum((x * share).sum(axis=1) for x in bent)
        size = size + missing / (at_close * share).sum()
        arced = tuple(x + size[:, None] * arc for x, arc in zip(logs, arcs, strict=True))
        bent = _stretch(day, arced)
    return bent


def _stretch(day: Days, logs: tuple[Floats, ...]) -> list[Floats]:
    """Scale what lies above and below the day's body, so that its high and low are hit."""
    _, high, low, _ = logs
    top = np.log(np.maximum(day.o, day.c))[:, None]
    bottom = np.log(np.minimum(day.o, day.c))[:, None]
    above = np.maximum(high.max(axis=1, keepdims=True) - top, 1e-12)
    below = np.maximum(bottom - low.min(axis=1, keepdims=True), 1e-12)
    up = (np.log(day.h)[:, None] - top) / above
    down = (bottom - np.log(day.l)[:, None]) / below
    return [
        np.clip(x, bottom, top) + np.maximum(x - top, 0.0) * up - np.maximum(bottom - x, 0.0) * down
        for x in logs
    ]


def _round_path(
    day: Days,
    logs: list[Floats],
    activity: Floats,
    minutes: NDArray[np.uint64],
    key: int | Counters,
) -> _Path:
    """Put a path on the grid; opens step off the last close now and then."""
    _, high, low, close = (np.rint(np.exp(x)).astype(np.int64) for x in logs)
    close = np.clip(close, day.l[:, None], day.h[:, None])
    close[:, -1] = day.c
    opening = np.empty_like(close)
    opening[:, 0] = day.o
    draw = uniforms(lane(key, 24), minutes[:, 1:])
    hop = (draw > 0.8).astype(np.int64) - (draw < 0.2)
    opening[:, 1:] = np.clip(close[:, :-1] + hop, day.l[:, None], day.h[:, None])
    high = np.minimum(np.maximum(high, np.maximum(opening, close)), day.h[:, None])
    low = np.maximum(np.minimum(low, np.minimum(opening, close)), day.l[:, None])
    _touch(high, day.h, np.maximum)
    _touch(low, day.l, np.minimum)
    typical = (opening + high + low + close) / 4.0
    return _Path(opening, high, low, close, activity, typical)


def _touch(extreme: Ints, wanted: Ints, pick: np.ufunc) -> None:
    """Where no minute reaches the day's extreme, let the nearest one do so."""
    rows = np.flatnonzero(pick.reduce(extreme, axis=1) != wanted)
    if len(rows):
        nearest = np.abs(extreme[rows] - wanted[rows, None]).argmin(axis=1)
        extreme[rows, nearest] = wanted[rows]


def _volumes(day: Days, path: _Path, share: Floats, noise: Floats) -> Ints:
    """Lots of each minute, tilted so that their average price is near the day's."""
    base = share * np.exp(0.55 * noise + 0.35 * np.minimum(path.activity, 4.0))
    width = np.maximum(day.h - day.l, 1)[:, None]
    typical = (path.typical - day.l[:, None]) / width
    wanted = (day.value / day.lots - day.l)[:, None] / width
    tilt = np.zeros_like(wanted)
    tilted = base
    for _ in range(_NEWTON_STEPS):
        total = tilted.sum(axis=1, keepdims=True)
        mean = (tilted * typical).sum(axis=1, keepdims=True) / total
        variance = (tilted * typical**2).sum(axis=1, keepdims=True) / total - mean**2
        tilt = np.clip(tilt + (wanted - mean) / np.maximum(variance, 1e-3), -_STEEPEST, _STEEPEST)
        tilted = base * np.exp(tilt * (typical - wanted))
    lots = spread_evenly(tilted, day.lots)
    _feed_key_minutes(day, path, lots)
    return lots


def _feed_key_minutes(day: Days, path: _Path, lots: Ints) -> None:
    """Give the minutes that carry the day's open, close, high and low the lots they need."""
    rows = np.arange(len(lots))
    last = np.full(len(lots), lots.shape[1] - 1)
    _feed(lots, rows, np.zeros_like(last), 1)
    _feed(lots, rows, last, 1)
    _feed(lots, rows, np.where(path.h == day.h[:, None], lots, -1).argmax(axis=1), _FORCED)
    _feed(lots, rows, np.where(path.l == day.l[:, None], lots, -1).argmax(axis=1), _FORCED)


def _feed(lots: Ints, rows: Ints, columns: Ints, needed: int) -> None:
    missing = np.maximum(needed - lots[rows, columns], 0)
    if missing.any():
        richest = lots.argmax(axis=1)
        lots[rows, columns] += missing
        lots[rows, richest] -= missing


def _fit_to_lots(path: _Path, lots: Ints) -> None:
    """Minutes of few lots cannot show four prices; minutes of none repeat the last close."""
    path.c[:, 0] = np.where(lots[:, 0] == 1, path.o[:, 0], path.c[:, 0])
    single = lots <= 1
    path.o = np.where(single, path.c, path.o)
    top, bottom = np.maximum(path.o, path.c), np.minimum(path.o, path.c)
    path.h = np.where(lots <= 2, top, path.h)
    path.l = np.where((lots <= 2) | ((lots == 3) & (path.h > top)), bottom, path.l)
    empty = lots == 0
    if empty.any():
        columns = np.arange(lots.shape[1])
        traded = np.maximum.accumulate(np.where(empty, 0, columns), axis=1)
        carried = np.take_along_axis(path.c, traded, axis=1)
        for name in ("o", "h", "l", "c"):
            setattr(path, name, np.where(empty, carried, getattr(path, name)))


def _reach(path: _Path, lots: Ints) -> tuple[Ints, Ints, Ints]:
    """Least, natural and greatest sum of price times lots that each minute's bar allows."""
    has_high = (path.h > np.maximum(path.o, path.c)).astype(np.int64)
    has_low = (path.l < np.minimum(path.o, path.c)).astype(np.int64)
    forced = path.o + path.c + has_high * path.h + has_low * path.l
    count = 2 + has_high + has_low
    short = lots < 2
    forced = np.where(short, path.c * lots, forced)
    free = np.where(short, 0, lots - count)
    natural = np.rint(free * np.clip(path.typical, path.l, path.h)).astype(np.int64)
    return forced + free * path.l, forced + natural, forced + free * path.h


def _values(day: Days, path: _Path, lots: Ints) -> Ints:
    """Price steps times lots of each minute, exactly adding up to the day's.

    The last gap is spread over the minutes in proportion to the room that their bars leave. Should
    the bars leave too little, those of four lots and more are widened to the day's range; should
    that not do either, the day's lots are gathered in fewer minutes.
    """
    value, gap, room = _gap(day, path, lots)
    stuck = room.sum(axis=1) < np.abs(gap)
    if stuck.any():
        _widen(day, path, (lots >= _FORCED) & stuck[:, None], gap)
        value, gap, room = _gap(day, path, lots)
        stuck = room.sum(axis=1) < np.abs(gap)
    if stuck.any():
        _gather(day, path, lots, stuck)
        wide = (lots >= _FORCED) & stuck[:, None]
        _widen(day, path, wide, np.ones_like(gap))
        _widen(day, path, wide, -np.ones_like(gap))
        value, gap, room = _gap(day, path, lots)
    reach = np.maximum(room.sum(axis=1), 1)[:, None]
    moved = np.rint(np.cumsum(room, axis=1) / reach * np.abs(gap)[:, None]).astype(np.int64)
    exact: Ints = value + np.sign(gap)[:, None] * np.diff(moved, axis=1, prepend=0)
    return exact


def _gap(day: Days, path: _Path, lots: Ints) -> tuple[Ints, Ints, Ints]:
    """Natural values, what they lack to the day's, and how far each minute can move that way."""
    least, value, most = _reach(path, lots)
    gap = day.value - value.sum(axis=1)
    return value, gap, np.where((gap > 0)[:, None], most - value, value - least)


def _widen(day: Days, path: _Path, which: NDArray[np.bool_], gap: Ints) -> None:
    up = which & (gap > 0)[:, None]
    down = which & (gap < 0)[:, None]
    path.h = np.where(up, day.h[:, None], path.h)
    path.l = np.where(down, day.l[:, None], path.l)


def _gather(day: Days, path: _Path, lots: Ints, rows: NDArray[np.bool_]) -> None:
    """Trade only in as many minutes as can have plenty of lots each, evenly over the day."""
    columns = np.arange(lots.shape[1])
    for row in np.flatnonzero(rows).tolist():
        every = max(lots.shape[1] * _PLENTY // int(day.lots[row]), 1)
        kept = columns % every == 0
        kept[-1] = True
        kept[[path.h[row].argmax(), path.l[row].argmin()]] = True
        lots[row] = spread_evenly(kept[None, :] * 1.0, day.lots[row : row + 1])[0]
    _fit_to_lots(path, lots)


def shock_sources(
    factor_key: int, mover_key: int, own_key: int, *, follows: bool, tilt: float, sign: float
) -> MinuteShocks:
    """Minute moves: part the market's, part the mover's, and for followers a trace of their own.

    Args:
        factor_key: Stream of the market's minutes.
        mover_key: Stream of the mover's minutes.
        own_key: Stream of the security.
        follows: Whether it follows another mover.
        tilt: The mover's beta.
        sign: -1 for inverse funds.
    """
    common = min(max(0.5 * tilt, -0.9), 0.9)
    rest = sqrt(1 - common**2)
    if not follows:
        return MinuteShocks(((factor_key, common), (mover_key, rest)), own_key)
    sources = ((factor_key, sign * common), (mover_key, sign * rest * 0.98), (own_key, rest * 0.2))
    return MinuteShocks(sources, own_key)
