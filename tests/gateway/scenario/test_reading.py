"""A scenario's file is read whole or refused with the line and what is wrong in it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.scenario.problems import ScenarioError
from gateway.scenario.reading import read_scenario
from gateway.scenario.steps import (
    ClockTime,
    ConnectionChanges,
    Instant,
    IsSubscribed,
    OrderBecomes,
    Pause,
    PriceReaches,
    Scenario,
)
from simulator.domain import Market, OrderStatus, Security, Side, Venue
from simulator.market.universe import default_universe
from telnet_ops.console import Console
from tests.support.ops_target import FakeTarget

TENCENT = Security(Market.HK, "00700")
CONSOLE = Console(FakeTarget())


def read(text: str) -> Scenario:
    """The text as a scenario."""
    return read_scenario(text, "it.yaml", CONSOLE, default_universe())


def test_a_file_becomes_steps_with_lines_triggers_and_commands() -> None:
    """Everything that can be written, in one file."""
    scenario = read("""\
title: A long story
venue: US_STOCK
steps:
  - at: 09:31
    sim_price: {security: US.AAPL, percent: -5, over: 30s}
  - after: 1.5s
    title: and then
    sim_halt: {security: HK.00700}
    sim_resume:
  - when: {order: {becomes: partly_filled, account: 9053218, side: sell, count: 2}}
    within: 10m
    do:
      - sim_order -action=fill -order_id=$order_id
      - sim_kick: {what: login}
  - when: {price: {security: HK.00700, at_most: 480.2}}
    sim_limit_up: {security: $security}
  - when: {connection: {becomes: closed, client_id: py}}
    sim_resume:
  - when: {subscription: HK.00700}
    sim_resume:
  - at: 2026-01-15T10:00:00
    venue: HK_STOCK
    sim_resume:
  - sim_resume:
