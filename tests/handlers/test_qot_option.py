"""Expiration dates and option chains, as clients see them."""

from datetime import date, timedelta

import pytest

from gateway.session.quote_rights import QuoteRight, QuoteRights
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    BASIC,
    BOOK,
    HANG_SENG,
    KL_1MIN,
    KL_DAY,
    MOUTAI,
    NOBODY,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
)

CALL, PUT = 1, 2
INSIDE, OUTSIDE = 1, 2
SMALL = 2
SPX = {"market": 11, "code": ".SPX"}
KL_30MIN, KL_60MIN = 9, 10
"""Subscription types."""


@pytest.fixture(scope="module")
def client():
    return World().connect()


def expiries(client, owner, **more):
    found = answer(client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=owner, **more))
    return [row.strikeTime for row in found.dateList]


def chain(client, owner, begin, end=None, **more):
    found = answer(
        client.ask(
            ProtoId.Qot_GetOptionChain, owner=owner, beginTime=begin, endTime=end or begin, **more
        )
    )
    return found.optionChain


def options(expiry_list):
    """Every option of a chain, one list."""
    return [
        side
        for expiry in expiry_list
        for item in expiry.option
        for side in (item.call, item.put)
        if side.HasField("basic")
    ]


def security_of(option):
    return {"market": option.basic.security.market, "code": option.basic.security.code}


def snapshots(client, found):
    asked = [security_of(option) for option in found]
    return answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=asked)).snapshotList


@pytest.mark.parametrize("owner", [APPLE, TENCENT, HANG_SENG])
def test_expiries_come_soonest_first_with_their_distance(client, owner):
    """Days from today's trade date, none in the past; cycles of an index only."""
    found = answer(client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=owner)).dateList
    days = [date.fromisoformat(row.strikeTime) for row in found]

    assert days == sorted(set(days))
    assert all(row.optionExpiryDateDistance >= 0 for row in found)
    assert {
        day - timedelta(days=row.optionExpiryDateDistance)
        for day, row in zip(days, found, strict=True)
    } <= {date(2026, 1, 14), date(2026, 1, 15)}
    assert all(row.HasField("cycle") == (owner is HANG_SENG) for row in found)


def test_a_security_without_options_has_no_expiries(client):
    """An A share has none; an unknown code is refused."""
    asked = client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=NOBODY)

    assert refusal(asked) == "Unknown stock. 99999"
    assert "permission" in refusal(client.ask(ProtoId.Qot_GetOptionExpirationDate, owner=MOUTAI))


def test_a_chain_pairs_calls_and_puts_by_strike(client):
    """Strikes ascend; the static data name the contract."""
    (expiry,) = chain(client, TENCENT, expiries(client, TENCENT)[0])
    strikes = [item.call.optionExData.strikePrice for item in expiry.option]

    assert strikes == sorted(set(strikes))
    for item in expiry.option:
        assert item.call.optionExData.strikePrice == item.put.optionExData.strikePrice
        assert (item.call.optionExData.type, item.put.optionExData.type) == (CALL, PUT)
        assert item.call.basic.security.code.startswith("TCH")
        assert item.call.optionExData.strikeTime == expiry.strikeTime
        assert item.call.basic.lotSize == 100


def test_american_index_options_have_two_roots(client):
    """On a third Friday months stand beside weeks; months settle in the morning."""
    (expiry,) = chain(client, SPX, "2026-02-20", type=PUT)
    roots = {option.basic.security.code[:-14]: option for option in options([expiry])}
    static = {root: option.optionExData for root, option in roots.items()}

    assert list(roots) == ["SPX", "SPXW"]
    (months, weeks) = static.values()
    assert (months.optionSettlementMode, weeks.optionSettlementMode) == (1, 2)
    assert (months.expirationCycle, weeks.expirationCycle) == (2, 15)
    assert {s.owner.code for s in static.values()} == {".SPX"}
    shot = snapshots(client, list(roots.values()))[1]
    assert shot.optionExData.optionAreaType == 2
    assert shot.basic.curPrice > 0
    assert shot.optionExData.delta < 0 < shot.optionExData.impliedVolatility


def test_a_range_holds_all_its_expiries_and_no_other(client):
    """Thirty days are allowed, one more is not."""
    begin = expiries(client, APPLE)[0]
    end = (date.fromisoformat(begin) + timedelta(days=30)).isoformat()
    wanted = [day for day in expiries(client, APPLE) if begin <= day <= end]

    assert [expiry.strikeTime for expiry in chain(client, APPLE, begin, end)] == wanted
    later = (date.fromisoformat(begin) + timedelta(days=31)).isoformat()
    asked = client.ask(ProtoId.Qot_GetOptionChain, owner=APPLE, beginTime=begin, endTime=later)
    assert "30 days" in refusal(asked)
    asked = client.ask(ProtoId.Qot_GetOptionChain, owner=APPLE, beginTime=later, endTime=begin)
    assert refusal(asked)


