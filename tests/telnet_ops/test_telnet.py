"""Telnet bytes become lines, however they are split, and answers become bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telnet_ops.telnet import MAX_LINE_BYTES, LineTooLongError, TelnetReader, encode_reply

CASES = {
    "one line": (b"ping\r\n", ["ping"]),
    "two lines": (b"ping\r\nexit\r\n", ["ping", "exit"]),
    "empty line": (b"\r\n", [""]),
    "bare line feed is ignored": (b"help\n -cmd=exit\r\n", ["help -cmd=exit"]),
    "bare carriage return is ignored": (b"pi\rng\r\n", ["ping"]),
    "CR NUL ends a line": (b"ping\r\x00help\r\n", ["ping", "help"]),
    "negotiation is removed": (b"\xff\xfb\x18pi\xff\xfd\x03ng\xff\xf1\r\n", ["ping"]),
    "sub-negotiation is removed": (b"\xff\xfa\x18\x00xterm\r\n\xff\xff\xff\xf0ping\r\n", ["ping"]),
    "Chinese is GBK": ("参数".encode("gbk") + b"\r\n", ["参数"]),
    "undecodable bytes are replaced": (b"a\x80\r\n", ["a\ufffd"]),
    "a doubled IAC is a byte of text": (b"a\xff\xff\r\n", ["a\ufffd"]),
}


@pytest.mark.parametrize(("data", "lines"), CASES.values(), ids=CASES)
def test_gives_lines_from_the_whole_input(data: bytes, lines: list[str]) -> None:
    """Bytes in one piece give the lines they end."""
    assert TelnetReader().feed(data) == lines


@pytest.mark.parametrize(("data", "lines"), CASES.values(), ids=CASES)
def test_gives_the_same_lines_byte_by_byte(data: bytes, lines: list[str]) -> None:
    """A split at every byte, also inside a negotiation, changes nothing."""
    reader = TelnetReader()
    assert [line for byte in data for line in reader.feed(bytes([byte]))] == lines


@pytest.mark.parametrize(("data", "lines"), CASES.values(), ids=CASES)
def test_keeps_what_trails_for_the_next_line(data: bytes, lines: list[str]) -> None:
    """Bytes after the last line end wait until their own line ends."""
    reader = TelnetReader()
    assert reader.feed(data + b"he") == lines
    assert reader.feed(b"lp\n") == []
    assert reader.feed(b"\r\n") == ["help"]


def test_accepts_the_longest_line_and_refuses_one_byte_more() -> None:
    """The limit counts text bytes, line end excluded."""
    longest = b"a" * MAX_LINE_BYTES
    assert TelnetReader().feed(longest + b"\r\n") == [longest.decode()]
    with pytest.raises(LineTooLongError):
        TelnetReader().feed(longest + b"a")


def test_endless_negotiation_is_not_kept() -> None:
    """A sub-negotiation of any length takes no memory and is no line."""
    reader = TelnetReader()
    assert reader.feed(b"\xff\xfa" + b"x" * (3 * MAX_LINE_BYTES)) == []
    assert reader.feed(b"\xff\xf0ping\r\n") == ["ping"]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_random_bytes_give_the_same_lines_however_split(chunks: list[bytes]) -> None:
    """No input crashes the reader, and chunk borders mean nothing."""
    reader = TelnetReader()
    in_pieces = [line for chunk in chunks for line in reader.feed(chunk)]
    assert in_pieces == TelnetReader().feed(b"".join(chunks))
    assert not any(c in line for line in in_pieces for c in "\r\n\x00")


def test_answers_end_every_line_with_cr_lf() -> None:
    """An answer of two lines is two CR LF lines."""
    assert encode_reply("one\n二") == b"one\r\n" + "二".encode("gb2312") + b"\r\n"


@given(st.text())
def test_every_answer_decodes_as_the_documentation_does(text: str) -> None:
    """Strict gb2312 decoding never fails, whatever the answer holds."""
    encode_reply(text).decode("gb2312")
    assert encode_reply(text).endswith(b"\r\n")
