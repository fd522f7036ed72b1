"""How large the quotas are by what the user has and trades."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple

from simulator.accounts.exchange_rates import exchange_rate
from simulator.domain import NS_PER_S, Currency, Environment, Fill, SecurityType
from simulator.engine import Engine

REVIEW_NS: Final = 2 * 3600 * NS_PER_S
"""How long new assets take to count. Source: [D] about two hours."""

_FUTURES_SHARE: Final = Decimal("0.1")
"""How much of futures' turnover counts. Source: [D]."""

_ZONE: Final = timezone(timedelta(hours=8))
"""Of the calendar months. Source: [I]."""


class Tier(NamedTuple):
    """What it takes for a quota: any of the three."""

    units: int
    assets: int
    """At least, in HKD."""
    trades: int | None = None
    """More than so many in a month."""
    turnover: int | None = None
    """More than so much in a month, in HKD."""


TIERS: Final = (
    Tier(2000, 5_000_000, 2000, 20_000_000),
    Tier(1000, 500_000, 200, 2_000_000),
    Tier(300, 10_000),
)
LOWEST_TIER: Final = 100
"""Source: [D]."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the tier depends on; of the two monthly figures the better of this and the last month."""

    assets: Decimal
    """In HKD at today's rates."""
    trades: int = 0
    turnover: Decimal = Decimal(0)
    """In HKD."""

    def reaches(self, tier: Tier) -> bool:
        """Whether one of the tier's three conditions is met."""
        return (
            self.assets >= tier.assets
            or (tier.trades is not None and self.trades > tier.trades)
            or (tier.turnover is not None and self.turnover > tier.turnover)
        )


def quota_of(standing: Standing) -> int:
    """The size of the subscription and the history quota."""
    return next((tier.units for tier in TIERS if standing.reaches(tier)), LOWEST_TIER)


def real_standing(engine: Engine, now_ns: int) -> Standing:
    """What the user has and trades with real money; paper accounts count for nothing. Source: [D]."""
    trades: Counter[_Month] = Counter()
    turnover: dict[_Month, Decimal] = {}
    for account in engine.accounts():
        if account.environment is not Environment.REAL:
            continue
        for fill in engine.fills(account.account_id, 0, 1 << 63):
            if _is_recent(engine, fill, now_ns):
                month = _month(fill.created_ns)
                trades[month] += 1
                turnover[month] = turnover.get(month, Decimal(0)) + _turnover(engine, fill)
    return Standing(
        real_assets(engine, now_ns),
        max(trades.values(), default=0),
        max(turnover.values(), default=Decimal(0)),
    )


def real_assets(engine: Engine, now_ns: int) -> Decimal:
    """What all real accounts are worth together, in HKD at today's rates."""
    day = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).date()
    total = Decimal(0)
    for account in engine.accounts():
        if account.environment is Environment.REAL:
            funds = engine.funds(account.account_id, now_ns)
            total += funds.total_assets * exchange_rate(funds.currency, Currency.HKD, day)
    return total


_Month = int
"""Counted from the year 0."""


def _date(time_ns: int) -> date:
    return datetime.fromtimestamp(time_ns // NS_PER_S, _ZONE).date()


def _month(time_ns: int) -> _Month:
    day = _date(time_ns)
    return day.year * 12 + day.month


def _is_recent(engine: Engine, fill: Fill, now_ns: int) -> bool:
    """Whether a fill is of this calendar month or the last one, by its market's clock."""
    venue = engine.market.universe.get(fill.security).venue
    return _month(engine.market.timeline.market_ns(venue, now_ns)) - _month(fill.created_ns) <= 1


def _turnover(engine: Engine, fill: Fill) -> Decimal:
    instrument = engine.market.universe.get(fill.security)
    multiplier = engine.terms(fill.account_id, fill.security).multiplier
    rate = exchange_rate(instrument.currency, Currency.HKD, _date(fill.created_ns))
    value = fill.quantity * fill.price * multiplier * rate
    return value * _FUTURES_SHARE if instrument.security_type is SecurityType.FUTURE else value
