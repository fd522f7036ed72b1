"""Screening thousands of stocks: every answer is re-checked against snapshots and candles."""

import numpy as np
import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import Adjustment, Market, Period, SecurityType
from simulator.market.candles import Chart
from simulator.market.data import MarketData
from simulator.market.indicators import Bars, kdj, macd, rsi
from simulator.market.long_tail import full_universe
from simulator.market.synthetic import SyntheticSource
from simulator.timeline import WallTimeline
from tests.support.conversation import World
from tests.support.markets import utc_ns
from tests.support.quotes import answer, refusal

NOW = utc_ns("2026-11-20T10:47:23+08:00")
FULL_MINUTE = utc_ns("2026-11-20T10:47:00+08:00")
PRICE, MARKET_VALUE, BID_ASK, YEAR_HIGH, YEAR_LOW = 3, 11, 9, 4, 5
PRICE_LINE, VALUE, MA, EMA, RSI, KDJ_K, MACD_DIFF, BOLL_UPPER = 1, 17, 30, 40, 9, 50, 60, 70
DAY = 2


@pytest.fixture(scope="module")
def world():
    market = MarketData(full_universe(), WallTimeline(), SyntheticSource(1))
    return World(start_ns=NOW, market=market)


@pytest.fixture(scope="module")
def client(world):
    return world.connect()


def screen(client, begin=0, num=200, market=1, **filters):
    return answer(
        client.ask(ProtoId.Qot_StockFilter, begin=begin, num=num, market=market, **filters)
    )


def snapshots(client, rows):
    securities = [row.security for row in rows]
    return answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=securities)).snapshotList


def whole(client, **filters):
    """All rows, page by page."""
    rows = []
    while True:
        page = screen(client, begin=len(rows), **filters)
        rows += page.dataList
        if page.lastPage:
            assert page.allCount == len(rows)
            return rows


def keep(field, low=None, high=None, **more):
    ends = {"filterMin": low, "filterMax": high}
    return {
        "fieldName": field,
        "isNoFilter": False,
        **{k: v for k, v in ends.items() if v is not None},
        **more,
    }


def compare(first, second, **more):
    return {
        "firstFieldName": first,
        "secondFieldName": second,
        "relativePosition": 1,
        "klType": DAY,
        "isNoFilter": False,
        **more,
    }


def test_the_whole_market_is_looked_at(client, world):
    """Without conditions every stock that trades comes, each once, in the order of codes."""
    rows = whole(client)
    codes = [row.security.code for row in rows]
    listed = world.opend.market.universe.instruments(Market.HK, SecurityType.EQUITY)

    assert codes == sorted({i.security.code for i in listed if i.is_tradable})
    assert len(codes) > 2_300


def test_values_are_those_of_the_snapshots(client):
    """Price, market value, distance from the year's high: to the digit, long tail included."""
    fields = (PRICE, MARKET_VALUE, YEAR_HIGH, YEAR_LOW, BID_ASK)
    rows = screen(
        client, begin=700, num=60, baseFilterList=[{"fieldName": f} for f in fields]
    ).dataList

    for row, found in zip(rows, snapshots(client, rows), strict=True):
        price, value, high, low, bid_ask = (data.value for data in row.baseDataList)
        basic = found.basic
        assert price == basic.curPrice
        assert value == found.equityExData.issuedMarketVal
        assert high == pytest.approx((price / basic.highest52WeeksPrice - 1) * 100, abs=6e-4)
        assert low == pytest.approx((price / basic.lowest52WeeksPrice - 1) * 100, abs=6e-4)
        assert bid_ask == basic.bidAskRatio


def test_a_condition_keeps_exactly_those_that_meet_it(client):
    """Who is in meets it, who is out does not, by the snapshots of everybody."""
    everybody = whole(client)[::6]
    looked_at = {row.security.code for row in everybody}
    kept = {r.security.code for r in whole(client, baseFilterList=[keep(PRICE, 1.0, 1.2)])}
    meeting = set()
    for at in range(0, len(everybody), 400):
        for found in snapshots(client, everybody[at : at + 400]):
            if 1.0 <= found.basic.curPrice <= 1.2:
                meeting.add(found.basic.security.code)

    assert len(meeting) > 5
    assert kept & looked_at == meeting


def test_pages_of_a_sorted_list_join_without_gap_or_repeat(client):
    """By the day's change, which differs a little and moves with each print."""
    filters = {"accumulateFilterList": [{"fieldName": 1, "days": 1, "sortDir": 2}]}
    rows = whole(client, **filters)
    changes = [row.accumulateDataList[0].value for row in rows]

    assert changes == sorted(changes, reverse=True)
    assert len({row.security.code for row in rows}) == len(rows)
    middle = screen(client, begin=1_234, num=7, **filters).dataList
    assert [r.security.code for r in middle] == [r.security.code for r in rows[1_234:1_241]]


