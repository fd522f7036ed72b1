"""One client's connection, without its socket.

Theory of operation. A connection is born AWAIT_INIT: only InitConnect is understood, and it travels
RSA-encrypted if a key is configured. The answer fixes the body cipher, the push format and the
connection's id; from then on it is READY. CLOSING means that nothing more is read from it.

    AWAIT_INIT ──InitConnect──▶ READY ──close──▶ CLOSING
         └───────────close────────────────────────▲

Frames leave through `Outbox`, which belongs to the shell. Replies repeat the request's serial number;
how they and pushes look in detail is the `Framing`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from gateway.session.framing import Framing, SharedPush, TcpFraming
from gateway.wire.ciphers import Cipher, PlainCipher
from gateway.wire.ft_frame import BodyFormat, Frame, body_digest


class Phase(Enum):
    """Where in its life a connection is."""

    AWAIT_INIT = "await_init"
    READY = "ready"
    CLOSING = "closing"


class Outbox(Protocol):
    """Where a connection's finished frames go; must not block."""

    def put(self, frame: bytes) -> None:
        """Queue one whole frame."""
        ...

    def close(self, reason: str) -> None:
        """Send what is queued, then close the connection."""
        ...


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """What a client says of itself in InitConnect."""

    client_id: str = ""
    client_version: int = 0
    programming_language: str = ""
    receives_notices: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way to a client, not yet enciphered."""

    proto_id: int
    body_format: int
    body: bytes
    cipher: Cipher
    serial: int | None
    """Of the request that it answers; None: nobody asked for it."""


class Tap(Protocol):
    """Sees every frame of a connection, and may keep or change it: faults and the journal."""

    def admits(
        self,
        connection: Connection,
        frame: Frame,
        now_ns: int,
        proceed: Callable[[int], None],
    ) -> bool:
        """Whether a request is to be answered now; it may call `proceed` with the time later."""
        ...

    def send(self, connection: Connection, message: Outgoing) -> None:
        """Take over a reply or push; `connection.transmit` sends it."""
        ...


@dataclass(slots=True, eq=False)
class Connection:
    """The state of one client's connection."""

    conn_id: int
    peer: str
    opened_ns: int
    outbox: Outbox
    init_cipher: Cipher
    """Decrypts InitConnect and, if the client asks for encryption, encrypts its reply."""
    framing: Framing = field(default_factory=TcpFraming)
    phase: Phase = Phase.AWAIT_INIT
    cipher: Cipher = field(default_factory=PlainCipher)
    is_plain: bool = True
    """Whether the cipher leaves bodies as they are."""
    encryption: str = "none"
    push_format: int = BodyFormat.PROTOBUF
    client: ClientInfo = field(default_factory=ClientInfo)
    account_pushes: frozenset[int] = frozenset()
    """Account ids whose order pushes this connection asked for."""
    on_close: list[Callable[[], None]] = field(default_factory=list)
    tap: Tap | None = None
    """None, as usual: frames pass unseen."""

    @property
    def is_ready(self) -> bool:
        """Whether InitConnect has been answered."""
        return self.phase is Phase.READY

    def start(self, client: ClientInfo, cipher: Cipher, encryption: str, push_format: int) -> None:
        """Become READY with what InitConnect agreed."""
        self.client = client
        self.cipher = cipher
        self.is_plain = isinstance(cipher, PlainCipher)
        self.encryption = encryption
        self.push_format = push_format
        self.phase = Phase.READY

    def reply(self, proto_id: int, body_format: int, serial: int, body: bytes) -> None:
        """Answer a request under the connection's cipher."""
        self.reply_with(self.cipher, proto_id, body_format, serial, body)

    def reply_with(
        self, cipher: Cipher, proto_id: int, body_format: int, serial: int, body: bytes
    ) -> None:
        """Answer under another cipher: InitConnect's reply does not use the body cipher yet."""
        if self.tap is not None:
            self.tap.send(self, Outgoing(proto_id, body_format, body, cipher, serial))
            return
        digest, wire_body = body_digest(body), cipher.encrypt(body)
        self.outbox.put(self.framing.reply(proto_id, body_format, serial, digest, wire_body))

    def push(self, message: SharedPush) -> None:
        """Send an unasked message; its body is in the connection's push format."""
        if self.tap is not None:
            self.tap.send(
                self,
                Outgoing(message.proto_id, self.push_format, message.body, self.cipher, None),
            )
        elif self.is_plain:
            self.outbox.put(self.framing.shared_push(message))
        else:
            wire_body = self.cipher.encrypt(message.body)
            self.outbox.put(
                self.framing.push(message.proto_id, self.push_format, message.digest, wire_body)
            )

    def transmit(self, message: Outgoing, *, is_digest_wrong: bool = False) -> None:
        """Frame what the tap lets through."""
        digest, wire_body = body_digest(message.body), message.cipher.encrypt(message.body)
        if is_digest_wrong:
            digest = bytes(byte ^ 0xFF for byte in digest)
        proto_id, body_format = message.proto_id, message.body_format
        if message.serial is None:
            framed = self.framing.push(proto_id, body_format, digest, wire_body)
        else:
            framed = self.framing.reply(proto_id, body_format, message.serial, digest, wire_body)
        self.outbox.put(framed)

    def close(self, reason: str) -> None:
        """Stop reading; what is queued still leaves."""
        farewell = self.framing.farewell() if self.is_ready else b""
        if farewell:
            self.outbox.put(farewell)
        self.phase = Phase.CLOSING
        self.outbox.close(reason)
