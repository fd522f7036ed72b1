"""What a unit of one currency is worth in another, from dated rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from simulator.domain import Currency

_DIGITS: Final = Decimal("1.00000000")

HKD_PER_UNIT: Final[tuple[tuple[date, dict[Currency, str]], ...]] = (
    # [I] Round levels of the start of each year; the synthetic market has no currency path of its
    # own, so a rate holds for the whole year.
    (
        date.min,
        {
            Currency.HKD: "1",
            Currency.USD: "7.81",
            Currency.CNH: "1.097",
            Currency.JPY: "0.0554",
            Currency.SGD: "5.91",
            Currency.AUD: "5.32",
            Currency.CAD: "5.89",
            Currency.MYR: "1.70",
        },
    ),
    (
        date(2025, 1, 1),
        {
            Currency.HKD: "1",
            Currency.USD: "7.77",
            Currency.CNH: "1.058",
            Currency.JPY: "0.0494",
            Currency.SGD: "5.69",
            Currency.AUD: "4.81",
            Currency.CAD: "5.40",
            Currency.MYR: "1.74",
        },
    ),
    (
        date(2026, 1, 1),
        {
            Currency.HKD: "1",
            Currency.USD: "7.80",
            Currency.CNH: "1.117",
            Currency.JPY: "0.0494",
            Currency.SGD: "6.06",
            Currency.AUD: "5.21",
            Currency.CAD: "5.66",
            Currency.MYR: "1.92",
        },
    ),
)
"""Oldest first; the newest row not after a day counts."""


def exchange_rate(of: Currency, to: Currency, day: date) -> Decimal:
    """Units of `to` for one unit of `of`, to eight decimals; exactly 1 for one currency."""
    if of is to:
        return Decimal(1)
    row = next(rates for since, rates in reversed(HKD_PER_UNIT) if since <= day)
    return (Decimal(row[of]) / Decimal(row[to])).quantize(_DIGITS)
