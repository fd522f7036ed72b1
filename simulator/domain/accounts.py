"""Accounts and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from simulator.domain.securities import Currency, Security


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
