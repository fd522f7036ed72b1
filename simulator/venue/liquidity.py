"""What the market displays of one security, less what users have just taken from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

from simulator.domain import DepthLevel, Side
from simulator.venue.models import RefillModel
from simulator.venue.order_book import price_key, rank


class DisplayedBook:
    """One picture of the displayed levels: volume by price key, best first."""

    __slots__ = ("_levels",)

    def __init__(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        self._levels = {Side.BUY: bids, Side.SELL: asks}

    @classmethod
    def from_levels(cls, bids: Sequence[DepthLevel], asks: Sequence[DepthLevel]) -> Self:
        """Both sides best first, as market data gives them."""
        return cls(_by_key(bids), _by_key(asks))

    def side(self, side: Side) -> dict[int, int]:
        """Volume by price key; BUY holds the bids."""
        return self._levels[side]

    def shows(self, side: Side, key: int) -> bool:
        """Whether a price is at least as good as the last displayed level."""
        levels = self._levels[side]
        return bool(levels) and rank(side, key) <= rank(side, next(reversed(levels)))


def _by_key(levels: Sequence[DepthLevel]) -> dict[int, int]:
    return {price_key(level.price): level.volume for level in levels}


class Liquidity:
    """Remembers what was taken at each level until it has come back.

    So nobody can take the same displayed volume twice within an instant, while the market's own
    path stays as it is.
    """

    def __init__(self, refill: RefillModel) -> None:
        self._refill = refill
        self._taken: dict[tuple[Side, int], tuple[int, int]] = {}

    def available(self, side: Side, key: int, displayed: int, now_ns: int) -> int:
        """How much of the displayed volume at a price can be traded now."""
        if not self._taken:
            return displayed
        return max(0, displayed - self._missing(side, key, now_ns))

    def take(self, side: Side, key: int, quantity: int, now_ns: int) -> None:
        """A user's order consumed `quantity` of the level."""
        missing = self._missing(side, key, now_ns)
        self._taken[side, key] = (missing + quantity, now_ns)

    def all_taken(self) -> Iterator[tuple[Side, int, int, int]]:
        """Side, price key, quantity and instant of everything that may be missing."""
        for (side, key), (quantity, since_ns) in self._taken.items():
            yield side, key, quantity, since_ns

    def _missing(self, side: Side, key: int, now_ns: int) -> int:
        entry = self._taken.get((side, key))
        if entry is None:
            return 0
        taken, since_ns = entry
        missing = self._refill.still_missing(taken, now_ns - since_ns)
        if not missing:
            del self._taken[side, key]
        return missing
