"""Every command of the documentation by telnet, on standard input and as protocol 1008: one outcome."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Final, Literal

import pytest

from gateway.wire.proto_ids import ProtoId
from telnet_ops.commands import STANDARD_COMMANDS
from tests.support.raw_client import RawClient

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[2]
LIMIT_S: Final = 20
Lang = Literal["en", "chs"]
Ask = Callable[[str], str]

END: Final = {"en": "Unknown command: end.", "chs": "未知命令: end，"}
"""How the answer begins to a line that tells where the answer before it ends."""
HURDLES: Final = ",".join(["picture_code,phone_code"] * 3 + ["phone_code"])
"""Each door walks once through both codes and then waits for a third."""

LOGIN: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "req_pic_verify_code",
        (
            "Picture verification code requested successfully, see: {data}/PicVerifyCode.png\n"
            "Command tips: input_pic_verify_code -code=1234"
        ),
        "请求图形验证码成功，请查看: {data}/PicVerifyCode.png\n命令提示: input_pic_verify_code -code=1234",
    ),
    ("input_pic_verify_code -code=4321", "…\nWrong picture verification code", "…\n图形验证码错误"),
    (
        "input_pic_verify_code -code=1234",
        (
            "Verifying the picture verification code\n"
            "Need a phone verification code\nCommand tips: req_phone_verify_code"
        ),
        "正在验证图形验证码\n需要手机验证码\n命令提示: req_phone_verify_code",
    ),
    (
        "req_phone_verify_code",
        (
            "Requesting a phone verification code\nPhone verification code requested successfully\n"
            "Command tips: input_phone_verify_code -code=123456"
        ),
        "正在请求手机验证码\n请求手机验证码成功\n命令提示: input_phone_verify_code -code=123456",
    ),
    ("input_phone_verify_code -code=0", "…\nWrong phone verification code", "…\n手机验证码错误"),
    ("input_phone_verify_code", "Missing parameter: code", "缺少参数: code"),
    (
        "input_phone_verify_code -code=123456",
        "Verifying the phone verification code\nNeed a …",
        "正在验证手机验证码\n需要…",
    ),
)
"""A command, its answer in English and in Chinese; `…` is anything."""
OPERATION: Final[tuple[tuple[str, str, str], ...]] = (
    ("help", "Commands:\nhelp …", "命令列表:\nhelp …"),
    (
        "help -cmd=exit",
        "Exit the program\nexit\nExit the OpenD program.\nAliases: quit",
        "退出程序\nexit\n退出 OpenD 程序\n别名: quit",
    ),
    ("ping", "quote: …ms\ntrade: …ms", "quote: …ms\ntrade: …ms"),
    ("relogin -login_pwd=123456", "Login successful", "登录成功"),
    (f"relogin -login_pwd_md5={'0' * 32}", "Login successful", "登录成功"),
    ("show_delay_report -push_count_type=sr2cs", "…", "…"),
    (
        "show_delay_report -push_count_type=up",
        "Invalid value: push_count_type=up. …",
        "参数值错误: …",
    ),
    (
        "show_sub_info",
        "The used quota: 0\nThe remaining quota: 1000\n…",
        "已用额度: 0\n剩余额度: 1000\n…",
    ),
    ("show_sub_info -conn_id=5", "No such connection: 5", "连接不存在: 5"),
    ("close_api_conn -conn_id=123456", "No such connection: 123456", "连接不存在: 123456"),
    (
        "request_highest_quote_right",
        "The highest quote right was requested successfully",
        "请求最高行情权限成功",
    ),
    ("update", "Already the newest, Ver.10.11.7108", "已是最新版本 Ver.10.11.7108"),
    ("set_log_level -level=warning", "Log level: warning", "日志级别: warning"),
    ("dance", "Unknown command: dance. …", "未知命令: dance，…"),
)
STOPPING: Final = {"en": "OpenD is exiting", "chs": "OpenD 正在退出"}


@dataclass
class Program:
    """A gateway with its three doors open."""

    process: subprocess.Popen[str]
    ports: Mapping[str, int]
    language: Lang
    data: Path
    printed: Queue[str | None] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.put(line.rstrip("\n"))
        self.printed.put(None)

    def by_console(self, line: str) -> str:
        """Type a line into standard input; what OpenD prints of itself begins with >>>."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\nend\n")
        self.process.stdin.flush()
        lines = []
        while (printed := self.printed.get(timeout=LIMIT_S)) is not None:
            if printed.startswith(END[self.language]):
                break
            lines.append(printed)
        return "\n".join(line for line in lines if not line.startswith(">>>"))

    @contextmanager
    def telnet(self) -> Iterator[Ask]:
        """One connection of an operator, whose bytes are those of the documentation: GB2312, CRLF."""
        with socket.create_connection(("127.0.0.1", self.ports["telnet"]), LIMIT_S) as operator:
            reader = operator.makefile("rb")

            def ask(line: str) -> str:
                operator.sendall(f"{line}\r\nend\r\n".encode("gb2312"))
                lines: list[str] = []
                while raw := reader.readline():
                    assert raw.endswith(b"\r\n")
                    text = raw.removesuffix(b"\r\n").decode("gb2312")
                    if text.startswith(END[self.language]):
                        break
                    lines.append(text)
                return "\n".join(lines)

            yield ask
            reader.close()

    @contextmanager
    def client(self) -> Iterator[Ask]:
        """One API connection that sends protocol 1008."""
        with RawClient(self.ports["api"]) as client:

            def ask(line: str) -> str:
                cmd, _, parameters = line.partition(" ")
                reply = client.ask(ProtoId.TestCmd, cmd=cmd, paramStr=parameters)
                assert (reply.retType, reply.s2c.cmd) == (0, cmd)
                return str(reply.s2c.resultStr)

            yield ask


