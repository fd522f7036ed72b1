"""Odd lots on the tape: labelled in America, paired in Hong Kong, and no sum is touched."""

from collections import Counter

import pytest

from simulator.domain import TradeDirection, TradeKind, Venue
from simulator.market.odd_lots import prints_of
from simulator.market.source import Liquidity, MinuteTicks
from tests.support.markets import instrument, security, utc_ns, wall_market

MARKET = wall_market()
SPANS = {
    "HK.00700": ("2026-11-20T09:30:00+08:00", "2026-11-20T12:00:00+08:00"),
    "US.AAPL": ("2026-11-19T09:30:00-05:00", "2026-11-19T11:00:00-05:00"),
    "SH.600519": ("2026-11-20T09:30:00+08:00", "2026-11-20T11:30:00+08:00"),
}


@pytest.fixture(scope="module")
def tapes():
    """Half a day of prints of each."""
    return {
        symbol: MARKET.trades_between(security(symbol), *map(utc_ns, span))
        for symbol, span in SPANS.items()
    }


def test_odd_lots_are_few_in_hong_kong_many_in_america_and_none_on_the_mainland(tapes):
    """Shanghai sells odd lots only as a rest; they are left out."""
    shares = {
        symbol: Counter(trade.kind for trade in tape)[TradeKind.ODD_LOT] / len(tape)
        for symbol, tape in tapes.items()
    }

    assert 0.0005 < shares["HK.00700"] < 0.02
    assert 0.05 < shares["US.AAPL"] < 0.6
    assert shares["SH.600519"] == 0


def test_an_american_odd_lot_is_less_than_a_hundred_shares(tapes):
    """All such, and no others."""
    for trade in tapes["US.AAPL"]:
        assert (trade.kind is TradeKind.ODD_LOT) == (trade.volume < 100)


def test_hong_kong_pairs_make_up_a_lot(tapes):
    """Two in a row at one price, without a side; every other print is whole lots."""
    tape, lot = tapes["HK.00700"], instrument("HK.00700").lot_size
    odd = [at for at, trade in enumerate(tape) if trade.kind is TradeKind.ODD_LOT]

    assert odd
    for first, second in zip(odd[::2], odd[1::2], strict=True):
        a, b = tape[first], tape[second]
        assert second == first + 1
        assert (a.price, a.direction, a.volume + b.volume) == (b.price, TradeDirection.NEUTRAL, lot)
        assert 0 < a.volume < lot
    assert all(t.volume % lot == 0 for t in tape if t.kind is not TradeKind.ODD_LOT)
    assert [t.sequence for t in tape] == sorted({t.sequence for t in tape})


def test_sums_stay_what_they_are():
    """With and without odd lots a minute has the same lots, value and extremes."""
    ticks = MinuteTicks(
        list(range(1, 41)), [10, *range(5, 24), *range(8, 27), 12], [1] * 40, [1] * 40
    )
    plain = Liquidity(1, 100, 1.0, 1.0, 1.0, 1, None)
    paired = Liquidity(1, 100, 1.0, 1.0, 1.0, 1, None, has_odd_lots=True)
    found = 0
    for minute in range(200):
        before, after = (
            prints_of(ticks, liquidity, Venue.HK_STOCK, TradeKind.AUTOMATCH, minute)
            for liquidity in (plain, paired)
        )
        found += len(after) - len(before)
        for total in (
            lambda prints: sum(p.volume for p in prints),
            lambda prints: sum(p.lots * p.price for p in prints),
            lambda prints: (prints[0], prints[-1], max(p.price for p in prints)),
        ):
            assert total(before) == total(after)

    assert 10 < found < 50
