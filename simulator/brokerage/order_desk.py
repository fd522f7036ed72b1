"""Takes what users want of their orders: place, change, cancel, disable, enable, delete."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from simulator.accounts.account import Account
from simulator.accounts.fees import NO_FEES
from simulator.accounts.reservations import Reservation
from simulator.brokerage.books import Books, require
from simulator.brokerage.conditional import ConditionalOrders
from simulator.brokerage.day_trading import DayTrading, is_guarded
from simulator.brokerage.entrance import Entrance
from simulator.brokerage.executions import Executions
from simulator.brokerage.valuation import Valuation, released
from simulator.domain import (
    Instrument,
    Order,
    OrderOperation,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TradingMarket,
    Trigger,
)
from simulator.errors import (
    InvalidQuantity,
    MarketOrderMayOnlyClose,
    OperationNotSupported,
    OrderNotModifiable,
)
from simulator.events import OrderChanged
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue.frozen import is_frozen_in_hong_kong
from simulator.venue.orders import DELETABLE, LiveOrder
from simulator.venue.rules import OrderRules


class OrderDesk:
    """Users' words to their orders.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        executions: where orders meet the market and end.
        entrance: where accepted orders go.
        conditional: wakes orders.
        day_trading: stops what harms a day trader.
    """

    def __init__(
        self,
        books: Books,
        valuation: Valuation,
        executions: Executions,
        entrance: Entrance,
        conditional: ConditionalOrders,
        day_trading: DayTrading,
    ) -> None:
        self._books = books
        self._valuation = valuation
        self._executions = executions
        self._entrance = entrance
        self._conditional = conditional
        self._day_trading = day_trading
        self._combos = entrance.combos

    def submit(self, request: OrderRequest, now_ns: int, *, is_forced: bool = False) -> Order:
        """Judge an order and send it on its way; see `Engine.submit`.

        Args:
            request: the order.
            now_ns: gateway time.
            is_forced: whether the broker itself sends it, which no guard stops.
        """
        ticket = self.draft(request, now_ns)
        order, account = ticket.order, ticket.account
        judge = self._valuation.judge if is_forced else self._judge
        reservation = judge(ticket, order.quantity, ticket.reserve_price, now_ns)
        only_closes = ticket.rules.market_only_closes and request.order_type is OrderType.MARKET
        if only_closes and reservation.opens:
            raise MarketOrderMayOnlyClose(request.security)
        if reservation.opens and order.side is Side.SELL and not order.legs:
            placement = self._books.price_desk.placement
            placement.check_short(order, ticket.instrument, ticket.rules, now_ns)
        self._books.order_count += 1
        if not ticket.sleeps:  # [V] nothing is held back before it wakes
            account.reserve(order.order_id, reservation)
        self._books.orders[account.spec.account_id][order.order_id] = ticket.live
        self._books.add(ticket)
        self._books.hooks.emit(OrderChanged(order, now_ns))
        return order

    def draft(self, request: OrderRequest, now_ns: int) -> Ticket:
        """Judge everything of an order but whether it can be paid and covered; nothing changes.

        Raises:
            UnknownAccount, UnknownSecurity, OrderRejected: as `submit`.
        """
        account = self._books.account(request.account_id)
        instrument = self._books.market.universe.get(request.security)
        rules = self._books.rules(account, instrument)
        if request.legs:
            self._combos.check(account, request)
        venue_rules.check_form(request, rules)
        self._valuation.roll(account, instrument, now_ns)
        odd_rest = _odd_rest(account, instrument, request.side)
        quantity = venue_rules.check_quantity(request.quantity, instrument, rules, odd_rest)
        self._combos.check_size(account, request.legs, quantity)
        today = self._books.price_desk.today(instrument, now_ns)
        venue_rules.last_day(request.time_in_force, request.expires, today)
        worst, reserve = self._prices(request, instrument, rules, now_ns)
        order = self._new_order(request, instrument, quantity, now_ns)
        ticket = Ticket(LiveOrder(order), account, instrument, rules, worst, reserve)
        ticket.leg_tallies = (NO_FEES,) * len(order.legs)
        return ticket

    def modify(
        self,
        account_id: int,
        order_id: int,
        quantity: Decimal,
        price: Decimal | None,
        now_ns: int,
        trigger: Trigger | None = None,
    ) -> Order:
        """Change an open order that names a price; see `Engine.modify`."""
        ticket = self._books.open_ticket(account_id, order_id, OrderOperation.CHANGE)
        order, account, rules = ticket.order, ticket.account, ticket.rules
        self._require_unfrozen(ticket, OrderOperation.CHANGE, now_ns)
        if not (ticket.has_limit or ticket.sleeps) or ticket.is_sliced:
            raise OrderNotModifiable(order_id)
        self._valuation.roll(account, ticket.instrument, now_ns)
        with released(account, order_id):
            odd_rest = _odd_rest(account, ticket.instrument, order.side)
            total = venue_rules.check_quantity(quantity, ticket.instrument, rules, odd_rest)
            if total <= order.filled_quantity:
                raise InvalidQuantity(quantity)
            wanted = _with_trigger(as_request(order, quantity, price), order, trigger)
            worst, reserve = self._changed_prices(ticket, wanted, now_ns)
            reservation = self._judge(ticket, total, reserve, now_ns)
        if ticket.binds:
            account.reserve(order_id, reservation)
        changed = replace(
            order,
            quantity=total,
            price=wanted.price if venue_rules.is_limit(order.order_type) else order.price,
            aux_price=wanted.aux_price,
            trail=wanted.trail,
        )
        self._change(ticket, changed, (worst, reserve), now_ns)
        return ticket.order

    def cancel(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Take an open order back; see `Engine.cancel`."""
        ticket = self._books.open_ticket(account_id, order_id, OrderOperation.CANCEL)
        self._require_unfrozen(ticket, OrderOperation.CANCEL, now_ns)
        order = ticket.live.cancel(self._books.price_desk.market_ns(ticket.instrument, now_ns))
        self._executions.finish(ticket, now_ns)
        return order

    def cancel_all(self, account_id: int, market: TradingMarket | None, now_ns: int) -> None:
        """Take back all open orders of an account; see `Engine.cancel_all`."""
        spec = self._books.account(account_id).spec
        if spec.is_strict_paper or market is TradingMarket.HKCC:
            raise OperationNotSupported(OrderOperation.CANCEL, spec.is_strict_paper)
        for ticket in tuple(self._books.tickets.values()):
            order = ticket.order
            is_meant = market is None or order.trading_market is market
            if order.account_id == account_id and is_meant and ticket.rules.cancels_all:
                with suppress(OrderNotModifiable):
                    self.cancel(account_id, order.order_id, now_ns)

    def disable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Take an open order without a fill out of the market; see `Engine.disable`."""
        ticket = self._books.open_ticket(account_id, order_id, OrderOperation.DISABLE)
        if ticket.phase is Phase.DISABLED or ticket.order.filled_quantity:
            raise OrderNotModifiable(order_id)
        ticket.live.disable(self._books.price_desk.market_ns(ticket.instrument, now_ns))
        self._books.matcher(ticket.order.security).remove(order_id)
        ticket.phase = Phase.DISABLED
        ticket.account.release(order_id)
        self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
        return ticket.order

    def enable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Send a disabled order again; see `Engine.enable`."""
        ticket = self._books.open_ticket(account_id, order_id, OrderOperation.ENABLE)
        if ticket.phase is not Phase.DISABLED:
            raise OrderNotModifiable(order_id)
        reservation = self._judge(ticket, ticket.order.quantity, ticket.reserve_price, now_ns)
        if not ticket.sleeps:
            ticket.account.reserve(order_id, reservation)
        ticket.live.enable(self._books.price_desk.market_ns(ticket.instrument, now_ns))
        ticket.phase = Phase.TRAVELLING
        self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
        return ticket.order

    def delete(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Remove an order that ended or was disabled without a fill; see `Engine.delete`."""
        live = self._books.live(account_id, order_id)
        instrument = self._books.market.universe.get(live.order.security)
        rules = self._books.rules(self._books.account(account_id), instrument)
        require(rules, OrderOperation.DELETE)
        if live.order.status not in DELETABLE or live.order.filled_quantity:
            raise OrderNotModifiable(order_id)
        live.delete(self._books.price_desk.market_ns(instrument, now_ns))
        ticket = self._books.tickets.get(order_id)
        if ticket is not None:
            self._executions.finish(ticket, now_ns)
        else:
            self._books.hooks.emit(OrderChanged(live.order, now_ns))
        return live.order

    def _judge(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> Reservation:
        reservation = self._valuation.judge(ticket, total, price, now_ns)
        if is_guarded(ticket.account.spec):
            value = self._valuation.value(ticket, total, price, now_ns)
            self._day_trading.check(ticket, value, now_ns, opens=reservation.opens)
        return reservation

    def _require_unfrozen(self, ticket: Ticket, operation: OrderOperation, now_ns: int) -> None:
        """Let nobody touch what the exchange has while it takes no changes.

        Raises:
            OrderNotModifiable: the exchange of Hong Kong has it.
        """
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        is_there = ticket.phase in (Phase.WAITING, Phase.AT_VENUE)
        counts = is_there and ticket.rules.spreads is not None
        if counts and is_frozen_in_hong_kong(operation, market_ns):
            raise OrderNotModifiable(ticket.order.order_id)

    def _new_order(
        self, request: OrderRequest, instrument: Instrument, quantity: int, now_ns: int
    ) -> Order:
        account = self._books.account(request.account_id)
        market_ns = self._books.price_desk.market_ns(instrument, now_ns)
        counter = self._books.order_count
        is_limit = venue_rules.is_limit(request.order_type)
        return Order(
            order_id=self._books.ids.order_id(counter),
            order_id_ex=self._books.ids.order_id_ex(
                counter, self._books.price_desk.today(instrument, now_ns)
            ),
            account_id=request.account_id,
            security=request.security,
            side=request.side,
            order_type=request.order_type,
            status=OrderStatus.SUBMITTING,
            quantity=quantity,
            price=request.price if is_limit else None,
            filled_quantity=0,
            filled_average_price=Decimal(0),
            created_ns=market_ns,
            updated_ns=market_ns,
            time_in_force=request.time_in_force,
            remark=request.remark,
            last_error="",
            fill_outside_rth=request.fill_outside_rth,
            currency=instrument.currency,
            trading_market=account.terms(request.security).market,
            aux_price=request.aux_price,
            trail=request.trail,
            session=request.session,
            expires=request.expires,
            legs=request.legs,
        )

    def _prices(
        self, request: OrderRequest, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        desk = self._combos if request.legs else self._books.price_desk
        return desk.prices(request, instrument, rules, now_ns)

    def _changed_prices(
        self, ticket: Ticket, wanted: OrderRequest, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """What the changed order is reckoned at; one that woke is a plain limit order by now."""
        if ticket.sleeps and ticket.phase in (Phase.WAITING, Phase.AT_VENUE):
            price = wanted.price
            limit = self._books.price_desk.check_limit(
                price, ticket.instrument, ticket.rules, now_ns
            )
            return limit, limit
        return self._prices(wanted, ticket.instrument, ticket.rules, now_ns)

    def _change(
        self, ticket: Ticket, wanted: Order, prices: tuple[Decimal, Decimal], now_ns: int
    ) -> None:
        order = ticket.order
        if wanted == order:
            return
        keeps_place = wanted.price == order.price and wanted.quantity < order.quantity
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        trigger = Trigger(wanted.aux_price, wanted.trail)
        ticket.live.change(wanted.quantity, wanted.price, market_ns, trigger)
        ticket.worst_price, ticket.reserve_price = prices
        self._books.hooks.emit(OrderChanged(ticket.order, now_ns))
        if ticket.phase is Phase.ASLEEP and self._books.may_trade(ticket, now_ns):
            self._conditional.look_up(
                ticket, self._books.price_desk.last(ticket.instrument, now_ns), now_ns
            )
        elif ticket.phase is Phase.AT_VENUE and keeps_place:
            self._books.matcher(order.security).reduce(order.order_id, ticket.live.left)
        elif ticket.phase is Phase.AT_VENUE:
            self._books.matcher(order.security).remove(order.order_id)
            self._entrance.queue_up(ticket, now_ns)
        elif order.legs and ticket.phase is Phase.WAITING:
            self._entrance.queue_up(ticket, now_ns)


def as_request(order: Order, quantity: Decimal, price: Decimal | None) -> OrderRequest:
    """The request that would place an order with another quantity and price."""
    return OrderRequest(
        account_id=order.account_id,
        security=order.security,
        side=order.side,
        order_type=order.order_type,
        quantity=quantity,
        price=price,
        time_in_force=order.time_in_force,
        session=order.session,
        expires=order.expires,
        legs=order.legs,
    )


def _with_trigger(request: OrderRequest, order: Order, trigger: Trigger | None) -> OrderRequest:
    """The request with what is to wake it: the new trigger, as far as it says anything."""
    aux_price = trigger.aux_price if trigger else None
    trail = trigger.trail if trigger else None
    return replace(request, aux_price=aux_price or order.aux_price, trail=trail or order.trail)


def _odd_rest(account: Account, instrument: Instrument, side: Side) -> int:
    if side is not Side.SELL:
        return 0
    return venue_rules.odd_rest(instrument, max(0, account.quantity(instrument.security)))
