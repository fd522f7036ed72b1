"""The order book that the public displays, at any instant, and what it is read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from simulator.domain import FutureTerms, Instrument, OrderBook, Security, TradeDirection
from simulator.errors import UnknownSecurity
from simulator.market.books import BookMoment, displayed_levels
from simulator.market.caches import Recent
from simulator.market.derived import DerivedSource
from simulator.market.extended_market import ExtendedMarket
from simulator.market.price_grid import GridHistory, PriceGrid
from simulator.market.quoted_books import QuoteMoment, quoted_levels
from simulator.market.tape import DayView, Tape, TapeState
from simulator.trading_days import TradingSession

_MOST_BOOKS: Final = 600
_MOST_GRIDS: Final = 20_000
_MOST_QUOTED: Final = 1_600


class ShownBooks:
    """Reads displayed books off the tape; remembers those that were asked for last.

    Args:
        source: Knows how securities trade and quote.
        tape: The prints of the day.
        extended: The American sessions outside the day.
        find: Gives a security's instrument.
    """

    def __init__(
        self,
        source: DerivedSource,
        tape: Tape,
        extended: ExtendedMarket,
        find: Callable[[Security], Instrument],
    ) -> None:
        self._source = source
        self._tape = tape
        self._extended = extended
        self._find = find
        self._grids: Recent[Security, GridHistory] = Recent(_MOST_GRIDS)
        self._quoted: Recent[tuple[Security, int], tuple[QuoteMoment, OrderBook]] = Recent(
            _MOST_QUOTED
        )
        self._books: Recent[tuple[Security, int], tuple[BookMoment, OrderBook]] = Recent(
            _MOST_BOOKS
        )

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read some securities anew."""
        self._quoted.forget(lambda key: is_meant(key[0]))
        self._books.forget(lambda key: is_meant(key[0]))

    def grid(self, instrument: Instrument, view: DayView) -> PriceGrid:
        """Where prices can lie on a day."""
        history = self._grids.get(instrument.security)
        if history is None:
            history = self._grids.put(instrument.security, GridHistory.of(instrument))
        return history.at(view.day)

    def book(self, instrument: Instrument, state: TapeState, time_ns: int, depth: int) -> OrderBook:
        """The book as of an instant, whose prints the state sums up."""
        security = instrument.security
        if not instrument.is_tradable:
            return OrderBook(security, state.time_ns, (), ())
        if instrument.terms is not None:
            return self._quoted_book(instrument, state, time_ns, depth)
        liquidity = self._source.liquidity(instrument)
        if session_at(state.view, time_ns) is None:
            state = self._extended.current(instrument, time_ns) or state
        public = state.public
        moment = BookMoment(
            last=public.price if public else state.view.previous_close,
            direction=public.direction if public else TradeDirection.SELL,
            sequence=public.sequence if public else state.view.day.toordinal(),
            previous_close=state.view.previous_close,
            day=state.view.day.toordinal(),
            slot=frozen(state.view, time_ns) // liquidity.refresh_ns,
        )
        known = self._books.get((security, depth))
        if known is not None and known[0] == moment:
            return known[1]
        grid = self.grid(instrument, state.view)
        bids, asks = displayed_levels(grid, liquidity, moment, depth)
        refreshed = max(moment.slot * liquidity.refresh_ns, public.time_ns if public else 0)
        book = OrderBook(security, refreshed, bids, asks)
        self._books.put((security, depth), (moment, book))
        return book

    def owner_price(self, instrument: Instrument, time_ns: int) -> float:
        """What a derivative's underlying stands at, users' trades left out.

        Args:
            instrument: A derivative; a contract month's underlying is the main series.
            time_ns: Of the market's clock.
        """
        terms = instrument.terms
        if terms is None:
            raise UnknownSecurity(instrument.security)
        owner = terms.main if isinstance(terms, FutureTerms) else terms.owner
        state = self._tape.state(self._find(owner), time_ns)
        return state.view.previous_close if state.public is None else state.public.price

    def _quoted_book(
        self, instrument: Instrument, state: TapeState, time_ns: int, depth: int
    ) -> OrderBook:
        """Market makers quote around the value that the underlying's price gives."""
        path = self._source.path(instrument)
        if state.view.row >= path.alive:
            return OrderBook(instrument.security, state.time_ns, (), ())
        if path.mirrored[state.view.row]:
            main = path.derivative.owner
            book = self.book(main, self._tape.state(main, time_ns), time_ns, depth)
            return replace(book, security=instrument.security)
        at = frozen(state.view, time_ns)
        value = path.value_at(state.view.row, self.owner_price(instrument, at))
        liquidity = self._source.liquidity(instrument)
        moment = QuoteMoment(value, state.view.day.toordinal(), at // liquidity.refresh_ns)
        known = self._quoted.get((instrument.security, depth))
        if known is not None and known[0] == moment:
            return known[1]
        bids, asks = quoted_levels(self.grid(instrument, state.view), liquidity, moment, depth)
        book = OrderBook(instrument.security, moment.slot * liquidity.refresh_ns, bids, asks)
        self._quoted.put((instrument.security, depth), (moment, book))
        return book


def session_at(view: DayView, time_ns: int) -> TradingSession | None:
    """The session that runs at an instant, if one does."""
    return next((s for s in view.sessions if s.start_ns <= time_ns < s.end_ns), None)


def frozen(view: DayView, time_ns: int) -> int:
    """The instant itself inside a session, else the last instant of the session before."""
    ended = [s.end_ns - 1 for s in view.sessions if s.start_ns <= time_ns]
    return min(time_ns, ended[-1]) if ended else view.sessions[0].start_ns
