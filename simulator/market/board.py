"""The whole long tail of a venue at one instant, in columns: what screening looks at first.

A board is made once a trade date. At an instant it knows each company's price up to the last full
minute, and between which bounds the running minute leaves it: prints lie between the minute's low
and high. So a condition is decided for most companies without drawing a single print, and only
those are looked at closely whose bounds leave it open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, Security, Venue
from simulator.market.minutes import MinuteTable
from simulator.market.pieces import finish
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import MarketSource, MinuteBars, MinuteTicks
from simulator.market.tail_days import DayBlock
from simulator.trading_days import calendar_for

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY_COLUMNS: Final = (
    "listed", "step", "open", "high", "low", "close", "previous_close", "lots", "value",
)  # fmt: skip
_MINUTE_COLUMNS: Final = ("open", "high", "low", "close", "lots", "value")
_PIECE: Final = 128
"""Companies made at a time, a few hundredths of a second's work."""
HISTORY_DAYS: Final = 280
"""Finished days that a board keeps: a little more than a year of trading."""


@runtime_checkable
class BatchSource(MarketSource, Protocol):
    """A source that can make many companies of the long tail at once."""

    def is_batched(self, instrument: Instrument) -> bool:
        """Whether a security is one of those."""

    def day_block(self, instruments: Sequence[Instrument], begin: int, end: int) -> DayBlock:
        """The trading days between two day numbers, both inclusive."""

    def minute_block(self, instruments: Sequence[Instrument], today: DayBlock) -> MinuteTable:
        """The minutes of the last day of a block."""

    def ticks_in(
        self, instrument: Instrument, bars: MinuteBars, ordinal: int, minute: int
    ) -> MinuteTicks:
        """Prints of one minute of a day whose minutes are known."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Figures of several companies at one end of what is possible; 0 before the first print."""

    last: Floats
    high: Floats
    low: Floats
    volume: Floats
    turnover: Floats

    def rows(self, rows: Ints) -> Sides:
        """Some of the companies."""
        columns = (self.last, self.high, self.low, self.volume, self.turnover)
        return Sides(*(column[rows] for column in columns))


