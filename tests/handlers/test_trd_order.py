"""Orders as clients place, change and list them, and the pushes that tell of them."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import OrderStatus as S
from tests.support.conversation import World
from tests.support.sources import HK_EVENING, HK_MORNING, TENCENT, US_REGULAR, at
from tests.support.trade_client import BUY, CANCEL, CHANGE, LIMIT, SELL, Trader, scripted_world
from tests.support.trading import CN, HK, US

DAY = {"beginTime": "2026-01-15 00:00:00", "endTime": "2026-01-15 23:59:59"}

SIDES_EN = (
    "Order side must be BUY or SELL. A SELL order without holdings will open a short position. "
    "A BUY order when short will close the short position."
)
SIDES_ZH = "订单方向只能是买入或卖出。没有持仓时卖出即为卖空，空头持仓时买入即为平仓。"
OFF_TICK_EN = "The order price is not on a valid tick. The minimum price increment is 0.2."


def statuses(orders) -> list[int]:
    return [order.orderStatus for order in orders]


# --- placing and pushes


def test_order_is_submitting_in_the_reply_and_fills_by_pushes():
    """The reply carries both ids; SUBMITTING, SUBMITTED and FILLED_ALL follow in that order."""
    trader = Trader(scripted_world())
    reply = trader.place("00700", BUY, 100, 401, remark="记号")
    assert reply.retType == 0
    assert reply.s2c.orderID > 0
    assert reply.s2c.orderIDEx.startswith("v3_20260115_")
    assert (reply.s2c.header.accID, reply.s2c.header.trdMarket) == (HK, 1)
    (order,) = trader.orders()
    assert (order.orderID, order.orderStatus) == (reply.s2c.orderID, S.SUBMITTING)
    trader.world.pass_time(1)
    pushed = trader.pushed()
    assert statuses(pushed) == [S.SUBMITTING, S.SUBMITTED, S.FILLED_ALL]
    assert {o.orderIDEx for o in pushed} == {reply.s2c.orderIDEx}
    assert (pushed[-1].fillQty, pushed[-1].fillAvgPrice) == (100, 401)
    assert pushed[-1] == trader.orders()[0]


def test_pushes_reach_every_subscribed_connection_and_no_other():
    """Only connections that named the account get them, and no fill is pushed to anybody."""
    world = scripted_world()
    first, second = Trader(world), Trader(world)
    silent, other = Trader(world, subscribes=False), Trader(world, US)
    first.place("00700", BUY, 100)
    world.pass_time(1)
    expected = [S.SUBMITTING, S.SUBMITTED, S.FILLED_ALL]
    pushes = second.client.collect()
    assert [p.proto_id for p in pushes] == [ProtoId.Trd_UpdateOrder] * 3
    assert [p.s2c.order.orderStatus for p in pushes] == expected
    assert (pushes[0].s2c.header.accID, pushes[0].s2c.header.trdEnv) == (HK, 0)
    assert statuses(first.pushed()) == expected
    assert silent.client.collect() == other.client.collect() == []


def test_a_new_list_of_accounts_replaces_the_old_one():
    """An empty list ends the pushes."""
    trader = Trader(scripted_world())
    trader.client.ask(ProtoId.Trd_SubAccPush, accIDList=[US])
    trader.place("00700", BUY, 100)
    assert trader.pushed() == []
    trader.client.ask(ProtoId.Trd_SubAccPush, accIDList=[HK, US])
    trader.world.pass_time(1)
    assert statuses(trader.pushed()) == [S.SUBMITTED, S.FILLED_ALL]
    trader.client.ask(ProtoId.Trd_SubAccPush, accIDList=[])
    trader.place("00700", BUY, 100)
    assert trader.pushed() == []


def test_partial_fills_are_pushed_one_by_one():
    """Prints at its price fill an order that is first in the queue, with the average so far."""
    world = scripted_world()
    world.opend.market.show(TENCENT, 0, bids=[(398.0, 500)], asks=[(402.0, 500)])
    for second in (2, 3):
        world.opend.market.trade(TENCENT, world.now_ns + second * 10**9, 400.0, 200)
    trader = Trader(world)
    trader.place("00700", BUY, 300, 400)
    world.pass_time(1)
    trader.pushed()
    world.pass_time(5)
    pushed = trader.pushed()
    assert [(o.orderStatus, o.fillQty) for o in pushed] == [
        (S.FILLED_PART, 200),
        (S.FILLED_ALL, 300),
    ]
    assert [o.fillAvgPrice for o in pushed] == [400, 400]


def test_fields_of_a_hong_kong_order():
    """Times are local with milliseconds and agree with the timestamps; no session is shown."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 100, 390, remark="记号", timeInForce=0)
    trader.world.pass_time(0.02)
    (order,) = trader.orders()
    assert (order.code, order.name, order.secMarket, order.trdMarket) == ("00700", "00700", 1, 1)
    assert (order.trdSide, order.orderType, order.qty, order.price) == (BUY, 5, 100, 390)
    assert order.createTime == "2026-01-15 10:00:00.000"
    assert order.updateTime == "2026-01-15 10:00:00.020"
    assert order.createTimestamp == HK_MORNING / 1e9
    assert order.updateTimestamp == pytest.approx(HK_MORNING / 1e9 + 0.02, abs=1e-6)
    assert (order.remark, order.timeInForce, order.currency, order.lastErrMsg) == ("记号", 0, 1, "")
    for absent in ("session", "fillOutsideRTH", "auxPrice", "trailType", "expireTime"):
        assert not order.HasField(absent)


