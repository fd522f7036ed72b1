"""One request from frame to reply: envelope, encryption, and everything a client can get wrong."""

import json

import pytest

from gateway import pb, registry
from gateway.registry import ROUTES, Route
from gateway.session.connection import Phase
from gateway.wire.ciphers import PlainCipher, RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest
from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import Client, World
from tests.support.rsa_keys import RSA_1024

KEEP_ALIVE = {"time": 1}


def rsa() -> RsaCipher:
    return RsaCipher(parse_rsa_key(RSA_1024))


def raw_reply(client: Client, frame: Frame) -> Frame:
    """Send one hand-made frame and return the frame that answers it."""
    before = len(client.outbox.frames)
    client.world.dispatcher.receive(client.connection, frame, client.world.now_ns)
    reader = FrameReader()
    for data in client.outbox.frames[before:]:
        reader.feed(data)
    reply = reader.next_frame()
    assert reply is not None
    return reply


def init_body(algorithm: int) -> bytes:
    request = pb.InitConnect.Request(
        c2s={"clientVer": 300, "clientID": "t", "packetEncAlgo": algorithm}
    )
    return request.SerializeToString()


def test_success_is_written_as_opend_writes_it():
    """retType, retMsg and errCode are explicit, then s2c: the observed bytes of KeepAlive."""
    client = World().connect()
    body = pb.KeepAlive.Request(c2s=KEEP_ALIVE).SerializeToString()

    reply = raw_reply(client, Frame(1004, 0, 0, 99, body_digest(body), body))

    assert reply.body.startswith(bytes.fromhex("080012001800220608"))
    assert (reply.proto_id, reply.serial, reply.body_format) == (1004, 99, 0)
    assert reply.digest == body_digest(reply.body)


def test_json_is_answered_in_json():
    """The reply repeats the request's format, with the envelope's three fields."""
    client = World().connect(body_format=BodyFormat.JSON)
    body = b'{"c2s": {"time": "1"}}'

    reply = raw_reply(client, Frame(1004, 1, 0, 5, body_digest(body), body))
    document = json.loads(reply.body)

    assert list(document) == ["retType", "retMsg", "errCode", "s2c"]
    assert reply.body_format == BodyFormat.JSON


@pytest.mark.parametrize("algorithm", [0, 1, 2])
def test_every_cipher_carries_requests(algorithm):
    """After an encrypted InitConnect each algorithm works in both directions."""
    client = World().connect(init_cipher=rsa(), packetEncAlgo=algorithm)

    reply = client.ask(ProtoId.KeepAlive, **KEEP_ALIVE)

    assert reply.retType == 0
    assert client.connection.encryption == ["FTAES_ECB", "AES_ECB", "AES_CBC"][algorithm]
    assert not isinstance(client.connection.cipher, PlainCipher)


def test_the_iv_goes_out_for_cbc_only():
    """Its presence alone makes the Python SDK switch to CBC."""
    world = World()
    for algorithm, has_iv in ((0, False), (2, True)):
        client = world.connect(init_cipher=rsa(), initialise=False)
        reply = client.ask(
            ProtoId.InitConnect, clientVer=300, clientID="t", packetEncAlgo=algorithm
        )

        assert reply.s2c.HasField("aesCBCiv") is has_iv
        assert len(reply.s2c.connAESKey) == 16


def test_an_absent_algorithm_means_ftaes_with_a_key_and_nothing_without():
    """Source: [P] InitConnect.proto."""
    world = World()
    keyed = world.connect(init_cipher=rsa(), initialise=False)
    keyed.ask(ProtoId.InitConnect, clientVer=300, clientID="t")
    plain = world.connect(initialise=False)
    plain.ask(ProtoId.InitConnect, clientVer=300, clientID="t")

    assert (keyed.connection.encryption, plain.connection.encryption) == ("FTAES_ECB", "none")


def test_without_our_key_nothing_is_encrypted():
    """A client that asks for AES without a configured key is answered in plain."""
    client = World().connect(packetEncAlgo=2)

    assert client.connection.encryption == "none"
    assert client.ask(ProtoId.KeepAlive, **KEEP_ALIVE).retType == 0


def test_an_encrypted_request_that_wants_no_encryption_gets_a_plain_reply():
    """What the Python SDK does with a key file and is_encrypt=False."""
    client = World().connect(init_cipher=rsa(), initialise=False)
    body = init_body(-1)
    secret = client.connection.init_cipher.encrypt(body)

    reply = raw_reply(client, Frame(1001, 0, 0, 1, body_digest(body), secret))

    assert pb.InitConnect.Response.FromString(reply.body).retType == 0
    assert client.connection.phase is Phase.READY


def test_a_plain_request_to_a_keyed_opend_gets_a_reply_it_cannot_read():
    """Source: [O]: the client's parse error is the only sign."""
    client = World().connect(init_cipher=rsa(), initialise=False)
    body = init_body(-1)

    reply = raw_reply(client, Frame(1001, 0, 0, 1, body_digest(body), body))

    assert len(reply.body) % 128 == 0
    opened = client.connection.init_cipher.decrypt(reply.body)
    assert pb.InitConnect.Response.FromString(opened).retType == 0


