"""Combo orders on the wire: placed, listed with their legs, pushed, changed, asked about, refused."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import OrderStatus as S
from simulator.domain import StrategyKind
from tests.handlers.test_trd_real import CANCEL, REAL, real_trader
from tests.support.sources import CALL_100, CALL_105, US_REGULAR
from tests.support.trade_client import BUY, CHANGE, LIMIT, SELL, Trader, scripted_world
from tests.support.trading import US

US_MARKET = 2


@pytest.fixture
def trader():
    return real_trader(US_REGULAR, market=US_MARKET)


def leg(security, side, ratio=1.0):
    named = {"market": int(security.market), "code": security.code}
    return {"security": named, "side": side, "qtyRatio": ratio}


SPREAD = [leg(CALL_100, BUY), leg(CALL_105, SELL)]


def place(trader, legs=SPREAD, price=4.0, qty=2, **c2s):
    return trader.ask(
        ProtoId.Trd_PlaceComboOrder,
        **{
            "packetID": trader.packet(),
            "comboLegs": legs,
            "qty": qty,
            "price": price,
            "orderType": LIMIT,
            **c2s,
        },
    )


def test_the_order_is_listed_with_its_legs(trader):
    """Only the long id is answered; the list names the underlying, the strategy and both legs."""
    reply = place(trader, remark="spread").s2c
    trader.world.pass_time(1)
    (order,) = trader.orders()
    assert order.orderIDEx == reply.orderIDEx
    assert (order.code, order.name, order.strategyType) == ("AAPL", "AAPL", StrategyKind.SPREAD)
    assert (order.orderStatus, order.fillQty, order.fillAvgPrice) == (S.FILLED_ALL, 2, 4)
    assert (order.qty, order.price, order.remark, order.trdSide) == (2, 4, "spread", BUY)
    assert [(x.security.code, x.side, x.qtyRatio) for x in order.comboLegs] == [
        (CALL_100.code, BUY, 1),
        (CALL_105.code, SELL, 1),
    ]


def test_each_step_and_each_leg_is_pushed(trader):
    """Three states of the order and one fill a leg, with the legs' codes and prices."""
    place(trader)
    trader.world.pass_time(1)
    pushes = trader.client.collect()
    states = [p.s2c.order.orderStatus for p in pushes if p.proto_id == ProtoId.Trd_UpdateOrder]
    fills = [p.s2c.orderFill for p in pushes if p.proto_id == ProtoId.Trd_UpdateOrderFill]
    assert states == [S.SUBMITTING, S.SUBMITTED, S.FILLED_ALL]
    assert [(f.code, f.trdSide, f.qty, f.price) for f in fills] == [
        (CALL_100.code, BUY, 2, 6),
        (CALL_105.code, SELL, 2, 2),
    ]


def test_lists_find_it_by_the_code_of_a_leg(trader):
    """A filter by either leg's code, and by the long id."""
    reply = place(trader).s2c
    for condition in (
        {"codeList": [CALL_105.code]},
        {"codeList": [CALL_100.code]},
        {"orderIDExList": [reply.orderIDEx]},
    ):
        assert len(trader.orders(filterConditions=condition)) == 1
    assert trader.orders(filterConditions={"codeList": ["TSLA"]}) == []


def test_it_is_changed_and_cancelled_by_its_long_id(trader):
    """Protocol 2205 knows it; the new price is the net price."""
    name = place(trader, price=1.0).s2c.orderIDEx
    trader.world.pass_time(1)
    assert trader.modify(CHANGE, orderIDEx=name, qty=3, price=1.5).retType == 0
    (order,) = trader.orders()
    assert (order.qty, order.price, order.orderStatus) == (3, 1.5, S.SUBMITTED)
    assert trader.modify(CANCEL, orderIDEx=name).retType == 0
    assert trader.orders()[0].orderStatus == S.CANCELLED_ALL


def test_a_repeated_packet_trades_once(trader):
    """The same answer, one order."""
    packet = trader.packet()
    first, second = (place(trader, packetID=packet) for _ in range(2))
    assert first.s2c.orderIDEx == second.s2c.orderIDEx
    assert len(trader.orders()) == 1


def test_the_effects_are_answered(trader):
    """Bought for 6 and sold for 2 at last prices of 5 and 3, two units: 400 less and the fees."""
    reply = trader.ask(
        ProtoId.Trd_GetComboMaxTrdQtys, comboLegs=SPREAD, qty=2, price=4.0, orderType=LIMIT
    )
    found = reply.s2c.maxTrdQtys
    assert found.nlvChange == pytest.approx(-400 - 5.35, abs=0.01)
    assert found.initialMarginChange == pytest.approx(2 * 100 * (5 + 3 * 3), abs=0.01)
    assert found.maintenanceMarginChange == pytest.approx(2 * 100 * 2 * 3, abs=0.01)
    assert found.buyPowerDecrease == pytest.approx(2800 + 405.35, abs=0.01)
    assert found.optionBuyPower > 0 > found.maxWithDrawChange


def test_an_order_to_be_changed_counts_as_free(trader):
    """What it holds back is power again."""

    def power(**c2s):
        reply = trader.ask(
            ProtoId.Trd_GetComboMaxTrdQtys,
            comboLegs=SPREAD,
            qty=2,
            price=1.0,
            orderType=LIMIT,
            **c2s,
        )
        return reply.s2c.maxTrdQtys.optionBuyPower

    before = power()
    name = place(trader, price=1.0).s2c.orderIDEx
    assert power() < before == power(orderIDEx=name)


@pytest.mark.parametrize(
    ("request_of", "text"),
    [
        ({"legs": SPREAD[:1]}, "Invalid combo legs."),
        ({"legs": []}, "Invalid combo legs."),
        ({"legs": [SPREAD[0], SPREAD[0]]}, "Invalid combo legs."),
        ({"legs": [SPREAD[0], leg(CALL_105, SELL, 0.5)]}, "Invalid combo legs."),
        ({"legs": [SPREAD[0], leg(CALL_105, SELL, float("inf"))]}, "Invalid combo legs."),
        ({"legs": [SPREAD[0], leg(CALL_105, SELL, float("nan"))]}, "Invalid combo legs."),
        ({"legs": [SPREAD[0], leg(CALL_105, 3)]}, "Order side must be BUY or SELL"),
        ({"orderType": 10}, "Unsupported order type."),
        ({"orderType": 99}, "Unsupported order type."),
        ({"qty": 0}, "Invalid quantity."),
        ({"qty": 600_000}, "The order quantity exceeds the maximum available."),
        ({"price": float("nan")}, "Invalid order price."),
        ({"qty": 3000, "price": 500}, "Insufficient buying power."),
        ({"remark": "x" * 65}, "The remark exceeds the limit of 64 bytes."),
    ],
)
def test_refusals(trader, request_of, text):
    """In OpenD's words, and no order is left behind."""
    reply = place(trader, **request_of)
    assert reply.retType == -1
    assert reply.retMsg == text
    assert trader.orders() == []


def test_locked_and_paper_accounts_are_refused():
    """A real account has to be unlocked; a strict paper account has no combos at all."""
    locked = real_trader(US_REGULAR, account_id=REAL, unlocked=False, market=US_MARKET)
    assert place(locked).retMsg == "Trading is locked. Please unlock trade first."
    paper = Trader(scripted_world(US_REGULAR), US)
    assert place(paper).retMsg == "Paper trading does not support combo orders"
