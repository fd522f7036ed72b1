"""One trading account: cash, positions, what open orders hold back, and what it can still afford.

Theory of operation. Every open order has a `Reservation`. An opening order reserves the margin of
what is left of it (all of its value in a cash account) and, if it buys, the fees still to come; a
closing order reserves the shares that it closes. What may be spent is

    available = equity - initial margin of the positions - margin of all reservations

which in a cash account is simply cash less reservations. An order that would turn a long position
into a short one, or the reverse, is refused [D], so a fill never crosses zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from simulator.accounts.fees import FeeModel
from simulator.accounts.ledger import EntryKind, Ledger, LedgerEntry
from simulator.accounts.margin import MarginRates
from simulator.accounts.positions import Holding, Mark
from simulator.domain import (
    AccountSpec,
    Funds,
    MaxQuantities,
    Position,
    PositionSide,
    Security,
    Side,
)
from simulator.errors import (
    InsufficientBuyingPower,
    InsufficientPosition,
    OppositePositionConflict,
)

_ZERO = Decimal(0)
Marks = Mapping[Security, Mark]
"""Prices of every security that the account holds."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What an open order holds back."""

    security: Security
    side: Side
    quantity: int
    """What is left of the order."""
    opens: bool
    """Whether it opens or adds to a position."""
    cash: Decimal
    """Shown as frozen cash."""
    margin: Decimal
    """Taken from what may be spent."""


@dataclass(frozen=True, slots=True)
class OrderCost:
    """An order's price tag while it is open."""

    security: Security
    side: Side
    quantity: int
    """What is left of the order."""
    price: Decimal
    """The worst price at which it can trade."""
    fees: Decimal
    """Still to be charged if all of it trades at that price."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill as the account books it."""

    order_id: int
    security: Security
    side: Side
    quantity: int
    price: Decimal
    fee: Decimal
    time_ns: int
    """Market clock."""


@dataclass(frozen=True, slots=True)
class BuyTerms:
    """What the search for the largest affordable quantity needs to know."""

    security: Security
    price: Decimal
    lot_size: int
    most: int
    """The largest single order, in shares."""
    day: date


