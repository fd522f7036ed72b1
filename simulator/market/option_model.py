"""How an option is priced, how much of it trades and how much is open, on any day of its life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    NS_PER_S,
    ExpirationCycle,
    Instrument,
    Market,
    OptionKind,
    OptionStyle,
    OptionTerms,
    SecurityType,
)
from simulator.market.corporate_actions import CorporateAction
from simulator.market.options import Contract, american, european
from simulator.market.randomness import lane, uniforms
from simulator.market.source import DayBars, Liquidity
from simulator.market.volatility import Surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_A_YEAR: Final = 365.0
_LAST_HOURS: Final = 0.25
"""What is left of the last day, in days. Source: [I] time value steps down overnight."""
_RATES: Final = {Market.US: 0.04, Market.HK: 0.03}
_INDEX_YIELD: Final = {Market.US: 0.013, Market.HK: 0.03}
_STOCK_YIELD: Final = {Market.US: 0.006, Market.HK: 0.018}
"""Interest and dividends a year. Source: [I] constant; near those of 2026."""
_TRADED_SHARE: Final = {Market.US: 1 / 2500, Market.HK: 1 / 7000}
"""Contracts of the busiest option over shares of the underlying traded in a day. [S]"""
_INDEX_CONTRACTS: Final = {Market.US: 12_000.0, Market.HK: 900.0}
"""A day in the busiest option on an index. [S]"""
_OPEN_DAYS: Final = 9.0
"""Open interest over a day's volume, once an option is a month old. [S]"""


def rate_of(owner: Instrument) -> float:
    """The interest rate in an underlying's market."""
    return _RATES[owner.security.market]


def yield_of(owner: Instrument) -> float:
    """The dividend yield that options on an underlying reckon with."""
    is_broad = owner.is_etf or owner.security_type is SecurityType.INDEX
    return (_INDEX_YIELD if is_broad else _STOCK_YIELD)[owner.security.market]


@dataclass(frozen=True, slots=True)
class OptionBoard:
    """What the options on one underlying share.

    Args:
        owner: The underlying.
        days: Its day bars.
        surface: Its volatilities.
        key: Its stream of random numbers.
        shares_a_day: Usual volume of the underlying; 0 for an index.
    """

    owner: Instrument
    days: DayBars
    surface: Surface
    key: int
    shares_a_day: float

    def splits(self, first: int, last: int) -> list[CorporateAction]:
        """What changed the number of shares between two day numbers, both included."""
        return [a for a in self.days.actions if first <= a.ordinal <= last and a.shares != 1.0]

    def row(self, ordinal: int) -> int:
        """The underlying's row of a trade date."""
        return int(np.searchsorted(self.days.ordinals, ordinal))

    def years(self, rows: Ints, expiry: Ints | int) -> Floats:
        """Time to an expiry's ordinal, the same all day."""
        left = np.maximum(expiry - self.days.ordinals[rows], 0) + _LAST_HOURS
        found: Floats = left / DAYS_A_YEAR
        return found

    def contract(self, rows: Ints, sign: Floats, strike: Floats, expiry: Ints) -> Contract:
        """Options ready for the pricers; all arguments broadcast."""
        years = self.years(rows, expiry)
        return Contract.of(
            sign=sign,
            strike=strike,
            years=years,
            rate=rate_of(self.owner),
            dividend=yield_of(self.owner),
            volatility=self.surface.at(rows, years, strike),
        )

    def values(self, contract: Contract, spots: Floats, style: OptionStyle) -> Floats:
        """Prices in the style of exercise."""
        return (american if style is OptionStyle.AMERICAN else european)(contract, spots)

    def activity(self, rows: Ints, sign: Floats, strike: Floats, expiry: Ints) -> Floats:
        """Usual contracts a day: most near the money, for short lives and on the outer side."""
        years = self.years(rows, expiry)
        money = self.surface.at_the_money(rows, years)
        before = self.days.previous_close[rows] / 1e6
        x = np.log(strike / before) / (money * np.sqrt(years) + 0.025)
        outer = np.where(sign * x > 0, 1.6, 0.8)
        near = (7.0 / (7.0 + years * DAYS_A_YEAR)) ** 0.75
        busiest = self.shares_a_day * _TRADED_SHARE[self.owner.security.market]
        if self.owner.security_type is SecurityType.INDEX:
            busiest = _INDEX_CONTRACTS[self.owner.security.market]
        side = np.where(sign > 0, 1.0, 0.8)
        found: Floats = busiest * near * side * np.exp(-0.5 * (x / outer) ** 2)
        return found

    def open_interest(self, rows: Ints, contract_keys: Ints, usual: Floats, age: Floats) -> Ints:
        """Contracts open in the morning of each row; it grows with age and breathes a little."""
        grown = _OPEN_DAYS * (1.0 - np.exp(-np.maximum(age, 0.0) / 20.0))
        taste = 0.3 + 1.7 * uniforms(lane(self.key, 70), contract_keys.astype(np.uint64))
        cells = (contract_keys * 100_003 + rows).astype(np.uint64)
        breath = 0.97 + 0.06 * uniforms(lane(self.key, 71), cells)
        return np.rint(usual * grown * taste * breath).astype(np.int64)


@dataclass(frozen=True, slots=True)
class OptionModel:
    """One option as a derived source sees it."""

    board: OptionBoard
    terms: OptionTerms
    key: int

    @property
    def sign(self) -> float:
        """1 for a call, -1 for a put."""
        return 1.0 if self.terms.kind is OptionKind.CALL else -1.0

    @property
    def first(self) -> int:
        """The first row of its life."""
        return self.board.row(self.terms.listed.toordinal())

    @property
    def last(self) -> int:
        """Its expiry's row."""
        return min(self.board.row(self.terms.expiry.toordinal()), len(self.board.days.ordinals) - 1)

    def values(self, rows: Ints, spots: Floats) -> Floats:
        """What it is worth at prices of the underlying."""
        column = rows[:, None]
        contract = self.board.contract(
            column,
            np.array(self.sign),
            np.array(self.terms.strike),
            np.array(self.terms.expiry.toordinal()),
        )
        return self.board.values(contract, spots, self.terms.style)

    def lots(self, rows: Ints) -> Ints:
        """Contracts traded; the long tail of days differs from option to option."""
        usual = self.board.activity(
            rows,
            np.array(self.sign),
            np.array(self.terms.strike),
            np.array(self.terms.expiry.toordinal()),
        )
        draws = uniforms(lane(self.key, 1), rows.astype(np.uint64))
        busy = 0.25 + 0.9 * -np.log(draws)
        scale = 0.8 if self.terms.cycle is ExpirationCycle.MONTH else 1.0
        return np.maximum(np.rint(usual * busy * scale), 1).astype(np.int64)

    def stop(self, _low: Floats, _high: Floats) -> int | None:
        """Every option lives until it expires."""
        return None

    def mirrors(self, rows: Ints) -> NDArray[np.bool_]:
        """An option is never its underlying."""
        return np.zeros(len(rows), np.bool_)


def option_liquidity(key: int, terms: OptionTerms) -> Liquidity:
    """How an option trades: in single contracts."""
    return Liquidity(
        key=key,
        lot=1,
        value_scale=float(terms.multiplier),
        spread=2.0,
        level_lots=30.0,
        refresh_ns=5 * NS_PER_S,
        limit=None,
    )
