"""Commands change time, markets, orders and accounts, and every interface tells the same story."""

from __future__ import annotations

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.markets import security, utc_ns, wall_market
from tests.support.trade_client import BUY, LIMIT, SELL, Trader
from tests.support.trading import HK, US

TENCENT = {"market": 1, "code": "00700"}
TEN_IN_HK = 1_768_442_400 * 10**9
SYMBOL = "HK.00700"
_ = (LIMIT, SELL)


@pytest.fixture
def world() -> World:
    """10:00 on a trading day in Hong Kong."""
    return World(start_ns=TEN_IN_HK, market=wall_market())


def last_price(world: World) -> float:
    """What a snapshot says."""
    reply = world.connect().ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[TENCENT])
    assert reply.retType == 0, reply.retMsg
    return reply.s2c.snapshotList[0].basic.curPrice


def test_every_interface_shows_a_set_price_at_once(world: World) -> None:
    """Snapshot, quote, tape, book and the running candle agree, and subscribers are pushed."""
    client = world.connect()
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=[1, 2, 4, 6],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
        isFirstPush=False,
    )
    client.collect()
    assert world.command(f"sim_price -security={SYMBOL} -price=500.1") == (
        f"Price of {SYMBOL}: 500.0"
    )

    assert last_price(world) == 500.0
    pushed = {push.proto_id: push.s2c for push in client.collect()}
    assert pushed[ProtoId.Qot_UpdateTicker].tickerList[-1].price == 500.0
    assert pushed[ProtoId.Qot_UpdateBasicQot].basicQotList[0].curPrice == 500.0
    assert pushed[ProtoId.Qot_UpdateOrderBook].orderBookBidList[0].price <= 500.0
    candles = client.ask(ProtoId.Qot_GetKL, rehabType=0, klType=2, security=TENCENT, reqNum=1)
    assert candles.retType == -1 or candles.s2c.klList[-1].closePrice == 500.0


def test_a_price_moves_by_percent_over_time(world: World) -> None:
    """Minus five percent in a minute: about half way after 30 s, and there afterwards."""
    before = last_price(world)
    world.command(f"sim_price -security={SYMBOL} -percent=-5 -over=60s")
    world.pass_time(30)
    half = last_price(world)
    world.pass_time(60)

    assert half == pytest.approx(before * 0.975, rel=0.01)
    assert last_price(world) == pytest.approx(before * 0.95, rel=0.01)


def test_a_price_goes_back_to_its_own_path(world: World) -> None:
    """`lasts` and `release` leave the seeded market as if nothing had been."""
    twin = World(start_ns=TEN_IN_HK, market=wall_market())
    world.command(f"sim_price -security={SYMBOL} -price=300 -lasts=60s")
    world.pass_time(120)
    twin.now_ns = world.now_ns
    assert last_price(world) == last_price(twin)
    world.command(f"sim_price -security={SYMBOL} -price=300")
    world.command(f"sim_price -security={SYMBOL} -release=yes")
    world.pass_time(60)
    twin.now_ns = world.now_ns
    assert last_price(world) == last_price(twin)


def test_nothing_trades_in_a_halt(world: World) -> None:
    """No prints, no levels, orders wait, and they fill when trading resumes."""
    trader = Trader(world, HK)
    assert world.command(f"sim_halt -security={SYMBOL}") == "Securities halted: 1"
    world.pass_time(1)
    volume = world.opend.market.quote((1, "00700"), world.now_ns).volume
    placed = trader.place("00700", BUY, 100, 900.0)
    assert placed.retType == 0, placed.retMsg
    world.pass_time(60)

    book = world.opend.market.displayed_book((1, "00700"), world.now_ns)
    assert (book.bids, book.asks) == ((), ())
    assert world.opend.market.quote((1, "00700"), world.now_ns).volume == volume
    assert trader.orders()[0].fillQty == 0
    assert world.command("sim_resume") == "Securities trading again: 1"
    world.pass_time(5)
    assert trader.orders()[0].fillQty == 100


def test_orders_trade_as_soon_as_a_halt_is_over(world: World) -> None:
    """Nobody needs to resume a halt that was to last a while."""
    trader = Trader(world, HK)
    world.command(f"sim_halt -security={SYMBOL} -lasts=5m")
    assert trader.place("00700", BUY, 100, last_price(world) + 5).retType == 0
    world.pass_time(240)
    assert trader.orders()[0].fillQty == 0
    world.pass_time(61)
    assert trader.orders()[0].fillQty == 100


