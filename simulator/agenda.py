"""What is due when: a heap of callbacks, run in order of time, then of rank and insertion."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final

Action = Callable[[int], None]
"""Called with the gateway instant for which it was planned."""


LAST: Final = 2**62
"""The rank of what has none."""


class Agenda:
    """Future actions on the gateway's clock. An action finds out itself whether it still matters."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Action]] = []
        self._sequence = count()

    def add(self, at_ns: int, action: Action, rank: int = LAST) -> None:
        """Plan an action; those of one instant and rank run in the order in which they were added."""
        heappush(self._heap, (at_ns, rank, next(self._sequence), action))

    def clear(self) -> None:
        """Plan nothing any more."""
        self._heap.clear()

    def next_ns(self) -> int | None:
        """When the next action is due."""
        return self._heap[0][0] if self._heap else None

    def run_until(self, now_ns: int) -> None:
        """Run all that is due, including what the actions themselves add."""
        while self._heap and self._heap[0][0] <= now_ns:
            at_ns, _, _, action = heappop(self._heap)
            action(at_ns)
