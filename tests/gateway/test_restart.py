"""What commands did, what was answered and who stood where outlive the process."""

from __future__ import annotations

import json

import pytest

from gateway.session.roster import Roster
from gateway.store.memory import MemoryStore
from gateway.store.opening import open_store
from gateway.store.rows import Row, from_row, to_row
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Period
from tests.support.conversation import World
from tests.support.markets import security, utc_ns, wall_market
from tests.support.trade_client import BUY, Trader
from tests.support.trading import HK

TEN = utc_ns("2026-01-15T10:00:00+08:00")
TENCENT, HSBC, ALIBABA = security("HK.00700"), security("HK.00005"), security("HK.09988")


@pytest.fixture
def world() -> World:
    """10:00 on a trading day in Hong Kong."""
    return World(start_ns=TEN, market=wall_market())


def restarted(world: World) -> World:
    """A second run on what the first one kept, its connections having other ids."""
    world.opend.keep_changes()
    records = [
        from_row(Row(*json.loads(json.dumps(to_row(record)))))
        for record in world.opend.store.load().records
    ]
    again = World(start_ns=world.now_ns, market=wall_market())
    again.opend.roster = Roster(1, run=1)
    again.opend.restore(records, again.now_ns)
    again.pass_time(0)
    return again


def picture(world: World, stock) -> tuple:
    """What interfaces say of a security."""
    market, now = world.opend.market, world.now_ns
    candles = market.recent_candles(stock, Period.MINUTE_1, 20, now)
    return (
        market.quote(stock, now),
        market.displayed_book(stock, now),
        market.trades(stock, now, 50),
        candles.close.tolist(),
        candles.turnover.tolist(),
    )


def test_trading_pauses_survive(world: World) -> None:
    """What a fall leads to by itself happens in the second run as in the first."""
    world.command("sim_price -security=HK.00700 -percent=-15 -over=2m")
    world.command("sim_price -security=HK.00005 -percent=12 -halts=on")
    world.pass_time(60)
    again = restarted(world)

    for seconds in (0, 120, 1500):
        world.pass_time(seconds)
        again.pass_time(seconds)
        for stock in (TENCENT, HSBC):
            assert picture(again, stock) == picture(world, stock)


def test_prices_halts_and_limits_survive(world: World) -> None:
    """A path on its way, a halt and a locked price go on as if nothing had been."""
    world.command("sim_price -security=HK.00700 -path=0s:500,10m:480")
    world.command("sim_halt -security=HK.00005 -lasts=20m")
    world.command("sim_limit_up -security=HK.09988 -percent=10")
    world.pass_time(120)
    again = restarted(world)

    for seconds in (0, 120, 1500):
        world.pass_time(seconds)
        again.pass_time(seconds)
        for stock in (TENCENT, HSBC, ALIBABA):
            assert picture(again, stock) == picture(world, stock)


def test_another_seed_survives(world: World) -> None:
    """The market that a command chose, and what was bent in it since."""
    before = picture(world, TENCENT)
    world.command("sim_seed -seed=7")
    world.command("sim_price -security=HK.00700 -percent=-3")
    again = restarted(world)

    assert picture(again, TENCENT) == picture(world, TENCENT) != before


def test_plans_and_held_orders_survive(world: World) -> None:
    """The next order still fills half, and what is held still waits."""
    trader = Trader(world, HK)
    world.command("sim_order -action=hold -security=HK.00005")
    held = trader.place("00005", BUY, 400, 900.0)
    assert held.retType == 0, held.retMsg
    world.pass_time(1)
    world.command("sim_order -action=fill -security=HK.00700 -percent=50")
    again = restarted(world)
    trader = Trader(again, HK)
    trader.place("00700", BUY, 400, 900.0)
    again.pass_time(5)

    filled = {order.code: order.fillQty for order in trader.orders()}
    assert filled == {"00700": 200, "00005": 0}
    again.command(f"sim_order -action=release -order_id={held.s2c.orderID}")
    again.pass_time(5)
    assert {order.code: order.fillQty for order in trader.orders()}["00005"] == 400


