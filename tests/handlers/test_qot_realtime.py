"""Getters and pushes of subscribed data, and their agreement at one instant."""

import itertools
from decimal import Decimal

import pytest

from gateway.registry import ROUTES
from gateway.wire.proto_ids import ProtoId
from simulator.domain import (
    Currency,
    Market,
    OrderRequest,
    OrderType,
    Security,
    Side,
    TradeDirection,
)
from tests.support.conversation import World
from tests.support.quotes import (
    APPLE,
    BASIC,
    BOOK,
    BROKER,
    HANG_SENG,
    HSBC,
    HSI_FUTURE,
    KL_1MIN,
    KL_DAY,
    MOUTAI,
    NOBODY,
    RT,
    TENCENT,
    TICKER,
    answer,
    refusal,
    subscribe,
)

ALL_TYPES = [BASIC, BOOK, TICKER, RT, KL_DAY, KL_1MIN]
K_1MIN, K_DAY, K_WEEK = 1, 2, 3
GETTERS = {
    ProtoId.Qot_GetBasicQot: {"securityList": [TENCENT]},
    ProtoId.Qot_GetKL: {"security": TENCENT, "klType": K_1MIN, "rehabType": 1, "reqNum": 5},
    ProtoId.Qot_GetRT: {"security": TENCENT},
    ProtoId.Qot_GetTicker: {"security": TENCENT, "maxRetNum": 5},
    ProtoId.Qot_GetOrderBook: {"security": TENCENT, "num": 10},
    ProtoId.Qot_GetBroker: {"security": TENCENT},
}


def candles(client, security, kl_type, count, rehab=1):
    response = client.ask(
        ProtoId.Qot_GetKL, security=security, klType=kl_type, rehabType=rehab, reqNum=count
    )
    return answer(response)


@pytest.mark.parametrize(
    ("proto_id", "chinese", "english"),
    [
        (
            ProtoId.Qot_GetBasicQot,
            "请求获取实时报价接口前，请先订阅Basic数据",
            (
                "Before calling the Get Real-time Quotes interface, "
                "please subscribe to Basic data first."
            ),
        ),
        (
            ProtoId.Qot_GetKL,
            "请求获取实时K线接口前，请先订阅KL_1Min数据",
            (
                "Before calling the Get Real-time Candlestick interface, "
                "please subscribe to KL_1Min data first."
            ),
        ),
        (
            ProtoId.Qot_GetRT,
            "请求获取实时分时接口前，请先订阅RT数据",
            (
                "Before calling the Get Real-time Intraday Data interface, "
                "please subscribe to RT data first."
            ),
        ),
        (
            ProtoId.Qot_GetTicker,
            "请求获取实时逐笔接口前，请先订阅Ticker数据",
            (
                "Before calling the Get Real-time Tick-by-Tick Data interface, "
                "please subscribe to Ticker data first."
            ),
        ),
        (
            ProtoId.Qot_GetOrderBook,
            "请求获取实时摆盘接口前，请先订阅OrderBook数据",
            (
                "Before calling the Get Real-time Order Book interface, "
                "please subscribe to OrderBook data first."
            ),
        ),
        (
            ProtoId.Qot_GetBroker,
            "请求获取实时经纪队列接口前，请先订阅Broker数据",
            (
                "Before calling the Get Real-time Broker Queue interface, "
                "please subscribe to Broker data first."
            ),
        ),
    ],
)
def test_getters_need_their_own_subscription(proto_id, chinese, english):
    """Another connection's subscription is not enough, nor is another type."""
    for language, text in (("chs", chinese), ("en", english)):
        world = World(language=language)
        subscribe(world.connect(), [TENCENT], [*ALL_TYPES, BROKER])

        assert refusal(world.connect().ask(proto_id, **GETTERS[proto_id])) == text


def test_an_unknown_code_is_unknown_before_it_is_unsubscribed():
    """The code is looked up first."""
    response = World().connect().ask(ProtoId.Qot_GetRT, security=NOBODY)

    assert refusal(response) == "Unknown stock. 99999"


