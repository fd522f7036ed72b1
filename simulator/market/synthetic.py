"""The built-in source of market data: a seeded market that can be asked for any cell alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.domain import NS_PER_MINUTE, Instrument, Market, Security, SecurityType
from simulator.market.action_schedule import Payer, Planner
from simulator.market.auctions import (
    add_auctions,
    continuous,
    rule_of,
    with_auction_prints,
    with_auctions,
    without_auctions,
)
from simulator.market.caches import Recent
from simulator.market.characters import Character, character_of
from simulator.market.daily import ANCHOR, DailyLayer
from simulator.market.fundamentals import fundamentals_of
from simulator.market.minutes import (
    Days,
    MinuteShocks,
    MinuteTable,
    minute_bars,
    minute_table,
    shock_sources,
    weights,
)
from simulator.market.price_grid import GridHistory
from simulator.market.prints import minute_ticks
from simulator.market.randomness import lane, stream_key
from simulator.market.source import DayBars, Liquidity, MinuteBars, MinuteTicks
from simulator.market.tail_days import DayBlock, TailDays
from simulator.trading_days import SessionKind, TradingSession, calendar_for

HORIZON: Final = date(2031, 12, 31)
"""No data is newer."""
_MOST_DAY_TABLES: Final = 400
_MOST_CHARACTERS: Final = 20_000
_MOST_MINUTE_DAYS: Final = 600
_CHUNK: Final = 128
"""Companies whose minutes are made at a time."""
_MINUTES_A_DAY: Final = 10_000


class SyntheticSource:
    """Every value is a pure function of the seed and its place: security, day, minute.

    Args:
        seed: Another seed is another market.
        horizon: Last day that can be asked for. Data before it do not depend on it.
    """

    def __init__(self, seed: int, horizon: date = HORIZON) -> None:
        self._seed = seed
        self._daily = DailyLayer(seed, horizon)
        self._tail = TailDays(self._daily)
        self._characters: Recent[Security, Character] = Recent(_MOST_CHARACTERS)
        self._grids: Recent[Security, GridHistory] = Recent(_MOST_CHARACTERS)
        self._days: Recent[Security, DayBars] = Recent(_MOST_DAY_TABLES)
        self._minutes: Recent[tuple[Security, int], MinuteBars] = Recent(_MOST_MINUTE_DAYS)

    def character(self, instrument: Instrument) -> Character:
        """How the security behaves."""
        known = self._characters.get(instrument.security)
        if known is None:
            known = character_of(self._seed, instrument)
            self._characters.put(instrument.security, known)
        return known

    def liquidity(self, instrument: Instrument) -> Liquidity:
        """How the security trades and quotes."""
        return self.character(instrument).liquidity

    def grids(self, instrument: Instrument) -> GridHistory:
        """Where the security's prices can lie."""
        known = self._grids.get(instrument.security)
        if known is None:
            known = self._grids.put(instrument.security, GridHistory.of(instrument))
        return known

    def days(self, instrument: Instrument) -> DayBars:
        """All days of a security."""
        return self._days.get_or(instrument.security, lambda: self._make_days(instrument))

    def _make_days(self, instrument: Instrument) -> DayBars:
        character, grids = self.character(instrument), self.grids(instrument)
        if instrument.is_generated:
            return self._tail.bars(character, instrument.venue, grids)
        planner = _planner(character, instrument)
        days = self._daily.bars(character, instrument.venue, grids, planner)
        rule = rule_of(instrument)
        return with_auctions(days, rule, character.key) if rule else days

    def is_batched(self, instrument: Instrument) -> bool:
        """Whether `day_block` and `minute_block` can make a security."""
        return instrument.is_generated

    def day_block(self, instruments: Sequence[Instrument], begin: int, end: int) -> DayBlock:
        """The trading days between two day numbers, both inclusive, of companies of the long tail.

        Args:
            instruments: Of one venue; at least one.
            begin: The first day number.
            end: The last one.
        """
        venue = instruments[0].venue
        days = self._daily.ordinals(venue)
        first, last = np.searchsorted(days, begin), np.searchsorted(days, end, "right")
        characters = [self.character(instrument) for instrument in instruments]
        return self._tail.block(
            characters, venue, self.grids(instruments[0]), int(first), int(last)
        )

    def minute_block(self, instruments: Sequence[Instrument], today: DayBlock) -> MinuteTable:
        """The minutes of the last day of a block of the same companies."""
        day = int(
            self._daily.ordinals(instruments[0].venue)[today.first + today.close.shape[1] - 1]
        )
        sessions = calendar_for(instruments[0].venue).sessions(date.fromordinal(day))
        share = weights(*_pattern(sessions))
        parts = [
            self._minute_part(instruments[at : at + _CHUNK], today, at, sessions, share)
            for at in range(0, len(instruments), _CHUNK)
        ]
        names = ("open", "high", "low", "close", "lots", "value")
        return MinuteTable(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
        )

    def _minute_part(
        self,
        instruments: Sequence[Instrument],
        today: DayBlock,
        first: int,
        sessions: tuple[TradingSession, ...],
        share: NDArray[np.float64],
    ) -> MinuteTable:
        rows = slice(first, first + len(instruments))
        names = ("step", "open", "high", "low", "close", "lots", "value")
        days = Days(*(getattr(today, name)[rows, -1].astype(np.int64) for name in names))
        numbers = np.broadcast_to(_minute_numbers(sessions), (len(instruments), len(share)))
        sigma = today.sigma[rows, -1].astype(np.float32).astype(np.float64)
        shocks = _batched([self._shocks(self.character(i)) for i in instruments])
        return minute_table(days, sigma, numbers, share, shocks)

    def sessions(self, instrument: Instrument, row: int) -> tuple[TradingSession, ...]:
        """When that row's minutes are, in order."""
        day = date.fromordinal(int(self.days(instrument).ordinals[row]))
        return calendar_for(instrument.venue).sessions(day)

    def minutes(self, instrument: Instrument, first: int, last: int) -> list[MinuteBars]:
        """Minutes of the rows `first` to `last`, inclusive; missing runs are made in one go."""
        security = instrument.security
        found = {row: self._minutes.get((security, row)) for row in range(first, last + 1)}
        lots = self.days(instrument).lots
        missing = [row for row, bars in found.items() if bars is None and lots[row]]
        patterns = {row: _pattern(self.sessions(instrument, row)) for row in missing}
        numbered = enumerate(missing)
        for _, group in groupby(numbered, lambda at: (at[1] - at[0], patterns[at[1]])):
            rows = [row for _, row in group]
            made = self._make_minutes(instrument, rows, patterns[rows[0]])
            for row, bars in zip(rows, made, strict=True):
                found[row] = self._minutes.put((security, row), bars)
        return [bars or self._still(instrument, row) for row, bars in found.items()]

    def ticks(self, instrument: Instrument, row: int, minute: int) -> MinuteTicks:
        """Prints of one minute of a row."""
        (bars,) = self.minutes(instrument, row, row)
        days = self.days(instrument)
        drawn = self.ticks_in(
            instrument, without_auctions(bars, days, row), int(days.ordinals[row]), minute
        )
        return with_auction_prints(drawn, bars, days, row, minute)

    def ticks_of(
        self, instrument: Instrument, row: int, minute: int, bars: MinuteBars, ordinal: int
    ) -> MinuteTicks:
        """What `ticks` gives; the long tail has no auctions and so needs its minutes only."""
        if instrument.is_generated:
            return self.ticks_in(instrument, bars, ordinal, minute)
        return self.ticks(instrument, row, minute)

    def ticks_in(
        self, instrument: Instrument, bars: MinuteBars, ordinal: int, minute: int
    ) -> MinuteTicks:
        """Prints of continuous trading in one minute of a day whose minutes are known.

        Args:
            instrument: Whose.
            bars: The minutes of the day, auctions left out.
            ordinal: Day number of the trade date.
            minute: Which one.
        """
        character = self.character(instrument)
        key = lane(character.key, ordinal * _MINUTES_A_DAY + minute)
        return minute_ticks(
            bars, minute, character.prints_a_minute, key, has_sides=character.has_sides
        )

    def _still(self, instrument: Instrument, row: int) -> MinuteBars:
        """The minutes of a suspended day."""
        days = self.days(instrument)
        count = sum(_pattern(self.sessions(instrument, row))[0])
        price = np.full(count, days.close[row], np.int32)
        none = np.zeros(count, np.int32)
        return MinuteBars(
            int(days.step[row]), price, price, price, price, none, none.astype(np.int64)
        )

    def _make_minutes(
        self, instrument: Instrument, rows: list[int], pattern: _Pattern
    ) -> list[MinuteBars]:
        lengths, quiet = pattern
        character, days, rule = (
            self.character(instrument),
            self.days(instrument),
            rule_of(instrument),
        )
        numbers = np.array([_minute_numbers(self.sessions(instrument, row)) for row in rows])
        if rule is None:
            share = weights(lengths, quiet)
            return minute_bars(days, rows[0], numbers, share, self._shocks(character))
        lengths = (*lengths[:-1], lengths[-1] - rule.call_minutes)
        share = weights(lengths, quiet)
        drawn = minute_bars(
            continuous(days), rows[0], numbers[:, : sum(lengths)], share, self._shocks(character)
        )
        return [
            add_auctions(bars, days, row, rule, character.key)
            for row, bars in zip(rows, drawn, strict=True)
        ]

    def _shocks(self, character: Character) -> MinuteShocks:
        mover = character.mover
        return shock_sources(
            stream_key(self._seed, "factor minutes", mover.factor),
            stream_key(self._seed, "mover minutes", mover.name),
            lane(character.key, 20),
            follows=character.is_follower,
            tilt=mover.beta,
            sign=1.0 if character.leverage > 0 else -1.0,
        )


