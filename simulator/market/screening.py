"""Screening: which of thousands of stocks meet conditions now, sorted and cut into pages.

A condition is judged on the board first, where each figure lies between two bounds. Only stocks for
which the bounds leave the answer or the order open are looked at closely, through the same calls
that answer quotes and snapshots. So what comes out is exact, and little of it is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, Period, Venue
from simulator.market.board import Sides, minutes_of
from simulator.market.data import MarketData
from simulator.market.indicators import Bars
from simulator.market.screen_columns import (
    FORWARD,
    BoardColumns,
    Columns,
    Desk,
    ExactColumns,
    JoinedColumns,
    Papers,
)
from simulator.trading_days import calendar_for

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SERIES_BARS: Final = 280
"""Bars that indicators look back on. Source: [I]."""
MOST_SLOW: Final = 400
"""Stocks whose weeks, months or hours one request may look at."""
_YEAR_DAYS: Final = 364


class TooHeavyError(Exception):
    """A request that would make the minutes or years of too many stocks."""


Figure = Callable[[Columns], Floats]
Signal = Callable[[Bars], Flags]


@dataclass(frozen=True, slots=True)
class Between:
    """A figure's interval, both ends included."""

    figure: Figure
    low: float = -inf
    high: float = inf


@dataclass(frozen=True, slots=True)
class Shows:
    """What a stock's bars of a period must show on each of the latest `runs` bars."""

    period: Period
    signal: Signal
    runs: int = 1


@dataclass(frozen=True, slots=True)
class Sorting:
    """By which figure to sort."""

    figure: Figure
    is_falling: bool


@dataclass(frozen=True, slots=True)
class _Held:
    """The board's stocks: their places among all, and the four corners of what is possible."""

    places: Ints
    corners: tuple[BoardColumns, ...]

    def bounds(self, figure: Figure) -> tuple[Floats, Floats]:
        """Least and greatest value of a figure; infinite where it is unknown."""
        values = [figure(corner) for corner in self.corners]
        least, most = np.minimum.reduce(values), np.maximum.reduce(values)
        return np.where(np.isnan(least), -inf, least), np.where(np.isnan(most), inf, most)


