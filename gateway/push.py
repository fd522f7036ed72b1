"""What happened, told to the connections that asked: events in, frames out.

A push is built once per stream and encoded once per body format, then framed for each connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from google.protobuf.message import Message

from gateway import envelope
from gateway.registry import (
    EVENT_PUSHES,
    NOTICES,
    QUOTE_PUSHES,
    REMINDER_PUSHES,
    Feed,
    QuotePush,
    Trigger,
)
from gateway.session.connection import Connection
from gateway.session.delays import PushKind
from gateway.session.framing import SharedPush
from gateway.session.links import Outage
from gateway.session.notices import ConnectionsCut, Notice
from gateway.session.opend import OpenD
from gateway.session.pacing import DuePush
from gateway.session.subscriptions import Topic
from gateway.wire.ft_frame import body_digest
from gateway.wire.proto_ids import ProtoId
from simulator.domain import OrderStatus, Trade
from simulator.events import Event, MarketMoved, OrderChanged
from simulator.market.caches import Recent
from simulator.trading_days import SessionKind, TradingHours

_log: Final = structlog.get_logger()

_MEASURED: Final = {
    ProtoId.Qot_UpdateBasicQot: PushKind.PRICE,
    ProtoId.Qot_UpdateTicker: PushKind.TICKER,
    ProtoId.Qot_UpdateOrderBook: PushKind.ORDER_BOOK,
    ProtoId.Qot_UpdateBroker: PushKind.BROKER,
}
MAX_MISSED_TRADES: Final = 50
"""Prints pushed after the quote link was down. Source: [D]."""
_MOST_BODIES: Final = 10_000
"""Streams whose last push is remembered; a client sees one twice if there are more."""
_UNPACED: Final = frozenset({ProtoId.Qot_UpdateKL, ProtoId.Qot_UpdateRT})
"""What `qot_push_frequency` does not hold back. Source: [D]."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One quote push that left, for the delay statistics."""

    kind: PushKind
    due_ns: int
    """Gateway time of what it tells."""