@dataclass(frozen=True, slots=True)
class Board:
    """One trade date of the long tail of a venue, arrays of a row for each company."""

    instruments: tuple[Instrument, ...]
    index: dict[Security, int]
    ordinal: int
    history: DayBlock
    """Finished days and today, which is the last."""
    minutes: MinuteTable
    lot: Ints
    _sums: dict[int, Sides] = field(default_factory=dict)
    """Of the last number of full minutes that was asked for."""
    _extremes: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)
    """Of the last number of days that was asked for."""

    @classmethod
    def of(cls, source: BatchSource, instruments: Sequence[Instrument], ordinal: int) -> Board:
        """Make the board of a trade date.

        Args:
            source: Makes days and minutes.
            instruments: Of one venue, at least one; those not listed by then are left out.
            ordinal: Day number of the trade date.

        Raises:
            ValueError: None was listed by then.
        """
        board = finish(cls.making(source, instruments, ordinal))
        if board is None:
            raise ValueError("none of the companies was listed by then")
        return board

    @classmethod
    def making(
        cls, source: BatchSource, instruments: Sequence[Instrument], ordinal: int
    ) -> Generator[None, None, Board | None]:
        """Make the board as `of` does, some companies at a time; None where there are none."""
        begin = ordinal - HISTORY_DAYS * 3 // 2
        batched = [i for i in instruments if source.is_batched(i)]
        kept: list[Instrument] = []
        days: list[DayBlock] = []
        minutes: list[MinuteTable] = []
        for at in range(0, len(batched), _PIECE):
            piece = batched[at : at + _PIECE]
            block = source.day_block(piece, begin, ordinal)
            is_listed = block.listed < block.first + block.close.shape[1]
            yield
            piece = [i for i, listed in zip(piece, is_listed.tolist(), strict=True) if listed]
            if not piece:
                continue
            kept += piece
            days.append(_narrow_days(block, is_listed))
            minutes.append(_narrow_minutes(source.minute_block(piece, days[-1])))
            yield
        if not kept:
            return None
        columns = yield from _joining(days, _DAY_COLUMNS)
        sigma = np.concatenate([block.sigma for block in days])
        table = yield from _joining(minutes, _MINUTE_COLUMNS)
        return cls(
            instruments=tuple(kept),
            index={instrument.security: row for row, instrument in enumerate(kept)},
            ordinal=ordinal,
            history=DayBlock(first=days[0].first, sigma=sigma, **columns),
            minutes=MinuteTable(**table),
            lot=np.array([instrument.lot_size for instrument in kept]),
        )

    def price(self, steps: NDArray[np.integer], first: int, last: int) -> Floats:
        """Prices from steps of the history's columns `first` to `last`, exclusive."""
        prices: Floats = steps * self.history.step[:, first:last].astype(np.float64) / PRICE_UNITS
        return prices

    @property
    def previous_close(self) -> Floats:
        """Of today."""
        return self.history.previous_close[:, -1] / PRICE_UNITS

    def finished(self, days: int) -> tuple[Floats, Floats, Floats]:
        """High, low and close of the last `days` finished days, shape (companies, days).

        Where a company was not listed yet, prices are not numbers.
        """
        width = self.history.close.shape[1]
        first, last = max(width - 1 - days, 0), width - 1
        columns = np.arange(self.history.first + first, self.history.first + last)
        absent = columns[None, :] < self.history.listed[:, None]
        return tuple(  # type: ignore[return-value]
            np.where(absent, np.nan, self.price(steps[:, first:last], first, last))
            for steps in (self.history.high, self.history.low, self.history.close)
        )

    def extremes(self, days: int) -> tuple[Floats, Floats]:
        """Highest and lowest price of the last finished days; not a number without any."""
        known = self._extremes.get(days)
        if known is None:
            high, low, _ = self.finished(days)
            known = (np.fmax.reduce(high, axis=1), np.fmin.reduce(low, axis=1))
            self._extremes.clear()
            self._extremes[days] = known
        return known

    def close_before(self, done: int) -> Floats:
        """The last price after so many full minutes of today."""
        if done <= 0:
            return self.previous_close
        return self._today(self.minutes.close[:, min(done, self.minutes.close.shape[1]) - 1])

    def last_bounds(self, done: int, *, is_running: bool) -> tuple[Floats, Floats]:
        """The last prices of `bounds`, without the rest."""
        last = self.close_before(done)
        if not is_running:
            return last, last
        trades = self.minutes.lots[:, done] > 0
        low = self._today(self.minutes.low[:, done])
        high = self._today(self.minutes.high[:, done])
        return (
            np.where(trades, np.minimum(last, low), last),
            np.where(trades, np.maximum(last, high), last),
        )

    def bounds(self, done: int, *, is_running: bool) -> tuple[Sides, Sides]:
        """What is possible after so many full minutes, and inside the one after if that is running.

        Returns:
            The side on which everything is least, lows excepted, which are highest there; and the
            other side.
        """
        firm = self._after(done)
        if not is_running:
            return firm, firm
        trades = self.minutes.lots[:, done] > 0
        high = self._today(self.minutes.high[:, done])
        low = self._today(self.minutes.low[:, done])
        least_last, most_last = self.last_bounds(done, is_running=True)
        first = firm.high == 0
        shares = self.minutes.lots[:, done] * self.lot
        money = self._money(self.minutes.value[:, done])
        least = replace(firm, last=least_last)
        most = Sides(
            last=most_last,
            high=np.where(trades, np.maximum(firm.high, high), firm.high),
            low=np.where(trades, np.where(first, low, np.minimum(firm.low, low)), firm.low),
            volume=firm.volume + shares,
            turnover=firm.turnover + money,
        )
        return least, most

    def exact(self, rows: Ints, source: BatchSource, done: int, elapsed_ns: int) -> Sides:
        """What the prints say so far, for some rows only.

        Args:
            rows: Which companies.
            source: Makes the prints.
            done: Full minutes of today; another one is running.
            elapsed_ns: How much of it is over.
        """
        firm = self._after(done)
        sides = firm.rows(rows)
        for at, row in enumerate(rows.tolist()):
            if self.minutes.lots[row, done]:
                self._add_prints(sides, at, row, source, done, elapsed_ns)
        return sides

    def _add_prints(
        self, sides: Sides, at: int, row: int, source: BatchSource, done: int, elapsed_ns: int
    ) -> None:
        names = ("open", "high", "low", "close", "lots", "value")
        step = int(self.history.step[row, -1])
        bars = MinuteBars(step, *(getattr(self.minutes, name)[row] for name in names))
        ticks = source.ticks_in(self.instruments[row], bars, self.ordinal, done)
        seen = bisect_right(ticks.offset_ns, elapsed_ns)
        if not seen:
            return
        prices, lots = ticks.price[:seen], ticks.lots[:seen]
        scale = step / PRICE_UNITS
        high, low = max(prices) * step / PRICE_UNITS, min(prices) * step / PRICE_UNITS
        sides.last[at] = prices[-1] * step / PRICE_UNITS
        sides.high[at] = max(sides.high[at], high)
        sides.low[at] = min(sides.low[at], low) if sides.low[at] else low
        lot = int(self.lot[row])
        sides.volume[at] += sum(lots) * lot
        money = sum(price * size for price, size in zip(prices, lots, strict=True))
        sides.turnover[at] += money * scale * lot

    def _after(self, done: int) -> Sides:
        """Everything after so many full minutes."""
        known = self._sums.get(done)
        if known is None:
            known = self._sum(done)
            self._sums.clear()
            self._sums[done] = known
        return known

    def _sum(self, done: int) -> Sides:
        last = self.close_before(done)
        if done <= 0:
            return Sides(last, *np.zeros((4, len(last))))
        traded = self.minutes.lots[:, :done] > 0
        high = np.where(traded, self.minutes.high[:, :done], 0).max(axis=1)
        low = np.where(traded, self.minutes.low[:, :done], np.iinfo(np.int32).max).min(axis=1)
        has_traded = traded.any(axis=1)
        return Sides(
            last=last,
            high=self._today(high),
            low=np.where(has_traded, self._today(low), 0.0),
            volume=self.minutes.lots[:, :done].sum(axis=1, dtype=np.int64) * self.lot * 1.0,
            turnover=self._money(self.minutes.value[:, :done].sum(axis=1, dtype=np.int64)),
        )

    def _today(self, steps: NDArray[np.integer]) -> Floats:
        prices: Floats = steps * self.history.step[:, -1].astype(np.float64) / PRICE_UNITS
        return prices

    def _money(self, value: Ints) -> Floats:
        money: Floats = value * (self.history.step[:, -1] * self.lot / PRICE_UNITS)
        return money