def test_a_packet_of_the_run_before_is_answered_and_trades_once(world: World) -> None:
    """Its answer is repeated to whoever sends it again; a refusal stays one."""
    trader = Trader(world, HK)
    packet, refused = trader.packet(), trader.packet()
    first = trader.place("00700", BUY, 100, 390, packetID=packet)
    no = trader.place("00700", BUY, 1, 390, packetID=refused)
    again = restarted(world)
    trader = Trader(again, HK)
    second = trader.place("00700", BUY, 100, 390, packetID=packet)

    assert (first.retType, no.retType) == (0, -1)
    assert second.s2c == first.s2c
    assert trader.place("00700", BUY, 1, 390, packetID=refused).retMsg == no.retMsg
    assert trader.place("00700", BUY, 200, 390, packetID=packet).retType == -1
    assert len(trader.orders()) == 1
    foreign = {"connID": packet["connID"] + 1, "serialNo": 1}
    assert trader.place("00700", BUY, 100, 390, packetID=foreign).retType == -1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_reset_leaves_nothing_behind_in_any_store(world: World, tmp_path, kind: str) -> None:
    """After the next start accounts and market are as on the first day."""
    place = "memory" if kind == "memory" else f"sqlite:{tmp_path}/state.sqlite3"
    store = open_store(place, lambda call: call(), pytest.fail)
    world.opend.store = store
    trader = Trader(world, HK)
    trader.place("00700", BUY, 100, 900.0)
    trader.place("00005", BUY, 400, 10.0)
    world.command("sim_price -security=HK.00005 -percent=2")
    world.pass_time(5)
    world.opend.keep_changes()
    assert trader.positions()
    assert world.command("sim_reset") == "Reset: all"
    world.opend.keep_changes()
    assert trader.positions() == trader.orders() == []
    if kind == "sqlite":
        store.close()
        store = open_store(place, lambda call: call(), pytest.fail)
    world.opend.store = MemoryStore()
    world.opend.store.append(store.load().records)
    store.close()
    again, fresh = restarted(world), World(start_ns=world.now_ns, market=wall_market())

    assert Trader(again, HK).funds() == Trader(fresh, HK).funds()
    for stock in (TENCENT, HSBC):
        assert picture(again, stock) == picture(fresh, stock)
    kinds = {type(record).__name__ for record in store_records(again)}
    assert kinds <= {"LedgerRecord", "CounterRecord", "AnswerRecord", "PlansRecord"}


def store_records(world: World):
    world.opend.keep_changes()
    return world.opend.store.load().records


def history_quota(world: World):
    """Used and left, and the securities, as a client reads them."""
    told = world.connect().ask(ProtoId.Qot_RequestHistoryKLQuota, bGetDetail=True).s2c
    codes = [item.security.code for item in told.detailList]
    return told.usedQuota, told.remainQuota, codes


def read_history(world: World, *stocks) -> list[int]:
    client = world.connect()
    span = {"beginTime": "2026-01-05", "endTime": "2026-01-14", "klType": 2, "rehabType": 0}
    return [
        client.ask(
            ProtoId.Qot_RequestHistoryKL,
            security={"market": stock.market, "code": stock.code},
            **span,
        ).retType
        for stock in stocks
    ]


def test_history_units_stay_used(world: World) -> None:
    """A restart gives none back before its time, and a unit given back stays so."""
    assert read_history(world, TENCENT) == [0]
    world.now_ns += 2 * 86_400 * 10**9
    assert read_history(world, HSBC) == [0]
    again = restarted(world)
    again.opend.store = world.opend.store
    assert history_quota(again) == (2, 998, ["00700", "00005"])

    again.now_ns += 5 * 86_400 * 10**9
    assert history_quota(again) == (1, 999, ["00005"])
    assert read_history(again, TENCENT) == [0]
    assert history_quota(restarted(again)) == (2, 998, ["00005", "00700"])


def test_one_account_is_reset_alone(world: World) -> None:
    """Another one keeps what it has."""
    other = 9053219
    for account in (HK, other):
        world.command(f"sim_deposit -account={account} -amount=5")
    world.command(f"sim_reset -account={HK}")
    again = restarted(world)
    cash = {a: again.opend.engine.funds(a, again.now_ns).cash for a in (HK, other)}

    assert cash == {HK: 1_000_000, other: 1_000_005}


def test_margin_is_watched_from_the_start(world: World) -> None:
    """A written position that eats its equity is closed without any further fill."""
    account = 10741586
    world.now_ns = utc_ns("2026-01-15T10:00:00-05:00")
    world.pass_time(0)
    world.command(f"sim_position -account={account} -security=US.AAPL -quantity=-9000 -price=1")
    again = restarted(world)
    again.pass_time(150)

    (order,) = again.opend.engine.orders(account, again.now_ns)
    assert order.remark == "forced_liquidation"
    assert Trader(again, account).ask(ProtoId.Trd_GetFunds).retType == 0
