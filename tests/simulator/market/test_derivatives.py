"""Options, structured products and contract months on the synthetic market."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import (
    ExpirationCycle,
    OptionKind,
    Period,
    WarrantKind,
)
from simulator.errors import UnknownSecurity
from simulator.market.data import MarketData
from simulator.market.derivative_figures import option_columns, warrant_figures
from simulator.market.option_classes import classes_of
from simulator.market.option_listing import (
    OptionCode,
    expiration_on,
    expirations,
    last_day_but_one,
    read_code,
    third_friday,
    write_code,
)
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.ticks import is_on_tick
from simulator.timeline import WallTimeline
from simulator.trading_days import calendar_for
from tests.support.markets import instrument, security, utc_ns, wall_market

MARKET = wall_market()
OTHER = wall_market().universe
DESK = MARKET.derivatives
TODAY = date(2026, 11, 20)
HK_NOON = utc_ns("2026-11-20T11:12:13+08:00")
US_NOON = utc_ns("2026-11-20T11:12:13-05:00")
NOW = {
    "US.AAPL": US_NOON,
    "US.SPY": US_NOON,
    "US..SPX": US_NOON,
    "US..VIX": US_NOON,
    "HK.00700": HK_NOON,
    "HK.800000": HK_NOON,
}


def series_of(symbol):
    return classes_of(MARKET.universe.get(security(symbol)))[0]


def near_chain(symbol, number=1):
    series = series_of(symbol)
    return DESK.chain(series, expirations(series, TODAY)[number], TODAY)


def middle(symbol, pairs, count):
    """The strikes around the underlying."""
    spot = MARKET.quote(security(symbol), NOW[symbol]).last
    return sorted(sorted(pairs, key=lambda pair: abs(pair.strike - spot))[:count], key=str)


# --- codes and listings --------------------------------------------------------------------------


@given(
    st.sampled_from(["AAPL", "TCH", "HSI", "F"]),
    st.dates(date(2024, 1, 1), date(2031, 12, 31)),
    st.sampled_from(OptionKind),
    st.integers(100, 99_999_999),
)
def test_a_code_is_read_as_it_was_written(root, expiry, kind, thousandths):
    """Root, expiry, kind and strike survive the way through the text."""
    code = OptionCode(root, expiry, kind, thousandths / 1000)

    assert read_code(write_code(code)) == code


@pytest.mark.parametrize("symbol", NOW)
def test_every_listed_option_is_found_by_its_code(symbol):
    """The chain and the parser agree on what exists."""
    for pair in near_chain(symbol):
        for option in (pair.call, pair.put):
            assert OTHER.get(option.security) == option


@pytest.mark.parametrize(
    "symbol",
    [
        "US.AAPL261120C9000000",  # no such strike
        "US.AAPL261120C287310",  # off the ladder
        "US.AAPL261119C290000",  # a Thursday
        "US.AAPL261120C0290000",  # a leading zero
        "US.AAPL261340C290000",  # no date
        "US.NOBODY261120C290000",
        "HK.TCH261120C600000",  # not an expiry of Hong Kong
        "SH.AAPL261120C290000",
        "HK.HSI2613",
        "HK.CUT2612",
    ],
)
def test_what_the_rules_do_not_list_does_not_exist(symbol):
    """A code that merely looks right is unknown."""
    with pytest.raises(UnknownSecurity):
        MARKET.universe.get(security(symbol))


def test_expirations_are_sorted_trading_days_of_the_rules():
    """Fridays and third Fridays in America, the day before the last in Hong Kong."""
    for symbol in NOW:
        series = series_of(symbol)
        days = [e.day for e in expirations(series, TODAY)]

        assert days == sorted(set(days))
        assert all(series.calendar.is_trading_day(day) for day in days)
    apple = expirations(series_of("US.AAPL"), TODAY)
    assert {e.cycle for e in apple} == {ExpirationCycle.WEEK, ExpirationCycle.MONTH}
    nyse = series_of("US.AAPL").calendar
    months = [e.day for e in apple if e.cycle is ExpirationCycle.MONTH]
    assert months == [third_friday(nyse, day.year, day.month) for day in months]
    hk = calendar_for(instrument("HK.00700").venue)
    tencent = expirations(series_of("HK.00700"), TODAY)
    assert [e.day for e in tencent if e.cycle is ExpirationCycle.MONTH][:2] == [
        last_day_but_one(hk, 2026, 11),
        last_day_but_one(hk, 2026, 12),
    ]


@pytest.mark.parametrize(
    ("symbol", "today", "days"),
    [
        ("HK.00700", "2026-11-17", ["2026-11-20"]),  # the next Friday is the month's end
        ("HK.00700", "2026-12-01", ["2026-12-04", "2026-12-11"]),
        ("HK.00700", "2026-12-21", ["2026-12-24", "2026-12-31"]),  # Fridays are holidays
        ("HK.00700", "2024-10-31", []),  # four days before the first
        ("HK.01810", "2025-11-07", []),
        ("HK.01810", "2025-11-10", ["2025-11-14", "2025-11-21"]),
        ("HK.00016", "2026-12-01", []),
        ("HK.800000", "2026-12-01", ["2026-12-04", "2026-12-11"]),
    ],
)
def test_hong_kong_has_weekly_options_on_some_names(symbol, today, days):
    """This week's last business day and the next one's, unless a month expires then."""
    found = expirations(series_of(symbol), date.fromisoformat(today))

    assert [e.day.isoformat() for e in found if e.cycle is ExpirationCycle.WEEK] == days


def test_american_indices_have_a_root_for_months_and_one_for_weeks():
    """Third Fridays settle in the morning; of the volatility index all expire on Wednesdays."""
    spx, spxw = classes_of(MARKET.universe.get(security("US..SPX")))
    vix, vixw = classes_of(MARKET.universe.get(security("US..VIX")))
    months = expirations(spx, TODAY)
    days = expirations(spxw, TODAY)

    assert [c.root for c in (spx, spxw, vix, vixw)] == ["SPX", "SPXW", "VIX", "VIXW"]
    assert {e.cycle for e in months} == {ExpirationCycle.MONTH}
    assert months[0].day == third_friday(spx.calendar, 2026, 11)
    near = [e.day for e in days if e.day <= TODAY + timedelta(days=11)]
    assert near == [d.day for d in spx.calendar.trading_days(TODAY, TODAY + timedelta(days=11))]
    assert days[1].cycle is ExpirationCycle.WEEK_MONDAY
    assert [e.day.isoformat() for e in expirations(vix, TODAY)][:2] == ["2026-12-16", "2027-01-20"]
    assert all(e.day.weekday() == 2 for e in expirations(vixw, TODAY))
    assert not {e.day for e in expirations(vixw, TODAY)} & {e.day for e in expirations(vix, TODAY)}
    assert not classes_of(MARKET.universe.get(security("US..IXIC")))


@pytest.mark.parametrize("symbol", ["US.AAPL", "US.SPY", "US..VIX", "HK.00700", "HK.800000"])
def test_an_expiration_stays_listed_until_it_expires(symbol):
    """From its listing to its last day it is in the list, the day after no longer."""
    series = classes_of(MARKET.universe.get(security(symbol)))[-1 if symbol[3] == "." else 0]
    for expiration in expirations(series, TODAY)[:6]:
        for day in (expiration.listed, TODAY, expiration.day):
            assert expiration in expirations(series, day)
        assert expiration not in expirations(series, expiration.day + timedelta(days=1))
        assert expiration_on(series, expiration.day) == expiration


def test_a_split_takes_the_strikes_along():
    """Old strikes are divided to the cent beside the ladder of the new price; each is found."""
    series = series_of("US.WFC")
    expiration = expiration_on(series, date(2026, 1, 16))
    split = date(2025, 2, 20)
    before, after = (
        [pair.strike for pair in DESK.chain(series, expiration, day)]
        for day in (split - timedelta(days=1), split)
    )
    spot = DESK.board(series.owner).days.previous_close[DESK.board(series.owner).row(739302)] / 1e6

    assert date.fromordinal(739302) == split
    assert {round(strike / 2, 2) for strike in before} <= set(after)
    assert set(after) - {round(strike / 2, 2) for strike in before}
    assert after == sorted(set(after))
    assert after[0] < spot < after[-1] == before[-1] / 2
    for pair in DESK.chain(series, expiration, split):
        assert OTHER.get(pair.put.security) == pair.put


def test_a_split_starts_prices_anew():
    """On the day the last prices, and what they are measured against, are worth in new shares."""
    series, split = series_of("US.WFC"), date(2025, 2, 20)
    at_open = utc_ns("2025-02-20T09:30:01-05:00")
    spot = MARKET.quote(series.owner.security, at_open).previous_close
    untraded = 0
    for pair in DESK.chain(series, expiration_on(series, date(2026, 1, 16)), split):
        call, put = (MARKET.quote(o.security, at_open) for o in (pair.call, pair.put))
        untraded += not call.volume

        for price in (call.previous_close, call.last):
            assert 0.9 * (spot - pair.strike) <= price < 0.3 * spot + max(0, spot - pair.strike)
        for price in (put.previous_close, put.last):
            assert 0.9 * (pair.strike - spot) <= price < 0.3 * spot + max(0, pair.strike - spot)
    assert untraded


# --- prices --------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", NOW)
def test_put_call_parity_holds_within_the_spreads(symbol):
    """Call less put is spot less strike, but for interest, dividends and early exercise."""
    now = NOW[symbol]
    spot = MARKET.quote(security(symbol), now).last
    pairs = near_chain(symbol)
    years = (expirations(series_of(symbol), TODAY)[1].day - TODAY).days / 365
    for pair in middle(symbol, pairs, 6):
        call, put = (MARKET.quote(o.security, now) for o in (pair.call, pair.put))
        widest = call.bid - put.ask, call.ask - put.bid
        slack = 0.05 * years * pair.strike + 0.02

        assert widest[0] - slack <= spot - pair.strike <= widest[1] + slack


@pytest.mark.parametrize("symbol", ["US.AAPL", "HK.800000"])
def test_quotes_are_monotone_in_the_strike_and_above_the_intrinsic_value(symbol):
    """Calls fall, puts rise; nobody sells below what exercise gives."""
    now = NOW[symbol]
    spot = MARKET.quote(security(symbol), now).last
    pairs = near_chain(symbol)[::6]
    calls = [MARKET.quote(pair.call.security, now) for pair in pairs]
    puts = [MARKET.quote(pair.put.security, now) for pair in pairs]

    assert [q.ask for q in calls] == sorted((q.ask for q in calls), reverse=True)
    assert [q.ask for q in puts] == sorted(q.ask for q in puts)
    if symbol.startswith("US"):
        assert all(q.ask >= spot - p.strike for q, p in zip(calls, pairs, strict=True))
        assert all(q.ask >= p.strike - spot for q, p in zip(puts, pairs, strict=True))


def test_greeks_have_the_signs_of_their_kind():
    """And the smile is smooth: dearer below, no jumps between strikes."""
    pairs = near_chain("US.AAPL", 4)
    calls = option_columns(MARKET, [p.call for p in pairs], US_NOON)
    puts = option_columns(MARKET, [p.put for p in pairs], US_NOON)

    assert np.all((calls.delta >= 0) & (calls.delta <= 1) & (calls.rho >= 0))
    assert np.all((puts.delta <= 0) & (puts.delta >= -1) & (puts.rho <= 0))
    assert np.all(calls.gamma >= 0)
    assert np.all(calls.vega >= 0)
    assert np.all(calls.theta <= 0)
    np.testing.assert_allclose(calls.volatility, puts.volatility)
    np.testing.assert_allclose(calls.delta - puts.delta, 1.0, atol=5e-3)
    assert np.all(np.diff(calls.delta) <= 0)
    assert np.max(np.abs(np.diff(calls.volatility, 2))) < 0.02
    assert calls.volatility[0] > calls.volatility[len(pairs) // 2]


def test_bars_of_an_option_add_up():
    """Days are the sums of their minutes, whatever the period between."""
    option = middle("US.AAPL", near_chain("US.AAPL"), 1)[0].call.security
    begin = date(2026, 10, 13)
    days = MARKET.candles(option, Period.DAY, begin, TODAY, US_NOON)
    for period in (Period.MINUTE_1, Period.MINUTE_5, Period.MINUTE_15, Period.MINUTE_60):
        bars = MARKET.candles(option, period, begin, TODAY, US_NOON)
        traded = bars.volume > 0

        assert bars.volume.sum() == days.volume.sum()
        assert bars.turnover.sum() == pytest.approx(days.turnover.sum(), rel=1e-12)
        assert bars.high[traded].max() == days.high.max()
        assert bars.low[traded].min() == days.low.min()
        assert bars.close[-1] == days.close[-1]
        assert np.all((bars.low <= bars.open) & (bars.close <= bars.high))
    np.testing.assert_array_equal(days.previous_close[1:], days.close[:-1])


def test_quote_prints_and_today_agree():
    """Volume, extremes and last price of the quote are those of the prints, on the tick."""
    for pair in middle("HK.800000", near_chain("HK.800000"), 3):
        quote = MARKET.quote(pair.put.security, HK_NOON)
        trades = MARKET.trades(pair.put.security, HK_NOON, 1000)

        assert quote.volume == sum(trade.volume for trade in trades)
        assert (quote.open, quote.last) == (trades[0].price, trades[-1].price)
        assert quote.high == max(trade.price for trade in trades)
        assert quote.turnover == pytest.approx(sum(t.price * t.volume * 50 for t in trades))
        assert quote.bid < quote.ask
        assert all(t.price == round(t.price) for t in trades)


def test_an_option_ends_with_its_expiry():
    """Afterwards nothing trades, nobody quotes, and asking does no harm."""
    option = near_chain("US.AAPL", 0)[30].call.security
    later = utc_ns("2026-12-02T11:00:00-05:00")
    quote = MARKET.quote(option, later)

    assert (quote.volume, quote.bid, quote.ask) == (0, 0.0, 0.0)
    assert MARKET.next_change_ns(option, later) > later


def test_another_seed_has_other_prices_and_the_same_rules():
    """Expiries stay; what is quoted does not."""
    other = wall_market(seed=2)
    option = middle("US.SPY", near_chain("US.SPY"), 1)[0].call

    assert wall_market().quote(option.security, US_NOON) == MARKET.quote(option.security, US_NOON)
    spots = [m.quote(security("US.SPY"), US_NOON).last for m in (MARKET, other)]
    assert spots[0] != spots[1]


# --- structured products -------------------------------------------------------------------------


def products():
    return DESK.warrants(security("HK.00700"), TODAY)


def test_products_of_every_kind_are_listed_and_found_by_code():
    """Twenty to sixty each, in the ranges of codes that the exchange keeps for them."""
    found = products()

    assert 20 <= len(found) <= 75
    assert {product.terms.kind for product in found} == set(WarrantKind)
    for product in found:
        number = int(product.security.code)
        low, high = {
            WarrantKind.BULL: (50000, 69999),
            WarrantKind.BEAR: (50000, 69999),
            WarrantKind.INLINE: (47000, 48999),
        }.get(product.terms.kind, (10000, 29999))
        assert low <= number <= high
        assert MARKET.universe.get(product.security) == product
        assert product.terms.listed < product.terms.last_trade_day < product.terms.maturity


def test_terms_fit_their_kind():
    """A bull is called above its strike and below the spot of its issue; bears the other way."""
    for product in products():
        terms = product.terms
        match terms.kind:
            case WarrantKind.BULL:
                assert terms.recovery_price > terms.strike > 0
            case WarrantKind.BEAR:
                assert 0 < terms.recovery_price < terms.strike
            case WarrantKind.INLINE:
                assert terms.strike == 0 < terms.lower < terms.upper
            case _:
                assert terms.strike > 0 == terms.recovery_price


def test_figures_follow_from_price_and_underlying():
    """Leverage, premium and break-even are the textbook's."""
    spot = MARKET.quote(security("HK.00700"), HK_NOON).last
    checked = 0
    for product in products():
        terms = product.terms
        if terms.listed > TODAY or terms.kind is not WarrantKind.CALL:
            continue
        quote = MARKET.quote(product.security, HK_NOON)
        figures = warrant_figures(MARKET, product, quote, HK_NOON)
        cost = quote.last * terms.conversion_ratio

        assert figures.leverage == pytest.approx(spot / cost)
        assert figures.break_even == pytest.approx(terms.strike + cost)
        assert figures.premium == pytest.approx((terms.strike + cost - spot) / spot * 100)
        assert 0 <= figures.delta <= 1
        checked += 1
    assert checked > 5


