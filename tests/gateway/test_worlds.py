"""Worlds begin with the first who asks for them and end a while after the last one left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import trio

from gateway.worlds import LINGER_S, MAX_WORLDS, TooManyWorldsError, Worlds
from telnet_ops.registry import UsageError


class FakeServer:
    """Serves a link until it is told to stop."""

    def __init__(self) -> None:
        self.done = trio.Event()

    async def serve_link(self, _link: object, _peer: str) -> None:
        await self.done.wait()


class FakeWorld:
    """A world whose ticker only notes that it runs."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.ticker = self
        self.clock = SimpleNamespace(now_ns=lambda: 7)
        self.opend = SimpleNamespace(roster=())
        self.is_running = False
        self.closed: list[str] = []

    async def run(self) -> None:
        self.is_running = True
        try:
            await trio.sleep_forever()
        finally:
            self.is_running = False

    def close_connections(self, reason: str) -> None:
        self.closed.append(reason)


def make_worlds() -> tuple[Any, Any]:
    """Worlds of fakes, and the common one."""
    common: Any = FakeWorld()
    return Worlds(common, FakeWorld), common


async def test_a_world_lives_a_while_after_its_last_visitor(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    """It is the same for a client that connects again, and a new one later."""
    worlds, _ = make_worlds()
    nursery.start_soon(worlds.run)
    nursery.start_soon(worlds.serve, "a", None, "peer")
    await trio.testing.wait_all_tasks_blocked()
    first = worlds.find("a")
    await trio.sleep(10 * LINGER_S)
    assert worlds.find("a") is first
    assert first.is_running
    first.server.done.set()
    await trio.sleep(LINGER_S / 2)
    assert worlds.find("a") is first
    await trio.sleep(2 * LINGER_S)

    assert not first.is_running
    assert first.closed == ["its world ended"]
    assert worlds.find("a") is not first


async def test_the_common_world_is_always_there(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    """Who names none meets it; it is not listed and cannot be ended."""
    worlds, common = make_worlds()
    nursery.start_soon(worlds.run)
    await trio.sleep(10 * LINGER_S)

    assert worlds.find("") is common
    assert worlds.report() == ()
    assert not worlds.end("")
    assert list(worlds) == [common]


async def test_there_is_an_end_to_worlds() -> None:
    """One more than there may be is refused, with a text for operators."""
    worlds, _ = make_worlds()
    for number in range(MAX_WORLDS):
        worlds.find(str(number))

    with pytest.raises(TooManyWorldsError):
        worlds.find("one more")
    with pytest.raises(UsageError, match="Too many worlds"):
        worlds.directed("one more")
    assert worlds.end("0")
    worlds.find("one more")
