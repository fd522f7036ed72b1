"""What a venue and an account's kind allow: order types, lots, price steps, price limits, hours.

The rules are rows, `PAPER_RULES` for paper accounts and `REAL_RULES` for real ones, by product; the
checks below read them. Money and positions are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from simulator.domain import (
    AccountSpec,
    Instrument,
    Market,
    MarketState,
    OrderOperation,
    OrderRequest,
    OrderSession,
    OrderType,
    Side,
    TimeInForce,
)
from simulator.errors import (
    InvalidExpiry,
    InvalidPrice,
    InvalidQuantity,
    MarketNotAuthorised,
    OddLot,
    OrderTooLarge,
    OrderTypeNotSupported,
    PriceOffTick,
    PriceOutsideLimits,
    SessionNotSupported,
    SideNotSupported,
    TimeInForceNotSupported,
)
from simulator.products import Product, product_class, trading_market
from simulator.venue.price_rules import HK_SPREADS, SpreadRule

_T: Final = OrderType

LIMIT_TYPES: Final = frozenset(
    {
        _T.NORMAL,
        _T.ABSOLUTE_LIMIT,
        _T.AUCTION_LIMIT,
        _T.SPECIAL_LIMIT,
        _T.SPECIAL_LIMIT_ALL,
        _T.STOP_LIMIT,
        _T.LIMIT_IF_TOUCHED,
        _T.TWAP_LIMIT,
        _T.VWAP_LIMIT,
    }
)
"""Orders that name the worst price they may trade at."""
TRIGGERED_TYPES: Final = frozenset(
    {_T.STOP, _T.STOP_LIMIT, _T.MARKET_IF_TOUCHED, _T.LIMIT_IF_TOUCHED}
)
"""Orders that sleep until the price reaches `aux_price`."""
TRAILING_TYPES: Final = frozenset({_T.TRAILING_STOP, _T.TRAILING_STOP_LIMIT})
SLICED_TYPES: Final = frozenset({_T.TWAP, _T.TWAP_LIMIT, _T.VWAP, _T.VWAP_LIMIT})
"""Orders that are worked off over what is left of the session."""
AUCTION_TYPES: Final = frozenset({_T.AUCTION, _T.AUCTION_LIMIT})

REGULAR_STATES: Final = frozenset(
    {
        MarketState.MORNING,
        MarketState.AFTERNOON,
        MarketState.FUTURE_DAY_OPEN,
        MarketState.NIGHT_OPEN,
        MarketState.FUTURE_OPEN,
    }
)
"""Continuous trading in regular hours; futures have theirs at night too."""
EXTENDED_STATES: Final = REGULAR_STATES | {
    MarketState.PRE_MARKET_BEGIN,
    MarketState.AFTER_HOURS_BEGIN,
}
"""Where orders trade that asked to be filled outside regular hours."""
CONTINUOUS_STATES: Final = EXTENDED_STATES | {MarketState.OVERNIGHT}
"""Every state in which orders trade as they come."""
_STATES: Final = {
    OrderSession.NONE: REGULAR_STATES,
    OrderSession.REGULAR: REGULAR_STATES,
    OrderSession.EXTENDED: EXTENDED_STATES,
    OrderSession.ALL: CONTINUOUS_STATES,
    OrderSession.OVERNIGHT: frozenset({MarketState.OVERNIGHT}),
}

_DAY_ONLY: Final = frozenset({TimeInForce.DAY})
_PAPER_OPERATIONS: Final = frozenset({OrderOperation.CHANGE, OrderOperation.CANCEL})


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What one kind of account accepts of one product."""

    order_types: frozenset[OrderType]
    shown_limit_type: OrderType = OrderType.NORMAL
    """How an accepted limit order is shown afterwards."""
    time_in_forces: frozenset[TimeInForce] = _DAY_ONLY
    market_time_in_forces: frozenset[TimeInForce] = _DAY_ONLY
    """The same for orders without a limit."""
    sessions: frozenset[OrderSession] = frozenset({OrderSession.NONE})
    operations: frozenset[OrderOperation] = _PAPER_OPERATIONS
    cancels_all: bool = False
    """Whether all orders can be cancelled with one request."""
    is_paper: bool = True
    in_contracts: bool = False
    """Whether quantities count contracts; otherwise shares, in board lots."""
    max_quantity: int | None = None
    max_lots: int | None = None
    sells_odd_lots: bool = False
    """Whether a position's odd rest may be sold, whole and in one order."""
    resells_same_day: bool = True
    has_price_limits: bool = False
    market_only_closes: bool = False
    """Whether market orders may not open or add to a position."""
    spreads: SpreadRule | None = None
    """How far from the market a limit order may be; None where nobody counts steps."""
    borrows: bool = False
    """Whether the exchange's rules on short sales hold."""
    joins_auctions: bool = False
    """Whether what is left of limit orders at the close takes part in the closing auction."""

    @property
    def extended_hours(self) -> bool:
        """Whether orders may be filled before and after regular hours."""
        return OrderSession.EXTENDED in self.sessions


