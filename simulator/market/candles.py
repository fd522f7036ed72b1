"""Candles of every period, all made of the same minutes and days, the running bar included."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, NS_PER_S, Candles, Instrument, Period, Trade
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import DayBars, MarketSource, MinuteBars
from simulator.market.tape import DayView, Tape, TapeState, UserTrades
from simulator.trading_days import TradingSession, calendar_for

Ints = NDArray[np.int64]
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_LAST_INSTANT: Final = time(23, 59, 59, 999999)


@dataclass(slots=True)
class _Columns:
    """Bars under construction; prices already in the currency."""

    label: Ints
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: Ints
    turnover: NDArray[np.float64]

    def finish(self, close_before: float) -> Candles:
        """Add the previous closes: each bar's is the close of the bar before."""
        return Candles(
            time_ns=self.label,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            previous_close=np.concatenate([[close_before], self.close[:-1]])[: len(self.label)],
            volume=self.volume,
            turnover=self.turnover,
        )


class CandleMaker:
    """Makes candles of a source's bars and of what users traded."""

    def __init__(self, source: MarketSource, tape: Tape) -> None:
        self._source = source
        self._tape = tape

    def recent(self, instrument: Instrument, period: Period, count: int, time_ns: int) -> Candles:
        """The latest `count` bars as of an instant of the market's clock."""
        if period.minutes is None:
            made = self._long(instrument, period, time_ns, count)
        else:
            view = self._tape.view(instrument, time_ns)
            first, bars = view.row, 0
            while first > 0 and bars <= count:
                first -= 1
                bars += len(_groups(_lengths(self._source.sessions(instrument, first)), period)[0])
            made = self._intraday(instrument, period.minutes, first, view.row, time_ns)
        return made.slice(max(len(made) - count, 0), len(made))

    def between(
        self, instrument: Instrument, period: Period, begin: date, end: date, time_ns: int
    ) -> Candles:
        """Bars whose labels lie between two local times, both inclusive."""
        zone = calendar_for(instrument.venue).zone
        low = _local_ns(begin, time(0), zone)
        high = _local_ns(end, _LAST_INSTANT, zone)
        if period.minutes is None:
            made = self._long(instrument, period, time_ns, None)
        else:
            ordinals = self._source.days(instrument).ordinals
            last = self._tape.view(instrument, time_ns).row
            # A night session belongs to the trade date after it, so one more day may be needed.
            start = min(int(np.searchsorted(ordinals, begin.toordinal())), last)
            stop = min(int(np.searchsorted(ordinals, end.toordinal(), "right")), last)
            made = self._intraday(instrument, period.minutes, start, max(start, stop), time_ns)
        first = int(np.searchsorted(made.time_ns, low))
        return made.slice(first, int(np.searchsorted(made.time_ns, high, "right")))

    # --- minutes ------------------------------------------------------------------------------

    def minute_columns(self, instrument: Instrument, time_ns: int) -> Candles:
        """Today's minutes so far, the running one included once it has a print."""
        row = self._tape.view(instrument, time_ns).row
        return self._intraday(instrument, 1, row, row, time_ns)

    def _intraday(
        self, instrument: Instrument, minutes: int, first: int, last: int, time_ns: int
    ) -> Candles:
        today = self._tape.view(instrument, time_ns)
        days = self._source.minutes(instrument, first, last)
        if last == today.row:
            days = [*days[:-1], self._so_far(today, time_ns)]
        columns = self._join(instrument, minutes, first, days)
        self._add_users(instrument, columns, (first, last), time_ns)
        before = int(self._source.days(instrument).previous_close[first])
        return columns.finish(before / PRICE_UNITS)

    def _so_far(self, view: DayView, time_ns: int) -> MinuteBars:
        """The minutes of today that are over, and the running one if it has prints."""
        done, is_running = view.locate(time_ns)
        bars = view.bars
        names = ("open", "high", "low", "close", "lots", "value")
        kept = [getattr(bars, name)[: done + is_running].copy() for name in names]
        if is_running:
            tape = self._tape.minute(view, done)
            seen = bisect_right(tape.times, time_ns) - 1
            users = self._tape.users(view.instrument.security, view.day.toordinal())
            if seen >= 0:
                running = (tape.high, tape.low, tape.price, tape.lots, tape.value)
                for column, values in zip(kept[1:], running, strict=True):
                    column[done] = values[seen]
            elif users is None or users.times[-1] < view.minute_start(done):
                kept = [column[:done] for column in kept]
            else:
                traded = int(view.traded_before[done])
                close = bars.close[traded] if traded >= 0 else 0
                for column, value in zip(kept, (close, close, close, close, 0, 0), strict=True):
                    column[done] = value
        return MinuteBars(bars.step, *kept)

    def _join(
        self, instrument: Instrument, minutes: int, first: int, days: list[MinuteBars]
    ) -> _Columns:
        """Group the minutes of consecutive days; a bar never spans two sessions.

        Source: [O] 60-minute bars of Hong Kong end at 10:30, 11:30, 12:00, 14:00, 15:00, 16:00.
        """
        starts: list[Ints] = []
        labels: list[Ints] = []
        counts: list[int] = []
        base = 0
        for row, bars in enumerate(days, first):
            sessions = self._source.sessions(instrument, row)
            heads, ends, at = _groups(_lengths(sessions), Period[f"MINUTE_{minutes}"])
            kept = int(np.searchsorted(heads, len(bars)))
            opened = np.array([s.start_ns for s in sessions], np.int64)
            starts.append(heads[:kept] + base)
            labels.append(opened[at[:kept]] + ends[:kept] * NS_PER_MINUTE)
            counts.append(kept)
            base += len(bars)
        step = np.repeat(np.array([bars.step for bars in days], np.float64), counts)
        return self._reduce(instrument, days, np.concatenate(starts), np.concatenate(labels), step)

    def _reduce(
        self,
        instrument: Instrument,
        days: list[MinuteBars],
        starts: Ints,
        labels: Ints,
        step: NDArray[np.float64],
    ) -> _Columns:
        if not len(starts):
            empty = np.empty(0)
            none = np.empty(0, np.int64)
            return _Columns(labels, empty, empty, empty, empty, none, empty)
        liquidity = self._source.liquidity(instrument)

        def joined(name: str) -> Ints:
            return np.concatenate([getattr(bars, name) for bars in days]).astype(np.int64)

        closes = joined("close")
        ends = np.append(starts[1:], len(closes)) - 1
        scale = step * (liquidity.lot * liquidity.value_scale / PRICE_UNITS)
        return _Columns(
            label=labels,
            open=joined("open")[starts] * step / PRICE_UNITS,
            high=np.maximum.reduceat(joined("high"), starts) * step / PRICE_UNITS,
            low=np.minimum.reduceat(joined("low"), starts) * step / PRICE_UNITS,
            close=closes[ends] * step / PRICE_UNITS,
            volume=np.add.reduceat(joined("lots"), starts) * liquidity.lot,
            turnover=np.add.reduceat(joined("value"), starts) * scale,
        )

    def _add_users(
        self, instrument: Instrument, columns: _Columns, rows: tuple[int, int], time_ns: int
    ) -> None:
        for ordinal in self._tape.user_days(instrument.security):
            users = self._tape.users(instrument.security, ordinal)
            row = self._tape.row_of(instrument, ordinal)
            if users is not None and rows[0] <= row <= rows[1]:
                self._add_user_day(instrument, columns, users, time_ns)

    def _add_user_day(
        self, instrument: Instrument, columns: _Columns, users: UserTrades, time_ns: int
    ) -> None:
        scale = self._source.liquidity(instrument).value_scale
        seen = users.trades[: bisect_right(users.times, time_ns)]
        bars = np.searchsorted(columns.label, [t.time_ns for t in seen], "right").tolist()
        touched = sorted({bar for bar in bars if bar < len(columns.label)})
        for bar in touched:
            trades = [t for t, at in zip(seen, bars, strict=True) if at == bar]
            prices = [t.price for t in trades]
            had_prints = bool(columns.volume[bar])
            opened, closed = self._frame(instrument, columns, bar, trades, time_ns)
            if not had_prints or opened:
                columns.open[bar] = prices[0]
            if not had_prints or closed:
                columns.close[bar] = prices[-1]
            columns.high[bar] = max(prices + [columns.high[bar]] * had_prints)
            columns.low[bar] = min(prices + [columns.low[bar]] * had_prints)
            columns.volume[bar] += sum(t.volume for t in trades)
            columns.turnover[bar] += sum(t.price * t.volume * scale for t in trades)

    def _frame(
        self, instrument: Instrument, columns: _Columns, bar: int, trades: list[Trade], now_ns: int
    ) -> tuple[bool, bool]:
        """Whether users made the first and the last print of an intraday bar."""
        view = self._tape.view(instrument, trades[0].time_ns)
        session = max(s.start_ns for s in view.sessions if s.start_ns <= trades[0].time_ns)
        start = max(int(columns.label[bar - 1]) if bar else 0, session)
        before = self._tape.public_last(view, trades[0].time_ns)
        last = self._tape.public_last(view, min(int(columns.label[bar]) - 1, now_ns))
        return (
            before is None or before.time_ns < start,
            last is None or last.sequence < trades[-1].sequence,
        )

    # --- days and longer ----------------------------------------------------------------------

    def _long(
        self, instrument: Instrument, period: Period, time_ns: int, count: int | None
    ) -> Candles:
        """Bars of a day and longer; with a count, of days only as many as it takes."""
        state = self._tape.state(instrument, time_ns)
        days = self._source.days(instrument)
        row = state.view.row
        first = max(row - count, 0) if count is not None and period is Period.DAY else 0
        columns = self._day_columns(instrument, days, first, row)
        self._add_users_to_days(instrument, days, columns, (first, row))
        ordinals = days.ordinals[first:row].astype(np.int64)
        if state.volume or state.public is not None:
            ordinals = np.append(ordinals, int(days.ordinals[row]))
            _append_today(columns, state)
        before = int(days.previous_close[first]) / PRICE_UNITS
        heads = _period_heads(ordinals, period)
        _group(columns, heads)
        zone = calendar_for(instrument.venue).zone
        labels = [_midnight_ns(ordinal, zone) for ordinal in ordinals[heads].tolist()]
        columns.label = np.array(labels, np.int64)
        return columns.finish(before)

    def _day_columns(
        self, instrument: Instrument, days: DayBars, first: int, stop: int
    ) -> _Columns:
        liquidity = self._source.liquidity(instrument)
        rows = slice(first, stop)
        step = days.step[rows].astype(np.float64)
        scale = step * (liquidity.lot * liquidity.value_scale / PRICE_UNITS)
        return _Columns(
            label=np.empty(0, np.int64),
            open=days.open[rows] * step / PRICE_UNITS,
            high=days.high[rows] * step / PRICE_UNITS,
            low=days.low[rows] * step / PRICE_UNITS,
            close=days.close[rows] * step / PRICE_UNITS,
            volume=days.lots[rows].astype(np.int64) * liquidity.lot,
            turnover=days.value[rows] * scale,
        )

    def _add_users_to_days(
        self, instrument: Instrument, days: DayBars, columns: _Columns, rows: tuple[int, int]
    ) -> None:
        for ordinal in self._tape.user_days(instrument.security):
            row = self._tape.row_of(instrument, ordinal)
            if rows[0] <= row < rows[1]:
                end = self._source.sessions(instrument, row)[-1].end_ns - 1
                state = self._tape.state(instrument, end)
                at = row - rows[0]
                columns.open[at], columns.close[at] = state.open, state.last
                columns.high[at], columns.low[at] = state.high, state.low
                columns.volume[at], columns.turnover[at] = state.volume, state.turnover


