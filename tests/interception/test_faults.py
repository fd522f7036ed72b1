"""Each kind of fault, as a client meets it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.session.pacing import Pacing
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from tests.support.conversation import Client, World
from tests.support.markets import wall_market
from tests.support.trade_client import BUY, Trader
from tests.support.trading import HK

TENCENT = {"market": 1, "code": "00700"}
ALIBABA = {"market": 1, "code": "09988"}
QUOTE, BOOK, TICKER = 1, 2, 4
TEN_IN_HK = 1_768_442_400 * 10**9
SYMBOL = "HK.00700"
BY_DISCONNECTION = 2
"""Source: [P] Qot_Common.PushDataType."""


@pytest.fixture
def world() -> World:
    """10:00 on a trading day in Hong Kong."""
    return World(start_ns=TEN_IN_HK, market=wall_market())


def listener(world: World, *sub_types: int, **init: object) -> Client:
    """A client that is pushed Tencent's streams."""
    client = world.connect(**init)
    reply = client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=list(sub_types),
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
        isFirstPush=False,
    )
    assert reply.retType == 0, reply.retMsg
    client.collect()
    return client


def pushed(client: Client, proto_id: ProtoId) -> list[Any]:
    """The contents of the new pushes of one protocol; the others are forgotten."""
    return [push.s2c for push in client.collect() if push.proto_id == proto_id]


def sequences(client: Client) -> list[int]:
    """The numbers of the prints that were pushed, in their order."""
    pushes = pushed(client, ProtoId.Qot_UpdateTicker)
    return [ticker.sequence for push in pushes for ticker in push.tickerList]


def add(world: World, parameters: str) -> str:
    """Begin a fault."""
    answer = world.command(f"sim_fault -add={parameters}")
    assert answer.startswith(("Fault ", "Done: ")), answer
    return answer


# --- what is late ---------------------------------------------------------------------------------


def test_latency_makes_replies_wait_for_time_to_pass(world: World) -> None:
    """The answer is there once the clock has moved so far, and not before."""
    client = world.connect()
    add(world, "latency -delay=200ms -protocol=KeepAlive")
    assert client.is_ignored(ProtoId.KeepAlive, time=1)
    frames = len(client.outbox.frames)
    world.pass_time(0.19)
    assert len(client.outbox.frames) == frames
    world.pass_time(0.02)

    assert len(client.outbox.frames) == frames + 1


def test_late_requests_are_answered_as_of_then(world: World) -> None:
    """A request that travels for two seconds is told the time of its arrival."""
    client = world.connect()
    add(world, "latency -delay=2s -direction=request -count=1")
    assert client.is_ignored(ProtoId.GetGlobalState, userID=0)
    world.pass_time(3)
    told = client.ask(ProtoId.GetGlobalState, userID=0).s2c.time
    assert told == TEN_IN_HK // 10**9 + 3


def test_pushes_behind_a_late_line_keep_their_order(world: World) -> None:
    """With jitter none overtakes another, and when the fault ends all of them are there."""
    client, twin = listener(world, TICKER), listener(world, TICKER)
    add(world, f"latency -delay=1s -jitter=3s -conn_id={client.connection.conn_id}")
    world.pass_time(30)
    arrived, sent = sequences(client), sequences(twin)
    assert arrived == sent[: len(arrived)]
    assert len(arrived) < len(sent)
    world.command("sim_fault -clear=all")

    assert arrived + sequences(client) == sent


def test_a_narrow_line_delays_by_the_byte(world: World) -> None:
    """At 100 bytes a second a reply of about 60 bytes takes more than half a second."""
    client = world.connect()
    add(world, "bandwidth -rate=100 -protocol=KeepAlive")
    assert client.is_ignored(ProtoId.KeepAlive, time=1)
    frames = len(client.outbox.frames)
    world.pass_time(0.5)
    assert len(client.outbox.frames) == frames
    world.pass_time(0.3)
    assert len(client.outbox.frames) == frames + 1


# --- what is lost, doubled or swapped ------------------------------------------------------------


