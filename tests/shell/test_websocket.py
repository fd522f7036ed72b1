"""What only shows with time or a limit in hand: silent, slow and endless web clients."""

from __future__ import annotations

import pytest
import trio
from trio.testing import lockstep_stream_pair, memory_stream_pair, wait_all_tasks_blocked
from trio_websocket import ConnectionClosed, wrap_client_stream

from gateway import pb
from gateway.session.framing import SharedPush
from gateway.session.relay import Relay
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import INIT_TIMEOUT_S, ConnectionServer
from gateway.shell.outbox import MAX_WAITING_BYTES
from gateway.shell.ticker import Ticker
from gateway.shell.websocket import MeteredStream, RelayedReceiver, WebSocketDoor
from gateway.wire.ciphers import PlainCipher
from gateway.wire.proto_ids import ProtoId
from gateway.wire.ws_frame import Command
from tests.support.conversation import World
from tests.support.web_frames import message, read_reply


def open_door(world: World) -> WebSocketDoor:
    """The WebSocket service of a world, without TLS and key."""
    clock = GatewayClock(world.now_ns)
    receiver = RelayedReceiver(Relay(None, "en"), world.dispatcher)
    ticker = Ticker(world.opend, world.publisher, clock)
    return WebSocketDoor(
        ConnectionServer(world.opend, receiver, ticker, clock, PlainCipher()), None
    )


async def test_a_client_that_never_speaks_is_dropped(autojump_clock, nursery):
    """Neither a handshake nor an end of the stream: the time for the first frame ends it."""
    world = World()
    client, server = memory_stream_pair()

    begin = trio.current_time()
    await open_door(world).serve(server, "test:1")

    assert trio.current_time() - begin == pytest.approx(INIT_TIMEOUT_S, abs=2)
    assert await client.receive_some() == b""
    assert len(world.opend.roster) == 0


async def test_a_client_that_only_shakes_hands_is_dropped(autojump_clock, nursery):
    """A WebSocket without Init does not keep its place."""
    world = World()
    client, server = memory_stream_pair()
    nursery.start_soon(open_door(world).serve, server, "test:1")
    socket = await wrap_client_stream(nursery, client, "127.0.0.1", "/")

    begin = trio.current_time()
    with pytest.raises(ConnectionClosed):
        await socket.get_message()

    assert trio.current_time() - begin == pytest.approx(INIT_TIMEOUT_S, abs=2)


async def test_an_initialised_client_may_be_silent(autojump_clock, nursery):
    """Who waits for pushes only is not cut off."""
    world = World()
    client, server = memory_stream_pair()
    nursery.start_soon(open_door(world).serve, server, "test:1")
    socket = await wrap_client_stream(nursery, client, "127.0.0.1", "/")
    await socket.send_message(message(Command.INIT, 2))
    assert read_reply(await socket.get_message()).error == 0

    await trio.sleep(10 * INIT_TIMEOUT_S)
    await socket.send_message(message(Command.INIT, 3))

    assert read_reply(await socket.get_message()).section == 3
    await socket.aclose()


async def test_a_client_that_does_not_read_is_cut_off(nursery):
    """Its pushes pile up to the limit and no further; the connection is forgotten."""
    world = World()
    client, server = lockstep_stream_pair()
    nursery.start_soon(open_door(world).serve, server, "test:1")
    socket = await wrap_client_stream(nursery, client, "127.0.0.1", "/")
    await socket.send_message(message(Command.INIT, 2))
    await socket.get_message()
    (connection,) = world.opend.roster

    push = bytes(1024 * 1024)
    for _ in range(MAX_WAITING_BYTES // len(push) + 1):
        connection.push(SharedPush(ProtoId.Notify, 0, push, b""))
    await wait_all_tasks_blocked()

    assert len(world.opend.roster) == 0
    await trio.aclose_forcefully(client)


async def test_faults_and_the_journal_see_web_clients(autojump_clock, nursery):
    """An error and a cut reach them, and what they ask is written down."""
    world = World()
    client, server = memory_stream_pair()
    nursery.start_soon(open_door(world).serve, server, "test:1")
    socket = await wrap_client_stream(nursery, client, "127.0.0.1", "/")
    await socket.send_message(message(Command.INIT, 2))
    await socket.get_message()
    world.command("sim_journal -action=on")
    world.command('sim_fault -add=error -protocol=GetGlobalState -message="try later"')
    body = pb.GetGlobalState.Request(c2s={"userID": 0}).SerializeToString()
    await socket.send_message(message(ProtoId.GetGlobalState, 3, body))
    reply = read_reply(await socket.get_message())

    assert (reply.section, b"try later" in reply.body) == (3, True)
    assert world.command("sim_journal -action=count -protocol=GetGlobalState") == "2"
    world.command("sim_fault -add=cut")
    assert read_reply(await socket.get_message()).command == Command.OPEND_LOST
    with pytest.raises(ConnectionClosed):
        await socket.get_message()


async def test_a_metered_stream_ends_at_its_limit():
    """The limit itself may arrive; one byte more breaks the stream and says so."""
    theirs, ours = memory_stream_pair()
    ended = []
    stream = MeteredStream(ours, 10)
    stream.on_end = lambda: ended.append(True)

    await theirs.send_all(b"0123456789")
    assert await stream.receive_some(100) == b"0123456789"
    assert not ended
    await theirs.send_all(b"!")
    with pytest.raises(trio.BrokenResourceError):
        await stream.receive_some(100)

    assert ended == [True]


async def test_a_metered_stream_counts_anew_after_each_message():
    """Only what arrives for one message counts."""
    theirs, ours = memory_stream_pair()
    stream = MeteredStream(ours, 10)
    for _ in range(5):
        await theirs.send_all(b"0123456789")
        assert len(await stream.receive_some(100)) == 10
        stream.reset()


async def test_a_metered_stream_says_when_the_client_left():
    """An end of the stream is an end, too."""
    theirs, ours = memory_stream_pair()
    ended = []
    stream = MeteredStream(ours, 10)
    stream.on_end = lambda: ended.append(True)

    await theirs.send_eof()

    assert await stream.receive_some(100) == b""
    assert ended == [True]
