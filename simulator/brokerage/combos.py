"""Combo orders: legs judged, priced and filled as one, each leg in its own security's book."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from simulator.accounts.account import Account
from simulator.brokerage.books import Books
from simulator.brokerage.executions import Executions
from simulator.domain import (
    Instrument,
    OptionTerms,
    OrderLeg,
    OrderRequest,
    OrderType,
    Security,
    Side,
    TradeDirection,
)
from simulator.errors import (
    ComboNotSupported,
    InvalidCombo,
    InvalidPrice,
    MarketOrderOutsideHours,
    OrderTooLarge,
    OrderTypeNotSupported,
    PriceOffTick,
    SideNotSupported,
)
from simulator.products import product_class
from simulator.tickets import Ticket
from simulator.ticks import tick_table
from simulator.venue import rules as venue_rules
from simulator.venue.combos import LegBook, leg_weight, most_filled
from simulator.venue.matching import Match
from simulator.venue.order_book import VenueOrder, key_price
from simulator.venue.rules import OrderRules

MOST_LEGS: Final = 4
"""Source: [I] the largest named strategy has four."""

_ANY_PRICE: Final = {Side.BUY: 10**24, Side.SELL: 0}
"""Keys beyond all prices: how much may be taken is decided for all legs together."""


class Combos:
    """What is different about orders with legs.

    Args:
        books: what all parts share.
        executions: books what orders trade.
    """

    def __init__(self, books: Books, executions: Executions) -> None:
        self._books = books
        self._executions = executions

    def check(self, account: Account, request: OrderRequest) -> None:
        """Judge whether legs can be traded together, and by this account.

        Two to four legs on one underlying: options of one contract size, at least one of them, and
        shares of the underlying itself, each only once. Source: [P] a leg is a share or an option;
        [I] the rest.

        Raises:
            ComboNotSupported: a paper account that does what real ones do. Source: [D].
            OrderTypeNotSupported: neither a limit nor a market order. Source: [I].
            SideNotSupported: a leg neither buys nor sells.
            InvalidCombo: such legs make no combo.
            MarketNotAuthorised, UnknownSecurity: as for any order.
        """
        if account.spec.is_strict_paper:
            raise ComboNotSupported
        legs = request.legs
        if request.order_type not in (OrderType.NORMAL, OrderType.MARKET):
            raise OrderTypeNotSupported(request.order_type, is_paper=False)
        for leg in legs:
            if leg.side not in (Side.BUY, Side.SELL):
                raise SideNotSupported(leg.side)
        if not 2 <= len({leg.security for leg in legs}) == len(legs) <= MOST_LEGS:
            raise InvalidCombo
        instruments = [self._books.market.universe.get(leg.security) for leg in legs]
        for instrument in instruments:
            self._books.rules(account, instrument)
        options = [i for i in instruments if isinstance(i.terms, OptionTerms)]
        sizes = {account.terms(option.security).multiplier for option in options}
        owners = {_owner(instrument) for instrument in instruments}
        if len(sizes) != 1 or len(owners) != 1:
            raise InvalidCombo
        for leg, instrument in zip(legs, instruments, strict=True):
            product = product_class(instrument)
            lot = 1 if product is None or product.has_contracts else max(1, instrument.lot_size)
            if leg.ratio < 1 or leg.ratio % lot:
                raise InvalidCombo

    def check_size(self, account: Account, legs: Sequence[OrderLeg], units: int) -> None:
        """Judge the size of each leg. Raises OrderTooLarge."""
        for leg in legs:
            most = venue_rules.max_quantity(self._instrument(leg), self._rules(account, leg))
            if units * leg.ratio > most:
                raise OrderTooLarge(units * leg.ratio, most)

    def prices(
        self, request: OrderRequest, instrument: Instrument, rules: OrderRules, now_ns: int
    ) -> tuple[Decimal, Decimal]:
        """The worst net price of a unit, and what one is reckoned at: the same.

        A market order may go as far as its legs could alone.

        Raises:
            MarketOrderOutsideHours: a market order outside regular continuous trading.
            InvalidPrice: no number.
            PriceOffTick: finer than the finest step of the options.
        """
        desk = self._books.price_desk
        if request.order_type is OrderType.MARKET:
            if not desk.is_open(instrument, rules, now_ns):
                raise MarketOrderOutsideHours(request.security)
            account = self._books.account(request.account_id)
            found = [
                desk.market_prices(
                    self._instrument(leg), self._rules(account, leg), leg.side, now_ns
                )
                for leg in request.legs
            ]
            weights = self._weights(account, request.legs)
            worst = sum((w * p for w, (p, _) in zip(weights, found, strict=True)), Decimal(0))
            return worst, worst
        price = request.price
        if price is None or not price.is_finite():
            raise InvalidPrice(price)
        tick = min(tick_table(instrument, desk.today(instrument, now_ns)).ticks)
        if price % tick:
            raise PriceOffTick(price, tick)
        return price, price

    def meet(self, ticket: Ticket, now_ns: int) -> None:
        """Fill as many whole units as the legs' books give within the net price."""
        legs = ticket.order.legs
        orders = [self._venue_order(ticket, leg, ticket.live.left) for leg in legs]
        weights = self._weights(ticket.account, legs)
        found = [
            LegBook(weight, leg.ratio, self._levels(leg.security, order, now_ns))
            for weight, leg, order in zip(weights, legs, orders, strict=True)
        ]
        units = most_filled(found, ticket.worst_price, ticket.live.left)
        if not units:
            return
        value = sum((b.weight * b.spent(units * b.ratio) / b.ratio for b in found), Decimal(0))
        matches = [self._take(ticket, leg, units, now_ns) for leg in legs]
        self._executions.fill_combo(ticket, matches, units, value / units, now_ns)

    def force(self, ticket: Ticket, units: int, price: Decimal | None, now_ns: int) -> None:
        """Fill units by command: legs at their last prices, the first one at what makes the net.

        Args:
            ticket: the order.
            units: how many, no more than are left.
            price: the net price; None: the limit, or what the last prices come to.
            now_ns: gateway time.
        """
        legs = ticket.order.legs
        weights = self._weights(ticket.account, legs)
        desk = self._books.price_desk
        prices = [desk.last(self._instrument(leg), now_ns) for leg in legs]
        net = sum((w * p for w, p in zip(weights, prices, strict=True)), Decimal(0))
        wanted = ticket.order.price if price is None else price
        if wanted is not None:
            prices[0] += (wanted - net) / weights[0]
            net = wanted
        matches = []
        for leg, leg_price in zip(legs, prices, strict=True):
            quantity = units * leg.ratio
            trade = self._books.market.record_trade(
                leg.security, now_ns, float(leg_price), quantity, TradeDirection.NEUTRAL
            )
            self._books.hooks.printed(leg.security, trade, now_ns)
            matches.append([(quantity, leg_price)])
        self._executions.fill_legs(ticket, matches, units, net, now_ns)

    # --- inside -------------------------------------------------------------------------------

    def _instrument(self, leg: OrderLeg) -> Instrument:
        return self._books.market.universe.get(leg.security)

    def _rules(self, account: Account, leg: OrderLeg) -> OrderRules:
        return self._books.rules(account, self._instrument(leg))

    def _weights(self, account: Account, legs: Sequence[OrderLeg]) -> list[Decimal]:
        sizes = [account.terms(leg.security).multiplier for leg in legs]
        unit = max(sizes)
        return [
            leg_weight(leg.side, leg.ratio, size, unit)
            for leg, size in zip(legs, sizes, strict=True)
        ]

    def _venue_order(self, ticket: Ticket, leg: OrderLeg, units: int) -> VenueOrder:
        order = ticket.order
        return VenueOrder(
            order_id=order.order_id,
            account_id=order.account_id,
            side=leg.side,
            key=_ANY_PRICE[leg.side],
            quantity=units * leg.ratio,
            is_market=True,
            rests=False,
        )

    def _levels(
        self, security: Security, order: VenueOrder, now_ns: int
    ) -> tuple[tuple[Decimal, int], ...]:
        displayed = self._books.displayed(security, now_ns)
        levels = self._books.matcher(security).within_reach(order, displayed, now_ns)
        return tuple((key_price(key), volume) for key, volume in levels)

    def _take(self, ticket: Ticket, leg: OrderLeg, units: int, now_ns: int) -> list[Match]:
        order = self._venue_order(ticket, leg, units)
        displayed = self._books.displayed(leg.security, now_ns)
        return self._books.matcher(leg.security).arrive(order, displayed, now_ns)


def _owner(instrument: Instrument) -> Security:
    terms = instrument.terms
    return terms.owner if isinstance(terms, OptionTerms) else instrument.security
