"""The WebSocket service on real sockets, seen by a client that is not the official one."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import md5
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from google.protobuf.message import Message
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from gateway import pb
from gateway.app import App
from gateway.banner import READY_PREFIX
from gateway.config import load_settings
from gateway.pb import InitWebSocket
from gateway.shell.doors import open_doors
from gateway.wire.ft_frame import MAX_BODY_BYTES
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from gateway.wire.ws_frame import Command, HeaderError
from tests.support.certificates import CERTIFICATE, PRIVATE_KEY
from tests.support.web_frames import WebReply, message, read_reply

pytestmark = pytest.mark.slow

LIMIT_S: Final = 20
KEY: Final = "open sesame"
TENCENT: Final = [{"market": 1, "code": "00700"}]


@dataclass
class Client:
    """A web client over one socket."""

    socket: WebSocketConnection
    section: int = 1

    async def ask(self, command: int, request: Message | None = None) -> WebReply:
        """Send a request and wait for its reply; pushes before it are dropped."""
        self.section += 1
        body = b"" if request is None else request.SerializeToString()
        await self.socket.send_message(message(command, self.section, body))
        while True:
            reply = await self.next()
            if reply.section == self.section:
                return reply

    async def call(self, proto_id: ProtoId, **c2s: object) -> Any:
        """Make one API call and decode its Response."""
        request = pb.message_type(f"{proto_id.name}.Request")(c2s=c2s)
        reply = await self.ask(proto_id, request)
        assert (proto_id, HeaderError.NONE) == (reply.command, reply.error)
        return pb.message_type(f"{proto_id.name}.Response").FromString(reply.body)

    async def init(self, **c2s: object) -> WebReply:
        """Send Init."""
        c2s_message = InitWebSocket.C2S(**c2s)  # type: ignore[arg-type]
        return await self.ask(Command.INIT, InitWebSocket.Request(c2s=c2s_message))

    async def next(self) -> WebReply:
        """The next frame, whatever it is."""
        data = await self.socket.get_message()
        assert isinstance(data, bytes)
        return read_reply(data)

    async def closed(self) -> int:
        """Wait for the close, past anything else that comes; its code."""
        try:
            while True:
                await self.socket.get_message()
        except ConnectionClosed as closed:
            return closed.reason.code if closed.reason else 0


@dataclass
class Running:
    """One OpenD in this process, with its start lines."""

    app: App
    console: str
    doors: dict[str, list[trio.SocketListener]]

    @property
    def ports(self) -> dict[str, int]:
        """The real port of each service."""
        return {name: door[0].socket.getsockname()[1] for name, door in self.doors.items()}

    @asynccontextmanager
    async def client(self, *, tls: bool = False, **init: object) -> AsyncIterator[Client]:
        """A client that has sent Init."""
        async with self.bare_client(tls=tls) as client:
            assert (await client.init(**init)).error == HeaderError.NONE
            yield client

    @asynccontextmanager
    async def bare_client(self, *, tls: bool = False) -> AsyncIterator[Client]:
        """A client that has said nothing yet."""
        host, port = "127.0.0.1", self.ports["ws"]
        if tls:
            context = ssl.create_default_context(cadata=CERTIFICATE)
            stream = await trio.open_ssl_over_tcp_stream(host, port, ssl_context=context)
        else:
            stream = await trio.open_tcp_stream(host, port)
        try:
            async with trio.open_nursery() as nursery:
                address = f"{host}:{port}"
                socket = await wrap_client_stream(
                    nursery, stream, address, "/", max_message_size=2**24
                )
                yield Client(socket)
                await socket.aclose()
                nursery.cancel_scope.cancel()
        finally:
            await trio.aclose_forcefully(stream)


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start(nursery: trio.Nursery) -> AsyncIterator[Start]:
    """Start an OpenD with WebSocket on a free port; everything in a test ends in time."""

    async def start_one(*options: str) -> Running:
        defaults = ("-api_port=0", "-websocket_port=0", "-lang=en", "-log_level=no")
        settings = load_settings([*defaults, *options, "-cfg_file=config/FutuOpenD.xml"])
        app = App(settings)
        doors = await open_doors(settings)
        console = StringIO()
        nursery.start_soon(app.serve, console, doors)
        while READY_PREFIX not in console.getvalue():
            await trio.lowlevel.checkpoint()
        return Running(app, console.getvalue(), doors)

    with trio.fail_after(LIMIT_S):
        yield start_one
    nursery.cancel_scope.cancel()


async def test_the_start_names_the_address(start):
    """The console line of OpenD and the ready line carry the real port."""
    opend = await start()

    port = opend.ports["ws"]
    assert f">>>WebSocket Listening Address: 127.0.0.1:{port}\n" in opend.console
    assert opend.console.endswith(f" ws=127.0.0.1:{port}\n")


async def test_requests_are_answered_like_on_tcp(start):
    """Init names the connection, and the API knows it under that id."""
    opend = await start()
    async with opend.bare_client() as client:
        init = InitWebSocket.Response.FromString((await client.init()).body)
        state = await client.call(ProtoId.GetGlobalState, userID=0)

    assert (init.retType, state.retType) == (0, 0)
    assert init.s2c.connID == state.s2c.connID


async def test_what_is_subscribed_is_pushed(start):
    """First pushes and the market's later ones arrive as messages that answer nothing."""
    opend = await start("-sim_speed=20")
    async with opend.client() as client:
        subscribed = await client.call(
            ProtoId.Qot_Sub,
            securityList=TENCENT,
            subTypeList=[1, 4],
            isSubOrUnSub=True,
            isRegOrUnRegPush=True,
            isFirstPush=True,
        )
        pushes = [await client.next() for _ in range(12)]

    assert subscribed.retType == 0
    assert {push.section for push in pushes} == {0}
    assert {push.command for push in pushes} >= {ProtoId.Qot_UpdateTicker}
    assert {push.command for push in pushes} <= set(PUSH_IDS)


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
async def test_the_key_opens_the_service(start, tmp_path, tls):
    """The right MD5 is admitted, with and without TLS."""
    opend = await start(*key_option(), *(tls_options(tmp_path) if tls else ()))
    async with opend.client(tls=tls, websocketKey=md5(KEY.encode()).hexdigest()) as client:
        state = await client.call(ProtoId.GetGlobalState, userID=0)

    assert state.retType == 0


