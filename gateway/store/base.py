"""What a store is: changes in, everything out at the next start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.store.gate import Gate
from simulator.journal import AccountRecord, Change, Record, account_of


class StoreError(Exception):
    """The store cannot be opened, read or written; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Everything that a store holds."""

    records: tuple[Record, ...]
    """One per key, in the order in which the keys first appeared."""
    facts: Mapping[str, str]
    """What belongs to the whole store, by name: its world, its clock."""

    def account_ids(self) -> set[int]:
        """The accounts that have records."""
        return {account_of(r) for r in self.records if isinstance(r, AccountRecord)}


class Store(Protocol):
    """Keeps records and facts. Nothing here blocks, `load` and `close` excepted."""

    @property
    def gate(self) -> Gate:
        """Says how far what was appended is committed."""
        ...

    def append(self, changes: Sequence[Change]) -> None:
        """Keep records and drop removed ones; of those with the same key the last one counts."""
        ...

    def set_fact(self, name: str, value: str) -> None:
        """Keep a fact, in order with the records."""
        ...

    def load(self) -> Saved:
        """Read everything.

        Raises:
            StoreError: it cannot be read.
        """
        ...

    def close(self) -> None:
        """Commit what is under way and let go of file and connection."""
        ...
