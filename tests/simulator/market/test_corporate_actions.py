"""Corporate actions: raw prices drop, factors explain every adjusted price, the path has no jump."""

from datetime import date

import numpy as np
import pytest

from simulator.domain import Adjustment, Market, Period, SecurityType
from simulator.market.candles import Chart
from simulator.market.corporate_actions import (
    AdjustmentTable,
    CorporateAction,
    Ratio,
    adjust,
    factors_of,
)
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.synthetic import SyntheticSource
from tests.support.markets import UNIVERSE, instrument, open_market, security

MARKET, NOW = open_market()
SOURCE = SyntheticSource(1)
COMPANIES = [i for i in UNIVERSE.instruments() if i.security_type is SecurityType.EQUITY]
SYMBOLS = ["HK.00700", "HK.00939", "US.AAPL", "US.KO", "SH.600519", "SZ.300750"]
FORWARD, BACKWARD = Chart(Adjustment.FORWARD), Chart(Adjustment.BACKWARD)
EPOCH = date(1970, 1, 1).toordinal()


def closes(stock):
    """Raw closes in the currency, one per row."""
    days = SOURCE.days(stock)
    return days.close.astype(np.int64) * days.step / PRICE_UNITS


def ordinals(symbol, bars):
    """Trade dates of day bars."""
    offset = 8 if symbol[:2] in ("HK", "SH", "SZ") else -4
    return ((bars.time_ns // 10**9 + offset * 3600 + 1800) // 86_400 + EPOCH).astype(int)


def test_a_rights_issue_with_a_dividend():
    """By hand: 2 for 10 at 6.3 and a dividend of 0.5 make 10 of 9.5 into (95 + 12.6) / 12."""
    action = CorporateAction(1, dividend=0.5, allot=Ratio(10, 2), allot_price=6.3)
    assert action.ex_price(10.0) == pytest.approx((95 + 12.6) / 12)
    assert action.price_before(action.ex_price(10.0)) == pytest.approx(10.0)
    factors = factors_of(action, 10.0, is_american=False)
    assert 10.0 * factors.forward_a + factors.forward_b == pytest.approx((95 + 12.6) / 12)
    back = factors.backward_a * (95 + 12.6) / 12 + factors.backward_b
    assert back == pytest.approx(10.0)


def test_american_forward_factors_only_multiply():
    """A dividend of 2 on a close of 100 is a factor of 0.98; backward it is added."""
    factors = factors_of(CorporateAction(1, dividend=2.0), 100.0, is_american=True)
    assert (factors.forward_a, factors.forward_b) == (0.98, 0.0)
    assert (factors.backward_a, factors.backward_b) == (1.0, 2.0)


@pytest.mark.parametrize("action", [
    CorporateAction(1, split=Ratio(1, 5)),
    CorporateAction(1, join=Ratio(10, 1)),
    CorporateAction(1, bonus=Ratio(10, 3)),
    CorporateAction(1, transfer=Ratio(10, 4), dividend=0.2),
])  # fmt: skip
def test_ex_price_and_price_before_undo_each_other(action):
    """Whatever happens to the shares."""
    assert action.price_before(action.ex_price(37.0)) == pytest.approx(37.0)


def test_every_kind_of_event_happens_somewhere():
    """Dividends in all markets; splits, joins, bonus shares, transfers and rights here and there."""
    actions = [a for stock in COMPANIES for a in SOURCE.days(stock).actions]
    for kind in ("dividend", "special_dividend", "split", "join", "bonus", "transfer", "allot"):
        assert any(getattr(action, kind) for action in actions), kind
    for market in (Market.HK, Market.US, Market.SH):
        stocks = [stock for stock in COMPANIES if stock.security.market is market]
        assert sum(bool(SOURCE.days(stock).actions) for stock in stocks) > len(stocks) / 2


def test_raw_prices_fall_on_every_ex_date():
    """The previous close of an ex-date is the exchange's; no other differs from the close before."""
    for stock in COMPANIES:
        days, close = SOURCE.days(stock), closes(stock)
        expected = close[:-1].copy()
        rows = np.searchsorted(days.ordinals, [a.ordinal for a in days.actions])
        for row, action in zip(rows, days.actions, strict=True):
            assert days.ordinals[row] == action.ordinal
            expected[row - 1] = action.ex_price(close[row - 1])
        assert days.previous_close[1:] / PRICE_UNITS == pytest.approx(expected, abs=1e-6)


def test_the_reference_is_the_close_of_the_anchor_day():
    """Events before and after leave it alone."""
    for stock in COMPANIES:
        days = SOURCE.days(stock)
        row = int(np.searchsorted(days.ordinals, date(2026, 1, 15).toordinal()))
        assert closes(stock)[row] == pytest.approx(stock.reference_price)


def test_moves_around_ex_dates_are_usual_ones():
    """Against the exchange's previous close no day jumps more than the market allows."""
    for stock in COMPANIES:
        days = SOURCE.days(stock)
        moves = closes(stock) / (days.previous_close / PRICE_UNITS) - 1
        limit = SOURCE.liquidity(stock).limit or 0.45
        assert np.abs(moves[1:]).max() < limit + 0.002, stock.security


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("chart", [FORWARD, BACKWARD])
def test_the_chain_of_factors_gives_each_adjusted_price(symbol, chart):
    """Raw x A + B, event by event: old to new for forward, new to old for backward."""
    code, span = security(symbol), (date(2006, 1, 1), date(2026, 12, 31))
    raw = MARKET.candles(code, Period.DAY, *span, NOW)
    adjusted = MARKET.candles(code, Period.DAY, *span, NOW, chart)
    table = MARKET.adjustments(code, NOW)
    days = ordinals(symbol, raw)
    events = list(zip(table.actions, table.factors, strict=True))
    assert len(events) > 4
    for name in ("open", "high", "low", "close"):
        price = getattr(raw, name).copy()
        for action, lines in events if chart is FORWARD else reversed(events):
            if chart is FORWARD:
                changed = price * lines.forward_a + lines.forward_b
                price = np.where(days < action.ordinal, changed, price)
            else:
                changed = price * lines.backward_a + lines.backward_b
                price = np.where(days >= action.ordinal, changed, price)
        assert getattr(adjusted, name) == pytest.approx(price, abs=2e-6, rel=1e-12)
    assert adjusted.volume.tolist() == raw.volume.tolist()


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_adjusted_bars_are_continuous_and_raw_ones_show_the_exchange(symbol):
    """Raw previous closes jump on ex-dates as quotes do; adjusted ones are the last bar's close."""
    code, span = security(symbol), (date(2006, 1, 1), date(2026, 12, 31))
    days, source = MARKET.candles(code, Period.DAY, *span, NOW), SOURCE.days(instrument(symbol))
    rows = np.searchsorted(source.ordinals, ordinals(symbol, days))
    assert days.previous_close.tolist() == (source.previous_close[rows] / PRICE_UNITS).tolist()
    for chart in (FORWARD, BACKWARD):
        bars = MARKET.candles(code, Period.DAY, *span, NOW, chart)
        assert bars.previous_close[1:].tolist() == bars.close[:-1].tolist()
        page = MARKET.candles(code, Period.DAY, date(2019, 3, 1), date(2020, 3, 2), NOW, chart)
        first = int(np.searchsorted(bars.time_ns, page.time_ns[0]))
        assert page.previous_close[0] == bars.close[first - 1]


@pytest.mark.parametrize("period", [Period.WEEK, Period.MONTH, Period.QUARTER, Period.YEAR])
def test_long_adjusted_bars_are_made_of_adjusted_days(period):
    """Adjust first, then group: a bar across an ex-date has no jump inside."""
    code, span = security("SH.600519"), (date(2004, 1, 1), date(2026, 12, 31))
    days = MARKET.candles(code, Period.DAY, *span, NOW, FORWARD)
    bars = MARKET.candles(code, period, *span, NOW, FORWARD)
    heads = np.searchsorted(days.time_ns, bars.time_ns)
    assert np.maximum.reduceat(days.high, heads).tolist() == bars.high.tolist()
    assert np.minimum.reduceat(days.low, heads).tolist() == bars.low.tolist()


@pytest.mark.parametrize("chart", [FORWARD, BACKWARD])
def test_adjusted_minutes_add_up_to_adjusted_days(chart):
    """Minutes lie on the same line as their day."""
    code, span = security("HK.00005"), (date(2026, 6, 8), date(2026, 6, 22))
    assert any(date(2026, 6, 8).toordinal() < a.ordinal < date(2026, 6, 22).toordinal()
               for a in MARKET.adjustments(code, NOW).actions)  # fmt: skip
    days = MARKET.candles(code, Period.DAY, *span, NOW, chart)
    minutes = MARKET.candles(code, Period.MINUTE_30, *span, NOW, chart)
    heads = np.searchsorted(minutes.time_ns, days.time_ns)
    assert minutes.open[heads].tolist() == days.open.tolist()
    assert np.maximum.reduceat(minutes.high, heads).tolist() == days.high.tolist()
    assert minutes.previous_close[1:].tolist() == minutes.close[:-1].tolist()


def test_dividends_of_the_snapshot_are_those_paid():
    """Trailing twelve months and last year, summed over the events, and plausible yields."""
    yields = []
    for stock in COMPANIES:
        table, figures = (
            MARKET.adjustments(stock.security, NOW),
            MARKET.statistics(stock.security, NOW),
        )
        today = MARKET.trading_date(stock.security, NOW).toordinal()
        paid = sum(
            a.dividend + a.special_dividend for a in table.actions if a.ordinal > today - 365
        )
        assert figures.fundamentals.dividend_ttm == pytest.approx(paid)
        yields.append(figures.dividend_yield_ttm)
    assert 1.0 < np.median(yields) < 5.0
    assert max(yields) < 15.0


def test_factors_of_later_events_are_not_known_yet():
    """Seen from an earlier day there are fewer events, and forward prices are that day's."""
    earlier = NOW - 400 * 86_400 * 10**9
    market, _ = open_market(start="2025-10-17T11:00:00+08:00")
    code = security("US.KO")
    assert len(market.adjustments(code, earlier).actions) < len(
        MARKET.adjustments(code, NOW).actions
    )
    last = market.recent_candles(code, Period.DAY, 1, earlier, FORWARD)
    assert last.close[0] == market.quote(code, earlier).last


def test_chains_are_lines_of_lines():
    """Two events in a row: the first, then the second."""
    actions = [CorporateAction(10, dividend=1.0), CorporateAction(20, split=Ratio(1, 2))]
    factors = [factors_of(action, 50.0, is_american=False) for action in actions]
    table = AdjustmentTable.of(actions, factors)
    days, price = np.array([5, 10, 19, 20]), np.full(4, 50.0)
    forward = adjust(price, table.lines(days, Adjustment.FORWARD))
    assert forward.tolist() == [24.5, 25.0, 25.0, 50.0]
    backward = adjust(price, table.lines(days, Adjustment.BACKWARD))
    assert backward.tolist() == [50.0, 51.0, 51.0, 101.0]
