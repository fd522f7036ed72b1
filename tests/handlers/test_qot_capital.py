"""Capital flow and distribution, and who holds American companies."""

from datetime import date
from itertools import pairwise

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.markets import utc_ns, wall_market
from tests.support.quotes import APPLE, HANG_SENG, HSBC, MOUTAI, TENCENT, TRACKER, answer, refusal

INTRADAY, DAY, WEEK, MONTH = 1, 2, 3, 4
CLASSES = ("Super", "Big", "Mid", "Small")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def client(world):
    return world.connect()


def flow(client, security, period=INTRADAY, **more):
    return answer(
        client.ask(ProtoId.Qot_GetCapitalFlow, security=security, periodType=period, **more)
    )


def distribution(client, security):
    return answer(client.ask(ProtoId.Qot_GetCapitalDistribution, security=security))


def nets(item):
    return [item.superInFlow, item.bigInFlow, item.midInFlow, item.smlInFlow]


@pytest.mark.parametrize("security", [TENCENT, HSBC, APPLE, MOUTAI, TRACKER])
def test_the_last_minute_of_the_flow_is_the_distribution(client, security):
    """Both are sums of the same prints; in less out is the net of each class."""
    last = flow(client, security).flowItemList[-1]
    shares = distribution(client, security)

    assert nets(last) == pytest.approx(
        [
            getattr(shares, f"capitalIn{name}") - getattr(shares, f"capitalOut{name}")
            for name in CLASSES
        ],
        abs=0.01,
    )
    assert last.inFlow == pytest.approx(sum(nets(last)), abs=0.01)


@pytest.mark.parametrize("security", [TENCENT, APPLE])
def test_all_classes_together_are_the_turnover_of_sided_prints(world, client, security):
    """Nothing is counted twice, however often it is asked."""
    for _ in range(4):
        world.pass_time(97.5)
        distribution(client, security)
    shares = distribution(client, security)
    total = sum(
        getattr(shares, f"capital{side}{name}") for side in ("In", "Out") for name in CLASSES
    )
    subscribed = {"securityList": [security], "subTypeList": [1], "isSubOrUnSub": True}
    answer(client.ask(ProtoId.Qot_Sub, **subscribed))
    quote = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[security])).basicQotList[0]

    assert 0.9 * quote.turnover <= total <= quote.turnover + 1


def test_a_flow_has_one_point_for_each_minute(world, client):
    """In order and on whole minutes; later answers repeat the finished ones."""
    before = list(flow(client, TENCENT).flowItemList)
    world.pass_time(120)
    after = list(flow(client, TENCENT).flowItemList)

    assert len(after) == len(before) + 2
    assert after[: len(before) - 1] == before[:-1]
    assert all(a.timestamp < b.timestamp and b.timestamp % 60 == 0 for a, b in pairwise(after))


def test_a_fresh_reader_sees_the_same(world, client):
    """Reading in steps and reading at once give one answer."""
    for _ in range(3):
        flow(client, TENCENT)
        world.pass_time(41)
    other = World()
    other.connect()
    other.pass_time(123)

    assert flow(client, TENCENT) == flow(other.connect(), TENCENT)


def test_days_make_up_weeks_and_months(client):
    """A period's flow is the sum of its days."""
    bounds = {"beginTime": "2025-09-01", "endTime": "2025-12-31"}
    days = flow(client, TENCENT, DAY, **bounds).flowItemList
    weeks = flow(client, TENCENT, WEEK, **bounds).flowItemList
    months = flow(client, TENCENT, MONTH, **bounds).flowItemList
    october = [item.inFlow for item in days if item.time.startswith("2025-10")]

    assert sum(item.inFlow for item in days) == pytest.approx(sum(item.inFlow for item in months))
    assert sum(item.inFlow for item in days) == pytest.approx(sum(item.inFlow for item in weeks))
    assert sum(october) == pytest.approx(months[1].inFlow)
    assert all(item.mainInFlow == pytest.approx(item.superInFlow + item.bigInFlow) for item in days)


def test_days_are_trading_days_of_the_last_year(client):
    """By default one year, and never more."""
    items = flow(client, TENCENT, DAY, beginTime="2020-01-01").flowItemList
    dates = [date.fromisoformat(item.time[:10]) for item in items]

    assert 235 < len(dates) < 255
    assert dates == sorted(set(dates))
    assert all(day.weekday() < 5 for day in dates)
    assert flow(client, TENCENT, DAY).flowItemList == items