def test_a_fall_beyond_the_band_cools_hong_kong_off(world: World) -> None:
    """Prices stay in the band, orders outside it are refused, and after five minutes it is over."""
    trader, before = Trader(world, HK), last_price(world)
    world.command(f"sim_price -security={SYMBOL} -percent=-15 -over=60s")
    world.pass_time(120)
    low, high = world.opend.market.cooling_band(security(SYMBOL), world.now_ns) or (0, 0)
    assert last_price(world) == low == pytest.approx(before * 0.9, rel=0.01)
    assert high == pytest.approx(before * 1.1, rel=0.01)
    refused = trader.place("00700", BUY, 100, low - 1)
    assert refused.retType == -1
    assert refused.retMsg.startswith("In the cooling-off period the order price must be in")
    assert trader.place("00700", BUY, 100, low).retType == 0
    world.pass_time(300)
    assert last_price(world) == pytest.approx(before * 0.85, rel=0.01)
    assert trader.place("00700", BUY, 100, low - 1).retType == 0


def test_a_jump_takes_effect_unless_halts_are_on(world: World) -> None:
    """A price that is named at once is the price; with -halts=on only as far as the band."""
    before = last_price(world)
    world.command(f"sim_price -security={SYMBOL} -percent=-15 -halts=on")
    assert last_price(world) == pytest.approx(before * 0.9, rel=0.01)
    world.command(f"sim_resume -security={SYMBOL}")
    world.pass_time(30)
    assert last_price(world) == pytest.approx(before * 0.85, rel=0.01)
    world.command(f"sim_price -security={SYMBOL} -percent=30 -over=30s -halts=off")
    world.pass_time(60)
    assert last_price(world) == pytest.approx(before * 1.1, rel=0.02)


def test_an_american_fall_pauses_trading_by_itself() -> None:
    """Fifteen seconds at the band, five minutes without prints and fills, then the price's own way."""
    world = World(start_ns=utc_ns("2026-01-15T11:00:00-05:00"), market=wall_market())
    apple, market = security("US.AAPL"), world.opend.market
    before = market.quote(apple, world.now_ns).last
    trader = Trader(world, US)
    world.command("sim_price -security=US.AAPL -percent=-8 -over=30s")
    world.pass_time(45)
    paused = market.quote(apple, world.now_ns)
    assert paused.is_suspended
    assert (paused.bid, paused.ask) == (0, 0)
    assert paused.last == pytest.approx(before * 0.95, rel=0.005)
    placed = trader.place("AAPL", BUY, 10, round(before * 0.97, 2))
    assert placed.retType == 0, placed.retMsg
    world.pass_time(240)
    assert market.quote(apple, world.now_ns).volume == paused.volume
    assert trader.orders()[0].fillQty == 0
    world.pass_time(120)
    reopened = market.quote(apple, world.now_ns)
    assert not reopened.is_suspended
    assert reopened.last == pytest.approx(before * 0.92, rel=0.01)
    assert trader.orders()[0].fillQty == 10


def test_a_locked_price_has_one_side(world: World) -> None:
    """Limit up: the price stands, nobody offers; `sim_resume` unlocks it."""
    refused = world.command(f"sim_limit_up -security={SYMBOL}")
    assert refused == f"The market of {SYMBOL} has no daily price limit; say percent or price."
    answer = world.command(f"sim_limit_up -security={SYMBOL} -percent=10")
    world.pass_time(30)
    quote = world.opend.market.quote((1, "00700"), world.now_ns)
    book = world.opend.market.displayed_book((1, "00700"), world.now_ns)

    assert answer.endswith(str(quote.last))
    assert quote.last == pytest.approx(quote.previous_close * 1.1, rel=0.002)
    assert book.bids
    assert not book.asks
    world.command("sim_resume")
    world.pass_time(5)
    assert world.opend.market.displayed_book((1, "00700"), world.now_ns).asks


@pytest.mark.parametrize(
    ("code", "side", "fraction"),
    [("SH.600519", "up", 0.1), ("SH.600519", "down", -0.1), ("SZ.300750", "up", 0.2)],
)
def test_an_a_share_is_locked_at_its_own_limit(
    world: World, code: str, side: str, fraction: float
) -> None:
    """10 percent on the main boards, 20 on the growth boards, on the tick of one fen."""
    world.command(f"sim_limit_{side} -security={code}")
    quote = world.opend.market.quote(security(code), world.now_ns)

    assert quote.last == pytest.approx(quote.previous_close * (1 + fraction), abs=0.0051)


def test_the_next_order_fills_half_and_waits(world: World) -> None:
    """Half is filled at its price, the rest is held until it is let go."""
    trader = Trader(world, HK)
    world.command("sim_order -action=fill -percent=50")
    order_id = trader.place("00700", BUY, 400, 900.0).s2c.orderID
    world.pass_time(1)
    order = trader.orders()[0]
    assert (order.fillQty, order.fillAvgPrice, order.orderStatus) == (200, 900.0, 10)
    world.pass_time(60)
    assert trader.orders()[0].fillQty == 200

    assert world.command(f"sim_order -action=release -order_id={order_id}").endswith("release")
    world.pass_time(1)
    assert trader.orders()[0].fillQty == 400


