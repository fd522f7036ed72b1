"""Protocols 3202–3207 and 3223: what securities and plates are, and their snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from gateway import texts
from gateway.convert.derivative import add_snapshot_figures
from gateway.convert.quote import sessions_of, write_sessions
from gateway.convert.security import (
    find_all,
    name_of,
    plate_info,
    read_security,
    static_infos,
    write_security,
)
from gateway.convert.snapshot import snapshot
from gateway.errors import ApiError
from gateway.pb import (
    Qot_Common,
    Qot_GetMarketState,
    Qot_GetOwnerPlate,
    Qot_GetPlateSecurity,
    Qot_GetPlateSet,
    Qot_GetSecuritySnapshot,
    Qot_GetStaticInfo,
)
from gateway.registry import Call, handles
from gateway.session.opend import OpenD, WrittenSnapshot
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, MarketState, PlateSet, Quote, SecurityType
from simulator.errors import UnknownSecurity
from simulator.market.warming import warm_companies, warm_figures

MAX_SNAPSHOTS: Final = 400
MAX_MARKET_STATES: Final = 400
MAX_OWNER_PLATES: Final = 200
MAX_STATIC_INFOS: Final = 2000
"""Securities a request. Source: [D], but [I] the last, which has no stated limit."""


def _prepare_static_info(call: Call, c2s: Qot_GetStaticInfo.C2S) -> Iterator[None]:
    """The companies of a whole market."""
    if not c2s.securityList:
        yield from warm_companies(call.opend.market, [_market(c2s.market)])


@handles(ProtoId.Qot_GetStaticInfo, prepare=_prepare_static_info)
def get_static_info(call: Call, c2s: Qot_GetStaticInfo.C2S) -> Qot_GetStaticInfo.S2C:
    """Static information of named securities, or of all of a market and type.

    Raises:
        ApiError: Neither securities nor a market, or an unknown one.
        UnknownSecurity: A named one is not listed.

    Source: [P] Qot_GetStaticInfo.proto; [I] no type means every type.
    """
    universe = call.opend.market.universe
    if c2s.securityList:
        found = find_all(universe, c2s.securityList, MAX_STATIC_INFOS)
        return Qot_GetStaticInfo.S2C(staticInfoList=static_infos(found, call.language))
    market = _market(c2s.market)
    listed = universe.instruments(market)
    if c2s.secType:
        listed = tuple(i for i in listed if i.security_type == c2s.secType)
    return Qot_GetStaticInfo.S2C(staticInfoList=static_infos(listed, call.language))


def _prepare_snapshots(call: Call, c2s: Qot_GetSecuritySnapshot.C2S) -> Iterator[None]:
    """Each security's days and the prints of the running minute."""
    market = call.opend.market
    instruments = find_all(market.universe, c2s.securityList, MAX_SNAPSHOTS)
    yield from warm_figures(market, instruments, call.now_ns)


@handles(ProtoId.Qot_GetSecuritySnapshot, prepare=_prepare_snapshots)
def get_snapshots(call: Call, c2s: Qot_GetSecuritySnapshot.C2S) -> Qot_GetSecuritySnapshot.S2C:
    """The state of up to 400 securities at one instant; one bad code refuses them all.

    Source: [P] Qot_GetSecuritySnapshot.proto; [D] the limit; [O] all or nothing, naming the first.
    """
    market = call.opend.market
    instruments = find_all(market.universe, c2s.securityList, MAX_SNAPSHOTS)
    call.opend.quote_access.check_snapshot(instruments)
    return Qot_GetSecuritySnapshot.S2C(
        snapshotList=[_snapshot(call.opend, instrument, call.now_ns) for instrument in instruments]
    )


