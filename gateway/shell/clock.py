"""The one place that reads a clock: the gateway's time, which can run at any speed or stand still."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import trio

from simulator.domain import NS_PER_S


class GatewayClock:
    """Gateway time: UTC nanoseconds that start at `origin_ns` and run `speed` times as fast.

    Built on trio's clock, so that tests can drive it. Time stands still while the clock is paused
    and while it travels: then only `step_to` moves it, whoever works off what happens on the way.

    Args:
        origin_ns: Gateway time at the moment of construction.
        speed: Gateway seconds per real second, > 0.
        is_running: False: stand still until told otherwise.
    """

    def __init__(self, origin_ns: int, speed: float = 1.0, *, is_running: bool = True) -> None:
        self._real_s = trio.lowlevel.current_clock().current_time
        self._base_ns = origin_ns
        self._base_s = self._real_s()
        self._speed = speed
        self._is_running = is_running
        self._is_held = False
        self._limit_ns: float = math.inf
        self._goal_ns: int | None = None
        self._shown_ns: int | None = None

    def now_ns(self) -> int:
        """Gateway time; never less than at an earlier call, but for what is done `as_of` then."""
        return self._running_ns() if self._shown_ns is None else self._shown_ns

    def _running_ns(self) -> int:
        if not self._moves:
            return self._base_ns
        elapsed_s = self._real_s() - self._base_s
        return int(min(self._base_ns + int(elapsed_s * self._speed * NS_PER_S), self._limit_ns))

    def real_delay_s(self, until_ns: int) -> float:
        """How many real seconds pass until the gateway's clock shows `until_ns`; never negative."""
        left_ns = until_ns - self.now_ns()
        if left_ns <= 0:
            return 0.0
        return left_ns / NS_PER_S / self._speed if self._moves else math.inf

    def real_ns(self, gateway_ns: int) -> int:
        """A span of gateway time in real nanoseconds."""
        return int(gateway_ns / self._speed)

    # --- by command ---------------------------------------------------------------------------

    @property
    def speed(self) -> float:
        """Gateway seconds per real second."""
        return self._speed

    @property
    def is_running(self) -> bool:
        """Whether time passes by itself."""
        return self._is_running and self._shown_ns is None

    def set_speed(self, speed: float) -> None:
        """Run `speed` times as fast from now on."""
        self._rebase()
        self._limit_ns = math.inf
        self._speed = speed

    def pause(self) -> None:
        """Stand still."""
        self._rebase()
        self._is_running = False

    def resume(self) -> None:
        """Let time pass by itself."""
        self._rebase()
        self._limit_ns = math.inf
        self._is_running = True

    # --- travelling ---------------------------------------------------------------------------

    @property
    def goal_ns(self) -> int | None:
        """Where the clock is on its way to, step by step; None if it is not."""
        return self._goal_ns

    def travel_to(self, goal_ns: int) -> None:
        """Set out for a later instant; one that is nearer than an earlier goal changes nothing."""
        self._rebase()
        self._goal_ns = max(goal_ns, self._goal_ns or self._base_ns)

    def step_to(self, now_ns: int) -> None:
        """Show a later instant; the journey ends where its goal is reached."""
        self._rebase()
        self._base_ns = max(now_ns, self._base_ns)
        if self._shown_ns is not None:
            self._shown_ns = max(now_ns, self._shown_ns)
        if self._goal_ns is not None and self._base_ns >= self._goal_ns:
            self._goal_ns = None

    def put_to(self, now_ns: int) -> None:
        """Show an instant that may be earlier; a journey ends."""
        self._rebase()
        self._base_ns = now_ns
        self._limit_ns = math.inf
        self._goal_ns = self._shown_ns = None

    @contextmanager
    def as_of(self, now_ns: int) -> Iterator[None]:
        """Stand at an instant that may have passed, for something that was due then.

        What happens meanwhile takes instants of its own after it, as with a clock that stands.
        """
        self._shown_ns = now_ns
        try:
            yield
        finally:
            self._shown_ns = None

    # --- waiting for slow readers -------------------------------------------------------------

    @property
    def is_accelerated(self) -> bool:
        """Whether nobody can expect the time to be the wall's, so that it may wait for readers."""
        return self._speed > 1 or not self._is_running

    def hold(self, *, is_held: bool) -> None:
        """Stand still for a while, or go on."""
        self._rebase()
        self._is_held = is_held

    def stretch_to(self, limit_ns: int) -> None:
        """Time that would run beyond `limit_ns` waits there, and the wait is not made up for."""
        self._rebase()
        self._limit_ns = limit_ns if self.is_accelerated else math.inf

    @property
    def _moves(self) -> bool:
        return self._is_running and not self._is_held and self._goal_ns is None

    def _rebase(self) -> None:
        self._base_ns = self._running_ns()
        self._base_s = self._real_s()
