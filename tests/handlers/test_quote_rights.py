"""Quote rights as clients meet them: subscriptions, getters, snapshots, pushes, notices."""

import pytest

from gateway.pb import Notify
from gateway.session.quote_rights import QuoteRights
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    BASIC,
    BOOK,
    BROKER,
    HSI_FUTURE,
    MOUTAI,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
)

NO_HK = "No permission to get quotes for HK.00700. Please check HK MarketStocks quote permissions."


def world_with(**names):
    return World(rights=QuoteRights.named(names.items()))


def rights_told(client):
    """The Hong Kong right in each notice of rights."""
    notices = [p.s2c for p in client.collect() if p.proto_id is ProtoId.Notify]
    return [n.qotRight.hkQotRight for n in notices if n.type == Notify.NotifyType_QotRight]


@pytest.mark.parametrize(
    ("names", "security", "sub_type"),
    [
        ({"hk_stock": "BMP"}, TENCENT, BASIC),
        ({"hk_stock": "LV1"}, TENCENT, BROKER),
        ({"hk_future": "LV1"}, HSI_FUTURE, TICKER),
        ({"us_stock": "NO"}, APPLE, BASIC),
        ({"cn": "NO"}, MOUTAI, BOOK),
    ],
)
def test_what_the_right_closes_cannot_be_subscribed(names, security, sub_type):
    """The whole request is refused, and other types are not affected by it."""
    world = world_with(**names)
    client = world.connect()

    text = refusal(subscribe(client, [security], [sub_type]))
    assert text.startswith("No permission to get quotes for ")
    assert world.opend.subscriptions.used == 0
    answer(subscribe(World().connect(), [security], [sub_type]))


@pytest.mark.parametrize(
    ("names", "security", "levels"),
    [
        ({"hk_stock": "LV1"}, TENCENT, 1),
        ({"hk_stock": "LV2"}, TENCENT, 10),
        ({"us_stock": "LV1"}, APPLE, 1),
        ({"cn": "LV1"}, MOUTAI, 5),
    ],
)
def test_the_book_is_as_deep_as_the_right(names, security, levels):
    """However many levels are asked for, in getters and in pushes."""
    client = world_with(**names).connect()
    subscribe(client, [security], [BOOK], isRegOrUnRegPush=True)
    pushed = next(p.s2c for p in client.collect() if p.proto_id is ProtoId.Qot_UpdateOrderBook)
    asked = answer(client.ask(ProtoId.Qot_GetOrderBook, security=security, num=50))

    assert len(asked.orderBookBidList) == len(asked.orderBookAskList) == levels
    assert len(pushed.orderBookBidList) == min(levels, 10)


def test_snapshot_and_history_need_a_right_and_static_data_does_not():
    """Without a right the text names the security, and no history quota is used."""
    client = world_with(hk_stock="NO").connect()
    history = {
        "rehabType": 0,
        "klType": 2,
        "security": TENCENT,
        "beginTime": "2026-01-05",
        "endTime": "2026-01-09",
    }

    assert refusal(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])) == NO_HK
    assert refusal(client.ask(ProtoId.Qot_RequestHistoryKL, **history)) == NO_HK
    assert answer(client.ask(ProtoId.Qot_RequestHistoryKLQuota)).usedQuota == 0
    assert answer(client.ask(ProtoId.Qot_GetStaticInfo, securityList=[TENCENT])).staticInfoList
    assert answer(client.ask(ProtoId.Qot_GetMarketState, securityList=[TENCENT])).marketInfoList


def test_bmp_serves_snapshots_and_history_but_no_screen():
    """A snapshot is there; the filter of Hong Kong is refused, that of America is not."""
    client = world_with(hk_stock="BMP").connect()
    page = {"begin": 0, "num": 5}

    answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT]))
    hong_kong = client.ask(ProtoId.Qot_StockFilter, market=1, **page)
    assert refusal(hong_kong) == "Insufficient quote permissions."
    answer(client.ask(ProtoId.Qot_StockFilter, market=11, **page))


def test_the_rights_are_told_to_who_asks():
    """GetUserInfo carries the rights of this moment."""
    client = world_with(hk_stock="LV1", us_option="NO").connect()
    user = answer(client.ask(ProtoId.GetUserInfo))

    assert (user.hkQotRight, user.usOptionQotRight, user.hasUSOptionQotRight) == (2, 5, False)


# --- other devices ------------------------------------------------------------------------------


def test_kicked_once_the_rights_are_back_at_once():
    """Clients hear of both changes."""
    world = World()
    client = world.connect()
    world.command("sim_kick")

    assert rights_told(client) == [1, 3]
    answer(subscribe(client, [TENCENT], [BASIC]))


def test_kicked_twice_everything_stops_until_the_rights_are_requested():
    """Getters refuse, pushes pause, subscriptions stay; the command brings all of it back."""
    world = World()
    client = world.connect()
    subscribe(client, [TENCENT], [BASIC, BOOK], isRegOrUnRegPush=True)
    world.command("sim_kick")
    world.pass_time(9)
    world.command("sim_kick")
    assert rights_told(client) == [1, 3, 1]

    world.pass_time(20)
    assert client.collect() == []
    assert refusal(client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])) == NO_HK
    assert world.opend.subscriptions.used == 2

    assert world.command("request_highest_quote_right").startswith("The highest quote right")
    assert rights_told(client) == [3]
    world.pass_time(20)
    assert {p.proto_id for p in client.collect()} == {
        ProtoId.Qot_UpdateBasicQot,
        ProtoId.Qot_UpdateOrderBook,
    }
    answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT]))


def test_a_kick_ten_seconds_later_counts_as_the_first():
    """The rule looks back ten seconds only."""
    world = World()
    client = world.connect()
    world.command("sim_kick")
    world.pass_time(10)
    world.command("sim_kick")

    assert rights_told(client) == [1, 3, 1, 3]
