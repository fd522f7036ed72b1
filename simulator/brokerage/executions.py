"""Lets orders meet the market, books what they trade, and ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from simulator.accounts.bookings import Execution
from simulator.brokerage.books import Books
from simulator.brokerage.valuation import Valuation
from simulator.domain import Fill, Order, OrderType, Security, Side, TradeDirection
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
            self._print(security, match, now_ns)
            for order_id in (match.buy_order_id, match.sell_order_id):
                if order_id is not None:
                    ticket = self._books.tickets[order_id]
                    self.fill(ticket, match.quantity, key_price(match.key), now_ns)

    def fill(self, ticket: Ticket, quantity: int, price: Decimal, now_ns: int) -> None:
        """Execute a part of an order: shares, money, fees, events."""
        day = self._books.price_desk.today(ticket.instrument, now_ns)
        order = ticket.live.fill(quantity, price, self._market_ns(ticket, now_ns))
        charged = ticket.tally.total
        ticket.tally = self._valuation.after_fill(ticket, quantity, price, day)
        fee = ticket.tally.total - charged
        fill = self._booked(ticket, (order.security, order.side), (quantity, price, fee), now_ns)
        if ticket.live.is_open:
            held = ticket.account.reserved(order.order_id)
            cost = self._valuation.cost(ticket, order.quantity, ticket.reserve_price, now_ns)
            opens = held is not None and held.opens
            ticket.account.reserve(order.order_id, ticket.account.reservation(cost, opens=opens))
        self._tell(ticket, (fill,), now_ns)

    def fill_combo(
        self,
        ticket: Ticket,
        matches: Sequence[Sequence[Match]],
        units: int,
        net: Decimal,
        now_ns: int,
    ) -> None:
        """Execute units of a combo order, and whoever stood on the other side of its legs.

        Args:
            ticket: the order.
            matches: what each leg traded, in the order of the legs.
            units: how many.
            net: the average net price of a unit.
            now_ns: gateway time.
        """
        own = ticket.order.order_id
        for leg, traded in zip(ticket.order.legs, matches, strict=True):
            for match in traded:
                self._print(leg.security, match, now_ns)
                for order_id in (match.buy_order_id, match.sell_order_id):
                    if order_id is not None and order_id != own:
                        other = self._books.tickets[order_id]
                        self.fill(other, match.quantity, key_price(match.key), now_ns)
        parts = [[(match.quantity, key_price(match.key)) for match in traded] for traded in matches]
        self.fill_legs(ticket, parts, units, net, now_ns)

    def fill_legs(
        self,
        ticket: Ticket,
        parts: Sequence[Sequence[tuple[int, Decimal]]],
        units: int,
        net: Decimal,
        now_ns: int,
    ) -> None:
        """Book what each leg of a combo order traded, as quantity and price; then tell of it."""
        order = ticket.live.fill(units, net, self._market_ns(ticket, now_ns))
        fills: list[Fill] = []
        tallies = list(ticket.leg_tallies)
        for number, (leg, traded) in enumerate(zip(order.legs, parts, strict=True)):
            for quantity, price in traded:
                charged = tallies[number].total
                tallies[number] = self._valuation.after_leg_fill(
                    ticket, number, tallies[number], (quantity, price), now_ns
                )
                fee = tallies[number].total - charged
                figures = quantity, price, fee
                fills.append(self._booked(ticket, (leg.security, leg.side), figures, now_ns))
        ticket.leg_tallies = tuple(tallies)
        if ticket.live.is_open:
            reservation = self._valuation.combo_reservation(ticket, now_ns)
            ticket.account.reserve(order.order_id, reservation)
        self._tell(ticket, fills, now_ns)

    def _print(self, security: Security, match: Match, now_ns: int) -> None:
        if match.taker is not None:
            price, direction = float(key_price(match.key)), TradeDirection(match.taker)
            trade = self._books.market.record_trade(
                security, now_ns, price, match.quantity, direction
            )
            self._books.hooks.printed(security, trade, now_ns)

    def _market_ns(self, ticket: Ticket, now_ns: int) -> int:
        return self._books.price_desk.market_ns(ticket.instrument, now_ns)

    def _booked(
        self,
        ticket: Ticket,
        what: tuple[Security, Side],
        figures: tuple[int, Decimal, Decimal],
        now_ns: int,
    ) -> Fill:
        """Bring an execution into the account: security and side; quantity, price and fee."""
        order, (security, side) = ticket.order, what
        execution = Execution(
            order.order_id, security, side, *figures, self._market_ns(ticket, now_ns)
        )
        day = self._books.price_desk.today(ticket.instrument, now_ns)
        instrument = self._books.market.universe.get(security)
        self._valuation.roll(ticket.account, instrument, now_ns)
        ticket.account.execute(execution, day)
        return self._new_fill(order, execution, day)

    def _tell(self, ticket: Ticket, fills: Sequence[Fill], now_ns: int) -> None:
        if ticket.live.is_open:
            self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
        else:
            self.finish(ticket, now_ns)
        for fill in fills:
            self._books.hooks.emit(FillMade(fill, now_ns))
        self._watch_margin(ticket.order.account_id, now_ns)

    def _new_fill(self, order: Order, execution: Execution, day: date) -> Fill:
        counter = self._books.fill_count
        self._books.fill_count += 1
        fill = Fill(
            fill_id=self._books.ids.fill_id(counter),
            fill_id_ex=self._books.ids.fill_id_ex(counter, day),
            order_id=order.order_id,
            order_id_ex=order.order_id_ex,
            account_id=order.account_id,
            security=execution.security,
            side=execution.side,
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
