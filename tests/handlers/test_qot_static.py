"""Static data, snapshots, market states and plates, as clients see them."""

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import WallTimeline
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    BANKS,
    HANG_SENG,
    HSI_FUTURE,
    MOUTAI,
    NOBODY,
    TENCENT,
    TRACKER,
    answer,
    refusal,
)

ETF, INDEX, PLATE, FUTURE, STOCK = 4, 6, 7, 10, 3
LISTS = {
    ProtoId.Qot_GetSecuritySnapshot: 400,
    ProtoId.Qot_GetMarketState: 400,
    ProtoId.Qot_GetOwnerPlate: 200,
}


@pytest.fixture(scope="module")
def client():
    return World().connect()


def symbols(messages):
    return [message.basic.security.code for message in messages]


# --- lists of securities -------------------------------------------------------------------------


@pytest.mark.parametrize("proto_id", [*LISTS, ProtoId.Qot_GetStaticInfo])
def test_one_unknown_code_refuses_the_list_and_the_first_is_named(client, proto_id):
    """All or nothing."""
    securities = [TENCENT, NOBODY, {"market": 1, "code": "88888"}]

    assert refusal(client.ask(proto_id, securityList=securities)) == "Unknown stock. 99999"


@pytest.mark.parametrize(("proto_id", "limit"), LISTS.items())
def test_a_list_has_a_limit(client, proto_id, limit):
    """As many as documented pass, one more does not."""
    answer(client.ask(proto_id, securityList=[TENCENT] * limit))

    assert refusal(client.ask(proto_id, securityList=[TENCENT] * (limit + 1))) == (
        f"The number of securities exceeds the limit of {limit}."
    )


@pytest.mark.parametrize("proto_id", LISTS)
def test_an_empty_list_is_refused(client, proto_id):
    """The missing field is named."""
    assert refusal(client.ask(proto_id)) == "Missing necessary parameter: securityList"


# --- static information --------------------------------------------------------------------------


def test_named_securities_come_alone_and_in_order(client):
    """Market and type are ignored beside a list."""
    infos = answer(
        client.ask(ProtoId.Qot_GetStaticInfo, market=21, secType=3, securityList=[APPLE, TENCENT])
    ).staticInfoList
    tencent = infos[1].basic

    assert symbols(infos) == ["AAPL", "00700"]
    assert (tencent.name, tencent.lotSize, tencent.secType) == ("Tencent", 100, STOCK)
    assert (tencent.listTime, tencent.listTimestamp) == ("2004-06-16", 1087315200)
    assert 0 < tencent.id < 2**53
    assert not infos[1].HasField("futureExData")


@pytest.mark.parametrize(
    ("market", "kind", "member", "least"),
    [
        (1, STOCK, "00700", 80),
        (1, ETF, "02800", 10),
        (1, INDEX, "800000", 3),
        (1, PLATE, "LIST1079", 20),
        (1, FUTURE, "HSImain", 5),
        (2, FUTURE, "HSImain", 5),
        (11, STOCK, "AAPL", 60),
        (21, STOCK, "600519", 20),
        (22, STOCK, "000001", 10),
        (41, FUTURE, "NK225main", 3),
    ],
)
def test_a_market_lists_its_securities_of_a_type(client, market, kind, member, least):
    """Only of that type, with numbers of their own."""
    infos = answer(
        client.ask(ProtoId.Qot_GetStaticInfo, market=market, secType=kind)
    ).staticInfoList

    assert member in symbols(infos)
    assert len(infos) >= least
    assert {info.basic.secType for info in infos} == {kind}
    assert len({info.basic.id for info in infos}) == len(infos)


def test_a_continuous_future_has_no_last_trading_day(client):
    """And says that it stands for the main contract."""
    info = answer(client.ask(ProtoId.Qot_GetStaticInfo, securityList=[HSI_FUTURE])).staticInfoList[
        0
    ]

    assert info.futureExData.isMainContract
    assert info.futureExData.lastTradeTime == ""
    assert info.basic.lotSize == 50


def test_an_unknown_market_is_refused(client):
    """The number is in the text."""
    assert refusal(client.ask(ProtoId.Qot_GetStaticInfo, market=7)) == "Invalid parameter: market=7"


# --- snapshots -----------------------------------------------------------------------------------


def snapshots(client, *securities):
    response = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=list(securities))
    return answer(response).snapshotList


EXTRAS = ["equityExData", "trustExData", "indexExData", "plateExData", "futureExData"]


