"""Derivatives as a market source: every price is the underlying's, put through a pricer.

Theory of operation. On each trade date a contract's value is a function of the underlying's price
alone: time to expiry and volatility are those of the day and do not change inside it. The function is
tabulated at a few nodes over the day's range and read by straight lines between them. A contract
trades in some minutes of the underlying's day; in each of them its bar is the underlying's bar put
through that function and rounded to the contract's tick, a day is the sum of its minutes, and the
prints are the minute's corners. So quotes, prints and bars of every period agree by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, OptionTerms, Security, TradeDirection
from simulator.market.caches import Recent
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.randomness import lane, spread_evenly, uniform, uniforms
from simulator.market.source import (
    DayBars,
    DrawsFromMinutes,
    Int32s,
    Liquidity,
    MarketSource,
    MinuteBars,
    MinuteTicks,
)
from simulator.ticks import round_to_tick, tick_bands
from simulator.trading_days import TradingSession

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NODES: Final = 17
_MARGIN: Final = 0.005
"""How far the nodes reach beyond the day's range."""
_MOST_MINUTES: Final = 60
"""Minutes of a day in which a contract trades, at most."""
_CHUNK: Final = 64
_MOST_CHUNKS: Final = 160
_MOST_PATHS: Final = 1000
_TAIL: Final = 250
"""Rows kept after a contract's end."""
_CORNERS: Final = 4
"""A minute with fewer lots than its bar has corners has one price."""
_ROOM: Final = 10_000
_SIDES: Final = (int(TradeDirection.BUY), int(TradeDirection.SELL))


class ValueModel(Protocol):
    """What a contract is worth, and how much of it trades. Rows are the underlying's day rows."""

    @property
    def first(self) -> int:
        """The first row of its life."""

    @property
    def last(self) -> int:
        """The last row on which it trades."""

    def values(self, rows: Ints, spots: Floats) -> Floats:
        """Values at prices of the underlying, shape (rows, prices a row), both ways."""

    def lots(self, rows: Ints) -> Ints:
        """Contracts or board lots traded on each row."""

    def stop(self, low: Floats, high: Floats) -> int | None:
        """The minute of the last row from which it no longer trades, if it does not live it out."""

    def mirrors(self, rows: Ints) -> NDArray[np.bool_]:
        """Rows on which the contract is the underlying series itself."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """A contract ready to be priced."""

    owner: Instrument
    model: ValueModel
    liquidity: Liquidity


@dataclass(frozen=True, slots=True)
class _Minutes:
    """Traded minutes, in order: `row` and `minute` name them, prices are in steps."""

    row: Int32s
    minute: Int32s
    open: Int32s
    high: Int32s
    low: Int32s
    close: Int32s
    lots: Int32s
    value: Ints


@dataclass(frozen=True, slots=True)
class Path:
    """Everything that ever happens to a contract."""

    derivative: Derivative
    days: DayBars
    alive: int
    """Rows of its life; the rows after them repeat the last close."""
    node_low: Floats
    node_high: Floats
    node_values: Floats
    minutes: _Minutes
    starts: Ints
    """Where each row's minutes begin, one longer than `alive`."""
    mirrored: NDArray[np.bool_]

    def value_at(self, row: int, spot: float) -> float:
        """The contract's value on a row of its days, while the underlying stands at a price."""
        if row >= self.alive:
            return float(self.days.close[row]) * float(self.days.step[row]) / PRICE_UNITS
        low, high = float(self.node_low[row]), float(self.node_high[row])
        place = min(max((spot - low) / (high - low) * (_NODES - 1), 0.0), _NODES - 1.0)
        left = min(int(place), _NODES - 2)
        a, b = self.node_values[row, left : left + 2].tolist()
        value: float = a + (b - a) * (place - left)
        return value


