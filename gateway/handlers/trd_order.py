"""Protocols 2202 and 2205: orders are placed and changed."""

from __future__ import annotations

from decimal import Decimal

from gateway import texts
from gateway.convert.order_request import (
    read_known,
    read_price,
    read_quantity,
    read_remark,
    read_session,
    read_trigger,
)
from gateway.convert.packet import answer_once
from gateway.convert.trade_header import (
    account_for_order,
    account_of,
    find_instrument,
    find_order_id,
    header_of,
    require_unlocked,
    trade_date,
)
from gateway.errors import ApiError
from gateway.pb import Trd_ModifyOrder, Trd_PlaceOrder
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import (
    AccountSpec,
    Instrument,
    OrderOperation,
    OrderRequest,
    OrderSession,
    OrderType,
    Side,
    TimeInForce,
    TradingMarket,
)
from simulator.errors import OperationNotSupported
from simulator.venue.rules import is_limit


@handles(ProtoId.Trd_PlaceOrder)
def place_order(call: Call, c2s: Trd_PlaceOrder.C2S) -> Trd_PlaceOrder.S2C:
    """Take an order; it is SUBMITTING when the reply leaves, the venue gets it later.

    Source: [P] Trd_PlaceOrder.proto; [D].
    """
    return answer_once(call, ProtoId.Trd_PlaceOrder, c2s.packetID, c2s, lambda: _place(call, c2s))


def _place(call: Call, c2s: Trd_PlaceOrder.C2S) -> Trd_PlaceOrder.S2C:
    instrument = find_instrument(call.opend, c2s.header, c2s.code, c2s.secMarket)
    spec = account_for_order(call.opend, c2s.header, instrument)
    require_unlocked(call.opend, spec)
    request = _order_request(call, c2s, spec, instrument)
    order = call.opend.engine.submit(request, call.now_ns)
    call.placed_order_id = order.order_id
    return Trd_PlaceOrder.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderID=order.order_id,
        orderIDEx=order.order_id_ex,
    )


def _order_request(
    call: Call, c2s: Trd_PlaceOrder.C2S, spec: AccountSpec, instrument: Instrument
) -> OrderRequest:
    order_type = _order_type(c2s.orderType)
    day = trade_date(call.opend, instrument, call.now_ns)
    price: Decimal | None = None
    if is_limit(order_type) and instrument.is_tradable:
        price = read_price(c2s, instrument, day)
    trigger = read_trigger(c2s, instrument, day)
    session = read_session(
        c2s.session, instrument.security.market, fill_outside_hours=c2s.fillOutsideRTH
    )
    return OrderRequest(
        account_id=spec.account_id,
        security=instrument.security,
        side=_side(c2s.trdSide),
        order_type=order_type,
        quantity=read_quantity(c2s.qty),
        price=price,
        time_in_force=read_known(TimeInForce, "timeInForce", c2s.timeInForce),
        remark=read_remark(c2s.remark),
        fill_outside_rth=session in (OrderSession.EXTENDED, OrderSession.ALL),
        aux_price=trigger.aux_price,
        trail=trigger.trail,
        session=session,
        expires=c2s.expireTime.strip()[:10],
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


@handles(ProtoId.Trd_ModifyOrder)
def modify_order(call: Call, c2s: Trd_ModifyOrder.C2S) -> Trd_ModifyOrder.S2C:
    """Change, cancel, disable, enable or delete one order, or cancel all.

    Source: [D] which accounts and products know which operation.
    """
    return answer_once(call, ProtoId.Trd_ModifyOrder, c2s.packetID, c2s, lambda: _modify(call, c2s))


def _modify(call: Call, c2s: Trd_ModifyOrder.C2S) -> Trd_ModifyOrder.S2C:
    spec = account_of(call.opend, c2s.header)
    require_unlocked(call.opend, spec)
    operation = _operation(c2s.modifyOrderOp, spec)
    if c2s.forAll:
        return _cancel_all(call, c2s, spec, operation)
    order_id = find_order_id(call.opend, spec, c2s.orderID, c2s.orderIDEx, call.now_ns)
    engine, account_id, now_ns = call.opend.engine, spec.account_id, call.now_ns
    match operation:
        case OrderOperation.CHANGE:
            _change(call, c2s, spec, order_id)
        case OrderOperation.CANCEL:
            engine.cancel(account_id, order_id, now_ns)
        case OrderOperation.DISABLE:
            engine.disable(account_id, order_id, now_ns)
        case OrderOperation.ENABLE:
            engine.enable(account_id, order_id, now_ns)
        case OrderOperation.DELETE:
            engine.delete(account_id, order_id, now_ns)
    order = engine.order(account_id, order_id)
    return Trd_ModifyOrder.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        orderID=order.order_id,
        orderIDEx=order.order_id_ex,
    )


def _operation(number: int, spec: AccountSpec) -> OrderOperation:
    paper = spec.is_strict_paper
    unknown = texts.PAPER_OPERATION_NOT_SUPPORTED if paper else texts.OPERATION_NOT_SUPPORTED
    try:
        operation = OrderOperation(number)
    except ValueError as error:
        raise ApiError(unknown) from error
    if paper and operation not in (OrderOperation.CHANGE, OrderOperation.CANCEL):
        raise ApiError(unknown)
    return operation


def _cancel_all(
    call: Call, c2s: Trd_ModifyOrder.C2S, spec: AccountSpec, operation: OrderOperation
) -> Trd_ModifyOrder.S2C:
    """Cancel all open orders of an account, of one market if the request names one."""
    if operation is not OrderOperation.CANCEL:
        raise OperationNotSupported(operation, spec.is_strict_paper)
    market = None
    if c2s.trdMarket:
        market = read_known(TradingMarket, "trdMarket", c2s.trdMarket)
    call.opend.engine.cancel_all(spec.account_id, market, call.now_ns)
    return Trd_ModifyOrder.S2C(header=header_of(spec, c2s.header.trdMarket), orderID=0)


def _change(call: Call, c2s: Trd_ModifyOrder.C2S, spec: AccountSpec, order_id: int) -> None:
    if not c2s.HasField("qty"):
        raise ApiError(texts.MISSING_PARAMETER, name="qty")
    if not c2s.HasField("price"):
        raise ApiError(texts.MISSING_PARAMETER, name="price")
    engine = call.opend.engine
    order = engine.order(spec.account_id, order_id)
    instrument = call.opend.market.universe.get(order.security)
    day = trade_date(call.opend, instrument, call.now_ns)
    price = read_price(c2s, instrument, day)
    trigger = read_trigger(c2s, instrument, day)
    quantity = read_quantity(c2s.qty)
    engine.modify(spec.account_id, order_id, quantity, price, call.now_ns, trigger)