""")
    (track,) = scenario.tracks
    steps = track.steps

    assert (scenario.title, track.name) == ("A long story", "steps")
    assert [step.line for step in steps] == [4, 6, 10, 15, 17, 19, 21, 24]
    assert steps[0].trigger == ClockTime(9 * 3600 + 31 * 60)
    assert (steps[0].venue, steps[6].venue) == (Venue.US_STOCK, Venue.HK_STOCK)
    assert steps[0].calls[0].parameters == {"security": "US.AAPL", "percent": "-5", "over": "30s"}
    assert (steps[1].trigger, steps[1].title) == (Pause(1_500_000_000), "and then")
    assert [(call.name, call.line) for call in steps[1].calls] == [
        ("sim_halt", 8),
        ("sim_resume", 9),
    ]
    partly = frozenset({OrderStatus.FILLED_PART})
    assert steps[2].trigger == OrderBecomes(partly, 9053218, None, Side.SELL, 2)
    assert steps[2].within_ns == 600_000_000_000
    assert [call.name for call in steps[2].calls] == ["sim_order", "sim_kick"]
    assert steps[2].calls[0].parameters["order_id"] == "$order_id"
    assert steps[3].trigger == PriceReaches(TENCENT, level=Decimal("480.2"), is_fall=True)
    assert steps[4].trigger == ConnectionChanges(is_opened=False, client_id="py")
    assert steps[5].trigger == IsSubscribed(TENCENT)
    assert steps[6].trigger == Instant(1_768_442_400_000_000_000)
    assert (steps[7].trigger, steps[7].shown_trigger) == (Pause(0), "at once")


def test_tracks_run_beside_each_other() -> None:
    """Each by its name, in the order of the file."""
    scenario = read("tracks: {calm: [{sim_resume: {}}], wild: [{sim_resume: {}}]}")

    assert [track.name for track in scenario.tracks] == ["calm", "wild"]


STEP = "steps:\n- "
WRONG = {
    "": "1: it.yaml must not be empty",
    "a: [": "1: not YAML",
    "steps: &a\n- sim_resume: *a": "1: write it out",
    "3": "1: it.yaml: expected keys with values",
    "steps: {}\n": "1: steps: expected a list",
    "steps: []\n": "1: steps must not be empty",
    "title: x\n": "1: exactly one of steps and tracks",
    "title: x\nstep: []\n": "2: unknown: step. Allowed: title, venue, steps, tracks",
    "venue: MARS\nsteps: [{sim_resume: }]": "1: venue: MARS: expected one of: HK_STOCK, ",
    STEP + "5": "2: step: expected a command with its parameters",
    STEP + "title: x\n": "2: the step has no command",
    STEP + "sim_prize: {}": "2: unknown command or key: sim_prize, did you mean sim_price",
    STEP + "xyzzy: {}": "2: unknown command or key: xyzzy. Keys: at, after, when",
    STEP + "sim_price:\n    security: HK.00700\n    percnt: 1": "4: unknown: percnt. Allowed: secu",
    STEP + "sim_price:\n    w: 1\n    x: 1\n    y: 1\n    z: 1": "3: unknown: w. Allowed: secu",
    STEP + "sim_price:\n    security: HK.00700\n    percent: x": "4: Invalid value: percent=x. Exp",
    STEP + "sim_price:\n    security: HK.00700": "2: Give one of price, percent, path and release",
    STEP + "sim_price: {price: 5}": "2: Missing parameter: security",
    STEP + "sim_price: {security: [a]}": "2: security: expected one value",
    STEP + "sim_halt:\n    security: HK.0070x": "3: unknown security HK.0070x",
    STEP + "sim_halt:\n    security: HK.00700\n    lasts: long": "4: Invalid value: lasts=long",
    STEP
    + "sim_price:\n    security: HK.00700\n    percent: 1\n    lasts: x": "5: Invalid value: lasts=x",
    STEP
    + "sim_fault:\n    add: drop\n    protocol: Foo": "4: Invalid value: protocol=Foo. Expected",
    STEP + "sim_order: {action: buy}": "2: Invalid value: action=buy. Expected one of: fill, rej",
    STEP + "sim_order: {action: delay}": "2: A delay needs its span",
    STEP + "sim_resume: now": "2: sim_resume: expected a command with its parameters",
    STEP + "sim_resume:\n  sim_resume:": "3: sim_resume is written twice",
    STEP + "sim_scenario: {action: stop}": "2: sim_scenario is not for scenarios",
    STEP + "sim_clock:\n    jump: open": "3: sim_clock jump is not for scenarios: wait with at or",
    STEP + "sim_order: {action: hold, order_id: $id}": "2: unknown: $id. Known after a condition",
    STEP + "do: [sim_resume now]": "2: Malformed",
    STEP + "at: 25:00\n  sim_resume:": "2: at: 25:00: expected a time such as 09:31",
    STEP + "at: 09:31\n  after: 5s\n  sim_resume:": "2: at most one of at, after and when",
    STEP + "after: 5\n  sim_resume:": "2: after: 5: expected a span of time",
    STEP + "sim_resume:\n  within: 5s": "3: within belongs to when",
    STEP + "when: {}\n  sim_resume:": "2: when: exactly one of price, order, connection, subscr",
    STEP + "when: {moon: full}\n  sim_resume:": "2: unknown: moon. Allowed: price, order",
    STEP + "when: {order: lost}\n  sim_resume:": "2: order: lost: expected one of: placed, subm",
    STEP + "when: {order: {count: 0, becomes: filled}}\n  sim_resume:": "2: count: 0: expected a",
    STEP + "when: {order: {side: buy}}\n  sim_resume:": "2: order becomes: exactly one of placed",
    STEP + "when: {connection: lost}\n  sim_resume:": "2: connection: lost: expected one of: op",
    STEP + "when: {price: {falls: 5}}\n  sim_resume:": "2: price: exactly one of security",
    STEP + "when: {price: {security: HK.00700}}\n  sim_resume:": "2: price: exactly one of at_mo",
    STEP
    + "when: {price: {security: HK.00700, falls: a}}\n  sim_resume:": "2: falls: a: expected a",
}


@pytest.mark.parametrize(("text", "told"), WRONG.items())
def test_what_is_wrong_is_told_with_its_line(text: str, told: str) -> None:
    """File, line, what is wrong, and what would be right."""
    with pytest.raises(ScenarioError) as caught:
        read(text)

    assert caught.value.in_language("en").startswith(f"it.yaml:{told}")
    assert caught.value.in_language("chs").startswith(f"it.yaml:{told.partition(':')[0]}: ")


def test_a_file_that_is_far_too_long_is_not_taken_apart() -> None:
    """200,000 characters are enough for anyone."""
    with pytest.raises(ScenarioError) as caught:
        read("# " + "x" * 200_000)

    assert "too long" in caught.value.in_language("en")
