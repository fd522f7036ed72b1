"""Which corporate actions and suspensions a company has: drawn once per security and year.

The continuous path of a price is what forward adjustment shows. Seen from the anchor day the raw
price before an event is what makes the event's own arithmetic lead to that path; so the raw path
is worked out event by event, away from the anchor in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Market
from simulator.market.corporate_actions import CorporateAction, Ratio
from simulator.market.randomness import lane, uniform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_QUIET_START: Final = 60
"""Trading days after the listing without events."""

_Month = tuple[int, float]
"""Month of the ex-date and part of the year's dividend."""


@dataclass(frozen=True, slots=True)
class _Custom:
    """What companies of a market do. Source: [I] plausible rates, ratios and months."""

    months: tuple[_Month, ...]
    """Of the regular dividends; whatever else happens comes with the first."""
    digits: int
    """Decimals of a dividend."""
    special: float
    """Chance of a special dividend in a year; as the ones below."""
    split: float
    join: float
    bonus: float
    transfer: float
    allot: float
    least_price: float
    """Nothing makes a share cheaper."""
    joined: tuple[float, float]
    """Only shares that end up in this range are joined."""
    suspension: float


_CUSTOMS: Final[dict[Market, _Custom]] = {
    Market.US: _Custom(
        months=((2, 0.25), (5, 0.25), (8, 0.25), (11, 0.25)),
        digits=2, special=0.01, split=0.05, join=0.008, bonus=0.0, transfer=0.0, allot=0.0,
        least_price=15.0, joined=(3.0, 30.0), suspension=0.004,
    ),
    Market.HK: _Custom(
        months=((6, 0.6), (9, 0.4)),
        digits=3, special=0.02, split=0.025, join=0.008, bonus=0.015, transfer=0.0, allot=0.02,
        least_price=5.0, joined=(1.0, 4.0), suspension=0.03,
    ),
    Market.SH: _Custom(
        months=((6, 1.0),),
        digits=4, special=0.0, split=0.0, join=0.0, bonus=0.04, transfer=0.08, allot=0.015,
        least_price=4.0, joined=(0.0, 0.0), suspension=0.03,
    ),
}  # fmt: skip
_CUSTOMS[Market.SZ] = _CUSTOMS[Market.SH]


class Payer(StrEnum):
    """Who has events."""

    COMPANY = "company"
    FUND = "fund"
    BOND_FUND = "bond fund"


def _fund(months: tuple[_Month, ...], digits: int) -> _Custom:
    return _Custom(
        months=months, digits=digits, special=0.0, split=0.0, join=0.0, bonus=0.0, transfer=0.0,
        allot=0.0, least_price=0.0, joined=(0.0, 0.0), suspension=0.0,
    )  # fmt: skip


_FUND_CUSTOMS: Final[dict[Market, _Custom]] = {
    Market.US: _fund(((3, 0.25), (6, 0.25), (9, 0.25), (12, 0.25)), 4),
    Market.HK: _fund(((5, 0.6), (11, 0.4)), 2),
    Market.SH: _fund(((1, 1.0),), 3),
    Market.SZ: _fund(((1, 1.0),), 3),
}
_BOND_FUND: Final = _fund(tuple((month, 1 / 12) for month in range(1, 13)), 4)
"""Source: [S] America's funds pay by the quarter, those that hold bonds by the month."""
_SPLITS: Final = (Ratio(1, 2), Ratio(1, 2), Ratio(1, 3), Ratio(1, 4), Ratio(1, 5), Ratio(1, 10))
_DEAREST: Final = 4_000.0
"""Nothing cost more before its split."""
_RIGHTS_PRICE: Final = 0.72
_LONGEST_SUSPENSION: Final = 5


@dataclass(frozen=True, slots=True)
class _Draft:
    """An event before money is known."""

    row: int
    ordinal: int
    year: int
    part: float
    """Of the year's dividend."""
    is_first: bool
    """Whether it is the year's first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A security's events on its trading days."""

    actions: tuple[CorporateAction, ...]
    rows: Ints
    """Of the ex-dates."""
    shift: Floats
    """Log of raw over continuous price, per trading day; 0 on the anchor day."""
    shares: Floats
    """Shares of the anchor day for one share of each trading day."""


