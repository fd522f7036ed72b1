"""The plugin's typed methods, each accepted by a running gateway."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from opend_pytest.command_link import ControlError
from opend_pytest.opend import OpenD

pytestmark = pytest.mark.slow
CODE = "HK.00700"
HK = 9053218
"""The paper account for Hong Kong."""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[OpenD]:
    """One per test: time that one has moved does not go back for another."""
    settings = {"lang": "en", "sim_clock": "manual"}
    with OpenD(tmp_path, sys.executable, settings, None) as opend:
        yield opend


def test_time_passes_when_told(gateway: OpenD) -> None:
    """It stands at the opening in Hong Kong, advances by spans and jumps to instants."""
    control = gateway.control
    control.jump("2026-01-16")

    assert control.now == datetime(2026, 1, 16, 1, 30, tzinfo=UTC)
    control.advance("90s", step="1s")
    assert control.now == datetime(2026, 1, 16, 1, 31, 30, tzinfo=UTC)
    control.jump("close", venue="US_STOCK")
    assert control.now.hour == 21
    control.resume_time(speed=100)
    control.pause()
    paused = control.now
    assert control.now - paused == timedelta(0)


def test_markets_do_as_told(gateway: OpenD) -> None:
    """Every method about markets is a command that the gateway accepts."""
    control = gateway.control
    control.jump("2026-02-02")
    control.price(CODE, 500, over="10s", lasts="1m")
    control.move(CODE, -5)
    control.path(CODE, "0s:500,30s:480")
    control.release_price(CODE)
    control.halt(CODE, lasts="5m")
    control.halt(venue="US_STOCK")
    control.resume(CODE)
    control.resume()
    control.limit_up(CODE, percent=10)
    control.limit_down(CODE, price=400)
    control.dividend(CODE, 4.5)
    control.split(CODE, "1:5", date="2026-03-05")
    control.bonus(CODE, "10:3", date="2026-04-01")
    control.rights(CODE, "2:1", 20, date="2026-05-04")
    control.suspend(CODE, days=2, date="2026-02-05")
    control.expire(account=9053219)
    control.reset("market")


def test_the_whole_state_goes_to_a_file_and_back(gateway: OpenD) -> None:
    """What happened after the save is undone, the clock included."""
    control = gateway.control
    saved = control.now
    control.save("here")
    control.halt(CODE)
    control.advance("5m")
    control.load("here")

    assert control.now - saved < timedelta(seconds=1)
    with pytest.raises(ControlError, match="No such file"):
        control.load("never-saved")


def test_plans_for_orders_are_accepted(gateway: OpenD) -> None:
    """What is to happen to the next order can be said in advance; an unknown order is refused."""
    control = gateway.control
    control.fill(percent=50, security=CODE)
    control.reject(reason="because")
    control.delay("5s")
    control.hold(security=CODE)
    control.reset()

    with pytest.raises(ControlError, match="sim_order"):
        control.release("12345")


def test_a_scenario_runs_and_tells_how_far_it_is(gateway: OpenD, tmp_path: Path) -> None:
    """From a text or a file; what is wrong with it is told with its line."""
    control = gateway.control
    assert control.scenario_progress() is None
    control.scenario("steps:\n- after: 1m\n  sim_quota: {history: 7}\n- after: 1h\n  sim_resume:\n")
    control.advance("2m")

    progress = control.scenario_progress()
    assert progress is not None
    assert [step.state for step in progress.steps] == ["done", "waiting"]
    assert "7" in progress.steps[0].told
    control.stop_scenario()
    path = tmp_path / "short.yaml"
    path.write_text("steps: [{sim_resume: {}}]", encoding="utf-8")
    control.scenario(path)
    progress = control.scenario_progress()
    assert progress is not None
    assert progress.is_finished
    with pytest.raises(ControlError, match="scenario:2: unknown security HK"):
        control.scenario("steps:\n- sim_price: {security: HK.0070x, price: 1}\n")


def test_accounts_and_rights_change(gateway: OpenD) -> None:
    """Cash, positions, quotas and rights follow."""
    control = gateway.control
    control.deposit(HK, 1000.5)
    control.withdraw(HK, 500, currency="HKD")
    control.position(HK, CODE, 300, price=480)
    control.position(HK, CODE, -100)
    control.reset(account=HK)
    control.quotas(subscriptions=50, history=10)
    control.right("hk_stock", "BMP")
    control.close_connections()

    assert "50" in control.command("sim_quota")


def test_a_refusal_is_an_error_with_the_gateways_words(gateway: OpenD) -> None:
    """Unknown commands and wrong values are told apart from answers."""
    with pytest.raises(ControlError, match="Unknown command: sim_salabim"):
        gateway.control.command("sim_salabim")
    with pytest.raises(ControlError, match="advance"):
        gateway.control.advance("tomorrow")


def test_the_methods_cover_every_control_command(gateway: OpenD) -> None:
    """A command that gets no method is listed here, so that none is forgotten."""
    host, port = gateway.addresses["admin"]
    with urlopen(f"http://{host}:{port}/commands") as response:
        commands = {name for name in json.load(response) if name.startswith("sim_")}

    assert commands - WITH_METHOD == WITHOUT_METHOD


WITH_METHOD = {
    "sim_clock", "sim_price", "sim_halt", "sim_resume", "sim_limit_up", "sim_limit_down", "sim_order",
    "sim_deposit", "sim_withdraw", "sim_position", "sim_reset", "sim_quota", "sim_rights",
    "sim_scenario", "sim_fault", "sim_journal", "sim_corporate_action", "sim_expire",
    "sim_snapshot",
}  # fmt: skip
WITHOUT_METHOD = {"sim_kick", "sim_seed", "sim_notify", "sim_connections", "sim_worlds"}
