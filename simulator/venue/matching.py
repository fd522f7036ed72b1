"""Who trades with whom in one security; knows numbers of accounts but no account.

Theory of operation. Two kinds of liquidity stand in the book: what the market displays, and users'
resting orders, each queued behind the displayed volume that it found at its price (`ahead`).

* An arriving order takes levels best first. At one price it takes displayed volume and resting
  orders in the order in which they queue. A limit order's rest queues; a market order's rest waits
  outside the book and tries again at every new picture of the book.
* A print of the tape fills a resting order whole if it went through the order's price; at the same
  price it first uses up `ahead`, then fills the queue oldest first, no more than its own volume.
* A new picture of the book fills resting orders that it crosses, at the resting order's price.
* Orders of one account never trade with each other: the resting one is passed over.

Source: [D] paper orders match against the displayed best prices; [I] queues, volumes, refilling and
    self-trades.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from simulator.domain import Side, TradeDirection
from simulator.venue.liquidity import DisplayedBook, Liquidity
from simulator.venue.models import RefillModel
from simulator.venue.order_book import RestingBook, VenueOrder, opposite, rank


class Match(NamedTuple):
    """One execution; at least one of the two sides is a user's order."""

    key: int
    quantity: int
    buy_order_id: int | None
    """None where the market itself is the other side, as for `sell_order_id`."""
    sell_order_id: int | None
    taker: Side | None
    """Which side took liquidity; None if the tape's own print made the match."""


