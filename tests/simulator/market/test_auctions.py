"""Call auctions: one print each, inside all sums, at the hour the exchange says."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.domain import Period, TradeKind
from simulator.market.synthetic import SyntheticSource
from tests.support.markets import NS, instrument, open_market, security, utc_ns, wall_market

SOURCE = SyntheticSource(1)
WALL = wall_market()
ZONE = ZoneInfo("Asia/Hong_Kong")
WITH = ["HK.00700", "HK.02800", "SH.600519", "SZ.159915"]
WITHOUT = ["HK.800000", "HK.HSImain", "US.AAPL", "SH.000300", "HK.LIST1079"]
WINDOWS = {
    "HK": (("09:20", "09:22"), ("16:08", "16:10")),
    "SH": (("09:25", "09:26"), ("15:00", "15:01")),
    "SZ": (("09:25", "09:26"), ("15:00", "15:01")),
}


def day_prints(symbol, day="2026-11-19"):
    """All prints of a day."""
    a, b = (utc_ns(f"{day}T{clock}:00+08:00") for clock in ("06:00", "20:00"))
    return WALL.trades_between(security(symbol), a, b)


@pytest.mark.parametrize("symbol", WITH)
def test_a_day_has_two_auction_prints(symbol):
    """The first at the open, the last at the close, in the exchange's minutes, once each."""
    prints = day_prints(symbol)
    auctions = [trade for trade in prints if trade.kind is TradeKind.AUCTION]
    assert auctions == [prints[0], prints[-1]]
    code, day = security(symbol), date(2026, 11, 19)
    bar = WALL.candles(code, Period.DAY, day, day, utc_ns("2026-11-19T20:00:00+08:00"))
    assert (auctions[0].price, auctions[1].price) == (bar.open[0], bar.close[0])
    for trade, (begin, end) in zip(auctions, WINDOWS[symbol[:2]], strict=True):
        clock = datetime.fromtimestamp(trade.time_ns / NS, ZONE).strftime("%H:%M")
        assert begin <= clock < end
    assert sum(trade.volume for trade in prints) == bar.volume[0]
    assert [t.sequence for t in prints] == sorted({t.sequence for t in prints})


@pytest.mark.parametrize("symbol", WITH)
def test_shares_of_the_volume_are_plausible(symbol):
    """A few percent, day after day."""
    days = SOURCE.days(instrument(symbol))
    traded = days.lots > 0
    opening = np.median(days.opening_lots[traded] / days.lots[traded])
    closing = np.median(days.closing_lots[traded] / days.lots[traded])
    assert 0.005 < opening < 0.03
    assert 0.008 < closing < 0.1


@pytest.mark.parametrize("symbol", WITH)
def test_quotes_before_between_and_after_agree_with_the_tape(symbol):
    """Pre-opening, the wait before the closing print and the evening: sums are those printed."""
    code = security(symbol)
    prints = day_prints(symbol)
    for clock in ("09:19", "09:23", "09:27", "09:31", "14:58", "15:30", "16:05", "16:12", "19:00"):
        now = utc_ns(f"2026-11-19T{clock}:00+08:00")
        seen = [trade for trade in prints if trade.time_ns <= now]
        quote = WALL.quote(code, now)
        assert quote.volume == sum(trade.volume for trade in seen), clock
        if seen:
            assert (quote.last, quote.time_ns) == (seen[-1].price, seen[-1].time_ns), clock
            assert quote.high == max(trade.price for trade in seen)
            assert WALL.trades(code, now, 3) == tuple(seen[-3:])
            minutes = WALL.candles(
                code, Period.MINUTE_1, date(2026, 11, 19), date(2026, 11, 19), now
            )
            assert minutes.volume.sum() == quote.volume
            assert minutes.close[-1] == quote.last


def test_the_mainland_gathers_orders_for_three_minutes():
    """From 14:57 on nothing trades until the closing print."""
    prints = day_prints("SH.600519")
    calls = [t for t in prints if t.time_ns > utc_ns("2026-11-19T14:57:00+08:00")]
    assert len(calls) == 1


def test_half_days_close_at_noon():
    """Hong Kong's closing auction follows the morning."""
    prints = day_prints("HK.00700", "2025-12-24")
    clock = datetime.fromtimestamp(prints[-1].time_ns / NS, ZONE).strftime("%H:%M")
    assert prints[-1].kind is TradeKind.AUCTION
    assert "12:08" <= clock < "12:10"


@pytest.mark.parametrize("symbol", WITHOUT)
def test_who_has_no_auctions(symbol):
    """Indices, plates, futures and America."""
    assert SOURCE.days(instrument(symbol)).opening_lots is None


def test_the_open_clock_jumps_over_auctions_but_counts_them():
    """At the jump the closing print of one day and the opening print of the next arrive."""
    market, _ = open_market()
    code = security("HK.00700")
    venue = instrument("HK.00700").venue
    close = market.timeline.gateway_ns(venue, utc_ns("2026-11-20T16:00:00+08:00"))
    jump = market.trades_between(code, close - 1, close)
    assert [trade.kind for trade in jump] == [TradeKind.AUCTION, TradeKind.AUCTION]
    after = market.quote(code, close)
    assert (after.last, after.volume) == (jump[1].price, jump[1].volume)
    assert after.previous_close == jump[0].price
