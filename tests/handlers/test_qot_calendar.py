"""Offerings before and after their listing, and temporary codes."""

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market
from simulator.market.data import MarketData
from simulator.market.offerings import FIRST_DAY, offerings
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline
from simulator.trading_days import calendar_for
from tests.support.conversation import World
from tests.support.markets import utc_ns
from tests.support.quotes import TENCENT, answer, refusal

HK, US, SH, SZ = 1, 11, 21, 22
DAY_S = 5.5 * 3600


def world_at(text):
    now = utc_ns(text)
    return World(
        start_ns=now, market=MarketData(default_universe(), OpenTimeline(now), SyntheticSource(1))
    )


@pytest.fixture
def world():
    return world_at("2026-03-11T11:00:00+08:00")


@pytest.fixture
def client(world):
    return world.connect()


def on_offer(client, market):
    return list(answer(client.ask(ProtoId.Qot_GetIpoList, market=market)).ipoList)


def key(data):
    return {"market": data.basic.security.market, "code": data.basic.security.code}


@pytest.mark.parametrize("market", [HK, US, SH])
def test_offerings_are_ahead_and_in_order(client, market):
    """Each has the data of its market, and is listed on a later trading day."""
    found = on_offer(client, market)
    times = [data.basic.listTime for data in found]

    assert found
    assert times == sorted(times)
    assert times[0] > "2026-03-11"
    for data in found:
        assert data.basic.name
        assert data.HasField("hkExData") == (market == HK)
        assert data.HasField("usExData") == (market == US)
        assert data.HasField("cnExData") == (market == SH)


def test_shanghai_and_shenzhen_are_one_list(client):
    """Both exchanges, whichever is named."""
    found = on_offer(client, SH)

    assert found == on_offer(client, SZ)
    assert {data.basic.security.market for data in found} == {SH, SZ}


def test_figures_of_offerings_agree(client):
    """Prices lie in their band, the entrance fee covers a lot, winners are known after the draw."""
    for data in on_offer(client, HK):
        extra = data.hkExData
        assert extra.ipoPriceMin <= extra.ipoPriceMax
        assert extra.entrancePrice >= extra.ipoPriceMax * extra.lotSize
        assert extra.isSubscribeStatus == (extra.applyEndTime >= "2026-03-11")
        assert extra.applyEndTime < data.basic.listTime
    for data in on_offer(client, SH):
        extra = data.cnExData
        assert extra.applyTime < extra.winningTime < data.basic.listTime
        assert extra.isHasWon == bool(extra.winningNumData)
        assert extra.onlineIssueSize < extra.issueSize


def test_an_offering_is_unknown_before_its_listing_and_trades_after_it(world, client):
    """On its day it leaves the list, joins the universe and opens near its issue price."""
    first = on_offer(client, US)[0]
    security = key(first)
    before = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[security])
    assert refusal(before) == f"Unknown stock. {security['code']}"
    for _ in range(30):
        if security not in [key(data) for data in on_offer(client, US)]:
            break
        world.pass_time(DAY_S)
    (snapshot,) = answer(
        client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[security])
    ).snapshotList
    listed = answer(client.ask(ProtoId.Qot_GetStaticInfo, market=US, secType=3)).staticInfoList

    assert snapshot.basic.listTime == first.basic.listTime
    assert snapshot.basic.curPrice > 0
    low, high = first.usExData.ipoPriceMin, first.usExData.ipoPriceMax
    assert low * 0.99 <= snapshot.basic.lastClosePrice <= high * 1.01
    assert security["code"] in [info.basic.security.code for info in listed]


def test_a_later_start_knows_what_was_listed_meanwhile():
    """Going on after a restart needs no memory of earlier listings."""
    world = world_at("2026-04-15T11:00:00+08:00")
    client = world.connect()
    world.pass_time(1)
    earlier = list(offerings(Market.HK, FIRST_DAY, calendar_for("HK_STOCK").day_at(6500)))
    listed = [o for o in earlier if o.listed.isoformat() < "2026-04-15"]
    securities = [{"market": HK, "code": offering.instrument.security.code} for offering in listed]

    assert len(securities) > 5
    answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=securities))


def test_no_two_offerings_share_a_code_or_one_that_is_listed():
    """Over the next years."""
    universe = default_universe()
    end = FIRST_DAY.replace(year=2031)
    codes = [
        offering.instrument.security
        for market in (Market.HK, Market.US, Market.SH, Market.SZ)
        for offering in offerings(market, FIRST_DAY, end)
    ]

    assert len(codes) == len(set(codes))
    assert not any(universe.is_named(security) for security in codes)


def test_other_markets_have_no_offerings(client):
    """They are refused."""
    assert refusal(client.ask(ProtoId.Qot_GetIpoList, market=31)) == "This market is not supported."
    assert refusal(client.ask(ProtoId.Qot_GetIpoList, market=99))


# --- code changes -----------------------------------------------------------------------------


def changes(client, **filters):
    return list(answer(client.ask(ProtoId.Qot_GetCodeChange, **filters)).codeChangeList)


GEM_TO_MAIN, UNPAID, CHANGE_LOT, SPLIT, JOINT = range(1, 6)


def test_code_changes_of_hong_kong_have_their_dates(client):
    """Dates are in order, and the latest event comes first; none lies ahead."""
    found = changes(client)
    effective = [change.effectiveTime for change in found]

    assert effective == sorted(effective, reverse=True)
    assert effective[0] < "2026-01-16"
    assert {change.type for change in found} >= {GEM_TO_MAIN, UNPAID, CHANGE_LOT, SPLIT}
    for change in found:
        assert change.security.market == change.relatedSecurity.market == HK
        assert change.publicTime < change.effectiveTime
        assert change.HasField("endTime") == (change.type != GEM_TO_MAIN)
        assert change.type == GEM_TO_MAIN or change.effectiveTime < change.endTime
        assert change.security != change.relatedSecurity
    moved = [change for change in found if change.type == GEM_TO_MAIN]
    assert ("01177", "08120", "2003-12-08 00:00:00") in [
        (c.security.code, c.relatedSecurity.code, c.effectiveTime) for c in moved
    ]


def test_code_changes_agree_with_the_adjustment_factors(client):
    """A split or consolidation has an event on its day, rights not yet paid for one shortly before."""
    seen = changes(client, typeList=[SPLIT, JOINT])[:8] + changes(client, typeList=[UNPAID])[:3]
    for change in seen:
        security = {"market": HK, "code": change.security.code}
        rehabs = answer(client.ask(ProtoId.Qot_RequestRehab, security=security)).rehabList
        day = change.effectiveTime[:10]
        if change.type == UNPAID:
            assert any(change.publicTime[:10] <= r.time[:10] < day and r.allotBase for r in rehabs)
            continue
        (event,) = [rehab for rehab in rehabs if rehab.time[:10] == day]
        assert event.splitBase or event.joinBase


def test_filters_of_code_changes_apply_together(client):
    """By security, type and time."""
    everything = changes(client)
    splits = changes(client, typeList=[4])
    middle = everything[len(everything) // 2].effectiveTime
    since = {"type": 2, "beginTime": middle}

    assert splits == [change for change in everything if change.type == 4]
    assert changes(client, timeFilterList=[since], typeList=[4]) == [
        change for change in splits if change.effectiveTime >= middle
    ]
    assert changes(client, securityList=[TENCENT]) == [
        change for change in everything if change.security.code == "00700"
    ]
    assert refusal(client.ask(ProtoId.Qot_GetCodeChange, typeList=[99]))
