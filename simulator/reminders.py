"""Price reminders as the user set them, and what they are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from math import floor
from typing import Final

from simulator.domain import Market, Security
from simulator.errors import TooManyReminders, UnknownReminder

MOST_OF_A_TYPE: Final = 10
"""Reminders of one type a security can have. Source: [P] the SDK's set_price_reminder."""
_NS_PER_MS: Final = 1_000_000


class ReminderType(IntEnum):
    """What is compared with the set value. Source: [P] Qot_Common.PriceReminderType."""

    PRICE_UP = 1
    PRICE_DOWN = 2
    CHANGE_RATE_UP = 3
    CHANGE_RATE_DOWN = 4
    CHANGE_RATE_UP_5_MINUTES = 5
    CHANGE_RATE_DOWN_5_MINUTES = 6
    VOLUME_UP = 7
    TURNOVER_UP = 8
    TURNOVER_RATE_UP = 9
    BID_PRICE_UP = 10
    ASK_PRICE_DOWN = 11
    BID_VOLUME_UP = 12
    ASK_VOLUME_UP = 13
    CHANGE_RATE_UP_3_MINUTES = 14
    CHANGE_RATE_DOWN_3_MINUTES = 15


class ReminderFrequency(IntEnum):
    """How often one reminder speaks. Source: [P] Qot_Common.PriceReminderFreq."""

    ALWAYS = 1
    ONCE_A_DAY = 2
    ONLY_ONCE = 3


class ReminderSession(IntEnum):
    """When it may speak. Source: [P] Qot_Common.PriceReminderMarketStatus."""

    OPEN = 1
    US_PRE = 2
    US_AFTER = 3
    US_OVERNIGHT = 4


DEFAULT_SESSIONS: Final = (
    ReminderSession.OPEN,
    ReminderSession.US_PRE,
    ReminderSession.US_AFTER,
)
"""Source: [P] the SDK's set_price_reminder."""


@dataclass(frozen=True, slots=True)
class ReminderTerms:
    """What the user decides about a reminder."""

    reminder_type: ReminderType
    frequency: ReminderFrequency
    value: float
    """Rates are in percent and without sign: 20.0 also stands for a fall by 20 %."""
    note: str
    sessions: tuple[ReminderSession, ...]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder and what became of it."""

    reminder_key: int
    """Never given out twice."""
    terms: ReminderTerms
    is_enabled: bool = True
    fired_on: int = 0
    """The trade date, as a day number, on which it spoke last; 0 if it never did."""


@dataclass(frozen=True, slots=True)
class ReminderRecord:
    """All reminders of one security, as they are kept between two runs."""

    security: Security
    reminders: tuple[Reminder, ...]

    @property
    def key(self) -> str:
        """The security's symbol."""
        return self.security.symbol


