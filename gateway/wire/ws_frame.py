"""The "ft-v1.0" headers inside WebSocket messages: one message is one frame, 20 bytes in, 44 out.

Big endian, unlike TCP. Request: magic (8 bytes), command u32, section u64. Reply and push: the same,
then error i32 and a text of 20 bytes padded with NUL. The rest of the message is the protobuf body.

Source: [P] JavaScript SDK 10.11, `packBuff` and `unpackBuff` of base.js.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

from gateway.errors import WireError
from gateway.wire.ft_frame import MAX_BODY_BYTES, PROTO_VERSION, BodyFormat, Frame, body_digest

MAGIC: Final = b"ft-v1.0\x00"
REQUEST_HEADER_BYTES: Final = 20
REPLY_HEADER_BYTES: Final = 44
TEXT_BYTES: Final = 20
MAX_MESSAGE_BYTES: Final = REQUEST_HEADER_BYTES + MAX_BODY_BYTES

PUSH_SECTION: Final = 0
"""The section of all pushes. The client takes whatever is not pending for a push, and its own sections
count from 2 ([P] `ftWebsocketSection`), so 0 never meets one [I]."""

_REQUEST: Final = struct.Struct(">8sIQ")
_REPLY: Final = struct.Struct(">8sIQi20s")


class Command(IntEnum):
    """Commands that are no protocol id; 1 to 99 are reserved. Source: [P] base.js `ftApiCmdID`."""

    INIT = 1
    OPEND_LOST = 2
    """A push: the link between the service and OpenD broke."""


class HeaderError(IntEnum):
    """What a reply's header says of the transport; refusals of OpenD are in the body instead.

    Source: [P] base.js `ftWebsocketError`, but for FAILED: which number a refused Init has was never
    seen, so it is that of RetType_Failed [I].
    """

    NONE = 0
    TIMEOUT = 1
    OPEND_TIMEOUT = 2
    DISCONNECTED = 3
    FAILED = -1


def decode_request(message: bytes) -> Frame:
    """Read one message of a client.

    The header has no digest and no body format: the frame says protobuf, and its digest is right.

    Raises:
        WireError: the message is shorter than a header or begins with something else.
    """
    if len(message) < REQUEST_HEADER_BYTES:
        raise WireError(f"a message of {len(message)} bytes is no frame")
    magic, command, section = _REQUEST.unpack_from(message)
    if magic != MAGIC:
        raise WireError(f"a message begins with {magic!r} instead of {MAGIC!r}")
    body = message[REQUEST_HEADER_BYTES:]
    return Frame(command, BodyFormat.PROTOBUF, PROTO_VERSION, section, body_digest(body), body)


def encode_reply(
    command: int, section: int, body: bytes = b"", *, error: int = HeaderError.NONE, text: str = ""
) -> bytes:
    """Write one message to a client.

    Args:
        command: of the request answered, or of the push.
        section: of the request answered, or `PUSH_SECTION`.
        body: protobuf.
        error: a `HeaderError`.
        text: ASCII, at most 20 letters: the client reads 20 *characters*, and a longer encoding
            would make it swallow the beginning of the body ([P] `readUTF8String`).

    Raises:
        ValueError: the text does not fit.
    """
    encoded = text.encode("ascii")
    if len(encoded) > TEXT_BYTES:
        raise ValueError(f"{text!r} is longer than {TEXT_BYTES} letters")
    return _REPLY.pack(MAGIC, command, section, error, encoded) + body
