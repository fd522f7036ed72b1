"""What waits to be written to one connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

import trio

from gateway.store.gate import Gate

MAX_WAITING_BYTES: Final = 32 * 1024 * 1024
"""A client that lets this much pile up is not reading any more and is cut off ([I]: the largest reply is
a few hundred KB, a busy minute of pushes a few MB; the SDK's own receive buffer is 1 MB)."""

FAIR_BYTES: Final = 2 * 1024 * 1024
"""What every connection may let pile up, whatever others do."""

MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
"""If more than this waits on all connections together, the one with most is cut off [I]."""

MAX_WRITE_BYTES: Final = 256 * 1024
"""How many bytes of waiting frames are joined into one write."""


def _send_nothing(_data: bytes) -> int:
    return 0


class QueuedOutbox:
    """A bounded queue of finished frames with one reader, the connection's writer task.

    A frame may tell of anything that happened before it was finished; it leaves once that is
    committed, and so do those behind it: the order on a connection is kept. While a request is being
    answered the outbox is corked: its frames are then sent at once, or as soon as they may leave, as
    far as the socket takes them without waiting; the writer is only woken for the rest.

    Args:
        joined_bytes: How many bytes of waiting frames may be taken at once; 0: one frame at a time.
        gate: Says what is committed; None: everything always is.
    """

    def __init__(self, joined_bytes: int = MAX_WRITE_BYTES, gate: Gate | None = None) -> None:
        self._joined_bytes = joined_bytes
        self._gate = gate or Gate()
        self._frames: deque[tuple[int, bytes]] = deque()
        """Each frame behind the number of the change that must be committed first."""
        self._waiting_bytes = 0
        self._wake = trio.Event()
        self.closing: str | None = None
        """Why the connection is to end; None while it lives."""
        self.abort: Callable[[], None] = lambda: None
        """Ends the connection at once; set by who serves it."""
        self.send_now: Callable[[bytes], int] = _send_nothing
        """Takes bytes and returns how many of them were sent without waiting."""
        self.relieve: Callable[[], None] = lambda: None
        """Called while more than its fair share waits; set by who knows the other connections."""
        self._is_sending = False
        self._is_corked = False
        self._awaits_commit = False
        self._calm = trio.Event()

    @property
    def waiting_bytes(self) -> int:
        """How much was queued and is not yet taken to be written."""
        return self._waiting_bytes

    async def flushed(self) -> None:
        """Wait until nothing is queued or being written, or the connection is to end."""
        await self.drained_to(-1)

    async def drained_to(self, waiting_bytes: int) -> None:
        """Wait until no more than so many bytes are queued, or the connection is to end.

        Args:
            waiting_bytes: -1: not even the write of the last ones is under way.
        """
        while self.closing is None and not self._is_calm(waiting_bytes):
            if self._calm.is_set():
                self._calm = trio.Event()
            await self._calm.wait()

    def _is_calm(self, waiting_bytes: int) -> bool:
        if waiting_bytes < 0:
            return not self._frames and not self._is_sending
        return self._waiting_bytes <= waiting_bytes

    def put(self, frame: bytes) -> None:
        """Queue one whole frame; after an overflow or a close it is dropped."""
        if self.closing is not None:
            return
        self._frames.append((self._gate.appended, frame))
        self._waiting_bytes += len(frame)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self.give_up("client does not read")
        elif self._waiting_bytes > FAIR_BYTES:
            self.relieve()
        if not self._is_corked:
            self._wake.set()

    def cork(self) -> None:
        """Let what is put wait for `uncork`."""
        self._is_corked = True

    def uncork(self) -> None:
        """Send what may leave, without waiting; the writer does the rest."""
        self._is_corked = False
        if not self._is_sending and self._may_leave():
            number = self._frames[0][0]
            data = self._join()
            sent = self.send_now(data)
            self._is_sending = False
            if sent < len(data):
                self._frames.appendleft((number, data[sent:]))
                self._waiting_bytes += len(data) - sent
        if not self._frames:
            if not self._is_sending:
                self._calm.set()
        elif self._is_sending or self._may_leave():
            self._wake.set()
        elif not self._awaits_commit:
            self._awaits_commit = True
            self._gate.wake_at_commit(self._committed)

    def _committed(self) -> None:
        """Send what may leave by now, unless who has corked it will do so in a moment."""
        self._awaits_commit = False
        if not self._is_corked:
            self.uncork()

    def give_up(self, reason: str) -> None:
        """End the connection at once; what is queued is lost."""
        self._frames.clear()
        self._waiting_bytes = 0
        self.closing = reason
        self._calm.set()
        self.abort()

    def close(self, reason: str) -> None:
        """Let the writer finish what is queued and then end the connection."""
        if self.closing is None:
            self.closing = reason
        self._calm.set()
        self._wake.set()

    async def take(self) -> bytes | None:
        """Wait for frames and join them; None when the connection is to end.

        Whoever takes again has written what was taken before.
        """
        self._is_sending = False
        self._calm.set()
        while not self._may_leave():
            if self.closing is not None and not self._frames:
                return None
            self._wake = trio.Event()
            if self._frames:
                self._gate.wake_at_commit(self._wake.set)
            await self._wake.wait()
        return self._join()

    def _may_leave(self) -> bool:
        return bool(self._frames) and self._frames[0][0] <= self._gate.committed

    def _join(self) -> bytes:
        first = self._frames.popleft()[1]
        if not self._frames:
            self._waiting_bytes -= len(first)
            self._is_sending = True
            return first
        parts, size = [first], len(first)
        while self._may_leave() and size + len(self._frames[0][1]) <= self._joined_bytes:
            parts.append(self._frames.popleft()[1])
            size += len(parts[-1])
        self._waiting_bytes -= size
        self._is_sending = True
        return b"".join(parts)


def relieve(outboxes: Collection[QueuedOutbox]) -> None:
    """Cut off the connection that reads least if too much waits on all of them together."""
    if sum(outbox.waiting_bytes for outbox in outboxes) > MAX_TOTAL_BYTES:
        max(outboxes, key=lambda outbox: outbox.waiting_bytes).give_up("others need the memory")
