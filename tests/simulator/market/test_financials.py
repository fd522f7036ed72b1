"""Companies' accounts: they agree with the snapshot's figures and with themselves."""

import numpy as np
import pytest

from simulator.domain import Market, SecurityType
from simulator.market.financials import Report, accounts, growth, ratio
from simulator.market.fundamentals import fundamentals_of
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe

SOURCE = SyntheticSource(1)
COMPANIES = [
    i
    for m in (Market.HK, Market.US)
    for i in default_universe().instruments(m, SecurityType.EQUITY)
]
KEYS = [SOURCE.liquidity(i).key for i in COMPANIES]
FACTS = [fundamentals_of(key, i) for key, i in zip(KEYS, COMPANIES, strict=True)]


@pytest.fixture(scope="module", params=list(Report))
def report(request):
    return request.param


def books(report=Report.ANNUAL):
    return accounts(FACTS, KEYS, report)


def test_the_year_is_what_the_snapshot_says():
    """Net profit, net assets, current ratio and earnings per share are the same figures."""
    found = books()

    assert found.period.net_profit.tolist() == pytest.approx([f.net_profit for f in FACTS])
    assert found.balance.equity.tolist() == pytest.approx([f.net_assets for f in FACTS])
    ratios = ratio(found.balance.current_assets, found.balance.current_debts, 100)
    assert ratios.tolist() == pytest.approx([f.current_ratio for f in FACTS])
    eps = ratio(found.trailing.net_profit, found.shares)
    assert eps.tolist() == pytest.approx([f.earnings_per_share_ttm for f in FACTS], rel=1e-6)


def test_the_books_balance(report):
    """Assets are debts and equity; parts are not greater than wholes."""
    found = books(report)
    sheet, flows = found.balance, found.period

    assert np.allclose(sheet.assets, sheet.debts + sheet.equity)
    assert (sheet.cash + sheet.inventories + sheet.receivables <= sheet.current_assets + 1e-6).all()
    assert (sheet.current_assets + sheet.fixed_assets <= sheet.assets).all()
    assert (sheet.current_debts <= sheet.debts).all()
    assert (flows.revenue > flows.gross_profit).all()
    assert (flows.gross_profit > flows.operating_profit).all()
    assert (flows.ebitda > flows.ebit).all()
    assert (flows.ebit > flows.profit_before_tax).all()
    assert (flows.profit_before_tax > flows.net_profit).all()


def test_statements_of_a_year_grow_from_quarter_to_quarter():
    """First quarter, half year and three quarters are cumulative; the latest is the last of them."""
    order = (Report.FIRST_QUARTER, Report.INTERIM, Report.THIRD_QUARTER)
    first, half, nine = (books(r).period.revenue for r in order)

    assert (first < half).all()
    assert (half < nine).all()
    assert (books(Report.LATEST).period.revenue == nine).all()


def test_growth_rates_are_plausible_and_differ():
    """Most companies grow a little, some a lot, some shrink."""
    found = books()
    rates = growth(found.period.net_profit, found.year_before.net_profit)

    assert 0 < np.median(rates) < 20
    assert rates.min() < -10
    assert rates.max() > 30


def test_a_company_alone_has_the_same_accounts():
    """Nobody's figures depend on who else is asked for."""
    alone = accounts(FACTS[7:8], KEYS[7:8], Report.INTERIM)

    assert alone.period.revenue[0] == books(Report.INTERIM).period.revenue[7]


def test_what_earns_nothing_has_no_accounts():
    """An index has zeros, and no ratio fails."""
    index = next(i for i in default_universe().instruments(Market.HK, SecurityType.INDEX))
    found = accounts([fundamentals_of(1, index)], [1], Report.ANNUAL)

    assert found.period.revenue.tolist() == [0.0]
    assert ratio(found.period.net_profit, found.period.revenue).tolist() == [0.0]
