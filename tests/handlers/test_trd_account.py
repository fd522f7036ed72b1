"""Accounts, money, positions and quantities as clients see them."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import (
    CASH_ACCOUNT,
    FUTURES_ACCOUNT,
    PAPER_ACCOUNTS,
    REAL_ACCOUNTS,
    UNIVERSAL_ACCOUNT,
)
from tests.support.conversation import World
from tests.support.sources import HK_MORNING, TENCENT, US_REGULAR
from tests.support.trade_client import BUY, LIMIT, MARKET, SELL, Trader, scripted_world
from tests.support.trading import CN, HK, US

PAPER = [a.account_id for a in PAPER_ACCOUNTS]
PAPER_FUTURES = [a.account_id for a in PAPER_ACCOUNTS if a.trades_futures]
PAPER_SECURITIES = [number for number in PAPER if number not in PAPER_FUTURES]


def listed(**c2s):
    reply = scripted_world().connect().ask(ProtoId.Trd_GetAccList, userID=0, **c2s)
    assert reply.retType == 0
    return list(reply.s2c.accList)


def test_account_list_shows_paper_accounts_as_the_real_ones_are():
    """Each has type, market and status, and none of the fields of real accounts."""
    paper = [a for a in listed() if a.trdEnv == 0]
    assert [(a.accID, a.accType, a.simAccType, list(a.trdMarketAuthList)) for a in paper] == [
        (HK, 1, 1, [1]),
        (US, 2, 4, [2]),
        (CN, 1, 1, [3]),
        (PAPER[3], 2, 2, [1]),
        *[(PAPER[i], 2, 3, [6 + i]) for i in (4, 5, 6, 7)],
    ]
    for account in paper:
        assert account.accStatus == 0
        for absent in ("cardNum", "uniCardNum", "securityFirm", "accRole"):
            assert not account.HasField(absent)


def test_account_list_shows_cards_and_firm_of_real_accounts():
    """Eighteen digits, cards of sixteen, Futu Securities, an ordinary role, no paper type."""
    real = [a for a in listed(needGeneralSecAccount=True) if a.trdEnv == 1]
    assert [a.accID for a in real] == [a.account_id for a in REAL_ACCOUNTS]
    for account in real:
        assert (len(str(account.accID)), len(account.cardNum)) == (18, 16)
        assert (account.securityFirm, account.accRole) == (1, 1)
        assert not account.HasField("simAccType")
    assert (len(real[0].uniCardNum), list(real[0].trdMarketAuthList)) == (16, [1, 2, 4, 6])
    assert [list(a.trdMarketAuthList) for a in real[1:]] == [[5], [1]]


@pytest.mark.parametrize(
    ("c2s", "expected"),
    [
        ({}, [*PAPER, FUTURES_ACCOUNT.account_id, CASH_ACCOUNT.account_id]),
        ({"trdCategory": 1}, [*PAPER_SECURITIES, CASH_ACCOUNT.account_id]),
        (
            {"trdCategory": 1, "needGeneralSecAccount": True},
            [*PAPER_SECURITIES, UNIVERSAL_ACCOUNT.account_id, CASH_ACCOUNT.account_id],
        ),
        ({"trdCategory": 2}, [*PAPER_FUTURES, FUTURES_ACCOUNT.account_id]),
        ({"trdCategory": 3}, []),
    ],
)
def test_account_list_is_filtered(c2s, expected):
    """By category, and universal accounts only for those who ask for them."""
    assert [account.accID for account in listed(**c2s)] == expected


def test_account_list_refuses_an_unknown_category():
    """The text names the parameter."""
    reply = scripted_world().connect().ask(ProtoId.Trd_GetAccList, userID=0, trdCategory=9)
    assert (reply.retType, reply.retMsg) == (-1, "Invalid parameter: trdCategory=9")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Incorrect trading password."), ("chs", "交易密码错误")]
)
def test_unlocking_needs_the_password_and_counts_for_all_connections(language, text):
    """123456 is the password of all samples; locking needs none."""
    world = scripted_world(language=language)
    client = world.connect()
    wrong = client.ask(ProtoId.Trd_UnlockTrade, unlock=True, pwdMD5="0" * 32)
    assert (wrong.retType, wrong.retMsg) == (-1, text)
    assert not world.opend.login.trading_unlocked
    right = client.ask(
        ProtoId.Trd_UnlockTrade, unlock=True, pwdMD5="e10adc3949ba59abbe56e057f20f883e"
    )
    assert (right.retType, right.retMsg) == (0, "")
    assert world.opend.login.trading_unlocked
    assert world.connect().ask(ProtoId.Trd_UnlockTrade, unlock=False).retType == 0
    assert not world.opend.login.trading_unlocked


def test_unlocking_without_password_is_refused():
    """The text names what is missing."""
    reply = scripted_world().connect().ask(ProtoId.Trd_UnlockTrade, unlock=True)
    assert reply.retMsg == "Missing necessary parameter: pwdMD5"


def test_subscribing_to_an_unknown_account_changes_nothing():
    """The whole list is refused and the earlier one stays."""
    trader = Trader(scripted_world())
    reply = trader.client.ask(ProtoId.Trd_SubAccPush, accIDList=[US, 42])
    assert (reply.retType, reply.retMsg) == (-1, "Nonexisting acc_id 42.")
    assert trader.client.connection.account_pushes == {HK}


def test_funds_of_a_fresh_cash_account():
    """A million Hong Kong dollars, and no margin fields."""
    funds = Trader(scripted_world()).funds()
    assert (funds.power, funds.totalAssets, funds.cash) == (1e6, 1e6, 1e6)
    assert (funds.marketVal, funds.frozenCash, funds.debtCash, funds.currency) == (0, 0, 0, 1)
    for absent in ("initialMargin", "maintenanceMargin", "availableFunds", "maxPowerShort"):
        assert not funds.HasField(absent)


def test_funds_of_a_fresh_margin_account():
    """Buying power is twice the cash; the fields that live captures leave out are left out."""
    funds = Trader(scripted_world(), US).funds()
    assert (funds.power, funds.totalAssets, funds.maintenanceMargin) == (2e6, 1e6, 0)
    assert (funds.HasField("longMv"), funds.HasField("shortMv"), funds.currency) == (True, True, 2)
    for absent in ("riskLevel", "riskStatus", "initialMargin", "marginCallMargin", "isPdt"):
        assert not funds.HasField(absent)


def test_funds_and_position_agree_to_the_cent_after_a_purchase():
    """200 shares at 401 cost 80,200 and the seven listed fees, and are worth 80,200 still."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 200)
    trader.world.pass_time(1)
    fees = 24.06 + 15 + 0.5 + 2 + 80.2 + 4.01 + 2.17
    funds, (position,) = trader.funds(), trader.positions()
    assert funds.cash == pytest.approx(1e6 - 80_200 - fees, abs=0.005)
    assert funds.marketVal == position.val == position.qty * position.price
    assert funds.totalAssets == pytest.approx(funds.cash + funds.marketVal, abs=0.001)
    assert (position.code, position.secMarket, position.trdMarket) == ("00700", 1, 1)
    assert (position.qty, position.canSellQty, position.costPrice) == (200, 200, 401)
    assert position.dilutedCostPrice == 401
    assert not position.HasField("averageCostPrice")
    assert (position.td_buyQty, position.td_buyVal, position.td_trdVal) == (200, 80_200, 80_200)
    assert (position.accID, position.currency, position.positionSide) == (HK, 1, 0)


