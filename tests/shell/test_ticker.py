"""The task that makes time pass also tells what commands have caused."""

from __future__ import annotations

import trio

from gateway.control import Driver, GatewayControl
from gateway.session.notices import Notice, StatusChanged
from gateway.shell.clock import GatewayClock
from gateway.shell.outbox import QueuedOutbox
from gateway.shell.ticker import FULL_BYTES, PATIENCE_S, PAUSE_S, Ticker
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Market, Security
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
    await trio.sleep(2 * PAUSE_S)  # the first step and its pause are over
    world.opend.login.kick_out()
    ticker.wake()
    await trio.sleep(PAUSE_S / 2)
    assert statuses(world.told) == 1
    world.opend.login.log_in()
    ticker.wake()
    await trio.sleep(2 * PAUSE_S)

    assert statuses(world.told) == 4
    nursery.cancel_scope.cancel()


async def test_a_journey_tells_everything_before_it_ends(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """A standing clock goes a minute on; `settle` returns when each print of it has been pushed."""
    world = World()
    clock = GatewayClock(START_NS, is_running=False)
    ticker = Ticker(world.opend, world.publisher, clock)
    client = world.connect()
    tencent = {"market": 1, "code": "00700"}
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[tencent],
        subTypeList=[4],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
        isFirstPush=False,
    )
    nursery.start_soon(ticker.run)
    await trio.sleep(60)
    assert clock.now_ns() == START_NS
    clock.travel_to(START_NS + 60 * NS_PER_S)
    ticker.wake()
    await ticker.settle()

    assert clock.now_ns() == START_NS + 60 * NS_PER_S
    security = Security(Market.HK, "00700")
    printed = world.opend.market.trades_between(security, START_NS, clock.now_ns())
    pushes = [p.s2c for p in client.collect() if p.proto_id == ProtoId.Qot_UpdateTicker]
    told = [trade.sequence for push in pushes for trade in push.tickerList]
    assert told == [trade.sequence for trade in printed]
    assert len(pushes) == len(printed)
    nursery.cancel_scope.cancel()


async def test_a_jump_leaves_others_their_turn(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """It only sets out; the ticker gets there, and watchers are told how things are then."""
    world = World()
    clock = GatewayClock(START_NS, is_running=False)
    ticker = Ticker(world.opend, world.publisher, clock)
    control = GatewayControl(world.opend, clock, Driver(ticker.wake, ticker.set_grain))
    client = world.connect()
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[{"market": 1, "code": "00700"}],
        subTypeList=[1],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
        isFirstPush=False,
    )
    nursery.start_soon(ticker.run)
    await trio.sleep(60)
    client.collect()
    control.jump("close", "HK_STOCK")
    goal_ns = clock.goal_ns
    assert clock.now_ns() == START_NS
    await ticker.settle()

    assert clock.now_ns() == goal_ns
    pushes = [p for p in client.collect() if p.proto_id == ProtoId.Qot_UpdateBasicQot]
    assert len(pushes) == 1
    nursery.cancel_scope.cancel()


async def test_an_accelerated_market_waits_for_its_readers(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """With too much waiting for one client time stands, and goes on where it stood."""
    world = World()
    clock = GatewayClock(START_NS, speed=100)
    ticker = Ticker(world.opend, world.publisher, clock)
    outbox = QueuedOutbox()
    ticker.outboxes.add(outbox)
    outbox.put(bytes(FULL_BYTES + 1))
    nursery.start_soon(ticker.run)
    ticker.wake()
    await trio.sleep(1)
    stood_ns = clock.now_ns()
    await trio.sleep(5)
    assert clock.now_ns() == stood_ns
    await outbox.take()
    await trio.sleep(1)

    assert clock.now_ns() - stood_ns > 90 * NS_PER_S
    assert outbox.closing is None
    nursery.cancel_scope.cancel()


async def test_a_client_that_reads_nothing_does_not_stop_time_for_good(
    autojump_clock: trio.testing.MockClock, nursery: trio.Nursery
) -> None:
    """After a minute it is cut off, and time passes for the others."""
    world = World()
    clock = GatewayClock(START_NS, speed=100)
    ticker = Ticker(world.opend, world.publisher, clock)
    outbox = QueuedOutbox()
    ticker.outboxes.add(outbox)
    outbox.put(bytes(FULL_BYTES + 1))
    nursery.start_soon(ticker.run)
    ticker.wake()
    await trio.sleep(PATIENCE_S + 2)

    assert outbox.closing == "client does not read"
    assert clock.now_ns() > START_NS + 90 * NS_PER_S
    nursery.cancel_scope.cancel()


async def test_nobody_waits_for_a_ticker_that_has_ended(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Who waits for a journey that nobody makes any more goes on, and so does who asks later."""
    world = World()
    clock = GatewayClock(START_NS, is_running=False)
    ticker = Ticker(world.opend, world.publisher, clock)
    with trio.CancelScope() as scope:
        scope.cancel()
        await ticker.run()
    clock.travel_to(START_NS + NS_PER_S)
    ticker.wake()
    with trio.fail_after(1):
        await ticker.settle()

    assert clock.goal_ns == START_NS + NS_PER_S


async def test_what_was_due_earlier_has_an_instant_of_its_own_then(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """The clock shows it meanwhile and stands there; the time that passes by itself is not touched."""
    clock = GatewayClock(START_NS, speed=10)
    await trio.sleep(1)
    with clock.as_of(START_NS + 5):
        assert clock.now_ns() == START_NS + 5
        assert not clock.is_running
        clock.step_to(START_NS + 1_005)
        assert clock.now_ns() == START_NS + 1_005
        assert clock.real_delay_s(START_NS) == 0
    assert clock.is_running

    assert clock.now_ns() == START_NS + 10 * NS_PER_S
