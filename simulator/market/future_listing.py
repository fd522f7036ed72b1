"""Contract months of futures: which exist, when they end, and which one is the main contract."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import FutureTerms, Instrument, Market, SecurityType
from simulator.market.option_listing import last_day_but_one, third_friday
from simulator.market.source import DayBars
from simulator.ticks import product_of
from simulator.trading_days import TradingCalendar, calendar_for

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ALL: Final = tuple(range(1, 13))
_QUARTERS: Final = (3, 6, 9, 12)
_EVEN: Final = (2, 4, 6, 8, 10, 12)
_LIFE_DAYS: Final = 400
_NEAR_DAYS: Final = 75
"""A month that is no quarter's is listed so long before its end, where quarters are listed longer."""
_CODE: Final = re.compile(r"(.+?)(\d{2})(0[1-9]|1[0-2])")
_CARRY: Final = 0.012
"""Price of a year between two months, over the nearer one. Source: [I]."""
_SHARES: Final = (0.06, 0.02, 0.008)
"""Volume of the second, third and later months over the first one's. [S]"""
_OPEN_SHARES: Final = (0.25, 0.08, 0.03)
"""The same for open interest. [S]"""


def _before_second_friday(calendar: TradingCalendar, year: int, month: int) -> date:
    first = date(year, month, 1)
    return calendar.previous_day(first + timedelta(days=(4 - first.weekday()) % 7 + 7))


def _before_third_wednesday(calendar: TradingCalendar, year: int, month: int) -> date:
    first = date(year, month, 1)
    wednesday = first + timedelta(days=(2 - first.weekday()) % 7 + 14)
    return calendar.previous_day(calendar.previous_day(wednesday))


def _before_previous_25th(calendar: TradingCalendar, year: int, month: int) -> date:
    day = date(year - (month == 1), (month - 2) % 12 + 1, 25)
    for _ in range(3):
        day = calendar.previous_day(day)
    return day


def _third_last(calendar: TradingCalendar, year: int, month: int) -> date:
    return calendar.previous_day(last_day_but_one(calendar, year, month))


@dataclass(frozen=True, slots=True)
class _Rule:
    months: tuple[int, ...]
    last_day: Callable[[TradingCalendar, int, int], date]
    quarters_longer: bool = False
    """Whether only quarters are listed far ahead."""


_HK_INDEX: Final = _Rule(_ALL, last_day_but_one, quarters_longer=True)
_US_INDEX: Final = _Rule(_QUARTERS, third_friday)
_METAL: Final = _Rule(_EVEN, _third_last)
_JAPAN: Final = _Rule(_QUARTERS, _before_second_friday)
_RULES: Final[dict[tuple[Market, str], _Rule]] = {
    **{(Market.HK, p): _HK_INDEX for p in ("HSI", "MHI", "HHI", "MCH", "HTI")},
    (Market.HK, "CUS"): _Rule(_ALL, _before_third_wednesday, quarters_longer=True),
    **{(Market.US, p): _US_INDEX for p in ("ES", "NQ", "YM", "RTY", "MES", "MNQ", "M2K", "MYM")},
    **{(Market.US, p): _Rule(_ALL, _before_previous_25th) for p in ("CL", "MCL", "NG")},
    **{(Market.US, p): _METAL for p in ("GC", "MGC")},
    **{(Market.US, p): _Rule((3, 5, 7, 9, 12), _third_last) for p in ("SI", "HG")},
    **{(Market.US, p): _Rule(_QUARTERS, _before_third_wednesday) for p in ("ZN", "6E")},
    **{(Market.SG, p): _HK_INDEX for p in ("CN", "TWN", "SGP", "FEF")},
    (Market.SG, "NK"): _JAPAN,
    **{(Market.JP, p): _JAPAN for p in ("NK225", "NK225M", "NK225MC", "TOPIX")},
}
"""Source: [D] contract specifications; [I] that the main contract changes only as it ends."""


@dataclass(frozen=True, slots=True)
class Month:
    """One contract month."""

    code: str
    listed: date
    last_trade_day: date


def read_month(code: str) -> tuple[str, int, int] | None:
    """Take a contract's code apart: product, year and month. Source: [D] `HSI2611`."""
    match = _CODE.fullmatch(code)
    return None if match is None else (match[1], 2000 + int(match[2]), int(match[3]))