def test_a_called_product_never_trades_again():
    """From the first minute in which the underlying touches the recovery price."""
    codes = [str(code) for code in range(54400, 54600)]
    called = []
    for code in codes:
        product = DESK.find(security(f"HK.{code}"))
        if product is None or product.terms.owner != security("HK.00700"):
            continue
        days = MARKET.candles(product.security, Period.DAY, date(2026, 1, 1), TODAY, HK_NOON)
        owner = MARKET.candles(
            product.terms.owner, Period.DAY, product.terms.listed, TODAY, HK_NOON
        )
        level, is_bull = product.terms.recovery_price, product.terms.kind is WarrantKind.BULL
        touched = owner.low <= level if is_bull else owner.high >= level
        if not touched.any():
            continue
        moment = owner.time_ns[int(np.argmax(touched))]
        assert days.volume[days.time_ns > moment].sum() == 0
        called.append(product)
    assert len(called) >= 3
    assert not set(called) & set(products())


# --- futures -------------------------------------------------------------------------------------


def test_the_continuous_series_is_the_contract_that_ends_next():
    """Until its last day; the day after it is the next one, in quotes and prints too."""
    main = MARKET.universe.get(security("HK.HSImain"))

    assert DESK.origin(main, date(2026, 11, 27)) == security("HK.HSI2611")
    assert DESK.origin(main, date(2026, 11, 30)) == security("HK.HSI2612")
    for symbol, now in (
        ("HK.HSI2611", HK_NOON),
        ("HK.HSI2612", utc_ns("2026-12-01T10:00:00+08:00")),
    ):
        month, series = security(symbol), main.security
        a, b = MARKET.quote(month, now), MARKET.quote(series, now)
        assert (a.last, a.volume, a.high) == (b.last, b.volume, b.high)
        assert [t.price for t in MARKET.trades(month, now, 50)] == [
            t.price for t in MARKET.trades(series, now, 50)
        ]


