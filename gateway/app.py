"""Runs one OpenD until it is told to stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import structlog
import trio

import gateway.handlers  # noqa: F401 - fills the registry
from gateway.assembly import (
    build_opend,
    choose_quota,
    data_folder,
    make_init_cipher,
    make_listing,
    origin_ns,
)
from gateway.banner import (
    StartFacts,
    exit_line,
    notice_lines,
    ready_line,
    restored_line,
    start_lines,
)
from gateway.config import Settings
from gateway.config.accounts_file import read_accounts
from gateway.continuity import ClockState, Continuity
from gateway.log import configure_logging
from gateway.log_file import LogFile
from gateway.session.notices import Notice
from gateway.session.opend import OpenD
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import FAREWELL_S
from gateway.shell.doors import Doors, accepting, address, lacks_tls, open_doors, write_port_file
from gateway.shell.tls import make_tls_context
from gateway.shell.websocket import WebSocketDoor
from gateway.store.base import StoreError
from gateway.store.memory import MemoryStore
from gateway.wire.ciphers import RsaCipher
from gateway.world import World, configured_scenario
from gateway.worlds import WorldDoor, Worlds
from simulator.domain import NS_PER_S
from telnet_ops.server import serve_standard_input, serve_telnet

if TYPE_CHECKING:
    from gateway.admin import AdminApi

_log: Final = structlog.get_logger()

WRONG_PASSWORD_CODE: Final = 14
"""Source: [O]."""
STORE_FAILED_CODE: Final = 3


class Console(Protocol):
    """Where the start lines go."""

    def write(self, text: str, /) -> object:
        """Write text."""
        ...

    def flush(self) -> None:
        """Let it be seen."""
        ...


class App:
    """One running OpenD with its doors.

    Args:
        settings: The configuration.

    Raises:
        ConfigError: The RSA key, the certificate, the accounts, the scenario or the store is unusable.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._init_cipher = make_init_cipher(settings)
        call_soon = trio.lowlevel.current_trio_token().run_sync_soon
        self._continuity = Continuity(
            settings, data_folder(settings), call_soon, self._store_failed
        )
        begin = self._continuity.begin(origin_ns(settings))
        is_running = settings.sim_clock != "manual"
        self.clock = GatewayClock(begin.now_ns, settings.sim_speed, is_running=is_running)
        self._listing = make_listing(settings)
        self._accounts = read_accounts(settings)
        self.opend = build_opend(
            settings, begin, self._continuity.store, self._listing, self._accounts
        )
        self._restored = self._continuity.resume(self.opend, begin.now_ns)
        choose_quota(settings, self.opend, begin.now_ns)
        self._exit_code = 0
        self._say: Callable[[str], None] = lambda _text: None
        self.stop = trio.Event()
        self._world = self._make_world(self.opend, self.clock, self._tell_operator)
        self._scenario = configured_scenario(settings, self._world.scenarios)
        self._begin_scenario(self._world)
        self._worlds = Worlds(self._world, self._make_private_world)
        self._web_door = WebSocketDoor(self._world.web_server, make_tls_context(settings))
        if settings.sim_worlds != "off":
            self._world.desks.worlds = self._worlds
            self._world.console.elsewhere = lambda name: self._worlds.directed(name).place()

    def _make_world(
        self, opend: OpenD, clock: GatewayClock, tell_operator: Callable[[Notice], None]
    ) -> World:
        return World(self._settings, opend, clock, self._init_cipher, self.stop.set, tell_operator)

    def _begin_scenario(self, world: World) -> None:
        if self._scenario is not None:
            world.scenarios.start(self._scenario)

    def _make_private_world(self) -> World:
        """One that begins now, as a run of its own would, and keeps nothing.

        All that files say of worlds was read at the start: they may be gone by now.
        """
        settings = self._settings
        begin_ns = origin_ns(settings)
        begin = ClockState(begin_ns, begin_ns)
        opend = build_opend(settings, begin, MemoryStore(), self._listing, self._accounts)
        opend.restore((), begin_ns)
        choose_quota(settings, opend, begin_ns)
        is_running = settings.sim_clock != "manual"
        clock = GatewayClock(begin_ns, settings.sim_speed, is_running=is_running)
        world = self._make_world(opend, clock, lambda _notice: None)
        self._begin_scenario(world)
        world.log_in()
        return world

    async def serve(self, console: Console, doors: Doors) -> int:
        """Say which doors are open, log in and serve until `stop` is set.

        Args:
            console: Gets the start lines and the answers to what is typed.
            doors: From `open_doors`; closed on return.

        Returns:
            The exit code of the program: 14 at once if the password is wrong ([O]), 3
            if the store failed.
        """
        if self._settings.console:
            self._say = _writer(console)
        addresses = {name: address(listeners[0]) for name, listeners in doors.items()}
        self._announce(addresses)
        if not self._world.log_in():
            self._say(exit_line(self._settings.lang))
            for listener in (entry for listeners in doors.values() for entry in listeners):
                await listener.aclose()
            return WRONG_PASSWORD_CODE
        if self._settings.sim_port_file is not None:
            await write_port_file(self._settings, doors)
        console.write(ready_line(addresses) + "\n")
        console.flush()
        async with trio.open_nursery() as clients:
            async with trio.open_nursery() as background:
                background.start_soon(self._world.ticker.run)
                background.start_soon(self._worlds.run)
                serve = partial(trio.serve_listeners, handler_nursery=clients)
                background.start_soon(serve, accepting(self._door()), doors["api"])
                if "ws" in doors:
                    background.start_soon(serve, accepting(self._web_door.serve), doors["ws"])
                now_ns = self.clock.now_ns
                if "telnet" in doors:
                    background.start_soon(
                        partial(serve_telnet, settle=self._worlds.settle),
                        doors["telnet"],
                        self._world.console,
                        now_ns,
                    )
                if "admin" in doors:
                    background.start_soon(self._admin_api().serve, doors["admin"][0])
                if self._settings.console:
                    background.start_soon(
                        partial(serve_standard_input, settle=self._worlds.settle),
                        self._world.console,
                        now_ns,
                        self._say,
                    )
                await self.stop.wait()
                background.cancel_scope.cancel()
            for world in self._worlds:
                world.close_connections("server stops")
            clients.cancel_scope.deadline = trio.current_time() + FAREWELL_S
        return self._exit_code

    def _door(self) -> Callable[[trio.abc.Stream, str], Awaitable[None]]:
        """Who serves the clients that connect."""
        if self._settings.sim_worlds == "off":
            return self._world.server.serve
        return WorldDoor(self._worlds, self._init_cipher).serve

    def _admin_api(self) -> AdminApi:
        api = self._world.admin_api()
        if self._settings.sim_worlds != "off":
            api.elsewhere = lambda name: self._worlds.directed(name).admin_api()
        return api

    def close(self) -> None:
        """Let go of the store, once all is committed."""
        self._continuity.end(self.clock.now_ns())

    def _store_failed(self, error: StoreError) -> None:
        """Stop: what happens from now on could be told to nobody."""
        _log.error("store_failed", place=self._continuity.shown_place, reason=str(error))
        self._exit_code = STORE_FAILED_CODE
        self.stop.set()

    def _announce(self, addresses: dict[str, str]) -> None:
        settings = self._settings
        for warning in settings.warnings:
            _log.warning("configuration", text=warning)
        if not self.opend.trades_in_the_open:
            _log.warning("trading_refused", reason="the address is not local and lacks an RSA key")
        if lacks_tls(settings):
            _log.warning("websocket_not_started", reason="the address is not local and lacks TLS")
        facts = StartFacts(
            language=settings.lang,
            start_ns=time.time_ns(),
            addresses=addresses,
            has_rsa_key=isinstance(self._init_cipher, RsaCipher),
            account=settings.login_account or str(self.opend.login.user_id),
            web_socket_lacks_tls=lacks_tls(settings),
        )
        for line in start_lines(facts):
            self._say(line)
        if self._restored.orders:
            self._say(restored_line(self._settings.lang, self._restored))

    def _tell_operator(self, notice: Notice) -> None:
        for line in notice_lines(self.opend, notice):
            self._say(line)


