"""What the fields of a stock filter stand for: figures of the market and of companies' accounts.

Source: [P] Qot_StockFilter.proto names the figures; the formulas are the usual ones, [I] where the
accounts leave a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.pb import Qot_StockFilter as Pb
from simulator.market.financials import Accounts, Report, growth, ratio
from simulator.market.screen_columns import Columns, Stretch
from simulator.market.screening import Figure

Floats = NDArray[np.float64]

DIGITS: Final = 3
"""Decimals of values. Source: [P] Qot_StockFilter.proto."""
WHOLE_NUMBERS: Final = (Pb.StockField_TotalShare, Pb.StockField_FloatShare)


def _change(value: Floats, base: Floats) -> Floats:
    return ratio(value - base, base, 100)


def _times(name: str) -> Figure:
    """The price times one of the fundamentals."""
    return lambda c: c.figure("last") * c.fact(name)


def _per(name: str) -> Figure:
    """The price over one of the fundamentals."""
    return lambda c: ratio(c.figure("last"), c.fact(name))


def _market_value(columns: Columns) -> Floats:
    return columns.figure("last") * columns.fact("issued_shares")


def _trailing(flow: Callable[[Accounts], Floats]) -> Figure:
    """The market value over a flow of the trailing twelve months, in percent."""
    return lambda c: ratio(_market_value(c), flow(c.accounts(Report.ANNUAL)), 100)


SIMPLE: Final[dict[int, Figure]] = {
    Pb.StockField_StockCode: lambda c: np.zeros(len(c.figure("lot"))),
    Pb.StockField_StockName: lambda c: np.zeros(len(c.figure("lot"))),
    Pb.StockField_CurPrice: lambda c: c.figure("last"),
    Pb.StockField_CurPriceToHighest52WeeksRatio: lambda c: _change(
        c.figure("last"), c.figure("high_52_weeks")
    ),
    Pb.StockField_CurPriceToLowest52WeeksRatio: lambda c: _change(
        c.figure("last"), c.figure("low_52_weeks")
    ),
    Pb.StockField_HighPriceToHighest52WeeksRatio: lambda c: _change(
        c.figure("high"), c.figure("high_52_weeks")
    ),
    Pb.StockField_LowPriceToLowest52WeeksRatio: lambda c: _change(
        c.figure("low"), c.figure("low_52_weeks")
    ),
    Pb.StockField_VolumeRatio: lambda c: c.figure("volume_ratio"),
    Pb.StockField_BidAskRatio: lambda c: c.figure("bid_ask_ratio"),
    Pb.StockField_LotPrice: lambda c: c.figure("last") * c.figure("lot"),
    Pb.StockField_MarketVal: _market_value,
    Pb.StockField_PeAnnual: _per("earnings_per_share"),
    Pb.StockField_PeTTM: _per("earnings_per_share_ttm"),
    Pb.StockField_PbRate: _per("book_value_per_share"),
    Pb.StockField_ChangeRate5min: lambda c: _change(
        c.figure("last"), c.figure("close_5_minutes_ago")
    ),
    Pb.StockField_ChangeRateBeginYear: lambda c: _change(c.figure("last"), c.figure("year_base")),
    Pb.StockField_PSTTM: _trailing(lambda a: a.trailing.revenue),
    Pb.StockField_PCFTTM: _trailing(lambda a: a.trailing.operating_cash),
    Pb.StockField_TotalShare: lambda c: c.fact("issued_shares"),
    Pb.StockField_FloatShare: lambda c: c.fact("outstanding_shares"),
    Pb.StockField_FloatMarketVal: _times("outstanding_shares"),
}
"""Code and name only stand in a list of wanted columns. Source: [P] StockField."""


def cumulative(field: int, days: int) -> Figure | None:
    """A figure of the last `days` day bars, today's included; None if there is no such field.

    Source: [P] AccumulateField: volume and turnover are means of the days.
    """
    made = _CUMULATIVE.get(field)
    if made is None:
        return None
    return lambda c: made(c.stretch(days), c)


_CUMULATIVE: Final[dict[int, Callable[[Stretch, Columns], Floats]]] = {
    Pb.AccumulateField_ChangeRate: lambda s, _: _change(s.close, s.close_before),
    Pb.AccumulateField_Amplitude: lambda s, _: ratio(s.high - s.low, s.close_before, 100),
    Pb.AccumulateField_Volume: lambda s, _: s.volume // s.days,
    Pb.AccumulateField_Turnover: lambda s, _: s.turnover / s.days,
    Pb.AccumulateField_TurnoverRate: lambda s, c: ratio(
        s.volume, c.fact("outstanding_shares"), 100
    ),
}


def financial(field: int, quarter: int) -> Figure | None:
    """A figure of the accounts; None if there is no such field or statement."""
    made = _FINANCIAL.get(field)
    if made is None or quarter not in set(Report):
        return None
    report = Report(quarter)
    return lambda c: made(c.accounts(report))


def _return_on_capital(a: Accounts) -> Floats:
    taxed = a.period.ebit * ratio(a.period.net_profit, a.period.profit_before_tax)
    return ratio(taxed, a.balance.equity + a.balance.borrowings, 100)


def _earlier_return_on_capital(a: Accounts) -> Floats:
    before = a.year_before
    taxed = before.ebit * ratio(before.net_profit, before.profit_before_tax)
    return ratio(taxed, a.balance_before.equity + a.balance_before.borrowings, 100)


_FINANCIAL: Final[dict[int, Callable[[Accounts], Floats]]] = {
    Pb.FinancialField_NetProfit: lambda a: a.period.net_profit,
    Pb.FinancialField_NetProfitGrowth: lambda a: growth(
        a.period.net_profit, a.year_before.net_profit
    ),
    Pb.FinancialField_SumOfBusiness: lambda a: a.period.revenue,
    Pb.FinancialField_SumOfBusinessGrowth: lambda a: growth(
        a.period.revenue, a.year_before.revenue
    ),
    Pb.FinancialField_NetProfitRate: lambda a: ratio(a.period.net_profit, a.period.revenue, 100),
    Pb.FinancialField_GrossProfitRate: lambda a: ratio(
        a.period.gross_profit, a.period.revenue, 100
    ),
    Pb.FinancialField_DebtAssetsRate: lambda a: ratio(a.balance.debts, a.balance.assets, 100),
    Pb.FinancialField_ReturnOnEquityRate: lambda a: ratio(
        a.period.net_profit, a.balance.equity, 100
    ),
    Pb.FinancialField_ROIC: _return_on_capital,
    Pb.FinancialField_ROATTM: lambda a: ratio(a.trailing.net_profit, a.balance.assets, 100),
    Pb.FinancialField_EBITTTM: lambda a: a.trailing.ebit,
    Pb.FinancialField_EBITDA: lambda a: a.period.ebitda,
    Pb.FinancialField_OperatingMarginTTM: lambda a: ratio(
        a.trailing.operating_profit, a.trailing.revenue, 100
    ),
    Pb.FinancialField_EBITMargin: lambda a: ratio(a.period.ebit, a.period.revenue, 100),
    Pb.FinancialField_EBITDAMargin: lambda a: ratio(a.period.ebitda, a.period.revenue, 100),
    Pb.FinancialField_FinancialCostRate: lambda a: ratio(a.period.interest, a.period.revenue, 100),
    Pb.FinancialField_OperatingProfitTTM: lambda a: a.trailing.operating_profit,
    Pb.FinancialField_ShareholderNetProfitTTM: lambda a: a.trailing.net_profit,
    Pb.FinancialField_NetProfitCashCoverTTM: lambda a: ratio(
        a.trailing.operating_cash, a.trailing.net_profit, 100
    ),
    Pb.FinancialField_CurrentRatio: lambda a: ratio(
        a.balance.current_assets, a.balance.current_debts, 100
    ),
    Pb.FinancialField_QuickRatio: lambda a: ratio(
        a.balance.current_assets - a.balance.inventories, a.balance.current_debts, 100
    ),
    Pb.FinancialField_CurrentAssetRatio: lambda a: ratio(
        a.balance.current_assets, a.balance.assets, 100
    ),
    Pb.FinancialField_CurrentDebtRatio: lambda a: ratio(
        a.balance.current_debts, a.balance.debts, 100
    ),
    Pb.FinancialField_EquityMultiplier: lambda a: ratio(a.balance.assets, a.balance.equity),
    Pb.FinancialField_PropertyRatio: lambda a: ratio(a.balance.debts, a.balance.equity, 100),
    Pb.FinancialField_CashAndCashEquivalents: lambda a: a.balance.cash,
    Pb.FinancialField_TotalAssetTurnover: lambda a: ratio(a.period.revenue, a.balance.assets, 100),
    Pb.FinancialField_FixedAssetTurnover: lambda a: ratio(
        a.period.revenue, a.balance.fixed_assets, 100
    ),
    Pb.FinancialField_InventoryTurnover: lambda a: ratio(
        a.period.revenue - a.period.gross_profit, a.balance.inventories, 100
    ),
    Pb.FinancialField_OperatingCashFlowTTM: lambda a: a.trailing.operating_cash,
    Pb.FinancialField_AccountsReceivable: lambda a: a.balance.receivables,
    Pb.FinancialField_EBITGrowthRate: lambda a: growth(a.period.ebit, a.year_before.ebit),
    Pb.FinancialField_OperatingProfitGrowthRate: lambda a: growth(
        a.period.operating_profit, a.year_before.operating_profit
    ),
    Pb.FinancialField_TotalAssetsGrowthRate: lambda a: growth(
        a.balance.assets, a.balance_before.assets
    ),
    Pb.FinancialField_ProfitToShareholdersGrowthRate: lambda a: growth(
        a.period.net_profit, a.year_before.net_profit
    ),
    Pb.FinancialField_ProfitBeforeTaxGrowthRate: lambda a: growth(
        a.period.profit_before_tax, a.year_before.profit_before_tax
    ),
    Pb.FinancialField_EPSGrowthRate: lambda a: growth(
        a.period.net_profit, a.year_before.net_profit
    ),
    Pb.FinancialField_ROEGrowthRate: lambda a: growth(
        ratio(a.period.net_profit, a.balance.equity),
        ratio(a.year_before.net_profit, a.balance_before.equity),
    ),
    Pb.FinancialField_ROICGrowthRate: lambda a: growth(
        _return_on_capital(a), _earlier_return_on_capital(a)
    ),
    Pb.FinancialField_NOCFGrowthRate: lambda a: growth(
        a.period.operating_cash, a.year_before.operating_cash
    ),
    Pb.FinancialField_NOCFPerShareGrowthRate: lambda a: growth(
        a.period.operating_cash, a.year_before.operating_cash
    ),
    Pb.FinancialField_OperatingRevenueCashCover: lambda a: ratio(
        a.period.cash_from_sales, a.period.revenue, 100
    ),
    Pb.FinancialField_OperatingProfitToTotalProfit: lambda a: ratio(
        a.period.operating_profit, a.period.profit_before_tax, 100
    ),
    Pb.FinancialField_BasicEPS: lambda a: ratio(a.period.net_profit, a.shares),
    Pb.FinancialField_DilutedEPS: lambda a: ratio(a.period.net_profit, a.shares) * _DILUTION,
    Pb.FinancialField_NOCFPerShare: lambda a: ratio(a.period.operating_cash, a.shares),
}
_DILUTION: Final = 0.985
"""Options and convertible bonds would make a few shares more. Source: [I]."""
