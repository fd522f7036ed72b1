"""The documentation's telnet sample, read for read, against a console on a real socket."""

from __future__ import annotations

import pytest
import trio

from telnet_ops.console import Console
from telnet_ops.server import serve_telnet
from telnet_ops.target import Language
from tests.support.ops_target import FakeTarget

SILENCE_S = 0.1  # the sample waits 0.5 s; the answer is there long before


async def read_until(stream: trio.SocketStream, pending: bytearray, end: bytes) -> bytes:
    """Do as `Telnet.read_until(end, timeout=...)`: what was read up to `end`, or all after silence."""
    with trio.move_on_after(SILENCE_S):
        while end not in pending:
            pending += await stream.receive_some(4_096)
    count = pending.find(end) + len(end) if end in pending else len(pending)
    line = bytes(pending[:count])
    del pending[:count]
    return line


async def run_sample(host: str, port: int) -> str:
    """Send `help -cmd=exit` and read lines until an empty one, as the sample does."""
    reply, pending = b"", bytearray()
    async with await trio.open_tcp_stream(host, port) as stream:
        await stream.send_all(b"help -cmd=exit\r\n")
        while message := await read_until(stream, pending, b"\r\n"):
            reply += message
    return reply.decode("gb2312")


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("chs", ["退出程序", "exit", "退出 OpenD 程序", "别名: quit", ""]),
        ("en", ["Exit the program", "exit", "Exit the OpenD program.", "Aliases: quit", ""]),
    ],
)
async def test_the_sample_prints_the_help_of_exit(
    nursery: trio.Nursery, language: Language, answer: list[str]
) -> None:
    """The sample ends by itself and decodes the help in either language."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listeners[0].socket.getsockname()
    nursery.start_soon(serve_telnet, listeners, Console(FakeTarget(language=language)), lambda: 0)
    assert (await run_sample(host, port)).split("\r\n") == answer
    nursery.cancel_scope.cancel()


async def test_samples_in_parallel_do_not_disturb_each_other(nursery: trio.Nursery) -> None:
    """Many operators ask at once, and each reads the whole answer."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listeners[0].socket.getsockname()
    nursery.start_soon(serve_telnet, listeners, Console(FakeTarget(language="chs")), lambda: 0)
    answers: list[str] = []

    async def ask() -> None:
        answers.append(await run_sample(host, port))

    async with trio.open_nursery() as operators:
        for _ in range(20):
            operators.start_soon(ask)
    assert len(answers) == 20
    assert set(answers) == {"退出程序\r\nexit\r\n退出 OpenD 程序\r\n别名: quit\r\n"}
    nursery.cancel_scope.cancel()
