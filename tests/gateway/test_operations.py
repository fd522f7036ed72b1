"""What the console reports of a running OpenD, and the day that its statistics keep."""

from datetime import datetime

from gateway.session.delays import next_reset_ns
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from tests.support.conversation import World

EVENING_NS = int(datetime.fromisoformat("2026-01-15T05:59:00+08:00").timestamp()) * NS_PER_S


def test_statistics_begin_anew_at_six_in_beijing():
    """A quiet OpenD, too, wakes for it, and the report is empty."""
    world = World(start_ns=EVENING_NS)
    world.pass_time(0)  # the engine's first look at its accounts
    delays = world.opend.delays
    delays.next_reset_ns = next_reset_ns(world.now_ns)
    delays.record_request(ProtoId.Qot_Sub, 1_000_000)
    assert world.opend.next_deadline_ns() == EVENING_NS + 60 * NS_PER_S
    world.pass_time(59)
    assert "3001" in world.command("show_delay_report")

    world.pass_time(1)
    assert "3001" not in world.command("show_delay_report")


def test_one_connection_is_closed_and_the_others_live():
    """The id from the report closes that connection only."""
    world = World()
    first, second = world.connect(), world.connect()

    answer = world.command(f"close_api_conn -conn_id={first.connection.conn_id}")
    assert answer == "Connections closed: 1"
    assert first.outbox.closed == "closed by an operator"
    assert second.outbox.closed is None


def test_the_newest_version_is_the_one_that_runs():
    """The update command has nothing to do."""
    assert World(language="chs").command("update") == "已是最新版本 Ver.10.11.7108"


def test_the_password_may_come_in_either_form():
    """Digests count whatever the case of their letters."""
    world = World()
    world.opend.login.script.expected_md5 = "e10adc3949ba59abbe56e057f20f883e"

    assert world.command("relogin -login_pwd=123456") == "Login successful"
    digest = "E10ADC3949BA59ABBE56E057F20F883E"
    assert world.command(f"relogin -login_pwd_md5={digest}") == "Login successful"
    assert world.command("relogin").startswith("Login failed")
