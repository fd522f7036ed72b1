"""The history quota: one unit per security, given back after some days; and its size."""

from decimal import Decimal

import pytest

from gateway.session.quotas import HISTORY_WINDOW_NS, HistoryQuota, quota_by_assets, real_assets
from simulator.accounts.account_table import DEFAULT_ACCOUNTS
from simulator.domain import NS_PER_DAY, Environment, Market, Security
from tests.support.conversation import World

TENCENT = Security(Market.HK, "00700")
HSBC = Security(Market.HK, "00005")
APPLE = Security(Market.US, "AAPL")


def test_a_security_uses_one_unit_however_often():
    """Repeats are free, also when all units are used."""
    quota = HistoryQuota()

    assert quota.admit(TENCENT, 1, 0)
    assert quota.admit(TENCENT, 1, 5)
    assert quota.used(5) == 1


def test_a_refused_security_uses_nothing():
    """What did not fit leaves no trace."""
    quota = HistoryQuota()
    quota.admit(TENCENT, 1, 0)

    assert not quota.admit(HSBC, 1, 0)
    assert [use.security for use in quota.uses(0)] == [TENCENT]


def test_units_come_back_seven_days_after_the_first_request():
    """A repeat does not prolong a unit, and each has a window of its own."""
    quota = HistoryQuota()
    quota.admit(TENCENT, 2, 0)
    quota.admit(HSBC, 2, 10)
    quota.admit(TENCENT, 2, HISTORY_WINDOW_NS - 1)

    assert quota.used(HISTORY_WINDOW_NS - 1) == 2
    assert [use.security for use in quota.uses(HISTORY_WINDOW_NS)] == [HSBC]
    assert quota.admit(APPLE, 2, HISTORY_WINDOW_NS)
    assert quota.used(HISTORY_WINDOW_NS + 10) == 1


@pytest.mark.parametrize(
    ("assets", "units"),
    [("0", 100), ("9999.99", 100), ("10000", 300), ("500000", 1000), ("4999999.99", 1000)],
)
def test_assets_choose_the_tier(assets, units):
    """At each border. Source: [D]."""
    assert quota_by_assets(Decimal(assets)) == units


def test_the_highest_tier_begins_at_five_million():
    """And there is none above."""
    assert [quota_by_assets(Decimal(n)) for n in (5_000_000, 10**12)] == [2000, 2000]


def test_only_real_money_counts():
    """Paper accounts hold millions and buy no quota."""
    world = World()
    paper = World(accounts=[a for a in DEFAULT_ACCOUNTS if a.environment is Environment.SIMULATE])

    assert real_assets(paper.opend.engine, paper.now_ns) == 0
    assert real_assets(world.opend.engine, world.now_ns) >= 1_000_000


def test_a_month_may_be_the_window():
    """What emulates releases before 10.3: a unit is used for thirty days."""
    quota = HistoryQuota(30 * NS_PER_DAY)
    quota.admit(TENCENT, 1, 0)

    assert quota.used(30 * NS_PER_DAY - 1) == 1
    assert quota.used(30 * NS_PER_DAY) == 0
