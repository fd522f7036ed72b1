"""What orders cost, what holdings are worth, and which trade date the accounts are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

from simulator.accounts.account import Account
from simulator.accounts.bookings import OrderCost
from simulator.accounts.exchange_rates import exchange_rate
from simulator.accounts.fees import FeeTally
from simulator.accounts.outcomes import Swap, close_out, replace_contract, take_part
from simulator.accounts.positions import Mark
from simulator.accounts.reservations import Reservation
from simulator.accounts.worth import Marks
from simulator.brokerage.books import Books
from simulator.domain import NS_PER_S, Instrument, Security
from simulator.market_view import exact
from simulator.tickets import Ticket

_ZERO = Decimal(0)


class Valuation:
    """Prices of orders and holdings in their account's currency.

    Args:
        books: what all parts share.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def cost(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> OrderCost:
        """What is still to be paid at most if the order is for `total` in all, at a price."""
        order, instrument = ticket.order, ticket.instrument
        left = total - order.filled_quantity
        day = self._books.price_desk.today(instrument, now_ns)
        fees = self.after_fill(ticket, left, price, day).total - ticket.tally.total
        rate = self._rate(ticket.account, instrument, now_ns)
        return OrderCost(order.security, order.side, left, price, fees, rate)

    def value(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> Decimal:
        """What is left to trade if the order is for `total` in all, in the account's currency."""
        cost = self.cost(ticket, total, price, now_ns)
        multiplier = ticket.account.terms(cost.security).multiplier
        return cost.quantity * multiplier * cost.price * cost.rate

    def judge(self, ticket: Ticket, total: int, price: Decimal, now_ns: int) -> Reservation:
        """What the order will hold back; see `Account.judge` and `Account.judge_combo`."""
        marks, resells = self.marks(ticket.account, now_ns), ticket.rules.resells_same_day
        if ticket.order.legs:
            left = total - ticket.order.filled_quantity
            costs = self.leg_costs(ticket, left, now_ns)
            most = self.combo_value(ticket, left, price, now_ns)
            return ticket.account.judge_combo(costs, most, marks, resells_same_day=resells)
        cost = self.cost(ticket, total, price, now_ns)
        return ticket.account.judge(cost, marks, resells_same_day=resells)

    def combo_reservation(self, ticket: Ticket, now_ns: int) -> Reservation:
        """What the rest of a combo order holds back, judged before."""
        left = ticket.live.left
        held = ticket.account.reserved(ticket.order.order_id)
        opens = [claim.opens for claim in held.claims] if held else [False] * len(ticket.order.legs)
        most = self.combo_value(ticket, left, ticket.reserve_price, now_ns)
        return ticket.account.combo_reservation(self.leg_costs(ticket, left, now_ns), most, opens)

    def combo_value(self, ticket: Ticket, units: int, net: Decimal, now_ns: int) -> Decimal:
        """What so many units of a combo order cost at a net price, in the account's currency."""
        account = ticket.account
        size = max(account.terms(security).multiplier for security in ticket.order.securities)
        return units * size * net * self._rate(account, ticket.instrument, now_ns)

    def leg_costs(self, ticket: Ticket, units: int, now_ns: int) -> list[OrderCost]:
        """What the legs of so many units of a combo order cost at the prices of now."""
        desk, order = self._books.price_desk, ticket.order
        rate = self._rate(ticket.account, ticket.instrument, now_ns)
        costs = []
        for number, (leg, tally) in enumerate(zip(order.legs, ticket.leg_tallies, strict=True)):
            instrument = self._books.market.universe.get(leg.security)
            price = desk.opposite_best(instrument, leg.side, now_ns)
            quantity = units * leg.ratio
            after = self.after_leg_fill(ticket, number, tally, (quantity, price), now_ns)
            fees = after.total - tally.total
            costs.append(OrderCost(leg.security, leg.side, quantity, price, fees, rate))
        return costs

    def after_leg_fill(
        self,
        ticket: Ticket,
        number: int,
        tally: FeeTally,
        traded: tuple[int, Decimal],
        now_ns: int,
    ) -> FeeTally:
        """What a combo order's leg was charged once it has traded a quantity at a price more."""
        leg, (quantity, price) = ticket.order.legs[number], traded
        terms = ticket.account.terms(leg.security)
        day = self._books.price_desk.today(ticket.instrument, now_ns)
        amount = quantity * terms.multiplier * price
        return tally.after_fill(terms.fees, leg.side, quantity, amount, day)

    def _rate(self, account: Account, instrument: Instrument, now_ns: int) -> Decimal:
        day = self._books.price_desk.today(instrument, now_ns)
        return exchange_rate(instrument.currency, account.spec.currency, day)

    def after_fill(self, ticket: Ticket, quantity: int, price: Decimal, day: date) -> FeeTally:
        """What an order was charged once it has traded so much more."""
        terms = ticket.account.terms(ticket.order.security)
        amount = quantity * terms.multiplier * price
        return ticket.tally.after_fill(terms.fees, ticket.order.side, quantity, amount, day)

    def marks(self, account: Account, now_ns: int) -> Marks:
        """What everything in an account is worth now; its trade dates are brought up to now."""
        marks: dict[Security, Mark] = {}
        own = account.spec.currency
        for security in account.held_securities:
            instrument = self._books.market.universe.get(security)
            self.roll(account, instrument, now_ns)
            day = self._books.price_desk.today(instrument, now_ns)
            rate = exchange_rate(instrument.currency, own, day)
            if not account.needs_price(security):
                marks[security] = Mark(_ZERO, _ZERO, rate)
                continue
            quote = self._books.market.quote(security, now_ns)
            marks[security] = Mark(exact(quote.last), exact(quote.previous_close), rate)
        day = utc_date(now_ns)
        rates = {c: exchange_rate(c, own, day) for c in account.currencies if c is not own}
        return Marks(marks, rates)

    def roll(self, account: Account, instrument: Instrument, now_ns: int) -> None:
        """Begin the instrument's trade date in the account's books, if it has begun.

        What its corporate actions gave since the date before is booked first.
        """
        security = instrument.security
        day = self._books.price_desk.today(instrument, now_ns)
        if not account.needs_roll(security, day):
            return
        market_ns = self._books.price_desk.market_ns(instrument, now_ns)
        for event in self._books.market.share_events(security, account.last_day(security), day):
            take_part(account, security, event, market_ns)
        self._adjust(account, instrument, day, market_ns)
        settlement = _ZERO
        if account.quantity(security):
            settlement = exact(self._books.market.quote(security, now_ns).previous_close)
        account.roll(security, day, settlement, market_ns)

    def _adjust(self, account: Account, instrument: Instrument, day: date, market_ns: int) -> None:
        """Let a contract follow a split of its underlying.

        As many contracts as there are shares now take its place, at the strike that belongs to
        them; what has none such is paid out at its last close. Source: [D] adjusted strikes; [I]
        the pay-out, and that fractions of a contract are paid.
        """
        security, market = instrument.security, self._books.market
        final = market.final_day(instrument)
        if final is None or not account.quantity(security):
            return
        since = account.last_day(security)
        shares = self._books.split_between(instrument, since, min(day, final))
        if shares == 1:
            return
        close = exact(market.close_of(security, since))
        new = market.successor(instrument, shares)
        if new is None or account.quantity(new) * account.quantity(security) < 0:
            close_out(account, security, close, day, market_ns)
            return
        price = close * shares.denominator / shares.numerator
        replace_contract(account, Swap(security, new, shares, price), day, market_ns)


def utc_date(now_ns: int) -> date:
    """The date in UTC of a gateway instant, by which exchange rates go."""
    return datetime.fromtimestamp(now_ns // NS_PER_S, UTC).date()


@contextmanager
def released(account: Account, order_id: int) -> Iterator[None]:
    """Free what an order holds back while it is judged anew."""
    held: Reservation | None = account.release(order_id)
    try:
        yield
    finally:
        if held is not None:
            account.reserve(order_id, held)
