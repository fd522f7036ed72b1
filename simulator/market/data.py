"""Everything a client can ask about a market, told consistently for any instant.

Times that come in are the gateway's; the timeline maps them to each venue's own clock, and all
times that go out are that clock's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    BrokerQueue,
    Candles,
    FutureTerms,
    Instrument,
    IntradayPoint,
    Market,
    MarketState,
    OrderBook,
    Period,
    Quote,
    Security,
    SecurityType,
    ShareEvent,
    Trade,
    TradeDirection,
    Venue,
)
from simulator.errors import UnknownSecurity
from simulator.market.adjusting import Adjuster
from simulator.market.bends import FOREVER, Bend
from simulator.market.bent import BentSource
from simulator.market.board import Boards
from simulator.market.breadth import Breadths
from simulator.market.brokers import broker_side
from simulator.market.caches import Recent
from simulator.market.candles import PLAIN, CandleMaker, Chart
from simulator.market.corporate_actions import AdjustmentTable, share_event
from simulator.market.day_figures import DayFigures
from simulator.market.derivatives import Derivatives
from simulator.market.derived import DerivedSource
from simulator.market.extended_market import ExtendedMarket, SessionFigures
from simulator.market.fundamentals import Fundamentals, fundamentals_of
from simulator.market.price_grid import PRICE_UNITS, to_price, to_units
from simulator.market.reaches import Reaches
from simulator.market.shown_books import ShownBooks, frozen, session_at
from simulator.market.source import MarketSource
from simulator.market.statistics import (
    Breadth,
    Headline,
    Statistics,
    compose,
    share,
)
from simulator.market.tape import MOST_STATES, DayView, Tape, TapeState
from simulator.market.universe import Universe
from simulator.market_view import MinuteReach
from simulator.timeline import Timeline
from simulator.trading_days import SessionKind, TradingHours, calendar_for

_STOCK_MARKETS: Final = {
    Venue.HK_STOCK: (Market.HK,),
    Venue.US_STOCK: (Market.US,),
    Venue.CN_STOCK: (Market.SH, Market.SZ),
}
_MOST_BOOKS: Final = 600
_MOST_LOOKS: Final = 4_000
_MOST_FACTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Look:
    """All that a snapshot tells of a security, but for what users have to do with it."""

    quote: Quote
    book: OrderBook
    statistics: Statistics


class MarketData:
    """Reads a market source at any instant.

    Args:
        universe: What is listed.
        timeline: Maps the gateway's clock to each venue's.
        source: Bars and prints.
    """

    def __init__(self, universe: Universe, timeline: Timeline, source: MarketSource) -> None:
        self.bends: Final = BentSource(source)
        self.derivatives = Derivatives(universe, self.bends)
        self.universe = universe.extended(self.derivatives.find)
        self.timeline = timeline
        self._fundamentals: Recent[Security, Fundamentals] = Recent(_MOST_FACTS)
        self._tails: dict[Venue, tuple[Instrument, ...]] = {}
        self.boards = Boards(lambda: self.bends.seeded)
        self._breadths = Breadths(self.boards, self.is_seeded, self._change)
        self._shown: dict[Venue, tuple[int, int]] = {}
        """The gateway instant asked for last, and each venue's clock then."""
        self._read_anew()

    def _read_anew(self) -> None:
        self._source = source = DerivedSource(self.bends, self.derivatives.describe)
        self._tape = Tape(source)
        self._seeded = Tape(self.bends.seeded)
        self._extended = ExtendedMarket(source)
        self._adjuster = Adjuster(source)
        self._candles = CandleMaker(source, self._tape, self._extended, self._adjuster)
        find = self.universe.get
        self._day_figures = DayFigures(source, self._adjuster, self._candles, find)
        self._shown_books = ShownBooks(source, self._tape, self._extended, find)
        self._reaches = Reaches(self._shown_books.grid)
        self._headlines: Recent[Security, tuple[TapeState, bool, Headline]] = Recent(MOST_STATES)
        self._quotes: Recent[Security, tuple[OrderBook, DayView, Quote]] = Recent(_MOST_BOOKS)
        self._figures: Recent[Security, tuple[Quote, int, Statistics]] = Recent(_MOST_BOOKS)
        self._looks: Recent[Security, tuple[TapeState, int, int, Look]] = Recent(_MOST_LOOKS)

    def refresh(self, securities: Collection[Security]) -> None:
        """Read some securities, and what is derived from them, again after `bends` was changed."""

        @cache
        def is_meant(security: Security) -> bool:
            terms = self.universe.get(security).terms
            owner = terms.main if isinstance(terms, FutureTerms) else terms and terms.owner
            return security in securities or owner in securities

        for part in (self._source, self._tape, self._extended, self._adjuster):
            part.forget(is_meant)
        self._day_figures.forget(is_meant)
        self._shown_books.forget(is_meant)
        for security in securities:
            self.derivatives.forget(security)
        self._quotes.forget(is_meant)
        self._figures.forget(is_meant)
        self._looks.forget(is_meant)
        self._headlines.forget(is_meant)

    def retime(self, timeline: Timeline) -> None:
        """Map the gateway's clock otherwise from now on."""
        self.timeline = timeline
        self._shown.clear()

    def reseed(self, source: MarketSource) -> None:
        """Read another source from now on; what commands and users did to the old one is forgotten."""
        self.bends.reseed(source)
        self.derivatives.forget_all()
        self.universe.forget_found()
        self._fundamentals.clear()
        self._read_anew()

    def user_trades(self) -> list[tuple[Security, Trade]]:
        """Everything that users traded and that is on the tape."""
        return self._tape.user_trades()

    def forget_users(self) -> None:
        """Take what users traded off the tape."""
        self._tape.forget_users()

    def is_halted(self, security: Security, now_ns: int) -> bool:
        """Whether a command has halted trading in a security."""
        bend = self._bend(self.universe.get(security))
        return bend is not None and bend.is_halted(self.market_ns(security, now_ns))

    def cooling_band(self, security: Security, now_ns: int) -> tuple[float, float] | None:
        """Lowest and highest price of a cooling-off period; None where none runs."""
        bend = self._bend(self.universe.get(security))
        found = bend and bend.cooling(self.market_ns(security, now_ns))
        return (to_price(found.low), to_price(found.high)) if found else None

    def seeded_price(self, security: Security, now_ns: int) -> float:
        """The last price if no command had bent the path and no user had traded."""
        instrument, time_ns = self._at(security, now_ns)
        return self._seeded.state(instrument, time_ns).last

    def _bend(self, instrument: Instrument) -> Bend | None:
        return self.bends.bend(instrument.security)

    # --- clocks -------------------------------------------------------------------------------

    def market_ns(self, security: Security, now_ns: int) -> int:
        """The market's clock at a gateway instant."""
        return self.timeline.market_ns(self.universe.get(security).venue, now_ns)

    def state(self, venue: Venue, now_ns: int) -> MarketState:
        """A venue's state at a gateway instant."""
        return calendar_for(venue).state(self.timeline.market_ns(venue, now_ns))

    def trading_date(self, security: Security, now_ns: int) -> date:
        """The trade date whose data is "today"."""
        instrument, time_ns = self._at(security, now_ns)
        return self._tape.trading_date(instrument, time_ns)

    def next_change_ns(self, security: Security, after_ns: int) -> int:
        """Gateway time of the source's next print or the next refresh of the displayed book."""
        instrument, time_ns = self._at(security, after_ns)
        bend = self._bend(instrument)
        turn_ns = bend.next_turn_ns(time_ns) if bend else FOREVER
        if bend is not None and bend.is_halted(time_ns):
            opening = self._next_open(self._tape.view(instrument, time_ns), time_ns)
            return self.timeline.gateway_ns(instrument.venue, min(opening, turn_ns))
        upcoming = self._tape.next_print_ns(instrument, time_ns)
        if instrument.is_tradable:
            session = session_at(self._tape.view(instrument, time_ns), time_ns)
            refresh = self._source.liquidity(instrument).refresh_ns
            turn = (time_ns // refresh + 1) * refresh
            if session is not None and turn < session.end_ns:
                upcoming = min(upcoming, turn)
        if not self._is_inside_day(instrument, time_ns, upcoming):
            late = self._extended.next_print_ns(instrument, time_ns)
            if late is not None:
                upcoming = min(upcoming, late)
        upcoming = min(upcoming, turn_ns)
        return self.timeline.gateway_ns(instrument.venue, upcoming)

    def next_minute_ns(self, security: Security, after_ns: int) -> int:
        """Gateway time at which the market's minute turns; the next open where it rests."""
        instrument, time_ns = self._at(security, after_ns)
        view = self._tape.view(instrument, time_ns)
        if session_at(view, time_ns) or self._extended.running(instrument, time_ns):
            turn = (time_ns // NS_PER_MINUTE + 1) * NS_PER_MINUTE
        else:
            turn = self._next_open(view, time_ns)
        return self.timeline.gateway_ns(instrument.venue, turn)

    def minute_reach(self, security: Security, after_ns: int) -> MinuteReach | None:
        """What prices can be reached until the session ends.

        None outside of sessions and for what does not follow from its own prints alone.
        """
        instrument, time_ns = self._at(security, after_ns)
        is_plain = instrument.is_tradable and instrument.terms is None
        if not is_plain or self._bend(instrument) is not None:
            return None
        reach = self._reaches.after(self._tape.view(instrument, time_ns), time_ns)
        if reach is None:
            return None
        return replace(reach, begin_ns=reach.begin_ns + after_ns - time_ns)

    # --- now ----------------------------------------------------------------------------------

    def quote(self, security: Security, now_ns: int) -> Quote:
        """Last price and today's sums. Before the first print open, high and low are 0 [I]."""
        instrument, time_ns = self._at(security, now_ns)
        state = self._tape.state(instrument, time_ns)
        book = self.displayed_book(security, now_ns)
        is_suspended = state.view.is_suspended or self.is_halted(security, now_ns)
        known = self._quotes.get(security)
        # Most securities stay as they are between two looks at a whole list.
        if known is not None and known[0] is book and known[1] is state.view:
            same = (known[2].time_ns, known[2].volume, known[2].is_suspended)
            if same == (state.time_ns, state.volume, is_suspended):
                return known[2]
        bid = book.bids[0] if book.bids else None
        ask = book.asks[0] if book.asks else None
        made = Quote(
            security=security,
            time_ns=state.time_ns,
            last=state.last,
            open=state.open,
            high=state.high,
            low=state.low,
            previous_close=state.view.previous_close,
            volume=state.volume,
            turnover=round(state.turnover, 3),
            bid=bid.price if bid else 0.0,
            ask=ask.price if ask else 0.0,
            bid_volume=bid.volume if bid else 0,
            ask_volume=ask.volume if ask else 0,
            is_suspended=is_suspended,
        )
        self._quotes.put(security, (book, state.view, made))
        return made

    def session_figures(
        self, security: Security, kind: SessionKind, now_ns: int
    ) -> SessionFigures | None:
        """The American session of a kind that began last; None where there is none."""
        instrument, time_ns = self._at(security, now_ns)
        return self._extended.figures(instrument, kind, time_ns)

    def headline(self, instrument: Instrument, now_ns: int) -> Headline:
        """What `quote` and `statistics` say at a glance, without any book.

        The same object as before if nothing of it has changed, so that whoever wrote it down can tell.
        """
        security = instrument.security
        time_ns = self._clock_of(instrument, now_ns)
        state = self._tape.state(instrument, time_ns)
        bend = self.bends.bend(security)
        is_halted = bend is not None and bend.is_halted(time_ns)
        is_suspended = state.view.is_suspended or is_halted
        known = self._headlines.get(security)
        if known is not None and known[0] is state and known[1] == is_suspended:
            return known[2]
        made = self._headline(instrument, state, is_suspended=is_suspended)
        self._headlines.put(security, (state, is_suspended, made))
        return made

    def _headline(
        self, instrument: Instrument, state: TapeState, *, is_suspended: bool
    ) -> Headline:
        close, shares = state.view.previous_close, self.fundamentals(instrument.security)
        grid = self._shown_books.grid(instrument, state.view)
        return Headline(
            time_ns=state.time_ns,
            last=state.last,
            open=state.open,
            high=state.high,
            low=state.low,
            previous_close=close,
            volume=state.volume,
            turnover=round(state.turnover, 3),
            is_suspended=is_suspended,
            tick=grid.tick_at(to_units(state.last)) / PRICE_UNITS,
            turnover_rate=share(state.volume, shares.outstanding_shares, 100),
            amplitude=share(state.high - state.low, close, 100),
            interest=self._day_figures.interest(instrument, state.time_ns, close),
        )

    def displayed_book(self, security: Security, now_ns: int, depth: int = 10) -> OrderBook:
        """What the public displays, users' orders left out. Users' trades do not move it.

        Outside the American day it is the book of the session that runs.
        """
        instrument, time_ns = self._at(security, now_ns)
        book = self._shown_books.book(
            instrument, self._tape.state(instrument, time_ns), time_ns, depth
        )
        bend = self._bend(instrument)
        return book if bend is None else bend.displayed(book, time_ns)

    def broker_queue(self, security: Security, now_ns: int) -> BrokerQueue:
        """Who queues; empty outside Hong Kong's stock market."""
        instrument, time_ns = self._at(security, now_ns)
        if instrument.venue is not Venue.HK_STOCK or not instrument.is_tradable:
            return BrokerQueue(security, (), ())
        view = self._tape.view(instrument, time_ns)
        key = self._source.liquidity(instrument).key
        at, day = frozen(view, time_ns), view.day.toordinal()
        return BrokerQueue(
            security, broker_side(key, day, "bid", at), broker_side(key, day, "ask", at)
        )

    # --- the tape -----------------------------------------------------------------------------

    def trades(
        self,
        security: Security,
        now_ns: int,
        count: int,
        hours: TradingHours = TradingHours.REGULAR,
    ) -> tuple[Trade, ...]:
        """The latest prints of today, oldest first."""
        instrument, time_ns = self._at(security, now_ns)
        row = self._extended.last_row(instrument, time_ns, hours)
        found: tuple[Trade, ...] = ()
        if row <= self._tape.view(instrument, time_ns).row:
            found = self._tape.latest(instrument, time_ns, count)
        found += self._extended.latest(instrument, time_ns, count, hours)
        if hours is not TradingHours.REGULAR:
            found = tuple(sorted(found, key=lambda trade: trade.sequence))
        return found[-count:]

    def _is_inside_day(self, instrument: Instrument, begin_ns: int, end_ns: int) -> bool:
        """Whether one regular session runs all the time, so that nothing is traded outside it."""
        session = session_at(self._tape.view(instrument, begin_ns), begin_ns)
        return session is not None and end_ns < session.end_ns

    def running_session(self, security: Security, now_ns: int) -> SessionKind | None:
        """The kind of the American session outside the day that runs, if one does."""
        instrument, time_ns = self._at(security, now_ns)
        return self._extended.running(instrument, time_ns)

    def extended_trades(
        self, security: Security, after_ns: int, until_ns: int
    ) -> tuple[Trade, ...]:
        """Prints in (after, until] of the gateway's clock outside the American day, oldest first."""
        instrument, start = self._at(security, after_ns)
        until = self.timeline.market_ns(instrument.venue, until_ns)
        if until - start != until_ns - after_ns:
            return ()  # the clock jumped over what is outside the day
        if self._is_inside_day(instrument, start, until):
            return ()
        return self._extended.trades_between(instrument, start, until)

    def trades_between(self, security: Security, after_ns: int, until_ns: int) -> tuple[Trade, ...]:
        """Prints in (after, until] of the gateway's clock; adjacent windows share none."""
        instrument, start = self._at(security, after_ns)
        return self._tape.between(
            instrument, start, self.timeline.market_ns(instrument.venue, until_ns)
        )

    def record_trade(
        self,
        security: Security,
        now_ns: int,
        price: float,
        volume: int,
        direction: TradeDirection,
    ) -> Trade:
        """Make a user's aggressive fill part of today's tape and of every bar that covers it."""
        instrument, time_ns = self._at(security, now_ns)
        return self._tape.record(instrument, time_ns, price, volume, direction)

    def restore_trade(self, security: Security, trade: Trade) -> None:
        """Put back what `record_trade` gave out in an earlier run; oldest first."""
        self._tape.restore(self.universe.get(security), trade)

    # --- charts -------------------------------------------------------------------------------

    def intraday(
        self, security: Security, now_ns: int, hours: TradingHours = TradingHours.REGULAR
    ) -> tuple[IntradayPoint, ...]:
        """Today's minutes so far, the running one included once it has a print."""
        instrument, time_ns = self._at(security, now_ns)
        bars = self._candles.minute_columns(instrument, time_ns, hours)
        state = self._tape.state(instrument, time_ns)
        scale = self._source.liquidity(instrument).value_scale
        volume, turnover = np.cumsum(bars.volume), np.cumsum(bars.turnover)
        average = np.where(volume > 0, turnover / np.maximum(volume * scale, 1e-9), bars.close)
        clock = _clock_minutes(instrument, bars.time_ns)
        close = state.view.previous_close
        return tuple(
            IntradayPoint(end, minute, price, close, round(mean, 6), amount, money, is_blank=False)
            for end, minute, price, mean, amount, money in zip(
                bars.time_ns.tolist(),
                clock,
                bars.close.tolist(),
                average.tolist(),
                bars.volume.tolist(),
                bars.turnover.tolist(),
                strict=True,
            )
        )

    def candles(
        self,
        security: Security,
        period: Period,
        begin: date,
        end: date,
        now_ns: int,
        chart: Chart = PLAIN,
    ) -> Candles:
        """Bars up to now whose labels lie between two local, naive times, both inclusive.

        Args:
            security: Whose bars.
            period: Any period.
            begin: A date stands for its midnight.
            end: A date stands for its last instant.
            now_ns: Gateway time; the running bar is included.
            chart: Adjustment and hours.
        """
        instrument, time_ns = self._at(security, now_ns)
        return self._candles.between(instrument, period, begin, end, time_ns, chart)

    def recent_candles(
        self, security: Security, period: Period, count: int, now_ns: int, chart: Chart = PLAIN
    ) -> Candles:
        """The latest bars, the running one last."""
        instrument, time_ns = self._at(security, now_ns)
        return self._candles.recent(instrument, period, count, time_ns, chart)

    def adjustments(self, security: Security, now_ns: int) -> AdjustmentTable:
        """The corporate actions up to today and their factors."""
        instrument, time_ns = self._at(security, now_ns)
        return self._adjuster.table(instrument, self._tape.trading_date(instrument, time_ns))

    def share_events(self, security: Security, after: date, until: date) -> tuple[ShareEvent, ...]:
        """Corporate actions with ex-dates in (after, until], as their holders meet them."""
        instrument = self.universe.get(security)
        if instrument.terms is not None:
            return ()
        actions = self._source.days(instrument).actions
        first, last = after.toordinal(), until.toordinal()
        return tuple(
            share_event(action, self._opening_price(instrument, action.ordinal))
            for action in actions
            if first < action.ordinal <= last
        )

    def final_day(self, instrument: Instrument) -> date | None:
        """The last trade date of a derivative; a product that is called ends on the day of its call."""
        return self.derivatives.final_day(instrument)

    def successor(self, instrument: Instrument, shares: Fraction) -> Security | None:
        """The contract that an option becomes when a share of its underlying becomes so many."""
        code = self.derivatives.adjusted_code(instrument, float(shares))
        if code is None:
            return None
        found = Security(instrument.security.market, code)
        try:
            self.universe.get(found)
        except UnknownSecurity:
            return None
        return found

    def close_of(self, security: Security, day: date) -> float:
        """The close of a trade date, or of the last one before it; users' trades left out."""
        days = self._source.days(self.universe.get(security))
        row = max(int(np.searchsorted(days.ordinals, day.toordinal(), "right")) - 1, 0)
        return int(days.close[row]) * int(days.step[row]) / PRICE_UNITS

    def _opening_price(self, instrument: Instrument, ordinal: int) -> float:
        days = self._source.days(instrument)
        row = int(np.searchsorted(days.ordinals, ordinal))
        return int(days.previous_close[row]) / PRICE_UNITS

    def suspended_days(self, security: Security, begin: date, end: date) -> list[date]:
        """Trading days without trading from `begin` to `end`, both included."""
        instrument = self.universe.get(security)
        days = self._source.days(instrument)
        first = int(np.searchsorted(days.ordinals, begin.toordinal()))
        stop = int(np.searchsorted(days.ordinals, end.toordinal(), "right"))
        rows = first + np.flatnonzero(days.lots[first:stop] == 0)
        return [date.fromordinal(ordinal) for ordinal in days.ordinals[rows].tolist()]

    def first_price(self, instrument: Instrument) -> float:
        """What a security, listed or not yet, cost before its first trading day."""
        return int(self._source.days(instrument).previous_close[0]) / PRICE_UNITS

    # --- the whole market ---------------------------------------------------------------------

    def long_tail(self, venue: Venue) -> tuple[Instrument, ...]:
        """The invented companies of a venue that still trade."""
        markets = _STOCK_MARKETS.get(venue, ())
        if venue not in self._tails:
            listed = (i for m in markets for i in self.universe.instruments(m, SecurityType.EQUITY))
            self._tails[venue] = tuple(i for i in listed if i.is_generated and i.is_tradable)
        return self._tails[venue]

    def touched(self) -> set[Security]:
        """What is not `is_seeded`."""
        return {*self.bends.bent(), *self._tape.traded_by_users()}

    def is_seeded(self, security: Security) -> bool:
        """Whether neither a command nor a user has had a hand in a security's prices."""
        is_bent = self.bends.bend(security) is not None
        return not is_bent and not self._tape.user_days(security)

    def has_read(self, security: Security, now_ns: int) -> bool:
        """Whether a security's prints have been read in this very minute."""
        instrument, time_ns = self._at(security, now_ns)
        return self._tape.has_read(instrument, time_ns)

    def is_fresh(self, security: Security, now_ns: int) -> bool:
        """Whether `statistics` has little left to compute: today's days and minute are known."""
        instrument, time_ns = self._at(security, now_ns)
        if not self._tape.has_read(instrument, time_ns):
            return False
        return self._day_figures.knows(security, self._tape.trading_date(instrument, time_ns))

    def is_listed(self, security: Security, now_ns: int) -> bool:
        """Whether a security has begun to trade."""
        instrument, time_ns = self._at(security, now_ns)
        try:
            self._tape.view(instrument, time_ns)
        except UnknownSecurity:
            return False
        return True

    def stream_of(self, instrument: Instrument) -> int:
        """The stream that a security's figures are drawn from."""
        return self._source.liquidity(instrument).key

    # --- figures ------------------------------------------------------------------------------

    def fundamentals(self, security: Security) -> Fundamentals:
        """Earnings, book value and share counts."""
        known = self._fundamentals.get(security)
        if known is None:
            instrument = self.universe.get(security)
            known = fundamentals_of(self._source.liquidity(instrument).key, instrument)
            self._fundamentals.put(security, known)
        return known

    def statistics(self, security: Security, now_ns: int) -> Statistics:
        """The figures of a snapshot."""
        instrument, time_ns = self._at(security, now_ns)
        quote = self.quote(security, now_ns)
        state = self._tape.state(instrument, time_ns)
        view = state.view
        minute, _ = view.locate(time_ns)
        known = self._figures.get(security)
        if known is not None and known[0] is quote and known[1] == minute:
            return known[2]
        grid, today = self._shown_books.grid(instrument, view), view.day
        ranges = self._day_figures.extremes(instrument, today, time_ns)
        book = self._shown_books.book(instrument, state, time_ns, 10)
        made = compose(
            quote,
            self._day_figures.with_dividends(instrument, self.fundamentals(security), today),
            ranges.widened(quote.high, quote.low),
            self._day_figures.pace(instrument, state, book, time_ns),
            tick=grid.tick_at(to_units(quote.last)) / PRICE_UNITS,
            breadth=self._breadth(instrument, now_ns),
            interest=self._day_figures.interest(instrument, quote.time_ns, quote.previous_close),
            asset_value=self._day_figures.asset_value(instrument, view),
        )
        if instrument.is_tradable:  # an index counts its members, which change without it
            self._figures.put(security, (quote, minute, made))
        return made

    def look(self, instrument: Instrument, now_ns: int) -> Look:
        """The quote, the displayed book and the figures of a security.

        The same object as before if nothing of it has changed, so that whoever wrote it down can tell.
        """
        security, time_ns = instrument.security, self._clock_of(instrument, now_ns)
        state = self._tape.state(instrument, time_ns)
        known = self._looks.get(security)
        if known is not None and known[0] is state and known[1] <= time_ns < known[2]:
            return known[3]
        made = Look(
            self.quote(security, now_ns),
            self.displayed_book(security, now_ns),
            self.statistics(security, now_ns),
        )
        if self._is_steady(instrument, state, time_ns):
            refresh = self._source.liquidity(instrument).refresh_ns
            since = time_ns // refresh * refresh
            self._looks.put(security, (state, since, since + refresh, made))
        return made

    def _is_steady(self, instrument: Instrument, state: TapeState, time_ns: int) -> bool:
        """Whether all that can be said of a security follows from its prints and the book's age.

        That is so in a session for what has no underlying, no members and no command upon it.
        """
        is_plain = instrument.is_tradable and instrument.terms is None
        is_free = self.bends.bend(instrument.security) is None
        return is_plain and is_free and session_at(state.view, time_ns) is not None

    # --- inside -------------------------------------------------------------------------------

    def _at(self, security: Security, now_ns: int) -> tuple[Instrument, int]:
        instrument = self.universe.get(security)
        return instrument, self._clock_of(instrument, now_ns)

    def _clock_of(self, instrument: Instrument, now_ns: int) -> int:
        """The market's clock, which stands still for what has left the exchange."""
        venue = instrument.venue
        shown = self._shown.get(venue)
        if shown is None or shown[0] != now_ns:
            shown = self._shown[venue] = (now_ns, self.timeline.market_ns(venue, now_ns))
        if instrument.delisting_date:
            return min(shown[1], _last_instant(instrument))
        return shown[1]

    def owner_price(self, instrument: Instrument, time_ns: int) -> float:
        """What a derivative's underlying stands at, users' trades left out.

        Args:
            instrument: A derivative; a contract month's underlying is the main series.
            time_ns: Of the market's clock.
        """
        return self._shown_books.owner_price(instrument, time_ns)

    def _next_open(self, view: DayView, time_ns: int) -> int:
        later = [s.start_ns for s in view.sessions if s.start_ns > time_ns]
        if later:
            return later[0]
        calendar = calendar_for(view.instrument.venue)
        return calendar.sessions(calendar.next_day(view.day))[0].start_ns

    def _breadth(self, instrument: Instrument, now_ns: int) -> Breadth:
        if instrument.security_type not in (SecurityType.INDEX, SecurityType.PLATE):
            return Breadth()
        members = self.universe.members(instrument.security)
        return self._breadths.of(members, lambda venue: self.timeline.market_ns(venue, now_ns))

    def _change(self, instrument: Instrument, time_ns: int) -> float:
        """Last price less previous close."""
        state = self._tape.state(instrument, time_ns)
        return state.last - state.view.previous_close


@cache
def _last_instant(instrument: Instrument) -> int:
    """When a security that has left the exchange stopped trading: its clock stands still there."""
    calendar = calendar_for(instrument.venue)
    day = date.fromisoformat(instrument.delisting_date)
    last = day if calendar.is_trading_day(day) else calendar.previous_day(day)
    return calendar.sessions(last)[-1].end_ns - 1


def _clock_minutes(instrument: Instrument, ends: NDArray[np.int64]) -> list[int]:
    """Minutes since local midnight of instants of one trade date."""
    if not len(ends):
        return []
    zone = calendar_for(instrument.venue).zone
    first = datetime.fromtimestamp(int(ends[0]) // NS_PER_S, zone)
    start = first.hour * 60 + first.minute
    minutes: list[int] = ((start + (ends - ends[0]) // NS_PER_MINUTE) % (24 * 60)).tolist()
    return minutes
