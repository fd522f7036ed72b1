"""Which function answers which protocol id, and which one writes which push.

Handlers register by decorator when `gateway.handlers` is imported; there is no scanning and no base
class. The registry refuses, at import, a handler whose `C2S` belongs to another protocol and a
second handler for one id.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from google.protobuf.message import Message

from gateway import pb
from gateway.session.connection import Connection
from gateway.session.notices import Notice
from gateway.session.opend import OpenD
from gateway.session.subscriptions import Topic
from gateway.wire.ciphers import Cipher
from gateway.wire.codec import Written
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Trade
from simulator.events import Event
from simulator.reminder_watch import ReminderFired

if TYPE_CHECKING:
    from gateway.texts import Language

C2S = TypeVar("C2S", bound=Message)
S2C = TypeVar("S2C", bound=Message)
Reply = TypeVar("Reply", bound=Message | Written | None)
E = TypeVar("E", bound=Event)
N = TypeVar("N", bound=Notice)


@dataclass(slots=True)
class Call:
    """One request on its way through a handler."""

    opend: OpenD
    connection: Connection
    now_ns: int
    body_format: int
    request_was_encrypted: bool = False
    reply_cipher: Cipher | None = None
    """Set by InitConnect, whose reply does not use the connection's body cipher."""
    after_reply: list[Callable[[], None]] = field(default_factory=list)
    """Run once the reply is queued."""
    first_pushes: list[Topic] = field(default_factory=list)
    """Streams whose present state is to be pushed after the reply."""
    notices: list[Message] = field(default_factory=list)
    """`Notify.S2C` messages for all who receive notices, sent after the reply."""
    placed_order_id: int | None = None
    """Set by order placement, for the delay statistics."""
    waits_for_effects: bool = False
    """Whether the reply is sent once all that the request caused has been sent."""

    @property
    def language(self) -> Language:
        """The language of texts and names."""
        return self.opend.language


@dataclass(frozen=True, slots=True)
class Route:
    """How one protocol id is answered. A handler may return None: success without s2c."""

    proto_id: ProtoId
    request_type: type[Message]
    handler: Callable[[Call, Any], Message | Written | None]
    prepare: Callable[[Call, Any], Iterator[None]] | None = None
    """Computes ahead what the handler will ask for, piece by piece; see `handles`."""
    only_reads: bool = False
    """Whether the handler changes nothing that is kept, told or waited for; see `handles`."""
    is_trade: bool = field(init=False)
    """Whether it is one of the trade interfaces."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_trade", self.proto_id.name.startswith("Trd_"))


class Trigger(Enum):
    """What makes a quote push due."""

    TRADES = "trades"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a quote push is about."""

    opend: OpenD
    topic: Topic
    now_ns: int
    trades: tuple[Trade, ...] | None
    """The new prints; None for the first push after registering."""
    is_missed: bool = False
    """Whether it tells what happened while the quote link was down."""


@dataclass(frozen=True, slots=True)
class QuotePush:
    """How one subscription type is pushed. The builder may return None: nothing to say."""

    proto_id: ProtoId
    trigger: Trigger
    build: Callable[[Feed], Message | None]
    skip_unchanged: bool
    """Whether a push equal to the topic's last one is left out."""


@dataclass(frozen=True, slots=True)
class EventPush:
    """How an event of an account is pushed to the connections that asked for the account."""

    proto_id: ProtoId
    account_id: Callable[[Any], int]
    build: Callable[[OpenD, Any], Message | None]


ROUTES: Final[dict[int, Route]] = {}
QUOTE_PUSHES: Final[dict[int, QuotePush]] = {}
EVENT_PUSHES: Final[dict[type, EventPush]] = {}
NOTICES: Final[dict[type, Callable[[OpenD, Any], Message]]] = {}
REMINDER_PUSHES: Final[dict[ProtoId, Callable[[OpenD, ReminderFired], Message]]] = {}


