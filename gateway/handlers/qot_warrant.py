"""Protocol 3210: structured products of Hong Kong, filtered, sorted and paged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import inf, trunc
from typing import Final

from gateway import texts
from gateway.convert.derivative import inline_status
from gateway.convert.security import find, name_of, write_security
from gateway.convert.times import listing_timestamp, midnight, parse_begin, parse_end, zone_of
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Qot_GetWarrant
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, Quote, Security, WarrantKind, WarrantTerms
from simulator.market.derivative_figures import WarrantFigures, has_started, warrant_figures
from simulator.market.statistics import Headline
from simulator.market.warming import warm_warrants
from simulator.trading_days import calendar_for

MAX_PAGE: Final = 200
"""Source: [D]; [P] Qot_GetWarrant.proto."""

_SCALE: Final = 1000
"""Filters count to three decimals. Source: [P] Qot_GetWarrant.proto."""


@dataclass(frozen=True)
class _Row:
    """A product whose prices are read when a filter, the order or the page needs them."""

    call: Call
    instrument: Instrument
    terms: WarrantTerms
    today: date

    @cached_property
    def headline(self) -> Headline | None:
        """Its prices without the book; None while it is only announced."""
        if not has_started(self.instrument, self.today):
            return None
        return self.call.opend.market.headline(self.instrument, self.call.now_ns)

    @cached_property
    def quote(self) -> Quote | None:
        """None while it is only announced."""
        if not has_started(self.instrument, self.today):
            return None
        return self.call.opend.market.quote(self.instrument.security, self.call.now_ns)

    @cached_property
    def figures(self) -> WarrantFigures:
        """What follows from its price and the underlying's."""
        market = self.call.opend.market
        return warrant_figures(market, self.instrument, self.quote, self.call.now_ns)

    @property
    def last(self) -> float:
        """Its price; 0 while it is only announced."""
        return self.headline.last if self.headline else 0.0

    @property
    def change(self) -> float:
        """Against the previous close."""
        return round(self.last - self.headline.previous_close, 3) if self.headline else 0.0

    @property
    def change_rate(self) -> float:
        """Percent."""
        before = self.headline.previous_close if self.headline else 0.0
        return self.change / before * 100.0 if before else 0.0

    @property
    def amplitude(self) -> float:
        """Percent of the previous close between the day's extremes."""
        told = self.headline
        if told is None or not told.previous_close:
            return 0.0
        return (told.high - told.low) / told.previous_close * 100.0

    @property
    def status(self) -> int:
        """The `WarrantStatus`."""
        if self.quote is None:
            return Qot_Common.WarrantStatus_PendingListing
        if self.figures.is_called:
            return Qot_Common.WarrantStatus_StopTrade
        return Qot_Common.WarrantStatus_Normal

    def may_have(self, status: int) -> bool:
        """Whether a status is possible, as far as can be told without prices."""
        is_pending = not has_started(self.instrument, self.today)
        return is_pending == (status == Qot_Common.WarrantStatus_PendingListing)

    @property
    def price_type(self) -> int:
        """Inside or outside, as a `PriceType`."""
        if self.terms.kind is WarrantKind.INLINE:
            return inline_status(self.terms, self.figures.spot)
        is_inside = self.figures.in_the_money >= 0
        return Qot_Common.PriceType_WithIn if is_inside else Qot_Common.PriceType_Outside


_Value = Callable[[_Row], float]
_OPTIONS: Final = (WarrantKind.CALL, WarrantKind.PUT)
_CALLABLE: Final = (WarrantKind.BULL, WarrantKind.BEAR)
_RANGES: Final[tuple[tuple[str, tuple[WarrantKind, ...] | None, _Value], ...]] = (
    ("strikePrice", None, lambda row: row.terms.strike),
    ("conversion", None, lambda row: row.terms.conversion_ratio),
    ("recoveryPrice", _CALLABLE, lambda row: row.terms.recovery_price),
    ("curPrice", None, lambda row: row.last),
    ("street", None, lambda row: row.figures.street_rate),
    ("vol", None, lambda row: row.headline.volume if row.headline else 0),
    ("premium", None, lambda row: row.figures.premium),
    ("leverageRatio", None, lambda row: row.figures.leverage),
    ("delta", _OPTIONS, lambda row: row.figures.delta),
    ("implied", _OPTIONS, lambda row: row.figures.volatility),
    ("priceRecoveryRatio", _CALLABLE, lambda row: row.figures.recovery_distance),
)
"""Filters by range: name on the wire, kinds that have the value, value; cheap ones first.

Source: [P] Qot_GetWarrant.proto; [I] what has no such value does not pass.
"""

