"""Call auctions: which users' orders take part, what they are filled, and what becomes of the rest.

Theory of operation. The market's own interest trades at the price that its print shows, whatever
users do; so users meet it at that price, at-auction orders first, then limits by price and time, and
together they trade no more than the print did. `venue.auction` finds the same price for such a call.

What is left of an at-auction order is cancelled; what is left of a limit goes on to continuous
trading, and limits of continuous trading to the closing auction. Source: [V] HKEX.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from simulator.brokerage.books import Books
from simulator.brokerage.executions import Executions
from simulator.domain import MarketState, OrderType, Security, Side, Trade
from simulator.market_view import exact
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue.auction import AuctionOrder, auction_fills, auction_price

_CLOSING_STATES = frozenset({MarketState.HK_CAS, MarketState.CLOSED})


class Calls:
    """Users' orders in call auctions.

    Args:
        books: what all parts share.
        executions: where orders trade and end.
    """

    def __init__(self, books: Books, executions: Executions) -> None:
        self._books = books
        self._executions = executions

    def hold(self, security: Security, auction: Trade, now_ns: int) -> None:
        """Fill users' orders at an auction's print."""
        price = exact(auction.price)
        tickets = [t for t in self._books.tickets_in(security) if self._takes_part(t, now_ns)]
        orders = _with_users(auction.volume, price, tickets)
        filled = auction_fills(orders, auction_price(orders, price) or price)
        for ticket, quantity in zip(tickets, filled[2:], strict=True):
            if quantity:
                self._executions.fill(ticket, quantity, price, now_ns)
            if ticket.live.is_open and ticket.order.order_type is OrderType.AUCTION:
                self._executions.end(ticket, now_ns)
            elif ticket.live.is_open and ticket.phase is Phase.AT_VENUE:
                self._books.matcher(security).reduce(ticket.order.order_id, ticket.live.left)

    def is_over_for(self, ticket: Ticket, now_ns: int) -> bool:
        """Whether an auction order was there for an opening that is over: it goes on as a limit."""
        calendar = self._books.calendars(ticket.instrument.venue)
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        sessions = calendar.sessions(calendar.trading_date(market_ns))
        return bool(sessions) and ticket.order.created_ns < sessions[0].start_ns <= market_ns

    def _takes_part(self, ticket: Ticket, now_ns: int) -> bool:
        order_type = ticket.order.order_type
        is_there = ticket.phase in (Phase.WAITING, Phase.AT_VENUE) and ticket.live.is_open
        if not is_there or ticket.is_held:
            return False
        if order_type in venue_rules.AUCTION_TYPES:
            return True
        state = self._books.market.state(ticket.instrument.venue, now_ns)
        joins = order_type is OrderType.NORMAL and ticket.rules.joins_auctions
        return joins and state in _CLOSING_STATES


def _with_users(volume: int, price: Decimal, tickets: Sequence[Ticket]) -> list[AuctionOrder]:
    """The call: what the market brings to each side, then users' orders.

    Users bring no more than what was printed, and the market a little more: so the price is its own.
    """
    call = [AuctionOrder(side, volume + 1, price) for side in (Side.BUY, Side.SELL)]
    left = {Side.BUY: volume, Side.SELL: volume}
    for ticket in tickets:
        order = ticket.order
        quantity = min(ticket.live.left, left[order.side])
        left[order.side] -= quantity
        limit = None if order.order_type is OrderType.AUCTION else order.price
        call.append(AuctionOrder(order.side, quantity, limit, order.order_id))
    return call
