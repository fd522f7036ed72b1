"""`python -m gateway.health`: does the gateway of this container answer? For HEALTHCHECK.

It asks the API itself for a sign of life. Any answer is one, a refusal too, so that the check needs no RSA
key and counts as no client. It exits with 0, or with 1 and a line that says what is wrong.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Final

from gateway.errors import WireError
from gateway.wire.ft_frame import BodyFormat, FrameReader, body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId

PORT_FILE: Final = Path("/var/lib/opend/ports.json")
TIMEOUT_S: Final = 2.0
_READ_BYTES: Final = 4_096
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to ask instead


def find_api(port_file: Path) -> tuple[str, int]:
    """Where the API listens, as the gateway has written it.

    Raises:
        OSError: There is no such file: the gateway is not ready.
        ValueError: The file is none of a gateway.
    """
    content = json.loads(port_file.read_text(encoding="utf-8"))
    try:
        host, port = content["api"]["host"], int(content["api"]["port"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{port_file} names no API") from error
    return _LOOPBACK.get(host, host), port


def check(address: tuple[str, int]) -> None:
    """Ask once.

    Raises:
        OSError: Nobody listens, or there is no answer in time.
        WireError: Who answered is no OpenD.
    """
    body = b'{"c2s":{"time":0}}'
    request = encode_frame(ProtoId.KeepAlive, BodyFormat.JSON, 1, body_digest(body), body)
    reader = FrameReader()
    with socket.create_connection(address, TIMEOUT_S) as connection:
        connection.sendall(request)
        while reader.next_frame() is None:
            data = connection.recv(_READ_BYTES)
            if not data:
                raise ConnectionResetError("the gateway has closed the connection")
            reader.feed(data)


def main() -> int:
    """Return the exit code."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PORT_FILE
    try:
        check(find_api(path))
    except (OSError, ValueError, WireError) as error:
        sys.stderr.write(f"unhealthy: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