def _append_today(columns: _Columns, state: TapeState) -> None:
    columns.open = np.append(columns.open, state.open)
    columns.high = np.append(columns.high, state.high)
    columns.low = np.append(columns.low, state.low)
    columns.close = np.append(columns.close, state.last)
    columns.volume = np.append(columns.volume, state.volume)
    columns.turnover = np.append(columns.turnover, state.turnover)


def _group(columns: _Columns, heads: Ints) -> None:
    """Join rows into bars that start at `heads`."""
    if len(heads) == len(columns.open):
        return
    ends = np.append(heads[1:], len(columns.open)) - 1
    columns.open, columns.close = columns.open[heads], columns.close[ends]
    columns.high = np.maximum.reduceat(columns.high, heads)
    columns.low = np.minimum.reduceat(columns.low, heads)
    columns.volume = np.add.reduceat(columns.volume, heads)
    columns.turnover = np.add.reduceat(columns.turnover, heads)


def _period_heads(ordinals: Ints, period: Period) -> Ints:
    """The first row of each bar, which also labels it. Source: [I]."""
    if period is Period.DAY or not len(ordinals):
        return np.arange(len(ordinals))
    if period is Period.WEEK:
        number = (ordinals - 1) // 7
    else:
        days = (ordinals - _EPOCH_ORDINAL).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64)
        number = months // {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[period]
    return np.flatnonzero(np.diff(number, prepend=number[0] - 1))


