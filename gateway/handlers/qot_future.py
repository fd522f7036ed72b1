"""Protocols 3206 and 3218: contracts that belong to a security, and what futures contracts say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from gateway import texts
from gateway.convert.security import find, find_all, name_of, static_infos, write_security
from gateway.convert.times import midnight, zone_of
from gateway.errors import ApiError
from gateway.pb import Qot_GetFutureInfo, Qot_GetReference
from gateway.registry import Call, handles
from gateway.texts import Language
from gateway.wire.proto_ids import ProtoId
from simulator.domain import (
    NS_PER_S,
    FutureTerms,
    Instrument,
    Market,
    Security,
    SecurityType,
    Venue,
    WarrantTerms,
)
from simulator.errors import UnknownSecurity
from simulator.ticks import product_of, tick_table
from simulator.trading_days import SessionKind, calendar_for

MAX_FUTURES: Final = 200
"""Source: [D]."""

_DAY_MINUTES: Final = 24 * 60


class _Product(NamedTuple):
    """What a contract's specification says beside its size and tick."""

    index_symbol: str
    """Symbol of the index; empty for a commodity, a currency or an index that is not quoted."""
    other: tuple[str, str]
    """The underlying in words."""
    unit: tuple[str, str]
    """What the size counts."""


_POINTS: Final = ("指数点", "Index points")
_PRODUCTS: Final[dict[tuple[Market, str], _Product]] = {
    (Market.HK, "HSI"): _Product("HK.800000", ("恒生指数", "Hang Seng Index"), _POINTS),
    (Market.HK, "MHI"): _Product("HK.800000", ("恒生指数", "Hang Seng Index"), _POINTS),
    (Market.HK, "HHI"): _Product("HK.800100", ("国企指数", "HSCEI"), _POINTS),
    (Market.HK, "MCH"): _Product("HK.800100", ("国企指数", "HSCEI"), _POINTS),
    (Market.HK, "HTI"): _Product("HK.800700", ("恒生科技指数", "Hang Seng TECH Index"), _POINTS),
    (Market.HK, "CUS"): _Product("", ("美元兑人民币(香港)", "USD/CNH"), ("美元", "USD")),
    (Market.US, "ES"): _Product("US..SPX", ("标普500指数", "S&P 500 Index"), _POINTS),
    (Market.US, "MES"): _Product("US..SPX", ("标普500指数", "S&P 500 Index"), _POINTS),
    (Market.US, "NQ"): _Product("US..NDX", ("纳斯达克100指数", "NASDAQ 100 Index"), _POINTS),
    (Market.US, "MNQ"): _Product("US..NDX", ("纳斯达克100指数", "NASDAQ 100 Index"), _POINTS),
    (Market.US, "YM"): _Product("US..DJI", ("道琼斯指数", "Dow Jones Index"), _POINTS),
    (Market.US, "RTY"): _Product("US..RUT", ("罗素2000指数", "Russell 2000 Index"), _POINTS),
    (Market.US, "CL"): _Product("", ("WTI原油", "WTI crude oil"), ("桶", "Barrels")),
    (Market.US, "MCL"): _Product("", ("WTI原油", "WTI crude oil"), ("桶", "Barrels")),
    (Market.US, "NG"): _Product("", ("天然气", "Natural gas"), ("百万英热", "MMBtu")),
    (Market.US, "GC"): _Product("", ("黄金", "Gold"), ("盎司", "Troy ounces")),
    (Market.US, "MGC"): _Product("", ("黄金", "Gold"), ("盎司", "Troy ounces")),
    (Market.US, "SI"): _Product("", ("白银", "Silver"), ("盎司", "Troy ounces")),
    (Market.US, "HG"): _Product("", ("铜", "Copper"), ("磅", "Pounds")),
    (Market.US, "ZN"): _Product("", ("10年期美债", "10-year T-note"), _POINTS),
    (Market.US, "6E"): _Product("", ("欧元", "Euro"), ("欧元", "EUR")),
    (Market.SG, "FEF"): _Product("", ("铁矿石", "Iron ore"), ("吨", "Tonnes")),
}
"""Source: [D] contract specifications."""
_ANY_INDEX: Final = _Product("", ("股票指数", "Stock index"), _POINTS)

_EXCHANGES: Final = {
    Venue.HK_FUTURE: ("港交所", "HKEX", "https://www.hkex.com.hk"),
    Venue.US_FUTURE: ("芝商所", "CME", "https://www.cmegroup.com"),
    Venue.SG_FUTURE: ("新交所", "SGX", "https://www.sgx.com"),
    Venue.JP_FUTURE: ("大阪交易所", "OSE", "https://www.jpx.co.jp"),
}
_ZONES: Final = {
    Venue.HK_FUTURE: "CCT",
    Venue.US_FUTURE: "EST",
    Venue.SG_FUTURE: "SGT",
    Venue.JP_FUTURE: "JST",
}
"""Source: [D] samples say CCT; [I] the others."""


