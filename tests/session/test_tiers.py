"""The tiers of the quotas: by assets, by trades and by turnover; looked at again every two hours."""

from decimal import Decimal

import pytest

from gateway.assembly import choose_quota
from gateway.config import Settings
from gateway.pb import Notify
from gateway.session.tiers import Standing, quota_of, real_assets, real_standing
from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import CASH_ACCOUNT, DEFAULT_ACCOUNTS, FUTURES_ACCOUNT
from simulator.domain import (
    Environment,
    Market,
    OrderRequest,
    OrderType,
    Security,
    Side,
)
from tests.support.conversation import World

TENCENT = Security(Market.HK, "00700")
HSI_FUTURE = Security(Market.HK, "HSImain")


@pytest.mark.parametrize(
    ("assets", "trades", "turnover", "units"),
    [
        ("0", 0, "0", 100),
        ("9999.99", 0, "0", 100),
        ("10000", 0, "0", 300),
        ("499999.99", 200, "2000000", 300),
        ("500000", 0, "0", 1000),
        ("0", 201, "0", 1000),
        ("0", 0, "2000000.01", 1000),
        ("4999999.99", 2000, "20000000", 1000),
        ("5000000", 0, "0", 2000),
        ("0", 2001, "0", 2000),
        ("0", 0, "20000000.01", 2000),
    ],
)
def test_each_tier_begins_at_its_border(assets, trades, turnover, units):
    """Any of three conditions will do: assets reach it, trades or turnover exceed it. Source: [D]."""
    assert quota_of(Standing(Decimal(assets), trades, Decimal(turnover))) == units


def test_only_real_money_counts():
    """Paper accounts hold millions and buy no quota."""
    world = World()
    paper = World(accounts=[a for a in DEFAULT_ACCOUNTS if a.environment is Environment.SIMULATE])

    assert real_assets(paper.opend.engine, paper.now_ns) == 0
    assert real_assets(world.opend.engine, world.now_ns) >= 1_000_000


def trade(world, account_id, security, quantity):
    """Buy at once by command, at the market's price, and return what that is worth."""
    engine = world.opend.engine
    price = Decimal(repr(world.opend.market.quote(security, world.now_ns).last))
    request = OrderRequest(
        account_id, security, Side.BUY, OrderType.NORMAL, Decimal(quantity), price
    )
    order = engine.submit(request, world.now_ns)
    engine.fill(order.order_id, None, price, world.now_ns)
    return price * quantity


def test_fills_and_turnover_of_a_month_count():
    """Last month's figures still count, those of the month before do not."""
    world = World(accounts=(CASH_ACCOUNT,))
    value = trade(world, CASH_ACCOUNT.account_id, TENCENT, 100)
    standing = real_standing(world.opend.engine, world.now_ns)

    assert (standing.trades, standing.turnover) == (1, value)
    world.now_ns += 75 * 86_400 * 10**9
    assert real_standing(world.opend.engine, world.now_ns).trades == 0


def test_a_tenth_of_the_turnover_in_futures_counts():
    """Of price × multiplier × contracts. Source: [D]."""
    world = World(accounts=(FUTURES_ACCOUNT,))
    value = trade(world, FUTURES_ACCOUNT.account_id, HSI_FUTURE, 1)

    assert real_standing(world.opend.engine, world.now_ns).turnover == value * 50 / 10


def sizes_told(client):
    return [
        (push.s2c.apiQuota.subQuota, push.s2c.apiQuota.historyKLQuota)
        for push in client.collect()
        if push.proto_id is ProtoId.Notify and push.s2c.type == Notify.NotifyType_APIQuota
    ]


def test_a_deposit_lifts_the_quotas_within_two_hours():
    """Clients hear of it; what a command chooses stays chosen. Source: [D]."""
    world = World(accounts=(CASH_ACCOUNT,))
    choose_quota(Settings(sim_quota_tier="assets"), world.opend, world.now_ns)
    assert world.opend.subscriptions.quota == 1000
    client = world.connect()
    world.command(f"sim_deposit -account={CASH_ACCOUNT.account_id} -amount=4000000")
    world.pass_time(2 * 3600 - 1)
    assert sizes_told(client) == []
    world.pass_time(1)
    assert sizes_told(client) == [(2000, 2000)]

    world.command("sim_quota -subscriptions=7")
    world.pass_time(3 * 3600)
    assert sizes_told(client) == [(7, 2000)]
