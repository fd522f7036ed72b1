"""Builds one OpenD from its settings and runs it until it is told to stop."""

from __future__ import annotations

import signal
import sys
import time
from datetime import UTC, datetime
from datetime import time as clock_time
from functools import partial
from typing import Final, Protocol

import structlog
import trio

import gateway.handlers  # noqa: F401 - fills the registry
from gateway.banner import StartFacts, ready_line, start_lines
from gateway.config import Settings, read_rsa_key
from gateway.dispatch import Dispatcher
from gateway.log import configure_logging
from gateway.push import Publisher
from gateway.session.opend import OpenD
from gateway.session.roster import Roster
from gateway.shell.clock import GatewayClock
from gateway.shell.connection import FAREWELL_S, ConnectionServer
from gateway.shell.ticker import Ticker
from gateway.wire.ciphers import Cipher, PlainCipher, RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import BodyFormat
from simulator.domain import NS_PER_S
from simulator.engine import Engine
from simulator.market.data import MarketData
from simulator.timeline import OpenTimeline, Timeline, WallTimeline

_log: Final = structlog.get_logger()


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

    With `sim_start`, clock mode `open` begins at noon UTC of that date, which is the same date
    wherever we trade; its markets start on that date or on the last trading date before it.
    """
    if isinstance(settings.sim_clock, datetime):
        return int(settings.sim_clock.timestamp() * NS_PER_S)
    if settings.sim_clock == "open" and settings.sim_start is not None:
        noon = datetime.combine(settings.sim_start, clock_time(12), UTC)
        return int(noon.timestamp()) * NS_PER_S
    return time.time_ns()


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


def build_opend(settings: Settings, start_ns: int) -> OpenD:
    """The state of one OpenD as it starts."""
    market = MarketData(settings.sim_seed, make_timeline(settings, start_ns))
    return OpenD(
        market=market,
        engine=Engine(market, seed=settings.sim_seed),
        roster=Roster(settings.sim_seed),
        language=settings.lang,
        default_push_format=BodyFormat(settings.push_proto_type),
    )


async def run(settings: Settings, console: Console = sys.stdout) -> None:
    """Serve until SIGTERM, SIGINT or cancellation.

    Args:
        settings: The configuration.
        console: Gets the start lines.

    Raises:
        ConfigError: The key is unusable or the port cannot be opened.
    """
    configure_logging(settings.log_level)
    init_cipher = make_init_cipher(settings)
    start_ns = origin_ns(settings)
    clock = GatewayClock(start_ns, settings.sim_speed)
    opend = build_opend(settings, start_ns)
    publisher = Publisher(opend)
    ticker = Ticker(opend, publisher, clock)
    server = ConnectionServer(opend, Dispatcher(opend, publisher), ticker, clock, init_cipher)
    listeners = await _listen(settings)
    addresses = {"api": _address(listeners[0])}
    for warning in settings.warnings:
        _log.warning("configuration", text=warning)
    if settings.console:
        facts = StartFacts(
            language=settings.lang,
            start_ns=time.time_ns(),
            addresses=addresses,
            has_rsa_key=isinstance(init_cipher, RsaCipher),
            account=settings.login_account or str(opend.login.user_id),
            login=opend.login,
            subscription_quota=opend.subscriptions.quota,
        )
        console.write("".join(f"{line}\n" for line in start_lines(facts)))
    console.write(ready_line(addresses) + "\n")
    console.flush()

    async def accept(stream: trio.SocketStream) -> None:
        host, port = stream.socket.getpeername()[:2]
        stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
        await server.serve(stream, f"{host}:{port}")

    async with trio.open_nursery() as clients:
        async with trio.open_nursery() as background:
            background.start_soon(ticker.run)
            serve = partial(trio.serve_listeners, handler_nursery=clients)
            background.start_soon(serve, accept, listeners)
            await _stop_signal()
            background.cancel_scope.cancel()
        for connection in opend.roster:
            connection.close("server stops")
        clients.cancel_scope.deadline = trio.current_time() + FAREWELL_S
    _log.info("stopped")


async def _listen(settings: Settings) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(settings.api_port, host=settings.ip)
    except OSError as error:
        reason = f"cannot listen on {settings.ip}:{settings.api_port}: {error.strerror or error}"
        raise settings.refusal("api_port", reason) from error


def _address(listener: trio.SocketListener) -> str:
    host, port = listener.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _stop_signal() -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for signum in signals:
            _log.info("stopping", signal=signal.Signals(signum).name)
            return
