"""Protocols 2112 and 2227: what a combo order would do to an account, and combo orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway import texts
from gateway.convert.account import write_combo_effects
from gateway.convert.order_request import exact_price, read_known, read_quantity, read_remark
from gateway.convert.packet import answer_once
from gateway.convert.security import find
from gateway.convert.trade_header import (
    account_for_order,
    find_order_id,
    header_of,
    require_unlocked,
    trade_date,
)
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Trd_Common, Trd_GetComboMaxTrdQtys, Trd_PlaceComboOrder
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import (
    AccountSpec,
    Instrument,
    OptionTerms,
    OrderLeg,
    OrderRequest,
    OrderType,
    Side,
    TimeInForce,
)
from simulator.errors import InvalidCombo

_SIDES: Final = {Trd_Common.TrdSide_Buy: Side.BUY, Trd_Common.TrdSide_Sell: Side.SELL}


ComboRequest = Trd_PlaceComboOrder.C2S | Trd_GetComboMaxTrdQtys.C2S


@handles(ProtoId.Trd_PlaceComboOrder)
def place_combo_order(call: Call, c2s: Trd_PlaceComboOrder.C2S) -> Trd_PlaceComboOrder.S2C:
    """Take an order for several legs at a net price.

    Source: [P] Trd_PlaceComboOrder.proto: only the long form of the id is answered; a quote's id is
        for event contracts and counts for nothing here.
    """
    return answer_once(
        call, ProtoId.Trd_PlaceComboOrder, c2s.packetID, c2s, lambda: _place(call, c2s)
    )


def _place(call: Call, c2s: Trd_PlaceComboOrder.C2S) -> Trd_PlaceComboOrder.S2C:
    spec, request = _order_request(call, c2s)
    require_unlocked(call.opend, spec)
    request = replace(
        request,
        time_in_force=read_known(TimeInForce, "timeInForce", c2s.timeInForce),
        remark=read_remark(c2s.remark),
        expires=c2s.expireTime.strip()[:10],
    )
    order = call.opend.engine.submit(request, call.now_ns)
    call.placed_order_id = order.order_id
    return Trd_PlaceComboOrder.S2C(
        header=header_of(spec, c2s.header.trdMarket), orderIDEx=order.order_id_ex
    )


@handles(ProtoId.Trd_GetComboMaxTrdQtys)
def get_combo_effects(call: Call, c2s: Trd_GetComboMaxTrdQtys.C2S) -> Trd_GetComboMaxTrdQtys.S2C:
    """How a combo order would change the account's margins and what it can spend.

    Source: [P] Trd_GetComboMaxTrdQtys.proto; [D] an order that is to be changed counts as free.
    """
    spec, request = _order_request(call, c2s)
    order_id = find_order_id(call.opend, spec, 0, c2s.orderIDEx, call.now_ns)
    effects = call.opend.engine.combo_effects(request, call.now_ns, order_id or None)
    return Trd_GetComboMaxTrdQtys.S2C(
        header=header_of(spec, c2s.header.trdMarket), maxTrdQtys=write_combo_effects(effects)
    )


def _order_request(call: Call, c2s: ComboRequest) -> tuple[AccountSpec, OrderRequest]:
    """The account, and the order as far as both requests describe it.

    Among the legs the first option stands for the order: its market's hours and rules hold.
    """
    found = [find(call.opend.market.universe, leg.security) for leg in c2s.comboLegs]
    options = [instrument for instrument in found if isinstance(instrument.terms, OptionTerms)]
    if not options:
        raise InvalidCombo
    spec = account_for_order(call.opend, c2s.header, options[0])
    legs = tuple(_leg(i, leg) for i, leg in zip(found, c2s.comboLegs, strict=True))
    first = next(leg for leg in legs if leg.security == options[0].security)
    try:
        order_type = OrderType(c2s.orderType)
    except ValueError as error:
        raise ApiError(texts.ORDER_TYPE_NOT_SUPPORTED) from error
    day = trade_date(call.opend, options[0], call.now_ns)
    return spec, OrderRequest(
        account_id=spec.account_id,
        security=first.security,
        side=first.side,
        order_type=order_type,
        quantity=read_quantity(c2s.qty),
        price=exact_price(c2s.price, options[0], day) if order_type is OrderType.NORMAL else None,
        legs=legs,
    )


def _leg(instrument: Instrument, leg: Qot_Common.ComboLeg) -> OrderLeg:
    """A leg; its ratio is 1 if it names none. Source: [O] the text for other sides."""
    side = _SIDES.get(leg.side)
    if side is None:
        raise ApiError(texts.COMBO_SIDE_NOT_SUPPORTED)
    ratio = leg.qtyRatio if leg.HasField("qtyRatio") else 1.0
    if not ratio.is_integer():
        raise InvalidCombo
    return OrderLeg(instrument.security, side, int(ratio))
