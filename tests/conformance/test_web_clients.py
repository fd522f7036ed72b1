"""The official JavaScript SDK over WebSocket, in Node and in a page of headless Chromium."""

from __future__ import annotations

from hashlib import md5

import pytest

from tests.conformance.web_clients import address, login_options
from tests.support.certificates import CERTIFICATE, PRIVATE_KEY

KEY = "open sesame"
FILLED_ALL = 11


@pytest.fixture
def programs(web_programs):
    return web_programs


@pytest.fixture
def start_web_gateway(start_gateway, tmp_path):
    """Start a gateway with WebSocket; returns it with the options clients need."""

    def start(*, tls: bool = False, key: str | None = None, **settings: object):
        if tls:
            for name, text in {"cert": CERTIFICATE, "private_key": PRIVATE_KEY}.items():
                (tmp_path / f"{name}.pem").write_text(text)
                settings[f"websocket_{name}"] = tmp_path / f"{name}.pem"
        if key:
            settings["websocket_key_md5"] = md5(key.encode()).hexdigest()
        gateway = start_gateway(websocket_port=0, sim_speed=10, **settings)
        return gateway, login_options(gateway, tls=tls, key=key)

    return start


def check_story(observed: dict) -> None:
    """Everything the story should have seen, wherever it was told."""
    assert observed.get("login") == {"ok": True, "error": 0}, observed
    assert observed["state"]["retType"] == 0
    assert observed["state"]["s2c"]["connID"] == observed["connID"] != "0"
    watched = observed["watched"]
    assert watched["subscribed"]["retType"] == 0
    assert watched["quote"]["basicQotList"][0]["security"]["code"] == "00700"
    assert len(watched["book"]["orderBookAskList"]) == 10
    assert watched["ticker"]["tickerList"]
    assert observed["snapshot"]["basic"]["lotSize"] == 100
    traded = observed["traded"]
    assert traded["filled"]["orderID"] == traded["placed"]["orderID"]
    assert (traded["filled"]["orderStatus"], traded["filled"]["fillQty"]) == (FILLED_ALL, 100)
    assert [p["code"] for p in traded["positions"]["positionList"]] == ["00700"]
    assert observed["help"] == {
        "cmd": "help",
        "resultStr": "退出程序\nexit\n退出 OpenD 程序\n别名: quit",
    }
    assert f"连接ID: {observed['connID']}" in observed["shown"]["resultStr"]


pytestmark = pytest.mark.web

WAYS = pytest.mark.parametrize(
    ("tls", "key"),
    [(False, None), (False, KEY), (True, None), (True, KEY)],
    ids=["ws", "ws+key", "wss", "wss+key"],
)


@WAYS
def test_the_sdk_in_node_sees_the_whole_day(programs, start_web_gateway, tmp_path, tls, key):
    """Login, state, subscription and pushes, snapshot, and a paper order to its fill."""
    _, options = start_web_gateway(tls=tls, key=key)
    (tmp_path / "ca.pem").write_text(CERTIFICATE)

    observed = programs.in_node(
        "node_client", options, NODE_EXTRA_CA_CERTS=str(tmp_path / "ca.pem")
    )

    check_story(observed)


@WAYS
def test_the_sdk_in_a_page_sees_the_whole_day(programs, start_web_gateway, tls, key):
    """The same in Chromium, from a page of another origin."""
    _, options = start_web_gateway(tls=tls, key=key)

    check_story(programs.in_page(options))


@pytest.mark.parametrize("key", ["guess", None])
def test_a_wrong_or_missing_key_is_a_refused_login(programs, start_web_gateway, key):
    """`onlogin` hears of it, and the SDK gives up instead of trying again."""
    _, options = start_web_gateway(key=KEY)

    observed = programs.in_node("node_client", {**options, "key": key})

    assert observed == {"login": {"ok": False, "error": -1}}


def test_the_sdk_comes_back_after_an_operator_closed_its_connection(programs, start_web_gateway):
    """It is logged in again, under another id, and served."""
    gateway, options = start_web_gateway(telnet_port=0)
    _, telnet_port = address(gateway, "telnet")

    observed = programs.in_node("node_reconnect", {**options, "telnetPort": telnet_port})

    first, second = observed["ids"]
    assert first != second
    assert observed["retType"] == 0
