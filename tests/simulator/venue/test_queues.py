"""The single orders behind a displayed level."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import DepthLevel, Market, OrderBook, QueuedOrder, Security, Side
from simulator.venue.order_book import VenueOrder
from simulator.venue.queues import exchange_number, left_of, market_queue, with_users

BOOK = OrderBook(Security(Market.HK, "00700"), 1_768_449_600 * 10**9, (), ())


def queue(lots: int, count: int, lot: int = 100, side: Side = Side.BUY) -> list[QueuedOrder]:
    return market_queue(BOOK, side, DepthLevel(600.5, lots * lot, count), lot)


@given(st.integers(1, 20_000), st.integers(1, 400), st.sampled_from([1, 100, 2000]))
def test_orders_have_the_volume_of_their_level(lots, count, lot):
    """In whole lots, each with a number of its own, and as many as the level says."""
    orders = queue(lots, count, lot)

    assert sum(order.volume for order in orders) == lots * lot
    assert len(orders) == len({order.order_id for order in orders}) == min(lots, count)
    assert all(order.volume > 0 and order.volume % lot == 0 for order in orders)
    assert all(10**18 <= order.order_id < 2**63 for order in orders)


def test_a_level_that_grows_keeps_the_front_of_its_queue():
    """Only its end changes, so orders can be followed from one picture to the next."""
    before, after = queue(1000, 40), queue(1020, 41)

    assert after[:39] == before[:39]
    assert before != queue(1000, 40, side=Side.SELL)


def test_what_users_take_leaves_from_the_front():
    """An order taken in part keeps its number and what is left of it."""
    orders = [QueuedOrder(1, 300), QueuedOrder(2, 500), QueuedOrder(3, 200)]

    assert left_of(orders, 600) == [QueuedOrder(2, 400), QueuedOrder(3, 200)]
    assert left_of(orders, 1000) == orders
    assert left_of(orders, 0) == []


def test_a_users_order_stands_behind_what_it_found():
    """At the end at first, further in front as the volume before it goes; under another number."""
    orders = [QueuedOrder(1, 300), QueuedOrder(2, 500)]

    def resting(number: int, ahead: int | None) -> VenueOrder:
        return VenueOrder(number, 1, Side.BUY, 600_500_000_000, 100, ahead=ahead)

    def numbers(*users: VenueOrder) -> list[int]:
        return [order.order_id for order in with_users(orders, users)]

    seven, eight = exchange_number(7), exchange_number(8)
    assert numbers(resting(7, 800), resting(8, 800)) == [1, 2, seven, eight]
    assert numbers(resting(7, 200), resting(8, None)) == [1, seven, 2, eight]
    assert numbers(resting(7, 0)) == [seven, 1, 2]
