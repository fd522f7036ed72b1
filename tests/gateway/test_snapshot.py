"""The whole state to one file and back, into the same gateway or another one."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest

from gateway.session.delays import next_reset_ns
from gateway.wire.proto_ids import ProtoId
from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.domain import Period
from tests.gateway.test_restart import restarted
from tests.support.conversation import World
from tests.support.markets import security, utc_ns, wall_market
from tests.support.trade_client import BUY, SELL, Trader
from tests.support.trading import HK, US

TEN = utc_ns("2026-01-15T10:00:00+08:00")
STOCKS = tuple(map(security, ("HK.00700", "HK.00005", "HK.09988", "US.AAPL")))
WATCHED = [{"market": 1, "code": "00005"}]


def lived(world: World) -> World:
    """Orders of every kind of fate, a watch list, a reminder, and a market that was interfered with."""
    trader = Trader(world, HK)
    trader.place("00700", BUY, 300, 900.0)
    world.pass_time(3)
    trader.place("00700", SELL, 100, 100.0)
    trader.place("00005", BUY, 400, 50.0)
    world.command("sim_order -action=hold -security=HK.09988")
    trader.place("09988", BUY, 100, 900.0)
    world.pass_time(2)
    world.command("sim_price -security=HK.00005 -path=0s:80,30m:90")
    world.command("sim_halt -security=HK.09988 -lasts=1h")
    world.command(f"sim_position -account={US} -security=US.AAPL -quantity=50")
    world.command("sim_corporate_action -security=US.AAPL -kind=split -ratio=1:4")
    world.command("sim_order -action=reject -security=HK.00388")
    client = world.connect()
    edit = client.ask(ProtoId.Qot_ModifyUserSecurity, groupName="Empty", op=1, securityList=WATCHED)
    assert edit.retType == 0, edit.retMsg
    alert = client.ask(
        ProtoId.Qot_SetPriceReminder,
        security=WATCHED[0],
        op=1,
        type=1,
        freq=1,
        value=500.0,
        note="high",
    )
    assert alert.retType == 0, alert.retMsg
    world.pass_time(60)
    world.opend.keep_changes()
    return world


def picture(world: World) -> list:
    """What clients can ask, in their own words."""
    found: list = [world.now_ns]
    for account in (HK, US):
        trader = Trader(world, account, subscribes=False)
        found += [trader.funds(), trader.positions(), trader.orders()]
        engine = world.opend.engine
        found += [engine.fills(account, 0, world.now_ns), engine.ledger(account)]
    market = world.opend.market
    for stock in STOCKS:
        candles = market.recent_candles(stock, Period.MINUTE_1, 30, world.now_ns)
        found += [
            market.quote(stock, world.now_ns),
            market.trades(stock, world.now_ns, 30),
            world.opend.engine.order_book(stock, world.now_ns),
            candles.close.tolist(),
            candles.turnover.tolist(),
        ]
    client = world.connect()
    reply = client.ask(ProtoId.Qot_GetUserSecurity, groupName="Empty")
    found.append([s.basic.security.code for s in reply.s2c.staticInfoList])
    found.append(client.ask(ProtoId.Qot_GetPriceReminder, security=WATCHED[0]).s2c)
    return found


def manual_world(**options) -> World:
    return World(start_ns=TEN, market=wall_market(), **options)


@pytest.fixture
def world() -> World:
    """A gateway in the middle of a morning's work."""
    return lived(manual_world())


def test_after_a_load_every_query_answers_as_at_the_save(world: World, tmp_path: Path) -> None:
    """Whatever happened since, the clock included; and time goes on as for a restart there."""
    file = tmp_path / "state"
    before = picture(world)
    answer = world.command(f"sim_snapshot -save={file}")
    assert answer.startswith(f"Saved: {file}, ")
    twin = lived(manual_world())
    trader = Trader(world, HK)
    world.command("sim_price -security=HK.00700 -percent=-9")
    world.command("sim_seed -seed=9")
    world.pass_time(400)
    trader.place("00700", BUY, 100, 900.0)
    world.command("sim_reset")
    assert picture(world) != before
    world.opend.keep_changes()

    loaded = world.command(f"sim_snapshot -load={file}")
    assert loaded == f"Loaded: {file}, 4 orders (2 open), 2 fills"
    assert picture(world) == before
    for seconds in (30, 1800):
        world.pass_time(seconds)
        twin.pass_time(seconds)
        assert picture(world) == picture(twin)


def test_what_was_loaded_outlives_the_process(world: World, tmp_path: Path) -> None:
    """The store holds the loaded state and nothing of what it replaced."""
    world.pass_time(180)  # until what was taken of the book has come back: a restart forgets it
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    before = picture(world)
    world.pass_time(100)
    Trader(world, HK).place("00700", BUY, 100, 900.0)
    world.pass_time(5)
    world.opend.keep_changes()
    world.command(f"sim_snapshot -load={tmp_path / 'state'}")
    again = restarted(world)

    assert picture(again) == before


