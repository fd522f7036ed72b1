"""What accounts are told of orders: what they may cost, and what they traded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from simulator.domain import Security, Side


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
    rate: Decimal = Decimal(1)
    """What a unit of the security's currency is worth in the account's."""


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
