"""One client's socket: a reader that feeds the dispatcher, a writer that empties the outbox."""

from __future__ import annotations

from typing import Final

import structlog
import trio

from gateway.dispatch import Dispatcher
from gateway.errors import WireError
from gateway.session.connection import Connection
from gateway.session.opend import OpenD
from gateway.session.roster import RosterFullError
from gateway.shell.clock import GatewayClock
from gateway.shell.outbox import QueuedOutbox
from gateway.shell.ticker import Ticker
from gateway.wire.ciphers import Cipher
from gateway.wire.ft_frame import Frame, FrameReader

_log: Final = structlog.get_logger()

RECEIVE_BYTES: Final = 64 * 1024
INIT_TIMEOUT_S: Final = 30.0
"""How long a client may take to send its first whole frame [I]; SDKs send it at once."""
FAREWELL_S: Final = 0.5
"""How long a closing connection may take to send what is queued."""


class ConnectionServer:
    """Serves client streams over one OpenD.

    Args:
        opend: The shared state.
        dispatcher: Answers frames.
        ticker: Told after each request that deadlines may have moved.
        clock: The gateway's time.
        init_cipher: For InitConnect: RSA if a key is configured.
    """

    def __init__(
        self,
        opend: OpenD,
        dispatcher: Dispatcher,
        ticker: Ticker,
        clock: GatewayClock,
        init_cipher: Cipher,
    ) -> None:
        self._opend = opend
        self._dispatcher = dispatcher
        self._ticker = ticker
        self._clock = clock
        self._init_cipher = init_cipher

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Serve one client until it leaves or is told to.

        Error handling: whatever goes wrong ends this connection only; nothing is raised but
        cancellation. Resource handling: the stream is closed on return.
        """
        outbox = QueuedOutbox()
        try:
            connection = self._opend.roster.open(
                peer, outbox, self._init_cipher, self._clock.now_ns()
            )
        except RosterFullError:
            _log.warning("connection_refused", peer=peer, reason="too many connections")
            await trio.aclose_forcefully(stream)
            return
        structlog.contextvars.bind_contextvars(conn_id=connection.conn_id, peer=peer)
        _log.info("connection_opened")
        try:
            async with trio.open_nursery() as nursery:
                outbox.abort = nursery.cancel_scope.cancel
                nursery.start_soon(self._write, stream, outbox)
                await self._read(stream, connection)
                outbox.close("client left")
                nursery.cancel_scope.deadline = trio.current_time() + FAREWELL_S
        except Exception:  # noqa: BLE001 - the boundary: one client's trouble stays its own
            _log.exception("connection_failed")
        finally:
            self._opend.drop(connection, self._clock.now_ns())
            self._ticker.poke()
            await trio.aclose_forcefully(stream)
            _log.info("connection_closed", reason=outbox.closing or "server stops")

    async def _read(self, stream: trio.abc.Stream, connection: Connection) -> None:
        """Handle frames until the client leaves, misbehaves or never says who it is."""
        reader = FrameReader()
        try:
            with trio.move_on_after(INIT_TIMEOUT_S) as handshake:
                while data := await stream.receive_some(RECEIVE_BYTES):
                    reader.feed(bytes(data))
                    while (frame := reader.next_frame()) is not None:
                        handshake.deadline = float("inf")
                        self._handle(connection, frame)
                        await trio.lowlevel.checkpoint()
            if handshake.cancelled_caught:
                _log.info("handshake_timed_out")
        except WireError as error:
            _log.warning("wire_error", reason=str(error))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            _log.debug("connection_reset")

    def _handle(self, connection: Connection, frame: Frame) -> None:
        started = trio.current_time()
        now_ns = self._clock.now_ns()
        handled = self._dispatcher.receive(connection, frame, now_ns)
        took_ns = int((trio.current_time() - started) * 1e9)
        self._opend.delays.record_request(handled.proto_id, took_ns)
        if handled.placed_order_id is not None:
            self._opend.delays.record_order(handled.placed_order_id, took_ns, now_ns)
        self._ticker.poke()

    @staticmethod
    async def _write(stream: trio.abc.Stream, outbox: QueuedOutbox) -> None:
        """Empty the outbox; never leave a frame half sent while the client reads."""
        try:
            while (data := await outbox.take()) is not None:
                await stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            _log.debug("connection_reset")
        outbox.abort()