def test_a_foreign_key_is_answered_not_dropped():
    """A body that our key cannot open is refused in plain; the connection stays."""
    client = World().connect(init_cipher=rsa(), initialise=False)
    body = init_body(2)

    reply = raw_reply(client, Frame(1001, 0, 0, 1, body_digest(body), bytes(128)))
    response = pb.InitConnect.Response.FromString(reply.body)

    assert (response.retType, response.retMsg) == (-1, "Failed to parse protobuf protocol")
    assert client.connection.phase is Phase.AWAIT_INIT


def test_garbage_under_the_body_cipher_is_answered():
    """An undecipherable body does not end the connection."""
    client = World().connect(init_cipher=rsa(), packetEncAlgo=2)
    reply = raw_reply(client, Frame(1004, 0, 0, 7, bytes(20), b"odd length"))
    response = pb.KeepAlive.Response.FromString(client.connection.cipher.decrypt(reply.body))

    assert response.retMsg == "Failed to parse protobuf protocol"
    assert client.ask(ProtoId.KeepAlive, **KEEP_ALIVE).retType == 0


def test_a_wrong_digest_is_named():
    """The text is OpenD's own."""
    client = World().connect()
    body = pb.KeepAlive.Request(c2s=KEEP_ALIVE).SerializeToString()

    reply = raw_reply(client, Frame(1004, 0, 0, 7, bytes(20), body))
    response = pb.KeepAlive.Response.FromString(reply.body)

    assert response.retMsg == "The packet body SHA1 signature is incorrect"


def test_the_digest_of_the_ciphertext_is_accepted_too():
    """Some clients hash what they send."""
    client = World().connect(init_cipher=rsa(), packetEncAlgo=2)
    body = pb.KeepAlive.Request(c2s=KEEP_ALIVE).SerializeToString()
    secret = client.connection.cipher.encrypt(body)

    reply = raw_reply(client, Frame(1004, 0, 0, 7, body_digest(secret), secret))

    assert (
        pb.KeepAlive.Response.FromString(client.connection.cipher.decrypt(reply.body)).retType == 0
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Failed to parse protobuf protocol"), ("chs", "解析protobuf协议失败")],
)
def test_a_body_without_its_required_fields_is_refused(language, text):
    """An empty KeepAlive lacks `time`."""
    client = World(language=language).connect()

    assert client.send_body(ProtoId.KeepAlive, b"").retMsg == text


def test_an_unknown_body_format_is_refused():
    """Neither protobuf nor JSON: answered as protobuf."""
    client = World().connect()
    body = pb.KeepAlive.Request(c2s=KEEP_ALIVE).SerializeToString()

    reply = raw_reply(client, Frame(1004, 9, 0, 7, body_digest(body), body))

    assert reply.body_format == BodyFormat.PROTOBUF
    assert pb.KeepAlive.Response.FromString(reply.body).retType == -1


def test_nothing_works_before_init_and_init_works_once():
    """The connection's life begins with InitConnect."""
    client = World().connect(initialise=False)

    assert client.ask(ProtoId.KeepAlive, **KEEP_ALIVE).retMsg.startswith("The connection is not")

    first = client.ask(ProtoId.InitConnect, clientVer=300, clientID="t")
    again = client.ask(ProtoId.InitConnect, clientVer=300, clientID="t")

    assert (first.retType, again.retType) == (0, -1)
    assert first.s2c.connID == client.connection.conn_id


def test_a_bug_of_ours_is_answered_and_the_connection_lives(monkeypatch):
    """An unforeseen exception in a handler becomes a failed reply."""

    def broken(call, c2s):
        raise ZeroDivisionError

    route = ROUTES[ProtoId.KeepAlive]
    monkeypatch.setitem(
        ROUTES, ProtoId.KeepAlive, Route(route.proto_id, route.request_type, broken)
    )
    client = World().connect()

    assert client.ask(ProtoId.KeepAlive, **KEEP_ALIVE).retMsg == "Internal error"
    assert client.connection.is_ready


def test_the_registry_refuses_what_cannot_be_right():
    """A second handler for an id, and a handler of another protocol's message."""

    def keep_alive(call: registry.Call, c2s: pb.GetGlobalState.C2S) -> None:
        del call, c2s

    with pytest.raises(registry.RegistrationError, match="two handlers"):
        registry.handles(ProtoId.KeepAlive)(keep_alive)
    with pytest.raises(registry.RegistrationError, match="takes GetGlobalState"):
        registry.handles(ProtoId.InitQuantMode)(keep_alive)


def test_every_response_has_the_same_four_first_fields():
    """What lets one envelope serve all: retType 1, retMsg 2, errCode 3, s2c 4."""
    shapes = set()
    for proto_id in ROUTES:
        descriptor = pb.message_type(f"{ProtoId(proto_id).name}.Response").DESCRIPTOR
        fields = [(f.number, f.name) for f in descriptor.fields if f.number <= 4]
        shapes.add(tuple(sorted(fields)))

    assert shapes == {((1, "retType"), (2, "retMsg"), (3, "errCode"), (4, "s2c"))}
