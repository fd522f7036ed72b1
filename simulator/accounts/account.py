"""One trading account: cash, positions, what open orders hold back, and what it can still afford.

Theory of operation. Every open order has a `Reservation`. An opening order reserves the margin of
what is left of it (all of its value in a cash account) and, if it buys, the fees still to come; a
closing order reserves the shares that it closes. What may be spent is

    available = equity - initial margin of the positions - margin of all reservations

which in a cash account is simply cash less reservations. An order that would turn a long position
into a short one, or the reverse, is refused [D], so a fill never crosses zero.

Shares and options are paid for when they trade. Futures are not: what a contract gains becomes cash
when it is closed and at the end of each trade date, and until then is part of the equity.

Cash lies in as many currencies as were ever traded. Whatever is weighed against each other is first
expressed in the account's own currency, at the rates that come with the marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from simulator.accounts.bookings import Execution, OrderCost
from simulator.accounts.capacity import BuyTerms, margin_of_one, most_bought, most_shorted
from simulator.accounts.ledger import EntryKind, Ledger, LedgerEntry
from simulator.accounts.positions import Holding
from simulator.accounts.reservations import Reservation, Reservations
from simulator.accounts.terms import TermsOf
from simulator.accounts.worth import Marks, Worth
from simulator.domain import (
    AccountSpec,
    Currency,
    MaxQuantities,
    Security,
    Side,
)
from simulator.errors import (
    InsufficientBuyingPower,
    InsufficientPosition,
    OppositePositionConflict,
)

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Account:
    """The books of one account.

    Args:
        spec: what the account is.
        terms: on what terms it holds a security.
        opened_ns: market clock, when the initial cash is paid in.
        changed: called whenever `take_changes` has something more to give.
    """

    def __init__(
        self,
        spec: AccountSpec,
        terms: TermsOf,
        opened_ns: int,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._has_changed = changed
        self.spec = spec
        self.terms = terms
        self.ledger = Ledger(spec.currency, changed)
        for currency, amount in ((spec.currency, spec.initial_cash), *spec.more_cash):
            entry = LedgerEntry(opened_ns, EntryKind.DEPOSIT, amount, currency=currency)
            self.ledger.post(entry)
        self._holdings: dict[Security, Holding] = {}
        self.reservations: Final = Reservations()
        """What open orders hold back."""
        self._changed: dict[Security, None] = {}
        self._journaled_entries = 0

    @property
    def cash(self) -> Decimal:
        """All cash in the account's own currency, frozen or not."""
        return self.ledger.balances[self.spec.currency]

    @property
    def frozen_cash(self) -> Decimal:
        """What open orders may still cost, fees included."""
        return self.reservations.cash

    @property
    def currencies(self) -> tuple[Currency, ...]:
        """Every currency in which there is or was cash, the account's own first."""
        return tuple(self.ledger.balances)

    @property
    def held_securities(self) -> tuple[Security, ...]:
        """Everything that was ever held."""
        return tuple(self._holdings)

    def visible_holdings(self) -> Iterator[Holding]:
        """What a list of positions shows, in the order in which it was first opened."""
        return (holding for holding in self._holdings.values() if holding.is_visible)

    def needs_price(self, security: Security) -> bool:
        """Whether a holding is worth something or is shown; what was sold out long ago is neither."""
        holding = self._holdings.get(security)
        return holding is not None and holding.is_visible

    def quantity(self, security: Security) -> int:
        """Shares held, negative for a short position."""
        holding = self._holdings.get(security)
        return holding.quantity if holding else 0

    def needs_roll(self, security: Security, day: date) -> bool:
        """Whether a holding still counts another trade date."""
        holding = self._holdings.get(security)
        return holding is not None and not holding.is_of(day)

    def roll(self, security: Security, day: date, settlement: Decimal, now_ns: int) -> None:
        """Tell a holding which trade date it is; what a future gained until then becomes cash.

        Args:
            security: what is held; nothing happens if it never was.
            day: the trade date.
            settlement: the price at which the day before was settled.
            now_ns: market clock.
        """
        if not self.needs_roll(security, day):
            return
        holding = self._holdings[security]
        if holding.quantity and self.terms(security).is_future:
            due = holding.settle(settlement)
            self.post(now_ns, EntryKind.SETTLEMENT, due, security)
            self.mark(security)
        holding.roll(day)

    # --- orders -------------------------------------------------------------------------------

    def sellable(self, security: Security, *, resells_same_day: bool) -> int:
        """Shares of a long position that no open order has claimed and that may be sold today."""
        holding = self._holdings.get(security)
        if holding is None:
            return 0
        locked = 0 if resells_same_day else holding.today_buy_quantity
        return max(0, holding.quantity - locked - self.reservations.claimed(security, Side.SELL))

    def buyable_back(self, security: Security) -> int:
        """Shares of a short position that no open order has claimed."""
        return max(0, -self.quantity(security) - self.reservations.claimed(security, Side.BUY))

    def judge(self, cost: OrderCost, marks: Marks, *, resells_same_day: bool) -> Reservation:
        """Decide whether the account can take an order.

        Args:
            cost: the order; when it replaces another one, release that one first.
            marks: prices of all holdings.
            resells_same_day: whether shares bought today may be sold today.

        Returns:
            What the order will hold back; nothing is booked yet.

        Raises:
            InsufficientPosition: sells more than can be sold, and shorts are not allowed.
            OppositePositionConflict: would hold long and short at once.
            InsufficientBuyingPower: costs more than is available.
        """
        opens = self._opens(cost, resells_same_day=resells_same_day)
        reservation = self.reservation(cost, opens=opens)
        return self._affordable(reservation, marks)

    def judge_combo(
        self, costs: Sequence[OrderCost], most: Decimal, marks: Marks, *, resells_same_day: bool
    ) -> Reservation:
        """Decide whether the account can take a combo order; each leg binds what it would alone [I].

        Args:
            costs: of the legs, at the prices of now.
            most: what the whole order pays at most, in the account's currency; negative if it gets.
            marks: prices of all holdings.
            resells_same_day: whether shares bought today may be sold today.

        Raises:
            InsufficientPosition, OppositePositionConflict, InsufficientBuyingPower: as `judge`.
        """
        opens = [self._opens(cost, resells_same_day=resells_same_day) for cost in costs]
        reservation = self.combo_reservation(costs, most, opens)
        return self._affordable(reservation, marks)

    def combo_reservation(
        self, costs: Sequence[OrderCost], most: Decimal, opens: Sequence[bool]
    ) -> Reservation:
        """What a combo order of those legs holds back: its legs' margins, and what it pays beyond."""
        parts = [self.reservation(c, opens=o) for c, o in zip(costs, opens, strict=True)]
        net = fees = _ZERO
        for cost in costs:
            value = cost.quantity * self.terms(cost.security).multiplier * cost.price * cost.rate
            net += value if cost.side is Side.BUY else -value
            fees += cost.fees * cost.rate
        first = parts[0]
        return Reservation(
            first.security,
            first.side,
            first.quantity,
            opens=any(opens),
            cash=max(_ZERO, most) + fees,
            margin=sum((part.margin for part in parts), _ZERO) + max(_ZERO, most - net),
            legs=tuple(claim for part in parts for claim in part.claims),
        )

    def reservation(self, cost: OrderCost, *, opens: bool) -> Reservation:
        """What an order of that cost holds back."""
        terms = self.terms(cost.security)
        value = cost.quantity * terms.multiplier * cost.price * cost.rate
        fees = cost.fees * cost.rate
        cash = margin = _ZERO
        if opens and terms.is_future:
            is_buy = cost.side is Side.BUY
            margin = terms.rates.initial(*((value, _ZERO) if is_buy else (_ZERO, value))) + fees
            cash = margin
        elif opens and cost.side is Side.BUY:
            cash = value + fees
            margin = terms.rates.initial(value, _ZERO) + fees
        elif opens:
            # [O] MaxSellShort = equity / (price x 0.6): fees do not count.
            margin = terms.rates.initial(_ZERO, value)
        return Reservation(cost.security, cost.side, cost.quantity, opens, cash, margin)

    def reserved(self, order_id: int) -> Reservation | None:
        """What an order holds back, if it is open."""
        return self.reservations.get(order_id)

    def reserve(self, order_id: int, reservation: Reservation) -> None:
        """Hold back for an order, in place of what it held before."""
        self.reservations.put(order_id, reservation)

    def release(self, order_id: int) -> Reservation | None:
        """Give back what an order held."""
        return self.reservations.pop(order_id)

    def execute(self, execution: Execution, day: date) -> None:
        """Book a fill: shares, money, fees."""
        e = execution
        terms = self.terms(e.security)
        holding = self.holding(e.security)
        holding.roll(day)
        gain = holding.apply(e.side, e.quantity, e.price)
        self.mark(e.security)
        value = e.quantity * terms.multiplier * e.price * (-1 if e.side is Side.BUY else 1)
        if terms.is_future:
            value = gain
        self.post(e.time_ns, EntryKind.TRADE, value, e.security, e.order_id)
        self.post(e.time_ns, EntryKind.FEE, -e.fee, e.security, e.order_id)

    def transfer(self, security: Security, quantity: int, price: Decimal, day: date) -> None:
        """Bring shares in at a cost price, or take them out; neither cash nor today's trading moves."""
        holding = self.holding(security)
        holding.roll(day)
        holding.transfer(quantity, price)
        self.mark(security)

    # --- what holdings bring ------------------------------------------------------------------

    def last_day(self, security: Security) -> date:
        """The trade date that a holding counts; the first of all where nothing is held."""
        holding = self._holdings.get(security)
        return holding.day if holding is not None and holding.quantity else date.max

    def holding(self, security: Security) -> Holding:
        """A holding that may be changed, opened if there was none; `mark` it afterwards."""
        holding = self._holdings.get(security)
        if holding is None:
            multiplier = self.terms(security).multiplier
            holding = self._holdings[security] = Holding(security, multiplier)
        return holding

    # --- the journal --------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        """Whether `take_changes` has anything to give."""
        return len(self.ledger) > self._journaled_entries or bool(self._changed)

    def mark(self, security: Security) -> None:
        """A holding has changed."""
        self._changed[security] = None
        self._has_changed()

    def take_changes(self) -> tuple[int, tuple[LedgerEntry, ...], tuple[Holding, ...]]:
        """What is new since the last call.

        Returns:
            The number of the first new entry of the ledger, the new entries, and copies of the
            holdings that changed.
        """
        first = self._journaled_entries
        entries = self.ledger.since(first)
        self._journaled_entries = first + len(entries)
        holdings = tuple(replace(self._holdings[security]) for security in self._changed)
        self._changed.clear()
        return first, entries, holdings

    def holdings(self) -> tuple[Holding, ...]:
        """Copies of all holdings, flat ones too."""
        return tuple(replace(holding) for holding in self._holdings.values())

    def journaled(self) -> tuple[int, tuple[Security, ...]]:
        """How many entries of the ledger and which holdings may have been taken as changes."""
        return self._journaled_entries, tuple(self._holdings)

    def restore(self, entries: Sequence[LedgerEntry], holdings: Iterable[Holding]) -> None:
        """Take over the books of an earlier run, in place of the deposit that opened this one.

        Args:
            entries: the whole ledger, oldest first; none of it keeps the deposit.
            holdings: in the order in which they were first opened.
        """
        if entries:
            self.ledger = Ledger(self.spec.currency, self._has_changed)
            for entry in entries:
                self.ledger.post(entry)
            self._journaled_entries = len(self.ledger)
        self._holdings = {holding.security: holding for holding in holdings}

    # --- money --------------------------------------------------------------------------------

    def worth(self, marks: Marks) -> Worth:
        """What everything in it comes to at the marks."""
        return Worth(self.spec.currency, self.ledger.balances, self._holdings, self.terms, marks)

    def post(
        self,
        time_ns: int,
        kind: EntryKind,
        amount: Decimal,
        security: Security,
        order_id: int | None = None,
    ) -> None:
        """Move cash in the security's currency; zero leaves no trace."""
        currency = self.terms(security).currency
        self.ledger.post(LedgerEntry(time_ns, kind, amount, order_id, security, currency))

    def available(self, marks: Marks) -> Decimal:
        """Equity that is neither bound in positions nor held back by orders; may be negative."""
        worth = self.worth(marks)
        return worth.equity() - worth.margins().initial - self.reservations.margin

    def all_cash(self, marks: Marks) -> Decimal:
        """Cash of all currencies, frozen or not."""
        return self.worth(marks).cash()

    def equity(self, marks: Marks) -> Decimal:
        """What would be left if everything were closed at the marks."""
        return self.worth(marks).equity()

    def gain(self, security: Security, marks: Marks) -> Decimal:
        """What a holding has gained since it was opened, in the account's currency."""
        mark = marks.prices[security]
        return self._holdings[security].unrealized_pnl(mark) * mark.rate

    def maintenance_margin(self, marks: Marks) -> Decimal:
        """The equity below which positions may be closed by force."""
        return self.worth(marks).margins().maintenance

    def max_quantities(
        self, terms: BuyTerms, marks: Marks, *, resells_same_day: bool
    ) -> MaxQuantities:
        """The largest orders that `judge` accepts.

        A plain sell is limited to the position, a plain buy to zero while a short is held.
        """
        available = self.available(marks)
        contract = self.terms(terms.security)
        rates = contract.rates
        held = self.quantity(terms.security)
        long_allowed = held >= 0 and not self.reservations.has_opening(terms.security, Side.SELL)
        short_allowed = held <= 0 and not self.reservations.has_opening(terms.security, Side.BUY)
        cash = min(self.worth(marks).cash() - self.frozen_cash, available)
        return MaxQuantities(
            cash_buy=most_bought(terms, contract, cash, _ONE) if long_allowed else 0,
            margin_buy=(
                most_bought(terms, contract, available, rates.initial_long) if long_allowed else 0
            ),
            position_sell=self.sellable(terms.security, resells_same_day=resells_same_day),
            sell_short=most_shorted(terms, contract, available) if short_allowed else 0,
            buy_back=self.buyable_back(terms.security),
            long_margin=margin_of_one(terms, contract, rates.initial_long),
            short_margin=margin_of_one(terms, contract, rates.initial_short),
        )

    def _affordable(self, reservation: Reservation, marks: Marks) -> Reservation:
        available = self.available(marks)
        if reservation.margin > max(_ZERO, available):
            raise InsufficientBuyingPower(reservation.margin, available)
        return reservation

    def _opens(self, cost: OrderCost, *, resells_same_day: bool) -> bool:
        held = self.quantity(cost.security)
        if cost.side is Side.SELL and not self.terms(cost.security).rates.allows_short:
            sellable = self.sellable(cost.security, resells_same_day=resells_same_day)
            if cost.quantity > sellable:
                raise InsufficientPosition(cost.quantity, sellable)
            return False
        closes = held < 0 if cost.side is Side.BUY else held > 0
        if closes:
            most = (
                self.buyable_back(cost.security)
                if cost.side is Side.BUY
                else self.sellable(cost.security, resells_same_day=resells_same_day)
            )
            if cost.quantity > most:
                raise OppositePositionConflict(cost.security)
            return False
        other = Side.SELL if cost.side is Side.BUY else Side.BUY
        if self.reservations.has_opening(cost.security, other):
            raise OppositePositionConflict(cost.security)
        return True
