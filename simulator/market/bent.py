"""A source of market data whose paths commands may bend; what is not bent passes through.

Theory of operation. Prints are bent one by one, each onto the tick grid; minutes are the sums of
their bent prints and days those of their minutes, so that everything built on them agrees. Bending
keeps the order of prices, so a day on which the factor is constant needs no prints: its four prices
are bent, and its turnover is scaled ([I]: to within the rounding of prices).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import date
from math import gcd
from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, Instrument, Security, TradeDirection
from simulator.market.bends import Bend, Pin
from simulator.market.price_grid import GridHistory, PriceGrid
from simulator.market.source import (
    DayBars,
    Int64s,
    Liquidity,
    MarketSource,
    MinuteBars,
    MinuteTicks,
)
from simulator.trading_days import TradingSession

_REACH: Final = 50
"""How many times higher or lower than a day's open a bent price can be told exactly."""
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

    # --- inside -------------------------------------------------------------------------------

    def _first_row(self, instrument: Instrument, bend: Bend) -> int:
        """The first day with anything to bend."""
        days = self._source.days(instrument)
        row = len(days) - 1
        low, high = 0, row
        while low < high:
            middle = (low + high) // 2
            if self._source.sessions(instrument, middle)[-1].end_ns > bend.start_ns:
                high = middle
            else:
                low = middle + 1
        return low

    def _grid(self, instrument: Instrument, ordinal: int) -> PriceGrid:
        history = self._grids.get(instrument.security)
        if history is None:
            history = self._grids[instrument.security] = GridHistory.of(instrument)
        return history.at(date.fromordinal(ordinal))

    def _steps(self, instrument: Instrument, row: int) -> tuple[PriceGrid, int, int]:
        """A row's grid, its step in the seeded market, and the finer one that bent prices take."""
        days = self._source.days(instrument)
        grid = self._grid(instrument, int(days.ordinals[row]))
        step = int(days.step[row])
        opened = int(days.open[row]) * step
        low = grid.tick_at(max(opened // _REACH, 1))
        return grid, step, gcd(step, low, grid.tick_at(opened), grid.tick_at(opened * _REACH))

    def _bent_minutes(self, instrument: Instrument, row: int, bend: Bend) -> MinuteBars:
        key = (instrument.security, row)
        known = self._minutes.get(key)
        if known is None:
            known = self._minutes[key] = self._make_minutes(instrument, row, bend)
        return known

    def _make_minutes(self, instrument: Instrument, row: int, bend: Bend) -> MinuteBars:
        (bars,) = self._source.minutes(instrument, row, row)
        _, step, finer = self._steps(instrument, row)
        scale = step // finer
        names = ("open", "high", "low", "close")
        prices = {n: getattr(bars, n).astype(np.int64) * scale for n in names}
        lots, value = bars.lots.astype(np.int64), bars.value * scale
        starts = self._minute_starts(instrument, row)
        first = max(bisect_left(starts, bend.start_ns - NS_PER_MINUTE + 1), 0)
        close = self._close_before(instrument, row, first, prices["close"], finer)
        for minute in range(first, len(bars)):
            ticks = self._bent_ticks(instrument, row, minute, bend)
            found = ticks.price or [close]
            close = found[-1]
            corners = (found[0], max(found), min(found), close)
            for name, price in zip(names, corners, strict=True):
                prices[name][minute] = price
            lots[minute] = sum(ticks.lots)
            value[minute] = sum(p * q for p, q in zip(ticks.price, ticks.lots, strict=True))
        opened, high, low, closed = (prices[name].astype(np.int32) for name in names)
        return replace(
            bars,
            step=finer,
            open=opened,
            high=high,
            low=low,
            close=closed,
            lots=lots.astype(np.int32),
            value=value,
        )

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
        bent = replace(days, **made)
        self._days[instrument.security] = bent
        closed = int(days.close[first - 1]) * int(days.step[first - 1]) if first else 0
        for row in range(first, len(days)):
            seeded = int(days.close[row - 1]) * int(days.step[row - 1]) if row else 0
            if row > first and seeded:
                ratio = int(days.previous_close[row]) / seeded
                bent.previous_close[row] = closed if ratio == 1 else round(closed * ratio)
            if self._is_constant(instrument, row, bend):
                self._bend_day(instrument, days, bent, row, bend, closed)
            else:
                self._sum_day(instrument, bent, row, bend)
            closed = int(bent.close[row]) * int(bent.step[row])
        return bent

    def _is_constant(self, instrument: Instrument, row: int, bend: Bend) -> bool:
        return self._source.sessions(instrument, row)[0].start_ns > bend.end_ns

    def _bend_day(
        self,
        instrument: Instrument,
        days: DayBars,
        bent: DayBars,
        row: int,
        bend: Bend,
        closed: int,
    ) -> None:
        grid, step, finer = self._steps(instrument, row)
        at_ns = bend.end_ns + 1
        bent.step[row] = finer
        pinned = bend.pinned(at_ns)
        for name in ("open", "high", "low", "close"):
            units = int(getattr(days, name)[row]) * step
            if bend.is_halted(at_ns):
                units = closed
            else:
                units, _ = _bend_print(bend, grid, at_ns, units, 0)
            getattr(bent, name)[row] = units // finer
        if bend.is_halted(at_ns):
            bent.lots[row] = bent.value[row] = 0
        elif pinned is not None:
            bent.value[row] = int(days.lots[row]) * (pinned.units // finer)
        else:
            factor = bend.factor(at_ns)
            bent.value[row] = round(int(days.value[row]) * (step // finer) * factor)

    def _sum_day(self, instrument: Instrument, bent: DayBars, row: int, bend: Bend) -> None:
        bars = self._bent_minutes(instrument, row, bend)
        traded = bars.lots > 0
        bent.step[row] = bars.step
        bent.lots[row], bent.value[row] = int(bars.lots.sum()), int(bars.value.sum())
        bent.close[row] = bars.close[-1]
        bent.open[row] = bars.open[0]
        bent.high[row] = bars.high[traded].max() if traded.any() else bars.close[-1]
        bent.low[row] = bars.low[traded].min() if traded.any() else bars.close[-1]


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
    whole = round(units)
    rung = grid.rung(max(whole + grid.tick_at(max(whole, 1)) // 2, 1))
    return int(grid.prices(np.array([max(rung, 1)]))[0])
