"""One thread that writes what is appended: all that came while the last commit ran goes together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from simulator.journal import Change, Record, Removal

JOIN_S: Final = 15.0


@dataclass(slots=True)
class Batch:
    """What goes into one commit."""

    number: int = 0
    """Of the last change in it."""
    records: dict[tuple[type[Record], str], Record | None] = field(default_factory=dict)
    """By kind and key; None: it is removed."""
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, changes: Sequence[Change]) -> None:
        """Take in changes, later than all that it has."""
        for change in changes:
            if isinstance(change, Removal):
                self.records[change.kind, change.key] = None
            else:
                self.records[type(change), change.key] = change


@dataclass(frozen=True, slots=True)
class _Change:
    number: int
    changes: Sequence[Change] = ()
    facts: Sequence[tuple[str, str]] = ()


class GroupWriter:
    """Hands batches to a writing function, one at a time and in order.

    Thread safety: `append` and `close` belong to one thread; the two callbacks are called in the
    writer's.

    Args:
        write: makes one batch durable, or raises after all its own attempts.
        committed: told the number of the last change that is safe.
        failed: told the error; nothing is written after that.
    """

    def __init__(
        self,
        write: Callable[[Batch], None],
        committed: Callable[[int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._write = write
        self._committed = committed
        self._failed = failed
        self._queue: SimpleQueue[_Change | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def append(
        self, number: int, changes: Sequence[Change] = (), facts: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Queue a change; never blocks."""
        self._queue.put(_Change(number, changes, facts))

    def close(self) -> None:
        """Write what is queued and end the thread."""
        self._queue.put(None)
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._collect()
            if not batch.number:
                continue
            try:
                self._write(batch)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing is safe any more
                self._failed(error)
                return
            self._committed(batch.number)

    def _collect(self) -> tuple[Batch, bool]:
        """Wait for a change and take all others that are there; False: this is the end."""
        batch = Batch()
        change = self._queue.get()
        while change is not None:
            batch.number = change.number
            batch.add(change.changes)
            batch.facts.update(change.facts)
            try:
                change = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False