@pytest.mark.parametrize(
    ("c2s", "outside", "session"),
    [
        ({}, False, 1),
        ({"fillOutsideRTH": True}, True, 2),
        ({"session": 2}, True, 2),
        ({"session": 1, "fillOutsideRTH": True}, False, 1),
    ],
)
def test_american_orders_show_their_session(c2s, outside, session):
    """The newer field decides where both are given; times are those of New York."""
    trader = Trader(scripted_world(US_REGULAR), US)
    trader.place("AAPL", BUY, 7, 90.5, **c2s)
    (order,) = trader.orders()
    assert (order.fillOutsideRTH, order.session, order.secMarket) == (outside, session, 2)
    assert order.createTime.startswith("2026-01-15 10:00:00")


def test_chinese_orders_carry_their_exchange():
    """Shanghai and Shenzhen are told apart, also for requests that name no security market."""
    trader = Trader(scripted_world(), CN)
    trader.place("600519", BUY, 100, 999)
    trader.place("300750", BUY, 100, 199, secMarket=32)
    assert [(o.code, o.secMarket, o.trdMarket) for o in trader.orders()] == [
        ("300750", 32, 3),
        ("600519", 31, 3),
    ]
    assert trader.place("600519", BUY, 100, 999, secMarket=32).retMsg == "Unknown stock. 600519"


