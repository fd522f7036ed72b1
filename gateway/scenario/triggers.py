"""Reads when a step is to happen: a time, a pause or a condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar

import yaml

from gateway.command_terms import security_named
from gateway.scenario import problems
from gateway.scenario.problems import ScenarioError
from gateway.scenario.steps import (
    ClockTime,
    Condition,
    ConnectionChanges,
    Instant,
    IsSubscribed,
    OrderBecomes,
    PriceReaches,
)
from gateway.scenario.yaml_file import Entry, YamlFile, is_text, line_of
from simulator.domain import NS_PER_S, OrderStatus, Security, Side, Venue
from simulator.errors import UnknownSecurity
from simulator.market.universe import Universe
from simulator.trading_days import calendar_for
from telnet_ops.durations import EXPECTED_DURATION, parse_duration
from telnet_ops.registry import UsageError
from telnet_ops.texts import EXPECTED_CHOICE, Text

T = TypeVar("T")

ORDER_STATES: Final[Mapping[str, frozenset[OrderStatus]]] = {
    "placed": frozenset({OrderStatus.SUBMITTING, OrderStatus.WAITING_SUBMIT}),
    "submitted": frozenset({OrderStatus.SUBMITTED}),
    "partly_filled": frozenset({OrderStatus.FILLED_PART}),
    "filled": frozenset({OrderStatus.FILLED_ALL}),
    "cancelled": frozenset({OrderStatus.CANCELLED_PART, OrderStatus.CANCELLED_ALL}),
    "rejected": frozenset({OrderStatus.FAILED, OrderStatus.SUBMIT_FAILED}),
}
"""What a scenario calls the states of an order."""

SAMPLE_FACTS: Final[Mapping[str, str]] = {
    "order_id": "1",
    "account": "1",
    "security": "HK.00700",
    "quantity": "100",
    "price": "1",
    "conn_id": "1",
    "client_id": "client",
}
"""What a condition that has come true makes known, with values that are of the right kind."""

_SIDES: Final[Mapping[str, Side]] = {"buy": Side.BUY, "sell": Side.SELL}
_LEVELS: Final = ("at_most", "at_least", "falls", "rises")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


class TriggerReader:
    """Reads triggers of one file.

    Args:
        file: For messages.
        universe: What securities there are.
    """

    def __init__(self, file: YamlFile, universe: Universe) -> None:
        self._file = file
        self._universe = universe

    def time(self, node: yaml.Node, venue: Venue) -> ClockTime | Instant:
        """A time of day or an instant, of the venue's zone unless the offset is written."""
        written = self._file.text(node, "at", problems.A_TIME)
        match = _CLOCK.fullmatch(written)
        if match is not None:
            hours, minutes, seconds = (int(part or 0) for part in match.groups())
            return ClockTime(hours * 3600 + minutes * 60 + seconds)
        try:
            instant = datetime.fromisoformat(written)
        except ValueError:
            raise self._expected(node, "at", problems.A_TIME) from None
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=calendar_for(venue).zone)
        return Instant(int(instant.timestamp() * NS_PER_S))

    def span(self, node: yaml.Node, what: str) -> int:
        """A span of time, nanoseconds."""
        written = self._file.text(node, what, EXPECTED_DURATION)
        try:
            return parse_duration(what, written)
        except UsageError:
            raise self._expected(node, what, EXPECTED_DURATION) from None

    def venue(self, node: yaml.Node) -> Venue:
        """An exchange."""
        return Venue(self._choice(node, "venue", {venue.value: venue.value for venue in Venue}))

    def known_security(self, symbol: str, line: int) -> Security:
        """A security that exists.

        Raises:
            ScenarioError: there is none of that name.
        """
        try:
            return self._universe.get(security_named(symbol)).security
        except (UsageError, UnknownSecurity):
            raise ScenarioError(
                self._file.place, line, problems.UNKNOWN_SECURITY, symbol=symbol
            ) from None

    # --- conditions ---------------------------------------------------------------------------

    def condition(self, node: yaml.Node) -> Condition:
        """What `when` says: one of price, order, connection and subscription."""
        kinds: Mapping[str, Callable[[Entry], Condition]] = {
            "price": self._price,
            "order": self._order,
            "connection": self._connection,
            "subscription": self._subscription,
        }
        entries = self._file.entries(node, "when")
        entry, *others = self._known(node, entries, kinds, "when").values()
        if others:
            raise self._one_of(node, "when", kinds)
        return kinds[entry.key](entry)

    def _price(self, entry: Entry) -> PriceReaches:
        given = self._known(
            entry.value, self._file.entries(entry.value, "price"), ("security", *_LEVELS), "price"
        )
        levels = [name for name in _LEVELS if name in given]
        if "security" not in given:
            raise self._one_of(entry.value, "price", ("security",))
        if len(levels) != 1:
            raise self._one_of(entry.value, "price", _LEVELS)
        (name,) = levels
        number = self._number(given[name].value, name)
        security = self._security(given)
        if name in ("at_most", "at_least"):
            return PriceReaches(security, level=number, is_fall=name == "at_most")
        return PriceReaches(security, percent=number, is_fall=name == "falls")

    def _order(self, entry: Entry) -> OrderBecomes:
        if is_text(entry.value):
            return OrderBecomes(self._choice(entry.value, "order", ORDER_STATES))
        allowed = ("becomes", "account", "security", "side", "count")
        given = self._known(entry.value, self._file.entries(entry.value, "order"), allowed, "order")
        if "becomes" not in given:
            raise self._one_of(entry.value, "order becomes", ORDER_STATES)
        account, side = given.get("account"), given.get("side")
        return OrderBecomes(
            statuses=self._choice(given["becomes"].value, "becomes", ORDER_STATES),
            account_id=self._count(account.value, "account") if account else None,
            security=self._security(given) if "security" in given else None,
            side=self._choice(side.value, "side", _SIDES) if side else None,
            count=self._how_often(given),
        )

    def _connection(self, entry: Entry) -> ConnectionChanges:
        turns = {"opened": True, "closed": False}
        if is_text(entry.value):
            return ConnectionChanges(self._choice(entry.value, "connection", turns))
        given = self._known(
            entry.value,
            self._file.entries(entry.value, "connection"),
            ("becomes", "client_id", "count"),
            "connection",
        )
        if "becomes" not in given:
            raise self._one_of(entry.value, "connection becomes", turns)
        client = given.get("client_id")
        return ConnectionChanges(
            is_opened=self._choice(given["becomes"].value, "becomes", turns),
            client_id=self._file.text(client.value, "client_id") if client else None,
            count=self._how_often(given),
        )

    def _subscription(self, entry: Entry) -> IsSubscribed:
        if is_text(entry.value):
            symbol = self._file.text(entry.value, "subscription")
            return IsSubscribed(self.known_security(symbol, line_of(entry.value)))
        given = self._known(
            entry.value,
            self._file.entries(entry.value, "subscription"),
            ("security",),
            "subscription",
        )
        if "security" not in given:
            raise self._one_of(entry.value, "subscription", ("security",))
        return IsSubscribed(self._security(given))

    # --- values -------------------------------------------------------------------------------

    def _security(self, given: Mapping[str, Entry]) -> Security:
        node = given["security"].value
        return self.known_security(self._file.text(node, "security"), line_of(node))

    def _number(self, node: yaml.Node, what: str) -> Decimal:
        written = self._file.text(node, what, problems.A_PRICE).removesuffix("%").rstrip()
        is_number = re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", written) is not None
        if not is_number or not Decimal(written):
            raise self._expected(node, what, problems.A_PRICE)
        return Decimal(written)

    def _how_often(self, given: Mapping[str, Entry]) -> int:
        return self._count(given["count"].value, "count") if "count" in given else 1

    def _count(self, node: yaml.Node, what: str) -> int:
        written = self._file.text(node, what, problems.A_COUNT)
        if re.fullmatch(r"[0-9]{1,19}", written) is None or not int(written):
            raise self._expected(node, what, problems.A_COUNT)
        return int(written)

    def _choice(self, node: yaml.Node, what: str, choices: Mapping[str, T]) -> T:
        written = self._file.text(node, what)
        if written not in choices:
            names = ", ".join(choices)
            expected = Text(*(text.format(choices=names) for text in EXPECTED_CHOICE))
            raise self._expected(node, what, expected)
        return choices[written]

    def _known(
        self,
        node: yaml.Node,
        entries: Mapping[str, Entry],
        allowed: Mapping[str, object] | tuple[str, ...],
        what: str,
    ) -> Mapping[str, Entry]:
        names = ", ".join(allowed)
        for entry in entries.values():
            if entry.key not in allowed:
                raise ScenarioError(
                    self._file.place,
                    entry.line,
                    problems.UNKNOWN_KEY,
                    key=entry.key,
                    allowed=Text(names, names),
                )
        if not entries:
            raise self._one_of(node, what, allowed)
        return entries

    def _one_of(
        self, node: yaml.Node, what: str, allowed: Mapping[str, object] | tuple[str, ...]
    ) -> ScenarioError:
        names = ", ".join(allowed)
        return self._file.problem(node, problems.ONE_OF, what=what, allowed=Text(names, names))

    def _expected(self, node: yaml.Node, what: str, expected: Text) -> ScenarioError:
        told = f"{what}: {node.value}" if is_text(node) else what
        return self._file.problem(node, problems.EXPECTED, what=told, expected=expected)
