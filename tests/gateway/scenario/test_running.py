"""Steps happen at their times and on their conditions, each at its own instant."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from telnet_ops.scenario import ScenarioReport
from tests.support.conversation import World
from tests.support.markets import wall_market
from tests.support.trade_client import BUY, SELL, Trader
from tests.support.trading import HK

OPENING_IN_HK = 1_768_440_600 * 10**9
TENCENT = {"market": 1, "code": "00700"}


@pytest.fixture
def world() -> World:
    """9:30 on a trading day in Hong Kong."""
    return World(start_ns=OPENING_IN_HK, market=wall_market())


def begin(world: World, steps: str) -> None:
    """Begin a scenario of these steps; what is due at once happens."""
    world.scenarios.load(f"steps:\n{steps}", "it.yaml")
    world.pass_time(0)


def progress(world: World) -> ScenarioReport:
    """How far it is."""
    report = world.scenarios.report()
    assert report is not None
    return report


def states(world: World) -> list[str]:
    """The states of the only track's steps."""
    return [step.state for step in progress(world).tracks[0].steps]


def quota(world: World) -> int:
    """What a step may change without much ado."""
    return world.opend.subscriptions.quota


def last_price(world: World) -> float:
    """What a snapshot says."""
    reply = world.connect().ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])
    return reply.s2c.snapshotList[0].basic.curPrice


def seconds(world: World) -> list[float | None]:
    """When steps happened, in seconds after the opening."""
    at = [step.at_ns for step in progress(world).tracks[0].steps]
    return [None if t is None else (t - OPENING_IN_HK) / 1e9 for t in at]


def test_times_count_from_the_step_before(world: World) -> None:
    """A time of day, then spans, then what follows at once."""
    begin(
        world,
        "- at: 09:31\n  sim_quota: {subscriptions: 11}\n"
        "- after: 90s\n  sim_quota: {subscriptions: 12}\n"
        "- sim_quota: {history: 13}\n"
        "- at: 2026-01-15T09:34:00\n  sim_quota: {history: 14}\n"
        "- at: 09:31\n  sim_quota: {history: 15}\n",
    )
    world.pass_time(59)
    assert states(world) == ["waiting", "later", "later", "later", "later"]
    world.pass_time(1)
    assert quota(world) == 11
    world.pass_time(240)

    assert seconds(world) == [60, 150, 150, 240, None]
    assert states(world)[-1] == "waiting"
    world.pass_time(24 * 3600)
    assert seconds(world)[-1] == 24 * 3600 + 60
    assert progress(world).state == "finished"


@pytest.mark.slow
def test_a_step_that_is_noticed_late_happens_at_its_instant() -> None:
    """The market goes on as if it had been noticed in time; conditions are judged print by print."""
    steps = (
        "- at: 09:31\n  sim_price: {security: HK.00700, percent: -5, over: 2m}\n"
        "- when: {price: {security: HK.00700, falls: 3}}\n  sim_halt: {security: HK.00700, lasts: 1m}\n"
        "- when: {price: {security: HK.00700, falls: 0.5}}\n  sim_quota: {subscriptions: 5}\n"
    )
    told = []
    for is_late in (False, True):
        world = World(start_ns=OPENING_IN_HK, market=wall_market())
        begin(world, steps)
        if is_late:
            world.skip_time(1200)
        else:
            world.pass_time(1200)
        trades = world.opend.market.trades((1, "00700"), world.now_ns, 10_000)
        told.append((seconds(world), [(t.time_ns, t.price, t.volume) for t in trades]))

    assert told[0] == told[1]
    assert all(at is not None for at in told[0][0])
    assert 60 < told[0][0][1] < 180


def test_an_order_is_seen_at_each_of_its_turns(world: World) -> None:
    """What is known of it can be written into commands; turns of one instant come one by one."""
    trader = Trader(world, HK)
    begin(
        world,
        "- sim_order: {action: fill, percent: 50}\n"
        "- when: {order: placed}\n  sim_quota: {history: 1}\n"
        "- when: {order: {becomes: submitted, security: HK.00700}}\n  sim_quota: {history: 2}\n"
        f"- when: {{order: {{becomes: partly_filled, account: {HK}, side: buy}}}}\n"
        "  sim_quota: {subscriptions: 3}\n"
        "- after: 10s\n  sim_order: {action: release, order_id: $order_id}\n"
        "- when: {order: filled}\n  sim_position: {account: $account, security: $security,"
        " quantity: $quantity, price: $price}\n",
    )
    trader.place("00700", BUY, 400, 900.0)
    assert states(world)[:3] == ["done", "done", "waiting"]
    world.pass_time(5)
    assert states(world)[3:] == ["done", "waiting", "later"]
    assert (quota(world), trader.orders()[0].fillQty) == (3, 200)
    world.pass_time(10)

    assert progress(world).state == "finished"
    assert trader.positions()[0].qty == 800


def test_other_orders_do_not_count(world: World) -> None:
    """Account, security and side must fit, as often as is said."""
    trader = Trader(world, HK)
    begin(
        world,
        f"- when: {{order: {{becomes: submitted, account: {HK}, security: HK.00005, side: buy, count: 2}}}}\n"
        "  sim_quota: {history: 1}\n",
    )
    trader.place("00700", BUY, 100, 300.0)
    world.pass_time(1)
    trader.place("00005", BUY, 400, 50.0)
    world.pass_time(1)
    assert states(world) == ["waiting"]
    trader.place("00005", SELL, 400, 200.0)
    trader.place("00005", BUY, 400, 51.0)
    world.pass_time(1)

    assert states(world) == ["done"]