def test_later_months_move_with_the_main_contract_and_trade_less():
    """A carry apart, on the tick."""
    main = MARKET.universe.get(security("US.ESmain"))
    months = DESK.contract_months(main, TODAY)
    quotes = [MARKET.quote(month.security, US_NOON) for month in months[:4]]

    assert [m.terms.last_trade_day for m in months] == sorted(
        m.terms.last_trade_day for m in months
    )
    assert [q.volume for q in quotes] == sorted((q.volume for q in quotes), reverse=True)
    assert quotes[1].last == pytest.approx(quotes[0].last * 1.003, rel=2e-3)
    assert all(q.last * 4 == round(q.last * 4) for q in quotes)


def test_books_of_contract_months_follow_the_main_contract_at_any_instant():
    """The nearest has its very book; later ones quote around the carry, however long unprinted."""
    main, near, far = (security(f"HK.HSI{end}") for end in ("main", "2611", "2612"))
    for minute in range(0, 50, 10):
        now = HK_NOON + minute * 60_000_000_000
        books = [MARKET.displayed_book(s, now, 5) for s in (main, near, far)]

        assert (books[0].bids, books[0].asks) == (books[1].bids, books[1].asks)
        middle_of = [(book.bids[0].price + book.asks[0].price) / 2 for book in books]
        assert middle_of[2] == pytest.approx(middle_of[0] * np.exp(0.012 * 33 / 365), abs=4)


