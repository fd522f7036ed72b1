"""How far prints and displayed books of a day can reach in each minute, without drawing any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, Instrument, Security
from simulator.market.books import WIDEST_SPREAD
from simulator.market.caches import Recent
from simulator.market.price_grid import PRICE_UNITS, PriceGrid
from simulator.market.shown_books import session_at
from simulator.market.source import Int64s
from simulator.market.tape import DayView
from simulator.market_view import KEYS_PER_PRICE, NO_LOW, MinuteReach

_DEPTH: Final = 10
"""Levels of a displayed book that orders meet."""
_KEYS_PER_UNIT: Final = KEYS_PER_PRICE // PRICE_UNITS
_MOST_DAYS: Final = 200


class Reaches:
    """Knows the bounds of each minute; remembers those of the days that were asked for last.

    Args:
        grid: Gives the prices that are possible on a day.
    """

    def __init__(self, grid: Callable[[Instrument, DayView], PriceGrid]) -> None:
        self._grid = grid
        self._days: Recent[Security, tuple[DayView, tuple[Int64s, ...]]] = Recent(_MOST_DAYS)

    def after(self, view: DayView, time_ns: int) -> MinuteReach | None:
        """The minutes from the one of an instant to the end of its session; None outside of any.

        Args:
            view: The day; nobody has bent its prices, and its books follow from its prints.
            time_ns: Of the market's clock; so is what the result says.
        """
        session = session_at(view, time_ns)
        if session is None:
            return None
        first, _ = view.locate(time_ns)
        begin_ns = view.minute_start(first)
        count = (session.end_ns - begin_ns) // NS_PER_MINUTE
        low, high, bottom, top = (c[first : first + count] for c in self._columns(view))
        is_mixed = np.zeros(count, np.bool_)
        is_mixed[0] = first == 0 and view.bars.opening_ns is not None
        is_mixed[-1] |= first + count == len(view.bars) and view.bars.closing_ns is not None
        return MinuteReach(begin_ns, low, high, bottom, top, is_mixed)

    def _columns(self, view: DayView) -> tuple[Int64s, ...]:
        known = self._days.get(view.instrument.security)
        if known is None or known[0] is not view:
            known = (view, self._make(view))
            self._days.put(view.instrument.security, known)
        return known[1]

    def _make(self, view: DayView) -> tuple[Int64s, ...]:
        """Lowest and highest print, lowest and highest displayed price of each minute, as keys."""
        bars, grid = view.bars, self._grid(view.instrument, view)
        traded = bars.lots > 0
        low, high, close = (
            column.astype(np.int64) * bars.step for column in (bars.low, bars.high, bars.close)
        )
        opened = np.array([round(view.previous_close * PRICE_UNITS)], np.int64)
        before = np.concatenate([opened, close[:-1]])
        least = np.where(traded, np.minimum(low, before), before)
        most = np.where(traded, np.maximum(high, before), before)
        depth = WIDEST_SPREAD + _DEPTH
        bottom = grid.prices(np.maximum(grid.rungs(least) - depth, 1))
        top = grid.prices(grid.rungs(most) + depth)
        keys = [column * _KEYS_PER_UNIT for column in (low, high, bottom, top)]
        return np.where(traded, keys[0], NO_LOW), np.where(traded, keys[1], 0), *keys[2:]
