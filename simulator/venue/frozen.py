"""When orders that the exchange has can neither be changed nor taken back."""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.domain import NS_PER_MINUTE, OrderOperation

_BOTH: Final = frozenset({OrderOperation.CHANGE, OrderOperation.CANCEL})
_CHANGES: Final = frozenset({OrderOperation.CHANGE})
_ZONE_MINUTES: Final = 8 * 60
_DAY_MINUTES: Final = 24 * 60


class _Window(NamedTuple):
    """Minutes of the local day, the last one exclusive."""

    begin: int
    end: int
    operations: frozenset[OrderOperation]


def _at(hour: int, minute: int) -> int:
    return hour * 60 + minute


_HONG_KONG: Final = (
    # [V] the broker's help page on limit orders: neither from 9:15 to 9:30, no change at lunch, no
    # cancellation in its first half hour; HKEX: neither from the closing call's third minute before
    # its end to its end.
    _Window(_at(9, 15), _at(9, 30), _BOTH),
    _Window(_at(12, 0), _at(12, 30), _BOTH),
    _Window(_at(12, 30), _at(13, 0), _CHANGES),
    _Window(_at(16, 6), _at(16, 10), _BOTH),
)


def is_frozen_in_hong_kong(operation: OrderOperation, market_ns: int) -> bool:
    """Whether the exchange refuses the operation at that instant of its clock."""
    minute = (market_ns // NS_PER_MINUTE + _ZONE_MINUTES) % _DAY_MINUTES
    return any(w.begin <= minute < w.end and operation in w.operations for w in _HONG_KONG)
