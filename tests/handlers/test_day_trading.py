"""American margin accounts: the pattern day trader's mark, power and call, and the two guards."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.assembly import build_opend
from gateway.config import Settings
from gateway.continuity import ClockState
from gateway.pb import Trd_Common
from gateway.store.memory import MemoryStore
from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import UNIVERSAL_ACCOUNT
from simulator.brokerage.day_trading import DayTradeGuards
from simulator.domain import Currency, SecurityFirm, TradingMarket
from tests.support.sources import US_REGULAR
from tests.support.trade_client import BUY, SELL, Trader, scripted_world

UNLOCK = {"unlock": True, "pwdMD5": "e10adc3949ba59abbe56e057f20f883e"}
PRICE = 100.0
"""At which the scripted Apple can be bought and sold at once."""
MARKED = (
    "The order might mark you as a Pattern Day Trader (PDT) and was not placed. "
    "To place it nevertheless, set the startup parameter pdt_protection of OpenD to 0."
)


def american(cash="100000", **spec):
    return replace(
        UNIVERSAL_ACCOUNT,
        account_id=281756000000000003,
        is_universal=False,
        firm=SecurityFirm.FUTU_INC,
        markets=(TradingMarket.US,),
        currency=Currency.USD,
        initial_cash=Decimal(cash),
        more_cash=(),
        **spec,
    )


def trader_of(spec, guards=None, language="en"):
    world = scripted_world(US_REGULAR, accounts=(spec,), guards=guards, language=language)
    trader = Trader(world, spec.account_id)
    assert trader.client.ask(ProtoId.Trd_UnlockTrade, **UNLOCK).retType == 0
    return trader


def trade(trader, side, quantity=10):
    """Trade at once; the refusal, or nothing."""
    limit = PRICE * 2 if side == BUY else PRICE / 2
    reply = trader.place("AAPL", side, quantity, limit)
    trader.world.pass_time(1)
    return reply.retMsg


def day_trade(trader, quantity=10):
    return trade(trader, BUY, quantity) or trade(trader, SELL, quantity)


def standing(trader):
    funds = trader.funds()
    return funds.isPdt, funds.pdtSeq, funds.dtStatus


@pytest.mark.parametrize("protects", [True, False])
def test_the_fourth_day_trade_is_stopped_unless_it_is_wanted(protects):
    """With `pdt_protection` the closing order is refused; without, it marks the account. Source: [D]."""
    trader = trader_of(american(), DayTradeGuards(against_mark=protects))
    for left in ("3", "2", "1"):
        assert standing(trader) == (False, left, Trd_Common.DTStatus_Unknown)
        assert day_trade(trader) == ""
    assert trade(trader, BUY) == ""
    refused = trade(trader, SELL)

    if protects:
        assert refused == MARKED
        assert standing(trader) == (False, "0", Trd_Common.DTStatus_Unknown)
        assert trader.positions()[0].qty == 10
    else:
        assert refused == ""
        assert standing(trader) == (True, "Unlimited", Trd_Common.DTStatus_Unlimited)


def test_the_window_slides_by_trade_dates():
    """Overnight the position is free to go, and a week later there are three day trades again."""
    trader = trader_of(american())
    for _ in range(3):
        day_trade(trader)
    trade(trader, BUY)
    assert trade(trader, SELL) == MARKED
    trader.world.pass_time(86_400)
    assert trade(trader, SELL) == ""
    assert standing(trader)[1] == "0"
    trader.world.pass_time(7 * 86_400)
    assert standing(trader)[1] == "3"


def test_a_marked_account_with_little_equity_opens_nothing():
    """Whatever the guards say; closing is free, and a deposit helps. Source: [D]."""
    trader = trader_of(american("26000"), DayTradeGuards(against_mark=False, against_call=False))
    for _ in range(4):
        assert day_trade(trader, 1) == ""
    assert trade(trader, BUY, 1) == ""
    trader.world.command("sim_withdraw -account=281756000000000003 -amount=2000")

    assert standing(trader) == (True, "0", Trd_Common.DTStatus_EMCall)
    assert trade(trader, BUY, 1) == (
        "You are marked as a Pattern Day Trader (PDT). "
        "New positions are not allowed until your equity is above $25000."
    )
    assert trade(trader, SELL, 1) == ""
    trader.world.command("sim_deposit -account=281756000000000003 -amount=3000")
    assert trade(trader, BUY, 1) == ""


@pytest.mark.parametrize("warns", [True, False])
def test_opening_beyond_the_power_is_stopped_unless_it_is_wanted(warns):
    """With `dtcall_confirmation` it is refused; without, closing it again ends in a call. [D]."""
    guards = DayTradeGuards(against_mark=False, against_call=warns)
    trader = trader_of(american("30000"), guards)
    for _ in range(4):
        assert day_trade(trader, 1) == ""
    trader.world.pass_time(86_400)
    funds = trader.funds()
    power = funds.beginningDTBP
    assert funds.remainingDTBP == power == pytest.approx(4 * funds.totalAssets, rel=1e-3)

    # A deposit of today lifts what may be bought, and not what may be day-traded.
    trader.world.command("sim_deposit -account=281756000000000003 -amount=100000")
    too_much = int(power / PRICE) + 20
    refused = trader.place("AAPL", BUY, too_much, PRICE + 1).retMsg
    trader.world.pass_time(1)
    if warns:
        assert refused.startswith("The order exceeds your remaining day-trading buying power.")
        assert "dtcall_confirmation" in refused
        assert trader.positions() == []
        return
    assert refused == ""
    assert trader.funds().remainingDTBP == 0
    assert trade(trader, SELL, too_much) == ""
    funds = trader.funds()
    assert funds.dtStatus == Trd_Common.DTStatus_DTCall
    assert funds.dtCallAmount == pytest.approx((too_much * (PRICE + 1) - power) / 4, abs=20)
    trader.world.command("sim_deposit -account=281756000000000003 -amount=1000")
    assert (trader.funds().dtCallAmount, standing(trader)[1]) == (0, "Unlimited")


def test_the_texts_are_chinese_too():
    """Both guards name the parameter that switches them off."""
    trader = trader_of(american(), language="chs")
    for _ in range(3):
        day_trade(trader)
    trade(trader, BUY)
    refused = trade(trader, SELL)

    assert refused.startswith("您即将被标记为日内交易者(PDT)")
    assert "pdt_protection" in refused


@pytest.mark.parametrize(
    "spec",
    [
        american(account_type=UNIVERSAL_ACCOUNT.account_type.CASH),
        replace(american(), firm=SecurityFirm.FUTU_SECURITIES),
    ],
    ids=["cash", "other firm"],
)
def test_others_trade_as_they_like(spec):
    """The rules are those of American margin accounts; elsewhere GetFunds says nothing of them."""
    trader = trader_of(spec)
    for _ in range(5):
        assert day_trade(trader, 1) == ""
    assert not trader.funds().HasField("isPdt")


def test_the_settings_reach_the_account(tmp_path):
    """The accounts file names the firm, FutuOpenD.xml the guards."""
    path = tmp_path / "accounts.json"
    path.write_text(
        '[{"id": 5, "environment": "REAL", "type": "MARGIN", "firm": "FUTU_INC",'
        ' "markets": ["US"], "cash": {"USD": "30000"}}]'
    )
    settings = Settings(sim_universe_size="named", sim_accounts=path)
    opend = build_opend(settings, ClockState(US_REGULAR, US_REGULAR), MemoryStore())
    found = opend.engine.day_trading(5, US_REGULAR)

    assert found is not None
    assert (found.is_marked, found.trades_left, found.beginning_power) == (False, 3, 120_000)
