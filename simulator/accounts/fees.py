"""Fees as dated rows, and what an order owes after each of its fills.

A minimum or maximum is meant per order. So the model computes what the whole order owes up to now,
and each fill is charged the difference to what was charged before: the total is right however
many fills the order took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final, Protocol

from simulator.domain import Side

_CENT: Final = Decimal("0.01")
_BOTH: Final = frozenset({Side.BUY, Side.SELL})


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One fee of a schedule: flat, by amount, by share or contract, within a minimum and a maximum."""

    title: str
    flat: Decimal = Decimal(0)
    of_amount: Decimal = Decimal(0)
    """Fraction of the traded amount."""
    per_share: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    cap_of_amount: Decimal | None = None
    """Fraction of the amount that the fee may not exceed; the minimum still holds."""
    step: Decimal = _CENT
    """What the fee is rounded to: halves up to a cent, and up to anything coarser."""
    sides: frozenset[Side] = _BOTH
    since: date = date.min
    until: date = date.max
    """Last day of validity."""

    def due(self, side: Side, quantity: int, amount: Decimal) -> Decimal:
        """The fee of an order that traded so much, rounded to the cent."""
        if side not in self.sides:
            return Decimal(0)
        fee = self.flat + self.of_amount * amount + self.per_share * quantity
        if self.cap_of_amount is not None:
            fee = min(fee, self.cap_of_amount * amount)
        if self.maximum is not None:
            fee = min(fee, self.maximum)
        rounding = ROUND_HALF_UP if self.step <= _CENT else ROUND_CEILING
        steps = (max(fee, self.minimum) / self.step).to_integral_value(rounding)
        return (steps * self.step).quantize(_CENT)


FeeItems = tuple[tuple[str, Decimal], ...]
"""Title and amount of each fee."""


class FeeModel(Protocol):
    """What an order costs."""

    def due(self, side: Side, quantity: int, amount: Decimal, day: date) -> Decimal:
        """All fees of an order that traded `quantity` shares for `amount` in total.

        Never falls when quantity and amount grow; zero for an order that traded nothing.
        """
        ...


class FeeSchedule:
    """Fees as the sum of rows that are valid on the day."""

    def __init__(self, rows: Sequence[FeeRow]) -> None:
        self._rows = tuple(rows)

    def items(self, side: Side, quantity: int, amount: Decimal, day: date) -> FeeItems:
        """Title and amount of each fee, those of zero left out."""
        if not quantity:
            return ()
        rows = (row for row in self._rows if row.since <= day <= row.until)
        dues = ((row.title, row.due(side, quantity, amount)) for row in rows)
        return tuple((title, due) for title, due in dues if due)

    def due(self, side: Side, quantity: int, amount: Decimal, day: date) -> Decimal:
        """The sum of the items."""
        items = self.items(side, quantity, amount, day)
        return sum((due for _, due in items), Decimal(0))


@dataclass(frozen=True, slots=True)
class FeeTally:
    """What one order owes, fill by fill.

    Fees are counted per order and trade date: fills of another date begin a new count, with its
    own minimums. Source: [V].
    """

    day: date = date.min
    quantity: int = 0
    """Filled on that date."""
    amount: Decimal = Decimal(0)
    today: FeeItems = ()
    earlier: FeeItems = ()
    """Of the dates before."""

    @property
    def items(self) -> FeeItems:
        """All that was charged, by title."""
        sums: dict[str, Decimal] = {}
        for title, due in (*self.earlier, *self.today):
            sums[title] = sums.get(title, Decimal(0)) + due
        return tuple(sums.items())

    @property
    def total(self) -> Decimal:
        """The sum of the items."""
        return sum((due for _, due in (*self.earlier, *self.today)), Decimal(0))

    def after_fill(
        self, schedule: FeeSchedule, side: Side, quantity: int, amount: Decimal, day: date
    ) -> FeeTally:
        """The tally once `quantity` more has traded for `amount`."""
        before = self if day == self.day else FeeTally(day=day, earlier=self.items)
        quantity, amount = before.quantity + quantity, before.amount + amount
        today = schedule.items(side, quantity, amount, day)
        return FeeTally(day, quantity, amount, today, before.earlier)


NO_FEES: Final = FeeTally()
"""Of an order that traded nothing."""
