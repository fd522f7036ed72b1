"""How far from the market an order's price may be: the exchanges' rules as pure functions.

Each is a range of prices that belong to it. Which of them holds for an order is the price desk's to
know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from simulator.domain import Instrument, SecurityType, Side
from simulator.ticks import TickTable

Band = tuple[Decimal, Decimal]
"""Lowest and highest price."""


@dataclass(frozen=True, slots=True)
class SpreadRule:
    """Where a limit order may stand in continuous trading, and how deep it reaches."""

    ahead: int
    """Steps beyond the best opposite price."""
    behind: int
    """Steps behind the best price of its own side."""
    levels: int
    """Queues that it matches at once; what is left rests at its limit."""


HK_SPREADS: Final = SpreadRule(ahead=9, behind=24, levels=10)
"""Source: [V] HKEX; the broker's help page on limit orders names both distances."""

QUOTATION_FACTOR: Final = 9
"""No order's price may be so many times the nominal price, or that part of it. Source: [V] HKEX."""

OPENING_FRACTION: Final = Decimal("0.15")
CLOSING_FRACTION: Final = Decimal("0.05")
"""How far limits may be from the previous close in Hong Kong's opening auction, and from the reference
price in its closing auction. Source: [V] HKEX."""

CAGE_FRACTION: Final = Decimal("0.02")
CAGE_STEPS: Final = 10
"""Source: [V] SSE and SZSE trading rules of 2023, 3.3.14: 102 % or ten steps, whichever is further."""


def stepped(price: Decimal, steps: int, table: TickTable) -> Decimal:
    """The price so many steps of the spread table away; each band has its own; never below one step."""
    for _ in range(abs(steps)):
        price = _next_above(price, table) if steps > 0 else _next_below(price, table)
    return price


def _next_above(price: Decimal, table: TickTable) -> Decimal:
    bands = zip(table.tops, table.ticks, strict=True)
    tick = next(tick for top, tick in bands if price < top)
    return (price // tick + 1) * tick


def _next_below(price: Decimal, table: TickTable) -> Decimal:
    boundary = max((top for top in table.tops if top < price), default=table.ticks[0])
    return max(price - table.tick_at(price), boundary)


def spread_band(
    side: Side, best_bid: Decimal, best_ask: Decimal, rule: SpreadRule, table: TickTable
) -> Band:
    """Where a limit order may stand between its own best price and the other side's."""
    if side is Side.BUY:
        return stepped(best_bid, -rule.behind, table), stepped(best_ask, rule.ahead, table)
    return stepped(best_bid, -rule.ahead, table), stepped(best_ask, rule.behind, table)


def is_quotable(price: Decimal, nominal: Decimal) -> bool:
    """Whether a price differs less than nine times from the nominal price."""
    return nominal / QUOTATION_FACTOR < price < nominal * QUOTATION_FACTOR


def auction_band(reference: Decimal, fraction: Decimal, table: TickTable) -> Band:
    """Prices no further from a reference than a fraction of it, on the tick."""
    low, high = reference * (1 - fraction), reference * (1 + fraction)
    low_tick, high_tick = table.tick_at(low), table.tick_at(high)
    return (
        (low / low_tick).to_integral_value(ROUND_CEILING) * low_tick,
        (high / high_tick).to_integral_value(ROUND_FLOOR) * high_tick,
    )


def closing_reference(nominal_prices: Sequence[Decimal]) -> Decimal:
    """The median of the nominal prices of the last minute, taken every 15 seconds. Source: [V] HKEX."""
    ordered = sorted(nominal_prices)
    return ordered[len(ordered) // 2]


def cage(side: Side, reference: Decimal, tick: Decimal) -> Band:
    """What an A-share order may ask for in continuous trading: not too far into the other side.

    Args:
        side: the order's.
        reference: the best opposite price, else the best of its own side, else the last price.
        tick: the step.

    Source: [V] 102 % for purchases and 98 % for sales, or ten steps; halves are rounded up.
    """
    sign = 1 if side is Side.BUY else -1
    exact = reference * (1 + sign * CAGE_FRACTION) / tick
    percent = exact.to_integral_value(ROUND_HALF_UP) * tick
    steps = reference + sign * CAGE_STEPS * tick
    if side is Side.BUY:
        return tick, max(percent, steps)
    return max(tick, min(percent, steps)), Decimal("Infinity")


def has_cage(instrument: Instrument) -> bool:
    """Whether the cage is for it: shares have one, funds have not."""
    return instrument.security_type is SecurityType.EQUITY and not instrument.is_etf


SHORT_RESTRICTION: Final = Decimal("0.1")
"""A fall from the previous close that restricts short sales. Source: [V] Reg SHO rule 201."""


def is_restricted(low: Decimal, previous_close: Decimal) -> bool:
    """Whether an American share fell so far today that it may not be sold short at the bid."""
    return low <= previous_close * (1 - SHORT_RESTRICTION)
