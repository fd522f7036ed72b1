"""How much of a position's value an account must own itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from simulator.domain import AccountType


@dataclass(frozen=True, slots=True)
class MarginRates:
    """Fractions of market value. A cash account is the case of 100 % without shorts."""

    initial_long: Decimal
    initial_short: Decimal | None
    """None where short selling is not allowed."""
    maintenance_long: Decimal
    maintenance_short: Decimal

    @property
    def allows_short(self) -> bool:
        """Whether a sell order without a position opens a short one."""
        return self.initial_short is not None

    def initial(self, long_value: Decimal, short_value: Decimal) -> Decimal:
        """Initial margin; both values are zero or positive."""
        return self.initial_long * long_value + (self.initial_short or 0) * short_value

    def maintenance(self, long_value: Decimal, short_value: Decimal) -> Decimal:
        """Maintenance margin; both values are zero or positive."""
        return self.maintenance_long * long_value + self.maintenance_short * short_value


CASH_RATES: Final = MarginRates(Decimal(1), None, Decimal(0), Decimal(0))

US_PAPER_RATES: Final = MarginRates(Decimal("0.5"), Decimal("0.6"), Decimal("0.4"), Decimal("0.5"))
"""Source: [D] long 50 % initial, 40 % maintenance; short 60 % and 50 %."""

PAPER_RATES: Final[Mapping[AccountType, MarginRates]] = MappingProxyType(
    {AccountType.CASH: CASH_RATES, AccountType.MARGIN: US_PAPER_RATES}
)