@pytest.mark.parametrize(
    ("proto_id", "arguments", "text"),
    [
        (ProtoId.Qot_GetKL, {"reqNum": 1001}, "Invalid parameter: reqNum=1001"),
        (ProtoId.Qot_GetKL, {"reqNum": 0}, "Invalid parameter: reqNum=0"),
        (ProtoId.Qot_GetKL, {"klType": 77}, "Invalid parameter: klType=77"),
        (ProtoId.Qot_GetKL, {"rehabType": 3}, "Invalid parameter: rehabType=3"),
        (ProtoId.Qot_GetTicker, {"maxRetNum": 1001}, "Invalid parameter: maxRetNum=1001"),
        (ProtoId.Qot_GetTicker, {"maxRetNum": 0}, "Invalid parameter: maxRetNum=0"),
        (ProtoId.Qot_GetOrderBook, {"num": 0}, "Invalid parameter: num=0"),
        (ProtoId.Qot_GetOrderBook, {"orderBookType": 1}, "Invalid parameter: orderBookType=1"),
        (
            ProtoId.Qot_GetBasicQot,
            {"securityList": []},
            "Missing necessary parameter: securityList",
        ),
    ],
)
def test_numbers_outside_the_limits_are_refused(proto_id, arguments, text):
    """At most 1000 candles and prints; an order book needs a depth."""
    client = World().connect()
    subscribe(client, [TENCENT], ALL_TYPES)

    assert refusal(client.ask(proto_id, **{**GETTERS[proto_id], **arguments})) == text


@pytest.mark.parametrize("security", [TENCENT, APPLE, MOUTAI, HSI_FUTURE])
def test_everything_agrees_at_one_instant(security):
    """Quote, snapshot, prints, minute, line, day and book tell one story."""
    world = World(seed=7)
    client = world.connect(recvNotify=False)
    subscribe(client, [security], ALL_TYPES)
    world.pass_time(100)
    quote = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[security])).basicQotList[0]
    snapshot = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[security]))
    basic = snapshot.snapshotList[0].basic
    trades = answer(client.ask(ProtoId.Qot_GetTicker, security=security, maxRetNum=1000)).tickerList
    line = answer(client.ask(ProtoId.Qot_GetRT, security=security)).rtList
    minutes = candles(client, security, K_1MIN, 2).klList
    day = candles(client, security, K_DAY, 2).klList
    book = answer(client.ask(ProtoId.Qot_GetOrderBook, security=security, num=10))

    assert quote.curPrice == basic.curPrice == trades[-1].price == line[-1].price
    assert quote.curPrice == minutes[-1].closePrice == day[-1].closePrice
    assert quote.updateTime == basic.updateTime == trades[-1].time
    for one, other in ((quote, basic), (basic, day[-1])):
        assert (one.openPrice, one.highPrice, one.lowPrice) == (
            other.openPrice,
            other.highPrice,
            other.lowPrice,
        )
        assert (one.volume, one.lastClosePrice) == (other.volume, other.lastClosePrice)
        assert one.turnover == pytest.approx(other.turnover, abs=0.01)
    assert (quote.turnoverRate, quote.amplitude) == (basic.turnoverRate, basic.amplitude)
    assert day[-1].lastClosePrice == day[-2].closePrice == line[-1].lastClosePrice
    running = [t for t in trades if t.time[:16] == trades[-1].time[:16]]
    assert minutes[-1].volume == line[-1].volume == sum(t.volume for t in running)
    assert minutes[-1].turnover == pytest.approx(sum(t.turnover for t in running), abs=0.01)
    assert minutes[-1].highPrice == max(t.price for t in running)
    assert minutes[-1].lowPrice == min(t.price for t in running)
    assert sum(point.volume for point in line) == basic.volume
    assert basic.bidPrice == book.orderBookBidList[0].price < book.orderBookAskList[0].price
    assert basic.askPrice == book.orderBookAskList[0].price


