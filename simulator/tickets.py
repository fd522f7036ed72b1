"""Unfinished orders, with all that their handling needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from simulator.accounts.account import Account
from simulator.accounts.fees import NO_FEES, FeeTally
from simulator.domain import Instrument, Order, OrderType, TimeInForce
from simulator.venue import rules as venue_rules
from simulator.venue.order_book import VenueOrder, price_key
from simulator.venue.orders import LiveOrder
from simulator.venue.rules import OrderRules


class Phase(Enum):
    """Where an unfinished order is."""

    TRAVELLING = auto()
    ASLEEP = auto()
    """Waits for the price that wakes it."""
    WAITING = auto()
    """Accepted; no session in which it may trade is open."""
    AT_VENUE = auto()
    DISABLED = auto()


@dataclass(slots=True)
class Ticket:
    """An unfinished order with all that its handling needs."""

    live: LiveOrder
    account: Account
    instrument: Instrument
    rules: OrderRules
    worst_price: Decimal
    """The limit, or how far a market order may go."""
    reserve_price: Decimal
    """What a share is reckoned at while the order is open."""
    phase: Phase = Phase.TRAVELLING
    tally: FeeTally = NO_FEES
    """What was charged for its fills."""
    watermark: Decimal | None = None
    """The best price that a trailing order has seen."""
    slices_from_ns: int = 0
    """Market clock; between this and the next a sliced order is worked off."""
    slices_until_ns: int = 0
    released: int = 0
    """How much of a sliced order is out, filled part included."""
    leg_tallies: tuple[FeeTally, ...] = ()
    """What was charged for the fills of each leg of a combo order."""
    queue_number: int = 0
    """Counts the orders that went to the venue, each time they did; 0 before that."""
    is_held: bool = False
    """Whether a command keeps it from the market."""

    @property
    def order(self) -> Order:
        """The order as it is now."""
        return self.live.order

    @property
    def is_sliced(self) -> bool:
        """Whether it is worked off over time."""
        return self.order.order_type in venue_rules.SLICED_TYPES

    @property
    def sleeps(self) -> bool:
        """Whether a price has to wake it first."""
        kinds = venue_rules.TRIGGERED_TYPES | venue_rules.TRAILING_TYPES
        return self.order.order_type in kinds

    @property
    def binds(self) -> bool:
        """Whether it holds money or shares back: not while it sleeps or is disabled."""
        if self.phase in (Phase.DISABLED, Phase.ASLEEP):
            return False
        return not (self.sleeps and self.phase is Phase.TRAVELLING)

    @property
    def rests(self) -> bool:
        """Whether what is left after the first meeting with the market stays."""
        ends = (OrderType.SPECIAL_LIMIT, OrderType.SPECIAL_LIMIT_ALL)
        order = self.order
        return order.time_in_force is not TimeInForce.IOC and order.order_type not in ends

    @property
    def has_limit(self) -> bool:
        """Whether it names the worst price, or was given one when it woke."""
        order_type = self.order.order_type
        return venue_rules.is_limit(order_type) or order_type is OrderType.TRAILING_STOP_LIMIT

    def venue_order(self) -> VenueOrder:
        """The order as the venue knows it: what is left of it, or of what was released."""
        order = self.order
        left = self.live.left
        if self.is_sliced:
            left = self.released - order.filled_quantity
        return VenueOrder(
            order_id=order.order_id,
            account_id=order.account_id,
            side=order.side,
            key=price_key(self.worst_price),
            quantity=left,
            is_market=not self.has_limit,
            rests=self.rests,
            levels=self._levels(),
        )

    def _levels(self) -> int | None:
        """Queues that the order matches at once, where the venue counts them."""
        kinds = (OrderType.NORMAL, OrderType.SPECIAL_LIMIT, OrderType.SPECIAL_LIMIT_ALL)
        spreads = self.rules.spreads
        return spreads.levels if spreads and self.order.order_type in kinds else None
