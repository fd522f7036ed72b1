"""The store that forgets everything when the process ends; nobody ever waits for it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.store.base import Saved
from gateway.store.gate import Gate
from simulator.journal import Change, Record, Removal


class MemoryStore:
    """Keeps records in a dictionary, from which snapshots are taken."""

    def __init__(self) -> None:
        self.gate = Gate()
        self._records: dict[tuple[type[Record], str], Record] = {}
        self._facts: dict[str, str] = {}

    def append(self, changes: Sequence[Change]) -> None:
        """Keep the records; they count as committed at once."""
        for change in changes:
            if isinstance(change, Removal):
                self._records.pop((change.kind, change.key), None)
            else:
                self._records[type(change), change.key] = change

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        self._facts[name] = value

    def load(self) -> Saved:
        """What was kept so far in this process."""
        return Saved(tuple(self._records.values()), dict(self._facts))

    def close(self) -> None:
        """Nothing to let go of."""
