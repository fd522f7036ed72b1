"""Watch-list groups and price reminders, from request to push."""

import pytest

from gateway.store.rows import from_row, to_row
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Market, Security
from simulator.reminders import ReminderType
from tests.support.conversation import START_NS, World
from tests.support.quotes import APPLE, HSBC, HSI_FUTURE, MOUTAI, NOBODY, TENCENT, answer, refusal

ADD, DELETE, MOVE_OUT = 1, 2, 3
SET, DROP, ENABLE, DISABLE, MODIFY, DROP_ALL = 1, 2, 3, 4, 5, 6
ALWAYS, ONCE_A_DAY, ONLY_ONCE = 1, 2, 3
PRICE_UP, PRICE_DOWN, VOLUME_UP, TURNOVER_UP, BID_VOLUME_UP = 1, 2, 7, 8, 12
KEY = Security(Market.HK, "00700")
HIGH = 1e12


@pytest.fixture
def world():
    return World()


@pytest.fixture
def client(world):
    return world.connect()


def codes(client, group):
    found = answer(client.ask(ProtoId.Qot_GetUserSecurity, groupName=group)).staticInfoList
    return [info.basic.security.code for info in found]


def modify(client, group, op, *securities):
    return client.ask(
        ProtoId.Qot_ModifyUserSecurity, groupName=group, op=op, securityList=securities
    )


def group_names(client, group_type):
    s2c = answer(client.ask(ProtoId.Qot_GetUserSecurityGroup, groupType=group_type))
    return [group.groupName for group in s2c.groupList]


# --- groups -----------------------------------------------------------------------------------


def test_all_groups_are_those_of_the_system_and_the_users_own(client):
    """The three kinds of lists fit together."""
    custom, system, everything = (group_names(client, kind) for kind in (1, 2, 3))

    assert everything == system + custom
    assert {"All", "CN", "HK", "US", "Starred", "Futures"} <= set(system)
    assert custom == ["Tech", "Banks", "Empty"]


def test_system_groups_are_named_in_the_language_of_texts():
    """Both names of a system group find it in either language."""
    client = World(language="chs").connect()

    assert "全部" in group_names(client, 2)
    assert codes(client, "全部") == codes(client, "All")


def test_what_is_added_shows_in_its_group_in_all_and_in_its_market(client):
    """An added security is watched, and a second time changes nothing."""
    before = codes(client, "All")
    answer(modify(client, "Empty", ADD, MOUTAI, HSI_FUTURE))
    answer(modify(client, "Empty", ADD, MOUTAI))

    assert codes(client, "Empty") == ["600519", "HSImain"]
    assert codes(client, "All") == [*before, "600519", "HSImain"]
    assert "600519" in codes(client, "CN")
    assert codes(client, "Futures") == ["HSImain"]
    assert "HSImain" not in codes(client, "HK")


def test_moved_out_stays_watched(client):
    """Moving out touches this group only."""
    answer(modify(client, "Tech", MOVE_OUT, TENCENT))

    assert "00700" not in codes(client, "Tech")
    assert "00700" in codes(client, "All")


def test_deleted_leaves_every_group(client):
    """Deleting ends the watching altogether."""
    answer(modify(client, "Banks", ADD, TENCENT))
    answer(modify(client, "Tech", DELETE, TENCENT))

    assert all("00700" not in codes(client, name) for name in group_names(client, 3))


def test_connections_share_the_list(world, client):
    """It belongs to the user."""
    answer(modify(client, "Empty", ADD, APPLE))

    assert codes(world.connect(), "Empty") == ["AAPL"]


def test_groups_are_refused_in_the_words_of_opend(client):
    """Unknown names and the system's groups cannot be changed."""
    unknown = client.ask(ProtoId.Qot_GetUserSecurity, groupName="Nowhere")

    assert refusal(unknown) == "Unknown watchlist group."
    assert refusal(modify(client, "Nowhere", ADD, TENCENT)) == "Unknown watchlist group."
    assert refusal(modify(client, "HK", ADD, TENCENT)) == "The System grouping is not supported"
    assert refusal(modify(client, "Tech", ADD, NOBODY)) == "Unknown stock. 99999"
    assert refusal(modify(client, "Tech", 9, TENCENT)) == "Invalid parameter: op=9"


