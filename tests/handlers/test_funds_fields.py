"""Every field of an account's money, by kind of account: which are there, and that they agree."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import (
    CASH_ACCOUNT,
    FUTURES_ACCOUNT,
    PAPER_ACCOUNTS,
    UNIVERSAL_ACCOUNT,
)
from simulator.domain import AccountSpec
from tests.support.sources import HK_MORNING, US_REGULAR
from tests.support.trade_client import BUY, Trader, scripted_world

PASSWORD = "e10adc3949ba59abbe56e057f20f883e"
ALL = frozenset(
    [
        "power",
        "totalAssets",
        "cash",
        "marketVal",
        "frozenCash",
        "debtCash",
        "avlWithdrawalCash",
        "currency",
        "netCashPower",
        "longMv",
        "shortMv",
    ]
)
MARGIN = frozenset({"maintenanceMargin"})
FUTURES = MARGIN | frozenset(
    [
        "availableFunds",
        "unrealizedPL",
        "realizedPL",
        "riskLevel",
        "initialMargin",
        "marginCallMargin",
        "cashInfoList",
    ]
)
REAL = frozenset({"pendingAsset"})
ASSETS = REAL | {"securitiesAssets", "fundAssets", "bondAssets"}
UNIVERSAL = MARGIN | frozenset(
    [
        "availableFunds",
        "initialMargin",
        "marginCallMargin",
        "maxPowerShort",
        "maxWithdrawal",
        "riskStatus",
        "riskLevel",
        "cashInfoList",
        "marketInfoList",
    ]
)
DAY_TRADING = frozenset(
    ["isPdt", "pdtSeq", "beginningDTBP", "remainingDTBP", "dtCallAmount", "dtStatus"]
)
HK_CASH, US_MARGIN, CN_CASH, HK_OPTION, *FUTURES_PAPER = PAPER_ACCOUNTS
ROWS = [
    (HK_CASH, ALL),
    (US_MARGIN, ALL | MARGIN),
    (CN_CASH, ALL),
    (HK_OPTION, ALL | MARGIN),
    *((spec, ALL | FUTURES) for spec in FUTURES_PAPER),
    (UNIVERSAL_ACCOUNT, ALL | UNIVERSAL | ASSETS),
    (FUTURES_ACCOUNT, ALL | FUTURES | REAL),
    (CASH_ACCOUNT, ALL | ASSETS),
]


def trader_of(spec: AccountSpec, start_ns: int = HK_MORNING, market: int | None = None) -> Trader:
    trader = Trader(scripted_world(start_ns), spec.account_id, market=market)
    if not spec.is_paper:
        reply = trader.client.ask(ProtoId.Trd_UnlockTrade, unlock=True, pwdMD5=PASSWORD)
        assert reply.retType == 0, reply.retMsg
    return trader


def funds(trader: Trader, currency: int):
    reply = trader.ask(ProtoId.Trd_GetFunds, currency=currency)
    assert reply.retType == 0, reply.retMsg
    return reply.s2c.funds


@pytest.mark.parametrize(("spec", "names"), ROWS)
def test_each_kind_of_account_has_its_fields(spec: AccountSpec, names: frozenset[str]) -> None:
    """No field of another kind, none missing."""
    found = {field.name for field, _ in funds(trader_of(spec), spec.currency).ListFields()}
    assert found - DAY_TRADING == names


@pytest.mark.parametrize(
    ("spec", "start_ns", "market", "code"),
    [
        (HK_CASH, HK_MORNING, 1, "00700"),
        (CASH_ACCOUNT, HK_MORNING, 1, "00700"),
        (UNIVERSAL_ACCOUNT, HK_MORNING, 1, "00700"),
        (US_MARGIN, US_REGULAR, 2, "AAPL"),
        (UNIVERSAL_ACCOUNT, US_REGULAR, 2, "AAPL"),
    ],
)
def test_money_agrees_with_positions_and_open_orders(spec, start_ns, market, code) -> None:
    """With a holding and an open order: values, assets and frozen cash to the cent."""
    trader = trader_of(spec, start_ns, market)
    before = funds(trader, spec.currency)
    assert trader.place(code, BUY, 100, secMarket=market).retType == 0
    trader.world.pass_time(1)
    held = funds(trader, spec.currency)
    (position,) = trader.positions()
    rate = 7.8 if position.currency != spec.currency else 1.0
    value = position.val * rate

    assert held.marketVal == held.longMv == pytest.approx(value, abs=0.005)
    assert held.shortMv == held.frozenCash == 0
    assert held.totalAssets == pytest.approx(held.cash + value, abs=0.005)
    paid = before.cash - held.cash
    assert paid > position.averageCostPrice * 100 * rate
    resting = trader.place(code, BUY, 100, position.price - 1, secMarket=market)
    assert resting.retType == 0, resting.retMsg
    trader.world.pass_time(1)
    frozen = funds(trader, spec.currency)
    (order,) = [o for o in trader.orders() if not o.fillQty]
    assert frozen.frozenCash >= order.price * 100 * rate - 0.005
    assert frozen.cash == held.cash
    assert frozen.netCashPower == pytest.approx(frozen.cash - frozen.frozenCash, abs=0.005)
    assert frozen.avlWithdrawalCash <= held.avlWithdrawalCash


def test_each_currency_shows_the_same_money() -> None:
    """A universal account's sums by the rates; what lies in each currency stays."""
    trader = trader_of(UNIVERSAL_ACCOUNT)
    in_hkd = funds(trader, 1)
    for currency, rate in ((2, 7.8), (3, 1.117)):
        shown = funds(trader, currency)
        for name in ("power", "totalAssets", "cash", "availableFunds", "maxWithdrawal"):
            assert getattr(shown, name) == pytest.approx(getattr(in_hkd, name) / rate, abs=0.01)
        assert list(shown.cashInfoList) == list(in_hkd.cashInfoList)
