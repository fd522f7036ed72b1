"""History candles and their pages, the quota, trading days."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.session.quotas import HistoryQuota
from gateway.wire.ft_frame import BodyFormat
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    HSBC,
    HSI_FUTURE,
    KL_DAY,
    NOBODY,
    TENCENT,
    answer,
    refusal,
    subscribe,
)

K_1MIN, K_DAY, K_WEEK, K_5MIN = 1, 2, 3, 6
ALL_FIELDS = {
    "highPrice": 1,
    "openPrice": 2,
    "lowPrice": 4,
    "closePrice": 8,
    "lastClosePrice": 16,
    "volume": 32,
    "turnover": 64,
    "turnoverRate": 128,
    "pe": 256,
    "changeRate": 512,
}


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def client(world):
    return world.connect(recvNotify=False)


def request(client, security=TENCENT, begin="2025-11-01", end="2026-01-14", **more):
    arguments = {"rehabType": 1, "klType": K_DAY, "security": security}
    return client.ask(
        ProtoId.Qot_RequestHistoryKL, **arguments | more, beginTime=begin, endTime=end
    )


def pages(client, size, **arguments):
    found, key = [], {}
    while True:
        s2c = answer(request(client, maxAckKLNum=size, **arguments, **key))
        found.append(list(s2c.klList))
        if not s2c.HasField("nextReqKey"):
            return found
        assert s2c.nextReqKey
        key = {"nextReqKey": s2c.nextReqKey}


@given(size=st.integers(1, 60), kind=st.sampled_from([K_DAY, K_WEEK]))
@settings(max_examples=15, deadline=None)
def test_pages_join_to_the_whole(client, size, kind):
    """Whatever their size: full pages but the last, no gap and no repeat."""
    whole = list(answer(request(client, klType=kind)).klList)
    found = pages(client, size, klType=kind)

    assert [bar for page in found for bar in page] == whole
    assert all(len(page) == size for page in found[:-1])
    assert found[-1]


@pytest.mark.parametrize("security", [TENCENT, APPLE, HSI_FUTURE])
def test_minutes_page_over_days_without_gap_or_repeat(client, security):
    """Pages end inside days and nights, and the stretches that are read stay invisible."""
    span = {"security": security, "begin": "2026-01-07", "end": "2026-01-13 11:00:00"}
    whole = list(answer(request(client, klType=K_1MIN, **span)).klList)
    found = pages(client, 333, klType=K_1MIN, **span)

    assert len(whole) > 1000
    assert [bar for page in found for bar in page] == whole
    assert whole[-1].time <= "2026-01-13 11:00:00"
    assert whole[0].time >= "2026-01-07 00:00:00"


def test_a_page_has_at_most_a_thousand_candles(client):
    """More may be asked for; without a number there is no limit."""
    span = {"klType": K_5MIN, "begin": "2025-11-01", "end": "2026-01-14"}

    assert len(answer(request(client, maxAckKLNum=5000, **span)).klList) == 1000
    unlimited = answer(request(client, **span))
    assert len(unlimited.klList) > 3000
    assert not unlimited.HasField("nextReqKey")


def test_the_range_is_inclusive_and_may_carry_a_time(client):
    """A bare end date means that whole day; a time is a bar's label."""
    days = answer(request(client, begin="2026-01-12", end="2026-01-14")).klList
    minutes = answer(
        request(client, klType=K_1MIN, begin="2026-01-14 09:31:00", end="2026-01-14 09:33:00.000")
    ).klList

    assert [bar.time for bar in days] == [f"2026-01-{day} 00:00:00" for day in (12, 13, 14)]
    assert [bar.time[11:] for bar in minutes] == ["09:31:00", "09:32:00", "09:33:00"]
    last = answer(request(client, klType=K_1MIN, begin="2026-01-14", end="2026-01-14")).klList
    assert (last[0].time[11:], last[-1].time[11:]) == ("09:31:00", "16:00:00")


def test_minutes_add_up_to_their_day_and_days_to_their_week(client):
    """The interfaces aggregate exactly."""

    def joined(bars):
        return (
            bars[0].openPrice,
            max(bar.highPrice for bar in bars),
            min(bar.lowPrice for bar in bars),
            bars[-1].closePrice,
            sum(bar.volume for bar in bars),
        )

    minutes = answer(request(client, klType=K_1MIN, begin="2026-01-13", end="2026-01-13")).klList
    days = answer(request(client, begin="2026-01-05", end="2026-01-13")).klList
    weeks = answer(request(client, klType=K_WEEK, begin="2026-01-05", end="2026-01-11")).klList

    assert joined(minutes) == joined(days[-1:])
    assert joined(weeks) == joined(days[:5])


