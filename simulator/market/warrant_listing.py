"""Which structured products exist: a few new ones for each busy underlying every month.

A product's code is its place in the order of issue, so a code is understood without a list: its
number tells the family, the month, the underlying and the number within the month; everything else is
drawn from the underlying's stream of random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from simulator.domain import Market, Security, WarrantKind, WarrantTerms
from simulator.market.option_model import OptionBoard
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.randomness import lane, uniform
from simulator.trading_days import TradingCalendar, calendar_for

OWNERS: Final[dict[str, str]] = {
    "00700": "TENCT", "09988": "ALIBA", "03690": "MTUAN", "00388": "HKEX", "01299": "AIA",
    "00941": "CMOB", "02318": "PINGA", "01810": "XIAMI", "01211": "BYDCO", "00005": "HSBC",
    "09618": "JDCOM", "800000": "HSI",
}  # fmt: skip
"""Underlyings and their names in products' short names. Source: [S] the exchange's style."""

CHINESE_NAMES: Final = {
    "00700": ("腾讯", "騰訊"), "09988": ("阿里", "阿里"), "03690": ("美团", "美團"),
    "00388": ("港交", "港交"), "01299": ("友邦", "友邦"), "00941": ("中移", "中移"),
    "02318": ("平安", "平安"), "01810": ("小米", "小米"), "01211": ("比迪", "比迪"),
    "00005": ("汇丰", "滙豐"), "09618": ("京东", "京東"), "800000": ("恒指", "恆指"),
}  # fmt: skip

ISSUERS: Final[tuple[tuple[int, str, str, str], ...]] = (
    (1, "SG", "法兴", "法興"), (2, "BP", "法巴", "法巴"), (7, "HS", "汇丰", "滙豐"),
    (8, "JP", "摩通", "摩通"), (11, "UB", "瑞银", "瑞銀"), (4, "CT", "花旗", "花旗"),
    (12, "BI", "中银", "中銀"), (20, "HT", "海通", "海通"), (24, "GJ", "国君", "國君"),
    (9, "MB", "麦银", "麥銀"),
)  # fmt: skip
"""Number, code, simplified and traditional name. Source: [P] Qot_Common.Issuer."""

BOARD_LOT: Final = 10_000
_FIRST_MONTH: Final = 2022 * 12
_PER_MONTH: Final = 4
_RATIOS: Final = (1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 8000, 10000, 12000)
_WANTED: Final = 0.18
"""Dollars at which a product is issued, about. [S]"""
_NOTICE_DAYS: Final = 8
"""Terms are fixed so many calendar days before the listing."""
_CODE_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class _Family:
    base: int
    """Code of the first product."""
    end: int
    per_month: int
    kinds: tuple[WarrantKind, ...]
    months: tuple[int, int]
    """Shortest and longest life."""
    quiet_days: int
    """Trading days between the last trade and the maturity."""


_FAMILIES: Final = (
    _Family(13000, 29999, _PER_MONTH, (WarrantKind.CALL, WarrantKind.PUT), (6, 10), 4),
    _Family(52000, 69999, _PER_MONTH, (WarrantKind.BULL, WarrantKind.BEAR), (6, 12), 1),
    _Family(47000, 48999, 1, (WarrantKind.INLINE,), (6, 7), 1),
)
"""Source: [D] ranges of codes; the last trade of a warrant is four trading days before maturity."""


@dataclass(frozen=True, slots=True)
class WarrantCode:
    """What a code says by itself."""

    code: str
    owner: Security
    kind: WarrantKind
    year: int
    month: int
    """Of the listing."""
    number: int
    """Within the month."""


def read_warrant(code: str) -> WarrantCode | None:
    """Take a product's code apart; None where no product can have it."""
    if len(code) != _CODE_LENGTH or not code.isdigit():
        return None
    value = int(code)
    family = next((f for f in _FAMILIES if f.base <= value <= f.end), None)
    if family is None:
        return None
    month, place = divmod(value - family.base, len(OWNERS) * family.per_month)
    owner, number = divmod(place, family.per_month)
    return _describe(family, list(OWNERS)[owner], _FIRST_MONTH + month, number)


def warrant_codes(owner: Security, first: date, last: date) -> list[WarrantCode]:
    """All products on an underlying listed in the months from one date to another."""
    if owner.market is not Market.HK or owner.code not in OWNERS:
        return []
    months = range(
        max(first.year * 12 + first.month - 1, _FIRST_MONTH), last.year * 12 + last.month
    )
    return [
        _describe(family, owner.code, month, number)
        for family in _FAMILIES
        for month in months
        for number in range(family.per_month)
    ]


def _describe(family: _Family, owner: str, month: int, number: int) -> WarrantCode:
    place = list(OWNERS).index(owner) * family.per_month + number
    code = family.base + (month - _FIRST_MONTH) * len(OWNERS) * family.per_month + place
    return WarrantCode(
        code=f"{code:05}",
        owner=Security(Market.HK, owner),
        kind=family.kinds[number % len(family.kinds)],
        year=month // 12,
        month=month % 12 + 1,
        number=number,
    )


