"""Every movement of an account's cash; the sum of the entries is the cash."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from simulator.domain import Security


class EntryKind(StrEnum):
    """Why cash moved."""

    DEPOSIT = "deposit"
    TRADE = "trade"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement of cash."""

    time_ns: int
    """Market clock."""
    kind: EntryKind
    amount: Decimal
    """Positive into the account."""
    order_id: int | None = None
    security: Security | None = None


class Ledger:
    """An account's entries, oldest first, and their sum."""

    def __init__(self) -> None:
        self._entries: list[LedgerEntry] = []
        self._cash = Decimal(0)

    @property
    def cash(self) -> Decimal:
        """The sum of all entries."""
        return self._cash

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, oldest first."""
        return tuple(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def since(self, count: int) -> tuple[LedgerEntry, ...]:
        """The entries after the first `count`."""
        return tuple(self._entries[count:])

    def post(self, entry: LedgerEntry) -> None:
        """Add an entry; an amount of zero leaves no trace."""
        if entry.amount:
            self._entries.append(entry)
            self._cash += entry.amount
