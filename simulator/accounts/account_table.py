"""The accounts that exist unless the caller brings its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from simulator.domain import (
    AccountSpec,
    AccountType,
    Currency,
    Environment,
    SimulatedAccountType,
    TradingMarket,
)

_MILLION: Final = Decimal(1_000_000)


def _paper(
    account_id: int,
    account_type: AccountType,
    simulated_type: SimulatedAccountType,
    market: TradingMarket,
    currency: Currency,
) -> AccountSpec:
    return AccountSpec(
        account_id=account_id,
        environment=Environment.SIMULATE,
        account_type=account_type,
        simulated_type=simulated_type,
        markets=(market,),
        currency=currency,
        initial_cash=_MILLION,
    )


_CASH: Final = AccountType.CASH
_STOCK: Final = SimulatedAccountType.STOCK

PAPER_ACCOUNTS: Final = (
    _paper(9053218, _CASH, _STOCK, TradingMarket.HK, Currency.HKD),
    _paper(
        10741586,
        AccountType.MARGIN,
        SimulatedAccountType.STOCK_AND_OPTION,
        TradingMarket.US,
        Currency.USD,
    ),
    _paper(8377516, _CASH, _STOCK, TradingMarket.CN, Currency.CNH),
)
"""Source: [D] types, markets and initial capital; numbers of the length seen in samples."""
