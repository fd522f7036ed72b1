"""What commands say of faults and the journal, in terms of the gateway, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Final

from gateway.faults.rules import ALLOWED, PROTOCOLS, USUAL, Fault, FaultStatus, Kind
from gateway.journal.reading import Filter, as_line, protocol_name, select
from gateway.journal.ring import Journal
from gateway.wire.direction import Direction
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from simulator.domain import NS_PER_S, Security
from telnet_ops import control as ops
from telnet_ops.registry import UsageError
from telnet_ops.texts import INVALID_VALUE, Text

EXPECTED_PROTOCOL: Final = Text(
    "协议的名称或编号，如 Qot_GetBasicQot 或 3004",
    "the name or number of a protocol, such as Qot_GetBasicQot or 3004",
)
EXPECTED_ONE_OF: Final = Text("以下之一: {choices}", "one of: {choices}")
EXPECTED_SINCE: Final = Text(
    "记录编号或带时区的时刻", "the number of an entry or an instant with its offset"
)
NEVER_HITS: Final = Text(
    "{kind} 只作用于 {allowed}，与 {name}={value} 不符",
    "{kind} hits {allowed} only, which {name}={value} is not",
)
_ReadSecurity = Callable[[str], Security]


def read_fault(order: ops.FaultOrder, read_security: _ReadSecurity) -> Fault:
    """The fault that is meant.

    Raises:
        UsageError: It names what is not there, or could never strike.
    """
    kind = Kind(order.kind)
    proto_id = None if order.protocol is None else read_protocol(order.protocol)
    directions = _directions(kind, order)
    if proto_id is not None:
        directions = _fitting(kind, proto_id, directions)
    return Fault(
        kind=kind,
        directions=directions,
        conn_id=order.conn_id,
        client_id=order.client,
        proto_id=proto_id,
        security=None if order.security is None else read_security(order.security),
        probability=float(order.probability),
        skip=order.skip,
        count=order.count,
        lasts_ns=order.lasts_ns,
        delay_ns=order.delay_ns,
        jitter_ns=order.jitter_ns,
        bytes_per_s=order.rate,
        percent=float(order.percent),
        ret_type=order.ret_type,
        text=order.message,
        err_code=order.err_code,
        breaks_quotes=order.link != "trading",
        breaks_trading=order.link != "quotes",
        keeps_subscriptions=order.keeps_subscriptions,
    )


def _directions(kind: Kind, order: ops.FaultOrder) -> frozenset[Direction]:
    if order.direction is None:
        if kind is not Kind.CUT:
            return USUAL[kind]
        if order.protocol is not None:
            return ALLOWED[kind]
        waits = order.security or order.skip or order.count or order.probability < 1
        return USUAL[kind] if waits else frozenset()
    wanted = Direction(order.direction)
    if wanted not in ALLOWED[kind]:
        raise _never(kind, "direction", order.direction)
    return frozenset({wanted})


def _fitting(kind: Kind, proto_id: int, directions: frozenset[Direction]) -> frozenset[Direction]:
    """Of some directions, those that a protocol goes; a cut happens when it is first seen."""
    only = PROTOCOLS.get(kind)
    if only is not None and proto_id not in only:
        choices = ", ".join(sorted(protocol_name(known) for known in only))
        expected = Text(*(text.format(choices=choices) for text in EXPECTED_ONE_OF))
        value = protocol_name(proto_id)
        raise UsageError(INVALID_VALUE, name="protocol", value=value, expected=expected)
    goes = {Direction.PUSH} if proto_id in PUSH_IDS else {Direction.REQUEST, Direction.REPLY}
    left = directions & goes
    if not left:
        raise _never(kind, "protocol", protocol_name(proto_id))
    if kind is Kind.CUT and Direction.REQUEST in left:
        return frozenset({Direction.REQUEST})
    return left


def _never(kind: Kind, name: str, value: str) -> UsageError:
    allowed = ", ".join(sorted(ALLOWED[kind]))
    return UsageError(NEVER_HITS, kind=kind.value, allowed=allowed, name=name, value=value)


def read_protocol(text: str) -> int:
    """The number of a protocol.

    Raises:
        UsageError: There is none of that name or number.
    """
    if text.isdecimal() and int(text) in set(ProtoId):
        return int(text)
    if text in ProtoId.__members__:
        return ProtoId[text]
    raise UsageError(INVALID_VALUE, name="protocol", value=text, expected=EXPECTED_PROTOCOL)


def fault_report(status: FaultStatus, now_ns: int) -> ops.FaultReport:
    """A fault as commands tell it."""
    fault = status.fault
    written = {name: _written(name, getattr(fault, name)) for name in _told(fault)}
    if fault.kind is Kind.LINK and fault.breaks_quotes and fault.breaks_trading:
        written["breaks_quotes"] = "both"
    return ops.FaultReport(
        fault_id=status.fault_id,
        kind=fault.kind.value,
        parameters={_PARAMETERS.get(name, name): text for name, text in written.items()},
        matched=status.matched,
        struck=status.struck,
        left_ns=None if status.until_ns is None else max(0, status.until_ns - now_ns),
        is_over=status.is_over,
    )


_PARAMETERS: Final[Mapping[str, str]] = {
    "client_id": "client",
    "proto_id": "protocol",
    "directions": "direction",
    "lasts_ns": "lasts",
    "delay_ns": "delay",
    "jitter_ns": "jitter",
    "bytes_per_s": "rate",
    "text": "message",
    "breaks_quotes": "link",
    "keeps_subscriptions": "subscriptions",
}
_OF_KIND: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.OUTLIER: frozenset({"percent"}),
    Kind.ERROR: frozenset({"ret_type"}),
    Kind.LINK: frozenset({"breaks_quotes", "keeps_subscriptions"}),
}
"""What is told of a kind even if it is the default."""
_NEVER_TOLD: Final = frozenset({"kind", "breaks_trading"})


def _told(fault: Fault) -> list[str]:
    always = _OF_KIND.get(fault.kind, frozenset())
    shy = {"percent", "ret_type", "breaks_quotes", "keeps_subscriptions"} | _NEVER_TOLD
    told = []
    for field in fields(fault):
        is_default = getattr(fault, field.name) == field.default
        if field.name in always or (field.name not in shy and not is_default):
            told.append(field.name)
    return told


def _written(name: str, value: object) -> str:
    match name, value:
        case (("lasts_ns" | "delay_ns" | "jitter_ns"), int(span_ns)):
            text = f"{span_ns / NS_PER_S:g}s"
        case "breaks_quotes", _:
            text = "quotes" if value else "trading"
        case "keeps_subscriptions", _:
            text = "kept" if value else "lost"
        case "proto_id", int(proto_id):
            text = protocol_name(proto_id)
        case _, Security():
            text = value.symbol
        case _, frozenset():
            text = ",".join(sorted(value))
        case _, float():
            text = f"{value:g}"
        case _:
            text = str(value)
    return text


def read_filter(query: ops.JournalQuery, read_security: _ReadSecurity) -> Filter:
    """Which entries are meant.

    Raises:
        UsageError: The query names what is not there.
    """
    after, since_ns = _since(query.since)
    return Filter(
        conn_id=query.conn_id,
        client_id=query.client,
        proto_id=None if query.protocol is None else read_protocol(query.protocol),
        direction=None if query.direction is None else Direction(query.direction),
        after=after,
        since_ns=since_ns,
        security=None if query.security is None else read_security(query.security),
        ret_type=query.ret,
    )


def _since(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    if text.isdecimal():
        return int(text), None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise UsageError(INVALID_VALUE, name="since", value=text, expected=EXPECTED_SINCE)
    return None, round(instant.timestamp() * 1_000_000) * 1_000


def journal_report(journal: Journal, wanted: Filter, limit: int | None) -> ops.JournalReport:
    """The entries that a filter lets through; at most `limit`, the latest."""
    found = list(select(journal, wanted))
    shown = found if limit is None else found[len(found) - min(limit, len(found)) :]
    lines = tuple(as_line(entry) for entry in shown)
    return ops.JournalReport(journal.size, journal.count, len(found), lines)
