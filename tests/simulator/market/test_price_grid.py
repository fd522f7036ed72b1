"""Prices as whole numbers on dated tick ladders."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from simulator.market.price_grid import PRICE_UNITS, GridHistory, to_units
from simulator.ticks import is_on_tick
from tests.support.markets import instrument

DAY = date(2026, 11, 20)
SYMBOLS = ["HK.00700", "HK.00939", "HK.02800", "US.AAPL", "SH.600519", "US.ZNmain", "US.6Emain"]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_rungs_and_prices_map_onto_each_other(symbol):
    """Each rung has one price, on the tick, and each price its rung."""
    grid = GridHistory.of(instrument(symbol)).at(DAY)
    rungs = np.unique(np.geomspace(1, 9_000, 400).astype(np.int64))
    prices = grid.prices(rungs)
    assert (np.diff(prices) > 0).all()
    assert [grid.rung(int(units)) for units in prices] == rungs.tolist()
    for units in prices.tolist():
        assert is_on_tick(instrument(symbol), Decimal(units) / PRICE_UNITS, DAY)


def test_a_day_across_bands_uses_a_step_valid_in_both():
    """Between 0.02 and 0.05 only multiples of 0.10 lie on both grids."""
    grid = GridHistory.of(instrument("HK.00700")).at(DAY)
    low, high = (np.array([to_units(price)], float) for price in (49.5, 50.5))
    assert grid.common_step(low, high).tolist() == [to_units(0.1)]


def test_grids_change_on_their_dates():
    """The Hong Kong reform halved the step between 10 and 20."""
    history = GridHistory.of(instrument("HK.00857"))
    steps = [history.at(d).tick_at(to_units(15)) for d in (date(2025, 8, 1), date(2025, 8, 4))]
    assert steps == [to_units(0.02), to_units(0.01)]
