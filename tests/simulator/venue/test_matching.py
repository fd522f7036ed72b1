"""Users' orders against displayed levels, the tape, new pictures of the book and each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import NS_PER_S, Side, TradeDirection
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import Match, SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.order_book import VenueOrder

BOOK = DisplayedBook(bids={99: 500, 98: 800}, asks={101: 300, 102: 600})


@pytest.fixture
def matcher():
    return SecurityMatcher(HalfLifeRefill())


def buy(order_id, key, quantity, account=1, **options):
    return VenueOrder(order_id, account, Side.BUY, key, quantity, **options)


def sell(order_id, key, quantity, account=1, **options):
    return VenueOrder(order_id, account, Side.SELL, key, quantity, **options)


def taken(matches):
    return [(m.key, m.quantity) for m in matches]


def test_marketable_limit_takes_levels_in_order_and_rests(matcher):
    """300 at 101, then 600 at 102; the rest of 100 is the new best bid."""
    order = buy(1, 102, 1000)

    assert taken(matcher.arrive(order, BOOK, 0)) == [(101, 300), (102, 600)]
    assert (order.quantity, order.ahead) == (100, 0)


def test_limit_takes_nothing_beyond_its_price(matcher):
    """A buy at 101 leaves the level at 102 alone."""
    assert taken(matcher.arrive(buy(1, 101, 400), BOOK, 0)) == [(101, 300)]


def test_sell_takes_bids_from_the_top(matcher):
    """The mirror image."""
    matches = matcher.arrive(sell(1, 98, 600), BOOK, 0)

    assert [Match(99, 500, None, 1, Side.SELL), Match(98, 100, None, 1, Side.SELL)] == matches


def test_market_order_waits_for_more_volume(matcher):
    """What a market order could not take it takes from the next picture of the book."""
    order = buy(1, 105, 1000, is_market=True)
    matcher.arrive(order, BOOK, 0)

    later = DisplayedBook(bids={}, asks={103: 40, 104: 500})

    assert taken(matcher.on_book(later, 1)) == [(103, 40), (104, 60)]
    assert not matcher.remove(1)


def test_market_order_stops_at_its_worst_price(matcher):
    """Levels beyond the collar stay."""
    assert taken(matcher.arrive(buy(1, 101, 900, is_market=True), BOOK, 0)) == [(101, 300)]
    assert matcher.on_trade(100, 1000, TradeDirection.SELL) == []


def test_displayed_volume_cannot_be_taken_twice_at_once(matcher):
    """A second buyer within the instant finds the next level."""
    matcher.arrive(buy(1, 101, 300), BOOK, 0)

    assert taken(matcher.arrive(buy(2, 102, 200, account=2), BOOK, 0)) == [(102, 200)]


def test_consumed_level_refills_with_time(matcher):
    """Half is back after one half-life, all of it after many."""
    matcher.arrive(buy(1, 101, 300), BOOK, 0)

    assert matcher.available(Side.SELL, BOOK, 0) == {102: 600}
    assert matcher.available(Side.SELL, BOOK, 10 * NS_PER_S) == {101: 150, 102: 600}
    assert matcher.available(Side.SELL, BOOK, 200 * NS_PER_S) == {101: 300, 102: 600}


def test_resting_order_queues_behind_what_was_displayed(matcher):
    """500 displayed at its price must trade before it does."""
    matcher.arrive(buy(1, 99, 100), BOOK, 0)

    assert matcher.on_trade(99, 450, TradeDirection.SELL) == []
    assert taken(matcher.on_trade(99, 80, TradeDirection.SELL)) == [(99, 30)]
    assert taken(matcher.on_trade(99, 200, TradeDirection.SELL)) == [(99, 70)]


def test_two_resting_orders_share_a_print_in_time_order(matcher):
    """After the displayed 500 the older order, then the younger one."""
    matcher.arrive(buy(1, 99, 100), BOOK, 0)
    matcher.arrive(buy(2, 99, 100, account=2), BOOK, 0)

    matches = matcher.on_trade(99, 650, TradeDirection.SELL)

    assert [(m.buy_order_id, m.quantity) for m in matches] == [(1, 100), (2, 50)]


def test_aggressive_buy_print_does_not_fill_a_bid(matcher):
    """A buyer who lifts an offer at that price meets sellers."""
    matcher.arrive(buy(1, 100, 100), BOOK, 0)

    assert matcher.on_trade(100, 900, TradeDirection.BUY) == []
    assert taken(matcher.on_trade(100, 900, TradeDirection.NEUTRAL)) == [(100, 100)]


def test_print_through_the_price_fills_all_at_the_limit(matcher):
    """When the tape trades worse than a bid, the bid was taken first."""
    matcher.arrive(buy(1, 99, 5000), BOOK, 0)

    assert [Match(99, 5000, 1, None, None)] == matcher.on_trade(98, 10, TradeDirection.SELL)


def test_print_through_fills_offers_too(matcher):
    """The mirror image."""
    matcher.arrive(sell(1, 101, 50), BOOK, 0)

    assert [Match(101, 50, None, 1, None)] == matcher.on_trade(102, 10, TradeDirection.BUY)


def test_crossing_offer_fills_a_bid_at_the_bids_price(matcher):
    """A displayed ask at or below a resting bid trades with it, no more than it shows."""
    matcher.arrive(buy(1, 100, 500), BOOK, 0)

    crossed = DisplayedBook(bids={98: 100}, asks={99: 200, 101: 300})

    assert [Match(100, 200, 1, None, Side.SELL)] == matcher.on_book(crossed, 1)
    assert matcher.on_book(crossed, 1) == []


def test_queue_shortens_when_displayed_volume_shrinks(matcher):
    """Orders that left the displayed queue no longer stand ahead."""
    order = buy(1, 99, 100)
    matcher.arrive(order, BOOK, 0)

    matcher.on_book(DisplayedBook(bids={99: 40}, asks={101: 1}), 1)
    assert order.ahead == 40
    matcher.on_book(DisplayedBook(bids={99: 700}, asks={101: 1}), 2)

    assert order.ahead == 40


def test_order_out_of_sight_joins_the_queue_when_its_price_is_displayed(matcher):
    """Below the last displayed level nobody knows the queue; it counts as long as first seen."""
    order = buy(1, 90, 100)
    matcher.arrive(order, BOOK, 0)
    assert order.ahead is None

    assert matcher.on_trade(90, 10_000, TradeDirection.SELL) == []
    matcher.on_book(DisplayedBook(bids={90: 250}, asks={91: 5}), 1)

    assert order.ahead == 250


def test_users_match_at_the_resting_price(matcher):
    """A bid inside the spread is hit by another user's offer at the bid's price."""
    matcher.arrive(buy(1, 100, 50), BOOK, 0)

    assert [Match(100, 50, 1, 2, Side.SELL)] == matcher.arrive(sell(2, 99, 50, 2), BOOK, 0)


def test_displayed_volume_ahead_trades_before_a_users_order(matcher):
    """An offer at 99 takes the 500 displayed, then the bid behind them, then nothing is left."""
    matcher.arrive(buy(1, 99, 50), BOOK, 0)

    matches = matcher.arrive(sell(2, 99, 540, 2), BOOK, 0)

    assert [(m.buy_order_id, m.quantity) for m in matches] == [(None, 500), (1, 40)]


def test_volume_displayed_behind_a_users_order_trades_after_it(matcher):
    """Who came later queues later, displayed or not."""
    matcher.arrive(buy(1, 100, 50), BOOK, 0)
    grown = DisplayedBook(bids={100: 70, 99: 500}, asks={101: 300})

    matches = matcher.arrive(sell(2, 100, 100, 2), grown, 0)

    assert [(m.buy_order_id, m.quantity) for m in matches] == [(1, 50), (None, 50)]


def test_orders_of_one_account_pass_each_other(matcher):
    """The resting order of the same account is skipped; the next one in line trades."""
    matcher.arrive(buy(1, 100, 50, account=1), BOOK, 0)
    matcher.arrive(buy(2, 100, 50, account=2), BOOK, 0)

    matches = matcher.arrive(sell(3, 100, 80, account=1), BOOK, 0)

    assert [Match(100, 50, 2, 3, Side.SELL)] == matches
    assert matcher.book.get(1) is not None


def test_reduced_order_keeps_its_place(matcher):
    """Less quantity, same queue."""
    order = buy(1, 99, 100)
    matcher.arrive(order, BOOK, 0)
    matcher.on_trade(99, 200, TradeDirection.SELL)

    matcher.reduce(1, 60)

    assert (order.quantity, order.ahead) == (60, 300)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((Side.BUY, Side.SELL)), st.integers(96, 104), st.integers(1, 2000)
        ),
        max_size=12,
    )
)
def test_users_never_take_more_than_is_displayed(orders):
    """Within an instant what is taken from a level is at most what the level shows."""
    matcher = SecurityMatcher(HalfLifeRefill())
    used = {}
    for order_id, (side, key, quantity) in enumerate(orders):
        for m in matcher.arrive(VenueOrder(order_id, order_id, side, key, quantity), BOOK, 0):
            if None in (m.buy_order_id, m.sell_order_id):
                used[side, m.key] = used.get((side, m.key), 0) + m.quantity

    shown = {Side.BUY: BOOK.side(Side.SELL), Side.SELL: BOOK.side(Side.BUY)}
    assert all(volume <= shown[side][key] for (side, key), volume in used.items())
