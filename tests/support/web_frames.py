"""The client's side of the "ft-v1.0" headers, written apart from the gateway's."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from gateway.wire.ft_frame import Frame
from gateway.wire.ws_frame import decode_request


@dataclass(frozen=True, slots=True)
class WebReply:
    """One message from the gateway."""

    command: int
    section: int
    error: int
    text: str
    body: bytes


def message(command: int, section: int, body: bytes = b"") -> bytes:
    """A request as the JavaScript SDK writes it."""
    return b"ft-v1.0\0" + struct.pack(">IQ", command, section) + body


def request(command: int, section: int, body: bytes = b"") -> Frame:
    """A request as the gateway reads it."""
    return decode_request(message(command, section, body))


def read_reply(data: bytes) -> WebReply:
    """Take a reply or push apart; wrong magic fails the test."""
    magic, command, section, error, text = struct.unpack_from(">8sIQi20s", data)
    assert magic == b"ft-v1.0\0"
    return WebReply(command, section, error, text.rstrip(b"\0").decode("ascii"), data[44:])
