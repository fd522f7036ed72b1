"""What the broker and the engine need of a market; `MarketData` has it, and so has a test's script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    Instrument,
    MarketState,
    OrderBook,
    Quote,
    Security,
    ShareEvent,
    Trade,
    TradeDirection,
    Venue,
)
from simulator.timeline import Timeline
from simulator.trading_days import SessionKind, TradingSession

KEYS_PER_PRICE: Final = 10**9
"""Prices as whole numbers, as orders at the venue have them."""

NO_LOW: Final = 2**62
"""The lowest print where there is none; the highest is 0 then."""

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MinuteReach:
    """What the prices of some minutes in a row can be, at most; arrays of one item a minute."""

    begin_ns: int
    """When the first minute begins, which may be over in part."""
    low: Keys
    """Of the prints."""
    high: Keys
    bottom: Keys
    """No displayed price is below; the book that the minute begins with included."""
    top: Keys
    is_mixed: NDArray[np.bool_]
    """Whether `low` and `high` count prints outside the minute's time."""


class InstrumentLookup(Protocol):
    """The listed securities."""

    def get(self, security: Security) -> Instrument:
        """Give the instrument; raises UnknownSecurity."""
        ...


class MarketView(Protocol):
    """A market at any instant of the gateway's clock; results carry the market's own clock."""

    @property
    def universe(self) -> InstrumentLookup:
        """The listed securities."""
        ...

    @property
    def timeline(self) -> Timeline:
        """How the gateway's clock maps to the venues' clocks."""
        ...

    def state(self, venue: Venue, now_ns: int) -> MarketState:
        """The phase of the venue's day."""
        ...

    def quote(self, security: Security, now_ns: int) -> Quote:
        """Last price and previous close, among others."""
        ...

    def displayed_book(self, security: Security, now_ns: int, depth: int = 10) -> OrderBook:
        """Displayed liquidity without users' orders."""
        ...

    def trades_between(self, security: Security, after_ns: int, until_ns: int) -> tuple[Trade, ...]:
        """Prints in (after, until], oldest first."""
        ...

    def extended_trades(
        self, security: Security, after_ns: int, until_ns: int
    ) -> tuple[Trade, ...]:
        """Prints in (after, until] outside the American day, oldest first."""
        ...

    def running_session(self, security: Security, now_ns: int) -> SessionKind | None:
        """The kind of the American session outside the day that runs, if one does."""
        ...

    def is_halted(self, security: Security, now_ns: int) -> bool:
        """Whether trading in the security is halted."""
        ...

    def cooling_band(self, security: Security, now_ns: int) -> tuple[float, float] | None:
        """Lowest and highest price of a cooling-off period; None where none runs."""
        ...

    def share_events(self, security: Security, after: date, until: date) -> tuple[ShareEvent, ...]:
        """Corporate actions with ex-dates in (after, until], oldest first."""
        ...

    def final_day(self, instrument: Instrument) -> date | None:
        """The last trade date of a derivative; None for what has no end."""
        ...

    def successor(self, instrument: Instrument, shares: Fraction) -> Security | None:
        """The contract that an option becomes when a share of its underlying becomes so many."""
        ...

    def close_of(self, security: Security, day: date) -> float:
        """The close of a trade date, users' trades left out."""
        ...

    def next_change_ns(self, security: Security, after_ns: int) -> int:
        """When the next print or book refresh comes."""
        ...

    def minute_reach(self, security: Security, after_ns: int) -> MinuteReach | None:
        """From the minute of an instant to the end of the session, gateway time; None if unknown."""
        ...

    def next_minute_ns(self, security: Security, after_ns: int) -> int:
        """When the market's minute turns next."""
        ...

    def record_trade(
        self, security: Security, now_ns: int, price: float, volume: int, direction: TradeDirection
    ) -> Trade:
        """Make a user's aggressive fill part of the tape."""
        ...

    def restore_trade(self, security: Security, trade: Trade) -> None:
        """Put back what `record_trade` gave out in an earlier run; oldest first."""
        ...


class SessionCalendar(Protocol):
    """The trade dates and hours of a venue; all times are those of its own clock."""

    def sessions(self, day: date) -> tuple[TradingSession, ...]:
        """Regular continuous sessions of a trade date, in order."""
        ...

    def extended_sessions(self, day: date) -> tuple[TradingSession, ...]:
        """Trading before and after hours; empty where there is none."""
        ...

    def next_day(self, day: date) -> date:
        """The first trade date after a day."""
        ...

    def trading_date(self, time_ns: int) -> date:
        """The trade date that is today."""
        ...

    def next_state_change_ns(self, time_ns: int) -> int:
        """When the market state changes next."""
        ...


class Calendars(Protocol):
    """The calendar of every venue."""

    def __call__(self, venue: Venue) -> SessionCalendar:
        """Give a venue's calendar."""
        ...


def exact(price: float) -> Decimal:
    """The decimal that a price of market data stands for: such floats lie on the tick."""
    return Decimal(repr(float(price)))
