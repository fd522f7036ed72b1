"""A JSON reader as narrow as the one in the official Python SDK, to try our JSON on.

It knows proto field names only, ignores all others, turns singular 64-bit numbers with `int`, and
assigns anything else as it is, so that protobuf itself refuses what does not fit.

Source: [P] Python SDK, `pbjson.dict2pb`.
"""

import json

from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from google.protobuf.message import Message

from tests.support.random_messages import field_protos

_QUOTABLE = (
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_UINT64,
    FieldDescriptorProto.TYPE_SINT64,
)


def read_narrow_json(message: Message, body: bytes) -> Message:
    """Fill `message` from a JSON body."""
    _fill(message, json.loads(body))
    return message


def _fill(message: Message, values: dict) -> None:
    for field in field_protos(message.DESCRIPTOR):
        if field.name in values:
            _assign(message, field, values[field.name])


def _assign(message: Message, field: FieldDescriptorProto, value) -> None:
    is_repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    is_message = field.type == FieldDescriptorProto.TYPE_MESSAGE
    if is_message and is_repeated:
        for item in value:
            _fill(getattr(message, field.name).add(), item)
    elif is_message:
        getattr(message, field.name).SetInParent()
        _fill(getattr(message, field.name), value)
    elif is_repeated:
        getattr(message, field.name).extend(value)
    else:
        setattr(message, field.name, int(value) if field.type in _QUOTABLE else value)
