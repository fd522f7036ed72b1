"""Private worlds: clients of one id share an OpenD of their own and see nothing of the others.

A world begins with the first who asks for it, a client or a command, with its own accounts, orders,
quotas, watch lists, clock and interventions, and is forgotten a while after the last one left. What
all have in common are the lists of securities and the seeded market's caches, which nobody changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final

import structlog
import trio

from gateway.errors import BodyError, WireError
from gateway.pb import InitConnect
from gateway.session.framing import Framing
from gateway.shell.connection import INIT_TIMEOUT_S, Link, TcpLink
from gateway.wire import codec
from gateway.wire.ciphers import Cipher
from gateway.wire.ft_frame import Frame
from gateway.wire.proto_ids import ProtoId
from gateway.world import World
from telnet_ops.registry import UsageError
from telnet_ops.texts import TOO_MANY_WORLDS
from telnet_ops.worlds import WorldReport

_log: Final = structlog.get_logger()

MAX_WORLDS: Final = 256
"""More is a client that makes up names ([I])."""
LINGER_S: Final = 60.0
"""How long a world outlives its last connection and command, in real time: SDKs reconnect."""
_LOOK_S: Final = 5.0
COMMON: Final = ""
"""The world of those that name none."""


class TooManyWorldsError(Exception):
    """One more world than there may be."""


@dataclass(slots=True)
class _Entry:
    world: World
    running: trio.CancelScope
    visitors: int = 0
    used_s: float = 0.0


class Worlds:
    """All worlds of one program.

    Args:
        common: For those that name none; it is always there.
        make: Makes another one.
    """

    def __init__(self, common: World, make: Callable[[], World]) -> None:
        self._common = common
        self._make = make
        self._entries: dict[str, _Entry] = {}
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Let worlds live, and forget those that nobody uses, until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            for entry in self._entries.values():
                nursery.start_soon(self._live, entry)
            while True:
                await trio.sleep(_LOOK_S)
                limit_s = trio.current_time() - LINGER_S
                for name, entry in tuple(self._entries.items()):
                    if not entry.visitors and entry.used_s <= limit_s:
                        self.end(name)

    def __iter__(self) -> Iterator[World]:
        return iter((self._common, *(entry.world for entry in self._entries.values())))

    def find(self, name: str) -> World:
        """The world of a name, a new one if there is none.

        Raises:
            TooManyWorldsError: There are `MAX_WORLDS` already.
        """
        return self._common if name == COMMON else self._use(name).world

    def directed(self, name: str) -> World:
        """The same for an operator; raises UsageError."""
        try:
            return self.find(name)
        except TooManyWorldsError:
            raise UsageError(TOO_MANY_WORLDS, limit=str(MAX_WORLDS)) from None

    def end(self, name: str) -> bool:
        """End a world and its connections; False if there is none."""
        entry = self._entries.pop(name, None)
        if entry is None:
            return False
        entry.running.cancel()
        entry.world.close_connections("its world ended")
        _log.info("world_ended", world=name)
        return True

    def report(self) -> tuple[WorldReport, ...]:
        """The private worlds, oldest first."""
        return tuple(
            WorldReport(name, len(entry.world.opend.roster), entry.world.clock.now_ns())
            for name, entry in self._entries.items()
        )

    async def settle(self) -> None:
        """Wait until all that was asked for anywhere has happened and was told."""
        for world in tuple(self):
            await world.ticker.settle()

    async def serve(self, name: str, link: Link, peer: str) -> None:
        """Serve a client in the world of a name; see `ConnectionServer.serve_link`."""
        if name == COMMON:
            await self._common.server.serve_link(link, peer)
            return
        entry = self._use(name)
        entry.visitors += 1
        try:
            await entry.world.server.serve_link(link, peer)
        finally:
            entry.visitors -= 1
            entry.used_s = trio.current_time()

    def _use(self, name: str) -> _Entry:
        entry = self._entries.get(name)
        if entry is None:
            if len(self._entries) >= MAX_WORLDS:
                raise TooManyWorldsError
            entry = self._entries[name] = _Entry(self._make(), trio.CancelScope())
            _log.info("world_begun", world=name)
            if self._nursery is not None:
                self._nursery.start_soon(self._live, entry)
        entry.used_s = trio.current_time()
        return entry

    @staticmethod
    async def _live(entry: _Entry) -> None:
        with entry.running:
            await entry.world.ticker.run()


class WorldDoor:
    """Lets each client into the world of the id that it gives in InitConnect.

    Args:
        worlds: All there are.
        init_cipher: Of InitConnect.
    """

    def __init__(self, worlds: Worlds, init_cipher: Cipher) -> None:
        self._worlds = worlds
        self._init_cipher = init_cipher

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Serve one TCP client; who does not begin with InitConnect is in the common world."""
        link = TcpLink(stream)
        try:
            frames = await self._first_frames(link)
        except (WireError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            _log.warning("connection_refused", peer=peer, reason=repr(error))
            frames = None
        if frames is None:
            await link.abort()
            return
        first, rest = frames
        again = _Resumed(link, chain((first,), rest))
        try:
            await self._worlds.serve(client_id_of(first, self._init_cipher), again, peer)
        except TooManyWorldsError:
            _log.warning("connection_refused", peer=peer, reason="too many worlds")
            await link.abort()

    @staticmethod
    async def _first_frames(link: TcpLink) -> tuple[Frame, Iterator[Frame]] | None:
        with trio.move_on_after(INIT_TIMEOUT_S):
            while (frames := await link.receive()) is not None:
                for first in frames:
                    return first, frames
        return None


class _Resumed:
    """A link of which some frames have been read already."""

    def __init__(self, link: Link, frames: Iterator[Frame]) -> None:
        self._link = link
        self._frames: Iterator[Frame] | None = frames

    @property
    def framing(self) -> Framing:
        """The link's own."""
        return self._link.framing

    @property
    def joined_bytes(self) -> int:
        """The link's own."""
        return self._link.joined_bytes

    async def receive(self) -> Iterator[Frame] | None:
        """The frames that were read before, then those that come."""
        frames, self._frames = self._frames, None
        return await self._link.receive() if frames is None else frames

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        await self._link.send(data)

    def send_now(self, data: bytes) -> int:
        """Send what goes out at once."""
        return self._link.send_now(data)

    async def say_goodbye(self) -> None:
        """Tell the client that this is the end."""
        await self._link.say_goodbye()

    async def abort(self) -> None:
        """Close without a word."""
        await self._link.abort()


def client_id_of(frame: Frame, init_cipher: Cipher) -> str:
    """The client id in InitConnect; nothing in any other frame, or one that is not understood."""
    if frame.proto_id != ProtoId.InitConnect:
        return COMMON
    body = frame.body
    with suppress(WireError):
        body = init_cipher.decrypt(body)
    try:
        return codec.decode(InitConnect.Request, body, frame.body_format).c2s.clientID
    except BodyError:
        return COMMON
