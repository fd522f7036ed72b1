"""Console commands over protocol 1008, with JSON bodies: all that takes no SDK and no protobuf.

Each command has a connection of its own, so that commands which cut connections, or a gateway that was
restarted, leave nothing broken behind.
"""

from __future__ import annotations

import hashlib
import json
import socket
import struct
from typing import Final

from opend_pytest.process import Address

INIT_CONNECT: Final = 1001
TEST_COMMAND: Final = 1008
_HEADER: Final = struct.Struct("<2sIBBII20s8s")
_JSON: Final = 1


class ControlError(RuntimeError):
    """The gateway could not be asked, or it refused."""


class CommandLink:
    """Sends commands to one gateway.

    Args:
        address: Where its API listens.
        timeout_s: How long an answer may take; a clock that is moved far takes its time.
    """

    def __init__(self, address: Address, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s

    def run(self, name: str, parameters: str) -> str:
        """Run one command and return the console's answer, after all its effects were sent.

        Raises:
            ControlError: There was no answer, or a failure.
        """
        try:
            with socket.create_connection(self._address, self._timeout_s) as connection:
                hello = {"clientVer": 1000, "clientID": "opend-pytest", "recvNotify": False}
                _ask(connection, INIT_CONNECT, hello)
                answer = _ask(connection, TEST_COMMAND, {"cmd": name, "paramStr": parameters})
        except OSError as error:
            raise ControlError(f"{name}: {error}") from error
        return str(answer.get("resultStr", ""))


def _ask(connection: socket.socket, proto_id: int, c2s: dict[str, object]) -> dict[str, object]:
    body = json.dumps({"c2s": c2s}).encode()
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    connection.sendall(
        _HEADER.pack(b"FT", proto_id, _JSON, 0, proto_id, len(body), digest, bytes(8)) + body
    )
    while True:
        _, answered, _, _, serial, length, _, _ = _HEADER.unpack(_read(connection, _HEADER.size))
        content = _read(connection, length)
        if (answered, serial) == (proto_id, proto_id):
            break
    reply = json.loads(content)
    if reply["retType"] != 0:
        raise ControlError(str(reply.get("retMsg", reply["retType"])))
    s2c: dict[str, object] = reply["s2c"]
    return s2c


def _read(connection: socket.socket, count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        piece = connection.recv(count - len(pieces))
        if not piece:
            raise ConnectionResetError("the gateway has closed the connection")
        pieces += piece
    return bytes(pieces)
