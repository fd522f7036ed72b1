"""Bodies to messages and back, as protobuf or as JSON.

JSON comes in by the rules of proto3-JSON, wide: camelCase or proto names, enum names or numbers,
64-bit integers quoted or not, unknown names ignored. It goes out narrow, as the Python SDK's own
reader (`pbjson.dict2pb`) needs it, which drops what it does not know and dies of what it cannot
assign:

* proto field names and enum numbers;
* singular 64-bit integers quoted (they may exceed what JavaScript can count), repeated ones not;
* no NaN or infinity: left out, or 0 where something must stand (required, or in a list);
* no `bytes` fields at all: proto-JSON would have base64 text, which that reader cannot assign, and
  after which it reads nothing more from the connection. A JSON client so sees a single page.

Source: [P] Python SDK, `pbjson.py` and `utils.pack_pb_req`; [I] leaving out bytes and non-numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final, NamedTuple, TypeAlias, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, EncodeError, Message

from gateway.errors import BodyError
from gateway.wire.ft_frame import BodyFormat

_MessageT = TypeVar("_MessageT", bound=Message)
_Json: TypeAlias = "bool | int | float | str | list[_Json] | dict[str, _Json] | None"
_Convert: TypeAlias = Callable[..., _Json]


class Written(NamedTuple):
    """A message as the bytes that writing it as protobuf would give."""

    message_type: type[Message]
    body: bytes

    def read(self) -> Message:
        """The message itself."""
        message = self.message_type()
        message.ParseFromString(self.body)
        return message


def decode(message_type: type[_MessageT], body: bytes, body_format: int) -> _MessageT:
    """Read a plain body.

    Args:
        message_type: the class to read, e.g. `Qot_Sub.Request`.
        body: the body after decryption.
        body_format: a `BodyFormat`, as the frame's header tells it.

    Returns:
        A message that has all required fields, and text in all string fields.

    Raises:
        BodyError: unknown format, unreadable, or a required field is missing; the text says which.
    """
    message = message_type()
    match body_format:
        case BodyFormat.PROTOBUF:
            _parse_protobuf(message, body)
        case BodyFormat.JSON:
            _parse_json(message, body)
        case _:
            raise BodyError(f"unknown body format {body_format}")
    try:
        _require_complete(message)
    except EncodeError as error:
        raise BodyError(str(error)) from error
    return message


def encode(message: Message | Written, body_format: int) -> bytes:
    """Write a plain body; equal messages give equal bytes.

    Fields that were set are written even where they hold their default, as OpenD does with
    `retType`, `retMsg` and `errCode`.

    Args:
        message: any message with all its required fields.
        body_format: a `BodyFormat`.

    Raises:
        ValueError: unknown format. Such a request can only be answered in protobuf.
        EncodeError: a required field is missing, which is a mistake of the caller.
    """
    if isinstance(message, Written):
        if body_format == BodyFormat.PROTOBUF:
            return message.body
        message = message.read()
    if body_format == BodyFormat.PROTOBUF:
        return message.SerializeToString(deterministic=True)
    BodyFormat(body_format)
    _require_complete(message)
    return _dumps(_json_object(message)).encode()


_dumps: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
).encode


def _name(message: Message) -> str:
    return str(message.DESCRIPTOR.full_name)


def _require_complete(message: Message) -> None:
    if not message.IsInitialized():
        message.SerializeToString()  # raises EncodeError with the names of what is missing


def _parse_protobuf(message: Message, body: bytes) -> None:
    try:
        message.ParseFromString(body)
    except (DecodeError, ValueError) as error:
        raise BodyError(f"{_name(message)} cannot be read: {error}") from error
    if not body.isascii():
        _require_texts(message)


def _require_texts(message: Message) -> None:
    # proto2 parsers let any bytes pass as a string and then hand out `bytes`; OpenD's texts are
    # UTF-8, and handlers rely on `str`.
    plans = _plans(message.DESCRIPTOR)
    for field, value in message.ListFields():
        plan = plans[field.number]
        if plan.is_text or plan.may_hold_text:
            for item in value if plan.is_repeated else (value,):
                if plan.may_hold_text:
                    _require_texts(item)
                elif not isinstance(item, str):
                    raise BodyError(f"{_name(message)}.{field.name} is not UTF-8: {item!r}")


def _parse_json(message: Message, body: bytes) -> None:
    try:
        json_format.Parse(body.decode(), message, ignore_unknown_fields=True)
    except UnicodeDecodeError as error:
        raise BodyError(f"a JSON body for {_name(message)} is not UTF-8: {error}") from error
    except (
        json_format.ParseError,
        AttributeError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise BodyError(f"{_name(message)} cannot be read from JSON: {error}") from error


class _FieldPlan(NamedTuple):
    name: str
    is_repeated: bool
    may_hold_text: bool
    """Whether it is a message with text in it, however deep."""
    is_text: bool
    convert: _Convert | None
    """From what protobuf holds to what JSON takes, `None` to leave it out; absent: as it is."""


@cache
def _plans(descriptor: Descriptor) -> dict[int, _FieldPlan]:
    return {field.number: _field_plan(field) for field in descriptor.fields}


def _field_plan(field: FieldDescriptor) -> _FieldPlan:
    is_repeated = _has_label(field, "is_repeated", FieldDescriptor.LABEL_REPEATED)
    convert: _Convert | None
    if is_repeated:
        convert = _REPEATED.get(field.type, list)
    else:
        is_required = _has_label(field, "is_required", FieldDescriptor.LABEL_REQUIRED)
        convert = (_REQUIRED if is_required else _OPTIONAL).get(field.type)
    return _FieldPlan(
        field.name,
        is_repeated,
        field.message_type is not None and _holds_text(field.message_type),
        field.type == FieldDescriptor.TYPE_STRING,
        convert,
    )


def _holds_text(descriptor: Descriptor) -> bool:
    """Whether there is a text field in a message or, however deep, in one of its messages."""
    seen = {descriptor.full_name}
    waiting = [descriptor]
    for each in waiting:
        for field in each.fields:
            if field.type == FieldDescriptor.TYPE_STRING:
                return True
            inner = field.message_type
            if inner is not None and inner.full_name not in seen:
                seen.add(inner.full_name)
                waiting.append(inner)
    return False


def _has_label(field: FieldDescriptor, flag: str, label: int) -> bool:
    # The flags came with protobuf 30, and `label` went with protobuf 7.
    return bool(
        getattr(field, flag) if hasattr(field, flag) else getattr(field, "label", 0) == label
    )


def _json_object(message: Message) -> dict[str, _Json]:
    plans = _plans(message.DESCRIPTOR)
    result: dict[str, _Json] = {}
    for field, value in message.ListFields():
        name, _, _, _, convert = plans[field.number]
        item = value if convert is None else convert(value)
        if item is not None:
            result[name] = item
    return result


def _json_objects(messages: Iterable[Message]) -> list[_Json]:
    return [_json_object(message) for message in messages]


def _left_out(_: object) -> None:
    return None


def _finite_or_left_out(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _finite_or_zero(number: float) -> float:
    return number if math.isfinite(number) else 0.0


def _finite_or_zeros(numbers: Iterable[float]) -> list[_Json]:
    return [_finite_or_zero(number) for number in numbers]


_OPTIONAL: Final[dict[int, _Convert]] = {
    FieldDescriptor.TYPE_MESSAGE: _json_object,
    FieldDescriptor.TYPE_BYTES: _left_out,
    FieldDescriptor.TYPE_DOUBLE: _finite_or_left_out,
    FieldDescriptor.TYPE_FLOAT: _finite_or_left_out,
    FieldDescriptor.TYPE_INT64: str,
    FieldDescriptor.TYPE_UINT64: str,
}
_REQUIRED: Final[dict[int, _Convert]] = {
    **_OPTIONAL,
    FieldDescriptor.TYPE_DOUBLE: _finite_or_zero,
    FieldDescriptor.TYPE_FLOAT: _finite_or_zero,
}
_REPEATED: Final[dict[int, _Convert]] = {
    FieldDescriptor.TYPE_MESSAGE: _json_objects,
    FieldDescriptor.TYPE_BYTES: _left_out,
    FieldDescriptor.TYPE_DOUBLE: _finite_or_zeros,
    FieldDescriptor.TYPE_FLOAT: _finite_or_zeros,
}
