"""Protocols 3103–3105, 3201 and 3219: candles of the past, their quota, trading days."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

from gateway import texts
from gateway.convert.candle import CandleContext, add_candles, read_adjustment, read_period
from gateway.convert.hours import hours_for, read_hours
from gateway.convert.rehab import write_rehab
from gateway.convert.security import find, name_of, write_security
from gateway.convert.subscription import OPTION_PERIODS
from gateway.convert.times import local_time, midnight, parse_begin, parse_range, zone_of
from gateway.errors import ApiError
from gateway.pb import (
    Qot_Common,
    Qot_GetSuspend,
    Qot_RequestHistoryKL,
    Qot_RequestHistoryKLQuota,
    Qot_RequestRehab,
    Qot_RequestTradeDate,
)
from gateway.registry import Call, handles
from gateway.session.option_chains import option_quota
from gateway.session.quotas import HISTORY_WINDOW_NS
from gateway.wire.ft_frame import BodyFormat
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Candles, Instrument, Period, SecurityType, Venue
from simulator.errors import UnsupportedPeriod
from simulator.market.candles import Chart
from simulator.trading_days import DayKind, TradingDay, TradingHours, calendar_for

MAX_PAGE: Final = 1000
"""Candles a page where a number is asked for. Source: [O]."""

MAX_UNLIMITED_PAGE: Final = 20_000
"""Candles a page where none is. Source: [P] "no limit"; [I] that even so a page ends somewhere."""

_MINUTES_DEPTH: Final = 8
_DAYS_DEPTH: Final = 20
"""Years back. Source: [D]; longer periods reach to the listing."""

_LONGEST_EXTENDED: Final = 60
"""Minutes of the longest candles that exist outside regular hours. Source: [P]."""

_LEAST_MINUTES_A_DAY: Final = 240
"""The shortest regular trading day, of the mainland's exchanges."""

_EPOCH: Final = datetime.fromisoformat("1970-01-01")

_QUOTA_ZONE: Final = ZoneInfo("Asia/Hong_Kong")
"""Of the times in the quota's ledger. [I]"""

_KEY: Final = struct.Struct("<q8s")


@dataclass(frozen=True, slots=True)
class _Question:
    """One page of history, its arguments understood."""

    instrument: Instrument
    period: Period
    begin: datetime
    end: datetime
    limit: int
    chart: Chart
    check: bytes
    """Digest of the arguments that all pages must share."""


@handles(ProtoId.Qot_RequestHistoryKL)
def request_candles(call: Call, c2s: Qot_RequestHistoryKL.C2S) -> Qot_RequestHistoryKL.S2C:
    """Candles whose labels lie in a range, oldest first, page by page.

    `nextReqKey` is there only while more remains; it carries the label of the next candle and a
    check of the other arguments. Its bytes cannot travel in the JSON that the SDK reads, so a JSON
    client gets everything on one page. Extended American hours exist for periods up to 60 minutes.

    Raises:
        ApiError: A time, type or key is unreadable, there is no right to the quotes, or the quota
            is used up.
        UnknownSecurity, UnsupportedPeriod: As named.

    Source: [P] Qot_RequestHistoryKL.proto; [D], [O].
    """
    question = _read_question(call, c2s)
    security = question.instrument.security
    call.opend.quote_access.check_quotes(question.instrument)
    if not call.opend.history_quota.admit(security, call.opend.login.history_quota, call.now_ns):
        raise _quota_used_up(call)
    candles = _page(call, question)
    more = len(candles) > question.limit
    page = candles.slice(0, question.limit) if more else candles
    context = CandleContext(
        question.instrument, question.period, call.opend.market.fundamentals(security)
    )
    s2c = Qot_RequestHistoryKL.S2C(
        security=write_security(security),
        name=name_of(question.instrument, call.language),
    )
    add_candles(s2c, context, page, c2s.needKLFieldsFlag)
    if more:
        s2c.nextReqKey = _KEY.pack(int(candles.time_ns[question.limit]), question.check)
    return s2c


def _read_question(call: Call, c2s: Qot_RequestHistoryKL.C2S) -> _Question:
    instrument = find(call.opend.market.universe, c2s.security)
    period = read_period(c2s.klType)
    if instrument.security_type is SecurityType.OPTION and period not in OPTION_PERIODS:
        raise UnsupportedPeriod(instrument.security, period)
    chart = Chart(read_adjustment(c2s.rehabType), _hours(instrument, period, c2s))
    begin, end = parse_range(c2s.beginTime, c2s.endTime)
    check = _digest(c2s)
    if c2s.HasField("nextReqKey"):
        begin = _read_key(c2s.nextReqKey, check, zone_of(instrument.venue))
    oldest = _oldest(call, instrument, period)
    return _Question(instrument, period, max(begin, oldest), end, _limit(call, c2s), chart, check)


