"""Real accounts: unlocking, fills, fees, cash flow, margin, every kind of order and operation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import (
    CASH_ACCOUNT,
    DEFAULT_ACCOUNTS,
    UNIVERSAL_ACCOUNT,
    with_profile,
)
from simulator.domain import OrderStatus as S
from simulator.domain import OrderType, Profile
from tests.support.sources import APPLE, TENCENT, US_REGULAR
from tests.support.trade_client import BUY, CANCEL, LIMIT, SELL, Trader, scripted_world
from tests.support.trading import HK

REAL = UNIVERSAL_ACCOUNT.account_id
DAY = {"beginTime": "2026-01-15 00:00:00", "endTime": "2026-01-15 23:59:59"}
UNLOCK = {"unlock": True, "pwdMD5": "e10adc3949ba59abbe56e057f20f883e"}
DISABLE, ENABLE, DELETE = 3, 4, 5


def real_trader(start_ns=None, *, account_id=REAL, unlocked=True, market=None):
    world = scripted_world(start_ns) if start_ns else scripted_world()
    trader = Trader(world, account_id, market=market)
    if unlocked:
        assert trader.client.ask(ProtoId.Trd_UnlockTrade, **UNLOCK).retType == 0
    return trader


def pushed_statuses(trader):
    return [order.orderStatus for order in trader.pushed()]


# --- unlocking


@pytest.mark.parametrize("write", ["place", "change"])
def test_a_locked_account_trades_nothing(write):
    """Writes are refused in OpenD's words until trading is unlocked, and again once it is locked."""
    trader = real_trader(unlocked=False)

    def ask():
        if write == "place":
            return trader.place("00700", BUY, 100, 395)
        return trader.modify(CANCEL, 5)

    assert ask().retMsg == "Trading is locked. Please unlock trade first."
    trader.client.ask(ProtoId.Trd_UnlockTrade, **UNLOCK)
    assert ask().retMsg in ("", "Order 5 does not exist.")
    trader.client.ask(ProtoId.Trd_UnlockTrade, unlock=False)
    assert ask().retMsg == "Trading is locked. Please unlock trade first."


def test_reading_needs_no_unlocking():
    """Funds and lists are answered."""
    trader = real_trader(unlocked=False)
    assert trader.ask(ProtoId.Trd_GetFunds, currency=1).retType == 0
    assert trader.orders() == []


# --- fills, fees and flows


def test_fills_are_listed_and_pushed():
    """One fill of 200 at 401: in today's list, in the history and in a push, all the same."""
    trader = real_trader()
    placed = trader.place("00700", BUY, 200, 401).s2c
    trader.world.pass_time(1)
    pushes = [
        p.s2c.orderFill
        for p in trader.client.collect()
        if p.proto_id == ProtoId.Trd_UpdateOrderFill
    ]
    (today,) = trader.ask(ProtoId.Trd_GetOrderFillList).s2c.orderFillList
    history = trader.ask(ProtoId.Trd_GetHistoryOrderFillList, filterConditions=DAY).s2c
    assert [today] == pushes == list(history.orderFillList)
    assert (today.qty, today.price, today.orderID) == (200, 401, placed.orderID)
    assert (today.status, today.trdMarket, today.secMarket, today.trdSide) == (0, 1, 1, 1)
    assert today.createTime == "2026-01-15 10:00:00.020"


def test_paper_fills_stay_hidden_unless_the_profile_is_extended():
    """The same order on both kinds of paper account."""
    for profile, fills in ((Profile.STRICT, 0), (Profile.EXTENDED, 1)):
        world = scripted_world(accounts=with_profile(DEFAULT_ACCOUNTS, profile))
        trader = Trader(world, HK)
        trader.place("00700", BUY, 200, 401)
        world.pass_time(1)
        pushes = [p.proto_id for p in trader.client.collect()]
        assert pushes.count(ProtoId.Trd_UpdateOrderFill) == fills
        reply = trader.ask(ProtoId.Trd_GetOrderFillList)
        assert (reply.retType == 0, len(reply.s2c.orderFillList)) == (bool(fills), fills)