@dataclass(slots=True)
class DerivedSource:
    """Serves derivatives itself and everything else from the source beneath.

    Args:
        base: Bars and prints of all underlyings.
        describe: Gives a derivative's model; None for any other security.
    """

    base: MarketSource
    describe: Callable[[Instrument], Derivative | None]
    _paths: Recent[Security, Path] = field(default_factory=lambda: Recent(_MOST_PATHS))
    _chunks: Recent[tuple[Security, int], list[MinuteBars]] = field(
        default_factory=lambda: Recent(_MOST_CHUNKS)
    )

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read the base anew for some securities and what is derived from them."""
        self._paths.forget(is_meant)
        self._chunks.forget(lambda key: is_meant(key[0]))

    # --- the protocol -------------------------------------------------------------------------

    def days(self, instrument: Instrument) -> DayBars:
        """All days of a security."""
        if instrument.terms is None:
            return self.base.days(instrument)
        return self.path(instrument).days

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the rows `first` to `last`, inclusive."""
        if instrument.terms is None:
            return self.base.minutes(instrument, first, last)
        path = self.path(instrument)
        return [self._minute_bars(path, row) for row in range(first, last + 1)]

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a row."""
        if instrument.terms is None:
            return self.base.ticks(instrument, row, minute)
        path = self.path(instrument)
        if row < path.alive and path.mirrored[row]:
            at = path.derivative.model.first + row
            return self.base.ticks(path.derivative.owner, at, minute)
        return _corner_prints(path, row, minute)

    def ticks_of(
        self, instrument: Instrument, row: int, minute: int, bars: MinuteBars, ordinal: int
    ) -> MinuteTicks:
        """What `ticks` gives."""
        if instrument.terms is None and isinstance(self.base, DrawsFromMinutes):
            return self.base.ticks_of(instrument, row, minute, bars, ordinal)
        return self.ticks(instrument, row, minute)

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How a security trades and quotes."""
        if instrument.terms is None:
            return self.base.liquidity(instrument)
        return self.path(instrument).derivative.liquidity

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """When that row's minutes are: those of the underlying."""
        if instrument.terms is None:
            return self.base.sessions(instrument, row)
        derivative = self.path(instrument).derivative
        return self.base.sessions(derivative.owner, derivative.model.first + row)

    # --- paths --------------------------------------------------------------------------------

    def path(self, instrument: Instrument) -> Path:
        """The whole life of a derivative."""
        return self._paths.get_or(instrument.security, lambda: self._make(instrument))

    def _make(self, instrument: Instrument) -> Path:
        derivative = self.describe(instrument)
        if derivative is None:
            raise ValueError(f"{instrument.security.symbol} is no derivative")
        model = derivative.model
        owner_days = self.base.days(derivative.owner)
        rows = np.arange(model.first, model.last + 1)
        nodes = _nodes(model, owner_days, rows)
        step = min(round(tick * PRICE_UNITS) for _, tick in tick_bands(instrument, date.max))
        mirrored = model.mirrors(rows)
        traded = self._traded_minutes(derivative, rows, mirrored)
        minutes = self._price(instrument, derivative, traded, nodes, step)
        minutes = _until_stop(minutes, self._stop(derivative, len(rows)))
        previous = owner_days.previous_close[rows] / PRICE_UNITS
        at = _anchored(instrument, owner_days, rows)
        anchors = at, _steps_of(instrument, _read(at, previous[at], nodes), step)
        return Path(
            derivative=derivative,
            days=_day_bars(owner_days, rows, mirrored, minutes, step, anchors),
            alive=len(rows),
            node_low=nodes[0],
            node_high=nodes[1],
            node_values=nodes[2],
            minutes=minutes,
            starts=np.searchsorted(minutes.row, np.arange(len(rows) + 1)),
            mirrored=mirrored,
        )

    def _traded_minutes(
        self, derivative: Derivative, rows: Ints, mirrored: NDArray[np.bool_]
    ) -> tuple[Ints, Ints, Ints]:
        """Row, minute and lots of each minute with trades."""
        lots = np.where(mirrored, 0, derivative.model.lots(rows))
        lengths = np.array([len(bars) for bars in self._owner_minutes(derivative.owner, rows)])
        columns = int(np.clip(lots.max(initial=1), 1, _MOST_MINUTES))
        key = lane(derivative.liquidity.key, 60)
        cells = (rows[:, None] * _ROOM + np.arange(columns)).astype(np.uint64)
        drawn = (uniforms(key, cells) * lengths[:, None]).astype(np.int64)
        weights = -np.log(uniforms(lane(key, 1), cells))
        weights = np.where(np.arange(columns) < np.maximum(lots, 1)[:, None], weights, 0.0)
        shares = spread_evenly(weights, lots)
        places = (np.arange(len(rows))[:, None] * _ROOM + drawn)[shares > 0]
        unique, inverse = np.unique(places, return_inverse=True)
        sums = np.bincount(inverse, weights=shares[shares > 0], minlength=len(unique))
        return unique // _ROOM, unique % _ROOM, sums.astype(np.int64)

    def _owner_minutes(self, owner: Instrument, rows: Ints) -> list[MinuteBars]:
        first, last = int(rows[0]), int(rows[-1])
        end = len(self.base.days(owner)) - 1
        found: list[MinuteBars] = []
        for chunk in range(first // _CHUNK, last // _CHUNK + 1):
            start, stop = chunk * _CHUNK, min(chunk * _CHUNK + _CHUNK - 1, end)
            made = self._chunks.get_or(
                (owner.security, chunk),
                lambda a=start, b=stop: self.base.minutes(owner, a, b),  # type: ignore[misc]
            )
            found += made[max(first - start, 0) : last - start + 1]
        return found

    def _price(
        self,
        instrument: Instrument,
        derivative: Derivative,
        traded: tuple[Ints, Ints, Ints],
        nodes: tuple[Floats, Floats, Floats],
        step: int,
    ) -> _Minutes:
        row, minute, lots = traded
        model = derivative.model
        rows = np.arange(model.first, model.last + 1)
        bars = self._owner_minutes(derivative.owner, rows)
        offsets = np.cumsum([0, *(len(b) for b in bars[:-1])])
        at = offsets[row] + minute
        scale = np.array([b.step for b in bars])[row] / PRICE_UNITS
        corners = [
            _steps_of(
                instrument,
                _read(row, np.concatenate([getattr(b, name) for b in bars])[at] * scale, nodes),
                step,
            )
            for name in ("open", "high", "low", "close")
        ]
        single = lots < _CORNERS
        opened, closed = np.where(single, corners[3], corners[0]), corners[3]
        high = np.where(single, closed, np.maximum.reduce(corners))
        low = np.where(single, closed, np.minimum.reduce(corners))
        part = lots // _CORNERS
        value = part * (opened + high + low) + (lots - 3 * part) * closed
        columns = (row, minute, opened, high, low, closed, lots)
        a, b, o, h, bottom, c, q = (column.astype(np.int32) for column in columns)
        return _Minutes(a, b, o, h, bottom, c, q, value)

    def _stop(self, derivative: Derivative, count: int) -> tuple[int, int] | None:
        (bars,) = self._owner_minutes(derivative.owner, np.array([derivative.model.last]))
        scale = bars.step / PRICE_UNITS
        low, high = (column.astype(np.float64) * scale for column in (bars.low, bars.high))
        minute = derivative.model.stop(low, high)
        return None if minute is None else (count - 1, minute)

    def _minute_bars(self, path: Path, row: int) -> MinuteBars:
        derivative = path.derivative
        owner_row = derivative.model.first + row
        if row < path.alive and path.mirrored[row]:
            return self.base.minutes(derivative.owner, owner_row, owner_row)[0]
        sessions = self.base.sessions(derivative.owner, owner_row)
        count = sum((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions)
        step = int(path.days.step[row])
        close = np.full(count, int(path.days.previous_close[row]) // step, np.int32)
        lots, value = np.zeros(count, np.int32), np.zeros(count, np.int64)
        if row >= path.alive:
            return MinuteBars(step, close, close, close, close, lots, value)
        part = slice(path.starts[row], path.starts[row + 1])
        traded, minute = path.minutes, path.minutes.minute[part]
        for at, price in zip(minute.tolist(), traded.close[part].tolist(), strict=True):
            close[at:] = price
        opened, high, low = close.copy(), close.copy(), close.copy()
        opened[minute], high[minute] = traded.open[part], traded.high[part]
        low[minute], lots[minute] = traded.low[part], traded.lots[part]
        value[minute] = traded.value[part]
        return MinuteBars(step, opened, high, low, close, lots, value)


def _nodes(model: ValueModel, owner: DayBars, rows: Ints) -> tuple[Floats, Floats, Floats]:
    """The day's function: least and greatest price of the underlying, values between them."""
    scale = owner.step[rows] / PRICE_UNITS
    before = owner.previous_close[rows] / PRICE_UNITS
    low = np.minimum(owner.low[rows] * scale, before) * (1 - _MARGIN)
    high = np.maximum(owner.high[rows] * scale, before) * (1 + _MARGIN)
    spots = low[:, None] + (high - low)[:, None] * np.arange(_NODES) / (_NODES - 1)
    return low, high, model.values(rows, spots)


def _read(at: Ints, spots: Floats, nodes: tuple[Floats, Floats, Floats]) -> Floats:
    """Values at prices of the underlying, one price for each of the places `at`."""
    low, high, values = nodes
    place = np.clip((spots - low[at]) / (high[at] - low[at]) * (_NODES - 1), 0, _NODES - 1)
    left = np.minimum(place.astype(np.int64), _NODES - 2)
    a, b = values[at, left], values[at, left + 1]
    found: Floats = a + (b - a) * (place - left)
    return found


def _steps_of(instrument: Instrument, values: Floats, step: int) -> Ints:
    """Values on the contract's grid, at least one tick, as whole steps."""
    prices = round_to_tick(np.maximum(values, 1e-9), instrument, date.max)
    return np.rint(prices * PRICE_UNITS / step).astype(np.int64)


def _until_stop(minutes: _Minutes, stop: tuple[int, int] | None) -> _Minutes:
    if stop is None:
        return minutes
    kept = (minutes.row < stop[0]) | (minutes.minute < stop[1])
    return _Minutes(*(getattr(minutes, name)[kept] for name in _Minutes.__slots__))


def _anchored(instrument: Instrument, owner: DayBars, rows: Ints) -> Ints:
    """Places of the days whose previous close comes from the underlying's, not from the day before.

    They are the first one, and for options each on which the underlying's shares are divided: the
    contract's strike is one in the new shares.
    """
    divided: list[int] = []
    if isinstance(instrument.terms, OptionTerms):
        divided = [action.ordinal for action in owner.actions if action.shares != 1.0]
    is_anchored = np.isin(owner.ordinals[rows], divided)
    is_anchored[0] = True
    return np.flatnonzero(is_anchored)


def _day_bars(
    owner: DayBars,
    rows: Ints,
    mirrored: NDArray[np.bool_],
    minutes: _Minutes,
    step: int,
    anchors: tuple[Ints, Ints],
) -> DayBars:
    """Days that are the sums of their minutes; days without trades repeat the last close.

    Args:
        owner: Days of the underlying.
        rows: Those of the contract's life.
        mirrored: Whether a day is the underlying's own.
        minutes: With trades.
        step: The contract's, in millionths.
        anchors: Places of `rows` with a previous close of their own, and these closes in steps.
    """
    alive = len(rows)
    count = min(len(owner) - int(rows[0]), alive + _TAIL)
    columns = {name: np.zeros(count, np.int64) for name in ("open", "high", "low", "close")}
    lots, value = np.zeros(count, np.int64), np.zeros(count, np.int64)
    row, heads = np.unique(minutes.row, return_index=True)
    if len(heads):
        ends = np.append(heads[1:], len(minutes.row)) - 1
        columns["open"][row], columns["close"][row] = minutes.open[heads], minutes.close[ends]
        columns["high"][row] = np.maximum.reduceat(minutes.high, heads)
        columns["low"][row] = np.minimum.reduceat(minutes.low, heads)
        lots[row] = np.add.reduceat(minutes.lots, heads)
        value[row] = np.add.reduceat(minutes.value, heads)
    same = np.flatnonzero(mirrored)
    unit = owner.step[rows[same]].astype(np.int64)
    for name, column in columns.items():
        column[same] = getattr(owner, name)[rows[same]].astype(np.int64) * unit // step
    lots[same], value[same] = owner.lots[rows[same]], owner.value[rows[same]] * unit // step
    at, previous = anchors
    known = np.where(lots > 0, np.arange(count), 0)
    known[at] = at
    columns["close"][at] = np.where(lots[at] > 0, columns["close"][at], previous)
    close = columns["close"][np.maximum.accumulate(known)]
    for column in columns.values():
        column[lots == 0] = close[lots == 0]
    before = np.concatenate([[0], close[:-1]])
    before[at] = previous
    sigma = np.zeros(count, np.float32)
    sigma[:alive] = owner.sigma[rows]
    return DayBars(
        ordinals=owner.ordinals[int(rows[0]) : int(rows[0]) + count],
        step=np.full(count, step, np.int32),
        open=columns["open"].astype(np.int32),
        high=columns["high"].astype(np.int32),
        low=columns["low"].astype(np.int32),
        close=close.astype(np.int32),
        previous_close=before * step,
        lots=lots.astype(np.int32),
        value=value,
        sigma=sigma,
    )


def _corner_prints(path: Path, row: int, minute: int) -> MinuteTicks:
    """The corners of a minute's bar in a natural order, or its only price."""
    if row >= path.alive:
        return MinuteTicks([], [], [], [])
    start, stop = int(path.starts[row]), int(path.starts[row + 1])
    bars = path.minutes
    at = start + int(np.searchsorted(bars.minute[start:stop], minute))
    if at == stop or int(bars.minute[at]) != minute:
        return MinuteTicks([], [], [], [])
    lots = int(bars.lots[at])
    key = lane(lane(path.derivative.liquidity.key, 61), int(path.days.ordinals[row]))
    o, h, low, c = (int(column[at]) for column in (bars.open, bars.high, bars.low, bars.close))
    prices = [c] if lots < _CORNERS else [o, low, h, c] if c >= o else [o, h, low, c]
    part = lots // _CORNERS
    sizes = [lots] if lots < _CORNERS else [part, part, part, lots - 3 * part]
    draws = [uniform(key, minute * 16 + i) for i in range(2 * len(prices))]
    width = NS_PER_MINUTE // len(prices)
    offsets = [int((i + 0.02 + 0.96 * draws[i]) * width) for i in range(len(prices))]
    sides = [_SIDES[int(draw > 0.5)] for draw in draws[len(prices) :]]
    return MinuteTicks(offsets, prices, sizes, sides)
