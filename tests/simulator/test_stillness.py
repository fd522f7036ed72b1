"""Passing over stretches in which nothing happens, against looking at every print and every book."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from simulator.accounts.account_table import UNIVERSAL_ACCOUNT
from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    Market,
    OrderRequest,
    OrderType,
    Security,
    Side,
    TimeInForce,
    Trail,
    TrailKind,
)
from simulator.engine import Engine
from simulator.errors import OrderRejected
from simulator.events import FillMade, MarketMoved, OrderChanged
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import OpenTimeline, WallTimeline
from tests.support.sources import at

START = at("2026-11-23T09:00:00+08:00")
NEXT_DAY = at("2026-11-24T09:45:00+08:00")
HONGKONG = Security(Market.HK, "00001")
GAS = Security(Market.HK, "00968")
ACCOUNT = replace(UNIVERSAL_ACCOUNT, initial_cash=Decimal(10**9))
WITH_LIMIT = {
    OrderType.NORMAL,
    OrderType.STOP_LIMIT,
    OrderType.LIMIT_IF_TOUCHED,
    OrderType.TWAP_LIMIT,
}
WITH_TRIGGER = {
    OrderType.STOP,
    OrderType.STOP_LIMIT,
    OrderType.LIMIT_IF_TOUCHED,
    OrderType.MARKET_IF_TOUCHED,
}
TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)
KINDS = (OrderType.NORMAL, *sorted(WITH_LIMIT | WITH_TRIGGER), *TRAILING)
DISTANCES = (Trail(TrailKind.RATIO, Decimal(1)), Trail(TrailKind.AMOUNT, Decimal("0.5")))


@pytest.fixture(scope="module")
def universe():
    return default_universe()


def engine_at(universe, timeline, watched=()):
    """One with money and shares."""
    engine = Engine(MarketData(universe, timeline, SyntheticSource(7)), (ACCOUNT,))
    engine.advance(START)
    for security in (HONGKONG, GAS):
        engine.transfer(ACCOUNT.account_id, security, 20000, Decimal(50), START)
    for security in watched:
        engine.watch(security)
    engine.advance(START)
    return engine


def random_orders(seed, market):
    """Orders of all kinds with the seconds after which they are sent."""
    draw = Random(seed)
    for after_s in sorted(draw.randrange(1, 7 * 3600) for _ in range(5)):
        security = draw.choice((HONGKONG, HONGKONG, GAS))
        last = market.quote(security, START).last
        near = [Decimal(str(round(last * draw.uniform(0.98, 1.02), 1))) for _ in range(2)]
        kind = draw.choice(KINDS)
        yield (
            START + after_s * NS_PER_S,
            OrderRequest(
                ACCOUNT.account_id,
                security,
                draw.choice((Side.BUY, Side.SELL)),
                kind,
                Decimal(draw.choice((2000, 4000))),
                near[0] if kind in WITH_LIMIT else None,
                TimeInForce.GTC if kind is OrderType.NORMAL else TimeInForce.DAY,
                aux_price=near[1] if kind in WITH_TRIGGER else None,
                trail=draw.choice(DISTANCES) if kind in TRAILING else None,
            ),
        )


def story(engine, seed, *, leaps=False):
    """What became of random orders until the next morning."""
    engine.drain()
    for now_ns, request in random_orders(seed, engine.market):
        try:
            engine.submit(request, now_ns)
        except OrderRejected:
            continue
    if leaps:
        engine.leap(NEXT_DAY)
    else:
        engine.advance(NEXT_DAY)
    return [e for e in engine.drain() if isinstance(e, OrderChanged | FillMade)]


def test_nothing_is_lost_with_what_is_passed_over(universe):
    """Fills, their times and their order are those of a walk through everything for a watcher."""
    walked = story(engine_at(universe, WallTimeline(), (HONGKONG, GAS)), 4)

    passed = story(engine_at(universe, WallTimeline()), 4)
    leapt = story(engine_at(universe, WallTimeline(), (HONGKONG, GAS)), 4, leaps=True)

    assert any(isinstance(event, FillMade) for event in walked)
    assert passed == walked
    assert leapt == walked


def test_nothing_is_lost_where_the_clock_jumps_over_breaks(universe):
    """In clock mode `open` as well, where the morning is over within hours."""
    walked = story(engine_at(universe, OpenTimeline(START), (HONGKONG, GAS)), 7)

    assert story(engine_at(universe, OpenTimeline(START)), 7) == walked


def far_bid():
    """One that waits where no price comes."""
    price = Decimal(40)
    kind, hundred = OrderType.NORMAL, Decimal(500)
    return OrderRequest(
        ACCOUNT.account_id, HONGKONG, Side.BUY, kind, hundred, price, TimeInForce.GTC
    )


def test_an_order_far_away_needs_few_looks(universe):
    """Between the opening and the close there are some deadlines, not thousands."""
    engine = engine_at(universe, WallTimeline())
    engine.submit(far_bid(), START)
    opened_ns = START + 35 * NS_PER_MINUTE
    engine.advance(opened_ns)

    assert engine.next_deadline_ns() > opened_ns


def test_whoever_watches_is_told_everything_again(universe):
    """A watcher who comes while a stretch is passed over is told of each change from then on."""
    engine = engine_at(universe, WallTimeline())
    engine.submit(far_bid(), START)
    now_ns = START + 45 * NS_PER_MINUTE
    engine.advance(now_ns)
    engine.drain()

    engine.watch(HONGKONG)
    engine.advance(now_ns + NS_PER_MINUTE)

    moved = [event for event in engine.drain() if isinstance(event, MarketMoved)]
    told = [trade for event in moved for trade in event.trades]
    assert len(moved) >= 10
    assert told == list(engine.market.trades_between(HONGKONG, now_ns, now_ns + NS_PER_MINUTE))


def test_a_leap_tells_watchers_the_end_only(universe):
    """Also of a security with an open order, whose picture at the end they get."""
    engine = engine_at(universe, WallTimeline(), (HONGKONG,))
    engine.submit(far_bid(), START)
    engine.advance(START + NS_PER_S)
    engine.drain()
    goal_ns = START + 90 * NS_PER_MINUTE

    engine.leap(goal_ns)

    moved = [event for event in engine.drain() if isinstance(event, MarketMoved)]
    assert [event.now_ns for event in moved] == [goal_ns]