def test_a_request_answered_before_is_checked_again_for_everybody():
    """Who has not subscribed is refused, who gives up too; a new print shows in the next answer."""
    world = World(seed=7)
    holder, other = world.connect(), world.connect()
    subscribe(holder, [TENCENT, HSBC], [BASIC])
    wanted = {"securityList": [TENCENT, HSBC]}
    first = answer(holder.ask(ProtoId.Qot_GetBasicQot, **wanted)).basicQotList

    assert "please subscribe" in refusal(other.ask(ProtoId.Qot_GetBasicQot, **wanted))
    world.pass_time(100)
    later = answer(holder.ask(ProtoId.Qot_GetBasicQot, **wanted)).basicQotList
    alone = [
        answer(holder.ask(ProtoId.Qot_GetBasicQot, securityList=[each])).basicQotList[0]
        for each in (TENCENT, HSBC)
    ]
    assert list(later) == alone
    assert all(new.volume > old.volume for new, old in zip(later, first, strict=True))

    given_up = {"securityList": [HSBC], "subTypeList": [BASIC], "isSubOrUnSub": False}
    assert holder.ask(ProtoId.Qot_Sub, **given_up).retType == 0
    assert "please subscribe" in refusal(holder.ask(ProtoId.Qot_GetBasicQot, **wanted))


@pytest.mark.parametrize("proto_id", [each for each, route in ROUTES.items() if route.only_reads])
def test_what_only_reads_leaves_nothing_to_keep_or_to_tell(proto_id):
    """After the answer nothing has changed, no event waits and no deadline has moved."""
    world = World()
    client = world.connect()
    subscribe(client, [TENCENT], [BASIC])
    opend = world.opend
    deadline_ns = opend.next_deadline_ns()
    arguments = {
        ProtoId.KeepAlive: {"time": 0},
        ProtoId.Qot_GetBasicQot: {"securityList": [TENCENT]},
    }
    answer(client.ask(ProtoId(proto_id), **arguments[proto_id]))

    assert opend.engine.take_changes() == []
    assert opend.engine.drain() == []
    assert opend.take_notices() == []
    assert opend.next_deadline_ns() == deadline_ns


def test_times_are_local_to_the_market():
    """An hour after the opening it is 10:30 in New York and in Hong Kong alike."""
    client = World().connect()
    subscribe(client, [TENCENT, APPLE], [BASIC, KL_1MIN, KL_DAY])
    quotes = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[APPLE, TENCENT])).basicQotList
    minute = candles(client, APPLE, K_1MIN, 2).klList[-1]
    day = candles(client, APPLE, K_DAY, 1).klList[0]

    assert [q.security.code for q in quotes] == ["AAPL", "00700"]
    assert all(q.updateTime[11:15] in ("10:2", "10:3") for q in quotes)
    assert (minute.time, minute.timestamp) == ("2026-01-14 10:30:00", 1768404600)
    assert (day.time, day.timestamp) == ("2026-01-14 00:00:00", 1768366800)


def test_candles_come_in_the_number_asked_for_and_end_with_the_running_one():
    """Oldest first; ratios for days only; raw ones are adjusted forward to today."""
    client = World().connect()
    subscribe(client, [TENCENT], [KL_1MIN, KL_DAY])
    minutes = candles(client, TENCENT, K_1MIN, 400).klList
    days = candles(client, TENCENT, K_DAY, 30).klList

    assert (len(minutes), len(days)) == (400, 30)
    assert sorted(k.time for k in minutes) == [k.time for k in minutes]
    assert all(k.pe == k.turnoverRate == k.changeRate == 0 for k in minutes)
    assert all(k.pe > 0 and k.turnoverRate > 0 for k in days)
    for bar in days:
        change = (bar.closePrice / bar.lastClosePrice - 1) * 100
        assert bar.changeRate == pytest.approx(change, abs=1e-4)
    raw = candles(client, TENCENT, K_DAY, 30, 0).klList
    assert (raw[-1].closePrice, raw[-1].volume) == (days[-1].closePrice, days[-1].volume)
    assert candles(client, TENCENT, K_DAY, 30, 2).klList[0].closePrice > raw[0].closePrice


