"""How often an interface may be called: sliding windows, with the time as an argument.

Every window is 30 s long. Of any n + 1 admitted requests the first and the last are more than 30 s
apart, so n at once and then a rest of 30 s are as good as an even pace. A refused request leaves no
trace, so a client that keeps asking is served as soon as the window has slid on.

Source: [D] for the window; [I] that refused requests are not counted.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from simulator.domain import NS_PER_S

WINDOW_NS: Final = 30 * NS_PER_S

MAX_WINDOWS: Final = 4096
"""Windows kept at once; account ids are the client's to invent, so their number has to end."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one window allows."""

    requests: int
    """At most so many in `WINDOW_NS`."""
    spacing_ns: int = 0
    """The least distance of two requests."""


@dataclass(frozen=True, slots=True)
class WindowKey:
    """Which requests are counted together."""

    proto_id: int
    account_id: int | None = None
    """None: all of the user's requests, on whichever connection."""


class Verdict(Enum):
    """What becomes of a request."""

    ADMITTED = "admitted"
    TOO_MANY = "too_many"
    TOO_SOON = "too_soon"


@dataclass(slots=True)
class RateLimiter:
    """Remembers when the latest requests were admitted, at most n per window."""

    keeps_spacing: bool = True
    """Whether a rule's least distance of two requests is looked at."""
    _admitted: dict[WindowKey, deque[int]] = field(default_factory=dict)
    """The window used last stands last."""

    def is_full(self, key: WindowKey, rule: Rule, now_ns: int) -> bool:
        """Whether the next request would be one too many; counts nothing."""
        times = self._admitted.get(key)
        return times is not None and len(times) == rule.requests and now_ns - times[0] <= WINDOW_NS

    def admit(self, key: WindowKey, rule: Rule, now_ns: int) -> Verdict:
        """Count one request, unless the rule refuses it."""
        times = self._admitted.pop(key, None) or deque(maxlen=rule.requests)
        self._admitted[key] = times
        if len(self._admitted) > MAX_WINDOWS:
            del self._admitted[next(iter(self._admitted))]
        if len(times) == rule.requests and now_ns - times[0] <= WINDOW_NS:
            return Verdict.TOO_MANY
        if self.keeps_spacing and times and now_ns - times[-1] < rule.spacing_ns:
            return Verdict.TOO_SOON
        times.append(now_ns)
        return Verdict.ADMITTED