def test_type_and_condition_choose_a_side(client):
    """In and out of the money together are all of them."""
    day = expiries(client, APPLE)[1]
    calls = options(chain(client, APPLE, day, type=CALL))
    inside = options(chain(client, APPLE, day, type=CALL, condition=INSIDE))
    outside = options(chain(client, APPLE, day, type=CALL, condition=OUTSIDE))
    spot = snapshot_price(client)

    assert {option.optionExData.type for option in calls} == {CALL}
    assert all(option.optionExData.strikePrice < spot for option in inside)
    assert all(option.optionExData.strikePrice >= spot for option in outside)
    assert len(inside) + len(outside) == len(calls)


def snapshot_price(client):
    asked = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[APPLE])
    return answer(asked).snapshotList[0].basic.curPrice


@pytest.mark.parametrize(
    ("bounds", "read"),
    [
        ({"deltaMin": 0.2, "deltaMax": 0.6}, lambda data, _: data.delta),
        (
            {"impliedVolatilityMin": 20, "impliedVolatilityMax": 30},
            lambda d, _: d.impliedVolatility,
        ),
        ({"openInterestMin": 500, "openInterestMax": 9000}, lambda data, _: data.openInterest),
        ({"thetaMin": -0.2, "thetaMax": -0.05}, lambda data, _: data.theta),
        ({"volMin": 100, "volMax": 2000}, lambda _, basic: basic.volume),
    ],
)
def test_filters_keep_exactly_what_the_snapshots_confirm(client, bounds, read):
    """Inside the bounds means kept, outside means left out."""
    day = expiries(client, APPLE)[2]
    everything = options(chain(client, APPLE, day))
    kept = {o.basic.security.code for o in options(chain(client, APPLE, day, dataFilter=bounds))}
    low, high = bounds.values()
    expected = {
        row.basic.security.code
        for row in snapshots(client, everything)
        if low <= read(row.optionExData, row.basic) <= high
    }

    assert kept == expected
    assert 0 < len(kept) < len(everything)


def test_small_index_options_are_a_class_of_their_own(client):
    """MHI beside HSI: other codes, a fifth of the multiplier."""
    day = expiries(client, HANG_SENG, indexOptionType=SMALL)[0]
    small = options(chain(client, HANG_SENG, day, indexOptionType=SMALL))
    usual = options(chain(client, HANG_SENG, day))

    assert {o.basic.security.code[:3] for o in small} == {"MHI"}
    assert {o.basic.security.code[:3] for o in usual} == {"HSI"}
    assert (small[0].basic.lotSize, usual[0].basic.lotSize) == (10, 50)
    assert (small[0].optionExData.indexOptionType, usual[0].optionExData.indexOptionType) == (2, 1)


def test_snapshot_and_quote_carry_the_same_figures(client):
    """Whatever interface tells them."""
    listed = chain(client, TENCENT, expiries(client, TENCENT)[1])[0].option
    item = listed[len(listed) // 2]
    option = security_of(item.call)
    subscribe(client, [option], [BASIC, BOOK, TICKER, KL_DAY, KL_1MIN])
    (whole,) = snapshots(client, [item.call])
    asked = client.ask(ProtoId.Qot_GetBasicQot, securityList=[option])
    basic = answer(asked).basicQotList[0]

    for name in ("delta", "gamma", "vega", "theta", "rho", "impliedVolatility", "openInterest"):
        assert getattr(whole.optionExData, name) == getattr(basic.optionExData, name)
    assert (whole.basic.curPrice, whole.basic.volume) == (basic.curPrice, basic.volume)
    assert whole.optionExData.owner.code == "00700"
    assert not whole.HasField("equityExData")


def test_options_have_five_periods(client):
    """Sixty minutes yes, thirty no, for subscriptions and for history."""
    option = security_of(chain(client, APPLE, expiries(client, APPLE)[0])[0].option[0].call)

    assert subscribe(client, [option], [KL_60MIN]).retType == 0
    assert "KL_30Min" in refusal(subscribe(client, [option], [KL_30MIN]))
    asked = client.ask(
        ProtoId.Qot_RequestHistoryKL,
        security=option,
        rehabType=0,
        klType=3,
        beginTime="2026-01-01",
        endTime="2026-01-14",
    )
    assert "does not support this candlestick type" in refusal(asked)


def test_without_the_right_there_is_no_chain():
    """Rights to the shares do not open their options."""
    poor = World(rights=QuoteRights(us_option=QuoteRight.NONE)).connect()

    assert "Options" in refusal(poor.ask(ProtoId.Qot_GetOptionExpirationDate, owner=APPLE))
    asked = poor.ask(
        ProtoId.Qot_GetOptionChain, owner=APPLE, beginTime="2026-01-16", endTime="2026-01-16"
    )
    assert "Options" in refusal(asked)
