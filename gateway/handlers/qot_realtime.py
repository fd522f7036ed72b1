"""Protocols 3004–3015: what is subscribed, asked for or pushed.

A getter answers from the same market at the same instant as the snapshot and the history do, so all
of them agree. A push tells the state at the instant of its event.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway import texts
from gateway.convert.candle import CandleContext, add_candles, read_adjustment, read_period
from gateway.convert.derivative import add_basic_figures
from gateway.convert.quote import (
    add_orders,
    basic_quote,
    sessions_of,
    write_brokers,
    write_levels,
    write_points,
    write_sessions,
    write_trades,
)
from gateway.convert.security import find, name_of, write_security
from gateway.convert.subscription import (
    PERIOD_OF_SUB_TYPE,
    SUB_TYPE_NAMES,
    SUB_TYPE_OF_PERIOD,
)
from gateway.convert.times import local_time_ms, timestamp, zone_of
from gateway.errors import ApiError
from gateway.pb import (
    Qot_Common,
    Qot_GetBasicQot,
    Qot_GetBroker,
    Qot_GetKL,
    Qot_GetOrderBook,
    Qot_GetRT,
    Qot_GetTicker,
    Qot_UpdateBasicQot,
    Qot_UpdateBroker,
    Qot_UpdateKL,
    Qot_UpdateOrderBook,
    Qot_UpdateRT,
    Qot_UpdateTicker,
)
from gateway.registry import Call, Feed, Trigger, handles, publishes
from gateway.session.opend import OpenD, Poll, WrittenQuote
from gateway.session.subscriptions import Unit
from gateway.wire.codec import Written
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Adjustment, Instrument, Venue
from simulator.market.candles import Chart
from simulator.trading_days import TradingHours

MAX_CANDLES: Final = 1000
"""Source: [D]."""

MAX_TRADES: Final = 1000
"""Source: [D]."""

PUSHED_LEVELS: Final = 10
"""Levels in a push, if the quote right shows so many. [I]: the number that a client asks for by default."""

_FIRST_TRADES: Final = 10
"""Prints of today that a first push repeats. [I]"""


class _Interface(NamedTuple):
    """How a getter is called in the text that asks for a subscription."""

    zh: str
    en: str


_QUOTE: Final = _Interface("实时报价", "Real-time Quotes")
_CANDLE: Final = _Interface("实时K线", "Real-time Candlestick")
_INTRADAY: Final = _Interface("实时分时", "Real-time Intraday Data")
_TRADE: Final = _Interface("实时逐笔", "Real-time Tick-by-Tick Data")
_BOOK: Final = _Interface("实时摆盘", "Real-time Order Book")
_BROKER: Final = _Interface("实时经纪队列", "Real-time Broker Queue")
"""Source: [O], but [I] the names of the candle's and the broker queue's."""


# --- getters -------------------------------------------------------------------------------------


@handles(ProtoId.Qot_GetBasicQot, only_reads=True)
def get_quotes(call: Call, c2s: Qot_GetBasicQot.C2S) -> Written:
    """Quotes of subscribed securities, in the order asked for.

    Source: [P] Qot_GetBasicQot.proto; [O] the text without a subscription.
    """
    if not c2s.securityList:
        raise ApiError(texts.MISSING_PARAMETER, name="securityList")
    opend, now_ns = call.opend, call.now_ns
    quotes = [_quote(opend, instrument, now_ns).row for instrument in _polled(call, c2s)]
    return Written(Qot_GetBasicQot.S2C, b"".join(quotes))


@handles(ProtoId.Qot_GetKL)
def get_candles(call: Call, c2s: Qot_GetKL.C2S) -> Qot_GetKL.S2C:
    """The latest candles, the running one last, of the hours that were subscribed.

    Source: [P] Qot_GetKL.proto; [D] at most 1000.
    """
    period = read_period(c2s.klType)
    adjustment = read_adjustment(c2s.rehabType)
    sub_type = SUB_TYPE_OF_PERIOD[period]
    instrument = _subscribed(call, c2s.security, sub_type, _CANDLE)
    count = _count("reqNum", c2s.reqNum, MAX_CANDLES)
    market = call.opend.market
    chart = Chart(adjustment, _hours(call, instrument, sub_type))
    candles = market.recent_candles(instrument.security, period, count, call.now_ns, chart)
    s2c = Qot_GetKL.S2C(
        security=write_security(instrument.security), name=name_of(instrument, call.language)
    )
    facts = market.fundamentals(instrument.security)
    add_candles(s2c, CandleContext(instrument, period, facts), candles)
    return s2c


@handles(ProtoId.Qot_GetRT)
def get_intraday(call: Call, c2s: Qot_GetRT.C2S) -> Qot_GetRT.S2C:
    """Today's line up to the running minute. Source: [P] Qot_GetRT.proto."""
    instrument = _subscribed(call, c2s.security, Qot_Common.SubType_RT, _INTRADAY)
    hours = _hours(call, instrument, Qot_Common.SubType_RT)
    points = call.opend.market.intraday(instrument.security, call.now_ns, hours)
    return Qot_GetRT.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, call.language),
        rtList=write_points(instrument, points),
    )


