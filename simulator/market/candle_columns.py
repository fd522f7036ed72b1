"""Bars under construction: chosen, joined into longer ones, and given their previous closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Candles, Period
from simulator.market.tape import TapeState

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Columns:
    """Bars under construction; prices already in the currency."""

    label: Ints
    ordinal: Ints
    """Trade date of each bar, of longer ones the first."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Ints
    turnover: Floats

    def finish(self, close_before: float, restarts: dict[int, float]) -> Candles:
        """Add the previous closes: each bar's is the close of the bar before.

        Args:
            close_before: That of the first bar.
            restarts: Previous closes that follow from corporate actions, by trade date.
        """
        previous = np.concatenate([[close_before], self.close[:-1]])[: len(self.label)]
        for ordinal, price in restarts.items():
            at = int(np.searchsorted(self.ordinal, ordinal))
            if at < len(self.ordinal) and self.ordinal[at] == ordinal:
                previous[at] = price
        return Candles(
            time_ns=self.label,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            previous_close=previous,
            volume=self.volume,
            turnover=self.turnover,
        )

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Leave out all other rows, before there are labels."""
        self.ordinal = self.ordinal[rows]
        self.open, self.high = self.open[rows], self.high[rows]
        self.low, self.close = self.low[rows], self.close[rows]
        self.volume, self.turnover = self.volume[rows], self.turnover[rows]

    def append_today(self, state: TapeState) -> None:
        """Add the day that is not over, before there are labels."""
        self.ordinal = np.append(self.ordinal, state.view.day.toordinal())
        self.open = np.append(self.open, state.open)
        self.high = np.append(self.high, state.high)
        self.low = np.append(self.low, state.low)
        self.close = np.append(self.close, state.last)
        self.volume = np.append(self.volume, state.volume)
        self.turnover = np.append(self.turnover, state.turnover)

    def group(self, heads: Ints) -> None:
        """Join rows into bars that start at `heads`."""
        if len(heads) == len(self.open):
            return
        ends = np.append(heads[1:], len(self.open)) - 1
        self.ordinal = self.ordinal[heads]
        self.open, self.close = self.open[heads], self.close[ends]
        self.high = np.maximum.reduceat(self.high, heads)
        self.low = np.minimum.reduceat(self.low, heads)
        self.volume = np.add.reduceat(self.volume, heads)
        self.turnover = np.add.reduceat(self.turnover, heads)


def period_heads(ordinals: Ints, period: Period) -> Ints:
    """The first row of each bar, which also labels it. Source: [I]."""
    if period is Period.DAY or not len(ordinals):
        return np.arange(len(ordinals))
    if period is Period.WEEK:
        number = (ordinals - 1) // 7
    else:
        days = (ordinals - _EPOCH_ORDINAL).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64)
        number = months // {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[period]
    return np.flatnonzero(np.diff(number, prepend=number[0] - 1))