def rounded_value(market: Market, reminder_type: ReminderType, value: float) -> float:
    """The set value, cut to the precision that OpenD keeps.

    Source: [P] Qot_SetPriceReminder.proto: turnover 10; volume 1000 shares of A-shares, 10 of
        others; best volumes 100 shares of A-shares; anything else three decimals.
    """
    is_cn = market in (Market.SH, Market.SZ)
    match reminder_type:
        case ReminderType.TURNOVER_UP:
            unit = 10
        case ReminderType.VOLUME_UP:
            unit = 1000 if is_cn else 10
        case ReminderType.BID_VOLUME_UP | ReminderType.ASK_VOLUME_UP if is_cn:
            unit = 100
        case _:
            return floor(value * 1000 + 1e-6) / 1000
    return float(value // unit * unit)


class Reminders:
    """Owns all reminders, in the order in which they were set."""

    def __init__(self) -> None:
        self._by_security: dict[Security, tuple[Reminder, ...]] = {}
        self._changed: dict[Security, None] = {}
        self._last_key = 0

    # --- reading ------------------------------------------------------------------------------

    def securities(self) -> tuple[Security, ...]:
        """Those that have reminders, enabled or not."""
        return tuple(security for security, found in self._by_security.items() if found)

    def of(self, security: Security) -> tuple[Reminder, ...]:
        """A security's reminders."""
        return self._by_security.get(security, ())

    def enabled(self, security: Security) -> tuple[Reminder, ...]:
        """A security's reminders that may speak."""
        return tuple(reminder for reminder in self.of(security) if reminder.is_enabled)

    # --- changing -----------------------------------------------------------------------------

    def add(self, security: Security, terms: ReminderTerms, now_ns: int) -> int:
        """Set a new reminder and give its key, which grows with gateway time. Source: [I] the key.

        Raises:
            TooManyReminders: The security has ten of that type.
        """
        self._check_room(security, terms, but_for=None)
        self._last_key = max(self._last_key + 1, now_ns // _NS_PER_MS)
        self._put(security, (*self.of(security), Reminder(self._last_key, terms)))
        return self._last_key

    def modify(self, security: Security, reminder_key: int, terms: ReminderTerms) -> None:
        """Give a reminder other terms; it may then speak again.

        Source: [I] it is enabled again and counts as never fired.

        Raises:
            UnknownReminder: The security has none of that key.
            TooManyReminders: It has ten others of the new type.
        """
        self._check_room(security, terms, but_for=reminder_key)
        self._change(security, reminder_key, lambda old: Reminder(old.reminder_key, terms))

    def enable(self, security: Security, reminder_key: int, *, is_enabled: bool) -> None:
        """Let a reminder speak or not.

        Raises:
            UnknownReminder: The security has none of that key.
        """
        self._change(security, reminder_key, lambda old: replace(old, is_enabled=is_enabled))

    def delete(self, security: Security, reminder_key: int) -> None:
        """Forget one reminder.

        Raises:
            UnknownReminder: The security has none of that key.
        """
        self._find(security, reminder_key)
        rest = (old for old in self.of(security) if old.reminder_key != reminder_key)
        self._put(security, rest)

    def delete_all(self, security: Security) -> None:
        """Forget all reminders of a security, if there are any."""
        if self.of(security):
            self._put(security, ())

    def mark_fired(self, security: Security, reminder_key: int, day: int) -> None:
        """A reminder spoke on a trade date; one that speaks only once is switched off.

        Source: [I].
        """

        def spoken(old: Reminder) -> Reminder:
            is_done = old.terms.frequency is ReminderFrequency.ONLY_ONCE
            return replace(old, fired_on=day, is_enabled=not is_done)

        self._change(security, reminder_key, spoken)

    # --- the journal --------------------------------------------------------------------------

    def take_changes(self) -> list[ReminderRecord]:
        """The reminders of each security for which something changed since the last call."""
        changed = [ReminderRecord(security, self.of(security)) for security in self._changed]
        self._changed.clear()
        return changed

    def all_records(self) -> list[ReminderRecord]:
        """The reminders of every security that had some."""
        return [ReminderRecord(security, found) for security, found in self._by_security.items()]

    def forget_all(self) -> None:
        """Become as a new user's; nothing of it is a change."""
        self._by_security.clear()
        self._changed.clear()

    def restore(self, record: ReminderRecord) -> None:
        """Go on from what an earlier run kept of a security."""
        self._by_security[record.security] = record.reminders
        keys = (reminder.reminder_key for reminder in record.reminders)
        self._last_key = max(self._last_key, *keys, 0)

    # --- inside -------------------------------------------------------------------------------

    def _find(self, security: Security, reminder_key: int) -> Reminder:
        for reminder in self.of(security):
            if reminder.reminder_key == reminder_key:
                return reminder
        raise UnknownReminder(reminder_key)

    def _check_room(self, security: Security, terms: ReminderTerms, but_for: int | None) -> None:
        others = [
            old
            for old in self.of(security)
            if old.terms.reminder_type is terms.reminder_type and old.reminder_key != but_for
        ]
        if len(others) >= MOST_OF_A_TYPE:
            raise TooManyReminders(MOST_OF_A_TYPE)

    def _change(
        self, security: Security, reminder_key: int, change: Callable[[Reminder], Reminder]
    ) -> None:
        self._find(security, reminder_key)
        self._put(
            security,
            (change(old) if old.reminder_key == reminder_key else old for old in self.of(security)),
        )

    def _put(self, security: Security, reminders: Iterable[Reminder]) -> None:
        self._by_security[security] = tuple(reminders)
        self._changed[security] = None
