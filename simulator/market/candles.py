"""Candles of every period, all made of the same minutes and days, the running bar included."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Adjustment,
    Candles,
    Instrument,
    Period,
    Trade,
)
from simulator.market.adjusting import Adjuster
from simulator.market.candle_columns import Columns, Floats, Ints, period_heads
from simulator.market.corporate_actions import adjust
from simulator.market.extended_market import ExtendedMarket, Part
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import DayBars, MarketSource, MinuteBars
from simulator.market.tape import DayView, Tape, UserTrades
from simulator.trading_days import SessionKind, TradingHours, TradingSession, calendar_for

_NO_INTS: Final = np.empty(0, np.int64)
_LAST_INSTANT: Final = time(23, 59, 59, 999999)


@dataclass(frozen=True, slots=True)
class Chart:
    """What candles show beside their period."""

    adjustment: Adjustment = Adjustment.NONE
    hours: TradingHours = TradingHours.REGULAR


PLAIN: Final = Chart()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Minutes of one trade date that follow one another."""

    ordinal: int
    sessions: tuple[TradingSession, ...]
    bars: MinuteBars


class _Places(NamedTuple):
    """What is known of each bar beside its minutes."""

    label: Ints
    ordinal: Ints
    step: Floats


class CandleMaker:
    """Makes candles of a source's bars and of what users traded."""

    def __init__(
        self, source: MarketSource, tape: Tape, extended: ExtendedMarket, adjuster: Adjuster
    ) -> None:
        self._source = source
        self._tape = tape
        self._extended = extended
        self._adjuster = adjuster

    def recent(
        self,
        instrument: Instrument,
        period: Period,
        count: int,
        time_ns: int,
        chart: Chart = PLAIN,
    ) -> Candles:
        """The latest `count` bars as of an instant of the market's clock."""
        running = self._running_bar(instrument, period, time_ns, chart) if count == 1 else None
        if running is not None:
            return running
        if period.minutes is None:
            made = self._long(instrument, period, time_ns, count, chart.adjustment)
        else:
            last = self._last_row(instrument, time_ns, chart.hours)
            first, bars = last, 0
            lots = self._source.days(instrument).lots
            while first > 0 and bars <= count:
                first -= 1
                if lots[first]:
                    lengths = _lengths(self._source.sessions(instrument, first))
                    bars += len(_groups(lengths, period)[0])
            made = self._intraday(instrument, period.minutes, (first, last), time_ns, chart)
        return made.slice(max(len(made) - count, 0), len(made))

    def _running_bar(
        self, instrument: Instrument, period: Period, time_ns: int, chart: Chart
    ) -> Candles | None:
        """The bar of a print just now, which every push of a candle asks for, without any other.

        Returns:
            None where more is needed for it: yesterday, other hours, what users traded.
        """
        view = self._tape.view(instrument, time_ns)
        done, is_running = view.locate(time_ns)
        is_plain = (
            chart.hours is TradingHours.REGULAR and chart.adjustment is not Adjustment.BACKWARD
        )
        if period.minutes is None or not is_plain or not is_running or view.is_suspended:
            return None
        heads, ends, at = _groups(_lengths(view.sessions), period)
        bar = int(np.searchsorted(heads, done, "right")) - 1
        tape = self._tape.minute(view, done)
        seen = bisect_right(tape.times, time_ns) - 1
        if bar < 1 or seen < 0 or self._tape.user_days(instrument.security):
            return None
        bars, head = view.bars, int(heads[bar])
        highs, lows = bars.high[head:done].tolist(), bars.low[head:done].tolist()
        liquidity = self._source.liquidity(instrument)
        lots = tape.lots[seen] + int(bars.lots[head:done].sum())
        value = tape.value[seen] + int(bars.value[head:done].sum())
        scale = bars.step * (liquidity.lot * liquidity.value_scale / PRICE_UNITS)
        opened = view.sessions[int(at[bar])].start_ns

        def prices(steps: int) -> Floats:
            return np.array([steps * float(bars.step) / PRICE_UNITS])

        return Candles(
            time_ns=np.array([opened + int(ends[bar]) * NS_PER_MINUTE]),
            open=prices(int(bars.open[head])),
            high=prices(max([*highs, tape.high[seen]])),
            low=prices(min([*lows, tape.low[seen]])),
            close=prices(tape.price[seen]),
            previous_close=prices(int(bars.close[head - 1])),
            volume=np.array([lots * liquidity.lot]),
            turnover=np.array([value * scale]),
        )

    def between(
        self,
        instrument: Instrument,
        period: Period,
        begin: date,
        end: date,
        time_ns: int,
        chart: Chart = PLAIN,
    ) -> Candles:
        """Bars whose labels lie between two local times, both inclusive."""
        zone = calendar_for(instrument.venue).zone
        low = _local_ns(begin, time(0), zone)
        high = _local_ns(end, _LAST_INSTANT, zone)
        if period.minutes is None:
            made = self._long(instrument, period, time_ns, None, chart.adjustment)
        else:
            ordinals = self._source.days(instrument).ordinals
            last = self._last_row(instrument, time_ns, chart.hours)
            # A night session belongs to the trade date after it, so one more day may be needed.
            start = min(int(np.searchsorted(ordinals, begin.toordinal())), last)
            stop = min(int(np.searchsorted(ordinals, end.toordinal(), "right")), last)
            rows = (start, max(start, stop))
            made = self._intraday(instrument, period.minutes, rows, time_ns, chart)
        first = int(np.searchsorted(made.time_ns, low))
        return made.slice(first, int(np.searchsorted(made.time_ns, high, "right")))

    def _last_row(self, instrument: Instrument, time_ns: int, hours: TradingHours) -> int:
        """The newest trade date of which something has begun."""
        row = self._tape.view(instrument, time_ns).row
        return max(row, self._extended.last_row(instrument, time_ns, hours))

    # --- minutes ------------------------------------------------------------------------------

    def minute_columns(
        self, instrument: Instrument, time_ns: int, hours: TradingHours = TradingHours.REGULAR
    ) -> Candles:
        """Today's minutes so far, the running one included once it has a print."""
        row = self._last_row(instrument, time_ns, hours)
        return self._intraday(instrument, 1, (row, row), time_ns, Chart(hours=hours))

    def _intraday(
        self,
        instrument: Instrument,
        minutes: int,
        rows: tuple[int, int],
        time_ns: int,
        chart: Chart,
    ) -> Candles:
        columns = self._join(
            instrument, minutes, self._stretches(instrument, rows, time_ns, chart.hours)
        )
        self._add_users(instrument, columns, rows, time_ns)
        before = self._put_on_lines(
            instrument,
            columns,
            self._close_before(instrument, rows[0], chart.hours),
            time_ns,
            chart.adjustment,
        )
        return columns.finish(before, self._restarts(instrument, chart.adjustment))

    def _restarts(self, instrument: Instrument, adjustment: Adjustment) -> dict[int, float]:
        """Previous closes on ex-dates, as quotes show them; adjusted bars are continuous."""
        days = self._source.days(instrument)
        if adjustment is not Adjustment.NONE:
            return {}
        return {
            int(days.ordinals[row]): int(days.previous_close[row]) / PRICE_UNITS
            for row in self._adjuster.rows(instrument)
        }

    def _put_on_lines(
        self,
        instrument: Instrument,
        columns: Columns,
        before: tuple[int, float],
        time_ns: int,
        adjustment: Adjustment,
    ) -> float:
        """Adjust all prices to the shares of an instant.

        Returns:
            The close before the first bar, adjusted; `before` has its trade date and raw price.
        """
        if adjustment is Adjustment.NONE or not self._source.days(instrument).actions:
            return before[1]
        table = self._adjuster.table(instrument, self._tape.trading_date(instrument, time_ns))
        lines = table.lines(columns.ordinal, adjustment)
        columns.open, columns.high = adjust(columns.open, lines), adjust(columns.high, lines)
        columns.low, columns.close = adjust(columns.low, lines), adjust(columns.close, lines)
        line = table.lines(np.array([before[0]]), adjustment)
        return float(adjust(np.array([before[1]]), line)[0])

    def _close_before(
        self, instrument: Instrument, row: int, hours: TradingHours
    ) -> tuple[int, float]:
        """Trade date and price of the last close before a trade date's first bar."""
        days = self._source.days(instrument)
        if row == 0:
            return int(days.ordinals[0]), int(days.previous_close[0]) / PRICE_UNITS
        late = self._extended.close(instrument, row - 1, hours)
        close = int(days.close[row - 1]) * int(days.step[row - 1]) / PRICE_UNITS
        return int(days.ordinals[row - 1]), close if late is None else late

    def _stretches(
        self, instrument: Instrument, rows: tuple[int, int], time_ns: int, hours: TradingHours
    ) -> list[_Stretch]:
        """All minutes that are over and the running one, of days on which the security trades."""
        days = self._source.days(instrument)
        today = self._tape.view(instrument, time_ns)
        last = min(rows[1], today.row)
        made = self._source.minutes(instrument, rows[0], last)
        found = []
        for row in range(rows[0], rows[1] + 1):
            if not days.lots[row]:
                continue
            ordinal = int(days.ordinals[row])
            sides = self._extended.parts(instrument, row, time_ns, hours)
            early = [part for part in sides if part.kind is not SessionKind.AFTER]
            late = [part for part in sides if part.kind is SessionKind.AFTER]
            found += [self._part(ordinal, part, time_ns) for part in early]
            if row <= last:
                bars = made[row - rows[0]]
                if row == today.row:
                    bars = self._so_far(self._tape, today, time_ns)
                found.append(_Stretch(ordinal, self._source.sessions(instrument, row), bars))
            found += [self._part(ordinal, part, time_ns) for part in late]
        return found

    def _part(self, ordinal: int, part: Part, time_ns: int) -> _Stretch:
        return _Stretch(ordinal, part.view.sessions, self._so_far(part.tape, part.view, time_ns))

    def _so_far(self, source: Tape, view: DayView, time_ns: int) -> MinuteBars:
        """The minutes of a view that are over, and the running one if it has prints."""
        done, is_running = view.locate(time_ns)
        bars = view.bars
        if done >= len(bars):
            return bars
        names = ("open", "high", "low", "close", "lots", "value")
        kept = [getattr(bars, name)[: done + is_running].copy() for name in names]
        if is_running:
            tape = source.minute(view, done)
            seen = bisect_right(tape.times, time_ns) - 1
            users = source.users(view.instrument.security, view.day.toordinal())
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

    def _join(self, instrument: Instrument, minutes: int, stretches: list[_Stretch]) -> Columns:
        """Group the minutes of consecutive stretches; a bar never spans two sessions.

        Source: [O] 60-minute bars of Hong Kong end at 10:30, 11:30, 12:00, 14:00, 15:00, 16:00.
        """
        starts: list[Ints] = [_NO_INTS]
        labels: list[Ints] = [_NO_INTS]
        counts: list[int] = []
        base = 0
        for stretch in stretches:
            heads, ends, at = _groups(_lengths(stretch.sessions), Period[f"MINUTE_{minutes}"])
            kept = int(np.searchsorted(heads, len(stretch.bars)))
            opened = np.array([s.start_ns for s in stretch.sessions], np.int64)
            starts.append(heads[:kept] + base)
            labels.append(opened[at[:kept]] + ends[:kept] * NS_PER_MINUTE)
            counts.append(kept)
            base += len(stretch.bars)
        steps = np.array([stretch.bars.step for stretch in stretches], np.float64)
        ordinals = np.array([stretch.ordinal for stretch in stretches], np.int64)
        return self._reduce(
            instrument,
            [stretch.bars for stretch in stretches],
            np.concatenate(starts),
            _Places(np.concatenate(labels), np.repeat(ordinals, counts), np.repeat(steps, counts)),
        )

    def _reduce(
        self,
        instrument: Instrument,
        days: list[MinuteBars],
        starts: Ints,
        places: _Places,
    ) -> Columns:
        if not len(starts):
            none = np.empty(0)
            return Columns(_NO_INTS, _NO_INTS, none, none, none, none, _NO_INTS, none)
        step = places.step
        liquidity = self._source.liquidity(instrument)

        def joined(name: str) -> Ints:
            return np.concatenate([getattr(bars, name) for bars in days]).astype(np.int64)

        closes = joined("close")
        ends = np.append(starts[1:], len(closes)) - 1
        scale = step * (liquidity.lot * liquidity.value_scale / PRICE_UNITS)
        return Columns(
            label=places.label,
            ordinal=places.ordinal,
            open=joined("open")[starts] * step / PRICE_UNITS,
            high=np.maximum.reduceat(joined("high"), starts) * step / PRICE_UNITS,
            low=np.minimum.reduceat(joined("low"), starts) * step / PRICE_UNITS,
            close=closes[ends] * step / PRICE_UNITS,
            volume=np.add.reduceat(joined("lots"), starts) * liquidity.lot,
            turnover=np.add.reduceat(joined("value"), starts) * scale,
        )

    def _add_users(
        self, instrument: Instrument, columns: Columns, rows: tuple[int, int], time_ns: int
    ) -> None:
        for ordinal in self._tape.user_days(instrument.security):
            users = self._tape.users(instrument.security, ordinal)
            row = self._tape.row_of(instrument, ordinal)
            if users is not None and rows[0] <= row <= rows[1]:
                self._add_user_day(instrument, columns, users, time_ns)

    def _add_user_day(
        self, instrument: Instrument, columns: Columns, users: UserTrades, time_ns: int
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
        self, instrument: Instrument, columns: Columns, bar: int, trades: list[Trade], now_ns: int
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
        self,
        instrument: Instrument,
        period: Period,
        time_ns: int,
        count: int | None,
        adjustment: Adjustment,
    ) -> Candles:
        """Bars of a day and longer; with a count, of days only as many as it takes."""
        state = self._tape.state(instrument, time_ns)
        days = self._source.days(instrument)
        row = state.view.row
        first = 0
        if count is not None and period is Period.DAY:
            first = max(row - count - int(np.count_nonzero(days.lots[:row] == 0)), 0)
        columns = self._day_columns(instrument, days, first, row)
        self._add_users_to_days(instrument, days, columns, (first, row))
        traded = days.lots[first:row] > 0
        if not traded.all():
            columns.keep(traded)
        if state.volume or state.public is not None:
            columns.append_today(state)
        before = self._put_on_lines(
            instrument,
            columns,
            self._close_before(instrument, first, TradingHours.REGULAR),
            time_ns,
            adjustment,
        )
        columns.group(period_heads(columns.ordinal, period))
        zone = calendar_for(instrument.venue).zone
        columns.label = _midnights_ns(columns.ordinal, zone)
        return columns.finish(before, self._restarts(instrument, adjustment))

    def _day_columns(self, instrument: Instrument, days: DayBars, first: int, stop: int) -> Columns:
        liquidity = self._source.liquidity(instrument)
        rows = slice(first, stop)
        step = days.step[rows].astype(np.float64)
        scale = step * (liquidity.lot * liquidity.value_scale / PRICE_UNITS)
        return Columns(
            label=_NO_INTS,
            ordinal=days.ordinals[rows].astype(np.int64),
            open=days.open[rows] * step / PRICE_UNITS,
            high=days.high[rows] * step / PRICE_UNITS,
            low=days.low[rows] * step / PRICE_UNITS,
            close=days.close[rows] * step / PRICE_UNITS,
            volume=days.lots[rows].astype(np.int64) * liquidity.lot,
            turnover=days.value[rows] * scale,
        )

    def _add_users_to_days(
        self, instrument: Instrument, days: DayBars, columns: Columns, rows: tuple[int, int]
    ) -> None:
        for ordinal in self._tape.user_days(instrument.security):
            row = self._tape.row_of(instrument, ordinal)
            if rows[0] <= row < rows[1]:
                view = self._tape.view_of(instrument, date.fromordinal(ordinal))
                state = self._tape.state(instrument, view.end_ns)
                at = row - rows[0]
                columns.open[at], columns.close[at] = state.open, state.last
                columns.high[at], columns.low[at] = state.high, state.low
                columns.volume[at], columns.turnover[at] = state.volume, state.turnover


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


def _midnights_ns(ordinals: Ints, zone: ZoneInfo) -> Ints:
    """When days begin; computed once a day and zone, as the same days are asked for all the time."""
    known = _known_midnights(zone)
    missing = ordinals[known[ordinals] == 0]
    for ordinal in missing.tolist():
        day = datetime.fromordinal(ordinal).replace(tzinfo=zone)
        known[ordinal] = int(day.timestamp()) * NS_PER_S
    found: Ints = known[ordinals]
    return found


@cache
def _known_midnights(zone: ZoneInfo) -> Ints:
    """By day number; 0 where not computed yet, which takes no memory until it is."""
    return np.zeros(date.max.toordinal() + 1, np.int64)


def _local_ns(moment: date, clock: time, zone: ZoneInfo) -> int:
    """A local time as UTC ns; a bare date stands for that day at `clock`."""
    naive = moment if isinstance(moment, datetime) else datetime.combine(moment, clock)
    aware = naive.replace(tzinfo=zone).astimezone(UTC)
    return int(aware.timestamp()) * NS_PER_S + aware.microsecond * 1000
