"""`sim_limits` decides what a start refuses."""

import pytest

from gateway.assembly import make_limiter
from gateway.config import load_settings
from gateway.session.limits import Rule, Verdict, WindowKey

ORDERS = Rule(2, spacing_ns=1)


@pytest.mark.parametrize(
    ("arguments", "verdicts"),
    [
        ([], [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.TOO_MANY]),
        (["-sim_limits=on"], [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.TOO_MANY]),
        (["-sim_limits=strict"], [Verdict.ADMITTED, Verdict.TOO_SOON, Verdict.TOO_SOON]),
    ],
)
def test_setting_chooses_what_is_refused(arguments, verdicts):
    """By default the number counts; `strict` looks at the distance too."""
    limiter = make_limiter(load_settings(arguments))

    assert verdicts == [limiter.admit(WindowKey(2202, 1), ORDERS, 0) for _ in range(3)]


def test_off_leaves_nothing_to_refuse():
    """Without a limiter nothing is counted."""
    assert make_limiter(load_settings(["-sim_limits=off"])) is None
