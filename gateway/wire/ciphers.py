"""The ways a body is encrypted, behind one interface: none, RSA, FTAES-ECB, AES-ECB, AES-CBC.

RSA guards InitConnect only; its reply carries a random AES key for all that follows. No way of
these authenticates anything: a wrong key shows as bad padding here, or as a wrong digest later.

Source: [D] API doc "Encrypted communication"; [P] Python SDK, `RsaCrypt` and `FutuConnMng`.
"""

from __future__ import annotations

from typing import Final, Protocol

from Crypto.Cipher import AES, PKCS1_v1_5
from Crypto.PublicKey import RSA
from Crypto.PublicKey.RSA import RsaKey
from Crypto.Util.Padding import pad, unpad

from gateway.errors import WireError

__all__ = [
    "AesCbcCipher",
    "AesEcbCipher",
    "Cipher",
    "FtAesEcbCipher",
    "PlainCipher",
    "RsaCipher",
    "RsaKey",
    "parse_rsa_key",
]

_BLOCK_BYTES: Final = 16
_MIN_RSA_BITS: Final = 512
_PKCS1_OVERHEAD_BYTES: Final = 11
_UNDECIPHERABLE: Final = b""  # no chunk is empty: an empty body has no chunks


class Cipher(Protocol):
    """Turns plain bodies into those on the wire and back."""

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt one body."""
        ...

    def decrypt(self, secret: bytes) -> bytes:
        """Decrypt one body.

        Raises:
            WireError: the bytes cannot come from this cipher with this key.
        """
        ...


class PlainCipher:
    """Leaves bodies as they are: a connection without encryption."""

    def encrypt(self, plain: bytes) -> bytes:
        """Return `plain` itself."""
        return plain

    def decrypt(self, secret: bytes) -> bytes:
        """Return `secret` itself."""
        return secret


class RsaCipher:
    """PKCS#1 v1.5 with the key pair that client and server share, in chunks.

    Each chunk of plain bytes becomes one block as long as the key. The chunks of decrypted bodies
    may have any length, those we make are 100 bytes for a 1024-bit key and 200 for 2048 bits.

    Args:
        key: a private key, as from `parse_rsa_key`.

    Source: [D] 100 → 128 bytes at 1024 bits; [P] `RsaCrypt` comments 200 for 2048 bits, though it
        itself sends 100 and reads blocks of 128 only; [I] the rule between them, and thereby 50
        bytes at 512 bits.
    """

    def __init__(self, key: RsaKey) -> None:
        self._cipher = PKCS1_v1_5.new(key)
        self._block_bytes = key.size_in_bytes()
        self._chunk_bytes = (self._block_bytes - _PKCS1_OVERHEAD_BYTES) // 50 * 50

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt with the public half; the padding is random, so no two results are equal."""
        return b"".join(map(self._cipher.encrypt, _pieces(plain, self._chunk_bytes)))

    def decrypt(self, secret: bytes) -> bytes:
        """Decrypt with the private half."""
        if len(secret) % self._block_bytes:
            raise WireError(
                f"an RSA body of {len(secret)} bytes is no multiple of the key's"
                f" {self._block_bytes}: the client does not encrypt, or has a key of another size"
            )
        return b"".join(map(self._decrypt_block, _pieces(secret, self._block_bytes)))

    def _decrypt_block(self, block: bytes) -> bytes:
        try:
            plain = self._cipher.decrypt(block, _UNDECIPHERABLE)
        except ValueError:
            plain = _UNDECIPHERABLE
        if plain == _UNDECIPHERABLE:
            raise WireError("an RSA block does not decrypt: the client has another key")
        return plain


class FtAesEcbCipher:
    """AES-ECB over zero-padded bodies, with a plain 16-byte tail that tells the padding.

    The tail is zeros, except its last byte: the length of the last block's true part, 0 for a full
    one.

    Args:
        key: 16 bytes, the characters of `connAESKey`.

    Source: [D] "FTAES_ECB"; [P] `FutuConnMng.encrypt_conn_data`.
    """

    def __init__(self, key: bytes) -> None:
        self._aes = AES.new(key, AES.MODE_ECB)

    def encrypt(self, plain: bytes) -> bytes:
        """Pad, encrypt and add the tail."""
        used = len(plain) % _BLOCK_BYTES
        padded = plain + bytes(-len(plain) % _BLOCK_BYTES)
        return self._aes.encrypt(padded) + used.to_bytes(_BLOCK_BYTES, "big")

    def decrypt(self, secret: bytes) -> bytes:
        """Take off the tail, decrypt and cut the padding; the tail's other bytes are ignored."""
        _require_blocks(secret, "FTAES-ECB")
        used = secret[-1]
        if used >= _BLOCK_BYTES or (used and len(secret) == _BLOCK_BYTES):
            raise WireError(
                f"an FTAES-ECB tail tells {used} bytes in the last block of {len(secret)}:"
                " the client does not encrypt, or in another way"
            )
        padded = self._aes.decrypt(secret[:-_BLOCK_BYTES])
        return padded[: len(padded) - (_BLOCK_BYTES - used)] if used else padded


