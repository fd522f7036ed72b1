"""One security's files as days, minutes and prints in whole steps and lots, as sources need them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import gcd, log
from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, NS_PER_S, Instrument, TradeDirection
from simulator.market.characters import LEAST_DAY_LOTS
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import DayBars, MinuteBars, MinuteTicks
from simulator.replay.tables import ReplayError, Row, Table
from simulator.trading_days import TradingSession, calendar_for

_INDEX_LOTS: Final = 1_000
"""Lots of a minute where a file tells no volume."""
_DAY_MINUTES: Final = 300
_RANGE_TO_SIGMA: Final = 1.665
"""Range of a random walk over its deviation. Source: Parkinson's estimator [S]."""
_HORIZON: Final = date(2031, 12, 31)


@dataclass(slots=True)
class _Bar:
    """A bar in millionths and lots."""

    open: int
    high: int
    low: int
    close: int
    lots: int
    value: int
    """Sum of price in millionths times lots."""

    def add(self, other: _Bar) -> None:
        """Append the bar after it."""
        self.high, self.low = max(self.high, other.high), min(self.low, other.low)
        self.close = other.close
        self.lots += other.lots
        self.value += other.value


@dataclass(slots=True)
class _Day:
    """What the files say about a trade date."""

    bar: _Bar | None = None
    minutes: dict[int, _Bar] = field(default_factory=dict)
    ticks: dict[int, MinuteTicks] = field(default_factory=dict)
    """Prices in millionths."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything that the files say about a security."""

    days: DayBars
    minutes: dict[int, MinuteBars]
    """By row, where the files tell minutes or prints."""
    ticks: dict[tuple[int, int], MinuteTicks]
    """By row and minute, where they tell prints."""
    lot: int


def make_history(instrument: Instrument, tables: Sequence[Table]) -> History:
    """Put a security's files together; where a day has prints, minutes and days follow from them.

    Days without data between the first and the calendar's end are as if trading were suspended.

    Raises:
        ReplayError: A row lies outside of the trading hours of the security's exchange.
    """
    lot = _lot(instrument, tables)
    found: dict[int, _Day] = {}
    for table in sorted(tables, key=lambda t: (t.is_ticks, not t.is_daily)):
        if table.is_daily:
            _read_days(instrument, table, lot, found)
        else:
            _Intraday(instrument, table, lot).read_into(found)
    return _build(instrument, found, lot)


def _lot(instrument: Instrument, tables: Iterable[Table]) -> int:
    """The board lot if all volumes are multiples of it, else one share."""
    lot = max(instrument.lot_size, 1)
    volumes = (row.volume or 0 for table in tables for row in table.rows)
    return lot if all(volume % lot == 0 for volume in volumes) else 1


def _bar(row: Row, lot: int, usual: int, least: int) -> _Bar:
    o, h, l, c = (round(p * PRICE_UNITS) for p in (row.open, row.high, row.low, row.close))  # noqa: E741
    lots = usual if row.volume is None else round(row.volume / lot)
    needed = 1 if o == h == l == c else 2 + (h > max(o, c)) + (l < min(o, c))
    if lots:
        lots = max(lots, needed, least)
    corners = [o, c] + [h] * (h > max(o, c)) + [l] * (l < min(o, c))
    rest = lots - min(len(corners), lots)
    forced = sum(corners) if lots >= len(corners) else lots * c
    value = round((o + h + l + c) / 4 * lots)
    if row.turnover:
        value = round(row.turnover / lot * PRICE_UNITS)
    value = min(max(value, forced + rest * l), forced + rest * h)
    return _Bar(o, h, l, c, lots, value)


def _read_days(instrument: Instrument, table: Table, lot: int, found: dict[int, _Day]) -> None:
    calendar = calendar_for(instrument.venue)
    for row in table.rows:
        day = row.moment.date()
        if not calendar.is_trading_day(day):
            raise ReplayError(
                table.path, row.line, f"{day} is not a trading day of {_venue(instrument)}"
            )
        bar = _bar(row, lot, _INDEX_LOTS * _DAY_MINUTES, LEAST_DAY_LOTS)
        found.setdefault(day.toordinal(), _Day()).bar = bar