async def run(settings: Settings, console: Console = sys.stdout) -> int:
    """Serve until SIGTERM, SIGINT, the command `exit` or cancellation.

    Args:
        settings: The configuration.
        console: Gets the start lines.

    Returns:
        The exit code of the program.

    Raises:
        ConfigError: The key is unusable or a port cannot be opened.
    """
    log_file = open_log(settings)
    configure_logging(settings.log_level, log_file)
    app = App(settings)
    try:
        doors = await open_doors(settings)
        async with trio.open_nursery() as nursery:
            await nursery.start(_stop_on_signal, app.stop)
            code = await app.serve(console, doors)
            nursery.cancel_scope.cancel()
    finally:
        app.close()
    _log.info("stopped")
    if log_file is not None:
        log_file.close()
    return code


def _today() -> date:
    return datetime.fromtimestamp(time.time_ns() / NS_PER_S, UTC).astimezone().date()


def open_log(settings: Settings) -> LogFile | None:
    """The log files, if `log_path` asks for them.

    Raises:
        ConfigError: The folder cannot be written.
    """
    if settings.log_path is None:
        return None
    try:
        return LogFile(settings.log_path, _today)
    except OSError as error:
        reason = f"the folder cannot be written: {error.strerror}"
        raise settings.refusal("log_path", reason) from error


def _writer(console: Console) -> Callable[[str], None]:
    def write(text: str) -> None:
        console.write(f"{text}\n")
        console.flush()

    return write


async def _stop_on_signal(
    stop: trio.Event, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for signum in signals:
            _log.info("stopping", signal=signal.Signals(signum).name)
            stop.set()
            return