def no_plan(count: int) -> Plan:
    """For securities without events."""
    return Plan((), np.empty(0, np.int64), np.zeros(count), np.ones(count))


@dataclass(frozen=True, slots=True)
class Planner:
    """Draws a security's events.

    Attributes:
        key: Stream of the security.
        market: Its market; one without customs has no events.
        payer: What it is.
        payout: Usual dividend of a year over the price.
        anchor: Day number of the day on which raw and continuous price agree.
    """

    key: int
    market: Market
    payout: float
    anchor: int
    payer: Payer = Payer.COMPANY

    @property
    def _custom(self) -> _Custom | None:
        if self.payer is Payer.BOND_FUND:
            return _BOND_FUND
        customs = _CUSTOMS if self.payer is Payer.COMPANY else _FUND_CUSTOMS
        return customs.get(self.market)

    def suspended(self, days: Ints) -> NDArray[np.bool_]:
        """Which trading days have no trading; never the anchor day."""
        mask = np.zeros(len(days), np.bool_)
        custom = self._custom
        for year in _years(days) if custom else ():
            if custom is None or uniform(lane(self.key, 60), year) >= custom.suspension:
                continue
            first = date(year, 1, 1).toordinal() + int(350 * uniform(lane(self.key, 61), year))
            row = int(np.searchsorted(days, first))
            length = 1 + int(_LONGEST_SUSPENSION * uniform(lane(self.key, 62), year))
            stretch = days[row : row + length]
            if row > _QUIET_START and self.anchor not in stretch:
                mask[row : row + length] = True
        return mask

    def plan(self, days: Ints, prices: Floats, suspended: NDArray[np.bool_]) -> Plan:
        """Put the events on trading days.

        Args:
            days: All trading days of the security.
            prices: Closes of the continuous path, in the currency.
            suspended: Days on which nothing can happen.
        """
        custom = self._custom
        if custom is None:
            return no_plan(len(days))
        drafts = self._drafts(custom, days, suspended)
        walk = _Walk(prices, _yearly_means(days, prices))
        for draft in reversed(drafts):
            if draft.ordinal <= self.anchor:
                base, before = walk.terms(draft)
                walk.step_back(draft, self._action(custom, draft, base, before), before)
        walk.turn()
        for draft in drafts:
            if draft.ordinal > self.anchor:
                base, before = walk.terms(draft)
                walk.step_on(draft, self._action(custom, draft, base, before), before)
        return self._finish(days, walk)

    def _drafts(self, custom: _Custom, days: Ints, suspended: NDArray[np.bool_]) -> list[_Draft]:
        rows = np.flatnonzero(~suspended)
        open_days = days[rows]
        drafts = []
        for year in _years(days):
            for number, (month, part) in enumerate(custom.months):
                draw = uniform(lane(self.key, 63 + month), year)
                day = date(year, month, 1).toordinal() + int(25 * draw)
                at = int(np.searchsorted(open_days, day))
                if _QUIET_START < at < len(rows):
                    row = int(rows[at])
                    drafts.append(_Draft(row, int(days[row]), year, part, number == 0))
        return drafts

    def _action(
        self, custom: _Custom, draft: _Draft, base: float, price: float
    ) -> CorporateAction | None:
        """An event, `price` being the continuous close before it in terms of that time."""
        dividend = round(base * self.payout * draft.part, custom.digits)
        special, changes = 0.0, CorporateAction(draft.ordinal)
        if draft.is_first and draft.year < date.fromordinal(self.anchor).year:
            changes = self._changes(custom, draft, price)
            if uniform(lane(self.key, 76), draft.year) < custom.special and dividend:
                special = round(0.05 * price, custom.digits)
        if not (dividend or special) and changes.shares == 1.0:
            return None
        return replace(changes, dividend=dividend, special_dividend=special)

    def _changes(self, custom: _Custom, draft: _Draft, price: float) -> CorporateAction:
        """The change of shares that goes with an event, if any: at most one a year."""
        day = draft.ordinal
        draw, size = (uniform(lane(self.key, n), draft.year) for n in (77, 78))
        split = _SPLITS[int(size * len(_SPLITS))]
        ten = Ratio(10, 1 + int(size * 5))
        options = (
            (custom.split, CorporateAction(day, split=split)),
            (custom.join, CorporateAction(day, join=Ratio(10, 1))),
            (custom.bonus, CorporateAction(day, bonus=ten)),
            (custom.transfer, CorporateAction(day, transfer=Ratio(10, 2 * ten.grant))),
            (
                custom.allot,
                CorporateAction(
                    day,
                    allot=Ratio(10, 2 + int(size * 2)),
                    allot_price=round(price * _RIGHTS_PRICE, 2),
                ),
            ),
        )
        for chance, action in options:
            if draw < chance:
                return action if _is_fit(custom, action, price) else CorporateAction(day)
            draw -= chance
        return CorporateAction(day)

    def _finish(self, days: Ints, walk: _Walk) -> Plan:
        rows = np.array(sorted(walk.found), np.int64)
        actions = tuple(walk.found[row] for row in rows.tolist())
        steps, counts = np.zeros((2, len(days)))
        for row, action in zip(rows.tolist(), actions, strict=True):
            steps[row] = log(walk.ratio[row])
            counts[row] = log(action.shares)
        # Before an event the raw price is higher by its ratio: sum over the events still to come.
        shift = steps.sum() - np.cumsum(steps)
        shares = counts.sum() - np.cumsum(counts)
        at = min(int(np.searchsorted(days, self.anchor)), len(days) - 1)
        return Plan(actions, rows, shift - shift[at], np.exp(shares - shares[at]))


