"""What the commands about faults and the journal do."""

from __future__ import annotations

from collections.abc import Callable

from gateway.command_terms import refusing, security_named
from gateway.fault_orders import fault_report, journal_report, read_fault, read_filter
from gateway.interception.desk import Interception
from gateway.session.opend import OpenD
from simulator.domain import Security
from telnet_ops import control as ops


class FaultDesk:
    """Begins and ends faults, and looks into the journal.

    Args:
        opend: Whose connections suffer.
        now_ns: Its time.
        wake: Has what a command caused told soon, after its answer.
        seed: Of what faults draw.
        journal_size: How many frames are written down from the start.
    """

    def __init__(
        self,
        opend: OpenD,
        now_ns: Callable[[], int],
        wake: Callable[[], None],
        seed: int,
        journal_size: int,
    ) -> None:
        self._universe = opend.market.universe
        self._now_ns = now_ns
        self._wake = wake
        self._interception = Interception(opend, now_ns, seed)
        self._interception.keep_journal(journal_size)

    def add_fault(self, what: ops.FaultOrder) -> int | None:
        """Begin a fault and return its id; None if it is over at once."""
        fault_id = self._interception.add(read_fault(what, self._listed))
        self._wake()
        return fault_id

    def clear_faults(self, fault_id: int | None) -> int:
        """End one fault, or all for None; return how many."""
        count = self._interception.clear(fault_id)
        self._wake()
        return count

    def faults(self) -> tuple[ops.FaultReport, ...]:
        """The faults that ended by themselves, then those in force."""
        now_ns = self._now_ns()
        return tuple(fault_report(status, now_ns) for status in self._interception.faults())

    def keep_journal(self, size: int) -> None:
        """Write down every frame and keep so many; 0 stops."""
        self._interception.keep_journal(size)

    def clear_journal(self) -> None:
        """Forget what was written down."""
        self._interception.journal.clear()

    def journal(self, query: ops.JournalQuery) -> ops.JournalReport:
        """Look into the journal."""
        wanted = read_filter(query, self._listed)
        return journal_report(self._interception.journal, wanted, query.limit)

    def shift_faults(self, by_ns: int) -> None:
        """The clock was put elsewhere: faults last, and hold frames, as long as before."""
        self._interception.shift(by_ns)

    def end_faults(self) -> None:
        """As if there never had been any."""
        self._interception.reset()

    def _listed(self, symbol: str) -> Security:
        with refusing():
            return self._universe.get(security_named(symbol)).security
