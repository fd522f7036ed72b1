"""WebSocket clients: the same conversation as over TCP, one message per frame."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Final

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream
from typing_extensions import override
from wsproto.utilities import ProtocolError

from gateway.dispatch import Dispatcher, Handled
from gateway.errors import WireError
from gateway.session.connection import Connection
from gateway.session.framing import Framing, WebFraming
from gateway.session.relay import Relay
from gateway.shell.connection import FAREWELL_S, ConnectionServer
from gateway.wire.ft_frame import Frame
from gateway.wire.proto_ids import ProtoId
from gateway.wire.ws_frame import MAX_MESSAGE_BYTES, Command, decode_request

_log: Final = structlog.get_logger()

WIRE_BYTES_PER_MESSAGE: Final = MAX_MESSAGE_BYTES + 64 * 1024
"""What may arrive before a message is complete: the longest one in reasonable fragments. Empty
fragments, which the library would collect without end, count too; so do pings, which a client may
send some hundred thousand of without a message between them [I]."""

GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
UNSUPPORTED_DATA: Final = 1003


class RelayedReceiver:
    """Answers Init itself and leaves everything else to the dispatcher.

    Args:
        relay: Admits clients.
        dispatcher: Answers their requests.
    """

    def __init__(self, relay: Relay, dispatcher: Dispatcher) -> None:
        self._relay = relay
        self._dispatcher = dispatcher

    def prepare(self, connection: Connection, frame: Frame, now_ns: int) -> Iterator[None]:
        """Compute ahead what the dispatcher will need."""
        return self._dispatcher.prepare(connection, frame, now_ns)

    def receive(self, connection: Connection, frame: Frame, now_ns: int) -> Handled:
        """Answer one frame."""
        if frame.proto_id != Command.INIT:
            return self._dispatcher.receive(connection, frame, now_ns)
        self._relay.init(connection, frame, now_ns)
        return Handled(ProtoId.InitConnect, None)


class MeteredStream(trio.abc.Stream):
    """A stream that ends when too much arrives for one message, and says when it has ended.

    Args:
        stream: What it wraps; TLS or plain.
        limit: How many bytes may arrive between two calls of `reset`.
    """

    def __init__(self, stream: trio.abc.Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit
        self.on_end: Callable[[], None] = lambda: None
        """Called when nothing more will be received."""

    def reset(self) -> None:
        """A message is complete."""
        self._left = self._limit

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive as the wrapped stream does, up to the limit.

        Raises:
            trio.BrokenResourceError: The limit is used up, or the stream broke.
        """
        try:
            data = await self._stream.receive_some(max_bytes)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self.on_end()
            raise
        self._left -= len(data)
        if not data or self._left < 0:
            self.on_end()
        if self._left < 0:
            _log.warning("message_too_long", limit=self._limit)
            raise trio.BrokenResourceError
        return data

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send as the wrapped stream does."""
        await self._stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        """Wait as the wrapped stream does."""
        await self._stream.wait_send_all_might_not_block()

    @override
    async def aclose(self) -> None:
        """Close the wrapped stream."""
        self.on_end()
        await self._stream.aclose()


class WebLink:
    """Frames in the messages of one WebSocket; the handshake is part of the first `receive`.

    Any path and any `Origin` are welcome, as the pages of web clients come from anywhere ([I]).

    Args:
        nursery: Runs the library's reader.
        stream: The client's, TLS or plain.
    """

    joined_bytes: Final = 0

    def __init__(self, nursery: trio.Nursery, stream: trio.abc.Stream) -> None:
        self.framing: Final[Framing] = WebFraming()
        self._nursery = nursery
        self._stream = MeteredStream(stream, WIRE_BYTES_PER_MESSAGE)
        self._socket: WebSocketConnection | None = None

    async def receive(self) -> Iterator[Frame] | None:
        """Wait for the next message, which is one frame."""
        socket = self._socket or await self._shake_hands()
        if socket is None:
            return None
        self._socket = socket
        try:
            message = await socket.get_message()
        except ConnectionClosed:
            return None
        self._stream.reset()
        if isinstance(message, str):
            await self._close(socket, UNSUPPORTED_DATA, "binary messages only")
            raise WireError("a text message instead of a binary one")
        try:
            return iter((decode_request(message),))
        except WireError:
            await self._close(socket, PROTOCOL_ERROR, "not an ft-v1.0 message")
            raise

    def send_now(self, data: bytes) -> int:
        """Nothing: a message is not written without waiting."""
        return 0

    async def send(self, data: bytes) -> None:
        """Send one frame as one message."""
        if self._socket is None:
            raise trio.BrokenResourceError
        try:
            await self._socket.send_message(data)
        except (ConnectionClosed, ProtocolError) as error:
            raise trio.BrokenResourceError from error

    async def say_goodbye(self) -> None:
        """Close as RFC 6455 asks; the official client connects again by itself."""
        if self._socket is not None:
            await self._close(self._socket, GOING_AWAY, None)

    async def abort(self) -> None:
        """Close the socket below."""
        await trio.aclose_forcefully(self._stream)

    async def _shake_hands(self) -> WebSocketConnection | None:
        """Take the HTTP request; None if it was none or the client left."""
        with trio.CancelScope() as scope:
            self._stream.on_end = scope.cancel
            request = await wrap_server_stream(
                self._nursery, self._stream, max_message_size=MAX_MESSAGE_BYTES
            )
            return await request.accept()
        return None

    @staticmethod
    async def _close(socket: WebSocketConnection, code: int, reason: str | None) -> None:
        with trio.move_on_after(FAREWELL_S):
            await socket.aclose(code, reason)


class WebSocketDoor:
    """Lets web clients in.

    Args:
        server: Serves them.
        tls: For `wss://`; None for `ws://`.
    """

    def __init__(self, server: ConnectionServer, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._tls = tls

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Serve one client; nothing is raised but cancellation, and the stream is closed."""
        if self._tls is not None:
            stream = trio.SSLStream(stream, self._tls, server_side=True, https_compatible=True)
        try:
            async with trio.open_nursery() as nursery:
                await self._server.serve_link(WebLink(nursery, stream), peer)
                nursery.cancel_scope.cancel()
        except* (ConnectionClosed, ProtocolError) as errors:
            _log.debug("websocket_ended", reason=repr(errors.exceptions))
        except* Exception:  # noqa: BLE001 - the boundary: one client's trouble stays its own
            _log.exception("websocket_failed")
