"""What time and market do to orders: they arrive, meet prints and auctions, and expire."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from simulator.brokerage.books import Books
from simulator.brokerage.conditional import ConditionalOrders
from simulator.brokerage.entrance import Entrance
from simulator.brokerage.executions import Executions
from simulator.brokerage.reasons import MARKET_CLOSED
from simulator.brokerage.slicing import day_end_ns
from simulator.domain import NS_PER_MINUTE, Order, OrderType, Security, Side, Trade
from simulator.events import OrderChanged
from simulator.market_view import exact
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue.order_book import price_key
from simulator.venue.rules import OrderRules

AUCTION_NS: Final = 15 * NS_PER_MINUTE
"""How long after the last session the closing auction is over. Source: [D] 16:00 to 16:10."""


class MarketFlow:
    """Everything that happens to orders without a user's word.

    Args:
        books: what all parts share.
        executions: where orders meet the market and end.
        entrance: where accepted orders go.
        conditional: wakes orders.
    """

    def __init__(
        self,
        books: Books,
        executions: Executions,
        entrance: Entrance,
        conditional: ConditionalOrders,
    ) -> None:
        self._books = books
        self._executions = executions
        self._entrance = entrance
        self._conditional = conditional
        self._calls = entrance.calls

    def arrive(self, order_id: int, now_ns: int) -> None:
        """A travelling order reaches the venue."""
        ticket = self._books.tickets.get(order_id)
        if ticket is None or ticket.phase is not Phase.TRAVELLING:
            return
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        if ticket.order.order_type is OrderType.MARKET and not self._books.is_open(ticket, now_ns):
            self._executions.refuse(ticket, MARKET_CLOSED, now_ns)
        elif ticket.sleeps:
            ticket.live.hold(market_ns)
            ticket.phase = Phase.ASLEEP
            self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
            if self._books.may_trade(ticket, now_ns):
                self._conditional.look_up(
                    ticket, self._books.price_desk.last(ticket.instrument, now_ns), now_ns
                )
        else:
            ticket.live.accept(market_ns, _shown_type(ticket))
            self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
            self._entrance.queue_up(ticket, now_ns)

    def expiry_ns(self, order: Order, now_ns: int) -> int:
        """The gateway instant at which an order that was created then dies.

        A day order dies at the end of the last session in which it may trade, of the first trade
        date that still has one; others at that end of their last trade date. Source: [I]
        """
        instrument = self._books.market.universe.get(order.security)
        calendar = self._books.calendars(instrument.venue)
        market_ns = self._books.price_desk.market_ns(instrument, now_ns)
        rules = self._books.rules(self._books.account(order.account_id), instrument)
        extended = order.fill_outside_rth and rules.extended_hours
        day = calendar.trading_date(market_ns)
        while (end_ns := day_end_ns(calendar, day, extended=extended)) <= market_ns:
            day = calendar.next_day(day)
        last = venue_rules.last_day(order.time_in_force, order.expires, day)
        while (following := calendar.next_day(day)) <= last:
            day = following
            end_ns = day_end_ns(calendar, day, extended=extended)
        timeline, venue = self._books.market.timeline, instrument.venue
        if _joins_closing(order, rules):
            over_ns = timeline.gateway_ns(venue, end_ns + AUCTION_NS)
            if timeline.market_ns(venue, over_ns) == end_ns + AUCTION_NS:
                return over_ns
        return timeline.gateway_ns(venue, end_ns)

    def expire(self, order_id: int, now_ns: int) -> None:
        """The order's time is over.

        An auction order that saw no auction, because the market's clock jumps over them, first
        trades at the last price. [I]
        """
        ticket = self._books.tickets.get(order_id)
        if ticket is None:
            return
        if ticket.order.order_type in venue_rules.AUCTION_TYPES and ticket.phase is Phase.WAITING:
            self._trade_at(ticket, self._books.price_desk.last(ticket.instrument, now_ns), now_ns)
        if ticket.live.is_open:
            self._executions.end(ticket, now_ns)

    def market_moved(
        self,
        security: Security,
        trades: Sequence[Trade],
        now_ns: int,
        auctions: Sequence[Trade] = (),
    ) -> None:
        """Let users' orders of one security meet new prints, then the new picture of the book.

        Args:
            security: whose market it is.
            trades: prints of continuous trading.
            now_ns: gateway time.
            auctions: prints of call auctions.
        """
        for auction in auctions:
            self._calls.hold(security, auction, now_ns)
        matcher = self._books.matcher(security)
        for trade in trades:
            matches = matcher.on_trade(price_key(trade.price), trade.volume, trade.direction)
            self._executions.book(security, matches, now_ns)
        tickets = self._books.tickets_in(security)
        if not any(self._books.may_trade(ticket, now_ns) for ticket in tickets):
            return
        self._executions.book(
            security, matcher.on_book(self._books.displayed(security, now_ns), now_ns), now_ns
        )
        for ticket in tickets:
            phase = ticket.phase
            waits = phase is Phase.ASLEEP or phase is Phase.WAITING
            if waits and ticket.live.is_open and self._books.may_trade(ticket, now_ns):
                self._wake(ticket, trades, now_ns)

    def _wake(self, ticket: Ticket, trades: Sequence[Trade], now_ns: int) -> None:
        """Let an order that is not at the venue see what happened."""
        for trade in trades:
            if ticket.phase is Phase.ASLEEP:
                self._conditional.look_up(ticket, exact(trade.price), now_ns)
        if ticket.phase is Phase.WAITING:
            self._entrance.enter(ticket, now_ns)

    def _trade_at(self, ticket: Ticket, price: Decimal, now_ns: int) -> None:
        """Fill an order whole, if its limit allows the price."""
        order = ticket.order
        limit = order.price
        if limit is None or (price <= limit if order.side is Side.BUY else price >= limit):
            self._executions.fill(ticket, ticket.live.left, price, now_ns)


def _joins_closing(order: Order, rules: OrderRules) -> bool:
    """Whether what is left of an order at the close takes part in the closing auction."""
    is_limit = order.order_type is OrderType.NORMAL and rules.joins_auctions
    return is_limit or order.order_type in venue_rules.AUCTION_TYPES


def _shown_type(ticket: Ticket) -> OrderType:
    """What an accepted order is shown as: some venues call plain limit orders otherwise."""
    order_type = ticket.order.order_type
    return ticket.rules.shown_limit_type if order_type is OrderType.NORMAL else order_type
