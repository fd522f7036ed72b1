"""Finds the moment at which a price reminder speaks, from the events of the market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from simulator.domain import MarketState, Period, Security, Trade
from simulator.engine import Engine
from simulator.events import MarketMoved
from simulator.market.candles import Chart
from simulator.market.data import MarketData
from simulator.reminders import (
    Reminder,
    ReminderFrequency,
    Reminders,
    ReminderSession,
    ReminderType,
)
from simulator.trading_days import SessionKind, TradingHours

_SESSIONS: Final = {
    MarketState.MORNING: ReminderSession.OPEN,
    MarketState.AFTERNOON: ReminderSession.OPEN,
    MarketState.HK_CAS: ReminderSession.OPEN,
    MarketState.NIGHT_OPEN: ReminderSession.OPEN,
    MarketState.FUTURE_DAY_OPEN: ReminderSession.OPEN,
    MarketState.FUTURE_OPEN: ReminderSession.OPEN,
    MarketState.FUTURE_BREAK_OVER: ReminderSession.OPEN,
    MarketState.PRE_MARKET_BEGIN: ReminderSession.US_PRE,
    MarketState.AFTER_HOURS_BEGIN: ReminderSession.US_AFTER,
    MarketState.OVERNIGHT: ReminderSession.US_OVERNIGHT,
}
"""Reminders rest in every other state. Source: [I]."""
_KINDS: Final = {
    ReminderSession.US_PRE: SessionKind.PRE,
    ReminderSession.US_AFTER: SessionKind.AFTER,
    ReminderSession.US_OVERNIGHT: SessionKind.OVERNIGHT,
}


@dataclass(frozen=True, slots=True)
class ReminderFired:
    """A reminder speaks."""

    security: Security
    reminder: Reminder
    session: ReminderSession
    price: float
    change_rate: float
    """Percent against the previous close."""
    value: float
    """What was compared with the set value, in the same unit."""
    now_ns: int
    """Gateway time."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """A security right after something happened, in the hours that run."""

    market: MarketData
    engine: Engine
    event: MarketMoved
    prints: tuple[Trade, ...]
    """The new ones."""
    last: float
    close: float
    """What changes count from."""
    volume: int
    """Of the session, as `turnover`."""
    turnover: float
    hours: TradingHours
    """Those whose candles count."""

    @property
    def change_rate(self) -> float:
        """Percent against the close."""
        return _rate(self.last, self.close)

    def highest(self) -> float:
        """Of the new prints; the last price without any."""
        return max((trade.price for trade in self.prints), default=self.last)

    def lowest(self) -> float:
        """Of the new prints; the last price without any."""
        return min((trade.price for trade in self.prints), default=self.last)

    def change_over(self, minutes: int) -> float:
        """Percent against the close of the bar that ended `minutes` whole bars ago."""
        chart = Chart(hours=self.hours)
        bars = self.market.recent_candles(
            self.event.security, Period.MINUTE_1, minutes + 1, self.event.now_ns, chart
        )
        return _rate(self.last, float(bars.close[0])) if len(bars) > minutes else 0.0

    def turnover_rate(self) -> float:
        """Percent of the outstanding shares."""
        shares = self.market.fundamentals(self.event.security).outstanding_shares
        return self.volume / shares * 100 if shares else 0.0

    def best_bid(self) -> tuple[float, int]:
        """Price and volume, users' orders included; zeros without any."""
        bids = self.engine.order_book(self.event.security, self.event.now_ns).bids
        return (bids[0].price, bids[0].volume) if bids else (0.0, 0)

    def best_ask(self) -> tuple[float, int]:
        """Price and volume, users' orders included; zeros without any."""
        asks = self.engine.order_book(self.event.security, self.event.now_ns).asks
        return (asks[0].price, asks[0].volume) if asks else (0.0, 0)


def _moment(
    market: MarketData, engine: Engine, event: MarketMoved, session: ReminderSession
) -> _Moment | None:
    """What reminders are compared with: the day's own figures, or those of the session outside it.

    Returns:
        None: the session outside the day has no figures.

    Source: [I] which figures count outside the day.
    """
    kind = _KINDS.get(session)
    if kind is None:
        quote = market.quote(event.security, event.now_ns)
        sums = (quote.last, quote.previous_close, quote.volume, quote.turnover)
        return _Moment(market, engine, event, event.trades, *sums, TradingHours.REGULAR)
    figures = market.session_figures(event.security, kind, event.now_ns)
    if figures is None or event.session is not kind:
        return None
    close = round(figures.price - figures.change, 6)
    sums = (figures.price, close, figures.volume, figures.turnover)
    return _Moment(market, engine, event, event.extended, *sums, TradingHours.ALL)


def _rate(price: float, base: float) -> float:
    return round((price - base) / base * 100, 3) if base else 0.0


