"""The load generator, a process of its own: raw frames over many sockets, one request under way on each.

    python -m benchmarks.load '{"port": 11111, "connections": 50, "seconds": 3, …}'

Everything that is sent is made before the clock starts, so that the server is what is measured. The
result is one line of JSON. See `Plan` for what can be asked for.
"""

import json
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway import pb
from gateway.pb import Common
from gateway.wire.ciphers import AesCbcCipher, Cipher, PlainCipher, RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import HEADER_BYTES, BodyFormat, body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId

_RECEIVE_BYTES: Final = 1 << 18
_LENGTH: Final = slice(12, 16)
_WARM_UP_S: Final = 0.5


@dataclass
class Plan:
    """What to do.

    Attributes:
        port: Where the server listens on 127.0.0.1.
        connections: How many sockets.
        seconds: How long to measure, after half a second of the same that does not count.
        request: Name of the protocol that is asked again and again; None: only receive pushes.
        c2s: The request's content.
        setup: Requests made once on each connection before, as [name, c2s].
        rsa_key: File of the key; with it connections speak AES_CBC.
        is_bare: The server knows no InitConnect.
    """

    port: int
    connections: int
    seconds: float
    request: str | None = None
    c2s: dict[str, Any] = field(default_factory=dict)
    setup: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rsa_key: str | None = None
    is_bare: bool = False


@dataclass
class Outcome:
    """What came back while the clock ran."""

    frames: int
    seconds: float
    reply_bytes: int
    """Of the last body."""


class Client:
    """One socket with its cipher and the next request's bytes.

    Args:
        plan: What it is part of.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.socket = socket.create_connection(("127.0.0.1", plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._cipher: Cipher = PlainCipher()
        self._buffer = b""
        self.last_body_bytes = 0
        if not plan.is_bare:
            self._initialise()
        for name, c2s in plan.setup:
            self._ask(name, c2s)
        self.request = self._frame(plan.request, plan.c2s) if plan.request else b""
        self._buffer = b""
        self.socket.setblocking(False)  # noqa: FBT003 - the socket's own signature

    def take(self) -> int:
        """Receive what is there and return the number of whole frames."""
        data = self._buffer + self.socket.recv(_RECEIVE_BYTES)
        start, count, end = 0, 0, len(data)
        while end - start >= HEADER_BYTES:
            length = int.from_bytes(data[start + 12 : start + 16], "little")
            if end - start < HEADER_BYTES + length:
                break
            start += HEADER_BYTES + length
            count += 1
            self.last_body_bytes = length
        self._buffer = data[start:]
        return count

    def _initialise(self) -> None:
        key = self._plan.rsa_key
        algorithm = Common.PacketEncAlgo_AES_CBC if key else Common.PacketEncAlgo_None
        if key:
            self._cipher = RsaCipher(parse_rsa_key(Path(key).read_text(encoding="ascii")))
        c2s = {"clientVer": 300, "clientID": "load", "packetEncAlgo": algorithm}
        reply = self._ask("InitConnect", c2s)
        if key:
            self._cipher = AesCbcCipher(reply.connAESKey.encode(), reply.aesCBCiv.encode())

    def _frame(self, name: str, c2s: dict[str, Any]) -> bytes:
        body = pb.message_type(f"{name}.Request")(c2s=c2s).SerializeToString()
        wire_body = self._cipher.encrypt(body)
        proto_id = ProtoId[name]
        return encode_frame(proto_id, BodyFormat.PROTOBUF, 1, body_digest(body), wire_body)

    def _ask(self, name: str, c2s: dict[str, Any]) -> Any:  # noqa: ANN401 - any message's S2C
        self.socket.sendall(self._frame(name, c2s))
        while True:
            header = self._exactly(HEADER_BYTES)
            body = self._exactly(int.from_bytes(header[_LENGTH], "little"))
            if int.from_bytes(header[2:6], "little") == ProtoId[name]:
                break
        response: Any = pb.message_type(f"{name}.Response")()
        response.ParseFromString(self._cipher.decrypt(body))
        if response.retType != 0:
            raise RuntimeError(f"{name}: {response.retMsg}")
        return response.s2c

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise RuntimeError("the server closed the connection")
            data += piece
        return data


def run(plan: Plan) -> Outcome:
    """Do it."""
    clients = {client.socket.fileno(): client for client in _connect(plan)}
    poll = select.epoll()
    for number, client in clients.items():
        poll.register(number, select.EPOLLIN)
        if client.request:
            client.socket.sendall(client.request)
    _exchange(clients, poll, _WARM_UP_S)
    print("started", flush=True)
    begin = time.perf_counter()
    frames = _exchange(clients, poll, plan.seconds)
    seconds = time.perf_counter() - begin
    return Outcome(frames, seconds, max(c.last_body_bytes for c in clients.values()))


def _connect(plan: Plan) -> list[Client]:
    return [Client(plan) for _ in range(plan.connections)]


def _exchange(clients: dict[int, Client], poll: select.epoll, seconds: float) -> int:
    frames = 0
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        for number, _ in poll.poll(left):
            client = clients[number]
            count = client.take()
            frames += count
            if client.request and count:
                client.socket.send(client.request)
    return frames


if __name__ == "__main__":
    print(json.dumps(asdict(run(Plan(**json.loads(sys.argv[1]))))), flush=True)
    sys.stdin.readline()  # the connections stay until whoever started us has looked