@handles(ProtoId.Qot_GetTicker)
def get_trades(call: Call, c2s: Qot_GetTicker.C2S) -> Qot_GetTicker.S2C:
    """The latest prints of today, oldest first. Source: [P] Qot_GetTicker.proto; [D] at most 1000."""
    instrument = _subscribed(call, c2s.security, Qot_Common.SubType_Ticker, _TRADE)
    count = _count("maxRetNum", c2s.maxRetNum, MAX_TRADES)
    hours = _hours(call, instrument, Qot_Common.SubType_Ticker)
    trades = call.opend.market.trades(instrument.security, call.now_ns, count, hours)
    return Qot_GetTicker.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, call.language),
        tickerList=write_trades(instrument, trades, Qot_Common.PushDataType_Cache, call.now_ns),
    )


@handles(ProtoId.Qot_GetOrderBook)
def get_order_book(call: Call, c2s: Qot_GetOrderBook.C2S) -> Qot_GetOrderBook.S2C:
    """Both sides of the book, users' orders included; no deeper than the quote right shows.

    Source: [P] Qot_GetOrderBook.proto; [D] depths.
    """
    if c2s.orderBookType == Qot_Common.OrderBookType_Odd:
        raise ApiError(texts.INVALID_PARAMETER, name="orderBookType", value=c2s.orderBookType)
    instrument = _subscribed(call, c2s.security, Qot_Common.SubType_OrderBook, _BOOK)
    if c2s.num <= 0:
        raise ApiError(texts.INVALID_PARAMETER, name="num", value=c2s.num)
    unit = Unit(instrument.security, Qot_Common.SubType_OrderBook)
    s2c = Qot_GetOrderBook.S2C(
        security=write_security(instrument.security), name=name_of(instrument, call.language)
    )
    _fill_book(
        s2c,
        call.opend,
        instrument,
        call.now_ns,
        c2s.num,
        wants_orders=call.opend.subscriptions.shows_orders(call.connection.conn_id, unit),
    )
    return s2c


@handles(ProtoId.Qot_GetBroker)
def get_broker_queue(call: Call, c2s: Qot_GetBroker.C2S) -> Qot_GetBroker.S2C:
    """Who stands in the queue. Source: [P] Qot_GetBroker.proto; [D] Hong Kong's stocks only."""
    instrument = _subscribed(call, c2s.security, Qot_Common.SubType_Broker, _BROKER)
    asks, bids = _brokers(call.opend, instrument, call.now_ns)
    return Qot_GetBroker.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, call.language),
        brokerAskList=asks,
        brokerBidList=bids,
    )


# --- pushes --------------------------------------------------------------------------------------


@publishes(ProtoId.Qot_UpdateBasicQot, Qot_Common.SubType_Basic, on=Trigger.TRADES)
def push_quote(feed: Feed) -> Qot_UpdateBasicQot.S2C:
    """The quote after new prints. Source: [P] Qot_UpdateBasicQot.proto."""
    return Qot_UpdateBasicQot.S2C(
        basicQotList=[_quote(feed.opend, _instrument(feed), feed.now_ns).message]
    )


