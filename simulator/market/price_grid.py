"""The prices a security can have, as whole numbers: millionths, grid steps and ladder rungs."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Instrument
from simulator.ticks import HK_EQUITY, tick_bands

PRICE_UNITS: Final = 1_000_000
"""Prices are counted in millionths; every tick of every venue is a whole number of them."""

Ints = NDArray[np.int64]


def to_price(units: int) -> float:
    """The float nearest to a price counted in millionths: what a reader would type."""
    return units / PRICE_UNITS


def to_units(price: float) -> int:
    """A price on the grid, in millionths."""
    return round(price * PRICE_UNITS)


@dataclass(frozen=True, slots=True, eq=False)
class PriceGrid:
    """Tick bands as a ladder: rung numbers and prices map onto each other, one to one.

    A band reaches up to and including its top, as the exchange's tables are worded.
    """

    bottoms: Ints
    """Where each band starts, exclusive, in millionths; the first is 0."""
    ticks: Ints
    bases: Ints
    """The last multiple of each band's tick that is not above its start."""
    first_rungs: Ints
    """Rung of each band's base."""
    common_steps: Ints
    """`common_steps[a, b]`: the smallest step that is on the grid in all bands from a to b."""

    @classmethod
    def from_bands(cls, bands: list[tuple[float, float]]) -> PriceGrid:
        """Build from (top, tick) pairs in ascending order; the last top is ignored."""
        tops = [to_units(top) for top, _ in bands[:-1]]
        ticks = [to_units(tick) for _, tick in bands]
        bottoms = [0, *tops]
        bases = [bottom // tick * tick for bottom, tick in zip(bottoms, ticks, strict=True)]
        rungs = [0]
        for base, top, tick in zip(bases, tops, ticks, strict=False):
            rungs.append(rungs[-1] + (top - base) // tick)
        steps = [
            [lcm(*ticks[min(a, b) : max(a, b) + 1]) for b in range(len(ticks))]
            for a in range(len(ticks))
        ]
        return cls(
            np.array(bottoms, np.int64),
            np.array(ticks, np.int64),
            np.array(bases, np.int64),
            np.array(rungs, np.int64),
            np.array(steps, np.int64),
        )

    def common_step(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Ints:
        """The step on which all prices between two prices (in millionths) can lie."""
        a = self._band(low)
        b = self._band(high)
        steps: Ints = self.common_steps[a, b]
        return steps

    def band(self, units: int) -> tuple[int, int]:
        """The lowest and highest price of the tick band around a price, all in millionths."""
        at = max(int(np.searchsorted(self.bottoms, units, "left")) - 1, 0)
        is_top = at + 1 == len(self.bottoms)
        top = 10**15 if is_top else int(self.bottoms[at + 1])
        return int(self.bases[at] + self.ticks[at]), top

    def bands(self, units: NDArray[np.float64]) -> tuple[Ints, Ints]:
        """What `band` says of several prices."""
        at = self._band(units)
        tops = np.append(self.bottoms[1:], 10**15)
        return self.bases[at] + self.ticks[at], tops[at]

    def tick_at(self, units: int) -> int:
        """Tick size at a price, both in millionths."""
        return int(self.ticks[np.searchsorted(self.bottoms, units, "left") - 1])

    def ticks_at(self, units: Ints) -> Ints:
        """Tick sizes at prices, all in millionths."""
        found: Ints = self.ticks[np.searchsorted(self.bottoms, units, "left") - 1]
        return found

    def nearest(self, units: NDArray[np.float64]) -> Ints:
        """The prices on the grid that are nearest to some, in millionths; at least one tick."""
        whole = np.rint(units).astype(np.int64)
        whole = np.maximum(whole + self.ticks_at(np.maximum(whole, 1)) // 2, 1)
        band = np.maximum(np.searchsorted(self.bottoms, whole, "left") - 1, 0)
        rungs = self.first_rungs[band] + (whole - self.bases[band]) // self.ticks[band]
        return self.prices(np.maximum(rungs, 1))

    def rung(self, units: int) -> int:
        """Number of the rung at or below a price in millionths."""
        band = max(int(np.searchsorted(self.bottoms, units, "left")) - 1, 0)
        steps = (units - int(self.bases[band])) // int(self.ticks[band])
        return int(self.first_rungs[band]) + steps

    def rungs(self, units: Ints) -> Ints:
        """What `rung` says of several prices."""
        band = np.maximum(np.searchsorted(self.bottoms, units, "left") - 1, 0)
        found: Ints = self.first_rungs[band] + (units - self.bases[band]) // self.ticks[band]
        return found

    def prices(self, rungs: Ints) -> Ints:
        """Prices of rungs, in millionths."""
        band = np.searchsorted(self.first_rungs, rungs, "left") - 1
        band = np.maximum(band, 0)
        found: Ints = self.bases[band] + (rungs - self.first_rungs[band]) * self.ticks[band]
        return found

    def _band(self, units: NDArray[np.float64]) -> Ints:
        found: Ints = np.maximum(np.searchsorted(self.bottoms, units, "left") - 1, 0)
        return found


@lru_cache(maxsize=64)
def _grid(bands: tuple[tuple[float, float], ...]) -> PriceGrid:
    """Many securities share a tick table."""
    return PriceGrid.from_bands(list(bands))


@dataclass(frozen=True, slots=True)
class GridHistory:
    """The grids of one security in the order in which they came into force."""

    since: tuple[int, ...]
    """First day number of each grid, ascending; the first is 0."""
    grids: tuple[PriceGrid, ...]

    @classmethod
    def of(cls, instrument: Instrument) -> GridHistory:
        """Collect the dated tick tables of an instrument."""
        since: list[int] = []
        tables: list[list[tuple[float, float]]] = []
        for start in sorted({date.min, *(start for start, _ in HK_EQUITY)}):
            bands = tick_bands(instrument, start)
            if not tables or bands != tables[-1]:
                since.append(start.toordinal() if tables else 0)
                tables.append(bands)
        return cls(tuple(since), tuple(_grid(tuple(bands)) for bands in tables))

    def at(self, day: date) -> PriceGrid:
        """The grid of a trade date."""
        return self.grids[bisect_right(self.since, day.toordinal()) - 1]

    def common_steps(self, days: Ints, low: NDArray[np.float64], high: NDArray[np.float64]) -> Ints:
        """For each day the step on which all of its prices can lie.

        Args:
            days: Day numbers, ascending.
            low: Each day's lowest price, in millionths.
            high: Each day's highest price, in millionths.
        """
        steps = np.empty(len(days), np.int64)
        starts = [int(np.searchsorted(days, day)) for day in self.since]
        for grid, a, b in zip(self.grids, starts, [*starts[1:], len(days)], strict=True):
            steps[a:b] = grid.common_step(low[a:b], high[a:b])
        return steps
