"""Price steps: the exchanges' spread tables as dated rows, and rounding to them.

A band's step holds up to and including its top, as the exchanges word it ("over X to Y"); so a price
on a boundary lies on the grid of both bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import Instrument, Market, OptionTerms, SecurityType

_OPEN_END: Final = "1000000000"


@dataclass(frozen=True, slots=True)
class TickTable:
    """Bands in ascending order."""

    tops: tuple[Decimal, ...]
    """Highest price of each band, inclusive; the last one is beyond any price."""
    ticks: tuple[Decimal, ...]
    digits: int
    """Decimals that every price on the grid can be written with."""

    def tick_at(self, price: Decimal) -> Decimal:
        """Give the step that leads up to `price`."""
        return next(tick for top, tick in zip(self.tops, self.ticks, strict=True) if price <= top)


def _table(*bands: tuple[str, str]) -> TickTable:
    ticks = tuple(Decimal(tick) for _, tick in bands)
    digits = max(-int(tick.as_tuple().exponent) for tick in ticks)
    return TickTable(tuple(Decimal(top) for top, _ in bands), ticks, max(digits, 0))


def _flat(tick: str) -> TickTable:
    return _table((_OPEN_END, tick))


_HK_TOP_BANDS: Final = (
    ("100", "0.05"),
    ("200", "0.1"),
    ("500", "0.2"),
    ("1000", "0.5"),
    ("2000", "1"),
    ("5000", "2"),
    (_OPEN_END, "5"),
)
_HK_LOW_BANDS: Final = (("0.25", "0.001"), ("0.5", "0.005"))

_HK_OLD: Final = _table(
    *_HK_LOW_BANDS, ("10", "0.01"), ("20", "0.02"), ("50", "0.05"), *_HK_TOP_BANDS
)

HK_EQUITY: Final[tuple[tuple[date, TickTable], ...]] = (
    (date.min, _HK_OLD),
    (
        date(2025, 8, 4),
        _table(*_HK_LOW_BANDS, ("10", "0.01"), ("20", "0.01"), ("50", "0.02"), *_HK_TOP_BANDS),
    ),
    # [I] The second phase was announced for mid-2026; the day is our choice.
    (
        date(2026, 7, 6),
        _table(*_HK_LOW_BANDS, ("10", "0.005"), ("20", "0.01"), ("50", "0.02"), *_HK_TOP_BANDS),
    ),
)
"""Equities, REITs and equity warrants. Source: [D] HKEX spread table, part A, and its reform."""

HK_ETP: Final = _table(
    ("1", "0.001"),
    ("5", "0.002"),
    ("10", "0.005"),
    ("20", "0.01"),
    ("100", "0.02"),
    ("200", "0.05"),
    ("500", "0.1"),
    ("1000", "0.2"),
    ("2000", "0.5"),
    (_OPEN_END, "1"),
)
"""Exchange traded products. Source: [D] HKEX spread table, part D; [I] the last band."""

HK_STRUCTURED: Final = _HK_OLD
"""Derivative warrants and CBBCs, which the reform left alone. Source: [D] part E."""

US_STOCK: Final = _table(("0.9999", "0.0001"), (_OPEN_END, "0.01"))
"""From one dollar on the step is a cent. Source: [D] SEC rule 612."""

CN_STOCK: Final = _flat("0.01")
CN_FUND: Final = _flat("0.001")
INDEX: Final = _flat("0.01")

HK_OPTION: Final = _flat("0.01")
HK_CHEAP_OPTION: Final = _flat("0.001")
_HK_CHEAP_OWNERS: Final = frozenset({"03988", "00939", "01398", "01288", "01658", "00788"})
"""Underlyings whose options are quoted in tenths of a cent. Source: [D] HKEX."""

US_PENNY_OPTION: Final = _table(("3", "0.01"), (_OPEN_END, "0.05"))
US_FUND_OPTION: Final = _flat("0.01")
US_INDEX_OPTION: Final = _table(("3", "0.05"), (_OPEN_END, "0.1"))
_POINTS: Final = _flat("1")
_US_CENT_OWNERS: Final = frozenset({"SPY", "QQQ", "IWM"})
"""Source: [S] options on the three big funds move in cents, those on indices in 0.05 or 0.10; [I] all
others and the volatility index are in the penny program."""

FUTURES: Final[dict[tuple[Market, str], TickTable]] = {
    (market, product): _flat(tick)
    for market, row in {
        Market.HK: "HSI:1 MHI:1 HHI:1 MCH:1 HTI:1 CUS:0.0001",
        Market.US: (
            "ES:0.25 NQ:0.25 YM:1 RTY:0.1 MES:0.25 MNQ:0.25 M2K:0.1 MYM:1 CL:0.01 MCL:0.01 NG:0.001"
            " GC:0.1 MGC:0.1 SI:0.005 HG:0.0005 ZN:0.015625 6E:0.00005"
        ),
        Market.SG: "CN:1 NK:5 TWN:0.25 SGP:0.05 FEF:0.05",
        Market.JP: "NK225:10 NK225M:5 NK225MC:5 TOPIX:0.5",
    }.items()
    for product, tick in (item.split(":") for item in row.split())
}
"""By market and product. Source: [D] contract specifications; [S] the American commodities."""

_FUTURE_DEFAULT: Final = _flat("0.01")


def product_of(code: str) -> str:
    """Give the product part of a future's code: `HSI` of `HSImain`, `HSIcurrent` and `HSI2606`."""
    for ending in ("main", "current"):
        if code.endswith(ending):
            return code.removesuffix(ending)
    return code[:-4] if code[-4:].isdigit() and len(code) > 4 else code


