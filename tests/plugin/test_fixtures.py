"""The fixtures of the pytest plugin, in pytest processes of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway import pb
from gateway.wire.proto_ids import ProtoId
from opend_pytest.opend import OpenD
from tests.support.conversation import raw_frame

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow


def run(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """Run one test module in the order in which it is written."""
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_each_test_gets_its_own_gateway_and_all_share_that_of_the_session(
    pytester: pytest.Pytester,
) -> None:
    """Three gateways run for two tests, and none of them is left."""
    result = run(
        pytester,
        """
        from pathlib import Path

        def note(*gateways):
            with Path("pids").open("a") as file:
                file.writelines(f"{gateway.pid} " for gateway in gateways)

        def test_one(opend, opend_session):
            note(opend, opend_session)
            assert "sim_kick" in opend.control.command("help")

        def test_two(opend, opend_session):
            note(opend, opend_session)
            assert opend.host == "127.0.0.1"
            assert opend.port != opend_session.port
        """,
    )
    result.assert_outcomes(passed=2)
    first, session, second, session_again = map(int, Path("pids").read_text().split())

    assert session == session_again
    assert len({first, second, session}) == 3
    assert not any(map(is_running, (first, second, session)))


def test_settings_come_from_ini_option_marker_and_factory(pytester: pytest.Pytester) -> None:
    """The nearest one wins; each of the four is the nearest once."""
    pytester.makeini(
        """
        [pytest]
        opend_settings =
            login_account = 1001
            lang = chs
        """
    )
    result = run(
        pytester,
        """
        import pytest

        def test_ini_and_option(opend):
            assert "Login Account: 1001" in opend.log

        @pytest.mark.opend(login_account=1002, telnet_port=0)
        class TestMarker:
            def test_of_the_class(self, opend):
                assert "Login Account: 1002" in opend.log
                assert opend.addresses["telnet"].port > 0

            @pytest.mark.opend(login_account=1003)
            def test_of_the_function(self, opend, opend_factory):
                assert "Login Account: 1003" in opend.log
                assert "telnet" in opend.addresses
                with opend_factory(login_account=1004) as other:
                    assert "Login Account: 1004" in other.log
        """,
        "--opend-setting=lang=en",
    )
    result.assert_outcomes(passed=3)


def test_a_failure_shows_what_the_gateway_said(pytester: pytest.Pytester) -> None:
    """The log of the gateway in use is a section of the report; that of an earlier test is not."""
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.opend(login_account=1001)
        def test_good(opend):
            pass

        @pytest.mark.opend(login_account=1002)
        def test_bad(opend):
            assert opend.control.command("ping") == "never"
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*- OpenD 127.0.0.1:* -*", "*Login Account: 1002", "*ready: api=*"]
    )
    result.stdout.no_fnmatch_line("*Login Account: 1001*")


def test_a_failed_test_shows_the_journal(pytester: pytest.Pytester) -> None:
    """What each connection sent and got last, above what the gateway said."""
    request = pb.InitConnect.Request(c2s={"clientVer": 300, "clientID": "strategy"})
    frame = raw_frame(ProtoId.InitConnect, request.SerializeToString())
    result = run(
        pytester,
        f"""
        import socket

        def test_bad(opend):
            with socket.create_connection(opend.address) as client:
                client.sendall(bytes.fromhex("{frame.hex()}"))
                assert client.recv(1000) == b"never"
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- OpenD 127.0.0.1:*: journal -*",
            "connection * (strategy)",
            "*1 01:30:00.000Z request InitConnect #1 *",
            "*2 01:30:00.000Z reply   InitConnect #1 *",
            "*- OpenD 127.0.0.1:* -*",
        ]
    )