def test_the_order_book_is_as_deep_as_the_right_shows():
    """Ten levels in Hong Kong, five on the mainland, and no more than asked for."""
    client = World().connect()
    subscribe(client, [TENCENT, MOUTAI], [BOOK])

    def depth(security, num):
        book = answer(client.ask(ProtoId.Qot_GetOrderBook, security=security, num=num))
        return len(book.orderBookBidList), len(book.orderBookAskList)

    assert depth(TENCENT, 40) == (10, 10)
    assert depth(TENCENT, 3) == (3, 3)
    assert depth(MOUTAI, 10) == (5, 5)


def test_only_hong_kong_books_carry_the_time_of_reception():
    """As the proto says."""
    client = World().connect()
    subscribe(client, [TENCENT, APPLE], [BOOK])
    home = answer(client.ask(ProtoId.Qot_GetOrderBook, security=TENCENT, num=1))
    abroad = answer(client.ask(ProtoId.Qot_GetOrderBook, security=APPLE, num=1))

    assert home.svrRecvTimeBid == home.svrRecvTimeAsk
    assert home.svrRecvTimeBid.startswith("2026-01-15 10:")
    assert not abroad.HasField("svrRecvTimeBid")


def test_the_broker_queue_of_a_future_is_empty():
    """It may be subscribed, as the official demo does, but nobody stands in it."""
    client = World().connect()
    subscribe(client, [TENCENT, HSI_FUTURE], [BROKER])
    stock = answer(client.ask(ProtoId.Qot_GetBroker, security=TENCENT))
    future = answer(client.ask(ProtoId.Qot_GetBroker, security=HSI_FUTURE))

    assert stock.brokerBidList[0].pos == stock.brokerAskList[0].pos == 1
    assert (len(future.brokerBidList), len(future.brokerAskList)) == (0, 0)


def test_names_follow_the_language():
    """Simplified Chinese or English."""
    for language, name in (("chs", "腾讯控股"), ("en", "Tencent")):
        client = World(language=language).connect()
        subscribe(client, [TENCENT], [RT])

        assert answer(client.ask(ProtoId.Qot_GetRT, security=TENCENT)).name == name


# --- pushes --------------------------------------------------------------------------------------


def pushes_of(world, client, seconds):
    client.collect()
    world.pass_time(seconds)
    return client.collect()


def test_pushed_prints_are_all_prints_once_and_in_order():
    """The first push is cached; what follows has no gap, no repeat, and is real-time."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [TICKER], isRegOrUnRegPush=True)
    first = client.collect()[0].s2c.tickerList
    pushed = [t for p in pushes_of(world, client, 90) for t in p.s2c.tickerList]
    asked = answer(client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1000)).tickerList
    newer = [t.sequence for t in asked if t.sequence > first[-1].sequence]

    assert {t.pushDataType for t in first} == {3}
    assert len(first) == 10
    assert {t.pushDataType for t in pushed} == {1}
    assert [t.sequence for t in pushed] == newer


def test_a_candle_push_holds_the_bar_of_its_event():
    """One bar a push, and it contains the print that was pushed beside it."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [TICKER, KL_1MIN], isRegOrUnRegPush=True)
    pushed = pushes_of(world, client, 120)
    bars = [p.s2c for p in pushed if p.proto_id == ProtoId.Qot_UpdateKL]
    prints = [p.s2c for p in pushed if p.proto_id == ProtoId.Qot_UpdateTicker]

    assert len(bars) == len(prints) > 3
    for bar, trades in zip(bars, prints, strict=True):
        assert (bar.klType, len(bar.klList)) == (K_1MIN, 1)
        assert bar.klList[0].closePrice == trades.tickerList[-1].price
        # The label is the end of the minute.
        assert bar.klList[0].timestamp - trades.tickerList[-1].timestamp <= 60