def _narrow_days(block: DayBlock, rows: NDArray[np.bool_]) -> DayBlock:
    """Some of the companies in half the space: prices, steps and lots of a day fit into 32 bits."""

    def narrow(column: Ints) -> Ints:
        return column[rows].astype(np.int32)

    return DayBlock(
        first=block.first,
        listed=block.listed[rows],
        step=narrow(block.step),
        open=narrow(block.open),
        high=narrow(block.high),
        low=narrow(block.low),
        close=narrow(block.close),
        previous_close=block.previous_close[rows],
        lots=narrow(block.lots),
        value=block.value[rows],
        sigma=block.sigma[rows, -1:],
    )


def _narrow_minutes(table: MinuteTable) -> MinuteTable:
    names = ("open", "high", "low", "close", "lots")
    return replace(table, **{name: getattr(table, name).astype(np.int32) for name in names})


def _joining(
    blocks: Sequence[DayBlock | MinuteTable], names: Sequence[str]
) -> Generator[None, None, dict[str, Ints]]:
    """Columns of the companies of several blocks, joined one after another."""
    columns: dict[str, Ints] = {}
    for name in names:
        columns[name] = np.concatenate([getattr(block, name) for block in blocks])
        yield
    return columns


def minutes_of(venue: Venue, time_ns: int) -> tuple[int, bool]:
    """Full minutes of the trade date, and whether another one is running."""
    calendar = calendar_for(venue)
    done = 0
    for session in calendar.sessions(calendar.trading_date(time_ns)):
        if time_ns < session.start_ns:
            break
        done += (min(time_ns, session.end_ns) - session.start_ns) // NS_PER_MINUTE
        if time_ns < session.end_ns:
            return done, True
    return done, False


class Boards:
    """Remembers today's board of each venue.

    Args:
        seeded: Gives the source that no command has bent; it may or may not make batches.
    """

    def __init__(self, seeded: Callable[[], MarketSource]) -> None:
        self._seeded = seeded
        self._kept: dict[Venue, tuple[tuple[int, int], MarketSource, Board | None]] = {}

    @property
    def source(self) -> BatchSource | None:
        """The source of the boards, if it can make any."""
        source = self._seeded()
        return source if isinstance(source, BatchSource) else None

    def known(self, venue: Venue, ordinal: int) -> Board | None:
        """The board of a venue on a trade date if it has been made."""
        kept = self._kept.get(venue)
        if kept is None or kept[0][0] != ordinal or kept[1] is not self._seeded():
            return None
        return kept[2]

    def board(self, venue: Venue, instruments: Sequence[Instrument], ordinal: int) -> Board | None:
        """The board of a venue on a trade date; None where there is nothing to put on one.

        Args:
            venue: Whose.
            instruments: The long tail of the venue, always the same.
            ordinal: Day number of the trade date.
        """
        return finish(self.making(venue, instruments, ordinal))

    def making(
        self, venue: Venue, instruments: Sequence[Instrument], ordinal: int
    ) -> Generator[None, None, Board | None]:
        """What `board` gives, made some companies at a time where it is not known yet."""
        source = self.source
        if source is None or not instruments:
            return None
        known = self._kept.get(venue)
        key = (ordinal, len(instruments))
        if known is not None and known[0] == key and known[1] is source:
            return known[2]
        board = yield from Board.making(source, instruments, ordinal)
        self._kept[venue] = (key, source, board)
        return board
