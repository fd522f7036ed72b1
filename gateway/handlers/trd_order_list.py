"""Protocols 2201, 2208, 2211, 2218, 2221 and 2222: lists and pushes of orders and fills."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from gateway import texts
from gateway.convert.order import (
    OrderFilter,
    read_filter,
    underlying,
    write_fill,
    write_legs,
    write_order,
)
from gateway.convert.trade_header import (
    END_OF_TIME_NS,
    account_numbered,
    account_of,
    header_of,
    trade_date,
    zone_of_account,
    zone_of_security,
)
from gateway.errors import ApiError
from gateway.pb import (
    Trd_Common,
    Trd_GetHistoryOrderFillList,
    Trd_GetHistoryOrderList,
    Trd_GetOrderFillList,
    Trd_GetOrderList,
    Trd_UpdateOrder,
    Trd_UpdateOrderFill,
)
from gateway.registry import Call, announces, handles
from gateway.session.opend import OpenD
from gateway.wire.proto_ids import ProtoId
from simulator.domain import AccountSpec, Fill, Order
from simulator.events import FillMade, OrderChanged
from simulator.trading_days import calendar_for


@handles(ProtoId.Trd_GetOrderList)
def get_order_list(call: Call, c2s: Trd_GetOrderList.C2S) -> Trd_GetOrderList.S2C:
    """Open orders and today's, newest first. Source: [P] Trd_GetOrderList.proto."""
    spec = account_of(call.opend, c2s.header)
    wanted = _filter(call, spec, c2s.filterConditions, c2s.filterStatusList)
    orders = call.opend.engine.orders(spec.account_id, call.now_ns)
    return Trd_GetOrderList.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderList=_write_orders(call.opend, orders, wanted),
    )


@handles(ProtoId.Trd_GetHistoryOrderList)
def get_history_order_list(
    call: Call, c2s: Trd_GetHistoryOrderList.C2S
) -> Trd_GetHistoryOrderList.S2C:
    """Finished orders created in a range of the market's local time, newest first.

    Source: [P] Trd_GetHistoryOrderList.proto: both ends must be given; [D] the order.
    """
    spec = account_of(call.opend, c2s.header)
    _require_range(c2s.filterConditions)
    wanted = _filter(call, spec, c2s.filterConditions, c2s.filterStatusList)
    orders = call.opend.engine.history_orders(spec.account_id, 0, END_OF_TIME_NS)
    return Trd_GetHistoryOrderList.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderList=_write_orders(call.opend, orders, wanted),
    )


@handles(ProtoId.Trd_GetOrderFillList)
def get_fill_list(call: Call, c2s: Trd_GetOrderFillList.C2S) -> Trd_GetOrderFillList.S2C:
    """Today's fills, oldest first; paper accounts show none.

    Source: [D] the order; [O] that paper accounts refuse.
    """
    spec = _account_with_fills(call, c2s.header)
    wanted = _filter(call, spec, c2s.filterConditions, ())
    fills = reversed(call.opend.engine.fills(spec.account_id, 0, END_OF_TIME_NS))
    today = [fill for fill in fills if _is_of_today(call, fill)]
    return Trd_GetOrderFillList.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderFillList=_write_fills(call.opend, today, wanted),
    )


@handles(ProtoId.Trd_GetHistoryOrderFillList)
def get_history_fill_list(
    call: Call, c2s: Trd_GetHistoryOrderFillList.C2S
) -> Trd_GetHistoryOrderFillList.S2C:
    """Fills made in a range of the market's local time, newest first; paper accounts show none.

    Source: [D] the order; [O] that paper accounts refuse.
    """
    spec = _account_with_fills(call, c2s.header)
    _require_range(c2s.filterConditions)
    wanted = _filter(call, spec, c2s.filterConditions, ())
    fills = call.opend.engine.fills(spec.account_id, 0, END_OF_TIME_NS)
    return Trd_GetHistoryOrderFillList.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderFillList=_write_fills(call.opend, fills, wanted),
    )


def _account_with_fills(call: Call, header: Trd_Common.TrdHeader) -> AccountSpec:
    spec = account_of(call.opend, header)
    if spec.is_strict_paper:
        raise ApiError(texts.PAPER_NO_FILLS)
    return spec


def _is_of_today(call: Call, fill: Fill) -> bool:
    instrument = call.opend.market.universe.get(fill.security)
    day = calendar_for(instrument.venue).trading_date(fill.created_ns)
    return day >= trade_date(call.opend, instrument, call.now_ns)


def _require_range(conditions: Trd_Common.TrdFilterConditions) -> None:
    if not conditions.beginTime:
        raise ApiError(texts.MISSING_PARAMETER, name="beginTime")
    if not conditions.endTime:
        raise ApiError(texts.MISSING_PARAMETER, name="endTime")


def _filter(
    call: Call,
    spec: AccountSpec,
    conditions: Trd_Common.TrdFilterConditions,
    statuses: Iterable[int],
) -> OrderFilter:
    zones = zone_of_account(call.opend, spec), partial(zone_of_security, call.opend)
    return read_filter(conditions, statuses, zones, call.now_ns)


def _write_orders(
    opend: OpenD, orders: Iterable[Order], wanted: OrderFilter
) -> list[Trd_Common.Order]:
    return [_order_message(opend, order) for order in orders if wanted.accepts(order)]


def _write_fills(
    opend: OpenD, fills: Iterable[Fill], wanted: OrderFilter
) -> list[Trd_Common.OrderFill]:
    return [_fill_message(opend, fill) for fill in fills if wanted.accepts_fill(fill)]


def _order_message(opend: OpenD, order: Order) -> Trd_Common.Order:
    instrument = opend.market.universe.get(order.security)
    zone = zone_of_security(opend, order.security)
    message = write_order(order, instrument, opend.language, zone)
    if order.legs:
        universe = opend.market.universe
        instruments = [universe.get(leg.security) for leg in order.legs]
        owner = universe.get(underlying(instruments))
        write_legs(message, order, instruments, owner, opend.language)
    return message


def _fill_message(opend: OpenD, fill: Fill) -> Trd_Common.OrderFill:
    instrument = opend.market.universe.get(fill.security)
    zone = zone_of_security(opend, fill.security)
    return write_fill(fill, instrument, opend.language, zone)


@announces(ProtoId.Trd_UpdateOrder, OrderChanged, lambda event: event.order.account_id)
def update_order(opend: OpenD, event: OrderChanged) -> Trd_UpdateOrder.S2C:
    """Tell of an order's new state. Source: [D]: one push per change."""
    order = event.order
    spec = account_numbered(opend, order.account_id)
    return Trd_UpdateOrder.S2C(
        header=header_of(spec, order.trading_market), order=_order_message(opend, order)
    )


@announces(ProtoId.Trd_UpdateOrderFill, FillMade, lambda event: event.fill.account_id)
def update_fill(opend: OpenD, event: FillMade) -> Trd_UpdateOrderFill.S2C | None:
    """Tell of an execution, unless a paper account made it. Source: [D]."""
    fill = event.fill
    spec = account_numbered(opend, fill.account_id)
    if spec.is_strict_paper:
        return None
    return Trd_UpdateOrderFill.S2C(
        header=header_of(spec, fill.trading_market), orderFill=_fill_message(opend, fill)
    )
