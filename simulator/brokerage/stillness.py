"""Says how long nothing can happen to any order in a security, from the bounds of whole minutes.

Theory of operation. An order changes only where a price reaches it: a limit where a print or a level
of the displayed book comes to its price, a sleeping order where a print touches what wakes it. While
the bounds of a minute stay away from all of them, no print and no refresh of it has to be looked at.
Trailing orders follow the extremes of such minutes; their order does not matter while none wakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.brokerage.books import Books
from simulator.domain import NS_PER_MINUTE, Security, Side, Trail, TrailKind
from simulator.market_view import KEYS_PER_PRICE, NO_LOW, Keys, MinuteReach, exact
from simulator.tickets import Phase, Ticket
from simulator.venue import triggers
from simulator.venue.order_book import price_key

_MARGIN: Final = KEYS_PER_PRICE // 10**6
"""By how much a trailing order's stop may be misjudged: far below any tick."""
_HUNDRED: Final = 100


class Follower(NamedTuple):
    """A trailing order."""

    side: Side
    trail: Trail
    watermark: Decimal | None


class Needs(NamedTuple):
    """What would make a security's market matter to its orders; prices as keys."""

    bids: int
    """The highest limit to buy at the venue; 0 if there is none."""
    asks: int
    """The lowest limit to sell at the venue."""
    falls: int
    """A print at or below wakes an order."""
    rises: int
    """A print at or above does."""
    followers: tuple[Follower, ...]


NO_NEEDS: Final = Needs(0, NO_LOW, 0, NO_LOW, ())


@dataclass(slots=True)
class Stillness:
    """A stretch of time in which nothing happens to a security's orders."""

    needs: Needs
    until_ns: int
    """Gateway time from which on something may."""
    reach: MinuteReach


class Observer:
    """Looks ahead for the orders in a security.

    Args:
        books: what all parts share.
    """

    def __init__(self, books: Books) -> None:
        self._books = books

    def needs(self, security: Security) -> Needs | None:
        """What the orders in a security wait for; None if every change may matter."""
        found = NO_NEEDS
        for ticket in self._books.tickets_in(security):
            if ticket.order.legs or (ticket.phase is Phase.WAITING and not ticket.is_held):
                return None
            if ticket.phase is Phase.ASLEEP and not ticket.is_held:
                found = _with_sleeper(found, ticket)
        matcher = self._books.matchers.get(security)
        for order in matcher.queued() if matcher is not None else ():
            if order.is_market:
                return None
            if order.side is Side.BUY:
                found = found._replace(bids=max(found.bids, order.key))
            else:
                found = found._replace(asks=min(found.asks, order.key))
        return found

    def still_after(self, security: Security, after_ns: int) -> Stillness | None:
        """The stretch that has begun at an instant; None if none has."""
        needs = self.needs(security)
        if needs is None:
            return None
        reach = self._books.market.minute_reach(security, after_ns)
        if reach is None:
            return None
        is_loud = _loud_minutes(needs, reach, is_begun=after_ns > reach.begin_ns)
        count = int(np.argmax(is_loud)) if is_loud.any() else len(is_loud)
        if not count:
            return None
        return Stillness(needs, reach.begin_ns + count * NS_PER_MINUTE, reach)

    def pass_over(self, security: Security, still: Stillness, after_ns: int, until_ns: int) -> None:
        """Let trailing orders follow the prints in (after, until] of a stretch."""
        if not still.needs.followers:
            return
        prices = self._extremes(security, still.reach, after_ns, until_ns)
        for ticket in self._books.tickets_in(security):
            if ticket.phase is Phase.ASLEEP and ticket.order.trail is not None:
                for price in () if ticket.is_held else prices:
                    ticket.watermark = triggers.followed(ticket.order.side, ticket.watermark, price)
        still.needs = self.needs(security) or still.needs

    def _extremes(
        self, security: Security, reach: MinuteReach, after_ns: int, until_ns: int
    ) -> list[Decimal]:
        """The lowest and the highest print of (after, until], in any order, others included."""
        first = -((reach.begin_ns - after_ns) // NS_PER_MINUTE)
        stop = (until_ns + 1 - reach.begin_ns) // NS_PER_MINUTE
        if first >= stop:
            return self._printed(security, after_ns, until_ns)
        begin_ns, end_ns = (reach.begin_ns + minute * NS_PER_MINUTE - 1 for minute in (first, stop))
        low, high = int(reach.low[first:stop].min()), int(reach.high[first:stop].max())
        whole = [exact(key / KEYS_PER_PRICE) for key in (low, high)] if high else []
        before = self._printed(security, after_ns, begin_ns)
        return [*before, *whole, *self._printed(security, end_ns, until_ns)]

    def _printed(self, security: Security, after_ns: int, until_ns: int) -> list[Decimal]:
        if until_ns <= after_ns:
            return []
        trades = self._books.market.trades_between(security, after_ns, until_ns)
        return [exact(trade.price) for trade in trades]


def _with_sleeper(needs: Needs, ticket: Ticket) -> Needs:
    order = ticket.order
    if order.trail is not None:
        follower = Follower(order.side, order.trail, ticket.watermark)
        return needs._replace(followers=(*needs.followers, follower))
    if order.aux_price is None:
        return needs
    key = price_key(order.aux_price)
    if triggers.is_touched(order.order_type, order.side, Decimal(0), Decimal(1)):
        return needs._replace(rises=min(needs.rises, key))
    return needs._replace(falls=max(needs.falls, key))


def _loud_minutes(needs: Needs, reach: MinuteReach, *, is_begun: bool) -> NDArray[np.bool_]:
    """In which minutes something may happen.

    Args:
        needs: of the orders.
        reach: of the market.
        is_begun: whether the first minute is over in part.
    """
    is_loud: NDArray[np.bool_] = (reach.bottom <= needs.bids) | (reach.top >= needs.asks)
    is_loud |= (reach.low <= needs.falls) | (reach.high >= needs.rises)
    for follower in needs.followers:
        is_loud |= _stirring(follower, reach, is_begun=is_begun)
    return is_loud


def _stirring(follower: Follower, reach: MinuteReach, *, is_begun: bool) -> NDArray[np.bool_]:
    """In which minutes a trailing order may wake, or would see more than belongs to the minute."""
    sign = 1 if follower.side is Side.SELL else -1
    best, worst = (reach.high, reach.low) if sign > 0 else (-reach.low, -reach.high)
    if follower.watermark is None:
        return np.ones(len(best), np.bool_)
    mark = sign * price_key(follower.watermark)
    marks = np.maximum(np.maximum.accumulate(best), mark)
    stops = marks - _distance(follower.trail, np.abs(marks)) + _MARGIN
    is_loud: NDArray[np.bool_] = worst <= stops
    is_loud |= reach.is_mixed & (best > mark)
    is_loud[0] |= is_begun and bool(best[0] > mark)
    return is_loud


def _distance(trail: Trail, marks: Keys) -> Keys:
    if trail.kind is TrailKind.RATIO:
        found: Keys = np.floor(marks * (float(trail.value) / _HUNDRED)).astype(np.int64)
        return found
    return np.full_like(marks, price_key(trail.value))