def test_history_ends_with_the_running_bar():
    """It is the bar that the real-time getter shows."""
    world = World()
    client = world.connect()
    subscribe(client, [TENCENT], [KL_DAY])
    world.pass_time(30)
    history = answer(request(client, begin="2026-01-15", end="2026-12-31")).klList
    running = answer(
        client.ask(ProtoId.Qot_GetKL, security=TENCENT, klType=K_DAY, rehabType=1, reqNum=1)
    ).klList

    assert list(history) == list(running)


@pytest.mark.parametrize(("name", "bit"), ALL_FIELDS.items())
def test_every_row_has_the_wanted_field_and_no_other(client, name, bit):
    """The SDK repeats the row before where a field is missing."""
    for kind in (K_DAY, K_1MIN):
        bars = answer(request(client, klType=kind, begin="2026-01-13", needKLFieldsFlag=bit)).klList

        assert len(bars) > 1
        for bar in bars:
            assert [other for other in ALL_FIELDS if bar.HasField(other)] == [name]
            assert bar.time
            assert not bar.isBlank


@pytest.mark.parametrize("flag", [{}, {"needKLFieldsFlag": 0}])
def test_no_flag_means_all_fields(client, flag):
    """Absent or zero."""
    bar = answer(request(client, **flag)).klList[0]

    assert all(bar.HasField(name) for name in ALL_FIELDS)


@pytest.mark.parametrize("security", [TENCENT, APPLE])
@pytest.mark.parametrize("rehab", [1, 2])
def test_rehab_factors_explain_every_adjusted_candle(client, security, rehab):
    """The chain of `price * A + B` over the events: from old to new forward, else new to old."""
    events = list(answer(client.ask(ProtoId.Qot_RequestRehab, security=security)).rehabList)
    raw = answer(request(client, security, "2006-01-20", rehabType=0)).klList
    adjusted = answer(request(client, security, "2006-01-20", rehabType=rehab)).klList

    assert len(events) > 20
    assert [e.time for e in events] == sorted(e.time for e in events)
    assert all(event.companyActFlag and not event.companyActFlag & 32 for event in events)
    if security is APPLE:
        assert all(event.fwdFactorB == 0 for event in events)
    for bar, shown in zip(raw, adjusted, strict=True):
        price, day = bar.closePrice, bar.time[:10]
        if rehab == 1:
            for event in (e for e in events if day < e.time):
                price = price * event.fwdFactorA + event.fwdFactorB
        else:
            for event in (e for e in reversed(events) if day >= e.time):
                price = price * event.bwdFactorA + event.bwdFactorB
        assert shown.closePrice == pytest.approx(price, abs=2e-6, rel=1e-12)
        assert shown.volume == bar.volume


def test_an_ex_date_shows_in_the_raw_candles(client):
    """The previous close is less the dividend, as the exchange reckons."""
    events = list(answer(client.ask(ProtoId.Qot_RequestRehab, security=TENCENT)).rehabList)
    event = next(e for e in reversed(events) if e.companyActFlag == 64)
    bars = answer(request(client, begin="2006-01-20", rehabType=0)).klList
    at = next(i for i, bar in enumerate(bars) if bar.time[:10] == event.time)

    assert bars[at].lastClosePrice == pytest.approx(bars[at - 1].closePrice - event.dividend)