def _snapshot(
    opend: OpenD, instrument: Instrument, now_ns: int
) -> Qot_GetSecuritySnapshot.Snapshot:
    """A snapshot, to be copied: as long as all that it tells is the same, it is written once."""
    market, security = opend.market, instrument.security
    look = market.look(instrument, now_ns)
    hours = sessions_of(market, instrument, now_ns)
    book = opend.engine.with_users(look.book, now_ns)
    known = opend.written_snapshots.get(security)
    if known is not None and known.look is look and known.hours == hours and book is look.book:
        return known.message
    made = snapshot(instrument, look.quote, book, look.statistics, opend.language)
    write_sessions(made.basic, hours)
    add_snapshot_figures(made, market, instrument, now_ns)
    if instrument.terms is None and book is look.book:
        opend.written_snapshots.put(security, WrittenSnapshot(look, hours, made))
    return made


@handles(ProtoId.Qot_GetMarketState)
def get_market_states(call: Call, c2s: Qot_GetMarketState.C2S) -> Qot_GetMarketState.S2C:
    """The phase of the day of each security's venue. Source: [P] Qot_GetMarketState.proto."""
    market = call.opend.market
    return Qot_GetMarketState.S2C(
        marketInfoList=[
            Qot_GetMarketState.MarketInfo(
                security=write_security(instrument.security),
                name=name_of(instrument, call.language),
                marketState=_state(call, instrument),
            )
            for instrument in find_all(market.universe, c2s.securityList, MAX_MARKET_STATES)
        ]
    )


def _state(call: Call, instrument: Instrument) -> MarketState:
    """Options have no auctions and no hours outside the day. Source: [D] quote Q&A 14."""
    state = call.opend.market.state(instrument.venue, call.now_ns)
    is_option = instrument.security_type is SecurityType.OPTION
    return _OPTION_STATES.get(state, state) if is_option else state


_OPTION_STATES: Final = {
    MarketState.AUCTION: MarketState.NONE,
    MarketState.WAITING_OPEN: MarketState.NONE,
    MarketState.HK_CAS: MarketState.CLOSED,
    MarketState.PRE_MARKET_BEGIN: MarketState.NONE,
    MarketState.AFTER_HOURS_BEGIN: MarketState.CLOSED,
    MarketState.AFTER_HOURS_END: MarketState.CLOSED,
    MarketState.OVERNIGHT: MarketState.CLOSED,
}
"""What options report for a state of the stocks' venue."""


@handles(ProtoId.Qot_GetPlateSet)
def get_plates(call: Call, c2s: Qot_GetPlateSet.C2S) -> Qot_GetPlateSet.S2C:
    """The plates of a market. Source: [P] Qot_GetPlateSet.proto, PlateSetType_Other excluded."""
    if c2s.plateSetType not in _LISTED_SETS:
        raise ApiError(texts.INVALID_PARAMETER, name="plateSetType", value=c2s.plateSetType)
    plates = call.opend.market.universe.plates(_market(c2s.market), PlateSet(c2s.plateSetType))
    return Qot_GetPlateSet.S2C(plateInfoList=[plate_info(plate, call.language) for plate in plates])


_LISTED_SETS: Final = (PlateSet.ALL, PlateSet.INDUSTRY, PlateSet.REGION, PlateSet.CONCEPT)


def _prepare_plate_members(call: Call, c2s: Qot_GetPlateSecurity.C2S) -> Iterator[None]:
    """The companies of the market, and their prices where they are to be sorted by them."""
    market = call.opend.market
    plate = read_security(c2s.plate)
    yield from warm_companies(market, [plate.market])
    if c2s.sortField in _FIGURES:
        yield from warm_figures(market, market.universe.members(plate), call.now_ns)


