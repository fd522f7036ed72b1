"""Builds one OpenD from its settings and runs it until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock_time
from functools import partial
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import structlog
import trio

import gateway.handlers  # noqa: F401 - fills the registry
from gateway.banner import (
    StartFacts,
    exit_line,
    notice_lines,
    ready_line,
    restored_line,
    start_lines,
)
from gateway.config import Settings, read_rsa_key
from gateway.config.accounts_file import read_accounts
from gateway.continuity import ClockState, Continuity
from gateway.control import Driver, GatewayControl
from gateway.dispatch import Dispatcher
from gateway.log import configure_logging
from gateway.log_file import LogFile
from gateway.market_sources import make_source
from gateway.operations import Operations
from gateway.picture import PICTURE_NAME, write_picture
from gateway.push import Publisher
from gateway.session.delays import Delays, next_reset_ns
from gateway.session.limits import RateLimiter
from gateway.session.login import Hurdle, Login, LoginScript, password_digest
from gateway.session.notices import Notice, ProgramStatus
from gateway.session.opend import OpenD
from gateway.session.pacing import Pacing
from gateway.session.quotas import HistoryQuota, quota_by_assets, real_assets
from gateway.session.quote_access import QuoteAccess
from gateway.session.quote_rights import QuoteRights
from gateway.session.relay import Relay
from gateway.session.roster import Roster
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import FAREWELL_S, ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.shell.tls import make_tls_context
from gateway.shell.websocket import RelayedReceiver, WebSocketDoor
from gateway.store.base import Store, StoreError
from gateway.wire.ciphers import Cipher, PlainCipher, RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import BodyFormat
from simulator.domain import NS_PER_DAY, NS_PER_S
from simulator.engine import Engine
from simulator.market.data import MarketData
from simulator.market.long_tail import full_universe
from simulator.market.universe import Universe, default_universe
from simulator.timeline import OpenTimeline, Timeline, WallTimeline
from telnet_ops.console import Console as OpsConsole
from telnet_ops.server import serve_standard_input, serve_telnet

if TYPE_CHECKING:
    from gateway.admin import AdminApi

_log: Final = structlog.get_logger()

WRONG_PASSWORD_CODE: Final = 14
"""Source: [O]."""
STORE_FAILED_CODE: Final = 3
FIRST_MANUAL_DAY: Final = date(2026, 1, 15)

Doors = dict[str, list[trio.SocketListener]]
"""Listeners by service: `api`, `telnet` …"""


class Console(Protocol):
    """Where the start lines go."""

    def write(self, text: str, /) -> object:
        """Write text."""
        ...

    def flush(self) -> None:
        """Let it be seen."""
        ...


def origin_ns(settings: Settings) -> int:
    """The gateway time at which this run starts: the wall's, or what the settings say.

    With a date as `sim_start`, clock mode `open` begins at noon UTC of that date, which is the same
    date wherever we trade; its markets start on that date or on the last trading date before it.
    Clock mode `manual` begins at 9:30 in Hong Kong, on 2026-01-15 unless told otherwise, so that
    every run is the same.
    """
    start = settings.sim_start
    if isinstance(settings.sim_clock, datetime):
        start = settings.sim_clock
    elif settings.sim_clock == "manual":
        start = start or FIRST_MANUAL_DAY
        if not isinstance(start, datetime):
            start = datetime.combine(start, clock_time(1, 30), UTC)
    elif settings.sim_clock == "wall" or start is None:
        return time.time_ns()
    elif not isinstance(start, datetime):
        start = datetime.combine(start, clock_time(12), UTC)
    return int(start.timestamp() * NS_PER_S)


def make_timeline(settings: Settings, start_ns: int) -> Timeline:
    """How the markets' clocks follow the gateway's, by `sim_clock`."""
    return OpenTimeline(start_ns) if settings.sim_clock == "open" else WallTimeline()


def make_init_cipher(settings: Settings) -> Cipher:
    """The cipher of InitConnect.

    Raises:
        ConfigError: The key file cannot be read or holds no usable key.
    """
    pem = read_rsa_key(settings)
    if pem is None:
        return PlainCipher()
    try:
        return RsaCipher(parse_rsa_key(pem))
    except ValueError as error:
        raise settings.refusal("rsa_private_key", str(error)) from error


def make_universe(settings: Settings) -> Universe:
    """What is listed, by `sim_universe_size`."""
    return default_universe() if settings.sim_universe_size == "named" else full_universe()


def make_market(settings: Settings, timeline: Timeline) -> MarketData:
    """The market that `sim_source` and `sim_universe_size` describe.

    Raises:
        ConfigError: There is no such source, or its files cannot be used.
    """
    try:
        source, universe = make_source(
            settings.sim_source, settings.sim_seed, make_universe(settings)
        )
    except ValueError as error:
        raise settings.refusal("sim_source", str(error)) from error
    return MarketData(universe, timeline, source)


def build_opend(settings: Settings, clock: ClockState, store: Store) -> OpenD:
    """The state of one OpenD as it starts."""
    timeline = make_timeline(settings, clock.origin_ns)
    market = make_market(settings, timeline)
    rights = QuoteRights.named((settings.sim_quote_rights or {}).items())
    return OpenD(
        market=market,
        engine=Engine(market, read_accounts(settings), seed=settings.sim_seed),
        roster=Roster(settings.sim_seed),
        language=settings.lang,
        default_push_format=BodyFormat(settings.push_proto_type),
        limiter=make_limiter(settings),
        login=make_login(settings),
        quote_access=QuoteAccess(rights, settings.auto_hold_quote_right),
        delays=Delays(next_reset_ns=next_reset_ns(clock.now_ns)),
        store=store,
        price_reminder_push=settings.price_reminder_push,
        futures_zone=futures_zone(settings.future_trade_api_time_zone),
        pacing=Pacing(push_interval_ns(settings)),
        has_paper_accounts=settings.simulate_trade == "enable",
        trades_in_the_open=may_trade(settings),
        history_quota=HistoryQuota(int(settings.sim_history_quota_days) * NS_PER_DAY),
    )


def push_interval_ns(settings: Settings) -> int | None:
    """The least interval of a stream's pushes, by `qot_push_frequency`."""
    milliseconds = settings.qot_push_frequency
    return None if milliseconds is None else milliseconds * NS_PER_S // 1000


