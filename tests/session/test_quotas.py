"""The history quota: one unit per security, given back after seven days."""

from gateway.session.quotas import HISTORY_WINDOW_NS, HistoryQuota
from simulator.domain import Market, Security

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
