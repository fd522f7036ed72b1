"""Frames as faults and the journal see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from gateway.errors import WireError
from gateway.faults.rules import Subject
from gateway.journal.reading import SECRET_PROTOCOLS, conceal, decode
from gateway.journal.ring import Entry, Journal
from gateway.pb import InitConnect
from gateway.session.connection import Connection, Outgoing
from gateway.wire.direction import Direction
from gateway.wire.ft_frame import Frame, body_digest
from gateway.wire.mentions import mentions
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Security

Send = Callable[[int], None]
"""Sends a frame at a gateway time."""


@dataclass(slots=True)
class Seen:
    """One frame in plain. It is decoded once, if at all."""

    conn_id: int
    client_id: str
    direction: Direction
    proto_id: int
    serial: int | None
    body_format: int
    body: bytes
    asked: Message | None = None
    """Of a reply: the request, if that is known."""
    _message: Message | None = None
    _is_decoded: bool = False

    @property
    def message(self) -> Message | None:
        """The whole message; None if it cannot be read."""
        if not self._is_decoded:
            self._is_decoded = True
            self._message = decode(self.proto_id, self.direction, self.body, self.body_format)
        return self._message

    def subject(self) -> Subject:
        """It as the fault table asks for it."""
        return Subject(self.conn_id, self.client_id, self.proto_id, self.direction, self.is_about)

    def is_about(self, security: Security) -> bool:
        """Whether it, or what it answers, speaks of a security."""
        if self.asked is not None and mentions(self.asked, security):
            return True
        return self.message is not None and mentions(self.message, security)


def request_seen(connection: Connection, frame: Frame) -> Seen:
    """A request, deciphered; without a body if that is not possible.

    From its first request on the connection has its client's name, so that the reply to it has it too.
    """
    is_open = connection.is_plain and connection.is_ready
    body = frame.body if is_open else _plain(connection, frame)
    seen = Seen(
        connection.conn_id,
        connection.client.client_id,
        Direction.REQUEST,
        frame.proto_id,
        frame.serial,
        frame.body_format,
        body,
    )
    if frame.proto_id == ProtoId.InitConnect and isinstance(seen.message, InitConnect.Request):
        seen.client_id = seen.message.c2s.clientID
        if not connection.is_ready:
            connection.client = replace(connection.client, client_id=seen.client_id)
    return seen


def sent_seen(connection: Connection, message: Outgoing) -> Seen:
    """A reply or push."""
    return Seen(
        connection.conn_id,
        connection.client.client_id,
        Direction.PUSH if message.serial is None else Direction.REPLY,
        message.proto_id,
        message.serial,
        message.body_format,
        message.body,
    )


def record(
    journal: Journal,
    seen: Seen,
    time_ns: int,
    faults: tuple[str, ...] = (),
    *,
    is_delivered: bool = True,
) -> None:
    """Write a frame down, without its secrets."""
    body = seen.body
    if seen.proto_id in SECRET_PROTOCOLS:
        body = conceal(seen.proto_id, seen.direction, body, seen.body_format)
    journal.append(
        Entry(
            journal.next_number,
            time_ns,
            seen.conn_id,
            seen.client_id,
            seen.direction,
            seen.proto_id,
            seen.serial,
            seen.body_format,
            body,
            faults,
            is_delivered,
        )
    )


def _plain(connection: Connection, frame: Frame) -> bytes:
    is_init = frame.proto_id == ProtoId.InitConnect and not connection.is_ready
    cipher = connection.init_cipher if is_init else connection.cipher
    try:
        return cipher.decrypt(frame.body)
    except WireError:
        return frame.body if body_digest(frame.body) == frame.digest else b""
