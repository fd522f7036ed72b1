"""Rate limits as a client meets them."""

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from tests.support.conversation import World

TENCENT = {"market": 1, "code": "00700"}
WINDOW_NS = 30 * NS_PER_S
SNAPSHOT_REFUSED = {
    "chs": "获取市场快照频率太高，请求失败，每30秒最多60次。",
    "en": (
        "Get Market Snapshot request failed due to high frequency. Maximum 60 times per 30 seconds."
    ),
}


def snapshot(client):
    return client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])


def accounts(client):
    return [account.accID for account in client.ask(ProtoId.Trd_GetAccList, userID=0).s2c.accList]


def orders(client, account_id, **fields):
    header = {"trdEnv": 0, "accID": account_id, "trdMarket": 1}
    return client.ask(ProtoId.Trd_GetOrderList, header=header, **fields)


@pytest.mark.parametrize("language", SNAPSHOT_REFUSED)
def test_sixtieth_snapshot_passes_and_the_next_waits_for_the_window(language):
    """60 pass, the 61st is refused with OpenD's text, and passes as the window slides on."""
    world = World(limits=True, language=language)
    client = world.connect()

    assert {0} == {snapshot(client).retType for _ in range(60)}
    world.now_ns += WINDOW_NS
    refused = snapshot(client)
    assert (-1, SNAPSHOT_REFUSED[language], 0) == (
        refused.retType,
        refused.retMsg,
        refused.errCode,
    )
    assert not refused.HasField("s2c")
    world.now_ns += 1
    assert snapshot(client).retType == 0


def test_all_connections_share_one_window():
    """A second connection does not get 60 snapshots more."""
    world = World(limits=True)
    first, second = world.connect(), world.connect()
    for _ in range(60):
        snapshot(first)

    assert SNAPSHOT_REFUSED["en"] == snapshot(second).retMsg


def test_failed_requests_count():
    """60 requests for what does not exist leave nothing for one that does."""
    world = World(limits=True)
    client = world.connect()
    unknown = [{"market": 1, "code": "99999"}]
    failed = [client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=unknown) for _ in range(60)]

    assert {"Unknown stock. 99999"} == {response.retMsg for response in failed}
    assert SNAPSHOT_REFUSED["en"] == snapshot(client).retMsg


def test_bodies_that_cannot_be_read_do_not_count():
    """What is no request never reaches the window."""
    world = World(limits=True)
    client = world.connect()
    for _ in range(60):
        client.send_body(ProtoId.Qot_GetSecuritySnapshot, b"\xff")

    assert snapshot(client).retType == 0


def test_orders_are_limited_per_account_and_only_past_the_cache():
    """The 11th refresh of one account is refused; its cache and other accounts are not."""
    world = World(limits=True)
    client = world.connect()
    mine, other, *_ = accounts(client)

    assert {0} == {orders(client, mine, refreshCache=True).retType for _ in range(10)}
    assert orders(client, mine, refreshCache=True).retMsg == (
        "Get Order list request failed due to high frequency. Maximum 10 times per 30 seconds."
    )
    assert orders(client, mine).retType == 0
    assert "high frequency" not in orders(client, other, refreshCache=True).retMsg


def test_following_pages_of_history_are_free():
    """One first page and all its pages after it count as one request."""
    world = World(limits=True)
    client = world.connect()
    wanted = {
        "rehabType": 0,
        "klType": 2,
        "security": TENCENT,
        "beginTime": "2025-10-01",
        "endTime": "2025-12-31",
        "maxAckKLNum": 1,
    }
    page = client.ask(ProtoId.Qot_RequestHistoryKL, **wanted)
    for _ in range(59):
        client.ask(ProtoId.Qot_RequestHistoryKL, **wanted)
    following = client.ask(ProtoId.Qot_RequestHistoryKL, **wanted, nextReqKey=page.s2c.nextReqKey)

    assert following.retType == 0
    assert client.ask(ProtoId.Qot_RequestHistoryKL, **wanted).retMsg == (
        "Get Historical Candlestick request failed due to high frequency. "
        "Maximum 60 times per 30 seconds."
    )


def test_nothing_is_refused_with_limits_off():
    """With `sim_limits` off a client may ask at any rate."""
    client = World().connect()

    assert {0} == {snapshot(client).retType for _ in range(100)}