def test_open_order_freezes_cash_and_cancelling_frees_it():
    """Frozen cash is the order's value and its fees; power falls by the same amount."""
    trader = Trader(scripted_world())
    order_id = trader.place("00700", BUY, 100, 390).s2c.orderID
    funds = trader.funds()
    assert funds.frozenCash > 39_000
    assert funds.power == pytest.approx(1e6 - funds.frozenCash, abs=0.001)
    assert funds.cash == 1e6
    trader.modify(2, order_id)
    assert (trader.funds().frozenCash, trader.funds().power) == (0, 1e6)


def test_short_position_has_negative_quantity_and_value():
    """Selling without holdings opens a short position in the American account."""
    trader = Trader(scripted_world(US_REGULAR), US)
    trader.place("AAPL", SELL, 100)
    trader.world.pass_time(1)
    (position,) = trader.positions()
    assert (position.positionSide, position.qty, position.costPrice) == (1, -100, 99)
    assert position.val == -100 * position.price
    assert position.plVal == pytest.approx(100 * (99 - position.price))
    assert trader.funds().shortMv == position.val


def test_closed_position_stays_for_the_day_without_costs():
    """What was traded today remains visible, with the day's profit and no ratio."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 100)
    trader.world.pass_time(1)
    trader.place("00700", SELL, 100)
    trader.world.pass_time(1)
    (position,) = trader.positions()
    assert (position.qty, position.val, position.plVal, position.td_plVal) == (0, 0, -200, -200)
    assert not position.HasField("costPrice")
    assert not position.HasField("plRatio")
    assert trader.positions(filterPLRatioMin=-1.0) == []


def test_positions_are_filtered():
    """By code without prefix, id, market and fraction of profit."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 100)
    trader.place("00005", BUY, 400)
    trader.world.pass_time(1)
    tencent = trader.positions(filterConditions={"codeList": ["00700"]})
    assert [p.code for p in tencent] == ["00700"]
    by_id = trader.positions(filterConditions={"idList": [tencent[0].positionID]})
    assert [p.code for p in by_id] == ["00700"]
    assert len(trader.positions(filterConditions={"filterMarket": 1})) == 2
    assert trader.positions(filterConditions={"filterMarket": 2}) == []
    assert trader.positions(filterPLRatioMin=0.5) == []
    assert len(trader.positions(filterPLRatioMax=0.5)) == 2