def test_connections_come_and_go(world: World) -> None:
    """Those that were there before do not count, and only the named client does."""
    world.connect(clientID="old")
    begin(
        world,
        "- when: {connection: {becomes: opened, client_id: py}}\n  sim_quota: {history: 1}\n"
        "- close_api_conn: {conn_id: $conn_id}\n"
        "- when: {connection: closed}\n  sim_quota: {history: 2}\n",
    )
    world.connect(clientID="js")
    assert states(world) == ["waiting", "later", "later"]
    client = world.connect(clientID="py")
    assert states(world) == ["done", "done", "waiting"]
    world.pass_time(0)

    assert not client.connection.is_ready
    assert states(world) == ["done", "done", "done"]


def test_a_subscription_is_noticed(world: World) -> None:
    """Of that security, whoever has it."""
    begin(world, "- when: {subscription: HK.00700}\n  sim_kick: {what: quote_right}\n")
    world.pass_time(5)
    client = world.connect()
    assert states(world) == ["waiting"]
    client.ask(ProtoId.Qot_Sub, securityList=[TENCENT], subTypeList=[1], isSubOrUnSub=True)

    assert states(world) == ["done"]


def test_a_condition_that_does_not_come_true_in_time_ends_its_track(world: World) -> None:
    """Other tracks go on, and the scenario has failed."""
    world.scenarios.load(
        "tracks:\n"
        "  one:\n"
        "  - when: {price: {security: HK.00700, at_most: 1}}\n"
        "    within: 10s\n"
        "    sim_resume:\n"
        "  two: [{after: 20s, sim_quota: {history: 1}}]\n",
        "it.yaml",
    )
    world.pass_time(30)
    one, two = progress(world).tracks

    assert progress(world).state == "failed"
    assert one.steps[0].state == "failed"
    assert "within the time" in one.steps[0].told
    assert two.steps[0].state == "done"


def test_a_refused_command_ends_its_track_with_the_reason(world: World) -> None:
    """What cannot be known beforehand is told where it happens."""
    begin(
        world,
        "- sim_halt: {security: HK.00700}\n"
        "- sim_price: {security: HK.00700, price: 5}\n- sim_quota: {history: 0}\n",
    )

    assert states(world) == ["done", "failed", "later"]
    assert progress(world).tracks[0].steps[1].told.startswith("sim_price: ")


def test_a_stop_lets_the_rest_not_happen_and_a_new_one_begins_anew(world: World) -> None:
    """What has happened stays."""
    begin(world, "- sim_quota: {subscriptions: 5}\n- after: 5s\n  sim_quota: {subscriptions: 6}\n")
    world.scenarios.stop()
    world.pass_time(10)
    assert (progress(world).state, quota(world)) == ("stopped", 5)
    begin(world, "- after: 5s\n  sim_quota: {subscriptions: 7}\n")
    world.pass_time(5)

    assert (progress(world).state, quota(world)) == ("finished", 7)


def test_a_reset_of_everything_ends_a_scenario_that_did_not_ask_for_it(world: World) -> None:
    """The next test begins without the scenario of the one before."""
    begin(world, "- sim_reset:\n- after: 5s\n  sim_quota: {subscriptions: 7}\n")
    assert states(world) == ["done", "waiting"]
    world.command("sim_reset -what=market")
    assert progress(world).state == "running"
    world.command("sim_reset")

    assert progress(world).state == "stopped"


def test_a_jump_does_not_leave_steps_out(world: World) -> None:
    """They happen at their instants on the way."""
    begin(
        world,
        "- at: 10:00\n  sim_price: {security: HK.00700, price: 500}\n"
        "- after: 1h\n  sim_quota: {subscriptions: 9}\n",
    )
    world.command("sim_clock -jump=close")

    assert seconds(world) == [1800, 5400]
    assert quota(world) == 9
    assert 450 < last_price(world) < 550


def test_the_console_loads_shows_and_stops(world: World, tmp_path) -> None:
    """A file for those who are on this machine; nothing happens if it is wrong."""
    path = tmp_path / "short.yaml"
    path.write_text("title: Short\nsteps: [{after: 5s, sim_resume: {}}]\n", encoding="utf-8")
    assert world.command("sim_scenario") == "There is no scenario"
    told = world.command(f"sim_scenario -file={path}")
    assert told.startswith("Scenario short.yaml (Short): running, 0 of 1 steps done\n")
    assert "after 5s" in told
    path.write_text("steps: []\n", encoding="utf-8")
    assert world.command(f"sim_scenario -file={path}") == "short.yaml:1: steps must not be empty"
    assert "running" in world.command("sim_scenario")
    assert "Scenario short.yaml (Short): stopped" in world.command("sim_scenario -action=stop")
    assert world.command("sim_scenario -file=/no/such").startswith("Cannot read the file")
    assert world.command("sim_scenario -file=a -text=b") == (
        "One thing at a time: file, text or action"
    )
    reply = world.connect().ask(ProtoId.TestCmd, cmd="sim_scenario", paramStr=f"-file={path}")
    assert "console and telnet only" in reply.s2c.resultStr