class Publisher:
    """Writes pushes.

    Args:
        opend: The state that pushes tell of.
        tell_operator: Gets every notice too, for the program's own console.
    """

    def __init__(
        self, opend: OpenD, tell_operator: Callable[[Notice], None] = lambda _notice: None
    ) -> None:
        self._opend = opend
        self._tell_operator = tell_operator
        self._last_body: Recent[tuple[Topic, int], bytes] = Recent(_MOST_BODIES)

    def publish(self, events: Iterable[Event]) -> list[Pushed]:
        """Tell all who asked.

        Returns:
            The quote pushes sent, one entry per stream and event.
        """
        pushed: list[Pushed] = []
        links = self._opend.links
        if links.has_news:
            self._catch_up(pushed)
        for due in self._opend.pacing.take_due():
            self._interval_over(due._replace(now_ns=links.heard_ns(due.now_ns)), pushed)
        for event in events:
            if isinstance(event, MarketMoved):
                if event.now_ns <= links.deaf_until_ns:
                    continue
                self._market_moved(event, pushed)
                self._remind(event)
                continue
            if isinstance(event, OrderChanged) and event.order.status is OrderStatus.SUBMITTED:
                self._opend.delays.record_accepted(event.order.order_id, event.now_ns)
            if links.trading_lost:
                links.miss(event)
            else:
                self._account_event(event)
        for notice in self._opend.take_notices():
            self._announce(notice)
        return pushed

    def _catch_up(self, pushed: list[Pushed]) -> None:
        """A link is back: tell so, then what was missed, then how everything stands.

        Source: [D] the latest 50 prints, marked as ByDisConn; [I] the other streams' present state.
        """
        opend = self._opend
        self._announce(opend.links_now())
        outage = opend.links.take_outage()
        if outage is not None and outage.keeps_subscriptions:
            for topic, conn_ids in opend.subscriptions.all_topics():
                trades = self._missed_trades(topic, outage)
                feed = Feed(opend, topic, outage.restored_ns, trades, is_missed=True)
                self._push(feed, conn_ids, pushed)
        elif outage is not None:
            for security in opend.subscriptions.forget_all():
                opend.engine.unwatch(security)
        for event in opend.links.take_missed():
            self._account_event(event)

    def _missed_trades(self, topic: Topic, outage: Outage) -> tuple[Trade, ...]:
        market, security = self._opend.market, topic.security
        lost_ns = market.market_ns(security, outage.lost_ns)
        latest = market.trades(security, outage.restored_ns, MAX_MISSED_TRADES, topic.hours)
        return tuple(trade for trade in latest if trade.time_ns > lost_ns)

    def first_push(self, connection: Connection, topics: Sequence[Topic], now_ns: int) -> None:
        """Send a connection the present state of streams it just registered for."""
        now_ns = self._opend.links.heard_ns(now_ns)
        for topic in topics:
            route = QUOTE_PUSHES.get(topic.sub_type)
            if route is None:
                continue
            s2c = route.build(Feed(self._opend, topic, now_ns, None))
            if s2c is not None:
                self._send(route.proto_id, s2c, (connection,))

    def notify(self, s2c: Message) -> None:
        """Send a notice to every connection that receives them."""
        listeners = [c for c in self._opend.roster if c.is_ready and c.client.receives_notices]
        self._send(ProtoId.Notify, s2c, listeners)

    def _announce(self, notice: Notice) -> None:
        self._tell_operator(notice)
        if isinstance(notice, ConnectionsCut):
            for connection in self._opend.roster:
                if notice.conn_ids is None or connection.conn_id in notice.conn_ids:
                    connection.close(notice.reason)
        else:
            self.notify(NOTICES[type(notice)](self._opend, notice))

    def _market_moved(self, event: MarketMoved, pushed: list[Pushed]) -> None:
        instrument = self._opend.market.universe.get(event.security)
        for topic, conn_ids in tuple(self._opend.subscriptions.topics(event.security).items()):
            route = QUOTE_PUSHES.get(topic.sub_type)
            trades = _shown(event, topic.hours)
            if route is None or not _is_due(route, event, trades):
                continue
            if not self._opend.quote_access.opens(instrument, topic.sub_type):
                continue  # another device took the right meanwhile
            if route.proto_id in _UNPACED:
                self._push(Feed(self._opend, topic, event.now_ns, trades), conn_ids, pushed)
                continue
            admitted = self._opend.pacing.admit(topic, trades, event.now_ns)
            if admitted is not None:
                self._push(Feed(self._opend, topic, event.now_ns, admitted), conn_ids, pushed)

    def _interval_over(self, due: DuePush, pushed: list[Pushed]) -> None:
        instrument = self._opend.market.universe.get(due.topic.security)
        conn_ids = self._opend.subscriptions.topics(due.topic.security).get(due.topic)
        if conn_ids and self._opend.quote_access.opens(instrument, due.topic.sub_type):
            self._push(Feed(self._opend, due.topic, due.now_ns, due.trades), conn_ids, pushed)

    def _push(self, feed: Feed, conn_ids: Iterable[int], pushed: list[Pushed]) -> None:
        """Send a stream's present state to those who listen to it."""
        route = QUOTE_PUSHES[feed.topic.sub_type]
        s2c = route.build(feed)
        if s2c is None:
            return
        listeners = [c for c in map(self._opend.roster.get, conn_ids) if c is not None]
        self._send(route.proto_id, s2c, listeners, feed.topic if route.skip_unchanged else None)
        kind = _MEASURED.get(route.proto_id)
        if kind is not None:
            pushed.append(Pushed(kind, feed.now_ns))

    def _remind(self, event: MarketMoved) -> None:
        """Tell every connection of the reminders that speak. Source: [P] their push names no account."""
        fired = self._opend.reminder_watch.moved(event)
        if fired:
            self._opend.keep_changes()
        if not self._opend.price_reminder_push:
            return
        for reminder in fired:
            listeners = [connection for connection in self._opend.roster if connection.is_ready]
            for proto_id, build in REMINDER_PUSHES.items():
                self._send(proto_id, build(self._opend, reminder), listeners)

    def _account_event(self, event: Event) -> None:
        route = EVENT_PUSHES.get(type(event))
        if route is None:
            return
        account_id = route.account_id(event)
        listeners = [c for c in self._opend.roster if account_id in c.account_pushes]
        if not listeners:
            return
        s2c = route.build(self._opend, event)
        if s2c is not None:
            self._send(route.proto_id, s2c, listeners)

    def _send(
        self,
        proto_id: ProtoId,
        s2c: Message,
        listeners: Iterable[Connection],
        unless_same_as: Topic | None = None,
    ) -> None:
        """Encode once per format and frame for each listener.

        Args:
            proto_id: The push's id.
            s2c: Its content.
            listeners: Who gets it.
            unless_same_as: Leave it out if this topic's last push was byte for byte the same.
        """
        messages: dict[int, SharedPush | None] = {}
        for connection in listeners:
            body_format = connection.push_format
            if body_format not in messages:
                messages[body_format] = self._encode(proto_id, s2c, body_format, unless_same_as)
            message = messages[body_format]
            if message is not None:
                connection.push(message)

    def _encode(
        self, proto_id: ProtoId, s2c: Message, body_format: int, unless_same_as: Topic | None
    ) -> SharedPush | None:
        body = envelope.success(s2c, body_format)
        if unless_same_as is not None:
            if self._last_body.get((unless_same_as, body_format)) == body:
                return None
            self._last_body.put((unless_same_as, body_format), body)
        return SharedPush(proto_id, body_format, body, body_digest(body))


def _shown(event: MarketMoved, hours: TradingHours) -> tuple[Trade, ...]:
    """The prints that a stream of some hours shows."""
    if hours is TradingHours.REGULAR or event.session is None:
        return event.trades
    if event.session is SessionKind.OVERNIGHT and hours is not TradingHours.ALL:
        return event.trades
    return event.trades + event.extended


def _is_due(route: QuotePush, event: MarketMoved, trades: tuple[Trade, ...]) -> bool:
    match route.trigger:
        case Trigger.TRADES:
            is_quote = route.proto_id == ProtoId.Qot_UpdateBasicQot
            return bool(trades) or (is_quote and bool(event.extended))
        case Trigger.BOOK:
            return event.book_changed