_NO_CHOICE: Final = frozenset({OrderSession.NONE})
_PAPER_SESSIONS: Final = frozenset({OrderSession.NONE, OrderSession.REGULAR, OrderSession.EXTENDED})
_PAPER_TYPES: Final = frozenset({_T.NORMAL, _T.MARKET})

# [D] HKEX automatch limit of 3,000 lots; [D] NORMAL is later shown as ABSOLUTE_LIMIT, which is
# therefore accepted as well [I].
_HK_PAPER: Final = OrderRules(
    order_types=_PAPER_TYPES | {_T.ABSOLUTE_LIMIT},
    shown_limit_type=_T.ABSOLUTE_LIMIT,
    max_lots=3_000,
)
# [D] 500,000 shares in a single order; pre- and after-market hours.
_US_PAPER: Final = OrderRules(
    order_types=_PAPER_TYPES, max_quantity=500_000, sessions=_PAPER_SESSIONS
)
# [D] T+1, daily price limits, 1,000,000 shares in a single order; odd lots: market rule.
_CN_PAPER: Final = OrderRules(
    order_types=_PAPER_TYPES,
    max_quantity=1_000_000,
    sells_odd_lots=True,
    resells_same_day=False,
    has_price_limits=True,
)
# [D] limit orders, market orders to close; [V] 100 contracts.
_FUTURE_PAPER: Final = OrderRules(
    order_types=_PAPER_TYPES, in_contracts=True, max_quantity=100, market_only_closes=True
)
# [D] limit orders only.
_OPTION_PAPER: Final = OrderRules(
    order_types=frozenset({_T.NORMAL}), in_contracts=True, max_quantity=3_000
)

PAPER_RULES: Final[Mapping[Product, OrderRules]] = MappingProxyType(
    {
        Product.HK_STOCK: _HK_PAPER,
        Product.HK_OPTION: _OPTION_PAPER,
        Product.US_STOCK: _US_PAPER,
        Product.US_OPTION: replace(_OPTION_PAPER, sessions=_PAPER_SESSIONS),
        Product.CN_STOCK: _CN_PAPER,
        Product.SG_STOCK: OrderRules(order_types=_PAPER_TYPES, max_quantity=500_000),
        Product.JP_STOCK: OrderRules(order_types=_PAPER_TYPES, max_quantity=500_000),
        Product.HK_FUTURE: _FUTURE_PAPER,
        Product.US_FUTURE: _FUTURE_PAPER,
        Product.SG_FUTURE: _FUTURE_PAPER,
        Product.JP_FUTURE: _FUTURE_PAPER,
    }
)

