"""Protocols 3216 and 3217: codes that change and companies that go public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import ceil
from typing import Final

from gateway import texts
from gateway.convert.security import find, name_of, write_security
from gateway.convert.times import midnight, parse_begin, parse_end, zone_of
from gateway.errors import ApiError
from gateway.pb import Qot_GetCodeChange, Qot_GetIpoList
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, SecurityType, Venue
from simulator.market.code_changes import ChangeKind, CodeChange, code_changes
from simulator.market.offerings import Offering

# --- offerings --------------------------------------------------------------------------------

_EXCHANGES: Final = {
    Market.HK: (Market.HK,),
    Market.US: (Market.US,),
    Market.SH: (Market.SH, Market.SZ),
    Market.SZ: (Market.SH, Market.SZ),
}
"""Shanghai and Shenzhen are one market. Source: [P] Qot_GetIpoList.proto."""
_HK_COSTS: Final = 1.010085
"""Brokerage of 1 % and the levies that come on top of an entrance fee. Source: [S]."""
_PRICE_BAND: Final = 0.12
_CN_QUOTA_VALUE: Final = 10_000
"""Market value to hold per 1,000 shares of Shanghai, 5,000 per 500 of Shenzhen. Source: [S]."""


@handles(ProtoId.Qot_GetIpoList)
def get_offerings(call: Call, c2s: Qot_GetIpoList.C2S) -> Qot_GetIpoList.S2C:
    """The companies on offer, by listing date; once listed they have left the list.

    Source: [P] Qot_GetIpoList.proto; [I] which ones, and markets without offerings are refused.
    """
    exchanges = _EXCHANGES.get(
        Market(c2s.market) if c2s.market in tuple(Market) else Market.UNKNOWN
    )
    if exchanges is None:
        raise ApiError(texts.UNSUPPORTED_MARKET)
    listings = call.opend.new_listings
    found = [o for market in exchanges for o in listings.on_offer(market, call.now_ns)]
    found.sort(key=lambda offering: (offering.listed, offering.instrument.security))
    return Qot_GetIpoList.S2C(ipoList=[_offering(call, offering) for offering in found])


def _offering(call: Call, offering: Offering) -> Qot_GetIpoList.IpoData:
    instrument = offering.instrument
    market = instrument.security.market
    today = call.opend.new_listings.today(market, call.now_ns)
    price = call.opend.new_listings.issue_price(offering)
    data = Qot_GetIpoList.IpoData(
        basic=Qot_GetIpoList.BasicIpoData(
            security=write_security(instrument.security),
            name=name_of(instrument, call.language),
            listTime=offering.listed.isoformat(),
            listTimestamp=midnight(offering.listed, zone_of(instrument.venue)),
        )
    )
    if market is Market.HK:
        data.hkExData.CopyFrom(_hong_kong(offering, price, today))
    elif market is Market.US:
        data.usExData.CopyFrom(_american(offering, price))
    else:
        data.cnExData.CopyFrom(_chinese(offering, price, today))
    return data


def _band(offering: Offering, price: float) -> tuple[float, float]:
    """The range of prices on offer, which the final price lies in."""
    above = offering.strength * _PRICE_BAND
    low = price * (1 - _PRICE_BAND + above)
    return round(min(low, price), 2), round(max(price * (1 + above), price), 2)


def _hong_kong(offering: Offering, price: float, today: date) -> Qot_GetIpoList.HKIpoExData:
    low, high = _band(offering, price)
    lot_size = offering.instrument.lot_size
    return Qot_GetIpoList.HKIpoExData(
        ipoPriceMin=low,
        ipoPriceMax=high,
        listPrice=price if today >= offering.allotted else 0.0,
        lotSize=lot_size,
        entrancePrice=round(high * lot_size * _HK_COSTS, 2),
        isSubscribeStatus=today <= offering.apply_end,
        applyEndTime=offering.apply_end.isoformat(),
        applyEndTimestamp=midnight(offering.apply_end, zone_of(offering.instrument.venue)),
    )


def _american(offering: Offering, price: float) -> Qot_GetIpoList.USIpoExData:
    low, high = _band(offering, price)
    return Qot_GetIpoList.USIpoExData(
        ipoPriceMin=low, ipoPriceMax=high, issueSize=offering.issue_size
    )


def _chinese(offering: Offering, price: float, today: date) -> Qot_GetIpoList.CNIpoExData:
    security, zone = offering.instrument.security, zone_of(offering.instrument.venue)
    is_shanghai = security.market is Market.SH
    unit = 1000 if is_shanghai else 500
    online = int(offering.issue_size * 0.3) // unit * unit
    limit = max(ceil(online / 1000 / unit), 1) * unit
    is_known = today >= offering.allotted
    data = Qot_GetIpoList.CNIpoExData(
        applyCode=f"7{security.code[1:]}" if is_shanghai else security.code,
        issueSize=offering.issue_size,
        onlineIssueSize=online,
        applyUpperLimit=limit,
        applyLimitMarketValue=limit * _CN_QUOTA_VALUE // 1000,
        isEstimateIpoPrice=today < offering.apply_begin,
        ipoPrice=price,
        industryPeRate=round(18 + 40 * offering.strength, 2),
        isEstimateWinningRatio=not is_known,
        winningRatio=round(0.02 + 0.06 * (1 - offering.strength), 4),
        issuePeRate=round(12 + 40 * offering.strength, 2),
        applyTime=offering.apply_begin.isoformat(),
        applyTimestamp=midnight(offering.apply_begin, zone),
        winningTime=offering.allotted.isoformat(),
        winningTimestamp=midnight(offering.allotted, zone),
        isHasWon=is_known,
    )
    if is_known:
        data.winningNumData.extend(_winners(offering))
    return data


def _winners(offering: Offering) -> list[Qot_GetIpoList.WinningNumData]:
    """Last digits that won, drawn from the demand. Source: [I] as the exchanges print them."""
    digits = f"{int(offering.strength * 10**8):08d}"
    return [
        Qot_GetIpoList.WinningNumData(winningName=f"末{name}位数", winningInfo=digits[:length])
        for name, length in (("四", 4), ("五", 5), ("六", 6))
    ]


# --- code changes -----------------------------------------------------------------------------


@handles(ProtoId.Qot_GetCodeChange)
def get_code_changes(call: Call, c2s: Qot_GetCodeChange.C2S) -> Qot_GetCodeChange.S2C:
    """Temporary codes of Hong Kong shares that were split or consolidated, the latest first.

    Source: [P] Qot_GetCodeChange.proto: Hong Kong only, all filters apply together; [I] which events.
    """
    market = call.opend.market
    if c2s.securityList:
        instruments = [find(market.universe, message) for message in c2s.securityList]
    else:
        listed = market.universe.instruments(Market.HK, SecurityType.EQUITY)
        instruments = [i for i in listed if not i.is_generated]
    kinds = {_kind(number) for number in c2s.typeList} or set(ChangeKind)
    tests = [_filter(time_filter) for time_filter in c2s.timeFilterList]
    found = [
        change
        for change in code_changes(market, instruments, call.now_ns)
        if change.kind in kinds and all(test(change) for test in tests)
    ]
    return Qot_GetCodeChange.S2C(codeChangeList=[_code_change(change) for change in found])


def _kind(number: int) -> ChangeKind | None:
    if not 0 < number <= Qot_GetCodeChange.CodeChangeType_Other:
        raise ApiError(texts.INVALID_PARAMETER, name="typeList", value=number)
    return ChangeKind(number) if number in tuple(ChangeKind) else None


_DATES: Final[dict[int, Callable[[CodeChange], date | None]]] = {
    Qot_GetCodeChange.TimeFilterType_Public: lambda change: change.announced,
    Qot_GetCodeChange.TimeFilterType_Effective: lambda change: change.effective,
    Qot_GetCodeChange.TimeFilterType_End: lambda change: change.ended,
}


def _filter(time_filter: Qot_GetCodeChange.TimeFilter) -> Callable[[CodeChange], bool]:
    date_of = _DATES.get(time_filter.type)
    if date_of is None:
        raise ApiError(texts.INVALID_PARAMETER, name="timeFilterList", value=time_filter.type)
    begin = parse_begin(time_filter.beginTime).date() if time_filter.beginTime else date.min
    end = parse_end(time_filter.endTime).date() if time_filter.endTime else date.max
    return lambda change: (day := date_of(change)) is not None and begin <= day <= end


def _code_change(change: CodeChange) -> Qot_GetCodeChange.CodeChangeInfo:
    zone = zone_of(Venue.HK_STOCK)
    info = Qot_GetCodeChange.CodeChangeInfo(
        type=change.kind,
        security=write_security(change.security),
        relatedSecurity=write_security(change.temporary),
        publicTime=_midnight_text(change.announced),
        publicTimestamp=midnight(change.announced, zone),
        effectiveTime=_midnight_text(change.effective),
        effectiveTimestamp=midnight(change.effective, zone),
    )
    if change.ended is not None:  # [P] a move to the main board has no end
        info.endTime = _midnight_text(change.ended)
        info.endTimestamp = midnight(change.ended, zone)
    return info


def _midnight_text(day: date) -> str:
    return f"{day.isoformat()} 00:00:00"
