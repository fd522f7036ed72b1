"""What is told of a security: quotes, books, prints, candles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.domain.securities import Security, TradeDirection, TradeKind


@dataclass(frozen=True, slots=True)
class Quote:
    """The state of a security at one instant of its market's clock."""

    security: Security
    time_ns: int
    """Time of the last change, market clock."""
    last: float
    open: float
    high: float
    low: float
    previous_close: float
    volume: int
    turnover: float
    bid: float
    ask: float
    bid_volume: int
    ask_volume: int
    is_suspended: bool = False


class DepthLevel(NamedTuple):
    """One price level of an order book, best first in its side."""

    price: float
    volume: int
    order_count: int


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Displayed liquidity, users' resting orders included."""

    security: Security
    time_ns: int
    bids: tuple[DepthLevel, ...]
    asks: tuple[DepthLevel, ...]


class QueuedOrder(NamedTuple):
    """One order that stands at a price level (OpenD: OrderBookDetail)."""

    order_id: int
    volume: int


@dataclass(frozen=True, slots=True)
class OrderQueues:
    """The orders behind each level of an order book, best level first, oldest order first."""

    bids: tuple[tuple[QueuedOrder, ...], ...]
    asks: tuple[tuple[QueuedOrder, ...], ...]


class Trade(NamedTuple):
    """One print of the tape (OpenD: Ticker)."""

    time_ns: int
    sequence: int
    """Strictly increasing per security."""
    price: float
    volume: int
    direction: TradeDirection
    kind: TradeKind = TradeKind.AUTOMATCH


class IntradayPoint(NamedTuple):
    """One minute of the intraday line (OpenD: RT, TimeShare)."""

    time_ns: int
    """End of the minute, market clock."""
    minute: int
    """Minutes since local midnight of that time."""
    price: float
    previous_close: float
    average_price: float
    volume: int
    turnover: float
    is_blank: bool


class BrokerEntry(NamedTuple):
    """One place in the broker queue."""

    broker_id: int
    broker_name: str
    position: int
    """Price level, 1 is the best."""


@dataclass(frozen=True, slots=True)
class BrokerQueue:
    """Who stands at which level, best first."""

    security: Security
    bids: tuple[BrokerEntry, ...]
    asks: tuple[BrokerEntry, ...]


@dataclass(frozen=True, slots=True)
class Candles:
    """A run of bars, oldest first, as columns of equal length."""

    time_ns: NDArray[np.int64]
    """Label: the bar's end for intraday periods, local midnight of its date otherwise."""
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    previous_close: NDArray[np.float64]
    volume: NDArray[np.int64]
    turnover: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.time_ns)

    def slice(self, start: int, stop: int) -> Candles:
        """Bars `start` to `stop`, exclusive."""
        return Candles(*(getattr(self, name)[start:stop] for name in self.__slots__))