@dataclass(slots=True)
class _Walk:
    """The way from the anchor day, event by event."""

    prices: Floats
    means: dict[int, float]
    found: dict[int, CorporateAction] = field(default_factory=dict)
    ratio: dict[int, float] = field(default_factory=dict)
    """Raw price before each event over that after it."""
    scale: float = 1.0
    """Raw over continuous price where the walk stands."""
    bases: dict[int, float] = field(default_factory=dict)
    """What a year's dividends are a part of: the mean price of the year before, in raw terms."""

    def terms(self, draft: _Draft) -> tuple[float, float]:
        """The base of a year's dividends, and the close before an event where the walk stands."""
        before = float(self.prices[draft.row - 1]) * self.scale
        if draft.year not in self.bases:
            self.bases[draft.year] = self.means.get(draft.year - 1, before) * self.scale
        return self.bases[draft.year], before

    def step_back(self, draft: _Draft, action: CorporateAction | None, price: float) -> None:
        """Pass an event, from the ex-date to the day before."""
        if action is not None:
            self._note(draft, action, action.price_before(price) / price)
            self.scale *= self.ratio[draft.row]
            self.bases[draft.year] *= action.shares

    def step_on(self, draft: _Draft, action: CorporateAction | None, price: float) -> None:
        """Pass an event, from the day before to the ex-date."""
        if action is not None:
            self._note(draft, action, price / action.ex_price(price))
            self.scale /= self.ratio[draft.row]

    def turn(self) -> None:
        """Go back to the anchor day."""
        self.scale = 1.0
        self.bases.clear()

    def _note(self, draft: _Draft, action: CorporateAction, ratio: float) -> None:
        self.found[draft.row] = action
        self.ratio[draft.row] = ratio


def _is_fit(custom: _Custom, action: CorporateAction, price: float) -> bool:
    before = action.price_before(price)
    if action.join:
        low, high = custom.joined
        return low <= price <= high
    return price >= custom.least_price and before <= _DEAREST


def _years(days: Ints) -> range:
    first, last = (date.fromordinal(int(day)).year for day in (days[0], days[-1]))
    return range(first, last + 1)


def _yearly_means(days: Ints, prices: Floats) -> dict[int, float]:
    """Mean close of each calendar year."""
    means = {}
    for year in _years(days):
        begin, end = (
            int(np.searchsorted(days, date(y, 1, 1).toordinal())) for y in (year, year + 1)
        )
        if end > begin:
            means[year] = float(prices[begin:end].mean())
    return means
