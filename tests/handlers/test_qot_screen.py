"""Screening stocks by their figures."""

import pytest

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import BANKS, answer, refusal

CODE, NAME, PRICE, PE_ANNUAL, MARKET_VALUE = 1, 2, 3, 12, 11
CURRENT_RATIO, NET_PROFIT = 20, 1
ASCEND, DESCEND = 1, 2


@pytest.fixture(scope="module")
def client():
    return World().connect()


def compare(first, second, **more):
    return {
        "firstFieldName": first,
        "secondFieldName": second,
        "relativePosition": 1,
        "klType": 2,
        **more,
    }


def screen(client, market=1, begin=0, num=200, **filters):
    return client.ask(ProtoId.Qot_StockFilter, begin=begin, num=num, market=market, **filters)


def base(field, **more):
    return {"fieldName": field, "isNoFilter": False, **more}


def codes(s2c):
    return [row.security.code for row in s2c.dataList]


def test_the_official_demos_filter_finds_what_it_asks_for(client):
    """Price between 2 and 1000, current ratio between 0.5 and 50 %, sorted by the latter."""
    s2c = answer(
        screen(
            client,
            baseFilterList=[base(PRICE, filterMin=2, filterMax=1000)],
            financialFilterList=[
                base(CURRENT_RATIO, filterMin=0.5, filterMax=50, sortDir=ASCEND, quarter=1)
            ],
        )
    )
    ratios = [row.financialDataList[0].value for row in s2c.dataList]

    assert s2c.lastPage
    assert s2c.allCount == len(s2c.dataList) > 0
    assert all(2 <= row.baseDataList[0].value <= 1000 for row in s2c.dataList)
    assert all(0.5 <= ratio <= 50 for ratio in ratios)
    assert ratios == sorted(ratios)
    assert {row.financialDataList[0].quarter for row in s2c.dataList} == {1}
    assert all(row.name for row in s2c.dataList)


def test_without_filters_all_stocks_of_the_market_come(client):
    """By code; the mainland's two exchanges are one market."""
    home = answer(screen(client))
    mainland = answer(screen(client, market=21))

    assert "00700" in codes(home)
    assert "02800" not in codes(home)
    assert codes(home) == sorted(codes(home))
    assert {row.security.market for row in mainland.dataList} == {21, 22}
    assert codes(mainland) == codes(answer(screen(client, market=22)))


def test_values_are_those_of_the_snapshot(client):
    """The screen and the snapshot look at the same figures."""
    row = answer(
        screen(
            client,
            num=1,
            baseFilterList=[{"fieldName": f} for f in (PRICE, PE_ANNUAL, MARKET_VALUE)],
            financialFilterList=[{"fieldName": NET_PROFIT, "quarter": 1}],
        )
    ).dataList[0]
    (found,) = answer(
        client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[row.security])
    ).snapshotList
    values = [data.value for data in row.baseDataList]

    assert values[0] == found.basic.curPrice
    assert values[1] == found.equityExData.peRate
    assert values[2] == found.equityExData.issuedMarketVal
    assert row.financialDataList[0].value == found.equityExData.netProfit


def test_code_and_name_are_no_values(client):
    """The SDK would write them over the row's own."""
    row = answer(
        screen(client, num=1, baseFilterList=[{"fieldName": CODE}, {"fieldName": NAME}])
    ).dataList[0]

    assert not row.baseDataList
    assert row.name


def test_pages_join_to_the_whole(client):
    """The last page says so."""
    filters = {"baseFilterList": [{"fieldName": PRICE, "sortDir": DESCEND}]}
    whole = answer(screen(client, **filters))
    joined, begin = [], 0
    while True:
        page = answer(screen(client, begin=begin, num=30, **filters))
        joined += codes(page)
        begin += 30
        assert page.allCount == whole.allCount
        if page.lastPage:
            break

    assert joined == codes(whole)


