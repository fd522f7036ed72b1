"""The tape of a security: today's prints up to any instant, users' own included."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import accumulate
from typing import Final

import numpy as np

from simulator.domain import (
    NS_PER_MINUTE,
    Instrument,
    Security,
    Trade,
    TradeDirection,
    TradeKind,
)
from simulator.errors import UnknownSecurity
from simulator.market.caches import Recent
from simulator.market.odd_lots import prints_of
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import (
    DayBars,
    DrawsFromMinutes,
    Int64s,
    Liquidity,
    MarketSource,
    MinuteBars,
    MinuteTicks,
)
from simulator.trading_days import TradingCalendar, TradingSession, calendar_for

_MOST_DAYS: Final = 400
MOST_STATES: Final = 4_000
"""Securities whose latest sums are remembered, each with its day: some 30 KB."""
_MOST_MINUTES: Final = 1_500
_PACE_DAYS: Final = 5
_SEQUENCE_DAY: Final = 10**13
_SEQUENCE_MINUTE: Final = 10**9
_SEQUENCE_PRINT: Final = 10**6
"""Room for so many users' trades between two prints."""
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()
_MINUTES_A_DAY: Final = 10_000


@dataclass(frozen=True, slots=True)
class MinuteTape:
    """The public prints of one minute with their running sums."""

    times: list[int]
    trades: tuple[Trade, ...]
    price: list[int]
    """In the day's steps."""
    lots: list[int]
    value: list[int]
    high: list[int]
    low: list[int]


@dataclass(frozen=True, slots=True)
class DayView:
    """One trade date of one security, ready to be read at any instant."""

    instrument: Instrument
    row: int
    """Of the source's day bars."""
    day: date
    sessions: tuple[TradingSession, ...]
    first_minutes: tuple[int, ...]
    """Minutes of the day before each session."""
    bars: MinuteBars
    previous_close: float
    first_minute: int
    """Number of its first minute in the order of the trade date."""
    is_suspended: bool
    lots_before: Int64s
    """Lots of all minutes before each one; one longer than the day."""
    value_before: Int64s
    high_until: Int64s
    low_until: Int64s
    """Extremes of the traded minutes up to each one, in steps."""
    traded_before: Int64s
    """The last minute with trades before each one, -1 if none."""
    usual_lots: float
    """Lots a day, of the five days before; 0 on the first one."""

    @property
    def first_traded(self) -> int:
        """The first minute with trades of a day that has some."""
        return int(np.searchsorted(self.lots_before, 0, "right")) - 1

    def locate(self, time_ns: int) -> tuple[int, bool]:
        """Minutes that are over, and whether another one is running."""
        auction = self._auction(time_ns)
        if auction is not None:
            return auction, True
        done = 0
        for session, first in zip(self.sessions, self.first_minutes, strict=True):
            if time_ns < session.start_ns:
                return done, False
            if time_ns < session.end_ns:
                return first + (time_ns - session.start_ns) // NS_PER_MINUTE, True
            done = first + (session.end_ns - session.start_ns) // NS_PER_MINUTE
        return done, False

    @property
    def end_ns(self) -> int:
        """An instant by which everything has printed, before anything of the next day does."""
        end = self.sessions[-1].end_ns - 1
        closing = self.bars.closing_ns
        return end if closing is None else self.minute_start(len(self.bars) - 1) + closing

    def _auction(self, time_ns: int) -> int | None:
        """The minute to which an auction belongs that has printed early or is to print late."""
        bars = self.bars
        if bars.closing_ns is not None and time_ns >= self.sessions[-1].end_ns:
            last = len(bars) - 1
            return last if time_ns < self.minute_start(last) + bars.closing_ns else None
        if bars.opening_ns is not None and time_ns < self.sessions[0].start_ns:
            return 0 if time_ns >= self.sessions[0].start_ns + bars.opening_ns else None
        return None

    def minute_start(self, minute: int) -> int:
        """When a minute of the day starts."""
        at = bisect_right(self.first_minutes, minute) - 1
        return self.sessions[at].start_ns + (minute - self.first_minutes[at]) * NS_PER_MINUTE

    def price(self, steps: int) -> float:
        """A price from the day's steps."""
        return steps * self.bars.step / PRICE_UNITS


