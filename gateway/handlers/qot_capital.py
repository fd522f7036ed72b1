"""Protocols 3208, 3211 and 3212: where money flows, and who holds more or less than before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import numpy as np

from gateway import texts
from gateway.convert.security import find, write_security
from gateway.convert.times import local_time, midnight, parse_range, timestamp, zone_of
from gateway.errors import ApiError
from gateway.pb import (
    Qot_Common,
    Qot_GetCapitalDistribution,
    Qot_GetCapitalFlow,
    Qot_GetHoldingChangeList,
)
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, Period, SecurityType
from simulator.market.capital import PeriodFlow
from simulator.market.holders import HolderKind, holding_changes
from simulator.market.randomness import Floats

_KINDS: Final = (SecurityType.EQUITY, SecurityType.WARRANT, SecurityType.TRUST)
"""Source: [D]: stocks, warrants and funds."""
_PERIODS: Final = {
    Qot_Common.PeriodType_DAY: Period.DAY,
    Qot_Common.PeriodType_WEEK: Period.WEEK,
    Qot_Common.PeriodType_MONTH: Period.MONTH,
}
_DEPTH_DAYS: Final = 365
"""Source: [D] flows of periods reach back one year."""
_MOST_HOLDERS: Final = 100
"""Source: [P] Qot_GetHoldingChangeList.proto."""


@handles(ProtoId.Qot_GetCapitalDistribution)
def get_distribution(
    call: Call, c2s: Qot_GetCapitalDistribution.C2S
) -> Qot_GetCapitalDistribution.S2C:
    """Today's money in and out by size class.

    Raises:
        ApiError: No right to the quotes.

    Source: [P] Qot_GetCapitalDistribution.proto; [D] regular hours only; [I] the right.
    """
    instrument = _instrument(call, c2s.security)
    call.opend.quote_access.check_quotes(instrument)
    flow = call.opend.capital_flows.today(instrument, call.now_ns)
    taken, given = flow.total.round(3).tolist()
    return Qot_GetCapitalDistribution.S2C(
        capitalInSuper=taken[0],
        capitalInBig=taken[1],
        capitalInMid=taken[2],
        capitalInSmall=taken[3],
        capitalOutSuper=given[0],
        capitalOutBig=given[1],
        capitalOutMid=given[2],
        capitalOutSmall=given[3],
        updateTime=local_time(flow.updated_ns, zone_of(instrument.venue)),
        updateTimestamp=timestamp(flow.updated_ns),
    )


def _prepare_flow(call: Call, c2s: Qot_GetCapitalFlow.C2S) -> Iterator[None]:
    """The prints of the last days, where days, weeks or months are asked for."""
    if c2s.periodType in _PERIODS:
        yield from call.opend.capital_flows.warm(_instrument(call, c2s.security), call.now_ns)


@handles(ProtoId.Qot_GetCapitalFlow, prepare=_prepare_flow)
def get_flow(call: Call, c2s: Qot_GetCapitalFlow.C2S) -> Qot_GetCapitalFlow.S2C:
    """Net money in: of today since the open, minute by minute, or of each day, week or month.

    Raises:
        ApiError: A period or time is unreadable, or there is no right to the quotes.

    Source: [P] Qot_GetCapitalFlow.proto; [D] one year of periods; [I] minutes are running sums, a
        period has the date of its first trading day, as candles do; the right.
    """
    instrument = _instrument(call, c2s.security)
    call.opend.quote_access.check_quotes(instrument)
    if (c2s.periodType or Qot_Common.PeriodType_INTRADAY) == Qot_Common.PeriodType_INTRADAY:
        return _intraday(call, instrument)
    period = _PERIODS.get(c2s.periodType)
    if period is None:
        raise ApiError(texts.INVALID_PARAMETER, name="periodType", value=c2s.periodType)
    today = call.opend.market.trading_date(instrument.security, call.now_ns)
    begin, end = _range(c2s.beginTime, c2s.endTime, today)
    flows = call.opend.capital_flows.days(instrument, period, begin, end, call.now_ns)
    updated = call.opend.market.quote(instrument.security, call.now_ns).time_ns
    return Qot_GetCapitalFlow.S2C(
        flowItemList=[_period_item(instrument, flow) for flow in flows],
        lastValidTime=local_time(updated, zone_of(instrument.venue)),
        lastValidTimestamp=timestamp(updated),
    )


def _intraday(call: Call, instrument: Instrument) -> Qot_GetCapitalFlow.S2C:
    zone = zone_of(instrument.venue)
    flow = call.opend.capital_flows.today(instrument, call.now_ns)
    nets = (flow.amounts[:, 0] - flow.amounts[:, 1]).round(3)
    items = []
    for start, net in zip(flow.starts_ns, nets, strict=True):
        item = _item(net)
        item.time, item.timestamp = local_time(start, zone), timestamp(start)
        items.append(item)
    return Qot_GetCapitalFlow.S2C(
        flowItemList=items,
        lastValidTime=local_time(flow.updated_ns, zone),
        lastValidTimestamp=timestamp(flow.updated_ns),
    )


def _period_item(instrument: Instrument, flow: PeriodFlow) -> Qot_GetCapitalFlow.CapitalFlowItem:
    item = _item(flow.net.round(3))
    item.mainInFlow = round(item.superInFlow + item.bigInFlow, 3)
    item.time = f"{flow.day.isoformat()} 00:00:00"
    item.timestamp = midnight(flow.day, zone_of(instrument.venue))
    return item


def _item(net: Floats) -> Qot_GetCapitalFlow.CapitalFlowItem:
    largest, large, middle, small = net.tolist()
    return Qot_GetCapitalFlow.CapitalFlowItem(
        inFlow=round(float(np.sum(net)), 3),
        superInFlow=largest,
        bigInFlow=large,
        midInFlow=middle,
        smlInFlow=small,
    )


def _range(begin: str, end: str, today: date) -> tuple[date, date]:
    oldest = today - timedelta(days=_DEPTH_DAYS)
    first, last = parse_range(begin or oldest.isoformat(), end or date.max.isoformat())
    return max(first.date(), oldest), min(last.date(), today)


def _instrument(call: Call, message: Qot_Common.Security) -> Instrument:
    instrument = find(call.opend.market.universe, message)
    if instrument.security_type not in _KINDS:
        raise ApiError(texts.UNSUPPORTED_SECURITY, symbol=instrument.security.symbol)
    return instrument


# --- holders ----------------------------------------------------------------------------------


@handles(ProtoId.Qot_GetHoldingChangeList)
def get_holding_changes(
    call: Call, c2s: Qot_GetHoldingChangeList.C2S
) -> Qot_GetHoldingChangeList.S2C:
    """What large holders of an American company reported, the latest report first.

    Source: [P] Qot_GetHoldingChangeList.proto; [D] American stocks only.
    """
    instrument = find(call.opend.market.universe, c2s.security)
    is_american = instrument.security.market is Market.US
    if not is_american or instrument.security_type is not SecurityType.EQUITY:
        raise ApiError(texts.UNSUPPORTED_SECURITY, symbol=instrument.security.symbol)
    if c2s.holderCategory not in tuple(HolderKind):
        raise ApiError(texts.INVALID_PARAMETER, name="holderCategory", value=c2s.holderCategory)
    market = call.opend.market
    today = market.trading_date(instrument.security, call.now_ns)
    begin, end = parse_range(
        c2s.beginTime or instrument.listing_date, c2s.endTime or date.max.isoformat()
    )
    shares = market.fundamentals(instrument.security).outstanding_shares
    changes = holding_changes(
        instrument,
        HolderKind(c2s.holderCategory),
        shares,
        (begin.date(), min(end.date(), today)),
    )
    zone = zone_of(instrument.venue)
    return Qot_GetHoldingChangeList.S2C(
        security=write_security(instrument.security),
        holdingChangeList=[
            Qot_Common.ShareHoldingChange(
                holderName=change.holder,
                holdingQty=change.quantity,
                holdingRatio=round(change.quantity / shares * 100, 4),
                changeQty=change.change,
                changeRatio=round(change.change / (change.quantity - change.change) * 100, 4),
                time=f"{change.reported.isoformat()} 00:00:00",
                timestamp=midnight(change.reported, zone),
            )
            for change in changes[:_MOST_HOLDERS]
        ],
    )
