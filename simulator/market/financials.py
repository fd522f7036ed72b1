"""Companies' accounts: statements of a year or of its first quarters, and how they have grown.

Drawn once per company around the few figures that a snapshot shows, so that both agree: net profit,
net assets, current ratio and earnings per share of the year are those of `fundamentals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.market.fundamentals import Fundamentals
from simulator.market.randomness import Counters, lane, uniforms

Floats = NDArray[np.float64]

_STREAM: Final = 90
_DRAWS: Final = 40
_TAX: Final = 0.2
_SPAN: Final = 0.35
"""How far growth rates spread."""


class Report(IntEnum):
    """Which statement. Source: [P] Qot_StockFilter.FinancialQuarter."""

    ANNUAL = 1
    FIRST_QUARTER = 2
    INTERIM = 3
    THIRD_QUARTER = 4
    LATEST = 5


_PARTS: Final = {
    Report.FIRST_QUARTER: 0.23,
    Report.INTERIM: 0.48,
    Report.THIRD_QUARTER: 0.73,
    Report.LATEST: 0.73,
}
"""Part of the current year that a statement covers; the third quarter's is the latest. [I]"""


@dataclass(frozen=True, slots=True)
class Flows:
    """What came in and went out over a period, in the currency, one row per company."""

    revenue: Floats
    gross_profit: Floats
    operating_profit: Floats
    profit_before_tax: Floats
    interest: Floats
    depreciation: Floats
    net_profit: Floats
    """All of it belongs to the shareholders: there are no minorities. [I]"""
    operating_cash: Floats
    cash_from_sales: Floats

    def scaled(self, factor: Floats | float) -> Flows:
        """All of them times a factor."""
        return Flows(*(getattr(self, field.name) * factor for field in fields(self)))

    @property
    def ebit(self) -> Floats:
        """Profit before interest and tax."""
        return self.profit_before_tax + self.interest

    @property
    def ebitda(self) -> Floats:
        """The same before depreciation."""
        return self.ebit + self.depreciation


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owned and owed at the end of a period."""

    assets: Floats
    current_assets: Floats
    cash: Floats
    inventories: Floats
    receivables: Floats
    fixed_assets: Floats
    debts: Floats
    current_debts: Floats
    borrowings: Floats
    """The part of the debts that costs interest."""
    equity: Floats

    def scaled(self, factor: Floats | float) -> Balance:
        """All of them times a factor."""
        return Balance(*(getattr(self, field.name) * factor for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Accounts:
    """A statement, the one a year earlier, and the trailing twelve months."""

    period: Flows
    year_before: Flows
    trailing: Flows
    balance: Balance
    balance_before: Balance
    shares: Floats


def accounts(facts: Sequence[Fundamentals], keys: Sequence[int], report: Report) -> Accounts:
    """The accounts of several companies, in the order given. Source: [I].

    Args:
        facts: What snapshots show of each; a company without earnings has zeros throughout.
        keys: The companies' streams.
        report: Which statement.
    """
    draws = _Draws(np.array(keys, np.uint64)[:, None])
    known = np.array(
        [
            (f.net_profit, f.net_assets, f.current_ratio, f.earnings_per_share_ttm, f.issued_shares)
            for f in facts
        ]
    ).reshape(len(facts), 5)
    profit, equity, current_ratio, trailing_eps, shares = known.T
    balance = _balance(draws, equity, current_ratio / 100)
    year = _year(draws, profit, balance)
    trailing = year.scaled(_over(trailing_eps * shares, profit))
    period = year if report is Report.ANNUAL else trailing.scaled(_PARTS[report])
    return Accounts(
        period=period,
        year_before=_earlier(draws, period),
        trailing=trailing,
        balance=balance,
        balance_before=balance.scaled(1 / (1 + draws.growth(30, 0.06, 0.4))),
        shares=shares,
    )


@dataclass(frozen=True, slots=True)
class _Draws:
    keys: Counters

    def between(self, number: int, low: float, high: float) -> Floats:
        """Draws from an interval."""
        draw = uniforms(lane(self.keys, _STREAM + number), np.zeros(1, np.uint64))
        found: Floats = low + (high - low) * draw[:, 0]
        return found

    def growth(self, number: int, usual: float, width: float = 1.0) -> Floats:
        """Growth rates around a usual one, mostly moderate, now and then large."""
        low, high = -_SPAN * width, _SPAN * width
        return usual + self.between(number, low, high) + 0.5 * self.between(number + 1, low, high)


def _balance(draws: _Draws, equity: Floats, current_ratio: Floats) -> Balance:
    debts = equity * draws.between(0, 0.3, 2.2)
    assets = equity + debts
    # Current assets follow from current debts by the ratio, and must fit into the assets.
    most = np.minimum(0.9 * debts, 0.9 * assets / np.maximum(current_ratio, 0.01))
    current_debts = most * draws.between(1, 0.4, 0.95)
    current_assets = current_debts * current_ratio
    return Balance(
        assets=assets,
        current_assets=current_assets,
        cash=current_assets * draws.between(2, 0.15, 0.45),
        inventories=current_assets * draws.between(3, 0.05, 0.3),
        receivables=current_assets * draws.between(4, 0.05, 0.25),
        fixed_assets=(assets - current_assets) * draws.between(5, 0.4, 0.85),
        debts=debts,
        current_debts=current_debts,
        borrowings=debts * draws.between(6, 0.1, 0.6),
        equity=equity,
    )


def _year(draws: _Draws, profit: Floats, balance: Balance) -> Flows:
    revenue = profit / draws.between(7, 0.04, 0.28)
    before_tax = profit / (1 - _TAX)
    operating = before_tax * draws.between(8, 0.85, 1.05)
    return Flows(
        revenue=revenue,
        gross_profit=operating + revenue * draws.between(9, 0.05, 0.35),
        operating_profit=operating,
        profit_before_tax=before_tax,
        interest=balance.borrowings * draws.between(10, 0.02, 0.05),
        depreciation=balance.fixed_assets * draws.between(11, 0.03, 0.1),
        net_profit=profit,
        operating_cash=profit * draws.between(12, 0.5, 1.7),
        cash_from_sales=revenue * draws.between(13, 0.85, 1.12),
    )


def _earlier(draws: _Draws, period: Flows) -> Flows:
    """The same period a year before; profits of all kinds have grown about alike."""
    profit = draws.growth(20, 0.08)
    before_tax = period.profit_before_tax / (1 + profit)
    return Flows(
        revenue=period.revenue / (1 + draws.growth(22, 0.07, 0.6)),
        gross_profit=period.gross_profit / (1 + draws.growth(24, 0.07, 0.7)),
        operating_profit=period.operating_profit / (1 + profit) * draws.between(26, 0.95, 1.05),
        profit_before_tax=before_tax,
        interest=period.interest * draws.between(27, 0.85, 1.1),
        depreciation=period.depreciation * draws.between(28, 0.88, 1.02),
        net_profit=before_tax * (1 - _TAX),
        operating_cash=period.operating_cash / (1 + draws.growth(32, 0.06)),
        cash_from_sales=period.cash_from_sales / (1 + draws.growth(34, 0.06, 0.6)),
    )


def _over(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)
    return found


def ratio(part: Floats, whole: Floats, factor: float = 1.0) -> Floats:
    """`part / whole * factor`, 0 where there is no whole."""
    return _over(part, whole) * factor


def growth(now: Floats, earlier: Floats) -> Floats:
    """Percent by which a figure has grown."""
    return _over(now - earlier, np.abs(earlier)) * 100
