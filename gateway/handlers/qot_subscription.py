"""Protocols 3001–3003: subscribe, register for pushes, look at what is subscribed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway import texts
from gateway.convert.hours import hours_for, read_hours
from gateway.convert.security import find, write_security
from gateway.convert.subscription import OPTION_PERIODS, PERIOD_OF_SUB_TYPE, SUB_TYPE_NAMES
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Qot_GetSubInfo, Qot_RegQotPush, Qot_Sub
from gateway.registry import Call, handles
from gateway.session.quote_rights import QuoteRight
from gateway.session.subscriptions import (
    ConnectionReport,
    HeldTooShort,
    QuotaExceeded,
    Topic,
    Unit,
)
from gateway.texts import Text
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, SecurityType
from simulator.market.warming import warm_figures
from simulator.trading_days import TradingHours

_LONGEST_EXTENDED: Final = 60
"""Minutes of the longest candles that exist outside regular hours. Source: [P]."""

MAX_FULL_BOOKS: Final = 50
"""Order books under the right SF at once. Source: [D]."""

_REHAB_TYPES: Final = (
    Qot_Common.RehabType_None,
    Qot_Common.RehabType_Forward,
    Qot_Common.RehabType_Backward,
)


def _prepare_subscription(call: Call, c2s: Qot_Sub.C2S) -> Iterator[None]:
    """What first pushes tell of the securities."""
    yield from _warm(call, c2s.securityList)


def _prepare_registration(call: Call, c2s: Qot_RegQotPush.C2S) -> Iterator[None]:
    """What first pushes tell of the securities."""
    yield from _warm(call, c2s.securityList)


def _warm(call: Call, securities: Iterable[Qot_Common.Security]) -> Iterator[None]:
    market = call.opend.market
    yield from warm_figures(market, [find(market.universe, s) for s in securities], call.now_ns)


@handles(ProtoId.Qot_Sub, prepare=_prepare_subscription)
def subscribe(call: Call, c2s: Qot_Sub.C2S) -> Qot_Sub.S2C | None:
    """Subscribe or give up every (security, type) of the two lists; all or none.

    Giving up is refused while one unit is younger than a minute. `isRegOrUnRegPush` absent leaves
    the pushes as they are; `isFirstPush` absent is true; `isUnsubAll` makes all else irrelevant.
    `extendedTime` and `session` choose the hours of American candles, intraday lines and prints.
    `isSubOrderBookDetail` adds the single orders to Hong Kong's books under the right SF.

    Returns:
        None: a success has no s2c.

    Raises:
        ApiError: Unknown type or security, a type that the security does not have, no right to
            it, not enough quota, or held too short.

    Source: [D], [P]; [O] the empty success and the texts.
    """
    if c2s.isUnsubAll:
        _give_up(call, call.opend.subscriptions.units_of(call.connection.conn_id))
    elif c2s.isSubOrUnSub:
        _take_up(call, c2s)
    else:
        _give_up(call, _units(call, c2s.securityList, c2s.subTypeList))
    return None


@handles(ProtoId.Qot_RegQotPush, prepare=_prepare_registration)
def register_push(call: Call, c2s: Qot_RegQotPush.C2S) -> Qot_RegQotPush.S2C | None:
    """Begin or end the pushes of what this connection has subscribed.

    Returns:
        None: a success has no s2c.

    Raises:
        ApiError: As `subscribe`, or something is to be registered that is not subscribed.

    Source: [P] Qot_RegQotPush.proto; [I] a subscription is needed first.
    """
    units = _units(call, c2s.securityList, c2s.subTypeList)
    _check_rehab(c2s.rehabTypeList)
    if not c2s.isRegOrUnReg:
        call.opend.subscriptions.ignore(call.connection.conn_id, units)
        return None
    for unit in units:
        if not call.opend.subscriptions.holds(call.connection.conn_id, *unit):
            raise _refusal(texts.NOT_SUBSCRIBED_FOR_PUSH, unit)
    first_push = c2s.isFirstPush or not c2s.HasField("isFirstPush")
    _listen(call, units, c2s.rehabTypeList, first_push=first_push)
    return None


@handles(ProtoId.Qot_GetSubInfo)
def get_subscriptions(call: Call, c2s: Qot_GetSubInfo.C2S) -> Qot_GetSubInfo.S2C:
    """List the subscriptions of this connection, or of all.

    Source: [P] Qot_GetSubInfo.proto; [D] options have a quota of their own, chain by chain; [I] a
        connection without subscriptions is left out.
    """
    subscriptions = call.opend.subscriptions
    mine = call.connection.conn_id
    return Qot_GetSubInfo.S2C(
        connSubInfoList=[
            _connection_info(report, is_own=report.conn_id == mine)
            for report in subscriptions.report()
            if report.units and (c2s.isReqAllConn or report.conn_id == mine)
        ],
        totalUsedQuota=subscriptions.used,
        remainQuota=subscriptions.remaining,
        optionUsedQuota=subscriptions.option_used,
        optionRemainQuota=subscriptions.option_remaining,
    )


def _take_up(call: Call, c2s: Qot_Sub.C2S) -> None:
    hours = read_hours(c2s.session, extended_time=c2s.extendedTime)
    units = _units(call, c2s.securityList, c2s.subTypeList)
    for unit in units:
        instrument = call.opend.market.universe.get(unit.security)
        call.opend.quote_access.check_subscription(instrument, unit.sub_type)
    _check_rehab(c2s.regPushRehabTypeList)
    _check_full_books(call, units)
    conn_id = call.connection.conn_id
    try:
        fresh = call.opend.subscriptions.subscribe(conn_id, units, call.now_ns)
    except QuotaExceeded as error:
        is_option = error.of_options
        text = texts.OPTION_QUOTA_USED_UP if is_option else texts.SUBSCRIPTION_QUOTA_USED_UP
        raise ApiError(text, used=error.used, total=error.total) from error
    for security in fresh:
        call.opend.engine.watch(security)
    for unit in units:
        instrument = call.opend.market.universe.get(unit.security)
        call.opend.subscriptions.show_hours(conn_id, unit, _unit_hours(instrument, unit, hours))
        is_book = unit.sub_type == Qot_Common.SubType_OrderBook
        wants_orders = is_book and c2s.isSubOrderBookDetail
        call.opend.subscriptions.show_orders(conn_id, unit, wanted=wants_orders)
    if not c2s.HasField("isRegOrUnRegPush"):
        return
    if c2s.isRegOrUnRegPush:
        first_push = c2s.isFirstPush or not c2s.HasField("isFirstPush")
        _listen(call, units, c2s.regPushRehabTypeList, first_push=first_push)
    else:
        call.opend.subscriptions.ignore(conn_id, units)


def _give_up(call: Call, units: Iterable[Unit]) -> None:
    conn_id = call.connection.conn_id
    try:
        freed = call.opend.subscriptions.unsubscribe(conn_id, units, call.now_ns)
    except HeldTooShort as error:
        raise _refusal(texts.UNSUBSCRIBED_TOO_EARLY, error.unit) from error
    for security in freed:
        call.opend.engine.unwatch(security)


def _listen(
    call: Call, units: Sequence[Unit], rehab_types: Sequence[int], *, first_push: bool
) -> None:
    subscriptions, conn_id = call.opend.subscriptions, call.connection.conn_id
    topics = dict.fromkeys(
        Topic(
            unit.security,
            unit.sub_type,
            rehab,
            subscriptions.hours_of(conn_id, unit),
            subscriptions.shows_orders(conn_id, unit),
        )
        for unit in units
        for rehab in _rehabs(unit.sub_type, rehab_types)
    )
    subscriptions.listen(conn_id, topics)
    if first_push:
        call.first_pushes.extend(topics)


def _check_full_books(call: Call, units: Sequence[Unit]) -> None:
    """Under SF only so many securities' order books may be subscribed. Source: [D]; [I] the text."""
    access, universe = call.opend.quote_access, call.opend.market.universe
    books = {
        unit.security
        for unit in (*call.opend.subscriptions.units, *units)
        if unit.sub_type == Qot_Common.SubType_OrderBook
        and access.right_for(universe.get(unit.security)) is QuoteRight.SF
    }
    wants_one = any(
        unit.sub_type == Qot_Common.SubType_OrderBook and unit.security in books for unit in units
    )
    if wants_one and len(books) > MAX_FULL_BOOKS:
        raise ApiError(texts.TOO_MANY_FULL_BOOKS, limit=MAX_FULL_BOOKS)