def warrant_terms(code: WarrantCode, board: OptionBoard) -> WarrantTerms | None:
    """Draw the terms of a product; None if the underlying was not listed then."""
    family = next(f for f in _FAMILIES if code.kind in f.kinds)
    key = lane(board.key, 80 + int(code.code))
    draws = [uniform(key, i) for i in range(8)]
    calendar = calendar_for(board.owner.venue)
    first = date(code.year, code.month, 1)
    listed = calendar.next_day(first + timedelta(days=int(draws[0] * 26) - 1))
    row = board.row((listed - timedelta(days=_NOTICE_DAYS)).toordinal())
    if row < 1 or row >= len(board.days):
        return None
    spot = float(board.days.previous_close[row]) / PRICE_UNITS
    months = family.months[0] + int(draws[1] * (family.months[1] - family.months[0] + 1))
    maturity = _month_end(calendar, listed, months)
    volatility = board.surface.normal(row)
    years = (maturity - listed).days / 365.0
    wide = volatility * years**0.5
    strike, recovery, lower, upper = _levels(code.kind, spot, wide, draws)
    worth = {
        WarrantKind.CALL: 0.4 * wide * spot * 0.5,
        WarrantKind.PUT: 0.4 * wide * spot * 0.5,
        WarrantKind.INLINE: _WANTED,
    }.get(code.kind, abs(spot - strike))
    issuer = ISSUERS[int(draws[6] * len(ISSUERS))]
    return WarrantTerms(
        owner=code.owner,
        kind=code.kind,
        issuer=issuer[0],
        issuer_code=issuer[1],
        strike=strike,
        recovery_price=recovery,
        lower=lower,
        upper=upper,
        conversion_ratio=float(min(_RATIOS, key=lambda r: abs(np.log(worth / r / _WANTED)))),
        listed=listed,
        last_trade_day=_days_before(calendar, maturity, family.quiet_days),
        maturity=maturity,
        issue_size=int(40 + 40 * draws[7]) * 1_000_000 * (5 if spot > 1000 else 2),
    )


def _levels(
    kind: WarrantKind, spot: float, wide: float, draws: list[float]
) -> tuple[float, float, float, float]:
    """Strike, recovery price, lower and upper bound; those that a kind has not are 0."""
    out = 0.9 * draws[2] * wide
    distance = 0.03 + 0.14 * draws[2]
    gap = 0.01 + 0.01 * draws[3]
    match kind:
        case WarrantKind.CALL:
            return _round(spot * (1 + out)), 0.0, 0.0, 0.0
        case WarrantKind.PUT:
            return _round(spot * (1 - 0.8 * out)), 0.0, 0.0, 0.0
        case WarrantKind.BULL:
            return _round(spot * (1 - distance - gap)), _round(spot * (1 - distance)), 0.0, 0.0
        case WarrantKind.BEAR:
            return _round(spot * (1 + distance + gap)), _round(spot * (1 + distance)), 0.0, 0.0
        case _:
            half = wide * (0.5 + 0.7 * draws[3])
            return 0.0, 0.0, _round(spot * (1 - half)), _round(spot * (1 + half))


def _round(price: float) -> float:
    """As issuers round: to four figures at most."""
    digits = 3 - int(np.floor(np.log10(price)))
    return float(round(price, min(digits, 2)))


def _month_end(calendar: TradingCalendar, start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months + 1
    return calendar.previous_day(date(index // 12, index % 12 + 1, 1))


def _days_before(calendar: TradingCalendar, day: date, count: int) -> date:
    for _ in range(count):
        day = calendar.previous_day(day)
    return day


def short_name(code: WarrantCode, terms: WarrantTerms) -> tuple[str, str, str]:
    """The product's name: simplified, traditional, English. Source: [S] `UB#TENCT@EC2603A`."""
    issuer = next(row for row in ISSUERS if row[0] == terms.issuer)
    letter = "ABCDEFGHJKLM"[code.number * 3 % 12 + int(code.code) % 3]
    month = f"{terms.maturity:%y%m}"
    mark, zh, tc = {
        WarrantKind.CALL: ("@EC", "购", "購"),
        WarrantKind.PUT: ("@EP", "沽", "沽"),
        WarrantKind.BULL: ("RC", "牛", "牛"),
        WarrantKind.BEAR: ("RP", "熊", "熊"),
        WarrantKind.INLINE: ("@IW", "界内", "界內"),
    }[terms.kind]
    simple, traditional = CHINESE_NAMES[code.owner.code]
    year, number = f"{terms.maturity:%y}", f"{terms.maturity.month:X}"
    return (
        f"{simple}{issuer[2]}{year}{number}{zh}{letter}",
        f"{traditional}{issuer[3]}{year}{number}{tc}{letter}",
        f"{issuer[1]}#{OWNERS[code.owner.code]}{mark}{month}{letter}",
    )