def test_a_gateway_that_cannot_start_says_why(pytester: pytest.Pytester) -> None:
    """The test that asked for it is an error with the gateway's own words."""
    result = run(
        pytester,
        """
        import pytest

        @pytest.mark.opend(sim_clock="yesterday")
        def test_it(opend):
            pass
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*element <sim_clock>: "yesterday" is not allowed*'])


def test_a_gateway_that_dies_is_an_error(pytester: pytest.Pytester) -> None:
    """Whoever kills it behind the fixture's back is told; whoever uses `kill` is not."""
    result = run(
        pytester,
        """
        import os, signal, time

        def test_crash(opend):
            os.kill(opend.pid, signal.SIGKILL)

        def test_power_cut(opend):
            opend.kill()
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*the gateway ended with code -9*"])


def test_four_workers_do_not_meet(pytester: pytest.Pytester) -> None:
    """Each worker of pytest-xdist has gateways of its own, and none is left."""
    result = run(
        pytester,
        """
        from pathlib import Path

        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(opend_session, number, worker_id):
            Path(f"{worker_id}.pid").write_text(str(opend_session.pid))
            assert opend_session.control.command("ping")
        """,
        "--numprocesses=4",
    )
    result.assert_outcomes(passed=4)
    pids = [int(path.read_text()) for path in pytester.path.glob("*.pid")]

    assert len(set(pids)) == len(pids) == 4
    assert not any(map(is_running, pids))


WORLDS = """
import pytest

CODE = "HK.00700"

@pytest.mark.parametrize("number", range(8))
def test_a_world_begins_as_a_gateway_does(opend_world, number):
    control = opend_world.control
    assert control.now.minute == 30
    assert "1000" in control.command("sim_quota")
    control.quotas(subscriptions=number)
    control.advance("1m")
    assert f"Subscription quota: {number}," in control.command("sim_quota")
    with open("worlds", "a") as file:
        file.write(f"{opend_world.port} {opend_world.name}\\n")
"""


def test_tests_have_worlds_of_their_own_in_one_gateway(pytester: pytest.Pytester) -> None:
    """What one test does the next one does not find; its world is gone when it ends."""
    source = (
        WORLDS
        + """
def test_the_other_worlds_have_ended(opend_world):
    assert opend_world.log_tail().count("world_ended") == 8
    assert opend_world.control.command("sim_worlds") == "no data"
"""
    )
    result = run(pytester, source)
    result.assert_outcomes(passed=9)
    ports, names = zip(*map(str.split, Path("worlds").read_text().splitlines()), strict=True)

    assert len(set(ports)) == 1
    assert len(set(names)) == 8


def test_four_workers_share_a_gateway_that_runs_already(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    """Both fixtures are worlds of it, and it lives on; a test's own settings are refused."""
    settings = {"lang": "en", "sim_clock": "manual", "sim_worlds": "client_id"}
    source = (
        WORLDS
        + """
def test_a_gateway_is_a_world_there(opend, opend_session):
    opend.control.quotas(subscriptions=3)
    assert "1000" in opend_session.control.command("sim_quota")

@pytest.mark.opend(sim_seed=7)
def test_with_a_setting(opend):
    pass
"""
    )
    with OpenD(tmp_path, sys.executable, settings, None) as gateway:
        at = "{}:{}".format(*gateway.addresses["api"])
        admin = "{}:{}".format(*gateway.addresses["admin"])
        options = ("--numprocesses=4", f"--opend-at={at}", f"--opend-admin={admin}")
        result = run(pytester, source, *options)
        result.assert_outcomes(passed=9, errors=1)
        assert gateway.control.command("sim_worlds") == "no data"
    result.stdout.fnmatch_lines(["*settings of a test need a gateway of its own*"])


def test_a_gateway_without_worlds_says_so(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """Tests that would meet do not even start; nor do they without a port."""
    with OpenD(tmp_path, sys.executable, {"lang": "en", "sim_clock": "manual"}, None) as gateway:
        at = "{}:{}".format(*gateway.addresses["api"])
        admin = "{}:{}".format(*gateway.addresses["admin"])
        source = "def test_it(opend_world): pass"
        result = run(pytester, source, f"--opend-at={at}", f"--opend-admin={admin}")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*start with sim_worlds=client_id*"])
        result = run(pytester, source, "--opend-at=localhost")
        result.stdout.fnmatch_lines(["*'localhost': write it as host:port*"])


def test_a_run_without_a_gateway_pays_nothing(pytester: pytest.Pytester) -> None:
    """The plugin alone imports nothing, neither of ours nor protobuf."""
    result = run(
        pytester,
        """
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.startswith("opend_pytest")}
            assert ours == {"opend_pytest", "opend_pytest.plugin"}
            assert not {"gateway", "simulator", "google.protobuf"} & set(sys.modules)
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_malformed_setting_is_refused(pytester: pytest.Pytester) -> None:
    """The line of the ini file or the option is repeated."""
    result = run(pytester, "def test_it(opend): pass", "--opend-setting=sim_seed")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*'sim_seed': write it as name=value"])
