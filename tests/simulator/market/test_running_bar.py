"""The bar that pushes of candles ask for is the last one of any longer list."""

from __future__ import annotations

import pytest

from simulator.domain import Adjustment, Period, TradeDirection
from simulator.market.candles import Chart
from tests.support.markets import security, utc_ns, wall_market

MARKET = wall_market()
MINUTES = [period for period in Period if period.minutes is not None]
INSTANTS = [
    "2026-01-15T09:29:30+08:00",
    "2026-01-15T09:30:20+08:00",
    "2026-01-15T09:31:00+08:00",
    "2026-01-15T11:59:59+08:00",
    "2026-01-15T12:30:00+08:00",
    "2026-01-15T13:00:10+08:00",
    "2026-01-15T15:59:59.999+08:00",
    "2026-01-15T16:08:30+08:00",
]


def columns(candles) -> list[list[float]]:
    """Everything that candles tell."""
    return [getattr(candles, name).tolist() for name in candles.__slots__]


@pytest.mark.parametrize("adjustment", Adjustment)
@pytest.mark.parametrize("instant", INSTANTS)
def test_one_bar_is_the_last_of_two(instant: str, adjustment: Adjustment) -> None:
    """Whatever period, security and instant: price, volume, label and the close before."""
    now_ns, chart = utc_ns(instant), Chart(adjustment)
    for symbol in ("HK.00700", "HK.02800", "HK.00005"):
        for period in MINUTES:
            one = MARKET.recent_candles(security(symbol), period, 1, now_ns, chart)
            two = MARKET.recent_candles(security(symbol), period, 2, now_ns, chart)

            assert columns(one) == columns(two.slice(1, 2)), (symbol, period)


def test_what_users_traded_is_in_it() -> None:
    """Their price, too, where nobody else has traded at it."""
    market, now_ns = wall_market(), utc_ns("2026-01-15T10:00:30+08:00")
    market.record_trade(security("HK.00700"), now_ns, 700.0, 100, TradeDirection.BUY)
    bar = market.recent_candles(security("HK.00700"), Period.MINUTE_1, 1, now_ns + 1)

    assert bar.high[0] == 700.0
    assert bar.close[0] == 700.0
