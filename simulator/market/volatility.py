"""One smooth volatility surface for each underlying and day, from how much it has been moving.

The at-the-money volatility starts from the year before the day, leans to the level of that day's
volatility for short lives, and returns to the year's for long ones. Around it the smile is a parabola
in the standardised log moneyness. The surface of a day is known before it opens and holds all day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Instrument, SecurityType
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.randomness import lane, uniforms
from simulator.market.source import DayBars

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_YEAR_DAYS: Final = 250
_RETURN_RATE: Final = 6.0
"""How fast a volatility returns to normal, a year."""
_RISK_PREMIUM: Final = 1.06
"""Options are dearer than what the underlying then does. Source: [S] by a few percent."""
_LEAST, _MOST = 0.06, 2.0
_FARTHEST: Final = 4.0
"""Standard deviations beyond which the smile stays level."""
_KNOT_DAYS: Final = 20
"""The smile's slope drifts between knots so far apart."""


@dataclass(frozen=True, slots=True)
class Smile:
    """Slope and curvature of the parabola, per standard deviation of log moneyness."""

    skew: float
    curvature: float


_INDEX_SMILE: Final = Smile(-0.12, 0.016)
_STOCK_SMILE: Final = Smile(-0.06, 0.022)
_FEAR_SMILE: Final = Smile(0.10, 0.012)
"""Source: [S] puts of an index are dearer than those of a stock, of a volatility index calls are."""


class Surface:
    """Implied volatilities of one underlying.

    Args:
        owner: The underlying.
        days: Its day bars.
        key: Its stream of random numbers.
    """

    def __init__(self, owner: Instrument, days: DayBars, key: int) -> None:
        close = days.close.astype(np.float64) * days.step / PRICE_UNITS
        before = days.previous_close / PRICE_UNITS
        returns = np.log(close / before) ** 2
        self._before: Floats = before
        self._normal = np.sqrt(_trailing_mean(returns) * _YEAR_DAYS)
        sigma = days.sigma.astype(np.float64) ** 2
        level = sigma / np.maximum(_trailing_mean(sigma), 1e-12)
        self._level = np.clip(np.concatenate([[1.0], level[:-1]]), 0.3, 6.0)
        is_broad = owner.is_etf or owner.security_type is SecurityType.INDEX
        self._smile = _INDEX_SMILE if is_broad else _STOCK_SMILE
        if owner.security.code == ".VIX":
            self._smile = _FEAR_SMILE
        self._key = lane(key, 50)

    def normal(self, row: int) -> float:
        """The volatility of the year before a row."""
        return float(np.clip(self._normal[row], _LEAST, _MOST))

    def at_the_money(self, rows: Ints, years: Floats) -> Floats:
        """Volatility at the previous close; `rows` and `years` broadcast."""
        decay = _RETURN_RATE * np.maximum(years, 1e-4)
        lean = -np.expm1(-decay) / decay
        variance = self._normal[rows] ** 2 * (1.0 + (self._level[rows] - 1.0) * lean)
        found: Floats = np.clip(_RISK_PREMIUM * np.sqrt(variance), _LEAST, _MOST)
        return found

    def at(self, rows: Ints, years: Floats, strikes: Floats) -> Floats:
        """Volatility of any strike; everything broadcasts."""
        money = self.at_the_money(rows, years)
        deviation = money * np.sqrt(np.maximum(years, 1e-4))
        x = np.clip(np.log(strikes / self._before[rows]) / deviation, -_FARTHEST, _FARTHEST)
        slope = self._smile.skew * (0.8 + 0.4 * self._drift(rows))
        found: Floats = money * np.maximum(1.0 + slope * x + self._smile.curvature * x * x, 0.3)
        return found

    def _drift(self, rows: Ints) -> Floats:
        """A slow random walk between 0 and 1."""
        knot, along = np.divmod(np.asarray(rows), _KNOT_DAYS)
        a = uniforms(self._key, knot.astype(np.uint64))
        b = uniforms(self._key, (knot + 1).astype(np.uint64))
        found: Floats = a + (b - a) * along / _KNOT_DAYS
        return found


def _trailing_mean(values: Floats) -> Floats:
    """Mean of up to a year before each row; the first row has its own."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(len(values))
    starts = np.maximum(ends - _YEAR_DAYS, 0)
    means = (sums[ends] - sums[starts]) / np.maximum(ends - starts, 1)
    means[0] = values[0]
    found: Floats = np.maximum(means, 1e-8)
    return found
