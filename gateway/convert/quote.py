"""Quotes, books, prints, minutes and broker queues on the wire.

Only Hong Kong's books carry the time at which they were received ([P] Qot_GetOrderBook.proto).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from gateway.convert.security import name_of, write_security
from gateway.convert.times import (
    listing_timestamp,
    local_time,
    local_time_ms,
    timestamp,
    zone_of,
)
from gateway.pb import Qot_Common, Qot_GetSecuritySnapshot
from gateway.texts import Language
from simulator.domain import (
    BrokerEntry,
    DepthLevel,
    Instrument,
    IntradayPoint,
    QueuedOrder,
    Quote,
    SecurityType,
    Trade,
    TradeKind,
    Venue,
)
from simulator.market.data import MarketData
from simulator.market.extended import has_extended_hours
from simulator.market.extended_market import SessionFigures
from simulator.market.statistics import Headline
from simulator.trading_days import SessionKind

MAX_BOOK_ORDERS: Final = 1000
"""Single orders on a side of a book. Source: [D]."""

_SIGNS: Final = {
    Venue.HK_STOCK: {TradeKind.ODD_LOT: "D", TradeKind.AUCTION: "U"},
    Venue.US_STOCK: {TradeKind.ODD_LOT: "I", TradeKind.EXTENDED_HOURS: "T"},
}
"""How the exchanges mark prints. Source: [S]."""

Sessions: TypeAlias = "tuple[SessionFigures | None, SessionFigures | None, SessionFigures | None]"
_NO_HOURS: Final[Sessions] = (None, None, None)
"""Before, after and between the American days."""


def status_of(instrument: Instrument, quote: Quote | Headline) -> int:
    """The `SecurityStatus`; a derivative's own end is told by `derivative.ended_status`."""
    if instrument.delisting_date:
        return Qot_Common.SecurityStatus_Delisted
    if quote.is_suspended:
        return Qot_Common.SecurityStatus_Suspended
    return Qot_Common.SecurityStatus_Normal


def basic_quote(instrument: Instrument, quote: Headline, language: Language) -> Qot_Common.BasicQot:
    """The quote of protocols 3004 and 3005.

    Source: [P] Qot_Common.BasicQot; [D] its samples' times with milliseconds.
    """
    basic = Qot_Common.BasicQot(
        security=write_security(instrument.security),
        name=name_of(instrument, language),
        isSuspended=quote.is_suspended,
        listTime=instrument.listing_date,
        priceSpread=quote.tick,
        updateTime=local_time_ms(quote.time_ns, zone_of(instrument.venue)),
        highPrice=quote.high,
        openPrice=quote.open,
        lowPrice=quote.low,
        curPrice=quote.last,
        lastClosePrice=quote.previous_close,
        volume=quote.volume,
        turnover=quote.turnover,
        turnoverRate=round(quote.turnover_rate, 3),
        amplitude=round(quote.amplitude, 3),
        darkStatus=Qot_Common.DarkStatus_None,
        listTimestamp=listing_timestamp(instrument.listing_date, instrument.venue),
        updateTimestamp=timestamp(quote.time_ns),
        secStatus=status_of(instrument, quote),
    )
    interest = quote.interest
    if interest.settlement_price:
        basic.futureExData.lastSettlePrice = interest.settlement_price
        basic.futureExData.position = interest.open
        basic.futureExData.positionChange = interest.change
    return basic


def write_session(figures: SessionFigures) -> Qot_Common.PreAfterMarketData:
    """A session outside the American day. Source: [P] Qot_Common.PreAfterMarketData."""
    return Qot_Common.PreAfterMarketData(
        price=figures.price,
        highPrice=figures.high,
        lowPrice=figures.low,
        volume=figures.volume,
        turnover=figures.turnover,
        changeVal=figures.change,
        changeRate=round(figures.change_rate, 3),
        amplitude=round(figures.amplitude, 3),
    )


def add_sessions(
    message: Qot_Common.BasicQot | Qot_GetSecuritySnapshot.SnapshotBasicData,
    market: MarketData,
    instrument: Instrument,
    now_ns: int,
) -> None:
    """Add the American hours before, after and between the days, where a security has them."""
    write_sessions(message, sessions_of(market, instrument, now_ns))


