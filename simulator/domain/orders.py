"""Orders of one or several legs, their fills, and what may be traded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final

from simulator.domain.accounts import TradingMarket
from simulator.domain.securities import Currency, Security


class Side(IntEnum):
    """Source: [P] Trd_Common.TrdSide."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    BUY = 1
    SELL = 2
    SELL_SHORT = 3
    BUY_BACK = 4


class OrderType(IntEnum):
    """Source: [P] Trd_Common.OrderType."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    NORMAL = 1
    MARKET = 2
    ABSOLUTE_LIMIT = 5
    AUCTION = 6
    AUCTION_LIMIT = 7
    SPECIAL_LIMIT = 8
    SPECIAL_LIMIT_ALL = 9
    STOP = 10
    STOP_LIMIT = 11
    MARKET_IF_TOUCHED = 12
    LIMIT_IF_TOUCHED = 13
    TRAILING_STOP = 14
    TRAILING_STOP_LIMIT = 15
    TWAP = 16
    TWAP_LIMIT = 17
    VWAP = 18
    VWAP_LIMIT = 19

    @property
    def client_name(self) -> str:
        """The name in texts, e.g. `StopLimit`."""
        return self.name.title().replace("_", "")


class OrderStatus(IntEnum):
    """Source: [P] Trd_Common.OrderStatus."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = -1
    UNSUBMITTED = 0
    WAITING_SUBMIT = 1
    SUBMITTING = 2
    SUBMIT_FAILED = 3
    TIMEOUT = 4
    SUBMITTED = 5
    FILLED_PART = 10
    FILLED_ALL = 11
    CANCELLING_PART = 12
    CANCELLING_ALL = 13
    CANCELLED_PART = 14
    CANCELLED_ALL = 15
    FAILED = 21
    DISABLED = 22
    DELETED = 23
    FILL_CANCELLED = 24

    @property
    def is_final(self) -> bool:
        """Whether the order can never change again."""
        return self in _FINAL_STATUSES


_FINAL_STATUSES: Final = frozenset(
    {
        OrderStatus.SUBMIT_FAILED,
        OrderStatus.FILLED_ALL,
        OrderStatus.CANCELLED_PART,
        OrderStatus.CANCELLED_ALL,
        OrderStatus.FAILED,
        OrderStatus.DELETED,
        OrderStatus.FILL_CANCELLED,
    }
)


class TimeInForce(IntEnum):
    """Source: [P] Trd_Common.TimeInForce."""

    __hash__ = int.__hash__  # quicker than hashing the name

    DAY = 0
    GTC = 1
    IOC = 2
    GTD = 3


class TrailKind(IntEnum):
    """What a trailing distance is measured in. Source: [P] Trd_Common.TrailType."""

    RATIO = 1
    """Per cent of the price."""
    AMOUNT = 2


@dataclass(frozen=True, slots=True)
class Trail:
    """How a trailing stop follows the price."""

    kind: TrailKind
    value: Decimal
    spread: Decimal = Decimal(0)
    """How far beyond the stop the limit lies, for a trailing stop-limit."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What touches an order off."""

    aux_price: Decimal | None = None
    """A price that has to be reached."""
    trail: Trail | None = None


class OrderSession(IntEnum):
    """In which hours an American order may trade. Source: [P] Common.Session."""

    __hash__ = int.__hash__  # quicker than hashing the name

    NONE = 0
    """Not said: regular hours."""
    REGULAR = 1
    EXTENDED = 2
    """Regular hours and those before and after."""
    ALL = 3
    OVERNIGHT = 4


class OrderOperation(IntEnum):
    """What can be done to an order. Source: [P] Trd_Common.ModifyOrderOp."""

    __hash__ = int.__hash__  # quicker than hashing the name

    CHANGE = 1
    CANCEL = 2
    DISABLE = 3
    ENABLE = 4
    DELETE = 5


@dataclass(frozen=True, slots=True)
class OrderLeg:
    """One of the securities that a combo order trades together."""

    security: Security
    side: Side
    ratio: int
    """Shares or contracts for each unit of the order's quantity."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A new order as the user asked for it, not yet judged."""

    account_id: int
    security: Security
    side: Side
    order_type: OrderType
    quantity: Decimal
    price: Decimal | None
    """Limit price; None where the order type has none."""
    time_in_force: TimeInForce = TimeInForce.DAY
    remark: str = ""
    fill_outside_rth: bool = False
    aux_price: Decimal | None = None
    """What touches off a stop or an if-touched order."""
    trail: Trail | None = None
    session: OrderSession = OrderSession.NONE
    expires: str = ""
    """`YYYY-MM-DD`, the last day of a GTD order."""
    legs: tuple[OrderLeg, ...] = ()
    """Of a combo order, whose security and side are those of its first leg."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order at one moment of its life."""

    order_id: int
    order_id_ex: str
    account_id: int
    security: Security
    side: Side
    order_type: OrderType
    status: OrderStatus
    quantity: int
    price: Decimal | None
    filled_quantity: int
    filled_average_price: Decimal
    created_ns: int
    """Market clock, as `updated_ns`."""
    updated_ns: int
    time_in_force: TimeInForce
    remark: str
    last_error: str
    fill_outside_rth: bool
    currency: Currency
    trading_market: TradingMarket
    aux_price: Decimal | None = None
    """What touches off a stop or an if-touched order."""
    trail: Trail | None = None
    session: OrderSession = OrderSession.NONE
    expires: str = ""
    """`YYYY-MM-DD`, the last day of a GTD order."""
    legs: tuple[OrderLeg, ...] = ()
    """Of a combo order; its prices are net prices: positive where a unit costs something."""

    @property
    def securities(self) -> tuple[Security, ...]:
        """Everything that it trades."""
        return tuple(leg.security for leg in self.legs) or (self.security,)


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order."""

    fill_id: int
    fill_id_ex: str
    order_id: int
    order_id_ex: str
    account_id: int
    security: Security
    side: Side
    quantity: int
    price: Decimal
    created_ns: int
    trading_market: TradingMarket


@dataclass(frozen=True, slots=True)
class MaxQuantities:
    """How much an account could trade of a security at a price."""

    cash_buy: int
    margin_buy: int
    """Cash and margin together."""
    position_sell: int
    sell_short: int
    buy_back: int
    long_margin: Decimal | None = None
    """Initial margin of one more contract; None where there are no contracts."""
    short_margin: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ComboEffects:
    """What filling a combo order would do to an account's money, in the currency of its legs."""

    equity: Decimal
    """Change of the net liquidation value: fees, and the price against the last ones."""
    initial_margin: Decimal
    maintenance_margin: Decimal
    withdrawable: Decimal
    """Change of what can be withdrawn."""
    option_power: Decimal
    """What can be spent on options before."""
    power_used: Decimal


class StrategyKind(IntEnum):
    """What legs make together. Source: [P] Qot_Common.OptionStrategyType."""

    UNKNOWN = 0
    SINGLE = 1
    COVERED = 2
    SPREAD = 4
    STRADDLE = 6
    STRANGLE = 7
    COLLAR = 8
    BUTTERFLY = 9
    CONDOR = 11
    IRON_BUTTERFLY = 13
    IRON_CONDOR = 14
    CALENDAR_SPREAD = 15
    DIAGONAL_SPREAD = 16
    CUSTOM = 100
