"""Suspended days: rare, without prints and bars, and everything around them goes on."""

from datetime import date, timedelta

import numpy as np
import pytest

from simulator.domain import Market, Period, SecurityType
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.timeline import WallTimeline
from tests.support.markets import NS, UNIVERSE

SOURCE = SyntheticSource(1)
MARKET = MarketData(UNIVERSE, WallTimeline(), SOURCE)
COMPANIES = [i for i in UNIVERSE.instruments() if i.security_type is SecurityType.EQUITY]


def suspended_stock(market):
    """A stock of a market and the first of its latest suspended days."""
    for stock in COMPANIES:
        days = SOURCE.days(stock)
        rows = np.flatnonzero(days.lots == 0)
        rows = rows[days.ordinals[rows] < date(2026, 1, 1).toordinal()]
        if stock.security.market is market and len(rows):
            row = int(rows[-1])
            while not days.lots[row - 1]:
                row -= 1
            return stock, row, date.fromordinal(int(days.ordinals[row]))
    raise AssertionError(market)


def test_a_few_days_a_year_in_each_market():
    """More than none in twenty years, fewer than one day in two hundred."""
    for market in (Market.HK, Market.US, Market.SH):
        lots = [SOURCE.days(s).lots for s in COMPANIES if s.security.market is market]
        rate = np.mean([np.mean(of == 0) for of in lots])
        assert 0 < rate < 0.005


@pytest.mark.parametrize("market", [Market.HK, Market.SH, Market.US])
def test_a_suspended_day_stands_still(market):
    """No prints, no bars of any period, the last close, and the flag that says so."""
    stock, row, day = suspended_stock(market)
    now = SOURCE.sessions(stock, row)[0].start_ns + 3_600 * NS
    quote = MARKET.quote(stock.security, now)
    assert quote.is_suspended
    assert (quote.volume, quote.open, quote.high, quote.low) == (0, 0.0, 0.0, 0.0)
    assert quote.last == quote.previous_close
    assert MARKET.trades(stock.security, now, 10) == ()
    assert MARKET.intraday(stock.security, now) == ()
    week = day - timedelta(days=7), day + timedelta(days=14)
    listed = set(MARKET.suspended_days(stock.security, *week))
    assert day in listed
    later = now + 40 * 86_400 * NS
    for period in (Period.DAY, Period.MINUTE_30):
        bars = MARKET.candles(stock.security, period, *week, later)
        assert (bars.volume > 0).any()
        assert MARKET.candles(stock.security, period, day, day, later).volume.tolist() == []
        assert day - timedelta(days=1) not in listed


def test_the_price_goes_on_where_it_stopped():
    """The day after a suspension starts from the close before it."""
    stock, row, _ = suspended_stock(Market.HK)
    days = SOURCE.days(stock)
    after = row
    while not days.lots[after]:
        after += 1
    before = int(days.close[row - 1]) * int(days.step[row - 1])
    assert int(days.previous_close[after]) == before


def test_no_event_falls_on_a_suspended_day():
    """Ex-dates are days of trading."""
    for stock in COMPANIES:
        days = SOURCE.days(stock)
        rows = np.searchsorted(days.ordinals, [action.ordinal for action in days.actions])
        assert (days.lots[rows] > 0).all()
