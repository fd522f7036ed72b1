"""Requests as bytes."""

from __future__ import annotations

from gateway import pb
from gateway.wire import codec
from gateway.wire.ft_frame import BodyFormat
from gateway.wire.proto_ids import ProtoId


def encoded(proto_id: ProtoId, **c2s: object) -> bytes:
    """The protobuf body of a request."""
    request = pb.message_type(f"{proto_id.name}.Request")(c2s=c2s)
    return codec.encode(request, BodyFormat.PROTOBUF)
