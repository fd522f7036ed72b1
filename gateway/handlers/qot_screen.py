"""Protocol 3215: screening the universe by simple, cumulative and financial figures.

Only figures that this market has are screened by; a filter on another one is refused and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, TypeAlias

from gateway import texts
from gateway.convert.security import name_of, read_security, write_security
from gateway.errors import ApiError
from gateway.pb import Qot_StockFilter
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, Period, Quote, SecurityType
from simulator.errors import UnknownSecurity
from simulator.market.statistics import Statistics

MAX_PAGE: Final = 200
"""Source: [P] Qot_StockFilter.proto."""

_MARKETS: Final[dict[int, tuple[Market, ...]]] = {
    Market.HK: (Market.HK,),
    Market.US: (Market.US,),
    Market.SH: (Market.SH, Market.SZ),
    Market.SZ: (Market.SH, Market.SZ),
}
"""Shanghai and Shenzhen are one market here. Source: [P] Qot_StockFilter.proto."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A stock with the figures that filters look at."""

    call: Call
    instrument: Instrument
    quote: Quote
    statistics: Statistics


_Figure = Callable[[_Candidate], float]


_RangeFilter: TypeAlias = (
    "Qot_StockFilter.BaseFilter | Qot_StockFilter.AccumulateFilter"
    " | Qot_StockFilter.FinancialFilter"
)


@dataclass(frozen=True, slots=True)
class _Condition:
    """One filter, ready to be applied."""

    figure: _Figure
    low: float
    high: float
    sort_direction: int

    def admits(self, candidate: _Candidate) -> bool:
        return self.low <= self.figure(candidate) <= self.high


@dataclass(frozen=True, slots=True)
class _Conditions:
    """All filters of a request, in the order in which their values are returned."""

    base: list[_Condition]
    cumulative: list[_Condition]
    financial: list[_Condition]

    @property
    def all(self) -> list[_Condition]:
        return [*self.base, *self.cumulative, *self.financial]


@handles(ProtoId.Qot_StockFilter)
def filter_stocks(call: Call, c2s: Qot_StockFilter.C2S) -> Qot_StockFilter.S2C:
    """Stocks of a market or plate that meet all conditions, a page of them.

    A filter that says neither `isNoFilter` nor that it filters only adds its value to the rows. The
    first filter with a direction sorts; without one, codes do.

    Raises:
        ApiError: Too large a page, an unknown market or plate, no right to screen it, a figure
            that this market does not have, or a filter without an interval.

    Source: [P] Qot_StockFilter.proto, [O] opend_facts 1.4 for the interval; [I] stocks only.
    """
    if not 0 <= c2s.num <= MAX_PAGE:
        raise ApiError(texts.INVALID_PARAMETER, name="num", value=c2s.num)
    if c2s.begin < 0:
        raise ApiError(texts.INVALID_PARAMETER, name="begin", value=c2s.begin)
    conditions = _read_conditions(c2s)
    found = [
        candidate
        for candidate in (_candidate(call, i) for i in _stocks(call, c2s))
        if all(condition.admits(candidate) for condition in conditions.all)
    ]
    _sort(found, conditions.all)
    page = found[c2s.begin : c2s.begin + c2s.num]
    return Qot_StockFilter.S2C(
        lastPage=c2s.begin + len(page) >= len(found),
        allCount=len(found),
        dataList=[_row(call, c2s, conditions, candidate) for candidate in page],
    )


def _stocks(call: Call, c2s: Qot_StockFilter.C2S) -> Iterable[Instrument]:
    markets = _MARKETS.get(c2s.market)
    if markets is None:
        raise ApiError(texts.INVALID_PARAMETER, name="market", value=c2s.market)
    for market in markets:
        call.opend.quote_access.check_screening(market)
    universe = call.opend.market.universe
    if c2s.HasField("plate"):
        plate = read_security(c2s.plate)
        try:
            listed = universe.members(plate)
        except UnknownSecurity as error:
            raise ApiError(texts.UNKNOWN_PLATE, code=plate.code) from error
    else:
        listed = universe.instruments(security_type=SecurityType.EQUITY)
    return [
        i
        for i in sorted(listed, key=lambda i: i.security)
        if i.security.market in markets and i.security_type is SecurityType.EQUITY
    ]


def _candidate(call: Call, instrument: Instrument) -> _Candidate:
    market, security = call.opend.market, instrument.security
    return _Candidate(
        call,
        instrument,
        market.quote(security, call.now_ns),
        market.statistics(security, call.now_ns),
    )


