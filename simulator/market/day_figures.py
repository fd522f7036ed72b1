"""Figures that follow from a security's days: extremes, dividends, pace, open interest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Final

import numpy as np

from simulator.domain import (
    NS_PER_DAY,
    NS_PER_S,
    Adjustment,
    FutureTerms,
    Instrument,
    OrderBook,
    Period,
    Security,
    SecurityType,
)
from simulator.market.adjusting import Adjuster
from simulator.market.caches import Recent
from simulator.market.candles import CandleMaker, Chart
from simulator.market.corporate_actions import paid_between
from simulator.market.fundamentals import Fundamentals, asset_value
from simulator.market.future_listing import open_share
from simulator.market.randomness import lane, uniform
from simulator.market.source import MarketSource
from simulator.market.statistics import Extremes, Interest, Pace, extremes, share
from simulator.market.tape import DayView, TapeState
from simulator.trading_days import calendar_for

_YEAR_NS: Final = 364 * NS_PER_DAY
_MOST_SECURITIES: Final = 20_000
_FORWARD: Final = Chart(Adjustment.FORWARD)
"""As charts show extremes by default. Source: [I]."""


class DayFigures:
    """Works figures out once a trade date and security.

    Args:
        source: Bars.
        adjuster: Corporate actions.
        candles: Charts of the same source.
        find: Gives a security's instrument.
    """

    def __init__(
        self,
        source: MarketSource,
        adjuster: Adjuster,
        candles: CandleMaker,
        find: Callable[[Security], Instrument],
    ) -> None:
        self._source = source
        self._adjuster = adjuster
        self._candles = candles
        self._find = find
        self._ranges: Recent[Security, tuple[date, Extremes]] = Recent(_MOST_SECURITIES)
        self._paid: Recent[Security, tuple[date, Fundamentals]] = Recent(_MOST_SECURITIES)

    def forget(self, is_meant: Callable[[Security], bool]) -> None:
        """Read some securities anew."""
        self._ranges.forget(is_meant)
        self._paid.forget(is_meant)

    def knows(self, security: Security, today: date) -> bool:
        """Whether a security's extremes of a trade date have been worked out."""
        known = self._ranges.get(security)
        return known is not None and known[0] == today

    def with_dividends(
        self, instrument: Instrument, facts: Fundamentals, today: date
    ) -> Fundamentals:
        """A company's figures with the dividends that went ex until today."""
        if instrument.security_type not in (SecurityType.EQUITY, SecurityType.TRUST):
            return facts
        known = self._paid.get(instrument.security)
        if known is None or known[0] != today:
            paid = self._paid_until(instrument, facts, today)
            known = self._paid.put(instrument.security, (today, paid))
        return known[1]

    def _paid_until(self, instrument: Instrument, facts: Fundamentals, today: date) -> Fundamentals:
        actions = self._adjuster.table(instrument, today).actions
        year_ago, last_year = today.toordinal() - 365, date(today.year - 1, 1, 1).toordinal()
        end_of_year = date(today.year, 1, 1).toordinal() - 1
        return replace(
            facts,
            dividend_ttm=paid_between(actions, year_ago + 1, today.toordinal()),
            dividend_last_year=paid_between(actions, last_year, end_of_year),
        )

    def extremes(self, instrument: Instrument, today: date, time_ns: int) -> Extremes:
        """Of the days before today; they stay the same all day."""
        known = self._ranges.get(instrument.security)
        if known is None or known[0] != today:
            days = self._candles.recent(instrument, Period.DAY, 10_000, time_ns, _FORWARD)
            midnight = datetime.combine(today, time(), calendar_for(instrument.venue).zone)
            today_ns = int(midnight.timestamp()) * NS_PER_S
            finished = days.slice(0, int(np.searchsorted(days.time_ns, today_ns)))
            found = extremes(finished, today_ns - _YEAR_NS)
            known = self._ranges.put(instrument.security, (today, found))
        return known[1]

    def pace(self, instrument: Instrument, state: TapeState, book: OrderBook, time_ns: int) -> Pace:
        """What the minutes so far and the days before tell."""
        view = state.view
        done, _ = view.locate(time_ns)
        usual = view.usual_lots * self._source.liquidity(instrument).lot
        before = int(view.traded_before[max(done - 5, 0)])
        past = view.price(int(view.bars.close[before])) if before >= 0 else view.previous_close
        bids = sum(level.volume for level in book.bids)
        asks = sum(level.volume for level in book.asks)
        scale = self._source.liquidity(instrument).value_scale
        return Pace(
            bid_ask_ratio=share(bids - asks, bids + asks, 100),
            volume_ratio=share(state.volume / max(done, 1), usual / len(view.bars)),
            close_5_minutes_ago=past,
            average_price=share(state.turnover, state.volume * scale),
        )

    def interest(self, instrument: Instrument, time_ns: int, close: float) -> Interest:
        """A future settles at its close; open interest drifts with the days. Source: [I]."""
        if instrument.security_type is not SecurityType.FUTURE:
            return Interest()
        main, part = instrument, 1.0
        if isinstance(instrument.terms, FutureTerms):
            main = self._find(instrument.terms.main)
            view_day = calendar_for(instrument.venue).trading_date(time_ns)
            part = open_share(main, view_day, instrument.terms.last_trade_day)
        key = lane(self._source.liquidity(main).key, 41)
        day = time_ns // NS_PER_DAY
        usual = int(self._source.days(main).lots.mean() * part)
        today, before = (int(usual * (0.9 + 0.2 * uniform(key, d))) for d in (day, day - 1))
        return Interest(close, today, today - before)

    def asset_value(self, instrument: Instrument, view: DayView) -> float:
        """What a unit of a fund is worth; 0 for anything else."""
        if not instrument.is_etf:
            return 0.0
        key = self._source.liquidity(instrument).key
        return asset_value(key, view.previous_close, view.day.toordinal())