def test_profit_ratio_is_a_fraction():
    """The client multiplies by 100 itself."""
    world = scripted_world()
    trader = Trader(world)
    trader.place("00700", BUY, 100)
    world.pass_time(1)
    world.opend.market.trade(TENCENT, world.now_ns, 441.1, 100)
    (position,) = trader.positions()
    assert position.plRatio == pytest.approx(0.1)
    assert position.plVal == pytest.approx(4010)
    assert position.td_plVal == pytest.approx(4010)


def test_max_quantities_follow_price_and_holdings():
    """A cash account buys whole lots from its cash and sells what it holds."""
    trader = Trader(scripted_world())
    trader.place("00700", BUY, 200)
    trader.world.pass_time(1)
    reply = trader.ask(ProtoId.Trd_GetMaxTrdQtys, orderType=LIMIT, code="00700", price=400.0)
    most = reply.s2c.maxTrdQtys
    assert (most.maxCashBuy, most.maxPositionSell, most.maxSellShort) == (2200, 200, 0)
    assert not most.HasField("session")


def test_max_quantities_of_a_margin_account():
    """Margin doubles what can be bought; the short side follows equity / (price x 0.6)."""
    trader = Trader(scripted_world(US_REGULAR), US)
    reply = trader.ask(
        ProtoId.Trd_GetMaxTrdQtys, orderType=LIMIT, code="AAPL", price=100.0, secMarket=2, session=1
    )
    most = reply.s2c.maxTrdQtys
    assert most.maxSellShort == 16_666
    assert most.maxCashAndMarginBuy > 1.9 * most.maxCashBuy > 0
    assert most.session == 1


def test_max_quantities_count_the_order_that_is_to_be_changed_as_free():
    """Either id names the order."""
    trader = Trader(scripted_world())
    placed = trader.place("00700", BUY, 2400, 400).s2c
    question = {"orderType": LIMIT, "code": "00700", "price": 400.0}
    most = [
        trader.ask(ProtoId.Trd_GetMaxTrdQtys, **question, **named).s2c.maxTrdQtys.maxCashBuy
        for named in ({}, {"orderID": placed.orderID}, {"orderIDEx": placed.orderIDEx})
    ]
    assert most == [0, 2400, 2400]