def test_pushes_get_lost(world: World) -> None:
    """Those of the chosen protocol, about the chosen security, at the chosen client; no others."""
    client, other = listener(world, QUOTE, TICKER), listener(world, QUOTE, clientID="other")
    add(world, f"drop -protocol=Qot_UpdateBasicQot -security={SYMBOL} -client=test")
    world.pass_time(20)
    kinds = {push.proto_id for push in client.collect()}

    assert kinds == {ProtoId.Qot_UpdateTicker}
    assert pushed(other, ProtoId.Qot_UpdateBasicQot)


def test_a_fault_about_another_security_hits_nothing(world: World) -> None:
    """Pushes about Tencent pass a fault about Alibaba."""
    client = listener(world, TICKER)
    add(world, "drop -security=HK.09988")
    world.pass_time(20)
    assert sequences(client)


def test_pushes_come_twice(world: World) -> None:
    """Each print is there two times."""
    client = listener(world, TICKER)
    add(world, "duplicate")
    world.pass_time(10)
    found = sequences(client)
    assert found
    assert all(found.count(number) == 2 for number in found)


def test_pushes_change_places(world: World) -> None:
    """The second comes before the first, and none is lost."""
    client, twin = listener(world, TICKER), listener(world, TICKER)
    add(world, f"reorder -protocol=Qot_UpdateTicker -conn_id={client.connection.conn_id}")
    world.pass_time(30)
    found, right = sequences(client), sequences(twin)

    assert found != right
    assert sorted(found) == right


def test_chance_repeats_from_run_to_run() -> None:
    """Two worlds of the same seed lose the same pushes; another seed loses others."""

    def survivors(seed: int) -> list[int]:
        world = World(seed, TEN_IN_HK, market=wall_market())
        client = listener(world, TICKER)
        add(world, "drop -probability=0.5")
        world.pass_time(60)
        return sequences(client)

    assert survivors(1) == survivors(1)
    assert survivors(1) != survivors(2)


# --- what is not answered, or wrongly --------------------------------------------------------------


def test_a_swallowed_reply_leaves_its_effect(world: World) -> None:
    """The order is placed, but nobody says so."""
    trader = Trader(world, HK)
    add(world, "swallow -protocol=Trd_PlaceOrder -count=1")
    with pytest.raises(AssertionError, match="0 replies"):
        trader.place("00700", BUY, 100, 300.0)
    world.pass_time(1)
    assert len(trader.orders()) == 1


def test_a_swallowed_request_has_none(world: World) -> None:
    """It never arrived."""
    trader = Trader(world, HK)
    add(world, "swallow -protocol=Trd_PlaceOrder -direction=request -count=1")
    with pytest.raises(AssertionError, match="0 replies"):
        trader.place("00700", BUY, 100, 300.0)
    world.pass_time(1)
    assert trader.orders() == []


def test_replies_are_chosen_by_what_was_asked(world: World) -> None:
    """A refusal names no security, but the request that it answers did."""
    client = world.connect()
    add(world, f"swallow -security={SYMBOL}")
    assert client.is_ignored(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])
    assert client.ask(ProtoId.Qot_GetBasicQot, securityList=[ALIBABA]).retType == -1


@pytest.mark.parametrize("body_format", [0, 1])
def test_errors_say_what_they_are_told(world: World, body_format: int) -> None:
    """retType, retMsg and errCode, in either format; nothing was carried out."""
    client = world.connect(body_format=body_format)
    add(world, 'error -protocol=Qot_Sub -ret_type=-100 -message="try later" -err_code=7 -count=1')
    request = {"securityList": [TENCENT], "subTypeList": [QUOTE], "isSubOrUnSub": True}
    refused = client.ask(ProtoId.Qot_Sub, **request)

    assert (refused.retType, refused.retMsg, refused.errCode) == (-100, "try later", 7)
    assert client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).retType == -1
    assert client.ask(ProtoId.Qot_Sub, **request).retType == 0


