"""The console's commands as protocol 1008."""

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import BASIC, TENCENT, answer, subscribe


def run(client, cmd, **more):
    return answer(client.ask(ProtoId.TestCmd, cmd=cmd, **more))


@pytest.mark.parametrize(("language", "title"), [("en", "Exit the program"), ("chs", "退出程序")])
def test_a_command_answers_as_on_the_console(language, title):
    """Name and parameters travel apart; the result repeats the name."""
    reply = run(World(language=language).connect(), "help", paramStr="-cmd=exit")

    assert reply.cmd == "help"
    assert reply.resultStr.split("\n")[0] == title


@pytest.mark.parametrize(
    ("cmd", "parameters", "start"),
    [
        ("dance", "", "Unknown command: dance."),
        ("help", "-x=1", "Unknown parameter: x"),
        ("close_api_conn", "-conn_id=x", "Invalid value: conn_id=x."),
        ("close_api_conn", "-conn_id=5", "No such connection: 5"),
    ],
)
def test_what_is_wrong_is_told_as_the_result(cmd, parameters, start):
    """The request itself succeeds."""
    assert run(World().connect(), cmd, paramStr=parameters).resultStr.startswith(start)


@pytest.mark.parametrize("cmd", ["", " ", "help"])
def test_the_result_is_always_there(cmd):
    """Clients up to 10.0 cannot read an answer without it."""
    assert run(World().connect(), cmd).HasField("resultStr")


def test_no_files_are_written_for_clients(tmp_path):
    """A client may sit on another machine; only the text is for it."""
    path = tmp_path / "report"
    reply = run(World().connect(), "show_delay_report", paramStr=f"-detail_report_path={path}")

    assert reply.resultStr.startswith("Files are for the console and telnet only: /")
    assert not path.exists()


def test_limits_hold_over_all_doors():
    """Ten pings from anywhere are all there are in a minute."""
    world = World()
    client = world.connect()
    for _ in range(5):
        run(client, "ping")
        world.command("ping")

    assert run(client, "ping").resultStr == "Too frequent: at most 10 per 60 seconds"
    assert world.command("ping") == "Too frequent: at most 10 per 60 seconds"
    world.pass_time(60)
    assert "quote" in run(client, "ping").resultStr


def test_a_client_that_closes_everything_still_gets_its_answer():
    """Connections end once the present request is answered."""
    world = World()
    client, other = world.connect(), world.connect()

    assert run(client, "close_api_conn").resultStr == "Connections closed: 2"
    assert client.outbox.closed == "closed by an operator"
    assert other.outbox.closed == "closed by an operator"


def test_a_client_that_logs_everybody_out_still_gets_its_answer():
    """The answer comes first, then the event, then the end."""
    world = World()
    client = world.connect()

    assert run(client, "sim_kick", paramStr="-what=login").resultStr.startswith("Simulated: ")
    assert client.outbox.closed == "forced to log out"


def test_exit_stops_the_program_after_the_answer():
    """The client reads that OpenD is going."""
    world = World()

    assert run(world.connect(), "exit").resultStr == "OpenD is exiting"
    assert world.stops == 1


def test_subscriptions_are_shown():
    """The remaining quota is what scripts look for. Source: [O]."""
    client = World().connect()
    subscribe(client, [TENCENT], [BASIC])
    shown = run(client, "show_sub_info").resultStr

    assert "The remaining quota: 999" in shown
    assert "HK.00700" in shown
