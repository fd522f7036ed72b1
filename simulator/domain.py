"""The words of the trade that every part of the simulator shares: securities, quotes, orders, accounts.

Values are frozen. Enumerations use OpenD's own numbers ([P] Qot_Common.proto, Trd_Common.proto), so
that the gateway can hand them on without a table; the simulator itself never sees the wire.

Units: prices are in the security's currency; quantities are shares or contracts, never lots; times
are UTC nanoseconds *of the market's own clock* unless a name says otherwise. Prices of market data
are floats that lie exactly on the tick; prices of orders and all money are `Decimal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NS_PER_S: Final = 1_000_000_000
NS_PER_MINUTE: Final = 60 * NS_PER_S
NS_PER_DAY: Final = 86_400 * NS_PER_S


class Market(IntEnum):
    """Where a security is quoted. Source: [P] Qot_Common.QotMarket."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    HK = 1
    HK_FUTURE = 2
    US = 11
    SH = 21
    SZ = 22
    SG = 31
    JP = 41
    AU = 51
    MY = 61
    CA = 71
    FX = 81
    CRYPTO = 91

    @property
    def prefix(self) -> str:
        """The part before the dot in `HK.00700`."""
        return "CC" if self is Market.CRYPTO else self.name


class Security(NamedTuple):
    """The key of everything: market and code, as in `HK.00700`."""

    market: Market
    code: str

    @property
    def symbol(self) -> str:
        """The name clients use, e.g. `HK.00700`."""
        return f"{self.market.prefix}.{self.code}"


class SecurityType(IntEnum):
    """Source: [P] Qot_Common.SecurityType."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    BOND = 1
    BASKET_WARRANT = 2
    EQUITY = 3
    TRUST = 4
    WARRANT = 5
    INDEX = 6
    PLATE = 7
    OPTION = 8
    PLATE_SET = 9
    FUTURE = 10
    FOREX = 11
    CRYPTO = 12


class Exchange(IntEnum):
    """Source: [P] Qot_Common.ExchType."""

    UNKNOWN = 0
    HK_MAIN = 1
    HK_GEM = 2
    HK_HKEX = 3
    US_NYSE = 4
    US_NASDAQ = 5
    US_AMEX = 7
    US_OPTION = 8
    US_NYMEX = 9
    US_COMEX = 10
    US_CBOT = 11
    US_CME = 12
    US_CBOE = 13
    CN_SH = 14
    CN_SZ = 15
    CN_STIB = 16
    SG_SGX = 17
    JP_OSE = 18


class Venue(StrEnum):
    """A trading calendar with its sessions; each has a clock of its own in clock mode `open`."""

    __hash__ = str.__hash__

    HK_STOCK = "HK_STOCK"
    HK_FUTURE = "HK_FUTURE"
    US_STOCK = "US_STOCK"
    US_FUTURE = "US_FUTURE"
    CN_STOCK = "CN_STOCK"
    SG_FUTURE = "SG_FUTURE"
    JP_FUTURE = "JP_FUTURE"


class PlateSet(IntEnum):
    """How plates are grouped. Source: [P] Qot_Common.PlateSetType."""

    ALL = 0
    INDUSTRY = 1
    REGION = 2
    CONCEPT = 3
    OTHER = 4


class MarketState(IntEnum):
    """Source: [P] Qot_Common.QotMarketState."""

    __hash__ = int.__hash__  # quicker than hashing the name

    NONE = 0
    AUCTION = 1
    WAITING_OPEN = 2
    MORNING = 3
    REST = 4
    AFTERNOON = 5
    CLOSED = 6
    PRE_MARKET_BEGIN = 8
    PRE_MARKET_END = 9
    AFTER_HOURS_BEGIN = 10
    AFTER_HOURS_END = 11
    NIGHT_OPEN = 13
    NIGHT_END = 14
    FUTURE_DAY_OPEN = 15
    FUTURE_DAY_BREAK = 16
    FUTURE_DAY_CLOSE = 17
    FUTURE_DAY_WAIT_FOR_OPEN = 18
    HK_CAS = 19
    FUTURE_SWITCH_DATE = 22
    FUTURE_OPEN = 23
    FUTURE_BREAK = 24
    FUTURE_BREAK_OVER = 25
    FUTURE_CLOSE = 26
    ASHARE_AFTER_HOURS_WAIT = 27
    ASHARE_AFTER_HOURS_BEGIN = 28
    ASHARE_AFTER_HOURS_END = 29
    OVERNIGHT = 37


class Period(IntEnum):
    """How long a candle is. Source: [P] Qot_Common.KLType."""

    __hash__ = int.__hash__  # quicker than hashing the name

    MINUTE_1 = 1
    DAY = 2
    WEEK = 3
    MONTH = 4
    YEAR = 5
    MINUTE_5 = 6
    MINUTE_15 = 7
    MINUTE_30 = 8
    MINUTE_60 = 9
    MINUTE_3 = 10
    QUARTER = 11
    MINUTE_10 = 12
    MINUTE_120 = 13
    MINUTE_180 = 14
    MINUTE_240 = 15

    @property
    def minutes(self) -> int | None:
        """Length in minutes of an intraday period; None for day and longer."""
        return int(self.name.removeprefix("MINUTE_")) if self.name.startswith("MINUTE_") else None


class Adjustment(IntEnum):
    """How history is corrected for corporate actions. Source: [P] Qot_Common.RehabType."""

    NONE = 0
    FORWARD = 1
    BACKWARD = 2


class TradeDirection(IntEnum):
    """Which side took liquidity. Source: [P] Qot_Common.TickerDirection (Bid: an active buy)."""

    UNKNOWN = 0
    BUY = 1
    SELL = 2
    NEUTRAL = 3


class TradeKind(IntEnum):
    """How a print came about. Source: [P] Qot_Common.TickerType."""

    AUTOMATCH = 1
    ODD_LOT = 6
    AUCTION = 7
    EXTENDED_HOURS = 22


class Currency(IntEnum):
    """Source: [P] Trd_Common.Currency."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    HKD = 1
    USD = 2
    CNH = 3
    JPY = 4
    SGD = 5
    AUD = 6
    CAD = 7
    MYR = 8