class SecurityMatcher:
    """The venue's book of one security."""

    def __init__(self, refill: RefillModel) -> None:
        self.book = RestingBook()
        self.liquidity: Final = Liquidity(refill)
        """What users took of the displayed levels."""
        self._waiting: dict[int, VenueOrder] = {}
        """Market orders that found too little volume."""

    def arrive(self, order: VenueOrder, displayed: DisplayedBook, now_ns: int) -> list[Match]:
        """Match a new order and queue or keep what is left of it.

        Args:
            order: its `quantity` is reduced in place.
            displayed: the market's levels at this instant.
            now_ns: gateway time, never before that of an earlier call.

        Returns:
            The executions in the order in which they happened.
        """
        matches = list(self._sweep(order, displayed, now_ns, order.levels))
        if not order.rests:
            return matches
        if order.quantity and order.is_market:
            self._waiting[order.order_id] = order
        elif order.quantity:
            order.ahead = self._queue_length(order, displayed, now_ns)
            self.book.add(order)
        return matches

    def queued(self) -> list[VenueOrder]:
        """Every order that is here, those at one price in the order of the queue."""
        sides = (self.book.side(side) for side in (Side.BUY, Side.SELL))
        return [*self._waiting.values(), *(order for side in sides for order in side)]

    def put_back(self, order: VenueOrder) -> None:
        """Take in an order that was here, behind those that are here."""
        if order.is_market:
            self._waiting[order.order_id] = order
        else:
            self.book.add(order)

    def remove(self, order_id: int) -> bool:
        """Take an order out; False if it is not here."""
        if self._waiting.pop(order_id, None) is not None:
            return True
        return self.book.remove(order_id) is not None

    def reduce(self, order_id: int, quantity: int) -> None:
        """Leave only `quantity` of an order that is here; its place in the queue stays."""
        order = self._waiting.get(order_id) or self.book.get(order_id)
        if order is not None:
            order.quantity = quantity

    def on_trade(self, key: int, volume: int, direction: TradeDirection) -> list[Match]:
        """Let a print of the tape fill resting orders."""
        matches: list[Match] = []
        for side, aggressor in ((Side.BUY, TradeDirection.BUY), (Side.SELL, TradeDirection.SELL)):
            matches += self._fill_through(side, key)
            if direction is not aggressor:
                matches += self._fill_queue(side, key, volume)
        return matches

    def on_book(self, displayed: DisplayedBook, now_ns: int) -> list[Match]:
        """Let a new picture of the displayed book meet the orders that are here."""
        matches: list[Match] = []
        for order in tuple(self._waiting.values()):
            matches += self._sweep(order, displayed, now_ns)
            if not order.quantity:
                del self._waiting[order.order_id]
        for side in (Side.BUY, Side.SELL):
            if not self.book.side(side).keys():
                continue
            matches += self._fill_crossed(side, displayed, now_ns)
            self._shorten_queues(side, displayed, now_ns)
        return matches

    def available(self, side: Side, displayed: DisplayedBook, now_ns: int) -> dict[int, int]:
        """Displayed volume by price key less what users took, empty levels left out."""
        levels = (
            (key, self.liquidity.available(side, key, volume, now_ns))
            for key, volume in displayed.side(side).items()
        )
        return {key: volume for key, volume in levels if volume}

    def fillable(self, order: VenueOrder, displayed: DisplayedBook, now_ns: int) -> int:
        """How much an order could trade if it arrived now, no more than its quantity."""
        volumes = (volume for _, volume in self.within_reach(order, displayed, now_ns))
        return min(sum(volumes), order.quantity)

    def within_reach(
        self, order: VenueOrder, displayed: DisplayedBook, now_ns: int
    ) -> list[tuple[int, int]]:
        """Price key and volume of each level that an order could take, best first."""
        side = opposite(order.side)
        shown = self.available(side, displayed, now_ns)
        found = []
        for key in self._crossed_keys(order, shown)[: order.levels]:
            resting = self.book.side(side).level(key)
            others = (r.quantity for r in resting if r.account_id != order.account_id)
            found.append((key, shown.get(key, 0) + sum(others)))
        return found

    def _crossed_keys(self, order: VenueOrder, shown: dict[int, int]) -> list[int]:
        """Prices on the other side that the order's limit reaches, best first."""
        side = opposite(order.side)
        worst = rank(side, order.key)
        resting = self.book.side(side).keys_until(worst)
        crossed = [key for key in shown if rank(side, key) <= worst]
        if not crossed or not resting:
            return crossed or resting
        return sorted({*crossed, *resting}, reverse=side is Side.BUY)

    def _sweep(
        self,
        order: VenueOrder,
        displayed: DisplayedBook,
        now_ns: int,
        levels: int | None = None,
    ) -> Iterator[Match]:
        side = opposite(order.side)
        shown = self.available(side, displayed, now_ns)
        for key in self._crossed_keys(order, shown)[:levels]:
            if not order.quantity:
                return
            yield from self._take_level(order, key, shown.get(key, 0), now_ns)

    def _take_level(self, order: VenueOrder, key: int, shown: int, now_ns: int) -> Iterator[Match]:
        side = opposite(order.side)
        taken = 0
        for resting in self.book.side(side).level(key):
            if resting.account_id == order.account_id:
                continue
            before = shown if resting.ahead is None else min(resting.ahead, shown)
            quantity = min(order.quantity, max(0, before - taken))
            taken += quantity
            yield from self._take_displayed(order, key, quantity, now_ns)
            yield from self._take_resting(order, resting, key)
            if not order.quantity:
                break
        quantity = min(order.quantity, shown - taken)
        taken += quantity
        yield from self._take_displayed(order, key, quantity, now_ns)
        self._move_up(side, key, taken)

    def _take_displayed(
        self, order: VenueOrder, key: int, quantity: int, now_ns: int
    ) -> Iterator[Match]:
        if quantity:
            order.quantity -= quantity
            self.liquidity.take(opposite(order.side), key, quantity, now_ns)
            yield _match(key, quantity, order, None, order.side)

    def _take_resting(self, order: VenueOrder, resting: VenueOrder, key: int) -> Iterator[Match]:
        quantity = min(order.quantity, resting.quantity)
        if quantity:
            order.quantity -= quantity
            self.book.take(resting, quantity)
            yield _match(key, quantity, order, resting, order.side)

    def _fill_through(self, side: Side, key: int) -> Iterator[Match]:
        for order in self.book.side(side):
            if rank(side, order.key) >= rank(side, key):
                return
            yield self._fill(order, order.quantity, None)

    def _fill_queue(self, side: Side, key: int, volume: int) -> Iterator[Match]:
        used = 0
        for order in self.book.side(side).level(key):
            if order.ahead is None:
                break
            step = min(volume, max(0, order.ahead - used))
            used += step
            volume -= step
            quantity = min(volume, order.quantity)
            if quantity:
                volume -= quantity
                yield self._fill(order, quantity, None)
        self._move_up(side, key, used + volume)

    def _fill_crossed(self, side: Side, displayed: DisplayedBook, now_ns: int) -> Iterator[Match]:
        other = opposite(side)
        shown = self.available(other, displayed, now_ns)
        for order in self.book.side(side):
            best = next(iter(shown), None)
            if best is None or rank(other, best) > rank(other, order.key):
                return  # nor does any worse order cross
            for key in tuple(shown):
                if rank(other, key) > rank(other, order.key):
                    break
                quantity = min(order.quantity, shown[key])
                self.liquidity.take(other, key, quantity, now_ns)
                shown[key] -= quantity
                if not shown[key]:
                    del shown[key]
                yield self._fill(order, quantity, other)
                if not order.quantity:
                    break

    def _fill(self, order: VenueOrder, quantity: int, taker: Side | None) -> Match:
        self.book.take(order, quantity)
        return _match(order.key, quantity, order, None, taker)

    def _queue_length(self, order: VenueOrder, displayed: DisplayedBook, now_ns: int) -> int | None:
        if not displayed.shows(order.side, order.key):
            return None
        volume = displayed.side(order.side).get(order.key, 0)
        return self.liquidity.available(order.side, order.key, volume, now_ns)

    def _shorten_queues(self, side: Side, displayed: DisplayedBook, now_ns: int) -> None:
        for order in self.book.side(side):
            length = self._queue_length(order, displayed, now_ns)
            if length is None:
                return
            order.ahead = length if order.ahead is None else min(order.ahead, length)

    def _move_up(self, side: Side, key: int, volume: int) -> None:
        for order in self.book.side(side).level(key):
            if order.ahead is not None:
                order.ahead = max(0, order.ahead - volume)


def _match(
    key: int, quantity: int, order: VenueOrder, other: VenueOrder | None, taker: Side | None
) -> Match:
    other_id = None if other is None else other.order_id
    if order.side is Side.BUY:
        return Match(key, quantity, order.order_id, other_id, taker)
    return Match(key, quantity, other_id, order.order_id, taker)