@pytest.mark.parametrize(
    ("security", "extra"),
    [
        (TENCENT, "equityExData"),
        (MOUTAI, "equityExData"),
        (TRACKER, "trustExData"),
        (HANG_SENG, "indexExData"),
        (BANKS, "plateExData"),
        (HSI_FUTURE, "futureExData"),
    ],
)
def test_a_snapshot_has_the_extra_data_of_its_type_only(client, security, extra):
    """Warrants and options have theirs when they are listed."""
    (found,) = snapshots(client, security)

    assert [name for name in EXTRAS if found.HasField(name)] == [extra]
    assert not found.basic.HasField("preMarket")


@pytest.mark.parametrize(
    "security", [TENCENT, APPLE, MOUTAI, TRACKER, HANG_SENG, HSI_FUTURE, BANKS]
)
def test_a_snapshot_agrees_with_itself(client, security):
    """Ranges contain prices, and rates follow from the figures they are made of."""
    basic = snapshots(client, security)[0].basic

    assert basic.lowestHistoryPrice <= basic.lowest52WeeksPrice <= basic.lowPrice
    assert basic.lowPrice <= min(basic.curPrice, basic.openPrice)
    assert max(basic.curPrice, basic.openPrice) <= basic.highPrice <= basic.highest52WeeksPrice
    assert basic.highest52WeeksPrice <= basic.highestHistoryPrice
    assert basic.amplitude == pytest.approx(
        (basic.highPrice - basic.lowPrice) / basic.lastClosePrice * 100, abs=0.001
    )
    assert len(basic.updateTime) == len("2026-01-15 10:30:00.000")
    assert -100 <= basic.bidAskRatio <= 100
    assert basic.secStatus == 1
    assert basic.HasField("askPrice") == (security not in (HANG_SENG, BANKS))


@pytest.mark.parametrize("security", [TENCENT, APPLE, MOUTAI])
def test_the_figures_of_a_share_follow_from_price_and_shares(client, security):
    """Market value, ratios, turnover rate and average price."""
    (found,) = snapshots(client, security)
    basic, equity = found.basic, found.equityExData

    assert equity.issuedMarketVal == pytest.approx(basic.curPrice * equity.issuedShares)
    assert equity.outstandingMarketVal == pytest.approx(basic.curPrice * equity.outstandingShares)
    assert equity.peRate == pytest.approx(basic.curPrice / equity.earningsPershare, abs=0.001)
    assert equity.pbRate == pytest.approx(basic.curPrice / equity.netAssetPershare, abs=0.001)
    assert equity.netProfit == pytest.approx(equity.earningsPershare * equity.issuedShares)
    assert basic.turnoverRate == pytest.approx(
        basic.volume / equity.outstandingShares * 100, abs=0.001
    )
    assert basic.avgPrice == pytest.approx(basic.turnover / basic.volume, abs=0.001)


def test_a_future_has_settlement_and_open_interest(client):
    """It settled at its previous close."""
    (found,) = snapshots(client, HSI_FUTURE)

    assert found.futureExData.lastSettlePrice == found.basic.lastClosePrice
    assert found.futureExData.position > 0
    assert found.futureExData.isMainContract


def test_an_index_and_a_plate_count_their_members(client):
    """Rising, falling and unchanged ones add up to all."""
    index, plate = snapshots(client, HANG_SENG, BANKS)
    members = answer(client.ask(ProtoId.Qot_GetPlateSecurity, plate=BANKS)).staticInfoList
    counts = plate.plateExData

    assert counts.raiseCount + counts.fallCount + counts.equalCount == len(members)
    assert index.indexExData.raiseCount + index.indexExData.fallCount > 10


def test_a_funds_value_is_its_units_value(client):
    """Net asset value, premium and size fit each other."""
    (found,) = snapshots(client, TRACKER)
    trust = found.trustExData

    assert trust.aum == pytest.approx(trust.netAssetValue * trust.outstandingUnits)
    assert trust.premium == pytest.approx(
        (found.basic.curPrice / trust.netAssetValue - 1) * 100, abs=0.001
    )


@pytest.mark.parametrize(
    ("time_ns", "has_traded"),
    [(1_768_439_400 * NS_PER_S, False), (1_768_443_000 * NS_PER_S, True)],
)
def test_before_the_opening_today_is_empty(time_ns, has_traded):
    """At 09:10 in Hong Kong only yesterday's close is known; at 10:10 there is a day."""
    source = SyntheticSource(1)
    market = MarketData(default_universe(), WallTimeline(), source)
    client = World(start_ns=time_ns, market=market).connect()
    basic = snapshots(client, TENCENT)[0].basic

    assert (basic.volume > 0) == (basic.openPrice > 0) == has_traded
    assert (basic.curPrice != basic.lastClosePrice) or not has_traded
    assert basic.updateTime[:10] == ("2026-01-15" if has_traded else "2026-01-14")
    assert basic.lowestHistoryPrice <= basic.curPrice <= basic.highestHistoryPrice


