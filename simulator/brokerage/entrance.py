"""Brings accepted orders into the market, or has them wait until it opens."""

from __future__ import annotations

from typing import Final

from simulator.brokerage.books import Books
from simulator.brokerage.calls import Calls
from simulator.brokerage.combos import Combos
from simulator.brokerage.executions import Executions
from simulator.brokerage.reasons import CROSSED
from simulator.brokerage.slicing import Slicer
from simulator.domain import OrderType, TimeInForce
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.order_book import opposite, price_key, rank


class Entrance:
    """The way from accepted to the venue.

    Args:
        books: what all parts share.
        executions: where orders meet the market and end.
        slicer: works sliced orders off.
        combos: fills orders with legs.
    """

    def __init__(
        self, books: Books, executions: Executions, slicer: Slicer, combos: Combos
    ) -> None:
        self._books = books
        self._executions = executions
        self._slicer = slicer
        self.calls: Final = Calls(books, executions)
        """For whoever holds auctions."""
        self.combos: Final = combos
        """For whoever judges orders."""

    def queue_up(self, ticket: Ticket, now_ns: int) -> None:
        """Enter the market now, or wait for the session."""
        ticket.phase = Phase.WAITING
        if self._books.may_trade(ticket, now_ns):
            self.enter(ticket, now_ns)
        elif ticket.order.time_in_force is TimeInForce.IOC:
            self._executions.end(ticket, now_ns)

    def enter(self, ticket: Ticket, now_ns: int) -> None:
        """Meet the market now; what may not rest there ends."""
        order, security = ticket.order, ticket.order.security
        if order.order_type in venue_rules.AUCTION_TYPES:
            if not self.calls.is_over_for(ticket, now_ns):
                return
            if order.order_type is OrderType.AUCTION:
                self._executions.end(ticket, now_ns)
                return
        if order.legs:  # never rests in a book: it looks again whenever a leg's market moves
            self.combos.meet(ticket, now_ns)
            if ticket.live.is_open and not ticket.rests:
                self._executions.end(ticket, now_ns)
            return
        ticket.phase = Phase.AT_VENUE
        self._books.queue(ticket)
        if ticket.is_sliced:
            self._slicer.start(ticket, now_ns)
            return
        displayed = self._books.displayed(security, now_ns)
        if _is_crossed(ticket, displayed):
            self._executions.refuse(ticket, CROSSED, now_ns)
            return
        self._executions.meet(ticket, displayed, now_ns)
        if ticket.live.is_open and not ticket.rests:
            self._executions.end(ticket, now_ns)


def _is_crossed(ticket: Ticket, displayed: DisplayedBook) -> bool:
    """Whether an absolute limit order finds a better price than its own. Source: [P] OrderType."""
    order = ticket.order
    if order.order_type is not OrderType.ABSOLUTE_LIMIT or ticket.rules.is_paper:
        return False
    other = opposite(order.side)
    best = next(iter(displayed.side(other)), None)
    return best is not None and rank(other, best) < rank(other, price_key(ticket.worst_price))
