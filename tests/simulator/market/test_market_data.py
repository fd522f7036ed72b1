"""What clients see of a market: quote, book, tape and bars tell one story at any instant."""

import random
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from simulator.domain import Adjustment, MarketState, Period, TradeDirection, Venue
from simulator.market.candles import Chart
from tests.support.markets import NS, UNIVERSE, open_market, security, utc_ns, wall_market

SYMBOLS = [
    "HK.00700", "HK.00939", "HK.07500", "HK.800000", "HK.HSImain", "US.AAPL", "US.ESmain",
    "SH.600519", "SZ.159915", "JP.TOPIXmain",
]  # fmt: skip
OPEN, START = open_market()


def instants(count, seed=0):
    dice = random.Random(seed)
    return [START + dice.randrange(86_400 * NS) for _ in range(count)]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("now", instants(8))
def test_all_views_of_one_instant_agree(symbol, now):
    """Last print, quote, running minute, day bar and intraday line have one price and one sum."""
    code = security(symbol)
    quote = OPEN.quote(code, now)
    (last,) = OPEN.trades(code, now, 1)
    minute = OPEN.recent_candles(code, Period.MINUTE_1, 500, now)
    day = OPEN.recent_candles(code, Period.DAY, 2, now)
    line = OPEN.intraday(code, now)
    assert quote.last == last.price == minute.close[-1] == day.close[-1] == line[-1].price
    assert quote.time_ns == last.time_ns < minute.time_ns[-1]
    assert (quote.open, quote.high, quote.low) == (day.open[-1], day.high[-1], day.low[-1])
    assert quote.volume == day.volume[-1] == sum(point.volume for point in line)
    assert quote.turnover == pytest.approx(day.turnover[-1], abs=0.01)
    assert quote.turnover == pytest.approx(sum(point.turnover for point in line), rel=1e-9)
    assert day.previous_close[-1] == day.close[-2] == quote.previous_close
    assert quote.low <= quote.last <= quote.high


