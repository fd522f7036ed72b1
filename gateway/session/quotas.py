"""How many securities' history may be read."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.session.option_chains import (
    Counted,
    CountedAs,
    OptionChain,
    as_itself,
    option_quota,
)
from simulator.domain import NS_PER_DAY, Security
from simulator.errors import UnknownSecurity
from simulator.journal import Change, HistoryUseRecord, Record, Removal

HISTORY_WINDOW_NS: Final = 7 * NS_PER_DAY
"""How long a security's first request counts. Source: [D] since 10.3.6308."""


class HistoryUse(NamedTuple):
    """A security whose history was read."""

    security: Security
    """Of an option chain, the option that was asked for first."""
    first_ns: int
    """When its unit was used, gateway time."""


@dataclass(slots=True)
class HistoryQuota:
    """One unit per security, whatever its periods and however often, for a number of days.

    The options of a chain use one unit of the option quota together.

    Source: [D]: seven days, thirty before 10.3.
    """

    window_ns: int = HISTORY_WINDOW_NS
    counted_as: CountedAs = as_itself
    _uses: dict[Counted, HistoryUse] = field(default_factory=dict)
    _changes: list[Change] = field(default_factory=list)

    def admit(self, security: Security, total: int, now_ns: int) -> bool:
        """Use a unit unless the security has one; False, and nothing used, if all are.

        Args:
            security: Whose history is read.
            total: Units that there are; options have their share of as many.
            now_ns: Gateway time.
        """
        self._expire(now_ns)
        counted = self.counted_as(security)
        if counted in self._uses:
            return True
        is_option = isinstance(counted, OptionChain)
        if self._count(of_options=is_option) >= (option_quota(total) if is_option else total):
            return False
        self._uses[counted] = HistoryUse(security, now_ns)
        self._changes.append(HistoryUseRecord(security, now_ns))
        return True

    def used(self, now_ns: int) -> int:
        """Units in use, without options."""
        self._expire(now_ns)
        return self._count(of_options=False)

    def option_used(self, now_ns: int) -> int:
        """Units of the option quota in use."""
        self._expire(now_ns)
        return self._count(of_options=True)

    @property
    def counted(self) -> int:
        """Units in use when they were last looked at, without options."""
        return self._count(of_options=False)

    def uses(self, now_ns: int) -> tuple[HistoryUse, ...]:
        """The securities in use, oldest first."""
        self._expire(now_ns)
        return tuple(self._uses.values())

    # --- the journal ---------------------------------------------------------------------------

    def take_changes(self) -> list[Change]:
        """What came and went since the last call."""
        taken, self._changes = self._changes, []
        return taken

    def all_records(self) -> list[Record]:
        """All units in use."""
        return [HistoryUseRecord(*use) for use in self._uses.values()]

    def restore(self, records: Iterable[HistoryUseRecord]) -> None:
        """Have these units in use, and no others; what is listed no more is left out."""
        self._uses.clear()
        for record in sorted(records, key=lambda record: record.first_ns):
            with suppress(UnknownSecurity):
                counted = self.counted_as(record.security)
                self._uses.setdefault(counted, HistoryUse(record.security, record.first_ns))

    def _count(self, *, of_options: bool) -> int:
        return sum(isinstance(counted, OptionChain) is of_options for counted in self._uses)

    def _expire(self, now_ns: int) -> None:
        for counted, use in tuple(self._uses.items()):
            if now_ns - use.first_ns < self.window_ns:
                return
            del self._uses[counted]
            self._changes.append(Removal(HistoryUseRecord, use.security.symbol))
