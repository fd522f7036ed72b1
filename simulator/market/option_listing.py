"""Which options exist: expirations, strikes, and the codes that name them.

Nothing is enumerated to understand a code: it is taken apart and each part is checked against the
rule that would have listed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from simulator.domain import ExpirationCycle, Market, OptionKind, SecurityType
from simulator.market.option_classes import OptionClass, Weeks
from simulator.trading_days import TradingCalendar

_CODE: Final = re.compile(r"([A-Z]{1,6})(\d{6})([CP])([1-9]\d{2,8})")
_STRIKE_SCALE: Final = 1000
_QUARTERLY: Final = (3, 6, 9, 12)
_WIDEST: Final = 0.6
_Steps = tuple[tuple[float, float], ...]
_HK_STEPS: Final[_Steps] = (
    (2, 0.05), (5, 0.1), (10, 0.25), (20, 0.5), (50, 1), (200, 2.5), (300, 5), (500, 10),
    (1000, 20), (1e9, 50),
)  # fmt: skip
"""Source: [D] up to 500; [I] above."""
_INDEX_STEPS: Final[_Steps] = ((5000, 50), (20000, 100), (1e9, 200))
_US_INDEX_WEEK_STEPS: Final[_Steps] = ((20, 0.5), (100, 1), (3000, 5), (10000, 10), (1e9, 50))
_US_INDEX_MONTH_STEPS: Final[_Steps] = ((20, 0.5), (100, 1), (3000, 10), (10000, 25), (1e9, 100))
_US_FUND_STEPS: Final[_Steps] = ((25, 0.5), (1e9, 1))
_US_WEEK_STEPS: Final[_Steps] = ((25, 0.5), (100, 1), (500, 2.5), (1000, 5), (1e9, 10))
_US_MONTH_STEPS: Final[_Steps] = ((25, 0.5), (50, 1), (200, 2.5), (500, 5), (1e9, 10))
"""By strike: up to the first number, steps of the second. Source: [S] usual American intervals."""


@dataclass(frozen=True, slots=True)
class Expiration:
    """One expiry of a class."""

    day: date
    cycle: ExpirationCycle
    listed: date
    """First day of trading."""


@dataclass(frozen=True, slots=True)
class OptionCode:
    """A code taken apart."""

    root: str
    expiry: date
    kind: OptionKind
    strike: float


@lru_cache(maxsize=20_000)
def read_code(code: str) -> OptionCode | None:
    """Take an option's code apart: root, `YYMMDD`, `C` or `P`, strike in thousandths.

    Source: [D] samples such as `AAPL260717C250000` and `TCH260729C600000`.
    """
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    root, digits, side, strike = match.groups()
    try:
        expiry = date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
    kind = OptionKind.CALL if side == "C" else OptionKind.PUT
    return OptionCode(root, expiry, kind, int(strike) / _STRIKE_SCALE)


def write_code(code: OptionCode) -> str:
    """Put a code together; the inverse of `read_code`."""
    side = "C" if code.kind is OptionKind.CALL else "P"
    return f"{code.root}{code.expiry:%y%m%d}{side}{round(code.strike * _STRIKE_SCALE)}"


# --- expirations ---------------------------------------------------------------------------------


def expirations(series: OptionClass, today: date) -> list[Expiration]:
    """What is listed on a day and has not expired before it, soonest first."""
    found = _months(series, today) + _short(series, today)
    unique = {e.day: e for e in sorted(found, key=lambda e: (e.day, -e.cycle))}
    for expiration in _months(series, today):
        unique[expiration.day] = expiration
    return [e for _, e in sorted(unique.items()) if e.listed <= today <= e.day]


def expiration_on(series: OptionClass, day: date) -> Expiration | None:
    """The expiration on a day, whenever it is listed."""
    month = _month(series, day.year, day.month)
    if month.day == day:
        return month
    return next((e for e in _short(series, day) if e.day == day), None)


def last_day_but_one(calendar: TradingCalendar, year: int, month: int) -> date:
    """The business day before a month's last. Source: [D] HKEX's expiry."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return calendar.previous_day(calendar.previous_day(following))


def third_friday(calendar: TradingCalendar, year: int, month: int) -> date:
    """The third Friday, or the trading day before it."""
    first = date(year, month, 1)
    friday = first + timedelta(days=(4 - first.weekday()) % 7 + 14)
    return friday if calendar.is_trading_day(friday) else calendar.previous_day(friday)


