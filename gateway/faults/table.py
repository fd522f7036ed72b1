"""The faults in force: who is hit by which, as a function of the seed and the order of the frames.

Theory of operation. Each fault counts the frames that it selects. Whether it strikes the n-th one of a
protocol, and how hard, is drawn from (seed, fault id, protocol, n), so that two runs with the same frames
meet the same fate. A fault that is added or cleared changes nothing for the others, and a KeepAlive that
comes a little earlier changes nothing for what else goes on.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.faults.rules import PROTOCOLS, Fault, FaultStatus, Kind, Strike, Subject
from gateway.wire.proto_ids import ProtoId

_DRAW_BYTES: Final = 8
_HIT: Final = "hit"
_SIZE: Final = "size"
_NO_PROTOCOL: Final = 0
_KEPT_OVER: Final = 50
_UNTOUCHED: Final = frozenset({ProtoId.TestCmd})
"""By which faults are cleared: they suffer only if they are meant by name."""


@dataclass(slots=True)
class _Entry:
    fault_id: int
    fault: Fault
    begun_ns: int
    until_ns: int | None
    matched: int = 0
    struck: int = 0
    seen: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How many it selected of each protocol."""

    @property
    def is_spent(self) -> bool:
        return self.fault.count is not None and self.struck >= self.fault.count

    def status(self) -> FaultStatus:
        return FaultStatus(
            self.fault_id, self.fault, self.begun_ns, self.until_ns, self.matched, self.struck
        )


def draw(seed: int, fault_id: int, proto_id: int, number: int, stream: str) -> float:
    """A number in [0, 1) that looks random and is always the same."""
    text = f"fault:{seed}:{fault_id}:{proto_id}:{number}:{stream}".encode()
    digest = hashlib.blake2b(text, digest_size=_DRAW_BYTES).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)


class FaultTable:
    """The faults in force, in the order in which they were added.

    Args:
        seed: Of the draws.
    """

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._entries: dict[int, _Entry] = {}
        self._over: deque[FaultStatus] = deque(maxlen=_KEPT_OVER)
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, fault: Fault, now_ns: int) -> int:
        """Begin a fault and return its id, counted from 1."""
        self._last_id += 1
        until_ns = None if fault.lasts_ns is None else now_ns + fault.lasts_ns
        self._entries[self._last_id] = _Entry(self._last_id, fault, now_ns, until_ns)
        return self._last_id

    def clear(self, fault_id: int | None) -> tuple[FaultStatus, ...]:
        """End one fault, or all for None, and forget them; returns those that ended."""
        self._over = deque(
            (done for done in self._over if fault_id not in (None, done.fault_id)),
            maxlen=_KEPT_OVER,
        )
        chosen = [entry for number, entry in self._entries.items() if fault_id in (None, number)]
        return self._end(chosen)

    def restart(self) -> None:
        """Count ids from 1 again, so that draws repeat; only while there are no faults."""
        self._last_id = 0

    def expire(self, now_ns: int) -> tuple[FaultStatus, ...]:
        """End what has lasted long enough; returns what ended."""
        return self._finish(
            [e for e in self._entries.values() if e.until_ns is not None and now_ns >= e.until_ns]
        )

    def shift(self, by_ns: int) -> None:
        """The clock was put elsewhere: what has lasted, and what is left, stays the same."""
        for entry in self._entries.values():
            entry.begun_ns += by_ns
            if entry.until_ns is not None:
                entry.until_ns += by_ns

    def next_deadline_ns(self) -> int | None:
        """When `expire` has something to do."""
        ends = (e.until_ns for e in self._entries.values() if e.until_ns is not None)
        return min(ends, default=None)

    def status(self) -> tuple[FaultStatus, ...]:
        """The latest faults that ended by themselves, then those in force."""
        return (*self._over, *(entry.status() for entry in self._entries.values()))

    def in_force(self, kind: Kind) -> tuple[Fault, ...]:
        """The faults of a kind that are not over."""
        faults = (entry.fault for entry in self._entries.values())
        return tuple(fault for fault in faults if fault.kind is kind)

    @property
    def selects_securities(self) -> bool:
        """Whether any fault asks what a frame is about."""
        return any(entry.fault.security is not None for entry in self._entries.values())

    def strikes(self, subject: Subject, now_ns: int) -> list[Strike]:
        """What a frame meets, in the order of the faults."""
        struck: list[Strike] = []
        for entry in tuple(self._entries.values()):
            is_over = entry.until_ns is not None and now_ns >= entry.until_ns
            if is_over or entry.is_spent or not _selects(entry.fault, subject):
                continue
            if not self._hits(entry, subject.proto_id):
                continue
            number = entry.seen[subject.proto_id]
            size = draw(self._seed, entry.fault_id, subject.proto_id, number, _SIZE)
            struck.append(Strike(entry.fault_id, entry.fault, entry.begun_ns, size))
        return struck

    def refuses(self, now_ns: int) -> bool:
        """Whether a connection that begins now is refused; counts as a strike."""
        for entry in self._entries.values():
            fault = entry.fault
            is_over = entry.until_ns is not None and now_ns >= entry.until_ns
            if fault.kind is not Kind.REFUSE or is_over or entry.is_spent:
                continue
            if self._hits(entry, _NO_PROTOCOL):
                return True
        return False

    def take_spent(self) -> tuple[FaultStatus, ...]:
        """Remove the faults that have struck as often as they were to."""
        return self._finish([entry for entry in self._entries.values() if entry.is_spent])

    def _hits(self, entry: _Entry, proto_id: int) -> bool:
        """Count a frame that is selected, and whether it is struck."""
        entry.matched += 1
        entry.seen[proto_id] += 1
        if entry.matched <= entry.fault.skip:
            return False
        probability, number = entry.fault.probability, entry.seen[proto_id]
        if probability < 1:
            chance = draw(self._seed, entry.fault_id, proto_id, number, _HIT)
            if chance >= probability:
                return False
        entry.struck += 1
        return True

    def _finish(self, entries: list[_Entry]) -> tuple[FaultStatus, ...]:
        ended = tuple(replace(status, is_over=True) for status in self._end(entries))
        self._over.extend(ended)
        return ended

    def _end(self, entries: list[_Entry]) -> tuple[FaultStatus, ...]:
        for entry in entries:
            del self._entries[entry.fault_id]
        return tuple(entry.status() for entry in entries)


def _selects(fault: Fault, subject: Subject) -> bool:
    if subject.direction not in fault.directions:
        return False
    if fault.conn_id not in (None, subject.conn_id):
        return False
    if fault.client_id not in (None, subject.client_id):
        return False
    if not _selects_protocol(fault, subject.proto_id):
        return False
    return fault.security is None or subject.is_about(fault.security)


def _selects_protocol(fault: Fault, proto_id: int) -> bool:
    if fault.proto_id is not None:
        return fault.proto_id == proto_id
    only = PROTOCOLS.get(fault.kind)
    return proto_id in only if only is not None else proto_id not in _UNTOUCHED
