"""Who subscribed what, who gets which push, and what of the quota is used.

Theory of operation. A *subscription* is (security, type) held by one connection; it opens the getters
and, where the connection also *registered*, the pushes. The quota counts each (security, type) once,
however many connections hold it; options have a quota of their own, which counts each (option chain,
type) once. A subscription cannot be given up before it is a minute old; if its
connection ends earlier it is held by nobody until that minute is over ([D]).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from gateway.session.option_chains import (
    Counted,
    CountedAs,
    OptionChain,
    as_itself,
    option_quota,
)
from simulator.domain import NS_PER_S, Security
from simulator.trading_days import TradingHours

MINIMUM_HOLD_NS: Final = 60 * NS_PER_S
"""How old a subscription must be before it can be given up. Source: [D]."""

DEFAULT_QUOTA: Final = 1000
"""Units of the tier whose assets reach HKD 500,000, as our paper accounts do. Source: [D]."""

NO_CONNECTION: Final = 0
"""Holds what an ended connection subscribed less than a minute ago."""


class Unit(NamedTuple):
    """What one unit of quota buys."""

    security: Security
    sub_type: int


class Topic(NamedTuple):
    """A stream of pushes; `rehab` only distinguishes candles, `shows_orders` only order books."""

    security: Security
    sub_type: int
    rehab: int
    hours: TradingHours = TradingHours.REGULAR
    shows_orders: bool = False
    """Whether the book comes with the single orders of its levels."""


@dataclass(eq=False)
class QuotaExceeded(Exception):  # noqa: N818 - refusals are named as facts
    """The request would need more units than are left."""

    used: int
    total: int
    of_options: bool = False


@dataclass(eq=False)
class HeldTooShort(Exception):  # noqa: N818
    """A subscription younger than a minute was to be given up."""

    unit: Unit


class ConnectionReport(NamedTuple):
    """One connection's part of the subscriptions."""

    conn_id: int
    units: tuple[Unit, ...]
    used: int
    """Of the quota."""
    option_used: int
    """Of the option quota."""


class _Charge(NamedTuple):
    """What one unit of either quota is used for."""

    counted: Counted
    sub_type: int

    @property
    def is_option(self) -> bool:
        return isinstance(self.counted, OptionChain)