def _hours(instrument: Instrument, period: Period, c2s: Qot_RequestHistoryKL.C2S) -> TradingHours:
    wanted = read_hours(c2s.session, extended_time=c2s.extendedTime)
    if period.minutes is None or period.minutes > _LONGEST_EXTENDED:
        return TradingHours.REGULAR
    return hours_for(instrument, wanted)


def _limit(call: Call, c2s: Qot_RequestHistoryKL.C2S) -> int:
    if c2s.HasField("maxAckKLNum") and c2s.maxAckKLNum <= 0:
        raise ApiError(texts.INVALID_PARAMETER, name="maxAckKLNum", value=c2s.maxAckKLNum)
    if call.body_format == BodyFormat.JSON:
        return 1 << 31
    if not c2s.HasField("maxAckKLNum"):
        return MAX_UNLIMITED_PAGE
    return min(c2s.maxAckKLNum, MAX_PAGE)


def _digest(c2s: Qot_RequestHistoryKL.C2S) -> bytes:
    """Of all that must not change from page to page; the page's size may."""
    shared = Qot_RequestHistoryKL.C2S()
    shared.CopyFrom(c2s)
    for name in ("maxAckKLNum", "nextReqKey", "header"):
        shared.ClearField(name)
    return blake2b(shared.SerializeToString(deterministic=True), digest_size=8).digest()


