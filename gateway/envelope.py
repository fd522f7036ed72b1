"""The envelope that all replies and pushes share: retType, retMsg, errCode, then s2c.

All 163 Response messages have the same four fields with the same numbers ([P], proved by a test), so
the envelope is written once, around the encoded s2c. OpenD writes the first three explicitly even
when they are zero or empty ([O]), and so do we.
"""

from __future__ import annotations

import json
from typing import Final

from google.protobuf.message import Message

from gateway.wire.codec import Written, encode
from gateway.wire.ft_frame import BodyFormat

_PB_SUCCESS: Final = b"\x08\x00\x12\x00\x18\x00"
_PB_S2C_TAG: Final = b"\x22"
_JSON_SUCCESS: Final = b'{"retType":0,"retMsg":"","errCode":0'


def success(s2c: Message | Written | None, body_format: int) -> bytes:
    """The body of a reply that went well.

    Args:
        s2c: The result; None where the protocol's success has none.
        body_format: `BodyFormat` of the body.
    """
    if body_format == BodyFormat.JSON:
        if s2c is None:
            return _JSON_SUCCESS + b"}"
        return b"%b,%b:%b}" % (_JSON_SUCCESS, b'"s2c"', encode(s2c, body_format))
    if s2c is None:
        return _PB_SUCCESS
    payload = encode(s2c, body_format)
    return b"".join((_PB_SUCCESS, _PB_S2C_TAG, _varint(len(payload)), payload))


def failure(ret_type: int, text: str, body_format: int, err_code: int = 0) -> bytes:
    """The body of a refusal; it fits every protocol's Response."""
    if body_format == BodyFormat.JSON:
        body = {"retType": ret_type, "retMsg": text, "errCode": err_code}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    message = text.encode()
    return b"".join(
        (
            b"\x08",
            _varint(ret_type),
            b"\x12",
            _varint(len(message)),
            message,
            b"\x18",
            _varint(err_code),
        )
    )


def _varint(value: int) -> bytes:
    """Base-128 with a negative int32 as ten bytes, as protobuf writes it."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
