"""American hours on the wire: blocks, candles, lines, prints and pushes of the session that runs."""

import pytest

from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Market, Security
from tests.support.conversation import World
from tests.support.markets import utc_ns, wall_market
from tests.support.quotes import (
    APPLE,
    BASIC,
    KL_1MIN,
    KL_DAY,
    RT,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
)

PRE, AFTER, NIGHT = (
    utc_ns(f"2026-11-20T{clock}-05:00") for clock in ("08:15:20", "18:02:40", "01:33:10")
)
RTH, ETH, ALL = 1, 2, 3
PRICE_UP, VOLUME_UP = 1, 7


def conversation(now):
    """A client of an OpenD whose markets keep real time."""
    return World(start_ns=now, market=wall_market()).connect()


@pytest.mark.parametrize(
    ("now", "block"), [(PRE, "preMarket"), (AFTER, "afterMarket"), (NIGHT, "overnight")]
)
def test_quote_and_snapshot_show_the_same_running_session(now, block):
    """Price, range, volume and change of the block; the regular price stays the last close."""
    client = conversation(now)
    subscribe(client, [APPLE, TENCENT], [BASIC, TICKER], session=ALL)
    apple, tencent = answer(
        client.ask(ProtoId.Qot_GetBasicQot, securityList=[APPLE, TENCENT])
    ).basicQotList
    (shown,) = answer(
        client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[APPLE])
    ).snapshotList
    prints = answer(client.ask(ProtoId.Qot_GetTicker, security=APPLE, maxRetNum=5)).tickerList

    session = getattr(apple, block)
    assert getattr(shown.basic, block) == session
    assert session.price == prints[-1].price
    assert session.lowPrice <= session.price <= session.highPrice
    assert session.volume > 0
    assert session.changeVal == pytest.approx(session.price - apple.curPrice, abs=1e-6)
    assert session.changeRate == pytest.approx(100 * session.changeVal / apple.curPrice, abs=1e-3)
    assert {trade.type for trade in prints} == {22}
    assert not any(tencent.HasField(name) for name in ("preMarket", "afterMarket", "overnight"))


@pytest.mark.parametrize(("session", "first"), [(ETH, "04:01:00"), (ALL, "20:01:00")])
def test_the_subscribed_hours_decide_what_getters_show(session, first):
    """In the morning ETH begins at four, ALL the evening before; RTH shows the last day."""
    client = conversation(PRE)
    subscribe(client, [APPLE], [RT, KL_1MIN, TICKER], session=session)
    line = answer(client.ask(ProtoId.Qot_GetRT, security=APPLE)).rtList
    bars = answer(
        client.ask(ProtoId.Qot_GetKL, security=APPLE, klType=1, rehabType=1, reqNum=3)
    ).klList

    assert line[0].time.endswith(first)
    assert line[-1].time == bars[-1].time
    assert "2026-11-20 08:10:00" < line[-1].time <= "2026-11-20 08:16:00"
    assert line[-1].price == bars[-1].closePrice
    subscribe(client, [APPLE], [RT], session=RTH)
    regular = answer(client.ask(ProtoId.Qot_GetRT, security=APPLE)).rtList
    assert regular[-1].time == "2026-11-19 16:00:00"


def test_pushes_follow_the_subscribed_hours():
    """Before the open ETH gets prints, candles and line; RTH nothing but the quote."""
    world = World(start_ns=PRE, market=wall_market())
    wide, narrow = world.connect(), world.connect()
    for client, session in ((wide, ETH), (narrow, RTH)):
        subscribe(client, [APPLE], [BASIC, TICKER, RT, KL_1MIN, KL_DAY],
                  session=session, isRegOrUnRegPush=True, isFirstPush=False)  # fmt: skip
    world.pass_time(60)

    pushes, quiet = wide.collect(), narrow.collect()
    kinds = [{p.proto_id for p in found} - {ProtoId.Notify} for found in (pushes, quiet)]
    assert kinds[1] == {ProtoId.Qot_UpdateBasicQot}
    assert kinds[0] >= {ProtoId.Qot_UpdateBasicQot, ProtoId.Qot_UpdateTicker,
                        ProtoId.Qot_UpdateRT, ProtoId.Qot_UpdateKL}  # fmt: skip
    prints = [
        trade
        for push in pushes
        if push.proto_id == ProtoId.Qot_UpdateTicker
        for trade in push.s2c.tickerList
    ]
    assert len({trade.sequence for trade in prints}) == len(prints) > 0
    assert all("08:15:20" <= trade.time[11:19] <= "08:16:20" for trade in prints)


def test_the_night_alone_cannot_be_asked_for():
    """Neither subscribed nor in history."""
    client = conversation(PRE)
    history = client.ask(
        ProtoId.Qot_RequestHistoryKL, security=APPLE, klType=1, rehabType=1, session=4,
        beginTime="2026-11-18", endTime="2026-11-19",
    )  # fmt: skip
    assert refusal(history) == "Invalid parameter: session=4"


@pytest.mark.parametrize(("now", "session"), [(PRE, 2), (AFTER, 3), (NIGHT, 4)])
def test_a_reminder_speaks_with_a_print_of_its_session(now, session):
    """At the moment of the print, with its price and its change from the last close; no other speaks."""
    world = World(start_ns=now, market=wall_market())
    client, key = world.connect(), Security(Market.US, "AAPL")
    market = world.opend.market
    until = now + 300 * NS_PER_S
    prints = market.extended_trades(key, now, until)
    target = max(trade.price for trade in prints)
    first = next(trade for trade in prints if trade.price == target)
    close = market.quote(key, now).last
    set_up = {"security": APPLE, "op": 1, "type": PRICE_UP, "freq": 3, "value": target}
    for own in (session, 1):
        answer(client.ask(ProtoId.Qot_SetPriceReminder, reminderSessionList=[own], **set_up))
    volume = {**set_up, "type": VOLUME_UP, "value": 10, "reminderSessionList": [session]}
    answer(client.ask(ProtoId.Qot_SetPriceReminder, **volume))

    world.pass_time((first.time_ns - now) / NS_PER_S - 0.01)
    before = [p.s2c for p in client.collect() if p.proto_id == ProtoId.Qot_UpdatePriceReminder]
    world.pass_time(0.02)
    (push,) = (p.s2c for p in client.collect() if p.proto_id == ProtoId.Qot_UpdatePriceReminder)
    assert [p.type for p in before] == [VOLUME_UP]
    assert before[0].curValue < market.quote(key, now).volume
    assert (push.type, push.price, push.curValue, push.marketStatus) == (
        PRICE_UP,
        target,
        target,
        session,
    )
    assert push.changeRate == pytest.approx((target / close - 1) * 100, abs=1e-3)
