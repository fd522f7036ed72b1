"""What commands want to happen to orders: to one that is there, or to the next that comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from simulator.domain import Order, OrderRequest, Security


class Act(Enum):
    """What is done to an order."""

    FILL = auto()
    REJECT = auto()
    DELAY = auto()
    HOLD = auto()
    """The market does not fill it until it is released."""


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What will happen to the next order that fits, once."""

    act: Act
    account_id: int | None = None
    """None: any account's."""
    security: Security | None = None
    """None: in anything."""
    quantity: int | None = None
    """To fill; None: by `percent`."""
    percent: Decimal = Decimal(100)
    price: Decimal | None = None
    """To fill at; None: the limit, or the last price for a market order."""
    delay_ns: int = 0
    reason: str = ""

    def fits(self, order: Order | OrderRequest) -> bool:
        """Whether it is about that order."""
        return self.account_id in (None, order.account_id) and self.security in (
            None,
            order.security,
        )

    def quantity_of(self, total: int, lot_size: int) -> int:
        """How much of an order to fill: whole lots, at least one share."""
        if self.quantity is not None:
            return self.quantity
        share = int(total * self.percent / 100)
        return min(total, max(1, share - share % lot_size if share >= lot_size else share))


class OrderPlans:
    """The plans that have not come true yet, oldest first."""

    def __init__(self) -> None:
        self._plans: list[OrderPlan] = []
        self._is_changed = False

    def restore(self, plans: Iterable[OrderPlan]) -> None:
        """Take over the plans of an earlier run."""
        self._plans = list(plans)

    def waiting(self) -> tuple[OrderPlan, ...]:
        """All plans."""
        return tuple(self._plans)

    def take_changed(self) -> tuple[OrderPlan, ...] | None:
        """All plans if they changed since the last call."""
        if not self._is_changed:
            return None
        self._is_changed = False
        return tuple(self._plans)

    def add(self, plan: OrderPlan) -> None:
        """Plan something for the next order that fits."""
        self._plans.append(plan)
        self._is_changed = True

    def clear(self) -> None:
        """Let everything take its course."""
        self._is_changed = self._is_changed or bool(self._plans)
        self._plans.clear()

    def take(self, order: Order | OrderRequest, *acts: Act) -> OrderPlan | None:
        """Take the oldest plan of these kinds that fits."""
        for plan in self._plans:
            if plan.act in acts and plan.fits(order):
                self._plans.remove(plan)
                self._is_changed = True
                return plan
        return None
