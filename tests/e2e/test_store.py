"""A gateway whose store gives up, and one that is stopped and started again."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO

import pytest
import trio

from gateway.app import STORE_FAILED_CODE, App
from gateway.banner import READY_PREFIX
from gateway.config import load_settings
from gateway.pb import InitConnect
from gateway.shell.doors import open_doors
from gateway.store.sql import SqliteDatabase
from gateway.wire.ft_frame import BodyFormat, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId
from tests.support.reckless_trader import HEADER
from tests.support.requests import encoded

LIMIT_S = 20.0


class FullDisk(SqliteDatabase):
    """A disk on which the start fits, and nothing else."""

    def connect(self):
        connection = super().connect()
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA max_page_count=12")
        cursor.close()
        return connection


class RawClient:
    """Frames over one TCP connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self._reader = FrameReader()

    async def send(self, proto_id: ProtoId, serial: int, **c2s: object) -> None:
        body = encoded(proto_id, **c2s)
        digest = body_digest(body)
        frame = encode_frame(proto_id, BodyFormat.PROTOBUF, serial, digest, body)
        with suppress(trio.BrokenResourceError):  # it may have hung up already
            await self._stream.send_all(frame)

    async def init(self) -> int:
        """Say who this is and learn the connection's id."""
        await self.send(ProtoId.InitConnect, 1, clientVer=300, clientID="x")
        while (frame := self._reader.next_frame()) is None:
            self._reader.feed(bytes(await self._stream.receive_some(1 << 16)))
        response = InitConnect.Response.FromString(frame.body)
        return response.s2c.connID

    async def aclose(self) -> None:
        await trio.aclose_forcefully(self._stream)

    async def serials(self) -> list[int]:
        """Of all replies until the gateway ends the connection, with unread requests or without."""
        with suppress(trio.BrokenResourceError):
            async for data in self._stream:
                self._reader.feed(bytes(data))
        return [frame.serial for frame in iter(self._reader.next_frame, None)]


def options(tmp_path):
    return [
        "-api_port=0",
        "-lang=en",
        "-log_level=no",
        "-sim_limits=off",
        f"-sim_store=sqlite:{tmp_path}/state.sqlite3",
        "-cfg_file=config/FutuOpenD.xml",
    ]


@pytest.mark.slow
async def test_a_gateway_whose_disk_is_full_stops_and_tells_nothing_more(tmp_path, monkeypatch):
    """Orders that could not be stored are not answered; the exit code says why it ended."""
    monkeypatch.setattr("gateway.store.sql.SqliteDatabase", FullDisk)
    monkeypatch.setattr("gateway.store.sql.PATIENCE_S", 0.0)
    codes: list[int] = []
    with trio.fail_after(LIMIT_S):
        settings = load_settings(options(tmp_path))
        app = App(settings)
        doors = await open_doors(settings)
        host, port = doors["api"][0].socket.getsockname()

        async def serve(console: StringIO) -> None:
            codes.append(await app.serve(console, doors))
            app.close()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve, StringIO())
            client = RawClient(await trio.open_tcp_stream(host, port))
            conn_id = await client.init()
            for serial in range(2, 300):
                await client.send(
                    ProtoId.Trd_PlaceOrder,
                    serial,
                    packetID={"connID": conn_id, "serialNo": serial},
                    header=HEADER,
                    trdSide=1,
                    orderType=1,
                    code="AAPL",
                    qty=1,
                    price=1.0,
                    remark="x" * 60,
                )
            answered = await client.serials()
            await client.aclose()

    assert codes == [STORE_FAILED_CODE]
    assert len(answered) < 298
    assert answered == list(range(2, len(answered) + 2))


@pytest.mark.slow
async def test_a_restart_says_what_it_recovered(tmp_path):
    """The console of the second run counts orders and fills."""
    with trio.fail_after(LIMIT_S):
        for run in (1, 2):
            settings = load_settings(options(tmp_path))
            app = App(settings)
            doors = await open_doors(settings)
            console = StringIO()
            host, port = doors["api"][0].socket.getsockname()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(app.serve, console, doors)
                while READY_PREFIX not in console.getvalue():
                    await trio.lowlevel.checkpoint()
                client = RawClient(await trio.open_tcp_stream(host, port))
                conn_id = await client.init()
                order = {"trdSide": 1, "orderType": 1, "code": "AAPL", "qty": 1, "price": 1.0}
                packet = {"connID": conn_id, "serialNo": 1}
                await client.send(
                    ProtoId.Trd_PlaceOrder, 2, packetID=packet, header=HEADER, **order
                )
                while len(app.opend.engine.orders(HEADER["accID"], app.clock.now_ns())) < run:
                    await trio.lowlevel.checkpoint()
                app.stop.set()
                await client.aclose()
            app.close()

    assert ">>>Restored: 1 orders (1 open), 0 fills" in console.getvalue()
