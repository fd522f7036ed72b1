"""How finished bodies become frames: the one thing in which TCP and WebSocket replies differ."""

from __future__ import annotations

from typing import Final, Protocol

from gateway.wire import ws_frame
from gateway.wire.ft_frame import encode_frame, split_frame

SERIAL_MODULUS: Final = 1 << 32


class SharedPush:
    """An unasked message to many connections, framed only once as far as they share it.

    Args:
        proto_id: A push id.
        body_format: The format of the body.
        body: Encoded, not enciphered.
        digest: SHA-1 of the body.
    """

    __slots__ = ("_around_serial", "_web_message", "body", "body_format", "digest", "proto_id")

    def __init__(self, proto_id: int, body_format: int, body: bytes, digest: bytes) -> None:
        self.proto_id: Final = proto_id
        self.body_format: Final = body_format
        self.body: Final = body
        self.digest: Final = digest
        self._around_serial: tuple[bytes, bytes] | None = None
        self._web_message: bytes | None = None

    def tcp_frame(self, serial: int) -> bytes:
        """The plain frame under a connection's number."""
        parts = self._around_serial
        if parts is None:
            parts = split_frame(self.proto_id, self.body_format, self.digest, self.body)
            self._around_serial = parts
        return parts[0] + serial.to_bytes(4, "little") + parts[1]

    def web_message(self) -> bytes:
        """The message, the same for everybody."""
        if self._web_message is None:
            section = ws_frame.PUSH_SECTION
            self._web_message = ws_frame.encode_reply(self.proto_id, section, self.body)
        return self._web_message


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

    def shared_push(self, message: SharedPush) -> bytes:
        """Frame an unasked message that others get too, in the clear."""
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

    def shared_push(self, message: SharedPush) -> bytes:
        """Put the next number into the frame."""
        self._push_serial = (self._push_serial + 1) % SERIAL_MODULUS
        return message.tcp_frame(self._push_serial)

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

    def shared_push(self, message: SharedPush) -> bytes:
        """Everybody's message."""
        return message.web_message()

    def farewell(self) -> bytes:
        """The push that OpenD is gone.

        Source: [P] command 2 in base.js; its error number, that of a lost connection, is [I].
        """
        return ws_frame.encode_reply(
            ws_frame.Command.OPEND_LOST,
            ws_frame.PUSH_SECTION,
            error=ws_frame.HeaderError.DISCONNECTED,
        )