@dataclass(slots=True)
class UserTrades:
    """What users traded in one security on one trade date."""

    times: list[int] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    volume: list[int] = field(default_factory=list)
    turnover: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)

    def append(self, trade: Trade, turnover: float) -> None:
        """Add the newest trade; running sums grow with it."""
        first = not self.trades
        self.times.append(trade.time_ns)
        self.trades.append(trade)
        self.volume.append(trade.volume + (0 if first else self.volume[-1]))
        self.turnover.append(turnover + (0.0 if first else self.turnover[-1]))
        self.high.append(trade.price if first else max(trade.price, self.high[-1]))
        self.low.append(trade.price if first else min(trade.price, self.low[-1]))


@dataclass(frozen=True, slots=True)
class TapeState:
    """A trade date's sums at one instant."""

    view: DayView
    time_ns: int
    """Of the last print; the last close if there is none today."""
    public: Trade | None
    """The last print of the source."""
    last: float
    open: float
    """0 before the first print, as high and low. Source: [I]."""
    high: float
    low: float
    volume: int
    turnover: float


class Tape:
    """Reads a source print by print and adds what users traded.

    Args:
        source: Bars and prints.
        date_of: Which trade date is "today" at an instant; the calendar's own if absent.
        kind: What its prints are, auctions apart.
        first_minute: Where the source's minutes lie in the order of a trade date, so that numbers
            of prints increase through all tapes of a security.
        most_states: Of how many securities the latest sums are remembered.
    """

    def __init__(
        self,
        source: MarketSource,
        date_of: Callable[[TradingCalendar, int], date] = TradingCalendar.trading_date,
        first_minute: int = 0,
        kind: TradeKind = TradeKind.AUTOMATCH,
        most_states: int = MOST_STATES,
    ) -> None:
        self._source = source
        self._date_of = date_of
        self._first_minute = first_minute
        self._kind = kind
        self._views: Recent[tuple[Security, int], DayView] = Recent(_MOST_DAYS)
        self._tapes: Recent[tuple[Security, int, int], MinuteTape] = Recent(_MOST_MINUTES)
        self._dates: Recent[tuple[TradingCalendar, int], date] = Recent(256)
        self._users: dict[Security, dict[int, UserTrades]] = {}
        self._states: Recent[Security, tuple[int, int, TapeState]] = Recent(most_states)
        """The sums read last, and from when until when (exclusive) they are the same."""

    # --- days ---------------------------------------------------------------------------------

    def trading_date(self, instrument: Instrument, time_ns: int) -> date:
        """The trade date that is "today" at an instant of the market's clock."""
        calendar = calendar_for(instrument.venue)
        key = (calendar, time_ns // NS_PER_MINUTE)
        return self._dates.get_or(key, lambda: self._date_of(calendar, time_ns))

    def view(self, instrument: Instrument, time_ns: int) -> DayView:
        """Today, as of an instant of the market's clock."""
        return self.view_of(instrument, self.trading_date(instrument, time_ns))

    def view_of(self, instrument: Instrument, day: date) -> DayView:
        """One trade date."""
        key = (instrument.security, day.toordinal())
        return self._views.get_or(key, lambda: self._read_view(instrument, day))

    def _read_view(self, instrument: Instrument, day: date) -> DayView:
        """The day in which the security was read last is still at hand."""
        known = self._states.get(instrument.security)
        if known is not None and known[2].view.day == day:
            return known[2].view
        return self._make_view(instrument, day)

    def row_of(self, instrument: Instrument, ordinal: int) -> int:
        """The row of a trade date in the security's day bars.

        Raises:
            UnknownSecurity: It was not listed yet.
            ValueError: The day is not one of its trading days, or beyond the source's horizon.
        """
        days = self._source.days(instrument)
        if ordinal < int(days.ordinals[0]):
            raise UnknownSecurity(instrument.security)
        row = int(np.searchsorted(days.ordinals, ordinal))
        if row == len(days) or int(days.ordinals[row]) != ordinal:
            raise ValueError(f"no data of {instrument.security.symbol} on day {ordinal}")
        return row

    def _make_view(self, instrument: Instrument, day: date) -> DayView:
        row = self.row_of(instrument, day.toordinal())
        days: DayBars = self._source.days(instrument)
        (bars,) = self._source.minutes(instrument, row, row)
        sessions = self._source.sessions(instrument, row)
        lengths = [(s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions]
        traded = bars.lots > 0
        numbers = np.where(traded, np.arange(len(bars)), -1)
        return DayView(
            instrument=instrument,
            row=row,
            day=day,
            sessions=sessions,
            first_minutes=tuple(accumulate(lengths[:-1], initial=0)) if lengths else (),
            bars=bars,
            previous_close=int(days.previous_close[row]) / PRICE_UNITS,
            first_minute=self._first_minute,
            is_suspended=not days.lots[row],
            lots_before=np.concatenate([[0], np.cumsum(bars.lots, dtype=np.int64)]),
            value_before=np.concatenate([[0], np.cumsum(bars.value)]),
            high_until=np.maximum.accumulate(np.where(traded, bars.high, 0)).astype(np.int64),
            low_until=np.minimum.accumulate(np.where(traded, bars.low, 2**31 - 1)).astype(np.int64),
            traded_before=np.concatenate([[-1], np.maximum.accumulate(numbers)]),
            usual_lots=float(days.lots[max(row - _PACE_DAYS, 0) : row].mean()) if row else 0.0,
        )

    # --- prints -------------------------------------------------------------------------------

    def minute(self, view: DayView, minute: int) -> MinuteTape:
        """The public prints of one minute of a day."""
        key = (view.instrument.security, view.row, minute)
        return self._tapes.get_or(key, lambda: self._make_minute(view, minute))

    def _make_minute(self, view: DayView, minute: int) -> MinuteTape:
        ticks = self._draw(view, minute)
        start = view.minute_start(minute)
        first = _sequence(view, minute)
        step = view.bars.step
        instrument = view.instrument
        prints = prints_of(
            ticks,
            self._source.liquidity(instrument),
            instrument.venue,
            self._kind,
            view.day.toordinal() * _MINUTES_A_DAY + minute,
        )
        trades = tuple(
            Trade(
                start + each.offset_ns,
                first + i * _SEQUENCE_PRINT,
                each.price * step / PRICE_UNITS,
                each.volume,
                each.direction,
                each.kind,
            )
            for i, each in enumerate(prints)
        )
        price = [each.price for each in prints]
        lots = [each.lots for each in prints]
        value = list(accumulate(p * q for p, q in zip(price, lots, strict=True)))
        return MinuteTape(
            times=[trade.time_ns for trade in trades],
            trades=trades,
            price=price,
            lots=list(accumulate(lots)),
            value=_fitted(value, int(view.bars.value[minute])),
            high=list(accumulate(price, max)),
            low=list(accumulate(price, min)),
        )

    def _draw(self, view: DayView, minute: int) -> MinuteTicks:
        source = self._source
        if not isinstance(source, DrawsFromMinutes):
            return source.ticks(view.instrument, view.row, minute)
        ordinal = view.day.toordinal()
        return source.ticks_of(view.instrument, view.row, minute, view.bars, ordinal)

    # --- reading ------------------------------------------------------------------------------

    def state(self, instrument: Instrument, time_ns: int) -> TapeState:
        """Today's sums as of an instant of the market's clock; one object as long as they are the same."""
        known = self._states.get(instrument.security)
        if known is not None and known[0] <= time_ns < known[1]:
            return known[2]
        view = self.view(instrument, time_ns)
        state = self._public_state(view, time_ns)
        until_ns = self._steady_until(view, time_ns)
        users = self.users(instrument.security, view.day.toordinal())
        if users is not None:
            state = _with_users(state, users, time_ns)
            seen = bisect_right(users.times, time_ns)
            until_ns = min([until_ns, *users.times[seen : seen + 1]])
        self._states.put(instrument.security, (time_ns, until_ns, state))
        return state

    def sums(self, view: DayView, time_ns: int) -> TapeState:
        """The source's sums of a trade date up to an instant, which are not remembered."""
        return self._public_state(view, time_ns)

    def has_read(self, instrument: Instrument, time_ns: int) -> bool:
        """Whether `state` has been asked for in the same minute."""
        known = self._states.get(instrument.security)
        return known is not None and known[0] // NS_PER_MINUTE == time_ns // NS_PER_MINUTE

    def _steady_until(self, view: DayView, time_ns: int) -> int:
        """Before when the source certainly prints nothing more: its next print, or the minute's end."""
        minute, is_running = view.locate(time_ns)
        if not is_running:
            return time_ns + 1
        times = self.minute(view, minute).times
        seen = bisect_right(times, time_ns)
        return times[seen] if seen < len(times) else view.minute_start(minute) + NS_PER_MINUTE

    def users(self, security: Security, ordinal: int) -> UserTrades | None:
        """What users traded on a trade date; None almost always."""
        days = self._users.get(security)
        return days.get(ordinal) if days is not None else None

    def traded_by_users(self) -> Iterable[Security]:
        """The securities in which users traded on any day."""
        return self._users

    def user_days(self, security: Security) -> list[int]:
        """Trade dates on which users traded."""
        return list(self._users.get(security, ()))

    def _public_state(self, view: DayView, time_ns: int) -> TapeState:
        minute, is_running = view.locate(time_ns)
        traded = int(view.traded_before[minute])
        lots, value = int(view.lots_before[minute]), int(view.value_before[minute])
        prints = [] if traded < 0 else [(int(view.high_until[traded]), int(view.low_until[traded]))]
        last = None
        if is_running:
            tape = self.minute(view, minute)
            seen = bisect_right(tape.times, time_ns)
            if seen:
                last = tape.trades[seen - 1]
                lots, value = lots + tape.lots[seen - 1], value + tape.value[seen - 1]
                prints.append((tape.high[seen - 1], tape.low[seen - 1]))
        if last is None and traded >= 0:
            last = self.minute(view, traded).trades[-1]
        if last is None:
            return self._before_first_print(view)
        liquidity = self._source.liquidity(view.instrument)
        return TapeState(
            view=view,
            time_ns=last.time_ns,
            public=last,
            last=last.price,
            open=view.price(int(view.bars.open[view.first_traded])),
            high=view.price(max(high for high, _ in prints)),
            low=view.price(min(low for _, low in prints)),
            volume=lots * liquidity.lot,
            turnover=turnover_of(value, view.bars.step, liquidity),
        )

    def public_last(self, view: DayView, time_ns: int) -> Trade | None:
        """The source's last print of a day up to an instant."""
        return self._public_state(view, time_ns).public

    def _before_first_print(self, view: DayView) -> TapeState:
        before = max(view.row - 1, 0)
        sessions = self._source.sessions(view.instrument, before)
        closed = sessions[-1].end_ns if sessions else 0
        close = view.previous_close
        return TapeState(view, closed, None, close, 0.0, 0.0, 0.0, 0, 0.0)

    def between(self, instrument: Instrument, after_ns: int, until_ns: int) -> tuple[Trade, ...]:
        """Prints in (after, until] of the market's clock, oldest first."""
        if until_ns <= after_ns:
            return ()
        view = self.view(instrument, after_ns)
        found = self._between_in(view, after_ns, until_ns)
        last_day = self.trading_date(instrument, until_ns)
        calendar = calendar_for(instrument.venue)
        day = view.day
        while day < last_day:
            day = calendar.next_day(day)
            view = self.view_of(instrument, day)
            found += self._between_in(view, after_ns, until_ns)
        return tuple(found)

    def latest(self, instrument: Instrument, time_ns: int, count: int) -> tuple[Trade, ...]:
        """The latest prints of today up to an instant, oldest first."""
        view = self.view(instrument, time_ns)
        minute, _ = view.locate(time_ns)
        minute = min(minute, len(view.bars) - 1)
        found: list[Trade] = []
        while minute >= 0 and len(found) < count:
            if view.bars.lots[minute]:
                tape = self.minute(view, minute)
                found[:0] = tape.trades[: bisect_right(tape.times, time_ns)]
            minute -= 1
        users = self.users(instrument.security, view.day.toordinal())
        if users is not None:
            oldest = found[0].time_ns if len(found) >= count else 0
            theirs = users.trades[: bisect_right(users.times, time_ns)]
            found = _merge(found, [trade for trade in theirs if trade.time_ns >= oldest])
        return tuple(found[-count:]) if count > 0 else ()

    def next_print_ns(self, instrument: Instrument, after_ns: int) -> int:
        """When the source's next print comes, on the market's clock.

        Of a contract that has ended, when the next trade date opens.
        """
        view = self.view(instrument, after_ns)
        minute, _ = view.locate(after_ns)
        while True:
            for at in range(minute, len(view.bars)):
                if view.bars.lots[at]:
                    times = self.minute(view, at).times
                    if times[-1] > after_ns:
                        return times[bisect_right(times, after_ns)]
            calendar = calendar_for(instrument.venue)
            view, minute = self.view_of(instrument, calendar.next_day(view.day)), 0
            if view.is_suspended and instrument.terms is not None:
                return view.sessions[0].start_ns

    def _between_in(self, view: DayView, after_ns: int, until_ns: int) -> list[Trade]:
        first, _ = view.locate(after_ns)
        last, _ = view.locate(until_ns)
        found: list[Trade] = []
        for minute in range(first, min(last + 1, len(view.bars))):
            if view.bars.lots[minute]:
                tape = self.minute(view, minute)
                start = bisect_right(tape.times, after_ns)
                found += tape.trades[start : bisect_right(tape.times, until_ns)]
        users = self.users(view.instrument.security, view.day.toordinal())
        if users is None:
            return found
        start = bisect_right(users.times, after_ns)
        return _merge(found, users.trades[start : bisect_right(users.times, until_ns)])

    # --- users --------------------------------------------------------------------------------

    def record(
        self,
        instrument: Instrument,
        time_ns: int,
        price: float,
        volume: int,
        direction: TradeDirection,
    ) -> Trade:
        """Add a user's trade to today's tape, at or after the last one recorded."""
        view = self.view(instrument, time_ns)
        public = self._public_state(view, time_ns).public
        before = public.sequence if public is not None else _sequence(view, 0) - _SEQUENCE_PRINT
        users = self.users(instrument.security, view.day.toordinal())
        if users is not None:
            before = max(before, users.trades[-1].sequence)
            time_ns = max(time_ns, users.times[-1])
        trade = Trade(time_ns, before + 1, price, volume, direction)
        self.restore(instrument, trade)
        return trade

    def take_over_users(self, other: Tape) -> None:
        """Take what users traded from another reading of the same source."""
        self._users = other._users

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read the source anew for some securities; users' trades stay."""
        self._views.forget(lambda key: is_meant(key[0]))
        self._tapes.forget(lambda key: is_meant(key[0]))
        self._states.forget(is_meant)

    def user_trades(self) -> list[tuple[Security, Trade]]:
        """Everything that users traded, by security and date."""
        return [
            (security, trade)
            for security, days in self._users.items()
            for users in days.values()
            for trade in users.trades
        ]

    def forget_users(self) -> None:
        """Take what users traded off the tape."""
        for security in self._users:
            self._states.drop(security)
        self._users = {}

    def restore(self, instrument: Instrument, trade: Trade) -> None:
        """Take back a user's trade as `record` gave it out, later than all the tape has."""
        day = self.trading_date(instrument, trade.time_ns)
        days = self._users.setdefault(instrument.security, {})
        users = days.setdefault(day.toordinal(), UserTrades())
        scale = self._source.liquidity(instrument).value_scale
        users.append(trade, trade.price * trade.volume * scale)
        self._states.drop(instrument.security)


def turnover_of(value: int, step: int, liquidity: Liquidity) -> float:
    """Money traded, from price steps times lots."""
    return value * (step * liquidity.lot * liquidity.value_scale / PRICE_UNITS)


def _fitted(sums: list[int], total: int) -> list[int]:
    """Running sums that lead to the total; a bent minute's is known to within its prices' rounding."""
    if not sums or sums[-1] == total:
        return sums
    return [value * total // sums[-1] for value in sums]


def _sequence(view: DayView, minute: int) -> int:
    days = view.day.toordinal() - _DAY_ZERO
    return days * _SEQUENCE_DAY + (view.first_minute + minute + 1) * _SEQUENCE_MINUTE


def _merge(public: list[Trade], users: list[Trade]) -> list[Trade]:
    return sorted([*public, *users], key=lambda trade: trade.sequence) if users else public


def _with_users(state: TapeState, users: UserTrades, time_ns: int) -> TapeState:
    seen = bisect_right(users.times, time_ns)
    if not seen:
        return state
    trade = users.trades[seen - 1]
    is_last = state.public is None or trade.sequence > state.public.sequence
    opened_by_user = state.public is None or users.trades[0].sequence < _sequence(state.view, 0)
    return replace(
        state,
        time_ns=trade.time_ns if is_last else state.time_ns,
        last=trade.price if is_last else state.last,
        open=users.trades[0].price if opened_by_user else state.open,
        high=max(state.high, users.high[seen - 1]),
        low=min(state.low or users.low[seen - 1], users.low[seen - 1]),
        volume=state.volume + users.volume[seen - 1],
        turnover=state.turnover + users.turnover[seen - 1],
    )
