"""Watches prices for the orders that sleep, and wakes them."""

from __future__ import annotations

from decimal import Decimal

from simulator.brokerage.books import Books
from simulator.brokerage.entrance import Entrance
from simulator.brokerage.executions import Executions
from simulator.brokerage.reasons import UNAFFORDABLE
from simulator.brokerage.valuation import Valuation, released
from simulator.domain import OrderType
from simulator.errors import OrderRejected
from simulator.events import OrderChanged
from simulator.tickets import Ticket
from simulator.venue import triggers


class ConditionalOrders:
    """Orders that wait for a price.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        executions: where orders meet the market and end.
        entrance: where accepted orders go.
    """

    def __init__(
        self, books: Books, valuation: Valuation, executions: Executions, entrance: Entrance
    ) -> None:
        self._books = books
        self._valuation = valuation
        self._executions = executions
        self._entrance = entrance

    def look_up(self, ticket: Ticket, last: Decimal, now_ns: int) -> None:
        """Rouse a sleeping order if a price says so."""
        order = ticket.order
        if order.trail is not None:
            ticket.watermark = triggers.followed(order.side, ticket.watermark, last)
            stop = triggers.stop_price(order.side, order.trail, ticket.watermark)
            if triggers.is_touched(OrderType.STOP, order.side, stop, last):
                self._rouse(ticket, stop, now_ns)
        elif order.aux_price is not None and triggers.is_touched(
            order.order_type, order.side, order.aux_price, last
        ):
            self._rouse(ticket, order.aux_price, now_ns)

    def _rouse(self, ticket: Ticket, stop: Decimal, now_ns: int) -> None:
        """Send an order that was asleep to the venue, at the prices of this moment."""
        order, instrument = ticket.order, ticket.instrument
        limit = order.price
        if order.order_type is OrderType.TRAILING_STOP_LIMIT and order.trail is not None:
            tick = self._books.price_desk.tick(instrument, stop, now_ns)
            limit = triggers.trailing_limit(order.side, order.trail, stop, tick)
        if limit is not None:
            worst = reserve = limit
        else:
            worst, reserve = self._books.price_desk.market_prices(
                instrument, ticket.rules, order.side, now_ns
            )
        try:
            with released(ticket.account, order.order_id):
                reservation = self._valuation.judge(ticket, order.quantity, reserve, now_ns)
        except OrderRejected:
            self._executions.refuse(ticket, UNAFFORDABLE, now_ns)
            return
        ticket.worst_price, ticket.reserve_price = worst, reserve
        ticket.account.reserve(order.order_id, reservation)
        market_ns = self._books.price_desk.market_ns(instrument, now_ns)
        ticket.live.accept(market_ns, order.order_type, limit)
        self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
        self._entrance.queue_up(ticket, now_ns)
