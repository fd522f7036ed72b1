"""What a venue and an account's kind allow: order types, lots, price steps, price limits, hours.

The rules of paper accounts are rows of `PAPER_RULES`; the checks below read them. Money and
positions are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from simulator.domain import (
    Instrument,
    Market,
    MarketState,
    OrderRequest,
    OrderType,
    Side,
    TimeInForce,
    TradingMarket,
)
from simulator.errors import (
    InvalidPrice,
    InvalidQuantity,
    MarketNotAuthorised,
    OddLot,
    OrderTooLarge,
    OrderTypeNotSupported,
    PriceOffTick,
    PriceOutsideLimits,
    SideNotSupported,
    TimeInForceNotSupported,
)

_LIMIT_TYPES: Final = frozenset({OrderType.NORMAL, OrderType.ABSOLUTE_LIMIT})

REGULAR_STATES: Final = frozenset(
    {MarketState.MORNING, MarketState.AFTERNOON, MarketState.FUTURE_DAY_OPEN}
)
"""Continuous trading in regular hours."""
EXTENDED_STATES: Final = REGULAR_STATES | {
    MarketState.PRE_MARKET_BEGIN,
    MarketState.AFTER_HOURS_BEGIN,
}
"""Where orders trade that asked to be filled outside regular hours."""


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What one kind of account accepts in one market."""

    markets: frozenset[Market]
    """Where its securities are quoted."""
    order_types: frozenset[OrderType]
    shown_limit_type: OrderType
    """How an accepted limit order is shown afterwards."""
    max_quantity: int | None = None
    max_lots: int | None = None
    sells_odd_lots: bool = False
    """Whether a position's odd rest may be sold, whole and in one order."""
    resells_same_day: bool = True
    has_price_limits: bool = False
    extended_hours: bool = False


_PAPER_TYPES: Final = frozenset({OrderType.NORMAL, OrderType.MARKET})

PAPER_RULES: Final[Mapping[TradingMarket, OrderRules]] = MappingProxyType(
    {
        # [D] limit and market only; [D] sample: NORMAL is later shown as ABSOLUTE_LIMIT, which is
        # therefore accepted as well [I]; 3,000 lots: HKEX automatch limit.
        TradingMarket.HK: OrderRules(
            markets=frozenset({Market.HK}),
            order_types=_PAPER_TYPES | {OrderType.ABSOLUTE_LIMIT},
            shown_limit_type=OrderType.ABSOLUTE_LIMIT,
            max_lots=3_000,
        ),
        # [D] 500,000 shares in a single order; pre- and after-market hours.
        TradingMarket.US: OrderRules(
            markets=frozenset({Market.US}),
            order_types=_PAPER_TYPES,
            shown_limit_type=OrderType.NORMAL,
            max_quantity=500_000,
            extended_hours=True,
        ),
        # [D] T+1, daily price limits, 1,000,000 shares in a single order; odd lots: market rule.
        TradingMarket.CN: OrderRules(
            markets=frozenset({Market.SH, Market.SZ}),
            order_types=_PAPER_TYPES,
            shown_limit_type=OrderType.NORMAL,
            max_quantity=1_000_000,
            sells_odd_lots=True,
            resells_same_day=False,
            has_price_limits=True,
        ),
    }
)


def check_form(request: OrderRequest, instrument: Instrument, rules: OrderRules) -> None:
    """Judge what can be judged without prices, positions or time.

    Raises:
        MarketNotAuthorised: the account does not trade that market, or nobody trades the security.
        SideNotSupported: neither BUY nor SELL.
        OrderTypeNotSupported: as the rules say.
        TimeInForceNotSupported: not DAY. Source: [D] paper accounts take DAY only.
    """
    if request.security.market not in rules.markets or not instrument.is_tradable:
        raise MarketNotAuthorised(request.security)
    if request.side not in (Side.BUY, Side.SELL):
        raise SideNotSupported(request.side)
    if request.order_type not in rules.order_types:
        raise OrderTypeNotSupported(request.order_type)
    if request.time_in_force is not TimeInForce.DAY:
        raise TimeInForceNotSupported(request.time_in_force)


def check_quantity(
    quantity: Decimal, instrument: Instrument, rules: OrderRules, odd_rest: int = 0
) -> int:
    """Judge a quantity and return it as a number of shares.

    Args:
        quantity: as the user asked for it.
        instrument: gives the lot size.
        rules: the account's.
        odd_rest: shares beyond whole lots that a sell order may contain; 0 for a buy order.

    Raises:
        InvalidQuantity: zero, negative or fractional.
        OddLot: neither whole lots nor whole lots and the odd rest.
        OrderTooLarge: above the limit of a single order.
    """
    if not quantity.is_finite() or quantity <= 0 or quantity != quantity.to_integral_value():
        raise InvalidQuantity(quantity)
    shares = int(quantity)
    lot_size = max(1, instrument.lot_size)
    odd = shares % lot_size
    if odd and not (rules.sells_odd_lots and odd == odd_rest):
        raise OddLot(quantity, lot_size)
    if shares > max_quantity(instrument, rules):
        raise OrderTooLarge(shares, max_quantity(instrument, rules))
    return shares


def max_quantity(instrument: Instrument, rules: OrderRules) -> int:
    """The largest single order, in shares."""
    limits = [rules.max_quantity or 10**12]
    if rules.max_lots is not None:
        limits.append(rules.max_lots * max(1, instrument.lot_size))
    return min(limits)


def check_price(
    price: Decimal | None, tick: Decimal, limits: tuple[Decimal, Decimal] | None
) -> Decimal:
    """Judge the price of a limit order.

    Raises:
        InvalidPrice: missing, zero or negative.
        PriceOffTick: between two steps.
        PriceOutsideLimits: outside the day's limits, which belong to the range.
    """
    if price is None or not price.is_finite() or price <= 0:
        raise InvalidPrice(price)
    if price % tick:
        raise PriceOffTick(price, tick)
    if limits is not None and not limits[0] <= price <= limits[1]:
        raise PriceOutsideLimits(price, *limits)
    return price


def is_limit(order_type: OrderType) -> bool:
    """Whether an order of that type names the worst price it may trade at."""
    return order_type in _LIMIT_TYPES


def price_limits(
    instrument: Instrument, previous_close: Decimal, tick: Decimal
) -> tuple[Decimal, Decimal]:
    """The A-share day limits around the previous close, on the tick.

    Source: exchange rules, 10 % on the main boards and for funds, 20 % on ChiNext and STAR.
    """
    fraction = Decimal("0.2") if _is_growth_board(instrument) else Decimal("0.1")
    low, high = (
        (previous_close * factor / tick).to_integral_value(ROUND_HALF_UP) * tick
        for factor in (1 - fraction, 1 + fraction)
    )
    return low, high


def _is_growth_board(instrument: Instrument) -> bool:
    return not instrument.is_etf and instrument.security.code.startswith(("300", "301", "688"))


def trades_in(state: MarketState, rules: OrderRules, *, outside_regular: bool) -> bool:
    """Whether an order may meet the market in that state. Auctions are not for paper orders [D]."""
    extended = rules.extended_hours and outside_regular
    return state in (EXTENDED_STATES if extended else REGULAR_STATES)