def _unit_hours(instrument: Instrument, unit: Unit, wanted: TradingHours) -> TradingHours:
    """Source: [D] only candles up to an hour, intraday lines and prints have extended hours."""
    period = PERIOD_OF_SUB_TYPE.get(unit.sub_type)
    if period is not None and (period.minutes is None or period.minutes > _LONGEST_EXTENDED):
        return TradingHours.REGULAR
    if period is None and unit.sub_type not in (Qot_Common.SubType_RT, Qot_Common.SubType_Ticker):
        return TradingHours.REGULAR
    return hours_for(instrument, wanted)


def _rehabs(sub_type: int, wanted: Sequence[int]) -> Sequence[int]:
    """Only candles are adjusted, and forward unless told otherwise. Source: [P] Qot_Sub.proto."""
    if sub_type not in PERIOD_OF_SUB_TYPE:
        return (Qot_Common.RehabType_None,)
    return wanted or (Qot_Common.RehabType_Forward,)


def _check_rehab(rehab_types: Iterable[int]) -> None:
    for rehab in rehab_types:
        if rehab not in _REHAB_TYPES:
            raise ApiError(texts.INVALID_PARAMETER, name="rehabType", value=rehab)


def _units(
    call: Call, securities: Sequence[Qot_Common.Security], sub_types: Sequence[int]
) -> list[Unit]:
    """Every type of every security, each known and fitting the other."""
    if not securities or not sub_types:
        raise ApiError(texts.NOTHING_TO_SUBSCRIBE)
    for sub_type in sub_types:
        if sub_type not in SUB_TYPE_NAMES:
            raise ApiError(texts.INVALID_PARAMETER, name="subType", value=sub_type)
    instruments = [find(call.opend.market.universe, message) for message in securities]
    units = [Unit(i.security, sub_type) for i in instruments for sub_type in sub_types]
    for instrument in instruments:
        for sub_type in sub_types:
            if not _can_subscribe(instrument, sub_type):
                unit = Unit(instrument.security, sub_type)
                raise _refusal(texts.UNSUPPORTED_SUBSCRIPTION, unit)
    return units


