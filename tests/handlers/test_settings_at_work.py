"""Settings that only show in what a client receives."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from hashlib import md5

import pytest

from gateway.assembly import build_opend, futures_zone
from gateway.config import Settings
from gateway.continuity import ClockState
from gateway.store.memory import MemoryStore
from gateway.wire.ft_frame import BodyFormat, FrameReader
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from tests.support.conversation import START_NS, World
from tests.support.quotes import BASIC, TENCENT, answer, refusal, subscribe
from tests.support.trade_client import BUY, Trader

FUTURES = 9497808
INIT = {"clientVer": 300, "clientID": "test", "packetEncAlgo": -1, "recvNotify": True}


def pushed_formats(client):
    """The body formats of all pushes, as their headers say."""
    reader = FrameReader()
    for data in client.outbox.frames:
        reader.feed(data)
    frames = iter(reader.next_frame, None)
    return {frame.body_format for frame in frames if frame.proto_id in PUSH_IDS}


@pytest.mark.parametrize("setting", [0, 1])
@pytest.mark.parametrize("wish", [None, 0, 1])
def test_push_proto_type_is_for_clients_without_a_wish(setting, wish):
    """A client that names a format gets it; the others get that of the setting. Source: [D]."""
    world = World()
    world.opend.default_push_format = BodyFormat(setting)
    client = world.connect(initialise=False)
    wished = {} if wish is None else {"pushProtoFmt": wish}
    answer(client.ask(ProtoId.InitConnect, **INIT, **wished))
    answer(subscribe(client, [TENCENT], [BASIC], isRegOrUnRegPush=True))

    assert pushed_formats(client) == {setting if wish is None else wish}


@pytest.mark.parametrize(
    ("zone", "hours"), [("UTC+8", 0), ("UTC", -8), ("UTC-5", -13), ("UTC+12", 4)]
)
def test_times_of_futures_orders_are_in_their_zone(zone, hours):
    """The instant is the same; shares keep the time of their market. Source: [D]."""
    world = World()
    world.opend.futures_zone = futures_zone(zone)
    futures, shares = Trader(world, FUTURES), Trader(world)
    market = world.opend.market
    for trader, code in ((futures, "HSImain"), (shares, "00700")):
        instrument = next(i for i in market.universe.instruments() if i.security.code == code)
        price = market.quote(instrument.security, world.now_ns).last
        quantity = 1 if trader is futures else instrument.lot_size
        assert trader.place(code, BUY, quantity, price).retMsg == ""

    (of_future,), (of_share,) = futures.orders(), shares.orders()
    usual = datetime.fromtimestamp(of_future.createTimestamp, timezone(timedelta(hours=8)))
    shown = datetime.fromisoformat(of_future.createTime)
    assert shown - usual.replace(tzinfo=None) == pytest.approx(
        timedelta(hours=hours), abs=timedelta(seconds=1)
    )
    assert of_share.createTime[:16] == at_home(of_share.createTimestamp)


def at_home(timestamp):
    """An instant in Hong Kong, to the minute."""
    return f"{datetime.fromtimestamp(timestamp, timezone(timedelta(hours=8))):%Y-%m-%d %H:%M}"


def test_the_trade_password_is_that_of_the_setting():
    """Only its digest unlocks."""
    right = md5(b"swordfish").hexdigest()
    settings = Settings(sim_universe_size="named", sim_trade_password_md5=right)
    world = World()
    world.opend.login = build_opend(settings, ClockState(START_NS, START_NS), MemoryStore()).login
    world.opend.login.log_in()
    client = world.connect()
    usual = md5(b"123456").hexdigest()

    def unlock(digest):
        return client.ask(ProtoId.Trd_UnlockTrade, unlock=True, pwdMD5=digest)

    assert refusal(unlock(usual)) == "Incorrect trading password."
    assert unlock(right).retType == 0
