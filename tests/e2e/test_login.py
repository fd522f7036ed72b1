"""A whole program logs in: exit codes, the picture file, codes by telnet, secrets in no log."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from gateway.picture import draw_code

ROOT: Final = Path(__file__).resolve().parents[2]
LIMIT_S: Final = 20
READY: Final = re.compile(r"^OpenD emulator ready: .*\btelnet=127\.0\.0\.1:(\d+)")
SECRET: Final = "hunter2-is-no-password"

END: Final = "Invalid value: cmd=. Expected a text that is not empty."

pytestmark = pytest.mark.slow


def arguments(tmp_path: Path, *options: str) -> list[str]:
    """The command line of a start on free ports, with a data directory of its own."""
    empty = tmp_path / "FutuOpenD.xml"
    empty.write_text("<futu_opend></futu_opend>")
    fixed = (f"-cfg_file={empty}", "-api_port=0", "-telnet_port=0", f"-sim_data_dir={tmp_path}")
    return [sys.executable, "-m", "gateway", *fixed, *options]


@contextmanager
def running(tmp_path: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A started program and its telnet port; it must end by itself within the block."""
    process = subprocess.Popen(
        arguments(tmp_path, *options),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        port = next(int(m[1]) for line in lines if (m := READY.match(line)))
        yield process, port
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def ask(port: int, *commands: str) -> list[str]:
    """Send commands one after the other on one telnet connection; their answers.

    Answers may have several lines, so each command is followed by one whose answer is known.
    """
    answers = []
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as telnet:
        replies = telnet.makefile("r", encoding="gb2312", newline="\r\n")
        for command in commands:
            telnet.sendall(f"{command}\r\nhelp -cmd=\r\n".encode("gb2312"))
            lines = list(iter(lambda: replies.readline().rstrip("\r\n"), END))
            answers.append("\n".join(lines))
        replies.close()
    return answers


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("-lang=en", "-sim_login=wrong_password"), ">>>Login failed,Password does not match"),
        (("-sim_login_password=a", "-login_pwd=b"), ">>>登录失败,密码不匹配"),
    ],
)
def test_a_wrong_password_ends_the_program_with_14(
    tmp_path: Path, options: tuple[str, ...], line: str
) -> None:
    """The console says why, and no ready line follows. Source: [O]."""
    ended = subprocess.run(
        arguments(tmp_path, *options),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )

    assert ended.returncode == 14
    assert line in ended.stdout.splitlines()
    assert "OpenD emulator ready" not in ended.stdout
    assert "Traceback" not in ended.stderr


def test_codes_by_telnet_complete_the_login(tmp_path: Path) -> None:
    """The picture file shows the code that is right; the console tells each step."""
    script = "-sim_login=picture_code,phone_code"
    codes = ("-sim_picture_code=9071", "-sim_phone_code=778899")
    with running(tmp_path, "-lang=en", script, *codes) as (process, port):
        assert str(tmp_path / "PicVerifyCode.png") in ask(port, "req_pic_verify_code")[0]
        assert (tmp_path / "PicVerifyCode.png").read_bytes() == draw_code("9071")
        answers = ask(
            port,
            "input_pic_verify_code -code=9071",
            "req_phone_verify_code",
            "input_phone_verify_code -code=778899",
        )
        process.terminate()
        rest, _ = process.communicate(timeout=LIMIT_S)

    assert answers[0].startswith("Verifying the picture verification code\nNeed a phone")
    assert answers[2] == "Verifying the phone verification code\nLogin successful"
    assert process.returncode == 0
    assert re.findall(
        r"^>>>(Need a phone .*|Login successful|US Stocks: .*)$", rest, re.MULTILINE
    ) == [
        "Need a phone verification code",
        "Login successful",
        "US Stocks: LV2, Permission Status: Normal",
    ]


def test_no_password_reaches_the_log(tmp_path: Path) -> None:
    """Neither a right nor a refused relogin leaves a trace, at the finest level."""
    options = ("-lang=en", "-log_level=debug", f"-login_pwd={SECRET}")
    with running(tmp_path, *options) as (process, port):
        commands = (
            f"relogin -login_pwd={SECRET}",
            f"relogin {SECRET}",
            f"relogin -login_pwd_md5={SECRET}",
        )
        answers = ask(port, *commands)
        process.terminate()
        rest, _ = process.communicate(timeout=LIMIT_S)

    assert answers[0] == "Login successful"
    assert SECRET not in "".join(answers) + rest