def test_market_order_has_no_price():
    """What it was filled at stands in the average price."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 100)
    trader.world.pass_time(1)
    (order,) = trader.orders()
    assert not order.HasField("price")
    assert (order.orderType, order.fillAvgPrice) == (2, 401)


def test_quantity_and_price_drop_what_is_too_fine():
    """Fractions of shares and decimals beyond the third go; binary noise does not count."""
    trader = Trader(scripted_world())
    assert trader.place("00700", BUY, 100.9, 359.80000000000001).retType == 0
    assert trader.place("00700", BUY, 100, 359.8004).retType == 0
    assert trader.place("00700", BUY, 100, 3598 * 0.1).retType == 0
    assert {(o.qty, o.price) for o in trader.orders()} == {(100, 359.8)}


@pytest.mark.parametrize(
    ("limit", "price"), [(0.0015, 359.8), (-0.01, 359.6), (0.0001, None), (float("nan"), None)]
)
def test_price_is_adjusted_to_a_tick_within_the_limit(limit, price):
    """Up for a positive limit, down for a negative one, refused where the tick is too far."""
    trader = Trader(scripted_world())
    reply = trader.place("00700", BUY, 100, 359.678, adjustPrice=True, adjustSideAndLimit=limit)
    assert [o.price for o in trader.orders()] == ([] if price is None else [price])
    assert (reply.retType == 0) == (price is not None)


def test_refusal_after_acceptance_reads_in_the_language():
    """A market order whose session ends on the way fails with a text."""
    late = at("2026-01-15T11:59:59.990+08:00")
    for language, text in (
        ("en", "Market orders are not allowed outside regular trading hours."),
        ("chs", "非盘中时段不允许市价单"),
    ):
        trader = Trader(scripted_world(late, language))
        assert trader.place("00700", BUY, 100).retType == 0
        trader.world.pass_time(1)
        assert [(o.orderStatus, o.lastErrMsg) for o in trader.pushed()] == [
            (S.SUBMITTING, ""),
            (S.FAILED, text),
        ]


# --- refusals


@pytest.mark.parametrize(
    ("account", "c2s", "en", "chs"),
    [
        (HK, {"code": "99999"}, "Unknown stock. 99999", "未知股票 99999"),
        (HK, {"code": "700"}, "Unknown stock. 700", "未知股票 700"),
        (HK, {"secMarket": 2}, "Unknown stock. 00700", "未知股票 00700"),
        (HK, {"code": "800000"}, "This account does not support trading HK.800000.",
         "该账户不支持交易 HK.800000"),
        (HK, {"code": "AAPL", "secMarket": 2}, "This account does not support trading US.AAPL.",
         "该账户不支持交易 US.AAPL"),
        (HK, {"qty": 0.5}, "Invalid quantity.", "数量不合法"),
        (HK, {"qty": float("inf")}, "Invalid quantity.", "数量不合法"),
        (HK, {"qty": 150}, "The quantity includes an odd lot. The lot size is 100.",
         "下单数量包含不足1手数量的碎股，每手100股"),
        (HK, {"qty": 1e6}, "The order quantity exceeds the maximum available.",
         "下单数量超过最大可用"),
        (HK, {"price": 390.1}, OFF_TICK_EN,
         "订单价格不在价位上，此产品最小单位为 0.2，请调整至最小单位的整数倍后再提交"),
        (HK, {"price": 0.0}, "Invalid order price.", "订单价格不合法"),
        (HK, {"price": -1.0}, "Invalid order price.", "订单价格不合法"),
        (HK, {"price": float("inf")}, "Invalid order price.", "订单价格不合法"),
        (HK, {"qty": 100_000}, "Insufficient buying power.", "账户购买力不足"),
        (HK, {"trdSide": SELL}, "The order quantity exceeds the maximum available.",
         "下单数量超过最大可用"),
        (HK, {"trdSide": 3}, SIDES_EN, SIDES_ZH),
        (HK, {"trdSide": 9}, SIDES_EN, SIDES_ZH),
        (HK, {"orderType": 11}, "Paper trading does not support StopLimit order",
         "模拟交易不支持StopLimit订单"),
        (HK, {"orderType": 99}, "Unsupported order type.", "不支持的订单类型"),
        (HK, {"timeInForce": 1}, "Paper trading does not support GTC orders",
         "模拟交易不支持GTC订单"),
        (HK, {"timeInForce": 3}, "Paper trading does not support GTC orders",
         "模拟交易不支持GTC订单"),
        (HK, {"timeInForce": 9}, "Invalid parameter: timeInForce=9", "参数不合法: timeInForce=9"),
        (HK, {"remark": "记" * 22}, "The remark exceeds the limit of 64 bytes.",
         "备注长度超过限制，最多64字节"),
        (US, {"code": "AAPL", "session": 3}, "Paper trading does not support this trading session.",
         "模拟交易不支持该交易时段"),
        (CN, {"code": "600519", "price": 1200.0},
         "The order price is not in the limit move range (900.00 - 1100.00).",
         "报单价格不在涨跌停区间（900.00 - 1100.00）"),
    ],
)  # fmt: skip
def test_order_refusals(account, c2s, en, chs):
    """Each reason has its text in both languages; nothing is booked and nothing pushed."""
    order = {"code": "00700", "trdSide": BUY, "qty": 100, "price": 390.0, **c2s}
    for language, text in (("en", en), ("chs", chs)):
        trader = Trader(scripted_world(language=language), account)
        reply = trader.ask(
            ProtoId.Trd_PlaceOrder,
            **{"packetID": trader.packet(), "orderType": LIMIT, **order},
        )
        assert (reply.retType, reply.retMsg) == (-1, text)
        assert (trader.orders(), trader.pushed(), trader.funds().frozenCash) == ([], [], 0)


def test_order_for_another_market_is_refused_by_its_symbol():
    """Clients fill the header's market from the code, so it contradicts the account."""
    trader = Trader(scripted_world())
    trader.header = {**trader.header, "trdMarket": 2}
    reply = trader.place("AAPL", BUY, 1, 100, secMarket=2)
    assert reply.retMsg == "This account does not support trading US.AAPL."


