"""The figures of a snapshot, all derived from the same tape, candles and fundamentals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.domain import Candles, Quote
from simulator.market.fundamentals import Fundamentals


@dataclass(frozen=True, slots=True)
class Statistics:
    """A security at one instant. Rates and ratios called percent are 20.0 for 20 %.

    Where a figure makes no sense for the security it is 0.
    """

    fundamentals: Fundamentals
    amplitude: float
    """Percent of the previous close between today's high and low."""
    average_price: float
    turnover_rate: float
    """Percent of the outstanding shares traded today."""
    bid_ask_ratio: float
    """Percent: bid volume less ask volume of the best levels, over their sum."""
    volume_ratio: float
    """Volume a minute today over that of the five days before."""
    high_52_weeks: float
    low_52_weeks: float
    high_history: float
    low_history: float
    close_5_minutes_ago: float
    tick: float
    market_value: float
    outstanding_market_value: float
    earnings_yield: float
    """Percent."""
    pe: float
    pe_ttm: float
    pb: float
    dividend_yield_ttm: float
    """Percent."""
    dividend_yield_last_year: float
    """Percent."""
    rising: int
    """Members of an index or plate above their previous close."""
    falling: int
    unchanged: int
    settlement_price: float
    """Of the day before; futures only."""
    open_interest: int
    open_interest_change: int
    net_asset_value: float
    """Per unit; funds only."""
    premium: float
    """Percent of the net asset value; funds only."""


@dataclass(frozen=True, slots=True)
class Breadth:
    """How the members of an index or plate stand."""

    rising: int = 0
    falling: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Interest:
    """A future's settlement price and open interest."""

    settlement_price: float = 0.0
    open: int = 0
    change: int = 0


@dataclass(frozen=True, slots=True)
class Headline:
    """A quote without its book, and the few figures that stand beside it; rates are 20.0 for 20 %."""

    time_ns: int
    """Of the last change, market clock."""
    last: float
    open: float
    high: float
    low: float
    previous_close: float
    volume: int
    turnover: float
    is_suspended: bool
    tick: float
    turnover_rate: float
    amplitude: float
    interest: Interest


@dataclass(frozen=True, slots=True)
class Pace:
    """What the minutes and days tell."""

    bid_ask_ratio: float
    volume_ratio: float
    close_5_minutes_ago: float
    average_price: float


def share(part: float, whole: float, factor: float = 1.0) -> float:
    """`part / whole * factor`, 0 where there is no whole."""
    return part / whole * factor if whole else 0.0


@dataclass(frozen=True, slots=True)
class Extremes:
    """High and low of the last 52 weeks and of all history; 0 without history."""

    year_high: float = 0.0
    year_low: float = 0.0
    high: float = 0.0
    low: float = 0.0

    def widened(self, high: float, low: float) -> Extremes:
        """With today's prices, which are 0 before the first print."""
        if not low:
            return self
        if not self.low:
            return Extremes(high, low, high, low)
        return Extremes(
            max(self.year_high, high),
            min(self.year_low, low),
            max(self.high, high),
            min(self.low, low),
        )


def extremes(days: Candles, since_ns: int) -> Extremes:
    """The extremes of day candles, those of a year since an instant."""
    if not len(days):
        return Extremes()
    first = min(int(np.searchsorted(days.time_ns, since_ns)), len(days) - 1)
    return Extremes(
        float(days.high[first:].max()),
        float(days.low[first:].min()),
        float(days.high.max()),
        float(days.low.min()),
    )


def compose(  # noqa: PLR0913
    quote: Quote,
    facts: Fundamentals,
    ranges: Extremes,
    pace: Pace,
    *,
    tick: float,
    breadth: Breadth,
    interest: Interest,
    asset_value: float = 0.0,
) -> Statistics:
    """Put the figures together; `asset_value` is a fund's."""
    last, shares = quote.last, facts.outstanding_shares
    return Statistics(
        fundamentals=facts,
        amplitude=share(quote.high - quote.low, quote.previous_close, 100),
        average_price=pace.average_price,
        turnover_rate=share(quote.volume, shares, 100),
        bid_ask_ratio=pace.bid_ask_ratio,
        volume_ratio=pace.volume_ratio,
        high_52_weeks=ranges.year_high,
        low_52_weeks=ranges.year_low,
        high_history=ranges.high,
        low_history=ranges.low,
        close_5_minutes_ago=pace.close_5_minutes_ago,
        tick=tick,
        market_value=last * facts.issued_shares,
        outstanding_market_value=last * shares,
        earnings_yield=share(facts.earnings_per_share, last, 100),
        pe=share(last, facts.earnings_per_share),
        pe_ttm=share(last, facts.earnings_per_share_ttm),
        pb=share(last, facts.book_value_per_share),
        dividend_yield_ttm=share(facts.dividend_ttm, last, 100),
        dividend_yield_last_year=share(facts.dividend_last_year, last, 100),
        rising=breadth.rising,
        falling=breadth.falling,
        unchanged=breadth.unchanged,
        settlement_price=interest.settlement_price,
        open_interest=interest.open,
        open_interest_change=interest.change,
        net_asset_value=asset_value,
        premium=share(last - asset_value, asset_value, 100),
    )