def _read_key(key: bytes, check: bytes, zone: ZoneInfo) -> datetime:
    try:
        time_ns, found = _KEY.unpack(key)
    except struct.error as error:
        raise ApiError(texts.INVALID_PAGE_KEY) from error
    if found != check:
        raise ApiError(texts.INVALID_PAGE_KEY)
    return datetime.fromtimestamp(time_ns // NS_PER_S, zone).replace(tzinfo=None)


def _oldest(call: Call, instrument: Instrument, period: Period) -> datetime:
    """Where history begins. Source: [D]; [O] to the day, so many years back."""
    if period > Period.DAY and period.minutes is None:
        return _EPOCH
    years = _DAYS_DEPTH if period is Period.DAY else _MINUTES_DEPTH
    today = call.opend.market.trading_date(instrument.security, call.now_ns)
    return _years_before(today, years)


def _years_before(day: date, years: int) -> datetime:
    first = day.replace(year=day.year - years, day=min(day.day, 28))
    return datetime.combine(first, time())


def _page(call: Call, question: _Question) -> Candles:
    """At least one candle more than the page takes, if there are so many.

    Minutes are made day by day, so a long range is read in growing stretches until a page is full.
    """
    market, security = call.opend.market, question.instrument.security
    begin, end = question.begin, question.end
    stretch = _stretch(question)
    while True:
        until = end if end - begin <= stretch else begin + stretch
        candles = market.candles(
            security, question.period, begin, until, call.now_ns, question.chart
        )
        if len(candles) > question.limit or until >= end:
            return candles
        stretch *= 2


def _quota_used_up(call: Call) -> ApiError:
    quota, total = call.opend.history_quota, call.opend.login.history_quota
    if quota.window_ns != HISTORY_WINDOW_NS:
        return ApiError(texts.HISTORY_QUOTA_USED_UP_FOR_A_MONTH)
    return ApiError(
        texts.HISTORY_QUOTA_USED_UP,
        used=quota.used(call.now_ns),
        total=total,
        option_used=quota.option_used(call.now_ns),
        option_total=option_quota(total),
    )


def _stretch(question: _Question) -> timedelta:
    """A range that is likely to fill a page."""
    minutes = question.period.minutes
    if minutes is None:
        return timedelta.max
    days = question.limit * minutes // _LEAST_MINUTES_A_DAY + 2
    return timedelta(days=min(days * 7 // 5 + 4, 3660))


@handles(ProtoId.Qot_RequestHistoryKLQuota)
def request_quota(call: Call, c2s: Qot_RequestHistoryKLQuota.C2S) -> Qot_RequestHistoryKLQuota.S2C:
    """How many securities' history was read in the last days, and which.

    Source: [P] Qot_RequestHistoryKLQuota.proto; [D]; [I] options are listed, one for its chain, but
        not counted, for the message has no field for their quota.
    """
    uses = call.opend.history_quota.uses(call.now_ns)
    used = call.opend.history_quota.used(call.now_ns)
    universe = call.opend.market.universe
    return Qot_RequestHistoryKLQuota.S2C(
        usedQuota=used,
        remainQuota=max(call.opend.login.history_quota - used, 0),
        detailList=[
            Qot_RequestHistoryKLQuota.DetailItem(
                security=write_security(use.security),
                name=name_of(universe.get(use.security), call.language),
                requestTime=local_time(use.first_ns, _QUOTA_ZONE),
                requestTimeStamp=use.first_ns // NS_PER_S,
            )
            for use in uses
            if c2s.bGetDetail
        ],
    )


@handles(ProtoId.Qot_RequestRehab)
def request_rehab(call: Call, c2s: Qot_RequestRehab.C2S) -> Qot_RequestRehab.S2C:
    """All corporate actions up to today, oldest first, and their factors.

    Source: [P] Qot_RequestRehab.proto; [I] those announced for later days are left out.
    """
    instrument = find(call.opend.market.universe, c2s.security)
    table = call.opend.market.adjustments(instrument.security, call.now_ns)
    return Qot_RequestRehab.S2C(
        rehabList=[
            write_rehab(instrument, action, factors)
            for action, factors in zip(table.actions, table.factors, strict=True)
        ]
    )


@handles(ProtoId.Qot_GetSuspend)
def get_suspensions(call: Call, c2s: Qot_GetSuspend.C2S) -> Qot_GetSuspend.S2C:
    """Trading days up to today on which each security was suspended; all securities are listed.

    Source: [P] Qot_GetSuspend.proto.
    """
    begin, end = parse_range(c2s.beginTime, c2s.endTime)
    instruments = [find(call.opend.market.universe, security) for security in c2s.securityList]
    return Qot_GetSuspend.S2C(
        SecuritySuspendList=[_suspensions(call, i, begin.date(), end.date()) for i in instruments]
    )


def _suspensions(
    call: Call, instrument: Instrument, begin: date, end: date
) -> Qot_GetSuspend.SecuritySuspend:
    market, zone = call.opend.market, zone_of(instrument.venue)
    end = min(end, market.trading_date(instrument.security, call.now_ns))
    return Qot_GetSuspend.SecuritySuspend(
        security=write_security(instrument.security),
        suspendList=[
            Qot_GetSuspend.Suspend(time=day.isoformat(), timestamp=midnight(day, zone))
            for day in market.suspended_days(instrument.security, begin, end)
        ],
    )


@handles(ProtoId.Qot_RequestTradeDate)
def request_trading_days(call: Call, c2s: Qot_RequestTradeDate.C2S) -> Qot_RequestTradeDate.S2C:
    """The trading days of a market, or of a security's venue, both ends inclusive.

    Stock Connect trades where both its markets do.

    Raises:
        ApiError: A time is unreadable, the range reversed, or the market not ours.

    Source: [P] Qot_RequestTradeDate.proto; [D] ten years back, to the end of this year; [I] Stock
        Connect's days.
    """
    venues = _venues(call, c2s)
    begin, end = parse_begin(c2s.beginTime).date(), parse_begin(c2s.endTime).date()
    if begin > end:
        raise ApiError(texts.REVERSED_TIME_RANGE)
    zone = zone_of(venues[0])
    market_ns = call.opend.market.timeline.market_ns(venues[0], call.now_ns)
    today = datetime.fromtimestamp(market_ns // NS_PER_S, zone).date()
    begin = max(begin, _years_before(today, 10).date())
    end = min(end, date(today.year, 12, 31))
    days = calendar_for(venues[0]).trading_days(begin, end)
    for other in venues[1:]:
        days = [day for day in days if calendar_for(other).is_trading_day(day.day)]
    return Qot_RequestTradeDate.S2C(tradeDateList=[_trade_date(day, zone) for day in days])


def _venues(call: Call, c2s: Qot_RequestTradeDate.C2S) -> tuple[Venue, ...]:
    if c2s.HasField("security"):
        return (find(call.opend.market.universe, c2s.security).venue,)
    venues = _TRADE_DATE_VENUES.get(c2s.market)
    if venues is None:
        raise ApiError(texts.INVALID_PARAMETER, name="market", value=c2s.market)
    return venues


_TRADE_DATE_VENUES: Final[dict[int, tuple[Venue, ...]]] = {
    Qot_Common.TradeDateMarket_HK: (Venue.HK_STOCK,),
    Qot_Common.TradeDateMarket_US: (Venue.US_STOCK,),
    Qot_Common.TradeDateMarket_CN: (Venue.CN_STOCK,),
    Qot_Common.TradeDateMarket_NT: (Venue.CN_STOCK, Venue.HK_STOCK),
    Qot_Common.TradeDateMarket_ST: (Venue.HK_STOCK, Venue.CN_STOCK),
    Qot_Common.TradeDateMarket_JP_Future: (Venue.JP_FUTURE,),
    Qot_Common.TradeDateMarket_SG_Future: (Venue.SG_FUTURE,),
}


def _trade_date(day: TradingDay, zone: ZoneInfo) -> Qot_RequestTradeDate.TradeDate:
    is_whole = day.kind is DayKind.WHOLE
    return Qot_RequestTradeDate.TradeDate(
        time=day.day.isoformat(),
        timestamp=midnight(day.day, zone),
        tradeDateType=Qot_Common.TradeDateType_Whole
        if is_whole
        else Qot_Common.TradeDateType_Morning,
    )
