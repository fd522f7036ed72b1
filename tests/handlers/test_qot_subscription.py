"""Subscribing, registering for pushes and looking at subscriptions, as clients see it."""

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    BANKS,
    BASIC,
    BOOK,
    BROKER,
    HANG_SENG,
    HSBC,
    HSI_FUTURE,
    KL_1MIN,
    KL_DAY,
    NOBODY,
    RT,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
    unsubscribe,
)


def register(client, securities, sub_types, *, on=True, **more):
    return client.ask(
        ProtoId.Qot_RegQotPush,
        securityList=securities,
        subTypeList=sub_types,
        isRegOrUnReg=on,
        **more,
    )


def own(client):
    """This connection's subscriptions by type."""
    connections = answer(client.ask(ProtoId.Qot_GetSubInfo)).connSubInfoList
    return {
        info.subType: [security.code for security in info.securityList]
        for connection in connections
        for info in connection.subInfoList
    }


def kinds(pushes):
    return [push.proto_id for push in pushes]


def test_a_success_has_no_s2c():
    """The reply is the envelope alone, as OpenD's."""
    response = subscribe(World().connect(), [TENCENT], [BASIC])

    assert response.retType == 0
    assert not response.HasField("s2c")


def test_nothing_is_registered_unless_asked():
    """Without isRegOrUnRegPush a subscription brings no pushes."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [BASIC, TICKER])
    world.pass_time(5)

    assert client.collect() == []


def test_the_first_push_follows_the_reply_unless_declined():
    """isFirstPush absent is true; false waits for the market."""
    world = World()
    eager, patient = world.connect(recvNotify=False), world.connect(recvNotify=False)
    subscribe(eager, [TENCENT], [BASIC, BOOK], isRegOrUnRegPush=True)
    subscribe(patient, [TENCENT], [BASIC, BOOK], isRegOrUnRegPush=True, isFirstPush=False)

    assert kinds(eager.collect()) == [ProtoId.Qot_UpdateBasicQot, ProtoId.Qot_UpdateOrderBook]
    assert patient.collect() == []
    world.pass_time(5)
    assert ProtoId.Qot_UpdateBasicQot in kinds(patient.collect())


def test_candles_are_forwarded_by_default_and_in_each_wanted_adjustment():
    """regPushRehabTypeList absent means forward; other types ignore it."""
    client = World().connect(recvNotify=False)
    subscribe(client, [TENCENT], [KL_DAY, BASIC], isRegOrUnRegPush=True)
    default = client.collect()
    subscribe(client, [HSBC], [KL_DAY, BASIC], isRegOrUnRegPush=True, regPushRehabTypeList=[0, 2])
    chosen = client.collect()

    assert [p.s2c.rehabType for p in default if p.proto_id == ProtoId.Qot_UpdateKL] == [1]
    assert [p.s2c.rehabType for p in chosen if p.proto_id == ProtoId.Qot_UpdateKL] == [0, 2]
    assert kinds(chosen).count(ProtoId.Qot_UpdateBasicQot) == 1


def test_an_unknown_adjustment_subscribes_nothing():
    """The whole request is refused before anything happens."""
    client = World().connect()
    response = subscribe(client, [TENCENT], [KL_DAY], regPushRehabTypeList=[7])

    assert refusal(response) == "Invalid parameter: rehabType=7"
    assert own(client) == {}


def test_an_unknown_code_fails_the_whole_request():
    """The text names it and the known one is not subscribed either."""
    client = World().connect()

    assert refusal(subscribe(client, [TENCENT, NOBODY], [BASIC])) == "Unknown stock. 99999"
    assert own(client) == {}


@pytest.mark.parametrize("market", [0, 999])
def test_an_unknown_market_is_an_unknown_stock(market):
    """There is no text for markets of their own."""
    security = {"market": market, "code": "00700"}

    assert refusal(subscribe(World().connect(), [security], [BASIC])) == "Unknown stock. 00700"


def test_the_old_market_of_hong_kong_futures_is_hong_kong():
    """QotMarket_HK_Future is deprecated but understood."""
    answer(subscribe(World().connect(), [{"market": 2, "code": "HSImain"}], [BASIC]))


@pytest.mark.parametrize(("securities", "sub_types"), [([], [BASIC]), ([TENCENT], [])])
def test_an_empty_list_is_refused(securities, sub_types):
    """Neither list may be empty."""
    response = subscribe(World().connect(), securities, sub_types)

    assert refusal(response) == "The list of securities or of subscription types is empty."


def test_an_unknown_type_is_refused():
    """The text holds the number."""
    assert refusal(subscribe(World().connect(), [TENCENT], [3])) == "Invalid parameter: subType=3"


@pytest.mark.parametrize(
    ("security", "sub_type", "text"),
    [
        (BANKS, BASIC, "HK.LIST1079 does not support subscribing to Basic data."),
        (HANG_SENG, BOOK, "HK.800000 does not support subscribing to OrderBook data."),
        (HANG_SENG, TICKER, "HK.800000 does not support subscribing to Ticker data."),
        (HANG_SENG, BROKER, "HK.800000 does not support subscribing to Broker data."),
        (APPLE, BROKER, "US.AAPL does not support subscribing to Broker data."),
        (TENCENT, 22, "HK.00700 does not support subscribing to OrderBook_Odd data."),
    ],
)
def test_types_that_a_security_does_not_have_are_refused(security, sub_type, text):
    """Plates have none, indices no trading, other markets no broker queue."""
    assert refusal(subscribe(World().connect(), [security], [sub_type])) == text


@pytest.mark.parametrize(
    ("security", "sub_types"),
    [
        (HANG_SENG, [BASIC, RT, KL_1MIN, KL_DAY]),
        (HSI_FUTURE, [BASIC, BOOK, TICKER, KL_DAY, RT, BROKER]),
        (APPLE, [BASIC, BOOK, TICKER, RT, KL_1MIN]),
    ],
)
def test_types_that_a_security_has_are_accepted(security, sub_types):
    """The official demo subscribes even the broker queue of a Hong Kong future."""
    answer(subscribe(World().connect(), [security], sub_types))


def test_overnight_is_no_session_to_subscribe():
    """The other sessions are accepted."""
    client = World().connect()
    answer(subscribe(client, [APPLE], [KL_1MIN], session=3))

    assert refusal(subscribe(client, [APPLE], [RT], session=4)) == ("Invalid parameter: session=4")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("chs", "订阅额度不足，订阅失败，已用订阅额度：2/3"),
        ("en", ("Insufficient subscription quota, subscription failed. "
               "Used subscription quota: 2/3")),
    ],
)  # fmt: skip
def test_the_quota_refuses_the_whole_request(language, text):
    """Nothing of the request is subscribed."""
    world = World(language=language)
    world.opend.subscriptions.quota = 3
    client = world.connect()
    subscribe(client, [TENCENT], [BASIC, BOOK])

    assert refusal(subscribe(client, [HSBC], [BASIC, BOOK])) == text
    assert own(client) == {BASIC: ["00700"], BOOK: ["00700"]}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("chs", "HK.00700的KL_Day订阅时间过短，至少需要订阅1分钟"),
        ("en", ("The subscription time of KL_Day of HK.00700 is too short. "
               "Subscribe for at least 1 minute.")),
    ],
)  # fmt: skip
def test_a_subscription_is_held_for_a_minute(language, text):
    """Up to then the whole unsubscription is refused, also of what is old enough."""
    world = World(language=language)
    client = world.connect()
    subscribe(client, [TENCENT], [BASIC])
    world.now_ns += 30 * 10**9
    subscribe(client, [TENCENT], [KL_DAY])
    world.now_ns += 59 * 10**9

    assert refusal(unsubscribe(client, [TENCENT], [BASIC, KL_DAY])) == text
    assert own(client) == {BASIC: ["00700"], KL_DAY: ["00700"]}
    world.now_ns += 10**9
    answer(unsubscribe(client, [TENCENT], [BASIC, KL_DAY]))
    assert own(client) == {}


def test_all_is_given_up_at_once():
    """isUnsubAll ignores the lists and ends the pushes."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT, APPLE], [BASIC, BOOK], isRegOrUnRegPush=True)
    world.pass_time(61)
    client.collect()
    answer(client.ask(ProtoId.Qot_Sub, isSubOrUnSub=False, isUnsubAll=True))
    world.pass_time(5)

    assert own(client) == {}
    assert client.collect() == []
    assert world.opend.subscriptions.used == 0


