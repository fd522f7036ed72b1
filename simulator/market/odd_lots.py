"""Prints of less than a lot: what they are in each market, and where they stand among the others.

In America a print of fewer than a hundred shares is an odd lot, and nothing else about it is special. In
Hong Kong odd lots trade apart from the others; here two of them make up one print of a single lot, at
its price, so that a minute's sums stay what they are. Source: [S] both rules; [I] the pairs.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from simulator.domain import NS_PER_MINUTE, TradeDirection, TradeKind, Venue
from simulator.market.randomness import lane, uniform
from simulator.market.source import Liquidity, MinuteTicks

_ROUND_LOT: Final = 100
_STREAM: Final = 93
_SHARE: Final = 0.12
"""Part of the minutes of a Hong Kong share in which odd lots are paired. Source: [I]."""
_SIDES: Final = tuple(TradeDirection)


class Print(NamedTuple):
    """One print of a minute."""

    offset_ns: int
    """From the minute's begin."""
    price: int
    """In the day's steps."""
    lots: int
    """What it adds to the minute's lots; the first of a pair of odd lots adds none."""
    volume: int
    direction: TradeDirection
    kind: TradeKind


def prints_of(
    ticks: MinuteTicks, liquidity: Liquidity, venue: Venue, kind: TradeKind, counter: int
) -> list[Print]:
    """The prints of a minute, each of its kind.

    Args:
        ticks: What the source says.
        liquidity: How the security trades.
        venue: Where.
        kind: What prints are that are nothing else.
        counter: Number of the minute among all of the security.
    """
    lot = liquidity.lot
    found = [
        Print(
            offset,
            price,
            lots,
            lots * lot,
            _SIDES[side],
            kind if 0 < offset < NS_PER_MINUTE else TradeKind.AUCTION,
        )
        for offset, price, lots, side in zip(
            ticks.offset_ns, ticks.price, ticks.lots, ticks.direction, strict=True
        )
    ]
    if kind is not TradeKind.AUTOMATCH or not liquidity.has_odd_lots:
        return found
    if venue is Venue.US_STOCK:
        return [_american(each) for each in found]
    return _paired(found, liquidity, counter)


def _american(each: Print) -> Print:
    return each._replace(kind=TradeKind.ODD_LOT) if each.volume < _ROUND_LOT else each


def _paired(found: list[Print], liquidity: Liquidity, counter: int) -> list[Print]:
    """With one print of a single lot in two, now and then: never one that makes an extreme."""
    key = lane(liquidity.key, _STREAM)
    if liquidity.lot < 2 or len(found) < 3 or uniform(key, 2 * counter) >= _SHARE:
        return found
    low, high = min(each.price for each in found), max(each.price for each in found)
    inner = enumerate(found[1:-1], 1)
    fit = [at for at, each in inner if each.lots == 1 and low < each.price < high]
    if not fit:
        return found
    draw = uniform(key, 2 * counter + 1)
    at = fit[int(draw * len(fit))]
    whole = found[at]._replace(direction=TradeDirection.NEUTRAL, kind=TradeKind.ODD_LOT)
    part = 1 + int(draw * 7919) % (liquidity.lot - 1)
    first = whole._replace(lots=0, volume=part)
    second = whole._replace(offset_ns=whole.offset_ns + 1, volume=liquidity.lot - part)
    return [*found[:at], first, second, *found[at + 1 :]]
