"""Begins each trade date in the books: corporate actions are booked, and orders that they void end."""

from __future__ import annotations

from collections.abc import Callable

from simulator.brokerage.books import Books
from simulator.brokerage.executions import Executions
from simulator.brokerage.valuation import Valuation
from simulator.domain import Instrument, Security, Venue


class DayTurn:
    """What happens when a venue's trade date turns.

    Args:
        books: what all parts share.
        valuation: begins the date in each account.
        executions: where orders end.
        seen_to: told of everything that is still held or ordered, and the gateway instant.
    """

    def __init__(
        self,
        books: Books,
        valuation: Valuation,
        executions: Executions,
        seen_to: Callable[[Security, int], None],
    ) -> None:
        self._books = books
        self._valuation = valuation
        self._executions = executions
        self._seen_to = seen_to
        self._followed: set[Venue] = set()

    def follow(self, security: Security, now_ns: int) -> None:
        """See to a security that is held or ordered when its venue's next trade date begins."""
        venue = self._books.market.universe.get(security).venue
        if venue not in self._followed:
            self._followed.add(venue)
            self._plan(venue, now_ns)

    def catch_up(self, now_ns: int) -> None:
        """Book what trade dates brought that began unseen, or that are known only now."""
        for instrument in self._used():
            self._begin(instrument, now_ns)
            self.follow(instrument.security, now_ns)

    def _plan(self, venue: Venue, now_ns: int) -> None:
        timeline, calendar = self._books.market.timeline, self._books.calendars(venue)
        market_ns = timeline.market_ns(venue, now_ns)
        day = calendar.trading_date(market_ns)
        while calendar.trading_date(market_ns) == day:
            market_ns = calendar.next_state_change_ns(market_ns)
        at_ns = max(now_ns + 1, timeline.gateway_ns(venue, market_ns))
        self._books.hooks.plan(at_ns, lambda at_ns: self._turn(venue, at_ns))

    def _turn(self, venue: Venue, now_ns: int) -> None:
        self._followed.discard(venue)
        used = [instrument for instrument in self._used() if instrument.venue is venue]
        for instrument in used:
            self._begin(instrument, now_ns)
        for instrument in self._used():
            if instrument.venue is venue:
                self._seen_to(instrument.security, now_ns)

    def _used(self) -> list[Instrument]:
        """What is held or ordered by anybody, in the order of accounts and first purchases."""
        found = {
            security: None
            for account in self._books.accounts.values()
            for security in account.held_securities
            if account.quantity(security)
        }
        found.update(
            dict.fromkeys(s for t in self._books.tickets.values() for s in t.order.securities)
        )
        return [self._books.market.universe.get(security) for security in found]

    def _begin(self, instrument: Instrument, now_ns: int) -> None:
        """Cancel orders in what was split or joined since they came: they mean other shares [I]."""
        today = self._books.price_desk.today(instrument, now_ns)
        for ticket in self._books.tickets_in(instrument.security):
            placed = self._books.calendars(instrument.venue).trading_date(ticket.order.created_ns)
            if self._books.split_between(instrument, placed, today) != 1:
                self._executions.end(ticket, now_ns)
        for account in self._books.accounts.values():
            self._valuation.roll(account, instrument, now_ns)
