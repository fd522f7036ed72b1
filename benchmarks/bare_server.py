"""The yardstick: what Python and trio can do at best.

    python -m benchmarks.bare_server body_bytes

A server that reads the same 44-byte header, checks the SHA-1 of the body and sends a reply body of
that many bytes, made beforehand, under the request's serial number. It knows nothing else: no
InitConnect, no schema, no state. It says its port on the first line of its output.
"""

import hashlib
import struct
import sys
from contextlib import suppress
from typing import Final

import trio

_HEADER: Final = struct.Struct("<2sIBBII20s8s")
_RECEIVE_BYTES: Final = 1 << 16


class BareServer:
    """Echoes one body.

    Args:
        body: Of every reply.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._digest = hashlib.sha1(body, usedforsecurity=False).digest()

    async def serve(self, stream: trio.SocketStream) -> None:
        """Answer one client until it leaves."""
        stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
        with suppress(trio.BrokenResourceError):
            await self._exchange(stream)

    async def _exchange(self, stream: trio.SocketStream) -> None:
        buffer = bytearray()
        while data := await stream.receive_some(_RECEIVE_BYTES):
            buffer += data
            if replies := self._answers(buffer):
                await stream.send_all(replies)

    def _answers(self, buffer: bytearray) -> bytes:
        replies = []
        while len(buffer) >= _HEADER.size:
            magic, proto_id, body_format, version, serial, length, digest, reserved = (
                _HEADER.unpack_from(buffer)
            )
            end = _HEADER.size + length
            if len(buffer) < end:
                break
            body = bytes(buffer[_HEADER.size : end])
            del buffer[:end]
            if magic != b"FT" or hashlib.sha1(body, usedforsecurity=False).digest() != digest:
                raise ValueError("not a frame")
            size = len(self._body)
            replies.append(
                _HEADER.pack(
                    magic, proto_id, body_format, version, serial, size, self._digest, reserved
                )
            )
            replies.append(self._body)
        return b"".join(replies)


async def main(body_bytes: int) -> None:
    """Serve until killed."""
    server = BareServer(bytes(body_bytes))
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print(f"bare server ready: {listeners[0].socket.getsockname()[1]}", flush=True)
    await trio.serve_listeners(server.serve, listeners)


if __name__ == "__main__":
    trio.run(main, int(sys.argv[1]))