@pytest.mark.parametrize("change", [{"accID": 42}, {"trdEnv": 1}])
def test_order_needs_an_account(change):
    """Number and environment decide."""
    trader = Trader(scripted_world())
    trader.header = {**trader.header, **change}
    reply = trader.place("00700", BUY, 100, 390)
    assert reply.retMsg == f"Nonexisting acc_id {trader.header['accID']}."


def test_market_order_outside_hours_is_refused_and_a_limit_order_waits():
    """The limit order is accepted and stays SUBMITTED."""
    trader = Trader(scripted_world(HK_EVENING))
    refused = trader.place("00700", BUY, 100)
    assert refused.retMsg == "Market orders are not allowed outside regular trading hours."
    assert trader.place("00700", BUY, 100, 401).retType == 0
    trader.world.pass_time(1)
    assert statuses(trader.orders()) == [S.SUBMITTED]


# --- changing and cancelling


@pytest.mark.parametrize("by_text_id", [True, False])
def test_order_is_changed_then_cancelled_by_either_id(by_text_id):
    """The quantity is the new total; both steps are pushed and answered with both ids."""
    trader = Trader(scripted_world())
    placed = trader.place("00700", BUY, 100, 390).s2c
    trader.world.pass_time(1)
    trader.pushed()
    name = {"orderIDEx": placed.orderIDEx} if by_text_id else {"order_id": placed.orderID}
    changed = trader.modify(CHANGE, qty=300.0, price=389.0, **name)
    assert (changed.s2c.orderID, changed.s2c.orderIDEx) == (placed.orderID, placed.orderIDEx)
    (pushed,) = trader.pushed()
    assert (pushed.orderStatus, pushed.qty, pushed.price) == (S.SUBMITTED, 300, 389)
    assert trader.modify(CANCEL, **name).retType == 0
    assert statuses(trader.pushed()) == statuses(trader.orders()) == [S.CANCELLED_ALL]


def test_changed_price_is_adjusted_to_a_tick():
    """As for new orders."""
    trader = Trader(scripted_world())
    order_id = trader.place("00700", BUY, 100, 390).s2c.orderID
    reply = trader.modify(
        CHANGE, order_id, qty=100.0, price=389.13, adjustPrice=True, adjustSideAndLimit=0.01
    )
    assert reply.retType == 0
    assert [o.price for o in trader.orders()] == [389.2]