def _venue(instrument: Instrument) -> str:
    return instrument.venue.value


class _Intraday:
    """Places the rows of a file in the minutes of trading.

    Bars are labelled with their minute's start if any label is the start of a session, otherwise
    with its end, as OpenD does. What is labelled with the very end of a session belongs to its last
    minute in both cases.
    """

    def __init__(self, instrument: Instrument, table: Table, lot: int) -> None:
        self._instrument = instrument
        self._table = table
        self._lot = lot
        self._calendar = calendar_for(instrument.venue)
        self._sessions: dict[date, tuple[TradingSession, ...]] = {}
        self._last_price = 0.0
        moments = {self._ns(row) for row in table.rows}
        starts = {s.start_ns for row in table.rows for s in self._sessions_of(row)}
        self._from_start = table.is_ticks or bool(moments & starts)

    def read_into(self, found: dict[int, _Day]) -> None:
        """Add the file's minutes or prints."""
        minutes: dict[tuple[int, int], list[Row]] = {}
        for row in self._table.rows:
            ordinal, minute = self._place(row)
            minutes.setdefault((ordinal, minute), []).append(row)
        for (ordinal, minute), rows in minutes.items():
            self._add(found.setdefault(ordinal, _Day()), minute, rows)

    def _add(self, day: _Day, minute: int, rows: list[Row]) -> None:
        bars = [_bar(row, self._lot, _INDEX_LOTS, 0) for row in rows]
        bars = [bar for bar in bars if bar.lots]
        if not bars:
            return
        if self._table.is_ticks:
            day.ticks[minute] = self._ticks(rows)
        whole = bars[0]
        for bar in bars[1:]:
            whole.add(bar)
        day.minutes[minute] = whole

    def _ticks(self, rows: list[Row]) -> MinuteTicks:
        offsets: list[int] = []
        sides = []
        before = self._last_price
        rows = [row for row in rows if row.volume is None or round(row.volume / self._lot)]
        for at, row in enumerate(rows):
            wanted = max(self._ns(row) % NS_PER_MINUTE, 1)
            latest = NS_PER_MINUTE - (len(rows) - at)
            offsets.append(min(max(wanted, offsets[-1] + 1 if offsets else 1), latest))
            guessed = "BUY" if row.close > before else "SELL" if row.close < before else "NEUTRAL"
            sides.append(int(TradeDirection[row.direction or (guessed if before else "NEUTRAL")]))
            before = self._last_price = row.close
        bars = [_bar(row, self._lot, _INDEX_LOTS, 0) for row in rows]
        return MinuteTicks(offsets, [bar.close for bar in bars], [bar.lots for bar in bars], sides)

    def _place(self, row: Row) -> tuple[int, int]:
        time_ns, first = self._ns(row), 0
        for session in self._sessions_of(row):
            if session.start_ns <= time_ns <= session.end_ns:
                passed = (time_ns - session.start_ns) // NS_PER_MINUTE
                length = (session.end_ns - session.start_ns) // NS_PER_MINUTE
                minute = passed if self._from_start else passed - 1
                return self._trade_date(session).toordinal(), first + min(
                    max(minute, 0), length - 1
                )
            first += (session.end_ns - session.start_ns) // NS_PER_MINUTE
        reason = f"{row.moment} is outside of the trading hours of {_venue(self._instrument)}"
        raise ReplayError(self._table.path, row.line, reason)

    def _trade_date(self, session: TradingSession) -> date:
        return self._calendar.trading_date(session.start_ns)

    def _sessions_of(self, row: Row) -> tuple[TradingSession, ...]:
        """Of the trade date that the row's time belongs to."""
        day = row.moment.date()
        if day not in self._sessions:
            near = self._calendar.trading_days(day - timedelta(days=1), day + timedelta(days=1))
            around = [self._calendar.sessions(each.day) for each in near]
            self._sessions[day] = ()
            for sessions in around:
                if sessions and sessions[0].start_ns <= self._ns(row) <= sessions[-1].end_ns:
                    self._sessions[day] = sessions
        return self._sessions[day]

    def _ns(self, row: Row) -> int:
        moment = row.moment
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._calendar.zone)
        whole = int(moment.replace(microsecond=0).timestamp())
        return whole * NS_PER_S + moment.microsecond * 1_000


