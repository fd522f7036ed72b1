"""Protocols 2001–2111: accounts, money, positions, and what could be traded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from gateway import texts
from gateway.convert.account import (
    profit_ratio,
    write_account,
    write_day_trading,
    write_funds,
    write_max_quantities,
    write_position,
)
from gateway.convert.order_request import read_price
from gateway.convert.trade_header import (
    account_numbered,
    account_of,
    find_instrument,
    find_order_id,
    header_of,
    trade_date,
)
from gateway.errors import ApiError
from gateway.pb import (
    Trd_Common,
    Trd_GetAccList,
    Trd_GetFunds,
    Trd_GetMaxTrdQtys,
    Trd_GetPositionList,
    Trd_SubAccPush,
    Trd_UnlockTrade,
)
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import AccountSpec, Currency, Market, OrderType, Position
from simulator.errors import MarketNotAuthorised

_CATEGORIES: Final[dict[int, Callable[[AccountSpec], bool]]] = {
    Trd_Common.TrdCategory_Unknown: lambda _: True,
    Trd_Common.TrdCategory_Security: lambda spec: not spec.trades_futures,
    Trd_Common.TrdCategory_Future: lambda spec: spec.trades_futures,
    Trd_Common.TrdCategory_Crypto: lambda _: False,
}


@handles(ProtoId.Trd_GetAccList)
def get_account_list(call: Call, c2s: Trd_GetAccList.C2S) -> Trd_GetAccList.S2C:
    """List the accounts of one category; old clients name none and get all.

    Universal accounts are shown to those who ask for them only; paper accounts always.

    Source: [P] Trd_GetAccList.proto; [D].
    """
    belongs = _CATEGORIES.get(c2s.trdCategory)
    if belongs is None:
        raise ApiError(texts.INVALID_PARAMETER, name="trdCategory", value=c2s.trdCategory)
    return Trd_GetAccList.S2C(
        accList=[
            write_account(spec)
            for spec in call.opend.accounts()
            if belongs(spec) and (c2s.needGeneralSecAccount or not spec.is_universal)
        ]
    )


@handles(ProtoId.Trd_UnlockTrade)
def unlock_trade(call: Call, c2s: Trd_UnlockTrade.C2S) -> Trd_UnlockTrade.S2C:
    """Unlock or lock trading for all connections; paper accounts need no unlocking.

    Source: [P] Trd_UnlockTrade.proto: locking needs no password; [D] the state is OpenD's.
    """
    login = call.opend.login
    if c2s.unlock:
        if not c2s.pwdMD5:
            raise ApiError(texts.MISSING_PARAMETER, name="pwdMD5")
        if c2s.pwdMD5 != login.trade_password_md5:
            raise ApiError(texts.WRONG_TRADE_PASSWORD)
    login.trading_unlocked = c2s.unlock
    return Trd_UnlockTrade.S2C()


@handles(ProtoId.Trd_SubAccPush)
def subscribe_account_pushes(call: Call, c2s: Trd_SubAccPush.C2S) -> Trd_SubAccPush.S2C:
    """Set the accounts whose order pushes this connection gets: a full list, not an addition [P]."""
    for account_id in c2s.accIDList:
        account_numbered(call.opend, account_id)
    call.connection.account_pushes = frozenset(c2s.accIDList)
    return Trd_SubAccPush.S2C()


@handles(ProtoId.Trd_GetFunds)
def get_funds(call: Call, c2s: Trd_GetFunds.C2S) -> Trd_GetFunds.S2C:
    """An account's money, in its own currency, a universal account's in the one that is asked for.

    `refreshCache` changes nothing: what is answered is always the latest.

    Source: [P] `currency` is for universal accounts, others ignore it.
    """
    spec = account_of(call.opend, c2s.header)
    currency = _currency(c2s.currency) if spec.is_universal else None
    funds = call.opend.engine.funds(spec.account_id, call.now_ns, currency)
    message = write_funds(funds, spec)
    day_trading = call.opend.engine.day_trading(spec.account_id, call.now_ns)
    if day_trading is not None:
        write_day_trading(message, day_trading)
    return Trd_GetFunds.S2C(header=header_of(spec, c2s.header.trdMarket), funds=message)


def _currency(number: int) -> Currency:
    if not number:
        raise ApiError(texts.CURRENCY_MISSING)
    try:
        return Currency(number)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name="currency", value=number) from error


@handles(ProtoId.Trd_GetPositionList)
def get_position_list(call: Call, c2s: Trd_GetPositionList.C2S) -> Trd_GetPositionList.S2C:
    """An account's positions, filtered by code, id, market and profit ratio.

    Source: [P] Trd_GetPositionList.proto; the ratios of the filter are fractions.
    """
    spec = account_of(call.opend, c2s.header)
    universe, language = call.opend.market.universe, call.language
    return Trd_GetPositionList.S2C(
        header=header_of(spec, c2s.header.trdMarket),
        positionList=[
            write_position(
                position,
                universe.get(position.security),
                language,
                is_paper=spec.is_strict_paper,
            )
            for position in call.opend.engine.positions(spec.account_id, call.now_ns)
            if _matches(position, c2s)
        ],
    )


def _matches(position: Position, c2s: Trd_GetPositionList.C2S) -> bool:
    wanted = c2s.filterConditions
    return (
        (not wanted.codeList or position.security.code in wanted.codeList)
        and (not wanted.idList or position.position_id in wanted.idList)
        and wanted.filterMarket in (0, position.trading_market)
        and _has_ratio(position, c2s)
    )


def _has_ratio(position: Position, c2s: Trd_GetPositionList.C2S) -> bool:
    low = c2s.filterPLRatioMin if c2s.HasField("filterPLRatioMin") else -math.inf
    high = c2s.filterPLRatioMax if c2s.HasField("filterPLRatioMax") else math.inf
    if (low, high) == (-math.inf, math.inf):
        return True
    ratio = profit_ratio(position)
    return ratio is not None and low <= ratio <= high


@handles(ProtoId.Trd_GetMaxTrdQtys)
def get_max_quantities(call: Call, c2s: Trd_GetMaxTrdQtys.C2S) -> Trd_GetMaxTrdQtys.S2C:
    """The largest orders that would be accepted now.

    Source: [P] Trd_GetMaxTrdQtys.proto: an order that is to be changed counts as free.
    """
    spec = account_of(call.opend, c2s.header)
    instrument = find_instrument(call.opend, c2s.header, c2s.code, c2s.secMarket)
    if not instrument.is_tradable:
        raise MarketNotAuthorised(instrument.security)
    try:
        order_type = OrderType(c2s.orderType)
    except ValueError as error:
        raise ApiError(texts.ORDER_TYPE_NOT_SUPPORTED) from error
    price = read_price(c2s, instrument, trade_date(call.opend, instrument, call.now_ns))
    order_id = find_order_id(call.opend, spec, c2s.orderID, c2s.orderIDEx, call.now_ns)
    found = call.opend.engine.max_quantities(
        spec.account_id, instrument.security, order_type, price, call.now_ns, order_id or None
    )
    quantities = write_max_quantities(found)
    if instrument.security.market is Market.US and c2s.session:
        quantities.session = c2s.session
    header = header_of(spec, c2s.header.trdMarket)
    return Trd_GetMaxTrdQtys.S2C(header=header, maxTrdQtys=quantities)
