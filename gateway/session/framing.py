"""How finished bodies become frames: the one thing in which TCP and WebSocket replies differ."""

from __future__ import annotations

from typing import Final, Protocol

from gateway.wire import ws_frame
from gateway.wire.ft_frame import encode_frame

SERIAL_MODULUS: Final = 1 << 32


class Framing(Protocol):
    """Puts headers before bodies; one per connection."""

    def reply(
        self, proto_id: int, body_format: int, serial: int, digest: bytes, wire_body: bytes
    ) -> bytes:
        """Frame an answer under the request's serial number."""
        ...

    def push(self, proto_id: int, body_format: int, digest: bytes, wire_body: bytes) -> bytes:
        """Frame an unasked message."""
        ...

    def farewell(self) -> bytes:
        """What a client is told before OpenD ends its connection; empty: nothing."""
        ...


class TcpFraming:
    """The 44-byte "FT" header; pushes count on their own. Source: [D]."""

    __slots__ = ("_push_serial",)

    def __init__(self) -> None:
        self._push_serial = 0

    def reply(
        self, proto_id: int, body_format: int, serial: int, digest: bytes, wire_body: bytes
    ) -> bytes:
        """Frame an answer."""
        return encode_frame(proto_id, body_format, serial, digest, wire_body)

    def push(self, proto_id: int, body_format: int, digest: bytes, wire_body: bytes) -> bytes:
        """Frame a push under the next number."""
        self._push_serial = (self._push_serial + 1) % SERIAL_MODULUS
        return encode_frame(proto_id, body_format, self._push_serial, digest, wire_body)

    def farewell(self) -> bytes:
        """Nothing: the end of the stream says it."""
        return b""


class WebFraming:
    """The "ft-v1.0" header, which has neither a body format nor a digest."""

    __slots__ = ()

    def reply(
        self, proto_id: int, body_format: int, serial: int, digest: bytes, wire_body: bytes
    ) -> bytes:
        """Frame an answer."""
        return ws_frame.encode_reply(proto_id, serial, wire_body)

    def push(self, proto_id: int, body_format: int, digest: bytes, wire_body: bytes) -> bytes:
        """Frame a push."""
        return ws_frame.encode_reply(proto_id, ws_frame.PUSH_SECTION, wire_body)

    def farewell(self) -> bytes:
        """The push that OpenD is gone.

        Source: [P] command 2 in base.js; its error number, that of a lost connection, is [I].
        """
        return ws_frame.encode_reply(
            ws_frame.Command.OPEND_LOST,
            ws_frame.PUSH_SECTION,
            error=ws_frame.HeaderError.DISCONNECTED,
        )
