"""All accounts, orders and fills, and the way to the market: what every part of the broker shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from math import prod

from simulator.accounts.account import Account
from simulator.accounts.terms import ContractTerms, contract_terms
from simulator.domain import (
    AccountSpec,
    Fill,
    Instrument,
    OptionTerms,
    Order,
    OrderBook,
    OrderOperation,
    Security,
    Trade,
    WarrantTerms,
)
from simulator.errors import OperationNotSupported, OrderNotModifiable, UnknownAccount, UnknownOrder
from simulator.events import Event
from simulator.ids import OrderIds
from simulator.journal import Removal
from simulator.market_view import Calendars, MarketView
from simulator.price_desk import PriceDesk
from simulator.tickets import Ticket
from simulator.venue import rules as venue_rules
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.orders import LiveOrder
from simulator.venue.rules import OrderRules


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
    touched: Callable[[Order], None]
    """What the journal keeps of an order has changed, though users see no difference."""


class Books:
    """What every part of the broker shares; the parts change it, it changes nothing by itself.

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
        self.market = market
        self.calendars = calendars
        self.ids = ids
        self.hooks = hooks
        self.accounts_changed = False
        """Whether any account may have something for the journal."""
        self.price_desk = PriceDesk(market, calendars)
        self.accounts = {spec.account_id: self.open_account(spec) for spec in specs}
        self.matchers: dict[Security, SecurityMatcher] = {}
        self.orders: dict[int, dict[int, LiveOrder]] = {a: {} for a in self.accounts}
        self.fills: dict[int, list[Fill]] = {a: [] for a in self.accounts}
        self.tickets: dict[int, Ticket] = {}
        """Unfinished orders, oldest first; `add` and `drop` alone change it."""
        self._tickets_in: dict[Security, dict[int, Ticket]] = {}
        self._displayed: dict[Security, tuple[OrderBook, DisplayedBook]] = {}
        """The latest pictures of the market, each beside what it was made from."""
        self._rules: dict[tuple[int, Security], tuple[Instrument, OrderRules]] = {}
        self.order_count = 0
        self.fill_count = 0
        self.removals: list[Removal] = []
        """What the journal has to forget."""
        self._queued = 0

    def open_account(self, spec: AccountSpec) -> Account:
        """An account as it was on its first day."""
        universe = self.market.universe

        @cache
        def terms(security: Security) -> ContractTerms:
            return contract_terms(spec, universe.get(security))

        return Account(spec, terms, opened_ns=0, changed=self._account_changed)

    def _account_changed(self) -> None:
        self.accounts_changed = True

    def rules(self, account: Account, instrument: Instrument) -> OrderRules:
        """What an account's orders in an instrument may be."""
        key = account.spec.account_id, instrument.security
        known = self._rules.get(key)
        if known is None or known[0] is not instrument:
            rules = venue_rules.order_rules(account.spec, instrument)
            known = self._rules[key] = instrument, rules
        return known[1]

    def account(self, account_id: int) -> Account:
        """One account. Raises UnknownAccount."""
        account = self.accounts.get(account_id)
        if account is None:
            raise UnknownAccount(account_id)
        return account

    def live(self, account_id: int, order_id: int) -> LiveOrder:
        """One order of an account, finished or not. Raises UnknownAccount, UnknownOrder."""
        self.account(account_id)
        live = self.orders[account_id].get(order_id)
        if live is None:
            raise UnknownOrder(str(order_id))
        return live

    def open_ticket(self, account_id: int, order_id: int, operation: OrderOperation) -> Ticket:
        """An unfinished order with which its account may do something.

        Raises:
            UnknownAccount, UnknownOrder: as named.
            OperationNotSupported: the account or the product does not know the operation.
            OrderNotModifiable: the order is finished.
        """
        order = self.live(account_id, order_id).order
        instrument = self.market.universe.get(order.security)
        require(self.rules(self.account(account_id), instrument), operation)
        ticket = self.tickets.get(order_id)
        if ticket is None:
            raise OrderNotModifiable(order_id)
        return ticket

    def add(self, ticket: Ticket) -> None:
        """Take an unfinished order in."""
        order = ticket.order
        self._queued = max(self._queued, ticket.queue_number)
        self.tickets[order.order_id] = ticket
        for security in order.securities:
            self._tickets_in.setdefault(security, {})[order.order_id] = ticket
            self.hooks.opened(security)

    def drop(self, ticket: Ticket) -> None:
        """Take a finished order out, and out of the market."""
        order = ticket.order
        del self.tickets[order.order_id]
        self.matcher(order.security).remove(order.order_id)
        for security in order.securities:
            del self._tickets_in[security][order.order_id]
            self.hooks.closed(security)

    def queue(self, ticket: Ticket) -> None:
        """Note that an order goes to the venue, behind all that went before."""
        self._queued += 1
        ticket.queue_number = self._queued
        self.hooks.touched(ticket.order)

    def hold(self, ticket: Ticket, *, is_held: bool) -> None:
        """Keep an order from the market, or do not any more."""
        ticket.is_held = is_held
        self.hooks.touched(ticket.order)

    def tickets_in(self, security: Security) -> tuple[Ticket, ...]:
        """Unfinished orders in a security, oldest first."""
        return tuple(self._tickets_in.get(security, {}).values())

    def matcher(self, security: Security) -> SecurityMatcher:
        """Where orders in a security meet; made when first needed."""
        matcher = self.matchers.get(security)
        if matcher is None:
            matcher = self.matchers[security] = SecurityMatcher(HalfLifeRefill())
        return matcher

    def displayed(self, security: Security, now_ns: int) -> DisplayedBook:
        """What the market shows, without users' orders."""
        book = self.market.displayed_book(security, now_ns)
        known = self._displayed.get(security)
        if known is None or known[0] is not book:
            known = book, DisplayedBook.from_levels(book.bids, book.asks)
            self._displayed[security] = known
        return known[1]

    def may_trade(self, ticket: Ticket, now_ns: int) -> bool:
        """Whether an order may trade now: its session runs and nobody keeps it from the market."""
        return (
            self.is_open(ticket, now_ns)
            and not ticket.is_held
            and not any(self.market.is_halted(s, now_ns) for s in ticket.order.securities)
        )

    def is_open(self, ticket: Ticket, now_ns: int) -> bool:
        """Whether a session runs in which an order may trade."""
        state = self.market.state(ticket.instrument.venue, now_ns)
        order = ticket.order
        session = venue_rules.session_of(order.session, outside_regular=order.fill_outside_rth)
        return venue_rules.trades_in(state, ticket.rules, session)

    def split_between(self, instrument: Instrument, after: date, until: date) -> Fraction:
        """What a share became in between: of the security, or of what an option or warrant is on."""
        terms = instrument.terms
        shares = terms.owner if isinstance(terms, OptionTerms | WarrantTerms) else None
        events = self.market.share_events(shares or instrument.security, after, until)
        return prod((event.shares for event in events), start=Fraction(1))

    def unfinished_ticket(self, order_id: int) -> Ticket:
        """An unfinished order, whoever's it is. Raises UnknownOrder, OrderNotModifiable."""
        ticket = self.tickets.get(order_id)
        if ticket is None:
            if any(order_id in orders for orders in self.orders.values()):
                raise OrderNotModifiable(order_id)
            raise UnknownOrder(str(order_id))
        return ticket


def require(rules: OrderRules, operation: OrderOperation) -> None:
    """Raise OperationNotSupported if the rules do not know the operation."""
    if operation not in rules.operations:
        raise OperationNotSupported(operation, rules.is_paper)
