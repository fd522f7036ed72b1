"""Protocols 2201–2222: orders are placed, changed, listed, and their changes are pushed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from gateway import texts
from gateway.convert.order import OrderFilter, read_filter, write_order
from gateway.convert.order_request import read_outside_hours, read_price, read_quantity
from gateway.convert.times import zone_of
from gateway.convert.trade_header import (
    END_OF_TIME_NS,
    account_for_order,
    account_numbered,
    account_of,
    find_instrument,
    find_order_id,
    header_of,
    trade_date,
    venue_of,
)
from gateway.errors import ApiError
from gateway.pb import (
    Trd_Common,
    Trd_GetHistoryOrderFillList,
    Trd_GetHistoryOrderList,
    Trd_GetOrderFillList,
    Trd_GetOrderList,
    Trd_ModifyOrder,
    Trd_PlaceOrder,
    Trd_UpdateOrder,
)
from gateway.registry import Call, announces, handles
from gateway.session.opend import OpenD
from gateway.wire.proto_ids import ProtoId
from simulator.domain import (
    AccountSpec,
    Instrument,
    Order,
    OrderRequest,
    OrderType,
    Side,
    TimeInForce,
)
from simulator.events import OrderChanged

REMARK_BYTES: Final = 64
"""Longest remark in UTF-8. Source: [P] PlaceOrder.remark."""


@handles(ProtoId.Trd_PlaceOrder)
def place_order(call: Call, c2s: Trd_PlaceOrder.C2S) -> Trd_PlaceOrder.S2C:
    """Take an order; it is SUBMITTING when the reply leaves, the venue gets it later.

    Source: [P] Trd_PlaceOrder.proto; [D] opend_facts 8.3 and 8.5. The packet id is read and not
        compared with earlier ones [I].
    """
    instrument = find_instrument(call.opend, c2s.header, c2s.code, c2s.secMarket)
    spec = account_for_order(call.opend, c2s.header, instrument)
    request = _order_request(call, c2s, spec, instrument)
    order = call.opend.engine.submit(request, call.now_ns)
    call.placed_order_id = order.order_id
    return Trd_PlaceOrder.S2C(
        header=header_of(spec), orderID=order.order_id, orderIDEx=order.order_id_ex
    )


def _order_request(
    call: Call, c2s: Trd_PlaceOrder.C2S, spec: AccountSpec, instrument: Instrument
) -> OrderRequest:
    if len(c2s.remark.encode()) > REMARK_BYTES:
        raise ApiError(texts.REMARK_TOO_LONG, limit=REMARK_BYTES)
    order_type = _order_type(c2s.orderType)
    price: Decimal | None = None
    if order_type is not OrderType.MARKET and instrument.is_tradable:
        price = read_price(c2s, instrument, trade_date(call.opend, instrument, call.now_ns))
    return OrderRequest(
        account_id=spec.account_id,
        security=instrument.security,
        side=_side(c2s.trdSide),
        order_type=order_type,
        quantity=read_quantity(c2s.qty),
        price=price,
        time_in_force=_time_in_force(c2s.timeInForce),
        remark=c2s.remark,
        fill_outside_rth=read_outside_hours(
            c2s.session, instrument.security.market, fill_outside_hours=c2s.fillOutsideRTH
        ),
    )


def _order_type(number: int) -> OrderType:
    try:
        return OrderType(number)
    except ValueError as error:
        raise ApiError(texts.ORDER_TYPE_NOT_SUPPORTED) from error


def _side(number: int) -> Side:
    try:
        return Side(number)
    except ValueError as error:
        raise ApiError(texts.SIDE_NOT_SUPPORTED) from error


def _time_in_force(number: int) -> TimeInForce:
    try:
        return TimeInForce(number)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="timeInForce", value=number) from error


@handles(ProtoId.Trd_ModifyOrder)
def modify_order(call: Call, c2s: Trd_ModifyOrder.C2S) -> Trd_ModifyOrder.S2C:
    """Change or cancel one order.

    Source: [D] paper accounts know NORMAL and CANCEL only, and no cancelling of all orders.
    """
    spec = account_of(call.opend, c2s.header)
    if c2s.forAll:
        raise ApiError(texts.PAPER_OPERATION_NOT_SUPPORTED)
    order_id = find_order_id(call.opend, spec, c2s.orderID, c2s.orderIDEx, call.now_ns)
    match c2s.modifyOrderOp:
        case Trd_Common.ModifyOrderOp_Normal:
            order = _change(call, c2s, spec, order_id)
        case Trd_Common.ModifyOrderOp_Cancel:
            order = call.opend.engine.cancel(spec.account_id, order_id, call.now_ns)
        case _:
            raise ApiError(texts.PAPER_OPERATION_NOT_SUPPORTED)
    return Trd_ModifyOrder.S2C(
        header=header_of(spec), orderID=order.order_id, orderIDEx=order.order_id_ex
    )


def _change(call: Call, c2s: Trd_ModifyOrder.C2S, spec: AccountSpec, order_id: int) -> Order:
    if not c2s.HasField("qty"):
        raise ApiError(texts.MISSING_PARAMETER, name="qty")
    if not c2s.HasField("price"):
        raise ApiError(texts.MISSING_PARAMETER, name="price")
    engine = call.opend.engine
    order = engine.order(spec.account_id, order_id)
    instrument = call.opend.market.universe.get(order.security)
    price = read_price(c2s, instrument, trade_date(call.opend, instrument, call.now_ns))
    return engine.modify(spec.account_id, order_id, read_quantity(c2s.qty), price, call.now_ns)


@handles(ProtoId.Trd_GetOrderList)
def get_order_list(call: Call, c2s: Trd_GetOrderList.C2S) -> Trd_GetOrderList.S2C:
    """Open orders and today's, newest first. Source: [P] Trd_GetOrderList.proto."""
    spec = account_of(call.opend, c2s.header)
    wanted = _filter(call, spec, c2s)
    orders = call.opend.engine.orders(spec.account_id, call.now_ns)
    return Trd_GetOrderList.S2C(
        header=header_of(spec), orderList=_write_orders(call.opend, orders, wanted)
    )


