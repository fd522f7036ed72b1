"""How much of a TWAP or VWAP order is out at a moment of what was left of the session.

TWAP goes evenly with time, VWAP with the usual U shape of volume over a day. Source: [I].
"""

from __future__ import annotations

from typing import Final

from simulator.domain import NS_PER_MINUTE, OrderType

SLICE_NS: Final = NS_PER_MINUTE
"""How often a further part is released."""

_BY_VOLUME: Final = frozenset({OrderType.VWAP, OrderType.VWAP_LIMIT})


def released(order_type: OrderType, total: int, lot: int, progress: float) -> int:
    """Shares that are out once `progress` of the time has passed.

    Args:
        order_type: one of the four algorithms.
        total: the order's quantity.
        lot: what parts are multiples of; the last part takes the rest.
        progress: 0 to 1; at 1 everything is out.

    Returns:
        At least one lot, never more than `total`; never falls when `progress` grows.
    """
    if progress >= 1:
        return total
    share = _volume_share(progress) if order_type in _BY_VOLUME else progress
    return min(total, max(1, int(share * total) // lot) * lot)


def _volume_share(progress: float) -> float:
    """Share of the volume traded by then: the integral of the rate 0.5 + 1.5 (2 t - 1)^2."""
    return 0.5 * progress + 0.25 * ((2 * progress - 1) ** 3 + 1)
