"""Works TWAP and VWAP orders off, slice by slice, until their session ends."""

from __future__ import annotations

from datetime import date

from simulator.brokerage.books import Books
from simulator.brokerage.executions import Executions
from simulator.domain import Side
from simulator.market_view import SessionCalendar
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue import slices


class Slicer:
    """Sends sliced orders to the venue part by part.

    Args:
        books: what all parts share.
        executions: where orders meet the market and end.
    """

    def __init__(self, books: Books, executions: Executions) -> None:
        self._books = books
        self._executions = executions

    def start(self, ticket: Ticket, now_ns: int) -> None:
        """Release the first slice; the order's time runs from the first call on."""
        calendar = self._books.calendars(ticket.instrument.venue)
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        if not ticket.slices_from_ns:
            day = calendar.trading_date(market_ns)
            end_ns = day_end_ns(calendar, day, extended=False)
            ticket.slices_from_ns = market_ns
            ticket.slices_until_ns = max(market_ns + 1, end_ns - slices.SLICE_NS)
        self._release(ticket, now_ns)

    def _release(self, ticket: Ticket, now_ns: int) -> None:
        """Send a further part of an order to the venue, and plan the next one."""
        order = ticket.order
        if not ticket.live.is_open or ticket.phase is not Phase.AT_VENUE:
            return
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        span = ticket.slices_until_ns - ticket.slices_from_ns
        progress = (market_ns - ticket.slices_from_ns) / span
        lot = venue_rules.lot_size(ticket.instrument, ticket.rules)
        out = slices.released(order.order_type, order.quantity, lot, progress)
        if out > ticket.released and self._books.may_trade(ticket, now_ns):
            ticket.released = out
            self._books.matcher(order.security).remove(order.order_id)
            self._reprice(ticket, now_ns)
            self._executions.meet(ticket, self._books.displayed(order.security, now_ns), now_ns)
        if order.order_id in self._books.tickets and ticket.released < order.quantity:
            self._books.hooks.plan(
                now_ns + slices.SLICE_NS, lambda at_ns: self._release(ticket, at_ns)
            )

    def _reprice(self, ticket: Ticket, now_ns: int) -> None:
        """Let a part without limit go as far as a market order of now, but not beyond its reserve."""
        if ticket.has_limit:
            return
        side = ticket.order.side
        worst, _ = self._books.price_desk.market_prices(
            ticket.instrument, ticket.rules, side, now_ns
        )
        ticket.worst_price = min(worst, ticket.reserve_price) if side is Side.BUY else worst


def day_end_ns(calendar: SessionCalendar, day: date, *, extended: bool) -> int:
    """When a trade date's last session ends, market clock; 0 if it has none."""
    sessions = calendar.sessions(day)
    if extended:
        sessions += calendar.extended_sessions(day)
    return max((session.end_ns for session in sessions), default=0)
