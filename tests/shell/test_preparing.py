"""Long computations of one client leave the others their turn, over memory streams."""

import pytest
import trio

import gateway.shell.connection
from gateway import pb
from gateway.wire.ft_frame import Frame, body_digest
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, Security, Venue
from simulator.market.data import MarketData
from simulator.market.long_tail import full_universe
from simulator.market.synthetic import SyntheticSource
from simulator.timeline import WallTimeline
from tests.shell.test_tcp_connection import INIT, TcpClient, keep_alive, make_server
from tests.support.conversation import World, raw_frame
from tests.support.markets import utc_ns
from tests.support.quotes import answer
from tests.support.requests import encoded

NOW = utc_ns("2026-11-20T10:47:23+08:00")
NAMED = [{"market": 1, "code": code} for code in ("00700", "00005", "800000")]
LARGE = {
    ProtoId.Qot_StockFilter: {"begin": 0, "num": 20, "market": 1},
    ProtoId.Qot_GetSecuritySnapshot: {"securityList": NAMED},
    ProtoId.Qot_GetWarrant: {
        "begin": 0,
        "num": 20,
        "sortField": 10,
        "ascend": False,
        "owner": NAMED[0],
    },
}


@pytest.fixture(autouse=True)
def _every_piece_counts(monkeypatch):
    """Time stands still in these tests, so others have their turn after each piece."""
    monkeypatch.setattr(gateway.shell.connection, "BUSY_S", -1.0)


def make_world():
    """A market with all its companies, of which nothing is known yet."""
    return World(
        start_ns=NOW, market=MarketData(full_universe(), WallTimeline(), SyntheticSource(1))
    )


def make_frame(proto_id, body):
    return Frame(proto_id, 0, 0, 2, body_digest(body), body)


async def connect(server, nursery):
    client = TcpClient(server, nursery)
    await client.stream.send_all(INIT)
    await client.frame()
    return client


@pytest.mark.parametrize("proto_id", LARGE)
async def test_others_are_answered_while_much_is_computed(autojump_clock, proto_id):
    """One client's first large question takes many pieces; another's small ones come in between."""
    world = make_world()
    answered = []

    async def chat(client):
        for serial in range(2, 12):
            await client.stream.send_all(keep_alive(serial))
            answered.append((await client.frame()).proto_id)

    async with trio.open_nursery() as nursery:
        server = make_server(world)
        busy, other = await connect(server, nursery), await connect(server, nursery)
        body = encoded(proto_id, **LARGE[proto_id])
        await busy.stream.send_all(raw_frame(proto_id, body, serial=2) + keep_alive(3))
        async with trio.open_nursery() as talk:
            talk.start_soon(chat, other)
            first = await busy.frame()
            before = len(answered)
        second = await busy.frame()
        nursery.cancel_scope.cancel()

    assert before > 2
    assert [first.serial, second.serial] == [2, 3]
    response = pb.message_type(f"{proto_id.name}.Response").FromString(first.body)
    expected = make_world().connect().ask(proto_id, **LARGE[proto_id])
    assert answer(response) == answer(expected)


async def test_a_server_can_stop_amid_a_computation(autojump_clock):
    """Cancelling takes effect between two pieces: the board is not finished."""
    world = make_world()
    async with trio.open_nursery() as nursery:
        server = make_server(world)
        busy, other = await connect(server, nursery), await connect(server, nursery)
        body = encoded(ProtoId.Qot_StockFilter, **LARGE[ProtoId.Qot_StockFilter])
        await busy.stream.send_all(raw_frame(ProtoId.Qot_StockFilter, body, serial=2))
        await other.stream.send_all(keep_alive(2))
        await other.frame()
        nursery.cancel_scope.cancel()

    today = world.opend.market.trading_date(Security(Market.HK, "00700"), NOW)
    assert world.opend.market.boards.known(Venue.HK_STOCK, today.toordinal()) is None


def test_what_is_wrong_is_left_to_the_answer():
    """Preparing refuses nothing and counts nothing: unknown codes, foreign bytes, early requests."""
    world = make_world()
    client = world.connect()
    unknown = [*NAMED, {"market": 1, "code": "99998"}]
    wrong = encoded(ProtoId.Qot_GetSecuritySnapshot, securityList=unknown)
    for body in (wrong, b"\xff\xff"):
        frame = make_frame(ProtoId.Qot_GetSecuritySnapshot, body)
        assert list(world.dispatcher.prepare(client.connection, frame, NOW)) == []
    early = world.connect(initialise=False)
    right = encoded(ProtoId.Qot_GetSecuritySnapshot, securityList=NAMED)
    frame = make_frame(ProtoId.Qot_GetSecuritySnapshot, right)
    assert list(world.dispatcher.prepare(early.connection, frame, NOW)) == []
    assert list(world.dispatcher.prepare(client.connection, frame, NOW))
    assert list(world.dispatcher.prepare(client.connection, frame, NOW)) == []
