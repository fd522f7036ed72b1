"""What happened in the simulator, as frozen facts that the gateway turns into pushes.

The engine appends events to one queue in the order in which they happened; nobody changes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.domain import Fill, MarketState, Order, Security, Trade, Venue
from simulator.session_tables import SessionKind


@dataclass(frozen=True, slots=True)
class MarketMoved:
    """A watched security changed.

    One event never spans two minutes of the market's clock, so that whoever asks for the state at
    `now_ns` sees the bar which the trades belong to.
    """

    security: Security
    now_ns: int
    """Gateway time at which the state is to be read."""
    trades: tuple[Trade, ...]
    """New prints, oldest first; empty when only the displayed book changed."""
    book_changed: bool
    extended: tuple[Trade, ...] = ()
    """New prints outside the American day, oldest first; they match no regular order."""
    session: SessionKind | None = None
    """The session outside the day that runs."""


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order was accepted, filled, changed, cancelled or refused by the venue."""

    order: Order
    now_ns: int
    """Gateway time of the change."""


@dataclass(frozen=True, slots=True)
class FillMade:
    """Two orders met."""

    fill: Fill
    now_ns: int
    """Gateway time of the execution."""


@dataclass(frozen=True, slots=True)
class MarketStateChanged:
    """A venue entered another phase of its day."""

    venue: Venue
    state: MarketState


Event = MarketMoved | OrderChanged | FillMade | MarketStateChanged
