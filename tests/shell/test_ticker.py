"""The task that makes time pass also tells what commands have caused."""

from __future__ import annotations

import trio

from gateway.session.notices import Notice, StatusChanged
from gateway.shell.clock import GatewayClock
from gateway.shell.ticker import PAUSE_S, Ticker
from tests.support.conversation import START_NS, World


def statuses(told: list[Notice]) -> int:
    """How many steps of logins were told."""
    return sum(isinstance(notice, StatusChanged) for notice in told)


async def test_what_a_command_caused_is_told_at_once(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """Nothing else is due, and still the operator hears of it within two pauses."""
    world = World()
    ticker = Ticker(world.opend, world.publisher, GatewayClock(START_NS))
    nursery.start_soon(ticker.run)
    await trio.testing.wait_all_tasks_blocked()
    world.opend.login.kick_out()
    ticker.wake()
    await trio.sleep(2 * PAUSE_S)

    assert statuses(world.told) == 1
    nursery.cancel_scope.cancel()


async def test_a_second_command_during_the_pause_is_told_too(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """A wake-up is not lost because the ticker rests from the one before."""
    world = World()
    ticker = Ticker(world.opend, world.publisher, GatewayClock(START_NS))
    nursery.start_soon(ticker.run)
    await trio.testing.wait_all_tasks_blocked()
    world.opend.login.kick_out()
    ticker.wake()
    await trio.sleep(PAUSE_S / 2)
    assert statuses(world.told) == 1
    world.opend.login.log_in()
    ticker.wake()
    await trio.sleep(2 * PAUSE_S)

    assert statuses(world.told) == 4
    nursery.cancel_scope.cancel()