def test_the_line_is_pushed_minute_by_minute():
    """Each push has the running minute only."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [RT], isRegOrUnRegPush=True)
    pushed = pushes_of(world, client, 120)
    line = answer(client.ask(ProtoId.Qot_GetRT, security=TENCENT)).rtList

    assert {len(p.s2c.rtList) for p in pushed} == {1}
    assert pushed[-1].s2c.rtList[0] == line[-1]


def test_a_pushed_quote_is_the_quote():
    """The last push equals what the getter then says."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [BASIC], isRegOrUnRegPush=True)
    pushed = pushes_of(world, client, 60)
    asked = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])).basicQotList[0]

    assert pushed[-1].s2c.basicQotList[0] == asked


def test_an_unchanged_broker_queue_is_not_pushed_again():
    """Brokers change slowly; the book moves far more often."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], [BOOK, BROKER], isRegOrUnRegPush=True)
    pushed = pushes_of(world, client, 60)
    queues = [p.s2c for p in pushed if p.proto_id == ProtoId.Qot_UpdateBroker]
    books = [p.s2c for p in pushed if p.proto_id == ProtoId.Qot_UpdateOrderBook]

    assert len(books) > len(queues)
    assert all(one != other for one, other in itertools.pairwise(queues))
    assert {len(book.orderBookBidList) for book in books} == {10}


def test_a_users_trade_reaches_all_interfaces():
    """What a user's order printed is the last price everywhere."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [TENCENT], ALL_TYPES)
    world.pass_time(1)
    before = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])).basicQotList[0]
    price = before.highPrice + before.priceSpread
    world.opend.market.record_trade(
        Security(Market.HK, "00700"), world.now_ns, price, 200, TradeDirection.BUY
    )
    quote = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[TENCENT])).basicQotList[0]
    trade = answer(client.ask(ProtoId.Qot_GetTicker, security=TENCENT, maxRetNum=1)).tickerList[0]
    minute = candles(client, TENCENT, K_1MIN, 1).klList[0]

    assert quote.curPrice == quote.highPrice == trade.price == minute.closePrice == price
    assert (trade.volume, trade.dir) == (200, 1)
    assert quote.volume == before.volume + 200


def test_an_index_has_quote_line_and_candles():
    """It has no volume rule to obey but its candles end with its last price."""
    client = World().connect()
    subscribe(client, [HANG_SENG], [BASIC, RT, KL_DAY])
    quote = answer(client.ask(ProtoId.Qot_GetBasicQot, securityList=[HANG_SENG])).basicQotList[0]

    assert candles(client, HANG_SENG, K_DAY, 1).klList[0].closePrice == quote.curPrice
    assert answer(client.ask(ProtoId.Qot_GetRT, security=HANG_SENG)).rtList[-1].price == (
        quote.curPrice
    )


def test_a_users_resting_order_shows_in_book_and_snapshot():
    """An order at the best bid adds to its volume in both."""
    world = World()
    client = world.connect(recvNotify=False)
    subscribe(client, [HSBC], [BOOK])
    security = Security(Market.HK, "00005")
    account = next(a for a in world.opend.engine.accounts() if a.currency is Currency.HKD)

    def best():
        book = answer(client.ask(ProtoId.Qot_GetOrderBook, security=HSBC, num=1))
        basic = answer(client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[HSBC]))
        basic = basic.snapshotList[0].basic
        assert basic.bidPrice == book.orderBookBidList[0].price
        assert basic.bidVol == book.orderBookBidList[0].volume
        assert basic.askPrice == book.orderBookAskList[0].price
        return basic

    before = best()
    request = OrderRequest(
        account_id=account.account_id,
        security=security,
        side=Side.BUY,
        order_type=OrderType.NORMAL,
        quantity=Decimal(400),
        price=Decimal(str(before.bidPrice)),
    )
    world.opend.engine.submit(request, world.now_ns)
    world.now_ns += 20_000_000
    world.opend.engine.advance(world.now_ns)

    assert best().bidVol == before.bidVol + 400
