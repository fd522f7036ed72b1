"""What clients write into orders: prices, quantities and sessions, made exact."""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Any, Final, Protocol, TypeVar

from gateway import texts
from gateway.errors import ApiError
from simulator.domain import (
    Instrument,
    Market,
    OrderSession,
    TimeInForce,
    TradingMarket,
    Trail,
    TrailKind,
    Trigger,
)
from simulator.ticks import decimal_tick, price_digits
from simulator.venue.rules import session_of

REMARK_BYTES: Final = 64
"""Longest remark in UTF-8. Source: [P] PlaceOrder.remark."""

E = TypeVar("E", TimeInForce, TradingMarket)

_LEAST_DIGITS: Final = 3
_NOISE_DIGITS: Final = 9
_HIGHEST_PRICE: Final = 1e9


def read_known(kind: type[E], name: str, number: int) -> E:
    """The member of an enumeration that a parameter names. Raises ApiError."""
    try:
        return kind(number)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name=name, value=number) from error


def read_remark(remark: str) -> str:
    """The remark of an order. Raises ApiError if it is too long."""
    if len(remark.encode()) > REMARK_BYTES:
        raise ApiError(texts.REMARK_TOO_LONG, limit=REMARK_BYTES)
    return remark


class PricedRequest(Protocol):
    """The part that PlaceOrder, ModifyOrder and GetMaxTrdQtys share."""

    price: float
    adjustPrice: bool  # noqa: N815 - the wire's name
    adjustSideAndLimit: float  # noqa: N815


class TriggeredRequest(Protocol):
    """The part that PlaceOrder and ModifyOrder share."""

    auxPrice: float  # noqa: N815 - the wire's name
    trailType: int  # noqa: N815
    trailValue: float  # noqa: N815
    trailSpread: float  # noqa: N815

    def HasField(self, field_name: Any, /) -> bool:  # noqa: ANN401, N802 - protobuf's own
        """Whether a field was sent."""
        ...


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

    Source: [P] three decimals, excess dropped; [D] the adjustment.
    """
    price = exact_price(request.price, instrument, day)
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


def read_session(session: int, market: Market, *, fill_outside_hours: bool) -> OrderSession:
    """The hours in which an order may be filled.

    Args:
        session: A Common.Session; if it is given it decides.
        market: Only American orders have the choice.
        fill_outside_hours: The older way to say it.

    Raises:
        ApiError: There is no such session.

    Source: [D]; [I] that the session decides.
    """
    if market is not Market.US:
        return OrderSession.NONE
    try:
        asked = OrderSession(session)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="session", value=session) from error
    return session_of(asked, outside_regular=fill_outside_hours)


def read_trigger(request: TriggeredRequest, instrument: Instrument, day: date) -> Trigger:
    """What touches an order off: a price, or a distance that trails the price; or neither.

    Raises:
        ApiError: A number is none, or there is no such way to trail.

    Source: [P] PlaceOrder: auxPrice, trailType, trailValue, trailSpread.
    """
    aux_price = None
    if request.HasField("auxPrice"):
        aux_price = exact_price(request.auxPrice, instrument, day)
    if not request.HasField("trailType") or not request.trailType:
        return Trigger(aux_price)
    try:
        kind = TrailKind(request.trailType)
    except ValueError as error:
        raise ApiError(
            texts.INVALID_PARAMETER, name="trailType", value=request.trailType
        ) from error
    value = exact_price(request.trailValue, instrument, day)
    spread = exact_price(request.trailSpread, instrument, day)
    return Trigger(aux_price, Trail(kind, value, spread))


def exact_price(number: float, instrument: Instrument, day: date) -> Decimal:
    """A number as the decimal that it stands for; excess decimals are dropped. Raises ApiError."""
    if not abs(number) < _HIGHEST_PRICE:
        raise ApiError(texts.PRICE_INVALID)
    digits = max(_LEAST_DIGITS, price_digits(instrument, day))
    exact = Decimal(repr(round(number, _NOISE_DIGITS)))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_DOWN)
