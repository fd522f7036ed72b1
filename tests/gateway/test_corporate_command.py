"""A corporate action by command: price, rehab, bars, accounts and orders tell the same story."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import Adjustment, Period
from simulator.market.candles import Chart
from tests.gateway.test_restart import restarted
from tests.handlers.test_trd_real import UNLOCK
from tests.support.conversation import World
from tests.support.markets import security, utc_ns, wall_market
from tests.support.trade_client import BUY, Trader
from tests.support.trading import HK, US

TEN = utc_ns("2026-01-15T10:00:00+08:00")
NEXT_TEN = utc_ns("2026-01-16T10:00:00+08:00")
CODE, TENCENT = "HK.00700", security("HK.00700")
REAL = 281756479345015383


@pytest.fixture
def world() -> World:
    """10:00 on a trading day in Hong Kong."""
    return World(start_ns=TEN, market=wall_market())


def later(world: World, now_ns: int = NEXT_TEN) -> None:
    world.opend.engine.leap(now_ns)
    world.now_ns = now_ns
    world.pass_time(0)


def closes(world: World, adjustment: Adjustment) -> list[float]:
    """The last two day bars."""
    chart = Chart(adjustment)
    bars = world.opend.market.recent_candles(TENCENT, Period.DAY, 2, world.now_ns, chart)
    return bars.close.tolist()


@pytest.mark.parametrize(
    ("parameters", "factor", "shares", "paid"),
    [
        ("-kind=dividend -amount=30", None, 1, 6000),
        ("-kind=split -ratio=1:5", 0.2, 5, 0),
        ("-kind=split -ratio=10:1", 10.0, 0.1, 0),
        ("-kind=bonus -ratio=10:2", 1 / 1.2, 1.2, 0),
        ("-kind=rights -ratio=2:1 -price=200", None, 1, None),
    ],
)
def test_everything_follows_from_a_declared_action(
    world: World, parameters: str, factor: float | None, shares: float, paid: float | None
) -> None:
    """What was held is worth the same; forward bars are continuous; the factor is in the rehab."""
    world.command(f"sim_position -account={REAL} -security={CODE} -quantity=200")
    engine, market = world.opend.engine, world.opend.market
    twin = World(start_ns=TEN, market=wall_market())
    answer = world.command(f"sim_corporate_action -security={CODE} {parameters}")
    kind = parameters.split(maxsplit=1)[0].removeprefix("-kind=")
    assert answer == f"{CODE} on 2026-01-16: {kind}"
    before = market.quote(TENCENT, world.now_ns)
    assert before == twin.opend.market.quote(TENCENT, world.now_ns)
    later(world)
    later(twin)

    (held,) = engine.positions(REAL, world.now_ns)
    quote, seeded = (w.opend.market.quote(TENCENT, NEXT_TEN) for w in (world, twin))
    assert held.quantity == round(200 * shares)
    move = quote.last / quote.previous_close
    assert move == pytest.approx(seeded.last / seeded.previous_close, rel=0.004)
    if factor is not None:
        assert quote.last / seeded.last == pytest.approx(factor, rel=0.003)
    received = sum(float(e.amount) for e in engine.ledger(REAL) if e.security == TENCENT)
    if paid is not None:
        assert received == paid
    worth = held.quantity * quote.previous_close + received
    assert worth == pytest.approx(200 * seeded.previous_close, rel=1e-5)
    forward, plain = closes(world, Adjustment.FORWARD), closes(twin, Adjustment.FORWARD)
    assert forward[1] / forward[0] == pytest.approx(plain[1] / plain[0], rel=0.004)
    table = market.adjustments(TENCENT, NEXT_TEN)
    seeded_table = twin.opend.market.adjustments(TENCENT, NEXT_TEN)
    assert len(table.actions) == len(seeded_table.actions) + 1
    reply = world.connect().ask(ProtoId.Qot_RequestRehab, security={"market": 1, "code": "00700"})
    assert reply.s2c.rehabList[-1].time == "2026-01-16"


def test_a_split_by_command_cancels_orders_and_outlives_a_restart(world: World) -> None:
    """The order that was to last is cancelled on the ex-date, also when that is another run's."""
    trader = Trader(world, REAL)
    assert trader.client.ask(ProtoId.Trd_UnlockTrade, **UNLOCK).retType == 0
    world.command(f"sim_corporate_action -security={CODE} -kind=split -ratio=1:5")
    bid = round(world.opend.market.quote(TENCENT, world.now_ns).bid) - 5.0
    placed = trader.place("00700", BUY, 100, bid, timeInForce=1)
    assert placed.retType == 0, placed.retMsg
    world.command(f"sim_price -security={CODE} -percent=9")
    world.pass_time(1)
    again = restarted(world)
    later(again)

    (order,) = Trader(again, REAL).orders()
    assert (order.orderStatus, order.fillQty) == (15, 0)
    quote = again.opend.market.quote(TENCENT, NEXT_TEN)
    assert quote.last < world.opend.market.quote(TENCENT, TEN).last / 4


