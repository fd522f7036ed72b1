"""The engine on the synthetic market: fills, tape and books tell one story."""

from decimal import Decimal

import pytest

from simulator.accounts.account_table import UNIVERSAL_ACCOUNT
from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Market,
    OrderRequest,
    OrderStatus,
    OrderType,
    Security,
    Side,
    TimeInForce,
)
from simulator.engine import Engine
from simulator.events import FillMade, MarketMoved, OrderChanged
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline, WallTimeline
from tests.support.sources import APPLE, MOUTAI, TENCENT, at
from tests.support.trading import ACCOUNT_OF

START = at("2026-11-23T10:00:00+08:00")
SH_ETF = Security(Market.SH, "510300")


@pytest.fixture(scope="module")
def universe():
    return default_universe()


@pytest.fixture
def engine(universe):
    engine = Engine(MarketData(universe, OpenTimeline(START), SyntheticSource(7)))
    engine.advance(START)
    return engine


def submit(engine, security, side, quantity, price, now_ns):
    kind = OrderType.MARKET if price is None else OrderType.NORMAL
    limit = None if price is None else Decimal(str(price))
    account_id = ACCOUNT_OF[security.market]
    request = OrderRequest(
        account_id, security, side, kind, Decimal(quantity), limit, TimeInForce.DAY
    )
    return engine.submit(request, now_ns)


def now(engine, order):
    return engine.order(order.account_id, order.order_id)


@pytest.mark.parametrize("security", [TENCENT, APPLE, MOUTAI, SH_ETF])
def test_market_order_fills_at_displayed_prices(engine, security):
    """Within a minute, at prices between the best ask and the collar."""
    ask = engine.market.displayed_book(security, START).asks[0].price
    order = submit(engine, security, Side.BUY, 100, None, START)

    engine.advance(START + NS_PER_MINUTE)

    filled = now(engine, order)
    assert filled.status is OrderStatus.FILLED_ALL
    assert float(filled.filled_average_price) == pytest.approx(ask, rel=0.01)


def test_fill_is_on_the_public_tape(engine):
    """The quote's last price, its volume and the latest print show it."""
    engine.watch(TENCENT)
    order = submit(engine, TENCENT, Side.BUY, 100, None, START)
    arrival_ns = START + 20_000_000
    before = engine.market.quote(TENCENT, arrival_ns - 1).volume

    engine.advance(arrival_ns)

    price = float(now(engine, order).filled_average_price)
    quote = engine.market.quote(TENCENT, arrival_ns)
    last = engine.market.trades(TENCENT, arrival_ns, 1)[-1]
    assert (quote.last, last.price, last.volume) == (price, price, 100)
    assert quote.volume >= before + 100
    assert quote.low <= price <= quote.high


def test_every_print_is_reported_once(engine):
    """What MarketMoved carried over ten minutes is what the tape holds, users' trades included."""
    engine.watch(TENCENT)
    engine.advance(START)
    end_ns = START + 10 * NS_PER_MINUTE
    for step in range(1, 600):
        at_ns = START + step * NS_PER_S
        if step % 100 == 0:
            submit(engine, TENCENT, Side.BUY, 200, None, at_ns)
        if step % 7 == 0:
            engine.advance(at_ns)
    engine.advance(end_ns)

    moved = [e for e in engine.drain() if isinstance(e, MarketMoved)]
    seen = [trade for event in moved for trade in event.trades]
    assert sorted(seen, key=lambda t: t.sequence) == list(
        engine.market.trades_between(TENCENT, START, end_ns)
    )
    for event in moved:
        market_ns = engine.market.market_ns(TENCENT, event.now_ns)
        minute = market_ns // NS_PER_MINUTE
        assert all(trade.time_ns // NS_PER_MINUTE == minute for trade in event.trades)


def test_resting_order_is_filled_by_the_tape(engine):
    """A bid at the best displayed price waits for its turn and fills at its own price."""
    bid = engine.market.displayed_book(TENCENT, START).bids[0].price
    order = submit(engine, TENCENT, Side.BUY, 100, bid, START)
    engine.advance(START + NS_PER_S)
    book = engine.order_book(TENCENT, START + NS_PER_S)
    assert bid in {level.price for level in book.bids}

    engine.advance(START + 30 * NS_PER_MINUTE)

    ended = now(engine, order)
    assert (ended.status, ended.filled_average_price) == (OrderStatus.FILLED_ALL, Decimal(str(bid)))
    assert ended.updated_ns > ended.created_ns + 20_000_000


def test_day_order_ends_when_the_open_clock_jumps(engine):
    """In clock mode `open` the day ends where the market's clock jumps to the next one."""
    close_ns = START + 270 * NS_PER_MINUTE
    placed_ns = close_ns - NS_PER_MINUTE
    engine.advance(placed_ns)
    bid = engine.market.displayed_book(TENCENT, placed_ns, 10).bids[-1].price
    order = submit(engine, TENCENT, Side.BUY, 100, round(bid * 0.5), placed_ns)

    engine.advance(close_ns - 1)
    assert now(engine, order).status is OrderStatus.SUBMITTED
    engine.advance(close_ns)

    assert now(engine, order).status is OrderStatus.CANCELLED_ALL


def test_bulk_and_single_steps_give_the_same_fills(universe):
    """One long advance and many short ones agree on every order event."""

    def run(step_ns):
        engine = Engine(MarketData(universe, OpenTimeline(START), SyntheticSource(7)))
        engine.advance(START)
        book = engine.market.displayed_book(TENCENT, START)
        for level in book.bids[:3]:
            submit(engine, TENCENT, Side.BUY, 300, level.price, START)
        for at_ns in range(START, START + 5 * NS_PER_MINUTE + 1, step_ns):
            engine.advance(at_ns)
        return [e for e in engine.drain() if isinstance(e, OrderChanged | FillMade)]

    assert run(5 * NS_PER_MINUTE) == run(NS_PER_S // 4)


def test_auction_orders_trade_at_the_open_and_the_close(universe):
    """On a clock that has auctions: at the day's first and last price, a limit out of reach never."""
    start = at("2026-11-19T09:10:00+08:00")
    market = MarketData(universe, WallTimeline(), SyntheticSource(7))
    engine = Engine(market, (UNIVERSAL_ACCOUNT,))
    engine.advance(start)

    def place(kind, price, now_ns):
        limit = None if price is None else Decimal(price)
        account_id = UNIVERSAL_ACCOUNT.account_id
        request = OrderRequest(account_id, TENCENT, Side.BUY, kind, Decimal(100), limit)
        return engine.submit(request, now_ns)

    low = int(market.quote(TENCENT, start).previous_close * 0.9)
    opening = place(OrderType.AUCTION, None, start)
    limited = place(OrderType.AUCTION_LIMIT, low, start)
    late = at("2026-11-19T15:58:00+08:00")
    engine.advance(late)
    closing = place(OrderType.AUCTION, None, late)
    evening = at("2026-11-19T16:30:00+08:00")
    engine.advance(evening)
    quote = market.quote(TENCENT, evening)
    assert float(now(engine, opening).filled_average_price) == quote.open
    assert float(now(engine, closing).filled_average_price) == quote.last
    assert now(engine, limited).status is OrderStatus.CANCELLED_ALL