async def test_a_wrong_key_is_answered_and_the_socket_closed(start):
    """The error comes first, so that the client knows not to try again."""
    opend = await start(*key_option())
    async with opend.bare_client() as client:
        reply = await client.init(websocketKey=md5(b"guess").hexdigest())
        code = await client.closed()

    assert (reply.error, code) == (HeaderError.FAILED, 1001)


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        ("text", 1003),
        (b"", 1002),
        (b"FT" + bytes(42), 1002),
        (b"ft-v1.0\x00" + bytes(11), 1002),
        (message(ProtoId.GetGlobalState, 2, bytes(MAX_BODY_BYTES + 1)), 1009),
    ],
    ids=["text message", "empty", "TCP frame", "cut header", "too long"],
)
async def test_nonsense_closes_the_socket_with_a_code(start, nonsense, code):
    """RFC 6455 has a number for each kind, and other clients do not notice."""
    opend = await start()
    async with opend.client() as other, opend.client() as client:
        await client.socket.send_message(nonsense)

        assert await client.closed() == code
        assert (await other.call(ProtoId.GetGlobalState, userID=0)).retType == 0


@pytest.mark.parametrize(
    "bytes_sent",
    [b"", b"FT\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(600), b"A" * 70_000],
    ids=["nothing", "TCP client", "no upgrade", "TLS hello", "endless line"],
)
async def test_who_speaks_no_websocket_is_dropped(start, bytes_sent):
    """Its place among the connections is free again at once."""
    opend = await start()
    async with await trio.open_tcp_stream("127.0.0.1", opend.ports["ws"]) as stream:
        await stream.send_all(bytes_sent)
        await stream.send_eof()

        assert not (await read_all(stream)).startswith(b"HTTP/1.1 101")
    while len(opend.app.opend.roster):
        await trio.lowlevel.checkpoint()


async def test_a_plain_client_of_a_tls_port_is_dropped(start, tmp_path):
    """It never reaches the API."""
    opend = await start(*tls_options(tmp_path))
    async with await trio.open_tcp_stream("127.0.0.1", opend.ports["ws"]) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\n\r\n")

        assert not (await read_all(stream)).startswith(b"HTTP")
    while len(opend.app.opend.roster):
        await trio.lowlevel.checkpoint()


async def test_a_client_that_leaves_gives_up_its_place(start):
    """Closing is orderly: the server answers the close and forgets the connection."""
    opend = await start()
    async with opend.client():
        assert len(opend.app.opend.roster) == 1

    while len(opend.app.opend.roster):
        await trio.lowlevel.checkpoint()


async def test_tcp_and_web_clients_share_the_places(start):
    """The 129th connection is closed before it can say anything."""
    opend = await start()
    streams = [await trio.open_tcp_stream("127.0.0.1", opend.ports["api"]) for _ in range(128)]
    while len(opend.app.opend.roster) < 128:
        await trio.lowlevel.checkpoint()

    async with await trio.open_tcp_stream("127.0.0.1", opend.ports["ws"]) as late:
        assert await read_all(late) == b""
    for stream in streams:
        await stream.aclose()


async def test_a_stop_says_goodbye(start):
    """Clients hear that OpenD is gone and see an orderly close, within a second."""
    opend = await start()
    async with opend.client() as client:
        opend.app.stop.set()
        push = await client.next()
        code = await client.closed()

    assert (push.command, push.error) == (Command.OPEND_LOST, HeaderError.DISCONNECTED)
    assert code == 1001


async def test_an_open_address_without_tls_is_not_served(start):
    """The API starts all the same, and a console line says what is missing."""
    opend = await start("-websocket_ip=0.0.0.0")

    assert set(opend.ports) == {"api"}
    assert ">>>WebSocket not started: the listening address is not local" in opend.console
    assert " ws=" not in opend.console


async def test_an_open_address_with_tls_is_served(start, tmp_path):
    """The certificate makes the difference."""
    opend = await start("-websocket_ip=0.0.0.0", *tls_options(tmp_path))
    async with opend.client(tls=True) as client:
        state = await client.call(ProtoId.GetGlobalState, userID=0)

    assert state.retType == 0


def key_option() -> tuple[str]:
    return (f"-websocket_key_md5={md5(KEY.encode()).hexdigest()}",)


def tls_options(directory: Path) -> tuple[str, str]:
    (directory / "cert.pem").write_text(CERTIFICATE)
    (directory / "key.pem").write_text(PRIVATE_KEY)
    return (
        f"-websocket_cert={directory / 'cert.pem'}",
        f"-websocket_private_key={directory / 'key.pem'}",
    )


async def read_all(stream: trio.SocketStream) -> bytes:
    """What comes until the other side ends, however it ends."""
    received = b""
    try:
        while data := await stream.receive_some():
            received += data
    except trio.BrokenResourceError:
        pass
    return received