@handles(ProtoId.Qot_GetPlateSecurity, prepare=_prepare_plate_members)
def get_plate_members(call: Call, c2s: Qot_GetPlateSecurity.C2S) -> Qot_GetPlateSecurity.S2C:
    """The members of a plate or an index, sorted by code unless told otherwise.

    Raises:
        ApiError: No plate or index of that code, or a field that members are not sorted by.

    Source: [P] Qot_GetPlateSecurity.proto; [I] equal ones stay in the order of their codes.
    """
    universe = call.opend.market.universe
    plate = read_security(c2s.plate)
    try:
        kind = universe.get(plate).security_type
    except UnknownSecurity as error:
        raise ApiError(texts.UNKNOWN_PLATE, code=plate.code) from error
    if kind not in (SecurityType.PLATE, SecurityType.INDEX):
        raise ApiError(texts.UNKNOWN_PLATE, code=plate.code)
    members = sorted(universe.members(plate), key=lambda member: member.security.code)
    is_rising = c2s.ascend or not c2s.HasField("ascend")
    sort_field = c2s.sortField or Qot_Common.SortField_Code
    if sort_field == Qot_Common.SortField_Code:
        members = members if is_rising else members[::-1]
    else:
        members.sort(key=_sort_key(call, sort_field), reverse=not is_rising)
    return Qot_GetPlateSecurity.S2C(staticInfoList=static_infos(members, call.language))


def _sort_key(call: Call, sort_field: int) -> Callable[[Instrument], float]:
    figure = _FIGURES.get(sort_field)
    if figure is None:
        raise ApiError(texts.INVALID_PARAMETER, name="sortField", value=sort_field)
    market = call.opend.market
    return lambda member: figure(market.quote(member.security, call.now_ns))


def _relative(change: float, quote: Quote) -> float:
    return change / quote.previous_close if quote.previous_close else 0.0


_FIGURES: Final[dict[int, Callable[[Quote], float]]] = {
    Qot_Common.SortField_CurPrice: lambda quote: quote.last,
    Qot_Common.SortField_PriceChangeVal: lambda quote: quote.last - quote.previous_close,
    Qot_Common.SortField_ChangeRate: lambda quote: _relative(
        quote.last - quote.previous_close, quote
    ),
    Qot_Common.SortField_Status: lambda quote: quote.is_suspended,
    Qot_Common.SortField_BidPrice: lambda quote: quote.bid,
    Qot_Common.SortField_AskPrice: lambda quote: quote.ask,
    Qot_Common.SortField_BidVol: lambda quote: quote.bid_volume,
    Qot_Common.SortField_AskVol: lambda quote: quote.ask_volume,
    Qot_Common.SortField_Volume: lambda quote: quote.volume,
    Qot_Common.SortField_Turnover: lambda quote: quote.turnover,
    Qot_Common.SortField_Amplitude: lambda quote: _relative(quote.high - quote.low, quote),
}


@handles(ProtoId.Qot_GetOwnerPlate)
def get_owner_plates(call: Call, c2s: Qot_GetOwnerPlate.C2S) -> Qot_GetOwnerPlate.S2C:
    """The plates that each security belongs to.

    Source: [P] Qot_GetOwnerPlate.proto; [D] at most 200, of stocks and indices; [I] funds and
        futures belong to none.
    """
    universe = call.opend.market.universe
    return Qot_GetOwnerPlate.S2C(
        ownerPlateList=[
            Qot_GetOwnerPlate.SecurityOwnerPlate(
                security=write_security(instrument.security),
                name=name_of(instrument, call.language),
                plateInfoList=[
                    plate_info(plate, call.language, universe.plate_set(plate.security))
                    for plate in universe.owner_plates(instrument.security)
                ],
            )
            for instrument in find_all(universe, c2s.securityList, MAX_OWNER_PLATES)
        ]
    )


def _market(number: int) -> Market:
    """A market that lists securities here.

    Raises:
        ApiError: There is no such market.
    """
    if number == Market.HK_FUTURE:
        return Market.HK
    if number not in _LISTED_MARKETS:
        raise ApiError(texts.INVALID_PARAMETER, name="market", value=number)
    return Market(number)


_LISTED_MARKETS: Final = tuple(market for market in Market if market is not Market.UNKNOWN)