_SortKey = Callable[[_Row], float | str]
_ORDERS: Final[dict[int, _SortKey]] = {
    Qot_Common.SortField_Code: lambda row: row.instrument.security.code,
    Qot_Common.SortField_CurPrice: lambda row: row.last,
    Qot_Common.SortField_PriceChangeVal: lambda row: row.change,
    Qot_Common.SortField_ChangeRate: lambda row: row.change_rate,
    Qot_Common.SortField_Status: lambda row: row.status,
    Qot_Common.SortField_BidPrice: lambda row: row.quote.bid if row.quote else 0.0,
    Qot_Common.SortField_AskPrice: lambda row: row.quote.ask if row.quote else 0.0,
    Qot_Common.SortField_BidVol: lambda row: row.quote.bid_volume if row.quote else 0,
    Qot_Common.SortField_AskVol: lambda row: row.quote.ask_volume if row.quote else 0,
    Qot_Common.SortField_Volume: lambda row: row.headline.volume if row.headline else 0,
    Qot_Common.SortField_Turnover: lambda row: row.headline.turnover if row.headline else 0.0,
    Qot_Common.SortField_Amplitude: lambda row: row.amplitude,
    Qot_Common.SortField_Score: lambda row: row.figures.score,
    Qot_Common.SortField_Premium: lambda row: row.figures.premium,
    Qot_Common.SortField_EffectiveLeverage: lambda row: row.figures.effective_leverage,
    Qot_Common.SortField_Delta: lambda row: row.figures.delta,
    Qot_Common.SortField_ImpliedVolatility: lambda row: row.figures.volatility,
    Qot_Common.SortField_Type: lambda row: row.terms.kind,
    Qot_Common.SortField_StrikePrice: lambda row: row.terms.strike,
    Qot_Common.SortField_BreakEvenPoint: lambda row: row.figures.break_even,
    Qot_Common.SortField_MaturityTime: lambda row: row.terms.maturity.toordinal(),
    Qot_Common.SortField_ListTime: lambda row: row.terms.listed.toordinal(),
    Qot_Common.SortField_LastTradeTime: lambda row: row.terms.last_trade_day.toordinal(),
    Qot_Common.SortField_Leverage: lambda row: row.figures.leverage,
    Qot_Common.SortField_InOutMoney: lambda row: row.figures.in_the_money,
    Qot_Common.SortField_RecoveryPrice: lambda row: row.terms.recovery_price,
    Qot_Common.SortField_ChangePrice: lambda row: row.figures.conversion_price,
    Qot_Common.SortField_Change: lambda row: row.terms.conversion_ratio,
    Qot_Common.SortField_StreetRate: lambda row: row.figures.street_rate,
    Qot_Common.SortField_StreetVol: lambda row: row.figures.street_volume,
    Qot_Common.SortField_WarrantName: lambda row: name_of(row.instrument, row.call.language),
    Qot_Common.SortField_Issuer: lambda row: row.terms.issuer,
    Qot_Common.SortField_LotSize: lambda row: row.instrument.lot_size,
    Qot_Common.SortField_IssueSize: lambda row: row.terms.issue_size,
    Qot_Common.SortField_UpperStrikePrice: lambda row: row.terms.upper,
    Qot_Common.SortField_LowerStrikePrice: lambda row: row.terms.lower,
    Qot_Common.SortField_InLinePriceStatus: lambda row: row.price_type,
}
"""Source: [P] Qot_Common.SortField, those for this protocol."""


