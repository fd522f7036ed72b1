"""Classes of options: on which underlying, under which root, how often they expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator.domain import Instrument, Market, OptionStyle, Security, SecurityType
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
_WEDNESDAY: Final = 2
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Weeks:
    """How often short-lived options expire."""

    count: int
    """So many weeks are listed at once, the running one included."""
    weekday: int = _FRIDAY
    """0 for Monday; where that is a holiday, the trading day before it."""
    is_daily: bool = False
    """Whether all trading days of the next two weeks have an expiry, too."""
    skips_months: bool = False
    """Whether a week has none on the day on which a month expires."""
    since: date = date(2000, 1, 1)
    """The first day on which any was listed."""


_US_WEEKS: Final = Weeks(8)
_US_DAYS: Final = Weeks(8, is_daily=True)
_VIX_WEEKS: Final = Weeks(6, _WEDNESDAY, skips_months=True)


def _hk_weeks(since: date) -> Weeks:
    return Weeks(2, skips_months=True, since=since)


_HK_WEEKS: Final[dict[str, Weeks]] = {
    **dict.fromkeys(("HSI", "HHI"), _hk_weeks(date(2019, 9, 16))),
    "HTI": _hk_weeks(date(2024, 9, 2)),
    **dict.fromkeys(
        ("HKB", "HEX", "TCH", "KST", "BYD", "PAI", "MET", "JDC", "BIU", "ALB"),
        _hk_weeks(date(2024, 11, 4)),
    ),
    **dict.fromkeys(("CNC", "CHT", "AIA", "MIU", "SMC"), _hk_weeks(date(2025, 11, 10))),
}
"""Source: [D] HKEX: this week's last business day and the next one's, unless a month ends there, and
the shares with their dates; [S] the date of the technology index."""


@dataclass(frozen=True, slots=True)
class _UsIndexClass:
    """A root on an American index."""

    index: str
    weeks: Weeks | None = None
    """None for a root of whole months, which settle at the opening."""


US_INDEX_CLASSES: Final[dict[str, _UsIndexClass]] = {
    "SPX": _UsIndexClass(".SPX"),
    "SPXW": _UsIndexClass(".SPX", _US_DAYS),
    "NDX": _UsIndexClass(".NDX"),
    "NDXP": _UsIndexClass(".NDX", _US_DAYS),
    "RUT": _UsIndexClass(".RUT"),
    "RUTW": _UsIndexClass(".RUT", _US_DAYS),
    "VIX": _UsIndexClass(".VIX"),
    "VIXW": _UsIndexClass(".VIX", _VIX_WEEKS),
}
"""Source: [O] `US.SPXW260729P7370000` in the chain of `US..SPX`; [S] the other roots."""


@dataclass(frozen=True, slots=True)
class OptionClass:
    """All options on one underlying under one root."""

    root: str
    owner: Instrument
    multiplier: int
    style: OptionStyle
    is_small: bool = False
    has_months: bool = True
    """Whether an option expires in every month."""
    weeks: Weeks | None = None

    @property
    def calendar(self) -> TradingCalendar:
        """Whose days options expire on."""
        return calendar_for(self.owner.venue)


def classes_of(owner: Instrument) -> tuple[OptionClass, ...]:
    """The classes on an underlying, the usual one first; empty where none are listed."""
    market, code = owner.security
    if market is Market.US and owner.security_type is SecurityType.INDEX:
        return tuple(
            _us_index_class(r, owner) for r, c in US_INDEX_CLASSES.items() if c.index == code
        )
    if market is Market.US and owner.security_type in (SecurityType.EQUITY, SecurityType.TRUST):
        if not code.isalpha():
            return ()
        weeks = _US_DAYS if code in DAILY else _US_WEEKS if code in WEEKLY else None
        return (OptionClass(code, owner, _US_MULTIPLIER, OptionStyle.AMERICAN, weeks=weeks),)
    if market is not Market.HK:
        return ()
    return tuple(_hk_class(root, owner) for root, own in HK_CLASSES.items() if own == code)


def owner_of(market: Market, root: str) -> Security | None:
    """The underlying that a root stands for, listed or not."""
    if market is Market.US:
        found = US_INDEX_CLASSES.get(root)
        return Security(Market.US, found.index if found else root)
    if market is Market.HK and root in HK_CLASSES:
        return Security(Market.HK, HK_CLASSES[root])
    return None


def settles_at_opening(root: str) -> bool:
    """Whether options under a root are settled at the opening of their last day."""
    found = US_INDEX_CLASSES.get(root)
    return found is not None and found.weeks is None


def _us_index_class(root: str, owner: Instrument) -> OptionClass:
    weeks = US_INDEX_CLASSES[root].weeks
    return OptionClass(
        root, owner, _US_MULTIPLIER, OptionStyle.EUROPEAN, has_months=weeks is None, weeks=weeks
    )


def _hk_class(root: str, owner: Instrument) -> OptionClass:
    weeks = _HK_WEEKS.get(root)
    if owner.security_type is SecurityType.INDEX:
        is_small = root in SMALL_CLASSES
        size = _INDEX_MULTIPLIERS[root]
        return OptionClass(root, owner, size, OptionStyle.EUROPEAN, is_small, weeks=weeks)
    size = _HK_MULTIPLIERS.get(root, owner.lot_size)
    return OptionClass(root, owner, size, OptionStyle.AMERICAN, weeks=weeks)
