"""The history quota: one unit per security, given back after some days."""

from datetime import date

from gateway.session.option_chains import OptionChain
from gateway.session.quotas import HISTORY_WINDOW_NS, HistoryQuota
from simulator.domain import NS_PER_DAY, Market, Security

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


def test_a_month_may_be_the_window():
    """What emulates releases before 10.3: a unit is used for thirty days."""
    quota = HistoryQuota(30 * NS_PER_DAY)
    quota.admit(TENCENT, 1, 0)

    assert quota.used(30 * NS_PER_DAY - 1) == 1
    assert quota.used(30 * NS_PER_DAY) == 0


def test_options_share_a_fifth_chain_by_chain():
    """Two options of a chain use one unit, and not of the quota of shares."""
    chains = {
        Security(Market.US, "AAPL260116C1"): OptionChain(APPLE, date(2026, 1, 16)),
        Security(Market.US, "AAPL260116C2"): OptionChain(APPLE, date(2026, 1, 16)),
        Security(Market.US, "AAPL260123C1"): OptionChain(APPLE, date(2026, 1, 23)),
    }
    first, same, later = chains
    quota = HistoryQuota(counted_as=lambda security: chains.get(security, security))

    assert [quota.admit(s, 5, 0) for s in (first, same, later)] == [True, True, False]
    assert (quota.used(0), quota.option_used(0)) == (0, 1)
    assert quota.admit(TENCENT, 5, 0)
    assert quota.admit(later, 10, 0)
    assert (quota.used(0), quota.option_used(0)) == (1, 2)