def tick_table(instrument: Instrument, day: date) -> TickTable:
    """Give the spread table that holds for an instrument on a trade date."""
    match instrument.security_type:
        case SecurityType.INDEX | SecurityType.PLATE:
            return INDEX
        case SecurityType.FUTURE:
            key = (instrument.security.market, product_of(instrument.security.code))
            return FUTURES.get(key, _FUTURE_DEFAULT)
        case SecurityType.OPTION:
            return _option_table(instrument)
        case SecurityType.WARRANT if instrument.security.market is Market.HK:
            return HK_STRUCTURED
        case _:
            return _stock_table(instrument, day)


def _option_table(instrument: Instrument) -> TickTable:
    owner = instrument.terms.owner if isinstance(instrument.terms, OptionTerms) else None
    code = owner.code if owner else ""
    if instrument.security.market is Market.US:
        if code.startswith("."):
            return US_PENNY_OPTION if code == ".VIX" else US_INDEX_OPTION
        return US_FUND_OPTION if code in _US_CENT_OWNERS else US_PENNY_OPTION
    if code.startswith("8"):
        return _POINTS
    return HK_CHEAP_OPTION if code in _HK_CHEAP_OWNERS else HK_OPTION


def _stock_table(instrument: Instrument, day: date) -> TickTable:
    match instrument.security.market:
        case Market.HK if instrument.is_etf:
            return HK_ETP
        case Market.HK:
            return next(table for since, table in reversed(HK_EQUITY) if since <= day)
        case Market.SH | Market.SZ:
            return CN_FUND if instrument.is_etf else CN_STOCK
        case _:
            return US_STOCK


def tick_size(instrument: Instrument, price: float, day: date) -> float:
    """Give the step that leads up to a price of market data."""
    return float(decimal_tick(instrument, Decimal(repr(price)), day))


def decimal_tick(instrument: Instrument, price: Decimal, day: date) -> Decimal:
    """Give the step that leads up to a price of an order."""
    return tick_table(instrument, day).tick_at(price)


def is_on_tick(instrument: Instrument, price: Decimal, day: date) -> bool:
    """Tell whether an order may carry the price."""
    return price % decimal_tick(instrument, price, day) == 0


def tick_bands(instrument: Instrument, day: date) -> list[tuple[float, float]]:
    """List (top, step) of each band in ascending order, top inclusive."""
    table = tick_table(instrument, day)
    return [(float(top), float(tick)) for top, tick in zip(table.tops, table.ticks, strict=True)]


def price_digits(instrument: Instrument, day: date = date.max) -> int:
    """Give the decimals that all prices of the instrument can be written with."""
    return tick_table(instrument, day).digits


def round_to_tick(
    prices: NDArray[np.float64], instrument: Instrument, day: date
) -> NDArray[np.float64]:
    """Round prices to the grid, halves to the even step.

    Args:
        prices: Any shape, > 0.
        instrument: Whose table to use.
        day: The trade date.

    Returns:
        The same shape; each element is the float nearest to a decimal price on the grid, as
        `float("10.02")` would be. The least is one step, never zero.
    """
    tops, units, scale = _columns(tick_table(instrument, day))
    unit = units[np.searchsorted(tops[:-1], prices, side="left")]
    steps = np.maximum(np.rint(prices * scale / unit), 1.0)
    rounded: NDArray[np.float64] = steps * unit / scale  # whole numbers, so the quotient is exact
    return rounded


@cache
def _columns(table: TickTable) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    scale = 10**table.digits
    tops = np.array([float(top) for top in table.tops])
    return tops, np.array([float(tick * scale) for tick in table.ticks]), float(scale)