class Subscriptions:
    """The subscriptions of all connections.

    Args:
        quota: How many (security, type) pairs may be subscribed at once.
        counted_as: Which options make up a chain.
    """

    def __init__(self, quota: int = DEFAULT_QUOTA, counted_as: CountedAs = as_itself) -> None:
        self.quota = quota
        self._counted_as = counted_as
        self._charges: dict[_Charge, int] = {}
        """How many units each charge stands for: several only of options."""
        self._option_charges = 0
        self._since: dict[int, dict[Unit, int]] = defaultdict(dict)
        self._hours: dict[tuple[int, Unit], TradingHours] = {}
        """Of the subscriptions that want more than regular hours."""
        self._detailed: set[tuple[int, Unit]] = set()
        self._holders: dict[Unit, set[int]] = {}
        self._listeners: dict[Security, dict[Topic, set[int]]] = {}

    # --- subscribing ---------------------------------------------------------------------------

    def subscribe(self, conn_id: int, units: Iterable[Unit], now_ns: int) -> tuple[Security, ...]:
        """Hold `units` for a connection; all or none.

        Returns:
            The securities that nobody had subscribed before.

        Raises:
            QuotaExceeded: Not enough units are left; nothing was subscribed.
        """
        wanted = dict.fromkeys(units)
        fresh = [unit for unit in wanted if unit not in self._holders]
        charges = [self._charge(unit) for unit in fresh]
        self._check_quotas(charges)
        for charge in charges:
            self._take(charge)
        known = self._securities()
        for unit in wanted:
            self._holders.setdefault(unit, set()).add(conn_id)
            self._since[conn_id].setdefault(unit, now_ns)
        return tuple(dict.fromkeys(u.security for u in fresh if u.security not in known))

    def show_hours(self, conn_id: int, unit: Unit, hours: TradingHours) -> None:
        """Choose the hours that a subscription shows; pushes of other hours end."""
        if hours is self.hours_of(conn_id, unit):
            return
        self.ignore(conn_id, (unit,))
        self._hours[conn_id, unit] = hours

    def hours_of(self, conn_id: int, unit: Unit) -> TradingHours:
        """The hours that a subscription shows."""
        return self._hours.get((conn_id, unit), TradingHours.REGULAR)

    def show_orders(self, conn_id: int, unit: Unit, *, wanted: bool) -> None:
        """Choose whether a book comes with its single orders; pushes of the other kind end."""
        if wanted == self.shows_orders(conn_id, unit):
            return
        self.ignore(conn_id, (unit,))
        if wanted:
            self._detailed.add((conn_id, unit))
        else:
            self._detailed.discard((conn_id, unit))

    def shows_orders(self, conn_id: int, unit: Unit) -> bool:
        """Whether a book comes with its single orders."""
        return (conn_id, unit) in self._detailed

    def unsubscribe(self, conn_id: int, units: Iterable[Unit], now_ns: int) -> tuple[Security, ...]:
        """Give up `units`; those not held are ignored.

        Returns:
            The securities that nobody subscribes any more.

        Raises:
            HeldTooShort: One of them is less than a minute old; nothing was given up.
        """
        mine = self._since.get(conn_id, {})
        held = [unit for unit in dict.fromkeys(units) if unit in mine]
        for unit in held:
            if now_ns - mine[unit] < MINIMUM_HOLD_NS:
                raise HeldTooShort(unit)
        return self._release(conn_id, held)

    def unsubscribe_all(self, conn_id: int, now_ns: int) -> tuple[Security, ...]:
        """Give up everything a connection holds, under the same minute's rule."""
        return self.unsubscribe(conn_id, tuple(self._since.get(conn_id, {})), now_ns)

    def drop_connection(self, conn_id: int, now_ns: int) -> tuple[Security, ...]:
        """A connection ended: release what is old enough, keep the rest until it is.

        Returns:
            The securities that nobody subscribes any more.
        """
        mine = dict(self._since.get(conn_id, {}))
        young = {u: since for u, since in mine.items() if now_ns - since < MINIMUM_HOLD_NS}
        orphans = self._since[NO_CONNECTION]
        for unit, since in young.items():
            self._holders[unit].add(NO_CONNECTION)
            orphans[unit] = max(since, orphans.get(unit, since))
        freed = self._release(conn_id, list(mine))
        self._since.pop(conn_id, None)
        return freed

    def turn_back(self, now_ns: int) -> None:
        """The clock shows an earlier instant: nothing was subscribed after it."""
        for units in self._since.values():
            for unit, since in units.items():
                units[unit] = min(since, now_ns)

    def expire(self, now_ns: int) -> tuple[Security, ...]:
        """Release what ended connections left behind and is a minute old now.

        Returns:
            The securities that nobody subscribes any more.
        """
        orphans = self._since[NO_CONNECTION]
        ripe = [u for u, since in orphans.items() if now_ns - since >= MINIMUM_HOLD_NS]
        return self._release(NO_CONNECTION, ripe)

    def next_deadline_ns(self) -> int | None:
        """When `expire` has something to do."""
        orphans = self._since[NO_CONNECTION]
        return min(orphans.values()) + MINIMUM_HOLD_NS if orphans else None

    # --- pushes --------------------------------------------------------------------------------

    def listen(self, conn_id: int, topics: Iterable[Topic]) -> None:
        """Register a connection for the pushes of `topics`."""
        for topic in topics:
            self._listeners.setdefault(topic.security, {}).setdefault(topic, set()).add(conn_id)

    def ignore(self, conn_id: int, units: Iterable[Unit]) -> None:
        """Undo `listen` for every variant of `units`."""
        for unit in units:
            topics = self._listeners.get(unit.security, {})
            for topic in [t for t in topics if t.sub_type == unit.sub_type]:
                topics[topic].discard(conn_id)
                if not topics[topic]:
                    del topics[topic]
            if not topics:
                self._listeners.pop(unit.security, None)

    def topics(self, security: Security) -> dict[Topic, set[int]]:
        """The streams of a security that somebody listens to, with the listeners' ids."""
        return self._listeners.get(security, {})

    def all_topics(self) -> tuple[tuple[Topic, set[int]], ...]:
        """Every stream that somebody listens to, with the listeners' ids."""
        return tuple(pair for topics in self._listeners.values() for pair in topics.items())

    def forget_all(self) -> tuple[Security, ...]:
        """The server has lost all subscriptions, however young; returns the securities."""
        freed: list[Security] = []
        for conn_id, units in tuple(self._since.items()):
            freed += self._release(conn_id, list(units))
        return tuple(freed)

    # --- looking -------------------------------------------------------------------------------

    def holds(self, conn_id: int, security: Security, sub_type: int) -> bool:
        """Whether this connection subscribed it."""
        return Unit(security, sub_type) in self._since.get(conn_id, {})

    def holds_all(self, conn_id: int, units: frozenset[Unit]) -> bool:
        """Whether this connection subscribed each of them."""
        return units <= self._since.get(conn_id, {}).keys()

    @property
    def used(self) -> int:
        """Units in use over all connections, without options."""
        return len(self._charges) - self._option_charges

    @property
    def remaining(self) -> int:
        """Units left, without options."""
        return max(self.quota - self.used, 0)

    @property
    def option_used(self) -> int:
        """Units of the option quota in use over all connections."""
        return self._option_charges

    @property
    def option_quota(self) -> int:
        """How many (option chain, type) pairs may be subscribed at once."""
        return option_quota(self.quota)

    @property
    def option_remaining(self) -> int:
        """Units of the option quota left."""
        return max(self.option_quota - self.option_used, 0)

    def report(self) -> tuple[ConnectionReport, ...]:
        """What every connection holds, in the order of subscribing."""
        return tuple(
            ConnectionReport(conn_id, tuple(units), *self._counts(units))
            for conn_id, units in self._since.items()
            if conn_id != NO_CONNECTION
        )

    @property
    def units(self) -> tuple[Unit, ...]:
        """What anybody holds."""
        return tuple(self._holders)

    def units_of(self, conn_id: int) -> tuple[Unit, ...]:
        """What one connection holds."""
        return tuple(self._since.get(conn_id, {}))

    def _securities(self) -> set[Security]:
        return {unit.security for unit in self._holders}

    def _release(self, conn_id: int, units: list[Unit]) -> tuple[Security, ...]:
        self.ignore(conn_id, units)
        for unit in units:
            self._since[conn_id].pop(unit, None)
            self._hours.pop((conn_id, unit), None)
            self._detailed.discard((conn_id, unit))
            holders = self._holders[unit]
            holders.discard(conn_id)
            if not holders:
                del self._holders[unit]
                self._give_back(self._charge(unit))
        left = self._securities()
        return tuple(dict.fromkeys(u.security for u in units if u.security not in left))

    # --- the quotas ----------------------------------------------------------------------------

    def _charge(self, unit: Unit) -> _Charge:
        return _Charge(self._counted_as(unit.security), unit.sub_type)

    def _check_quotas(self, charges: Iterable[_Charge]) -> None:
        fresh = {charge for charge in charges if charge not in self._charges}
        options = sum(charge.is_option for charge in fresh)
        others = len(fresh) - options
        if others and self.used + others > self.quota:
            raise QuotaExceeded(self.used, self.quota)
        if options and self.option_used + options > self.option_quota:
            raise QuotaExceeded(self.option_used, self.option_quota, of_options=True)

    def _take(self, charge: _Charge) -> None:
        if charge not in self._charges:
            self._option_charges += charge.is_option
        self._charges[charge] = self._charges.get(charge, 0) + 1

    def _give_back(self, charge: _Charge) -> None:
        self._charges[charge] -= 1
        if not self._charges[charge]:
            del self._charges[charge]
            self._option_charges -= charge.is_option

    def _counts(self, units: Iterable[Unit]) -> tuple[int, int]:
        charges = {self._charge(unit) for unit in units}
        options = sum(charge.is_option for charge in charges)
        return len(charges) - options, options
