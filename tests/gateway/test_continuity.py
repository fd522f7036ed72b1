"""A later run goes on where the earlier one stopped or died."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.config import ConfigError, load_settings
from gateway.continuity import RESERVED_S, Continuity, place_of
from gateway.session.opend import OpenD
from simulator.domain import NS_PER_S, OrderRequest, OrderType, Side
from tests.support.sources import HK_MORNING, TENCENT
from tests.support.trade_client import scripted_world
from tests.support.trading import HK

LATER = HK_MORNING + 3600 * NS_PER_S


def settings(tmp_path, *options):
    place = f"-sim_store=sqlite:{tmp_path}/state.sqlite3"
    return load_settings([place, *options, "-cfg_file=config/FutuOpenD.xml"])


def begun(tmp_path, *options):
    return Continuity(settings(tmp_path, *options), tmp_path, lambda call: call(), pytest.fail)


def opend_on(continuity) -> OpenD:
    """An OpenD on a scripted market that keeps its state where the run does."""
    opend = scripted_world(HK_MORNING).opend
    opend.store = continuity.store
    return opend


def resumed(continuity) -> OpenD:
    """A run that began in the morning."""
    opend = opend_on(continuity)
    continuity.resume(opend, continuity.begin(HK_MORNING).now_ns)
    return opend


def died(continuity) -> None:
    """Let go of the store as the end of the process does, once it had written."""
    continuity.store.close()


def test_a_stopped_run_is_continued_at_the_instant_of_its_end(tmp_path):
    """In clock mode `open` neither the timeline's origin nor the time depends on the wall."""
    first = begun(tmp_path)
    begin = first.begin(HK_MORNING)
    first.resume(opend_on(first), begin.now_ns)
    first.end(HK_MORNING + 5)
    second = begun(tmp_path)
    again = second.begin(LATER)
    died(second)

    assert (begin.origin_ns, begin.now_ns) == (HK_MORNING, HK_MORNING)
    assert (again.origin_ns, again.now_ns) == (HK_MORNING, HK_MORNING + 5)


@pytest.mark.parametrize("told_ns", [HK_MORNING, HK_MORNING + 7 * NS_PER_S, LATER])
def test_after_a_kill_time_does_not_jump_back(tmp_path, told_ns):
    """The next run starts after all that the killed one may have told, wherever its clock was put."""
    first = begun(tmp_path, "-sim_speed=60")
    opend = resumed(first)
    opend.keep_time(told_ns)
    died(first)
    second = begun(tmp_path, "-sim_speed=60")
    again = second.begin(LATER)
    died(second)

    assert told_ns <= again.now_ns <= told_ns + int(RESERVED_S * 60) * NS_PER_S


def test_the_wall_clock_is_never_overruled(tmp_path):
    """In clock mode `wall` a restart sees the real time."""
    first = begun(tmp_path, "-sim_clock=wall")
    resumed(first)
    first.end(HK_MORNING + 5)
    second = begun(tmp_path, "-sim_clock=wall")
    again = second.begin(LATER)
    died(second)

    assert again.now_ns == LATER


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("-sim_seed=2", "made with sim_seed=1, not 2"),
        ("-sim_clock=wall", "made with sim_clock=open, not wall"),
        ("-sim_start=2026-01-15", "made with sim_start=-, not 2026-01-15"),
    ],
)
def test_a_state_of_another_market_is_refused(tmp_path, option, text):
    """Its positions would be worth something else."""
    first = begun(tmp_path)
    resumed(first)
    first.end(HK_MORNING)

    with pytest.raises(ConfigError, match=text) as caught:
        begun(tmp_path, option)
    assert str(caught.value).startswith("command line: option -sim_store: ")


def test_what_was_recovered_is_said(tmp_path):
    """Orders, open ones and fills are counted, and the engine knows them."""
    first = begun(tmp_path)
    opend = resumed(first)
    engine = opend.engine
    for price in (Decimal(401), Decimal(390)):
        request = OrderRequest(HK, TENCENT, Side.BUY, OrderType.NORMAL, Decimal(100), price)
        engine.submit(request, HK_MORNING)
    engine.advance(HK_MORNING + NS_PER_S)
    opend.keep_changes()
    first.end(HK_MORNING + NS_PER_S)
    second = begun(tmp_path)
    fresh = opend_on(second)
    restored = second.resume(fresh, second.begin(LATER).now_ns)
    died(second)

    assert (restored.orders, restored.open_orders, restored.fills) == (2, 1, 1)
    assert fresh.engine.funds(HK, HK_MORNING) == engine.funds(HK, HK_MORNING)


def test_damaged_records_stop_the_start_with_one_line(tmp_path):
    """The line names where the place was written, and the record."""
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    first = begun(tmp_path)
    resumed(first)
    first.end(HK_MORNING)
    engine = create_engine(f"sqlite:///{tmp_path}/state.sqlite3")
    with engine.begin() as connection:
        connection.execute(text("UPDATE state SET body = '{}' WHERE kind = 'ledger'"))
    engine.dispose()

    with pytest.raises(ConfigError, match=r"record ledger .*: not a LedgerRecord: ") as caught:
        begun(tmp_path)
    assert "\n" not in str(caught.value)


def test_each_port_has_a_state_of_its_own(tmp_path):
    """Unless told, two gateways of one machine do not meet; passwords are never shown."""
    default = load_settings(["-api_port=11112", "-sim_clock=2026-01-15T09:25:00+08:00"])
    url = load_settings(["-sim_store=postgresql://me:secret@db/opend"])

    name = "state-11112-seed1-2026-01-15T092500+0800.sqlite3"
    assert place_of(default, tmp_path) == f"sqlite:{tmp_path}/{name}"
    assert place_of(load_settings(["-api_port=0"]), tmp_path) == "memory"
    with pytest.raises(ConfigError) as caught:
        Continuity(url, tmp_path, lambda call: call(), pytest.fail)
    assert "secret" not in str(caught.value)
