"""How many securities' history may be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.domain import NS_PER_DAY, Security

HISTORY_WINDOW_NS: Final = 7 * NS_PER_DAY
"""How long a security's first request counts. Source: [D] since 10.3.6308, opend_facts 3."""


class HistoryUse(NamedTuple):
    """A security whose history was read."""

    security: Security
    first_ns: int
    """When its unit was used, gateway time."""


@dataclass(slots=True)
class HistoryQuota:
    """One unit per security, whatever its periods and however often, for seven days.

    Source: [D] opend_facts 3.
    """

    _first_ns: dict[Security, int] = field(default_factory=dict)

    def admit(self, security: Security, total: int, now_ns: int) -> bool:
        """Use a unit unless the security has one; False, and nothing used, if all `total` are."""
        self._expire(now_ns)
        if security in self._first_ns:
            return True
        if len(self._first_ns) >= total:
            return False
        self._first_ns[security] = now_ns
        return True

    def used(self, now_ns: int) -> int:
        """Units in use."""
        self._expire(now_ns)
        return len(self._first_ns)

    def uses(self, now_ns: int) -> tuple[HistoryUse, ...]:
        """The securities in use, oldest first."""
        self._expire(now_ns)
        return tuple(HistoryUse(*item) for item in self._first_ns.items())

    def _expire(self, now_ns: int) -> None:
        for security, first_ns in tuple(self._first_ns.items()):
            if now_ns - first_ns < HISTORY_WINDOW_NS:
                return
            del self._first_ns[security]