def _build(instrument: Instrument, found: dict[int, _Day], lot: int) -> History:
    calendar = calendar_for(instrument.venue)
    first = date.fromordinal(min(found))
    ordinals = [d.day.toordinal() for d in calendar.trading_days(first, _HORIZON)]
    columns: list[tuple[int, ...]] = []
    minutes: dict[int, MinuteBars] = {}
    ticks: dict[tuple[int, int], MinuteTicks] = {}
    close = 0
    for row, ordinal in enumerate(ordinals):
        day = found.get(ordinal, _Day())
        bar = _joined(day)
        step = _step(day, bar, close)
        if bar is None:
            columns.append((ordinal, step, *[close // step] * 4, 0, 0))
            continue
        if day.minutes:
            minutes[row] = _minute_bars(instrument, ordinal, day, step)
            ticks |= {(row, at): _in_steps(made, step) for at, made in day.ticks.items()}
        prices = (bar.open, bar.high, bar.low, bar.close)
        columns.append((ordinal, step, *(p // step for p in prices), bar.lots, _whole(bar, step)))
        close = bar.close
    return History(_day_bars(columns, minutes), minutes, ticks, lot)


def _whole(bar: _Bar, step: int) -> int:
    return bar.value // step


def _joined(day: _Day) -> _Bar | None:
    if not day.minutes:
        return day.bar if day.bar is not None and day.bar.lots else None
    bars = [day.minutes[at] for at in sorted(day.minutes)]
    whole = _Bar(
        *(getattr(bars[0], name) for name in ("open", "high", "low", "close", "lots", "value"))
    )
    for bar in bars[1:]:
        whole.add(bar)
    return whole


def _step(day: _Day, bar: _Bar | None, close: int) -> int:
    """The greatest step that all prices of a day are multiples of."""
    bars = [*day.minutes.values(), *([bar] if bar else [])]
    if not bars:
        return gcd(close, PRICE_UNITS // 100) or 1
    return gcd(*(price for b in bars for price in (b.open, b.high, b.low, b.close)))


def _in_steps(ticks: MinuteTicks, step: int) -> MinuteTicks:
    prices = [price // step for price in ticks.price]
    return MinuteTicks(ticks.offset_ns, prices, ticks.lots, ticks.direction)


def _minute_bars(instrument: Instrument, ordinal: int, day: _Day, step: int) -> MinuteBars:
    sessions = calendar_for(instrument.venue).sessions(date.fromordinal(ordinal))
    count = sum((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions)
    at = sorted(day.minutes)
    places = [max(bisect_left(at, minute + 1) - 1, 0) for minute in range(count)]
    table = np.empty((6, count), np.int64)
    for minute, place in enumerate(places):
        bar = day.minutes[at[place]]
        if at[place] == minute:
            prices = (bar.open, bar.high, bar.low, bar.close)
            table[:, minute] = (*(p // step for p in prices), bar.lots, _whole(bar, step))
        else:
            price = bar.close if at[place] < minute else bar.open
            table[:, minute] = (*[price // step] * 4, 0, 0)
    o, h, l, c, lots = table[:5].astype(np.int32)  # noqa: E741
    return MinuteBars(step, o, h, l, c, lots, table[5])


def _day_bars(columns: list[tuple[int, ...]], minutes: dict[int, MinuteBars]) -> DayBars:
    table = np.array(columns, np.int64).T
    ordinals, step, o, h, l, c, lots, value = table  # noqa: E741
    for row, bars in minutes.items():
        value[row] = int(bars.value.sum())
    close = c * step
    previous = np.concatenate([(o * step)[:1], close[:-1]])
    width = np.array([log(high / low) for high, low in zip(h.tolist(), l.tolist(), strict=True)])
    return DayBars(
        ordinals=ordinals.astype(np.int32),
        step=step.astype(np.int32),
        open=o.astype(np.int32),
        high=h.astype(np.int32),
        low=l.astype(np.int32),
        close=c.astype(np.int32),
        previous_close=previous,
        lots=lots.astype(np.int32),
        value=value,
        sigma=np.maximum(width / _RANGE_TO_SIGMA, 1e-4).astype(np.float32),
    )
