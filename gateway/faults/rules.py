"""The vocabulary of faults: what may be wrong, and whom it is to hit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.wire.direction import Direction
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Security


class Kind(StrEnum):
    """What goes wrong; the value is the word of the command `sim_fault`."""

    LATENCY = "latency"
    BANDWIDTH = "bandwidth"
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    SWALLOW = "swallow"
    ERROR = "error"
    WRONG_DIGEST = "wrong_digest"
    CUT = "cut"
    REFUSE = "refuse"
    OUTLIER = "outlier"
    STALE = "stale"
    LINK = "link"


_SENT: Final = frozenset({Direction.REPLY, Direction.PUSH})
_ANY: Final = frozenset(Direction)

ALLOWED: Final[Mapping[Kind, frozenset[Direction]]] = MappingProxyType(
    {
        Kind.LATENCY: _ANY,
        Kind.BANDWIDTH: _SENT,
        Kind.DROP: frozenset({Direction.PUSH}),
        Kind.DUPLICATE: frozenset({Direction.PUSH}),
        Kind.REORDER: frozenset({Direction.PUSH}),
        Kind.SWALLOW: frozenset({Direction.REQUEST, Direction.REPLY}),
        Kind.ERROR: frozenset({Direction.REQUEST}),
        Kind.WRONG_DIGEST: _SENT,
        Kind.CUT: _ANY,
        Kind.REFUSE: frozenset(),
        Kind.OUTLIER: frozenset({Direction.PUSH}),
        Kind.STALE: _SENT,
        Kind.LINK: frozenset(),
    }
)
"""The frames that each kind can hit; none: it is no matter of frames."""

USUAL: Final[Mapping[Kind, frozenset[Direction]]] = MappingProxyType(
    {
        **ALLOWED,
        Kind.LATENCY: _SENT,
        Kind.SWALLOW: frozenset({Direction.REPLY}),
        Kind.CUT: frozenset({Direction.REQUEST}),
    }
)
"""The frames that each kind hits unless a direction is given."""

PROTOCOLS: Final[Mapping[Kind, frozenset[int]]] = MappingProxyType(
    {
        Kind.OUTLIER: frozenset({ProtoId.Qot_UpdateTicker}),
        Kind.STALE: frozenset(
            {
                ProtoId.Qot_GetBasicQot,
                ProtoId.Qot_UpdateBasicQot,
                ProtoId.Qot_GetSecuritySnapshot,
            }
        ),
    }
)
"""The only protocols that a kind can hit, where it rewrites what they tell."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it was asked for. None selects everything."""

    kind: Kind
    directions: frozenset[Direction] = frozenset()
    """Empty: it concerns connections as such, and a cut is made at once."""
    conn_id: int | None = None
    client_id: str | None = None
    proto_id: int | None = None
    security: Security | None = None
    probability: float = 1.0
    """Of hitting a frame that is selected, in (0, 1]."""
    skip: int = 0
    """How many frames that it would hit go free first."""
    count: int | None = None
    """How often it strikes; None: until it ends."""
    lasts_ns: int | None = None
    """How long it lasts, in gateway time; None: until it is cleared."""
    delay_ns: int = 0
    jitter_ns: int = 0
    """What a latency adds at most beyond `delay_ns`, evenly spread."""
    bytes_per_s: int = 0
    percent: float = 0.0
    """By how much an outlier is off."""
    ret_type: int = -1
    text: str = ""
    err_code: int = 0
    breaks_quotes: bool = True
    breaks_trading: bool = True
    """Which links are lost."""
    keeps_subscriptions: bool = True
    """Whether subscriptions are still there after the quote link was lost."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A frame as faults see it."""

    conn_id: int
    client_id: str
    proto_id: int
    direction: Direction
    is_about: Callable[[Security], bool]
    """Only asked if a fault selects a security."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault hits a frame."""

    fault_id: int
    fault: Fault
    begun_ns: int
    """When the fault began, gateway time."""
    draw: float
    """A number in [0, 1) of its own, for what varies."""


@dataclass(frozen=True, slots=True)
class FaultStatus:
    """One fault in force."""

    fault_id: int
    fault: Fault
    begun_ns: int
    until_ns: int | None
    """Gateway time; None: until it is cleared."""
    matched: int
    struck: int
    is_over: bool = False