def test_extended_hours_surround_the_american_day(client):
    """Session ALL holds ETH, which holds RTH; bars never repeat and only minutes have them."""
    span = {"begin": "2026-01-13", "end": "2026-01-13 23:59:59", "klType": K_5MIN}
    shown = [answer(request(client, APPLE, session=n, **span)).klList for n in (1, 2, 3)]
    times = [[bar.time for bar in bars] for bars in shown]

    assert times[0][0] == "2026-01-13 09:35:00"
    assert (times[1][0], times[1][-1]) == ("2026-01-13 04:05:00", "2026-01-13 20:00:00")
    assert (times[2][0], times[2][-1]) == ("2026-01-13 00:00:00", "2026-01-13 23:55:00")
    assert set(times[0]) < set(times[1]) < set(times[2])
    for bars, moments in zip(shown, times, strict=True):
        assert moments == sorted(set(moments))
        regular = [bar for bar in bars if bar.time in times[0]]
        assert [bar.closePrice for bar in regular] == [bar.closePrice for bar in shown[0]]
    older = answer(request(client, APPLE, extendedTime=True, **span)).klList
    assert list(older) == list(shown[1])
    day = {"begin": "2026-01-13", "klType": K_DAY}
    assert answer(request(client, APPLE, session=3, **day)) == answer(request(client, APPLE, **day))
    home = {"klType": K_5MIN, "begin": "2026-01-13"}
    assert answer(request(client, session=3, **home)) == answer(request(client, **home))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"begin": "2026-01-14", "end": "2026-01-13"},
            "The start time is later than the end time.",
        ),
        ({"begin": "14.01.2026"}, "Invalid time format: 14.01.2026"),
        ({"end": ""}, "Invalid time format: "),
        ({"klType": 99}, "Invalid parameter: klType=99"),
        ({"rehabType": 9}, "Invalid parameter: rehabType=9"),
        ({"maxAckKLNum": 0}, "Invalid parameter: maxAckKLNum=0"),
        ({"security": NOBODY}, "Unknown stock. 99999"),
        ({"nextReqKey": b"x"}, "Invalid nextReqKey."),
        ({"nextReqKey": b""}, "Invalid nextReqKey."),
        ({"nextReqKey": bytes(16)}, "Invalid nextReqKey."),
    ],
)
def test_what_cannot_be_understood_is_refused(client, arguments, text):
    """Each with its own text."""
    assert refusal(request(client, **arguments)) == text


def test_a_key_belongs_to_its_question(client):
    """Another security, period or range with the key of the first page is refused."""
    key = answer(request(client, maxAckKLNum=5)).nextReqKey
    for other in ({"security": HSBC}, {"klType": K_WEEK}, {"end": "2026-01-13"}):
        assert refusal(request(client, nextReqKey=key, **other)) == "Invalid nextReqKey."
    answer(request(client, maxAckKLNum=50, nextReqKey=key))


def test_a_json_client_gets_everything_on_one_page(world):
    """The key's bytes could not travel in the JSON that the SDK reads."""
    client = world.connect(body_format=BodyFormat.JSON)
    s2c = answer(request(client, maxAckKLNum=5))

    assert len(s2c.klList) > 40
    assert not s2c.HasField("nextReqKey")


@pytest.mark.parametrize(
    ("kind", "first"),
    [(K_DAY, "2006-01-16 00:00:00"), (K_5MIN, "2018-01-15 09:35:00"), (K_WEEK, "2004")],
)
def test_history_reaches_so_many_years_back(client, kind, first):
    """Minutes eight years, days twenty, longer periods to the listing."""
    bars = answer(request(client, begin="1990-01-01", klType=kind, maxAckKLNum=1)).klList

    assert bars[0].time.startswith(first)


# --- quota ---------------------------------------------------------------------------------------


def quota(client, **arguments):
    return answer(client.ask(ProtoId.Qot_RequestHistoryKLQuota, **arguments))


def test_a_security_uses_one_unit_of_quota():
    """Refused requests use none; details come only when asked for."""
    world = World()
    client = world.connect()
    request(client)
    request(client, klType=K_WEEK)
    request(client, security=APPLE)
    request(client, security=HSBC, begin="nonsense")
    plain, detailed = quota(client), quota(client, bGetDetail=True)

    assert (plain.usedQuota, plain.remainQuota, len(plain.detailList)) == (2, 998, 0)
    assert [item.security.code for item in detailed.detailList] == ["00700", "AAPL"]
    assert [item.name for item in detailed.detailList] == ["Tencent", "Apple"]
    assert detailed.detailList[0].requestTime == "2026-01-15 12:00:00"
    assert detailed.detailList[0].requestTimeStamp == 1768449600


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "chs",
            (
                "历史K线额度不足，请求失败（已用正股额度：1/1，期权额度：0/0）。"
                "额度会在7天后全部释放。"
            ),
        ),
        (
            "en",
            (
                "Insufficient historical candlestick quota. Request failed (used stock quota: 1/1, "
                "option quota: 0/0). The quota will be fully released after 7 days."
            ),
        ),
    ],
)
def test_an_exceeded_quota_is_refused_until_it_comes_back(language, text):
    """The securities that have a unit still work, and after seven days all do."""
    world = World(language=language)
    world.opend.login.history_quota = 1
    client = world.connect()
    request(client)

    assert refusal(request(client, security=APPLE)) == text
    answer(request(client))
    assert quota(client).remainQuota == 0
    world.now_ns += 7 * 86_400 * 10**9
    answer(request(client, security=APPLE))