class AesEcbCipher:
    """AES-ECB with PKCS#7 padding.

    Args:
        key: 16 bytes, the characters of `connAESKey`.

    Source: [P] Common.proto, `PacketEncAlgo_AES_ECB`; [I] its padding, taken from AES_CBC.
    """

    def __init__(self, key: bytes) -> None:
        self._aes = AES.new(key, AES.MODE_ECB)

    def encrypt(self, plain: bytes) -> bytes:
        """Pad and encrypt."""
        return self._aes.encrypt(pad(plain, _BLOCK_BYTES))

    def decrypt(self, secret: bytes) -> bytes:
        """Decrypt and cut the padding."""
        _require_blocks(secret, "AES-ECB")
        return _unpadded(self._aes.decrypt(secret), "AES-ECB")


class AesCbcCipher:
    """AES-CBC with PKCS#7 padding; every body starts anew from the connection's fixed vector.

    Args:
        key: 16 bytes, the characters of `connAESKey`.
        iv: 16 bytes, the characters of `aesCBCiv`.

    Making a cipher takes far longer than using it, so one goes on for all bodies. It mixes each first
    block with the last body's end in place of the vector, which is made up for here.

    Source: [P] `FutuConnMng.get_conn_aes_cryptor`, which makes a new cipher for each packet.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._vector = int.from_bytes(iv, "big")
        self._encryptor = AES.new(key, AES.MODE_CBC, iv=iv)
        self._last_sent = iv
        self._decryptor = AES.new(key, AES.MODE_CBC, iv=iv)
        self._last_received = iv

    def encrypt(self, plain: bytes) -> bytes:
        """Pad and encrypt."""
        padded = pad(plain, _BLOCK_BYTES)
        secret = self._encryptor.encrypt(self._exchanged(padded, self._last_sent))
        self._last_sent = secret[-_BLOCK_BYTES:]
        return secret

    def decrypt(self, secret: bytes) -> bytes:
        """Decrypt and cut the padding."""
        _require_blocks(secret, "AES-CBC")
        mixed = self._decryptor.decrypt(secret)
        padded = self._exchanged(mixed, self._last_received)
        self._last_received = secret[-_BLOCK_BYTES:]
        return _unpadded(padded, "AES-CBC")

    def _exchanged(self, blocks: bytes, carried: bytes) -> bytes:
        """The blocks with the vector mixed into the first one in place of what is carried over."""
        first = int.from_bytes(blocks[:_BLOCK_BYTES], "big") ^ int.from_bytes(carried, "big")
        return (first ^ self._vector).to_bytes(_BLOCK_BYTES, "big") + blocks[_BLOCK_BYTES:]


def parse_rsa_key(pem: str) -> RsaKey:
    """Read the private key that clients and server share.

    Args:
        pem: a PKCS#1 or PKCS#8 private key in PEM form, of 512 bits or more, without password.

    Raises:
        ValueError: it is something else; the text says what.

    Source: [D] 1024 bits, PKCS#1, no password (512 bits allowed); [I] PKCS#8 and longer keys.
    """
    if "ENCRYPTED" in pem:
        raise ValueError("the RSA key is protected by a password; OpenD takes keys without one")
    try:
        key = RSA.import_key(pem.strip("\ufeff \t\r\n"))
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError("the text is no RSA private key in PEM form (PKCS#1)") from error
    if not key.has_private():
        raise ValueError("the RSA key is a public key; OpenD and its clients share a private key")
    if key.size_in_bits() < _MIN_RSA_BITS:
        raise ValueError(
            f"the RSA key has {key.size_in_bits()} bits; OpenD takes 1024, at least {_MIN_RSA_BITS}"
        )
    return key


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _require_blocks(secret: bytes, name: str) -> None:
    if not secret or len(secret) % _BLOCK_BYTES:
        raise WireError(
            f"an {name} body of {len(secret)} bytes is not made of whole {_BLOCK_BYTES}-byte"
            " blocks: the client does not encrypt, or in another way"
        )


def _unpadded(padded: bytes, name: str) -> bytes:
    try:
        return unpad(padded, _BLOCK_BYTES)
    except ValueError as error:
        raise WireError(
            f"an {name} body has bad padding: the client has another key, or does not encrypt"
        ) from error
