"""Every edge of the order state table, driven over the wire and pushed once to each connection."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, OrderType
from simulator.domain import OrderStatus as S
from simulator.venue.orders import DELETABLE, TRANSITIONS
from tests.handlers.test_trd_real import DELETE, DISABLE, ENABLE, REAL, UNLOCK
from tests.support.sources import TENCENT, at
from tests.support.trade_client import BUY, CANCEL, CHANGE, MARKET, Trader, scripted_world

LAST_MINUTE: Final = at("2026-01-15T15:59:00+08:00")
BEFORE_LUNCH: Final = at("2026-01-15T11:59:59.990+08:00")


class Stage:
    """Two connections of one account, and words for what happens to an order."""

    def __init__(self, start_ns: int | None = None) -> None:
        self.world = scripted_world(start_ns) if start_ns else scripted_world()
        self.first, self.second = Trader(self.world, REAL), Trader(self.world, REAL)
        assert self.first.client.ask(ProtoId.Trd_UnlockTrade, **UNLOCK).retType == 0

    def place(self, price: float | None = 395.0, **c2s: object) -> int:
        """Bid for 200 shares, unless told otherwise."""
        reply = self.first.place("00700", **{"side": BUY, "qty": 200, "price": price, **c2s})
        assert reply.retType == 0, reply.retMsg
        return int(reply.s2c.orderID)

    def do(self, operation: int, order_id: int, **c2s: object) -> None:
        """Ask for a change of the order."""
        reply = self.first.modify(operation, order_id, **c2s)
        assert reply.retType == 0, reply.retMsg

    def change(self, order_id: int, price: float, **c2s: object) -> None:
        """Give the order another limit."""
        self.do(CHANGE, order_id, **{"qty": 200, "price": price, **c2s})

    def fill(self, order_id: int, quantity: int) -> None:
        """Execute a part whatever the market says."""
        self.world.opend.engine.fill(order_id, quantity, None, self.world.now_ns)
        self.wait(0.01)

    def prints(self, price: float, after_s: float) -> None:
        """A print so many seconds ahead."""
        at_ns = self.world.now_ns + round(after_s * NS_PER_S)
        self.world.opend.market.trade(TENCENT, at_ns, price, 100)

    def wait(self, seconds: float = 1.0) -> None:
        """Let time pass."""
        self.world.pass_time(seconds)

    def pushed(self, order_id: int) -> list[S]:
        """What both connections were told of the order: the same, in the same order."""
        told = [
            [o.SerializeToString() for o in trader.pushed() if o.orderID == order_id]
            for trader in (self.first, self.second)
        ]
        assert told[0] == told[1]
        message = type(self.first.orders()[0])
        return [S(message.FromString(body).orderStatus) for body in told[0]]


def rests_and_fills(stage: Stage) -> int:
    order_id = stage.place()
    stage.wait()
    stage.change(order_id, 396.0)
    stage.fill(order_id, 50)
    stage.change(order_id, 395.0)
    stage.fill(order_id, 50)
    stage.fill(order_id, 100)
    return order_id


def fills_at_once(stage: Stage) -> int:
    order_id = stage.place(401.0)
    stage.wait()
    return order_id


def is_cancelled_on_its_way(stage: Stage) -> int:
    order_id = stage.place()
    stage.change(order_id, 396.0)
    stage.do(CANCEL, order_id)
    return order_id


def is_cancelled_while_it_rests(stage: Stage) -> int:
    order_id = stage.place()
    stage.wait()
    stage.do(CANCEL, order_id)
    stage.do(DELETE, order_id)
    return order_id


def is_cancelled_in_part(stage: Stage) -> int:
    order_id = stage.place()
    stage.wait()
    stage.fill(order_id, 50)
    stage.do(CANCEL, order_id)
    return order_id


def is_disabled_on_its_way(stage: Stage) -> int:
    order_id = stage.place()
    stage.do(DISABLE, order_id)
    stage.change(order_id, 396.0)
    stage.do(ENABLE, order_id)
    stage.wait()
    stage.do(DISABLE, order_id)
    stage.do(CANCEL, order_id)
    return order_id


def is_disabled_and_deleted(stage: Stage) -> int:
    order_id = stage.place()
    stage.do(DISABLE, order_id)
    stage.do(DELETE, order_id)
    return order_id


def is_disabled_until_the_end_of_the_day(stage: Stage) -> int:
    order_id = stage.place()
    stage.do(DISABLE, order_id)
    stage.wait(3600)
    return order_id


def sleep(stage: Stage, **c2s: object) -> int:
    stop = {"orderType": OrderType.STOP_LIMIT, "auxPrice": 405.0}
    return stage.place(406.0, **{**stop, **c2s})


def sleeps_and_wakes(stage: Stage) -> int:
    stage.prints(405.0, 3)
    order_id = sleep(stage)
    stage.wait()
    stage.change(order_id, 407.0, auxPrice=405.0)
    stage.wait(3)
    return order_id


def sleeps_and_is_disabled(stage: Stage) -> int:
    order_id = sleep(stage)
    stage.wait()
    stage.do(DISABLE, order_id)
    stage.do(DELETE, order_id)
    return order_id


def sleeps_and_is_cancelled(stage: Stage) -> int:
    order_id = sleep(stage)
    stage.wait()
    stage.do(CANCEL, order_id)
    return order_id


def sleeps_past_the_end_of_the_day(stage: Stage) -> int:
    order_id = sleep(stage)
    stage.wait(3600)
    return order_id


def wakes_when_the_money_is_gone(stage: Stage) -> int:
    stage.prints(405.0, 5)
    order_id = sleep(stage, qty=12_000)
    stage.wait()
    stage.place(401.0, qty=12_000)
    stage.wait(5)
    return order_id


def finds_the_session_closed(stage: Stage) -> int:
    order_id = stage.place(None, orderType=MARKET)
    stage.wait()
    return order_id


def crosses_as_an_absolute_limit(stage: Stage) -> int:
    order_id = stage.place(402.0, orderType=OrderType.ABSOLUTE_LIMIT)
    stage.wait()
    return order_id


def expires_untouched(stage: Stage) -> int:
    order_id = stage.place()
    stage.wait(3600)
    return order_id


def expires_in_part(stage: Stage) -> int:
    order_id = stage.place()
    stage.wait()
    stage.fill(order_id, 50)
    stage.wait(3600)
    return order_id


STORIES: Final[tuple[tuple[Callable[[Stage], int], int | None, str], ...]] = (
    (rests_and_fills, None, "2 5 5 10 10 10 11"),
    (fills_at_once, None, "2 5 11"),
    (is_cancelled_on_its_way, None, "2 2 15"),
    (is_cancelled_while_it_rests, None, "2 5 15 23"),
    (is_cancelled_in_part, None, "2 5 10 14"),
    (is_disabled_on_its_way, None, "2 22 22 2 5 22 15"),
    (is_disabled_and_deleted, None, "2 22 23"),
    (is_disabled_until_the_end_of_the_day, LAST_MINUTE, "2 22 15"),
    (sleeps_and_wakes, None, "2 1 1 5 11"),
    (sleeps_and_is_disabled, None, "2 1 22 23"),
    (sleeps_and_is_cancelled, None, "2 1 15"),
    (sleeps_past_the_end_of_the_day, LAST_MINUTE, "2 1 15"),
    (wakes_when_the_money_is_gone, None, "2 1 21"),
    (finds_the_session_closed, BEFORE_LUNCH, "2 21"),
    (crosses_as_an_absolute_limit, None, "2 5 21"),
    (expires_untouched, LAST_MINUTE, "2 5 15"),
    (expires_in_part, LAST_MINUTE, "2 5 10 14"),
)


@pytest.mark.parametrize(
    ("story", "start_ns", "expected"), STORIES, ids=[story.__name__ for story, *_ in STORIES]
)
def test_each_change_is_pushed_once_in_order_to_both_connections(story, start_ns, expected):
    """No change is lost, doubled or turned round, and the list ends where the pushes do."""
    stage = Stage(start_ns)
    order_id = story(stage)
    pushed = stage.pushed(order_id)
    assert pushed == [S(int(number)) for number in expected.split()]
    (listed,) = [o for o in stage.first.orders() if o.orderID == order_id]
    assert listed.orderStatus == pushed[-1]


def test_the_stories_walk_every_edge_of_the_table():
    """By the statuses before and after; deletions stand beside the table."""
    walked = set()
    for _, _, expected in STORIES:
        statuses = [S(int(number)) for number in expected.split()]
        walked |= set(pairwise(statuses))
    table = {(before, after) for before, row in TRANSITIONS.items() for after in row.values()}
    deletions = {(before, S.DELETED) for before in DELETABLE}
    assert walked - table <= deletions
    assert table <= walked