def _prepare_warrants(call: Call, c2s: Qot_GetWarrant.C2S) -> Iterator[None]:
    """The products and their quotes."""
    market = call.opend.market
    owner = find(market.universe, c2s.owner).security if c2s.HasField("owner") else None
    yield from warm_warrants(market, owner, call.now_ns)


@handles(ProtoId.Qot_GetWarrant, prepare=_prepare_warrants)
def get_warrants(call: Call, c2s: Qot_GetWarrant.C2S) -> Qot_GetWarrant.S2C:
    """One page of the products that pass every filter; equal ones stay in the order of codes.

    Raises:
        ApiError: A page of no or more than 200 products, an order that does not exist, an
            unreadable time, or no right.
        UnknownSecurity: The underlying is not listed.

    Source: [P] Qot_GetWarrant.proto; [D].
    """
    call.opend.quote_access.check_screening(Market.HK)
    if not 0 < c2s.num <= MAX_PAGE:
        raise ApiError(texts.INVALID_PARAMETER, name="num", value=c2s.num)
    if c2s.begin < 0:
        raise ApiError(texts.INVALID_PARAMETER, name="begin", value=c2s.begin)
    order = _ORDERS.get(c2s.sortField)
    if order is None:
        raise ApiError(texts.INVALID_PARAMETER, name="sortField", value=c2s.sortField)
    intervals = _intervals(c2s)
    rows = [row for row in _candidates(call, c2s) if _passes(row, c2s, intervals)]
    rows.sort(key=order, reverse=not c2s.ascend)
    page = rows[c2s.begin : c2s.begin + c2s.num]
    return Qot_GetWarrant.S2C(
        lastPage=c2s.begin + c2s.num >= len(rows),
        allCount=len(rows),
        warrantDataList=[_write(row) for row in page],
    )


def _candidates(call: Call, c2s: Qot_GetWarrant.C2S) -> list[_Row]:
    """Products that are announced or trade, or were called today."""
    market = call.opend.market
    owner = find(market.universe, c2s.owner).security if c2s.HasField("owner") else None
    today = market.trading_date(_ANY_STOCK, call.now_ns)
    return [
        _Row(call, i, i.terms, today)
        for i in market.derivatives.warrants(owner, today)
        if isinstance(i.terms, WarrantTerms)
    ]


_ANY_STOCK: Final = Security(Market.HK, "00700")
"""Whose trade date all products share."""


def _passes(row: _Row, c2s: Qot_GetWarrant.C2S, intervals: Sequence[_Interval]) -> bool:
    """Terms first, prices last."""
    terms = row.terms
    return (
        (not c2s.typeList or terms.kind in c2s.typeList)
        and (not c2s.issuerList or terms.issuer in c2s.issuerList)
        and _matures(terms, c2s)
        and _is_new(row, c2s.ipoPeriod)
        and (not c2s.status or row.may_have(c2s.status))
        and all(interval.holds(row) for interval in intervals)
        and (not c2s.priceType or row.price_type == c2s.priceType)
        and (not c2s.status or row.status == c2s.status)
    )


def _matures(terms: WarrantTerms, c2s: Qot_GetWarrant.C2S) -> bool:
    if c2s.maturityTimeMin and terms.maturity < parse_begin(c2s.maturityTimeMin).date():
        return False
    return not (c2s.maturityTimeMax and terms.maturity > parse_end(c2s.maturityTimeMax).date())


def _is_new(row: _Row, period: int) -> bool:
    """Whether its listing lies in an `IpoPeriod`; a week is seven days, a month thirty [I]."""
    listed, today = row.terms.listed, row.today
    match period:
        case Qot_Common.IpoPeriod_Today:
            return listed == today
        case Qot_Common.IpoPeriod_Tomorrow:
            return listed == calendar_for(row.instrument.venue).next_day(today)
        case Qot_Common.IpoPeriod_Nextweek:
            return today < listed <= today + timedelta(days=7)
        case Qot_Common.IpoPeriod_Lastweek:
            return today - timedelta(days=7) <= listed <= today
        case Qot_Common.IpoPeriod_Lastmonth:
            return today - timedelta(days=30) <= listed <= today
        case _:
            return True