def test_changes_over_days_are_those_of_the_candles(client):
    """Change, amplitude, mean volume and turnover of twenty days."""
    filters = [{"fieldName": f, "days": 20} for f in (1, 2, 3, 4)]
    for row in screen(client, begin=1_500, num=5, accumulateFilterList=filters).dataList:
        bars = answer(
            client.ask(
                ProtoId.Qot_RequestHistoryKL,
                security=row.security,
                klType=DAY,
                rehabType=1,
                beginTime="2026-10-01",
                endTime="2026-11-20",
            )
        ).klList[-20:]
        change, amplitude, volume, turnover = (d.value for d in row.accumulateDataList)
        before = bars[0].lastClosePrice
        high, low = max(b.highPrice for b in bars), min(b.lowPrice for b in bars)

        assert change == pytest.approx((bars[-1].closePrice / before - 1) * 100, abs=6e-4)
        assert amplitude == pytest.approx((high - low) / before * 100, abs=6e-4)
        assert volume == sum(b.volume for b in bars) // 20
        assert turnover == pytest.approx(sum(b.turnover for b in bars) / 20, abs=0.01)


def series(world, row):
    """The bars of a stock as of the last full minute, as screening sees them."""
    market = world.opend.market
    security = next(
        i.security
        for i in market.universe.instruments(Market.HK, SecurityType.EQUITY)
        if i.security.code == row.security.code
    )
    found = market.recent_candles(security, Period.DAY, 280, FULL_MINUTE, Chart(Adjustment.FORWARD))
    return Bars(*(getattr(found, name)[None, :] for name in ("high", "low", "close")))


def test_indicators_are_those_of_the_candles(client, world):
    """Values told with the rows equal the usual formulas over the day candles."""
    filters = [
        compare(PRICE_LINE, MA, secondFieldParaList=[20]),
        compare(RSI, VALUE, fieldValue=50.0, firstFieldParaList=[12]),
        compare(KDJ_K, 51),
        compare(MACD_DIFF, 61),
    ]
    rows = whole(client, customIndicatorFilterList=filters)

    assert 5 < len(rows) < 1_500
    for row in rows[::25]:
        bars = series(world, row)
        told = {(d.fieldName, tuple(d.fieldParaList)): d.value for d in row.customIndicatorDataList}
        k, d, _ = kdj(bars, 9, 3, 3)
        diff, dea, _ = macd(bars.close, 12, 26, 9)
        mean = bars.close[0, -20:].mean()
        strength = rsi(bars.close, 12)[0, -1]

        assert told[PRICE_LINE, ()] == pytest.approx(bars.close[0, -1], abs=6e-4)
        assert told[MA, (20,)] == pytest.approx(mean, abs=6e-4)
        assert told[RSI, (12,)] == pytest.approx(strength, abs=6e-4)
        assert told[KDJ_K, (9, 3, 3)] == pytest.approx(k[0, -1], abs=6e-4)
        assert told[MACD_DIFF, (12, 26, 9)] == pytest.approx(diff[0, -1], abs=6e-4)
        assert bars.close[0, -1] > mean
        assert strength > 50
        assert k[0, -1] > d[0, -1]
        assert diff[0, -1] > dea[0, -1]


def test_aligned_means_are_aligned(client, world):
    """A bullish alignment holds on two days, and the close has risen."""
    rows = whole(client, patternFilterList=[{"fieldName": 1, "klType": DAY, "isNoFilter": False}])

    assert 20 < len(rows) < 1_200
    for row in rows[::40]:
        close = series(world, row).close[0]
        for end in (len(close), len(close) - 1):
            means = [close[end - p : end].mean() for p in (5, 10, 20, 30, 60)]
            assert all(np.diff(means) < 0)
        assert close[-1] > close[-2]


def test_longer_runs_leave_fewer_stocks(client):
    """A condition that must hold on three bars is stricter than on one."""
    once, thrice = (
        {
            r.security.code
            for r in whole(
                client,
                customIndicatorFilterList=[compare(PRICE_LINE, 4, consecutivePeriod=runs)],
            )
        }
        for runs in (1, 3)
    )

    assert thrice < once


def test_figures_of_accounts_screen_the_whole_market(client):
    """Return on equity between 10 and 12 per cent, by the annual statement, sorted."""
    rows = whole(client, financialFilterList=[keep(8, 10.0, 12.0, quarter=1, sortDir=1)])
    values = [row.financialDataList[0].value for row in rows]

    assert len(values) > 50
    assert values == sorted(values)
    assert all(10.0 <= value <= 12.0 for value in values)


def test_hours_of_thousands_are_too_heavy_and_of_a_few_are_not(client):
    """The same filter works on what another one leaves."""
    hours = compare(PRICE_LINE, MA, klType=9, secondFieldParaList=[10])
    response = client.ask(
        ProtoId.Qot_StockFilter, begin=0, num=10, market=1, customIndicatorFilterList=[hours]
    )
    few = screen(
        client,
        baseFilterList=[keep(MARKET_VALUE, 5e11)],
        customIndicatorFilterList=[hours],
    )

    assert refusal(response) == "business processing timeout did not return"
    assert 0 < few.allCount < 60


def test_equal_questions_have_equal_answers(client):
    """Nothing depends on what was asked before."""
    filters = {
        "baseFilterList": [keep(PRICE, 2.0, 9.0, sortDir=2)],
        "accumulateFilterList": [keep(5, 0.0, 3.0, days=10)],
    }

    assert screen(client, **filters) == screen(client, **filters)
