"""Answers what a combo order would do to an account's money if it were filled."""

from __future__ import annotations

from contextlib import nullcontext
from decimal import Decimal

from simulator.accounts.account import Account
from simulator.accounts.bookings import OrderCost
from simulator.accounts.margin import MarginRates
from simulator.accounts.worth import Marks
from simulator.brokerage.books import Books
from simulator.brokerage.order_desk import OrderDesk
from simulator.brokerage.valuation import Valuation, released
from simulator.domain import ComboEffects, OrderRequest, Side
from simulator.tickets import Ticket

_ZERO = Decimal(0)


class ComboQueries:
    """What users may ask before they send a combo order; nothing changes by it.

    Args:
        books: what all parts share.
        valuation: what orders cost and holdings are worth.
        desk: drafts orders.
    """

    def __init__(self, books: Books, valuation: Valuation, desk: OrderDesk) -> None:
        self._books = books
        self._valuation = valuation
        self._desk = desk

    def effects(
        self, request: OrderRequest, now_ns: int, order_id: int | None = None
    ) -> ComboEffects:
        """The account's figures after the order less those before, in the currency of the legs.

        Args:
            request: the order; whether it can be paid does not matter. Last prices count.
            now_ns: gateway time.
            order_id: an open order that it would replace; what that holds back counts as free.

        Raises:
            UnknownAccount, UnknownSecurity, OrderRejected: as for the order itself.

        Source: [P] Trd_Common.ComboMaxTrdQtys; [I] what the figures mean.
        """
        account = self._books.account(request.account_id)
        ticket = self._desk.draft(request, now_ns)
        with released(account, order_id) if order_id else nullcontext():
            return self._effects(ticket, now_ns)

    def _effects(self, ticket: Ticket, now_ns: int) -> ComboEffects:
        account, units = ticket.account, ticket.order.quantity
        marks = self._valuation.marks(account, now_ns)
        costs = self._valuation.leg_costs(ticket, units, now_ns)
        paid = self._valuation.combo_value(ticket, units, ticket.worst_price, now_ns)
        fees = sum((cost.fees * cost.rate for cost in costs), _ZERO)
        margins = [self._margins(account, cost, now_ns) for cost in costs]
        worth, initial, maintenance = (sum(column, _ZERO) for column in zip(*margins, strict=True))
        equity = worth - paid - fees
        available = account.available(marks)
        after = available + equity - initial
        withdrawable = _withdrawable(account, marks, after, -paid - fees)
        rate = costs[0].rate
        return ComboEffects(
            equity=equity / rate,
            initial_margin=initial / rate,
            maintenance_margin=maintenance / rate,
            withdrawable=(withdrawable - _withdrawable(account, marks, available, _ZERO)) / rate,
            option_power=max(_ZERO, available) / rate,
            power_used=(available - after) / rate,
        )

    def _margins(
        self, account: Account, cost: OrderCost, now_ns: int
    ) -> tuple[Decimal, Decimal, Decimal]:
        """What a leg adds to market value, initial and maintenance margin."""
        terms = account.terms(cost.security)
        instrument = self._books.market.universe.get(cost.security)
        last = self._books.price_desk.last(instrument, now_ns)
        one = terms.multiplier * last * cost.rate
        before = account.quantity(cost.security)
        change = cost.quantity if cost.side is Side.BUY else -cost.quantity
        was, will = (_bound(terms.rates, quantity * one) for quantity in (before, before + change))
        return change * one, will[0] - was[0], will[1] - was[1]


def _bound(rates: MarginRates, value: Decimal) -> tuple[Decimal, Decimal]:
    sides = max(value, _ZERO), max(-value, _ZERO)
    return rates.initial(*sides), rates.maintenance(*sides)


def _withdrawable(account: Account, marks: Marks, available: Decimal, spent: Decimal) -> Decimal:
    free_cash = account.all_cash(marks) + spent - account.frozen_cash
    return max(_ZERO, min(available, free_cash))
