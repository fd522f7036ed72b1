"""Init of web clients: the key check and what the connection has become after it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.pb import GetGlobalState, InitWebSocket, Notify
from gateway.session.connection import Connection, Phase
from gateway.session.framing import WebFraming
from gateway.session.relay import KEY_REFUSED, Relay
from gateway.shell.websocket import RelayedReceiver
from gateway.wire.ciphers import PlainCipher
from gateway.wire.proto_ids import ProtoId
from gateway.wire.ws_frame import PUSH_SECTION, Command, HeaderError
from simulator.domain import NS_PER_S
from tests.support.conversation import World
from tests.support.outbox import FakeOutbox
from tests.support.web_frames import WebReply, read_reply, request

KEY_MD5: Final = "e10adc3949ba59abbe56e057f20f883e"


class WebClient:
    """One web client of a test, without a socket."""

    def __init__(self, world: World, key_md5: str | None = None) -> None:
        self.outbox = FakeOutbox()
        self.connection: Connection = world.opend.roster.open(
            "test:1", self.outbox, PlainCipher(), world.now_ns, WebFraming()
        )
        self._world = world
        self._receiver = RelayedReceiver(Relay(key_md5, "en"), world.dispatcher)

    def ask(self, command: int, body: bytes = b"", section: int = 2) -> WebReply:
        """Send one request and take the frame that answers it."""
        frame = request(command, section, body)
        self._receiver.receive(self.connection, frame, self._world.now_ns)
        return next(r for r in self.replies() if r.section == section)

    def init(self, **c2s: object) -> WebReply:
        """Send Init."""
        message = InitWebSocket.Request(c2s=InitWebSocket.C2S(**c2s))  # type: ignore[arg-type]
        return self.ask(Command.INIT, message.SerializeToString())

    def replies(self) -> list[WebReply]:
        """All frames sent since the last call."""
        taken, self.outbox.frames = self.outbox.frames, []
        return [read_reply(frame) for frame in taken]


def response(reply: WebReply) -> Any:
    return InitWebSocket.Response.FromString(reply.body)


def test_init_makes_the_connection_ready_and_names_it():
    """The answer has no error, the server's time in seconds, and the id of this connection."""
    world = World()
    client = WebClient(world)

    reply = client.init(programmingLanguage="JavaScript")

    assert (reply.error, reply.text) == (HeaderError.NONE, "")
    assert response(reply).retType == 0
    assert response(reply).s2c.connID == client.connection.conn_id
    assert response(reply).s2c.serverTime == world.now_ns // NS_PER_S
    assert client.connection.is_ready
    assert client.connection.client.programming_language == "JavaScript"


@pytest.mark.parametrize(
    "body", [b"", InitWebSocket.Request(c2s=InitWebSocket.C2S()).SerializeToString()]
)
def test_all_of_init_is_optional(body):
    """An empty message and an empty c2s are as good as a full one."""
    client = WebClient(World())

    assert response(client.ask(Command.INIT, body)).retType == 0


def test_address_and_rsa_key_of_a_real_service_are_tolerated():
    """They describe the way to OpenD, which is inside the process here."""
    client = WebClient(World())

    reply = client.init(IP="10.0.0.1", Port=11111, RSAPrivateKey="not a key", clientID="page")

    assert response(reply).retType == 0
    assert client.connection.client.client_id == "page"


@pytest.mark.parametrize("key", [KEY_MD5, KEY_MD5.upper()])
def test_the_right_key_is_admitted(key):
    """The client sends the MD5 in hexadecimal digits, of either case."""
    assert WebClient(World(), KEY_MD5).init(websocketKey=key).error == HeaderError.NONE


@pytest.mark.parametrize("key", [None, "", "0" * 32, "密钥"])
def test_a_wrong_or_missing_key_is_refused_and_the_connection_ends(key):
    """The header carries an error, the body OpenD's text, and nothing more is served."""
    client = WebClient(World(), KEY_MD5)

    reply = client.init(**({} if key is None else {"websocketKey": key}))

    assert (reply.error, reply.text) == (HeaderError.FAILED, KEY_REFUSED)
    assert (response(reply).retType, response(reply).retMsg) == (-1, "Incorrect WebSocket key.")
    assert client.connection.phase is Phase.CLOSING
    assert client.outbox.closed == "web client refused"


def test_without_a_configured_key_any_key_is_admitted():
    """A page that always sends one still connects."""
    assert WebClient(World()).init(websocketKey=KEY_MD5).error == HeaderError.NONE


def test_an_init_that_is_no_protobuf_is_refused():
    """The text is that of any body that cannot be read."""
    client = WebClient(World())

    reply = client.ask(Command.INIT, b"\xff\xff")

    assert reply.error == HeaderError.FAILED
    assert "protobuf" in response(reply).retMsg


def test_a_second_init_is_refused():
    """A connection is initialised once."""
    client = WebClient(World())
    client.init()

    assert client.ask(Command.INIT, section=3).error == HeaderError.FAILED


def test_requests_before_init_are_refused_in_the_body():
    """As on TCP: the header is fine, the answer says what is missing."""
    client = WebClient(World())

    reply = client.ask(ProtoId.GetGlobalState)

    assert reply.error == HeaderError.NONE
    assert response(reply).retType == -1
    assert not client.connection.is_ready


def test_requests_after_init_are_answered_under_their_section():
    """Sections are 64 bits wide."""
    client = WebClient(World())
    client.init()
    body = GetGlobalState.Request(c2s=GetGlobalState.C2S(userID=0)).SerializeToString()

    reply = client.ask(ProtoId.GetGlobalState, body, section=2**40)

    answer = GetGlobalState.Response.FromString(reply.body)
    assert (0, client.connection.conn_id) == (answer.retType, answer.s2c.connID)


def test_notices_reach_web_clients_as_pushes():
    """The service asks for them on every client's behalf."""
    world = World()
    client = WebClient(world)
    client.init()

    world.publisher.notify(Notify.S2C(type=Notify.NotifyType_ProgramStatus))

    (push,) = client.replies()
    assert (ProtoId.Notify, PUSH_SECTION) == (push.command, push.section)
    assert Notify.Response.FromString(push.body).s2c.type == Notify.NotifyType_ProgramStatus


def test_a_ready_client_is_told_that_opend_is_gone():
    """Command 2 with the error of a lost connection comes before the end."""
    client = WebClient(World())
    client.init()
    client.replies()

    client.connection.close("server stops")

    (push,) = client.replies()
    assert (push.command, push.section) == (Command.OPEND_LOST, PUSH_SECTION)
    assert push.error == HeaderError.DISCONNECTED
