"""Day bars of the long tail: any stretch of days of many companies at once.

The named securities' paths run from the first day on. Here a path hangs on a post a year: the posts
are drawn alone, and between two of them the days make a bridge. So a stretch costs what it is long.
Suspensions and corporate actions do not happen in the long tail. Source: [I].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Venue
from simulator.market.characters import LEAST_DAY_LOTS, TRADING_DAYS_A_YEAR, Character
from simulator.market.daily import ANCHOR, LEAST_PRICE_STEPS, DailyLayer, scan
from simulator.market.price_grid import PRICE_UNITS, GridHistory
from simulator.market.randomness import heavy_tailed, lane, normals, uniforms
from simulator.market.source import DayBars

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

_POST_DAYS: Final = 256
_POST_SPREAD: Final = 0.9
"""Deviation of the posts as a part of a year's own volatility."""
_PULL_DAYS: Final = 1_000.0
_COMMON_MOST: Final = {Venue.CN_STOCK: 0.027}
"""How far a market moves in a day, as a log, where prices have daily limits."""
_OWN_MOST: Final = {None: 0.3, 0.1: 0.035, 0.2: 0.1}
"""By daily limit: how far a company's own news move its price in a day, as a log."""
_LANES: Final = 64
_CHUNK: Final = 128
"""Companies made at a time; keeps what is worked on in the processor's cache."""


@dataclass(frozen=True, slots=True)
class DayBlock:
    """A stretch of a venue's trading days of several companies, arrays of shape (companies, days).

    Prices are whole numbers of `step`, which counts millionths. Before a listing there is nothing,
    whatever stands there.
    """

    first: int
    """Number of the first day among the venue's."""
    listed: Ints
    """Number of each company's first day among the venue's."""
    step: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    previous_close: Ints
    lots: Ints
    value: Ints
    sigma: Floats


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a company is like, one row each."""

    key: Keys
    beta: Floats
    own: Floats
    """Own deviation of a day's log price."""
    drift: Floats
    """A day's."""
    reference: Floats
    """Log of the reference price in millionths."""
    lots: Floats
    usual: Floats
    """Usual deviation of a day's log price."""
    own_most: Floats
    top: Floats
    """Highest price of a day as a log from the close before; infinite without a limit."""
    bottom: Floats

    @classmethod
    def of(cls, characters: Sequence[Character]) -> _Columns:
        rows = [_traits(character) for character in characters]
        table = np.array(rows).T[:, :, None]
        keys = np.array([character.key for character in characters], np.uint64)[:, None]
        return cls(keys, *np.ascontiguousarray(table))


def _traits(character: Character) -> tuple[float, ...]:
    mover, limit = character.mover, character.liquidity.limit
    day = sqrt(TRADING_DAYS_A_YEAR)
    own = sqrt(max(mover.volatility**2 - (mover.beta * 0.19) ** 2, (0.5 * mover.volatility) ** 2))
    return (
        mover.beta,
        own / day,
        mover.drift / TRADING_DAYS_A_YEAR,
        log(character.reference * PRICE_UNITS),
        character.lots_a_day,
        mover.volatility / day,
        _OWN_MOST[limit],
        log(1 + limit - 0.004) if limit else np.inf,
        log(1 - limit + 0.004) if limit else -np.inf,
    )


@dataclass(frozen=True, slots=True)
class _Market:
    """What all companies of a venue share, per trading day."""

    level: Floats
    sigma: Floats


