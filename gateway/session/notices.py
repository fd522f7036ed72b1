"""What OpenD tells of itself, unasked: to the clients that receive notices and to its operator.

Whoever changes such a state queues a notice; the publisher takes them and sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gateway.session.quote_rights import QuoteRights


class ProgramStatus(IntEnum):
    """How far the login is. Source: [P] Common.ProgramStatusType."""

    LOADED = 1
    LOGGING_IN = 2
    NEED_PICTURE_CODE = 3
    NEED_PHONE_CODE = 4
    LOGIN_FAILED = 5
    PREPARING = 7
    DISCLAIMER_NOT_AGREED = 9
    READY = 10
    LOGGED_OUT = 11


class GatewayEventKind(IntEnum):
    """What went against the user. Source: [P] Notify.GtwEventType, as far as it can occur here."""

    LOGIN_FAILED = 4
    DISCLAIMER_NOT_AGREED = 5
    KICKED_OUT = 7
    LOGIN_PASSWORD_CHANGED = 8
    NEED_PICTURE_CODE = 10
    NEED_PHONE_CODE = 11
    TRADE_PASSWORD_CHANGED = 14
    DEVICE_LOCK_ENABLED = 15


@dataclass(frozen=True, slots=True)
class Notice:
    """The root of all notices."""


@dataclass(frozen=True, slots=True)
class GatewayEvent(Notice):
    """Something that the user has to do something about."""

    kind: GatewayEventKind


@dataclass(frozen=True, slots=True)
class StatusChanged(Notice):
    """The login took a step."""

    status: ProgramStatus


@dataclass(frozen=True, slots=True)
class LinksChanged(Notice):
    """The links to the quote and trade servers came up or went down."""

    quotes_up: bool
    trading_up: bool


@dataclass(frozen=True, slots=True)
class RightsChanged(Notice):
    """Some quote right is another now."""

    rights: QuoteRights | None = None
    """None: those of the moment at which the notice leaves."""


@dataclass(frozen=True, slots=True)
class QuotasChanged(Notice):
    """The size of the subscription or the history quota became known."""


@dataclass(frozen=True, slots=True)
class QuotaUsed(Notice):
    """More or less of the subscription or the history quota is in use."""

    units: int
    history_units: int


@dataclass(frozen=True, slots=True)
class ConnectionsCut(Notice):
    """Connections are to be closed once everything before has been sent to them."""

    conn_ids: tuple[int, ...] | None
    """None: all of them."""
    reason: str
