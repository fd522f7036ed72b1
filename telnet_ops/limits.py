"""Sliding-window limits on how often a command may run; time comes as an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` runs within any `window_s` seconds."""

    count: int
    window_s: int


class SlidingWindow:
    """Remembers the runs of one command that still count."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._admitted_ns: deque[int] = deque(maxlen=limit.count)

    def admit(self, now_ns: int) -> bool:
        """Count a run at `now_ns` (UTC nanoseconds) and return True, or return False if one too many.

        A run stops counting exactly one window after it was admitted; a refused run never counts.
        Source: [D] the numbers; [I] what happens at the edge and to refused runs.
        """
        if len(self._admitted_ns) == self._limit.count:
            if now_ns - self._admitted_ns[0] < self._limit.window_s * NS_PER_S:
                return False
            self._admitted_ns.popleft()
        self._admitted_ns.append(now_ns)
        return True