def test_the_fees_of_an_order_are_what_left_the_account():
    """80,200 dollars of Tencent: 24.06, 15, 3.37, 4.53, 2.17, 0.12 and 81 of stamp duty."""
    trader = real_trader()
    before = funds(trader).cash
    order = trader.place("00700", BUY, 200, 401).s2c
    trader.world.pass_time(1)
    (fee,) = trader.ask(ProtoId.Trd_GetOrderFee, orderIdExList=[order.orderIDEx]).s2c.orderFeeList
    items = {item.title: item.value for item in fee.feeList}
    assert items == {
        "Commission": 24.06,
        "Platform Fee": 15,
        "Settlement Fee": 3.37,
        "Trading Fee": 4.53,
        "SFC Levy": 2.17,
        "FRC Levy": 0.12,
        "Stamp Duty": 81,
    }
    assert fee.feeAmount == pytest.approx(130.25, abs=1e-9)
    assert before - funds(trader).cash == pytest.approx(80_200 + fee.feeAmount, abs=0.002)


def test_cash_flows_add_up_to_the_change_of_cash():
    """A purchase and a sale: every flow is of that date, and their sum is the difference."""
    trader = real_trader()
    before = balance(trader, 1)
    for side, price in ((BUY, 401), (SELL, 399)):
        trader.place("00700", side, 200, price)
        trader.world.pass_time(1)
    flows = trader.ask(ProtoId.Trd_FlowSummary, clearingDate="2026-01-15").s2c.flowSummaryInfoList
    assert balance(trader, 1) - before == pytest.approx(sum(f.cashFlowAmount for f in flows))
    assert {f.settlementDate for f in flows} == {"2026-01-19"}
    assert {(f.currency, f.cashFlowDirection) for f in flows} == {(1, 1), (1, 2)}
    out = trader.ask(ProtoId.Trd_FlowSummary, clearingDate="2026-01-15", cashFlowDirection=1).s2c
    assert [f.cashFlowAmount for f in out.flowSummaryInfoList] == [79_800]
    assert not trader.ask(
        ProtoId.Trd_FlowSummary, clearingDate="2026-01-14"
    ).s2c.flowSummaryInfoList


def funds(trader, currency=1):
    return trader.ask(ProtoId.Trd_GetFunds, currency=currency).s2c.funds


def balance(trader, currency):
    return next(c.cash for c in funds(trader).cashInfoList if c.currency == currency)


def test_a_universal_account_shows_each_currency_and_converts_the_rest():
    """1,000,000 HKD, 100,000 USD at 7.80 and 200,000 CNH at 1.117, in whatever is asked for."""
    trader = real_trader()
    in_hkd, in_usd = funds(trader), funds(trader, 2)
    assert [(c.currency, c.cash) for c in in_hkd.cashInfoList] == [
        (1, 1e6),
        (2, 1e5),
        (3, 2e5),
    ]
    assert in_hkd.totalAssets == 1_000_000 + 780_000 + 223_400
    assert in_usd.totalAssets == pytest.approx(in_hkd.totalAssets / 7.8, abs=0.01)
    assert (in_hkd.currency, in_usd.currency) == (1, 2)
    assert (in_hkd.initialMargin, in_hkd.riskStatus, in_hkd.availableFunds) == (
        0,
        1,
        in_hkd.totalAssets,
    )
    assert trader.ask(ProtoId.Trd_GetFunds).retMsg == "A universal account needs a currency."


def test_american_shares_are_paid_in_dollars():
    """The HKD balance stays; the position is worth dollars, the account Hong Kong dollars."""
    trader = real_trader(US_REGULAR, market=2)
    trader.place("AAPL", BUY, 100, 101, secMarket=2)
    trader.world.pass_time(1)
    assert balance(trader, 1) == 1e6
    assert balance(trader, 2) == pytest.approx(1e5 - 10_100 - 0.99 - 1 - 0.30)
    (position,) = trader.positions()
    assert (position.currency, position.trdMarket, position.averageCostPrice) == (2, 2, 101)
    assert funds(trader).marketVal == pytest.approx(position.val * 7.8)


