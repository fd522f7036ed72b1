"""Answers what accounts have, what orders there are, and how much more may be ordered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from simulator.accounts.capacity import BuyTerms
from simulator.accounts.exchange_rates import exchange_rate
from simulator.accounts.fees import NO_FEES, FeeItems, FeeTally
from simulator.accounts.ledger import LedgerEntry
from simulator.accounts.statement import funds_in, funds_of, positions_of
from simulator.accounts.terms import ContractTerms
from simulator.brokerage.books import Books
from simulator.brokerage.valuation import Valuation, released, utc_date
from simulator.domain import (
    AccountSpec,
    Currency,
    Fill,
    Funds,
    Instrument,
    MaxQuantities,
    Order,
    OrderBook,
    OrderQueues,
    OrderType,
    Position,
    Security,
    Side,
)
from simulator.errors import InvalidPrice
from simulator.placement import borrowable
from simulator.venue import rules as venue_rules
from simulator.venue.depth import merged_book, order_queues


class Queries:
    """What users may ask; nothing changes by it.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
    """

    def __init__(self, books: Books, valuation: Valuation) -> None:
        self._books = books
        self._valuation = valuation

    def accounts(self) -> tuple[AccountSpec, ...]:
        """What accounts there are."""
        return tuple(account.spec for account in self._books.accounts.values())

    def funds(self, account_id: int, now_ns: int, currency: Currency | None = None) -> Funds:
        """An account's money at current prices, in its own currency unless another is named."""
        account = self._books.account(account_id)
        funds = funds_of(account, self._valuation.marks(account, now_ns))
        if currency is None or currency is funds.currency:
            return funds
        rate = exchange_rate(funds.currency, currency, utc_date(now_ns))
        return funds_in(funds, currency, rate)

    def terms(self, account_id: int, security: Security) -> ContractTerms:
        """On what terms an account holds a security."""
        return self._books.account(account_id).terms(security)

    def positions(self, account_id: int, now_ns: int) -> tuple[Position, ...]:
        """What an account holds or traded today."""
        account = self._books.account(account_id)
        marks = self._valuation.marks(account, now_ns)
        get = self._books.market.universe.get
        return positions_of(
            account,
            marks,
            lambda security: _position_id(account_id, get(security)),
            lambda security: self._books.rules(account, get(security)).resells_same_day,
        )

    def held(self) -> tuple[tuple[int, Security], ...]:
        """Every account with everything that it holds."""
        return tuple(
            (account_id, security)
            for account_id, account in self._books.accounts.items()
            for security in account.held_securities
            if account.quantity(security)
        )

    def ledger(self, account_id: int) -> tuple[LedgerEntry, ...]:
        """Every movement of an account's cash, oldest first."""
        return self._books.account(account_id).ledger.entries

    def order(self, account_id: int, order_id: int) -> Order:
        """One order of an account, finished or not."""
        return self._books.live(account_id, order_id).order

    def order_fees(self, account_id: int, order_id: int) -> FeeItems:
        """What an order's fills were charged, by title; empty if nothing traded."""
        order = self._books.live(account_id, order_id).order
        account = self._books.account(account_id)
        venue = self._books.market.universe.get(order.security).venue
        tallies: dict[Security, FeeTally] = {}
        for fill in self._books.fills[account_id]:
            if fill.order_id == order_id:
                terms = account.terms(fill.security)
                day = self._books.calendars(venue).trading_date(fill.created_ns)
                amount = fill.quantity * terms.multiplier * fill.price
                tally = tallies.get(fill.security, NO_FEES)
                tallies[fill.security] = tally.after_fill(
                    terms.fees, fill.side, fill.quantity, amount, day
                )
        sums: dict[str, Decimal] = {}
        for title, due in (item for tally in tallies.values() for item in tally.items):
            sums[title] = sums.get(title, Decimal(0)) + due
        return tuple(sums.items())

    def orders(self, account_id: int, now_ns: int) -> tuple[Order, ...]:
        """Unfinished orders and those that changed today, newest first."""
        self._books.account(account_id)
        orders = (live.order for live in reversed(self._books.orders[account_id].values()))
        return tuple(order for order in orders if self._is_current(order, now_ns))

    def history_orders(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Order, ...]:
        """Finished orders created in [begin, end] of the market's clock, newest first."""
        self._books.account(account_id)
        orders = (live.order for live in reversed(self._books.orders[account_id].values()))
        return tuple(
            order
            for order in orders
            if order.status.is_final and begin_ns <= order.created_ns <= end_ns
        )

    def fills(self, account_id: int, begin_ns: int, end_ns: int) -> tuple[Fill, ...]:
        """Executions in [begin, end] of the market's clock, newest first."""
        self._books.account(account_id)
        fills = reversed(self._books.fills[account_id])
        return tuple(fill for fill in fills if begin_ns <= fill.created_ns <= end_ns)

    def is_unfinished(self, order_id: int) -> bool:
        """Whether anything can still happen to an order."""
        return order_id in self._books.tickets

    def unfinished(self) -> tuple[Order, ...]:
        """All orders that can still change, oldest first."""
        return tuple(ticket.order for ticket in self._books.tickets.values())

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
        account = self._books.account(account_id)
        instrument = self._books.market.universe.get(security)
        rules = self._books.rules(account, instrument)
        if order_type is OrderType.MARKET:
            price, _ = self._books.price_desk.market_prices(instrument, rules, Side.BUY, now_ns)
        if price is None or not price.is_finite() or price <= 0:
            raise InvalidPrice(price)
        self._valuation.roll(account, instrument, now_ns)
        most = venue_rules.max_quantity(instrument, rules)
        lot_size = venue_rules.lot_size(instrument, rules)
        day = self._books.price_desk.today(instrument, now_ns)
        rate = exchange_rate(instrument.currency, account.spec.currency, day)
        terms = BuyTerms(security, price, lot_size, most, day, rate)
        marks = self._valuation.marks(account, now_ns)
        resells = rules.resells_same_day
        if order_id is None:
            found = account.max_quantities(terms, marks, resells_same_day=resells)
        else:
            live = self._books.live(account_id, order_id)
            with released(account, order_id):
                found = account.max_quantities(terms, marks, resells_same_day=resells)
            found = _with_filled(found, live.order)
        sell = found.position_sell
        if rules.borrows:
            found = replace(found, sell_short=min(found.sell_short, borrowable(instrument)))
        whole = sell if rules.sells_odd_lots else sell - sell % lot_size
        return replace(found, position_sell=min(whole, most))

    def resting_levels(
        self, security: Security, displayed: OrderBook, now_ns: int, depth: int
    ) -> OrderBook:
        """Displayed liquidity less what users took, plus users' resting orders."""
        matcher = self._books.matchers.get(security)
        if matcher is None:
            return displayed
        return merged_book(matcher, displayed, now_ns, depth, self._lot(security))

    def resting_orders(
        self, security: Security, displayed: OrderBook, now_ns: int, depth: int
    ) -> OrderQueues:
        """The single orders of the levels that `resting_levels` tells."""
        matcher = self._books.matchers.get(security)
        return order_queues(matcher, displayed, now_ns, depth, self._lot(security))

    def _lot(self, security: Security) -> int:
        return self._books.market.universe.get(security).lot_size

    def _is_current(self, order: Order, now_ns: int) -> bool:
        if not order.status.is_final:
            return True
        instrument = self._books.market.universe.get(order.security)
        changed = self._books.calendars(instrument.venue).trading_date(order.updated_ns)
        return changed >= self._books.price_desk.today(instrument, now_ns)


def _with_filled(found: MaxQuantities, order: Order) -> MaxQuantities:
    filled = order.filled_quantity
    if order.side is Side.BUY:
        return replace(
            found, cash_buy=found.cash_buy + filled, margin_buy=found.margin_buy + filled
        )
    return replace(found, position_sell=found.position_sell + filled)


def _position_id(account_id: int, instrument: Instrument) -> int:
    return account_id % 10**8 * 10**10 + instrument.instrument_id % 10**10
