"""What an account holds of one security: quantity, costs, today's trading, profit.

`quantity` is negative for a short position. Costs leave fees out [I]. The average cost is the
average price of the trades that opened what is held; the diluted cost is all the money put in less
all the money taken out since the position was last flat, per share still held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from simulator.domain import Security, Side

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mark:
    """The prices that value a holding."""

    last: Decimal
    previous_close: Decimal


@dataclass(slots=True, eq=False)
class Holding:
    """One security in one account, for as long as the account lives.

    Its fields are what the journal keeps of it.
    """

    security: Security
    quantity: int = 0
    realized_pnl: Decimal = _ZERO
    today_buy_quantity: int = 0
    today_buy_value: Decimal = _ZERO
    today_sell_quantity: int = 0
    today_sell_value: Decimal = _ZERO
    _cost_value: Decimal = _ZERO
    _net_paid: Decimal = _ZERO
    _day: date = date.min
    _day_start_quantity: int = 0

    @property
    def average_cost(self) -> Decimal:
        """Zero when nothing is held."""
        return self._cost_value / abs(self.quantity) if self.quantity else _ZERO

    @property
    def diluted_cost(self) -> Decimal:
        """Zero when nothing is held; negative once more was taken out than put in."""
        return self._net_paid / self.quantity if self.quantity else _ZERO

    @property
    def is_visible(self) -> bool:
        """Whether a list of positions shows it: something is held or was traded today [I]."""
        return bool(self.quantity or self.today_buy_quantity or self.today_sell_quantity)

    def roll(self, day: date) -> None:
        """Start counting afresh if the trade date is another one than before."""
        if day != self._day:
            self._day = day
            self._start_day()

    def apply(self, side: Side, quantity: int, price: Decimal) -> None:
        """Book an execution; one that crosses zero first closes, then opens."""
        self._count_today(side, quantity, quantity * price)
        sign = 1 if side is Side.BUY else -1
        closing = min(quantity, max(0, -sign * self.quantity))
        if closing:
            self._close(sign, closing, price)
        if quantity > closing:
            self._cost_value += (quantity - closing) * price
            self._net_paid += sign * (quantity - closing) * price
            self.quantity += sign * (quantity - closing)

    def market_value(self, mark: Mark) -> Decimal:
        """Negative for a short position."""
        return self.quantity * mark.last

    def unrealized_pnl(self, mark: Mark) -> Decimal:
        """Against the average cost."""
        cost = self._cost_value if self.quantity >= 0 else -self._cost_value
        return self.market_value(mark) - cost

    def today_pnl(self, mark: Mark) -> Decimal:
        """What the day brought: value now, less value at yesterday's close, less money put in."""
        start = self._day_start_quantity * mark.previous_close
        return self.market_value(mark) - start - self.today_buy_value + self.today_sell_value

    def _close(self, sign: int, quantity: int, price: Decimal) -> None:
        held = abs(self.quantity)
        cost = self._cost_value if quantity == held else self._cost_value * quantity / held
        self.realized_pnl += sign * (cost - quantity * price)
        self._cost_value -= cost
        self._net_paid += sign * quantity * price
        self.quantity += sign * quantity
        if not self.quantity:
            self._net_paid = _ZERO

    def _count_today(self, side: Side, quantity: int, value: Decimal) -> None:
        if side is Side.BUY:
            self.today_buy_quantity += quantity
            self.today_buy_value += value
        else:
            self.today_sell_quantity += quantity
            self.today_sell_value += value

    def _start_day(self) -> None:
        self._day_start_quantity = self.quantity
        self.today_buy_quantity = self.today_sell_quantity = 0
        self.today_buy_value = self.today_sell_value = _ZERO