def test_one_unknown_code_adds_nothing(client):
    """A request is done as a whole or not at all."""
    modify(client, "Empty", ADD, MOUTAI, NOBODY)

    assert codes(client, "Empty") == []


# --- setting reminders ------------------------------------------------------------------------


def remind(client, reminder_type, value, freq=ALWAYS, security=TENCENT, **more):
    fields = {"type": reminder_type, "value": value, "freq": freq, "op": SET, **more}
    return client.ask(ProtoId.Qot_SetPriceReminder, security=security, **fields)


def change(client, op, key=None, **more):
    fields = {"op": op} | ({} if key is None else {"key": key}) | more
    return client.ask(ProtoId.Qot_SetPriceReminder, security=TENCENT, **fields)


def reminders(client, **c2s):
    found = answer(client.ask(ProtoId.Qot_GetPriceReminder, **c2s)).priceReminderList
    return {item.key: item for entry in found for item in entry.itemList}


def test_a_reminder_can_be_read_back(client):
    """Every field is as it was set, and the sessions are the usual ones."""
    key = answer(remind(client, PRICE_UP, 700.1239, ONCE_A_DAY, note="卖")).key
    (item,) = reminders(client, security=TENCENT).values()

    assert (item.key, item.type, item.value, item.freq) == (key, PRICE_UP, 700.123, ONCE_A_DAY)
    assert (item.note, item.isEnable, list(item.reminderSessionList)) == ("卖", True, [1, 2, 3])


@pytest.mark.parametrize(
    ("security", "reminder_type", "given", "kept"),
    [
        (TENCENT, TURNOVER_UP, 102, 100),
        (TENCENT, TURNOVER_UP, 8, 0),
        (TENCENT, VOLUME_UP, 1239, 1230),
        (MOUTAI, VOLUME_UP, 1239, 1000),
        (MOUTAI, BID_VOLUME_UP, 250, 200),
        (TENCENT, BID_VOLUME_UP, 250, 250),
    ],
)
def test_values_are_cut_to_their_precision(client, security, reminder_type, given, kept):
    """The schema names a least unit for each type."""
    key = answer(remind(client, reminder_type, given, security=security)).key

    assert reminders(client, security=security)[key].value == kept


def test_keys_are_never_used_twice(client):
    """Not even after a deletion."""
    first = answer(remind(client, PRICE_UP, 700)).key
    answer(change(client, DROP, first))
    second = answer(remind(client, PRICE_UP, 700)).key

    assert second > first
    assert list(reminders(client, security=TENCENT)) == [second]


def test_a_market_lists_its_securities_and_a_shares_are_one_market(client):
    """Shanghai's reminders are found under Shenzhen too."""
    here = answer(remind(client, PRICE_UP, HIGH)).key
    there = answer(remind(client, PRICE_UP, HIGH, security=MOUTAI)).key

    assert list(reminders(client, market=1)) == [here]
    assert list(reminders(client, market=22)) == [there]
    assert not reminders(client, market=11)


def test_reminders_are_modified_switched_and_deleted(client):
    """All operations of the schema."""
    one, two = (answer(remind(client, PRICE_UP, HIGH)).key for _ in range(2))
    answer(change(client, DISABLE, one))
    answer(change(client, MODIFY, two, type=PRICE_DOWN, value=1, freq=ONLY_ONCE))
    found = reminders(client, security=TENCENT)

    assert not found[one].isEnable
    assert (found[two].type, found[two].value, found[two].freq) == (PRICE_DOWN, 1, ONLY_ONCE)
    answer(change(client, ENABLE, one))
    assert reminders(client, security=TENCENT)[one].isEnable
    answer(change(client, DROP_ALL))
    assert not reminders(client, security=TENCENT)


