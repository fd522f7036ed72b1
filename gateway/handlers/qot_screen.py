"""Protocol 3215: screening the universe by market figures, accounts, indicators and patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf, trunc
from operator import attrgetter
from typing import Final, TypeAlias

import numpy as np

from gateway import texts
from gateway.convert.screen_figures import DIGITS, SIMPLE, WHOLE_NUMBERS, cumulative, financial
from gateway.convert.screen_signals import PATTERNS, Indicator, compared, indicator, value_line
from gateway.convert.security import name_of, read_security, write_security
from gateway.errors import ApiError
from gateway.pb import Qot_Common, Qot_StockFilter
from gateway.registry import Call, handles
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Instrument, Market, Period, SecurityType
from simulator.errors import UnknownSecurity
from simulator.market.screening import (
    Between,
    Figure,
    Screen,
    Shows,
    Signal,
    Sorting,
    TooHeavyError,
)
from simulator.market.warming import warm_board, warm_companies, warm_facts, warm_figures

MAX_PAGE: Final = 200
"""Source: [P] Qot_StockFilter.proto."""
MAX_DAYS: Final = 250
"""Of a cumulative figure. Source: [I] about a year."""
MAX_RUNS: Final = 12
"""Source: [P] Qot_StockFilter.proto."""

_MARKETS: Final[dict[int, tuple[Market, ...]]] = {
    Market.HK: (Market.HK,),
    Market.US: (Market.US,),
    Market.SH: (Market.SH, Market.SZ),
    Market.SZ: (Market.SH, Market.SZ),
}
"""Shanghai and Shenzhen are one market here. Source: [P] Qot_StockFilter.proto."""

_PERIODS: Final = {
    Qot_Common.KLType_60Min: Period.MINUTE_60,
    Qot_Common.KLType_Day: Period.DAY,
    Qot_Common.KLType_Week: Period.WEEK,
    Qot_Common.KLType_Month: Period.MONTH,
}
"""Source: [P] Qot_StockFilter.proto allows no others."""

_RangeFilter: TypeAlias = (
    "Qot_StockFilter.BaseFilter | Qot_StockFilter.AccumulateFilter"
    " | Qot_StockFilter.FinancialFilter"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An indicator whose value the rows tell."""

    field: int
    period: int
    indicator: Indicator


@dataclass(slots=True)
class _Request:
    """All filters of a request, read and checked, in the order in which values are returned."""

    base: list[Figure] = field(default_factory=list)
    cumulative: list[Figure] = field(default_factory=list)
    financial: list[Figure] = field(default_factory=list)
    wanted: list[_Wanted] = field(default_factory=list)
    intervals: list[Between] = field(default_factory=list)
    shown: list[Shows] = field(default_factory=list)
    order: Sorting | None = None


def _prepare_screen(call: Call, c2s: Qot_StockFilter.C2S) -> Iterator[None]:
    """The list of companies, today's board of them, and the figures of those that are not on it."""
    market = call.opend.market
    yield from warm_companies(market, _MARKETS.get(c2s.market, ()))
    stocks = _stocks(call, c2s)
    if any(i.is_generated for i in stocks):
        yield from warm_board(market, stocks, call.now_ns)
    yield from warm_facts(market, stocks)
    yield from warm_figures(market, [i for i in stocks if not i.is_generated], call.now_ns)


@handles(ProtoId.Qot_StockFilter, prepare=_prepare_screen)
def filter_stocks(call: Call, c2s: Qot_StockFilter.C2S) -> Qot_StockFilter.S2C:
    """Stocks of a market or plate that meet all conditions, a page of them.

    A filter that says neither `isNoFilter` nor that it filters only adds its value to the rows. The
    first filter with a direction sorts; without one, codes do.

    Raises:
        ApiError: Too large a page, an unknown market, plate, figure or period, no right to screen
            the market, a filter without an interval, or too heavy a request.

    Source: [P] Qot_StockFilter.proto, [O] for the texts; [I] stocks only.
    """
    if c2s.num > MAX_PAGE:
        raise ApiError(texts.TOO_MANY_SECURITIES, limit=MAX_PAGE)
    for name, number in (("num", c2s.num), ("begin", c2s.begin)):
        if number < 0:
            raise ApiError(texts.INVALID_PARAMETER, name=name, value=number)
    request = _read(c2s)
    screen = Screen(call.opend.market, _stocks(call, c2s), call.now_ns)
    try:
        found = screen.select(request.intervals, request.shown)
        page = screen.page(found, request.order, c2s.begin, c2s.num)
        rows = _rows(call, c2s, request, screen, page)
    except TooHeavyError as error:
        raise ApiError(texts.FILTER_TOO_HEAVY) from error
    return Qot_StockFilter.S2C(
        lastPage=c2s.begin + len(page) >= len(found), allCount=len(found), dataList=rows
    )