@pytest.mark.parametrize(
    ("c2s", "text"),
    [
        ({"modifyOrderOp": 2, "forAll": True, "orderID": 0},
         "Paper trading does not support this order operation."),
        ({"modifyOrderOp": 3}, "Paper trading does not support this order operation."),
        ({"modifyOrderOp": 4}, "Paper trading does not support this order operation."),
        ({"modifyOrderOp": 5}, "Paper trading does not support this order operation."),
        ({"modifyOrderOp": 2, "orderID": 7}, "Order 7 does not exist."),
        ({"modifyOrderOp": 2, "orderIDEx": "v3_none"}, "Order v3_none does not exist."),
        ({"modifyOrderOp": 1, "price": 390.0}, "Missing necessary parameter: qty"),
        ({"modifyOrderOp": 1, "qty": 100.0}, "Missing necessary parameter: price"),
        ({"modifyOrderOp": 1, "qty": 150.0, "price": 390.0},
         "The quantity includes an odd lot. The lot size is 100."),
    ],
)  # fmt: skip
def test_change_refusals_leave_the_order_as_it_is(c2s, text):
    """Paper accounts change and cancel single orders, nothing else."""
    trader = Trader(scripted_world())
    order_id = trader.place("00700", BUY, 100, 390).s2c.orderID
    packet = trader.packet()
    reply = trader.ask(ProtoId.Trd_ModifyOrder, **{"packetID": packet, "orderID": order_id, **c2s})
    assert (reply.retType, reply.retMsg) == (-1, text)
    assert [(o.orderStatus, o.qty) for o in trader.orders()] == [(S.SUBMITTING, 100)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The order status does not allow this operation."),
        ("chs", "当前订单状态不支持此操作"),
    ],
)
def test_finished_order_cannot_be_cancelled(language, text):
    """Neither a filled nor a cancelled one."""
    trader = Trader(scripted_world(language=language))
    filled = trader.place("00700", BUY, 100).s2c.orderID
    trader.world.pass_time(1)
    cancelled = trader.place("00700", BUY, 100, 390).s2c.orderID
    assert trader.modify(CANCEL, cancelled).retType == 0
    for order_id in (filled, cancelled):
        assert trader.modify(CANCEL, order_id).retMsg == text


# --- lists


def test_orders_are_filtered():
    """By status, code, either id, market and creation time; conditions combine."""
    world = scripted_world()
    trader = Trader(world)
    first = trader.place("00700", BUY, 100, 390).s2c
    world.pass_time(60)
    second = trader.place("00005", BUY, 400).s2c
    world.pass_time(1)

    def found(statuses=(), **conditions) -> list[int]:
        orders = trader.orders(filterConditions=conditions, filterStatusList=statuses)
        return [order.orderID for order in orders]

    one, two = first.orderID, second.orderID
    assert found() == [two, one]
    assert found([S.SUBMITTED]) == [one]
    assert found([S.SUBMITTED, S.FILLED_ALL]) == [two, one]
    assert found(codeList=["00005"]) == [two]
    assert found(idList=[one]) == found(orderIDExList=[first.orderIDEx]) == [one]
    assert found(idList=[one], orderIDExList=[second.orderIDEx]) == [two, one]
    assert found(filterMarket=1) == [two, one]
    assert found(filterMarket=2) == []
    assert found(beginTime="2026-01-15 10:00:30") == [two]
    assert found(endTime="2026-01-15 10:00:30.000") == [one]
    assert found(endTime="2026-01-15") == [two, one]
    assert found([S.SUBMITTED], codeList=["00005"]) == []