def _planner(character: Character, instrument: Instrument) -> Planner:
    """Companies and funds have events; indices and futures have none. Source: [I]."""
    key = character.liquidity.key
    is_company = instrument.security_type is SecurityType.EQUITY and not character.is_follower
    payer = Payer.COMPANY
    if instrument.is_etf:
        payer = Payer.BOND_FUND if "Bond" in instrument.sector else Payer.FUND
    return Planner(
        key=key,
        market=instrument.security.market if is_company or instrument.is_etf else Market.UNKNOWN,
        payout=fundamentals_of(key, instrument).dividend_ttm / character.reference,
        anchor=ANCHOR.toordinal(),
        payer=payer,
    )


def _minute_numbers(sessions: tuple[TradingSession, ...]) -> NDArray[np.uint64]:
    """Minutes since the UTC epoch of a day's sessions."""
    parts = [np.arange(s.start_ns // NS_PER_MINUTE, s.end_ns // NS_PER_MINUTE) for s in sessions]
    return np.concatenate(parts).astype(np.uint64)


def _batched(shocks: list[MinuteShocks]) -> MinuteShocks:
    """The sources of several companies, each a column; all have as many."""
    sources = tuple(
        (
            np.array([key for key, _ in rows], np.uint64)[:, None],
            np.array([weight for _, weight in rows])[:, None],
        )
        for rows in zip(*(each.sources for each in shocks), strict=True)
    )
    return MinuteShocks(sources, np.array([each.own_key for each in shocks], np.uint64)[:, None])


_Pattern = tuple[tuple[int, ...], tuple[bool, ...]]


def _pattern(sessions: tuple[TradingSession, ...]) -> _Pattern:
    return (
        tuple((s.end_ns - s.start_ns) // NS_PER_MINUTE for s in sessions),
        tuple(s.kind is SessionKind.NIGHT for s in sessions),
    )