def test_a_wrong_digest_is_all_that_is_wrong(world: World) -> None:
    """The client that checks it throws the message away."""
    client = world.connect()
    add(world, "wrong_digest -protocol=KeepAlive -count=1")
    with pytest.raises(AssertionError):
        client.ask(ProtoId.KeepAlive, time=1)
    assert client.ask(ProtoId.KeepAlive, time=1).retType == 0


# --- connections ----------------------------------------------------------------------------------


def test_a_cut_ends_the_chosen_connections(world: World) -> None:
    """At once; the others stay."""
    one, other = world.connect(), world.connect(clientID="other")
    assert add(world, "cut -client=other") == "Done: cut"
    assert (one.outbox.closed, other.outbox.closed) == (None, "cut by a fault")
    assert world.command("sim_fault") == "no data"


def test_a_cut_can_wait_for_a_frame(world: World) -> None:
    """The connection ends when the order comes, and the order is lost."""
    trader = Trader(world, HK)
    add(world, "cut -protocol=Trd_PlaceOrder")
    with pytest.raises(AssertionError, match="0 replies"):
        trader.place("00700", BUY, 100, 300.0)
    assert trader.client.outbox.closed == "cut by a fault"
    world.pass_time(1)
    assert world.opend.engine.orders(HK, world.now_ns) == ()


@pytest.mark.parametrize("chosen", ["-direction=push", f"-security={SYMBOL} -direction=push"])
def test_a_cut_in_one_direction_waits_for_it(world: World, chosen: str) -> None:
    """Only a cut that selects no frames is made at once."""
    client = listener(world, TICKER)
    add(world, f"cut {chosen}")
    assert client.outbox.closed is None
    world.pass_time(10)
    assert client.outbox.closed == "cut by a fault"


def test_a_cut_can_happen_in_mid_stream(world: World) -> None:
    """At the third push."""
    client = listener(world, TICKER)
    add(world, "cut -protocol=Qot_UpdateTicker -skip=2 -count=1")
    world.pass_time(30)
    assert client.outbox.closed == "cut by a fault"
    assert len(pushed(client, ProtoId.Qot_UpdateTicker)) == 2


# --- wrong figures --------------------------------------------------------------------------------


def test_an_outlier_is_in_one_push_only(world: World) -> None:
    """One print is thirty percent off, on the tick; the quote, the tape and what follows are not."""
    client = listener(world, QUOTE, TICKER)
    add(world, f"outlier -security={SYMBOL} -percent=-30")
    world.pass_time(20)
    pushes = client.collect()
    prints = [
        ticker
        for push in pushes
        if push.proto_id == ProtoId.Qot_UpdateTicker
        for ticker in push.s2c.tickerList
    ]
    quotes = [
        push.s2c.basicQotList[0].curPrice
        for push in pushes
        if push.proto_id == ProtoId.Qot_UpdateBasicQot
    ]
    asked = client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1000).s2c.tickerList
    right = {ticker.sequence: ticker.price for ticker in asked}
    off = [print_.price / right[print_.sequence] for print_ in prints]

    assert off[0] == pytest.approx(0.7, abs=0.001)
    assert Decimal(str(prints[0].price)) % Decimal("0.2") == 0
    assert prints[0].turnover == pytest.approx(prints[0].price * prints[0].volume)
    assert set(off[1:]) == {1}
    assert min(quotes) > 0.9 * prints[1].price


def test_stale_quotes_stand_while_the_market_goes_on(world: World) -> None:
    """Quote, its pushes and the snapshot are as they were; prints go on; then all is fresh again."""
    client = listener(world, QUOTE, TICKER)
    world.pass_time(20)
    before = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c.basicQotList[0]
    snapped = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT]).s2c
    client.collect()
    add(world, f"stale -security={SYMBOL}")
    world.pass_time(60)
    after = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c.basicQotList[0]
    again = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT, ALIBABA]).s2c
    pushes = client.collect()
    told = [p.s2c.basicQotList[0] for p in pushes if p.proto_id == ProtoId.Qot_UpdateBasicQot]

    assert after == before
    assert again.snapshotList[0].basic.updateTime == snapped.snapshotList[0].basic.updateTime
    assert again.snapshotList[0].basic.volume == snapped.snapshotList[0].basic.volume
    assert again.snapshotList[1].basic.updateTime > snapped.snapshotList[0].basic.updateTime
    assert told
    assert all(quote == before for quote in told)
    assert any(p.proto_id == ProtoId.Qot_UpdateTicker for p in pushes)
    world.command("sim_fault -clear=all")
    fresh = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c.basicQotList[0]
    assert fresh.updateTime > before.updateTime