@publishes(ProtoId.Qot_UpdateKL, *PERIOD_OF_SUB_TYPE, on=Trigger.TRADES)
def push_candle(feed: Feed) -> Qot_UpdateKL.S2C | None:
    """The running candle. Source: [P] Qot_UpdateKL.proto; [O] one candle a push."""
    instrument = _instrument(feed)
    period = PERIOD_OF_SUB_TYPE[feed.topic.sub_type]
    chart = Chart(Adjustment(feed.topic.rehab), feed.topic.hours)
    market = feed.opend.market
    candles = market.recent_candles(instrument.security, period, 1, feed.now_ns, chart)
    if not len(candles):
        return None
    s2c = Qot_UpdateKL.S2C(
        rehabType=feed.topic.rehab,
        klType=period,
        security=write_security(instrument.security),
        name=name_of(instrument, feed.opend.language),
    )
    facts = market.fundamentals(instrument.security)
    add_candles(s2c, CandleContext(instrument, period, facts), candles)
    return s2c


@publishes(ProtoId.Qot_UpdateRT, Qot_Common.SubType_RT, on=Trigger.TRADES)
def push_intraday(feed: Feed) -> Qot_UpdateRT.S2C | None:
    """The running minute of the line. Source: [P] Qot_UpdateRT.proto."""
    instrument = _instrument(feed)
    points = feed.opend.market.intraday(instrument.security, feed.now_ns, feed.topic.hours)[-1:]
    if not points:
        return None
    return Qot_UpdateRT.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, feed.opend.language),
        rtList=write_points(instrument, points),
    )


@publishes(ProtoId.Qot_UpdateTicker, Qot_Common.SubType_Ticker, on=Trigger.TRADES)
def push_trades(feed: Feed) -> Qot_UpdateTicker.S2C | None:
    """All new prints; at first a few cached ones.

    Source: [P] Qot_UpdateTicker.proto, PushDataType.
    """
    instrument = _instrument(feed)
    trades, kind = feed.trades, Qot_Common.PushDataType_Realtime
    if feed.is_missed:
        kind = Qot_Common.PushDataType_ByDisConn
    if trades is None:
        trades = feed.opend.market.trades(
            instrument.security, feed.now_ns, _FIRST_TRADES, feed.topic.hours
        )
        kind = Qot_Common.PushDataType_Cache
    if not trades:
        return None
    return Qot_UpdateTicker.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, feed.opend.language),
        tickerList=write_trades(instrument, trades, kind, feed.now_ns),
    )


@publishes(ProtoId.Qot_UpdateOrderBook, Qot_Common.SubType_OrderBook, on=Trigger.BOOK)
def push_order_book(feed: Feed) -> Qot_UpdateOrderBook.S2C:
    """The whole book under the right SF, else its best levels.

    Source: [P] Qot_UpdateOrderBook.proto; [I] how many levels.
    """
    instrument = _instrument(feed)
    s2c = Qot_UpdateOrderBook.S2C(
        security=write_security(instrument.security), name=name_of(instrument, feed.opend.language)
    )
    present = feed.opend.quote_access.grant_for(instrument)
    _fill_book(
        s2c,
        feed.opend,
        instrument,
        feed.now_ns,
        present.book_levels if present.shows_orders else PUSHED_LEVELS,
        wants_orders=feed.topic.shows_orders,
    )
    return s2c


@publishes(
    ProtoId.Qot_UpdateBroker, Qot_Common.SubType_Broker, on=Trigger.BOOK, skip_unchanged=True
)
def push_broker_queue(feed: Feed) -> Qot_UpdateBroker.S2C:
    """The broker queue, where it changed. Source: [P] Qot_UpdateBroker.proto."""
    instrument = _instrument(feed)
    asks, bids = _brokers(feed.opend, instrument, feed.now_ns)
    return Qot_UpdateBroker.S2C(
        security=write_security(instrument.security),
        name=name_of(instrument, feed.opend.language),
        brokerAskList=asks,
        brokerBidList=bids,
    )


# --- shared --------------------------------------------------------------------------------------


def _subscribed(
    call: Call, security: Qot_Common.Security, sub_type: int, interface: _Interface
) -> Instrument:
    """The instrument, if this connection subscribed the type and still has the right to it."""
    instrument = find(call.opend.market.universe, security)
    subscriptions = call.opend.subscriptions
    if not subscriptions.holds(call.connection.conn_id, instrument.security, sub_type):
        raise ApiError(
            texts.NOT_SUBSCRIBED,
            zh_name=interface.zh,
            en_name=interface.en,
            data=SUB_TYPE_NAMES[sub_type],
        )
    call.opend.quote_access.check_subscription(instrument, sub_type)
    return instrument


