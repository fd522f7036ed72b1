"""Journal entries as data: decoded, filtered, without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from google.protobuf.message import Message

from gateway import pb
from gateway.errors import BodyError
from gateway.journal.ring import Entry
from gateway.wire import codec
from gateway.wire.direction import Direction
from gateway.wire.ft_frame import BodyFormat
from gateway.wire.mentions import mentions
from gateway.wire.proto_ids import ProtoId
from simulator.domain import NS_PER_S, Security
from telnet_ops.commands import STANDARD_COMMANDS

MASK: Final = "***"
_DECODED: Final = 64
_SECRET_COMMANDS: Final = frozenset(
    name
    for command in STANDARD_COMMANDS
    if command.has_secrets
    for name in (command.name, *command.aliases)
)
SECRET_PROTOCOLS: Final = frozenset(
    {
        ProtoId.InitConnect,
        ProtoId.Verification,
        ProtoId.TestCmd,
        ProtoId.Trd_UnlockTrade,
        ProtoId.GetUserInfo,
    }
)
"""Whose messages hold passwords, codes or keys."""
_SECRET_FIELDS: Final = ("pwdMD5", "connAESKey", "aesCBCiv", "code", "webKey")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are meant; None means all."""

    conn_id: int | None = None
    client_id: str | None = None
    proto_id: int | None = None
    direction: Direction | None = None
    after: int | None = None
    """Only entries with a greater number."""
    since_ns: int | None = None
    """Only entries from that gateway time on."""
    security: Security | None = None
    """Only messages that speak of it."""
    ret_type: int | None = None
    """Only replies and pushes with that retType."""


def select(entries: Iterable[Entry], wanted: Filter) -> Iterator[Entry]:
    """The entries that a filter lets through, in their order."""
    return (entry for entry in entries if _fits(entry, wanted))


def _fits(entry: Entry, wanted: Filter) -> bool:
    pairs = (
        (wanted.conn_id, entry.conn_id),
        (wanted.client_id, entry.client_id),
        (wanted.proto_id, entry.proto_id),
        (wanted.direction, entry.direction),
    )
    if any(asked not in (None, found) for asked, found in pairs):
        return False
    if wanted.after is not None and entry.number <= wanted.after:
        return False
    if wanted.since_ns is not None and entry.time_ns < wanted.since_ns:
        return False
    return _content_fits(entry, wanted)


def _content_fits(entry: Entry, wanted: Filter) -> bool:
    if wanted.security is None and wanted.ret_type is None:
        return True
    message = read(entry)
    if message is None:
        return False
    if wanted.ret_type is not None and getattr(message, "retType", None) != wanted.ret_type:
        return False
    return wanted.security is None or mentions(message, wanted.security)


def read(entry: Entry) -> Message | None:
    """The whole message, envelope included; None if there is none to be read."""
    return _decode(entry.proto_id, entry.direction, entry.body, entry.body_format)


@lru_cache(maxsize=_DECODED)
def decode(proto_id: int, direction: Direction, body: bytes, body_format: int) -> Message | None:
    """A plain body as the message that it should be, or None; nobody changes it.

    A push is the same for many connections, and is decoded once.
    """
    return _decode(proto_id, direction, body, body_format)


def _decode(proto_id: int, direction: Direction, body: bytes, body_format: int) -> Message | None:
    try:
        name = ProtoId(proto_id).name
    except ValueError:
        return None
    part = "Request" if direction is Direction.REQUEST else "Response"
    try:
        return codec.decode(pb.message_type(f"{name}.{part}"), body, body_format)
    except (BodyError, LookupError):
        return None


def conceal(proto_id: int, direction: Direction, body: bytes, body_format: int) -> bytes:
    """A body with its secrets masked; what cannot be read and might hold one is left out."""
    message = _decode(proto_id, direction, body, body_format)
    if message is None:
        return b""
    for part in ("c2s", "s2c"):
        if part in message.DESCRIPTOR.fields_by_name and message.HasField(part):
            _mask(getattr(message, part))
    return codec.encode(message, body_format)


def _mask(content: Message) -> None:
    fields = content.DESCRIPTOR.fields_by_name
    for name in _SECRET_FIELDS:
        if name in fields and getattr(content, name):
            setattr(content, name, MASK)
    if "cmd" in fields:
        _mask_command(content)


def _mask_command(content: Message) -> None:
    """A command's parameters may also stand behind its name, which is echoed, or all in `paramStr`."""
    line = f"{getattr(content, 'cmd')} {getattr(content, 'paramStr', '')}"  # noqa: B009
    written = line.replace('"', "").split()
    if not written or written[0] not in _SECRET_COMMANDS:
        return
    setattr(content, "cmd", written[0])  # noqa: B010
    if "paramStr" in content.DESCRIPTOR.fields_by_name:
        setattr(content, "paramStr", MASK)  # noqa: B010


def as_data(entry: Entry) -> dict[str, object]:
    """An entry as JSON takes it. Ids are texts, for they may exceed what JavaScript can count."""
    message = read(entry)
    data: dict[str, object] = {
        "n": entry.number,
        "time": _iso(entry.time_ns),
        "time_ns": str(entry.time_ns),
        "conn_id": str(entry.conn_id),
        "client": entry.client_id,
        "direction": entry.direction.value,
        "protocol": protocol_name(entry.proto_id),
        "proto_id": entry.proto_id,
        "serial": entry.serial,
        "delivered": entry.is_delivered,
        "faults": list(entry.faults),
    }
    return {**data, **_content(message, entry.direction)}


def _content(message: Message | None, direction: Direction) -> dict[str, object]:
    if message is None:
        return {"message": None}
    whole = json.loads(codec.encode(message, BodyFormat.JSON))
    if direction is Direction.REQUEST:
        return {"message": whole.get("c2s", whole)}
    return {
        "ret_type": whole.get("retType"),
        "ret_msg": whole.get("retMsg", ""),
        "err_code": whole.get("errCode", 0),
        "message": whole.get("s2c", {}),
    }


def as_line(entry: Entry) -> str:
    """An entry as one line of JSON."""
    return json.dumps(as_data(entry), ensure_ascii=False, separators=(",", ":"))


def protocol_name(proto_id: int) -> str:
    """The name of a protocol; of an unknown one its number."""
    try:
        return ProtoId(proto_id).name
    except ValueError:
        return str(proto_id)


def _iso(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ns % NS_PER_S // 1_000_000:03}Z"
