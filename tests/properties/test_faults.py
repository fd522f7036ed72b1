"""Whatever goes wrong on purpose, and in whichever order: nothing of ours breaks, and it ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import Client, World
from tests.support.markets import wall_market
from tests.support.trade_client import BUY, LIMIT, Trader
from tests.support.trading import HK

TEN_IN_HK = 1_768_442_400 * 10**9
TENCENT = {"market": 1, "code": "00700"}

kinds = st.sampled_from(
    [
        "latency -delay=300ms -jitter=2s",
        "latency -delay=1s -direction=request",
        "bandwidth -rate=500",
        "drop",
        "drop -security=HK.00700",
        "duplicate",
        "reorder",
        "swallow",
        "swallow -direction=request -protocol=Qot_GetBasicQot",
        "error -message=no -protocol=Trd_PlaceOrder",
        "cut -protocol=Qot_UpdateTicker -skip=5",
        "refuse -client=other",
        "outlier -percent=-50",
        "stale",
        "link -link=quotes",
        "link -link=trading",
        "link -subscriptions=lost",
    ]
)
limits = st.sampled_from(["", " -lasts=3s", " -lasts=40ms"])
steps = st.one_of(
    st.tuples(st.just("fault"), kinds, limits),
    st.tuples(st.just("time"), st.sampled_from([0.02, 0.7, 4.0]), st.none()),
    st.tuples(st.just("ask"), st.none(), st.none()),
    st.tuples(st.just("order"), st.none(), st.none()),
    st.tuples(st.just("clear"), st.integers(1, 6), st.none()),
)


def ask(client: Client) -> None:
    """Ask for a quote; there may be no answer now, or one to an earlier question."""
    client.is_ignored(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])


def order(trader: Trader) -> None:
    """Place one; whether anybody says so is another matter."""
    trader.client.is_ignored(
        ProtoId.Trd_PlaceOrder,
        packetID=trader.packet(),
        header=trader.header,
        trdSide=BUY,
        orderType=LIMIT,
        code="00700",
        qty=100,
        price=600.0,
    )


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=25))
def test_nothing_breaks_and_everything_ends(plan: list[tuple[str, object, object]]) -> None:
    """After all faults are cleared nobody listens in, nothing is held, and a new client is served."""
    world = World(start_ns=TEN_IN_HK, market=wall_market())
    world.command("sim_journal -action=on -size=200")
    trader = Trader(world, HK)
    client = trader.client
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=[1, 2, 4],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
    )
    for what, detail, limit in plan:
        match what:
            case "fault":
                answer = world.command(f"sim_fault -add={detail}{limit}")
                assert answer.startswith("Fault "), answer
            case "time":
                world.pass_time(float(str(detail)))
            case "ask":
                ask(client)
            case "order":
                order(trader)
            case _:
                world.command(f"sim_fault -clear={detail}")
    world.command("sim_fault -clear=all")
    world.command("sim_journal -action=off")
    world.pass_time(0.001)

    assert world.opend.disturbance is None
    assert world.opend.roster.tap is None
    assert world.opend.roster.is_closed is None
    assert not world.opend.links.are_disturbed
    state = world.connect().ask(ProtoId.GetGlobalState, userID=0).s2c
    assert (state.qotLogined, state.trdLogined) == (True, True)
