"""Refusals of the simulator: facts with their numbers, no wording and no wire format.

The gateway's `errors.py` holds the only table from these to what a client reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from simulator.domain import (
    OrderOperation,
    OrderSession,
    OrderType,
    Period,
    Security,
    TimeInForce,
)


class SimulatorError(Exception):
    """Base of every refusal."""


@dataclass(eq=False)
class UnknownSecurity(SimulatorError):
    """No such code in the universe."""

    security: Security


@dataclass(eq=False)
class TradingHalted(SimulatorError):
    """A command has halted the security, so its price cannot move."""

    security: Security


@dataclass(eq=False)
class NoPriceLimit(SimulatorError):
    """The security's market knows no daily price limit."""

    security: Security


@dataclass(eq=False)
class InvalidExDate(SimulatorError):
    """Not a later trade date, or one that has a corporate action already."""

    security: Security
    day: date


@dataclass(eq=False)
class NotBendable(SimulatorError):
    """The price follows from another security's, which is the one to change."""

    security: Security


@dataclass(eq=False)
class UnknownAccount(SimulatorError):
    """No account of that number in that environment."""

    account_id: int


@dataclass(eq=False)
class UnknownOrder(SimulatorError):
    """The account has no order of that number."""

    order: str


@dataclass(eq=False)
class UnsupportedPeriod(SimulatorError):
    """This security has no candles of that period."""

    security: Security
    period: Period


class PersonalRefused(SimulatorError):
    """Base of all reasons to refuse a change of the watch list or of price reminders."""


@dataclass(eq=False)
class UnknownGroup(PersonalRefused):
    """The watch list has no group of that name."""

    name: str


@dataclass(eq=False)
class SystemGroup(PersonalRefused):
    """A group of the watch list that the user cannot change."""

    name: str


@dataclass(eq=False)
class WatchListFull(PersonalRefused):
    """More securities than the watch list holds."""

    limit: int


@dataclass(eq=False)
class UnknownReminder(PersonalRefused):
    """The security has no price reminder of that key."""

    reminder_key: int


@dataclass(eq=False)
class TooManyReminders(PersonalRefused):
    """A security has as many reminders of one type as it can have."""

    limit: int


class OrderRejected(SimulatorError):
    """Base of all reasons to refuse an order before it reaches the venue."""


class NotOfThisAccount(OrderRejected):
    """Base of what a kind of account or product does not do."""

    is_paper: bool


@dataclass(eq=False)
class InvalidQuantity(OrderRejected):
    """Zero, negative or fractional."""

    quantity: Decimal


@dataclass(eq=False)
class OddLot(OrderRejected):
    """Not a multiple of the board lot."""

    quantity: Decimal
    lot_size: int


@dataclass(eq=False)
class OrderTooLarge(OrderRejected):
    """More than the venue takes in a single order."""

    quantity: int
    maximum: int


@dataclass(eq=False)
class InvalidPrice(OrderRejected):
    """Missing, zero or negative where the order type needs a price."""

    price: Decimal | None


@dataclass(eq=False)
class PriceOffTick(OrderRejected):
    """Between two price steps."""

    price: Decimal
    tick: Decimal


@dataclass(eq=False)
class PriceOutsideLimits(OrderRejected):
    """Beyond the day's price limits."""

    price: Decimal
    low: Decimal
    high: Decimal


@dataclass(eq=False)
class InsufficientBuyingPower(OrderRejected):
    """The account cannot pay for it."""

    needed: Decimal
    available: Decimal


@dataclass(eq=False)
class InsufficientPosition(OrderRejected):
    """More than can be sold, where short selling is not allowed."""

    quantity: int
    available: int


@dataclass(eq=False)
class OppositePositionConflict(OrderRejected):
    """The order would hold long and short of one security at once."""

    security: Security


@dataclass(eq=False)
class SideNotSupported(OrderRejected):
    """Only BUY and SELL are accepted from clients."""

    side: int


@dataclass(eq=False)
class OrderTypeNotSupported(NotOfThisAccount):
    """This account or product does not take the order type."""

    order_type: OrderType
    is_paper: bool = True


@dataclass(eq=False)
class TimeInForceNotSupported(NotOfThisAccount):
    """The order type or the account does not take it; paper accounts take DAY only."""

    time_in_force: TimeInForce
    is_paper: bool = True


@dataclass(eq=False)
class SessionNotSupported(NotOfThisAccount):
    """The account does not trade in those hours."""

    session: OrderSession
    is_paper: bool = True


@dataclass(eq=False)
class MarketOrderMayOnlyClose(OrderRejected):
    """Paper futures are opened with limit orders."""

    security: Security


@dataclass(eq=False)
class InvalidTrigger(OrderRejected):
    """The price that touches the order off, or the trailing distance, is missing or impossible."""

    price: Decimal | None


@dataclass(eq=False)
class InvalidExpiry(OrderRejected):
    """A GTD order without a day, with a past one or with one too far away."""

    expires: str


@dataclass(eq=False)
class PriceTooFar(OrderRejected):
    """Further from the opposite best price than the venue takes."""

    price: Decimal
    limit: Decimal


@dataclass(eq=False)
class PriceOutsideBand(OrderRejected):
    """Beyond the band of a cooling-off period."""

    price: Decimal
    low: Decimal
    high: Decimal


@dataclass(eq=False)
class PriceOutsideCage(OrderRejected):
    """An A-share order too far into the other side."""

    price: Decimal
    limit: Decimal


@dataclass(eq=False)
class ShortSaleBelowMarket(OrderRejected):
    """A short sale against the exchange's rule."""

    least: Decimal
    """The lowest price that it may ask for."""


@dataclass(eq=False)
class OperationNotSupported(NotOfThisAccount):
    """The account or product does not know that change of an order."""

    operation: OrderOperation
    is_paper: bool = True


@dataclass(eq=False)
class MarketOrderOutsideHours(OrderRejected):
    """Market orders need continuous trading."""

    security: Security


@dataclass(eq=False)
class WouldBeMarked(OrderRejected):
    """Closing what was opened today would be the fourth day trade, which marks the account."""

    security: Security


@dataclass(eq=False)
class EquityTooLowToOpen(OrderRejected):
    """The account of a pattern day trader with too little equity opens nothing."""

    least: Decimal
    """USD."""


@dataclass(eq=False)
class BeyondDayTradingPower(OrderRejected):
    """Opening so much might end in a day-trade call."""

    value: Decimal
    power: Decimal


@dataclass(eq=False)
class MarketNotAuthorised(OrderRejected):
    """The account does not trade that market, or the security cannot be traded."""

    security: Security


@dataclass(eq=False)
class OrderNotModifiable(OrderRejected):
    """The order is already filled, cancelled or on its way out."""

    order_id: int


@dataclass(eq=False)
class InvalidCombo(OrderRejected):
    """Legs that cannot be traded together."""


@dataclass(eq=False)
class ComboNotSupported(NotOfThisAccount):
    """This account does not trade combinations."""

    is_paper: bool = True