def test_the_next_order_is_rejected_or_late(world: World) -> None:
    """A rejected order fails with the reason; a delayed one travels."""
    trader = Trader(world, HK)
    world.command('sim_order -action=reject -reason="no luck"')
    trader.place("00700", BUY, 100, 300.0)
    world.pass_time(1)
    assert (trader.orders()[0].orderStatus, trader.orders()[0].lastErrMsg) == (21, "no luck")

    world.command("sim_order -action=delay -span=5s")
    trader.place("00700", BUY, 100, 300.0)
    world.pass_time(4)
    assert trader.orders()[0].orderStatus == 2
    world.pass_time(2)
    assert trader.orders()[0].orderStatus == 5


def test_accounts_change_and_go_back(world: World) -> None:
    """Cash and shares come and go by command, and a reset undoes everything."""
    trader = Trader(world, HK)
    before = trader.funds().cash
    world.command(f"sim_deposit -account={HK} -amount=1000.5")
    world.command(f"sim_position -account={HK} -security={SYMBOL} -quantity=300 -price=400")
    assert trader.funds().cash == pytest.approx(before + 1000.5)
    assert (trader.positions()[0].qty, trader.positions()[0].costPrice) == (300, 400)
    world.command(f"sim_withdraw -account={HK} -amount=1000.5")
    assert trader.funds().cash == pytest.approx(before)

    trader.place("00700", BUY, 100, 300.0)
    world.command(f"sim_price -security={SYMBOL} -price=300")
    assert world.command("sim_reset") == "Reset: all"
    assert (trader.orders(), trader.positions()) == ([], [])
    assert trader.funds().cash == pytest.approx(before)
    assert last_price(world) > 400


def test_time_goes_on_and_leaps(world: World) -> None:
    """An advance passes through everything; a jump reaches the opening of the next day."""
    answer = world.command("sim_clock -advance=90s")
    assert answer.startswith("Time: 2026-01-15T02:01:30.000Z, standing, speed: 1")
    world.command("sim_clock -jump=close")
    assert "HK_STOCK: 2026-01-15T16:00:00+08:00" in world.command("sim_clock")
    world.command("sim_clock -jump=open")
    assert "HK_STOCK: 2026-01-16T09:30:00+08:00 MORNING" in world.command("sim_clock")
    assert world.command("sim_clock -jump=2026-01-15") == "Time does not go back: 2026-01-15"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            "sim_price -security=00700 -price=1",
            "Invalid value: security=00700. Expected a security",
        ),
        ("sim_price -security=HK.99998 -price=1", "Unknown stock 99998"),
        (f"sim_price -security={SYMBOL}", "Give one of price, percent, path and release"),
        (f"sim_price -security={SYMBOL} -price=-1", "Invalid value: price=-1"),
        (f"sim_price -security={SYMBOL} -path=1s-2", "Invalid value: path=1s-2"),
        ("sim_clock -advance=soon", "Invalid value: advance=soon. Expected a span of time"),
        ("sim_clock -speed=0", "The speed must be above 0"),
        ("sim_clock -jump=9999-12-31T23:59:59", "Time ends at 2090-01-01: 9999"),
        ("sim_clock -jump=2091-01-01", "Time ends at 2090-01-01: 2091"),
        ("sim_clock -jump=0001-01-01T00:00:00", "Time does not go back"),
        ("sim_clock -advance=99999d", "Invalid value: advance=99999d"),
        ("sim_clock -advance=36500d", "Time ends at 2090-01-01: +"),
        ("sim_halt -security=HK.00005 -lasts=99999999d", "Invalid value: lasts=99999999d"),
        ("sim_clock -jump=later", "Invalid value: jump=later. Expected open, close"),
        ("sim_halt", "Give either a security or a venue"),
        ("sim_order -action=fill -order_id=77", "Order 77"),
        ("sim_order -action=release", "A release needs its order_id"),
        ("sim_deposit -account=5 -amount=1", ""),
        ("sim_rights -product=cheese -right=LV1", "Invalid value: product=cheese"),
    ],
)
def test_refusals_name_what_was_wrong(world: World, line: str, answer: str) -> None:
    """A wrong command changes nothing and says why."""
    told = world.command(line)
    assert told.startswith(answer) or answer.rsplit(maxsplit=1)[-1] in told
    assert "log" not in told


def test_quotas_and_rights_change_and_are_told(world: World) -> None:
    """A client hears of its new quota and of the right that it lost."""
    client = world.connect()
    world.command("sim_quota -subscriptions=1")
    world.command("sim_rights -product=hk_stock -right=BMP")
    world.command("sim_notify -notice=links_lost")
    kinds = [push.s2c.type for push in client.collect() if push.proto_id == ProtoId.Notify]
    assert kinds == [5, 4, 3] or len(kinds) == 3
    refused = client.ask(
        ProtoId.Qot_Sub,
        securityList=[TENCENT],
        subTypeList=[1],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
    )
    assert refused.retType == -1
