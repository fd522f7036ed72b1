"""Day bars: market factors and movers over all weekdays, sampled on a security's trading days.

A price process runs over every weekday, whatever the calendars say; days on which its home market
rests add nothing. So an index and its futures agree although they trade on different days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import exp, log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Venue
from simulator.market.action_schedule import Plan, Planner
from simulator.market.characters import (
    EPOCH,
    LEAST_DAY_LOTS,
    TRADING_DAYS_A_YEAR,
    Character,
    Mover,
)
from simulator.market.price_grid import PRICE_UNITS, GridHistory
from simulator.market.randomness import heavy_tailed, lane, normals, stream_key, uniforms
from simulator.market.source import DayBars
from simulator.trading_days import calendar_for

Floats = NDArray[np.float64]

ANCHOR: Final = date(2026, 1, 15)
"""The day whose close is the reference price."""
_FACTOR_VOLATILITY: Final = 0.19
_PERSISTENCE: Final = 0.97
_VOL_OF_VOL: Final = 0.2
_LEVERAGE: Final = -0.4
LEAST_PRICE_STEPS: Final = 20
_BASIS: Final = 0.0006
"""How far a follower strays from its mover, as a log price."""


def scan(shocks: Floats, keep: float) -> Floats:
    """y[t] = keep * y[t-1] + shocks[t], by doubling: cell t depends on cells up to t only."""
    y = shocks.copy()
    reach, factor = 1, keep
    while reach < len(y) and factor > 1e-12:
        y[reach:] += factor * y[:-reach].copy()
        reach, factor = reach * 2, factor * factor
    return y


def _volatility_path(noise: Floats, returns: Floats) -> Floats:
    """AR(1) log volatility with leverage: bad days raise it. Mean square is about 1."""
    shocks = _VOL_OF_VOL * (_LEVERAGE * np.clip(returns, -4, 4) + sqrt(1 - _LEVERAGE**2) * noise)
    path = np.zeros_like(shocks)
    path[1:] = scan(shocks, _PERSISTENCE)[:-1]
    variance = _VOL_OF_VOL**2 / (1 - _PERSISTENCE**2)
    level: Floats = np.exp(np.clip(0.5 * path, -1.2, 1.2) - 0.25 * variance)
    return level


@dataclass(frozen=True, slots=True)
class Path:
    """A mover's log price relative to its anchor, over all weekdays."""

    level: Floats
    returns: Floats
    sigma: Floats
    """Standard deviation of each day's return."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where trading days, and the anchor, lie among the weekdays."""

    rows: NDArray[np.int64]
    anchor: int


