"""Clients of different ids in one process, each in a world of its own."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from gateway.wire.ciphers import RsaCipher, parse_rsa_key
from gateway.wire.proto_ids import ProtoId
from opend_pytest.opend import OpenD
from tests.conformance.gateway_process import write_rsa_key
from tests.support.raw_client import RawClient, security

pytestmark = pytest.mark.slow
TENCENT = security("00700")
HEADER = {"trdEnv": 0, "accID": 9053218, "trdMarket": 1}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[OpenD]:
    """One with private worlds, a standing clock and a telnet door."""
    settings = {"lang": "en", "sim_clock": "manual", "sim_worlds": "client_id", "telnet_port": 0}
    with OpenD(tmp_path, sys.executable, settings, None) as opend:
        yield opend


def command(gateway: OpenD, world: str, name: str, **parameters: object) -> str:
    """Run a command in a world."""
    url = f"http://127.0.0.1:{gateway.addresses['admin'].port}/commands/{name}?world={quote(world)}"
    request = Request(url, json.dumps(parameters).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=30) as reply:
            return json.load(reply)["result"]
    except HTTPError as error:
        return str(json.load(error)["error"])


def telnet(gateway: OpenD, line: str) -> str:
    """Type one line; the answer up to its last line."""
    with socket.create_connection(gateway.addresses["telnet"], timeout=20) as console:
        console.sendall(f"{line}\r\n".encode())
        return console.recv(65536).decode()


def last_price(client: RawClient) -> float:
    """What a snapshot says."""
    reply = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])
    assert reply.retType == 0, reply.retMsg
    return reply.s2c.snapshotList[0].basic.curPrice


def orders(client: RawClient) -> list[Any]:
    """The orders of today."""
    return list(client.ask(ProtoId.Trd_GetOrderList, header=HEADER).s2c.orderList)


def buy(client: RawClient) -> int:
    """Place an order and say its id."""
    reply = client.ask(
        ProtoId.Trd_PlaceOrder,
        packetID={"connID": client.conn_id, "serialNo": 1},
        header=HEADER,
        trdSide=1,
        orderType=1,
        code="00700",
        qty=100,
        price=400.0,
        secMarket=1,
    )
    assert reply.retType == 0, reply.retMsg
    return reply.s2c.orderID


def subscribe(client: RawClient) -> None:
    """Subscribe quotes of one security."""
    reply = client.ask(ProtoId.Qot_Sub, securityList=[TENCENT], subTypeList=[1], isSubOrUnSub=True)
    assert reply.retType == 0, reply.retMsg


def test_clients_of_two_ids_do_not_see_each_other(gateway: OpenD) -> None:
    """Time, prices, orders, ids, quotas, subscriptions and connections are each world's own."""
    port = gateway.port
    with RawClient(port, client_id="a") as a, RawClient(port, client_id="b") as b:
        seeded = last_price(a)
        assert last_price(b) == seeded
        command(gateway, "a", "sim_price", security="HK.00700", price=400)
        assert (last_price(a), last_price(b)) == (400, seeded)
        assert buy(a) == buy(b)
        assert "01:31:00" in command(gateway, "a", "sim_clock", advance="1m")
        assert command(gateway, "b", "sim_clock").startswith("Time: 2026-01-15T01:30:00")
        assert (orders(a)[0].orderStatus, orders(b)[0].orderStatus) == (11, 2)
        command(gateway, "a", "sim_quota", subscriptions=1)
        subscribe(a)
        subscribe(b)
        assert b.ask(ProtoId.Qot_GetSubInfo).s2c.totalUsedQuota == 1
        assert a.ask(ProtoId.Qot_GetSubInfo).s2c.remainQuota == 0
        assert command(gateway, "a", "sim_connections").count("raw") == 0
        assert len(command(gateway, "a", "sim_connections").splitlines()) == 2
        with RawClient(port, client_id="a") as second:
            assert last_price(second) != seeded
            assert [order.orderStatus for order in orders(second)] == [11]


def test_worlds_are_listed_addressed_and_ended(gateway: OpenD) -> None:
    """A command may prepare a world before anyone is in it; who names none is in the common one."""
    command(gateway, "later", "sim_price", security="HK.00700", price=432)
    with RawClient(gateway.port, client_id="later") as client:
        assert last_price(client) == 432
        assert "later  1" in telnet(gateway, "sim_worlds")
        told = telnet(gateway, "sim_price -world=later -security=HK.00700 -price=434")
        assert "434.0" in told
        assert last_price(client) == 434
        assert "01:30:00.000Z" in telnet(gateway, "sim_clock")
        reply = client.ask(ProtoId.TestCmd, cmd="sim_worlds", paramStr="")
        assert "later" not in reply.s2c.resultStr
        assert command(gateway, "", "sim_worlds", end="later") == "World ended: later"
        assert client.is_closed()
    assert command(gateway, "", "sim_worlds", end="later") == "No such world: later"
    with RawClient(gateway.port, client_id="later") as client:
        assert last_price(client) > 434
    with RawClient(gateway.port, client_id="") as nameless:
        command(gateway, "", "sim_price", security="HK.00700", price=600)
        assert last_price(nameless) == 600


def test_a_client_that_says_nothing_sensible_is_answered_or_cut_off(gateway: OpenD) -> None:
    """A first frame that is no InitConnect meets the common world; rubbish is hung up on."""
    with RawClient(gateway.port, initialise=False) as client:
        assert client.ask(ProtoId.GetGlobalState, userID=0).retType == -1
    with RawClient(gateway.port, initialise=False) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
        assert client.is_closed()
    with RawClient(gateway.port, client_id="sane") as client:
        assert last_price(client) > 0


def test_an_encrypted_client_finds_its_world(tmp_path: Path) -> None:
    """InitConnect is deciphered before the world is chosen."""
    key = write_rsa_key(tmp_path / "key.pem")
    settings = {"sim_clock": "manual", "sim_worlds": "client_id", "rsa_private_key": key}
    cipher = RsaCipher(parse_rsa_key(key.read_text()))
    with OpenD(tmp_path, sys.executable, settings, None) as opend:
        command(opend, "secret", "sim_price", security="HK.00700", price=432)
        with RawClient(opend.port, init_cipher=cipher, client_id="secret") as client:
            assert last_price(client) == 432
        with RawClient(opend.port, init_cipher=cipher, client_id="other") as client:
            assert last_price(client) != 432


def test_worlds_begin_although_the_files_of_the_settings_are_gone(tmp_path: Path) -> None:
    """Accounts and scenario are those that were there at the start."""
    accounts, scenario = tmp_path / "accounts.json", tmp_path / "scenario.yaml"
    account = {"id": 7, "environment": "SIMULATE", "type": "CASH", "markets": ["HK"]}
    accounts.write_text(json.dumps([{**account, "cash": {"HKD": 5000}}]))
    scenario.write_text("steps: [{sim_price: {security: HK.00700, price: 432}}]")
    settings = {"lang": "en", "sim_clock": "manual", "sim_worlds": "client_id"}
    settings |= {"sim_accounts": str(accounts), "sim_scenario": str(scenario)}
    with OpenD(tmp_path, sys.executable, settings, None) as gateway:
        accounts.unlink()
        scenario.unlink()
        with RawClient(gateway.port, client_id="late") as client:
            assert last_price(client) == 432
            found = client.ask(ProtoId.Trd_GetAccList, userID=0).s2c.accList
            assert [account.accID for account in found] == [7]