def _sort(found: list[_Candidate], conditions: Sequence[_Condition]) -> None:
    for condition in conditions:
        if condition.sort_direction in (
            Qot_StockFilter.SortDir_Ascend,
            Qot_StockFilter.SortDir_Descend,
        ):
            is_falling = condition.sort_direction == Qot_StockFilter.SortDir_Descend
            found.sort(key=condition.figure, reverse=is_falling)
            return


# --- reading filters -----------------------------------------------------------------------------


def _read_conditions(c2s: Qot_StockFilter.C2S) -> _Conditions:
    if c2s.patternFilterList:
        raise _unsupported("patternFilterList", c2s.patternFilterList[0].fieldName)
    if c2s.customIndicatorFilterList:
        field = c2s.customIndicatorFilterList[0].firstFieldName
        raise _unsupported("customIndicatorFilterList", field)
    return _Conditions(
        [_condition(f, _figure("baseFilterList", f.fieldName, _BASE)) for f in c2s.baseFilterList],
        [_condition(f, _over_days(f)) for f in c2s.accumulateFilterList],
        [
            _condition(f, _figure("financialFilterList", f.fieldName, _FINANCIAL))
            for f in c2s.financialFilterList
        ],
    )


def _condition(message: _RangeFilter, figure: _Figure) -> _Condition:
    if message.isNoFilter or not message.HasField("isNoFilter"):
        return _Condition(figure, -inf, inf, message.sortDir)
    has_low, has_high = message.HasField("filterMin"), message.HasField("filterMax")
    if not has_low and not has_high:
        raise ApiError(texts.FILTER_WITHOUT_INTERVAL)
    low = message.filterMin if has_low else -inf
    high = message.filterMax if has_high else inf
    return _Condition(figure, low, high, message.sortDir)


def _figure(name: str, field: int, figures: dict[int, _Figure]) -> _Figure:
    figure = figures.get(field)
    if figure is None:
        raise _unsupported(name, field)
    return lambda candidate: round(figure(candidate), 3)


def _unsupported(name: str, field: int) -> ApiError:
    return ApiError(texts.INVALID_PARAMETER, name=f"{name}.fieldName", value=field)


def _over_days(message: Qot_StockFilter.AccumulateFilter) -> _Figure:
    """A figure of the last `days` day candles, today's included."""
    make, days = _CUMULATIVE.get(message.fieldName), message.days
    if make is None:
        raise _unsupported("accumulateFilterList", message.fieldName)
    if not 0 < days <= _MAX_DAYS:
        raise ApiError(texts.INVALID_PARAMETER, name="accumulateFilterList.days", value=days)
    return lambda candidate: round(make(_stretch(candidate, days)), 3)