def test_bad_reminders_are_refused(client):
    """Each with its own text; nothing is set."""
    assert refusal(change(client, DROP, 1)) == "Price reminder 1 does not exist."
    assert refusal(change(client, DROP)) == "Missing necessary parameter: key"
    assert refusal(change(client, 9)) == "Invalid parameter: op=9"
    assert refusal(change(client, SET, freq=1, value=1)) == "Missing necessary parameter: type"
    assert refusal(remind(client, 16, 1)) == "Invalid parameter: type=16"
    assert refusal(remind(client, PRICE_UP, -1)) == "Invalid parameter: value=-1.0"
    assert "20" in refusal(remind(client, PRICE_UP, 1, note="字" * 21))
    assert refusal(remind(client, PRICE_UP, 1, security=NOBODY)) == "Unknown stock. 99999"
    assert not reminders(client, security=TENCENT)


def test_ten_of_a_type_are_the_most(client):
    """The eleventh is refused, another type is not."""
    for _ in range(10):
        answer(remind(client, PRICE_UP, HIGH))

    assert "10" in refusal(remind(client, PRICE_UP, HIGH))
    answer(remind(client, PRICE_DOWN, 0))


# --- speaking ---------------------------------------------------------------------------------


def spoken(client):
    return [p.s2c for p in client.collect() if p.proto_id == ProtoId.Qot_UpdatePriceReminder]


def test_a_price_reminder_speaks_with_the_first_print_at_its_price(world, client):
    """To every connection, at the print's own moment, and not before."""
    market = world.opend.market
    start = market.quote(KEY, START_NS).last
    trades = market.trades_between(KEY, START_NS, START_NS + 600 * NS_PER_S)
    target = max(trade.price for trade in trades)
    first = next(trade for trade in trades if trade.price == target)
    key = answer(remind(client, PRICE_UP, target, ONLY_ONCE, note="now")).key
    other = world.connect()
    venue = market.universe.get(KEY).venue
    due_ns = market.timeline.gateway_ns(venue, first.time_ns)

    world.pass_time((due_ns - START_NS) / NS_PER_S - 0.01)
    assert target > start
    assert spoken(client) == []
    world.pass_time(0.02)
    (push,) = spoken(client)
    assert (push.key, push.type, push.note, push.setValue) == (key, PRICE_UP, "now", target)
    assert push.price == push.curValue == target
    assert push.marketStatus == 1
    assert push.name == "Tencent"
    assert push.content
    assert len(spoken(other)) == 1


def test_once_only_switches_itself_off(world, client):
    """It speaks again only when it is switched on again."""
    key = answer(remind(client, VOLUME_UP, 10, ONLY_ONCE)).key
    world.pass_time(60)

    assert len(spoken(client)) == 1
    assert not reminders(client, security=TENCENT)[key].isEnable


