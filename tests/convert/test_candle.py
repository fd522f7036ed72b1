"""Candles on the wire: many at once are written as few are."""

import pytest

from gateway.convert.candle import ALL_FIELDS, CandleContext, add_candles
from gateway.pb import Qot_GetKL
from simulator.domain import Market, Period, Security
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import WallTimeline
from tests.support.markets import utc_ns

NOW = utc_ns("2026-11-20T10:47:23+08:00")


@pytest.mark.parametrize("fields", [0, ALL_FIELDS, 0b1001])
@pytest.mark.parametrize("period", [Period.DAY, Period.MINUTE_5, Period.MONTH])
@pytest.mark.parametrize("symbol", ["00700", "800000"])
def test_a_page_is_its_rows(symbol, period, fields):
    """A long list equals the lists of its single rows, whatever fields are wanted."""
    market = MarketData(default_universe(), WallTimeline(), SyntheticSource(1))
    security = Security(Market.HK, symbol)
    context = CandleContext(market.universe.get(security), period, market.fundamentals(security))
    candles = market.recent_candles(security, period, 120, NOW)
    page, single = Qot_GetKL.S2C(), Qot_GetKL.S2C()

    add_candles(page, context, candles, fields)
    for at in range(len(candles)):
        add_candles(single, context, candles.slice(at, at + 1), fields)

    assert len(page.klList) == len(candles) > 50
    assert page.SerializePartialToString() == single.SerializePartialToString()
