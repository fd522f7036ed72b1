"""The subscription quota as three connections see it, from the first to the last."""

from __future__ import annotations

from typing import Any, Final

from gateway.pb import Notify, Qot_Common
from gateway.session.quote_rights import QuoteRights
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, SecurityType
from tests.support.conversation import Client, World

QUOTE: Final = Qot_Common.SubType_Basic
BOOK: Final = Qot_Common.SubType_OrderBook
TENCENT: Final = {"market": 1, "code": "00700"}
HSBC: Final = {"market": 1, "code": "00005"}


def subscribe(client: Client, *securities: object, types: tuple[int, ...] = (QUOTE,)) -> Any:
    return client.ask(
        ProtoId.Qot_Sub, securityList=securities, subTypeList=types, isSubOrUnSub=True
    )


def numbers(client: Client) -> tuple[int, int, int]:
    """Own, total and remaining units as a connection is told."""
    own = client.ask(ProtoId.Qot_GetSubInfo, isReqAllConn=False).s2c
    mine = sum(info.usedQuota for info in own.connSubInfoList if info.isOwnConnData)
    return mine, own.totalUsedQuota, own.remainQuota


def used_told(client: Client) -> list[int]:
    return [
        push.s2c.usedQuota.usedSubQuota
        for push in client.collect()
        if push.proto_id == ProtoId.Notify and push.s2c.type == Notify.NotifyType_UsedQuota
    ]


def test_three_connections_agree_at_every_step():
    """Open, subscribe, close and wait: a unit is free once its last holder's minute is over."""
    world = World()
    world.opend.subscriptions.quota = 10
    first, second, third = (world.connect() for _ in range(3))
    assert [numbers(c) for c in (first, second, third)] == [(0, 0, 10)] * 3

    subscribe(first, TENCENT, HSBC)
    subscribe(second, TENCENT, types=(QUOTE, BOOK))
    assert [numbers(c) for c in (first, second, third)] == [(2, 3, 7), (2, 3, 7), (0, 3, 7)]

    world.pass_time(30)
    world.opend.drop(first.connection, world.now_ns)
    assert [numbers(c) for c in (second, third)] == [(2, 3, 7), (0, 3, 7)]

    world.pass_time(31)
    assert [numbers(c) for c in (second, third)] == [(2, 2, 8), (0, 2, 8)]

    world.opend.drop(second.connection, world.now_ns)
    assert numbers(third) == (0, 0, 10)


def test_everybody_hears_of_units_given_back():
    """By an expired minute and by a closing connection, not only by requests."""
    world = World()
    listener, first, second = (world.connect() for _ in range(3))
    subscribe(first, TENCENT)
    assert used_told(listener) == [1]
    world.opend.drop(first.connection, world.now_ns)
    world.pass_time(30)
    assert used_told(listener) == []
    world.pass_time(31)
    assert used_told(listener) == [0]

    subscribe(second, HSBC)
    world.pass_time(61)
    assert used_told(listener) == [1]
    world.opend.drop(second.connection, world.now_ns)
    world.pass_time(1)
    assert used_told(listener) == [0]


