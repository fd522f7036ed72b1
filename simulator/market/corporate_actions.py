"""Dividends, splits and rights: what they do to a price, and the factors that take it back.

A day's raw price becomes comparable with another day's by the chain of the events in between, each
a line `price * A + B`. Forward adjustment walks from old to new, backward from new to old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Adjustment, ShareEvent

Floats = NDArray[np.float64]

_DIGITS: Final = 6
"""Decimals of an adjusted price; hides the noise of the chain. Source: [I]."""


class Ratio(NamedTuple):
    """So many shares for so many: 1 into 5, or 3 more on 10."""

    base: int
    grant: int


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """What happened to one share on an ex-date; several things may happen at once.

    Money is per share held before, in the security's currency.
    """

    ordinal: int
    """Day number of the ex-date, a trading day."""
    dividend: float = 0.0
    special_dividend: float = 0.0
    split: Ratio | None = None
    """`base` shares become `grant`, which are more."""
    join: Ratio | None = None
    """`base` shares become `grant`, which are fewer."""
    bonus: Ratio | None = None
    """`grant` shares come on top of `base`, from profits."""
    transfer: Ratio | None = None
    """As `bonus`, from reserves."""
    allot: Ratio | None = None
    """As `bonus`, but each costs `allot_price`."""
    allot_price: float = 0.0

    @property
    def shares(self) -> float:
        """Shares after for one share before."""
        changed = self.split or self.join or Ratio(1, 1)
        added = (part for part in (self.bonus, self.transfer, self.allot) if part)
        return changed.grant / changed.base + sum(part.grant / part.base for part in added)

    @property
    def cash(self) -> float:
        """Money that leaves the company for one share before; negative where rights bring some."""
        paid_in = self.allot.grant / self.allot.base * self.allot_price if self.allot else 0.0
        return self.dividend + self.special_dividend - paid_in

    def ex_price(self, close: float) -> float:
        """The close of the day before in terms of the ex-date."""
        return (close - self.cash) / self.shares

    def price_before(self, ex_price: float) -> float:
        """The close of the day before whose `ex_price` is given."""
        return ex_price * self.shares + self.cash


@dataclass(frozen=True, slots=True)
class Factors:
    """The lines of one event. Source: [D]."""

    forward_a: float
    forward_b: float
    backward_a: float
    backward_b: float


def factors_of(action: CorporateAction, close_before: float, *, is_american: bool) -> Factors:
    """The lines of an event.

    America's forward line is a mere factor, which makes the close before continuous; all others
    subtract the money and divide by the shares. Source: [D].
    """
    shares, cash = action.shares, action.cash
    if is_american:
        return Factors(action.ex_price(close_before) / close_before, 0.0, shares, cash)
    return Factors(1 / shares, -cash / shares, shares, cash)


@dataclass(frozen=True, slots=True)
class AdjustmentTable:
    """A security's events up to some day, with the chains between them."""

    actions: tuple[CorporateAction, ...]
    """Oldest first."""
    factors: tuple[Factors, ...]
    ordinals: NDArray[np.int64]
    forward: Floats
    """Rows (A, B) for days before event 0, 1, … and after the last; shape (events + 1, 2)."""
    backward: Floats

    @classmethod
    def of(cls, actions: Sequence[CorporateAction], factors: Sequence[Factors]) -> AdjustmentTable:
        """Chain the lines of events, oldest first."""
        count = len(actions)
        forward, backward = np.tile([1.0, 0.0], (2, count + 1, 1))
        for i in reversed(range(count)):
            a, b = forward[i + 1]
            forward[i] = a * factors[i].forward_a, a * factors[i].forward_b + b
        for i in range(count):
            a, b = backward[i]
            backward[i + 1] = a * factors[i].backward_a, a * factors[i].backward_b + b
        ordinals = np.array([action.ordinal for action in actions], np.int64)
        return cls(tuple(actions), tuple(factors), ordinals, forward, backward)

    def lines(self, ordinals: NDArray[np.int64], adjustment: Adjustment) -> tuple[Floats, Floats]:
        """A and B for each trade date."""
        chain = self.forward if adjustment is Adjustment.FORWARD else self.backward
        at = np.searchsorted(self.ordinals, ordinals, "right")
        return chain[at, 0], chain[at, 1]


def adjust(prices: Floats, lines: tuple[Floats, Floats]) -> Floats:
    """Prices on their lines."""
    adjusted: Floats = np.round(prices * lines[0] + lines[1], _DIGITS)
    return adjusted


def paid_between(actions: Sequence[CorporateAction], first: int, last: int) -> float:
    """Dividends per share that went ex from one day number to another, both included."""
    found = (a.dividend + a.special_dividend for a in actions if first <= a.ordinal <= last)
    return round(sum(found), _DIGITS)


def share_event(action: CorporateAction, ex_price: float) -> ShareEvent:
    """What an action gives the holder of one share; `ex_price` is the close before in its terms."""
    changed = action.split or action.join or Ratio(1, 1)
    added = sum(
        (Fraction(part.grant, part.base) for part in (action.bonus, action.transfer) if part),
        Fraction(0),
    )
    rights = Fraction(action.allot.grant, action.allot.base) if action.allot else Fraction(0)
    cash = Decimal(repr(action.dividend)) + Decimal(repr(action.special_dividend))
    return ShareEvent(
        ex_day=date.fromordinal(action.ordinal),
        cash=cash,
        shares=Fraction(changed.grant, changed.base) + added,
        rights=rights,
        rights_price=Decimal(repr(action.allot_price)),
        ex_price=Decimal(repr(ex_price)),
    )
