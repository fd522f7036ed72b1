"""Frames that are under way for longer than they should be.

Theory of operation. A frame waits until an instant of gateway time, or until the fault that holds it
ends. Frames that the same fault delays on the same connection keep their order, as on a slow line;
others overtake them. A reordered push waits for the next one that its fault hits.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from simulator.domain import NS_PER_S

REORDER_PATIENCE_NS: Final = NS_PER_S
"""How long a push waits at most for another one to overtake it."""


@dataclass(order=True, slots=True)
class _Held:
    due_ns: int
    number: int
    conn_id: int = field(compare=False)
    fault_ids: frozenset[int] = field(compare=False)
    send: Callable[[int], None] = field(compare=False)
    is_gone: bool = field(default=False, compare=False)


class Holding:
    """Keeps frames back."""

    def __init__(self) -> None:
        self._heap: list[_Held] = []
        self._count = 0
        self._line_ends: dict[tuple[int, int], int] = {}
        """When the last frame of a (fault, connection) leaves."""
        self._waiting: dict[tuple[int, int], _Held] = {}
        """The push of a (fault, connection) that is to be overtaken."""

    def delay(self, fault_id: int, conn_id: int, ready_ns: int, delay_ns: int) -> int:
        """When a frame that is ready then leaves a line with that delay."""
        key = fault_id, conn_id
        due_ns = max(ready_ns + delay_ns, self._line_ends.get(key, 0))
        self._line_ends[key] = due_ns
        return due_ns

    def squeeze(
        self, fault_id: int, conn_id: int, ready_ns: int, size: int, bytes_per_s: int
    ) -> int:
        """When a frame of `size` bytes that is ready then has gone through a narrow line."""
        key = fault_id, conn_id
        begins_ns = max(ready_ns, self._line_ends.get(key, 0))
        self._line_ends[key] = begins_ns + size * NS_PER_S // bytes_per_s
        return self._line_ends[key]

    def hold(
        self, due_ns: int, conn_id: int, fault_ids: frozenset[int], send: Callable[[int], None]
    ) -> None:
        """Keep a frame until it is due; `send` gets the time at which it leaves."""
        self._push(due_ns, conn_id, fault_ids, send)

    def overtake(
        self, fault_id: int, conn_id: int, now_ns: int, send: Callable[[int], None]
    ) -> Callable[[int], None] | None:
        """Exchange a push with the next one.

        Returns:
            None if it is the one that waits now; else what sends the one that waited, to be called after this
            one has left.
        """
        key = fault_id, conn_id
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.is_gone:
            waiting.is_gone = True
            return waiting.send
        due_ns = now_ns + REORDER_PATIENCE_NS
        self._waiting[key] = self._push(due_ns, conn_id, frozenset({fault_id}), send)
        return None

    def release(self, now_ns: int) -> None:
        """Let go of what is due, each at its own instant."""
        while self._heap and (self._heap[0].is_gone or self._heap[0].due_ns <= now_ns):
            held = heapq.heappop(self._heap)
            if not held.is_gone:
                held.is_gone = True
                held.send(now_ns)

    def release_fault(self, fault_id: int, now_ns: int) -> None:
        """A fault ended: what it holds leaves at once, in order."""
        freed = sorted(held for held in self._heap if fault_id in held.fault_ids)
        for held in freed:
            if not held.is_gone:
                held.is_gone = True
                held.send(now_ns)
        self._forget(lambda key: key[0] == fault_id)

    def drop_connection(self, conn_id: int) -> None:
        """A connection ended, and what was under way to it with it."""
        for held in self._heap:
            if held.conn_id == conn_id:
                held.is_gone = True
        self._forget(lambda key: key[1] == conn_id)

    def shift(self, by_ns: int) -> None:
        """The clock was put elsewhere: each frame waits as long as it would have."""
        for held in self._heap:  # their order stays
            held.due_ns += by_ns
        self._line_ends = {key: end_ns + by_ns for key, end_ns in self._line_ends.items()}

    def next_deadline_ns(self) -> int | None:
        """When `release` has something to do."""
        while self._heap and self._heap[0].is_gone:
            heapq.heappop(self._heap)
        return self._heap[0].due_ns if self._heap else None

    def _push(
        self, due_ns: int, conn_id: int, fault_ids: frozenset[int], send: Callable[[int], None]
    ) -> _Held:
        self._count += 1
        held = _Held(due_ns, self._count, conn_id, fault_ids, send)
        heapq.heappush(self._heap, held)
        return held

    def _forget(self, is_over: Callable[[tuple[int, int]], bool]) -> None:
        self._heap = [held for held in self._heap if not held.is_gone]
        heapq.heapify(self._heap)
        self._line_ends = {k: end for k, end in self._line_ends.items() if not is_over(k)}
        self._waiting = {k: held for k, held in self._waiting.items() if not is_over(k)}
