"""Who is connected."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

from gateway.session.connection import Connection, Outbox, Tap
from gateway.session.framing import Framing, TcpFraming
from gateway.wire.ciphers import Cipher

MAX_CONNECTIONS: Final = 128
"""Connections that one OpenD accepts. Source: [D]."""

_LEAST_ID: Final = 1 << 62


class RosterFullError(Exception):
    """One more client than OpenD takes."""


class RosterClosedError(RosterFullError):
    """No client is taken for the moment."""


def may_be_connection_id(number: int) -> bool:
    """Whether a gateway gives such ids to its connections; clients' own counts are far smaller."""
    return number >= _LEAST_ID


class Roster:
    """The live connections.

    Args:
        seed: Connection ids look random but repeat wherever a gateway is started afresh.
        run: How often the same state was started before; its connections had other ids.
    """

    def __init__(self, seed: int, run: int = 0) -> None:
        world = f"connections:{seed}:{run}" if run else f"connections:{seed}"
        self._random = random.Random(world)  # noqa: S311 - ids, not secrets
        self._connections: dict[int, Connection] = {}
        self._tap: Tap | None = None
        self.is_closed: Callable[[int], bool] | None = None
        """Says of a gateway time whether clients are turned away; None: never."""

    @property
    def tap(self) -> Tap | None:
        """What sees the frames of all connections, those to come included."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = tap
        for connection in self._connections.values():
            connection.tap = tap

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._connections.values()))

    def __len__(self) -> int:
        return len(self._connections)

    def open(
        self,
        peer: str,
        outbox: Outbox,
        init_cipher: Cipher,
        now_ns: int,
        framing: Framing | None = None,
    ) -> Connection:
        """Take in a new client, which speaks TCP's framing unless told otherwise.

        Raises:
            RosterFullError: There are `MAX_CONNECTIONS` already.
            RosterClosedError: Clients are turned away.

        Source: [O] connection ids are large random uint64.
        """
        if len(self._connections) >= MAX_CONNECTIONS:
            raise RosterFullError
        if self.is_closed is not None and self.is_closed(now_ns):
            raise RosterClosedError
        conn_id = self._random.getrandbits(62) | _LEAST_ID
        connection = Connection(conn_id, peer, now_ns, outbox, init_cipher, framing or TcpFraming())
        connection.tap = self._tap
        self._connections[conn_id] = connection
        return connection

    def get(self, conn_id: int) -> Connection | None:
        """The connection of that id, if it lives."""
        return self._connections.get(conn_id)

    def drop(self, connection: Connection) -> None:
        """Forget a connection that ended."""
        self._connections.pop(connection.conn_id, None)
