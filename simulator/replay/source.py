"""The replay source: the user's files for the securities that have some, another source for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from simulator.domain import NS_PER_MINUTE, Instrument, Market, Security
from simulator.errors import UnknownSecurity
from simulator.market.board import BatchSource
from simulator.market.caches import Recent
from simulator.market.minutes import MinuteShocks, MinuteTable, minute_bars, weights
from simulator.market.prints import minute_ticks
from simulator.market.randomness import lane, stream_key
from simulator.market.source import DayBars, Liquidity, MinuteBars, MinuteTicks
from simulator.market.tail_days import DayBlock
from simulator.market.universe import Universe
from simulator.replay.history import History, make_history
from simulator.replay.tables import ReplayError, read_table, security_of
from simulator.trading_days import SessionKind, TradingSession, calendar_for

_SUFFIXES: Final = (".csv", ".parquet")
_PRINTS_A_MINUTE: Final = 15.0
_SPREAD: Final = 1.3
_REFRESH_NS: Final = 3_000_000_000
_MOST_MINUTE_DAYS: Final = 300
_MINUTES_A_DAY: Final = 10_000


def read_folder(folder: Path, universe: Universe) -> dict[Security, History]:
    """Read all files of a folder.

    Args:
        folder: Holds files called after securities, such as `HK.00700.csv`.
        universe: What is listed.

    Raises:
        ReplayError: There is nothing to play back, a file's name is no security of the universe, or
            a file cannot be used.
    """
    if not folder.is_dir():
        raise ReplayError(folder, None, "there is no such folder")
    paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    if not paths:
        raise ReplayError(folder, None, "no .csv or .parquet files")
    grouped: dict[Security, list[Path]] = {}
    for path in paths:
        grouped.setdefault(_security(path, universe), []).append(path)
    return {
        security: make_history(universe.get(security), [read_table(path) for path in found])
        for security, found in grouped.items()
    }


def _security(path: Path, universe: Universe) -> Security:
    prefix, _, code = security_of(path).partition(".")
    markets = {market.prefix: market for market in Market}
    if prefix not in markets or not code:
        raise ReplayError(path, None, "the name must be market.code.csv, such as HK.00700.csv")
    security = Security(markets[prefix], code)
    try:
        universe.get(security)
    except UnknownSecurity as error:
        raise ReplayError(path, None, f"{security.symbol} is not listed here") from error
    return security


class ReplaySource:
    """Plays back files. What they leave out, minutes of days, prints of minutes, is drawn.

    Args:
        histories: What the files say.
        rest: Supplies all other securities.
        seed: Of what is drawn.
    """

    def __init__(self, histories: dict[Security, History], rest: BatchSource, seed: int) -> None:
        self._histories = histories
        self._rest = rest
        self._seed = seed
        self._minutes: Recent[tuple[Security, int], MinuteBars] = Recent(_MOST_MINUTE_DAYS)

    @property
    def securities(self) -> tuple[Security, ...]:
        """What is played back."""
        return tuple(self._histories)

    def days(self, instrument: Instrument) -> DayBars:
        """All days of a security."""
        history = self._histories.get(instrument.security)
        return self._rest.days(instrument) if history is None else history.days

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the rows `first` to `last`, inclusive."""
        history = self._histories.get(instrument.security)
        if history is None:
            return self._rest.minutes(instrument, first, last)
        return [self._minutes_of(instrument, history, row) for row in range(first, last + 1)]

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a row."""
        history = self._histories.get(instrument.security)
        if history is None:
            return self._rest.ticks(instrument, row, minute)
        told = history.ticks.get((row, minute))
        if told is not None:
            return told
        bars = self._minutes_of(instrument, history, row)
        ordinal = int(history.days.ordinals[row])
        key = lane(self._key(instrument), ordinal * _MINUTES_A_DAY + minute)
        has_sides = instrument.is_tradable
        return minute_ticks(bars, minute, _PRINTS_A_MINUTE, key, has_sides=has_sides)

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How a security trades and quotes."""
        history = self._histories.get(instrument.security)
        if history is None:
            return self._rest.liquidity(instrument)
        traded = history.days.lots[history.days.lots > 0]
        a_minute = float(traded.mean()) / 330 if len(traded) else 1.0
        return Liquidity(
            key=lane(self._key(instrument), 1),
            lot=history.lot,
            value_scale=self._rest.liquidity(instrument).value_scale or 1.0,
            spread=_SPREAD,
            level_lots=max(a_minute / 5, 2.0),
            refresh_ns=_REFRESH_NS,
            limit=None,
        )

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """When that row's minutes are, in order."""
        history = self._histories.get(instrument.security)
        if history is None:
            return self._rest.sessions(instrument, row)
        return _sessions(instrument, history, row)

    # --- batches: what is played back is not in them ------------------------------------------

    def is_batched(self, instrument: Instrument) -> bool:
        """Whether the other source makes a security, and can do so in batches."""
        return instrument.security not in self._histories and self._rest.is_batched(instrument)

    def day_block(self, instruments: Sequence[Instrument], begin: int, end: int) -> DayBlock:
        """Days of many companies of the other source."""
        return self._rest.day_block(instruments, begin, end)

    def minute_block(self, instruments: Sequence[Instrument], today: DayBlock) -> MinuteTable:
        """Minutes of many companies of the other source."""
        return self._rest.minute_block(instruments, today)

    def ticks_in(
        self, instrument: Instrument, bars: MinuteBars, ordinal: int, minute: int
    ) -> MinuteTicks:
        """Prints of a company of the other source."""
        return self._rest.ticks_in(instrument, bars, ordinal, minute)

    # --- inside -------------------------------------------------------------------------------

    def _key(self, instrument: Instrument) -> int:
        return stream_key(self._seed, "replay", instrument.security.symbol)

    def _minutes_of(self, instrument: Instrument, history: History, row: int) -> MinuteBars:
        told = history.minutes.get(row)
        if told is not None:
            return told
        place = (instrument.security, row)
        return self._minutes.get_or(place, lambda: self._drawn(instrument, history, row))

    def _drawn(self, instrument: Instrument, history: History, row: int) -> MinuteBars:
        """The minutes of a day of which only the day's bar is known."""
        sessions = _sessions(instrument, history, row)
        lengths = tuple((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions)
        days = history.days
        if not days.lots[row]:
            price = np.full(sum(lengths), days.close[row], np.int32)
            none = np.zeros(sum(lengths), np.int32)
            value = none.astype(np.int64)
            return MinuteBars(int(days.step[row]), price, price, price, price, none, value)
        numbers = [
            np.arange(s.start_ns // NS_PER_MINUTE, s.end_ns // NS_PER_MINUTE) for s in sessions
        ]
        share = weights(lengths, tuple(s.kind is SessionKind.NIGHT for s in sessions))
        key = self._key(instrument)
        shocks = MinuteShocks(((lane(key, 2), 1.0),), lane(key, 3))
        counters = np.concatenate(numbers).astype(np.uint64)[None, :]
        return minute_bars(days, row, counters, share, shocks)[0]


def _sessions(instrument: Instrument, history: History, row: int) -> tuple[TradingSession, ...]:
    calendar = calendar_for(instrument.venue)
    return calendar.sessions(date.fromordinal(int(history.days.ordinals[row])))
