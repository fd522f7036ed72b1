"""Adjustment tables of securities, as of any day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np

from simulator.domain import Instrument, Market, Security
from simulator.market.caches import Recent
from simulator.market.corporate_actions import AdjustmentTable, Factors, factors_of
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.source import MarketSource

_MOST: Final = 600


class Adjuster:
    """Knows the corporate actions of each security and what they do to its prices."""

    def __init__(self, source: MarketSource) -> None:
        self._source = source
        self._rows: Recent[Security, list[int]] = Recent(_MOST)
        self._factors: Recent[Security, list[Factors]] = Recent(_MOST)
        self._tables: Recent[tuple[Security, int], AdjustmentTable] = Recent(_MOST)

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read the source anew for some securities."""
        self._rows.forget(is_meant)
        self._factors.forget(is_meant)
        self._tables.forget(lambda key: is_meant(key[0]))

    def rows(self, instrument: Instrument) -> list[int]:
        """Rows of the source's days that are ex-dates, ascending."""
        return self._rows.get_or(instrument.security, lambda: self._find_rows(instrument))

    def table(self, instrument: Instrument, today: date) -> AdjustmentTable:
        """All events up to a day, that day included."""
        actions = self._source.days(instrument).actions
        count = bisect_right([action.ordinal for action in actions], today.toordinal())
        key = (instrument.security, count)
        return self._tables.get_or(
            key,
            lambda: AdjustmentTable.of(actions[:count], self._all_factors(instrument)[:count]),
        )

    def _find_rows(self, instrument: Instrument) -> list[int]:
        days = self._source.days(instrument)
        ordinals = [action.ordinal for action in days.actions]
        rows: list[int] = np.searchsorted(days.ordinals, ordinals).tolist()
        return rows

    def _all_factors(self, instrument: Instrument) -> list[Factors]:
        return self._factors.get_or(instrument.security, lambda: self._find_factors(instrument))

    def _find_factors(self, instrument: Instrument) -> list[Factors]:
        days = self._source.days(instrument)
        is_american = instrument.security.market is Market.US
        found = []
        for action, row in zip(days.actions, self.rows(instrument), strict=True):
            close = int(days.close[row - 1]) * int(days.step[row - 1]) / PRICE_UNITS
            found.append(factors_of(action, close, is_american=is_american))
        return found
