"""Makes time pass: asks the simulator to advance and hands what happened to the publisher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import trio

from gateway.push import Publisher
from gateway.session.opend import OpenD
from gateway.shell.clock import GatewayClock
from gateway.shell.outbox import QueuedOutbox
from simulator.domain import NS_PER_S

PAUSE_S: Final = 0.005
"""Events closer together than this are handled in one go: a busy market must not starve requests."""
BUSY_S: Final = 0.02
"""A journey lets others work at least this often."""
LONGEST_STEP_NS: Final = 60 * NS_PER_S
"""What an accelerated clock leaves behind at most: more would be told in one go ([I])."""
FULL_BYTES: Final = 256 * 1024
"""With this much waiting for a client, an accelerated market waits too."""
PATIENCE_S: Final = 60.0
"""How long it does; a client that reads nothing at all for so long is cut off."""


class Ticker:
    """The task that follows the gateway's deadlines.

    Args:
        opend: What has deadlines.
        publisher: Where events go.
        clock: The gateway's time.
    """

    def __init__(self, opend: OpenD, publisher: Publisher, clock: GatewayClock) -> None:
        self._opend = opend
        self._publisher = publisher
        self._clock = clock
        self._sleeping_until_ns: int | None = None
        self._poked = trio.Event()
        self._is_woken = False
        self._settled = trio.Event()
        self.outboxes: Final[set[QueuedOutbox]] = set()
        """Those of the connections that are served; they may hold the market up."""
        self._grain_ns = 0
        self._has_ended = False

    def poke(self) -> None:
        """A request may have brought a deadline nearer: wake up if it did."""
        deadline = self._opend.next_deadline_ns()
        if deadline is None:
            return
        if self._sleeping_until_ns is None or deadline < self._sleeping_until_ns:
            self._poked.set()

    def wake(self) -> None:
        """Something is to be told that no deadline stands for: make one more step soon."""
        self._is_woken = True
        self._poked.set()

    def set_grain(self, grain_ns: int) -> None:
        """How much gateway time a journey may tell in one go beyond each deadline."""
        self._grain_ns = grain_ns

    async def settle(self) -> None:
        """Wait until all that was asked for has happened and every client was sent what it caused.

        A clock that is on a journey has arrived; one that runs goes on. A client that reads nothing
        is waited for as long as a client may keep the market waiting.
        """
        while not self._has_ended and (self._is_woken or self._clock.goal_ns is not None):
            if self._settled.is_set():
                self._settled = trio.Event()
            await self._settled.wait()
        with trio.move_on_after(PATIENCE_S):
            for outbox in tuple(self.outboxes):
                await outbox.flushed()

    async def run(self) -> None:
        """Follow the deadlines until cancelled."""
        try:
            await self._follow()
        finally:
            self._has_ended = True
            self._settled.set()

    async def _follow(self) -> None:
        while True:
            await self._sleep()
            if self._clock.goal_ns is not None:
                await self._travel()
            self.step()
            self._settled.set()
            if self._clock.is_accelerated:
                due_ns = self._opend.next_deadline_ns() or 0
                self._clock.stretch_to(max(due_ns, self._clock.now_ns()) + LONGEST_STEP_NS)
                await self._wait_for_readers()
            await trio.sleep(PAUSE_S)

    async def _travel(self) -> None:
        """Go from deadline to deadline, so that each is told by itself, as if time had passed."""
        rested_s = trio.current_time()
        while (goal_ns := self._clock.goal_ns) is not None:
            deadline_ns = self._opend.next_deadline_ns()
            nearest_ns = goal_ns if deadline_ns is None else deadline_ns + self._grain_ns
            self._clock.step_to(min(goal_ns, nearest_ns))
            self.step()
            if trio.current_time() - rested_s > BUSY_S:
                await trio.lowlevel.checkpoint()
                rested_s = trio.current_time()
            await self._wait_for_readers()

    async def _wait_for_readers(self) -> None:
        """Give a client that is behind the time to read; the clock stands still meanwhile."""
        full = [outbox for outbox in self.outboxes if outbox.waiting_bytes > FULL_BYTES]
        if not full:
            return
        self._clock.hold(is_held=True)
        try:
            for outbox in full:
                with trio.move_on_after(PATIENCE_S) as patience:
                    await outbox.drained_to(FULL_BYTES // 2)
                if patience.cancelled_caught:
                    outbox.give_up("client does not read")
        finally:
            self._clock.hold(is_held=False)

    def step(self) -> None:
        """Do everything that is due now."""
        self._is_woken = False
        now_ns = self._clock.now_ns()
        started = trio.current_time()
        self._opend.script.catch_up(now_ns)
        self._opend.engine.advance(now_ns)
        self._opend.expire(now_ns)
        self._opend.keep_time(now_ns)
        self._opend.keep_changes()
        with self._joined_writes():
            pushed = self._publisher.publish(self._opend.engine.drain())
        if pushed:
            took_ns = int((trio.current_time() - started) * 1e9)
            for push in pushed:
                late_ns = self._clock.real_ns(now_ns - push.due_ns)
                self._opend.delays.record_push(push.kind, late_ns, took_ns // len(pushed))

    @contextmanager
    def _joined_writes(self) -> Iterator[None]:
        """What one step tells a client leaves in one write, at once if its socket takes it."""
        outboxes = tuple(self.outboxes)
        for outbox in outboxes:
            outbox.cork()
        try:
            yield
        finally:
            for outbox in outboxes:
                outbox.uncork()

    async def _sleep(self) -> None:
        if self._is_woken:  # during the pause
            return
        self._poked = trio.Event()
        self._sleeping_until_ns = self._opend.next_deadline_ns()
        if self._sleeping_until_ns is None:
            await self._poked.wait()
            return
        with trio.move_on_after(self._clock.real_delay_s(self._sleeping_until_ns)):
            await self._poked.wait()
