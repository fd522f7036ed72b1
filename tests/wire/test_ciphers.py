"""Each cipher against bytes of the official SDK, and against bytes that are wrong."""

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from gateway.errors import WireError
from gateway.wire.ciphers import (
    AesCbcCipher,
    AesEcbCipher,
    FtAesEcbCipher,
    PlainCipher,
    RsaCipher,
    parse_rsa_key,
)
from gateway.wire.ft_frame import HEADER_BYTES, body_digest
from tests.support import rsa_keys
from tests.support.sdk_vectors import (
    AES_IV,
    AES_KEY,
    CBC_BODIES,
    FTAES_BODIES,
    INIT_RSA,
    RSA_1024_BODIES,
    RSA_2048_BODY,
    SUB_BODY,
    SUB_CBC,
    SUB_FTAES,
)

OTHER_KEY = b"FFFFFFFFFFFFFFFF"


def letters(length: int) -> bytes:
    return bytes(range(65, 65 + length))


def rsa(pem: str = rsa_keys.RSA_1024) -> RsaCipher:
    return RsaCipher(parse_rsa_key(pem))


def test_plain_cipher_changes_nothing():
    """Without encryption a body travels as it is."""
    assert PlainCipher().encrypt(b"body") == b"body"
    assert PlainCipher().decrypt(b"body") == b"body"


@pytest.mark.parametrize("length", FTAES_BODIES)
def test_ftaes_is_byte_for_byte_the_sdks(length):
    """FTAES-ECB writes and reads what the SDK writes without an iv."""
    cipher = FtAesEcbCipher(AES_KEY)

    assert cipher.encrypt(letters(length)) == FTAES_BODIES[length]
    assert cipher.decrypt(FTAES_BODIES[length]) == letters(length)


@pytest.mark.parametrize("length", CBC_BODIES)
def test_cbc_is_byte_for_byte_the_sdks(length):
    """AES-CBC writes and reads what the SDK writes with an iv, starting anew for each body."""
    cipher = AesCbcCipher(AES_KEY, AES_IV)
    for _ in range(2):
        assert cipher.encrypt(letters(length)) == CBC_BODIES[length]
        assert cipher.decrypt(CBC_BODIES[length]) == letters(length)


@pytest.mark.parametrize(
    ("packet", "cipher"),
    [(SUB_FTAES, FtAesEcbCipher(AES_KEY)), (SUB_CBC, AesCbcCipher(AES_KEY, AES_IV))],
    ids=["FTAES", "CBC"],
)
def test_encrypted_packet_of_the_sdk_gives_its_plain_body(packet, cipher):
    """The digest in the header of an encrypted packet is that of the decrypted body."""
    plain = cipher.decrypt(packet[HEADER_BYTES:])

    assert plain == SUB_BODY
    assert packet[16:36] == body_digest(plain)


def test_ecb_encrypts_equal_blocks_equally():
    """AES-ECB is AES block by block: the SDK's first CBC block with a zero iv is its anchor."""
    cipher = AesEcbCipher(AES_KEY)
    secret = cipher.encrypt(letters(16) * 2)

    assert FTAES_BODIES[16][:16] == secret[:16] == secret[16:32]
    assert len(secret) == 48
    assert cipher.decrypt(secret) == letters(16) * 2


@pytest.mark.parametrize("length", RSA_1024_BODIES)
def test_rsa_reads_what_the_sdk_encrypted(length):
    """Chunks of 100 plain bytes in blocks of 128, as the SDK writes them."""
    assert rsa().decrypt(RSA_1024_BODIES[length]) == bytes(range(length))