def month_of(main: Instrument, year: int, month: int) -> Month | None:
    """A contract month of a product, if it has it."""
    product = product_of(main.security.code)
    rule = _RULES.get((main.security.market, product))
    if rule is None or month not in rule.months:
        return None
    return _month(main, product, year, month)


@lru_cache(maxsize=8192)
def _month(main: Instrument, product: str, year: int, month: int) -> Month:
    rule = _RULES[(main.security.market, product)]
    calendar = calendar_for(main.venue)
    last = rule.last_day(calendar, year, month)
    is_near = rule.quarters_longer and month not in _QUARTERS
    life = _NEAR_DAYS if is_near else _LIFE_DAYS
    return Month(
        f"{product}{year % 100:02}{month:02}", calendar.next_day(last - timedelta(days=life)), last
    )


@lru_cache(maxsize=64)
def _ends(main: Instrument) -> tuple[tuple[int, ...], tuple[Month, ...]]:
    found = [month_of(main, n // 12, n % 12 + 1) for n in range(2003 * 12, 2034 * 12)]
    months = sorted((m for m in found if m is not None), key=lambda m: m.last_trade_day)
    return tuple(m.last_trade_day.toordinal() for m in months), tuple(months)


def main_month(main: Instrument, day: date) -> Month | None:
    """The contract behind the continuous series on a day: the next to end."""
    if main.security_type is not SecurityType.FUTURE:
        return None
    ends, months = _ends(main)
    at = bisect_left(ends, day.toordinal())
    return months[at] if at < len(months) else None


def listed_months(main: Instrument, day: date) -> list[Month]:
    """The contracts that trade on a day, nearest first."""
    return [m for m in _ends(main)[1] if m.listed <= day <= m.last_trade_day]


def open_share(main: Instrument, day: date, last_trade_day: date) -> float:
    """Open interest of a contract over the main one's, on a day."""
    ends = _ends(main)[0]
    ahead = bisect_left(ends, last_trade_day.toordinal()) - bisect_left(ends, day.toordinal())
    return 1.0 if ahead <= 0 else _OPEN_SHARES[min(ahead, len(_OPEN_SHARES)) - 1]


@dataclass(frozen=True, slots=True)
class FutureModel:
    """A contract month: the main series while it is the main contract, a little apart before."""

    main: Instrument
    days: DayBars
    terms: FutureTerms

    @property
    def first(self) -> int:
        """The first row of its life."""
        return int(np.searchsorted(self.days.ordinals, self.terms.listed.toordinal()))

    @property
    def last(self) -> int:
        """The row of its last trade date."""
        end = int(np.searchsorted(self.days.ordinals, self.terms.last_trade_day.toordinal()))
        return min(end, len(self.days) - 1)

    def _ahead(self, rows: Ints) -> Ints:
        """How many contracts end before this one, on each row."""
        ends = np.array(_ends(self.main)[0])
        mine = int(np.searchsorted(ends, self.terms.last_trade_day.toordinal()))
        ahead: Ints = mine - np.searchsorted(ends, self.days.ordinals[rows])
        return ahead

    def values(self, rows: Ints, spots: Floats) -> Floats:
        """The main contract's price and the carry between the two ends."""
        ends = np.array(_ends(self.main)[0])
        nearest = ends[np.searchsorted(ends, self.days.ordinals[rows])]
        years = (self.terms.last_trade_day.toordinal() - nearest) / 365.0
        found: Floats = spots * np.exp(_CARRY * years)[:, None]
        return found

    def lots(self, rows: Ints) -> Ints:
        """A small part of the main contract's."""
        share = np.array([1.0, *_SHARES])[np.minimum(self._ahead(rows), len(_SHARES))]
        part: Ints = np.maximum(self.days.lots[rows] * share, 1).astype(np.int64)
        return part

    def stop(self, _low: Floats, _high: Floats) -> int | None:
        """It lives until its last trade date."""
        return None

    def mirrors(self, rows: Ints) -> NDArray[np.bool_]:
        """While it is the main contract."""
        found: NDArray[np.bool_] = self._ahead(rows) == 0
        return found
