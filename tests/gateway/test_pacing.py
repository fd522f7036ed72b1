"""`qot_push_frequency`: how often a stream is pushed, seen through real pushes."""

from __future__ import annotations

import itertools
from typing import Final

import pytest

from gateway.assembly import push_interval_ns
from gateway.config import Settings
from gateway.pb import Qot_Common
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from tests.support.conversation import Client, World

TENCENT: Final = {"market": 1, "code": "00700"}
SECONDS: Final = 60
INTERVAL_S: Final = 5


def listener(world: World, *sub_types: int) -> Client:
    client = world.connect(recvNotify=False)
    reply = client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=sub_types,
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
        isFirstPush=False,
    )
    assert reply.retType == 0
    return client


def pushes(sub_type: int, interval_s: int | None) -> list[tuple[int, object]]:
    """Gateway time and content of each push of a minute."""
    world = World()
    world.opend.pacing.interval_ns = None if interval_s is None else interval_s * NS_PER_S
    client = listener(world, sub_type)
    seen = []
    for _ in range(SECONDS * 10):
        world.pass_time(0.1)
        seen.extend((world.now_ns, push.s2c) for push in client.collect())
    return seen


@pytest.mark.parametrize(
    "sub_type",
    [Qot_Common.SubType_Basic, Qot_Common.SubType_Ticker, Qot_Common.SubType_OrderBook],
)
def test_a_stream_is_pushed_once_in_its_interval(sub_type):
    """However much happens, two pushes are never closer together."""
    times = [time for time, _ in pushes(sub_type, INTERVAL_S)]
    gaps = [after - before for before, after in itertools.pairwise(times)]

    assert SECONDS // INTERVAL_S - 2 <= len(times) <= SECONDS // INTERVAL_S + 1
    assert min(gaps) > (INTERVAL_S - 0.1) * NS_PER_S
    assert len(pushes(sub_type, None)) > 2 * len(times)


@pytest.mark.parametrize("sub_type", [Qot_Common.SubType_KL_1Min, Qot_Common.SubType_RT])
def test_candles_and_the_intraday_line_are_never_held(sub_type):
    """The option leaves them alone. Source: [D]."""
    assert [t for t, _ in pushes(sub_type, INTERVAL_S)] == [t for t, _ in pushes(sub_type, None)]


def test_no_print_is_lost():
    """Those of an interval leave together, in order and once."""
    paced = [
        t.sequence
        for _, s2c in pushes(Qot_Common.SubType_Ticker, INTERVAL_S)
        for t in s2c.tickerList
    ]
    every = [
        t.sequence for _, s2c in pushes(Qot_Common.SubType_Ticker, None) for t in s2c.tickerList
    ]

    assert len(paced) > 10
    assert paced == every[: len(paced)]


def test_the_held_push_tells_the_latest_state():
    """What leaves as the interval ends is the quote of that moment, not of when it was held."""
    world = World()
    world.opend.pacing.interval_ns = INTERVAL_S * NS_PER_S
    client = listener(world, Qot_Common.SubType_Basic)
    for _ in range(SECONDS * 10):
        world.pass_time(0.1)
        for push in client.collect():
            now = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c.basicQotList[0]
            told = push.s2c.basicQotList[0]
            assert (told.curPrice, told.volume) == (now.curPrice, now.volume)


def test_nobody_is_told_after_leaving():
    """A push held for a listener that gave up its registration is dropped."""
    world = World()
    world.opend.pacing.interval_ns = INTERVAL_S * NS_PER_S
    client = listener(world, Qot_Common.SubType_OrderBook)
    world.pass_time(INTERVAL_S * 1.5)
    client.collect()
    client.ask(
        ProtoId.Qot_RegQotPush,
        securityList=[TENCENT],
        subTypeList=[Qot_Common.SubType_OrderBook],
        isRegOrUnReg=False,
    )
    world.pass_time(4 * INTERVAL_S)

    assert client.collect() == []


def test_the_option_is_in_milliseconds():
    """Absent, nothing is held."""
    assert push_interval_ns(Settings(qot_push_frequency="250")) == NS_PER_S // 4
    assert push_interval_ns(Settings()) is None