def test_the_extremes_of_the_year_hold_the_history(client):
    """The 52-week range is that of the year's day candles, adjusted forward."""
    basic = snapshots(client, TENCENT)[0].basic
    bars = answer(
        client.ask(
            ProtoId.Qot_RequestHistoryKL,
            security=TENCENT,
            klType=2,
            rehabType=1,
            beginTime="2025-01-16",
            endTime="2026-01-15",
        )
    ).klList

    assert basic.highest52WeeksPrice == max(bar.highPrice for bar in bars)
    assert basic.lowest52WeeksPrice == min(bar.lowPrice for bar in bars)


# --- states and plates ---------------------------------------------------------------------------


def test_market_states_are_those_of_the_venue(client):
    """Each security tells its own venue's phase, with its name."""
    infos = answer(
        client.ask(ProtoId.Qot_GetMarketState, securityList=[TENCENT, APPLE, HSI_FUTURE])
    ).marketInfoList

    assert [(info.name, info.marketState) for info in infos] == [
        ("Tencent", 3),
        ("Apple", 5),
        ("HSI Futures Main", 15),
    ]


def plates(client, market, kind):
    response = client.ask(ProtoId.Qot_GetPlateSet, market=market, plateSetType=kind)
    return {plate.plate.code for plate in answer(response).plateInfoList}


def test_the_sets_of_plates_are_parts_of_all(client):
    """Industry and concept plates are disjoint; Shenzhen shares Shanghai's."""
    industry, concept = plates(client, 1, 1), plates(client, 1, 3)

    assert industry
    assert concept
    assert not industry & concept
    assert industry | concept <= plates(client, 1, 0)
    assert plates(client, 22, 0) == plates(client, 21, 0)
    assert plates(client, 41, 0) == set()


@pytest.mark.parametrize("kind", [4, 9])
def test_a_set_that_cannot_be_asked_for_is_refused(client, kind):
    """`Other` only occurs in answers."""
    response = client.ask(ProtoId.Qot_GetPlateSet, market=1, plateSetType=kind)

    assert refusal(response) == f"Invalid parameter: plateSetType={kind}"


def members(client, plate=BANKS, **more):
    response = client.ask(ProtoId.Qot_GetPlateSecurity, plate=plate, **more)
    return symbols(answer(response).staticInfoList)


def test_members_are_sorted_by_code_unless_told_otherwise(client):
    """Ascending by default; an index has members too."""
    assert members(client) == sorted(members(client))
    assert members(client, ascend=False) == sorted(members(client), reverse=True)
    assert "00700" in members(client, HANG_SENG)


@pytest.mark.parametrize(
    ("sort_field", "figure"),
    [
        (2, lambda basic: basic.curPrice),
        (3, lambda basic: basic.curPrice - basic.lastClosePrice),
        (4, lambda basic: basic.curPrice / basic.lastClosePrice),
        (6, lambda basic: basic.bidPrice),
        (7, lambda basic: basic.askPrice),
        (8, lambda basic: basic.bidVol),
        (9, lambda basic: basic.askVol),
        (10, lambda basic: basic.volume),
        (11, lambda basic: basic.turnover),
        (30, lambda basic: (basic.highPrice - basic.lowPrice) / basic.lastClosePrice),
    ],
)
def test_members_are_sorted_by_what_the_snapshot_shows(client, sort_field, figure):
    """Descending by the wanted figure."""
    codes = members(client, sortField=sort_field, ascend=False)
    found = snapshots(client, *({"market": 1, "code": code} for code in codes))
    figures = [figure(snapshot.basic) for snapshot in found]

    assert sorted(codes) == members(client)
    assert figures == sorted(figures, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"plate": {"market": 1, "code": "BK1"}}, "Unknown plate. BK1"),
        ({"plate": TENCENT}, "Unknown plate. 00700"),
        ({"plate": BANKS, "sortField": 12}, "Invalid parameter: sortField=12"),
    ],
)
def test_members_that_cannot_be_listed_are_refused(client, arguments, text):
    """No plate, no members; warrants' figures are for warrants."""
    assert refusal(client.ask(ProtoId.Qot_GetPlateSecurity, **arguments)) == text


def test_owner_plates_and_members_name_each_other(client):
    """A future belongs to none."""
    (bank, future) = answer(
        client.ask(
            ProtoId.Qot_GetOwnerPlate,
            securityList=[{"market": 1, "code": "00939"}, HSI_FUTURE],
        )
    ).ownerPlateList
    owners = {plate.plate.code: plate.plateType for plate in bank.plateInfoList}

    assert owners["LIST1079"] == 1
    assert all("00939" in members(client, {"market": 1, "code": code}) for code in owners)
    assert not future.plateInfoList