def _can_subscribe(instrument: Instrument, sub_type: int) -> bool:
    """Whether a security has data of a type.

    Plates have none, indices no order book, broker queue or prints; no security has an odd-lot
    book. Broker queues belong to Hong Kong; its futures accept the type and have an empty queue.

    Source: [D] broker queues of Hong Kong only; the official demo subscribes `HK.HSImain` to them;
        [I] the rest.
    """
    match instrument.security_type:
        case SecurityType.PLATE:
            return False
        case SecurityType.INDEX if sub_type in _TRADED_ONLY:
            return False
        case SecurityType.OPTION if sub_type in PERIOD_OF_SUB_TYPE:
            return PERIOD_OF_SUB_TYPE[sub_type] in OPTION_PERIODS
    if sub_type == Qot_Common.SubType_Broker:
        return instrument.security.market is Market.HK
    return sub_type != Qot_Common.SubType_OrderBook_Odd


_TRADED_ONLY: Final = (
    Qot_Common.SubType_OrderBook,
    Qot_Common.SubType_Broker,
    Qot_Common.SubType_Ticker,
)


def _refusal(text: Text, unit: Unit) -> ApiError:
    return ApiError(text, symbol=unit.security.symbol, data=SUB_TYPE_NAMES[unit.sub_type])


def _connection_info(report: ConnectionReport, *, is_own: bool) -> Qot_Common.ConnSubInfo:
    by_type: dict[int, list[Qot_Common.Security]] = {}
    for unit in report.units:
        by_type.setdefault(unit.sub_type, []).append(write_security(unit.security))
    return Qot_Common.ConnSubInfo(
        subInfoList=[
            Qot_Common.SubInfo(subType=sub_type, securityList=securities)
            for sub_type, securities in by_type.items()
        ],
        usedQuota=report.used,
        optionUsedQuota=report.option_used,
        isOwnConnData=is_own,
    )
