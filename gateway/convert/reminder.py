"""Price reminders between the wire and the simulator, and what their push says."""

from __future__ import annotations

from typing import Final, TypeVar

from gateway import texts
from gateway.errors import ApiError
from gateway.pb import Qot_GetPriceReminder, Qot_SetPriceReminder
from gateway.texts import Language
from simulator.domain import Market
from simulator.reminder_watch import ReminderFired
from simulator.reminders import (
    DEFAULT_SESSIONS,
    Reminder,
    ReminderFrequency,
    ReminderSession,
    ReminderTerms,
    ReminderType,
    rounded_value,
)

MAX_NOTE: Final = 20
"""Characters. Source: [P] Qot_SetPriceReminder.proto of 10.11; older SDK pages say 10."""

N = TypeVar("N", ReminderType, ReminderFrequency, ReminderSession)


def read_terms(c2s: Qot_SetPriceReminder.C2S, market: Market) -> ReminderTerms:
    """What a client wants to be reminded of.

    Raises:
        ApiError: Type, frequency or value is missing or makes no sense, or the note is too long.
    """
    for name in ("type", "freq", "value"):
        if not c2s.HasField(name):
            raise ApiError(texts.MISSING_PARAMETER, name=name)
    reminder_type = _read(ReminderType, "type", c2s.type)
    if not c2s.value >= 0 or c2s.value == float("inf"):
        raise ApiError(texts.INVALID_PARAMETER, name="value", value=c2s.value)
    if len(c2s.note) > MAX_NOTE:
        raise ApiError(texts.NOTE_TOO_LONG, limit=MAX_NOTE)
    sessions = tuple(
        _read(ReminderSession, "reminderSessionList", number) for number in c2s.reminderSessionList
    )
    return ReminderTerms(
        reminder_type=reminder_type,
        frequency=_read(ReminderFrequency, "freq", c2s.freq),
        value=rounded_value(market, reminder_type, c2s.value),
        note=c2s.note,
        sessions=sessions or DEFAULT_SESSIONS,
    )


def _read(kind: type[N], name: str, number: int) -> N:
    try:
        return kind(number)
    except ValueError as error:
        raise ApiError(texts.INVALID_PARAMETER, name=name, value=number) from error


def write_reminder(reminder: Reminder) -> Qot_GetPriceReminder.PriceReminderItem:
    """A reminder in a list."""
    terms = reminder.terms
    return Qot_GetPriceReminder.PriceReminderItem(
        key=reminder.reminder_key,
        type=terms.reminder_type,
        value=terms.value,
        note=terms.note,
        freq=terms.frequency,
        isEnable=reminder.is_enabled,
        reminderSessionList=terms.sessions,
    )


def content_of(fired: ReminderFired, language: Language) -> str:
    """The sentence that a user reads. Source: [I] after the names of the types."""
    chinese, english, form = _SENTENCES[fired.reminder.terms.reminder_type]
    return (english if language == "en" else chinese).format(format(fired.value, form))


_SENTENCES: Final[dict[ReminderType, tuple[str, str, str]]] = {
    ReminderType.PRICE_UP: ("价格涨到{}", "Price rose to {}", ".3f"),
    ReminderType.PRICE_DOWN: ("价格跌到{}", "Price fell to {}", ".3f"),
    ReminderType.CHANGE_RATE_UP: ("日涨幅达到{}%", "Up {}% today", ".3f"),
    ReminderType.CHANGE_RATE_DOWN: ("日跌幅达到{}%", "Down {}% today", ".3f"),
    ReminderType.CHANGE_RATE_UP_5_MINUTES: ("5分钟涨幅达到{}%", "Up {}% in 5 minutes", ".3f"),
    ReminderType.CHANGE_RATE_DOWN_5_MINUTES: ("5分钟跌幅达到{}%", "Down {}% in 5 minutes", ".3f"),
    ReminderType.VOLUME_UP: ("成交量达到{}", "Volume reached {}", ".0f"),
    ReminderType.TURNOVER_UP: ("成交额达到{}", "Turnover reached {}", ".3f"),
    ReminderType.TURNOVER_RATE_UP: ("换手率达到{}%", "Turnover rate reached {}%", ".3f"),
    ReminderType.BID_PRICE_UP: ("买一价达到{}", "Best bid reached {}", ".3f"),
    ReminderType.ASK_PRICE_DOWN: ("卖一价跌到{}", "Best ask fell to {}", ".3f"),
    ReminderType.BID_VOLUME_UP: ("买一量达到{}", "Volume at best bid reached {}", ".0f"),
    ReminderType.ASK_VOLUME_UP: ("卖一量达到{}", "Volume at best ask reached {}", ".0f"),
    ReminderType.CHANGE_RATE_UP_3_MINUTES: ("3分钟涨幅达到{}%", "Up {}% in 3 minutes", ".3f"),
    ReminderType.CHANGE_RATE_DOWN_3_MINUTES: ("3分钟跌幅达到{}%", "Down {}% in 3 minutes", ".3f"),
}