_ALL_TIMES: Final = frozenset(TimeInForce)
_ALL_OPERATIONS: Final = frozenset(OrderOperation)
_LIMIT_TRIGGERS: Final = frozenset({_T.STOP_LIMIT, _T.LIMIT_IF_TOUCHED, _T.TRAILING_STOP_LIMIT})
_BASIC_TYPES: Final = (
    _PAPER_TYPES | _LIMIT_TRIGGERS | {_T.STOP, _T.MARKET_IF_TOUCHED, _T.TRAILING_STOP}
)
_HK_ONLY: Final = frozenset(
    {
        _T.ABSOLUTE_LIMIT,
        _T.AUCTION,
        _T.AUCTION_LIMIT,
        _T.SPECIAL_LIMIT,
        _T.SPECIAL_LIMIT_ALL,
    }
)
_FUTURE_REAL: Final = OrderRules(
    order_types=_BASIC_TYPES,
    time_in_forces=_ALL_TIMES,
    operations=frozenset({OrderOperation.CHANGE, OrderOperation.CANCEL, OrderOperation.DELETE}),
    cancels_all=True,
    is_paper=False,
    in_contracts=True,
    max_quantity=3_000,
)
_US_REAL: Final = OrderRules(
    order_types=_BASIC_TYPES | SLICED_TYPES,
    time_in_forces=_ALL_TIMES,
    market_time_in_forces=_ALL_TIMES,
    sessions=frozenset(OrderSession),
    cancels_all=True,
    is_paper=False,
    max_quantity=500_000,
)

REAL_RULES: Final[Mapping[Product, OrderRules]] = MappingProxyType(
    # [D] (order types) and 8.5 (operations, sizes, times in force).
    {
        Product.HK_STOCK: OrderRules(
            order_types=_BASIC_TYPES | _HK_ONLY | {_T.TWAP_LIMIT, _T.VWAP_LIMIT},
            time_in_forces=_ALL_TIMES,
            operations=_ALL_OPERATIONS,
            cancels_all=True,
            is_paper=False,
            max_lots=3_000,
            spreads=HK_SPREADS,
            borrows=True,
            joins_auctions=True,
        ),
        Product.HK_OPTION: OrderRules(
            order_types=_LIMIT_TRIGGERS | {_T.NORMAL},
            time_in_forces=_ALL_TIMES,
            operations=_ALL_OPERATIONS,
            cancels_all=True,
            is_paper=False,
            in_contracts=True,
            max_quantity=3_000,
        ),
        Product.US_STOCK: replace(_US_REAL, borrows=True),
        Product.US_OPTION: replace(_US_REAL, order_types=_BASIC_TYPES, in_contracts=True),
        Product.CN_STOCK: OrderRules(
            order_types=_LIMIT_TRIGGERS | {_T.NORMAL},
            time_in_forces=_ALL_TIMES,
            operations=frozenset({OrderOperation.CANCEL}),
            is_paper=False,
            max_quantity=1_000_000,
            sells_odd_lots=True,
            resells_same_day=False,
            has_price_limits=True,
        ),
        Product.SG_STOCK: replace(_US_REAL, order_types=_BASIC_TYPES, sessions=_NO_CHOICE),
        Product.JP_STOCK: replace(_US_REAL, order_types=_BASIC_TYPES, sessions=_NO_CHOICE),
        Product.HK_FUTURE: replace(_FUTURE_REAL, order_types=_BASIC_TYPES | {_T.AUCTION}),
        Product.US_FUTURE: _FUTURE_REAL,
        Product.SG_FUTURE: _FUTURE_REAL,
        Product.JP_FUTURE: _FUTURE_REAL,
    }
)


def order_rules(spec: AccountSpec, instrument: Instrument) -> OrderRules:
    """The rules of an account for an instrument.

    Raises:
        MarketNotAuthorised: the account does not trade that market, or nobody trades the security.
    """
    product = product_class(instrument)
    if product is None or trading_market(spec, instrument) is None:
        raise MarketNotAuthorised(instrument.security)
    if not spec.is_paper:
        return REAL_RULES[product]
    return PAPER_RULES[product] if spec.is_strict_paper else EXTENDED_RULES[product]


EXTENDED_RULES: Final[Mapping[Product, OrderRules]] = MappingProxyType(
    {product: replace(rules, operations=_ALL_OPERATIONS) for product, rules in REAL_RULES.items()}
)
"""Paper accounts of the profile `extended`: everything that real accounts do."""


