"""What open orders hold back, with totals that never have to be summed anew.

Theory of operation. Totals grow and shrink with each order. They are kept without rounding, as
amounts converted between currencies have more digits than the usual precision can add exactly, and
what one order added another one's end must not leave behind. They are rounded when they are read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from simulator.domain import Security, Side

_EXACT: Final = Context(prec=200)
"""More digits than any sum of amounts has: of 10**60 down to 10**-100."""

_SideOf = tuple[Security, Side]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an open order may do to one holding."""

    security: Security
    side: Side
    quantity: int
    opens: bool


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
    legs: tuple[Claim, ...] = ()
    """Of a combo order, in place of its own security, side and quantity."""

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it may do to each holding."""
        return self.legs or (Claim(self.security, self.side, self.quantity, self.opens),)


class Reservations:
    """The reservations of one account, by order."""

    def __init__(self) -> None:
        self._of_order: dict[int, Reservation] = {}
        self._cash = Decimal(0)
        self._margin = Decimal(0)
        self._claimed: Counter[_SideOf] = Counter()
        self._openings: Counter[_SideOf] = Counter()

    @property
    def cash(self) -> Decimal:
        """What is frozen in all."""
        return +self._cash

    @property
    def margin(self) -> Decimal:
        """What is taken from what may be spent, in all."""
        return +self._margin

    def claimed(self, security: Security, side: Side) -> int:
        """Shares that closing orders of one side claim."""
        return self._claimed[security, side]

    def has_opening(self, security: Security, side: Side) -> bool:
        """Whether any order of one side opens or adds to a position."""
        return self._openings[security, side] > 0

    def get(self, order_id: int) -> Reservation | None:
        """What an order holds back, if it does."""
        return self._of_order.get(order_id)

    def put(self, order_id: int, reservation: Reservation) -> None:
        """Hold back for an order, in place of what it held before."""
        self.pop(order_id)
        self._of_order[order_id] = reservation
        self._count(reservation, 1)

    def pop(self, order_id: int) -> Reservation | None:
        """Give back what an order held."""
        reservation = self._of_order.pop(order_id, None)
        if reservation is not None:
            self._count(reservation, -1)
        return reservation

    def _count(self, reservation: Reservation, sign: int) -> None:
        add = _EXACT.add if sign > 0 else _EXACT.subtract
        self._cash = add(self._cash, reservation.cash)
        self._margin = add(self._margin, reservation.margin)
        for claim in reservation.claims:
            key = claim.security, claim.side
            if claim.opens:
                self._openings[key] += sign
            else:
                self._claimed[key] += sign * claim.quantity
