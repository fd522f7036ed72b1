"""Fees as dated rows, and what an order owes after each of its fills.

A minimum or maximum is meant per order. So the model computes what the whole order owes up to now,
and each fill is charged the difference to what was charged before: the total is right however
many fills the order took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final, Protocol

from simulator.domain import Side, TradingMarket

_CENT: Final = Decimal("0.01")
_BOTH: Final = frozenset({Side.BUY, Side.SELL})
_SELL: Final = frozenset({Side.SELL})


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One fee of a schedule: flat, by amount or by share, between a minimum and a maximum."""

    title: str
    flat: Decimal = Decimal(0)
    of_amount: Decimal = Decimal(0)
    """Fraction of the traded amount."""
    per_share: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    cap_of_amount: Decimal | None = None
    """Fraction of the amount that the fee may not exceed; the minimum still holds."""
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
        return max(fee, self.minimum).quantize(_CENT, ROUND_HALF_UP)


def _d(text: str) -> Decimal:
    return Decimal(text)


HK_PAPER: Final = (
    # [D] fee list of the HK paper account (moomoo support topic3_950 and its sister pages).
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Trading System Fee", flat=_d("0.5")),
    FeeRow("Settlement Fee", of_amount=_d("0.00002"), minimum=_d("2"), maximum=_d("100")),
    FeeRow("Stamp Duty", of_amount=_d("0.001"), minimum=_d("1")),
    FeeRow("Trading Fee", of_amount=_d("0.00005"), minimum=_d("0.01")),
    FeeRow("SFC Levy", of_amount=_d("0.000027"), minimum=_d("0.01")),
)

US_PAPER: Final = (
    # [D] fee list of the US margin paper account; the SEC fee falls on sales [I].
    FeeRow("Commission", per_share=_d("0.0049"), minimum=_d("0.99"), cap_of_amount=_d("0.005")),
    FeeRow("Platform Fee", per_share=_d("0.005"), minimum=_d("1"), cap_of_amount=_d("0.005")),
    FeeRow("Settlement Fee", per_share=_d("0.003")),
    FeeRow("SEC Fee", of_amount=_d("0.000008"), minimum=_d("0.01"), sides=_SELL),
)

CN_PAPER: Final = (
    # [I] no list of the CN paper account is known: the rates of real A-share orders, [D] and market.
    FeeRow("Commission", of_amount=_d("0.0003"), minimum=_d("3")),
    FeeRow("Platform Fee", flat=_d("15")),
    FeeRow("Handling Fee", of_amount=_d("0.0000487"), until=date(2023, 8, 27)),
    FeeRow("Handling Fee", of_amount=_d("0.0000341"), since=date(2023, 8, 28)),
    FeeRow("Securities Management Fee", of_amount=_d("0.00002")),
    FeeRow("Transfer Fee", of_amount=_d("0.00003")),
    FeeRow("Stamp Duty", of_amount=_d("0.001"), sides=_SELL, until=date(2023, 8, 27)),
    FeeRow("Stamp Duty", of_amount=_d("0.0005"), sides=_SELL, since=date(2023, 8, 28)),
)

PAPER_SCHEDULES: Final[Mapping[TradingMarket, tuple[FeeRow, ...]]] = MappingProxyType(
    {TradingMarket.HK: HK_PAPER, TradingMarket.US: US_PAPER, TradingMarket.CN: CN_PAPER}
)


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

    def items(
        self, side: Side, quantity: int, amount: Decimal, day: date
    ) -> tuple[tuple[str, Decimal], ...]:
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