# --- links ----------------------------------------------------------------------------------------


def state(client: Client) -> tuple[bool, bool]:
    """Whether the links are up, as clients are told."""
    s2c = client.ask(ProtoId.GetGlobalState, userID=0).s2c
    return s2c.qotLogined, s2c.trdLogined


def test_without_the_quote_link_nothing_is_pushed(world: World) -> None:
    """The client is told, sees old figures, and gets the missed prints marked as such afterwards."""
    client = listener(world, QUOTE, BOOK, TICKER)
    world.pass_time(10)
    seen = sequences(client)
    old = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c
    add(world, "link -link=quotes -lasts=20s")
    world.pass_time(15)
    [lost] = pushed(client, ProtoId.Notify)
    assert (lost.connectStatus.qotLogined, lost.connectStatus.trdLogined) == (False, True)
    assert state(client) == (False, True)
    assert client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c == old
    refused = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])
    assert (refused.retType, refused.retMsg) == (-100, "NN_ProtoRet_TimeOut")
    assert client.ask(ProtoId.Qot_GetSubInfo).retType == 0
    world.pass_time(5)
    pushes = client.collect()

    assert pushes[0].s2c.connectStatus.qotLogined
    assert {ProtoId.Qot_UpdateBasicQot, ProtoId.Qot_UpdateOrderBook} < {p.proto_id for p in pushes}
    [missed] = [p.s2c for p in pushes if p.proto_id == ProtoId.Qot_UpdateTicker]
    assert {t.pushDataType for t in missed.tickerList} == {BY_DISCONNECTION}
    world.pass_time(10)
    later = sequences(client)
    asked = client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1000).s2c.tickerList
    told = [*seen, *(t.sequence for t in missed.tickerList), *later]
    assert told == [t.sequence for t in asked][-len(told) :]


def test_who_registers_meanwhile_gets_what_was_known(world: World) -> None:
    """A first push without the quote link tells of the time before."""
    client = listener(world, QUOTE)
    world.pass_time(10)
    old = client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]).s2c.basicQotList[0]
    add(world, "link -link=quotes")
    world.pass_time(60)
    client.collect()
    client.ask(
        ProtoId.Qot_RegQotPush,
        securityList=[TENCENT],
        subTypeList=[QUOTE],
        isRegOrUnReg=True,
        isFirstPush=True,
    )
    [first] = pushed(client, ProtoId.Qot_UpdateBasicQot)
    assert first.basicQotList[0] == old


def test_a_paced_stream_loses_nothing_with_the_link(world: World) -> None:
    """Prints that waited for their interval when the link broke are told, then the missed ones."""
    world.opend.pacing = Pacing(5 * NS_PER_S)
    client = listener(world, TICKER)
    world.pass_time(12)
    add(world, "link -link=quotes -lasts=20s")
    world.pass_time(40)
    told = sequences(client)
    asked = client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1000).s2c.tickerList
    listed = [ticker.sequence for ticker in asked]
    assert told == listed[listed.index(told[0]) :][: len(told)]


def test_a_new_login_does_not_mend_a_link(world: World) -> None:
    """The notice at its end says what is up."""
    client = world.connect()
    add(world, "link -link=trading")
    client.collect()
    world.command("relogin")
    told = [push.connectStatus for push in pushed(client, ProtoId.Notify) if push.type == 3]
    assert [(status.qotLogined, status.trdLogined) for status in told] == [
        (False, False),
        (True, False),
    ]


