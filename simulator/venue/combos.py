"""What several legs traded together cost, and how many units of them the books can fill.

The net price of a unit is what its legs cost less what they bring, in the price units of its options:
a share counts as much as the contract's multiplier says. So a hundred shares and one contract of a
hundred are priced like the share and the option. Source: [D] ratios of 100 for shares; [I] the sign:
positive where a unit costs something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.domain import Side


@dataclass(frozen=True, slots=True)
class LegBook:
    """What one leg finds on the other side."""

    weight: Decimal
    """What one unit of the leg's price adds to the net price; negative for a sale."""
    ratio: int
    levels: tuple[tuple[Decimal, int], ...]
    """Price and volume, best first."""

    @property
    def volume(self) -> int:
        """All that is there."""
        return sum(volume for _, volume in self.levels)

    def spent(self, quantity: int) -> Decimal:
        """Price times quantity of the first shares or contracts, no more than `volume`."""
        value = Decimal(0)
        for price, volume in self.levels:
            taken = min(quantity, volume)
            value += taken * price
            quantity -= taken
            if not quantity:
                break
        return value

    def marginal(self, unit: int) -> Decimal:
        """What the leg adds to the net price of the unit of that number, from 1."""
        added = self.spent(unit * self.ratio) - self.spent((unit - 1) * self.ratio)
        return self.weight * added / self.ratio


def leg_weight(side: Side, ratio: int, multiplier: int, unit: int) -> Decimal:
    """The weight of a leg's price in the net price.

    Args:
        side: what the leg does.
        ratio: shares or contracts a unit.
        multiplier: units of the underlying that one of them stands for.
        unit: the same of the combo's options.
    """
    size = Decimal(ratio * multiplier) / unit
    return size if side is Side.BUY else -size


def most_filled(books: Sequence[LegBook], limit: Decimal, wanted: int) -> int:
    """How many units can trade now, each at a net price no worse than the limit.

    Every further unit costs as much as the one before or more, so bisection finds the last one.
    """
    low, high = 0, min(wanted, *(book.volume // book.ratio for book in books))
    while low < high:
        middle = (low + high + 1) // 2
        net = sum((book.marginal(middle) for book in books), Decimal(0))
        low, high = (middle, high) if net <= limit else (low, middle - 1)
    return low
