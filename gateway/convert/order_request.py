"""What clients write into orders: prices, quantities and sessions, made exact."""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Final, Protocol

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Common
from simulator.domain import Instrument, Market
from simulator.ticks import decimal_tick, price_digits

_LEAST_DIGITS: Final = 3
_NOISE_DIGITS: Final = 9
_HIGHEST_PRICE: Final = 1e9


class PricedRequest(Protocol):
    """The part that PlaceOrder, ModifyOrder and GetMaxTrdQtys share."""

    price: float
    adjustPrice: bool  # noqa: N815 - the wire's name
    adjustSideAndLimit: float  # noqa: N815


def read_price(request: PricedRequest, instrument: Instrument, day: date) -> Decimal:
    """The price of a request, moved onto a tick if the request asks for that.

    Decimals beyond the third are dropped, unless the instrument's ticks are finer [I]; the noise
    of binary fractions is none.

    Args:
        request: Has a price, and says whether and how far it may be moved.
        instrument: Gives the ticks.
        day: The trade date, on which ticks depend.

    Raises:
        ApiError: Not a number, or beyond all prices.

    Source: [P] three decimals, excess dropped; [D] the adjustment, opend_facts 8.5.
    """
    if not abs(request.price) < _HIGHEST_PRICE:
        raise ApiError(texts.PRICE_INVALID)
    digits = max(_LEAST_DIGITS, price_digits(instrument, day))
    exact = Decimal(repr(round(request.price, _NOISE_DIGITS)))
    price = exact.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
    if request.adjustPrice and price > 0 and math.isfinite(request.adjustSideAndLimit):
        return _adjusted(price, decimal_tick(instrument, price, day), request.adjustSideAndLimit)
    return price


def _adjusted(price: Decimal, tick: Decimal, side_and_limit: float) -> Decimal:
    """The next tick up or down, or the price itself if that is further than the limit."""
    rounding = ROUND_CEILING if side_and_limit > 0 else ROUND_FLOOR
    adjusted = (price / tick).to_integral_value(rounding) * tick
    limit = abs(Decimal(repr(side_and_limit))) * price
    return adjusted if abs(adjusted - price) <= limit else price


def read_quantity(quantity: float) -> Decimal:
    """A quantity in shares; fractions are dropped.

    Raises:
        ApiError: Not a number.

    Source: [P] PlaceOrder.qty: no decimals, excess dropped.
    """
    if not math.isfinite(quantity):
        raise ApiError(texts.QUANTITY_INVALID)
    return Decimal(math.trunc(quantity))


def read_outside_hours(session: int, market: Market, *, fill_outside_hours: bool) -> bool:
    """Whether an order may be filled before and after regular hours.

    Args:
        session: A Common.Session; if it is given it decides.
        market: Only American orders have the choice.
        fill_outside_hours: The older way to say it.

    Raises:
        ApiError: A session that paper accounts do not trade in.

    Source: [D] opend_facts 8.2 and 8.5; [I] that the session decides.
    """
    if market is not Market.US:
        return False
    match session:
        case Common.Session_NONE:
            return fill_outside_hours
        case Common.Session_RTH | Common.Session_ETH:
            return session == Common.Session_ETH
        case _:
            raise ApiError(texts.PAPER_SESSION_NOT_SUPPORTED)
