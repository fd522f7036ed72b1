"""The accounts that exist unless the caller brings its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from simulator.domain import (
    AccountSpec,
    AccountType,
    Currency,
    Environment,
    Profile,
    SecurityFirm,
    SimulatedAccountType,
    TradingMarket,
)

_MILLION: Final = Decimal(1_000_000)
_FUTURES_CAPITAL: Final = 10 * _MILLION


def _paper(
    account_id: int,
    account_type: AccountType,
    simulated_type: SimulatedAccountType,
    market: TradingMarket,
    currency: Currency,
) -> AccountSpec:
    is_futures = simulated_type is SimulatedAccountType.FUTURES
    return AccountSpec(
        account_id=account_id,
        environment=Environment.SIMULATE,
        account_type=account_type,
        simulated_type=simulated_type,
        markets=(market,),
        currency=currency,
        initial_cash=_FUTURES_CAPITAL if is_futures else _MILLION,
    )


def _real(
    account_id: int,
    account_type: AccountType,
    markets: tuple[TradingMarket, ...],
    card_number: str,
    more_cash: tuple[tuple[Currency, Decimal], ...] = (),
) -> AccountSpec:
    return AccountSpec(
        account_id=account_id,
        environment=Environment.REAL,
        account_type=account_type,
        simulated_type=SimulatedAccountType.UNKNOWN,
        markets=markets,
        currency=Currency.HKD,
        initial_cash=_MILLION,
        more_cash=more_cash,
        firm=SecurityFirm.FUTU_SECURITIES,
        card_number=card_number,
    )


_CASH: Final = AccountType.CASH
_MARGIN: Final = AccountType.MARGIN
_S: Final = SimulatedAccountType
_M: Final = TradingMarket

PAPER_ACCOUNTS: Final = (
    _paper(9053218, _CASH, _S.STOCK, _M.HK, Currency.HKD),
    _paper(10741586, _MARGIN, _S.STOCK_AND_OPTION, _M.US, Currency.USD),
    _paper(8377516, _CASH, _S.STOCK, _M.CN, Currency.CNH),
    _paper(9053219, _MARGIN, _S.OPTION, _M.HK, Currency.HKD),
    _paper(9497808, _MARGIN, _S.FUTURES, _M.FUTURES_SIMULATE_HK, Currency.HKD),
    _paper(9497809, _MARGIN, _S.FUTURES, _M.FUTURES_SIMULATE_US, Currency.USD),
    _paper(9497810, _MARGIN, _S.FUTURES, _M.FUTURES_SIMULATE_SG, Currency.USD),
    _paper(9497811, _MARGIN, _S.FUTURES, _M.FUTURES_SIMULATE_JP, Currency.JPY),
)
"""Source: [D] types, markets and initial capital; numbers of the length seen
in samples."""

UNIVERSAL_ACCOUNT: Final = replace(
    _real(
        281756479345015383,
        _MARGIN,
        (_M.HK, _M.US, _M.HKCC, _M.SG),
        "1001318721909873",
        ((Currency.USD, Decimal(100_000)), (Currency.CNH, Decimal(200_000))),
    ),
    is_universal=True,
    universal_card_number="1001329805025007",
)
FUTURES_ACCOUNT: Final = _real(
    281756460277401516,
    _MARGIN,
    (_M.FUTURES,),
    "1001200163184771",
    ((Currency.USD, Decimal(100_000)),),
)
CASH_ACCOUNT: Final = _real(281756455988247915, _CASH, (_M.HK,), "1001100520714263")

REAL_ACCOUNTS: Final = (UNIVERSAL_ACCOUNT, FUTURES_ACCOUNT, CASH_ACCOUNT)
"""Source: [D] lengths and first digits of the numbers; [I] the capital."""

DEFAULT_ACCOUNTS: Final = (*PAPER_ACCOUNTS, *REAL_ACCOUNTS)


def with_profile(specs: Sequence[AccountSpec], profile: Profile) -> tuple[AccountSpec, ...]:
    """The same accounts, the paper ones of another profile."""
    return tuple(replace(spec, profile=profile) if spec.is_paper else spec for spec in specs)