class DailyLayer:
    """Computes day bars; remembers only what many securities share."""

    def __init__(self, seed: int, horizon: date) -> None:
        self._seed = seed
        first, last = EPOCH.toordinal(), horizon.toordinal()
        every = np.arange(first, last + 1)
        self.weekdays: NDArray[np.int64] = every[(every - 1) % 7 < 5]
        self._counters = self.weekdays.astype(np.uint64)
        self._anchor = int(np.searchsorted(self.weekdays, ANCHOR.toordinal()))
        self._factors: dict[str, tuple[Floats, Floats]] = {}
        self._open: dict[Venue, NDArray[np.bool_]] = {}
        self._ordinals: dict[Venue, NDArray[np.int64]] = {}

    def ordinals(self, venue: Venue) -> NDArray[np.int64]:
        """All trading days of a venue as day numbers."""
        if venue not in self._ordinals:
            begin = date.fromordinal(int(self.weekdays[0]))
            end = date.fromordinal(int(self.weekdays[-1]))
            days = calendar_for(venue).trading_days(begin, end)
            found = np.array([day.day.toordinal() for day in days], np.int64)
            self._ordinals[venue] = found[(found - 1) % 7 < 5]
        return self._ordinals[venue]

    def bars(
        self, character: Character, venue: Venue, grids: GridHistory, planner: Planner
    ) -> DayBars:
        """Day bars of a security on its venue's trading days since its listing."""
        days = self.ordinals(venue)
        days = days[days >= character.first_day.toordinal()]
        suspended = planner.suspended(days)
        is_open = self._is_open(character.home)
        if suspended.any():
            is_open = is_open.copy()
            is_open[np.searchsorted(self.weekdays, days[suspended])] = False
        path = self._path(character.mover, is_open, character.liquidity.limit)
        places = Places(np.searchsorted(self.weekdays, days), self._anchor)
        moves = _sample(character, path, days, places)
        plan = planner.plan(days, np.exp(moves.close) / PRICE_UNITS, suspended)
        return _on_grid(_in_raw_terms(moves, plan, suspended), grids, plan)

    def _factor(self, name: str) -> tuple[Floats, Floats]:
        """The market's common shocks (unit variance times level) and their level."""
        if name not in self._factors:
            key = stream_key(self._seed, "factor", name)
            shocks = normals(lane(key, 0), self._counters)
            level = _volatility_path(normals(lane(key, 1), self._counters), shocks)
            level *= _FACTOR_VOLATILITY / sqrt(TRADING_DAYS_A_YEAR)
            self._factors[name] = (shocks * level, level)
        return self._factors[name]

    def factor_on(self, name: str, venue: Venue) -> tuple[Floats, Floats]:
        """A market's common log returns and their deviation on the trading days of a venue."""
        rows = np.searchsorted(self.weekdays, self.ordinals(venue))
        returns, level = self._factor(name)
        return returns[rows], level[rows]

    def _is_open(self, home: Venue) -> NDArray[np.bool_]:
        if home not in self._open:
            mask = np.zeros(len(self.weekdays), np.bool_)
            mask[np.searchsorted(self.weekdays, self.ordinals(home))] = True
            self._open[home] = mask
        return self._open[home]

    def _path(self, mover: Mover, is_open: NDArray[np.bool_], limit: float | None) -> Path:
        key = stream_key(self._seed, "mover", mover.name)
        common, common_sigma = self._factor(mover.factor)
        own_variance = mover.volatility**2 - (mover.beta * _FACTOR_VOLATILITY) ** 2
        own = sqrt(max(own_variance, (mover.own_share * mover.volatility) ** 2))
        shocks = heavy_tailed(lane(key, 0), self._counters)
        level = _volatility_path(normals(lane(key, 1), self._counters), shocks)
        own_sigma = level * (own / sqrt(TRADING_DAYS_A_YEAR))
        returns = mover.beta * common + np.clip(own_sigma * shocks, -0.3, 0.3)
        if limit is not None:
            returns = np.clip(returns, log(1 - limit + 0.006), log(1 + limit - 0.006))
        returns = np.where(is_open, returns, 0.0)
        deviation = scan(returns, exp(-1 / mover.pull_days))
        trend = (np.arange(len(returns)) - self._anchor) * (mover.drift / 261)
        deviation += np.minimum(trend, 0.1)
        sigma = np.sqrt((mover.beta * common_sigma) ** 2 + own_sigma**2)
        return Path(
            deviation - deviation[self._anchor], np.diff(deviation, prepend=deviation[:1]), sigma
        )


@dataclass(frozen=True, slots=True)
class _DayNoise:
    """A security's own draws, one per trading day."""

    gap: Floats
    high: Floats
    low: Floats
    volume: Floats
    basis: Floats
    average: Floats

    @classmethod
    def draw(cls, character: Character, counters: NDArray[np.uint64]) -> _DayNoise:
        key = character.key
        return cls(
            gap=normals(lane(key, 10), counters),
            high=uniforms(lane(key, 11), counters),
            low=uniforms(lane(key, 12), counters),
            volume=normals(lane(key, 13), counters),
            basis=uniforms(lane(key, 14), counters) - 0.5,
            average=uniforms(lane(key, 15), counters) - 0.5,
        )


@dataclass(frozen=True, slots=True)
class _Moves:
    """A security's trading days as log prices, before any rounding."""

    character: Character
    days: NDArray[np.int64]
    before: Floats
    close: Floats
    sigma: Floats
    noise: _DayNoise
    suspended: NDArray[np.bool_]


def _sample(character: Character, path: Path, days: NDArray[np.int64], at: Places) -> _Moves:
    """Read a path on a security's trading days."""
    noise = _DayNoise.draw(character, days.astype(np.uint64))
    reference = log(character.reference * PRICE_UNITS)
    close = reference + character.leverage * path.level[at.rows]
    if character.is_follower:
        close += np.where(at.rows == at.anchor, 0.0, _BASIS * noise.basis)
    before = np.empty_like(close)
    before[1:] = close[:-1]
    start = path.level[at.rows[:1]] - path.returns[at.rows[:1]]
    before[:1] = reference + character.leverage * start
    sigma = abs(character.leverage) * path.sigma[at.rows]
    return _Moves(character, days, before, close, sigma, noise, np.zeros(len(days), np.bool_))