def _stocks(call: Call, c2s: Qot_StockFilter.C2S) -> list[Instrument]:
    markets = _MARKETS.get(c2s.market)
    if markets is None:
        raise ApiError(texts.INVALID_PARAMETER, name="market", value=c2s.market)
    for market in markets:
        call.opend.quote_access.check_screening(market)
    universe = call.opend.market.universe
    listed: Iterable[Instrument]
    if c2s.HasField("plate"):
        plate = read_security(c2s.plate)
        try:
            listed = universe.members(plate)
        except UnknownSecurity as error:
            raise ApiError(texts.UNKNOWN_PLATE, code=plate.code) from error
    else:
        listed = (i for m in markets for i in universe.instruments(m, SecurityType.EQUITY))
    stocks = [
        i
        for i in listed
        if i.security.market in markets and i.security_type is SecurityType.EQUITY and i.is_tradable
    ]
    return sorted(stocks, key=attrgetter("security"))


# --- reading filters -----------------------------------------------------------------------------


def _read(c2s: Qot_StockFilter.C2S) -> _Request:
    request = _Request()
    for base in c2s.baseFilterList:
        request.base.append(_figure(request, "baseFilterList", base, SIMPLE.get(base.fieldName)))
    for total in c2s.accumulateFilterList:
        if not 0 < total.days <= MAX_DAYS:
            raise _invalid("accumulateFilterList.days", total.days)
        made = cumulative(total.fieldName, total.days)
        request.cumulative.append(_figure(request, "accumulateFilterList", total, made))
    for account in c2s.financialFilterList:
        made = financial(account.fieldName, account.quarter)
        request.financial.append(_figure(request, "financialFilterList", account, made))
    for pattern in c2s.patternFilterList:
        signal = PATTERNS.get(pattern.fieldName)
        if signal is None:
            raise _invalid("patternFilterList.fieldName", pattern.fieldName)
        _show(request, pattern, signal)
    for custom in c2s.customIndicatorFilterList:
        _show(request, custom, _compared(request, custom))
    return request


def _invalid(name: str, value: object) -> ApiError:
    return ApiError(texts.INVALID_PARAMETER, name=name, value=value)


def _figure(request: _Request, name: str, message: _RangeFilter, made: Figure | None) -> Figure:
    if made is None:
        raise _invalid(f"{name}.fieldName", message.fieldName)
    digits = 0 if made in [SIMPLE[number] for number in WHOLE_NUMBERS] else DIGITS
    figure: Figure = lambda columns: np.round(made(columns), digits)  # noqa: E731
    if message.HasField("isNoFilter") and not message.isNoFilter:
        has_low, has_high = message.HasField("filterMin"), message.HasField("filterMax")
        if not has_low and not has_high:
            raise ApiError(texts.FILTER_WITHOUT_INTERVAL)
        low = _cut(message.filterMin) if has_low else -inf
        high = _cut(message.filterMax) if has_high else inf
        request.intervals.append(Between(figure, low, high))
    directions = (Qot_StockFilter.SortDir_Ascend, Qot_StockFilter.SortDir_Descend)
    if request.order is None and message.sortDir in directions:
        is_falling = message.sortDir == Qot_StockFilter.SortDir_Descend
        request.order = Sorting(figure, is_falling)
    return figure


def _cut(bound: float) -> float:
    """Drop what is beyond the third decimal. Source: [P] Qot_StockFilter.proto."""
    shifted = round(bound * 10**DIGITS, 6)
    return trunc(shifted) / 10**DIGITS if abs(shifted) < 2**53 else bound


