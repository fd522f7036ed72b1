"""Trade interfaces on an address that others can reach, with and without a key."""

import pytest

from gateway.assembly import may_trade
from gateway.config import Settings
from gateway.registry import ROUTES
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World

REFUSAL = (
    "The API listens on an address that is not local. Trade interfaces need an RSA private key"
    " (rsa_private_key)."
)
TRADE_IDS = [route.proto_id for route in ROUTES.values() if 2001 <= route.proto_id < 2300]


def open_world() -> World:
    world = World()
    world.opend.trades_in_the_open = False
    return world


@pytest.mark.parametrize("proto_id", TRADE_IDS, ids=lambda proto_id: proto_id.name)
def test_every_trade_interface_is_refused(proto_id):
    """None of 2001 to 2227 gets as far as its handler, nor is its body looked at."""
    client = open_world().connect()

    reply = client.send_body(proto_id, b"")

    assert (reply.retType, reply.retMsg) == (-1, REFUSAL)


def test_quotes_and_the_connection_are_served():
    """Only trading is closed: state, subscriptions and snapshots answer. Source: [D]."""
    client = open_world().connect()
    tencent = {"market": 1, "code": "00700"}

    assert client.ask(ProtoId.GetGlobalState, userID=0).retType == 0
    assert client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[tencent]).retType == 0
    subscribed = client.ask(
        ProtoId.Qot_Sub, securityList=[tencent], subTypeList=[1], isSubOrUnSub=True
    )
    assert subscribed.retType == 0


@pytest.mark.parametrize(
    ("ip", "more", "expected"),
    [
        ("127.0.0.1", {}, True),
        ("127.0.0.2", {}, True),
        ("::1", {}, True),
        ("0.0.0.0", {}, False),
        ("192.168.1.7", {}, False),
        ("::", {}, False),
        ("0.0.0.0", {"rsa_private_key": "key.pem"}, True),
        ("0.0.0.0", {"sim_trade_without_rsa": "1"}, True),
    ],
)
def test_who_may_trade(ip, more, expected):
    """Local addresses may; others need the key, or leave."""
    assert may_trade(Settings(ip=ip, **more)) is expected