def test_pushes_need_a_subscription():
    """Registering names the first unit that is missing."""
    client = World().connect()
    subscribe(client, [TENCENT], [BASIC])

    assert refusal(register(client, [TENCENT], [BASIC, RT])) == (
        "Please subscribe to RT of HK.00700 before registering its push."
    )


def test_pushes_can_begin_and_end_under_a_subscription():
    """The subscription stays when its pushes end."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [BASIC])
    answer(register(client, [TENCENT], [BASIC]))
    assert kinds(client.collect()) == [ProtoId.Qot_UpdateBasicQot]
    answer(register(client, [TENCENT], [BASIC], on=False))
    world.pass_time(10)

    assert client.collect() == []
    assert own(client) == {BASIC: ["00700"]}


def test_subscribing_again_can_end_the_pushes():
    """isRegOrUnRegPush false is an unregistration."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [BASIC], isRegOrUnRegPush=True)
    subscribe(client, [TENCENT], [BASIC], isRegOrUnRegPush=False)
    client.collect()
    world.pass_time(10)

    assert client.collect() == []


def test_another_connection_is_not_touched():
    """Each has its own subscriptions and pushes; the quota counts them once."""
    world = World()
    one, two = world.connect(recvNotify=False), world.connect(recvNotify=False)
    subscribe(one, [TENCENT], [BASIC], isRegOrUnRegPush=True)
    subscribe(two, [TENCENT], [BASIC])
    one.collect()
    world.pass_time(61)
    info = answer(two.ask(ProtoId.Qot_GetSubInfo, isReqAllConn=True))
    answer(unsubscribe(one, [TENCENT], [BASIC]))

    assert (info.totalUsedQuota, info.remainQuota) == (1, 999)
    assert sorted((c.isOwnConnData, c.usedQuota) for c in info.connSubInfoList) == [
        (False, 1),
        (True, 1),
    ]
    assert two.collect() == []
    assert own(two) == {BASIC: ["00700"]}
    assert answer(two.ask(ProtoId.Qot_GetSubInfo)).totalUsedQuota == 1


def test_a_change_of_the_used_quota_is_announced():
    """All who receive notices hear of it, and only when the number changes."""
    world = World()
    subscriber, listener = world.connect(recvNotify=False), world.connect()
    subscribe(subscriber, [TENCENT], [BASIC, BOOK])
    subscribe(subscriber, [TENCENT], [BASIC])
    notices = listener.collect()

    assert kinds(notices) == [ProtoId.Notify]
    assert notices[0].s2c.type == 7
    assert notices[0].s2c.usedQuota.usedSubQuota == 2
    assert subscriber.collect() == []
