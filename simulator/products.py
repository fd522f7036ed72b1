"""What kind of product a security is for rules, fees and margins, and in which market it is traded."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from simulator.domain import (
    AccountSpec,
    Instrument,
    Market,
    SecurityType,
    SimulatedAccountType,
    TradingMarket,
)


class Product(StrEnum):
    """Securities that share rules, fees and margins."""

    HK_STOCK = "hk_stock"
    HK_OPTION = "hk_option"
    HK_FUTURE = "hk_future"
    US_STOCK = "us_stock"
    US_OPTION = "us_option"
    US_FUTURE = "us_future"
    CN_STOCK = "cn_stock"
    SG_STOCK = "sg_stock"
    SG_FUTURE = "sg_future"
    JP_STOCK = "jp_stock"
    JP_FUTURE = "jp_future"

    @property
    def is_future(self) -> bool:
        """Whether positions are settled in cash every day instead of being paid for."""
        return self.value.endswith("_future")

    @property
    def is_option(self) -> bool:
        """Whether it is an option on something."""
        return self.value.endswith("_option")

    @property
    def has_contracts(self) -> bool:
        """Whether it is traded in contracts; everything else in shares."""
        return self.is_future or self.is_option


_STOCKS: Final = {
    Market.HK: Product.HK_STOCK,
    Market.US: Product.US_STOCK,
    Market.SH: Product.CN_STOCK,
    Market.SZ: Product.CN_STOCK,
    Market.SG: Product.SG_STOCK,
    Market.JP: Product.JP_STOCK,
}
_FUTURES: Final = {
    Market.HK: Product.HK_FUTURE,
    Market.HK_FUTURE: Product.HK_FUTURE,
    Market.US: Product.US_FUTURE,
    Market.SG: Product.SG_FUTURE,
    Market.JP: Product.JP_FUTURE,
}
_OPTIONS: Final = {Market.HK: Product.HK_OPTION, Market.US: Product.US_OPTION}

_PAPER_MARKETS: Final = {
    Product.HK_STOCK: TradingMarket.HK,
    Product.HK_OPTION: TradingMarket.HK,
    Product.US_STOCK: TradingMarket.US,
    Product.US_OPTION: TradingMarket.US,
    Product.CN_STOCK: TradingMarket.CN,
    Product.SG_STOCK: TradingMarket.SG,
    Product.JP_STOCK: TradingMarket.JP,
    Product.HK_FUTURE: TradingMarket.FUTURES_SIMULATE_HK,
    Product.US_FUTURE: TradingMarket.FUTURES_SIMULATE_US,
    Product.SG_FUTURE: TradingMarket.FUTURES_SIMULATE_SG,
    Product.JP_FUTURE: TradingMarket.FUTURES_SIMULATE_JP,
}


def product_class(instrument: Instrument) -> Product | None:
    """The kind of product, or None if nobody can trade it."""
    market = instrument.security.market
    if not instrument.is_tradable:
        return None
    match instrument.security_type:
        case SecurityType.FUTURE:
            return _FUTURES.get(market)
        case SecurityType.OPTION:
            return _OPTIONS.get(market)
        case _:
            return _STOCKS.get(market)


def trading_market(spec: AccountSpec, instrument: Instrument) -> TradingMarket | None:
    """As what an account trades an instrument; None if it does not.

    Source: [P] Trd_Common.TrdMarket; [D]: A shares are HKCC for real accounts, a
        paper account for shares trades no options and one for options nothing else.
    """
    product = product_class(instrument)
    if product is None or not _fits(spec, product):
        return None
    market = _PAPER_MARKETS[product]
    if not spec.is_paper and product.is_future:
        market = TradingMarket.FUTURES
    elif not spec.is_paper and product is Product.CN_STOCK:
        market = TradingMarket.HKCC
    return market if market in spec.markets else None


def _fits(spec: AccountSpec, product: Product) -> bool:
    match spec.simulated_type:
        case SimulatedAccountType.STOCK:
            return not product.has_contracts
        case SimulatedAccountType.OPTION:
            return product.is_option
        case SimulatedAccountType.FUTURES:
            return product.is_future
        case SimulatedAccountType.STOCK_AND_OPTION:
            return not product.is_future
        case _:
            return True
