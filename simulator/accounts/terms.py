"""On what terms an account holds a security: currency, contract size, margin, fees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.accounts.fee_tables import fee_schedule
from simulator.accounts.fees import FeeSchedule
from simulator.accounts.margin import MarginRates, margin_rates
from simulator.domain import AccountSpec, Currency, Instrument, Security, TradingMarket
from simulator.products import product_class, trading_market


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What the books need to know of a security."""

    currency: Currency
    multiplier: int
    """Units of the underlying per share or contract; 1 for shares."""
    rates: MarginRates
    fees: FeeSchedule
    market: TradingMarket
    is_future: bool = False
    """Futures are not paid for: gains and losses are settled in cash."""


TermsOf = Callable[[Security], ContractTerms]
"""The terms of every security that an account can hold."""


def contract_terms(spec: AccountSpec, instrument: Instrument) -> ContractTerms:
    """The terms on which an account holds an instrument."""
    product = product_class(instrument)
    has_contracts = product is not None and product.has_contracts
    return ContractTerms(
        currency=instrument.currency,
        multiplier=max(1, instrument.lot_size) if has_contracts else 1,
        rates=margin_rates(spec, instrument),
        fees=fee_schedule(spec, instrument),
        market=trading_market(spec, instrument) or spec.markets[0],
        is_future=product is not None and product.is_future,
    )
