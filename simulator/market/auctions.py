"""Call auctions at both ends of a day: when they print, and how much of the volume is theirs.

An auction trades at the day's open or close in one print. What is left of the day is the continuous
trading, which is split into minutes as on a venue without auctions; so all sums stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Instrument,
    SecurityType,
    TradeDirection,
    Venue,
)
from simulator.market.randomness import lane, normals, uniform
from simulator.market.source import DayBars, Int32s, MinuteBars, MinuteTicks


@dataclass(frozen=True, slots=True)
class AuctionRule:
    """The two auctions of a venue. Shares are of the day's volume; times are ns."""

    opening_share: float
    closing_share: float
    opening: tuple[int, int]
    """From when to when the opening print comes, from the first session's start."""
    closing: tuple[int, int]
    """From when to when the closing print comes, from the last session's end."""
    call_minutes: int
    """The last minutes of the day, in which orders only gather."""


_RULES: Final = {
    # Source: [D] random matching 09:20 to 09:22 and 16:08 to 16:10; [S] shares.
    Venue.HK_STOCK: AuctionRule(
        opening_share=0.015,
        closing_share=0.055,
        opening=(-10 * NS_PER_MINUTE, -8 * NS_PER_MINUTE),
        closing=(8 * NS_PER_MINUTE, 10 * NS_PER_MINUTE),
        call_minutes=0,
    ),
    # Source: [D] matched at 09:25 and at 15:00, the latter called from 14:57 on.
    Venue.CN_STOCK: AuctionRule(
        opening_share=0.012,
        closing_share=0.014,
        opening=(-5 * NS_PER_MINUTE, -5 * NS_PER_MINUTE + 2 * NS_PER_S),
        closing=(0, 2 * NS_PER_S),
        call_minutes=3,
    ),
}
_LEAST_LOTS: Final = 2


def rule_of(instrument: Instrument) -> AuctionRule | None:
    """The auctions of a security: shares and funds have them. Source: [I] those of the long tail not."""
    is_share = instrument.security_type in (SecurityType.EQUITY, SecurityType.TRUST)
    return _RULES.get(instrument.venue) if is_share and not instrument.is_generated else None


def with_auctions(days: DayBars, rule: AuctionRule, key: int) -> DayBars:
    """Give both auctions their part of each day's volume, and the day the value that follows."""
    counters = days.ordinals.astype(np.uint64)
    parts = []
    for number, share in enumerate((rule.opening_share, rule.closing_share)):
        size = share * np.exp(0.35 * normals(lane(key, 100 + number), counters))
        lots = np.maximum(np.rint(days.lots * np.minimum(size, 0.2)), _LEAST_LOTS)
        parts.append(np.where(days.lots > 0, lots, 0).astype(np.int64))
    opening, closing = parts
    total = days.lots.astype(np.int64)
    between = np.rint(days.value / np.maximum(total, 1) * (total - opening - closing))
    value = between.astype(np.int64) + opening * days.open + closing * days.close
    return replace(
        days,
        value=value,
        opening_lots=opening.astype(np.int32),
        closing_lots=closing.astype(np.int32),
    )


def continuous(days: DayBars) -> DayBars:
    """The days without their auctions."""
    opening, closing = days.opening_lots, days.closing_lots
    if opening is None or closing is None:
        return days
    return replace(
        days,
        lots=days.lots - opening - closing,
        value=days.value
        - opening.astype(np.int64) * days.open
        - closing.astype(np.int64) * days.close,
    )


def add_auctions(
    bars: MinuteBars, days: DayBars, row: int, rule: AuctionRule, key: int
) -> MinuteBars:
    """A day's minutes with its auctions in the first and the last one. Source: [I] in which.

    Args:
        bars: The continuous minutes; the last `call_minutes` are missing.
        days: The days with their auctions.
        row: Which day.
        rule: The venue's.
        key: Stream of the security.
    """
    opening, closing = _lots_of(days, row)
    missing = rule.call_minutes
    close, o = int(days.close[row]), int(days.open[row])
    flat = np.full(missing, close, np.int32)
    lots = np.concatenate([bars.lots, np.zeros(missing, np.int32)])
    value = np.concatenate([bars.value, np.zeros(missing, np.int64)])
    lots[0] += opening
    value[0] += opening * o
    lots[-1] += closing
    value[-1] += closing * close
    day = int(days.ordinals[row])
    start, span = rule.opening[0], rule.opening[1] - rule.opening[0]
    late, wait = rule.closing[0], rule.closing[1] - rule.closing[0]
    return MinuteBars(
        bars.step,
        _join(bars.open, flat),
        _join(bars.high, flat),
        _join(bars.low, flat),
        _join(bars.close, flat),
        lots,
        value,
        opening_ns=start + int(span * uniform(lane(key, 102), day)),
        closing_ns=NS_PER_MINUTE + late + 1 + int(wait * uniform(lane(key, 103), day)),
    )


def without_auctions(bars: MinuteBars, days: DayBars, row: int) -> MinuteBars:
    """The minutes whose prints are drawn freely."""
    opening, closing = _lots_of(days, row)
    lots, value = bars.lots.copy(), bars.value.copy()
    lots[0] -= opening
    value[0] -= opening * int(days.open[row])
    lots[-1] -= closing
    value[-1] -= closing * int(days.close[row])
    return replace(bars, lots=lots, value=value)


def with_auction_prints(
    ticks: MinuteTicks, bars: MinuteBars, days: DayBars, row: int, minute: int
) -> MinuteTicks:
    """The prints of a minute with the auction's before or after them."""
    opening, closing = _lots_of(days, row)
    neutral = int(TradeDirection.NEUTRAL)
    offsets, price = list(ticks.offset_ns), list(ticks.price)
    lots, direction = list(ticks.lots), list(ticks.direction)
    if minute == 0 and bars.opening_ns is not None:
        offsets.insert(0, bars.opening_ns)
        price.insert(0, int(days.open[row]))
        lots.insert(0, opening)
        direction.insert(0, neutral)
    if minute == len(bars) - 1 and bars.closing_ns is not None:
        offsets.append(bars.closing_ns)
        price.append(int(days.close[row]))
        lots.append(closing)
        direction.append(neutral)
    return MinuteTicks(offsets, price, lots, direction)


def _lots_of(days: DayBars, row: int) -> tuple[int, int]:
    if days.opening_lots is None or days.closing_lots is None:
        return 0, 0
    return int(days.opening_lots[row]), int(days.closing_lots[row])


def _join(drawn: Int32s, added: Int32s) -> Int32s:
    return np.concatenate([drawn, added])
