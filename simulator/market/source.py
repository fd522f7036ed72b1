"""The plug point for price data: what a source of market data must be able to supply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Instrument
from simulator.market.corporate_actions import CorporateAction
from simulator.trading_days import TradingSession

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DayBars:
    """Day bars of a security's whole life up to the calendar's end, one row per trading day.

    Prices are whole numbers of the row's `step`; volumes are lots. A row without lots is a day on
    which the security was suspended; it repeats the last close.
    """

    ordinals: Int32s
    """Proleptic Gregorian day numbers of the trade dates, ascending."""
    step: Int32s
    """Millionths of the currency per price step of that day."""
    open: Int32s
    high: Int32s
    low: Int32s
    close: Int32s
    previous_close: Int64s
    """In millionths, as the day before may have had another step. After a corporate action it is
    the price that follows from it, as the exchanges reckon."""
    lots: Int32s
    value: Int64s
    """Sum of price steps times lots over the day's trades."""
    sigma: NDArray[np.float32]
    """Standard deviation of the log price between open and close."""
    actions: tuple[CorporateAction, ...] = ()
    """Oldest first; each ex-date is a row, whose previous close is in terms of that day."""
    opening_lots: Int32s | None = None
    """Traded at the open in one auction; None where there are no auctions."""
    closing_lots: Int32s | None = None
    """Traded at the close in one auction."""

    def __len__(self) -> int:
        return len(self.ordinals)


@dataclass(frozen=True, slots=True)
class MinuteBars:
    """The minutes of one trading day, sessions joined; they add up to the day exactly.

    Prices are whole numbers of the day's `step`. A minute without trades repeats the last close.
    """

    step: int
    open: Int32s
    high: Int32s
    low: Int32s
    close: Int32s
    lots: Int32s
    value: Int64s
    opening_ns: int | None = None
    """When the opening auction prints, from the start of the first minute; negative."""
    closing_ns: int | None = None
    """When the closing auction prints, from the start of the last minute; after its end."""

    def __len__(self) -> int:
        return len(self.open)


@dataclass(frozen=True, slots=True)
class MinuteTicks:
    """The prints of one minute in order; they add up to the minute exactly."""

    offset_ns: list[int]
    """Strictly increasing, inside (0, 60 s) but for auctions."""
    price: list[int]
    """In the day's price steps."""
    lots: list[int]
    direction: list[int]
    """`TradeDirection` numbers."""


@dataclass(frozen=True, slots=True)
class Liquidity:
    """How a security trades and quotes."""

    key: int
    """Stream of its own for what is displayed."""
    lot: int
    """Shares or contracts to a lot; 0 where a security has no volume."""
    value_scale: float
    """Turnover of one share or contract at price one."""
    spread: float
    """Mean spread in ticks, at least 1."""
    level_lots: float
    """Mean size of a price level near the best, in lots."""
    refresh_ns: int
    """How often the displayed book changes between prints."""
    limit: float | None
    """Daily price limit as a fraction of the previous close."""
    has_odd_lots: bool = False
    """Whether some of its prints are told as odd lots."""


class MarketSource(Protocol):
    """Supplies bars and prints of any security on any day, in any order, always the same."""

    def days(self, instrument: Instrument) -> DayBars:
        """All days of a security."""

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the rows `first` to `last`, inclusive, of `days`."""

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a row of `days`."""

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How a security trades and quotes."""

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """When that row's minutes are, in order."""


@runtime_checkable
class DrawsFromMinutes(Protocol):
    """A source that spares itself the days where the caller has kept a day's minutes."""

    def ticks_of(
        self, instrument: Instrument, row: int, minute: int, bars: MinuteBars, ordinal: int
    ) -> MinuteTicks:
        """What `ticks` gives.

        Args:
            instrument: Whose.
            row: Of `days`.
            minute: Of the day.
            bars: What `minutes` gives for the row.
            ordinal: The row's day number.
        """