class Screen:
    """The stocks of one venue, at one instant.

    Args:
        market: Where they trade.
        instruments: All of one venue, in the order in which they are listed without sorting; those
            that are not listed yet are left out.
        now_ns: Gateway time.
    """

    def __init__(self, market: MarketData, instruments: Iterable[Instrument], now_ns: int) -> None:
        self._market = market
        self._now_ns = now_ns
        candidates = list(instruments)
        self._desk = make_desk(market, candidates, now_ns)
        index = self._desk.board.index if self._desk else {}
        touched = market.touched()
        rows = [-1 if i.security in touched else index.get(i.security, -1) for i in candidates]
        listed = [
            row >= 0 or market.is_listed(instrument.security, now_ns)
            for row, instrument in zip(rows, candidates, strict=True)
        ]
        self.instruments = [i for i, is_listed in zip(candidates, listed, strict=True) if is_listed]
        self._rows = np.array(rows, np.int64)[np.array(listed, np.bool_)]

    def select(self, intervals: Sequence[Between], shown: Sequence[Shows]) -> Ints:
        """The places of the stocks that meet all conditions, ascending.

        Raises:
            TooHeavyError: Too many are left for conditions on other bars than days.
        """
        sure, is_open = self._judge(intervals)
        undecided = np.flatnonzero(is_open)
        columns = self._exact(undecided)
        for between in intervals:
            values = between.figure(columns)
            is_open[undecided] &= (values >= between.low) & (values <= between.high)
        places = np.flatnonzero(sure | is_open)
        for condition in sorted(shown, key=lambda c: c.period is not Period.DAY):
            bars = self.bars(places, condition.period)
            flags = condition.signal(bars)[:, -condition.runs :].all(axis=1)
            places = places[flags]
        return places

    def page(self, places: Ints, order: Sorting | None, begin: int, count: int) -> Ints:
        """The `begin`-th to the `begin + count`-th of some stocks, in order."""
        if order is None or not len(places):
            return places[begin : begin + count]
        sign = -1.0 if order.is_falling else 1.0
        least, most = self._order_bounds(places, order.figure, sign)
        # What is surely before the page, and what is surely behind it, stays unlooked at.
        end = min(begin + count, len(places))
        reach = np.partition(most, end - 1)[end - 1] if end else -inf
        start = np.partition(least, begin)[begin] if begin < len(places) else inf
        ahead = most < start
        near = np.flatnonzero(~ahead & (least <= reach))
        values = sign * order.figure(self._exact(places[near]))
        ranked = near[np.argsort(values, kind="stable")]
        skipped = begin - int(ahead.sum())
        return places[ranked[skipped : skipped + count]]

    def columns(self, places: Ints) -> Columns:
        """All exact figures of some stocks."""
        return self._exact(places)

    def bars(self, places: Ints, period: Period) -> Bars:
        """The latest bars of some stocks as of the last full minute, adjusted forward.

        Raises:
            TooHeavyError: The period is not the day, and there are too many stocks.
        """
        if period is not Period.DAY and len(places) > MOST_SLOW:
            raise TooHeavyError
        bars = Bars(*np.full((3, len(places), SERIES_BARS), np.nan))
        singles = self._rows[places] < 0
        if period is Period.DAY:
            self._fill_from_board(bars, places, np.flatnonzero(~singles))
        else:
            singles[:] = True
        for row in np.flatnonzero(singles).tolist():
            self._fill(bars, row, self.instruments[places[row]], period)
        return bars

    # --- inside -------------------------------------------------------------------------------

    def _exact(self, places: Ints) -> Columns:
        chosen = [self.instruments[place] for place in places.tolist()]
        every = ExactColumns(self._market, chosen, self._now_ns)
        held, others = (np.flatnonzero(flags) for flags in self._sides_of(places))
        if self._desk is None or not len(held):
            return every
        sides = self._exact_sides(self._desk, self._rows[places[held]])
        papers = Papers(self._market, [chosen[at] for at in held.tolist()])
        rest = ExactColumns(self._market, [chosen[at] for at in others.tolist()], self._now_ns)
        columns = BoardColumns(self._desk, self._rows[places[held]], sides, papers)
        return JoinedColumns(every, (others, rest), (held, columns))

    def _sides_of(self, places: Ints) -> tuple[Flags, Flags]:
        """Which are on the board, and which are not."""
        is_held = self._rows[places] >= 0
        return is_held, ~is_held

    def _exact_sides(self, desk: Desk, rows: Ints) -> Sides:
        source = self._market.boards.source
        if desk.elapsed_ns < 0 or source is None:
            return desk.board.bounds(desk.done, is_running=False)[0].rows(rows)
        return desk.board.exact(rows, source, desk.done, desk.elapsed_ns)

    def _held(self, places: Ints) -> _Held | None:
        """Those of some stocks that are on the board."""
        inside = np.flatnonzero(self._rows[places] >= 0)
        if self._desk is None or not len(inside):
            return None
        rows = self._rows[places[inside]]
        papers = Papers(self._market, [self.instruments[p] for p in places[inside].tolist()])
        corners = [side.rows(rows) for side in _corners(self._desk)]
        made = tuple(BoardColumns(self._desk, rows, side, papers) for side in corners)
        return _Held(inside, made)

    def _judge(self, intervals: Sequence[Between]) -> tuple[Flags, Flags]:
        """Which stocks surely meet all conditions, and of which it must be looked up."""
        everything = np.arange(len(self.instruments))
        sure = np.full(len(everything), not intervals)
        is_open = ~sure
        held = self._held(everything)
        if held is None or not intervals:
            return sure, is_open
        inside = np.ones(len(held.places), np.bool_)
        outside = ~inside
        for between in intervals:
            least, most = held.bounds(between.figure)
            inside &= (least >= between.low) & (most <= between.high)
            outside |= (most < between.low) | (least > between.high)
        sure[held.places] = inside & ~outside
        is_open[held.places] = ~inside & ~outside
        return sure, is_open

    def _order_bounds(self, places: Ints, figure: Figure, sign: float) -> tuple[Floats, Floats]:
        """Bounds of a figure times a sign; the two are the same where it is exact."""
        least, most = np.empty((2, len(places)))
        held = self._held(places)
        others = np.ones(len(places), np.bool_)
        if held is not None:
            low, high = held.bounds(figure)
            least[held.places] = np.minimum(sign * low, sign * high)
            most[held.places] = np.maximum(sign * low, sign * high)
            others[held.places] = False
        rest = np.flatnonzero(others)
        least[rest] = most[rest] = sign * figure(self._exact(places[rest]))
        return least, most

    def _fill(self, bars: Bars, row: int, instrument: Instrument, period: Period) -> None:
        full_ns = self._last_full_minute(instrument.venue)
        found = self._market.recent_candles(
            instrument.security, period, SERIES_BARS, full_ns, FORWARD
        )
        count = len(found)
        for name in ("high", "low", "close"):
            getattr(bars, name)[row, SERIES_BARS - count :] = getattr(found, name)

    def _fill_from_board(self, bars: Bars, places: Ints, rows: Ints) -> None:
        desk = self._desk
        if desk is None or not len(rows):
            return
        at = self._rows[places[rows]]
        firm, _ = desk.board.bounds(desk.done, is_running=False)
        has_today = desk.done > 0
        finished = desk.board.finished(SERIES_BARS - has_today)
        for column, past, today in zip(
            (bars.high, bars.low, bars.close),
            finished,
            (firm.high, firm.low, firm.last),
            strict=True,
        ):
            width = past.shape[1]
            end = SERIES_BARS - has_today
            column[rows, end - width : end] = past[at]
            if has_today:
                column[rows, -1] = today[at]

    def _last_full_minute(self, venue: Venue) -> int:
        """The gateway's time of the last turn of a minute."""
        timeline = self._market.timeline
        time_ns = timeline.market_ns(venue, self._now_ns)
        return timeline.gateway_ns(venue, time_ns - time_ns % NS_PER_MINUTE)


def _corners(desk: Desk) -> list[Sides]:
    least, most = desk.board.bounds(desk.done, is_running=desk.elapsed_ns >= 0)
    if least is most:
        return [least]
    return [least, most, replace(most, last=least.last), replace(least, last=most.last)]


def make_desk(market: MarketData, instruments: list[Instrument], now_ns: int) -> Desk | None:
    """Today's board of the venue, if the source can make one."""
    if not instruments:
        return None
    venue = instruments[0].venue
    time_ns = market.timeline.market_ns(venue, now_ns)
    today = calendar_for(venue).trading_date(time_ns)
    board = market.boards.board(venue, market.long_tail(venue), today.toordinal())
    if board is None:
        return None
    done, is_running = minutes_of(venue, time_ns)
    return Desk(
        board=board,
        done=done,
        year_days=_days_since(venue, today - timedelta(days=_YEAR_DAYS), today),
        days_this_year=_days_since(venue, date(today.year, 1, 1), today),
        elapsed_ns=time_ns % NS_PER_MINUTE if is_running else -1,
    )


def _days_since(venue: Venue, begin: date, today: date) -> int:
    """Finished trading days from a day on."""
    return len(calendar_for(venue).trading_days(begin, today - timedelta(days=1)))
