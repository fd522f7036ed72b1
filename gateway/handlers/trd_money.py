"""Protocols 2223, 2225 and 2226: margin ratios, fees of orders, and cash flows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from gateway import texts
from gateway.convert.cash_flow import TRADED, settlement_date, write_flow, write_order_fee
from gateway.convert.security import find, write_security
from gateway.convert.times import parse_begin
from gateway.convert.trade_header import account_numbered, account_of, find_order_id, header_of
from gateway.errors import ApiError
from gateway.pb import Trd_FlowSummary, Trd_GetMarginRatio, Trd_GetOrderFee
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.accounts.ledger import LedgerEntry
from simulator.accounts.margin import MarginRates
from simulator.domain import Instrument, Venue
from simulator.placement import borrowable
from simulator.trading_days import calendar_for

SHORT_FEE_RATE: Final = 1.5
"""Per cent a year, for every security that can be borrowed. Source: [O]."""

_EPOCH: Final = date(1970, 1, 1)


@handles(ProtoId.Trd_GetMarginRatio)
def get_margin_ratio(call: Call, c2s: Trd_GetMarginRatio.C2S) -> Trd_GetMarginRatio.S2C:
    """The rates at which an account may buy on margin and sell short; refused to paper accounts.

    The header's environment does not count: the Python SDK always sends the real one [P].
    """
    spec = account_numbered(call.opend, c2s.header.accID)
    if spec.is_strict_paper:
        raise ApiError(texts.PAPER_NO_MARGIN_RATIO, market=spec.markets[0].name)
    instruments = [find(call.opend.market.universe, s) for s in c2s.securityList]
    return Trd_GetMarginRatio.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        marginRatioInfoList=[
            _margin_ratio(
                instrument, call.opend.engine.terms(spec.account_id, instrument.security).rates
            )
            for instrument in instruments
        ],
    )


def _margin_ratio(instrument: Instrument, rates: MarginRates) -> Trd_GetMarginRatio.MarginRatioInfo:
    """Ratios in per cent. Source: [O]; [I] the levels between the two margins."""
    shorts = rates.allows_short
    initial = float(rates.initial_long) * 100, float(rates.initial_short or 1) * 100
    least = float(rates.maintenance_long) * 100, float(rates.maintenance_short) * 100
    call = tuple((i + m) / 2 for i, m in zip(initial, least, strict=True))
    alert = tuple((i + c) / 2 for i, c in zip(initial, call, strict=True))
    return Trd_GetMarginRatio.MarginRatioInfo(
        security=write_security(instrument.security),
        isLongPermit=rates.initial_long < 1,
        isShortPermit=shorts,
        shortPoolRemain=borrowable(instrument) if shorts else 0,
        shortFeeRate=SHORT_FEE_RATE if shorts else 0,
        alertLongRatio=alert[0],
        alertShortRatio=alert[1],
        imLongRatio=initial[0],
        imShortRatio=initial[1],
        mcmLongRatio=call[0],
        mcmShortRatio=call[1],
        mmLongRatio=least[0],
        mmShortRatio=least[1],
    )


@handles(ProtoId.Trd_GetOrderFee)
def get_order_fee(call: Call, c2s: Trd_GetOrderFee.C2S) -> Trd_GetOrderFee.S2C:
    """What orders were charged, item by item; refused to paper accounts [O]."""
    spec = account_of(call.opend, c2s.header)
    if spec.is_strict_paper:
        raise ApiError(texts.PAPER_NO_FEES)
    engine, account_id = call.opend.engine, spec.account_id
    fees = []
    for name in c2s.orderIdExList:
        order_id = find_order_id(call.opend, spec, 0, name, call.now_ns)
        items = engine.order_fees(account_id, order_id)
        fees.append(write_order_fee(name, items, call.language))
    return Trd_GetOrderFee.S2C(header=header_of(spec, c2s.header.trdMarket), orderFeeList=fees)


@handles(ProtoId.Trd_FlowSummary)
def get_cash_flow(call: Call, c2s: Trd_FlowSummary.C2S) -> Trd_FlowSummary.S2C:
    """Every movement of cash of one clearing date, oldest first; refused to paper accounts [O].

    Source: [D] the order and the sign of amounts.
    """
    spec = account_of(call.opend, c2s.header)
    if spec.is_strict_paper:
        raise ApiError(texts.PAPER_NO_CASH_FLOW)
    if not c2s.clearingDate:
        raise ApiError(texts.MISSING_PARAMETER, name="clearingDate")
    wanted = parse_begin(c2s.clearingDate).date()
    rows = []
    for number, entry in enumerate(call.opend.engine.ledger(spec.account_id)):
        day, venue = _clearing(call, entry)
        if day == wanted and _flows(entry, c2s.cashFlowDirection):
            settles = settlement_date(day, venue if entry.kind in TRADED else None)
            rows.append(write_flow(number, entry, day, settles, spec, call.language))
    return Trd_FlowSummary.S2C(
        header=header_of(spec, c2s.header.trdMarket), flowSummaryInfoList=rows
    )


def _clearing(call: Call, entry: LedgerEntry) -> tuple[date, Venue | None]:
    """The trade date of a movement and where it comes from; a deposit is of its own date."""
    if entry.security is None:
        return _EPOCH + timedelta(seconds=entry.time_ns // 10**9), None
    venue = call.opend.market.universe.get(entry.security).venue
    return calendar_for(venue).trading_date(entry.time_ns), venue


def _flows(entry: LedgerEntry, direction: int) -> bool:
    match direction:
        case Trd_FlowSummary.TrdCashFlowDirection_In:
            return entry.amount > 0
        case Trd_FlowSummary.TrdCashFlowDirection_Out:
            return entry.amount < 0
        case _:
            return True
