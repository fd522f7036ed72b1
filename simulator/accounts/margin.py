"""How much of a position's value an account must own itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from simulator.domain import AccountSpec, AccountType, Instrument, Market
from simulator.products import Product, product_class
from simulator.ticks import product_of

_ZERO: Final = Decimal(0)


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

    def call(self, long_value: Decimal, short_value: Decimal) -> Decimal:
        """Equity below which more is called for: halfway between the margins [I]."""
        both = self.initial(long_value, short_value) + self.maintenance(long_value, short_value)
        return both / 2


def _rates(
    initial_long: str, initial_short: str | None, maintenance_long: str, maintenance_short: str
) -> MarginRates:
    return MarginRates(
        Decimal(initial_long),
        None if initial_short is None else Decimal(initial_short),
        Decimal(maintenance_long),
        Decimal(maintenance_short),
    )


CASH_RATES: Final = _rates("1", None, "0", "0")

US_PAPER_RATES: Final = _rates("0.5", "0.6", "0.4", "0.5")
"""Source: [D] long 50 % initial, 40 % maintenance; short 60 % and 50 %."""

US_RATES: Final = _rates("0.5", "0.5", "0.25", "0.3")
"""Source: [O], shorts 50 and 30; [V] long 50 and 25."""

OPTION_RATES: Final = _rates("1", "3", "0", "2")
"""A bought option is paid in full; a written one binds a multiple of its value. [I]"""

UNMARGINED: Final = _rates("1", None, "1", "1")

HK_TIERS: Final[tuple[tuple[Decimal, MarginRates], ...]] = (
    (Decimal("1e12"), _rates("0.3", "0.5", "0.25", "0.3")),
    (Decimal("1e11"), _rates("0.4", "0.5", "0.3", "0.3")),
    (Decimal("1e10"), _rates("0.6", None, "0.45", "0.45")),
)
"""By market value from which they hold, biggest first; smaller companies are not lent on.

Source: [V] a list per security whose ratios differ; [I] the tiers.
"""

_SECURITY_RATES: Final = {
    Product.US_STOCK: US_RATES,
    Product.US_OPTION: OPTION_RATES,
    Product.HK_OPTION: OPTION_RATES,
    Product.CN_STOCK: UNMARGINED,
}

MAINTENANCE_OF_INITIAL: Final = {Market.HK: Decimal("0.8"), Market.US: 1 / Decimal("1.1")}
"""Source: [V] HKEX levels: maintenance is 0.8 of initial; American brokers ask 1.1 of maintenance."""
_MAINTENANCE_DEFAULT: Final = Decimal("0.8")

FUTURES_INITIAL: Final = {
    # [V] HSI 130,074 of a notional 26,923 x 50, and the same for its relatives.
    (Market.HK, "HSI"): "0.097",
    (Market.HK, "MHI"): "0.097",
    (Market.HK, "HHI"): "0.11",
    (Market.HK, "MCH"): "0.11",
    (Market.HK, "HTI"): "0.2",
    (Market.HK, "CUS"): "0.03",
    # [I] round levels for everything else.
    (Market.US, "CL"): "0.12",
    (Market.US, "MCL"): "0.12",
    (Market.US, "NG"): "0.2",
    (Market.US, "SI"): "0.12",
    (Market.US, "ZN"): "0.02",
    (Market.US, "6E"): "0.025",
    (Market.SG, "FEF"): "0.12",
}
"""Initial margin of a contract as a fraction of its value."""
_FUTURES_DEFAULT: Final = "0.08"


def margin_rates(spec: AccountSpec, instrument: Instrument) -> MarginRates:
    """The rates at which an account holds an instrument."""
    product = product_class(instrument)
    if product is None:
        return CASH_RATES
    if product.is_future:
        return _future_rates(instrument)
    if spec.account_type is AccountType.CASH:
        return CASH_RATES
    if spec.is_paper and product is Product.US_STOCK:
        return US_PAPER_RATES
    if product is Product.HK_STOCK:
        return _hk_rates(instrument)
    return _SECURITY_RATES.get(product, UNMARGINED)


def _hk_rates(instrument: Instrument) -> MarginRates:
    value = Decimal(instrument.issued_shares) * Decimal(repr(instrument.reference_price))
    return next((rates for least, rates in HK_TIERS if value >= least), UNMARGINED)


def _future_rates(instrument: Instrument) -> MarginRates:
    market = instrument.security.market
    key = (market, product_of(instrument.security.code))
    initial = Decimal(FUTURES_INITIAL.get(key, _FUTURES_DEFAULT))
    maintenance = initial * MAINTENANCE_OF_INITIAL.get(market, _MAINTENANCE_DEFAULT)
    return MarginRates(initial, initial, maintenance, maintenance)
