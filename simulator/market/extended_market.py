"""The American hours outside the day, read like the day itself: sums, prints and minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from simulator.domain import Instrument, Security, Trade, TradeKind
from simulator.errors import UnknownSecurity
from simulator.market.caches import Recent
from simulator.market.extended import (
    FIRST_MINUTES,
    SessionSource,
    has_extended_hours,
    session_date,
)
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import MarketSource
from simulator.market.statistics import share
from simulator.market.tape import DayView, Tape, TapeState
from simulator.trading_days import SessionKind, TradingCalendar, TradingHours

_MOST_FIGURES: Final = 20_000
_KINDS: Final[dict[TradingHours, tuple[SessionKind, ...]]] = {
    TradingHours.REGULAR: (),
    TradingHours.EXTENDED: (SessionKind.PRE, SessionKind.AFTER),
    TradingHours.ALL: (SessionKind.OVERNIGHT, SessionKind.PRE, SessionKind.AFTER),
}


class Part(NamedTuple):
    """One session of one trade date."""

    kind: SessionKind
    tape: Tape
    view: DayView


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """One session outside the day at one instant; rates are 20.0 for 20 %."""

    price: float
    high: float
    low: float
    volume: int
    turnover: float
    change: float
    change_rate: float
    amplitude: float


class ExtendedMarket:
    """Reads the sessions before, after and between the days of a source."""

    def __init__(self, base: MarketSource) -> None:
        self._base = base
        self._finished: Recent[tuple[Security, SessionKind, int], SessionFigures] = Recent(
            _MOST_FIGURES
        )
        self._sources = {kind: SessionSource(base, kind) for kind in FIRST_MINUTES}
        self._tapes = {
            kind: Tape(
                self._sources[kind], partial(_date_of, kind), first, TradeKind.EXTENDED_HOURS
            )
            for kind, first in FIRST_MINUTES.items()
        }

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read the days anew for some securities."""
        self._finished.forget(lambda key: is_meant(key[0]))
        for kind, source in self._sources.items():
            source.forget(is_meant)
            self._tapes[kind].forget(is_meant)

    def running(self, instrument: Instrument, time_ns: int) -> SessionKind | None:
        """The kind of the session that runs at an instant, if one does."""
        for kind in FIRST_MINUTES:
            view = self._view(instrument, kind, time_ns)
            if view is not None and time_ns < view.sessions[0].end_ns:
                return kind
        return None

    def state(self, instrument: Instrument, kind: SessionKind, time_ns: int) -> TapeState | None:
        """The sums of the session of a kind that began last; None if it has no prints."""
        if self._view(instrument, kind, time_ns) is None:
            return None
        state = self._tapes[kind].state(instrument, time_ns)
        return state if state.public is not None else None

    def figures(
        self, instrument: Instrument, kind: SessionKind, time_ns: int
    ) -> SessionFigures | None:
        """What a quote says of the session of a kind that began last; None without prints.

        Changes are measured from the last regular close. Source: [I] which session is shown.
        """
        if not has_extended_hours(instrument):
            return None
        day = self._tapes[kind].trading_date(instrument, time_ns)
        key = (instrument.security, kind, day.toordinal())
        known = self._finished.get(key)
        if known is not None:
            return known
        view = self._view(instrument, kind, time_ns)
        if view is None:
            return None
        if time_ns < view.sessions[0].end_ns:
            state = self.state(instrument, kind, time_ns)
            return _figures(state) if state else None
        final = self._tapes[kind].sums(view, time_ns)
        return self._finished.put(key, _figures(final)) if final.public else None

    def current(self, instrument: Instrument, time_ns: int) -> TapeState | None:
        """The sums of the session that runs; None if none does or it has no prints yet."""
        kind = self.running(instrument, time_ns)
        return self.state(instrument, kind, time_ns) if kind else None

    def trades_between(
        self, instrument: Instrument, after_ns: int, until_ns: int
    ) -> tuple[Trade, ...]:
        """Prints in (after, until] outside the day, oldest first."""
        found: list[Trade] = []
        for kind, tape in self._tapes.items():
            if self._view(instrument, kind, after_ns) and self._view(instrument, kind, until_ns):
                found += tape.between(instrument, after_ns, until_ns)
        return tuple(sorted(found, key=lambda trade: trade.sequence))

    def latest(
        self, instrument: Instrument, time_ns: int, count: int, hours: TradingHours
    ) -> tuple[Trade, ...]:
        """The latest prints outside the newest trade date's day, oldest first."""
        row = self.last_row(instrument, time_ns, hours)
        found: list[Trade] = []
        for kind in _KINDS[hours]:
            view = self._view(instrument, kind, time_ns)
            if view is not None and view.row == row:
                found += self._tapes[kind].latest(instrument, time_ns, count)
        return tuple(found)

    def next_print_ns(self, instrument: Instrument, after_ns: int) -> int | None:
        """When the next print outside the day comes; None for who has none."""
        kinds = [kind for kind in self._tapes if self._view(instrument, kind, after_ns)]
        return min(
            (self._tapes[kind].next_print_ns(instrument, after_ns) for kind in kinds), default=None
        )

    # --- charts -------------------------------------------------------------------------------

    def last_row(self, instrument: Instrument, time_ns: int, hours: TradingHours) -> int:
        """The newest trade date of which a session has begun; -1 if none has."""
        views = (self._view(instrument, kind, time_ns) for kind in _KINDS[hours])
        return max((view.row for view in views if view is not None), default=-1)

    def parts(
        self, instrument: Instrument, row: int, time_ns: int, hours: TradingHours
    ) -> list[Part]:
        """The sessions of a trade date that have begun, in order."""
        if hours is TradingHours.REGULAR or not has_extended_hours(instrument):
            return []
        day = date.fromordinal(int(self._base.days(instrument).ordinals[row]))
        views = [
            (k, self._tapes[k], self._tapes[k].view_of(instrument, day)) for k in _KINDS[hours]
        ]
        return [
            Part(kind, tape, view)
            for kind, tape, view in views
            if view.sessions and view.sessions[0].start_ns < time_ns
        ]

    def close(self, instrument: Instrument, row: int, hours: TradingHours) -> float | None:
        """The last price of a trade date with its hours after; None without them."""
        if hours is TradingHours.REGULAR or not has_extended_hours(instrument):
            return None
        days = self._sources[SessionKind.AFTER].days(instrument)
        return int(days.close[row]) * int(days.step[row]) / PRICE_UNITS

    def _view(self, instrument: Instrument, kind: SessionKind, time_ns: int) -> DayView | None:
        """The session of a kind that began last, if the security was listed and nights exist."""
        if not has_extended_hours(instrument):
            return None
        try:
            view = self._tapes[kind].view(instrument, time_ns)
        except UnknownSecurity:
            return None
        return view if view.sessions else None


def _figures(state: TapeState) -> SessionFigures:
    close = state.view.previous_close
    return SessionFigures(
        price=state.last,
        high=state.high,
        low=state.low,
        volume=state.volume,
        turnover=round(state.turnover, 3),
        change=round(state.last - close, 6),
        change_rate=share(state.last - close, close, 100),
        amplitude=share(state.high - state.low, close, 100),
    )


def _date_of(kind: SessionKind, calendar: TradingCalendar, time_ns: int) -> date:
    return session_date(calendar, kind, time_ns)