def test_history_lists_finished_orders_newest_first():
    """An open order is not history, and neither is one of another account."""
    world = scripted_world()
    trader = Trader(world)
    filled = trader.place("00700", BUY, 100).s2c.orderID
    world.pass_time(60)
    cancelled = trader.place("00700", BUY, 100, 390).s2c.orderID
    trader.modify(CANCEL, cancelled)
    trader.place("00700", BUY, 100, 389)
    reply = trader.ask(ProtoId.Trd_GetHistoryOrderList, filterConditions=DAY)
    assert [o.orderID for o in reply.s2c.orderList] == [cancelled, filled]
    narrow = {**DAY, "endTime": "2026-01-15 10:00:30.500"}
    reply = trader.ask(ProtoId.Trd_GetHistoryOrderList, filterConditions=narrow)
    assert [o.orderID for o in reply.s2c.orderList] == [filled]
    reply = trader.ask(
        ProtoId.Trd_GetHistoryOrderList, filterConditions=DAY, filterStatusList=[S.CANCELLED_ALL]
    )
    assert [o.orderID for o in reply.s2c.orderList] == [cancelled]
    other = Trader(world, US).ask(ProtoId.Trd_GetHistoryOrderList, filterConditions=DAY)
    assert list(other.s2c.orderList) == []


@pytest.mark.parametrize(
    ("end", "count"),
    [
        ("2026-01-14 23:59:59", 1),
        ("2026-01-15 23:59:59", 1),
        ("2026-01-14", 1),
        ("2026-01-14 20:00:00", 0),
        ("2026-01-13 23:59:59", 0),
    ],
)
def test_a_range_until_the_end_of_the_client_s_today_has_no_end(end, count):
    """It is still the 14th in UTC while the market in Hong Kong trades on the 15th."""
    trader = Trader(World(start_ns=at("2026-01-14T17:00:00+00:00")))
    trader.place("00700", BUY, 100)
    trader.world.pass_time(1)
    (order,) = trader.orders()
    assert order.createTime.startswith("2026-01-15")
    conditions = {"beginTime": "2025-11-01", "endTime": end}
    reply = trader.ask(ProtoId.Trd_GetHistoryOrderList, filterConditions=conditions)
    assert len(reply.s2c.orderList) == count


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ({"endTime": "2026-01-15"}, "Missing necessary parameter: beginTime"),
        ({"beginTime": "2026-01-15"}, "Missing necessary parameter: endTime"),
        ({**DAY, "endTime": "yesterday"}, "Invalid time format: yesterday"),
        ({**DAY, "endTime": "2026-01-14"}, "The start time is later than the end time."),
    ],
)
def test_history_refusals(conditions, text):
    """The range must be given, readable and not reversed."""
    trader = Trader(scripted_world())
    reply = trader.ask(ProtoId.Trd_GetHistoryOrderList, filterConditions=conditions)
    assert (reply.retType, reply.retMsg) == (-1, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Paper trading does not support deal data."), ("chs", "模拟交易不支持成交数据")],
)
def test_fills_of_paper_accounts_are_refused(language, text):
    """Today's as well as those of the past."""
    trader = Trader(scripted_world(language=language))
    today = trader.ask(ProtoId.Trd_GetOrderFillList)
    past = trader.ask(ProtoId.Trd_GetHistoryOrderFillList, filterConditions=DAY)
    assert (today.retMsg, past.retMsg) == (text, text)
    assert (today.retType, past.retType) == (-1, -1)


def test_the_delay_of_a_placed_order_is_on_record():
    """From the reply to the venue's acceptance."""
    trader = Trader(scripted_world())
    order_id = trader.place("00700", BUY, 100, 390).s2c.orderID
    trader.world.opend.delays.record_order(order_id, 1000, trader.world.now_ns)
    trader.world.pass_time(1)
    entry = trader.world.opend.delays.orders[order_id]
    assert entry.accepted_ns is not None
    assert entry.accepted_ns - entry.placed_ns == 20_000_000


def test_unknown_market_in_the_header_names_no_security():
    """Without a security market the header's market decides, and there is none to decide."""
    trader = Trader(scripted_world())
    trader.header = {**trader.header, "trdMarket": 5}
    assert trader.place("HSImain", BUY, 1, 26000).retMsg == "Unknown stock. HSImain"