def _show(
    request: _Request,
    message: Qot_StockFilter.PatternFilter | Qot_StockFilter.CustomIndicatorFilter,
    signal: Signal,
) -> None:
    """Add a condition on bars, unless the filter does not filter."""
    period = _PERIODS.get(message.klType)
    if period is None:
        raise _invalid("klType", message.klType)
    runs = message.consecutivePeriod if message.HasField("consecutivePeriod") else 1
    if not 0 <= runs <= MAX_RUNS:
        raise _invalid("consecutivePeriod", runs)
    if message.HasField("isNoFilter") and not message.isNoFilter:
        request.shown.append(Shows(period, signal, max(runs, 1)))


def _compared(request: _Request, message: Qot_StockFilter.CustomIndicatorFilter) -> Signal:
    first = _indicator(request, message, message.firstFieldName, message.firstFieldParaList)
    if message.secondFieldName == Qot_StockFilter.CustomIndicatorField_Value:
        if not message.HasField("fieldValue"):
            raise ApiError(texts.MISSING_PARAMETER, name="fieldValue")
        second = value_line(message.fieldValue)
    else:
        names = (message.secondFieldName, message.secondFieldParaList)
        second = _indicator(request, message, *names).line
    signal = compared(first.line, second, message.relativePosition)
    if signal is None:
        raise _invalid("relativePosition", message.relativePosition)
    return signal


def _indicator(
    request: _Request,
    message: Qot_StockFilter.CustomIndicatorFilter,
    number: int,
    parameters: Iterable[int],
) -> Indicator:
    found = indicator(number, tuple(parameters))
    if found is None:
        raise _invalid("customIndicatorFilterList.fieldName", number)
    request.wanted.append(_Wanted(number, message.klType, found))
    return found


# --- writing rows --------------------------------------------------------------------------------

_NAMES: Final = (Qot_StockFilter.StockField_StockCode, Qot_StockFilter.StockField_StockName)


def _rows(
    call: Call,
    c2s: Qot_StockFilter.C2S,
    request: _Request,
    screen: Screen,
    page: np.typing.NDArray[np.int64],
) -> list[Qot_StockFilter.StockData]:
    """Each stock with the value of each filter; code and name are no values.

    Source: [P] the Python SDK writes returned values of those two over its code and name.
    """
    if not len(page):
        return []
    columns = screen.columns(page)
    base, total, account = (
        [figure(columns).tolist() for figure in figures]
        for figures in (request.base, request.cumulative, request.financial)
    )
    shown = _indicator_values(request, screen, page)
    rows = []
    for at, place in enumerate(page.tolist()):
        instrument = screen.instruments[place]
        rows.append(
            Qot_StockFilter.StockData(
                security=write_security(instrument.security),
                name=name_of(instrument, call.language),
                baseDataList=[
                    Qot_StockFilter.BaseData(fieldName=f.fieldName, value=values[at])
                    for f, values in zip(c2s.baseFilterList, base, strict=True)
                    if f.fieldName not in _NAMES
                ],
                accumulateDataList=[
                    Qot_StockFilter.AccumulateData(
                        fieldName=f.fieldName, value=values[at], days=f.days
                    )
                    for f, values in zip(c2s.accumulateFilterList, total, strict=True)
                ],
                financialDataList=[
                    Qot_StockFilter.FinancialData(
                        fieldName=f.fieldName, value=values[at], quarter=f.quarter
                    )
                    for f, values in zip(c2s.financialFilterList, account, strict=True)
                ],
                customIndicatorDataList=[
                    Qot_StockFilter.CustomIndicatorData(
                        fieldName=wanted.field,
                        value=values[at],
                        klType=wanted.period,
                        fieldParaList=wanted.indicator.parameters,
                    )
                    for wanted, values in zip(request.wanted, shown, strict=True)
                    if not np.isnan(values[at])
                ],
            )
        )
    return rows


def _indicator_values(
    request: _Request, screen: Screen, page: np.typing.NDArray[np.int64]
) -> list[list[float]]:
    periods = {wanted.period for wanted in request.wanted}
    bars = {period: screen.bars(page, _PERIODS[period]) for period in periods}
    return [
        np.round(wanted.indicator.line(bars[wanted.period])[:, -1], DIGITS).tolist()
        for wanted in request.wanted
    ]
