"""Figures of many stocks at one instant: exact ones, and the long tail's at the ends of their bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Adjustment, Candles, Instrument, Period, Quote
from simulator.market.board import Board, Sides
from simulator.market.candles import Chart
from simulator.market.data import MarketData
from simulator.market.financials import Accounts, Report, accounts
from simulator.market.fundamentals import Fundamentals
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.statistics import Statistics

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Name = Literal[
    "last",
    "high",
    "low",
    "high_52_weeks",
    "low_52_weeks",
    "volume_ratio",
    "bid_ask_ratio",
    "close_5_minutes_ago",
    "year_base",
    "lot",
]
FORWARD: Final = Chart(Adjustment.FORWARD)
_QUOTED: Final = ("last", "high", "low")
_PACE_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some day bars of each stock, the running one last, summed up."""

    close: Floats
    close_before: Floats
    high: Floats
    low: Floats
    volume: Floats
    turnover: Floats
    days: Floats


class Columns(Protocol):
    """Figures of several stocks, one row each."""

    def figure(self, name: Name) -> Floats:
        """A figure of the market; not a number where it is unknown."""

    def fact(self, name: str) -> Floats:
        """One of the fundamentals."""

    def stretch(self, days: int) -> Stretch:
        """The last so many day bars, adjusted for corporate actions."""

    def accounts(self, report: Report) -> Accounts:
        """A statement of each."""


class Papers:
    """Facts and accounts of some stocks, each read once."""

    def __init__(self, market: MarketData, instruments: Sequence[Instrument]) -> None:
        self._market = market
        self._instruments = instruments
        self._found: dict[str, Floats] = {}
        self._accounts: dict[Report, Accounts] = {}

    @cached_property
    def _facts(self) -> list[Fundamentals]:
        return [self._market.fundamentals(i.security) for i in self._instruments]

    def fact(self, name: str) -> Floats:
        """One of the fundamentals."""
        if name not in self._found:
            values = [getattr(facts, name) for facts in self._facts]
            self._found[name] = np.array(values, np.float64)
        return self._found[name]

    def accounts(self, report: Report) -> Accounts:
        """A statement of each."""
        if report not in self._accounts:
            keys = [self._market.stream_of(instrument) for instrument in self._instruments]
            self._accounts[report] = accounts(self._facts, keys, report)
        return self._accounts[report]


class ExactColumns:
    """Figures through the calls that answer quotes and snapshots; each is computed when asked for."""

    def __init__(self, market: MarketData, instruments: Sequence[Instrument], now_ns: int) -> None:
        self._market = market
        self._instruments = instruments
        self._now_ns = now_ns
        self._papers = Papers(market, instruments)

    @cached_property
    def _quotes(self) -> list[Quote]:
        return [self._market.quote(i.security, self._now_ns) for i in self._instruments]

    @cached_property
    def _statistics(self) -> list[Statistics]:
        return [self._market.statistics(i.security, self._now_ns) for i in self._instruments]

    def figure(self, name: Name) -> Floats:
        """A figure of the market."""
        values: list[float]
        if name == "lot":
            values = [i.lot_size for i in self._instruments]
        elif name == "year_base":
            values = [self._year_base(i) for i in self._instruments]
        else:
            rows = self._quotes if name in _QUOTED else self._statistics
            values = [getattr(row, name) for row in rows]
        return np.array(values, np.float64)

    def fact(self, name: str) -> Floats:
        """One of the fundamentals."""
        return self._papers.fact(name)

    def accounts(self, report: Report) -> Accounts:
        """A statement of each."""
        return self._papers.accounts(report)

    def stretch(self, days: int) -> Stretch:
        """The last so many day bars."""
        rows = [_sums(self._bars(i, Period.DAY, days)) for i in self._instruments]
        return Stretch(*np.array(rows, np.float64).reshape(len(rows), 7).T)

    def _year_base(self, instrument: Instrument) -> float:
        bars = self._bars(instrument, Period.YEAR, 1)
        return float(bars.previous_close[-1]) if len(bars) else 0.0

    def _bars(self, instrument: Instrument, period: Period, count: int) -> Candles:
        return self._market.recent_candles(
            instrument.security, period, count, self._now_ns, FORWARD
        )


def _sums(bars: Candles) -> tuple[float, ...]:
    if not len(bars):
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    sums = (bars.close[-1], bars.previous_close[0], bars.high.max(), bars.low.min())
    return (*map(float, sums), float(bars.volume.sum()), float(bars.turnover.sum()), len(bars))


@dataclass(frozen=True, slots=True)
class Desk:
    """A board at an instant, with what is read beside it."""

    board: Board
    done: int
    """Full minutes of today."""
    year_days: int
    """Finished days of the last 52 weeks."""
    days_this_year: int
    """Finished days of the calendar year."""
    elapsed_ns: int
    """Of the minute after those, if it is running; else negative."""