def sessions_of(market: MarketData, instrument: Instrument, now_ns: int) -> Sessions:
    """The American hours before, after and between the days; each None where there is none."""
    if not has_extended_hours(instrument):
        return _NO_HOURS
    security = instrument.security
    return (
        market.session_figures(security, SessionKind.PRE, now_ns),
        market.session_figures(security, SessionKind.AFTER, now_ns),
        market.session_figures(security, SessionKind.OVERNIGHT, now_ns),
    )


def write_sessions(
    message: Qot_Common.BasicQot | Qot_GetSecuritySnapshot.SnapshotBasicData, sessions: Sessions
) -> None:
    """Add what `sessions_of` found."""
    before, after, night = sessions
    if before:
        message.preMarket.CopyFrom(write_session(before))
    if after:
        message.afterMarket.CopyFrom(write_session(after))
    if night:
        message.overnight.CopyFrom(write_session(night))


def write_levels(levels: Iterable[DepthLevel]) -> list[Qot_Common.OrderBook]:
    """One side of an order book, best first."""
    return [
        Qot_Common.OrderBook(price=price, volume=volume, orederCount=orders)
        for price, volume, orders in levels
    ]


def add_orders(
    levels: Iterable[Qot_Common.OrderBook], queues: Iterable[Sequence[QueuedOrder]]
) -> None:
    """Add the single orders to one side of a book, the best levels first, no more than 1000.

    Source: [P] Qot_Common.OrderBookDetail; [D] 1000 orders; [I] that each side has so many.
    """
    left = MAX_BOOK_ORDERS
    for level, queue in zip(levels, queues, strict=True):
        for order in queue[:left]:
            level.detailList.add(orderID=order.order_id, volume=order.volume)
        left = max(left - len(queue), 0)


def write_brokers(
    entries: Iterable[BrokerEntry], queues: Sequence[Sequence[QueuedOrder]] = ()
) -> list[Qot_Common.Broker]:
    """One side of a broker queue, best first.

    Args:
        entries: Who stands there.
        queues: The orders of each level, where the right shows them: the brokers of a level have
            its first ones.

    Source: [P] orders under SF only; [I] which broker has which.
    """
    places = [iter(queue) for queue in queues]
    written = []
    for entry in entries:
        broker = Qot_Common.Broker(id=entry.broker_id, name=entry.broker_name, pos=entry.position)
        at = entry.position - 1
        order = next(places[at], None) if at < len(places) else None
        if order is not None:
            broker.orderID, broker.volume = order
        written.append(broker)
    return written


def write_trades(
    instrument: Instrument, trades: Iterable[Trade], push_data_type: int, received_ns: int
) -> list[Qot_Common.Ticker]:
    """Prints, oldest first.

    Args:
        instrument: What was traded.
        trades: The prints.
        push_data_type: A `PushDataType`.
        received_ns: When OpenD got them, gateway time.

    Source: [P] Qot_Common.Ticker; [D] times with milliseconds.
    """
    zone = zone_of(instrument.venue)
    received = timestamp(received_ns)
    is_future = instrument.security_type is SecurityType.FUTURE
    multiplier = instrument.lot_size if is_future else 1
    signs = _SIGNS.get(instrument.venue, {})
    return [
        Qot_Common.Ticker(
            time=local_time_ms(trade.time_ns, zone),
            sequence=trade.sequence,
            dir=trade.direction,
            price=trade.price,
            volume=trade.volume,
            turnover=round(trade.price * trade.volume * multiplier, 3),
            recvTime=received,
            type=trade.kind,
            typeSign=ord(signs.get(trade.kind, " ")),
            pushDataType=push_data_type,
            timestamp=timestamp(trade.time_ns),
        )
        for trade in trades
    ]


def write_points(
    instrument: Instrument, points: Iterable[IntradayPoint]
) -> list[Qot_Common.TimeShare]:
    """Minutes of the intraday line; of a blank one only the time. Source: [P] TimeShare."""
    zone = zone_of(instrument.venue)
    return [
        Qot_Common.TimeShare(
            time=local_time(point.time_ns, zone),
            minute=point.minute,
            isBlank=False,
            price=point.price,
            lastClosePrice=point.previous_close,
            avgPrice=round(point.average_price, 3),
            volume=point.volume,
            turnover=round(point.turnover, 3),
            timestamp=timestamp(point.time_ns),
        )
        if not point.is_blank
        else Qot_Common.TimeShare(
            time=local_time(point.time_ns, zone),
            minute=point.minute,
            isBlank=True,
            timestamp=timestamp(point.time_ns),
        )
        for point in points
    ]
