"""Records of a short trading day, for stores to keep."""

from __future__ import annotations

from simulator.journal import Record
from tests.support.sources import HK_MORNING, TENCENT
from tests.support.trading import Desk


def trading_day() -> tuple[Record, ...]:
    """A filled order, an open one, and all that they moved."""
    desk = Desk(HK_MORNING)
    desk.buy(TENCENT, 100)
    desk.buy(TENCENT, 200, 390)
    return tuple(desk.engine.take_changes())
