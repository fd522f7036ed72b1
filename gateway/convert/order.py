"""Orders as trade messages show them, and the filters that requests put on lists of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Final

from gateway.convert.security import name_of, write_security
from gateway.convert.times import local_time_ms, parse_begin, parse_end, timestamp
from gateway.convert.trade_header import SECURITY_MARKETS
from gateway.errors import ApiError
from gateway.pb import Common, Trd_Common
from gateway.texts import (
    ABSOLUTE_LIMIT_CROSSED,
    INSUFFICIENT_BUYING_POWER,
    MARKET_ORDER_OUTSIDE_HOURS,
    REVERSED_TIME_RANGE,
    Language,
    Text,
)
from simulator.brokerage.reasons import CROSSED, MARKET_CLOSED, UNAFFORDABLE
from simulator.domain import Fill, Instrument, Market, OptionTerms, Order, OrderSession, Security
from simulator.strategies import strategy_of
from simulator.venue.rules import session_of

_LAST_SECOND: Final = time(23, 59, 59)

_LAST_ERRORS: Final[dict[str, Text]] = {
    MARKET_CLOSED: MARKET_ORDER_OUTSIDE_HOURS,
    CROSSED: ABSOLUTE_LIMIT_CROSSED,
    UNAFFORDABLE: INSUFFICIENT_BUYING_POWER,
}


def write_order(
    order: Order, instrument: Instrument, language: Language, zone: tzinfo
) -> Trd_Common.Order:
    """An order.

    What only American orders have, a session, stands only there; a trigger, a trail and an expiry
    only where the order has one.

    Source: [P] Trd_Common.Order; [D] samples of Hong Kong orders show no session; [I] milliseconds.
    """
    error = _LAST_ERRORS.get(order.last_error)
    message = Trd_Common.Order(
        trdSide=order.side,
        orderType=order.order_type,
        orderStatus=order.status,
        orderID=order.order_id,
        orderIDEx=order.order_id_ex,
        code=order.security.code,
        name=name_of(instrument, language),
        qty=order.quantity,
        createTime=local_time_ms(order.created_ns, zone),
        updateTime=local_time_ms(order.updated_ns, zone),
        fillQty=order.filled_quantity,
        fillAvgPrice=float(order.filled_average_price),
        lastErrMsg=error.render(language) if error else order.last_error,
        secMarket=SECURITY_MARKETS[order.security.market],
        createTimestamp=timestamp(order.created_ns),
        updateTimestamp=timestamp(order.updated_ns),
        remark=order.remark,
        timeInForce=order.time_in_force,
        currency=order.currency,
        trdMarket=order.trading_market,
    )
    if order.price is not None:
        message.price = float(order.price)
    if order.security.market is Market.US:
        session = session_of(order.session, outside_regular=order.fill_outside_rth)
        message.fillOutsideRTH = session in (OrderSession.EXTENDED, OrderSession.ALL)
        message.session = session or Common.Session_RTH
    _write_conditions(message, order)
    return message


def _write_conditions(message: Trd_Common.Order, order: Order) -> None:
    if order.aux_price is not None:
        message.auxPrice = float(order.aux_price)
    if order.trail is not None:
        message.trailType = order.trail.kind
        message.trailValue = float(order.trail.value)
        message.trailSpread = float(order.trail.spread)
    if order.expires:
        message.expireTime = order.expires


def write_legs(
    message: Trd_Common.Order,
    order: Order,
    instruments: Sequence[Instrument],
    owner: Instrument,
    language: Language,
) -> None:
    """Add strategy and legs to an order's message, and let it bear the name of the underlying.

    Args:
        message: is changed.
        order: has legs.
        instruments: those of the legs, in the same order.
        owner: what its options are on.
        language: of the name.

    Source: [P] Trd_Common.Order; [I] code and name.
    """
    message.strategyType = strategy_of(order.legs, instruments)
    message.code, message.name = owner.security.code, name_of(owner, language)
    for leg in order.legs:
        message.comboLegs.add(
            security=write_security(leg.security), side=leg.side, qtyRatio=leg.ratio
        )


def underlying(instruments: Iterable[Instrument]) -> Security:
    """What the options among some legs are on."""
    owners = (i.terms.owner for i in instruments if isinstance(i.terms, OptionTerms))
    return next(owners)


def write_fill(
    fill: Fill, instrument: Instrument, language: Language, zone: tzinfo
) -> Trd_Common.OrderFill:
    """An execution. Source: [P] Trd_Common.OrderFill."""
    return Trd_Common.OrderFill(
        trdSide=fill.side,
        fillID=fill.fill_id,
        fillIDEx=fill.fill_id_ex,
        orderID=fill.order_id,
        orderIDEx=fill.order_id_ex,
        code=fill.security.code,
        name=name_of(instrument, language),
        qty=fill.quantity,
        price=float(fill.price),
        createTime=local_time_ms(fill.created_ns, zone),
        secMarket=SECURITY_MARKETS[fill.security.market],
        createTimestamp=timestamp(fill.created_ns),
        updateTimestamp=timestamp(fill.created_ns),
        status=Trd_Common.OrderFillStatus_OK,
        trdMarket=fill.trading_market,
    )


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is to contain; every condition that is given must hold."""

    codes: frozenset[str]
    ids: frozenset[int]
    ids_ex: frozenset[str]
    statuses: frozenset[int]
    trading_market: int
    """0 takes all."""
    begin: datetime | None
    end: datetime | None
    """Local to the market; compared with the creation time."""
    zone_of: Callable[[Security], tzinfo]
    """The market's zone."""

    def accepts(self, order: Order) -> bool:
        """Whether the order belongs into the list."""
        return (
            (not self.codes or any(s.code in self.codes for s in order.securities))
            and self._accepts_id(order)
            and (not self.statuses or order.status in self.statuses)
            and self.trading_market in (0, order.trading_market)
            and self._accepts_time(order)
        )

    def accepts_fill(self, fill: Fill) -> bool:
        """Whether the fill belongs into the list; ids name fills or, in the long form, orders."""
        return (
            (not self.codes or fill.security.code in self.codes)
            and (not self.ids or fill.fill_id in self.ids)
            and (not self.ids_ex or fill.order_id_ex in self.ids_ex)
            and self.trading_market in (0, fill.trading_market)
            and self._accepts_time(fill)
        )

    def _accepts_id(self, order: Order) -> bool:
        """An order may be named by either of its ids."""
        if not self.ids and not self.ids_ex:
            return True
        return order.order_id in self.ids or order.order_id_ex in self.ids_ex

    def _accepts_time(self, item: Order | Fill) -> bool:
        zone = self.zone_of(item.security)
        created = datetime.fromtimestamp(timestamp(item.created_ns), zone)
        local = created.replace(tzinfo=None)
        return (self.begin is None or self.begin <= local) and (
            self.end is None or local <= self.end
        )


