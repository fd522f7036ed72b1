"""Who puts money in and who takes it out: the tape's prints by side and size.

Theory of operation. A print counts as money in when the buyer was active and as money out when the
seller was; its turnover decides its size class. Today's flow is read from the tape, each finished
minute once. The five trading days before are read from their prints, too, and a day that was read stays as it
was told. Any older day is drawn from its day bar, with the shares of the size classes that prints of
such a mean turnover have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Instrument,
    Market,
    Period,
    Security,
    Trade,
    TradeDirection,
)
from simulator.market.caches import Recent
from simulator.market.data import MarketData
from simulator.market.randomness import Floats, normals, stream_key
from simulator.trading_days import TradingSession, calendar_for

CLASSES: Final = 4
"""Super, big, middle and small, in this order."""

_BOUNDS: Final = {Market.HK: (1_000_000.0, 300_000.0, 60_000.0)}
_USUAL_BOUNDS: Final = (1_000_000.0, 200_000.0, 40_000.0)
"""Least turnover of a super, a big and a middle print, in the market's currency. Source: [I]."""
_MOST_DAYS: Final = 400
_PRINTS_A_MINUTE: Final = ((1.2e9, 48.0), (1.2e8, 15.0), (0.0, 3.0))
"""By the day's turnover in HKD or CNH; an eighth of it in USD. Source: [I]."""
_EXACT_DAYS: Final = 6
"""Today and so many days before it are read from their prints, whoever asks when."""
_PIECE_NS: Final = 15 * NS_PER_MINUTE
"""Of a day whose prints are counted in one go."""
_TREND: Final = 0.03
_SPREAD: Final = 1.1

Amounts = NDArray[np.float64]
"""Turnover by side (in, out) and size class; its shape ends with (2, 4)."""


@dataclass(frozen=True, slots=True)
class MinuteFlow:
    """A trading day up to an instant."""

    starts_ns: tuple[int, ...]
    """When each minute began, market clock."""
    amounts: Amounts
    """Sums since the open at each minute's end, shape (minutes, 2, 4)."""
    updated_ns: int
    """Of the last print counted, market clock; the open's if there is none."""

    @property
    def total(self) -> Amounts:
        """Of the whole day so far, shape (2, 4)."""
        return self.amounts[-1] if len(self.amounts) else np.zeros((2, CLASSES))


@dataclass(frozen=True, slots=True)
class PeriodFlow:
    """Net money in, by size class."""

    day: date
    """The first trade date of the period."""
    net: Floats


@dataclass(slots=True)
class _DaySums:
    """The finished minutes of one trade date that have been read so far."""

    minutes: Amounts
    read: int = 0
    updated_ns: int = 0


