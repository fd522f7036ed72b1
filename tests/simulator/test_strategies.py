"""Each named strategy is recognised from its legs, whichever side is taken and in any order."""

from datetime import date
from itertools import permutations

import pytest

from simulator.domain import Market, OrderLeg, Security, Side, StrategyKind
from simulator.strategies import strategy_of
from tests.support.sources import APPLE, listed_option, make_instrument

K = StrategyKind
NEAR, LATER = date(2026, 2, 20), date(2026, 3, 20)


def leg(text):
    """`+2C105` buys two calls of 105; `'` is the later expiry, `+100S` a hundred shares."""
    side = Side.BUY if text[0] == "+" else Side.SELL
    if text.endswith("S"):
        return OrderLeg(APPLE, side, int(text[1:-1])), make_instrument(APPLE, 1, 100.0)
    kind = "C" if "C" in text else "P"
    ratio, strike = text[1:].rstrip("'").split(kind)
    day = LATER if text.endswith("'") else NEAR
    security = Security(Market.US, f"AAPL{day:%y%m%d}{kind}{int(strike) * 1000}")
    instrument = listed_option(security, APPLE, float(strike), 3.0, day)
    return OrderLeg(security, side, int(ratio or 1)), instrument


@pytest.mark.parametrize(
    ("legs", "kind"),
    [
        ("+1C100", K.SINGLE),
        ("+100S -1C105", K.COVERED),
        ("-100S -1P95", K.COVERED),
        ("+100S +1P95 -1C105", K.COLLAR),
        ("+1C100 -1C105", K.SPREAD),
        ("+1C100 -2C105", K.CUSTOM),
        ("+1C100 +1C105", K.CUSTOM),
        ("+1C100 +1P100", K.STRADDLE),
        ("+1C105 +1P95", K.STRANGLE),
        ("+1C100 -1P100", K.CUSTOM),
        ("+1C100' -1C100", K.CALENDAR_SPREAD),
        ("+1C100' -1C105", K.DIAGONAL_SPREAD),
        ("+1C95 -2C100 +1C105", K.BUTTERFLY),
        ("+1C95 -1C100 +1C105", K.CUSTOM),
        ("+1P90 -1P95 -1P100 +1P105", K.CONDOR),
        ("+1P90 -1P95 -1C105 +1C110", K.IRON_CONDOR),
        ("+1P90 -1P100 -1C100 +1C110", K.IRON_BUTTERFLY),
        ("+1P90 -1P95 -1C105 +1C110'", K.CUSTOM),
    ],
)
def test_strategies(legs, kind):
    """All orders of the legs, and all sides turned round."""
    for turned in (str.maketrans({}), str.maketrans("+-", "-+")):
        made = [leg(text) for text in legs.translate(turned).split()]
        for order in permutations(made):
            assert strategy_of([item[0] for item in order], [item[1] for item in order]) is kind
