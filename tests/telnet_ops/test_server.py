"""The console is served to telnet streams and on standard input, and stops at once."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st

from telnet_ops import server
from telnet_ops.console import Console
from telnet_ops.server import serve_console, serve_standard_input, serve_telnet
from telnet_ops.target import PingResult
from tests.support.ops_target import FakeTarget

HELP_EXIT = "退出程序\r\nexit\r\n退出 OpenD 程序\r\n别名: quit\r\n".encode("gb2312")


def clock() -> int:
    return 0


async def read_exactly(stream: trio.abc.ReceiveStream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = await stream.receive_some(count - len(data))
        assert chunk, f"the stream ended after {data!r}"
        data += chunk
    return data


async def read_to_end(stream: trio.abc.ReceiveStream) -> bytes:
    return b"".join([bytes(chunk) async for chunk in stream])


async def test_answers_over_a_stream_until_the_client_leaves(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    """Lines in one packet are answered in order, a bare line feed by nothing."""
    client, served = trio.testing.memory_stream_pair()
    nursery.start_soon(serve_console, served, Console(FakeTarget(language="chs")), clock)
    await client.send_all(b"help -cmd=exit\r\n\r\nhelp -cmd=exit\r\nping\n")
    assert await read_exactly(client, 2 * len(HELP_EXIT)) == 2 * HELP_EXIT
    await client.aclose()


async def test_an_idle_client_is_closed(autojump_clock: trio.testing.MockClock) -> None:
    """A client that says nothing for an hour is let go; one that speaks starts a new hour."""
    client, served = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_console, served, Console(FakeTarget()), clock)
        await trio.sleep(server.IDLE_LIMIT_S - 1)
        await client.send_all(b"exit\r\n")
        started = trio.current_time()
        assert await read_to_end(client) == b"OpenD is exiting\r\n"
        assert trio.current_time() - started == pytest.approx(server.IDLE_LIMIT_S)


async def test_a_client_that_reads_nothing_is_closed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """An answer that nobody takes holds the console for no longer than the write limit."""
    client, served = trio.testing.lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_console, served, Console(FakeTarget()), clock)
        await client.send_all(b"exit\r\n")
        started = trio.current_time()
    assert trio.current_time() - started == pytest.approx(server.WRITE_LIMIT_S)


async def test_an_endless_line_is_refused_and_closed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """The client is told and disconnected before the line takes memory."""
    client, served = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_console, served, Console(FakeTarget()), clock)
        await client.send_all(b"x" * 100_000)
        assert await read_to_end(client) == b"The line is too long; no more are read\r\n"


@dataclass
class BrokenTarget(FakeTarget):
    """A program with a defect in its ping."""

    def ping(self) -> tuple[PingResult, ...]:
        raise ZeroDivisionError


async def test_a_defect_in_a_command_is_told_and_survived(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    """The caller reads that it failed, and the next command works."""
    client, served = trio.testing.memory_stream_pair()
    nursery.start_soon(serve_console, served, Console(BrokenTarget()), clock)
    await client.send_all(b"ping\r\nset_log_level -level=no\r\n")
    expected = b"The command failed; see the log\r\nLog level: no\r\n"
    assert await read_exactly(client, len(expected)) == expected
    await client.aclose()


@dataclass
class StoppingTarget(FakeTarget):
    """A program whose stop cancels everything at once."""

    scope: trio.CancelScope | None = None

    def stop(self) -> None:
        assert self.scope is not None
        self.scope.cancel()


async def test_the_answer_to_exit_leaves_before_the_stop(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """A cancellation by exit itself does not swallow its answer."""
    client, served = trio.testing.memory_stream_pair()
    target = StoppingTarget()
    async with trio.open_nursery() as nursery:
        target.scope = nursery.cancel_scope
        nursery.start_soon(serve_console, served, Console(target), clock)
        await client.send_all(b"exit\r\n")
        await trio.sleep_forever()
    assert await read_to_end(client) == b"OpenD is exiting\r\n"


async def test_a_stop_waits_only_the_grace_for_a_client_that_reads_nothing(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """The program ends within a second whoever asked it to."""
    client, served = trio.testing.lockstep_stream_pair()
    target = StoppingTarget()
    async with trio.open_nursery() as nursery:
        target.scope = nursery.cancel_scope
        nursery.start_soon(serve_console, served, Console(target), clock)
        started = trio.current_time()
        await client.send_all(b"exit\r\n")
    assert trio.current_time() - started <= server.GRACE_S


@settings(max_examples=50, deadline=None)
@given(chunks=st.lists(st.binary(max_size=40), max_size=6))
def test_random_bytes_never_crash_the_server(chunks: list[bytes]) -> None:
    """After any bytes the console still answers, and what it sends is GB2312 lines."""

    async def converse() -> bytes:
        client, served = trio.testing.memory_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve_console, served, Console(FakeTarget()), clock)
            for chunk in chunks:
                await client.send_all(chunk)
            # ends an open option or sub-negotiation, and the line
            await client.send_all(b"\xff\xf0\xff\xf0\r\n")
            await client.send_all(b"help -cmd=exit\r\n")
            await client.send_eof()
            return await read_to_end(client)

    answer = trio.run(converse).decode("gb2312")
    assert answer.endswith(
        "Exit the program\r\nexit\r\nExit the OpenD program.\r\nAliases: quit\r\n"
    )


async def test_clients_beyond_the_limit_are_closed_and_their_place_is_given_again(
    nursery: trio.Nursery,
) -> None:
    """The client after the last place is closed at once; a client that leaves frees its place."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listeners[0].socket.getsockname()
    nursery.start_soon(serve_telnet, listeners, Console(FakeTarget(language="chs")), clock)
    async with AsyncExitStack() as streams:

        async def connect() -> trio.SocketStream:
            return await streams.enter_async_context(await trio.open_tcp_stream(host, port))

        async def is_served(client: trio.SocketStream) -> bool:
            await client.send_all(b"help -cmd=exit\r\n")
            return await read_exactly(client, len(HELP_EXIT)) == HELP_EXIT

        clients = [await connect() for _ in range(server.MAX_CONSOLES)]
        assert all([await is_served(client) for client in clients])
        assert await read_to_end(await connect()) == b""
        await clients[0].send_eof()
        assert await read_to_end(clients[0]) == b""
        assert await is_served(await connect())
    nursery.cancel_scope.cancel()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


