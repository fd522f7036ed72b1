"""What a scenario consists of, as frozen values that a file was read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from simulator.domain import OrderStatus, Security, Side, Venue


@dataclass(frozen=True, slots=True)
class ClockTime:
    """The next time a venue's clock shows this time of day."""

    second_of_day: int


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant of a venue's clock, UTC nanoseconds."""

    market_ns: int


@dataclass(frozen=True, slots=True)
class Pause:
    """So long after the step before it, or after the start; nanoseconds of gateway time."""

    span_ns: int


@dataclass(frozen=True, slots=True)
class PriceReaches:
    """A last price is at or beyond a level."""

    security: Security
    level: Decimal | None = None
    percent: Decimal | None = None
    """Where there is no level: so many percent of the price at which the waiting began."""
    is_fall: bool = False
    """At or below; else at or above."""


@dataclass(frozen=True, slots=True)
class OrderBecomes:
    """An order that fits changes to one of some statuses."""

    statuses: frozenset[OrderStatus]
    account_id: int | None = None
    security: Security | None = None
    side: Side | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class ConnectionChanges:
    """A client has connected, up to InitConnect, or its connection has ended."""

    is_opened: bool
    client_id: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class IsSubscribed:
    """Somebody has a subscription of a security."""

    security: Security


Condition = PriceReaches | OrderBecomes | ConnectionChanges | IsSubscribed
Trigger = ClockTime | Instant | Pause | Condition


@dataclass(frozen=True, slots=True)
class CommandCall:
    """One command with its parameters as they would be typed; `$order_id` stands for a fact."""

    line: int
    name: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens once its trigger has come."""

    line: int
    title: str
    trigger: Trigger
    shown_trigger: str
    """As it is written in the file, on one line."""
    venue: Venue
    """Whose clock is meant."""
    within_ns: int | None
    """How long a condition may be waited for; None: for ever."""
    calls: tuple[CommandCall, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """Steps that follow one another; a scenario's tracks run beside each other."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole file."""

    place: str
    """The file's name, for messages."""
    title: str
    tracks: tuple[Track, ...]
