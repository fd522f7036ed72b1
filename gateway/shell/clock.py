"""The one place that reads a clock: the gateway's time, which may run faster than the wall's."""

from __future__ import annotations

import trio

from simulator.domain import NS_PER_S


class GatewayClock:
    """Gateway time: UTC nanoseconds that start at `origin_ns` and run `speed` times as fast.

    Built on trio's clock, so that tests can drive it.

    Args:
        origin_ns: Gateway time at the moment of construction.
        speed: Gateway seconds per real second, > 0.
    """

    def __init__(self, origin_ns: int, speed: float = 1.0) -> None:
        self._origin_ns = origin_ns
        self._speed = speed
        self._started_s = trio.current_time()

    def now_ns(self) -> int:
        """Gateway time."""
        elapsed_s = trio.current_time() - self._started_s
        return self._origin_ns + int(elapsed_s * self._speed * NS_PER_S)

    def real_delay_s(self, until_ns: int) -> float:
        """How many real seconds pass until the gateway's clock shows `until_ns`; never negative."""
        return max(0.0, (until_ns - self.now_ns()) / NS_PER_S / self._speed)

    def real_ns(self, gateway_ns: int) -> int:
        """A span of gateway time in real nanoseconds."""
        return int(gateway_ns / self._speed)
