"""Which options exist: classes, expirations, strikes, and the codes that name them.

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

from simulator.domain import (
    ExpirationCycle,
    Instrument,
    Market,
    OptionKind,
    OptionStyle,
    Security,
    SecurityType,
)
from simulator.trading_days import TradingCalendar, calendar_for

HK_CLASSES: Final[dict[str, str]] = {
    "TCH": "00700", "HKB": "00005", "ALB": "09988", "MET": "03690", "MIU": "01810", "AIA": "01299",
    "HEX": "00388", "CCB": "00939", "ICB": "01398", "BCL": "03988", "CHT": "00941", "PAI": "02318",
    "BYD": "01211", "CNC": "00883", "PEC": "00857", "CLI": "02628", "KST": "01024", "NTE": "09999",
    "BIU": "09888", "JDC": "09618", "SMC": "00981", "CKH": "00001", "CLP": "00002", "SHK": "00016",
    "LNK": "00823", "TRF": "02800", "GLX": "00027", "SAN": "01928", "CMB": "03968", "PIC": "02328",
    "HSI": "800000", "HHI": "800100", "HTI": "800700", "MHI": "800000",
}  # fmt: skip
"""Class codes of Hong Kong's options. Source: [D] HKEX; [S] some of the later ones."""

SMALL_CLASSES: Final = frozenset({"MHI"})
"""Small contracts on an index. Source: [P] IndexOptionType_Small."""

DAILY: Final = frozenset({"SPY", "QQQ", "IWM"})
"""Expire on every trading day."""
WEEKLY: Final = DAILY | {
    "AAPL", "TSLA", "NVDA", "AMZN", "MSFT", "META", "GOOGL", "GOOG", "AMD", "NFLX", "PLTR", "COIN",
    "BABA", "INTC", "AVGO", "MSTR", "MU",
}  # fmt: skip
"""Expire on Fridays."""

_INDEX_MULTIPLIERS: Final = {"HSI": 50, "HHI": 50, "HTI": 50, "MHI": 10}
_HK_MULTIPLIERS: Final = {"AIA": 1000, "KST": 500, "SMC": 2500, "MIU": 1000}
"""Where a contract is not one board lot. Source: [D] HKEX."""
_US_MULTIPLIER: Final = 100
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
_US_FUND_STEPS: Final[_Steps] = ((25, 0.5), (1e9, 1))
_US_WEEK_STEPS: Final[_Steps] = ((25, 0.5), (100, 1), (500, 2.5), (1000, 5), (1e9, 10))
_US_MONTH_STEPS: Final[_Steps] = ((25, 0.5), (50, 1), (200, 2.5), (500, 5), (1e9, 10))
"""By strike: up to the first number, steps of the second. Source: [S] usual American intervals."""


@dataclass(frozen=True, slots=True)
class OptionClass:
    """All options on one underlying under one root."""

    root: str
    owner: Instrument
    multiplier: int
    style: OptionStyle
    is_small: bool = False

    @property
    def calendar(self) -> TradingCalendar:
        """Whose days options expire on."""
        return calendar_for(self.owner.venue)


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


def classes_of(owner: Instrument) -> tuple[OptionClass, ...]:
    """The classes on an underlying, the usual one first; empty where none are listed."""
    market, code = owner.security
    if market is Market.US and owner.security_type in (SecurityType.EQUITY, SecurityType.TRUST):
        if not code.isalpha():
            return ()
        return (OptionClass(code, owner, _US_MULTIPLIER, OptionStyle.AMERICAN),)
    if market is not Market.HK:
        return ()
    return tuple(_hk_class(root, owner) for root, own in HK_CLASSES.items() if own == code)


def owner_of(market: Market, root: str) -> Security | None:
    """The underlying that a root stands for, listed or not."""
    if market is Market.US:
        return Security(Market.US, root)
    if market is Market.HK and root in HK_CLASSES:
        return Security(Market.HK, HK_CLASSES[root])
    return None


def _hk_class(root: str, owner: Instrument) -> OptionClass:
    if owner.security_type is SecurityType.INDEX:
        is_small = root in SMALL_CLASSES
        return OptionClass(root, owner, _INDEX_MULTIPLIERS[root], OptionStyle.EUROPEAN, is_small)
    size = _HK_MULTIPLIERS.get(root, owner.lot_size)
    return OptionClass(root, owner, size, OptionStyle.AMERICAN)


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


@lru_cache(maxsize=4096)
def _month(series: OptionClass, year: int, month: int) -> Expiration:
    is_hk = series.owner.security.market is Market.HK
    rule = last_day_but_one if is_hk else third_friday
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
    start = today.year * 12 + today.month - 1
    return [_month(series, n // 12, n % 12 + 1) for n in range(start, start + 28)]


def _short(series: OptionClass, today: date) -> list[Expiration]:
    """Weekly and daily expirations from a day on. Source: [S] how far ahead they are listed."""
    code = series.owner.security.code
    if series.owner.security.market is not Market.US or code not in WEEKLY:
        return []
    return _short_of(series.calendar, series, today)


@lru_cache(maxsize=256)
def _short_of(calendar: TradingCalendar, series: OptionClass, today: date) -> list[Expiration]:
    monday = today - timedelta(days=today.weekday())
    fridays = [monday + timedelta(days=4 + 7 * week) for week in range(8)]
    ends = [f if calendar.is_trading_day(f) else calendar.previous_day(f) for f in fridays]
    found = {day: _listed(series, day, 46) for day in ends}
    if series.owner.security.code in DAILY:
        for trading in calendar.trading_days(today, today + timedelta(days=13)):
            found.setdefault(trading.day, _listed(series, trading.day, 12))
    return [Expiration(day, ExpirationCycle.WEEK, listed) for day, listed in found.items()]


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
    if owner.security_type is SecurityType.INDEX:
        return _INDEX_STEPS
    if owner.security.market is Market.HK:
        return _HK_STEPS
    if owner.is_etf:
        return _US_FUND_STEPS
    return _US_WEEK_STEPS if cycle is ExpirationCycle.WEEK else _US_MONTH_STEPS
