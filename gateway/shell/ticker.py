"""Makes time pass: asks the simulator to advance and hands what happened to the publisher."""

from __future__ import annotations

from typing import Final

import trio

from gateway.push import Publisher
from gateway.session.opend import OpenD
from gateway.shell.clock import GatewayClock

PAUSE_S: Final = 0.005
"""Events closer together than this are handled in one go: a busy market must not starve requests."""


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

    async def run(self) -> None:
        """Follow the deadlines until cancelled."""
        while True:
            await self._sleep()
            self.step()
            await trio.sleep(PAUSE_S)

    def step(self) -> None:
        """Do everything that is due now."""
        self._is_woken = False
        now_ns = self._clock.now_ns()
        started = trio.current_time()
        self._opend.engine.advance(now_ns)
        self._opend.expire(now_ns)
        self._opend.keep_changes()
        pushed = self._publisher.publish(self._opend.engine.drain())
        if pushed:
            took_ns = int((trio.current_time() - started) * 1e9)
            for push in pushed:
                late_ns = self._clock.real_ns(now_ns - push.due_ns)
                self._opend.delays.record_push(push.kind, late_ns, took_ns // len(pushed))

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
