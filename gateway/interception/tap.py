"""Does to frames what strikes them, and writes down what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from google.protobuf.message import Message

from gateway import envelope
from gateway.convert.bad_figures import freeze_quotes, freeze_snapshots, put_outlier
from gateway.faults.holding import Holding
from gateway.faults.rules import Fault, Kind, Strike
from gateway.faults.table import FaultTable
from gateway.interception.frames import Seen, Send, record, request_seen, sent_seen
from gateway.journal.ring import Journal
from gateway.pb import (
    Qot_GetBasicQot,
    Qot_GetSecuritySnapshot,
    Qot_UpdateBasicQot,
    Qot_UpdateTicker,
)
from gateway.session.connection import Connection, Outgoing, Phase
from gateway.session.opend import OpenD
from gateway.wire import codec
from gateway.wire.ft_frame import HEADER_BYTES, BodyFormat, Frame
from gateway.wire.proto_ids import ProtoId

CUT_REASON: Final = "cut by a fault"
_MOST_ASKED: Final = 1_000
"""Of one connection, that are not answered yet."""
_LOSING: Final = frozenset({Kind.DROP, Kind.SWALLOW, Kind.CUT})
_FALSIFYING: Final = frozenset({Kind.OUTLIER, Kind.STALE})


class FrameTap:
    """The tap of all connections while there is a fault or a journal.

    Args:
        opend: Whose connections.
        now_ns: The gateway's time.
        faults: Says what strikes.
        holding: Keeps what is late.
        journal: Where frames are written down.
        changed: Called when a fault is spent or a frame is kept.
    """

    def __init__(
        self,
        opend: OpenD,
        now_ns: Callable[[], int],
        faults: FaultTable,
        holding: Holding,
        journal: Journal,
        changed: Callable[[], None],
    ) -> None:
        self._opend = opend
        self._now_ns = now_ns
        self._faults = faults
        self._holding = holding
        self._journal = journal
        self._changed = changed
        self._asked: defaultdict[int, dict[int, Message]] = defaultdict(dict)
        """Each connection's requests by serial number, for what their replies are about."""

    def drop(self, conn_id: int) -> None:
        """A connection ended."""
        self._asked.pop(conn_id, None)

    def forget_requests(self) -> None:
        """Nobody asks any more what replies are about."""
        self._asked.clear()

    # --- requests -----------------------------------------------------------------------------

    def admits(self, connection: Connection, frame: Frame, now_ns: int, proceed: Send) -> bool:
        """Whether a request is to be answered now; see `Tap`."""
        if connection.phase is Phase.CLOSING:
            return False
        seen = request_seen(connection, frame)
        if not len(self._faults):
            record(self._journal, seen, now_ns)
            return True
        strikes = self._faults.strikes(seen.subject(), now_ns)
        is_lost = any(strike.fault.kind in _LOSING for strike in strikes)
        if self._journal.is_on:
            record(self._journal, seen, now_ns, _names(strikes), is_delivered=not is_lost)
        if self._faults.selects_securities:
            self._remember(seen)
        if not strikes:
            return True
        goes_on = False
        if any(strike.fault.kind is Kind.CUT for strike in strikes):
            connection.close(CUT_REASON)
        elif not is_lost:
            goes_on = self._pass_late(connection, frame, strikes, now_ns, proceed)
        self._changed()
        return goes_on

    def _remember(self, seen: Seen) -> None:
        if seen.message is None or seen.serial is None:
            return
        asked = self._asked[seen.conn_id]
        asked[seen.serial] = seen.message
        if len(asked) > _MOST_ASKED:
            del asked[next(iter(asked))]

    def _pass_late(
        self,
        connection: Connection,
        frame: Frame,
        strikes: Sequence[Strike],
        now_ns: int,
        proceed: Send,
    ) -> bool:
        """Let a request through, as it is or as an error; True if it is to go on at once."""
        go_on = proceed
        for strike in strikes:
            if strike.fault.kind is Kind.ERROR:
                go_on = partial(_refuse, connection, frame, strike.fault)
        size = HEADER_BYTES + len(frame.body)
        due_ns, held_by = self._delays(connection.conn_id, size, strikes, now_ns)
        if due_ns > now_ns:
            self._holding.hold(due_ns, connection.conn_id, held_by, go_on)
            return False
        if go_on is proceed:
            return True
        go_on(now_ns)
        return False

    # --- replies and pushes -------------------------------------------------------------------

    def send(self, connection: Connection, message: Outgoing) -> None:
        """Take over a reply or push; see `Tap`."""
        if connection.phase is Phase.CLOSING:
            return
        now_ns = self._now_ns()
        strikes: Sequence[Strike] = ()
        if len(self._faults):
            seen = sent_seen(connection, message)
            if message.serial is not None and connection.conn_id in self._asked:
                seen.asked = self._asked[connection.conn_id].pop(message.serial, None)
            strikes = self._faults.strikes(seen.subject(), now_ns)
        if not strikes:
            self._transmit(connection, message, (), now_ns)
            return
        self._do_to_sent(connection, message, strikes, now_ns)
        self._changed()

    def _do_to_sent(
        self,
        connection: Connection,
        message: Outgoing,
        strikes: Sequence[Strike],
        now_ns: int,
    ) -> None:
        kinds = {strike.fault.kind for strike in strikes}
        if kinds & _LOSING:
            if self._journal.is_on:
                seen = sent_seen(connection, message)
                record(self._journal, seen, now_ns, _names(strikes), is_delivered=False)
            if Kind.CUT in kinds:
                connection.close(CUT_REASON)
            return
        message = self._falsified(message, strikes, now_ns)
        send: Send = partial(self._transmit, connection, message, strikes)
        if Kind.DUPLICATE in kinds:
            send = partial(_twice, send)
        size = HEADER_BYTES + len(message.body)
        due_ns, held_by = self._delays(connection.conn_id, size, strikes, now_ns)
        overtaking = [strike.fault_id for strike in strikes if strike.fault.kind is Kind.REORDER]
        if overtaking:
            self._overtake(overtaking[0], connection.conn_id, now_ns, send)
        elif due_ns > now_ns:
            self._holding.hold(due_ns, connection.conn_id, held_by, send)
        else:
            send(now_ns)

    def _overtake(self, fault_id: int, conn_id: int, now_ns: int, send: Send) -> None:
        earlier = self._holding.overtake(fault_id, conn_id, now_ns, send)
        if earlier is not None:
            send(now_ns)
            earlier(now_ns)

    def _falsified(self, message: Outgoing, strikes: Iterable[Strike], now_ns: int) -> Outgoing:
        for strike in strikes:
            if strike.fault.kind in _FALSIFYING:
                message = self._falsify(message, strike, now_ns)
        return message

    def _falsify(self, message: Outgoing, strike: Strike, now_ns: int) -> Outgoing:
        opend, body, body_format = self._opend, message.body, message.body_format
        security, since_ns = strike.fault.security, strike.begun_ns
        content: Message
        if message.proto_id == ProtoId.Qot_UpdateTicker:
            ticker = codec.decode(Qot_UpdateTicker.Response, body, body_format)
            put_outlier(opend, ticker, strike.fault.percent, now_ns)
            content = ticker
        elif message.proto_id == ProtoId.Qot_GetSecuritySnapshot:
            snapshots = codec.decode(Qot_GetSecuritySnapshot.Response, body, body_format)
            freeze_snapshots(opend, snapshots, security, since_ns)
            content = snapshots
        elif message.proto_id == ProtoId.Qot_UpdateBasicQot:
            pushed = codec.decode(Qot_UpdateBasicQot.Response, body, body_format)
            freeze_quotes(opend, pushed.s2c.basicQotList, security, since_ns)
            content = pushed
        else:
            asked = codec.decode(Qot_GetBasicQot.Response, body, body_format)
            freeze_quotes(opend, asked.s2c.basicQotList, security, since_ns)
            content = asked
        return replace(message, body=codec.encode(content, body_format))

    def _transmit(
        self,
        connection: Connection,
        message: Outgoing,
        strikes: Sequence[Strike],
        now_ns: int,
    ) -> None:
        if self._journal.is_on:
            record(self._journal, sent_seen(connection, message), now_ns, _names(strikes))
        is_wrong = any(strike.fault.kind is Kind.WRONG_DIGEST for strike in strikes)
        connection.transmit(message, is_digest_wrong=is_wrong)

    # --- both ---------------------------------------------------------------------------------

    def _delays(
        self, conn_id: int, size: int, strikes: Iterable[Strike], now_ns: int
    ) -> tuple[int, frozenset[int]]:
        """When a frame arrives at the other end, and which faults keep it."""
        due_ns = now_ns
        held_by: set[int] = set()
        for strike in strikes:
            fault, fault_id = strike.fault, strike.fault_id
            if fault.kind is Kind.LATENCY:
                delay_ns = fault.delay_ns + int(fault.jitter_ns * strike.draw)
                due_ns = self._holding.delay(fault_id, conn_id, due_ns, delay_ns)
                held_by.add(fault_id)
            elif fault.kind is Kind.BANDWIDTH:
                rate = fault.bytes_per_s
                due_ns = self._holding.squeeze(fault_id, conn_id, due_ns, size, rate)
                held_by.add(fault_id)
        return due_ns, frozenset(held_by)


def _names(strikes: Iterable[Strike]) -> tuple[str, ...]:
    return tuple(strike.fault.kind.value for strike in strikes)


def _twice(send: Send, now_ns: int) -> None:
    send(now_ns)
    send(now_ns)


def _refuse(connection: Connection, frame: Frame, fault: Fault, _now_ns: int) -> None:
    is_json = frame.body_format == BodyFormat.JSON
    body_format = BodyFormat.JSON if is_json else BodyFormat.PROTOBUF
    body = envelope.failure(fault.ret_type, fault.text, body_format, fault.err_code)
    connection.reply(frame.proto_id, body_format, frame.serial, body)