def test_a_plate_narrows_the_universe(client):
    """Only its members are looked at."""
    members = answer(client.ask(ProtoId.Qot_GetPlateSecurity, plate=BANKS)).staticInfoList

    assert codes(answer(screen(client, plate=BANKS))) == [
        info.basic.security.code for info in members
    ]


def test_cumulative_figures_cover_their_days(client):
    """Change and mean volume of five days equal those of the candles."""
    row = answer(
        screen(
            client,
            num=1,
            accumulateFilterList=[{"fieldName": f, "days": 5} for f in (1, 3)],
        )
    ).dataList[0]
    bars = answer(
        client.ask(
            ProtoId.Qot_RequestHistoryKL,
            security=row.security,
            klType=2,
            rehabType=0,
            beginTime="2026-01-01",
            endTime="2026-01-15",
        )
    ).klList[-5:]
    change = (bars[-1].closePrice / bars[0].lastClosePrice - 1) * 100

    assert row.accumulateDataList[0].value == pytest.approx(change, abs=0.001)
    assert row.accumulateDataList[1].value == sum(bar.volume for bar in bars) // 5
    assert row.accumulateDataList[0].days == 5


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("chs", "没有给需要筛选的字段进行区间赋值"),
        ("en", "The filter field needs to set the range"),
    ],
)
def test_a_filter_without_an_interval_is_refused(language, text):
    """One end is enough."""
    client = World(language=language).connect()

    assert refusal(screen(client, baseFilterList=[base(PRICE)])) == text
    answer(screen(client, baseFilterList=[base(PRICE, filterMin=100)]))


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"baseFilterList": [{"fieldName": 22}]}, "baseFilterList.fieldName=22"),
        (
            {"financialFilterList": [{"fieldName": 47, "quarter": 1}]},
            "financialFilterList.fieldName=47",
        ),
        (
            {"financialFilterList": [{"fieldName": 1, "quarter": 6}]},
            "financialFilterList.fieldName=1",
        ),
        (
            {"accumulateFilterList": [{"fieldName": 9, "days": 1}]},
            "accumulateFilterList.fieldName=9",
        ),
        (
            {"accumulateFilterList": [{"fieldName": 1, "days": 0}]},
            "accumulateFilterList.days=0",
        ),
        (
            {"patternFilterList": [{"fieldName": 21, "klType": 2}]},
            "patternFilterList.fieldName=21",
        ),
        ({"patternFilterList": [{"fieldName": 1, "klType": 1}]}, "klType=1"),
        (
            {"patternFilterList": [{"fieldName": 1, "klType": 2, "consecutivePeriod": 13}]},
            "consecutivePeriod=13",
        ),
        (
            {"customIndicatorFilterList": [compare(18, 30)]},
            "customIndicatorFilterList.fieldName=18",
        ),
        (
            {"customIndicatorFilterList": [compare(30, 30, firstFieldParaList=[5, 6])]},
            "customIndicatorFilterList.fieldName=30",
        ),
        (
            {"customIndicatorFilterList": [compare(30, 40, relativePosition=9)]},
            "relativePosition=9",
        ),
        ({"begin": -1}, "begin=-1"),
        ({"market": 31}, "market=31"),
    ],
)
def test_what_this_market_cannot_screen_is_refused_and_named(client, filters, text):
    """No figure is made up."""
    assert refusal(screen(client, **filters)) == f"Invalid parameter: {text}"


def test_a_page_has_at_most_200_rows(client):
    """OpenD's words for too many."""
    text = "The number of securities exceeds the limit of 200."

    assert refusal(screen(client, num=201)) == text


def test_an_indicator_needs_a_number_to_be_compared_with(client):
    """Where the other side is a value, the value must be given."""
    response = screen(client, customIndicatorFilterList=[compare(9, 17)])

    assert refusal(response) == "Missing necessary parameter: fieldValue"


def test_an_unknown_plate_is_refused(client):
    """By its code."""
    response = screen(client, plate={"market": 1, "code": "BK1"})

    assert refusal(response) == "Unknown plate. BK1"
