"""Faults over byte streams: refused and cut connections, and frames that are late by the clock."""

from __future__ import annotations

import trio
import trio.lowlevel
import trio.testing

from gateway import pb
from gateway.control import Driver, GatewayControl
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.wire.ciphers import PlainCipher
from gateway.wire.ft_frame import FrameReader
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from telnet_ops.control import FaultOrder
from tests.support.conversation import World, raw_frame

INIT = raw_frame(
    ProtoId.InitConnect,
    pb.InitConnect.Request(c2s={"clientVer": 300, "clientID": "t"}).SerializeToString(),
    serial=1,
)
KEEP_ALIVE = raw_frame(
    ProtoId.KeepAlive, pb.KeepAlive.Request(c2s={"time": 1}).SerializeToString(), serial=2
)


class Served:
    """A world that is served over memory streams by a running ticker.

    Args:
        nursery: Runs everything.
        is_running: Whether its clock runs.
    """

    def __init__(self, nursery: trio.Nursery, *, is_running: bool = True) -> None:
        world = World()
        self.clock = GatewayClock(world.now_ns, is_running=is_running)
        self.ticker = Ticker(world.opend, world.publisher, self.clock)
        self.server = ConnectionServer(
            world.opend, world.dispatcher, self.ticker, self.clock, PlainCipher()
        )
        driver = Driver(self.ticker.wake, self.ticker.set_grain)
        self.control = GatewayControl(world.opend, self.clock, driver)
        self._nursery = nursery
        nursery.start_soon(self.ticker.run)

    def connect(self) -> trio.abc.Stream:
        """The client's end of a new connection."""
        stream, remote = trio.testing.memory_stream_pair()
        self._nursery.start_soon(self.server.serve, remote, "test:1")
        return stream


async def receive(stream: trio.abc.Stream, count: int) -> list[int]:
    """The serial numbers of so many replies."""
    reader, serials = FrameReader(), []
    while len(serials) < count:
        while (frame := reader.next_frame()) is not None:
            serials.append(frame.serial)
        if len(serials) < count:
            data = await stream.receive_some()
            assert data, "the server closed the connection"
            reader.feed(bytes(data))
    return serials


async def test_refused_clients_see_the_end_at_once(autojump_clock):
    """The first two are turned away without a byte, the third is served."""
    async with trio.open_nursery() as nursery:
        served = Served(nursery)
        served.control.add_fault(FaultOrder("refuse", count=2))
        for _ in range(2):
            assert await served.connect().receive_some() == b""
        stream = served.connect()
        await stream.send_all(INIT)
        assert await receive(stream, 1) == [1]
        nursery.cancel_scope.cancel()


async def test_a_cut_lets_nobody_back_for_as_long_as_it_lasts(autojump_clock):
    """The connection ends; for ten seconds new ones do too; then one is served."""
    async with trio.open_nursery() as nursery:
        served = Served(nursery)
        stream = served.connect()
        await stream.send_all(INIT)
        await receive(stream, 1)
        served.control.add_fault(FaultOrder("cut", lasts_ns=10 * NS_PER_S))
        assert await stream.receive_some() == b""
        assert await served.connect().receive_some() == b""
        await trio.sleep(11)
        stream = served.connect()
        await stream.send_all(INIT)
        assert await receive(stream, 1) == [1]
        nursery.cancel_scope.cancel()


async def test_a_late_reply_comes_when_the_clock_is_there(autojump_clock):
    """Real time makes no difference while the clock stands; an advance brings the reply."""
    async with trio.open_nursery() as nursery:
        served = Served(nursery, is_running=False)
        stream = served.connect()
        await stream.send_all(INIT)
        await receive(stream, 1)
        served.control.add_fault(FaultOrder("latency", delay_ns=2 * NS_PER_S))
        await stream.send_all(KEEP_ALIVE)
        with trio.move_on_after(3600) as waiting:
            await stream.receive_some()
        assert waiting.cancelled_caught
        served.control.advance(2 * NS_PER_S, 0)
        assert await receive(stream, 1) == [2]
        nursery.cancel_scope.cancel()


async def test_a_running_clock_brings_late_frames_by_itself(autojump_clock):
    """The reply takes its two seconds."""
    async with trio.open_nursery() as nursery:
        served = Served(nursery)
        stream = served.connect()
        await stream.send_all(INIT)
        await receive(stream, 1)
        served.control.add_fault(FaultOrder("latency", delay_ns=2 * NS_PER_S))
        began_s = trio.current_time()
        await stream.send_all(KEEP_ALIVE)
        assert await receive(stream, 1) == [2]
        assert 2 <= trio.current_time() - began_s < 2.1
        nursery.cancel_scope.cancel()