class Account:
    """The books of one account.

    Args:
        spec: what the account is.
        rates: its margin rates.
        fees: what its orders cost.
        opened_ns: market clock, when the initial cash is paid in.
    """

    def __init__(
        self, spec: AccountSpec, rates: MarginRates, fees: FeeModel, opened_ns: int
    ) -> None:
        self.spec = spec
        self.rates = rates
        self.fees = fees
        self.ledger = Ledger()
        self.ledger.post(LedgerEntry(opened_ns, EntryKind.DEPOSIT, spec.initial_cash))
        self._holdings: dict[Security, Holding] = {}
        self._reservations: dict[int, Reservation] = {}
        self._changed: dict[Security, None] = {}
        self._journaled_entries = 0

    @property
    def cash(self) -> Decimal:
        """All cash, frozen or not."""
        return self.ledger.cash

    @property
    def frozen_cash(self) -> Decimal:
        """What open buy orders may still cost, fees included."""
        return sum((r.cash for r in self._reservations.values()), _ZERO)

    @property
    def held_securities(self) -> tuple[Security, ...]:
        """Everything that was ever held; all that needs a price."""
        return tuple(self._holdings)

    def quantity(self, security: Security) -> int:
        """Shares held, negative for a short position."""
        holding = self._holdings.get(security)
        return holding.quantity if holding else 0

    def roll(self, security: Security, day: date) -> None:
        """Tell a holding which trade date it is."""
        if security in self._holdings:
            self._holdings[security].roll(day)

    # --- orders -------------------------------------------------------------------------------

    def sellable(self, security: Security, *, resells_same_day: bool) -> int:
        """Shares of a long position that no open order has claimed and that may be sold today."""
        holding = self._holdings.get(security)
        if holding is None:
            return 0
        locked = 0 if resells_same_day else holding.today_buy_quantity
        return max(0, holding.quantity - locked - self._claimed(security, Side.SELL))

    def buyable_back(self, security: Security) -> int:
        """Shares of a short position that no open order has claimed."""
        return max(0, -self.quantity(security) - self._claimed(security, Side.BUY))

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
        available = self.available(marks)
        if reservation.margin > max(_ZERO, available):
            raise InsufficientBuyingPower(reservation.margin, available)
        return reservation

    def reservation(self, cost: OrderCost, *, opens: bool) -> Reservation:
        """What an order of that cost holds back."""
        value = cost.quantity * cost.price
        cash = margin = _ZERO
        if opens and cost.side is Side.BUY:
            cash = value + cost.fees
            margin = self.rates.initial(value, _ZERO) + cost.fees
        elif opens:
            # [O] MaxSellShort = equity / (price x 0.6): fees do not count.
            margin = self.rates.initial(_ZERO, value)
        return Reservation(cost.security, cost.side, cost.quantity, opens, cash, margin)

    def reserved(self, order_id: int) -> Reservation | None:
        """What an order holds back, if it is open."""
        return self._reservations.get(order_id)

    def reserve(self, order_id: int, reservation: Reservation) -> None:
        """Hold back for an order, in place of what it held before."""
        self._reservations[order_id] = reservation

    def release(self, order_id: int) -> Reservation | None:
        """Give back what an order held."""
        return self._reservations.pop(order_id, None)

    def execute(self, execution: Execution, day: date) -> None:
        """Book a fill: shares, money, fees."""
        e = execution
        holding = self._holdings.setdefault(e.security, Holding(e.security))
        holding.roll(day)
        holding.apply(e.side, e.quantity, e.price)
        self._changed[e.security] = None
        value = e.quantity * e.price * (-1 if e.side is Side.BUY else 1)
        for kind, amount in ((EntryKind.TRADE, value), (EntryKind.FEE, -e.fee)):
            self.ledger.post(LedgerEntry(e.time_ns, kind, amount, e.order_id, e.security))

    # --- the journal --------------------------------------------------------------------------

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

    def restore(self, entries: Sequence[LedgerEntry], holdings: Iterable[Holding]) -> None:
        """Take over the books of an earlier run, in place of the deposit that opened this one.

        Args:
            entries: the whole ledger, oldest first; none of it keeps the deposit.
            holdings: in the order in which they were first opened.
        """
        if entries:
            self.ledger = Ledger()
            for entry in entries:
                self.ledger.post(entry)
            self._journaled_entries = len(self.ledger)
        self._holdings = {holding.security: holding for holding in holdings}

    # --- money --------------------------------------------------------------------------------

    def available(self, marks: Marks) -> Decimal:
        """Equity that is neither bound in positions nor held back by orders; may be negative."""
        long_value, short_value = self._values(marks)
        bound = self.rates.initial(long_value, short_value)
        held_back = sum((r.margin for r in self._reservations.values()), _ZERO)
        return self.cash + long_value - short_value - bound - held_back

    def funds(self, marks: Marks) -> Funds:
        """The account's money.

        Source: [O] US margin paper: power is twice the cash when nothing is held; [D] otherwise
            cash less frozen cash.
        """
        long_value, short_value = self._values(marks)
        available = max(_ZERO, self.available(marks))
        rates = self.rates
        market_value = long_value - short_value
        holdings = self._holdings.values()
        return Funds(
            currency=self.spec.currency,
            power=available / rates.initial_long,
            power_short=available / rates.initial_short if rates.initial_short else _ZERO,
            cash=self.cash,
            frozen_cash=self.frozen_cash,
            market_value=market_value,
            long_value=long_value,
            short_value=-short_value,
            total_assets=self.cash + market_value,
            withdrawable_cash=max(_ZERO, min(available, self.cash - self.frozen_cash)),
            unrealized_pnl=sum((h.unrealized_pnl(marks[h.security]) for h in holdings), _ZERO),
            realized_pnl=sum((h.realized_pnl for h in holdings), _ZERO),
            initial_margin=rates.initial(long_value, short_value),
            maintenance_margin=rates.maintenance(long_value, short_value),
        )

    def positions(
        self,
        marks: Marks,
        position_id: Callable[[Security], int],
        *,
        resells_same_day: bool,
    ) -> tuple[Position, ...]:
        """All visible positions, in the order in which they were first opened."""
        return tuple(
            self._position(
                holding,
                marks[security],
                position_id(security),
                self.sellable(security, resells_same_day=resells_same_day)
                or -self.buyable_back(security),
            )
            for security, holding in self._holdings.items()
            if holding.is_visible
        )

    def max_quantities(
        self, terms: BuyTerms, marks: Marks, *, resells_same_day: bool
    ) -> MaxQuantities:
        """The largest orders that `judge` accepts.

        A plain sell is limited to the position, a plain buy to zero while a short is held.
        """
        available = self.available(marks)
        held = self.quantity(terms.security)
        long_allowed = held >= 0 and not self._has_opening(terms.security, Side.SELL)
        short_allowed = held <= 0 and not self._has_opening(terms.security, Side.BUY)
        cash = min(self.cash - self.frozen_cash, available)
        return MaxQuantities(
            cash_buy=self._most_bought(terms, cash, Decimal(1)) if long_allowed else 0,
            margin_buy=(
                self._most_bought(terms, available, self.rates.initial_long) if long_allowed else 0
            ),
            position_sell=self.sellable(terms.security, resells_same_day=resells_same_day),
            sell_short=self._most_shorted(terms, available) if short_allowed else 0,
            buy_back=self.buyable_back(terms.security),
        )

    # --- inside -------------------------------------------------------------------------------

    def _opens(self, cost: OrderCost, *, resells_same_day: bool) -> bool:
        held = self.quantity(cost.security)
        if cost.side is Side.SELL and not self.rates.allows_short:
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
        if self._has_opening(cost.security, other):
            raise OppositePositionConflict(cost.security)
        return True

    def _claimed(self, security: Security, side: Side) -> int:
        return sum(
            r.quantity
            for r in self._reservations.values()
            if r.security == security and r.side is side and not r.opens
        )

    def _has_opening(self, security: Security, side: Side) -> bool:
        return any(
            r.opens and r.security == security and r.side is side
            for r in self._reservations.values()
        )

    def _values(self, marks: Marks) -> tuple[Decimal, Decimal]:
        values = [h.market_value(marks[h.security]) for h in self._holdings.values() if h.quantity]
        longs = sum((value for value in values if value > 0), _ZERO)
        return longs, longs - sum(values, _ZERO)

    def _most_bought(self, terms: BuyTerms, budget: Decimal, margin_rate: Decimal) -> int:
        """Whole lots whose margin and fees fit the budget, by bisection: the cost never falls."""
        low, high = 0, terms.most // terms.lot_size
        while low < high:
            lots = (low + high + 1) // 2
            shares = lots * terms.lot_size
            value = shares * terms.price
            cost = margin_rate * value + self.fees.due(Side.BUY, shares, value, terms.day)
            low, high = (lots, high) if cost <= budget else (low, lots - 1)
        return low * terms.lot_size

    def _most_shorted(self, terms: BuyTerms, budget: Decimal) -> int:
        if self.rates.initial_short is None or budget <= 0:
            return 0
        lots = int(budget / (self.rates.initial_short * terms.price * terms.lot_size))
        return min(lots * terms.lot_size, terms.most)

    def _position(self, holding: Holding, mark: Mark, position_id: int, sellable: int) -> Position:
        return Position(
            position_id=position_id,
            account_id=self.spec.account_id,
            security=holding.security,
            side=PositionSide.SHORT if holding.quantity < 0 else PositionSide.LONG,
            quantity=holding.quantity,
            sellable_quantity=sellable,
            price=mark.last,
            cost_price=holding.diluted_cost,
            average_cost_price=holding.average_cost,
            market_value=holding.market_value(mark),
            unrealized_pnl=holding.unrealized_pnl(mark),
            realized_pnl=holding.realized_pnl,
            today_pnl=holding.today_pnl(mark),
            today_buy_quantity=holding.today_buy_quantity,
            today_buy_value=holding.today_buy_value,
            today_sell_quantity=holding.today_sell_quantity,
            today_sell_value=holding.today_sell_value,
            currency=self.spec.currency,
            trading_market=self.spec.markets[0],
        )
