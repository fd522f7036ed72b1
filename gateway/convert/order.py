"""Orders as trade messages show them, and the filters that requests put on lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.convert.security import name_of
from gateway.convert.times import local_time_ms, parse_begin, parse_end, timestamp, zone_of
from gateway.convert.trade_header import SECURITY_MARKETS
from gateway.pb import Common, Trd_Common
from gateway.texts import MARKET_ORDER_OUTSIDE_HOURS, Language, Text
from simulator.broker import MARKET_CLOSED
from simulator.domain import Instrument, Market, Order, Venue
from simulator.timeline import Timeline

_LAST_ERRORS: Final[dict[str, Text]] = {MARKET_CLOSED: MARKET_ORDER_OUTSIDE_HOURS}


def write_order(order: Order, instrument: Instrument, language: Language) -> Trd_Common.Order:
    """An order.

    What only American orders have, a session, stands only there; what paper orders never have,
    a trigger or an expiry, is left out.

    Source: [P] Trd_Common.Order; [D] samples of Hong Kong orders show no session; [I] milliseconds.
    """
    zone = zone_of(instrument.venue)
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
        message.fillOutsideRTH = order.fill_outside_rth
        message.session = Common.Session_ETH if order.fill_outside_rth else Common.Session_RTH
    return message


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
    venue: Venue
    timeline: Timeline

    @property
    def is_reversed(self) -> bool:
        """Whether the range of times ends before it begins."""
        return self.begin is not None and self.end is not None and self.end < self.begin

    def accepts(self, order: Order) -> bool:
        """Whether the order belongs into the list."""
        return (
            (not self.codes or order.security.code in self.codes)
            and self._accepts_id(order)
            and (not self.statuses or order.status in self.statuses)
            and self.trading_market in (0, order.trading_market)
            and self._accepts_time(order)
        )

    def _accepts_id(self, order: Order) -> bool:
        """An order may be named by either of its ids."""
        if not self.ids and not self.ids_ex:
            return True
        return order.order_id in self.ids or order.order_id_ex in self.ids_ex

    def _accepts_time(self, order: Order) -> bool:
        """A range means the market's clock or the gateway's.

        Where the market runs on a clock of its own, a client that asks for everything until now
        means its own now, and one that repeats an order's time means the market's. [I]
        """
        if self.begin is None and self.end is None:
            return True
        created_ns = order.created_ns
        return any(
            self._is_within(time_ns)
            for time_ns in (created_ns, self.timeline.gateway_ns(self.venue, created_ns))
        )

    def _is_within(self, time_ns: int) -> bool:
        moment = datetime.fromtimestamp(timestamp(time_ns), zone_of(self.venue))
        local = moment.replace(tzinfo=None)
        return (self.begin is None or self.begin <= local) and (
            self.end is None or local <= self.end
        )


def read_filter(
    conditions: Trd_Common.TrdFilterConditions,
    statuses: Iterable[int],
    venue: Venue,
    timeline: Timeline,
) -> OrderFilter:
    """The filter that a request describes; what it leaves out or empty filters nothing.

    Args:
        conditions: Codes without market prefix.
        statuses: OrderStatus numbers.
        venue: What the times are local to.
        timeline: The venue's clock.

    Raises:
        ApiError: A time is unreadable.
    """
    return OrderFilter(
        codes=frozenset(conditions.codeList),
        ids=frozenset(conditions.idList),
        ids_ex=frozenset(conditions.orderIDExList),
        statuses=frozenset(statuses),
        trading_market=conditions.filterMarket,
        begin=parse_begin(conditions.beginTime) if conditions.beginTime else None,
        end=parse_end(conditions.endTime) if conditions.endTime else None,
        venue=venue,
        timeline=timeline,
    )
