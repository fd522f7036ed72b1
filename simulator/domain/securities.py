"""Securities and what they are: markets, venues, types, periods and the terms of derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

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