class RegistrationError(TypeError):
    """A handler does not fit its protocol; a mistake in our own code."""


def handles(
    proto_id: ProtoId,
    *,
    prepare: Callable[[Call, C2S], Iterator[None]] | None = None,
    only_reads: bool = False,
) -> Callable[[Callable[[Call, C2S], Reply]], Callable[[Call, C2S], Reply]]:
    """Register the function that answers `proto_id`.

    Args:
        proto_id: What it answers.
        prepare: Does ahead, in pieces of a few milliseconds each, what would keep the handler busy for
            long. Between two pieces other clients are served, so a piece may change nothing but
            memories of what can always be computed again. It checks nothing: what is wrong with a
            request is the handler's to say.
        only_reads: The handler changes nothing but memories of what can always be computed again, and
            asks for nothing after its reply. Looking for what it changed is left out then.
    """

    def register(handler: Callable[[Call, C2S], Reply]) -> Callable[[Call, C2S], Reply]:
        if proto_id in ROUTES:
            raise RegistrationError(f"{proto_id.name} has two handlers")
        _check_parameter(proto_id, handler)
        request_type = pb.message_type(f"{proto_id.name}.Request")
        ROUTES[proto_id] = Route(proto_id, request_type, handler, prepare, only_reads)
        return handler

    return register


def publishes(
    proto_id: ProtoId, *sub_types: int, on: Trigger, skip_unchanged: bool = False
) -> Callable[[Callable[[Feed], S2C | None]], Callable[[Feed], S2C | None]]:
    """Register the function that writes the push of subscription types."""

    def register(build: Callable[[Feed], S2C | None]) -> Callable[[Feed], S2C | None]:
        for sub_type in sub_types:
            if sub_type in QUOTE_PUSHES:
                raise RegistrationError(f"subscription type {sub_type} has two pushes")
            QUOTE_PUSHES[sub_type] = QuotePush(proto_id, on, build, skip_unchanged)
        return build

    return register


def announces(
    proto_id: ProtoId, event: type[E], account_id: Callable[[E], int]
) -> Callable[[Callable[[OpenD, E], S2C | None]], Callable[[OpenD, E], S2C | None]]:
    """Register the function that tells an account's listeners of an event."""

    def register(build: Callable[[OpenD, E], S2C | None]) -> Callable[[OpenD, E], S2C | None]:
        if event in EVENT_PUSHES:
            raise RegistrationError(f"{event.__name__} has two pushes")
        EVENT_PUSHES[event] = EventPush(proto_id, account_id, build)
        return build

    return register


def notifies(
    notice: type[N],
) -> Callable[[Callable[[OpenD, N], S2C]], Callable[[OpenD, N], S2C]]:
    """Register the function that writes a notice for those who receive notices."""

    def register(build: Callable[[OpenD, N], S2C]) -> Callable[[OpenD, N], S2C]:
        if notice in NOTICES:
            raise RegistrationError(f"{notice.__name__} has two texts")
        NOTICES[notice] = build
        return build

    return register


def reminds(
    proto_id: ProtoId,
) -> Callable[[Callable[[OpenD, ReminderFired], S2C]], Callable[[OpenD, ReminderFired], S2C]]:
    """Register the function that tells every connection of a price reminder."""

    def register(
        build: Callable[[OpenD, ReminderFired], S2C],
    ) -> Callable[[OpenD, ReminderFired], S2C]:
        if REMINDER_PUSHES:
            raise RegistrationError("price reminders have two pushes")
        REMINDER_PUSHES[proto_id] = build
        return build

    return register


def _check_parameter(proto_id: ProtoId, handler: Callable[..., object]) -> None:
    hints = typing.get_type_hints(handler)
    parameter = next(name for name in hints if name not in {"call", "return"})
    full_name = hints[parameter].DESCRIPTOR.full_name
    if full_name != f"{proto_id.name}.C2S":
        raise RegistrationError(f"handler of {proto_id.name} takes {full_name}")