@pytest.mark.parametrize(("length", "blocks"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_rsa_writes_a_block_per_hundred_bytes(length, blocks):
    """A 1024-bit key makes one block of 128 bytes for each 100 plain ones."""
    secret = rsa().encrypt(bytes(length))

    assert len(secret) == 128 * blocks
    assert rsa().decrypt(secret) == bytes(length)


@pytest.mark.parametrize(
    ("pem", "chunk_bytes", "block_bytes"),
    [(rsa_keys.RSA_512, 50, 64), (rsa_keys.RSA_2048, 200, 256)],
    ids=["512", "2048"],
)
def test_rsa_chunks_grow_with_the_key(pem, chunk_bytes, block_bytes):
    """Other key sizes have chunks of their own, and read back what they wrote."""
    cipher = rsa(pem)
    plain = bytes(range(256)) * 2

    assert len(cipher.encrypt(plain[:chunk_bytes])) == block_bytes
    assert len(cipher.encrypt(plain[: chunk_bytes + 1])) == 2 * block_bytes
    assert cipher.decrypt(cipher.encrypt(plain)) == plain


def test_rsa_reads_the_sdks_short_chunks_under_a_long_key():
    """The SDK sends chunks of 100 bytes whatever the key; a 2048-bit server reads them."""
    assert rsa(rsa_keys.RSA_2048).decrypt(RSA_2048_BODY) == bytes(range(150))


def test_init_connect_of_the_sdk_is_decrypted():
    """The digest in the header of an RSA packet is that of the decrypted body."""
    assert INIT_RSA[16:36] == body_digest(rsa().decrypt(INIT_RSA[HEADER_BYTES:]))


def test_rsa_tells_an_unencrypted_body_by_its_length():
    """A plain InitConnect sent to a server with a key is named as such."""
    with pytest.raises(WireError, match=r"RSA body of 40 bytes is no multiple of the key's 128"):
        rsa().decrypt(bytes(40))


@pytest.mark.parametrize("block", [bytes(128), b"\xff" * 128], ids=["bad padding", "too large"])
def test_rsa_block_of_another_key_is_refused(block):
    """A block that has no proper padding, or is no number below the modulus, is refused."""
    with pytest.raises(WireError, match="another key"):
        rsa().decrypt(block)


@pytest.mark.parametrize("length", [0, 1, 15, 17])
@pytest.mark.parametrize(
    "cipher",
    [FtAesEcbCipher(AES_KEY), AesEcbCipher(AES_KEY), AesCbcCipher(AES_KEY, AES_IV)],
    ids=["FTAES", "ECB", "CBC"],
)
def test_aes_refuses_broken_blocks(cipher, length):
    """An empty body or one that is not made of 16-byte blocks cannot come from AES."""
    with pytest.raises(WireError, match=f"body of {length} bytes is not made of whole"):
        cipher.decrypt(bytes(length))


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        (AesEcbCipher(OTHER_KEY), AesEcbCipher(AES_KEY)),
        (AesCbcCipher(OTHER_KEY, AES_IV), AesCbcCipher(AES_KEY, AES_IV)),
    ],
    ids=["ECB", "CBC"],
)
def test_another_aes_key_shows_in_the_padding(reader, writer):
    """A body of a client with another key has no proper padding."""
    with pytest.raises(WireError, match="bad padding: the client has another key"):
        reader.decrypt(writer.encrypt(b"body"))


@pytest.mark.parametrize(
    "secret",
    [bytes(31) + b"\x10", bytes(31) + b"\xff", bytes(15) + b"\x01"],
    ids=["tail of 16", "tail of 255", "tail without blocks"],
)
def test_ftaes_refuses_an_impossible_tail(secret):
    """The last block's true length is below 16, and there must be such a block."""
    with pytest.raises(WireError, match="FTAES-ECB tail tells"):
        FtAesEcbCipher(AES_KEY).decrypt(secret)


def test_ftaes_ignores_the_rest_of_the_tail():
    """Only the last byte of the tail counts, as in the SDK."""
    secret = bytearray(FTAES_BODIES[17])
    secret[-16:-1] = b"x" * 15

    assert FtAesEcbCipher(AES_KEY).decrypt(bytes(secret)) == letters(17)


@pytest.mark.parametrize(
    ("pem", "bits"),
    [
        (rsa_keys.RSA_1024, 1024),
        (rsa_keys.RSA_2048, 2048),
        (rsa_keys.RSA_512, 512),
        (rsa_keys.RSA_512_PKCS8, 512),
        ("\ufeff\r\n" + rsa_keys.RSA_512.replace("\n", "\r\n"), 512),
    ],
    ids=["1024", "2048", "512", "PKCS#8", "with BOM and CRLF"],
)
def test_private_keys_are_read(pem, bits):
    """PKCS#1 and PKCS#8 keys are taken, also from files that went through Windows."""
    assert parse_rsa_key(pem).size_in_bits() == bits


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        ("", "no RSA private key in PEM form"),
        ("not a key", "no RSA private key in PEM form"),
        ("密钥", "no RSA private key in PEM form"),
        (rsa_keys.RSA_512[:200], "no RSA private key in PEM form"),
        (rsa_keys.ELLIPTIC_CURVE, "no RSA private key in PEM form"),
        (rsa_keys.RSA_512_PUBLIC, "is a public key"),
        (rsa_keys.RSA_512_ENCRYPTED, "protected by a password"),
        (rsa_keys.RSA_512_PKCS8_ENCRYPTED, "protected by a password"),
        (rsa_keys.RSA_384, "has 384 bits"),
    ],
    ids=[
        "empty",
        "garbage",
        "not ASCII",
        "cut off",
        "elliptic curve",
        "public",
        "password",
        "PKCS#8 password",
        "too short",
    ],
)
def test_other_texts_are_refused_as_keys_with_the_reason(pem, reason):
    """The refusal tells what is wrong with the key file."""
    with pytest.raises(ValueError, match=reason):
        parse_rsa_key(pem)


def test_every_cbc_body_starts_anew_whatever_went_before():
    """One cipher writes and reads as a new one for each body would, also behind bodies it refused."""
    kept = AesCbcCipher(AES_KEY, AES_IV)
    for size in (0, 1, 15, 16, 17, 64, 1000):
        plain = bytes(range(256)) * 4
        fresh = AES.new(AES_KEY, AES.MODE_CBC, iv=AES_IV).encrypt(pad(plain[:size], 16))
        with pytest.raises(WireError):
            kept.decrypt(bytes(size // 16 * 16))
        assert kept.encrypt(plain[:size]) == fresh
        assert kept.decrypt(fresh) == plain[:size]
