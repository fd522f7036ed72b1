"""How often a stream of quotes is pushed: `qot_push_frequency`.

Theory of operation. A push that comes too soon after its stream's last one is held. When the interval is
over the stream's present state leaves once, together with every print that was held meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.session.subscriptions import Topic
from simulator.domain import Trade


class DuePush(NamedTuple):
    """A stream whose interval is over."""

    topic: Topic
    trades: tuple[Trade, ...]
    """The prints held since its last push, oldest first."""
    now_ns: int


@dataclass(slots=True)
class Pacing:
    """Holds pushes back, per stream.

    Source: [D], the least interval of pushes; [I] that it is counted per stream, in
        gateway time as the rate limits are, and that first pushes are neither held nor counted.
    """

    interval_ns: int | None = None
    """None: nothing is held."""
    _sent_ns: dict[Topic, int] = field(default_factory=dict)
    _held: dict[Topic, list[Trade]] = field(default_factory=dict)
    _due: list[DuePush] = field(default_factory=list)

    def admit(
        self, topic: Topic, trades: tuple[Trade, ...], now_ns: int
    ) -> tuple[Trade, ...] | None:
        """What may leave now; None: the push is held."""
        if self.interval_ns is None:
            return trades
        sent_ns = self._sent_ns.get(topic)
        if sent_ns is not None and now_ns - sent_ns < self.interval_ns:
            self._held.setdefault(topic, []).extend(trades)
            return None
        self._sent_ns[topic] = now_ns
        return (*self._held.pop(topic, ()), *trades)

    def ripen(self, now_ns: int) -> None:
        """Let go of the streams whose interval is over."""
        interval_ns = self.interval_ns
        if interval_ns is None:
            return
        ripe = [topic for topic in self._held if now_ns - self._sent_ns[topic] >= interval_ns]
        for topic in ripe:
            self._sent_ns[topic] = now_ns
            self._due.append(DuePush(topic, tuple(self._held.pop(topic)), now_ns))

    def take_due(self) -> list[DuePush]:
        """Take what `ripen` let go."""
        taken, self._due = self._due, []
        return taken

    def next_deadline_ns(self) -> int | None:
        """When `ripen` has something to do."""
        if self.interval_ns is None or not self._held:
            return None
        return min(self._sent_ns[topic] for topic in self._held) + self.interval_ns
