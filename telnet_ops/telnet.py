"""Telnet bytes ⇄ lines of text, without a socket.

A line ends with CR LF, or with CR NUL, which RFC 1123 (3.3.1) asks servers to take for the same key.
A line feed alone is ignored: the line goes on [O]; so is a carriage return alone [I]. Commands of
the telnet protocol (RFC 854: IAC, its two- and three-byte forms, sub-negotiations) are taken out and
never answered, which a client takes for refusal. All of this may be split at any byte.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

# Longer than any command with two paths (PATH_MAX is 4,096 bytes on Linux).
MAX_LINE_BYTES: Final = 8_192

_NUL: Final = 0x00
_LF: Final = 0x0A
_CR: Final = 0x0D
_SE: Final = 0xF0
_SB: Final = 0xFA
_WILL: Final = 0xFB
_DONT: Final = 0xFE
_IAC: Final = 0xFF


class LineTooLongError(Exception):
    """A client sent more bytes without ending the line than any command needs."""


class _State(Enum):
    TEXT = auto()
    COMMAND = auto()  # after IAC
    OPTION = auto()  # after IAC WILL, WONT, DO or DONT
    NEGOTIATION = auto()  # after IAC SB
    NEGOTIATION_COMMAND = auto()  # after IAC inside a sub-negotiation


class TelnetReader:
    """Takes bytes as they come and gives lines."""

    def __init__(self) -> None:
        self._state = _State.TEXT
        self._line = bytearray()
        self._is_after_cr = False

    def feed(self, data: bytes) -> list[str]:
        """Take bytes and return the lines that they completed, without their ends.

        What is no valid GBK becomes U+FFFD. Source: [D] the sample decodes gb2312; [I] GBK, which
        contains it and ASCII, for both languages.

        Raises:
            LineTooLongError: the running line has grown beyond `MAX_LINE_BYTES`; stop reading.
        """
        lines: list[str] = []
        for byte in data:
            if self._is_text(byte) and self._ends_line(byte):
                lines.append(self._line.decode("gbk", errors="replace"))
                self._line.clear()
        return lines

    def _is_text(self, byte: int) -> bool:
        """Advance the protocol's state; return whether the byte belongs to the text."""
        match self._state:
            case _State.TEXT:
                if byte != _IAC:
                    return True
                self._state = _State.COMMAND
            case _State.COMMAND:
                self._state = _after_command(byte)
                return byte == _IAC  # doubled: a data byte
            case _State.OPTION:
                self._state = _State.TEXT
            case _State.NEGOTIATION:
                if byte == _IAC:
                    self._state = _State.NEGOTIATION_COMMAND
            case _State.NEGOTIATION_COMMAND:
                self._state = _State.TEXT if byte == _SE else _State.NEGOTIATION
        return False

    def _ends_line(self, byte: int) -> bool:
        """Add a byte of text to the line; return whether it completes it."""
        was_after_cr, self._is_after_cr = self._is_after_cr, byte == _CR
        if byte in (_LF, _NUL):
            return was_after_cr
        if byte != _CR:
            self._line.append(byte)
            if len(self._line) > MAX_LINE_BYTES:
                raise LineTooLongError
        return False


def _after_command(byte: int) -> _State:
    if byte == _SB:
        return _State.NEGOTIATION
    return _State.OPTION if _WILL <= byte <= _DONT else _State.TEXT


def encode_reply(text: str) -> bytes:
    r"""Return an answer as bytes: each line ends with CR LF, and there is at least one.

    Characters outside GB2312 become `?`, because the documentation's sample decodes strictly.

    Source: [D] `reply.decode('gb2312')`, `read_until(b'\r\n')`; [I] the same with lang=en.
    """
    lines = "".join(f"{line}\r\n" for line in text.split("\n"))
    return lines.encode("gb2312", errors="replace")
