"""The venue's book against a model that looks at every order each time."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain import Side
from simulator.venue.liquidity import DisplayedBook
from simulator.venue.matching import Match, SecurityMatcher
from simulator.venue.models import HalfLifeRefill
from simulator.venue.order_book import VenueOrder

BUY, SELL = Side.BUY, Side.SELL
NOTHING = DisplayedBook({}, {})


@dataclass
class Resting:
    number: int
    account: int
    side: Side
    key: int
    quantity: int


@dataclass
class Model:
    """A list of orders in the order of their arrival; nothing is indexed, everything is searched."""

    orders: list[Resting] = field(default_factory=list)

    def arrive(self, order: Resting, *, rests: bool) -> list[Match]:
        matches = []
        while order.quantity:
            other = self._best_against(order)
            if other is None:
                break
            quantity = min(order.quantity, other.quantity)
            order.quantity -= quantity
            other.quantity -= quantity
            buyer, seller = (order, other) if order.side is BUY else (other, order)
            matches.append(Match(other.key, quantity, buyer.number, seller.number, order.side))
            self.orders = [o for o in self.orders if o.quantity]
        if rests and order.quantity:
            self.orders.append(order)
        return matches

    def _best_against(self, order: Resting) -> Resting | None:
        """Best price first, then the earliest; never one's own."""
        if order.side is BUY:
            asks = [o for o in self.orders if o.side is SELL and o.key <= order.key]
            found = [o for o in asks if o.account != order.account]
            return min(found, key=lambda o: o.key, default=None)
        bids = [o for o in self.orders if o.side is BUY and o.key >= order.key]
        found = [o for o in bids if o.account != order.account]
        return max(found, key=lambda o: o.key, default=None)

    def remove(self, number: int) -> None:
        self.orders = [o for o in self.orders if o.number != number]

    def reduce(self, number: int, quantity: int) -> None:
        for order in self.orders:
            if order.number == number:
                order.quantity = min(order.quantity, quantity)


ARRIVAL = st.tuples(
    st.just("arrive"),
    st.sampled_from((BUY, SELL)),
    st.integers(95, 105),
    st.integers(1, 9),
    st.integers(1, 4),
    st.sampled_from((True, True, True, False)),
)
STEPS = st.lists(
    st.one_of(
        ARRIVAL,
        ARRIVAL,
        st.tuples(st.just("remove"), st.integers(0, 40)),
        st.tuples(st.just("reduce"), st.integers(0, 40), st.integers(1, 4)),
    ),
    max_size=60,
)


def book_of(matcher: SecurityMatcher) -> list[tuple[int, int, int]]:
    return [
        (order.order_id, order.key, order.quantity)
        for side in (BUY, SELL)
        for order in matcher.book.side(side)
    ]


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_the_book_agrees_with_the_model(steps):
    """The same executions in the same order, and the same orders left, best and earliest first."""
    matcher, model = SecurityMatcher(HalfLifeRefill()), Model()
    for number, (kind, *rest) in enumerate(steps):
        if kind == "arrive":
            side, key, quantity, account, rests = rest
            order = VenueOrder(number, account, side, key, quantity, rests=rests)
            found = matcher.arrive(order, NOTHING, number)
            assert found == model.arrive(Resting(number, account, side, key, quantity), rests=rests)
        elif kind == "remove":
            matcher.remove(rest[0])
            model.remove(rest[0])
        else:
            known = matcher.book.get(rest[0])
            if known is not None:
                matcher.reduce(rest[0], min(known.quantity, rest[1]))
            model.reduce(*rest)
        bids = sorted((o for o in model.orders if o.side is BUY), key=lambda o: -o.key)
        asks = sorted((o for o in model.orders if o.side is SELL), key=lambda o: o.key)
        assert book_of(matcher) == [(o.number, o.key, o.quantity) for o in (*bids, *asks)]


@settings(max_examples=200, deadline=None)
@given(st.lists(ARRIVAL, max_size=60))
def test_the_book_is_never_crossed_between_accounts(steps):
    """No bid of one stands at or above an offer of another; what was sent is filled or rests."""
    matcher = SecurityMatcher(HalfLifeRefill())
    sent = executed = ended = 0
    for number, (_, side, key, quantity, account, rests) in enumerate(steps):
        order = VenueOrder(number, account, side, key, quantity, rests=rests)
        matches = matcher.arrive(order, NOTHING, number)
        sent += quantity
        executed += 2 * sum(match.quantity for match in matches)
        ended += 0 if rests else order.quantity
        bids, asks = (list(matcher.book.side(s)) for s in (BUY, SELL))
        for bid in bids:
            assert all(bid.key < ask.key for ask in asks if ask.account_id != bid.account_id)
        resting = sum(o.quantity for o in (*bids, *asks))
        assert sent == executed + resting + ended
