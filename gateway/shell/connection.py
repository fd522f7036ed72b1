"""One client's socket: a reader that feeds the dispatcher, a writer that empties the outbox."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, Protocol

import structlog
import trio

from gateway.dispatch import NO_PIECES, Handled
from gateway.errors import WireError
from gateway.session.connection import Connection
from gateway.session.framing import Framing, TcpFraming
from gateway.session.opend import OpenD
from gateway.session.roster import RosterFullError
from gateway.shell.clock import GatewayClock
from gateway.shell.outbox import MAX_WRITE_BYTES, QueuedOutbox, relieve
from gateway.shell.ticker import Ticker
from gateway.wire.ciphers import Cipher
from gateway.wire.ft_frame import Frame, FrameReader

_log: Final = structlog.get_logger()

RECEIVE_BYTES: Final = 64 * 1024
INIT_TIMEOUT_S: Final = 30.0
"""How long a client may take to say who it is [I]; SDKs do so at once."""
BUSY_S: Final = 0.02
"""Preparing a request lets others work at least this often, as far as its pieces allow."""
FAREWELL_S: Final = 0.5
"""How long a closing connection may take to send what is queued."""


class Receiver(Protocol):
    """Answers frames; the dispatcher, or what stands before it."""

    def prepare(self, connection: Connection, frame: Frame, now_ns: int) -> Iterator[None]:
        """Compute ahead, piece by piece, what answering a frame will take."""
        ...

    def receive(self, connection: Connection, frame: Frame, now_ns: int) -> Handled:
        """Answer one frame."""
        ...


class Link(Protocol):
    """One client's stream, as frames in and framed bytes out."""

    @property
    def framing(self) -> Framing:
        """How replies and pushes are framed."""
        ...

    @property
    def joined_bytes(self) -> int:
        """How many bytes of frames may be sent in one piece; 0: each frame by itself."""
        ...

    async def receive(self) -> Iterator[Frame] | None:
        """Wait for the next frames; None when the client left.

        Raises:
            WireError: The client talks nonsense, here or while the frames are drawn.
            trio.BrokenResourceError: The connection broke.
        """
        ...

    async def send(self, data: bytes) -> None:
        """Send framed bytes.

        Raises:
            trio.BrokenResourceError: The connection broke.
        """
        ...

    def send_now(self, data: bytes) -> int:
        """Send what goes out without waiting, and return how many bytes did; 0 if none or broken.

        Only called while no `send` is under way; the rest is sent with `send`.
        """
        ...

    async def say_goodbye(self) -> None:
        """Tell a client that still listens that this is the end."""
        ...

    async def abort(self) -> None:
        """Close without a word."""
        ...


class TcpLink:
    """Frames over a byte stream.

    A socket is read and written by its number, which spares trio's general way through several
    layers: half of what a small request costs.

    Args:
        stream: The client's.
    """

    joined_bytes: Final = MAX_WRITE_BYTES

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.framing: Final[Framing] = TcpFraming()
        self._stream = stream
        self._socket = stream.socket if isinstance(stream, trio.SocketStream) else None
        self._reader = FrameReader()

    async def receive(self) -> Iterator[Frame] | None:
        """Wait for bytes; they may hold no whole frame yet."""
        if self._socket is None:
            data = bytes(await self._stream.receive_some(RECEIVE_BYTES))
        else:
            data = await _read_socket(self._socket)
        if not data:
            return None
        self._reader.feed(data)
        return iter(self._reader.next_frame, None)

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._stream.send_all(data)

    def send_now(self, data: bytes) -> int:
        """Hand it to the socket, which trio keeps from blocking; other streams send later."""
        if self._socket is None:
            return 0
        try:
            return os.write(self._socket.fileno(), data)
        except OSError:  # full or broken; `send` finds out which
            return 0

    async def say_goodbye(self) -> None:
        """Nothing: TCP clients see the end of the stream."""

    async def abort(self) -> None:
        """Close the socket."""
        await trio.aclose_forcefully(self._stream)


async def _read_socket(socket: trio.socket.SocketType) -> bytes:
    """Wait for bytes; always lets others run.

    A busy client's next request has arrived by the time that everybody else had a turn: asking for it
    right away spares the system's notification.
    """
    await trio.lowlevel.checkpoint()
    try:
        while True:
            try:
                return os.read(socket.fileno(), RECEIVE_BYTES)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(socket)
    except OSError as error:
        raise trio.BrokenResourceError from error