@handles(ProtoId.Trd_GetHistoryOrderList)
def get_history_order_list(
    call: Call, c2s: Trd_GetHistoryOrderList.C2S
) -> Trd_GetHistoryOrderList.S2C:
    """Finished orders created in a range of the market's local time, newest first.

    Source: [P] Trd_GetHistoryOrderList.proto: both ends must be given; [D] the order.
    """
    spec = account_of(call.opend, c2s.header)
    for name in ("beginTime", "endTime"):
        if not getattr(c2s.filterConditions, name):
            raise ApiError(texts.MISSING_PARAMETER, name=name)
    wanted = _filter(call, spec, c2s)
    orders = call.opend.engine.history_orders(spec.account_id, 0, END_OF_TIME_NS)
    return Trd_GetHistoryOrderList.S2C(
        header=header_of(spec), orderList=_write_orders(call.opend, orders, wanted)
    )


def _filter(
    call: Call, spec: AccountSpec, c2s: Trd_GetOrderList.C2S | Trd_GetHistoryOrderList.C2S
) -> OrderFilter:
    zone = zone_of(venue_of(spec))
    return read_filter(c2s.filterConditions, c2s.filterStatusList, zone, call.now_ns)


def _write_orders(
    opend: OpenD, orders: Iterable[Order], wanted: OrderFilter
) -> list[Trd_Common.Order]:
    universe, language = opend.market.universe, opend.language
    return [
        write_order(order, universe.get(order.security), language)
        for order in orders
        if wanted.accepts(order)
    ]


@handles(ProtoId.Trd_GetOrderFillList)
def get_fill_list(call: Call, c2s: Trd_GetOrderFillList.C2S) -> Trd_GetOrderFillList.S2C:
    """Refuse: paper accounts show no fills [O]."""
    account_of(call.opend, c2s.header)
    raise ApiError(texts.PAPER_NO_FILLS)


@handles(ProtoId.Trd_GetHistoryOrderFillList)
def get_history_fill_list(
    call: Call, c2s: Trd_GetHistoryOrderFillList.C2S
) -> Trd_GetHistoryOrderFillList.S2C:
    """Refuse: paper accounts show no fills [O]."""
    account_of(call.opend, c2s.header)
    raise ApiError(texts.PAPER_NO_FILLS)


@announces(ProtoId.Trd_UpdateOrder, OrderChanged, lambda event: event.order.account_id)
def update_order(opend: OpenD, event: OrderChanged) -> Trd_UpdateOrder.S2C:
    """Tell of an order's new state. Source: [D] opend_facts 8.3: one push per change."""
    order = event.order
    instrument = opend.market.universe.get(order.security)
    return Trd_UpdateOrder.S2C(
        header=header_of(account_numbered(opend, order.account_id)),
        order=write_order(order, instrument, opend.language),
    )