def may_trade(settings: Settings) -> bool:
    """Whether trade interfaces answer: not on an address that others reach, unless with a key.

    Source: [D]; the exception is our own.
    """
    is_local = ip_address(settings.ip).is_loopback
    return is_local or settings.rsa_private_key is not None or settings.sim_trade_without_rsa


def choose_quota(settings: Settings, opend: OpenD, now_ns: int) -> int:
    """Units of the subscription quota and of the history quota, by `sim_quota_tier`."""
    if settings.sim_quota_tier == "assets":
        return quota_by_assets(real_assets(opend.engine, now_ns))
    return int(settings.sim_quota_tier)


def futures_zone(name: str) -> timezone:
    """The zone of `UTC`, `UTC+8` or `UTC-11`."""
    return timezone(timedelta(hours=int(name.removeprefix("UTC") or 0)))


def data_folder(settings: Settings) -> Path:
    """Where files of this run go: not where the real OpenD keeps its own ([P] Verification.proto)."""
    return settings.sim_data_dir or Path.home() / ".opend-emulator"


def make_login(settings: Settings) -> Login:
    """The login as it stands before it begins. Source: [D] the MD5 counts before the password."""
    given = settings.login_pwd_md5.get_secret_value() if settings.login_pwd_md5 else None
    if given is None and settings.login_pwd is not None:
        given = password_digest(settings.login_pwd.get_secret_value())
    expected = settings.sim_login_password
    script = LoginScript(
        hurdles=tuple(map(Hurdle, settings.sim_login)),
        expected_md5=password_digest(expected.get_secret_value()) if expected else None,
        picture_code=settings.sim_picture_code,
        phone_code=settings.sim_phone_code,
        show_picture=partial(write_picture, data_folder(settings)),
    )
    login = Login(status=ProgramStatus.LOADED, script=script, password_md5=given)
    if settings.sim_trade_password_md5 is not None:
        login.trade_password_md5 = settings.sim_trade_password_md5.get_secret_value()
    return login


def make_limiter(settings: Settings) -> RateLimiter | None:
    """What counts requests, by `sim_limits`.

    `on` leaves out the least distance of two orders. A client of the real OpenD keeps it by waiting
    for the reply, which comes from far away; ours is there within a few milliseconds, so programs
    that place one order after another would be refused here only.
    """
    if settings.sim_limits == "off":
        return None
    return RateLimiter(keeps_spacing=settings.sim_limits == "strict")


