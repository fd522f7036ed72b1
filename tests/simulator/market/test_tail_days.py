"""Day bars of the long tail: batches equal single companies, and look like a market."""

from datetime import date

import numpy as np
import pytest

from simulator.domain import Market
from simulator.market.daily import ANCHOR
from simulator.market.long_tail import full_universe
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.synthetic import SyntheticSource

UNIVERSE = full_universe()
NAMES = ("step", "open", "high", "low", "close", "previous_close", "lots", "value")


def companies(market, every=150):
    return [i for i in UNIVERSE.instruments(market) if i.is_generated][::every]


@pytest.fixture(scope="module")
def source():
    return SyntheticSource(1)


@pytest.mark.parametrize("market", [Market.HK, Market.US, Market.SH, Market.SZ])
def test_a_stretch_of_many_is_what_each_has_alone(source, market):
    """Any stretch of days of a batch holds the very numbers of the single companies."""
    chosen = companies(market)
    for begin, end in (
        (date(2005, 3, 1), date(2005, 9, 1)),
        (date(2025, 12, 1), date(2026, 11, 20)),
    ):
        block = source.day_block(chosen, begin.toordinal(), end.toordinal())
        for row, company in enumerate(chosen):
            days = source.days(company)
            first = block.first - block.listed[row]
            start, stop = max(first, 0), max(first + block.close.shape[1], 0)
            for name in NAMES:
                expected = getattr(days, name)[start:stop]
                assert getattr(block, name)[row, start - first :].tolist() == expected.tolist()


@pytest.mark.parametrize("market", [Market.HK, Market.US, Market.SH])
def test_bars_are_sound(source, market):
    """High and low hold open and close, days hang together, the anchor day closes at the reference."""
    for company in companies(market):
        days = source.days(company)
        close = days.close.astype(np.int64) * days.step
        anchor = int(np.searchsorted(days.ordinals, ANCHOR.toordinal()))

        assert (days.high >= np.maximum(days.open, days.close)).all()
        assert (days.low <= np.minimum(days.open, days.close)).all()
        assert (days.low > 0).all()
        assert (days.previous_close[1:] == close[:-1]).all()
        assert (days.value >= days.low * days.lots.astype(np.int64)).all()
        assert close[anchor] / PRICE_UNITS == pytest.approx(company.reference_price)


def test_mainland_prices_keep_their_limits(source):
    """Ten per cent, twenty on ChiNext and STAR; no day leaves them."""
    for company in companies(Market.SH) + companies(Market.SZ):
        days = source.days(company)
        limit = source.liquidity(company).limit
        for prices in (days.high, days.low, days.close):
            move = prices.astype(np.int64) * days.step / days.previous_close - 1
            assert np.abs(move).max() < limit + 1e-9


def test_companies_move_with_their_market_but_not_alike(source):
    """Returns of two companies are correlated, and far from equal."""
    a, b = (source.days(company) for company in companies(Market.US, 1000)[:2])
    x, y = (np.diff(np.log(d.close[-2500:] * d.step[-2500:].astype(float))) for d in (a, b))

    assert 0.05 < np.corrcoef(x, y)[0, 1] < 0.9
    assert 0.1 < x.std() * 16 < 0.8
