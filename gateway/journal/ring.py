"""The latest frames of all connections, plain and as they were encoded.

Theory of operation. Recording only appends: messages are decoded when somebody asks. Both the number of
entries and the sum of their bytes are bounded; the oldest go first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from gateway.wire.direction import Direction

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of all bodies together; a large reply has some hundred KB."""
USUAL_SIZE: Final = 10_000


class Entry(NamedTuple):
    """One frame."""

    number: int
    """Counted from 1 over all connections; never used again."""
    time_ns: int
    """Gateway time at which it came or left."""
    conn_id: int
    client_id: str
    direction: Direction
    proto_id: int
    serial: int | None
    """Of the request and its reply; None for pushes."""
    body_format: int
    body: bytes
    """Deciphered, without secrets; empty if it could not be deciphered."""
    faults: tuple[str, ...] = ()
    """Which kinds of faults have hit it."""
    is_delivered: bool = True
    """False: a fault kept it from whom it was meant for."""


class Journal:
    """Keeps entries.

    Args:
        size: How many at most; 0 keeps nothing.
        max_bytes: Of all bodies together.
    """

    def __init__(self, size: int = 0, max_bytes: int = MAX_BYTES) -> None:
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._max_bytes = max_bytes
        self.size = size
        self.count = 0
        """How many were recorded since the start."""

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self.size > 0

    def resize(self, size: int) -> None:
        """Keep so many from now on; 0 stops recording and keeps what there is."""
        self.size = size
        if size:
            self._trim()

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._entries.clear()
        self._bytes = 0

    def append(self, entry: Entry) -> None:
        """Keep an entry made with `next_number`."""
        self.count = entry.number
        self._entries.append(entry)
        self._bytes += len(entry.body)
        if len(self._entries) > self.size or self._bytes > self._max_bytes:
            self._trim()

    @property
    def next_number(self) -> int:
        """The number of the next entry."""
        return self.count + 1

    def _trim(self) -> None:
        while self._entries and (len(self._entries) > self.size or self._bytes > self._max_bytes):
            self._bytes -= len(self._entries.popleft().body)
