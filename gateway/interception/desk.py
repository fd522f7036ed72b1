"""Where faults begin and end, and where the journal is switched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from gateway.faults.holding import Holding
from gateway.faults.rules import Fault, FaultStatus, Kind
from gateway.faults.table import FaultTable
from gateway.interception.tap import CUT_REASON, FrameTap
from gateway.journal.ring import Journal
from gateway.session.connection import Connection
from gateway.session.opend import OpenD
from gateway.wire.direction import Direction
from gateway.wire.proto_ids import ProtoId

NEVER_NS: Final = 1 << 62
"""Later than anything that happens: the year 2116."""


class Interception:
    """The faults of one OpenD and its journal.

    Args:
        opend: Whose connections.
        now_ns: The gateway's time.
        seed: Of what faults draw.
    """

    def __init__(self, opend: OpenD, now_ns: Callable[[], int], seed: int = 1) -> None:
        self._opend = opend
        self._now_ns = now_ns
        self._faults = FaultTable(seed)
        self._holding = Holding()
        self.journal: Final = Journal()
        self._tap = FrameTap(
            opend, now_ns, self._faults, self._holding, self.journal, self._changed
        )

    # --- what commands do ---------------------------------------------------------------------

    def add(self, fault: Fault) -> int | None:
        """Begin a fault and return its id; None if it is over at once."""
        now_ns = self._now_ns()
        if fault.kind is Kind.CUT and not fault.directions:
            for connection in self._opend.roster:
                if _is_meant(fault, connection):
                    connection.close(CUT_REASON)
            if fault.lasts_ns is None:
                return None
            fault = replace(fault, kind=Kind.REFUSE, conn_id=None)
        if fault.kind is Kind.REFUSE and fault.client_id is not None:
            fault = _cut_at_init(fault)
        fault_id = self._faults.add(fault, now_ns)
        self._settle_links((), now_ns)
        self._attach()
        return fault_id

    def clear(self, fault_id: int | None) -> int:
        """End one fault, or all for None; what they hold back leaves. Returns how many were known."""
        known = len(self._faults.status())
        self._end(self._faults.clear(fault_id), self._now_ns())
        return known - len(self._faults.status())

    def reset(self) -> None:
        """End all faults and count them from 1 again."""
        self.clear(None)
        self._faults.restart()

    def faults(self) -> tuple[FaultStatus, ...]:
        """The latest that ended by themselves, then those in force."""
        return self._faults.status()

    def keep_journal(self, size: int) -> None:
        """Write down so many frames from now on; 0 stops."""
        self.journal.resize(size)
        self._attach()

    # --- time ---------------------------------------------------------------------------------

    def expire(self, now_ns: int) -> None:
        """End what is over and let go of what is due."""
        self._end(self._faults.expire(now_ns), now_ns)
        self._holding.release(now_ns)
        self._attach()

    def shift(self, by_ns: int) -> None:
        """The clock was put elsewhere: spans stay as long as they are."""
        self._opend.links.shift(by_ns)
        self._faults.shift(by_ns)
        self._holding.shift(by_ns)

    def next_deadline_ns(self) -> int | None:
        """When `expire` has something to do."""
        deadlines = (self._faults.next_deadline_ns(), self._holding.next_deadline_ns())
        return min((d for d in deadlines if d is not None), default=None)

    def drop(self, conn_id: int) -> None:
        """A connection ended."""
        self._holding.drop_connection(conn_id)
        self._tap.drop(conn_id)

    def _end(self, ended: Sequence[FaultStatus], now_ns: int) -> None:
        for status in ended:
            self._holding.release_fault(status.fault_id, now_ns)
        if ended:
            self._settle_links(ended, now_ns)
            self._attach()

    def _changed(self) -> None:
        """Take out faults that have struck often enough; what they hold leaves in its own time."""
        self._faults.take_spent()
        self._attach()

    def _attach(self) -> None:
        """Be in the way as long as there is something to do."""
        roster, has_faults = self._opend.roster, len(self._faults) > 0
        if not self._faults.selects_securities:
            self._tap.forget_requests()
        tap = self._tap if has_faults or self.journal.is_on else None
        if roster.tap is not tap:
            roster.tap = tap
        roster.is_closed = self._turns_away if self._faults.in_force(Kind.REFUSE) else None
        is_busy = has_faults or self._holding.next_deadline_ns() is not None
        self._opend.disturbance = self if is_busy else None

    def _turns_away(self, now_ns: int) -> bool:
        turned_away = self._faults.refuses(now_ns)
        self._changed()
        return turned_away

    # --- links --------------------------------------------------------------------------------

    def _settle_links(self, ended: Iterable[FaultStatus], now_ns: int) -> None:
        """Let each link be down exactly as long as some fault wants it."""
        links = self._opend.links
        wanted = self._faults.in_force(Kind.LINK)
        quotes_up = not any(fault.breaks_quotes for fault in wanted)
        trading_up = not any(fault.breaks_trading for fault in wanted)
        if (links.quotes_are_up, not links.trading_lost) == (quotes_up, trading_up):
            return
        if quotes_up:
            keeps = all(s.fault.keeps_subscriptions for s in ended)
            links.restore_quotes(now_ns, keeps_subscriptions=keeps)
        elif links.quotes_are_up:
            links.lose_quotes(now_ns, NEVER_NS)
        if trading_up:
            links.restore_trading()
        else:
            links.lose_trading()
        if not links.has_news:
            self._opend.tell(self._opend.links_now())


def _is_meant(fault: Fault, connection: Connection) -> bool:
    if fault.conn_id not in (None, connection.conn_id):
        return False
    return fault.client_id in (None, connection.client.client_id)


def _cut_at_init(fault: Fault) -> Fault:
    """Who a client is shows in its first request only."""
    directions = frozenset({Direction.REQUEST})
    return replace(fault, kind=Kind.CUT, proto_id=ProtoId.InitConnect, directions=directions)