@handles(ProtoId.Qot_GetReference)
def get_reference(call: Call, c2s: Qot_GetReference.C2S) -> Qot_GetReference.S2C:
    """The structured products of an underlying, or the contracts of a product or an index.

    Raises:
        ApiError: No such type of reference.
        UnknownSecurity: Not listed.

    Source: [P] Qot_GetReference.proto; [I] an index gives the contracts on it.
    """
    instrument = find(call.opend.market.universe, c2s.security)
    if c2s.referenceType == Qot_GetReference.ReferenceType_Warrant:
        found = _listed_warrants(call, instrument)
    elif c2s.referenceType == Qot_GetReference.ReferenceType_Future:
        found = _related_futures(call, instrument)
    else:
        raise ApiError(texts.INVALID_PARAMETER, name="referenceType", value=c2s.referenceType)
    return Qot_GetReference.S2C(staticInfoList=static_infos(found, call.language))


def _listed_warrants(call: Call, owner: Instrument) -> list[Instrument]:
    market = call.opend.market
    today = market.trading_date(owner.security, call.now_ns)
    return [
        i
        for i in market.derivatives.warrants(owner.security, today)
        if isinstance(i.terms, WarrantTerms) and i.terms.listed <= today
    ]


def _related_futures(call: Call, instrument: Instrument) -> list[Instrument]:
    if instrument.security_type is SecurityType.FUTURE:
        return _contracts(call, instrument.security.market, product_of(instrument.security.code))
    symbol = instrument.security.symbol
    return [
        contract
        for (market, product), facts in _PRODUCTS.items()
        if facts.index_symbol == symbol
        for contract in _contracts(call, market, product)
    ]


def _contracts(call: Call, market: Market, product: str) -> list[Instrument]:
    """The continuous series of a product, then its months, nearest first."""
    universe, found = call.opend.market.universe, []
    for ending in ("main", "current"):
        try:
            found.append(universe.get(Security(market, product + ending)))
        except UnknownSecurity:
            continue
    if not found:
        return []
    today = call.opend.market.trading_date(found[0].security, call.now_ns)
    return found + call.opend.market.derivatives.contract_months(found[0], today)


@handles(ProtoId.Qot_GetFutureInfo)
def get_future_info(call: Call, c2s: Qot_GetFutureInfo.C2S) -> Qot_GetFutureInfo.S2C:
    """What the contracts of up to 200 futures say; what is no future is left out.

    Raises:
        ApiError: None, or too many.
        UnknownSecurity: One is not listed.

    Source: [P] Qot_GetFutureInfo.proto; [D] the limit; [I] others are left out.
    """
    instruments = find_all(call.opend.market.universe, c2s.securityList, MAX_FUTURES)
    return Qot_GetFutureInfo.S2C(
        futureInfoList=[
            _info(call, instrument)
            for instrument in instruments
            if instrument.security_type is SecurityType.FUTURE
        ]
    )


def _info(call: Call, future: Instrument) -> Qot_GetFutureInfo.FutureInfo:
    market, zone = call.opend.market, zone_of(future.venue)
    today = market.trading_date(future.security, call.now_ns)
    facts = _PRODUCTS.get((future.security.market, product_of(future.security.code)), _ANY_INDEX)
    exchange_zh, exchange_en, address = _EXCHANGES[future.venue]
    info = Qot_GetFutureInfo.FutureInfo(
        name=name_of(future, call.language),
        security=write_security(future.security),
        lastTradeTime="",
        ownerOther=_pick(facts.other, call.language),
        exchange=_pick((exchange_zh, exchange_en), call.language),
        contractType=_pick(_contract_type(facts), call.language),
        contractSize=future.lot_size,
        contractSizeUnit=_pick(facts.unit, call.language),
        quoteCurrency=future.currency.name,
        minVar=float(tick_table(future, today).ticks[0]),
        minVarUnit=_pick(facts.unit if facts.unit == _POINTS else ("价格", "Price"), call.language),
        quoteUnit=_pick(facts.unit, call.language),
        tradeTime=_trade_times(future, today),
        timeZone=_ZONES[future.venue],
        exchangeFormatUrl=address,
    )
    if facts.index_symbol:
        index_market, _, code = facts.index_symbol.partition(".")
        info.owner.CopyFrom(write_security(Security(Market[index_market], code)))
    if isinstance(future.terms, FutureTerms):
        info.lastTradeTime = future.terms.last_trade_day.isoformat()
        info.lastTradeTimestamp = midnight(future.terms.last_trade_day, zone)
    origin = market.derivatives.origin(future, today) if future.terms is None else None
    info.origin.CopyFrom(write_security(origin or future.security))
    return info


def _pick(words: tuple[str, str], language: Language) -> str:
    return words[1] if language == "en" else words[0]


def _contract_type(facts: _Product) -> tuple[str, str]:
    if facts.unit == _POINTS:
        return ("股指期货", "Index Futures")
    return ("商品期货", "Commodity Futures")


def _trade_times(future: Instrument, today: date) -> list[Qot_GetFutureInfo.TradeTime]:
    """Sessions in minutes of the trade date; the evening before is negative.

    Source: [P] the SDK writes `17:15(T-1)` for a negative beginning.
    """
    calendar = calendar_for(future.venue)
    day = today if calendar.is_trading_day(today) else calendar.next_day(today)
    found = []
    for session in calendar.sessions(day):
        start, end = (
            datetime.fromtimestamp(ns // NS_PER_S, calendar.zone)
            for ns in (session.start_ns, session.end_ns)
        )
        begin = start.hour * 60 + start.minute
        if session.kind is SessionKind.NIGHT or start.date() < day:
            begin -= _DAY_MINUTES
        found.append(Qot_GetFutureInfo.TradeTime(begin=begin, end=end.hour * 60 + end.minute))
    return found
