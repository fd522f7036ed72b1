"""What commands do to orders and accounts, whatever the market says."""

from __future__ import annotations

from decimal import Decimal

from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.brokerage.books import Books
from simulator.brokerage.combos import Combos
from simulator.brokerage.executions import Executions
from simulator.brokerage.flow import MarketFlow
from simulator.brokerage.valuation import Valuation
from simulator.domain import Currency, Security, TradeDirection
from simulator.errors import InvalidQuantity
from simulator.journal import FillRecord, HoldingRecord, LedgerRecord, OrderRecord, Removal
from simulator.market_view import exact
from simulator.tickets import Phase, Ticket


class Overrides:
    """What commands can do that no user can.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        executions: where orders meet the market and end.
        flow: brings orders to the venue.
        combos: fills orders with legs.
    """

    def __init__(
        self,
        books: Books,
        valuation: Valuation,
        executions: Executions,
        flow: MarketFlow,
        combos: Combos,
    ) -> None:
        self._books = books
        self._valuation = valuation
        self._executions = executions
        self._flow = flow
        self._combos = combos

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
        ticket = self._books.unfinished_ticket(order_id)
        quantity = ticket.live.left if quantity is None else quantity
        if not 0 < quantity <= ticket.live.left:
            raise InvalidQuantity(Decimal(quantity))
        was_held = ticket.is_held
        self._books.hold(ticket, is_held=True)
        self._flow.arrive(order_id, now_ns)
        if ticket.order.legs:
            self._combos.force(ticket, quantity, price, now_ns)
        else:
            self._fill_at(ticket, quantity, price, now_ns)
        if ticket.live.is_open:
            self._books.hold(ticket, is_held=was_held)

    def _fill_at(self, ticket: Ticket, quantity: int, price: Decimal | None, now_ns: int) -> None:
        order, market = ticket.order, self._books.market
        if price is None:
            price = order.price or exact(market.quote(order.security, now_ns).last)
        if ticket.phase is Phase.AT_VENUE:
            left = ticket.live.left - quantity
            self._books.matcher(order.security).reduce(order.order_id, left)
        direction = TradeDirection.NEUTRAL
        trade = market.record_trade(order.security, now_ns, float(price), quantity, direction)
        self._books.hooks.printed(order.security, trade, now_ns)
        self._executions.fill(ticket, quantity, price, now_ns)

    def refuse(self, order_id: int, reason: str, now_ns: int) -> None:
        """Fail an order that travels; what the venue has already is taken out instead.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        ticket = self._books.unfinished_ticket(order_id)
        market_ns = self._books.price_desk.market_ns(ticket.instrument, now_ns)
        if ticket.phase is Phase.TRAVELLING:
            ticket.live.refuse(market_ns, reason)
        else:
            ticket.live.cancel(market_ns)
        self._executions.finish(ticket, now_ns)

    def hold(self, order_id: int) -> None:
        """Keep an order from the market; it loses its place in the queue.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        ticket = self._books.unfinished_ticket(order_id)
        self._books.hold(ticket, is_held=True)
        if ticket.phase is Phase.AT_VENUE:
            self._books.matcher(ticket.order.security).remove(order_id)
            ticket.phase = Phase.WAITING

    def let_go(self, order_id: int) -> Security:
        """Let an order meet the market again, and say in what.

        Raises:
            UnknownOrder, OrderNotModifiable: there is none, or it is finished.
        """
        ticket = self._books.unfinished_ticket(order_id)
        self._books.hold(ticket, is_held=False)
        return ticket.order.security

    def pay(self, account_id: int, amount: Decimal, currency: Currency | None, now_ns: int) -> None:
        """Pay cash in, or out if it is negative. Raises UnknownAccount."""
        account = self._books.account(account_id)
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
        account = self._books.account(account_id)
        instrument = self._books.market.universe.get(security)
        self._valuation.roll(account, instrument, now_ns)
        account.transfer(
            security, quantity, price, self._books.price_desk.today(instrument, now_ns)
        )

    def reset(self, account_id: int | None) -> None:
        """Put one account, or all, back to how it began; its orders vanish without a word.

        Raises:
            UnknownAccount: as named.
        """
        chosen = (
            self._books.accounts
            if account_id is None
            else (self._books.account(account_id).spec.account_id,)
        )
        for ticket in [t for t in self._books.tickets.values() if t.order.account_id in chosen]:
            self._books.drop(ticket)
        for number in tuple(chosen):
            self._forget(number)
            self._books.accounts[number] = self._books.open_account(
                self._books.accounts[number].spec
            )
            self._books.orders[number], self._books.fills[number] = {}, []

    def _forget(self, account_id: int) -> None:
        """Journal that everything of an account is gone; its books are replaced after that."""
        account = self._books.accounts[account_id]
        number_of_entries, holdings = account.journaled()
        self._books.removals += [
            *(Removal(OrderRecord, str(order_id)) for order_id in self._books.orders[account_id]),
            *(Removal(FillRecord, str(fill.fill_id)) for fill in self._books.fills[account_id]),
            *(Removal(LedgerRecord, f"{account_id}/{n}") for n in range(number_of_entries)),
            *(Removal(HoldingRecord, f"{account_id}/{held.symbol}") for held in holdings),
        ]
