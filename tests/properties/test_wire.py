"""What holds for all frames, bodies and messages, whatever is in them."""

import contextlib
import json
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.errors import BodyError, WireError
from gateway.pb import (
    GetDelayStatistics,
    GetGlobalState,
    Qot_GetKL,
    Qot_RequestHistoryKL,
    Qot_Sub,
    Qot_UpdateBasicQot,
    TestCmd,
    Trd_GetPositionList,
    Trd_PlaceOrder,
    Trd_SubAccPush,
)
from gateway.wire.ciphers import (
    AesCbcCipher,
    AesEcbCipher,
    FtAesEcbCipher,
    RsaCipher,
    parse_rsa_key,
)
from gateway.wire.codec import decode, encode
from gateway.wire.ft_frame import BodyFormat, FrameReader, body_digest, encode_frame
from tests.support.narrow_json import read_narrow_json
from tests.support.random_messages import messages
from tests.support.rsa_keys import RSA_512
from tests.support.sdk_vectors import AES_IV, AES_KEY

MESSAGE_TYPES = [
    GetDelayStatistics.Response,
    GetGlobalState.Response,
    Qot_GetKL.Response,
    Qot_RequestHistoryKL.Response,
    Qot_Sub.Request,
    Qot_UpdateBasicQot.Response,
    TestCmd.Response,
    Trd_GetPositionList.Response,
    Trd_PlaceOrder.Request,
    Trd_SubAccPush.Request,
]
CIPHERS = [
    FtAesEcbCipher(AES_KEY),
    AesEcbCipher(AES_KEY),
    AesCbcCipher(AES_KEY, AES_IV),
    RsaCipher(parse_rsa_key(RSA_512)),
]

steady = settings(derandomize=True, deadline=None)
few = settings(steady, max_examples=25)
any_message_type = pytest.mark.parametrize(
    "message_type", MESSAGE_TYPES, ids=lambda kind: kind.DESCRIPTOR.full_name
)
any_cipher = pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: type(cipher).__name__)


@steady
@given(
    bodies=st.lists(st.binary(max_size=60), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 500)),
)
def test_frames_survive_any_cut_of_the_stream(bodies, cuts):
    """However the stream is cut, the same frames come out, in order."""
    stream = b"".join(
        encode_frame(3000 + n, n % 2, n, body_digest(body), body) for n, body in enumerate(bodies)
    )
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    reader = FrameReader()
    frames = []
    for begin, end in pairwise(edges):
        reader.feed(stream[begin:end])
        while frame := reader.next_frame():
            frames.append(frame)

    assert [frame.body for frame in frames] == bodies
    assert [frame.serial for frame in frames] == list(range(len(bodies)))
    assert all(frame.digest == body_digest(frame.body) for frame in frames)


@steady
@given(pieces=st.lists(st.binary(max_size=80)), is_magic_right=st.booleans())
def test_random_streams_raise_nothing_but_wire_errors(pieces, is_magic_right):
    """No stream crashes the reader; each frame it yields was as long as announced."""
    reader = FrameReader()
    reader.feed(b"FT" if is_magic_right else b"")
    with contextlib.suppress(WireError):
        for piece in pieces:
            reader.feed(piece)
            while frame := reader.next_frame():
                assert len(frame.body) <= sum(map(len, pieces))


@any_cipher
def test_ciphers_give_back_bodies_of_every_length(cipher):
    """Around every block border, what was encrypted decrypts to itself."""
    for length in range(130):
        plain = bytes(byte % 256 for byte in range(length, 2 * length))

        assert cipher.decrypt(cipher.encrypt(plain)) == plain


@any_cipher
@steady
@given(secret=st.binary(max_size=200) | st.binary(min_size=64, max_size=64))
@example(secret=bytes(64))
def test_ciphers_raise_nothing_but_wire_errors(cipher, secret):
    """Random bytes either decrypt to something no longer than themselves or are refused."""
    with contextlib.suppress(WireError):
        assert len(cipher.decrypt(secret)) <= len(secret)


@any_message_type
@few
@given(data=st.data())
def test_messages_survive_both_formats(message_type, data):
    """What is written in either format reads back as the same message."""
    message = data.draw(messages(message_type, with_bytes=False))
    for body_format in BodyFormat:
        assert decode(message_type, encode(message, body_format), body_format) == message


@any_message_type
@few
@given(data=st.data())
def test_json_suits_the_narrowest_reader(message_type, data):
    """The SDK's reader takes every JSON body and gets what protobuf carries, but for `bytes`."""
    message = data.draw(messages(message_type, with_bytes=False))

    assert read_narrow_json(message_type(), encode(message, BodyFormat.JSON)) == message


@any_message_type
@few
@given(data=st.data())
def test_json_of_any_message_can_be_read(message_type, data):
    """NaN, infinity and `bytes` never lead to a body that a strict reader refuses."""
    message = data.draw(messages(message_type, with_non_numbers=True))
    body = encode(message, BodyFormat.JSON)

    assert read_narrow_json(message_type(), body).IsInitialized()
    assert encode(decode(message_type, body, BodyFormat.JSON), BodyFormat.JSON) == body


@any_message_type
@few
@given(body=st.binary(max_size=100), body_format=st.sampled_from(BodyFormat))
def test_random_bodies_raise_nothing_but_body_errors(message_type, body, body_format):
    """No body crashes the codec; what it reads can be written again."""
    with contextlib.suppress(BodyError):
        message = decode(message_type, body, body_format)

        assert decode(message_type, encode(message, BodyFormat.PROTOBUF), 0) == message


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["c2s", "securityList", "code", "market", "subTypeList", "[x.y]"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@steady
@given(value=_json)
def test_random_json_raises_nothing_but_body_errors(value):
    """JSON of any shape is read or refused."""
    with contextlib.suppress(BodyError):
        request = decode(Qot_Sub.Request, json.dumps(value).encode(), BodyFormat.JSON)

        assert request.HasField("c2s")