@dataclass(frozen=True, slots=True)
class ShareEvent:
    """What a corporate action gives the holder of one share at the begin of its ex-date.

    Money is in the security's currency.
    """

    ex_day: date
    cash: Decimal
    """Dividends."""
    shares: Fraction
    """Shares after for one share before, rights left out."""
    rights: Fraction
    """New shares that may be bought for one share before."""
    rights_price: Decimal
    ex_price: Decimal
    """What a share is worth at the begin of the ex-date: the last close in its terms."""


@dataclass(frozen=True, slots=True)
class Names:
    """A security's name in the languages clients read."""

    simplified: str
    traditional: str
    english: str


class OptionKind(IntEnum):
    """Source: [P] Qot_Common.OptionType."""

    CALL = 1
    PUT = 2


class OptionStyle(IntEnum):
    """When an option can be exercised. Source: [P] Qot_Common.OptionAreaType."""

    AMERICAN = 1
    EUROPEAN = 2


class ExpirationCycle(IntEnum):
    """Which series an expiration belongs to. Source: [P] Qot_Common.ExpirationCycle."""

    WEEK = 1
    MONTH = 2
    WEEK_MONDAY = 11
    WEEK_TUESDAY = 12
    WEEK_WEDNESDAY = 13
    WEEK_THURSDAY = 14
    WEEK_FRIDAY = 15