def test_always_speaks_whenever_its_condition_becomes_true(world, client):
    """As often as the prints cross the price from the other side."""
    trades = world.opend.market.trades_between(KEY, START_NS, START_NS + 600 * NS_PER_S)
    level = sorted(trade.price for trade in trades)[len(trades) * 3 // 4]
    answer(remind(client, PRICE_UP, level))
    world.pass_time(600)
    pushes = spoken(client)

    assert 1 < len(pushes) < len(trades) / 2
    assert all(push.curValue >= level for push in pushes)


def test_once_a_day_speaks_once_on_each_trade_date(world, client):
    """A condition that stays true is told again on the next day."""
    answer(remind(client, VOLUME_UP, 10, ONCE_A_DAY))
    world.pass_time(60)
    assert len(spoken(client)) == 1
    world.pass_time(3600 * 5.5)

    assert len(spoken(client)) == 1


def test_a_disabled_reminder_is_silent_and_nothing_is_watched(world, client):
    """Without enabled reminders the engine follows nothing."""
    key = answer(remind(client, VOLUME_UP, 10)).key
    answer(change(client, DISABLE, key))
    world.pass_time(30)

    assert spoken(client) == []
    assert world.opend.engine.next_deadline_ns() is None


def test_a_reminder_of_another_session_is_silent(world, client):
    """The user chooses when it may speak."""
    answer(remind(client, VOLUME_UP, 10, reminderSessionList=[2]))
    world.pass_time(30)

    assert spoken(client) == []


def test_the_setting_keeps_all_reminders_to_itself(client, world):
    """`price_reminder_push=0`: a once-only reminder is used up all the same."""
    world.opend.price_reminder_push = False
    key = answer(remind(client, VOLUME_UP, 10, ONLY_ONCE)).key
    world.pass_time(30)

    assert spoken(client) == []
    assert not reminders(client, security=TENCENT)[key].isEnable


@pytest.mark.parametrize("reminder_type", list(ReminderType), ids=lambda kind: kind.name)
def test_every_type_speaks_and_holds_what_it_says(world, client, reminder_type):
    """A threshold that is met speaks at once; its value agrees with the market."""
    falls = reminder_type in (ReminderType.PRICE_DOWN, ReminderType.ASK_PRICE_DOWN)
    for security in (TENCENT, HSBC, APPLE, MOUTAI):
        answer(remind(client, reminder_type, HIGH if falls else 0, security=security))
    world.pass_time(120)
    pushes = spoken(client)

    assert pushes
    assert all(p.type == reminder_type and p.content for p in pushes)
    assert all(p.curValue <= HIGH if falls else p.curValue >= 0 for p in pushes)


def test_an_unreachable_value_is_silent(world, client):
    """No type speaks without reason."""
    for reminder_type in ReminderType:
        falls = reminder_type in (ReminderType.PRICE_DOWN, ReminderType.ASK_PRICE_DOWN)
        answer(remind(client, reminder_type, 0 if falls else HIGH))
    world.pass_time(120)

    assert spoken(client) == []


def test_a_volume_reminder_agrees_with_the_snapshot(world, client):
    """The told volume lies between the snapshots around it."""
    volume = world.opend.market.quote(KEY, world.now_ns).volume
    answer(remind(client, VOLUME_UP, volume + 100_000))
    world.pass_time(600)
    (push,) = spoken(client)

    assert volume + 100_000 <= push.curValue
    assert push.curValue <= world.opend.market.quote(KEY, world.now_ns).volume


# --- restarts ---------------------------------------------------------------------------------


def restarted(world):
    """Another OpenD that goes on from what the first one gave to its store, as text."""
    rows = [to_row(record) for record in world.opend.store.load().records]
    later = World(start_ns=START_NS)
    later.now_ns = world.now_ns
    later.opend.restore([from_row(row) for row in rows], world.now_ns)
    return later


def test_lists_and_reminders_survive_a_restart(world, client):
    """Every group and every reminder, and new keys are new."""
    answer(modify(client, "Empty", ADD, MOUTAI))
    answer(modify(client, "Tech", DELETE, TENCENT))
    kept = answer(remind(client, PRICE_UP, HIGH, note="kept")).key
    answer(change(client, DISABLE, kept))
    answer(change(client, DROP, answer(remind(client, PRICE_UP, HIGH)).key))
    answer(remind(client, PRICE_UP, HIGH, security=APPLE))
    later = restarted(world).connect()

    assert [codes(later, name) for name in group_names(later, 3)] == [
        codes(client, name) for name in group_names(client, 3)
    ]
    for security in (TENCENT, APPLE):
        assert reminders(later, security=security) == reminders(client, security=security)
    assert answer(remind(later, PRICE_UP, HIGH)).key > kept


def test_a_reminder_speaks_after_a_restart_but_not_twice_on_a_day(world, client):
    """Who spoke today is silent; who did not is watched again."""
    answer(remind(client, VOLUME_UP, 10, ONCE_A_DAY, note="told"))
    world.pass_time(30)
    assert len(spoken(client)) == 1
    answer(remind(client, VOLUME_UP, 10, ONCE_A_DAY, note="new"))
    second = restarted(world)
    later = second.connect()
    second.pass_time(30)

    assert [push.note for push in spoken(later)] == ["new"]