async def test_standard_input_is_served_until_it_ends(pipe: tuple[int, int]) -> None:
    """Lines end with a line feed and may come in pieces; an unfinished last line is dropped."""
    reading, writing = pipe
    shown: list[str] = []
    os.write(writing, "set_log_level -level=no\n\nhelp -cmd=退\nset_log_level ".encode())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            serve_standard_input, Console(FakeTarget()), clock, shown.append, reading
        )
        await trio.testing.wait_all_tasks_blocked()
        os.write(writing, b"-level=info\r\nexit")
        os.close(writing)
    assert shown == [
        "Log level: no",
        "Unknown command: 退. Enter help for the list of commands.",
        "Log level: info",
    ]


async def test_standard_input_is_cancelled_while_it_waits(pipe: tuple[int, int]) -> None:
    """A stop does not wait for the operator's next line."""
    with trio.move_on_after(0.01) as limit:
        await serve_standard_input(Console(FakeTarget()), clock, print, pipe[0])
    assert limit.cancelled_caught


async def test_an_endless_line_ends_standard_input(pipe: tuple[int, int]) -> None:
    """Garbage piped into the program takes no memory."""
    shown: list[str] = []
    os.write(pipe[1], b"x" * 20_000)
    await serve_standard_input(Console(FakeTarget()), clock, shown.append, pipe[0])
    assert shown == ["The line is too long; no more are read"]


async def test_standard_input_from_a_file(tmp_path: Path) -> None:
    """A file of commands is run to its end."""
    path = tmp_path / "commands"
    path.write_text("set_log_level -level=no\nset_log_level -level=info\n")
    descriptor = os.open(path, os.O_RDONLY)
    shown: list[str] = []
    await serve_standard_input(Console(FakeTarget()), clock, shown.append, descriptor)
    os.close(descriptor)
    assert shown == ["Log level: no", "Log level: info"]


@pytest.mark.parametrize("kind", ["null", "closed"])
async def test_standard_input_that_offers_nothing_ends(kind: str) -> None:
    """`/dev/null` and a closed descriptor end at once, without an error."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    if kind == "closed":
        os.close(descriptor)
    shown: list[str] = []
    with trio.fail_after(1):
        await serve_standard_input(Console(FakeTarget()), clock, shown.append, descriptor)
    if kind == "null":
        os.close(descriptor)
    assert shown == []


async def test_missing_standard_input_is_not_mistaken_for_a_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If the program started with standard input closed, descriptor 0 is somebody else's."""
    monkeypatch.setattr("sys.stdin", None)
    with trio.fail_after(1):
        await serve_standard_input(Console(FakeTarget()), clock, print)


async def test_a_terminal_that_does_not_control_the_program_is_read() -> None:
    """Only the background of a controlling terminal holds reading back."""
    controller, terminal = pty.openpty()
    os.write(controller, b"set_log_level -level=no\n")
    shown: list[str] = []
    with trio.move_on_after(0.05):
        await serve_standard_input(Console(FakeTarget()), clock, shown.append, terminal)
    os.close(controller)
    os.close(terminal)
    assert shown == ["Log level: no"]


async def test_a_program_in_the_background_leaves_its_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    """What is typed while the program is in the background is read once it is in front again."""
    controller, terminal = pty.openpty()
    os.write(controller, b"set_log_level -level=no\n")
    foreground = [os.getpgrp() + 1]
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: foreground[0])
    shown: list[str] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            serve_standard_input, Console(FakeTarget()), clock, shown.append, terminal
        )
        await trio.sleep(10 * server.FOREGROUND_CHECK_S + 0.5)
        assert shown == []
        foreground[0] = os.getpgrp()
        await trio.sleep(server.FOREGROUND_CHECK_S)
        nursery.cancel_scope.cancel()
    os.close(controller)
    os.close(terminal)
    assert shown == ["Log level: no"]
