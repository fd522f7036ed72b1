"""American hours outside the day: exact sums, one story in all views, and an untouched day."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from simulator.domain import Period, TradeDirection
from simulator.market.candles import Chart
from simulator.market.extended import HABITS, SessionSource
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.synthetic import SyntheticSource
from simulator.market_view import exact
from simulator.ticks import is_on_tick
from simulator.trading_days import SessionKind, TradingHours
from tests.support.markets import NS, instrument, open_market, security, utc_ns, wall_market

SOURCE = SyntheticSource(1)
WALL = wall_market()
SYMBOLS = ["US.AAPL", "US.KO", "US.SPY", "US.LI"]
KINDS = list(HABITS)
INSTANTS = {
    SessionKind.PRE: "2026-11-20T08:15:20-05:00",
    SessionKind.AFTER: "2026-11-20T18:02:40-05:00",
    SessionKind.OVERNIGHT: "2026-11-20T01:33:10-05:00",
}


def rows(symbol, count):
    last = len(SOURCE.days(instrument(symbol))) - 2
    return np.linspace(0, last, count).astype(int).tolist()


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_minutes_and_prints_add_up_to_the_session(symbol, kind):
    """As in the day: every sum is a sum of whole numbers."""
    source, stock = SessionSource(SOURCE, kind), instrument(symbol)
    days = source.days(stock)
    for row in rows(symbol, 9):
        (bars,) = source.minutes(stock, row, row)
        if not len(bars) or not days.lots[row]:
            continue
        assert (bars.open[0], bars.close[-1]) == (days.open[row], days.close[row])
        assert (bars.high.max(), bars.low.min()) == (days.high[row], days.low[row])
        assert int(bars.lots.sum(dtype=np.int64)) == days.lots[row]
        assert int(bars.value.sum()) == days.value[row]
        for minute in range(0, len(bars), 31):
            ticks = source.ticks(stock, row, minute)
            assert sum(ticks.lots) == bars.lots[minute]
            value = sum(p * q for p, q in zip(ticks.price, ticks.lots, strict=True))
            assert value == bars.value[minute]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_sessions_lead_from_the_close_to_the_open(symbol):
    """Each starts about where the one before ended; the last ends about at the open."""
    stock, base = instrument(symbol), SOURCE.days(instrument(symbol))
    made = {kind: SessionSource(SOURCE, kind).days(stock) for kind in KINDS}
    sigma = base.sigma[2:].astype(float)

    def at(days, name, rows):
        prices = getattr(days, name).astype(np.int64) * days.step
        return np.log(prices[rows] / PRICE_UNITS)

    today, before = slice(2, None), slice(1, -1)
    ratio = np.log(base.previous_close[2:] / (base.close.astype(np.int64) * base.step)[1:-1])
    evening = at(made[SessionKind.AFTER], "close", before) + ratio
    tolerance = 0.02 * sigma + 0.01
    links = [
        (at(made[SessionKind.AFTER], "open", before), at(base, "close", before)),
        (evening, at(made[SessionKind.OVERNIGHT], "open", today)),
        (at(made[SessionKind.OVERNIGHT], "close", today), at(made[SessionKind.PRE], "open", today)),
        (at(made[SessionKind.PRE], "close", today), at(base, "open", today)),
    ]
    for left, right in links:
        assert (np.abs(left - right) < tolerance).all()


def test_extended_volume_is_a_small_part_of_the_day():
    """Two to six percent of a liquid stock's volume on most days."""
    stock = instrument("US.AAPL")
    lots = sum(SessionSource(SOURCE, kind).days(stock).lots.astype(float) for kind in KINDS)
    day = SOURCE.days(stock).lots
    share = lots[day > 0] / day[day > 0]
    assert 0.03 < np.median(share) < 0.06
    assert np.quantile(share, 0.99) < 0.15


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_all_views_of_a_running_session_agree(symbol, kind):
    """Block, prints, minutes, line and book tell one price and one sum; the day stands still."""
    code, now = security(symbol), utc_ns(INSTANTS[kind])
    figures = WALL.session_figures(code, kind, now)
    prints = WALL.trades(code, now, 100, TradingHours.ALL)
    (bar,) = WALL.recent_candles(
        code, Period.MINUTE_1, 1, now, Chart(hours=TradingHours.ALL)
    ).close.tolist()
    line = WALL.intraday(code, now, TradingHours.ALL)
    assert WALL.running_session(code, now) is kind
    assert figures.price == prints[-1].price == bar == line[-1].price
    assert figures.low <= figures.price <= figures.high
    day = WALL.quote(code, now)
    assert day.time_ns < now
    assert figures.change == pytest.approx(figures.price - day.last)
    book = WALL.displayed_book(code, now)
    side = book.asks if prints[-1].direction is TradeDirection.BUY else book.bids
    assert side[0].price == figures.price
    assert is_on_tick(instrument(symbol), exact(figures.price), date(2026, 11, 20))
    assert WALL.next_change_ns(code, now) < now + 3_600 * NS
    assert WALL.next_minute_ns(code, now) == (now // (60 * NS) + 1) * 60 * NS


@pytest.mark.parametrize("kind", KINDS)
def test_figures_grow_print_by_print(kind):
    """Volume of a session is the sum of its prints, in windows that neither gap nor repeat."""
    code, now = security("US.AAPL"), utc_ns(INSTANTS[kind])
    edges = [now + n * 47 * NS for n in range(8)]
    parts = [WALL.extended_trades(code, a, b) for a, b in pairwise(edges)]
    whole = WALL.extended_trades(code, edges[0], edges[-1])
    assert sum(parts, ()) == whole
    assert len(whole) > 3
    first, last = (WALL.session_figures(code, kind, at) for at in (edges[0], edges[-1]))
    assert last.volume - first.volume == sum(trade.volume for trade in whole)
    assert WALL.trades_between(code, edges[0], edges[-1]) == ()


def test_sequence_numbers_increase_through_a_day_and_a_night():
    """Night, morning, day and evening are one tape."""
    code = security("US.KO")
    start = utc_ns("2026-11-18T19:00:00-05:00")
    found = []
    for hour in range(0, 26, 2):
        a, b = start + hour * 3_600 * NS, start + (hour + 2) * 3_600 * NS
        found += [*WALL.extended_trades(code, a, b), *WALL.trades_between(code, a, b)]
        found.sort(key=lambda trade: trade.time_ns)
    assert len(found) > 1_000
    assert all(a.sequence < b.sequence for a, b in pairwise(found))


@pytest.mark.parametrize("period", [Period.MINUTE_1, Period.MINUTE_30, Period.MINUTE_60])
def test_regular_bars_do_not_change(period):
    """The day's bars among those of all hours are the day's own."""
    code, now = security("US.AAPL"), utc_ns("2026-11-21T12:00:00-05:00")
    span = date(2026, 11, 16), date(2026, 11, 20)
    plain = WALL.candles(code, period, *span, now)
    whole = WALL.candles(code, period, *span, now, Chart(hours=TradingHours.ALL))
    at = np.searchsorted(whole.time_ns, plain.time_ns)
    for name in ("time_ns", "open", "high", "low", "close", "volume", "turnover"):
        assert getattr(whole, name)[at].tolist() == getattr(plain, name).tolist()
    assert (np.diff(whole.time_ns) > 0).all()
    assert (whole.low <= whole.open).all()
    assert (whole.high >= whole.close).all()
    assert whole.previous_close[1:].tolist() == whole.close[:-1].tolist()


def test_pages_of_all_hours_join():
    """The first bar of a later page continues the last of an earlier one."""
    code, now = security("US.KO"), utc_ns("2026-11-21T12:00:00-05:00")
    chart = Chart(hours=TradingHours.ALL)
    whole = WALL.candles(code, Period.MINUTE_30, date(2026, 11, 9), date(2026, 11, 20), now, chart)
    later = WALL.candles(code, Period.MINUTE_30, date(2026, 11, 16), date(2026, 11, 20), now, chart)
    at = int(np.searchsorted(whole.time_ns, later.time_ns[0]))
    assert whole.time_ns[at:].tolist() == later.time_ns.tolist()
    assert whole.previous_close[at:].tolist() == later.previous_close.tolist()


def test_an_evening_runs_on_into_the_night():
    """At eight in the evening the night of the next trade date begins, Sundays included."""
    code = security("US.AAPL")
    for text, kind in [
        ("2026-11-20T19:59:59-05:00", SessionKind.AFTER),
        ("2026-11-20T20:00:01-05:00", None),
        ("2026-11-22T20:00:01-05:00", SessionKind.OVERNIGHT),
        ("2026-11-23T03:59:59-05:00", SessionKind.OVERNIGHT),
        ("2026-11-23T04:00:01-05:00", SessionKind.PRE),
        ("2026-11-23T09:30:01-05:00", None),
        ("2026-11-27T16:59:59-05:00", SessionKind.AFTER),
        ("2026-11-27T17:00:01-05:00", None),
    ]:
        assert WALL.running_session(code, utc_ns(text)) is kind, text


def test_who_has_no_extended_hours():
    """Other markets, indices and futures; nights before they existed."""
    now = utc_ns(INSTANTS[SessionKind.PRE])
    for symbol in ("HK.00700", "US..SPX", "US.ESmain"):
        assert WALL.session_figures(security(symbol), SessionKind.PRE, now) is None
        assert WALL.running_session(security(symbol), now) is None
    old = utc_ns("2024-03-05T01:00:00-05:00")
    assert WALL.session_figures(security("US.AAPL"), SessionKind.OVERNIGHT, old) is None
    assert WALL.session_figures(security("US.AAPL"), SessionKind.AFTER, old) is not None


def test_the_open_clock_never_shows_a_running_session():
    """Its sessions are over or to come: no prints outside the day reach anybody."""
    market, start = open_market()
    code = security("US.AAPL")
    for hour in range(12):
        a, b = start + hour * 3_600 * NS, start + (hour + 1) * 3_600 * NS
        assert market.running_session(code, a) is None
        assert market.extended_trades(code, a, b) == ()
    assert market.session_figures(code, SessionKind.PRE, start).volume > 0
