"""The single orders of Hong Kong's books under the right SF, asked for and pushed."""

import pytest

from gateway.session.quote_rights import QuoteRights
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import APPLE, BOOK, BROKER, TENCENT, answer, subscribe

SF = {"hk_stock": "SF"}


def opened(security=TENCENT, **names):
    world = World(rights=QuoteRights.named(names.items()))
    client = world.connect()
    wanted = {"isSubOrderBookDetail": True, "isRegOrUnRegPush": True}
    answer(subscribe(client, [security], [BOOK], **wanted))
    return world, client


def asked(client, security=TENCENT, num=40):
    return answer(client.ask(ProtoId.Qot_GetOrderBook, security=security, num=num))


def pushed(client):
    return [p.s2c for p in client.collect() if p.proto_id is ProtoId.Qot_UpdateOrderBook]


def test_each_level_comes_with_its_orders():
    """Forty levels whose orders add up to the volume, up to a thousand orders on a side."""
    _, client = opened(**SF)
    book = asked(client)

    for side in (book.orderBookAskList, book.orderBookBidList):
        assert len(side) == 40
        total = sum(level.orederCount for level in side)
        assert sum(len(level.detailList) for level in side) == min(total, 1000)
        whole = [level for level in side if len(level.detailList) == level.orederCount]
        assert len(whole) >= 10
        for level in whole:
            assert sum(order.volume for order in level.detailList) == level.volume
        numbers = [order.orderID for level in side for order in level.detailList]
        assert len(numbers) == len(set(numbers))


def test_pushes_tell_what_the_getter_tells():
    """As deep, with the same orders, whenever the book changes."""
    world, client = opened(**SF)
    first = pushed(client)
    world.pass_time(5)
    later = pushed(client)
    book = asked(client)

    assert len(first) == 1
    assert later
    assert later[-1].orderBookAskList == book.orderBookAskList
    assert later[-1].orderBookBidList == book.orderBookBidList
    assert later[-1].orderBookBidList[0].detailList


@pytest.mark.parametrize(("names", "security"), [({}, TENCENT), ({"us_stock": "SF"}, APPLE)])
def test_without_the_right_there_are_none(names, security):
    """The wish is granted silently, the book comes as it would without it."""
    _, client = opened(security, **names)

    for book in (asked(client, security), *pushed(client)):
        assert book.orderBookBidList
        assert not any(level.detailList for level in book.orderBookBidList)


def test_brokers_have_orders_of_the_book():
    """Under SF each broker's order is one of its level's; under LV2 none is told."""
    for names in (SF, {}):
        _, client = opened(**names)
        answer(subscribe(client, [TENCENT], [BROKER]))
        brokers = answer(client.ask(ProtoId.Qot_GetBroker, security=TENCENT)).brokerBidList
        levels = [
            {order.orderID: order.volume for order in level.detailList}
            for level in asked(client).orderBookBidList
        ]
        told = [broker for broker in brokers if broker.HasField("orderID")]

        assert bool(told) == bool(names)
        assert all(levels[b.pos - 1][b.orderID] == b.volume for b in told)


def test_who_did_not_ask_gets_none():
    """A connection's wish is its own, and its latest subscription counts."""
    world, client = opened(**SF)
    other = world.connect()
    answer(subscribe(other, [TENCENT], [BOOK], isRegOrUnRegPush=True))
    pushed(client)
    world.pass_time(3)

    assert not pushed(other)[-1].orderBookBidList[0].detailList
    assert pushed(client)[-1].orderBookBidList[0].detailList
    answer(subscribe(client, [TENCENT], [BOOK], isSubOrderBookDetail=False))
    assert not asked(client).orderBookBidList[0].detailList


def test_the_orders_go_when_another_device_takes_the_right():
    """Lowered to LV1, one level without orders is left."""
    world, client = opened(**SF)
    world.command("sim_rights -product=hk_stock -right=LV1")
    book = asked(client)

    assert [len(level.detailList) for level in book.orderBookBidList] == [0]