def volatility_day(calendar: TradingCalendar, year: int, month: int) -> date:
    """Thirty days before the next month's third Friday: a Wednesday. Source: [D] Cboe."""
    following = third_friday(calendar, year + month // 12, month % 12 + 1)
    day = following - timedelta(days=30)
    return day if calendar.is_trading_day(day) else calendar.previous_day(day)


@lru_cache(maxsize=4096)
def _month(series: OptionClass, year: int, month: int) -> Expiration:
    is_hk = series.owner.security.market is Market.HK
    is_volatility = series.owner.security.code == ".VIX"
    rule = last_day_but_one if is_hk else volatility_day if is_volatility else third_friday
    day = rule(series.calendar, year, month)
    if month == 1 and not is_hk:
        life = 800
    else:
        life = 400 if month in _QUARTERLY or (is_hk and month == 1) else 110
    return Expiration(day, ExpirationCycle.MONTH, _listed(series, day, life))


def _listed(series: OptionClass, day: date, life: int) -> date:
    opened = date.fromisoformat(series.owner.listing_date)
    return series.calendar.next_day(max(day - timedelta(days=life), opened))


def _months(series: OptionClass, today: date) -> list[Expiration]:
    if not series.has_months:
        return []
    start = today.year * 12 + today.month - 1
    return [_month(series, n // 12, n % 12 + 1) for n in range(start, start + 28)]


def _short(series: OptionClass, today: date) -> list[Expiration]:
    """Weekly and daily expirations from a day on. Source: [S] how far ahead they are listed."""
    if series.weeks is None or today < series.weeks.since:
        return []
    return _short_of(series, series.weeks, today)


@lru_cache(maxsize=256)
def _short_of(series: OptionClass, weeks: Weeks, today: date) -> list[Expiration]:
    calendar = series.calendar
    monday = today - timedelta(days=today.weekday())
    opened = date.fromisoformat(series.owner.listing_date)
    found: dict[date, date] = {}
    for week in range(weeks.count):
        day = monday + timedelta(days=7 * week + weeks.weekday)
        day = day if calendar.is_trading_day(day) else calendar.previous_day(day)
        first = monday + timedelta(days=7 * (week - weeks.count + 1) - 1)
        if day >= monday + timedelta(days=7 * week):
            found[day] = calendar.next_day(max(first, weeks.since - timedelta(days=1), opened))
    if weeks.is_daily:
        for trading in calendar.trading_days(today, today + timedelta(days=13)):
            found.setdefault(trading.day, _listed(series, trading.day, 12))
    return [
        Expiration(day, _cycle(series, day), listed)
        for day, listed in found.items()
        if not (weeks.skips_months and _month(series, day.year, day.month).day == day)
    ]


def _cycle(series: OptionClass, day: date) -> ExpirationCycle:
    """Of a short life. Source: [P]; [I] daily options of American indices are named by weekday."""
    is_index = series.owner.security_type is SecurityType.INDEX
    if is_index and series.weeks is not None and series.weeks.is_daily:
        return ExpirationCycle(ExpirationCycle.WEEK_MONDAY + day.weekday())
    return ExpirationCycle.WEEK


# --- strikes -------------------------------------------------------------------------------------


def strike_width(volatility: float, days: int) -> float:
    """How far from the underlying strikes are listed, as a log distance. Source: [I]."""
    return min(2.0 * volatility * float(np.sqrt(max(days, 1) / 365)), _WIDEST) + 0.04


def strikes(series: OptionClass, cycle: ExpirationCycle, low: float, high: float) -> list[float]:
    """All strikes between two prices, ascending."""
    found: list[float] = []
    bottom = 0.0
    for top, step in _steps(series, cycle):
        first = int(np.ceil(max(low, bottom + step / 2) / step - 1e-9))
        last = int(np.floor(min(high, top) / step + 1e-9))
        found += [round(n * step, 3) for n in range(max(first, 1), last + 1)]
        bottom = top
    return found


def is_strike(series: OptionClass, cycle: ExpirationCycle, strike: float) -> bool:
    """Whether a price lies on the ladder of strikes."""
    return strikes(series, cycle, strike - 1e-6, strike + 1e-6) == [strike]


def _steps(series: OptionClass, cycle: ExpirationCycle) -> _Steps:
    owner = series.owner
    is_index = owner.security_type is SecurityType.INDEX
    if owner.security.market is Market.HK:
        return _INDEX_STEPS if is_index else _HK_STEPS
    if is_index:
        return _US_INDEX_MONTH_STEPS if cycle is ExpirationCycle.MONTH else _US_INDEX_WEEK_STEPS
    if owner.is_etf:
        return _US_FUND_STEPS
    return _US_MONTH_STEPS if cycle is ExpirationCycle.MONTH else _US_WEEK_STEPS