class WarrantKind(IntEnum):
    """Source: [P] Qot_Common.WarrantType."""

    CALL = 1
    PUT = 2
    BULL = 3
    BEAR = 4
    INLINE = 5


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """What an option's contract says."""

    owner: Security
    """The underlying."""
    kind: OptionKind
    strike: float
    expiry: date
    multiplier: int
    """Shares, or money a point, that one contract stands for."""
    style: OptionStyle
    cycle: ExpirationCycle
    listed: date


@dataclass(frozen=True, slots=True)
class WarrantTerms:
    """What a structured product's terms say."""

    owner: Security
    """The underlying."""
    kind: WarrantKind
    issuer: int
    """A `Qot_Common.Issuer`."""
    issuer_code: str
    strike: float
    """0 for an inline warrant."""
    recovery_price: float
    """Where a bull or bear contract is called; 0 for the others."""
    lower: float
    """Of an inline warrant's range; 0 for the others, as `upper`."""
    upper: float
    conversion_ratio: float
    """Warrants to one share of the underlying."""
    listed: date
    last_trade_day: date
    maturity: date
    issue_size: int


@dataclass(frozen=True, slots=True)
class FutureTerms:
    """Which month of a product a contract is."""

    product: str
    main: Security
    """The product's continuous series."""
    listed: date
    last_trade_day: date


Terms = OptionTerms | WarrantTerms | FutureTerms


@dataclass(frozen=True, slots=True)
class Instrument:
    """The facts behind a security that do not change while it trades."""

    security: Security
    venue: Venue
    security_type: SecurityType
    names: Names
    instrument_id: int
    """Stable positive number below 2**53, the same in every run."""
    exchange: Exchange
    currency: Currency
    lot_size: int
    """Shares per board lot; 0 for indices and plates; contract multiplier for futures."""
    reference_price: float
    """The level of mid-January 2026 that the synthetic market is anchored to."""
    listing_date: str
    """`YYYY-MM-DD`; 1970-01-01 where unknown."""
    issued_shares: int
    sector: str
    is_etf: bool = False
    terms: Terms | None = None
    """What a derivative's contract says."""
    is_generated: bool = False
    """Whether it belongs to the long tail of invented companies."""
    delisting_date: str = ""
    """`YYYY-MM-DD`, the last day on which it traded; empty for what is still listed."""

    @property
    def is_tradable(self) -> bool:
        """Whether orders can be placed at all: not for an index, a plate or what has left."""
        is_group = self.security_type in (SecurityType.INDEX, SecurityType.PLATE)
        return not is_group and not self.delisting_date


# --- market data -----------------------------------------------------------------------------


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


# --- trading ---------------------------------------------------------------------------------


class Environment(IntEnum):
    """Source: [P] Trd_Common.TrdEnv."""

    SIMULATE = 0
    REAL = 1


class TradingMarket(IntEnum):
    """The market an account trades. Source: [P] Trd_Common.TrdMarket."""

    __hash__ = int.__hash__  # quicker than hashing the name

    UNKNOWN = 0
    HK = 1
    US = 2
    CN = 3
    HKCC = 4
    FUTURES = 5
    SG = 6
    CRYPTO = 7
    AU = 8
    FUTURES_SIMULATE_HK = 10
    FUTURES_SIMULATE_US = 11
    FUTURES_SIMULATE_SG = 12
    FUTURES_SIMULATE_JP = 13
    JP = 15
    MY = 111
    CA = 112


class Profile(StrEnum):
    """How a paper account treats what real paper accounts refuse."""

    STRICT = "strict"
    """As the real ones do."""
    EXTENDED = "extended"
    """As a real-money account would."""


class SecurityFirm(IntEnum):
    """Source: [P] Trd_Common.SecurityFirm."""

    UNKNOWN = 0
    FUTU_SECURITIES = 1
    FUTU_INC = 2
    FUTU_SG = 3
    FUTU_AU = 4
    FUTU_CA = 5
    FUTU_MY = 6
    FUTU_JP = 7


class AccountType(IntEnum):
    """Source: [P] Trd_Common.TrdAccType."""

    UNKNOWN = 0
    CASH = 1
    MARGIN = 2