class App:
    """One running OpenD with its doors.

    Args:
        settings: The configuration.

    Raises:
        ConfigError: The RSA key, the certificate or the store is unusable.
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
        self.opend = build_opend(settings, begin, self._continuity.store)
        self._restored = self._continuity.resume(self.opend, begin.now_ns)
        quota = choose_quota(settings, self.opend, begin.now_ns)
        self.opend.subscriptions.quota = self.opend.login.history_quota = quota
        self._exit_code = 0
        self._say: Callable[[str], None] = lambda _text: None
        self._publisher = publisher = Publisher(self.opend, self._tell_operator)
        self._ticker = Ticker(self.opend, publisher, self.clock)
        dispatcher = Dispatcher(self.opend, publisher)
        self._server = ConnectionServer(
            self.opend, dispatcher, self._ticker, self.clock, self._init_cipher
        )
        self._web_door = self._make_web_door(dispatcher)
        self.stop = trio.Event()
        self._target = target = Operations(
            self.opend,
            self.clock.now_ns,
            self.stop.set,
            self._ticker.wake,
            str(data_folder(settings) / PICTURE_NAME),
            GatewayControl(
                self.opend, self.clock, Driver(self._ticker.wake, self._ticker.set_grain)
            ),
        )
        self._operations = OpsConsole(target)
        self.opend.run_command = partial(self._operations.execute, may_write_files=False)

    def _make_web_door(self, dispatcher: Dispatcher) -> WebSocketDoor:
        key = self._settings.websocket_key_md5
        relay = Relay(key.get_secret_value() if key else None, self._settings.lang)
        receiver = RelayedReceiver(relay, dispatcher)
        server = ConnectionServer(self.opend, receiver, self._ticker, self.clock, PlainCipher())
        return WebSocketDoor(server, make_tls_context(self._settings))

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
        addresses = {name: _address(listeners[0]) for name, listeners in doors.items()}
        self._announce(addresses)
        if not self._log_in():
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
                background.start_soon(self._ticker.run)
                serve = partial(trio.serve_listeners, handler_nursery=clients)
                background.start_soon(serve, _accepting(self._server.serve), doors["api"])
                if "ws" in doors:
                    background.start_soon(serve, _accepting(self._web_door.serve), doors["ws"])
                now_ns = self.clock.now_ns
                if "telnet" in doors:
                    background.start_soon(
                        partial(serve_telnet, settle=self._ticker.settle),
                        doors["telnet"],
                        self._operations,
                        now_ns,
                    )
                if "admin" in doors:
                    background.start_soon(self._admin_api().serve, doors["admin"][0])
                if self._settings.console:
                    background.start_soon(
                        partial(serve_standard_input, settle=self._ticker.settle),
                        self._operations,
                        now_ns,
                        self._say,
                    )
                await self.stop.wait()
                background.cancel_scope.cancel()
            self._publisher.publish(())
            for connection in self.opend.roster:
                connection.close("server stops")
            clients.cancel_scope.deadline = trio.current_time() + FAREWELL_S
        return self._exit_code

    def _admin_api(self) -> AdminApi:
        from gateway.admin import AdminApi  # noqa: PLC0415 - a quarter of a second, for who needs it

        return AdminApi(self._operations, self._target, self.clock.now_ns, self._ticker.settle)

    def close(self) -> None:
        """Let go of the store, once all is committed."""
        self._continuity.end(self.clock.now_ns())

    def _store_failed(self, error: StoreError) -> None:
        """Stop: what happens from now on could be told to nobody."""
        _log.error("store_failed", place=self._continuity.shown_place, reason=str(error))
        self._exit_code = STORE_FAILED_CODE
        self.stop.set()

    async def open_doors(self) -> Doors:
        """Listen on every configured port.

        Raises:
            ConfigError: A port cannot be opened.
        """
        settings = self._settings
        doors = {"api": await _listen(settings, "api_port", settings.ip, settings.api_port)}
        if settings.telnet_port is not None:
            host, port = settings.telnet_ip, settings.telnet_port
            doors["telnet"] = await _listen(settings, "telnet_port", host, port)
        if settings.sim_admin_port is not None:
            _require_admin(settings)
            host, port = settings.sim_admin_ip, settings.sim_admin_port
            doors["admin"] = await _listen(settings, "sim_admin_port", host, port)
        if settings.websocket_port is not None and not _lacks_tls(settings):
            host, port = settings.websocket_ip, settings.websocket_port
            doors["ws"] = await _listen(settings, "websocket_port", host, port)
        return doors

    def _announce(self, addresses: dict[str, str]) -> None:
        settings = self._settings
        for warning in settings.warnings:
            _log.warning("configuration", text=warning)
        if not self.opend.trades_in_the_open:
            _log.warning("trading_refused", reason="the address is not local and lacks an RSA key")
        if _lacks_tls(settings):
            _log.warning("websocket_not_started", reason="the address is not local and lacks TLS")
        facts = StartFacts(
            language=settings.lang,
            start_ns=time.time_ns(),
            addresses=addresses,
            has_rsa_key=isinstance(self._init_cipher, RsaCipher),
            account=settings.login_account or str(self.opend.login.user_id),
            web_socket_lacks_tls=_lacks_tls(settings),
        )
        for line in start_lines(facts):
            self._say(line)
        if self._restored.orders:
            self._say(restored_line(self._settings.lang, self._restored))

    def _log_in(self) -> bool:
        """Go as far towards the login as it goes by itself; False if the password is wrong."""
        self.opend.login.log_in()
        self._publisher.publish(())
        return self.opend.login.status is not ProgramStatus.LOGIN_FAILED

    def _tell_operator(self, notice: Notice) -> None:
        for line in notice_lines(self.opend, notice):
            self._say(line)


def _require_admin(settings: Settings) -> None:
    """Refuse an admin port that cannot be served for want of its packages.

    Raises:
        ConfigError: They are not installed.
    """
    missing = [name for name in ("hypercorn", "starlette") if find_spec(name) is None]
    if missing:
        hint = "pip install 'opend-emulator[admin]'"
        raise settings.refusal(
            "sim_admin_port", f"the Python package {missing[0]} is not installed: {hint}"
        )


async def write_port_file(settings: Settings, doors: Doors) -> None:
    """Write the real ports as JSON, whole or not at all: `{"api": {"host": …, "port": …}, …}`.

    Raises:
        ConfigError: The file cannot be written.
    """
    path = trio.Path(settings.sim_port_file or "")
    ports = {}
    for name, listeners in doors.items():
        host, port = listeners[0].socket.getsockname()[:2]
        ports[name] = {"host": host, "port": port}
    try:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        await draft.write_text(json.dumps({"pid": os.getpid(), **ports}) + "\n", encoding="utf-8")
        await draft.replace(path)
    except OSError as error:
        raise settings.refusal("sim_port_file", f"{error.strerror or error}") from error


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
        doors = await app.open_doors()
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


async def _listen(
    settings: Settings, element: str, host: str, port: int
) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        reason = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise settings.refusal(element, reason) from error


def _accepting(
    serve: Callable[[trio.abc.Stream, str], Awaitable[None]],
) -> Callable[[trio.SocketStream], Awaitable[None]]:
    """What to do with an accepted socket: serve it under its peer's name, without delaying writes."""

    async def accept(stream: trio.SocketStream) -> None:
        try:
            host, port = stream.socket.getpeername()[:2]
            stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
            notice_dead_peers(stream)
        except OSError:  # it left before it was accepted
            await trio.aclose_forcefully(stream)
            return
        await serve(stream, f"{host}:{port}")

    return accept


def notice_dead_peers(stream: trio.SocketStream) -> None:
    """Let the kernel ask after a silent client and end the connection if nobody is there.

    Silence itself is no fault: a client may only listen to pushes ([I]; SDKs send KeepAlive every 8 to
    10 seconds, raw clients need not). A dead one goes after two and a half minutes.
    """
    stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 3)):
        option = getattr(socket, name, None)  # the system may lack it
        if option is not None:
            stream.setsockopt(trio.socket.IPPROTO_TCP, option, value)


def _lacks_tls(settings: Settings) -> bool:
    """Whether the WebSocket service must not start. Source: [D]."""
    is_wanted = settings.websocket_port is not None
    is_open = not ip_address(settings.websocket_ip).is_loopback
    return is_wanted and is_open and settings.websocket_cert is None


def _address(listener: trio.SocketListener) -> str:
    host, port = listener.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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
