"""A small blocking client on our own wire layer: no SDK, so that only the gateway is measured."""

import socket
import time
from typing import Final

from google.protobuf.message import Message

from gateway import pb
from gateway.wire import codec
from gateway.wire.ft_frame import BodyFormat, Frame, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId

_RECEIVE_BYTES: Final = 1 << 16
_MOST_BODY_BYTES: Final = 1 << 26
"""A list of all orders of a busy day is longer than any request may be."""


class BlockingClient:
    """One initialised, unencrypted connection that speaks protobuf.

    Args:
        port: Where the gateway listens on 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._frames = FrameReader(_MOST_BODY_BYTES)
        self._serial = 0
        reply = self.ask(ProtoId.InitConnect, clientVer=300, clientID="benchmark", packetEncAlgo=-1)
        self.conn_id: Final[int] = reply.s2c.connID  # type: ignore[attr-defined]

    def ask(self, proto_id: ProtoId, **c2s: object) -> Message:
        """Send a request, skip pushes and return the decoded Response.

        Raises:
            RuntimeError: It was refused.
        """
        self.send(proto_id, self.encode(proto_id, **c2s))
        reply = self._next_frame()
        while (reply.proto_id, reply.serial) != (proto_id, self._serial):
            reply = self._next_frame()
        response_type = pb.message_type(f"{proto_id.name}.Response")
        response = codec.decode(response_type, reply.body, BodyFormat.PROTOBUF)
        if response.retType != 0:  # type: ignore[attr-defined]
            raise RuntimeError(f"{proto_id.name}: {response.retMsg}")  # type: ignore[attr-defined]
        return response

    @staticmethod
    def encode(proto_id: ProtoId, **c2s: object) -> bytes:
        """The body of a request."""
        request = pb.message_type(f"{proto_id.name}.Request")(c2s=c2s)
        return codec.encode(request, BodyFormat.PROTOBUF)

    def send(self, proto_id: ProtoId, body: bytes) -> None:
        """Send a request without waiting for its reply."""
        self._serial += 1
        frame = encode_frame(proto_id, BodyFormat.PROTOBUF, self._serial, body_digest(body), body)
        self._socket.sendall(frame)

    def receive(self) -> Frame:
        """The next frame, whatever it is."""
        return self._next_frame()

    def read_pushes(self, seconds: float) -> int:
        """Receive for a while and return the number of frames."""
        count, until = 0, time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self._socket.settimeout(left)
            try:
                self._next_frame()
            except TimeoutError:
                break
            count += 1
        self._socket.settimeout(None)
        return count

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _next_frame(self) -> Frame:
        while (frame := self._frames.next_frame()) is None:
            data = self._socket.recv(_RECEIVE_BYTES)
            if not data:
                raise RuntimeError("the gateway closed the connection")
            self._frames.feed(data)
        return frame