class ConnectionServer:
    """Serves clients over one OpenD.

    Args:
        opend: The shared state.
        receiver: Answers frames.
        ticker: Told after each request that deadlines may have moved.
        clock: The gateway's time.
        init_cipher: For InitConnect: RSA if a key is configured.
    """

    def __init__(
        self,
        opend: OpenD,
        receiver: Receiver,
        ticker: Ticker,
        clock: GatewayClock,
        init_cipher: Cipher,
    ) -> None:
        self._opend = opend
        self._receiver = receiver
        self._ticker = ticker
        self._clock = clock
        self._real_s = trio.lowlevel.current_clock().current_time
        self._init_cipher = init_cipher

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Serve one TCP client until it leaves or is told to; see `serve_link`."""
        await self.serve_link(TcpLink(stream), peer)

    async def serve_link(self, link: Link, peer: str) -> None:
        """Serve one client until it leaves or is told to.

        Error handling: whatever goes wrong ends this connection only; nothing is raised but
        cancellation. Resource handling: the link is closed on return.
        """
        outbox = QueuedOutbox(link.joined_bytes, self._opend.store.gate)
        outbox.send_now = link.send_now
        try:
            connection = self._opend.roster.open(
                peer, outbox, self._init_cipher, self._clock.now_ns(), link.framing
            )
        except RosterFullError as error:
            _log.warning("connection_refused", peer=peer, reason=type(error).__name__)
            await link.abort()
            return
        self._ticker.outboxes.add(outbox)
        outbox.relieve = partial(relieve, self._ticker.outboxes)
        structlog.contextvars.bind_contextvars(conn_id=connection.conn_id, peer=peer)
        _log.info("connection_opened")
        try:
            async with trio.open_nursery() as nursery:
                outbox.abort = nursery.cancel_scope.cancel
                nursery.start_soon(self._write, link, outbox)
                await self._read(link, outbox, connection, nursery)
                outbox.close("client left")
                nursery.cancel_scope.deadline = trio.current_time() + FAREWELL_S
        except Exception:  # noqa: BLE001 - the boundary: one client's trouble stays its own
            _log.exception("connection_failed")
        finally:
            self._ticker.outboxes.discard(outbox)
            self._opend.drop(connection, self._clock.now_ns())
            self._ticker.wake()
            await link.abort()
            _log.info("connection_closed", reason=outbox.closing or "server stops")

    async def _read(
        self, link: Link, outbox: QueuedOutbox, connection: Connection, nursery: trio.Nursery
    ) -> None:
        """Handle frames until the client leaves, misbehaves or never says who it is."""
        is_waited_for = True
        try:
            with trio.move_on_after(INIT_TIMEOUT_S) as handshake:
                while (frames := await link.receive()) is not None:
                    is_first = True
                    for frame in frames:
                        if not is_first:
                            await trio.lowlevel.checkpoint()
                        is_first = False
                        now_ns = self._clock.now_ns()
                        pieces = self._receiver.prepare(connection, frame, now_ns)
                        if pieces is not NO_PIECES:
                            await self._take_turns(pieces)
                            now_ns = self._clock.now_ns()
                        outbox.cork()
                        try:
                            late_reply = self._handle(connection, frame, now_ns)
                        finally:
                            outbox.uncork()
                        if is_waited_for and connection.is_ready:
                            is_waited_for = False
                            handshake.deadline = math.inf
                        if late_reply is not None:
                            nursery.start_soon(self._reply_when_settled, late_reply)
            if handshake.cancelled_caught:
                _log.info("handshake_timed_out")
        except WireError as error:
            _log.warning("wire_error", reason=str(error))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            _log.debug("connection_reset")

    @staticmethod
    async def _take_turns(pieces: Iterator[None]) -> None:
        """Let others work between the pieces of a long computation."""
        rested_s = trio.current_time()
        for _ in pieces:
            if trio.current_time() - rested_s > BUSY_S:
                await trio.lowlevel.checkpoint()
                rested_s = trio.current_time()

    async def _reply_when_settled(self, reply: Callable[[], None]) -> None:
        await self._ticker.settle()
        reply()

    def _handle(
        self, connection: Connection, frame: Frame, now_ns: int
    ) -> Callable[[], None] | None:
        started = self._real_s()
        handled = self._receiver.receive(connection, frame, now_ns)
        took_ns = int((self._real_s() - started) * 1e9)
        self._opend.delays.record_request(handled.proto_id, took_ns)
        if handled.placed_order_id is not None:
            self._opend.delays.record_order(handled.placed_order_id, took_ns, now_ns)
        if handled.has_effects:
            self._ticker.poke()
        return handled.late_reply

    @staticmethod
    async def _write(link: Link, outbox: QueuedOutbox) -> None:
        """Empty the outbox; never leave a frame half sent while the client reads."""
        try:
            while (data := await outbox.take()) is not None:
                await link.send(data)
            with trio.move_on_after(FAREWELL_S):
                await link.say_goodbye()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            _log.debug("connection_reset")
        outbox.abort()
