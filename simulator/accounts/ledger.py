"""Every movement of an account's cash; the sum of the entries is the cash, currency by currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from simulator.domain import Currency, Security


class EntryKind(StrEnum):
    """Why cash moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRADE = "trade"
    FEE = "fee"
    SETTLEMENT = "settlement"
    """A future's gain or loss of a day."""
    DIVIDEND = "dividend"
    FRACTION = "fraction"
    """The money for a fraction of a share that a corporate action left over."""
    RIGHTS = "rights"
    """What rights to new shares were worth."""
    EXERCISE = "exercise"
    """An option's strike against shares, or the final value of a derivative."""


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
    currency: Currency = Currency.UNKNOWN
    """Unknown: the account's own."""


class Ledger:
    """An account's entries, oldest first, and their sums.

    Args:
        currency: the account's own.
        changed: called after each entry.
    """

    def __init__(self, currency: Currency, changed: Callable[[], None] = lambda: None) -> None:
        self._has_changed = changed
        self._currency = currency
        self._entries: list[LedgerEntry] = []
        self._balances: dict[Currency, Decimal] = {currency: Decimal(0)}

    @property
    def balances(self) -> Mapping[Currency, Decimal]:
        """The sum of all entries of each currency, the account's own first."""
        return MappingProxyType(self._balances)

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
            currency = entry.currency or self._currency
            self._balances[currency] = self._balances.get(currency, Decimal(0)) + entry.amount
            self._has_changed()