def test_prices_can_be_set_around_an_action(world: World) -> None:
    """A price set before holds until the ex-date and falls with it; one set after is that price."""
    world.command(f"sim_corporate_action -security={CODE} -kind=split -ratio=1:4")
    world.command(f"sim_price -security={CODE} -price=800")
    quote = world.opend.market.quote
    assert quote(TENCENT, world.now_ns).last == 800
    later(world)
    assert quote(TENCENT, NEXT_TEN).last == pytest.approx(200, rel=0.1)
    world.command(f"sim_price -security={CODE} -price=150")
    assert quote(TENCENT, world.now_ns).last == 150


def test_a_suspension_lasts_whole_days(world: World) -> None:
    """No trading on the two days, the flag is up, and `sim_resume` would end it."""
    world.command(f"sim_corporate_action -security={CODE} -kind=suspension -days=2")
    states = []
    for day in ("15T11:00", "16T11:00", "19T11:00", "20T11:00"):
        later(world, utc_ns(f"2026-01-{day}:00+08:00"))
        quote = world.opend.market.quote(TENCENT, world.now_ns)
        states.append((quote.is_suspended, quote.volume > 0))

    assert states == [(False, True), (True, False), (True, False), (False, True)]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("-security=HK.800000 -kind=dividend -amount=1", "follows from its underlying"),
        (f"-security={CODE} -kind=dividend", "A dividend needs its amount"),
        (f"-security={CODE} -kind=split -ratio=4", "a ratio such as 1:4"),
        (f"-security={CODE} -kind=dividend -amount=1 -date=2026-01-15", "no later trading day"),
        (f"-security={CODE} -kind=dividend -amount=1 -date=2026-01-17", "no later trading day"),
        (f"-security={CODE} -kind=dividend -amount=1 -date=soon", "a date such as"),
        (f"-security={CODE} -kind=suspension -days=0", "a number above 0"),
        (f"-security={CODE} -kind=suspension -days=20000", "an integer from 1 to 1000"),
        (f"-security={CODE} -kind=suspension -date=2099-12-31", "no later trading day"),
    ],
)
def test_what_cannot_be_declared_is_refused(world: World, line: str, text: str) -> None:
    """With the reason."""
    assert text in world.command(f"sim_corporate_action {line}")


def test_options_follow_a_split_by_command(world: World) -> None:
    """Four contracts at a quarter of the strike for one; what they are worth stays about the same."""
    world.now_ns = utc_ns("2026-01-15T10:00:00-05:00")
    world.pass_time(0)
    last = world.opend.market.quote(security("US.AAPL"), world.now_ns).last
    strike = int(last * 0.8 / 10) * 10
    option = f"US.AAPL260220C{strike * 1000}"
    world.command(f"sim_position -account={US} -security={option} -quantity=2")
    world.command("sim_corporate_action -security=US.AAPL -kind=split -ratio=1:4")
    later(world, utc_ns("2026-01-16T10:00:00-05:00"))

    (held,) = world.opend.engine.positions(US, world.now_ns)
    assert held.security.code == f"AAPL260220C{strike * 250}"
    assert held.quantity == 8
    price = world.opend.market.quote(security("US.AAPL"), world.now_ns).last
    book = world.opend.market.displayed_book(held.security, world.now_ns)
    assert book.bids[0].price == pytest.approx(price - strike / 4, abs=2)


def test_options_of_an_account_end_by_command(world: World) -> None:
    """All that it holds, at present prices; a share is no derivative."""
    world.now_ns = utc_ns("2026-01-15T10:00:00-05:00")
    world.pass_time(0)
    quote = world.opend.market.quote(security("US.AAPL"), world.now_ns)
    deep = int(quote.last * 0.8 / 10) * 10
    option = f"US.AAPL260220C{deep * 1000}"
    world.command(f"sim_position -account={US} -security={option} -quantity=2")
    assert world.command(f"sim_expire -account={US}") == "Expired; positions settled: 1"

    held = {p.security.code: p for p in world.opend.engine.positions(US, world.now_ns)}
    assert held["AAPL"].quantity == 200
    assert held["AAPL"].average_cost_price == deep
    assert "an option" in world.command("sim_expire -security=US.AAPL")
    assert world.command(f"sim_expire -account={HK}") == "Expired; positions settled: 0"
