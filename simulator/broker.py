"""Takes users' orders through account, venue and back: submit, arrive, fill, change, cancel, expire.

Theory of operation. A `Ticket` is an order that is not finished. It travels to the venue (status
SUBMITTING), is then accepted (SUBMITTED) and either meets the market at once or waits until a
session opens in which it may trade. Every step of the order's state table emits one OrderChanged,
every execution one FillMade after it. Money follows at once: each fill is booked, and what the
ticket holds back is computed anew from what is left of it.

Calls must come in the order of time; the engine sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Final

from simulator.accounts.account import (
    Account,
    BuyTerms,
    Execution,
    Marks,
    OrderCost,
    Reservation,
    funds_in,
)
from simulator.accounts.exchange_rates import exchange_rate
from simulator.accounts.fees import NO_FEES, FeeItems, FeeTally
from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.accounts.positions import Holding, Mark
from simulator.accounts.terms import ContractTerms, contract_terms
from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    AccountSpec,
    AccountType,
    Currency,
    Fill,
    Funds,
    Instrument,
    MaxQuantities,
    Order,
    OrderBook,
    OrderOperation,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Security,
    Side,
    TimeInForce,
    Trade,
    TradeDirection,
    TradingMarket,
    Trigger,
)
from simulator.errors import (
    InvalidPrice,
    InvalidQuantity,
    MarketOrderMayOnlyClose,
    OperationNotSupported,
    OrderNotModifiable,
    OrderRejected,
    UnknownAccount,
    UnknownOrder,
)
from simulator.events import Event, FillMade, OrderChanged
from simulator.ids import OrderIds
from simulator.journal import (
    AccountRecord,
    Change,
    CounterRecord,
    FillRecord,
    HoldingRecord,
    LedgerRecord,
    OrderRecord,
    Record,
    Removal,
    Restored,
    Resumption,
)
from simulator.market_view import Calendars, MarketView, SessionCalendar, exact
from simulator.packing import pack_fields, unpack_fields
from simulator.price_desk import PriceDesk
from simulator.tickets import Phase, Ticket
from simulator.venue import rules as venue_rules
from simulator.venue import slices, triggers
from simulator.venue.depth import merged_book
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import Match, SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.order_book import key_price, opposite, price_key, rank
from simulator.venue.orders import DELETABLE, LiveOrder
from simulator.venue.rules import OrderRules

MARKET_CLOSED: Final = "market_closed"
"""`last_error` of a market order that reached the venue after its session had ended. [I]"""


CROSSED: Final = "absolute_limit_crossed"
"""`last_error` of an absolute limit order that could have traded at a better price only. [D]"""

UNAFFORDABLE: Final = "insufficient_buying_power"
"""`last_error` of an order that woke when the account could not pay for it any more. [I]"""

AUCTION_NS: Final = 15 * NS_PER_MINUTE
"""How long after the last session the closing auction is over. Source: [D] 16:00 to 16:10."""

FORCED_REMARK: Final = "forced_liquidation"
"""`remark` of orders that the broker itself sends. [I]"""

MARGIN_CHECK_NS: Final = NS_PER_MINUTE
"""How often accounts that hold anything on margin are looked at. [I]"""

_CASH: Final = AccountType.CASH

_TICKET_REFERENCES: Final = frozenset({"live", "account", "instrument", "rules"})
"""Fields of a ticket that the journal does not keep: they are found again."""


@dataclass(frozen=True, slots=True)
class BrokerHooks:
    """How the broker reaches the engine that owns it."""

    emit: Callable[[Event], None]
    printed: Callable[[Security, Trade, int], None]
    """A user's aggressive fill was printed, at a gateway instant."""
    opened: Callable[[Security], None]
    closed: Callable[[Security], None]
    """An order in the security began or finished."""
    plan: Callable[[int, Callable[[int], None]], None]
    """Calls back at a gateway instant."""
    forced: Callable[[Order, int], None]
    """The broker itself has sent an order, at a gateway instant."""