def test_a_cash_account_has_no_margin_fields():
    """Margin is unset for it."""
    trader = real_trader(account_id=CASH_ACCOUNT.account_id)
    shown = funds(trader)
    for absent in ("initialMargin", "maintenanceMargin", "availableFunds", "riskStatus"):
        assert not shown.HasField(absent)


def test_margin_ratios_are_given_in_per_cent():
    """American shares: 50 and 25 long, 50 and 30 short, 1.5 a year for borrowing."""
    trader = real_trader(US_REGULAR, market=2)
    reply = trader.ask(
        ProtoId.Trd_GetMarginRatio, securityList=[{"market": 11, "code": APPLE.code}]
    )
    (row,) = reply.s2c.marginRatioInfoList
    assert (row.imLongRatio, row.mmLongRatio, row.mcmLongRatio) == (50, 25, 37.5)
    assert (row.imShortRatio, row.mmShortRatio, row.shortFeeRate) == (50, 30, 1.5)
    assert (row.isLongPermit, row.isShortPermit) == (True, True)


# --- replay


def test_a_repeated_packet_is_answered_again_and_trades_once():
    """The same bytes twice: one order, two equal answers."""
    trader = real_trader()
    packet = trader.packet()
    first, second = (trader.place("00700", BUY, 100, 395, packetID=packet) for _ in range(2))
    assert first == second
    assert len(trader.orders()) == 1


def test_a_packet_number_cannot_be_used_for_something_else():
    """Neither is it carried out, nor does it get the answer of another order."""
    trader = real_trader()
    packet = trader.packet()
    trader.place("00700", BUY, 100, 395, packetID=packet)
    reply = trader.place("00700", BUY, 200, 395, packetID=packet)
    assert reply.retMsg == "The serialNo 1 of the packetID was used before."
    assert len(trader.orders()) == 1


def test_a_packet_of_another_connection_is_refused():
    """Whoever recorded it cannot use it."""
    trader = real_trader()
    another = {"connID": 2**62 + 7, "serialNo": 1}
    reply = trader.place("00700", BUY, 100, 395, packetID=another)
    assert (reply.retType, trader.orders()) == (-1, [])


def test_a_packet_may_bear_the_clients_own_count_of_connections():
    """As the Java SDK 5.4 does: the order is good, and counts once on its connection."""
    trader = real_trader()
    packet = {"connID": 1, "serialNo": 1}
    first, second = (trader.place("00700", BUY, 100, 395, packetID=packet) for _ in range(2))
    assert first.retType == 0
    assert first == second
    assert len(trader.orders()) == 1


# --- operations


def test_an_order_is_disabled_enabled_and_deleted():
    """Money is free while it is disabled; DELETED is the end."""
    trader = real_trader()
    order_id = trader.place("00700", BUY, 100, 395).s2c.orderID
    trader.world.pass_time(1)
    trader.pushed()
    assert trader.modify(DISABLE, order_id).retType == 0
    assert funds(trader).frozenCash == 0
    assert trader.modify(ENABLE, order_id).retType == 0
    trader.world.pass_time(1)
    assert pushed_statuses(trader) == [S.DISABLED, S.SUBMITTING, S.SUBMITTED]
    assert trader.modify(DELETE, order_id).retMsg == (
        "The order status does not allow this operation."
    )
    trader.modify(DISABLE, order_id)
    assert trader.modify(DELETE, order_id).retType == 0
    assert pushed_statuses(trader) == [S.DISABLED, S.DELETED]


def test_all_orders_are_cancelled_at_once():
    """With forAll and no order id; a paper account refuses."""
    trader = real_trader()
    for _ in range(3):
        trader.place("00700", BUY, 100, 395)
    trader.world.pass_time(1)
    assert trader.modify(CANCEL, forAll=True, trdMarket=1).retType == 0
    assert {o.orderStatus for o in trader.orders()} == {S.CANCELLED_ALL}
    paper = Trader(trader.world, HK)
    assert paper.modify(CANCEL, forAll=True).retMsg == (
        "Paper trading does not support this order operation."
    )