def test_hong_kong_labels():
    """The first minute ends at 9:31; a bar never spans the lunch break. Source: [O]."""
    code, day = security("HK.00700"), date(2026, 11, 11)

    def labels(period):
        bars = OPEN.candles(code, period, day, day, START)
        minutes = (bars.time_ns // (60 * NS) + 8 * 60) % 1_440
        return [f"{m // 60:02}:{m % 60:02}" for m in minutes.tolist()]

    assert labels(Period.MINUTE_1)[:2] == ["09:31", "09:32"]
    assert len(labels(Period.MINUTE_1)) == 330
    assert labels(Period.MINUTE_60) == ["10:30", "11:30", "12:00", "14:00", "15:00", "16:00"]
    assert labels(Period.MINUTE_240) == ["12:00", "16:00"]


@pytest.mark.parametrize("period", [Period.MINUTE_5, Period.MINUTE_60, Period.MINUTE_180])
def test_intraday_bars_add_up_to_the_day(period):
    """Open, high, low, close, volume and turnover of a day's bars are the day bar's."""
    code, day = security("HK.00939"), date(2026, 11, 11)
    bars = OPEN.candles(code, period, day, day, START)
    whole = OPEN.candles(code, Period.DAY, day, day, START)
    assert (bars.open[0], bars.close[-1]) == (whole.open[0], whole.close[0])
    assert (bars.high.max(), bars.low.min()) == (whole.high[0], whole.low[0])
    assert bars.volume.sum() == whole.volume[0]
    assert round(float(bars.turnover.sum()), 3) == round(float(whole.turnover[0]), 3)


def test_weeks_and_months_are_made_of_days():
    """Each longer bar opens, ranges and closes as the days in it; volumes add up."""
    code, forward = security("US.AAPL"), Chart(Adjustment.FORWARD)
    span = date(2024, 1, 1), date(2025, 12, 31)
    days = OPEN.candles(code, Period.DAY, *span, START, forward)
    for period in (Period.MONTH, Period.QUARTER, Period.YEAR):
        bars = OPEN.candles(code, period, *span, START, forward)
        heads = np.searchsorted(days.time_ns, bars.time_ns)
        assert (days.open[heads] == bars.open).all()
        assert (np.maximum.reduceat(days.high, heads) == bars.high).all()
        assert (np.add.reduceat(days.volume, heads) == bars.volume).all()
        assert bars.close[-1] == days.close[-1]
        assert (bars.previous_close[1:] == bars.close[:-1]).all()


@pytest.mark.parametrize("period", [Period.MINUTE_3, Period.DAY, Period.WEEK])
def test_pages_have_neither_gap_nor_repeat(period):
    """Overlapping and adjacent ranges give the same bars as one range."""
    code = security("HK.00700")
    whole = OPEN.candles(code, period, date(2026, 9, 1), date(2026, 11, 13), START)
    first = OPEN.candles(code, period, date(2026, 9, 1), date(2026, 10, 9), START)
    second = OPEN.candles(code, period, date(2026, 10, 10), date(2026, 11, 13), START)
    joined = np.concatenate([first.time_ns, second.time_ns])
    assert joined.tolist() == whole.time_ns.tolist()
    assert (np.diff(whole.time_ns) > 0).all()
    assert np.concatenate([first.close, second.close]).tolist() == whole.close.tolist()
    assert second.previous_close[0] == first.close[-1]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_adjacent_windows_partition_the_tape(symbol):
    """Prints of (a, b] and (b, c] are those of (a, c], across the jump over a close too."""
    code = security(symbol)
    edges = [START + n * 1_700 * NS for n in range(13)]
    parts = [OPEN.trades_between(code, a, b) for a, b in pairwise(edges)]
    whole = OPEN.trades_between(code, edges[0], edges[-1])
    assert sum(parts, ()) == whole
    assert all(a.sequence < b.sequence for a, b in pairwise(whole))
    assert all(a.time_ns < b.time_ns for a, b in pairwise(whole))


@pytest.mark.parametrize("symbol", ["HK.00700", "SZ.159915", "US.ESmain"])
def test_next_change_finds_every_print_and_refresh(symbol):
    """Stepping from change to change misses no print, and the book stays still in between."""
    code, now, seen = security(symbol), START, []
    for _ in range(60):
        upcoming = OPEN.next_change_ns(code, now)
        assert upcoming > now
        before = OPEN.displayed_book(code, now)
        assert OPEN.displayed_book(code, upcoming - 1) == before
        assert OPEN.trades_between(code, now, upcoming - 1) == ()
        seen += OPEN.trades_between(code, now, upcoming)
        now = upcoming
    assert tuple(seen) == OPEN.trades_between(code, START, now)


@pytest.mark.parametrize("symbol", [s for s in SYMBOLS if s != "HK.800000"])
def test_the_book_fits_the_last_print(symbol):
    """Never crossed, strictly ordered, and the last print lies at the side that it hit."""
    code = security(symbol)
    for now in instants(12, seed=4):
        book, (last,) = OPEN.displayed_book(code, now, 40), OPEN.trades(code, now, 1)
        bids, asks = [b.price for b in book.bids], [a.price for a in book.asks]
        assert bids == sorted(set(bids), reverse=True)
        assert asks == sorted(set(asks))
        assert bids[0] < asks[0]
        assert last.price == (asks[0] if last.direction is TradeDirection.BUY else bids[0])
        quote = OPEN.quote(code, now)
        assert (quote.bid, quote.ask_volume) == (bids[0], book.asks[0].volume)
        assert OPEN.displayed_book(code, now, 10).bids == book.bids[:10]
        for level in (*book.bids, *book.asks):
            assert 1 <= level.order_count <= level.volume


def test_only_hong_kong_stocks_have_brokers():
    """The queue changes slowly: a minute later most places are the same."""
    queue = OPEN.broker_queue(security("HK.00700"), START)
    later = OPEN.broker_queue(security("HK.00700"), START + 60 * NS)
    assert queue.bids[0].position == queue.asks[0].position == 1
    same = sum(a.broker_id == b.broker_id for a, b in zip(queue.bids, later.bids, strict=False))
    assert same >= len(queue.bids) / 2
    assert OPEN.broker_queue(security("US.AAPL"), START).bids == ()
    assert OPEN.broker_queue(security("HK.HSImain"), START).asks == ()


def test_a_day_rolls_over_in_open_mode():
    """After the close comes the next open: the previous close moves and the day starts anew."""
    market, now = open_market()
    code = security("US.AAPL")
    close = market.timeline.gateway_ns(Venue.US_STOCK, utc_ns("2026-11-19T16:00:00-05:00"))
    before, after = market.quote(code, close - 1), market.quote(code, close)
    assert (after.previous_close, after.last) == (before.last, before.last)
    assert (after.volume, after.open, after.high, after.low) == (0, 0.0, 0.0, 0.0)
    assert len(market.recent_candles(code, Period.MINUTE_1, 3, close)) == 3
    assert market.intraday(code, close) == ()
    assert market.trades(code, close, 10) == ()
    assert now < close


def test_wall_mode_rests_between_sessions():
    """At lunch, after the close and on Sunday the last state stays."""
    market, code = wall_market(), security("HK.00700")
    for early, late in (("12:00", "12:59"), ("16:10", "23:00")):
        a = utc_ns(f"2026-11-20T{early}:00+08:00")
        b = utc_ns(f"2026-11-20T{late}:00+08:00")
        assert market.quote(code, a) == market.quote(code, b)
        assert market.trades_between(code, a, b) == ()
    sunday = utc_ns("2026-11-22T12:00:00+08:00")
    friday = utc_ns("2026-11-20T16:10:00+08:00")
    assert market.quote(code, sunday) == market.quote(code, friday)
    assert market.state(Venue.HK_STOCK, sunday) is MarketState.CLOSED
    monday = utc_ns("2026-11-23T09:30:00+08:00")
    auction = utc_ns("2026-11-23T09:20:00+08:00")
    assert auction < market.next_change_ns(code, sunday) < auction + 120 * NS
    assert market.next_minute_ns(code, sunday) == monday
    assert market.next_minute_ns(code, monday + 5) == monday + 60 * NS


def test_a_seed_gives_identical_data():
    """Two gateways of one seed show the same, whatever they were asked before."""
    one, now = open_market(seed=9)
    two, _ = open_market(seed=9)
    codes = [security(symbol) for symbol in SYMBOLS]
    answers = [
        (one.quote(c, now), one.displayed_book(c, now), one.trades(c, now, 50)) for c in codes
    ]
    for code, answer in reversed(list(zip(codes, answers, strict=True))):
        two.recent_candles(code, Period.MINUTE_30, 200, now + NS)
        assert (
            two.quote(code, now),
            two.displayed_book(code, now),
            two.trades(code, now, 50),
        ) == answer


# --- users' trades ---------------------------------------------------------------------------


def test_users_trades_show_everywhere_until_the_next_print():
    """A fill is the last price, counts in every sum and bar, and leaves the public path alone."""
    market, now = open_market()
    untouched, _ = open_market()
    code = security("HK.07500")
    upcoming = market.next_change_ns(code, now)
    before = market.quote(code, now)
    price = round(before.high * 1.05, 2)
    trade = market.record_trade(code, now, price, 1_000, TradeDirection.BUY)
    quote = market.quote(code, now)
    assert (quote.last, quote.high, quote.low) == (price, price, before.low)
    assert quote.volume == before.volume + 1_000
    assert quote.turnover == pytest.approx(before.turnover + price * 1_000)
    assert market.trades(code, now, 1) == (trade,)
    assert market.trades_between(code, now - 1, now)[-1] == trade
    for period in (Period.MINUTE_1, Period.MINUTE_15, Period.DAY, Period.MONTH):
        bar = market.recent_candles(code, period, 1, now)
        assert (bar.close[0], bar.high[0] >= price) == (price, True)
    assert market.displayed_book(code, now) == untouched.displayed_book(code, now)
    later = upcoming + 600 * NS
    assert market.quote(code, later).last == untouched.quote(code, later).last
    assert market.quote(code, later).high == price
    assert len(market.trades_between(code, now - NS, later)) == 1 + len(
        untouched.trades_between(code, now - NS, later)
    )


def test_users_trades_stay_in_history():
    """Minutes and days that are over keep what users traded, and still add up."""
    market, now = open_market()
    code = security("HK.00700")
    price = market.quote(code, now).low
    for n in range(5):
        market.record_trade(code, now + n * NS, price, 100, TradeDirection.SELL)
    later = now + 7 * 86_400 * NS
    day = market.trading_date(code, now)
    minutes = market.candles(code, Period.MINUTE_1, day, day, later)
    whole = market.candles(code, Period.DAY, day, day, later)
    plain, _ = open_market()
    assert minutes.volume.sum() == whole.volume[0]
    assert whole.volume[0] == plain.candles(code, Period.DAY, day, day, later).volume[0] + 500
    assert minutes.turnover.sum() == pytest.approx(whole.turnover[0])
    assert (minutes.high.max(), minutes.low.min()) == (whole.high[0], whole.low[0])


# --- figures ---------------------------------------------------------------------------------


def test_statistics_follow_from_price_and_candles():
    """Market value, ratios and 52-week extremes are what quote, shares and day bars say."""
    code = security("HK.00700")
    quote, figures = OPEN.quote(code, START), OPEN.statistics(code, START)
    facts = figures.fundamentals
    forward = Chart(Adjustment.FORWARD)
    year = OPEN.candles(code, Period.DAY, date(2025, 11, 22), date(2026, 11, 30), START, forward)
    assert figures.market_value == quote.last * facts.issued_shares
    assert figures.pe == pytest.approx(quote.last / facts.earnings_per_share)
    assert figures.pb == pytest.approx(quote.last / facts.book_value_per_share)
    assert figures.turnover_rate == pytest.approx(100 * quote.volume / facts.outstanding_shares)
    assert figures.high_52_weeks == year.high.max()
    assert figures.low_52_weeks == year.low.min()
    assert figures.low_history <= figures.low_52_weeks <= quote.low
    assert quote.low <= figures.average_price <= quote.high
    assert figures.tick == (1.0 if quote.last > 1_000 else 0.5)
    assert 0.1 < figures.volume_ratio < 10


def test_breadth_counts_the_members():
    """An index and a plate count members above, below and at their previous close."""
    for symbol in ("HK.800000", "HK.LIST1079"):
        code = security(symbol)
        figures, members = OPEN.statistics(code, START), UNIVERSE.members(code)
        quotes = [OPEN.quote(member.security, START) for member in members]
        assert figures.rising == sum(q.last > q.previous_close for q in quotes)
        assert figures.falling == sum(q.last < q.previous_close for q in quotes)
        assert figures.rising + figures.falling + figures.unchanged == len(members)


def test_futures_settle_and_have_open_interest():
    """A future's settlement price is the previous close."""
    code = security("HK.HSImain")
    figures = OPEN.statistics(code, START)
    assert figures.settlement_price == OPEN.quote(code, START).previous_close
    assert figures.open_interest > 0


@pytest.mark.parametrize("symbol", ["HK.00700", "US.AAPL", "HK.HSImain"])
def test_remembered_sums_are_those_of_a_fresh_market(symbol):
    """Steps as small as prints, forward and back, read what a market that remembers nothing reads."""
    remembering, _ = open_market()
    code, dice = security(symbol), random.Random(5)
    now = START
    for _ in range(40):
        now += dice.choice((-700_000_000, 1, 130_000_000, 900_000_000, 20 * NS))
        fresh, _ = open_market()
        assert remembering.quote(code, now) == fresh.quote(code, now)
        assert remembering.headline(remembering.universe.get(code), now) == fresh.headline(
            fresh.universe.get(code), now
        )


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_headline_says_what_quote_and_statistics_say(symbol):
    """The short way to a quote has the same figures."""
    code = security(symbol)
    for now in instants(4, seed=3):
        brief, quote, full = (
            OPEN.headline(OPEN.universe.get(code), now),
            OPEN.quote(code, now),
            OPEN.statistics(code, now),
        )
        assert (brief.time_ns, brief.last, brief.open, brief.high, brief.low) == (
            quote.time_ns, quote.last, quote.open, quote.high, quote.low,
        )  # fmt: skip
        assert (brief.volume, brief.turnover, brief.previous_close, brief.is_suspended) == (
            quote.volume, quote.turnover, quote.previous_close, quote.is_suspended,
        )  # fmt: skip
        assert (brief.tick, brief.turnover_rate, brief.amplitude) == (
            full.tick, full.turnover_rate, full.amplitude,
        )  # fmt: skip
        assert (brief.interest.settlement_price, brief.interest.open, brief.interest.change) == (
            full.settlement_price, full.open_interest, full.open_interest_change,
        )  # fmt: skip


def test_a_users_trade_ends_what_is_remembered():
    """The very next reading, of the same instant, has it."""
    market, now = open_market()
    code = security("HK.00700")
    before = market.headline(market.universe.get(code), now)
    assert market.headline(market.universe.get(code), now + 1) is before

    market.record_trade(code, now, before.last, 500, TradeDirection.BUY)

    assert market.headline(market.universe.get(code), now).volume == before.volume + 500
