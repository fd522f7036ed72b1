"""The life of an order: which step leads from which status to which.

Theory of operation. An order starts SUBMITTING and moves only along `TRANSITIONS`. A step that the
table does not list is a mistake of the caller and raises `IllegalStepError`. Rules:

1. A status without a row is final.
2. An order that was partly filled ends CANCELLED_PART, never CANCELLED_ALL.
3. A change of price or quantity keeps the status.

Source: [P] Trd_Common.OrderStatus; [D] the normal flow SUBMITTING, SUBMITTED, FILLED_PART,
    FILLED_ALL; [I] a cancellation is final at once, without a CANCELLING status in between, and
    the end of the day cancels what is left of a DAY order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from simulator.domain import Order, OrderStatus, OrderType, Trigger


class Step(Enum):
    """What can happen to an order."""

    ACCEPT = auto()
    REFUSE = auto()
    FILL_PART = auto()
    FILL_REST = auto()
    CHANGE = auto()
    CANCEL = auto()
    EXPIRE = auto()
    HOLD = auto()
    """The order sleeps until a price wakes it."""
    DISABLE = auto()
    ENABLE = auto()


_S: Final = OrderStatus

TRANSITIONS: Final[Mapping[OrderStatus, Mapping[Step, OrderStatus]]] = MappingProxyType(
    {
        _S.SUBMITTING: {
            Step.ACCEPT: _S.SUBMITTED,
            Step.REFUSE: _S.FAILED,
            Step.CHANGE: _S.SUBMITTING,
            Step.CANCEL: _S.CANCELLED_ALL,
            Step.EXPIRE: _S.CANCELLED_ALL,
            Step.HOLD: _S.WAITING_SUBMIT,
            Step.DISABLE: _S.DISABLED,
        },
        _S.WAITING_SUBMIT: {
            Step.ACCEPT: _S.SUBMITTED,
            Step.REFUSE: _S.FAILED,
            Step.CHANGE: _S.WAITING_SUBMIT,
            Step.CANCEL: _S.CANCELLED_ALL,
            Step.EXPIRE: _S.CANCELLED_ALL,
            Step.DISABLE: _S.DISABLED,
        },
        _S.DISABLED: {
            Step.ENABLE: _S.SUBMITTING,
            Step.CHANGE: _S.DISABLED,
            Step.CANCEL: _S.CANCELLED_ALL,
            Step.EXPIRE: _S.CANCELLED_ALL,
        },
        _S.SUBMITTED: {
            Step.REFUSE: _S.FAILED,
            Step.DISABLE: _S.DISABLED,
            Step.FILL_PART: _S.FILLED_PART,
            Step.FILL_REST: _S.FILLED_ALL,
            Step.CHANGE: _S.SUBMITTED,
            Step.CANCEL: _S.CANCELLED_ALL,
            Step.EXPIRE: _S.CANCELLED_ALL,
        },
        _S.FILLED_PART: {
            Step.FILL_PART: _S.FILLED_PART,
            Step.FILL_REST: _S.FILLED_ALL,
            Step.CHANGE: _S.FILLED_PART,
            Step.CANCEL: _S.CANCELLED_PART,
            Step.EXPIRE: _S.CANCELLED_PART,
        },
    }
)


DELETABLE: Final = frozenset({_S.DISABLED, _S.CANCELLED_ALL, _S.FAILED, _S.SUBMIT_FAILED})
"""Statuses of orders without a fill from which the user may delete. Source: [P] OrderStatus."""


class IllegalStepError(Exception):
    """The table has no such step from the order's status."""


@dataclass(slots=True, eq=False)
class LiveOrder:
    """An order from submission to its end; its fields are what the journal keeps of it.

    `order` is the frozen picture that everybody else sees; each step replaces it.
    """

    order: Order
    _filled_value: Decimal = Decimal(0)

    @property
    def left(self) -> int:
        """Quantity not filled yet."""
        return self.order.quantity - self.order.filled_quantity

    @property
    def filled_value(self) -> Decimal:
        """Price times quantity over all fills, exact."""
        return self._filled_value

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return not self.order.status.is_final

    def accept(self, now_ns: int, order_type: OrderType, price: Decimal | None = None) -> Order:
        """The venue took the order; it may show another type, and a limit, from now on."""
        limit = self.order.price if price is None else price
        return self._step(Step.ACCEPT, now_ns, order_type=order_type, price=limit)

    def refuse(self, now_ns: int, reason: str) -> Order:
        """The venue turned the order down."""
        return self._step(Step.REFUSE, now_ns, last_error=reason)

    def fill(self, quantity: int, price: Decimal, now_ns: int) -> Order:
        """Execute `quantity`, more than 0 and at most `left`, at `price`."""
        if not 0 < quantity <= self.left:
            raise IllegalStepError(f"fill of {quantity} with {self.left} left")
        step = Step.FILL_REST if quantity == self.left else Step.FILL_PART
        value = self._filled_value + quantity * price
        total = self.order.filled_quantity + quantity
        order = self._step(step, now_ns, filled_quantity=total, filled_average_price=value / total)
        self._filled_value = value
        return order

    def change(
        self,
        quantity: int,
        price: Decimal | None,
        now_ns: int,
        trigger: Trigger | None = None,
    ) -> Order:
        """Set a new total quantity, more than what is filled, a new price, and what wakes it."""
        if quantity <= self.order.filled_quantity:
            raise IllegalStepError(f"quantity {quantity} is already filled")
        order = self.order
        trigger = trigger or Trigger(order.aux_price, order.trail)
        return self._step(
            Step.CHANGE,
            now_ns,
            quantity=quantity,
            price=price,
            aux_price=trigger.aux_price,
            trail=trigger.trail,
        )

    def hold(self, now_ns: int) -> Order:
        """The order sleeps until a price wakes it."""
        return self._step(Step.HOLD, now_ns)

    def disable(self, now_ns: int) -> Order:
        """The user takes the order out of the market without ending it."""
        return self._step(Step.DISABLE, now_ns)

    def enable(self, now_ns: int) -> Order:
        """The user sends a disabled order again."""
        return self._step(Step.ENABLE, now_ns)

    def delete(self, now_ns: int) -> Order:
        """The user removes an order that ended, or was disabled, without a fill."""
        if self.order.status not in DELETABLE:
            raise IllegalStepError(f"deletion at {self.order.status.name}")
        self.order = replace(self.order, status=_S.DELETED, updated_ns=now_ns)
        return self.order

    def cancel(self, now_ns: int) -> Order:
        """The user takes the rest back."""
        return self._step(Step.CANCEL, now_ns)

    def expire(self, now_ns: int) -> Order:
        """The order's day is over."""
        return self._step(Step.EXPIRE, now_ns)

    def _step(self, step: Step, now_ns: int, **changes: object) -> Order:
        status = TRANSITIONS.get(self.order.status, {}).get(step)
        if status is None:
            raise IllegalStepError(f"{step.name} from {self.order.status.name}")
        self.order = replace(self.order, status=status, updated_ns=now_ns, **changes)  # type: ignore[arg-type]
        return self.order