def test_the_month_of_older_releases_has_its_own_text():
    """With thirty days the refusal speaks of them. Source: [O]."""
    world = World()
    world.opend.login.history_quota = 1
    world.opend.history_quota = HistoryQuota(30 * 86_400 * 10**9)
    client = world.connect()
    request(client)
    world.now_ns += 7 * 86_400 * 10**9

    assert refusal(request(client, security=APPLE)).endswith("fully released after 30 days.")


# --- days ----------------------------------------------------------------------------------------


def trading_days(client, market, begin, end, **more):
    response = client.ask(
        ProtoId.Qot_RequestTradeDate, market=market, beginTime=begin, endTime=end, **more
    )
    return answer(response).tradeDateList


def test_trading_days_of_a_market(client):
    """Weekdays without holidays; a half day is a morning."""
    days = trading_days(client, 1, "2025-12-23", "2026-01-02 00:00:00")

    assert [(day.time[5:], day.tradeDateType) for day in days] == [
        ("12-23", 0),
        ("12-24", 1),
        ("12-29", 0),
        ("12-30", 0),
        ("12-31", 1),
        ("01-02", 0),
    ]
    assert days[0].timestamp == 1766419200


def test_a_securitys_venue_goes_before_the_market(client):
    """AAPL has America's days although Hong Kong's are named."""
    days = trading_days(client, 1, "2026-01-01", "2026-01-20", security=APPLE)

    assert "2026-01-19" not in [day.time for day in days]


def test_stock_connect_trades_where_both_markets_do(client):
    """Northbound and southbound days are days of both."""
    span = ("2025-01-01", "2025-12-31")
    connect = {day.time for day in trading_days(client, 4, *span)}
    home = {day.time for day in trading_days(client, 1, *span)}
    mainland = {day.time for day in trading_days(client, 3, *span)}

    assert connect == {day.time for day in trading_days(client, 5, *span)} == home & mainland
    assert connect < home


def test_trading_days_lie_between_ten_years_ago_and_the_end_of_this_one(client):
    """The documented reach."""
    days = trading_days(client, 1, "2000-01-01", "2030-01-01")

    assert date.fromisoformat(days[0].time) >= date(2016, 1, 15)
    assert days[-1].time == "2026-12-31"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((99, "2026-01-01", "2026-01-02"), "Invalid parameter: market=99"),
        ((1, "2026-01-03", "2026-01-02"), "The start time is later than the end time."),
        ((1, "soon", "2026-01-02"), "Invalid time format: soon"),
    ],
)
def test_trading_days_that_cannot_be_told_are_refused(client, arguments, text):
    """Unknown market, reversed range, unreadable time."""
    market, begin, end = arguments
    response = client.ask(ProtoId.Qot_RequestTradeDate, market=market, beginTime=begin, endTime=end)

    assert refusal(response) == text


def test_suspended_days_are_listed_for_each_security(client):
    """In order, within the range; those without any have an empty list; unknown ones are refused."""
    span = {"beginTime": "2006-01-01", "endTime": "2026-01-10"}
    codes = ["00700", "00939", "00005", "00001", "00388", "01810", "03690", "09988", "02318"]
    wanted = [{"market": 1, "code": code} for code in codes]
    rows = answer(client.ask(ProtoId.Qot_GetSuspend, securityList=wanted, **span))
    unknown = client.ask(ProtoId.Qot_GetSuspend, securityList=[NOBODY], **span)

    found = rows.SecuritySuspendList
    assert [row.security.code for row in found] == codes
    days = [day.time for row in found for day in row.suspendList]
    assert days
    for row in found:
        times = [day.time for day in row.suspendList]
        assert times == sorted(times)
        for day in times:
            bars = answer(request(client, {"market": 1, "code": row.security.code}, day, day))
            assert not bars.klList
    assert refusal(unknown) == "Unknown stock. 99999"
