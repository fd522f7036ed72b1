"""What a company is worth and pays: invented once per security, consistent with its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.domain import Instrument, SecurityType
from simulator.market.randomness import lane, uniform

# Price-earnings ratio and price-book ratio at the reference price, by a word in the sector's name.
_RATIOS: Final[tuple[tuple[str, float, float], ...]] = (
    ("银行", 6.0, 0.6), ("保险", 9.0, 1.0), ("地产", 11.0, 0.6), ("石油", 9.0, 1.1),
    ("Energy", 13.0, 2.0), ("电力", 17.0, 1.8), ("公用", 15.0, 1.4), ("Utilities", 19.0, 2.0),
    ("电讯", 12.0, 1.1), ("电信", 15.0, 1.3), ("煤", 9.0, 1.3), ("白酒", 20.0, 5.5),
    ("半导体", 60.0, 5.0), ("生物", 45.0, 5.0), ("互联网", 21.0, 3.6), ("软件", 48.0, 5.0),
    ("Information Technology", 36.0, 10.0), ("Communication", 24.0, 6.0),
    ("Financials", 16.0, 1.9), ("Health", 22.0, 5.0), ("Staples", 25.0, 6.0),
)  # fmt: skip
_USUAL: Final = (18.0, 2.2)
# What a fund pays in a year over its price, by a word in its sector's or its own name; the first
# that fits counts. Source: [S] usual yields; what holds goods or borrows pays nothing.
_FUND_YIELDS: Final[tuple[tuple[str, float], ...]] = (
    ("商品", 0.0), ("杠杆", 0.0), ("反向", 0.0), ("黄金", 0.0), ("Commodity", 0.0),
    ("Leveraged", 0.0), ("Inverse", 0.0), ("Crypto", 0.0), ("创新", 0.0), ("Bond", 0.042),
    ("纳指", 0.006), ("科技", 0.008), ("科创", 0.0), ("创业", 0.0), ("互联网", 0.005),
    ("盈富", 0.032), ("企业", 0.034), ("Equity", 0.013),
)  # fmt: skip
_USUAL_FUND_YIELD: Final = 0.018
MOST_YIELD: Final = 0.055
"""Dividends of a year over the reference price."""


@dataclass(frozen=True, slots=True)
class Fundamentals:
    """Per-share figures in the security's currency, and share counts.

    Zero throughout for what is neither a company nor a fund.
    """

    issued_shares: int
    outstanding_shares: int
    earnings_per_share: float
    """Of the last financial year."""
    earnings_per_share_ttm: float
    """Of the trailing twelve months."""
    book_value_per_share: float
    dividend_ttm: float
    dividend_last_year: float
    net_profit: float
    net_assets: float
    current_ratio: float
    """Percent: current assets over current debts; 0 for funds."""


_NOTHING: Final = Fundamentals(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def fundamentals_of(key: int, instrument: Instrument) -> Fundamentals:
    """Invent a security's figures around its reference price. Source: [I].

    Args:
        key: The security's stream.
        instrument: Its facts.
    """
    if instrument.security_type not in (SecurityType.EQUITY, SecurityType.TRUST):
        return _NOTHING
    draws = [uniform(lane(key, 40), i) for i in range(6)]
    ratio_pe, ratio_pb = _ratios(instrument)
    shares = instrument.issued_shares
    price = instrument.reference_price
    eps = round(price / (ratio_pe * (0.75 + 0.5 * draws[0])), 4)
    book = round(price / (ratio_pb * (0.75 + 0.5 * draws[1])), 4)
    payout = 0.0 if draws[2] < 0.15 else 0.2 + 0.4 * draws[2]
    if instrument.is_generated:
        payout = 0.0  # the long tail has no corporate actions
    if instrument.is_etf:
        eps = book = 0.0
    dividend = round(min(eps * payout, MOST_YIELD * price), 4)
    if instrument.is_etf:
        dividend = round(price * _fund_yield(instrument), 4)
    return Fundamentals(
        issued_shares=shares,
        outstanding_shares=int(shares * (1.0 if instrument.is_etf else 0.8 + 0.2 * draws[3])),
        earnings_per_share=eps,
        earnings_per_share_ttm=round(eps * (0.92 + 0.2 * draws[4]), 4),
        book_value_per_share=book,
        dividend_ttm=dividend,
        dividend_last_year=round(dividend * 0.95, 4),
        net_profit=round(eps * shares, 2),
        net_assets=round(book * shares, 2),
        current_ratio=0.0 if instrument.is_etf else round(30.0 + 270.0 * draws[5], 3),
    )


def _fund_yield(instrument: Instrument) -> float:
    name = f"{instrument.sector} {instrument.names.simplified}"
    return next((rate for word, rate in _FUND_YIELDS if word in name), _USUAL_FUND_YIELD)


def asset_value(key: int, close: float, ordinal: int) -> float:
    """A fund's net assets a unit, as told for the day before: near its close. Source: [I].

    Args:
        key: The fund's stream.
        close: Of the day before.
        ordinal: Today's day number.
    """
    return round(close * (0.9975 + 0.005 * uniform(lane(key, 45), ordinal)), 4)


def _ratios(instrument: Instrument) -> tuple[float, float]:
    found = ((pe, pb) for word, pe, pb in _RATIOS if word in instrument.sector)
    return next(found, _USUAL)
