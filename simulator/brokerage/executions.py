"""Lets orders meet the market, books what they trade, and ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from simulator.accounts.account import Execution
from simulator.brokerage.books import Books
from simulator.brokerage.valuation import Valuation
from simulator.domain import Fill, Order, OrderType, Security, TradeDirection
from simulator.events import FillMade, OrderChanged
from simulator.tickets import Ticket
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import Match
from simulator.venue.order_book import key_price


class Executions:
    """The one place where orders trade and where they leave the books.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        watch_margin: told of the account and the gateway instant of each fill.
    """

    def __init__(
        self, books: Books, valuation: Valuation, watch_margin: Callable[[int, int], None]
    ) -> None:
        self._books = books
        self._valuation = valuation
        self._watch_margin = watch_margin

    def meet(self, ticket: Ticket, displayed: DisplayedBook, now_ns: int) -> None:
        """Let what is out of an order meet the other side."""
        matcher = self._books.matcher(ticket.order.security)
        venue_order = ticket.venue_order()
        if (
            ticket.order.order_type is OrderType.SPECIAL_LIMIT_ALL
            and matcher.fillable(venue_order, displayed, now_ns) < venue_order.quantity
        ):
            return
        matches = matcher.arrive(venue_order, displayed, now_ns)
        self.book(ticket.order.security, matches, now_ns)

    def book(self, security: Security, matches: Sequence[Match], now_ns: int) -> None:
        """Print what users took from the market, and fill the orders that took part."""
        for match in matches:
            price = key_price(match.key)
            if match.taker is not None:
                direction = TradeDirection(match.taker)
                trade = self._books.market.record_trade(
                    security, now_ns, float(price), match.quantity, direction
                )
                self._books.hooks.printed(security, trade, now_ns)
            for order_id in (match.buy_order_id, match.sell_order_id):
                if order_id is not None:
                    self.fill(self._books.tickets[order_id], match.quantity, price, now_ns)

    def fill(self, ticket: Ticket, quantity: int, price: Decimal, now_ns: int) -> None:
        """Execute a part of an order: shares, money, fees, events."""
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        day = self._books.price_desk.today(ticket.instrument, now_ns)
        order = ticket.live.fill(quantity, price, market_ns)
        account = ticket.account
        charged = ticket.tally.total
        ticket.tally = self._valuation.after_fill(ticket, quantity, price, day)
        execution = Execution(
            order.order_id,
            order.security,
            order.side,
            quantity,
            price,
            ticket.tally.total - charged,
            market_ns,
        )
        self._valuation.roll(account, ticket.instrument, now_ns)
        account.execute(execution, day)
        fill = self._new_fill(order, execution, day)
        if ticket.live.is_open:
            held = account.reserved(order.order_id)
            cost = self._valuation.cost(ticket, order.quantity, ticket.reserve_price, now_ns)
            opens = held is not None and held.opens
            account.reserve(order.order_id, account.reservation(cost, opens=opens))
            self._books.hooks.emit(OrderChanged(order, now_ns))
        else:
            self.finish(ticket, now_ns)
        self._books.hooks.emit(FillMade(fill, now_ns))
        self._watch_margin(order.account_id, now_ns)

    def _new_fill(self, order: Order, execution: Execution, day: date) -> Fill:
        counter = self._books.fill_count
        self._books.fill_count += 1
        fill = Fill(
            fill_id=self._books.ids.fill_id(counter),
            fill_id_ex=self._books.ids.fill_id_ex(counter, day),
            order_id=order.order_id,
            order_id_ex=order.order_id_ex,
            account_id=order.account_id,
            security=order.security,
            side=order.side,
            quantity=execution.quantity,
            price=execution.price,
            created_ns=execution.time_ns,
            trading_market=order.trading_market,
        )
        self._books.fills[order.account_id].append(fill)
        return fill

    def finish(self, ticket: Ticket, now_ns: int) -> None:
        """Take an order that just ended out of the books and the market."""
        order = ticket.order
        ticket.account.release(order.order_id)
        self._books.drop(ticket)
        self._books.hooks.emit(OrderChanged(order, now_ns))

    def refuse(self, ticket: Ticket, reason: str, now_ns: int) -> None:
        """Fail an order; the reason becomes its `last_error`."""
        ticket.live.refuse(self._books.price_desk.market_ns(ticket.instrument, now_ns), reason)
        self.finish(ticket, now_ns)

    def end(self, ticket: Ticket, now_ns: int) -> None:
        """Cancel what is left, as the order's type or its time in force says."""
        ticket.live.expire(self._books.price_desk.market_ns(ticket.instrument, now_ns))
        self.finish(ticket, now_ns)
