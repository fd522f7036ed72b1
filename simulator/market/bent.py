"""A source of market data whose paths commands may bend; what is not bent passes through.

Theory of operation. Bending keeps the order of prices, so where the factor stands still the four
prices of a bar are bent and its turnover is scaled ([I]: to within the rounding of prices); that is
done for all minutes, and all days, at once. Only a minute in which something changes is put
together from its bent prints, and only a day in which something changes from its minutes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, Instrument, Security, TradeDirection
from simulator.market.bends import Bend, Pin
from simulator.market.pauses import Print
from simulator.market.price_grid import PRICE_UNITS, GridHistory, PriceGrid, to_units
from simulator.market.source import (
    DayBars,
    DrawsFromMinutes,
    Int64s,
    Liquidity,
    MarketSource,
    MinuteBars,
    MinuteTicks,
)
from simulator.trading_days import TradingSession

_HOUR_NS: Final = 60 * NS_PER_MINUTE
_REACH: Final = 50
"""How many times higher or lower than a day's open a bent price can be told exactly."""
_PRICES: Final = ("open", "high", "low", "close")
_DIRECTIONS: Final = {Pin.UP: TradeDirection.BUY, Pin.DOWN: TradeDirection.SELL}


class BentSource:
    """Another source, bent.

    Args:
        source: The seeded one.
    """

    def __init__(self, source: MarketSource) -> None:
        self._source = source
        self._bends: dict[Security, Bend] = {}
        self._grids: dict[Security, GridHistory] = {}
        self._days: dict[Security, DayBars] = {}
        self._minutes: dict[tuple[Security, int], MinuteBars] = {}

    @property
    def seeded(self) -> MarketSource:
        """The source as it is without any bend."""
        return self._source

    # --- commands -----------------------------------------------------------------------------

    def bend(self, security: Security) -> Bend | None:
        """How a security is bent; None if it is not."""
        return self._bends.get(security)

    def bent(self) -> tuple[Security, ...]:
        """All securities that are bent."""
        return tuple(self._bends)

    def replace_bend(self, security: Security, bend: Bend | None) -> None:
        """Bend a security anew, or None: not any more."""
        if bend is None:
            self._bends.pop(security, None)
        else:
            self._bends[security] = bend
        self._days.pop(security, None)
        for key in [key for key in self._minutes if key[0] == security]:
            del self._minutes[key]

    def reseed(self, source: MarketSource) -> None:
        """Bend another source from now on."""
        self._source = source
        self._days.clear()
        self._minutes.clear()

    # --- the source ---------------------------------------------------------------------------

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How the security trades and quotes."""
        return self._source.liquidity(instrument)

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """When that row's minutes are, in order."""
        return self._source.sessions(instrument, row)

    def days(self, instrument: Instrument) -> DayBars:
        """All days, those after a bend's start bent."""
        bend = self._bends.get(instrument.security)
        days = self._source.days(instrument)
        if bend is None:
            return days
        known = self._days.get(instrument.security)
        if known is None:
            known = self._days[instrument.security] = self._bend_days(instrument, days, bend)
        return known

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the rows `first` to `last`, inclusive."""
        bars = self._source.minutes(instrument, first, last)
        bend = self._bends.get(instrument.security)
        if bend is None:
            return bars
        begin = max(self._first_row(instrument, bend), first)
        bent = [self._bent_minutes(instrument, row, bend) for row in range(begin, last + 1)]
        return [*bars[: max(begin - first, 0)], *bent]

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a row."""
        bend = self._bends.get(instrument.security)
        if bend is None or row < self._first_row(instrument, bend):
            return self._source.ticks(instrument, row, minute)
        return self._bent_ticks(instrument, row, minute, bend)

    def ticks_of(
        self, instrument: Instrument, row: int, minute: int, bars: MinuteBars, ordinal: int
    ) -> MinuteTicks:
        """What `ticks` gives, without the days where nothing is bent."""
        source = self._source
        if instrument.security in self._bends or not isinstance(source, DrawsFromMinutes):
            return self.ticks(instrument, row, minute)
        return source.ticks_of(instrument, row, minute, bars, ordinal)

    def prints(self, instrument: Instrument, begin_ns: int, end_ns: int) -> Iterator[Print]:
        """Prints of continuous trading in [begin, end), in order; but for the minutes at its edges."""
        rows = len(self._source.days(instrument))
        for row in range(self._row_at(instrument, begin_ns), rows):
            sessions = self._source.sessions(instrument, row)
            if sessions[0].start_ns >= end_ns:
                return
            _, _, step = self._steps(instrument, row)
            bend = self._bends.get(instrument.security)
            if bend is None or row < self._first_row(instrument, bend):
                step = int(self._source.days(instrument).step[row])
            for minute, start in enumerate(self._minute_starts(instrument, row)):
                if not begin_ns - NS_PER_MINUTE < start < end_ns:
                    continue
                session = next(s for s in sessions if s.start_ns <= start < s.end_ns)
                ticks = self.ticks(instrument, row, minute)
                for offset, price in zip(ticks.offset_ns, ticks.price, strict=True):
                    if session.start_ns <= start + offset < session.end_ns:
                        yield Print(start + offset, price * step, session)

    # --- inside -------------------------------------------------------------------------------

    def _first_row(self, instrument: Instrument, bend: Bend) -> int:
        """The first day with anything to bend."""
        return self._row_at(instrument, bend.start_ns)

    def _row_at(self, instrument: Instrument, time_ns: int) -> int:
        """The first day that is not over at an instant; the last one if all are."""
        days = self._source.days(instrument)
        row = len(days) - 1
        low, high = 0, row
        while low < high:
            middle = (low + high) // 2
            if self._source.sessions(instrument, middle)[-1].end_ns > time_ns:
                high = middle
            else:
                low = middle + 1
        return low

    def _history(self, instrument: Instrument) -> GridHistory:
        history = self._grids.get(instrument.security)
        if history is None:
            history = self._grids[instrument.security] = GridHistory.of(instrument)
        return history

    def _steps(self, instrument: Instrument, row: int) -> tuple[PriceGrid, int, int]:
        """A row's grid, its step in the seeded market, and the finer one that bent prices take."""
        days = self._source.days(instrument)
        grid = self._history(instrument).at(date.fromordinal(int(days.ordinals[row])))
        step = days.step[row : row + 1].astype(np.int64)
        finer = _finer_steps(grid, step, days.open[row : row + 1] * step)
        return grid, int(step[0]), int(finer[0])

    def _bent_minutes(self, instrument: Instrument, row: int, bend: Bend) -> MinuteBars:
        key = (instrument.security, row)
        known = self._minutes.get(key)
        if known is None:
            known = self._minutes[key] = self._make_minutes(instrument, row, bend)
        return known

    def _make_minutes(self, instrument: Instrument, row: int, bend: Bend) -> MinuteBars:
        (bars,) = self._source.minutes(instrument, row, row)
        grid, step, finer = self._steps(instrument, row)
        starts = self._minute_starts(instrument, row)
        columns = _Columns.of(bars, step // finer)
        first = max(bisect_left(starts, bend.start_ns - NS_PER_MINUTE + 1), 0)
        for begin, end, is_steady in _stretches(bend, bars, starts, first):
            if is_steady:
                columns.bend(slice(begin, end), bend, starts[begin], grid, finer)
                continue
            for minute in range(begin, end):
                columns.put(minute, self._bent_ticks(instrument, row, minute, bend))
        closes = columns.prices["close"]
        close = self._close_before(instrument, row, first, closes, finer)
        return columns.finished(bars, finer, first, close)

    def _close_before(
        self, instrument: Instrument, row: int, minute: int, closes: Int64s, step: int
    ) -> int:
        """The price that a minute without prints repeats, in steps."""
        if minute:
            return int(closes[minute - 1])
        if not row:
            return int(closes[0])
        days = self._source.days(instrument)
        if row - 1 < self._first_row(instrument, self._bends[instrument.security]):
            return int(days.close[row - 1]) * int(days.step[row - 1]) // step
        bent = self.days(instrument)
        return int(bent.close[row - 1]) * int(bent.step[row - 1]) // step

    def _minute_starts(self, instrument: Instrument, row: int) -> list[int]:
        return [
            start
            for session in self._source.sessions(instrument, row)
            for start in range(session.start_ns, session.end_ns, NS_PER_MINUTE)
        ]

    def _bent_ticks(self, instrument: Instrument, row: int, minute: int, bend: Bend) -> MinuteTicks:
        grid, step, finer = self._steps(instrument, row)
        seeded = self._source.ticks(instrument, row, minute)
        start = self._minute_starts(instrument, row)[minute]
        rows = list(zip(seeded.offset_ns, seeded.price, seeded.lots, seeded.direction, strict=True))
        own = {
            at - start: u for at, u in bend.prints.items() if start <= at < start + NS_PER_MINUTE
        }
        made = [row for row in rows if row[0] not in own]
        made += [(offset, -units, 1, int(TradeDirection.NEUTRAL)) for offset, units in own.items()]
        bent = MinuteTicks([], [], [], [])
        for offset, price, lots, direction in sorted(made):
            if price >= 0 and bend.is_halted(start + offset):
                continue
            units, side = -price, direction
            if price >= 0:
                units, side = _bend_print(bend, grid, start + offset, price * step, direction)
            bent.offset_ns.append(offset)
            bent.price.append(units // finer)
            bent.lots.append(lots)
            bent.direction.append(side)
        return bent

    def _bend_days(self, instrument: Instrument, days: DayBars, bend: Bend) -> DayBars:
        first = self._first_row(instrument, bend)
        made = {
            name: getattr(days, name).copy()
            for name in ("step", "open", "high", "low", "close", "previous_close", "lots", "value")
        }
        actions = (*days.actions, *(declared.action for declared in bend.declared))
        in_order = tuple(sorted(actions, key=lambda action: action.ordinal))
        bent = replace(days, **made, actions=in_order)
        self._days[instrument.security] = bent
        row = first
        while row < len(days) and not self._is_over(instrument, row, bend):
            if row > first:
                self._follow_on(days, bent, slice(row, row + 1))
            sessions = self._source.sessions(instrument, row)
            if bend.is_steady(sessions[0].start_ns - _HOUR_NS, sessions[-1].end_ns + _HOUR_NS):
                self._bend_rows(instrument, days, bent, slice(row, row + 1), bend)
            else:
                self._sum_day(instrument, bent, row, bend)
            row += 1
        if row < len(days):
            rest = slice(row, len(days))
            self._bend_rows(instrument, days, bent, rest, bend)
            self._follow_on(days, bent, slice(max(row, first + 1), len(days)))
        _go_ex(bent, bend)
        return bent

    def _is_over(self, instrument: Instrument, row: int, bend: Bend) -> bool:
        """Whether nothing changes any more on that day and all later ones."""
        return self._source.sessions(instrument, row)[0].start_ns > bend.end_ns

    def _follow_on(self, days: DayBars, bent: DayBars, rows: slice) -> None:
        """Previous closes follow from the bent closes as they did from the seeded ones."""
        before = slice(rows.start - 1, rows.stop - 1)
        seeded = days.close[before].astype(np.int64) * days.step[before]
        closed = bent.close[before].astype(np.int64) * bent.step[before]
        ratio = days.previous_close[rows] / np.maximum(seeded, 1)
        found = np.where(ratio == 1, closed, np.rint(closed * ratio).astype(np.int64))
        bent.previous_close[rows] = found

    def _bend_rows(
        self, instrument: Instrument, days: DayBars, bent: DayBars, rows: slice, bend: Bend
    ) -> None:
        """Bend days on which nothing changes, all alike."""
        at_ns = self._source.sessions(instrument, rows.start)[0].start_ns
        for grid, part in self._grids_of(instrument, days, rows):
            step = days.step[part].astype(np.int64)
            opened = days.open[part].astype(np.int64) * step
            finer = _finer_steps(grid, step, opened)
            bent.step[part] = finer
            if bend.is_halted(at_ns):
                closed = self._last_close(days, bent, rows.start)
                for name in _PRICES:
                    getattr(bent, name)[part] = closed // finer
                bent.lots[part] = bent.value[part] = 0
                continue
            for name in _PRICES:
                units = getattr(days, name)[part].astype(np.int64) * step
                getattr(bent, name)[part] = _bend_prices(bend, grid, at_ns, units) // finer
            bent.value[part] = _bend_value(
                bend,
                at_ns,
                days.lots[part].astype(np.int64),
                days.value[part] * (step // finer),
                finer,
            )

    def _last_close(self, days: DayBars, bent: DayBars, row: int) -> int:
        at = max(row - 1, 0)
        source = bent if row else days
        return int(source.close[at]) * int(source.step[at])

    def _grids_of(
        self, instrument: Instrument, days: DayBars, rows: slice
    ) -> Iterator[tuple[PriceGrid, slice]]:
        """The runs of days with the same tick table."""
        history = self._history(instrument)
        starts = [int(np.searchsorted(days.ordinals, since)) for since in history.since]
        for grid, begin, end in zip(history.grids, starts, [*starts[1:], len(days)], strict=True):
            part = slice(max(begin, rows.start), min(end, rows.stop))
            if part.start < part.stop:
                yield grid, part

    def _sum_day(self, instrument: Instrument, bent: DayBars, row: int, bend: Bend) -> None:
        bars = self._bent_minutes(instrument, row, bend)
        traded = bars.lots > 0
        bent.step[row] = bars.step
        bent.lots[row], bent.value[row] = int(bars.lots.sum()), int(bars.value.sum())
        bent.close[row] = bars.close[-1]
        bent.open[row] = bars.open[0]
        bent.high[row] = bars.high[traded].max() if traded.any() else bars.close[-1]
        bent.low[row] = bars.low[traded].min() if traded.any() else bars.close[-1]


@dataclass(slots=True)
class _Columns:
    """A day's minutes while they are being bent; prices in the finer step."""

    prices: dict[str, Int64s]
    lots: Int64s
    value: Int64s

    @classmethod
    def of(cls, bars: MinuteBars, scale: int) -> _Columns:
        """Seeded minutes in a step that is `scale` times finer."""
        prices = {name: getattr(bars, name).astype(np.int64) * scale for name in _PRICES}
        return cls(prices, bars.lots.astype(np.int64), bars.value * scale)

    def bend(self, part: slice, bend: Bend, at_ns: int, grid: PriceGrid, finer: int) -> None:
        """Bend minutes in which nothing changes."""
        if bend.is_halted(at_ns):
            self.lots[part] = self.value[part] = 0
            return
        for column in self.prices.values():
            column[part] = _bend_prices(bend, grid, at_ns, column[part] * finer) // finer
        self.value[part] = _bend_value(bend, at_ns, self.lots[part], self.value[part], finer)

    def put(self, minute: int, ticks: MinuteTicks) -> None:
        """Sum the prints of a minute."""
        found = ticks.price or [0]
        corners = (found[0], max(found), min(found), found[-1])
        for name, price in zip(_PRICES, corners, strict=True):
            self.prices[name][minute] = price
        self.lots[minute] = sum(ticks.lots)
        self.value[minute] = sum(p * q for p, q in zip(ticks.price, ticks.lots, strict=True))

    def finished(self, bars: MinuteBars, step: int, first: int, close: int) -> MinuteBars:
        """The day, its bent minutes without trades repeating the last close."""
        numbers = np.arange(len(self.lots))
        latest = np.maximum.accumulate(np.where(self.lots > 0, numbers, -1))
        still = (self.lots == 0) & (numbers >= first)
        repeated = np.where(latest >= first, self.prices["close"][latest], close)
        for column in self.prices.values():
            column[still] = repeated[still]
        opened, high, low, closed = (self.prices[name].astype(np.int32) for name in _PRICES)
        return replace(
            bars,
            step=step,
            open=opened,
            high=high,
            low=low,
            close=closed,
            lots=self.lots.astype(np.int32),
            value=self.value,
        )


def _stretches(
    bend: Bend, bars: MinuteBars, starts: list[int], first: int
) -> Iterator[tuple[int, int, bool]]:
    """The minutes from `first` on in runs (begin, end): all steady and alike, or not steady.

    An auction prints up to an hour before or after the minute that it belongs to.
    """
    last = len(starts) - 1
    begin, known = first, None
    for minute, start in enumerate(starts[first:], first):
        early = _HOUR_NS if minute == 0 and bars.opening_ns is not None else 0
        late = _HOUR_NS if minute == last and bars.closing_ns is not None else 0
        is_steady = bend.is_steady(start - early, start + NS_PER_MINUTE + late)
        state = (
            (bend.factor(start), bend.is_halted(start), bend.pinned(start)) if is_steady else None
        )
        if minute > begin and state != known:
            yield begin, minute, known is not None
            begin = minute
        known = state
    if begin <= last:
        yield begin, last + 1, known is not None


def _go_ex(bent: DayBars, bend: Bend) -> None:
    """Put the closes before declared ex-dates in terms of those dates."""
    for declared in bend.declared:
        row = int(np.searchsorted(bent.ordinals, declared.action.ordinal))
        if 0 < row < len(bent):
            closed = int(bent.close[row - 1]) * int(bent.step[row - 1]) / PRICE_UNITS
            bent.previous_close[row] = to_units(declared.action.ex_price(closed))


def _finer_steps(grid: PriceGrid, step: Int64s, opened: Int64s) -> Int64s:
    """The steps on which bent prices lie: bent prices reach other tick bands than seeded ones."""
    found = step
    for units in (np.maximum(opened // _REACH, 1), opened, opened * _REACH):
        found = np.gcd(found, grid.ticks_at(units))
    return found


def _bend_prices(bend: Bend, grid: PriceGrid, at_ns: int, units: Int64s) -> Int64s:
    """Bent prices, in millionths, where nothing changes."""
    pinned = bend.pinned(at_ns)
    if pinned is not None:
        return np.full_like(units, pinned.units)
    factor = bend.factor(at_ns)
    return units if factor == 1.0 else grid.nearest(units.astype(np.float64) * factor)


def _bend_value(bend: Bend, at_ns: int, lots: Int64s, value: Int64s, step: Int64s | int) -> Int64s:
    """Bent turnover, in steps times lots."""
    pinned = bend.pinned(at_ns)
    if pinned is not None:
        found: Int64s = lots * (pinned.units // step)
        return found
    factor = bend.factor(at_ns)
    return value if factor == 1.0 else np.rint(value * factor).astype(np.int64)


def _bend_print(
    bend: Bend, grid: PriceGrid, time_ns: int, units: int, direction: int
) -> tuple[int, int]:
    """Price in millionths and direction of a seeded print."""
    pinned = bend.pinned(time_ns)
    if pinned is not None:
        return pinned.units, _DIRECTIONS[pinned.pin]
    factor = bend.factor(time_ns)
    return (units if factor == 1.0 else on_grid(grid, units * factor)), direction


def on_grid(grid: PriceGrid, units: float) -> int:
    """The price on the grid that is nearest to one in millionths, at least one tick."""
    return int(grid.nearest(np.array([units], np.float64))[0])