def options_of(client: Client, owner: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    """Calls by expiry, the next months'."""
    spans = (("2026-01-15", "2026-02-10"), ("2026-02-11", "2026-03-10"))
    return {
        day.strikeTime: [
            {"market": o.call.basic.security.market, "code": o.call.basic.security.code}
            for o in day.option
        ]
        for begin, end in spans
        for day in client.ask(
            ProtoId.Qot_GetOptionChain, owner=owner, beginTime=begin, endTime=end
        ).s2c.optionChain
    }


def test_options_have_a_quota_of_their_own():
    """A fifth of the other, one unit a chain and type: so 20 go with 100. Source: [D]."""
    world = World()
    world.opend.subscriptions.quota = 10
    client, other = world.connect(), world.connect()
    near, far = list(options_of(client, TENCENT).values())[:2]

    assert subscribe(client, TENCENT, *near[:9], types=(QUOTE,)).retType == 0
    assert subscribe(other, near[9], far[0]).retType == 0
    info = client.ask(ProtoId.Qot_GetSubInfo).s2c
    assert (info.totalUsedQuota, info.remainQuota) == (1, 9)
    assert (info.optionUsedQuota, info.optionRemainQuota) == (2, 0)
    own = info.connSubInfoList[0]
    assert (own.usedQuota, own.optionUsedQuota) == (1, 1)

    refused = subscribe(client, HSBC, near[0], types=(BOOK,))
    assert refused.retMsg == (
        "Insufficient option subscription quota, subscription failed. "
        "Used option subscription quota: 2/2"
    )
    assert subscribe(client, HSBC, near[1]).retType == 0

    world.pass_time(61)
    client.ask(
        ProtoId.Qot_Sub, securityList=[], subTypeList=[], isSubOrUnSub=False, isUnsubAll=True
    )
    info = other.ask(ProtoId.Qot_GetSubInfo).s2c
    assert (info.totalUsedQuota, info.optionUsedQuota) == (0, 2)
    world.opend.drop(other.connection, world.now_ns)
    info = client.ask(ProtoId.Qot_GetSubInfo).s2c
    assert (info.optionUsedQuota, info.optionRemainQuota) == (0, 2)


def test_the_history_of_options_has_a_quota_of_its_own():
    """Used chain by chain; the refusal names both. Source: [D], [O]."""
    world = World(language="chs")
    world.opend.login.history_quota = 5
    client = world.connect()
    near, far = list(options_of(client, TENCENT).values())[:2]

    def ask(security: object) -> str:
        reply = client.ask(
            ProtoId.Qot_RequestHistoryKL,
            rehabType=0,
            klType=Qot_Common.KLType_Day,
            security=security,
            beginTime="2026-01-05",
            endTime="2026-01-14",
        )
        return str(reply.retMsg)

    assert [ask(security) for security in (TENCENT, near[0], near[1])] == ["", "", ""]
    assert ask(far[0]) == (
        "历史K线额度不足，请求失败（已用正股额度：1/5，期权额度：1/1）。额度会在7天后全部释放。"
    )
    told = client.ask(ProtoId.Qot_RequestHistoryKLQuota, bGetDetail=True).s2c
    assert (told.usedQuota, told.remainQuota, len(told.detailList)) == (1, 4, 2)


def history_told(client: Client) -> list[int]:
    return [
        push.s2c.usedQuota.usedKLineQuota
        for push in client.collect()
        if push.proto_id == ProtoId.Notify and push.s2c.type == Notify.NotifyType_UsedQuota
    ]


def test_everybody_hears_of_history_units():
    """One notice for a security's first request, none for its repetition."""
    world = World()
    listener, client = world.connect(), world.connect()
    question = {"rehabType": 0, "klType": 2, "beginTime": "2026-01-05", "endTime": "2026-01-14"}
    for security in (TENCENT, TENCENT, HSBC):
        client.ask(ProtoId.Qot_RequestHistoryKL, security=security, **question)

    assert history_told(listener) == [1, 2]


def hong_kong_shares(world: World, count: int) -> list[dict[str, object]]:
    found = world.opend.market.universe.instruments(Market.HK, SecurityType.EQUITY)
    return [{"market": 1, "code": instrument.security.code} for instrument in found][:count]


def test_sf_shows_fifty_order_books():
    """The 51st is refused as a whole; quotes and books under LV2 are not limited. Source: [D]."""
    world = World(rights=QuoteRights.named([("hk_stock", "SF")]))
    client, other = world.connect(), world.connect()
    shares = hong_kong_shares(world, 51)
    assert len(shares) == 51
    assert subscribe(client, *shares[:49], types=(BOOK,)).retType == 0
    assert subscribe(other, *shares[:50], types=(BOOK,)).retType == 0
    refused = subscribe(client, shares[50], types=(QUOTE, BOOK))

    assert refused.retMsg == (
        "At most 50 securities' order books can be subscribed at once with SF quotes."
    )
    assert subscribe(client, shares[50]).retType == 0
    plain = World()
    assert subscribe(plain.connect(), *shares, types=(BOOK,)).retType == 0