@pytest.mark.parametrize(
    ("c2s", "text"),
    [
        ({"code": "99999"}, "Unknown stock. 99999"),
        ({"code": "800000"}, "This account does not support trading HK.800000."),
        ({"orderType": 99}, "Unsupported order type."),
        ({"orderIDEx": "v3_none"}, "Order v3_none does not exist."),
        ({"orderID": 7}, "Order 7 does not exist."),
        ({"price": float("nan")}, "Invalid order price."),
        ({"price": 0.0}, "Invalid order price."),
    ],
)
def test_max_quantities_refusals(c2s, text):
    """What cannot be answered is refused with its text."""
    trader = Trader(scripted_world())
    question = {"orderType": LIMIT, "code": "00700", "price": 400.0, **c2s}
    reply = trader.ask(ProtoId.Trd_GetMaxTrdQtys, **question)
    assert (reply.retType, reply.retMsg) == (-1, text)


def test_max_quantities_of_a_market_order_need_no_price():
    """It is reckoned at the worst price it may trade at."""
    trader = Trader(scripted_world())
    reply = trader.ask(ProtoId.Trd_GetMaxTrdQtys, orderType=MARKET, code="00700", price=0.0)
    assert 2000 <= reply.s2c.maxTrdQtys.maxCashBuy < 2500


@pytest.mark.parametrize("language", ["en", "chs"])
@pytest.mark.parametrize(
    ("proto_id", "c2s", "texts"),
    [
        (
            ProtoId.Trd_GetMarginRatio,
            {"securityList": []},
            {
                "en": "Get Margin Trading Data does not support Stocks in HK Market",
                "chs": "模拟账户不支持",
            },
        ),
        (
            ProtoId.Trd_GetOrderFee,
            {"orderIdExList": ["v3_1"]},
            {"en": "Paper trading is not supported.", "chs": "暂时不支持模拟交易"},
        ),
        (
            ProtoId.Trd_FlowSummary,
            {"clearingDate": "2026-01-15"},
            {
                "en": "Paper trading accounts do not support querying cash flow records.",
                "chs": "模拟账户不支持查询现金流水",
            },
        ),
    ],
)
def test_what_paper_accounts_do_not_have_is_refused(language, proto_id, c2s, texts):
    """Margin ratios, fees and cash flows, with the texts that were seen."""
    reply = Trader(scripted_world(language=language)).ask(proto_id, **c2s)
    assert (reply.retType, reply.retMsg) == (-1, texts[language])


def test_margin_ratio_is_refused_for_the_account_even_with_the_real_environment():
    """The client library sends the real environment whatever the account is."""
    trader = Trader(scripted_world(), US)
    trader.header = {**trader.header, "trdEnv": 1}
    reply = trader.ask(ProtoId.Trd_GetMarginRatio, securityList=[])
    assert reply.retMsg == "Get Margin Trading Data does not support Stocks in US Market"


@pytest.mark.parametrize(
    ("change", "en", "chs"),
    [
        ({"accID": 42}, "Nonexisting acc_id 42.", "账户42不存在"),
        ({"trdEnv": 1}, f"Nonexisting acc_id {HK}.", f"账户{HK}不存在"),
        (
            {"trdMarket": 2},
            f"Account {HK} has no trading permission for the US market.",
            f"账户{HK}没有US市场的交易权限",
        ),
        (
            {"trdMarket": 99},
            f"Account {HK} has no trading permission for the 99 market.",
            f"账户{HK}没有99市场的交易权限",
        ),
    ],
)
@pytest.mark.parametrize("proto_id", [ProtoId.Trd_GetFunds, ProtoId.Trd_GetPositionList])
def test_header_must_fit_an_account(proto_id, change, en, chs):
    """Account, environment and market have to match."""
    for language, text in (("en", en), ("chs", chs)):
        trader = Trader(scripted_world(HK_MORNING, language))
        trader.header = {**trader.header, **change}
        reply = trader.ask(proto_id)
        assert (reply.retType, reply.retMsg) == (-1, text)


@pytest.mark.parametrize(("language", "name"), [("en", "Tencent"), ("chs", "腾讯控股")])
def test_names_follow_the_language(language, name):
    """Positions and orders carry the security's name, on the synthetic market."""
    trader = Trader(World(language=language))
    trader.place("00700", BUY, 100)
    trader.world.pass_time(1)
    assert {p.name for p in trader.positions()} == {o.name for o in trader.orders()} == {name}