class SimulatedAccountType(IntEnum):
    """Source: [P] Trd_Common.SimAccType."""

    UNKNOWN = 0
    STOCK = 1
    OPTION = 2
    FUTURES = 3
    STOCK_AND_OPTION = 4
    COMPETITION = 5


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


class PositionSide(IntEnum):
    """Source: [P] Trd_Common.PositionSide."""

    LONG = 0
    SHORT = 1


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """What an account is, before anything happened in it."""

    account_id: int
    environment: Environment
    account_type: AccountType
    simulated_type: SimulatedAccountType
    markets: tuple[TradingMarket, ...]
    """Never empty; its first entry is the market of most requests."""
    currency: Currency
    """What its funds are counted in unless somebody asks for another one."""
    initial_cash: Decimal
    more_cash: tuple[tuple[Currency, Decimal], ...] = ()
    """Paid in at the start in other currencies."""
    firm: SecurityFirm = SecurityFirm.UNKNOWN
    is_universal: bool = False
    """Whether only those who ask for universal accounts see it."""
    card_number: str = ""
    universal_card_number: str = ""
    profile: Profile = Profile.STRICT
    """Of no meaning for a real account."""

    @property
    def is_paper(self) -> bool:
        """Whether no real money is in it."""
        return self.environment is Environment.SIMULATE

    @property
    def is_strict_paper(self) -> bool:
        """Whether it refuses what real paper accounts refuse."""
        return self.is_paper and self.profile is Profile.STRICT

    @property
    def trades_futures(self) -> bool:
        """Whether it trades futures, and nothing else."""
        return (
            self.simulated_type is SimulatedAccountType.FUTURES
            or TradingMarket.FUTURES in self.markets
        )


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
class Position:
    """What an account holds of one security, valued at one instant."""

    position_id: int
    account_id: int
    security: Security
    side: PositionSide
    quantity: int
    """Negative for a short position."""
    sellable_quantity: int
    price: Decimal
    """Last price."""
    cost_price: Decimal
    """Diluted cost: money put in less money taken out, per share still held."""
    average_cost_price: Decimal
    """Average price of the purchases that built the position."""
    market_value: Decimal
    unrealized_pnl: Decimal
    """Against the average cost."""
    realized_pnl: Decimal
    today_pnl: Decimal
    today_buy_quantity: int
    today_buy_value: Decimal
    today_sell_quantity: int
    today_sell_value: Decimal
    currency: Currency
    trading_market: TradingMarket
    multiplier: int = 1
    """Units of the underlying per share or contract."""

    @property
    def profit(self) -> Decimal:
        """On the diluted cost: of what is held, and realised since the position was last flat."""
        if not self.quantity:
            return self.today_pnl
        return self.market_value - self.quantity * self.multiplier * self.cost_price


@dataclass(frozen=True, slots=True)
class CashBalance:
    """An account's cash in one currency, in that currency."""

    currency: Currency
    cash: Decimal
    available: Decimal
    """What can be withdrawn."""
    power: Decimal
    """What can be spent without a loan."""


@dataclass(frozen=True, slots=True)
class Funds:
    """An account's money at one instant, all in `currency`."""

    currency: Currency
    power: Decimal
    """Buying power for long positions."""
    power_short: Decimal
    cash: Decimal
    frozen_cash: Decimal
    market_value: Decimal
    long_value: Decimal
    short_value: Decimal
    """Zero or negative."""
    total_assets: Decimal
    withdrawable_cash: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    margin_call: Decimal = Decimal(0)
    """Below this equity the account is called for more."""
    available: Decimal = Decimal(0)
    """Equity that neither positions nor orders bind."""
    balances: tuple[CashBalance, ...] = ()
    """One per currency that the account ever had."""
    market_values: tuple[tuple[TradingMarket, Decimal], ...] = ()
    """What is held in each market."""


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
