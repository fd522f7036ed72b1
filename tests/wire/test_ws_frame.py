"""The headers inside WebSocket messages, against the official JavaScript SDK's own bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import WireError
from gateway.wire.ft_frame import BodyFormat, body_digest
from gateway.wire.ws_frame import (
    MAGIC,
    PUSH_SECTION,
    REPLY_HEADER_BYTES,
    REQUEST_HEADER_BYTES,
    TEXT_BYTES,
    Command,
    HeaderError,
    decode_request,
    encode_reply,
)

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
I32 = st.integers(-(2**31), 2**31 - 1)
TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=TEXT_BYTES)


@pytest.mark.parametrize(
    ("message", "command", "section", "body"),
    [
        ("66742d76312e3000000003ea00000001000000010a020800", 1002, 2**32 + 1, "0a020800"),
        ("66742d76312e3000000003ec0000000000000003", 1004, 3, ""),
    ],
)
def test_a_message_of_the_sdk_is_read(message, command, section, body):
    """What `packBuff` of futu-api 10.11.7108 wrote becomes a protobuf frame with a right digest."""
    frame = decode_request(bytes.fromhex(message))

    assert (command, section, bytes.fromhex(body)) == (frame.proto_id, frame.serial, frame.body)
    assert frame.body_format == BodyFormat.PROTOBUF
    assert frame.digest == body_digest(frame.body)


def test_a_reply_is_laid_out_as_the_sdk_reads_it():
    """Magic, command, section, error, text, body: big endian, 44 bytes of header."""
    reply = encode_reply(1002, 7, b"body", error=HeaderError.DISCONNECTED, text="gone")

    expected = (
        "66742d76312e3000"
        "000003ea"
        "0000000000000007"
        "00000003"
        "676f6e6500000000000000000000000000000000"
        "626f6479"
    )
    assert reply.hex() == expected
    assert len(reply) == REPLY_HEADER_BYTES + len(b"body")


def test_a_push_has_a_section_that_no_request_has():
    """The SDK counts its sections from 2; command numbers below 100 are not protocol ids."""
    assert PUSH_SECTION == 0
    assert {member: int(member) for member in Command} == {Command.INIT: 1, Command.OPEND_LOST: 2}


@given(U32, U64, st.binary(max_size=200))
def test_any_request_survives_the_way(command, section, body):
    """Whatever a header can hold comes out as it went in."""
    frame = decode_request(MAGIC + struct.pack(">IQ", command, section) + body)

    assert (command, section, body) == (frame.proto_id, frame.serial, frame.body)


@given(U32, U64, st.binary(max_size=200), I32, TEXT)
def test_any_reply_survives_the_way(command, section, body, error, text):
    """Read back field by field, a reply says what was written."""
    reply = encode_reply(command, section, body, error=error, text=text)

    magic, *numbers, padded = struct.unpack_from(">8sIQi20s", reply)
    assert (MAGIC, [command, section, error]) == (magic, numbers)
    assert text == padded.rstrip(b"\0").decode()
    assert body == reply[REPLY_HEADER_BYTES:]


@given(st.binary(max_size=100))
def test_garbage_is_an_error_and_nothing_else(message):
    """Bytes that are no frame raise WireError, whatever they are."""
    is_frame = len(message) >= REQUEST_HEADER_BYTES and message.startswith(MAGIC)
    if is_frame:
        assert decode_request(message).body == message[REQUEST_HEADER_BYTES:]
        return
    with pytest.raises(WireError):
        decode_request(message)


@pytest.mark.parametrize("text", ["x" * (TEXT_BYTES + 1), "\u5bc6\u94a5"])
def test_a_text_that_would_swallow_the_body_is_refused(text):
    """The SDK reads twenty characters: more, or multi-byte ones, would reach into the body."""
    with pytest.raises(ValueError, match=r"longer than|can't encode"):
        encode_reply(1, 2, b"", text=text)
