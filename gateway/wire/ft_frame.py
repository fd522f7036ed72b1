"""The 44-byte "FT" header and the frames it starts: an incremental reader and a writer.

Layout, little endian: magic "FT", protocol id u32, body format u8, protocol version u8, serial
number u32, body length u32, SHA-1 of the *plain* body (20 bytes), reserved (8 zero bytes).

Source: [D] API doc "Protocol introduction"; [P] Python SDK, `MESSAGE_HEAD_FMT`.
"""

from __future__ import annotations

import hashlib
import struct
from enum import IntEnum
from typing import Final, NamedTuple

from gateway.errors import WireError

MAGIC: Final = b"FT"
PROTO_VERSION: Final = 0
HEADER_BYTES: Final = 44

MAX_BODY_BYTES: Final = 1024 * 1024
"""The longest body taken from a client.

Source: [I] OpenD's own limit is unknown. The longest lawful request (400 codes, or an image in a
verification) stays below 100 kB, so 1 MiB is roomy, and small enough that a peer which is no
OpenD client cannot make the server buffer gigabytes.
"""

_HEADER: Final = struct.Struct("<2sIBBII20s8s")
_RESERVED: Final = bytes(8)


class BodyFormat(IntEnum):
    """How a body is written. Source: [P] Common.proto, `ProtoFmt`."""

    PROTOBUF = 0
    JSON = 1


class Frame(NamedTuple):
    """One packet as it came in; nothing in it is judged yet."""

    proto_id: int
    body_format: int
    """A `BodyFormat` if the client is sane."""
    proto_version: int
    serial: int
    digest: bytes
    """SHA-1 of the plain body, or whatever the client put there; 20 bytes."""
    body: bytes
    """As on the wire: still encrypted on an encrypted connection."""


_SERIAL_START: Final = 8
_SERIAL_END: Final = 12
"""Where the serial number stands."""


class FrameReader:
    """Cuts a byte stream into frames.

    Each byte is copied once in and once out, however small the pieces. After a `WireError` the
    reader keeps raising it: a stream that lost its rhythm cannot be found again.

    Args:
        most_body_bytes: The longest body that is taken; replies may be longer than requests.
    """

    __slots__ = ("_buffer", "_most")

    def __init__(self, most_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._buffer = bytearray()
        self._most = most_body_bytes

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream, cut anywhere."""
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """Take the next whole frame, or `None` until more bytes are fed.

        Raises:
            WireError: the stream does not stand at a frame (told from its first byte on), or the
                header announces a longer body than is taken.
        """
        buffer = self._buffer
        if not buffer:
            return None
        if not buffer.startswith(MAGIC) and not MAGIC.startswith(buffer):
            raise WireError(f"a frame begins with {bytes(buffer[:16])!r} instead of {MAGIC!r}")
        if len(buffer) < HEADER_BYTES:
            return None
        _, proto_id, body_format, version, serial, length, digest, _ = _HEADER.unpack_from(buffer)
        if length > self._most:
            raise WireError(
                f"protocol {proto_id} announces a body of {length} bytes,"
                f" more than the limit of {self._most}"
            )
        end = HEADER_BYTES + length
        if len(buffer) < end:
            return None
        if len(buffer) == end:  # as always while a client waits for its reply
            body = bytes(buffer)[HEADER_BYTES:]
            buffer.clear()
        else:
            with memoryview(buffer) as view:
                body = bytes(view[HEADER_BYTES:end])
            del buffer[:end]
        return Frame(proto_id, body_format, version, serial, digest, body)


def encode_frame(
    proto_id: int, body_format: int, serial: int, digest: bytes, wire_body: bytes
) -> bytes:
    """Put the header before a body.

    Args:
        proto_id: of the request answered, or of the push.
        body_format: of the request answered, or the one agreed for pushes.
        serial: of the request answered, or the connection's next push serial.
        digest: `body_digest` of the plain body, also where `wire_body` is encrypted.
        wire_body: the body as it travels.
    """
    header = _HEADER.pack(
        MAGIC, proto_id, body_format, PROTO_VERSION, serial, len(wire_body), digest, _RESERVED
    )
    return header + wire_body


def split_frame(
    proto_id: int, body_format: int, digest: bytes, wire_body: bytes
) -> tuple[bytes, bytes]:
    """What stands before and after the serial number of a frame that goes to many."""
    frame = encode_frame(proto_id, body_format, 0, digest, wire_body)
    return frame[:_SERIAL_START], frame[_SERIAL_END:]


def body_digest(body: bytes) -> bytes:
    """SHA-1 of a plain body: 20 bytes.

    Source: [P] the Python SDK drops replies whose digest differs ("check sha error!").
    """
    return hashlib.sha1(body, usedforsecurity=False).digest()