def check_form(request: OrderRequest, rules: OrderRules) -> None:
    """Judge what can be judged without prices, positions or time.

    Raises:
        SideNotSupported: neither BUY nor SELL.
        OrderTypeNotSupported, TimeInForceNotSupported, SessionNotSupported: as the rules say.
    """
    if request.side not in (Side.BUY, Side.SELL):
        raise SideNotSupported(request.side)
    if request.order_type not in rules.order_types:
        raise OrderTypeNotSupported(request.order_type, rules.is_paper)
    has_limit = is_limit(request.order_type)
    allowed = rules.time_in_forces if has_limit else rules.market_time_in_forces
    if request.time_in_force not in allowed:
        raise TimeInForceNotSupported(request.time_in_force, rules.is_paper)
    if request.session not in rules.sessions:
        raise SessionNotSupported(request.session, rules.is_paper)


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
    if _is_star(instrument) and shares < STAR_LEAST and shares != odd_rest:
        raise OddLot(quantity, STAR_LEAST)
    lot = lot_size(instrument, rules)
    odd = shares % lot
    if odd and not (rules.sells_odd_lots and odd == odd_rest):
        raise OddLot(quantity, lot)
    if shares > max_quantity(instrument, rules):
        raise OrderTooLarge(shares, max_quantity(instrument, rules))
    return shares


def lot_size(instrument: Instrument, rules: OrderRules) -> int:
    """What quantities are multiples of: one contract, one share on STAR, or a board lot."""
    is_single = rules.in_contracts or _is_star(instrument)
    return 1 if is_single else max(1, instrument.lot_size)


def odd_rest(instrument: Instrument, held: int) -> int:
    """What of a position is less than the exchange takes in an order, and is sold whole."""
    if _is_star(instrument):
        return held if held < STAR_LEAST else 0
    return held % max(1, instrument.lot_size)


def max_quantity(instrument: Instrument, rules: OrderRules) -> int:
    """The largest single order, in shares."""
    limits = [rules.max_quantity or 10**12]
    if rules.max_lots is not None:
        limits.append(rules.max_lots * max(1, instrument.lot_size))
    limits += [most for digits, most in _BOARD_LIMITS if _is_on_board(instrument, digits)]
    return min(limits)


STAR_LEAST: Final = 200
"""Shares of the smallest order on STAR, where every further share counts. Source: [V] SSE."""

_STAR: Final = ("688", "689")
_BOARD_LIMITS: Final = ((_STAR, 100_000), (("300", "301"), 300_000))
"""Shares of the largest limit order by the codes of a board. Source: [V] SSE and SZSE."""


def _is_on_board(instrument: Instrument, digits: tuple[str, ...]) -> bool:
    security = instrument.security
    is_mainland = security.market in (Market.SH, Market.SZ)
    return is_mainland and not instrument.is_etf and security.code.startswith(digits)


def _is_star(instrument: Instrument) -> bool:
    return _is_on_board(instrument, _STAR)


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


GTC_DAYS: Final = 90
"""Calendar days that an order lives at most. Source: [P] Trd_Common.TimeInForce."""


def last_day(time_in_force: TimeInForce, expires: str, today: date) -> date:
    """The last calendar day of an order's life.

    Raises:
        InvalidExpiry: a GTD order without a day, with a past one, or with one too far away.
    """
    latest = today + timedelta(days=GTC_DAYS)
    if time_in_force is TimeInForce.GTC:
        return latest
    if time_in_force is not TimeInForce.GTD:
        return today
    try:
        day = date.fromisoformat(expires)
    except ValueError as error:
        raise InvalidExpiry(expires) from error
    if not today <= day <= latest:
        raise InvalidExpiry(expires)
    return day


def is_limit(order_type: OrderType) -> bool:
    """Whether an order of that type names the worst price it may trade at."""
    return order_type in LIMIT_TYPES


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


def session_of(session: OrderSession, *, outside_regular: bool) -> OrderSession:
    """The hours that an order means: what it says, or else the older flag. [I] that it decides."""
    if session is OrderSession.NONE and outside_regular:
        return OrderSession.EXTENDED
    return session


def trades_in(state: MarketState, rules: OrderRules, session: OrderSession) -> bool:
    """Whether an order may meet the market in that state of continuous trading."""
    if session not in rules.sessions:
        session = OrderSession.NONE
    return state in _STATES[session]