@lru_cache(maxsize=512)
def _groups(lengths: tuple[int, ...], period: Period) -> tuple[Ints, Ints, Ints]:
    """Bars of a day: first minute of the day, last minute of the session, number of the session."""
    size = period.minutes or 1
    heads, ends, at = [], [], []
    offset = 0
    for number, length in enumerate(lengths):
        inner = np.arange(0, length, size)
        heads.append(inner + offset)
        ends.append(np.minimum(inner + size, length))
        at.append(np.full(len(inner), number))
        offset += length
    return np.concatenate(heads), np.concatenate(ends), np.concatenate(at)


def _lengths(sessions: tuple[TradingSession, ...]) -> tuple[int, ...]:
    return tuple((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions)


@lru_cache(maxsize=30_000)
def _midnight_ns(ordinal: int, zone: ZoneInfo) -> int:
    day = datetime.fromordinal(ordinal).replace(tzinfo=zone)
    return int(day.timestamp()) * NS_PER_S


def _local_ns(moment: date, clock: time, zone: ZoneInfo) -> int:
    """A local time as UTC ns; a bare date stands for that day at `clock`."""
    naive = moment if isinstance(moment, datetime) else datetime.combine(moment, clock)
    aware = naive.replace(tzinfo=zone).astimezone(UTC)
    return int(aware.timestamp()) * NS_PER_S + aware.microsecond * 1000
