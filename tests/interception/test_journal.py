"""The journal: what is written down, without secrets, and how it is found again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.wire.ciphers import RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import BodyFormat, Frame, body_digest
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from telnet_ops.control import JournalQuery
from tests.support.conversation import START_NS, World
from tests.support.rsa_keys import RSA_1024
from tests.support.trade_client import BUY, Trader
from tests.support.trading import HK

TENCENT = {"market": 1, "code": "00700"}


@pytest.fixture
def world() -> World:
    """With a journal."""
    world = World()
    assert world.command("sim_journal -action=on") == "Journal entries kept: 10000"
    return world


def look(world: World, **query: Any) -> list[dict[str, Any]]:
    """The entries that a query finds."""
    return [json.loads(line) for line in world.control.journal(JournalQuery(**query)).lines]


def test_requests_replies_and_pushes_are_written_down(world: World) -> None:
    """In their order, decoded, with the connection, the serial number and the instant."""
    client = world.connect(clientID="strategy")
    world.now_ns += NS_PER_S
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=[4],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
    )
    entries = look(world)

    assert [(e["direction"], e["protocol"]) for e in entries] == [
        ("request", "InitConnect"),
        ("reply", "InitConnect"),
        ("request", "Qot_Sub"),
        ("reply", "Qot_Sub"),
        ("push", "Qot_UpdateTicker"),
        ("push", "Notify"),
    ]
    asked, answered = entries[2:4]
    assert asked["message"]["securityList"] == [TENCENT]
    assert (asked["serial"], answered["serial"]) == (2, 2)
    assert (answered["ret_type"], answered["ret_msg"], answered["message"]) == (0, "", {})
    assert {e["client"] for e in entries} == {"strategy"}
    assert {e["conn_id"] for e in entries} == {str(client.connection.conn_id)}
    assert asked["time"] == "2026-01-15T04:00:01.000Z"
    assert asked["time_ns"] == str(START_NS + NS_PER_S)
    assert [e["n"] for e in entries] == list(range(1, len(entries) + 1))


def test_filters_choose(world: World) -> None:
    """By connection, client, protocol, direction, number, instant, security, retType; all of them hold."""
    one, other = world.connect(clientID="one"), world.connect(clientID="other")
    one.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])
    one.ask(ProtoId.Qot_GetStaticInfo, securityList=[TENCENT])
    world.now_ns += NS_PER_S
    other.ask(ProtoId.Qot_GetStaticInfo, securityList=[{"market": 1, "code": "09988"}])
    last = look(world)[-1]["n"]

    assert len(look(world)) == last == 10
    assert len(look(world, conn_id=one.connection.conn_id)) == 6
    assert len(look(world, client="other")) == 4
    assert len(look(world, protocol="Qot_GetStaticInfo", direction="request")) == 2
    assert len(look(world, protocol="3202")) == 4
    assert len(look(world, since=str(last - 2))) == 2
    assert len(look(world, since="2026-01-15T12:00:01+08:00")) == 2
    assert [e["protocol"] for e in look(world, security="HK.00700")] == [
        "Qot_GetBasicQot",
        "Qot_GetStaticInfo",
        "Qot_GetStaticInfo",
    ]
    [refused] = look(world, ret=-1)
    assert refused["ret_msg"].startswith("Before calling")
    assert look(world, ret=-1, client="other") == []
    assert [e["n"] for e in look(world, limit=2)] == [last - 1, last]
    assert world.command("sim_journal -action=count -ret=-1") == "1"


def test_secrets_are_not_kept(world: World) -> None:
    """Passwords, codes and keys are masked wherever they stand; the rest of the message is there."""
    client = world.connect()
    digest = "e10adc3949ba59abbe56e057f20f883e"
    client.ask(ProtoId.Trd_UnlockTrade, unlock=True, pwdMD5=digest)
    client.ask(ProtoId.Verification, type=2, op=2, code="424242")
    client.ask(ProtoId.TestCmd, cmd="relogin", paramStr="-login_pwd=hunter2")
    client.ask(ProtoId.TestCmd, cmd='"relogin" -login_pwd=hunter2')
    client.ask(ProtoId.TestCmd, cmd="input_phone_verify_code", paramStr="-code=424242")
    client.ask(ProtoId.TestCmd, cmd="", paramStr="relogin -login_pwd=hunter2")
    kick = "-what=trade_password -password=hunter2"
    client.ask(ProtoId.TestCmd, cmd="sim_kick", paramStr=kick)
    client.ask(ProtoId.TestCmd, cmd="sim_clock", paramStr="-advance=1s")
    client.send_body(ProtoId.Trd_UnlockTrade, b"\xff" + digest.encode())
    text = "\n".join(json.dumps(entry) for entry in look(world))

    for secret in (digest, "424242", "hunter2", "-advance=2s"):
        assert secret not in text
    assert '"pwdMD5": "***"' in text
    assert "-advance=1s" in text
    assert '"connAESKey": "***"' in text
    assert look(world, protocol="Trd_UnlockTrade")[-2]["message"] is None


def test_trading_is_found_by_its_security(world: World) -> None:
    """Orders name a code, not a security."""
    trader = Trader(world, HK)
    trader.place("00700", BUY, 100, 300.0)
    world.pass_time(1)
    found = {(e["direction"], e["protocol"]) for e in look(world, security="HK.00700")}
    assert ("request", "Trd_PlaceOrder") in found
    assert ("push", "Trd_UpdateOrder") in found
    assert look(world, security="HK.09988") == []


def test_what_faults_did_is_written_down(world: World) -> None:
    """A frame that was lost is there, marked; a late one stands where it left; a double one twice."""
    client = world.connect()
    world.command("sim_fault -add=swallow -protocol=KeepAlive -count=1")
    world.command("sim_fault -add=latency -delay=1s -protocol=KeepAlive -skip=1")
    assert client.is_ignored(ProtoId.KeepAlive, time=1)
    assert client.is_ignored(ProtoId.KeepAlive, time=2)
    world.pass_time(2)
    replies = look(world, protocol="KeepAlive", direction="reply")

    assert [(e["faults"], e["delivered"]) for e in replies] == [
        (["swallow"], False),
        (["latency"], True),
    ]
    assert replies[1]["time"] > replies[0]["time"]


def test_unreadable_requests_are_kept_without_a_message(world: World) -> None:
    """Unknown protocols have numbers, broken bodies no content."""
    client, other = world.connect(), world.connect()
    frame = Frame(9999, 0, 0, 5, body_digest(b"?"), b"?")
    world.dispatcher.receive(other.connection, frame, world.now_ns)
    client.send_body(ProtoId.KeepAlive, b"\xff\xff")

    assert look(world, since="4")[0]["protocol"] == "9999"
    assert look(world, protocol="KeepAlive", direction="request")[0]["message"] is None


def test_json_bodies_read_like_others(world: World) -> None:
    """The format on the wire makes no difference."""
    client = world.connect(body_format=BodyFormat.JSON)
    client.ask(ProtoId.Qot_GetStaticInfo, securityList=[TENCENT])
    asked, answered = look(world, protocol="Qot_GetStaticInfo")

    assert asked["message"]["securityList"] == [TENCENT]
    assert answered["message"]["staticInfoList"][0]["basic"]["security"] == TENCENT


@pytest.mark.parametrize("algorithm", [0, 1, 2])
def test_encrypted_connections_are_written_down_in_plain(world: World, algorithm: int) -> None:
    """InitConnect under RSA and the rest under AES; faults reach them as well."""
    cipher = RsaCipher(parse_rsa_key(RSA_1024))
    client = world.connect(init_cipher=cipher, packetEncAlgo=algorithm)
    world.command("sim_fault -add=error -protocol=KeepAlive -message=no")
    refused = client.ask(ProtoId.KeepAlive, time=77)

    assert refused.retMsg == "no"
    assert [e["message"] is not None for e in look(world)] == [True] * 4
    assert look(world)[0]["message"]["clientID"] == "test"
    assert look(world)[2]["message"] == {"time": "77"}


def test_the_journal_is_bounded_and_can_be_switched(world: World) -> None:
    """The oldest go; off keeps what there is; cleared numbers are not used again."""
    client = world.connect()
    world.command("sim_journal -action=on -size=3")
    for n in range(5):
        client.ask(ProtoId.KeepAlive, time=n)
    kept = look(world)
    assert [e["n"] for e in kept] == [10, 11, 12]
    world.command("sim_journal -action=off")
    client.ask(ProtoId.KeepAlive, time=9)
    assert client.connection.tap is None
    assert look(world) == kept
    assert world.command("sim_journal -action=clear") == "Journal cleared"
    assert world.command("sim_journal") == "no data"
    world.command("sim_journal -action=on")
    client.ask(ProtoId.KeepAlive, time=9)
    assert look(world)[0]["n"] == 13


def test_the_console_shows_lines_and_writes_files(world: World, tmp_path: Path) -> None:
    """Twenty lines at most on the screen, everything in a file."""
    client = world.connect()
    for n in range(15):
        client.ask(ProtoId.KeepAlive, time=n)
    path = tmp_path / "journal.jsonl"

    assert len(world.command("sim_journal").splitlines()) == 20
    assert world.command(f"sim_journal -path={path}") == f"Written to file: {path}"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["n"] for line in lines] == list(range(1, 33))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-protocol=Foo", "Expected the name or number of a protocol"),
        ("-since=yesterday", "Expected the number of an entry or an instant with its offset"),
        ("-since=2026-01-15T10:00:00", "Expected the number of an entry or an instant"),
        ("-security=HK.99998", "Unknown stock. 99998"),
        ("-direction=up", "Expected one of: request, reply, push"),
        ("-limit=0", "Expected an integer from 1 to 1000000"),
        ("-action=on -size=0", "Expected an integer from 1 to 1000000"),
        ("-conn_id=x", "Expected an integer"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(world: World, line: str, told: str) -> None:
    """With what is allowed."""
    assert told in world.command(f"sim_journal {line}")
