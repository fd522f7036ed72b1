"""Ends derivatives: options are exercised or lapse, futures settle, structured products pay out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from simulator.accounts.account import Account
from simulator.accounts.outcomes import Delivery, close_out, deliver
from simulator.brokerage.books import Books
from simulator.brokerage.executions import Executions
from simulator.brokerage.flow import AUCTION_NS
from simulator.brokerage.slicing import day_end_ns
from simulator.domain import (
    Instrument,
    Market,
    OptionKind,
    OptionTerms,
    Security,
    SecurityType,
)
from simulator.market_view import exact
from simulator.products import trading_market

LEAST_IN_THE_MONEY: Final = {Market.US: (Decimal("0.01"), Decimal(0))}
"""What an option on shares must be in the money to be exercised: money, part of the strike.

Source: [D] 0.01 dollars; elsewhere 1.5 %.
"""
_USUAL_LEAST: Final = (Decimal("0.001"), Decimal("0.015"))
_INDEX_LEAST: Final = (Decimal("0.001"), Decimal(0))
EXERCISE_FEE: Final = {Market.HK: Decimal(2)}
"""Of each contract that ends in shares. Source: [V] Hong Kong's stock options."""


class Expiration:
    """The end of derivatives.

    What ends leaves no order and no fill behind, only movements of cash and shares. [I]

    Args:
        books: what all parts share.
        executions: where orders end.
        delivered: told of the account that shares came into, the shares and the gateway instant.
    """

    def __init__(
        self,
        books: Books,
        executions: Executions,
        delivered: Callable[[int, Security, int], None],
    ) -> None:
        self._books = books
        self._executions = executions
        self._delivered = delivered
        self._planned: set[Security] = set()

    def follow(self, security: Security, now_ns: int) -> None:
        """End a security in its time, if it is a derivative; it is held or ordered."""
        if security in self._planned:
            return
        instrument = self._books.market.universe.get(security)
        final = self._books.market.final_day(instrument)
        if final is None:
            return
        self._planned.add(security)
        self._books.hooks.plan(
            max(now_ns, self._end_ns(instrument, final)),
            lambda at_ns: self._end(instrument, final, at_ns),
        )

    def end_now(self, security: Security, account_id: int | None, now_ns: int) -> int:
        """End a derivative before its time, at present prices; say in how many accounts it was held.

        Args:
            security: what ends; its open orders are cancelled.
            account_id: only this account's; None: everybody's.
            now_ns: gateway time.
        """
        instrument = self._books.market.universe.get(security)
        price = self._worth(instrument, None, now_ns)
        return self._settle(instrument, price, account_id, now_ns)

    def _end_ns(self, instrument: Instrument, final: date) -> int:
        """Once the closing auction of the last day is over."""
        calendar = self._books.calendars(instrument.venue)
        end_ns = day_end_ns(calendar, final, extended=False) + AUCTION_NS
        return self._books.market.timeline.gateway_ns(instrument.venue, end_ns)

    def _end(self, instrument: Instrument, final: date, now_ns: int) -> None:
        self._planned.discard(instrument.security)
        self._settle(instrument, self._worth(instrument, final, now_ns), None, now_ns)

    def _worth(self, instrument: Instrument, final: date | None, now_ns: int) -> Decimal:
        """The price that decides: of the underlying for an option, else of the security itself.

        Source: [I] the close of the last day, also where exchanges take an average of it.
        """
        terms = instrument.terms
        decides = terms.owner if isinstance(terms, OptionTerms) else instrument.security
        market = self._books.market
        if final is None:
            return exact(market.quote(decides, now_ns).last)
        return exact(market.close_of(decides, final))

    def _settle(
        self, instrument: Instrument, price: Decimal, account_id: int | None, now_ns: int
    ) -> int:
        security = instrument.security
        for ticket in self._books.tickets_in(security):
            if account_id in (None, ticket.order.account_id):
                self._executions.end(ticket, now_ns)
        found = 0
        for number, account in self._books.accounts.items():
            if account_id in (None, number) and account.quantity(security):
                self._settle_in(account, instrument, price, now_ns)
                found += 1
        return found

    def _settle_in(
        self, account: Account, instrument: Instrument, price: Decimal, now_ns: int
    ) -> None:
        market_ns = self._books.price_desk.market_ns(instrument, now_ns)
        day = self._books.price_desk.today(instrument, now_ns)
        terms = instrument.terms
        if not isinstance(terms, OptionTerms):
            close_out(account, instrument.security, price, day, market_ns)
            return
        value = self._value(terms, price)
        owner = self._books.market.universe.get(terms.owner)
        if not value or trading_market(account.spec, owner) is None:
            close_out(account, instrument.security, value, day, market_ns)
            return
        contracts = account.quantity(instrument.security)
        sign = 1 if terms.kind is OptionKind.CALL else -1
        fee = EXERCISE_FEE.get(instrument.security.market, Decimal(0))
        delivery = Delivery(
            option=instrument.security,
            shares=terms.owner,
            quantity=sign * contracts * terms.multiplier,
            strike=exact(terms.strike),
            fee=Decimal(0) if account.spec.is_paper else fee * abs(contracts),
            time_ns=market_ns,
        )
        deliver(account, delivery, self._books.price_desk.today(owner, now_ns))
        self._delivered(account.spec.account_id, terms.owner, now_ns)

    def _value(self, terms: OptionTerms, price: Decimal) -> Decimal:
        """What an option is worth at its end; zero for one that is not exercised."""
        strike = exact(terms.strike)
        inside = price - strike if terms.kind is OptionKind.CALL else strike - price
        owner = self._books.market.universe.get(terms.owner)
        least, part = LEAST_IN_THE_MONEY.get(terms.owner.market, _USUAL_LEAST)
        if owner.security_type is SecurityType.INDEX:
            least, part = _INDEX_LEAST
        return inside if inside >= max(least, part * strike) else Decimal(0)