def read_filter(
    conditions: Trd_Common.TrdFilterConditions,
    statuses: Iterable[int],
    zones: tuple[tzinfo, Callable[[Security], tzinfo]],
    now_ns: int,
) -> OrderFilter:
    """The filter that a request describes; what it leaves out or empty filters nothing.

    Args:
        conditions: Codes without market prefix.
        statuses: OrderStatus numbers.
        zones: The account's, and each security's, to which the times are local.
        now_ns: Gateway time; a range until the end of the present day has no end.

    Raises:
        ApiError: A time is unreadable, or the range is reversed.
    """
    begin = parse_begin(conditions.beginTime) if conditions.beginTime else None
    end = parse_end(conditions.endTime) if conditions.endTime else None
    if begin is not None and end is not None and end < begin:
        raise ApiError(REVERSED_TIME_RANGE)
    return OrderFilter(
        codes=frozenset(conditions.codeList),
        ids=frozenset(conditions.idList),
        ids_ex=frozenset(conditions.orderIDExList),
        statuses=frozenset(statuses),
        trading_market=conditions.filterMarket,
        begin=begin,
        end=None if end is None or _takes_all_of_today(end, zones[0], now_ns) else end,
        zone_of=zones[1],
    )


def _takes_all_of_today(end: datetime, zone: tzinfo, now_ns: int) -> bool:
    """Whether a range ends with the last second of the present day, or later.

    Clients write the end of their own today where the user gives no end. Their day may be that of
    UTC instead of the market's, and a market with a clock of its own may be ahead of both; what
    they mean is everything until now. Source: [P] the Python SDK's default; [I] the rule.
    """
    now = timestamp(now_ns)
    today = min(datetime.fromtimestamp(now, of).date() for of in (UTC, zone))
    return end >= datetime.combine(today, _LAST_SECOND)