def _polled(call: Call, c2s: Qot_GetBasicQot.C2S) -> tuple[Instrument, ...]:
    """The instruments of a request for quotes, if `_subscribed` passes them all."""
    opend = call.opend
    asked = c2s.SerializeToString()
    known = opend.polls.get(asked)
    if (
        known is not None
        and known.rights is opend.quote_access.current
        and opend.subscriptions.holds_all(call.connection.conn_id, known.units)
    ):
        return known.instruments
    sub_type = Qot_Common.SubType_Basic
    found = tuple(_subscribed(call, each, sub_type, _QUOTE) for each in c2s.securityList)
    if all(instrument.terms is None for instrument in found):  # others are made when asked for
        units = frozenset(Unit(instrument.security, sub_type) for instrument in found)
        opend.polls.put(asked, Poll(found, units, opend.quote_access.current))
    return found


def _count(name: str, number: int, limit: int) -> int:
    if not 0 < number <= limit:
        raise ApiError(texts.INVALID_PARAMETER, name=name, value=number)
    return number


def _hours(call: Call, instrument: Instrument, sub_type: int) -> TradingHours:
    unit = Unit(instrument.security, sub_type)
    return call.opend.subscriptions.hours_of(call.connection.conn_id, unit)


def _instrument(feed: Feed) -> Instrument:
    return feed.opend.market.universe.get(feed.topic.security)


def _quote(opend: OpenD, instrument: Instrument, now_ns: int) -> WrittenQuote:
    """A quote, to be copied: as long as all that it tells is the same, it is written once."""
    security = instrument.security
    headline = opend.market.headline(instrument, now_ns)
    hours = sessions_of(opend.market, instrument, now_ns)
    known = opend.written_quotes.get(security)
    if known is not None and known.headline is headline and known.hours == hours:
        return known
    basic = basic_quote(instrument, headline, opend.language)
    write_sessions(basic, hours)
    if instrument.terms is not None:
        add_basic_figures(basic, opend.market, instrument, now_ns)
    row = Qot_GetBasicQot.S2C(basicQotList=[basic]).SerializeToString(deterministic=True)
    written = WrittenQuote(headline, hours, basic, row)
    if instrument.terms is None:  # what a derivative's quote tells moves with its underlying too
        opend.written_quotes.put(security, written)
    return written


def _brokers(
    opend: OpenD, instrument: Instrument, now_ns: int
) -> tuple[list[Qot_Common.Broker], list[Qot_Common.Broker]]:
    """Both sides of the broker queue, asks first, with their orders where the right shows them."""
    queue = opend.market.broker_queue(instrument.security, now_ns)
    if not opend.quote_access.grant_for(instrument).shows_orders:
        return write_brokers(queue.asks), write_brokers(queue.bids)
    orders = opend.engine.order_queues(instrument.security, now_ns)
    return write_brokers(queue.asks, orders.asks), write_brokers(queue.bids, orders.bids)


def _fill_book(
    s2c: Qot_GetOrderBook.S2C | Qot_UpdateOrderBook.S2C,
    opend: OpenD,
    instrument: Instrument,
    now_ns: int,
    wanted: int,
    *,
    wants_orders: bool,
) -> None:
    """Write both sides, no deeper than the quote right shows, and single orders if it shows them.

    Source: [P] receive times of Hong Kong only, order details under SF only; [I] without SF the wish
        for them is granted silently and changes nothing.
    """
    present = opend.quote_access.grant_for(instrument)
    depth = min(wanted, present.book_levels)
    book = opend.engine.order_book(instrument.security, now_ns, depth)
    s2c.orderBookAskList.extend(write_levels(book.asks))
    s2c.orderBookBidList.extend(write_levels(book.bids))
    if wants_orders and present.shows_orders:
        queues = opend.engine.order_queues(instrument.security, now_ns, depth)
        add_orders(s2c.orderBookAskList, queues.asks)
        add_orders(s2c.orderBookBidList, queues.bids)
    if instrument.venue is Venue.HK_STOCK:
        received = local_time_ms(book.time_ns, zone_of(instrument.venue))
        s2c.svrRecvTimeBid = s2c.svrRecvTimeAsk = received
        s2c.svrRecvTimeBidTimestamp = s2c.svrRecvTimeAskTimestamp = timestamp(book.time_ns)