@dataclass(frozen=True, slots=True)
class _Interval:
    """A filter by range, both ends included."""

    kinds: tuple[WarrantKind, ...] | None
    read: _Value
    low: float
    high: float

    def holds(self, row: _Row) -> bool:
        """Whether a product has such a value, and it lies inside."""
        if self.kinds is not None and row.terms.kind not in self.kinds:
            return False
        return self.low <= self.read(row) <= self.high


def _intervals(c2s: Qot_GetWarrant.C2S) -> list[_Interval]:
    """The ranges that a request sets, in the order of `_RANGES`."""
    found = []
    for name, kinds, read in _RANGES:
        ends = [f"{name}{end}" for end in ("Min", "Max")]
        if any(c2s.HasField(end) for end in ends):
            low, high = (
                trunc(getattr(c2s, end) * _SCALE) / _SCALE if c2s.HasField(end) else unset
                for end, unset in zip(ends, (-inf, inf), strict=True)
            )
            found.append(_Interval(kinds, read, low, high))
    return found


def _write(row: _Row) -> Qot_GetWarrant.WarrantData:
    instrument, terms, figures, quote = row.instrument, row.terms, row.figures, row.quote
    zone = zone_of(instrument.venue)
    data = Qot_GetWarrant.WarrantData(
        stock=write_security(instrument.security),
        owner=write_security(terms.owner),
        type=terms.kind,
        issuer=terms.issuer,
        maturityTime=terms.maturity.isoformat(),
        maturityTimestamp=midnight(terms.maturity, zone),
        listTime=instrument.listing_date,
        listTimestamp=listing_timestamp(instrument.listing_date, instrument.venue),
        lastTradeTime=terms.last_trade_day.isoformat(),
        lastTradeTimestamp=midnight(terms.last_trade_day, zone),
        conversionRatio=terms.conversion_ratio,
        lotSize=instrument.lot_size,
        strikePrice=terms.strike,
        lastClosePrice=quote.previous_close if quote else 0.0,
        name=name_of(instrument, row.call.language),
        curPrice=row.last,
        priceChangeVal=row.change,
        changeRate=round(row.change_rate, 3),
        status=row.status,
        bidPrice=quote.bid if quote else 0.0,
        askPrice=quote.ask if quote else 0.0,
        bidVol=quote.bid_volume if quote else 0,
        askVol=quote.ask_volume if quote else 0,
        volume=quote.volume if quote else 0,
        turnover=quote.turnover if quote else 0.0,
        score=figures.score,
        premium=round(figures.premium, 3),
        breakEvenPoint=round(figures.break_even, 3),
        leverage=round(figures.leverage, 3),
        ipop=round(figures.in_the_money, 3),
        conversionPrice=round(figures.conversion_price, 3),
        streetRate=round(figures.street_rate, 3),
        streetVol=figures.street_volume,
        amplitude=round(row.amplitude, 3),
        issueSize=terms.issue_size,
        highPrice=quote.high if quote else 0.0,
        lowPrice=quote.low if quote else 0.0,
        effectiveLeverage=round(figures.effective_leverage, 3),
    )
    _write_kind(data, row)
    return data


def _write_kind(data: Qot_GetWarrant.WarrantData, row: _Row) -> None:
    """What only some kinds have."""
    terms, figures = row.terms, row.figures
    if terms.kind in _OPTIONS:
        data.impliedVolatility = round(figures.volatility, 3)
        data.delta = round(figures.delta, 3)
    elif terms.kind in _CALLABLE:
        data.recoveryPrice = terms.recovery_price
        data.priceRecoveryRatio = round(figures.recovery_distance, 3)
    else:
        data.upperStrikePrice, data.lowerStrikePrice = terms.upper, terms.lower
        data.inLinePriceStatus = inline_status(terms, figures.spot)
