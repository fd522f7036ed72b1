"""A small blocking client over a real socket, for what the SDK does not let one do."""

from __future__ import annotations

import socket
from typing import Any, Final, Self

from gateway import pb
from gateway.wire import codec
from gateway.wire.ciphers import AesEcbCipher, Cipher, PlainCipher
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import PUSH_IDS, ProtoId
from tests.support.requests import encoded

DEADLINE_S: Final = 20.0
AES_ECB: Final = 1
NO_ENCRYPTION: Final = -1


class RawClient:
    """One initialised connection to the loopback address.

    Args:
        port: Of the gateway.
        init_cipher: RSA if the gateway has a key; the bodies are AES-encrypted then.
        initialise: Whether to send InitConnect.
        client_id: What it calls itself there.
    """

    def __init__(
        self,
        port: int,
        *,
        init_cipher: Cipher | None = None,
        initialise: bool = True,
        client_id: str = "raw",
    ) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
        self.pushes: list[tuple[ProtoId, Any]] = []
        self._cipher: Cipher = init_cipher or PlainCipher()
        self._reader = FrameReader()
        self._serial = 0
        self._client_id = client_id
        if initialise:
            try:
                self._initialise(init_cipher)
            except BaseException:
                self.close()
                raise

    def _initialise(self, init_cipher: Cipher | None) -> None:
        algorithm = AES_ECB if init_cipher else NO_ENCRYPTION
        init = self.ask(
            ProtoId.InitConnect,
            clientVer=300,
            clientID=self._client_id,
            packetEncAlgo=algorithm,
            recvNotify=True,
        )
        assert init.retType == 0, init.retMsg
        self.conn_id = init.s2c.connID
        if init_cipher:
            self._cipher = AesEcbCipher(init.s2c.connAESKey.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def send(self, proto_id: ProtoId, **c2s: Any) -> int:
        """Send a request without waiting; returns its serial number."""
        self._serial += 1
        body = encoded(proto_id, **c2s)
        wire_body = self._cipher.encrypt(body)
        self.socket.sendall(
            encode_frame(proto_id, BodyFormat.PROTOBUF, self._serial, body_digest(body), wire_body)
        )
        return self._serial

    def ask(self, proto_id: ProtoId, **c2s: Any) -> Any:
        """Send a request and wait for its decoded Response; pushes are kept."""
        serial = self.send(proto_id, **c2s)
        while True:
            frame = self.reply_frame()
            response = self._decode(frame)
            if frame.proto_id in PUSH_IDS:
                self.pushes.append((ProtoId(frame.proto_id), response))
            elif frame.serial == serial:
                return response

    def is_closed(self) -> bool:
        """Read until the gateway hangs up; False if it does not."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True

    def reply_frame(self) -> Frame:
        """The next frame, whatever it is and not deciphered."""
        while (frame := self._reader.next_frame()) is None:
            data = self.socket.recv(1 << 16)
            if not data:
                raise ConnectionResetError
            self._reader.feed(data)
        return frame

    def _decode(self, frame: Frame) -> Any:
        response_type = pb.message_type(f"{ProtoId(frame.proto_id).name}.Response")
        return codec.decode(response_type, self._cipher.decrypt(frame.body), frame.body_format)


def security(code: str, market: int = 1) -> dict[str, object]:
    """A security as requests name it; market 1 is Hong Kong."""
    return {"market": market, "code": code}
