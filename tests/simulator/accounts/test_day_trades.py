"""What counts as a day trade, and what of a day is still open."""

from datetime import date
from decimal import Decimal

import pytest

from simulator.accounts.day_trades import Step, count_day_trades
from simulator.domain import Market, Security

APPLE, TESLA = Security(Market.US, "AAPL"), Security(Market.US, "TSLA")
MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)


def walk(text, given=0, today=MONDAY):
    """Steps in Apple such as `+100 -50`, each share worth 1; `|` is the night."""
    steps, day = [], MONDAY
    for word in text.split():
        if word == "|":
            day = TUESDAY
            continue
        steps.append(Step(APPLE, day, int(word), Decimal(abs(int(word)))))
    return count_day_trades(steps, today, {APPLE: given})


@pytest.mark.parametrize(
    ("text", "given", "trades"),
    [
        ("+100", 0, 0),
        ("+100 -100", 0, 1),
        ("+50 +50 -100", 0, 1),
        ("+100 -50 -50", 0, 1),
        ("+100 -50 +50 -100", 0, 2),
        ("-100 +100", 0, 1),
        ("-100", 100, 0),
        ("-50 -50", 100, 0),
        ("+100 -100", 100, 1),
        ("-100 +100", 100, 0),
        ("+100 | -100", 0, 0),
        ("+100 | -100 +100 -100", 0, 1),
        ("+100 -100 | +100 -100", 0, 2),
    ],
)
def test_each_opening_and_the_closing_after_it_is_one(text, given, trades):
    """However many fills it took; what was held overnight and is sold before any purchase is none."""
    assert sum(walk(text, given, TUESDAY).trades.values()) == trades


@pytest.mark.parametrize(
    ("text", "exposure", "peak", "can_make_one"),
    [
        ("+100", 100, 0, True),
        ("+100 -40", 60, 100, False),
        ("+100 -100 +30", 30, 100, True),
        ("+100 -40 +50 -110", 0, 110, False),
    ],
)
def test_the_day_knows_what_is_open(text, exposure, peak, can_make_one):
    """Closing gives power back; the peak counts only where something was closed."""
    count = walk(text)

    assert (count.exposure, count.peak) == (exposure, peak)
    assert (APPLE in count.open_legs) is can_make_one


def test_another_day_begins_with_nothing():
    """What is held overnight is no exposure any more."""
    count = walk("+100", today=TUESDAY)

    assert (count.exposure, count.peak, count.open_legs) == (0, 0, frozenset())


def test_securities_are_counted_by_themselves():
    """Buying one and selling another is no day trade."""
    steps = [
        Step(APPLE, MONDAY, 10, Decimal(10)),
        Step(TESLA, MONDAY, -10, Decimal(20)),
    ]
    count = count_day_trades(steps, MONDAY, {})

    assert not count.trades
    assert (count.exposure, count.open_legs) == (30, frozenset({APPLE, TESLA}))