class TailDays:
    """Makes day bars of the long tail.

    Args:
        daily: Knows the markets' common factors and trading days.
    """

    def __init__(self, daily: DailyLayer) -> None:
        self._daily = daily
        self._markets: dict[tuple[Venue, str], _Market] = {}

    def bars(self, character: Character, venue: Venue, grids: GridHistory) -> DayBars:
        """All days of one company since its listing."""
        days = self._daily.ordinals(venue)
        first = self.listing_row(character, venue)
        block = self.block([character], venue, grids, first, len(days))
        return DayBars(
            ordinals=days[first:].astype(np.int32),
            step=block.step[0].astype(np.int32),
            open=block.open[0].astype(np.int32),
            high=block.high[0].astype(np.int32),
            low=block.low[0].astype(np.int32),
            close=block.close[0].astype(np.int32),
            previous_close=block.previous_close[0],
            lots=block.lots[0].astype(np.int32),
            value=block.value[0],
            sigma=block.sigma[0].astype(np.float32),
        )

    def listing_row(self, character: Character, venue: Venue) -> int:
        """Number of a company's first day among the venue's trading days."""
        days = self._daily.ordinals(venue)
        return int(np.searchsorted(days, character.first_day.toordinal()))

    def block(
        self,
        characters: Sequence[Character],
        venue: Venue,
        grids: GridHistory,
        first: int,
        last: int,
    ) -> DayBlock:
        """Days `first` to `last`, exclusive, of companies that share a price grid."""
        start = max(first - 1, 0)
        parts = [
            self._part(characters[at : at + _CHUNK], venue, grids, start, last)
            for at in range(0, len(characters), _CHUNK)
        ]
        listed = [self.listing_row(character, venue) for character in characters]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        units = columns[5]
        before = units[:, :-1] if first else np.concatenate([units[:, :1], units[:, :-1]], axis=1)
        step, o, h, l, c, _, *rest = (column[:, first - start :] for column in columns)  # noqa: E741
        return DayBlock(first, np.array(listed), step, o, h, l, c, before, *rest)

    def _part(
        self,
        characters: Sequence[Character],
        venue: Venue,
        grids: GridHistory,
        first: int,
        last: int,
    ) -> tuple[NDArray[np.generic], ...]:
        columns = _Columns.of(characters)
        market = self._market(venue, characters[0].mover.factor)
        days = self._daily.ordinals(venue)
        anchor = int(np.searchsorted(days, ANCHOR.toordinal()))
        level = _levels(columns, market, max(first - 1, 0), last)
        path = columns.reference + level - _levels(columns, market, anchor, anchor + 1)
        path = path if first else np.concatenate([path[:, :1], path], axis=1)
        moves = _Moves(
            columns,
            days[first:last],
            np.ascontiguousarray(path[:, :-1]),
            np.ascontiguousarray(path[:, 1:]),
            np.sqrt((columns.beta * market.sigma[first:last]) ** 2 + columns.own**2),
            characters[0].gap_share,
        )
        return _on_grid(moves, grids)

    def _market(self, venue: Venue, factor: str) -> _Market:
        key = (venue, factor)
        if key not in self._markets:
            returns, sigma = self._daily.factor_on(factor, venue)
            most = _COMMON_MOST.get(venue, np.inf)
            level = scan(np.clip(returns, -most, most), exp(-1 / _PULL_DAYS))
            self._markets[key] = _Market(level, sigma)
        return self._markets[key]


@dataclass(frozen=True, slots=True)
class _Moves:
    """Days as log prices, before any rounding."""

    columns: _Columns
    days: Ints
    before: Floats
    close: Floats
    sigma: Floats
    gap: float

    def uniforms(self, number: int) -> Floats:
        """A draw for each company and day."""
        return uniforms(lane(self.columns.key, number), self.days.astype(np.uint64))

    def normals(self, number: int) -> Floats:
        """A normal draw for each company and day."""
        return normals(lane(self.columns.key, number), self.days.astype(np.uint64))


