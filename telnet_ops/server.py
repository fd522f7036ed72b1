"""Serves the console over telnet streams and on standard input; the only module here that waits."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog
import trio

from telnet_ops.console import Console
from telnet_ops.telnet import MAX_LINE_BYTES, LineTooLongError, TelnetReader, encode_reply
from telnet_ops.texts import INTERNAL_ERROR, LINE_TOO_LONG

# None of these figures is documented [I].
MAX_CONSOLES: Final = 32  # operators and their scripts; far below the 128 API connections
IDLE_LIMIT_S: Final = 3600.0  # scripts keep one console open and ask now and then
WRITE_LIMIT_S: Final = 10.0  # a client that reads nothing for so long is given up
GRACE_S: Final = 0.25  # for the answer to `exit`, inside the second a stop may take
FOREGROUND_CHECK_S: Final = 1.0  # how often a program in the background looks for its terminal

_CHUNK_BYTES: Final = 4_096

log = structlog.get_logger(__name__)


Settle = Callable[[], Awaitable[None]]
"""Waits until all that a command caused has happened and was told."""


async def _at_once() -> None:
    """For a program without effects to wait for."""


async def serve_telnet(
    listeners: Sequence[trio.SocketListener],
    console: Console,
    now_ns: Callable[[], int],
    settle: Settle = _at_once,
) -> None:
    """Serve every client of the listeners until cancelled; close the listeners then.

    Clients beyond `MAX_CONSOLES` are closed at once.

    Args:
        listeners: bound to the configured `telnet_ip` and `telnet_port`.
        console: shared by all clients.
        now_ns: the clock, UTC nanoseconds.
        settle: awaited before each answer.
    """
    places = trio.CapacityLimiter(MAX_CONSOLES)

    async def serve_if_free(stream: trio.SocketStream) -> None:
        try:
            places.acquire_nowait()
        except trio.WouldBlock:
            log.warning("console_refused", limit=MAX_CONSOLES)
            await stream.aclose()
            return
        try:
            await serve_console(stream, console, now_ns, settle)
        finally:
            places.release()

    await trio.serve_listeners(serve_if_free, list(listeners))


async def serve_console(
    stream: trio.abc.Stream,
    console: Console,
    now_ns: Callable[[], int],
    settle: Settle = _at_once,
) -> None:
    """Serve one telnet client until it leaves, idles, stops reading or sends an endless line.

    The stream is closed in every case. Nothing that the client does raises.
    """
    async with stream:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            await _converse(stream, console, now_ns, settle)


async def _converse(
    stream: trio.abc.Stream, console: Console, now_ns: Callable[[], int], settle: Settle
) -> None:
    reader = TelnetReader()
    while True:
        with trio.fail_after(IDLE_LIMIT_S):
            data = await stream.receive_some(_CHUNK_BYTES)
        if not data:
            return
        try:
            lines = reader.feed(bytes(data))
        except LineTooLongError:
            await _send(stream, LINE_TOO_LONG.in_language(console.language))
            return
        for line in lines:
            answer = _answer(console, line, now_ns())
            await settle()
            await _send(stream, answer)


def _answer(console: Console, line: str, now_ns: int) -> str:
    """Execute a line; a defect in a command is logged and told, and the console lives on."""
    try:
        return console.execute(line, now_ns)
    except Exception:
        log.exception("console_command_failed")
        return INTERNAL_ERROR.in_language(console.language)


async def _send(stream: trio.abc.Stream, text: str) -> None:
    """Send an answer; the one to `exit` leaves although everything is being cancelled."""
    if not text:
        return
    is_stopping = trio.current_effective_deadline() == -math.inf
    with trio.fail_after(GRACE_S if is_stopping else WRITE_LIMIT_S) as limit:
        limit.shield = is_stopping
        await stream.send_all(encode_reply(text))


async def serve_standard_input(
    console: Console,
    now_ns: Callable[[], int],
    write: Callable[[str], None],
    descriptor: int = 0,
    settle: Settle = _at_once,
) -> None:
    r"""Serve whoever types into the program, until the input ends; cancellable at any time.

    Input that is closed, empty or `/dev/null` simply ends. Lines end with `\n` and are UTF-8.

    Args:
        console: shared with the telnet clients.
        now_ns: the clock, UTC nanoseconds.
        write: shows one answer, which may have several lines and has no last line end.
        descriptor: what to read from; standard input unless told otherwise.
        settle: awaited before each answer.
    """
    if descriptor == 0 and sys.stdin is None:  # closed at start: the number may be a socket by now
        return
    pending = bytearray()
    with suppress(OSError):
        while data := await _read(descriptor):
            pending += data
            *lines, rest = pending.split(b"\n")
            for line in lines:
                answer = _answer(console, line.decode(errors="replace"), now_ns())
                await settle()
                if answer:
                    write(answer)
            pending = rest
            if len(pending) > MAX_LINE_BYTES:
                write(LINE_TOO_LONG.in_language(console.language))
                return


async def _read(descriptor: int) -> bytes:
    """Wait for input without holding up the program; empty at the end of the input."""
    while True:
        try:
            await trio.lowlevel.wait_readable(descriptor)
        except PermissionError:  # a file or /dev/null: epoll refuses it, and reading never waits
            await trio.lowlevel.checkpoint()
        if _may_read(descriptor):
            return os.read(descriptor, _CHUNK_BYTES)
        await trio.sleep(FOREGROUND_CHECK_S)


def _may_read(descriptor: int) -> bool:
    """Return False in the background of a terminal, where reading would stop the whole program."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # no terminal, or not the one that controls this program
        return True