def test_another_gateway_goes_on_from_it(world: World, tmp_path: Path) -> None:
    """Also one of another seed, whose market becomes the other one's."""
    world.pass_time(180)
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    other = World(seed=5, start_ns=TEN + 10**12, market=wall_market(seed=5))
    assert other.command(f"sim_snapshot -load={tmp_path / 'state'}").startswith("Loaded")
    assert picture(other) == picture(world)
    again = restarted(other)
    assert picture(again) == picture(world)


def test_markets_that_are_always_open_find_their_day_again(tmp_path: Path) -> None:
    """In clock mode `open` the timeline comes along."""
    first = World()
    first.pass_time(60)
    stock = STOCKS[0]
    quote = first.opend.market.quote(stock, first.now_ns)
    first.command(f"sim_snapshot -save={tmp_path / 'state'}")
    second = World(start_ns=first.now_ns + 30 * 86_400 * 10**9)
    second.command(f"sim_snapshot -load={tmp_path / 'state'}")

    assert second.now_ns == first.now_ns
    assert second.opend.market.quote(stock, second.now_ns) == quote


def test_subscribers_are_told_what_is_now(world: World, tmp_path: Path) -> None:
    """Their subscriptions stay, and the next pushes are of the loaded market."""
    client = world.connect()
    client.ask(
        ProtoId.Qot_Sub,
        securityList=[{"market": 1, "code": "00005"}],
        subTypeList=[1],
        isSubOrUnSub=True,
        isRegOrUnRegPush=True,
    )
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    price = world.opend.market.quote(STOCKS[1], world.now_ns).last
    world.command("sim_price -security=HK.00005 -price=200")
    client.collect()
    world.command(f"sim_snapshot -load={tmp_path / 'state'}")
    world.pass_time(60)
    pushed = [p.s2c.basicQotList[0].curPrice for p in client.collect()]

    assert pushed
    assert all(abs(told - price) < 2 for told in pushed)


def damaged(text: str) -> str:
    return text[: len(text) // 2]


def newer(text: str) -> str:
    head, _, rest = text.partition("\n")
    return json.dumps({**json.loads(head), "version": 99}) + "\n" + rest


def of_another_clock(text: str) -> str:
    return text.replace('\\"sim_clock\\": \\"manual\\"', '\\"sim_clock\\": \\"open\\"')


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda _: "hello\n", "is damaged"),
        (lambda _: '{"format": "other"}\n', "is no snapshot"),
        (damaged, "is damaged"),
        (newer, "was made by a newer release"),
        (of_another_clock, "its state was made with sim_clock=open, not manual"),
    ],
)
def test_a_wrong_file_changes_nothing(world: World, tmp_path: Path, spoil, reason: str) -> None:
    """And the answer says what is wrong with it."""
    file = tmp_path / "state"
    world.command(f"sim_snapshot -save={file}")
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")
    before = picture(world)

    assert reason in world.command(f"sim_snapshot -load={file}")
    assert picture(world) == before
    assert "No such file" in world.command(f"sim_snapshot -load={tmp_path / 'none'}")


def test_accounts_that_are_missing_are_named(world: World, tmp_path: Path) -> None:
    """Their positions would be lost."""
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    smaller = manual_world(accounts=PAPER_ACCOUNTS[1:])

    answer = smaller.command(f"sim_snapshot -load={tmp_path / 'state'}")
    assert str(HK) in answer
    assert "accounts that are not there" in answer


def test_a_full_disk_loses_nothing(world: World, tmp_path: Path) -> None:
    """The file that was there stays, and no half of another one is left beside it."""
    file = tmp_path / "state"
    world.command(f"sim_snapshot -save={file}")
    kept = file.read_bytes()
    world.pass_time(10)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        answer = world.command(f"sim_snapshot -save={file}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert answer.startswith(f"Cannot use the file {file}: ")
    assert file.read_bytes() == kept
    assert list(tmp_path.iterdir()) == [file]


def test_a_client_names_files_in_the_gateways_folder_only(world: World, tmp_path: Path) -> None:
    """Whoever need not be on this machine reaches no other place."""
    refused = world.opend.run_command(f"sim_snapshot -save={tmp_path / 'x'}", world.now_ns)

    assert refused.startswith("Files are for the console and telnet only")
    assert world.command("sim_snapshot") == "Say either save or load"


def test_what_comes_around_by_the_clock_follows_it_back(tmp_path: Path) -> None:
    """Quotas that depend on the user are looked at in the loaded state, statistics begin on its day."""
    world = manual_world()
    opend = world.opend
    opend.review_quotas(world.now_ns)
    opend.delays.next_reset_ns = next_reset_ns(world.now_ns)
    earned, review_ns, reset_ns = (
        opend.subscriptions.quota,
        opend.quota_review_ns,
        opend.delays.next_reset_ns,
    )
    world.command(f"sim_snapshot -save={tmp_path / 'state'}")
    world.pass_time(3 * 86_400)
    opend.subscriptions.quota = 1
    world.command(f"sim_snapshot -load={tmp_path / 'state'}")

    assert opend.subscriptions.quota == earned
    assert opend.quota_review_ns == review_ns
    assert opend.delays.next_reset_ns == reset_ns