class BoardColumns:
    """Figures of some rows of a board, as they are or at one end of what is possible.

    Args:
        desk: The board.
        rows: Which of its companies.
        sides: Their prices and sums, a row for each of `rows`.
        papers: Their facts and accounts.
    """

    def __init__(self, desk: Desk, rows: Ints, sides: Sides, papers: Papers) -> None:
        self._desk = desk
        self._board = desk.board
        self._rows = rows
        self._sides = sides
        self._papers = papers

    def figure(self, name: Name) -> Floats:
        """A figure of the market; the board has no order books."""
        if name in _QUOTED:
            values: Floats = getattr(self._sides, name)
            return values
        made: dict[str, Callable[[], Floats]] = {
            "high_52_weeks": self._year_high,
            "low_52_weeks": self._year_low,
            "volume_ratio": self._volume_ratio,
            "close_5_minutes_ago": lambda: self._board.close_before(self._desk.done - 5)[
                self._rows
            ],
            "year_base": self._year_base,
            "lot": lambda: self._board.lot[self._rows].astype(np.float64),
        }
        return made[name]() if name in made else np.full(len(self._rows), np.nan)

    def fact(self, name: str) -> Floats:
        """One of the fundamentals."""
        return self._papers.fact(name)

    def accounts(self, report: Report) -> Accounts:
        """A statement of each."""
        return self._papers.accounts(report)

    def stretch(self, days: int) -> Stretch:
        """The last so many day bars; today counts where something has traded."""
        history, last = self._board.history, self._board.history.close.shape[1] - 1
        traded = self._sides.volume > 0
        listed = history.listed[self._rows] - history.first
        begin = np.maximum(last - days + traded, listed)
        first = int(begin.min(initial=last))
        inside = np.arange(first, last)[None, :] >= begin[:, None]
        step = history.step[self._rows, first:last] / PRICE_UNITS

        def kept(column: NDArray[np.integer], edge: float) -> Floats:
            return np.where(inside, column[self._rows, first:last] * step, edge)

        lots = np.where(inside, history.lots[self._rows, first:last], 0).sum(axis=1)
        lot = self._board.lot[self._rows]
        high, low, volume, turnover = (
            getattr(self._sides, name) for name in ("high", "low", "volume", "turnover")
        )
        low = np.where(traded, low, np.inf)
        before = history.previous_close[self._rows, np.minimum(begin, last)] / PRICE_UNITS
        return Stretch(
            close=self._sides.last,
            close_before=before,
            high=np.maximum(kept(history.high, -np.inf).max(axis=1, initial=-np.inf), high),
            low=np.minimum(kept(history.low, np.inf).min(axis=1, initial=np.inf), low),
            volume=lots * lot + volume,
            turnover=kept(history.value, 0.0).sum(axis=1) * lot + turnover,
            days=(inside.sum(axis=1) + traded).astype(np.float64),
        )

    def _year_high(self) -> Floats:
        high = self._board.extremes(self._desk.year_days)[0][self._rows]
        found: Floats = np.fmax(high, self._sides.high)
        return found

    def _year_low(self) -> Floats:
        low = self._board.extremes(self._desk.year_days)[1][self._rows]
        today = self._sides.low
        found: Floats = np.where(today > 0, np.fmin(low, today), low)
        return found

    def _volume_ratio(self) -> Floats:
        lots = self._board.history.lots[self._rows, -1 - _PACE_DAYS : -1]
        usual = lots.mean(axis=1) * self._board.lot[self._rows]
        minutes = self._board.minutes.close.shape[1]
        pace = self._sides.volume / max(self._desk.done, 1)
        ratio: Floats = pace / (usual / minutes)
        return ratio

    def _year_base(self) -> Floats:
        history = self._board.history
        column = history.close.shape[1] - 1 - self._desk.days_this_year
        first = np.maximum(column, history.listed[self._rows] - history.first)
        base: Floats = history.previous_close[self._rows, first] / PRICE_UNITS
        return base


class JoinedColumns:
    """Exact figures of stocks of which some are on a board and some are not.

    Args:
        every: The figures that only quotes and snapshots know, of all of them.
        others: Those of the stocks that are not on the board, and their places.
        held: Those of the stocks on the board, and their places.
    """

    def __init__(
        self,
        every: ExactColumns,
        others: tuple[Ints, ExactColumns],
        held: tuple[Ints, BoardColumns],
    ) -> None:
        self._every = every
        self._parts: tuple[tuple[Ints, Columns], ...] = (others, held)

    def figure(self, name: Name) -> Floats:
        """A figure of the market."""
        if name == "bid_ask_ratio":
            return self._every.figure(name)
        return self._join([columns.figure(name) for _, columns in self._parts])

    def fact(self, name: str) -> Floats:
        """One of the fundamentals."""
        return self._every.fact(name)

    def accounts(self, report: Report) -> Accounts:
        """A statement of each."""
        return self._every.accounts(report)

    def stretch(self, days: int) -> Stretch:
        """The last so many day bars."""
        made = [columns.stretch(days) for _, columns in self._parts]
        names = (column.name for column in fields(Stretch))
        return Stretch(*(self._join([getattr(part, name) for part in made]) for name in names))

    def _join(self, values: list[Floats]) -> Floats:
        joined = np.empty(sum(len(places) for places, _ in self._parts))
        for (places, _), part in zip(self._parts, values, strict=True):
            joined[places] = part
        return joined