_FIGURES: Final[dict[ReminderType, Callable[[_Moment], float]]] = {
    ReminderType.PRICE_UP: _Moment.highest,
    ReminderType.PRICE_DOWN: _Moment.lowest,
    ReminderType.CHANGE_RATE_UP: lambda m: m.change_rate,
    ReminderType.CHANGE_RATE_DOWN: lambda m: -m.change_rate,
    ReminderType.CHANGE_RATE_UP_5_MINUTES: lambda m: m.change_over(5),
    ReminderType.CHANGE_RATE_DOWN_5_MINUTES: lambda m: -m.change_over(5),
    ReminderType.VOLUME_UP: lambda m: m.volume,
    ReminderType.TURNOVER_UP: lambda m: m.turnover,
    ReminderType.TURNOVER_RATE_UP: _Moment.turnover_rate,
    ReminderType.BID_PRICE_UP: lambda m: m.best_bid()[0],
    ReminderType.ASK_PRICE_DOWN: lambda m: m.best_ask()[0],
    ReminderType.BID_VOLUME_UP: lambda m: m.best_bid()[1],
    ReminderType.ASK_VOLUME_UP: lambda m: m.best_ask()[1],
    ReminderType.CHANGE_RATE_UP_3_MINUTES: lambda m: m.change_over(3),
    ReminderType.CHANGE_RATE_DOWN_3_MINUTES: lambda m: -m.change_over(3),
}
"""Falls count without their sign, as the value that is set for them. Source: [I]."""
_FALLING: Final = frozenset({ReminderType.PRICE_DOWN, ReminderType.ASK_PRICE_DOWN})


class ReminderWatch:
    """Compares the market with the reminders of the securities that have any.

    A reminder that speaks always does so whenever its condition becomes true; one that speaks once
    a day on the first such event of a trade date, even if the condition was true the day before. [I]

    Args:
        reminders: What the user set; tell `follow` of every change.
        engine: Where their securities are watched.
        market: The full market behind the engine.
    """

    def __init__(self, reminders: Reminders, engine: Engine, market: MarketData) -> None:
        self._reminders = reminders
        self._engine = engine
        self._market = market
        self._followed: set[Security] = set()
        self._true: set[int] = set()
        """Keys of reminders whose condition was true at the last event."""

    def follow(self, security: Security) -> None:
        """Watch a security from its first enabled reminder to its last.

        Raises:
            UnknownSecurity: There is none of that name.
        """
        is_wanted = bool(self._reminders.enabled(security))
        if is_wanted and security not in self._followed:
            self._engine.watch(security)
            self._followed.add(security)
        elif not is_wanted and security in self._followed:
            self._engine.unwatch(security)
            self._followed.discard(security)

    def renew(self, reminder_key: int) -> None:
        """A reminder's terms are new: what it compared before counts no more."""
        self._true.discard(reminder_key)

    def moved(self, event: MarketMoved) -> list[ReminderFired]:
        """The reminders that speak because of an event, in the order in which they were set."""
        if event.security not in self._followed:
            return []
        venue = self._market.universe.get(event.security).venue
        session = _SESSIONS.get(self._market.state(venue, event.now_ns))
        if session is None:
            return []
        moment = _moment(self._market, self._engine, event, session)
        if moment is None:
            return []
        day = self._market.trading_date(event.security, event.now_ns).toordinal()
        fired = [
            self._speak(moment, reminder, session, value, day)
            for reminder in self._reminders.enabled(event.security)
            if session in reminder.terms.sessions
            and (value := self._due(moment, reminder, day)) is not None
        ]
        self.follow(event.security)
        return fired

    def _due(self, moment: _Moment, reminder: Reminder, day: int) -> float | None:
        """The value that makes a reminder speak now; None if it does not."""
        terms, key = reminder.terms, reminder.reminder_key
        is_once_a_day = terms.frequency is ReminderFrequency.ONCE_A_DAY
        if is_once_a_day and reminder.fired_on == day:
            return None
        value = _FIGURES[terms.reminder_type](moment)
        if not _is_true(terms.reminder_type, value, terms.value):
            self._true.discard(key)
            return None
        was_true = key in self._true
        self._true.add(key)
        return None if was_true and not is_once_a_day else value

    def _speak(
        self, moment: _Moment, reminder: Reminder, session: ReminderSession, value: float, day: int
    ) -> ReminderFired:
        security = moment.event.security
        self._reminders.mark_fired(security, reminder.reminder_key, day)
        of_price = (ReminderType.PRICE_UP, ReminderType.PRICE_DOWN)
        price = value if reminder.terms.reminder_type in of_price else moment.last
        rate = _rate(price, moment.close)
        return ReminderFired(security, reminder, session, price, rate, value, moment.event.now_ns)


def _is_true(reminder_type: ReminderType, value: float, wanted: float) -> bool:
    if reminder_type in _FALLING:
        return 0 < value <= wanted
    return value >= wanted