def test_today_is_the_last_day(client):
    """The day's row is the flow so far."""
    today = flow(client, TENCENT, DAY).flowItemList[-1]
    so_far = flow(client, TENCENT).flowItemList[-1]

    assert nets(today) == pytest.approx(nets(so_far))


@pytest.mark.parametrize("security", [TENCENT, MOUTAI])
def test_the_last_days_are_those_of_their_prints(security):
    """A gateway that starts later tells of a closed day what one that ran then told of it."""

    def client_on(day):
        start_ns = utc_ns(f"2026-11-{day}T17:00:00+08:00")
        return World(start_ns=start_ns, market=wall_market()).connect()

    later = {item.time[:10]: item for item in flow(client_on(20), security, DAY).flowItemList}
    for day in (13, 19):
        last = flow(client_on(day), security).flowItemList[-1]
        assert nets(last) == pytest.approx(nets(later[f"2026-11-{day}"]))


def test_a_day_that_was_watched_keeps_its_flow(world, client):
    """After its close a day is told as it was."""
    world.pass_time(3600 * 4.5 - 1)  # the fifth and last half hour of trading remains
    while flow(client, TENCENT).flowItemList[-1].time[11:16] != "15:59":
        world.pass_time(59)
    world.pass_time(60)
    yesterday = flow(client, TENCENT, DAY).flowItemList[-2]
    again = flow(client, TENCENT, DAY).flowItemList[-2]

    assert yesterday == again
    assert yesterday.inFlow


def test_no_day_moves_more_than_was_traded(client):
    """Net flows stay well inside the turnover of their day."""
    items = flow(client, TENCENT, DAY).flowItemList
    candles = answer(
        client.ask(
            ProtoId.Qot_RequestHistoryKL,
            rehabType=0,
            klType=2,
            security=TENCENT,
            beginTime=items[0].time[:10],
            endTime=items[-1].time[:10],
        )
    ).klList
    turnover = {candle.time[:10]: candle.turnover for candle in candles}

    assert [item.time[:10] for item in items] == list(turnover)
    assert all(abs(item.inFlow) < 0.4 * turnover[item.time[:10]] for item in items)


def test_bad_requests_are_refused(client):
    """Indices have no flow, ranges have a direction, periods a number."""
    ask = client.ask

    assert "800000" in refusal(ask(ProtoId.Qot_GetCapitalFlow, security=HANG_SENG))
    assert "800000" in refusal(ask(ProtoId.Qot_GetCapitalDistribution, security=HANG_SENG))
    assert "periodType=9" in refusal(
        ask(ProtoId.Qot_GetCapitalFlow, security=TENCENT, periodType=9)
    )
    reversed_range = {"periodType": 2, "beginTime": "2026-01-02", "endTime": "2026-01-01"}
    assert refusal(ask(ProtoId.Qot_GetCapitalFlow, security=TENCENT, **reversed_range))


# --- holders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("category", [1, 2, 3])
def test_holding_changes_agree_with_themselves(client, category):
    """Ratios follow from quantities, reports lie in the range, the latest comes first."""
    changes = answer(
        client.ask(
            ProtoId.Qot_GetHoldingChangeList,
            security=APPLE,
            holderCategory=category,
            beginTime="2025-01-15",
            endTime="2026-01-15",
        )
    ).holdingChangeList
    snapshot = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[APPLE]))
    shares = snapshot.snapshotList[0].equityExData.outstandingShares

    assert 0 < len(changes) <= 100
    times = [change.time for change in changes]
    assert times == sorted(times, reverse=True)
    assert all("2025-01-15" <= time[:10] <= "2026-01-15" for time in times)
    for change in changes:
        assert change.holdingRatio == pytest.approx(change.holdingQty / shares * 100, abs=1e-4)
        before = change.holdingQty - change.changeQty
        assert before > 0
        assert change.changeRatio == pytest.approx(change.changeQty / before * 100, abs=1e-4)


def test_holders_are_known_in_america_only(client):
    """And of three kinds."""
    ask = {"holderCategory": 1}

    assert "00700" in refusal(client.ask(ProtoId.Qot_GetHoldingChangeList, security=TENCENT, **ask))
    assert "holderCategory=7" in refusal(
        client.ask(ProtoId.Qot_GetHoldingChangeList, security=APPLE, holderCategory=7)
    )