def test_prices_of_derivatives_lie_on_their_ticks():
    """Bids and asks of options and products, at any price."""
    found = [p.call for p in near_chain("US.AAPL")[::9]] + products()[::9]
    for derivative in found:
        if derivative.listing_date > TODAY.isoformat():
            continue
        now = US_NOON if derivative.currency.name == "USD" else HK_NOON
        book = MARKET.displayed_book(derivative.security, now, 3)
        for level in book.bids + book.asks:
            assert is_on_tick(derivative, Decimal(repr(level.price)), TODAY)


def test_another_seed_lists_its_own_products():
    """Nothing that was worked out from the old market is left: lists, terms, figures."""
    market = wall_market()
    owner = security("HK.00700")
    before = market.derivatives.warrants(owner, TODAY)
    warrant_day = [market.derivatives.warrant_day(each, 10).street for each in before]

    market.reseed(SyntheticSource(2))
    fresh = MarketData(default_universe(), WallTimeline(), SyntheticSource(2))

    listed = market.derivatives.warrants(owner, TODAY)
    assert listed == fresh.derivatives.warrants(owner, TODAY)
    assert listed != before
    assert market.fundamentals(owner) == fresh.fundamentals(owner)
    assert [market.universe.get(i.security) for i in listed] == listed
    found = [market.derivatives.warrant_day(each, 10).street for each in listed]
    assert found == [fresh.derivatives.warrant_day(each, 10).street for each in listed]
    assert found != warrant_day