def _in_raw_terms(moves: _Moves, plan: Plan, suspended: NDArray[np.bool_]) -> _Moves:
    """Undo the adjustment, and keep the price where it was on suspended days."""
    rows = np.where(suspended, 0, np.arange(len(suspended)))
    close = moves.close[np.maximum.accumulate(rows)] + plan.shift
    before = moves.before + plan.shift
    before[1:] = close[:-1] + np.diff(plan.shift)
    return replace(moves, before=before, close=close, suspended=suspended)


def _shape_days(moves: _Moves) -> tuple[Floats, Floats, Floats]:
    """Open, high and low around a day's move, by the exact law of a Brownian bridge's extremes."""
    before, close, noise = moves.before, moves.close, moves.noise
    gap = moves.character.gap_share
    opening = before + gap * (close - before) + sqrt(gap * (1 - gap)) * moves.sigma * noise.gap
    within = 2 * (1 - gap) * moves.sigma**2
    square = (close - opening) ** 2
    high = 0.5 * (opening + close + np.sqrt(square - within * np.log(noise.high)))
    low = 0.5 * (opening + close - np.sqrt(square - within * np.log(noise.low)))
    limit = moves.character.liquidity.limit
    if limit is not None:
        top = before + log(1 + limit - 0.004)
        bottom = before + log(1 - limit + 0.004)
        opening = np.clip(opening, bottom, top)
        high, low = np.minimum(high, top), np.maximum(low, bottom)
    opening, high, low = (np.where(moves.suspended, close, x) for x in (opening, high, low))
    return opening, high, low


def _on_grid(moves: _Moves, grids: GridHistory, plan: Plan) -> DayBars:
    """Round a security's days to its price grid and give them volume."""
    days = moves.days
    opening, high, low, close = (np.rint(np.exp(x)) for x in (*_shape_days(moves), moves.close))
    pinned = np.flatnonzero(days == ANCHOR.toordinal())
    if len(pinned):
        # The reference must survive the rounding, so its day stays inside one tick band.
        inside = grids.at(ANCHOR).band(int(close[pinned[0]]))
        for prices in (opening, high, low):
            prices[pinned] = np.clip(prices[pinned], *inside)
    step = grids.common_steps(days, low, high)
    o, h, l, c = (  # noqa: E741
        np.maximum(np.rint(x / step), LEAST_PRICE_STEPS).astype(np.int64)
        for x in (opening, high, low, close)
    )
    h, l = np.maximum(h, np.maximum(o, c)), np.minimum(l, np.minimum(o, c))  # noqa: E741
    lots = _day_lots(moves, plan.shares)
    first = np.rint(np.exp(moves.before[:1]) / step[:1]).astype(np.int64) * step[:1]
    previous = np.concatenate([first, (c * step)[:-1]])
    for row, action in zip(plan.rows.tolist(), plan.actions, strict=True):
        previous[row] = round(action.ex_price(int(previous[row]) / PRICE_UNITS) * PRICE_UNITS)
    return DayBars(
        ordinals=days.astype(np.int32),
        step=step.astype(np.int32),
        open=o.astype(np.int32),
        high=h.astype(np.int32),
        low=l.astype(np.int32),
        close=c.astype(np.int32),
        previous_close=previous,
        lots=lots.astype(np.int32),
        value=_day_value((o, h, l, c), lots, moves.noise.average),
        sigma=(moves.sigma * sqrt(1 - moves.character.gap_share)).astype(np.float32),
        actions=plan.actions,
    )


def _day_lots(moves: _Moves, shares: Floats) -> NDArray[np.int64]:
    """Volume grows with volatility and with the size of the day's move."""
    character, sigma = moves.character, moves.sigma
    usual = abs(character.leverage) * character.mover.volatility / sqrt(TRADING_DAYS_A_YEAR)
    heat = 0.35 * moves.noise.volume + 0.6 * np.log(sigma / usual)
    heat += 0.25 * np.minimum(np.abs(moves.close - moves.before) / sigma, 4.0) - 0.25
    lots = np.rint(character.lots_a_day / shares * np.exp(np.clip(heat, -1.5, 2.0)))
    counted = np.where(moves.suspended, 0, np.maximum(lots, LEAST_DAY_LOTS))
    return counted.astype(np.int64)


def _day_value(
    prices: tuple[NDArray[np.int64], ...], lots: NDArray[np.int64], noise: Floats
) -> NDArray[np.int64]:
    """Price steps times lots: an average price inside the day's range, times volume."""
    o, h, l, c = prices  # noqa: E741
    width = h - l
    average = 0.3 * (o + c) + 0.2 * (h + l) + 0.1 * width * noise
    average = np.clip(average, l + 0.15 * width, h - 0.15 * width)
    value: NDArray[np.int64] = np.rint(average * lots).astype(np.int64)
    return value
