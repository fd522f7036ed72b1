"""How far what happened is safely stored; frames wait behind it."""

from __future__ import annotations

from collections.abc import Callable


class Gate:
    """Two counters of changes: what was handed to the store, and what is committed.

    A frame that is finished now may tell of everything appended so far; it may leave once that is
    committed. As long as nothing is under way both counters agree and nobody waits.
    """

    __slots__ = ("_waiting", "appended", "committed")

    def __init__(self) -> None:
        self.appended = 0
        self.committed = 0
        self._waiting: list[Callable[[], None]] = []

    def append(self, count: int = 1) -> int:
        """Some changes were handed to the store; returns the number of the last one."""
        self.appended += count
        return self.appended

    def commit(self, number: int) -> None:
        """Everything up to that change is safe: wake all who wait."""
        self.committed = max(self.committed, number)
        waiting, self._waiting = self._waiting, []
        for wake in waiting:
            wake()

    def wake_at_commit(self, wake: Callable[[], None]) -> None:
        """Call once, at the next commit, whichever it is."""
        self._waiting.append(wake)
