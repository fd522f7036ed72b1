"""Closes positions of margin accounts by force when the equity no longer carries them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final

from simulator.accounts.account import Account
from simulator.accounts.worth import Marks
from simulator.brokerage.books import Books
from simulator.brokerage.order_desk import OrderDesk
from simulator.brokerage.reasons import FORCED_REMARK
from simulator.brokerage.valuation import Valuation
from simulator.domain import NS_PER_MINUTE, AccountType, OrderRequest, OrderType, Security, Side
from simulator.errors import OrderNotModifiable, OrderRejected
from simulator.venue import rules as venue_rules

MARGIN_CHECK_NS: Final = NS_PER_MINUTE
"""How often accounts that hold anything on margin are looked at. [I]"""

_CASH: Final = AccountType.CASH


class Liquidation:
    """The broker's watch over accounts that hold anything on margin.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        desk: sends the broker's own orders.
    """

    def __init__(self, books: Books, valuation: Valuation, desk: OrderDesk) -> None:
        self._books = books
        self._valuation = valuation
        self._desk = desk
        self._margin_watched: set[int] = set()

    def watch(self, account_id: int, now_ns: int) -> None:
        """Look at a margin account from time to time for as long as it holds anything."""
        spec = self._books.account(account_id).spec
        if account_id not in self._margin_watched and spec.account_type is not _CASH:
            self._margin_watched.add(account_id)
            self._plan_check(account_id, now_ns + MARGIN_CHECK_NS)

    def _plan_check(self, account_id: int, at_ns: int) -> None:
        self._books.hooks.plan(at_ns, lambda at_ns: self._check(account_id, at_ns))

    def _next_check_ns(self, held: Sequence[Security], now_ns: int) -> int:
        """In a minute; once a market opens again while all that matter are closed."""
        timeline, turns = self._books.market.timeline, []
        for venue in {self._books.market.universe.get(security).venue for security in held}:
            if self._books.market.state(venue, now_ns) in venue_rules.CONTINUOUS_STATES:
                return now_ns + MARGIN_CHECK_NS
            turn_ns = self._books.calendars(venue).next_state_change_ns(
                timeline.market_ns(venue, now_ns)
            )
            turns.append(timeline.gateway_ns(venue, turn_ns))
        return max(now_ns + MARGIN_CHECK_NS, min(turns))

    def _check(self, account_id: int, now_ns: int) -> None:
        account = self._books.account(account_id)
        held = [security for security in account.held_securities if account.quantity(security)]
        if not held:
            self._margin_watched.discard(account_id)
            return
        marks = self._valuation.marks(account, now_ns)
        if account.equity(marks) < account.maintenance_margin(marks):
            self._liquidate(account, held, marks, now_ns)
        self._plan_check(account_id, self._next_check_ns(held, now_ns))

    def _liquidate(
        self, account: Account, held: Sequence[Security], marks: Marks, now_ns: int
    ) -> None:
        """Close one position whose market is open, at market.

        Source: [D]: in regular hours, when equity is below the maintenance margin; futures by the
            nearest expiry, then the largest loss; [I] everything else by the largest loss.
        """
        account_id = account.spec.account_id
        open_orders = [t.order for t in self._books.tickets.values() if t.account is account]
        if any(order.remark == FORCED_REMARK for order in open_orders):
            return
        for order in open_orders:
            with suppress(OrderNotModifiable):  # the exchange may take no cancellations now
                self._desk.cancel(account_id, order.order_id, now_ns)
        for security in sorted(held, key=lambda held: self._urgency(account, held, marks)):
            try:
                request = self._closing(account, security, now_ns)
                order = self._desk.submit(request, now_ns, is_forced=True)
                self._books.hooks.forced(order, now_ns)
            except OrderRejected:
                continue
            return

    def _closing(self, account: Account, security: Security, now_ns: int) -> OrderRequest:
        """A market order, or a limit that reaches as far where there are no market orders [I]."""
        quantity = account.quantity(security)
        side = Side.SELL if quantity > 0 else Side.BUY
        instrument = self._books.market.universe.get(security)
        rules = self._books.rules(account, instrument)
        kind, limit = OrderType.MARKET, None
        if kind not in rules.order_types:
            kind = OrderType.NORMAL
            limit, _ = self._books.price_desk.market_prices(instrument, rules, side, now_ns)
        return OrderRequest(
            account_id=account.spec.account_id,
            security=security,
            side=side,
            order_type=kind,
            quantity=Decimal(abs(quantity)),
            price=limit,
            remark=FORCED_REMARK,
        )

    def _urgency(self, account: Account, security: Security, marks: Marks) -> tuple[date, Decimal]:
        """What is closed first sorts first; a continuous series ends with no contract [I]."""
        market = self._books.market
        final = None
        if account.terms(security).is_future:
            final = market.final_day(market.universe.get(security))
        return final or date.max, account.gain(security, marks)