_MAX_DAYS: Final = 1000


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some day candles, summed up."""

    close: float
    close_before: float
    high: float
    low: float
    volume: float
    turnover: float
    days: int
    shares: int


def _stretch(candidate: _Candidate, days: int) -> _Stretch:
    call, security = candidate.call, candidate.instrument.security
    bars = call.opend.market.recent_candles(security, Period.DAY, days, call.now_ns)
    if not len(bars):
        return _Stretch(0, 0, 0, 0, 0, 0, 1, 0)
    return _Stretch(
        close=float(bars.close[-1]),
        close_before=float(bars.previous_close[0]),
        high=float(bars.high.max()),
        low=float(bars.low.min()),
        volume=float(bars.volume.sum()),
        turnover=float(bars.turnover.sum()),
        days=len(bars),
        shares=candidate.statistics.fundamentals.outstanding_shares,
    )


def _percent(part: float, whole: float) -> float:
    return part / whole * 100 if whole else 0.0


_CUMULATIVE: Final[dict[int, Callable[[_Stretch], float]]] = {
    Qot_StockFilter.AccumulateField_ChangeRate: lambda s: _percent(
        s.close - s.close_before, s.close_before
    ),
    Qot_StockFilter.AccumulateField_Amplitude: lambda s: _percent(s.high - s.low, s.close_before),
    Qot_StockFilter.AccumulateField_Volume: lambda s: s.volume // s.days,
    Qot_StockFilter.AccumulateField_Turnover: lambda s: s.turnover / s.days,
    Qot_StockFilter.AccumulateField_TurnoverRate: lambda s: _percent(s.volume, s.shares),
}
"""Source: [P] AccumulateField: volume and turnover are means of the days."""


def _change(value: float, base: float) -> float:
    return _percent(value - base, base)


def _year_change(candidate: _Candidate) -> float:
    call, security = candidate.call, candidate.instrument.security
    bars = call.opend.market.recent_candles(security, Period.YEAR, 1, call.now_ns)
    return _change(candidate.quote.last, float(bars.previous_close[-1])) if len(bars) else 0.0


_BASE: Final[dict[int, _Figure]] = {
    Qot_StockFilter.StockField_StockCode: lambda c: 0.0,
    Qot_StockFilter.StockField_StockName: lambda c: 0.0,
    Qot_StockFilter.StockField_CurPrice: lambda c: c.quote.last,
    Qot_StockFilter.StockField_CurPriceToHighest52WeeksRatio: lambda c: _change(
        c.quote.last, c.statistics.high_52_weeks
    ),
    Qot_StockFilter.StockField_CurPriceToLowest52WeeksRatio: lambda c: _change(
        c.quote.last, c.statistics.low_52_weeks
    ),
    Qot_StockFilter.StockField_HighPriceToHighest52WeeksRatio: lambda c: _change(
        c.quote.high, c.statistics.high_52_weeks
    ),
    Qot_StockFilter.StockField_LowPriceToLowest52WeeksRatio: lambda c: _change(
        c.quote.low, c.statistics.low_52_weeks
    ),
    Qot_StockFilter.StockField_VolumeRatio: lambda c: c.statistics.volume_ratio,
    Qot_StockFilter.StockField_BidAskRatio: lambda c: c.statistics.bid_ask_ratio,
    Qot_StockFilter.StockField_LotPrice: lambda c: c.quote.last * c.instrument.lot_size,
    Qot_StockFilter.StockField_MarketVal: lambda c: c.statistics.market_value,
    Qot_StockFilter.StockField_PeAnnual: lambda c: c.statistics.pe,
    Qot_StockFilter.StockField_PeTTM: lambda c: c.statistics.pe_ttm,
    Qot_StockFilter.StockField_PbRate: lambda c: c.statistics.pb,
    Qot_StockFilter.StockField_ChangeRate5min: lambda c: _change(
        c.quote.last, c.statistics.close_5_minutes_ago
    ),
    Qot_StockFilter.StockField_ChangeRateBeginYear: _year_change,
    Qot_StockFilter.StockField_TotalShare: lambda c: c.statistics.fundamentals.issued_shares,
    Qot_StockFilter.StockField_FloatShare: lambda c: c.statistics.fundamentals.outstanding_shares,
    Qot_StockFilter.StockField_FloatMarketVal: lambda c: c.statistics.outstanding_market_value,
}
"""Code and name only stand in a list of wanted columns. Source: [P] StockField."""


_FINANCIAL: Final[dict[int, _Figure]] = {
    Qot_StockFilter.FinancialField_NetProfit: lambda c: c.statistics.fundamentals.net_profit,
    Qot_StockFilter.FinancialField_ReturnOnEquityRate: lambda c: _percent(
        c.statistics.fundamentals.net_profit, c.statistics.fundamentals.net_assets
    ),
    Qot_StockFilter.FinancialField_CurrentRatio: lambda c: c.statistics.fundamentals.current_ratio,
    Qot_StockFilter.FinancialField_BasicEPS: lambda c: c.statistics.fundamentals.earnings_per_share,
}
"""The same in every `quarter`: only the last financial year is known. [I]"""


# --- writing rows --------------------------------------------------------------------------------


def _row(
    call: Call, c2s: Qot_StockFilter.C2S, conditions: _Conditions, candidate: _Candidate
) -> Qot_StockFilter.StockData:
    """A stock with the value of each filter; code and name are no values.

    Source: [P] the Python SDK writes returned values of those two over its code and name.
    """
    return Qot_StockFilter.StockData(
        security=write_security(candidate.instrument.security),
        name=name_of(candidate.instrument, call.language),
        baseDataList=[
            Qot_StockFilter.BaseData(fieldName=f.fieldName, value=condition.figure(candidate))
            for f, condition in zip(c2s.baseFilterList, conditions.base, strict=True)
            if f.fieldName not in _NAMES
        ],
        accumulateDataList=[
            Qot_StockFilter.AccumulateData(
                fieldName=f.fieldName, value=condition.figure(candidate), days=f.days
            )
            for f, condition in zip(c2s.accumulateFilterList, conditions.cumulative, strict=True)
        ],
        financialDataList=[
            Qot_StockFilter.FinancialData(
                fieldName=f.fieldName, value=condition.figure(candidate), quarter=f.quarter
            )
            for f, condition in zip(c2s.financialFilterList, conditions.financial, strict=True)
        ],
    )


_NAMES: Final = (Qot_StockFilter.StockField_StockCode, Qot_StockFilter.StockField_StockName)
