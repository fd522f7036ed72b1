"""How warrants, bull and bear contracts and inline warrants are priced and traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_S, WarrantKind, WarrantTerms
from simulator.market.option_model import DAYS_A_YEAR, OptionBoard, rate_of
from simulator.market.options import Contract, european, normal_cdf
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.randomness import lane, uniform, uniforms
from simulator.market.source import Liquidity
from simulator.market.warrant_listing import BOARD_LOT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FUNDING_MARKUP: Final = 0.015
"""What issuers add to the interest rate of a bull or bear contract. [S]"""
_DEARER: Final = 1.08
"""Warrants' volatility over the listed options'. [S]"""
_BUSIEST_LOTS: Final = 1400.0


def sign_of(kind: WarrantKind) -> float:
    """1 where a rise of the underlying helps, -1 where it hurts; 0 for an inline warrant."""
    return {
        WarrantKind.CALL: 1.0,
        WarrantKind.BULL: 1.0,
        WarrantKind.PUT: -1.0,
        WarrantKind.BEAR: -1.0,
    }.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class WarrantModel:
    """One product as a derived source sees it."""

    board: OptionBoard
    terms: WarrantTerms
    key: int

    @property
    def first(self) -> int:
        """The first row of its life."""
        return self.board.row(self.terms.listed.toordinal())

    @property
    def last(self) -> int:
        """The row of its last trade day, or of the day on which it is called."""
        end = self.board.row(self.terms.last_trade_day.toordinal())
        end = min(end, len(self.board.days) - 1)
        called = self.called_row(end)
        return end if called is None else called

    def called_row(self, end: int) -> int | None:
        """The first day up to a row on which the underlying touches the recovery price."""
        days, level = self.board.days, self.terms.recovery_price
        if not level:
            return None
        rows = slice(self.first, end + 1)
        scale = days.step[rows] / PRICE_UNITS
        if self.terms.kind is WarrantKind.BULL:
            touched = days.low[rows] * scale <= level
        else:
            touched = days.high[rows] * scale >= level
        found = np.flatnonzero(touched)
        return self.first + int(found[0]) if len(found) else None

    def stop(self, low: Floats, high: Floats) -> int | None:
        """The minute in which it is called; trading ends with it."""
        if not self.terms.recovery_price:
            return None
        is_bull = self.terms.kind is WarrantKind.BULL
        touched = low <= self.terms.recovery_price if is_bull else high >= self.terms.recovery_price
        found = np.flatnonzero(touched)
        return int(found[0]) if len(found) else None

    def volatility(self, rows: Ints, strike: float) -> Floats:
        """The issuer's volatility; it keeps its own distance from the options'."""
        years = self.years(rows)
        taste = 0.97 + 0.06 * uniform(lane(self.key, 2), 0)
        found: Floats = self.board.surface.at(rows, years, np.array(strike)) * (_DEARER * taste)
        return found

    def years(self, rows: Ints) -> Floats:
        """Time to maturity, the same all day."""
        return self.board.years(rows, self.terms.maturity.toordinal())

    def contract(self, rows: Ints, strike: float) -> Contract:
        """The option inside, ready for the pricers."""
        return Contract.of(
            sign=sign_of(self.terms.kind) or 1.0,
            strike=strike,
            years=self.years(rows),
            rate=rate_of(self.board.owner),
            dividend=0.0,
            volatility=self.volatility(rows, strike),
        )

    def values(self, rows: Ints, spots: Floats) -> Floats:
        """What one unit is worth at prices of the underlying."""
        column, terms = rows[:, None], self.terms
        if terms.kind is WarrantKind.INLINE:
            return self._inside(column, spots)
        if terms.recovery_price:
            inner = np.maximum(sign_of(terms.kind) * (spots - terms.strike), 0.0)
            rate = rate_of(self.board.owner) + _FUNDING_MARKUP
            return (inner + terms.strike * rate * self.years(column)) / terms.conversion_ratio
        return european(self.contract(column, terms.strike), spots) / terms.conversion_ratio

    def _inside(self, rows: Ints, spots: Floats) -> Floats:
        """A dollar if the underlying ends within the bounds."""
        chances = []
        for bound in (self.terms.lower, self.terms.upper):
            c = self.contract(rows, bound)
            deviation = c.volatility * np.sqrt(c.years)
            drift = (c.rate - 0.5 * c.volatility**2) * c.years
            chances.append(normal_cdf((np.log(spots / bound) + drift) / deviation))
        discount = np.exp(-rate_of(self.board.owner) * self.years(rows))
        return np.clip((chances[0] - chances[1]) * discount, 0.01, 1.0)

    def lots(self, rows: Ints) -> Ints:
        """Board lots traded: most near the money, with a long tail of days and products."""
        terms = self.terms
        centre = terms.strike or (terms.lower + terms.upper) / 2
        before = self.board.days.previous_close[rows] / PRICE_UNITS
        near = np.exp(-0.5 * (np.log(before / centre) / 0.12) ** 2)
        taste = 0.05 + 1.5 * uniform(lane(self.key, 3), 0) ** 3
        busy = -np.log(uniforms(lane(self.key, 1), rows.astype(np.uint64)))
        return np.maximum(np.rint(_BUSIEST_LOTS * near * taste * busy), 1).astype(np.int64)

    def street_share(self, row: int) -> float:
        """Part of the issue in investors' hands, 0 to 1; it grows with age."""
        age = max(row - self.first, 0) * 7 / 5
        most = 0.02 + 0.7 * uniform(lane(self.key, 4), 0) ** 2
        return float(most * (1.0 - np.exp(-age / (DAYS_A_YEAR / 6))))

    def mirrors(self, rows: Ints) -> NDArray[np.bool_]:
        """A product is never its underlying."""
        return np.zeros(len(rows), np.bool_)


@dataclass(frozen=True, slots=True)
class WarrantDay:
    """What of a product stays the same all day."""

    model: WarrantModel
    contract: Contract | None
    """The option inside; None in a product that is none."""
    street: float
    """Part of the issue in investors' hands, 0 to 1."""

    @classmethod
    def of(cls, model: WarrantModel, row: int) -> WarrantDay:
        """One row of the underlying's days."""
        is_option = model.terms.kind in (WarrantKind.CALL, WarrantKind.PUT)
        contract = model.contract(np.array([row]), model.terms.strike) if is_option else None
        return cls(model, contract, model.street_share(row))


def warrant_liquidity(key: int) -> Liquidity:
    """How a product trades: in board lots, its issuer quoting large sizes."""
    return Liquidity(
        key=key,
        lot=BOARD_LOT,
        value_scale=1.0,
        spread=1.2,
        level_lots=150.0,
        refresh_ns=3 * NS_PER_S,
        limit=None,
    )
