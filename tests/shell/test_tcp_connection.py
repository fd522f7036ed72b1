"""TCP clients over memory streams: any cutting of bytes, any rubbish, and one another's trouble."""

from __future__ import annotations

import itertools

import pytest
import trio
import trio.lowlevel
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import memory_stream_pair

from gateway import pb
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import INIT_TIMEOUT_S, ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.wire.ciphers import PlainCipher
from gateway.wire.ft_frame import HEADER_BYTES, Frame, FrameReader
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World, raw_frame

INIT = raw_frame(
    ProtoId.InitConnect,
    pb.InitConnect.Request(c2s={"clientVer": 300, "clientID": "t"}).SerializeToString(),
    serial=1,
)


def keep_alive(serial: int) -> bytes:
    body = pb.KeepAlive.Request(c2s={"time": 1}).SerializeToString()
    return raw_frame(ProtoId.KeepAlive, body, serial=serial)


def make_server(world: World) -> ConnectionServer:
    clock = GatewayClock(world.now_ns)
    ticker = Ticker(world.opend, world.publisher, clock)
    return ConnectionServer(world.opend, world.dispatcher, ticker, clock, PlainCipher())


class TcpClient:
    """The client's end of a memory stream."""

    def __init__(self, server: ConnectionServer, nursery: trio.Nursery) -> None:
        self.stream, remote = memory_stream_pair()
        self._reader = FrameReader()
        nursery.start_soon(server.serve, remote, "test:1")

    async def frame(self) -> Frame:
        """The next frame that the server sends."""
        while (frame := self._reader.next_frame()) is None:
            data = await self.stream.receive_some()
            assert data, "the server closed the connection"
            self._reader.feed(bytes(data))
        return frame

    async def is_closed(self) -> bool:
        """Whether the server ends the connection, whatever it still sends."""
        with trio.move_on_after(2 * INIT_TIMEOUT_S):
            while await self.stream.receive_some():
                pass
            return True
        return False


async def converse(cuts: list[int]) -> None:
    """Send InitConnect and two KeepAlives cut at the given places; expect three replies."""
    world = World()
    data = INIT + keep_alive(2) + keep_alive(3)
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    async with trio.open_nursery() as nursery:
        client = TcpClient(make_server(world), nursery)
        for start, stop in itertools.pairwise(edges):
            await client.stream.send_all(data[start:stop])
            await trio.lowlevel.checkpoint()
        serials = [(await client.frame()).serial for _ in range(3)]
        nursery.cancel_scope.cancel()

    assert serials == [1, 2, 3]


async def test_frames_may_come_byte_by_byte(autojump_clock):
    """The slowest cutting there is."""
    await converse(list(range(1000)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 10_000), max_size=12))
def test_frames_may_be_cut_anywhere(cuts):
    """Where packets end means nothing."""
    trio.run(converse, cuts)


async def insult(rubbish: bytes) -> None:
    """One client sends rubbish, another keeps working; the first is closed or answered."""
    world = World()
    async with trio.open_nursery() as nursery:
        server = make_server(world)
        good = TcpClient(server, nursery)
        await good.stream.send_all(INIT)
        assert (await good.frame()).serial == 1
        bad = TcpClient(server, nursery)
        with trio.move_on_after(1):
            await bad.stream.send_all(rubbish)
        await good.stream.send_all(keep_alive(2))
        with trio.fail_after(5):
            assert (await good.frame()).serial == 2
        await bad.stream.aclose()
        await good.stream.aclose()

    assert len(world.opend.roster) == 0


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_rubbish_disturbs_nobody(rubbish):
    """Random bytes never crash or hang the server nor touch another connection."""
    trio.run(insult, rubbish)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([1001, 1002, 1004, 2001, 2202, 3001, 3103, 3203, 9999]),
    st.binary(max_size=200),
    st.sampled_from([0, 1, 7]),
)
def test_well_framed_rubbish_is_answered(proto_id, body, body_format):
    """A sound frame with any body gets a reply with its id and serial."""

    async def talk() -> None:
        async with trio.open_nursery() as nursery:
            client = TcpClient(make_server(World()), nursery)
            await client.stream.send_all(INIT + raw_frame(proto_id, body, 9, body_format))
            await client.frame()
            with trio.fail_after(5):
                reply = await client.frame()
            nursery.cancel_scope.cancel()

        assert (reply.proto_id, reply.serial) == (proto_id, 9)

    trio.run(talk)


@pytest.mark.parametrize(
    "header",
    [b"HTTP/1.1 GET /" + bytes(40), INIT[:12] + b"\xff\xff\xff\x7f" + INIT[16:]],
    ids=["bad magic", "impossible length"],
)
async def test_broken_framing_ends_the_connection(autojump_clock, header):
    """There is no way back into step: the connection ends, after what was answered left."""
    world = World()
    async with trio.open_nursery() as nursery:
        client = TcpClient(make_server(world), nursery)
        await client.stream.send_all(INIT)
        await client.frame()
        await client.stream.send_all(header)

        assert await client.is_closed()
        nursery.cancel_scope.cancel()

    assert len(world.opend.roster) == 0


async def test_a_silent_client_loses_its_place(autojump_clock):
    """Half a header does not keep a place for longer than the handshake may take."""
    world = World()
    async with trio.open_nursery() as nursery:
        client = TcpClient(make_server(world), nursery)
        begin = trio.current_time()
        await client.stream.send_all(INIT[: HEADER_BYTES - 1])

        assert await client.is_closed()
        assert trio.current_time() - begin == pytest.approx(INIT_TIMEOUT_S, abs=1)
        nursery.cancel_scope.cancel()

    assert len(world.opend.roster) == 0


async def test_talking_without_saying_who_one_is_keeps_no_place(autojump_clock):
    """Answered frames that are no InitConnect do not prolong the handshake; a client after it stays."""
    world = World()
    async with trio.open_nursery() as nursery:
        server = make_server(world)
        talker, honest = TcpClient(server, nursery), TcpClient(server, nursery)
        await honest.stream.send_all(INIT)
        begin = trio.current_time()
        for serial in range(1, 9):
            await talker.stream.send_all(keep_alive(serial))
            await talker.frame()
            await trio.sleep(3)

        assert await talker.is_closed()
        assert trio.current_time() - begin == pytest.approx(INIT_TIMEOUT_S, abs=1)
        await honest.frame()
        await honest.stream.send_all(keep_alive(2))
        assert (await honest.frame()).serial == 2
        nursery.cancel_scope.cancel()


async def test_closing_lets_the_last_reply_out(autojump_clock):
    """What was queued before the server closes arrives whole."""
    world = World()
    async with trio.open_nursery() as nursery:
        client = TcpClient(make_server(world), nursery)
        await client.stream.send_all(INIT)
        await client.frame()
        await client.stream.send_all(keep_alive(2))
        await trio.testing.wait_all_tasks_blocked()
        for connection in world.opend.roster:
            connection.close("test")

        assert (await client.frame()).serial == 2
        assert await client.is_closed()
        nursery.cancel_scope.cancel()


async def test_unknown_ids_leave_no_trace_in_the_statistics(autojump_clock):
    """A client cannot fill the memory with made-up protocol ids."""
    world = World()
    async with trio.open_nursery() as nursery:
        client = TcpClient(make_server(world), nursery)
        await client.stream.send_all(INIT + raw_frame(123_456_789, b"", 2))
        await client.frame()
        await client.frame()
        nursery.cancel_scope.cancel()

    assert set(world.opend.delays.requests) == {ProtoId.InitConnect}