def test_at_most_fifty_prints_are_made_up_for(world: World) -> None:
    """The latest ones."""
    client = listener(world, TICKER)
    add(world, "link -link=quotes -lasts=10m")
    world.pass_time(601)
    pushes = pushed(client, ProtoId.Qot_UpdateTicker)
    assert len(pushes[0].tickerList) == 50


def test_subscriptions_may_be_lost_with_the_link(world: World) -> None:
    """Nothing is pushed, nothing is subscribed, and subscribing again works."""
    client = listener(world, TICKER)
    add(world, "link -subscriptions=lost -lasts=1s")
    world.pass_time(30)
    assert sequences(client) == []
    assert client.ask(ProtoId.Qot_GetSubInfo).s2c.totalUsedQuota == 0
    assert client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1).retType == -1
    client = listener(world, TICKER)
    world.pass_time(30)
    assert sequences(client)


def test_orders_go_on_without_the_trade_link(world: World) -> None:
    """Trading is refused meanwhile; what became of an order is told when the link is back."""
    trader = Trader(world, HK)
    trader.client.ask(ProtoId.Trd_SubAccPush, accIDList=[HK])
    trader.place("00700", BUY, 100, 900.0)
    trader.client.collect()
    add(world, "link -link=trading")
    world.pass_time(5)
    assert state(trader.client) == (True, False)
    refused = trader.place("00700", BUY, 100, 900.0)
    assert (refused.retType, refused.retMsg) == (-100, "NN_ProtoRet_TimeOut")
    assert trader.client.ask(ProtoId.Trd_GetAccList, userID=0).retType == 0
    assert pushed(trader.client, ProtoId.Trd_UpdateOrder) == []
    world.command("sim_fault -clear=all")

    told = [push.order.orderStatus for push in pushed(trader.client, ProtoId.Trd_UpdateOrder)]
    assert told[0] == 5
    assert told[-1] == 11
    assert trader.orders()[0].fillQty == 100


def test_a_link_is_down_as_long_as_any_fault_wants_it(world: World) -> None:
    """Two overlapping losses are one."""
    client = world.connect()
    add(world, "link -link=quotes -lasts=10s")
    add(world, "link -lasts=5s")
    world.pass_time(6)
    assert state(client) == (False, True)
    world.pass_time(5)
    assert state(client) == (True, True)
    told = [
        (push.connectStatus.qotLogined, push.connectStatus.trdLogined)
        for push in pushed(client, ProtoId.Notify)
    ]
    assert told == [(False, True), (False, False), (False, True), (True, True)]


# --- the list -------------------------------------------------------------------------------------


def test_the_list_tells_what_faults_did(world: World) -> None:
    """Their parameters as written, how often they struck, and how long they last."""
    client = listener(world, TICKER)
    add(world, f"drop -protocol=Qot_UpdateTicker -security={SYMBOL} -probability=0.5 -lasts=1m")
    add(world, "latency -delay=200ms -jitter=1s -direction=request")
    add(world, "error -protocol=KeepAlive -message=no -count=1")
    assert client.is_ignored(ProtoId.KeepAlive, time=1)
    world.pass_time(10)
    lines = world.command("sim_fault").splitlines()

    assert "-protocol=KeepAlive -count=1 -ret_type=-1 -message=no" in lines[1]
    assert lines[1].split()[-3:] == ["1", "1", "over"]
    assert f"-protocol=Qot_UpdateTicker -security={SYMBOL} -probability=0.5 -lasts=60s" in lines[2]
    assert lines[2].endswith("50s")
    assert "-direction=request -delay=0.2s -jitter=1s" in lines[3]
    assert world.command("sim_fault -clear=2") == "Faults cleared: 1"
    assert world.command("sim_fault -clear=2") == "Faults cleared: 0"
    assert world.command("sim_fault -clear=all") == "Faults cleared: 2"