def _levels(columns: _Columns, market: _Market, first: int, last: int) -> Floats:
    """Log price of each company on some days, up to a constant of its own."""
    posts: Keys = np.arange(first // _POST_DAYS, (last - 1) // _POST_DAYS + 1).astype(np.uint64)
    begin = first // _POST_DAYS * _POST_DAYS
    inside: Keys = np.arange(begin, begin + len(posts) * _POST_DAYS).astype(np.uint64)
    key, own = columns.key[:, :, None], columns.own[:, :, None]
    most = columns.own_most[:, :, None]
    steps = np.clip(
        own * heavy_tailed(lane(key, _LANES), inside.reshape(len(posts), -1)), -most, most
    )
    walk = np.cumsum(steps, axis=2)
    spread = own * (_POST_SPREAD * sqrt(TRADING_DAYS_A_YEAR))
    post = spread * normals(lane(key, _LANES + 1), posts[:, None])
    next_post = spread * normals(lane(key, _LANES + 1), posts[:, None] + np.uint64(1))
    along = np.arange(1, _POST_DAYS + 1) / _POST_DAYS
    bridge = post + walk + along * (next_post - post - walk[:, :, -1:])
    flat = bridge.reshape(len(bridge), -1)[:, first - begin : last - begin]
    drift = columns.drift * np.arange(first, last)
    level: Floats = columns.beta * market.level[first:last] + flat + drift
    return level


def _shape_days(moves: _Moves) -> tuple[Floats, Floats, Floats]:
    """Open, high and low around a day's move, as `daily` does for the named ones."""
    before, close, gap, columns = moves.before, moves.close, moves.gap, moves.columns
    opening = before + gap * (close - before)
    opening += sqrt(gap * (1 - gap)) * moves.sigma * moves.normals(10)
    within = 2 * (1 - gap) * moves.sigma**2
    top, bottom = before + columns.top, before + columns.bottom
    opening = np.clip(opening, bottom, top)
    square = (close - opening) ** 2
    high = 0.5 * (opening + close + np.sqrt(square - within * np.log(moves.uniforms(11))))
    low = 0.5 * (opening + close - np.sqrt(square - within * np.log(moves.uniforms(12))))
    return opening, np.minimum(high, top), np.maximum(low, bottom)


def _on_grid(moves: _Moves, grids: GridHistory) -> tuple[NDArray[np.generic], ...]:
    """Round the days to the price grid and give them volume: the columns of a block."""
    raw = (*_shape_days(moves), moves.close)
    opening, high, low, close = (np.rint(np.exp(x)) for x in raw)
    _pin_anchor(moves.days, grids, (opening, high, low), close)
    step = _steps(moves.days, grids, low, high)
    o, h, l, c = (  # noqa: E741
        np.maximum(np.rint(x / step), LEAST_PRICE_STEPS).astype(np.int64)
        for x in (opening, high, low, close)
    )
    h, l = np.maximum(h, np.maximum(o, c)), np.minimum(l, np.minimum(o, c))  # noqa: E741
    lots = _lots(moves)
    width = h - l
    average = 0.3 * (o + c) + 0.2 * (h + l) + 0.1 * width * (moves.uniforms(15) - 0.5)
    average = np.clip(average, l + 0.15 * width, h - 0.15 * width)
    value = np.rint(average * lots).astype(np.int64)
    sigma = moves.sigma * sqrt(1 - moves.gap)
    return step, o, h, l, c, c * step, lots, value, sigma


def _pin_anchor(
    days: Ints, grids: GridHistory, prices: tuple[Floats, Floats, Floats], close: Floats
) -> None:
    """Keep the anchor day inside one tick band, so that the reference survives the rounding."""
    for column in np.flatnonzero(days == ANCHOR.toordinal()).tolist():
        low, high = grids.at(ANCHOR).bands(close[:, column])
        for raw in prices:
            raw[:, column] = np.clip(raw[:, column], low, high)


def _steps(days: Ints, grids: GridHistory, low: Floats, high: Floats) -> Ints:
    steps = np.empty(low.shape, np.int64)
    starts = [int(np.searchsorted(days, day)) for day in grids.since]
    for grid, a, b in zip(grids.grids, starts, [*starts[1:], len(days)], strict=True):
        steps[:, a:b] = grid.common_step(low[:, a:b], high[:, a:b])
    return steps


def _lots(moves: _Moves) -> Ints:
    """Volume grows with volatility and with the size of the day's move."""
    sigma = moves.sigma
    heat = 0.35 * moves.normals(13) + 0.6 * np.log(sigma / moves.columns.usual)
    heat += 0.25 * np.minimum(np.abs(moves.close - moves.before) / sigma, 4.0) - 0.25
    lots = np.rint(moves.columns.lots * np.exp(np.clip(heat, -1.5, 2.0)))
    return np.maximum(lots, LEAST_DAY_LOTS).astype(np.int64)
