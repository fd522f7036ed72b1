"""What an account holds of one security: quantity, costs, today's trading, profit.

`quantity` is negative for a short position. Costs leave fees out [I]. The average cost is the
average price of the trades that opened what is held; the diluted cost is all the money put in less
all the money taken out since the position was last flat, per share still held.

All money is in the security's currency, and values count the whole contract: price times quantity
times `multiplier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from simulator.domain import Security, Side

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Mark:
    """The prices that value a holding."""

    last: Decimal
    previous_close: Decimal
    rate: Decimal = Decimal(1)
    """What a unit of the security's currency is worth in the account's."""


@dataclass(slots=True, eq=False)
class Holding:
    """One security in one account, for as long as the account lives.

    Its fields are what the journal keeps of it.
    """

    security: Security
    multiplier: int = 1
    """Units of the underlying per share or contract."""
    quantity: int = 0
    realized_pnl: Decimal = _ZERO
    today_buy_quantity: int = 0
    today_buy_value: Decimal = _ZERO
    today_sell_quantity: int = 0
    today_sell_value: Decimal = _ZERO
    _cost_value: Decimal = _ZERO
    _net_paid: Decimal = _ZERO
    _settled: Decimal = _ZERO
    """Gain of what is held that has become cash already."""
    _day: date = date.min
    _day_start_quantity: int = 0

    @property
    def average_cost(self) -> Decimal:
        """Zero when nothing is held."""
        units = abs(self.quantity) * self.multiplier
        return self._cost_value / units if units else _ZERO

    @property
    def diluted_cost(self) -> Decimal:
        """Zero when nothing is held; negative once more was taken out than put in."""
        units = self.quantity * self.multiplier
        return self._net_paid / units if units else _ZERO

    @property
    def is_visible(self) -> bool:
        """Whether a list of positions shows it: something is held or was traded today [I]."""
        return bool(self.quantity or self.today_buy_quantity or self.today_sell_quantity)

    @property
    def day(self) -> date:
        """The trade date that it counts."""
        return self._day

    def is_of(self, day: date) -> bool:
        """Whether it counts that trade date."""
        return day == self._day

    def roll(self, day: date) -> None:
        """Start counting afresh if the trade date is another one than before."""
        if day != self._day:
            self._day = day
            self._start_day()

    def apply(self, side: Side, quantity: int, price: Decimal) -> Decimal:
        """Book an execution; one that crosses zero first closes, then opens.

        Returns:
            The gain that it realised and that had not been settled before.
        """
        price *= self.multiplier
        self._count_today(side, quantity, quantity * price)
        sign = 1 if side is Side.BUY else -1
        closing = min(quantity, max(0, -sign * self.quantity))
        gain = self._close(sign, closing, price) if closing else _ZERO
        if quantity > closing:
            self._cost_value += (quantity - closing) * price
            self._net_paid += sign * (quantity - closing) * price
            self.quantity += sign * (quantity - closing)
        return gain

    def transfer(self, quantity: int, price: Decimal) -> None:
        """Bring shares in (or take them out, if negative) without a trade of today."""
        side = Side.BUY if quantity > 0 else Side.SELL
        today = (
            self.today_buy_quantity,
            self.today_buy_value,
            self.today_sell_quantity,
            self.today_sell_value,
        )
        self.apply(side, abs(quantity), price)
        (
            self.today_buy_quantity,
            self.today_buy_value,
            self.today_sell_quantity,
            self.today_sell_value,
        ) = today
        self._day_start_quantity += quantity

    def settle(self, price: Decimal) -> Decimal:
        """Turn what the position has gained at a settlement price into cash, and return it."""
        due = self.unsettled(Mark(price, price))
        self._settled += due
        return due

    def unsettled(self, mark: Mark) -> Decimal:
        """What the position has gained beyond what was settled."""
        return self.unrealized_pnl(mark) - self._settled

    def convert(self, shares: Fraction, price: Decimal) -> Decimal:
        """Turn each share into `shares` shares; costs stay, spread over the new ones.

        Args:
            shares: After for one before.
            price: Of a share after.

        Returns:
            The money for the fraction of a share that is left over and goes; a short position pays
            it. It counts as a sale that is not one of today.
        """
        exact = self.quantity * shares
        whole = int(exact)
        left = _decimal(exact - whole)
        paid = (left * self.multiplier * price).quantize(_CENT, ROUND_HALF_UP)
        if left:
            cost = self._cost_value * _decimal(abs((exact - whole) / exact))
            self._cost_value -= cost
            self._net_paid -= paid
            self.realized_pnl += paid - (cost if exact > 0 else -cost)
        self.quantity = whole
        if not whole:
            self._cost_value = self._net_paid = _ZERO
        return paid

    def hand_over(self, other: Holding) -> None:
        """Let another contract take this one's place; what was realised stays here."""
        other.quantity += self.quantity
        other._day_start_quantity += self.quantity
        other._cost_value += self._cost_value
        other._net_paid += self._net_paid
        self.quantity = self._day_start_quantity = 0
        self._cost_value = self._net_paid = _ZERO

    def market_value(self, mark: Mark) -> Decimal:
        """Negative for a short position."""
        return self.quantity * self.multiplier * mark.last

    def unrealized_pnl(self, mark: Mark) -> Decimal:
        """Against the average cost."""
        cost = self._cost_value if self.quantity >= 0 else -self._cost_value
        return self.market_value(mark) - cost

    def today_pnl(self, mark: Mark) -> Decimal:
        """What the day brought: value now, less value at yesterday's close, less money put in."""
        start = self._day_start_quantity * self.multiplier * mark.previous_close
        return self.market_value(mark) - start - self.today_buy_value + self.today_sell_value

    def _close(self, sign: int, quantity: int, price: Decimal) -> Decimal:
        held = abs(self.quantity)
        cost, settled = self._cost_value, self._settled
        if quantity < held:
            cost, settled = cost * quantity / held, settled * quantity / held
        gain = sign * (cost - quantity * price)
        self.realized_pnl += gain
        self._cost_value -= cost
        self._settled -= settled
        self._net_paid += sign * quantity * price
        self.quantity += sign * quantity
        if not self.quantity:
            self._net_paid = _ZERO
        return gain - settled

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


def _decimal(part: Fraction) -> Decimal:
    return Decimal(part.numerator) / Decimal(part.denominator)
