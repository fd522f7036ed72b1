"""The frame reader and writer."""

import pytest

from gateway.errors import WireError
from gateway.wire.ft_frame import (
    HEADER_BYTES,
    MAX_BODY_BYTES,
    BodyFormat,
    Frame,
    FrameReader,
    body_digest,
    encode_frame,
)
from tests.support import sdk_vectors

KEEP_ALIVE_BODY = bytes.fromhex("0a0608c0d9a8cb06")
KEEP_ALIVE = Frame(1004, BodyFormat.PROTOBUF, 0, 77, body_digest(KEEP_ALIVE_BODY), KEEP_ALIVE_BODY)
EMPTY = Frame(1002, BodyFormat.JSON, 0, 0xFFFFFFFF, body_digest(b""), b"")
CASES = pytest.mark.parametrize("frame", [KEEP_ALIVE, EMPTY], ids=["with body", "empty body"])


def on_the_wire(frame: Frame) -> bytes:
    return encode_frame(frame.proto_id, frame.body_format, frame.serial, frame.digest, frame.body)


@CASES
def test_whole_frame_is_read_at_once(frame):
    """A frame fed in one piece comes out as it went in, and nothing after it."""
    reader = FrameReader()
    reader.feed(on_the_wire(frame))

    assert reader.next_frame() == frame
    assert reader.next_frame() is None


@CASES
def test_frame_fed_byte_by_byte_appears_with_its_last_byte(frame):
    """Before the last byte there is no frame; with it there is."""
    reader = FrameReader()
    seen = []
    for byte in on_the_wire(frame):
        reader.feed(bytes([byte]))
        seen.append(reader.next_frame())

    assert seen == [None] * (len(seen) - 1) + [frame]


@CASES
def test_trailing_bytes_begin_the_next_frame(frame):
    """What follows a frame in the same piece is kept for the next one."""
    follower = on_the_wire(KEEP_ALIVE)
    reader = FrameReader()
    reader.feed(on_the_wire(frame) + follower[:50])

    assert reader.next_frame() == frame
    assert reader.next_frame() is None

    reader.feed(follower[50:])

    assert reader.next_frame() == KEEP_ALIVE


def test_header_has_the_documented_layout():
    """Each header field stands at its documented place, little endian."""
    wire = encode_frame(0x0BB9, BodyFormat.JSON, 0x01020304, bytes(range(20)), b"{}")

    assert len(wire) == HEADER_BYTES + 2
    assert wire[:6].hex() == "4654b90b0000"
    assert wire[6:16].hex() == "01000403020102000000"
    assert wire[16:36] == bytes(range(20))
    assert wire[36:HEADER_BYTES] == bytes(8)
    assert wire.endswith(b"{}")


def test_packet_of_the_official_sdk_is_read():
    """An InitConnect packet as the SDK sends it yields its id, serial and digest."""
    reader = FrameReader()
    reader.feed(sdk_vectors.INIT_PLAIN)
    frame = reader.next_frame()

    assert frame is not None
    assert (
        frame.proto_id,
        frame.body_format,
        frame.proto_version,
        frame.serial,
    ) == (1001, BodyFormat.PROTOBUF, 0, 7)
    assert frame.digest == body_digest(frame.body)
    assert on_the_wire(frame) == sdk_vectors.INIT_PLAIN


def test_unknown_version_and_format_are_left_to_the_caller():
    """The reader hands on a version and a format that nobody uses."""
    wire = bytearray(on_the_wire(KEEP_ALIVE))
    wire[6:8] = b"\x07\x09"
    reader = FrameReader()
    reader.feed(bytes(wire))
    frame = reader.next_frame()

    assert frame is not None
    assert (frame.body_format, frame.proto_version) == (7, 9)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", r"b'GET / HTTP/1.1\\r\\n'"),
        (b"\x16\x03\x01", r"b'\\x16\\x03\\x01'"),
        (b"FX" + bytes(100), r"b'FX\\x00"),
        (b"f", "b'f'"),
    ],
)
def test_bad_magic_is_told_from_its_first_bytes(data, named):
    """A stream that is no OpenD client is refused at once, with its first bytes in the text."""
    reader = FrameReader()
    reader.feed(data)

    with pytest.raises(WireError, match=named):
        reader.next_frame()


def test_bad_magic_after_a_good_frame_spares_that_frame():
    """The frame before the nonsense is delivered; afterwards the reader refuses for good."""
    reader = FrameReader()
    reader.feed(on_the_wire(KEEP_ALIVE) + b"nonsense")

    assert reader.next_frame() == KEEP_ALIVE
    with pytest.raises(WireError, match="nonsense"):
        reader.next_frame()
    reader.feed(on_the_wire(KEEP_ALIVE))
    with pytest.raises(WireError, match="nonsense"):
        reader.next_frame()


def test_longest_body_is_announced_without_complaint():
    """A header with a body of exactly the limit just waits for it."""
    reader = FrameReader()
    reader.feed(header_announcing(MAX_BODY_BYTES))

    assert reader.next_frame() is None


def test_longer_body_is_refused_by_its_header():
    """One byte above the limit is refused before any of the body arrives."""
    reader = FrameReader()
    reader.feed(header_announcing(MAX_BODY_BYTES + 1))

    with pytest.raises(WireError, match="protocol 1004 announces a body of 1048577 bytes"):
        reader.next_frame()


def test_reader_of_replies_takes_longer_bodies():
    """With a limit of its own, a reader waits for a body that is too long for a request."""
    reader = FrameReader(2 * MAX_BODY_BYTES)
    reader.feed(header_announcing(2 * MAX_BODY_BYTES))

    assert reader.next_frame() is None

    reader = FrameReader(2 * MAX_BODY_BYTES)
    reader.feed(header_announcing(2 * MAX_BODY_BYTES + 1))
    with pytest.raises(WireError, match="more than the limit of 2097152"):
        reader.next_frame()


def test_digest_is_sha1():
    """The digest of "abc" is the one in the SHA-1 standard."""
    assert body_digest(b"abc").hex() == "a9993e364706816aba3e25717850c26c9cd0d89d"


def header_announcing(length: int) -> bytes:
    wire = bytearray(on_the_wire(KEEP_ALIVE)[:HEADER_BYTES])
    wire[12:16] = length.to_bytes(4, "little")
    return bytes(wire)