def test_american_orders_know_fewer_operations():
    """Change and cancel only."""
    trader = real_trader(US_REGULAR, market=2)
    order_id = trader.place("AAPL", BUY, 10, 90, secMarket=2).s2c.orderID
    assert trader.modify(DISABLE, order_id).retType == -1


# --- order types


def test_a_stop_order_shows_its_trigger_and_sleeps():
    """WAITING_SUBMIT with auxPrice until the price is reached, then it sells at market."""
    trader = real_trader()
    market = trader.world.opend.market
    market.trade(TENCENT, trader.world.now_ns + 3 * 10**9, 398.0, 100)
    trader.place("00700", BUY, 200, 401)
    trader.world.pass_time(1)
    trader.pushed()
    trader.place("00700", SELL, 200, orderType=OrderType.STOP, auxPrice=398.0)
    trader.world.pass_time(1)
    (order,) = [o for o in trader.orders() if o.trdSide == SELL]
    assert (order.orderStatus, order.auxPrice) == (S.WAITING_SUBMIT, 398)
    trader.world.pass_time(2)
    assert pushed_statuses(trader) == [
        S.SUBMITTING,
        S.WAITING_SUBMIT,
        S.SUBMITTED,
        S.FILLED_ALL,
    ]


def test_trailing_orders_show_how_they_trail():
    """Type, value and spread come back as they were sent."""
    trader = real_trader(US_REGULAR, market=2)
    trader.place(
        "AAPL",
        BUY,
        10,
        orderType=OrderType.TRAILING_STOP_LIMIT,
        trailType=1,
        trailValue=5.0,
        trailSpread=0.1,
        secMarket=2,
    )
    trader.world.pass_time(1)
    (order,) = trader.orders()
    assert (order.trailType, order.trailValue, order.trailSpread) == (1, 5, 0.1)
    assert order.orderStatus == S.WAITING_SUBMIT


@pytest.mark.parametrize(
    ("c2s", "text"),
    [
        ({"orderType": OrderType.STOP}, "Invalid trigger price."),
        ({"orderType": OrderType.TRAILING_STOP}, "Invalid trigger price."),
        ({"orderType": OrderType.TWAP}, "Unsupported order type."),
        (
            {"orderType": LIMIT, "price": 450.0},
            "The order price is too far from the opposite price.",
        ),
        (
            {"orderType": LIMIT, "price": 395.0, "timeInForce": 3, "expireTime": "2027-01-01"},
            "Invalid expiry date. It may lie at most 90 calendar days ahead.",
        ),
    ],
)
def test_refusals_of_real_orders(c2s, text):
    """Each with its text."""
    reply = real_trader().place("00700", BUY, 100, **c2s)
    assert (reply.retType, reply.retMsg) == (-1, text)


def test_what_left_the_account_is_exact():
    """The ledger has no more digits than a cent."""
    trader = real_trader()
    trader.place("00700", BUY, 200, 401)
    trader.world.pass_time(1)
    entries = trader.world.opend.engine.ledger(REAL)
    assert all(entry.amount == round(entry.amount, 2) for entry in entries)
    assert sum((e.amount for e in entries if e.kind == "fee"), Decimal(0)) == Decimal("-130.25")


def test_exchange_rules_are_told_in_words():
    """A short sale below the offer, and an A-share bid beyond 102 % of the offer of 1,001."""
    trader = real_trader()
    short = trader.place("00700", SELL, 100, 400.8)
    assert short.retMsg == "A short sale may not be priced below 401.0."
    shares = Trader(trader.world, REAL, market=4)
    caged = shares.place("600519", BUY, 100, 1030.0, secMarket=31)
    assert caged.retMsg == "The order price is beyond the valid declaration range (1021.02)."
