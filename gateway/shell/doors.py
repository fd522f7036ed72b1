"""Opens the ports that clients and operators come in by, and says where they are."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from ipaddress import ip_address

import trio

from gateway.config import Settings

Doors = dict[str, list[trio.SocketListener]]
"""Listeners by service: `api`, `telnet` …"""


async def open_doors(settings: Settings) -> Doors:
    """Listen on every configured port.

    Raises:
        ConfigError: A port cannot be opened.
    """
    doors = {"api": await _listen(settings, "api_port", settings.ip, settings.api_port)}
    if settings.telnet_port is not None:
        host, port = settings.telnet_ip, settings.telnet_port
        doors["telnet"] = await _listen(settings, "telnet_port", host, port)
    if settings.sim_admin_port is not None:
        _require_admin(settings)
        host, port = settings.sim_admin_ip, settings.sim_admin_port
        doors["admin"] = await _listen(settings, "sim_admin_port", host, port)
    if settings.websocket_port is not None and not lacks_tls(settings):
        host, port = settings.websocket_ip, settings.websocket_port
        doors["ws"] = await _listen(settings, "websocket_port", host, port)
    return doors


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


def lacks_tls(settings: Settings) -> bool:
    """Whether the WebSocket service must not start. Source: [D]."""
    is_wanted = settings.websocket_port is not None
    is_open = not ip_address(settings.websocket_ip).is_loopback
    return is_wanted and is_open and settings.websocket_cert is None


def address(listener: trio.SocketListener) -> str:
    """Where it really listens, as `host:port`."""
    host, port = listener.socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _listen(
    settings: Settings, element: str, host: str, port: int
) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        reason = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise settings.refusal(element, reason) from error


def accepting(
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
