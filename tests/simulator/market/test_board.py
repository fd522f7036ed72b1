"""Boards of the long tail: the minutes they hold, and the bounds they give at an instant."""

from datetime import date

import numpy as np
import pytest

from simulator.domain import Market
from simulator.market.board import Board, Boards
from simulator.market.data import MarketData
from simulator.market.long_tail import full_universe
from simulator.market.synthetic import SyntheticSource
from simulator.timeline import WallTimeline
from simulator.trading_days import calendar_for
from tests.support.markets import utc_ns

DAY = date(2026, 11, 20)
UNIVERSE = full_universe()
NOON = {
    Market.HK: utc_ns("2026-11-20T10:47:23+08:00"),
    Market.US: utc_ns("2026-11-20T10:47:23-05:00"),
    Market.SZ: utc_ns("2026-11-20T09:30:31+08:00"),
}


@pytest.fixture(scope="module")
def source():
    return SyntheticSource(1)


def companies(market):
    return [i for i in UNIVERSE.instruments(market) if i.is_generated and i.is_tradable][::60]


def done_minutes(venue, time_ns):
    done = 0
    for session in calendar_for(venue).sessions(DAY):
        done += max(min(time_ns, session.end_ns) - session.start_ns, 0) // 60_000_000_000
    return done


@pytest.mark.parametrize("market", NOON)
def test_bounds_hold_what_the_quote_says(source, market):
    """Each figure of the quote lies between the two sides, at any moment of the minute."""
    chosen = companies(market)
    board = Board.of(source, chosen, DAY.toordinal())
    data = MarketData(UNIVERSE, WallTimeline(), source)
    done = done_minutes(chosen[0].venue, NOON[market])
    least, most = board.bounds(done, is_running=True)

    for row, company in enumerate(board.instruments[:15]):
        quote = data.quote(company.security, NOON[market])
        assert least.last[row] <= quote.last <= most.last[row]
        assert least.high[row] <= quote.high <= most.high[row]
        assert least.volume[row] <= quote.volume <= most.volume[row]
        assert least.turnover[row] <= quote.turnover + 1e-3
        assert quote.turnover <= most.turnover[row] + 1e-3
        if quote.low and least.low[row]:
            assert most.low[row] <= quote.low <= least.low[row]
        assert board.previous_close[row] == quote.previous_close


def test_after_the_close_the_bounds_are_the_quote(source):
    """Nothing is running, so both sides are exact."""
    chosen = companies(Market.HK)
    board = Board.of(source, chosen, DAY.toordinal())
    data = MarketData(UNIVERSE, WallTimeline(), source)
    least, most = board.bounds(board.minutes.close.shape[1], is_running=False)

    assert least is most
    for row, company in enumerate(board.instruments[:10]):
        quote = data.quote(company.security, utc_ns("2026-11-20T17:00:00+08:00"))
        assert (least.last[row], least.high[row], least.low[row]) == (
            quote.last,
            quote.high,
            quote.low,
        )
        assert least.volume[row] == quote.volume
        assert round(least.turnover[row], 3) == quote.turnover


def test_history_is_that_of_the_candles(source):
    """High, low and close of finished days; nothing where a company was not listed yet."""
    chosen = companies(Market.US)
    board = Board.of(source, chosen, DAY.toordinal())
    high, low, close = board.finished(250)

    for row, company in enumerate(board.instruments):
        days = source.days(company)
        at = int(np.searchsorted(days.ordinals, DAY.toordinal()))
        known = min(at, 250)
        expected = days.close[at - known : at] * days.step[at - known : at] / 1e6
        assert close[row, -known:].tolist() == expected.tolist()
        assert np.isnan(close[row, : 250 - known]).all()
        assert (low[row, -known:] <= high[row, -known:]).all()


def test_what_is_not_listed_yet_is_left_out(source):
    """A board of an earlier day has fewer companies."""
    chosen = companies(Market.HK)
    early = Board.of(source, chosen, date(2015, 6, 3).toordinal())

    assert 0 < len(early.instruments) < len(chosen)
    assert all(i.listing_date < "2015-06-03" for i in early.instruments)


def test_boards_are_made_once_a_day(source):
    """The same day gives the same board, the next one another."""
    boards = Boards(lambda: source)
    chosen = companies(Market.SZ)
    venue, day = chosen[0].venue, DAY.toordinal()

    first = boards.board(venue, chosen, day)
    assert boards.board(venue, chosen, day) is first
    assert boards.board(venue, chosen, day + 3) is not first
    assert boards.board(venue, [], day) is None