def test_without_faults_nobody_listens_in(world: World) -> None:
    """The tap is there exactly as long as it is needed, also for connections that come later."""
    client = world.connect()
    add(world, "drop -lasts=5s")
    assert client.connection.tap is not None
    assert world.connect().connection.tap is client.connection.tap
    world.pass_time(6)
    assert client.connection.tap is None
    assert world.opend.disturbance is None


def test_a_reset_ends_all_faults(world: World) -> None:
    """And the next one is number 1 again."""
    add(world, "drop")
    world.command("sim_reset")
    assert world.command("sim_fault") == "no data"
    assert add(world, "drop") == "Fault 1: drop"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-add=latency", "Missing parameter: delay"),
        ("-add=bandwidth", "Missing parameter: rate"),
        ("-add=drop -delay=1s", "delay does not go with drop, which takes conn_id, client"),
        ("-add=drop -protocol=Foo", "protocol=Foo. Expected the name or number of a protocol"),
        ("-add=drop -protocol=9999", "protocol=9999. Expected the name or number of a protocol"),
        ("-add=drop -protocol=KeepAlive", "drop hits push only, which protocol=KeepAlive is not"),
        ("-add=swallow -direction=push", "swallow hits reply, request only"),
        ("-add=thunder", "Expected one of: latency, bandwidth, drop"),
        ("-add=drop -probability=0", "Expected a number above 0 and up to 1"),
        ("-add=drop -count=0", "Expected an integer above 0"),
        ("-add=drop -skip=-1", "Expected an integer of at least 0"),
        ("-add=drop -lasts=soon", "lasts=soon. Expected a span of time"),
        ("-add=drop -lasts=0s", "Expected a span of time above 0"),
        ("-add=bandwidth -rate=0", "Expected an integer above 0"),
        ("-add=error -ret_type=1", "ret_type=1. Expected one of: -1, -100"),
        ("-add=outlier -percent=-100", "Expected a number above -100 that is not 0"),
        ("-add=outlier -protocol=Qot_Sub", "Expected one of: Qot_UpdateTicker"),
        ("-add=drop -security=00700", "Expected a security such as HK.00700"),
        ("-add=drop -security=HK.99998", "Unknown stock. 99998"),
        ("-add=refuse -security=HK.00700", "security does not go with refuse"),
        ("-add=link -link=moon", "Expected one of: quotes, trading, both"),
        ("-clear=some", "Expected all or the number of a fault"),
        ("-add=drop -clear=all", "Give either add or clear"),
        ("-count=1", "count goes with add only"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(world: World, line: str, told: str) -> None:
    """The refusal names what is wrong and what is allowed, and nothing begins."""
    assert told in world.command(f"sim_fault {line}")
    assert world.command("sim_fault") == "no data"


def test_a_loaded_state_leaves_faults_the_time_they_had(world: World, tmp_path: Path) -> None:
    """What is held leaves as long after, and the fault ends as long after, though the clock is earlier."""
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    world.pass_time(3600)
    client = world.connect()
    add(world, "latency -delay=2s -protocol=KeepAlive -lasts=10s")
    assert client.is_ignored(ProtoId.KeepAlive, time=1)
    frames = len(client.outbox.frames)
    assert world.command(f"sim_snapshot -load={tmp_path / 'state'}").startswith("Loaded")
    assert world.now_ns == TEN_IN_HK
    world.pass_time(1.9)
    assert len(client.outbox.frames) == frames
    world.pass_time(0.2)
    assert len(client.outbox.frames) == frames + 1
    world.pass_time(8)

    assert client.ask(ProtoId.KeepAlive, time=1).retType == 0


def test_a_loaded_state_is_heard_of_although_a_link_was_lost_later(
    world: World, tmp_path: Path
) -> None:
    """What the market did before the link was back is not told again; what it does from then on is."""
    client = listener(world, TICKER)
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    world.pass_time(3600)
    add(world, "link -link=quotes -lasts=10s")
    world.pass_time(20)
    world.command(f"sim_snapshot -load={tmp_path / 'state'}")
    client.collect()
    world.pass_time(60)

    assert sequences(client)