class Broker:
    """All accounts and orders.

    Args:
        market: where prices come from.
        specs: the accounts.
        calendars: the venues' hours.
        ids: names orders and fills.
        hooks: the engine.
    """

    def __init__(
        self,
        market: MarketView,
        specs: Sequence[AccountSpec],
        calendars: Calendars,
        ids: OrderIds,
        hooks: BrokerHooks,
    ) -> None:
        self._market = market
        self._calendars = calendars
        self._ids = ids
        self._hooks = hooks
        self._price_desk = PriceDesk(market, calendars)
        self._accounts = {spec.account_id: self._open_account(spec) for spec in specs}
        self._matchers: dict[Security, SecurityMatcher] = {}
        self._orders: dict[int, dict[int, LiveOrder]] = {a: {} for a in self._accounts}
        self._fills: dict[int, list[Fill]] = {a: [] for a in self._accounts}
        self._tickets: dict[int, Ticket] = {}
        self._order_count = 0
        self._fill_count = 0
        self._margin_watched: set[int] = set()
        self._removals: list[Removal] = []
        self._held: set[int] = set()
        """Orders that a command keeps from the market."""

    # --- queries ------------------------------------------------------------------------------

    def accounts(self) -> tuple[AccountSpec, ...]:
        """What accounts there are."""
        return tuple(account.spec for account in self._accounts.values())

    def funds(self, account_id: int, now_ns: int, currency: Currency | None = None) -> Funds:
        """An account's money at current prices, in its own currency unless another is named."""
        account = self._account(account_id)
        funds = account.funds(self._marks(account, now_ns))
        if currency is None or currency is funds.currency:
            return funds
        rate = exchange_rate(funds.currency, currency, _utc_date(now_ns))
        return funds_in(funds, currency, rate)

    def terms(self, account_id: int, security: Security) -> ContractTerms:
        """On what terms an account holds a security."""
        return self._account(account_id).terms(security)

    def positions(self, account_id: int, now_ns: int) -> tuple[Position, ...]:
        """What an account holds or traded today."""
        account = self._account(account_id)
        marks = self._marks(account, now_ns)
        get = self._market.universe.get
        return account.positions(
            marks,
            lambda security: _position_id(account_id, get(security)),
            lambda security: self._rules(account, get(security)).resells_same_day,
        )

    def ledger(self, account_id: int) -> tuple[LedgerEntry, ...]:
        """Every movement of an account's cash, oldest first."""
        return self._account(account_id).ledger.entries

    def order(self, account_id: int, order_id: int) -> Order:
        """One order of an account, finished or not."""
        return self._live(account_id, order_id).order

    def order_fees(self, account_id: int, order_id: int) -> FeeItems:
        """What an order's fills were charged, by title; empty if nothing traded."""
        order = self._live(account_id, order_id).order
        account = self._account(account_id)
        terms = account.terms(order.security)
        venue = self._market.universe.get(order.security).venue
        tally = NO_FEES
        for fill in self._fills[account_id]:
            if fill.order_id == order_id:
                day = self._calendars(venue).trading_date(fill.created_ns)
                amount = fill.quantity * terms.multiplier * fill.price
                tally = tally.after_fill(terms.fees, fill.side, fill.quantity, amount, day)
        return tally.items

    def orders(self, account_id: int, now_ns: int) -> tuple[Order, ...]:
        """Unfinished orders and those that changed today, newest first."""
        self._account(account_id)
        orders = (live.order for live in reversed(self._orders[account_id].values()))
        return tuple(order for order in orders if self._is_current(order, now_ns))

    def history_orders(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Order, ...]:
        """Finished orders created in [begin, end] of the market's clock, newest first."""
        self._account(account_id)
        orders = (live.order for live in reversed(self._orders[account_id].values()))
        return tuple(
            order
            for order in orders
            if order.status.is_final and begin_ns <= order.created_ns <= end_ns
        )

    def fills(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Fill, ...]:
        """Executions in [begin, end] of the market's clock, newest first."""
        self._account(account_id)
        fills = reversed(self._fills[account_id])
        return tuple(fill for fill in fills if begin_ns <= fill.created_ns <= end_ns)

    def max_quantities(
        self,
        account_id: int,
        security: Security,
        order_type: OrderType,
        price: Decimal | None,
        now_ns: int,
        order_id: int | None = None,
    ) -> MaxQuantities:
        """The largest orders that `submit` accepts now.

        Args:
            account_id: whose order it would be.
            security: what it would trade.
            order_type: a market order is reckoned at its worst price.
            price: limit price, on the tick; ignored for a market order.
            now_ns: gateway time.
            order_id: an open order that is to be changed; what it holds back counts as free, and
                its filled part belongs to the answer.

        Raises:
            UnknownAccount, UnknownSecurity, UnknownOrder: as named.
            MarketNotAuthorised: the account cannot trade the security.
            InvalidPrice: a limit order without a price above zero.
        """
        account = self._account(account_id)
        instrument = self._market.universe.get(security)
        rules = self._rules(account, instrument)
        if order_type is OrderType.MARKET:
            price, _ = self._price_desk.market_prices(instrument, rules, Side.BUY, now_ns)
        if price is None or not price.is_finite() or price <= 0:
            raise InvalidPrice(price)
        self._roll(account, instrument, now_ns)
        most = venue_rules.max_quantity(instrument, rules)
        lot_size = venue_rules.lot_size(instrument, rules)
        day = self._price_desk.today(instrument, now_ns)
        rate = exchange_rate(instrument.currency, account.spec.currency, day)
        terms = BuyTerms(security, price, lot_size, most, day, rate)
        marks = self._marks(account, now_ns)
        resells = rules.resells_same_day
        if order_id is None:
            found = account.max_quantities(terms, marks, resells_same_day=resells)
        else:
            live = self._live(account_id, order_id)
            with _released(account, order_id):
                found = account.max_quantities(terms, marks, resells_same_day=resells)
            found = _with_filled(found, live.order)
        sell = found.position_sell
        whole = sell if rules.sells_odd_lots else sell - sell % lot_size
        return replace(found, position_sell=min(whole, most))

    def resting_levels(
        self, security: Security, displayed: OrderBook, now_ns: int, depth: int
    ) -> OrderBook:
        """Displayed liquidity less what users took, plus users' resting orders."""
        matcher = self._matchers.get(security)
        if matcher is None:
            return displayed
        return merged_book(matcher, displayed, now_ns, depth)

    # --- commands -----------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ns: int) -> Order:
        """Judge an order and send it on its way; see `Engine.submit`."""
        account = self._account(request.account_id)
        instrument = self._market.universe.get(request.security)
        rules = self._rules(account, instrument)
        venue_rules.check_form(request, rules)
        self._roll(account, instrument, now_ns)
        odd_rest = _odd_rest(account, instrument, request.side)
        quantity = venue_rules.check_quantity(request.quantity, instrument, rules, odd_rest)
        today = self._price_desk.today(instrument, now_ns)
        venue_rules.last_day(request.time_in_force, request.expires, today)
        worst, reserve = self._price_desk.prices(request, instrument, rules, now_ns)
        order = self._new_order(request, instrument, quantity, now_ns)
        ticket = Ticket(LiveOrder(order), account, instrument, rules, worst, reserve)
        reservation = self._judge(ticket, quantity, reserve, now_ns)
        only_closes = rules.market_only_closes and request.order_type is OrderType.MARKET
        if only_closes and reservation.opens:
            raise MarketOrderMayOnlyClose(request.security)
        self._order_count += 1
        account.reserve(order.order_id, reservation)
        self._orders[account.spec.account_id][order.order_id] = ticket.live
        self._tickets[order.order_id] = ticket
        self._hooks.opened(order.security)
        self._hooks.emit(OrderChanged(order, now_ns))
        return order

    def expiry_ns(self, order: Order, now_ns: int) -> int:
        """The gateway instant at which an order that was created then dies.

        A day order dies at the end of the last session in which it may trade, of the first trade
        date that still has one; others at that end of their last trade date. Source: [I]
        """
        instrument = self._market.universe.get(order.security)
        calendar = self._calendars(instrument.venue)
        market_ns = self._price_desk.market_ns(instrument, now_ns)
        rules = self._rules(self._account(order.account_id), instrument)
        extended = order.fill_outside_rth and rules.extended_hours
        day = calendar.trading_date(market_ns)
        while (end_ns := _day_end_ns(calendar, day, extended=extended)) <= market_ns:
            day = calendar.next_day(day)
        last = venue_rules.last_day(order.time_in_force, order.expires, day)
        while (following := calendar.next_day(day)) <= last:
            day = following
            end_ns = _day_end_ns(calendar, day, extended=extended)
        if order.order_type in venue_rules.AUCTION_TYPES:
            end_ns += AUCTION_NS
        return self._market.timeline.gateway_ns(instrument.venue, end_ns)

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
        ticket = self._open_ticket(account_id, order_id, OrderOperation.CHANGE)
        order, account, rules = ticket.order, ticket.account, ticket.rules
        if not (ticket.has_limit or ticket.sleeps) or ticket.is_sliced:
            raise OrderNotModifiable(order_id)
        self._roll(account, ticket.instrument, now_ns)
        with _released(account, order_id):
            odd_rest = _odd_rest(account, ticket.instrument, order.side)
            total = venue_rules.check_quantity(quantity, ticket.instrument, rules, odd_rest)
            if total <= order.filled_quantity:
                raise InvalidQuantity(quantity)
            wanted = _with_trigger(as_request(order, quantity, price), order, trigger)
            worst, reserve = self._changed_prices(ticket, wanted, now_ns)
            reservation = self._judge(ticket, total, reserve, now_ns)
        if ticket.phase is not Phase.DISABLED:
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
        ticket = self._open_ticket(account_id, order_id, OrderOperation.CANCEL)
        order = ticket.live.cancel(self._price_desk.market_ns(ticket.instrument, now_ns))
        self._finish(ticket, now_ns)
        return order

    def cancel_all(self, account_id: int, market: TradingMarket | None, now_ns: int) -> None:
        """Take back all open orders of an account; see `Engine.cancel_all`."""
        spec = self._account(account_id).spec
        if spec.is_strict_paper or market is TradingMarket.HKCC:
            raise OperationNotSupported(OrderOperation.CANCEL, spec.is_strict_paper)
        for ticket in tuple(self._tickets.values()):
            order = ticket.order
            is_meant = market is None or order.trading_market is market
            if order.account_id == account_id and is_meant and ticket.rules.cancels_all:
                self.cancel(account_id, order.order_id, now_ns)

    def disable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Take an open order without a fill out of the market; see `Engine.disable`."""
        ticket = self._open_ticket(account_id, order_id, OrderOperation.DISABLE)
        if ticket.phase is Phase.DISABLED or ticket.order.filled_quantity:
            raise OrderNotModifiable(order_id)
        ticket.live.disable(self._price_desk.market_ns(ticket.instrument, now_ns))
        self._matcher(ticket.order.security).remove(order_id)
        ticket.phase = Phase.DISABLED
        ticket.account.release(order_id)
        self._hooks.emit(OrderChanged(ticket.order, now_ns))
        return ticket.order

    def enable(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Send a disabled order again; see `Engine.enable`."""
        ticket = self._open_ticket(account_id, order_id, OrderOperation.ENABLE)
        if ticket.phase is not Phase.DISABLED:
            raise OrderNotModifiable(order_id)
        reservation = self._judge(ticket, ticket.order.quantity, ticket.reserve_price, now_ns)
        ticket.account.reserve(order_id, reservation)
        ticket.live.enable(self._price_desk.market_ns(ticket.instrument, now_ns))
        ticket.phase = Phase.TRAVELLING
        self._hooks.emit(OrderChanged(ticket.order, now_ns))
        return ticket.order

    def delete(self, account_id: int, order_id: int, now_ns: int) -> Order:
        """Remove an order that ended or was disabled without a fill; see `Engine.delete`."""
        live = self._live(account_id, order_id)
        instrument = self._market.universe.get(live.order.security)
        rules = self._rules(self._account(account_id), instrument)
        _require(rules, OrderOperation.DELETE)
        if live.order.status not in DELETABLE or live.order.filled_quantity:
            raise OrderNotModifiable(order_id)
        live.delete(self._price_desk.market_ns(instrument, now_ns))
        ticket = self._tickets.get(order_id)
        if ticket is not None:
            self._finish(ticket, now_ns)
        else:
            self._hooks.emit(OrderChanged(live.order, now_ns))
        return live.order

    # --- what time brings ---------------------------------------------------------------------

    def arrive(self, order_id: int, now_ns: int) -> None:
        """A travelling order reaches the venue."""
        ticket = self._tickets.get(order_id)
        if ticket is None or ticket.phase is not Phase.TRAVELLING:
            return
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        if ticket.order.order_type is OrderType.MARKET and not self._is_open(ticket, now_ns):
            self._refuse(ticket, MARKET_CLOSED, now_ns)
        elif ticket.sleeps:
            ticket.live.hold(market_ns)
            ticket.phase = Phase.ASLEEP
            self._hooks.emit(OrderChanged(ticket.order, now_ns))
            if self._may_trade(ticket, now_ns):
                self._look_up(ticket, self._price_desk.last(ticket.instrument, now_ns), now_ns)
        else:
            ticket.live.accept(market_ns, _shown_type(ticket))
            self._hooks.emit(OrderChanged(ticket.order, now_ns))
            self._queue_up(ticket, now_ns)

    def expire(self, order_id: int, now_ns: int) -> None:
        """The order's time is over.

        An auction order that saw no auction, because the market's clock jumps over them, first
        trades at the last price. [I]
        """
        ticket = self._tickets.get(order_id)
        if ticket is None:
            return
        if ticket.order.order_type in venue_rules.AUCTION_TYPES and ticket.phase is Phase.WAITING:
            self._auction(ticket, self._price_desk.last(ticket.instrument, now_ns), now_ns)
        if ticket.live.is_open:
            self._end(ticket, now_ns)

    def market_moved(self, security: Security, trades: Sequence[Trade], now_ns: int) -> None:
        """Let users' orders of one security meet new prints, then the new picture of the book."""
        matcher = self._matcher(security)
        for trade in trades:
            matches = matcher.on_trade(price_key(trade.price), trade.volume, trade.direction)
            self._book(security, matches, now_ns)
        tickets = [t for t in self._tickets.values() if t.order.security == security]
        self._join_auction(tickets, trades, now_ns)
        if not any(self._may_trade(ticket, now_ns) for ticket in tickets):
            return
        self._book(security, matcher.on_book(self._displayed(security, now_ns), now_ns), now_ns)
        for ticket in tickets:
            if ticket.live.is_open and self._may_trade(ticket, now_ns):
                self._wake(ticket, trades, now_ns)

    def _wake(self, ticket: Ticket, trades: Sequence[Trade], now_ns: int) -> None:
        """Let an order that is not at the venue see what happened."""
        for trade in trades:
            if ticket.phase is Phase.ASLEEP:
                self._look_up(ticket, exact(trade.price), now_ns)
        if ticket.phase is Phase.WAITING:
            self._enter(ticket, now_ns)

    def _look_up(self, ticket: Ticket, last: Decimal, now_ns: int) -> None:
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
            tick = self._price_desk.tick(instrument, stop, now_ns)
            limit = triggers.trailing_limit(order.side, order.trail, stop, tick)
        if limit is not None:
            worst = reserve = limit
        else:
            worst, reserve = self._price_desk.market_prices(
                instrument, ticket.rules, order.side, now_ns
            )
        try:
            with _released(ticket.account, order.order_id):
                reservation = self._judge(ticket, order.quantity, reserve, now_ns)
        except OrderRejected:
            self._refuse(ticket, UNAFFORDABLE, now_ns)
            return
        ticket.worst_price, ticket.reserve_price = worst, reserve
        ticket.account.reserve(order.order_id, reservation)
        market_ns = self._price_desk.market_ns(instrument, now_ns)
        ticket.live.accept(market_ns, order.order_type, limit)
        self._hooks.emit(OrderChanged(ticket.order, now_ns))
        self._queue_up(ticket, now_ns)

    def _join_auction(
        self, tickets: Sequence[Ticket], trades: Sequence[Trade], now_ns: int
    ) -> None:
        """Fill waiting auction orders at a print outside continuous trading: that is an auction's."""
        for ticket in tickets:
            is_waiting = ticket.phase is Phase.WAITING and ticket.live.is_open
            state = self._market.state(ticket.instrument.venue, now_ns)
            is_call = bool(trades) and state not in venue_rules.CONTINUOUS_STATES
            if is_waiting and is_call and ticket.order.order_type in venue_rules.AUCTION_TYPES:
                self._auction(ticket, exact(trades[0].price), now_ns)

    def _auction(self, ticket: Ticket, price: Decimal, now_ns: int) -> None:
        """Fill an order whole at an auction's price, if its limit allows it. [I]."""
        order = ticket.order
        limit = order.price
        if limit is None or (price <= limit if order.side is Side.BUY else price >= limit):
            self._fill(ticket, ticket.live.left, price, now_ns)

    # --- forced liquidation -------------------------------------------------------------------

    def watch_margin(self, account_id: int, now_ns: int) -> None:
        """Look at a margin account from time to time for as long as it holds anything."""
        spec = self._account(account_id).spec
        if account_id not in self._margin_watched and spec.account_type is not _CASH:
            self._margin_watched.add(account_id)
            self._plan_margin_check(account_id, now_ns)

    def _plan_margin_check(self, account_id: int, now_ns: int) -> None:
        self._hooks.plan(
            now_ns + MARGIN_CHECK_NS, lambda at_ns: self._check_margin(account_id, at_ns)
        )

    def _check_margin(self, account_id: int, now_ns: int) -> None:
        account = self._account(account_id)
        held = [security for security in account.held_securities if account.quantity(security)]
        if not held:
            self._margin_watched.discard(account_id)
            return
        marks = self._marks(account, now_ns)
        if account.equity(marks) < account.maintenance_margin(marks):
            self._liquidate(account, held, marks, now_ns)
        self._plan_margin_check(account_id, now_ns)

    def _liquidate(
        self, account: Account, held: Sequence[Security], marks: Marks, now_ns: int
    ) -> None:
        """Close the position with the largest loss whose market is open, at market.

        Source: [D] opend_facts 8.9: in regular hours, when equity is below the maintenance margin;
            futures the largest loss first, [I] everything else too.
        """
        account_id = account.spec.account_id
        open_orders = [t.order for t in self._tickets.values() if t.account is account]
        if any(order.remark == FORCED_REMARK for order in open_orders):
            return
        for order in open_orders:
            self.cancel(account_id, order.order_id, now_ns)
        for security in sorted(held, key=lambda security: account.gain(security, marks)):
            quantity = account.quantity(security)
            request = OrderRequest(
                account_id=account_id,
                security=security,
                side=Side.SELL if quantity > 0 else Side.BUY,
                order_type=OrderType.MARKET,
                quantity=Decimal(abs(quantity)),
                price=None,
                remark=FORCED_REMARK,
            )
            try:
                self._hooks.forced(self.submit(request, now_ns), now_ns)
            except OrderRejected:
                continue
            return

    # --- by command ---------------------------------------------------------------------------

    def fill(self, order_id: int, quantity: int | None, price: Decimal | None, now_ns: int) -> None:
        """Execute an order whatever the market says, and print it.

        Args:
            order_id: which one.
            quantity: None: all that is left.
            price: None: the order's limit, or the last price for a market order.
            now_ns: gateway time.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
            InvalidQuantity: nothing, or more than is left.
        """
        ticket = self._unfinished(order_id)
        quantity = ticket.live.left if quantity is None else quantity
        if not 0 < quantity <= ticket.live.left:
            raise InvalidQuantity(Decimal(quantity))
        security = ticket.order.security
        if price is None:
            price = ticket.order.price or exact(self._market.quote(security, now_ns).last)
        held = order_id in self._held
        self._held.add(order_id)
        self.arrive(order_id, now_ns)
        if ticket.phase is Phase.AT_VENUE:
            self._matcher(security).reduce(order_id, ticket.live.left - quantity)
        direction = TradeDirection.NEUTRAL
        trade = self._market.record_trade(security, now_ns, float(price), quantity, direction)
        self._hooks.printed(security, trade, now_ns)
        self._fill(ticket, quantity, price, now_ns)
        if not held:
            self._held.discard(order_id)

    def refuse(self, order_id: int, reason: str, now_ns: int) -> None:
        """Fail an order that travels; what the venue has already is taken out instead.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        ticket = self._unfinished(order_id)
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        if ticket.phase is Phase.TRAVELLING:
            ticket.live.refuse(market_ns, reason)
        else:
            ticket.live.cancel(market_ns)
        self._finish(ticket, now_ns)

    def hold(self, order_id: int) -> None:
        """Keep an order from the market; it loses its place in the queue.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        ticket = self._unfinished(order_id)
        self._held.add(order_id)
        if ticket.phase is Phase.AT_VENUE:
            self._matcher(ticket.order.security).remove(order_id)
            ticket.phase = Phase.WAITING

    def let_go(self, order_id: int) -> Security:
        """Let an order meet the market again, and say in what.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        security = self._unfinished(order_id).order.security
        self._held.discard(order_id)
        return security

    def pay(self, account_id: int, amount: Decimal, currency: Currency | None, now_ns: int) -> None:
        """Pay cash in, or out if it is negative. Raises UnknownAccount."""
        account = self._account(account_id)
        kind = EntryKind.DEPOSIT if amount > 0 else EntryKind.WITHDRAWAL
        entry = LedgerEntry(now_ns, kind, amount, currency=currency or account.spec.currency)
        account.ledger.post(entry)

    def transfer(
        self, account_id: int, security: Security, quantity: int, price: Decimal, now_ns: int
    ) -> None:
        """Bring shares in at a cost price, or take them out if `quantity` is negative; no cash moves.

        Raises:
            UnknownAccount, UnknownSecurity: as named.
        """
        account = self._account(account_id)
        instrument = self._market.universe.get(security)
        self._roll(account, instrument, now_ns)
        account.transfer(security, quantity, price, self._price_desk.today(instrument, now_ns))

    def reset(self, account_id: int | None) -> None:
        """Put one account, or all, back to how it began; its orders vanish without a word.

        Raises:
            UnknownAccount: as named.
        """
        chosen = (
            self._accounts if account_id is None else (self._account(account_id).spec.account_id,)
        )
        for ticket in [t for t in self._tickets.values() if t.order.account_id in chosen]:
            del self._tickets[ticket.order.order_id]
            self._matcher(ticket.order.security).remove(ticket.order.order_id)
            self._held.discard(ticket.order.order_id)
            self._hooks.closed(ticket.order.security)
        for number in tuple(chosen):
            self._forget(number)
            self._accounts[number] = self._open_account(self._accounts[number].spec)
            self._orders[number], self._fills[number] = {}, []

    def is_unfinished(self, order_id: int) -> bool:
        """Whether anything can still happen to an order."""
        return order_id in self._tickets

    def _unfinished(self, order_id: int) -> Ticket:
        ticket = self._tickets.get(order_id)
        if ticket is None:
            if any(order_id in orders for orders in self._orders.values()):
                raise OrderNotModifiable(order_id)
            raise UnknownOrder(str(order_id))
        return ticket

    # --- the journal --------------------------------------------------------------------------

    def _forget(self, account_id: int) -> None:
        """Journal that everything of an account is gone; its books are replaced after that."""
        account = self._accounts[account_id]
        number_of_entries, holdings = account.journaled()
        self._removals += [
            *(Removal(OrderRecord, str(order_id)) for order_id in self._orders[account_id]),
            *(Removal(FillRecord, str(fill.fill_id)) for fill in self._fills[account_id]),
            *(Removal(LedgerRecord, f"{account_id}/{n}") for n in range(number_of_entries)),
            *(Removal(HoldingRecord, f"{account_id}/{held.symbol}") for held in holdings),
        ]

    def take_changes(self) -> list[Change]:
        """What changed in the books since the last call, orders and fills excepted."""
        records: list[Change] = [*self._removals]
        self._removals.clear()
        for account_id, account in self._accounts.items():
            if not account.has_changes:
                continue
            first, entries, holdings = account.take_changes()
            records += [
                LedgerRecord(account_id, number, entry)
                for number, entry in enumerate(entries, first)
            ]
            records += [HoldingRecord(account_id, holding) for holding in holdings]
        return records

    def counters(self) -> CounterRecord:
        """How many ids have been given out."""
        return CounterRecord(self._order_count, self._fill_count)

    def order_record(self, order: Order) -> OrderRecord:
        """An order with all that is needed to resume it."""
        live = self._orders[order.account_id][order.order_id]
        ticket = self._tickets.get(order.order_id)
        resumption = None
        if ticket is not None:
            held = ticket.account.reserved(order.order_id)
            resumption = Resumption(held, pack_fields(ticket, without=_TICKET_REFERENCES))
        return OrderRecord(replace(live), resumption)

    def restore(self, records: Sequence[Record]) -> Restored:
        """Take over the accounts and orders of an earlier run; only in a broker that did nothing.

        An order that the venue had goes to the end of the queue at its price; one on its way is
        still on its way. What the market did meanwhile is not made up for. [I]
        """
        of_account: dict[int, list[AccountRecord]] = {}
        for record in records:
            if isinstance(record, CounterRecord):
                self._order_count, self._fill_count = record.orders, record.fills
            elif isinstance(record, AccountRecord):
                of_account.setdefault(_account_of(record), []).append(record)
        known = [account_id for account_id in of_account if account_id in self._accounts]
        for account_id in known:
            self._restore_account(self._accounts[account_id], of_account[account_id])
        return Restored(
            orders=sum(len(orders) for orders in self._orders.values()),
            open_orders=len(self._tickets),
            fills=sum(len(fills) for fills in self._fills.values()),
            unknown_accounts=tuple(sorted(of_account.keys() - set(known))),
        )

    def unfinished(self) -> tuple[Order, ...]:
        """All orders that can still change, oldest first."""
        return tuple(ticket.order for ticket in self._tickets.values())

    def _restore_account(self, account: Account, records: Iterable[AccountRecord]) -> None:
        entries: list[LedgerRecord] = []
        holdings: list[Holding] = []
        for record in records:
            match record:
                case LedgerRecord():
                    entries.append(record)
                case HoldingRecord():
                    holdings.append(replace(record.holding))
                case FillRecord():
                    self._fills[account.spec.account_id].append(record.fill)
                case OrderRecord():
                    self._restore_order(account, record)
        entries.sort(key=lambda record: record.number)
        account.restore([record.entry for record in entries], holdings)

    def _restore_order(self, account: Account, record: OrderRecord) -> None:
        live = replace(record.live)
        order = live.order
        self._orders[order.account_id][order.order_id] = live
        resumption = record.resumption
        if resumption is None:
            return
        instrument = self._market.universe.get(order.security)
        ticket = Ticket(
            live,
            account,
            instrument,
            self._rules(account, instrument),
            **unpack_fields(Ticket, resumption.ticket),  # type: ignore[arg-type]
        )
        if ticket.phase is Phase.AT_VENUE:
            ticket.phase = Phase.WAITING
        if resumption.reservation is not None:
            account.reserve(order.order_id, resumption.reservation)
        self._tickets[order.order_id] = ticket
        self._hooks.opened(order.security)

    # --- inside: orders -----------------------------------------------------------------------

    def _new_order(
        self, request: OrderRequest, instrument: Instrument, quantity: int, now_ns: int
    ) -> Order:
        account = self._account(request.account_id)
        market_ns = self._price_desk.market_ns(instrument, now_ns)
        counter = self._order_count
        is_limit = venue_rules.is_limit(request.order_type)
        return Order(
            order_id=self._ids.order_id(counter),
            order_id_ex=self._ids.order_id_ex(counter, self._price_desk.today(instrument, now_ns)),
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
        )

    def _queue_up(self, ticket: Ticket, now_ns: int) -> None:
        """Enter the market now, or wait for the session."""
        ticket.phase = Phase.WAITING
        if self._may_trade(ticket, now_ns):
            self._enter(ticket, now_ns)
        elif ticket.order.time_in_force is TimeInForce.IOC:
            self._end(ticket, now_ns)

    def _enter(self, ticket: Ticket, now_ns: int) -> None:
        order, security = ticket.order, ticket.order.security
        if order.order_type in venue_rules.AUCTION_TYPES:
            return
        ticket.phase = Phase.AT_VENUE
        if ticket.is_sliced:
            self._start_slices(ticket, now_ns)
            return
        displayed = self._displayed(security, now_ns)
        if _is_crossed(ticket, displayed):
            self._refuse(ticket, CROSSED, now_ns)
            return
        self._meet(ticket, displayed, now_ns)
        if ticket.live.is_open and not ticket.rests:
            self._end(ticket, now_ns)

    def _meet(self, ticket: Ticket, displayed: DisplayedBook, now_ns: int) -> None:
        """Let what is out of an order meet the other side."""
        matcher = self._matcher(ticket.order.security)
        venue_order = ticket.venue_order()
        if (
            ticket.order.order_type is OrderType.SPECIAL_LIMIT_ALL
            and matcher.fillable(venue_order, displayed, now_ns) < venue_order.quantity
        ):
            return
        matches = matcher.arrive(venue_order, displayed, now_ns)
        self._book(ticket.order.security, matches, now_ns)

    def _start_slices(self, ticket: Ticket, now_ns: int) -> None:
        calendar = self._calendars(ticket.instrument.venue)
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        if not ticket.slices_from_ns:
            day = calendar.trading_date(market_ns)
            end_ns = _day_end_ns(calendar, day, extended=False)
            ticket.slices_from_ns = market_ns
            ticket.slices_until_ns = max(market_ns + 1, end_ns - slices.SLICE_NS)
        self._release_slice(ticket, now_ns)

    def _release_slice(self, ticket: Ticket, now_ns: int) -> None:
        """Send a further part of an order to the venue, and plan the next one."""
        order = ticket.order
        if not ticket.live.is_open or ticket.phase is not Phase.AT_VENUE:
            return
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        span = ticket.slices_until_ns - ticket.slices_from_ns
        progress = (market_ns - ticket.slices_from_ns) / span
        lot = venue_rules.lot_size(ticket.instrument, ticket.rules)
        out = slices.released(order.order_type, order.quantity, lot, progress)
        if out > ticket.released and self._may_trade(ticket, now_ns):
            ticket.released = out
            self._matcher(order.security).remove(order.order_id)
            self._reprice(ticket, now_ns)
            self._meet(ticket, self._displayed(order.security, now_ns), now_ns)
        if order.order_id in self._tickets and ticket.released < order.quantity:
            self._hooks.plan(
                now_ns + slices.SLICE_NS, lambda at_ns: self._release_slice(ticket, at_ns)
            )

    def _reprice(self, ticket: Ticket, now_ns: int) -> None:
        """Let a part without limit go as far as a market order of now, but not beyond its reserve."""
        if ticket.has_limit:
            return
        side = ticket.order.side
        worst, _ = self._price_desk.market_prices(ticket.instrument, ticket.rules, side, now_ns)
        ticket.worst_price = min(worst, ticket.reserve_price) if side is Side.BUY else worst

    def _changed_prices(
        self, ticket: Ticket, wanted: OrderRequest, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """What the changed order is reckoned at; one that woke is a plain limit order by now."""
        if ticket.sleeps and ticket.phase in (Phase.WAITING, Phase.AT_VENUE):
            price = wanted.price
            limit = self._price_desk.check_limit(price, ticket.instrument, ticket.rules, now_ns)
            return limit, limit
        return self._price_desk.prices(wanted, ticket.instrument, ticket.rules, now_ns)

    def _change(
        self, ticket: Ticket, wanted: Order, prices: tuple[Decimal, Decimal], now_ns: int
    ) -> None:
        order = ticket.order
        if wanted == order:
            return
        keeps_place = wanted.price == order.price and wanted.quantity < order.quantity
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        trigger = Trigger(wanted.aux_price, wanted.trail)
        ticket.live.change(wanted.quantity, wanted.price, market_ns, trigger)
        ticket.worst_price, ticket.reserve_price = prices
        self._hooks.emit(OrderChanged(ticket.order, now_ns))
        if ticket.phase is Phase.ASLEEP and self._may_trade(ticket, now_ns):
            self._look_up(ticket, self._price_desk.last(ticket.instrument, now_ns), now_ns)
        elif ticket.phase is Phase.AT_VENUE and keeps_place:
            self._matcher(order.security).reduce(order.order_id, ticket.live.left)
        elif ticket.phase is Phase.AT_VENUE:
            self._matcher(order.security).remove(order.order_id)
            self._queue_up(ticket, now_ns)

    def _refuse(self, ticket: Ticket, reason: str, now_ns: int) -> None:
        ticket.live.refuse(self._price_desk.market_ns(ticket.instrument, now_ns), reason)
        self._finish(ticket, now_ns)

    def _end(self, ticket: Ticket, now_ns: int) -> None:
        """Cancel what is left, as the order's type or its time in force says."""
        ticket.live.expire(self._price_desk.market_ns(ticket.instrument, now_ns))
        self._finish(ticket, now_ns)

    def _book(self, security: Security, matches: Sequence[Match], now_ns: int) -> None:
        for match in matches:
            price = key_price(match.key)
            if match.taker is not None:
                direction = TradeDirection(match.taker)
                trade = self._market.record_trade(
                    security, now_ns, float(price), match.quantity, direction
                )
                self._hooks.printed(security, trade, now_ns)
            for order_id in (match.buy_order_id, match.sell_order_id):
                if order_id is not None:
                    self._fill(self._tickets[order_id], match.quantity, price, now_ns)

    def _fill(self, ticket: Ticket, quantity: int, price: Decimal, now_ns: int) -> None:
        market_ns = self._price_desk.market_ns(ticket.instrument, now_ns)
        day = self._price_desk.today(ticket.instrument, now_ns)
        order = ticket.live.fill(quantity, price, market_ns)
        account = ticket.account
        charged = ticket.tally.total
        ticket.tally = self._after_fill(ticket, quantity, price, day)
        execution = Execution(
            order.order_id,
            order.security,
            order.side,
            quantity,
            price,
            ticket.tally.total - charged,
            market_ns,
        )
        self._roll(account, ticket.instrument, now_ns)
        account.execute(execution, day)
        fill = self._new_fill(order, execution, day)
        if ticket.live.is_open:
            held = account.reserved(order.order_id)
            cost = self._cost(ticket, order.quantity, ticket.reserve_price, now_ns)
            opens = held is not None and held.opens
            account.reserve(order.order_id, account.reservation(cost, opens=opens))
            self._hooks.emit(OrderChanged(order, now_ns))
        else:
            self._finish(ticket, now_ns)
        self._hooks.emit(FillMade(fill, now_ns))
        self.watch_margin(order.account_id, now_ns)

    def _new_fill(self, order: Order, execution: Execution, day: date) -> Fill:
        counter = self._fill_count
        self._fill_count += 1
        fill = Fill(
            fill_id=self._ids.fill_id(counter),
            fill_id_ex=self._ids.fill_id_ex(counter, day),
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
        self._fills[order.account_id].append(fill)
        return fill

    def _finish(self, ticket: Ticket, now_ns: int) -> None:
        order = ticket.order
        del self._tickets[order.order_id]
        ticket.account.release(order.order_id)
        self._matcher(order.security).remove(order.order_id)
        self._hooks.closed(order.security)
        self._hooks.emit(OrderChanged(order, now_ns))

    def _may_trade(self, ticket: Ticket, now_ns: int) -> bool:
        return (
            self._is_open(ticket, now_ns)
            and ticket.order.order_id not in self._held
            and not self._market.is_halted(ticket.order.security, now_ns)
        )

    def _is_open(self, ticket: Ticket, now_ns: int) -> bool:
        state = self._market.state(ticket.instrument.venue, now_ns)
        order = ticket.order
        session = venue_rules.session_of(order.session, outside_regular=order.fill_outside_rth)
        return venue_rules.trades_in(state, ticket.rules, session)

    # --- inside: prices and money -------------------------------------------------------------

    def _cost(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> OrderCost:
        order, instrument = ticket.order, ticket.instrument
        left = total - order.filled_quantity
        day = self._price_desk.today(instrument, now_ns)
        fees = self._after_fill(ticket, left, price, day).total - ticket.tally.total
        rate = exchange_rate(instrument.currency, ticket.account.spec.currency, day)
        return OrderCost(order.security, order.side, left, price, fees, rate)

    def _judge(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> Reservation:
        """What the order will hold back; see `Account.judge`."""
        return ticket.account.judge(
            self._cost(ticket, total, price, now_ns),
            self._marks(ticket.account, now_ns),
            resells_same_day=ticket.rules.resells_same_day,
        )

    def _after_fill(self, ticket: Ticket, quantity: int, price: Decimal, day: date) -> FeeTally:
        terms = ticket.account.terms(ticket.order.security)
        amount = quantity * terms.multiplier * price
        return ticket.tally.after_fill(terms.fees, ticket.order.side, quantity, amount, day)

    def _marks(self, account: Account, now_ns: int) -> Marks:
        marks: dict[Security, Mark] = {}
        own = account.spec.currency
        for security in account.held_securities:
            instrument = self._market.universe.get(security)
            self._roll(account, instrument, now_ns)
            quote = self._market.quote(security, now_ns)
            day = self._price_desk.today(instrument, now_ns)
            marks[security] = Mark(
                exact(quote.last),
                exact(quote.previous_close),
                exchange_rate(instrument.currency, own, day),
            )
        day = _utc_date(now_ns)
        rates = {c: exchange_rate(c, own, day) for c in account.currencies if c is not own}
        return Marks(marks, rates)

    def _roll(self, account: Account, instrument: Instrument, now_ns: int) -> None:
        """Begin the instrument's trade date in the account's books, if it has begun."""
        day = self._price_desk.today(instrument, now_ns)
        if account.needs_roll(instrument.security, day):
            settlement = exact(self._market.quote(instrument.security, now_ns).previous_close)
            market_ns = self._price_desk.market_ns(instrument, now_ns)
            account.roll(instrument.security, day, settlement, market_ns)

    # --- inside: look-ups ---------------------------------------------------------------------

    def _open_account(self, spec: AccountSpec) -> Account:
        universe = self._market.universe

        @cache
        def terms(security: Security) -> ContractTerms:
            return contract_terms(spec, universe.get(security))

        return Account(spec, terms, opened_ns=0)

    def _rules(self, account: Account, instrument: Instrument) -> OrderRules:
        return venue_rules.order_rules(account.spec, instrument)

    def _account(self, account_id: int) -> Account:
        account = self._accounts.get(account_id)
        if account is None:
            raise UnknownAccount(account_id)
        return account

    def _live(self, account_id: int, order_id: int) -> LiveOrder:
        self._account(account_id)
        live = self._orders[account_id].get(order_id)
        if live is None:
            raise UnknownOrder(str(order_id))
        return live

    def _open_ticket(self, account_id: int, order_id: int, operation: OrderOperation) -> Ticket:
        order = self._live(account_id, order_id).order
        instrument = self._market.universe.get(order.security)
        _require(self._rules(self._account(account_id), instrument), operation)
        ticket = self._tickets.get(order_id)
        if ticket is None:
            raise OrderNotModifiable(order_id)
        return ticket

    def _matcher(self, security: Security) -> SecurityMatcher:
        matcher = self._matchers.get(security)
        if matcher is None:
            matcher = self._matchers[security] = SecurityMatcher(HalfLifeRefill())
        return matcher

    def _displayed(self, security: Security, now_ns: int) -> DisplayedBook:
        book = self._market.displayed_book(security, now_ns)
        return DisplayedBook.from_levels(book.bids, book.asks)

    def _is_current(self, order: Order, now_ns: int) -> bool:
        if not order.status.is_final:
            return True
        instrument = self._market.universe.get(order.security)
        changed = self._calendars(instrument.venue).trading_date(order.updated_ns)
        return changed >= self._price_desk.today(instrument, now_ns)


def _account_of(record: AccountRecord) -> int:
    match record:
        case OrderRecord():
            return record.live.order.account_id
        case FillRecord():
            return record.fill.account_id
        case LedgerRecord() | HoldingRecord():
            return record.account_id


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
    )


def _with_trigger(request: OrderRequest, order: Order, trigger: Trigger | None) -> OrderRequest:
    """The request with what is to wake it: the new trigger, as far as it says anything."""
    aux_price = trigger.aux_price if trigger else None
    trail = trigger.trail if trigger else None
    return replace(request, aux_price=aux_price or order.aux_price, trail=trail or order.trail)


def _require(rules: OrderRules, operation: OrderOperation) -> None:
    if operation not in rules.operations:
        raise OperationNotSupported(operation, rules.is_paper)


def _shown_type(ticket: Ticket) -> OrderType:
    """What an accepted order is shown as: some venues call plain limit orders otherwise."""
    order_type = ticket.order.order_type
    return ticket.rules.shown_limit_type if order_type is OrderType.NORMAL else order_type


def _is_crossed(ticket: Ticket, displayed: DisplayedBook) -> bool:
    """Whether an absolute limit order finds a better price than its own. Source: [P] OrderType."""
    order = ticket.order
    if order.order_type is not OrderType.ABSOLUTE_LIMIT or ticket.rules.is_paper:
        return False
    other = opposite(order.side)
    best = next(iter(displayed.side(other)), None)
    return best is not None and rank(other, best) < rank(other, price_key(ticket.worst_price))


def _utc_date(now_ns: int) -> date:
    return datetime.fromtimestamp(now_ns // NS_PER_S, UTC).date()


@contextmanager
def _released(account: Account, order_id: int) -> Iterator[None]:
    """Free what an order holds back while it is judged anew."""
    held: Reservation | None = account.release(order_id)
    try:
        yield
    finally:
        if held is not None:
            account.reserve(order_id, held)


def _odd_rest(account: Account, instrument: Instrument, side: Side) -> int:
    if side is not Side.SELL:
        return 0
    return account.quantity(instrument.security) % max(1, instrument.lot_size)


def _with_filled(found: MaxQuantities, order: Order) -> MaxQuantities:
    filled = order.filled_quantity
    if order.side is Side.BUY:
        return replace(
            found, cash_buy=found.cash_buy + filled, margin_buy=found.margin_buy + filled
        )
    return replace(found, position_sell=found.position_sell + filled)


def _day_end_ns(calendar: SessionCalendar, day: date, *, extended: bool) -> int:
    sessions = calendar.sessions(day)
    if extended:
        sessions += calendar.extended_sessions(day)
    return max((session.end_ns for session in sessions), default=0)


def _position_id(account_id: int, instrument: Instrument) -> int:
    return account_id % 10**8 * 10**10 + instrument.instrument_id % 10**10