class CapitalFlows:
    """Reads the flows of any security.

    Args:
        market: Where prints and bars come from.
    """

    def __init__(self, market: MarketData) -> None:
        self._market = market
        self._days: Recent[tuple[Security, date], _DaySums] = Recent(_MOST_DAYS)

    def today(self, instrument: Instrument, now_ns: int) -> MinuteFlow:
        """The regular hours of today, minute by minute, the running one included."""
        day = self._market.trading_date(instrument.security, now_ns)
        return self._read(instrument, day, self._market.market_ns(instrument.security, now_ns))

    def days(
        self, instrument: Instrument, period: Period, begin: date, end: date, now_ns: int
    ) -> list[PeriodFlow]:
        """Net flows of the periods in which the dates from `begin` to `end` lie, oldest first.

        Args:
            instrument: Whose flows.
            period: DAY, WEEK or MONTH.
            begin: The whole period around it counts.
            end: Later days do not count.
            now_ns: Gateway time; today's flow so far is included.
        """
        first = date.fromordinal(_head(begin, period))
        bars = self._market.candles(instrument.security, Period.DAY, first, end, now_ns)
        zone = calendar_for(instrument.venue).zone
        days = [datetime.fromtimestamp(t // NS_PER_S, zone).date() for t in bars.time_ns.tolist()]
        rows = zip(
            days,
            bars.turnover.tolist(),
            (bars.close - bars.open).tolist(),
            (bars.high - bars.low).tolist(),
            strict=True,
        )
        exact = self.exact_days(instrument, now_ns)
        found: list[PeriodFlow] = []
        for day, turnover, move, width in rows:
            net = self._exact(instrument, day, now_ns, exact)
            if net is None:
                net = _drawn(instrument, day, turnover, move / width if width else 0.0)
            if found and _head(found[-1].day, period) == _head(day, period):
                found[-1] = PeriodFlow(found[-1].day, found[-1].net + net)
            else:
                found.append(PeriodFlow(day, net))
        return found

    def exact_days(self, instrument: Instrument, now_ns: int) -> frozenset[date]:
        """Today and the days before it whose prints are counted."""
        day = self._market.trading_date(instrument.security, now_ns)
        found = [day]
        for _ in range(_EXACT_DAYS - 1):
            found.append(calendar_for(instrument.venue).previous_day(found[-1]))
        return frozenset(found)

    def warm(self, instrument: Instrument, now_ns: int) -> Iterator[None]:
        """Count the prints that `days` needs, with a chance for others to work now and then."""
        market_ns = self._market.market_ns(instrument.security, now_ns)
        listed = date.fromisoformat(instrument.listing_date)
        for day in sorted(self.exact_days(instrument, now_ns)):
            for session in calendar_for(instrument.venue).sessions(day):
                for until in range(session.start_ns + _PIECE_NS, session.end_ns, _PIECE_NS):
                    if day >= listed and until < market_ns:
                        self._read(instrument, day, until)
                        yield

    # --- the tape -----------------------------------------------------------------------------

    def _exact(
        self, instrument: Instrument, day: date, now_ns: int, exact: frozenset[date]
    ) -> Floats | None:
        """From the tape, if it is one of the `exact` days or was one when it was asked for."""
        if day not in exact and self._days.get((instrument.security, day)) is None:
            return None
        market_ns = self._market.market_ns(instrument.security, now_ns)
        total = self._read(instrument, day, market_ns).total
        net: Floats = total[0] - total[1]
        return net

    def _read(self, instrument: Instrument, day: date, market_ns: int) -> MinuteFlow:
        sessions = calendar_for(instrument.venue).sessions(day)
        starts = _minute_starts(sessions, market_ns)
        empty = _DaySums(np.zeros((_length(sessions), 2, CLASSES)))
        sums = self._days.get_or((instrument.security, day), lambda: empty)
        until = min(sessions[-1].end_ns, market_ns)
        begin = starts[sums.read] if sums.read < len(starts) else until
        running = sums.minutes[: len(starts)].copy()
        running[sums.read :] = 0.0
        trades = self._trades(instrument, begin, until)
        _count(running, starts, trades, _bounds(instrument))
        updated = trades[-1].time_ns if trades else sums.updated_ns
        finished = len(starts) if until == sessions[-1].end_ns else max(len(starts) - 1, 0)
        sums.minutes[:finished] = running[:finished]
        if finished > sums.read:
            last = starts[finished - 1] + NS_PER_MINUTE
            before = [trade.time_ns for trade in trades if trade.time_ns < last]
            sums.read, sums.updated_ns = finished, before[-1] if before else sums.updated_ns
        shown = updated or sessions[0].start_ns
        return MinuteFlow(tuple(starts), np.cumsum(running, axis=0), shown)

    def _trades(self, instrument: Instrument, begin: int, until: int) -> tuple[Trade, ...]:
        """Prints in [begin, until] of the market's clock."""
        if until < begin:
            return ()
        timeline = self._market.timeline
        after, last = (timeline.gateway_ns(instrument.venue, t) for t in (begin - 1, until))
        found = self._market.trades_between(instrument.security, after, last)
        return tuple(trade for trade in found if begin <= trade.time_ns <= until)


def _bounds(instrument: Instrument) -> tuple[float, ...]:
    return _BOUNDS.get(instrument.security.market, _USUAL_BOUNDS)


def _length(sessions: tuple[TradingSession, ...]) -> int:
    return sum((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions)


def _minute_starts(sessions: tuple[TradingSession, ...], market_ns: int) -> list[int]:
    """Of the minutes that have begun."""
    return [
        start
        for session in sessions
        for start in range(session.start_ns, session.end_ns, NS_PER_MINUTE)
        if start <= market_ns
    ]


def _count(
    amounts: Amounts, starts: list[int], trades: Iterable[Trade], bounds: tuple[float, ...]
) -> None:
    """Add prints to their minutes; those without a side, and outside the minutes, do not count."""
    sided = [t for t in trades if t.direction in (TradeDirection.BUY, TradeDirection.SELL)]
    if not sided or not starts:
        return
    times = np.array([t.time_ns for t in sided], np.int64)
    begins = np.array(starts, np.int64)
    minute = np.searchsorted(begins, times, "right") - 1
    value = np.array([t.price * t.volume for t in sided])
    side = np.array([int(t.direction is TradeDirection.SELL) for t in sided])
    size = CLASSES - 1 - np.searchsorted(np.array(bounds[::-1]), value, "right")
    inside = (minute >= 0) & (times < begins[minute] + NS_PER_MINUTE)
    np.add.at(amounts, (minute[inside], side[inside], size[inside]), value[inside])


# --- closed days -----------------------------------------------------------------------------


def _head(day: date, period: Period) -> int:
    """The first calendar day of a day's period, as a day number."""
    match period:
        case Period.WEEK:
            return day.toordinal() - day.weekday()
        case Period.MONTH:
            return day.replace(day=1).toordinal()
        case _:
            return day.toordinal()


def _drawn(instrument: Instrument, day: date, turnover: float, trend: float) -> Floats:
    """Net flows of a closed day: with its trend, the surer the more prints a class has."""
    prints = _prints(instrument, turnover)
    mean = max(turnover / prints, 1e-9)
    above = [_share_above(bound / mean) for bound in _bounds(instrument)]
    shares = np.diff(np.array([0.0, *above, 1.0]))
    typical = np.array([*_bounds(instrument), mean])
    counts = np.maximum(shares * turnover / np.maximum(typical, mean), 1.0)
    key = stream_key("capital", instrument.security.symbol)
    counters = np.arange(CLASSES, dtype=np.uint64) + np.uint64(day.toordinal() * CLASSES)
    noise = normals(key, counters) * _SPREAD / np.sqrt(counts)
    ratios = np.clip(_TREND * trend + noise, -0.8, 0.8)
    net: Floats = shares * turnover * ratios
    return net


def _prints(instrument: Instrument, turnover: float) -> float:
    scale = 8.0 if instrument.security.market is Market.US else 1.0
    rate = next(rate for least, rate in _PRINTS_A_MINUTE if turnover * scale >= least)
    return rate * 330


def _share_above(multiple: float) -> float:
    """Part of all turnover in prints above a multiple of the mean print.

    A print's size is an exponential variable over the root of a uniform one, as the tape's are.
    """
    y = 2 * multiple
    return 1.0 if y < 1e-6 else min(1.0, 2 / y - exp(-y) * (1 + 2 / y))
