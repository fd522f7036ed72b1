"""How many securities' history may be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from simulator.accounts.exchange_rates import exchange_rate
from simulator.domain import NS_PER_DAY, NS_PER_S, Currency, Environment, Security
from simulator.engine import Engine

HISTORY_WINDOW_NS: Final = 7 * NS_PER_DAY
"""How long a security's first request counts. Source: [D] since 10.3.6308."""

TIERS: Final = (
    (Decimal(5_000_000), 2000),
    (Decimal(500_000), 1000),
    (Decimal(10_000), 300),
)
LOWEST_TIER: Final = 100
"""Quotas by total assets in HKD. Source: [D]; numbers of trades are not looked at."""


def quota_by_assets(assets: Decimal) -> int:
    """The size of both quotas for somebody who has so many HKD."""
    return next((units for least, units in TIERS if assets >= least), LOWEST_TIER)


def real_assets(engine: Engine, now_ns: int) -> Decimal:
    """What all real accounts are worth together, in HKD at today's rates."""
    day = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).date()
    total = Decimal(0)
    for account in engine.accounts():
        if account.environment is Environment.REAL:
            funds = engine.funds(account.account_id, now_ns)
            total += funds.total_assets * exchange_rate(funds.currency, Currency.HKD, day)
    return total


class HistoryUse(NamedTuple):
    """A security whose history was read."""

    security: Security
    first_ns: int
    """When its unit was used, gateway time."""


@dataclass(slots=True)
class HistoryQuota:
    """One unit per security, whatever its periods and however often, for a number of days.

    Source: [D]: seven days, thirty before 10.3.
    """

    window_ns: int = HISTORY_WINDOW_NS
    _first_ns: dict[Security, int] = field(default_factory=dict)

    def admit(self, security: Security, total: int, now_ns: int) -> bool:
        """Use a unit unless the security has one; False, and nothing used, if all `total` are."""
        self._expire(now_ns)
        if security in self._first_ns:
            return True
        if len(self._first_ns) >= total:
            return False
        self._first_ns[security] = now_ns
        return True

    def used(self, now_ns: int) -> int:
        """Units in use."""
        self._expire(now_ns)
        return len(self._first_ns)

    @property
    def counted(self) -> int:
        """Units in use when they were last looked at."""
        return len(self._first_ns)

    def uses(self, now_ns: int) -> tuple[HistoryUse, ...]:
        """The securities in use, oldest first."""
        self._expire(now_ns)
        return tuple(HistoryUse(*item) for item in self._first_ns.items())

    def _expire(self, now_ns: int) -> None:
        for security, first_ns in tuple(self._first_ns.items()):
            if now_ns - first_ns < self.window_ns:
                return
            del self._first_ns[security]