@contextmanager
def started(folder: Path, language: Lang) -> Iterator[Program]:
    """A program that waits for codes, on a clock that only commands move."""
    empty, ports = folder / "FutuOpenD.xml", folder / "ports.json"
    empty.write_text("<futu_opend></futu_opend>")
    options = {
        "cfg_file": empty,
        "api_port": 0,
        "telnet_port": 0,
        "sim_data_dir": folder,
        "sim_port_file": ports,
        "sim_login": HURDLES,
        "sim_clock": "manual",
        "sim_universe_size": "named",
        "lang": language,
        "log_level": "no",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", *(f"-{name}={value}" for name, value in options.items())],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("OpenD emulator ready"))
        numbers = {name: int(port) for name, port in re.findall(r"(\w+)=[\d.]+:(\d+)", line)}
        assert {n: json.loads(ports.read_text())[n]["port"] for n in numbers} == numbers
        yield Program(process, numbers, language, folder)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def without_numbers(line: str, answer: str) -> str:
    """An answer without what is measured anew each time."""
    is_measured = line.startswith(("ping", "show_delay_report"))
    return re.sub(r"\d+(\.\d+)?", "#", answer) if is_measured else answer


def matches(answer: str, expected: str) -> bool:
    parts = map(re.escape, expected.split("…"))
    return re.fullmatch(".*".join(parts), answer, re.DOTALL) is not None


def walk(program: Program, ask: Ask, commands: tuple[tuple[str, str, str], ...]) -> list[str]:
    """Give all commands through one door; each answer must be the expected one."""
    answers = []
    for line, english, chinese in commands:
        answer = ask(line)
        expected = (english if program.language == "en" else chinese).format(data=program.data)
        assert matches(answer, expected), f"{line}: {answer!r}"
        answers.append(without_numbers(line, answer))
    return answers


def test_the_table_names_every_documented_command():
    """What the documentation lists is walked through below, `exit` at the end."""
    walked = {line.split()[0] for line, *_ in (*LOGIN, *OPERATION)} - {"dance"} | {"exit"}
    documented = {c.name for c in STANDARD_COMMANDS if not c.name.startswith("sim_")}

    assert walked == documented


@pytest.mark.parametrize(
    ("language", "way_out"), [("en", "telnet"), ("chs", "console"), ("chs", "client")]
)
def test_three_doors_give_the_same_answers(tmp_path: Path, language: Lang, way_out: str) -> None:
    """Codes, operation, the help of each command; limits are shared, so an hour passes in between."""
    with (
        started(tmp_path, language) as program,
        program.telnet() as telnet,
        program.client() as client,
    ):
        doors = {"telnet": telnet, "console": program.by_console, "client": client}
        logins, operations, helps = [], [], []
        for ask in doors.values():
            logins.append(walk(program, ask, LOGIN)[:-1])
            assert "sim_clock" not in client("sim_clock -advance=1h")
        assert telnet("input_phone_verify_code -code=123456").endswith(
            "Login successful" if language == "en" else "登录成功"
        )
        for ask in doors.values():
            operations.append(walk(program, ask, OPERATION))
            client("sim_clock -advance=1h")
            helps.append([ask(f"help -cmd={command.name}") for command in STANDARD_COMMANDS])
        assert logins[0] == logins[1] == logins[2]
        assert operations[0] == operations[1] == operations[2]
        assert helps[0] == helps[1] == helps[2]
        assert doors[way_out]("exit") == STOPPING[language]
        assert program.process.wait(LIMIT_S) == 0


def test_limits_are_those_of_the_documentation():
    """Runs and seconds by command; what is not listed has none. Source: [D]."""
    limits = {c.name: (c.limit.count, c.limit.window_s) for c in STANDARD_COMMANDS if c.limit}

    assert limits == {
        "req_phone_verify_code": (1, 60),
        "input_phone_verify_code": (10, 60),
        "req_pic_verify_code": (10, 60),
        "input_pic_verify_code": (10, 60),
        "relogin": (10, 3600),
        "ping": (10, 60),
        "request_highest_quote_right": (10, 60),
    }


SAMPLE: Final = """
from telnetlib import Telnet
with Telnet('127.0.0.1', {port}) as tn:
    tn.write(b'help -cmd=exit\\r\\n')
    reply = b''
    while True:
        msg = tn.read_until(b'\\r\\n', timeout=0.5)
        reply += msg
        if msg == b'':
            break
    print(reply.decode('gb2312'))
"""
"""As the documentation prints it, but for the port."""


def test_the_telnet_sample_runs_as_typed(tmp_path: Path) -> None:
    """With the standard library's own telnet client, as long as Python has it (up to 3.12)."""
    if sys.version_info >= (3, 13):
        pytest.skip("telnetlib is gone")
    with started(tmp_path, "chs") as program:
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SAMPLE.format(port=program.ports["telnet"])],
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=True,
        )

    assert ran.stdout.splitlines() == ["退出程序", "exit", "退出 OpenD 程序", "别名: quit", ""]
