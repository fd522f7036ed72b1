"""A gateway in a process of its own, with its own configuration file and a free port."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from Crypto.PublicKey import RSA

SOURCE_ROOT: Final = Path(__file__).resolve().parents[2]
READY: Final = re.compile(r"^OpenD emulator ready: .*\bapi=(?P<host>[^\s:]+):(?P<port>\d+)")
START_TIMEOUT_S: Final = 20
STOP_TIMEOUT_S: Final = 2


class GatewayProcess:
    """One running `python -m gateway`.

    Args:
        directory: a directory of its own, for the configuration and the log.
        settings: elements of FutuOpenD.xml that differ from their defaults; `api_port` is any
            free port unless given.

    Raises:
        AssertionError: it did not become ready; the text holds what it printed.
    """

    def __init__(self, directory: Path, settings: Mapping[str, object] | None = None) -> None:
        self.lines: list[str] = []
        self._configuration = directory / "FutuOpenD.xml"
        self._configuration.write_text(
            configuration({"api_port": 0, **(settings or {})}), encoding="utf-8"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "-cfg_file", str(self._configuration)],
            cwd=SOURCE_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._ready: queue.Queue[re.Match[str] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()
        self.host, self.port = self._wait_until_ready()

    def _collect(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if match := READY.match(line):
                self._ready.put(match)
        self._ready.put(None)

    def _wait_until_ready(self) -> tuple[str, int]:
        try:
            match = self._ready.get(timeout=START_TIMEOUT_S)
        except queue.Empty:
            match = None
        if match is None:
            self.kill()
            raise AssertionError(f"the gateway did not become ready:\n{self.log}")
        return match["host"], int(match["port"])

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has printed so far."""
        return "\n".join(self.lines)

    def stop(self) -> float:
        """Ask it to stop and return how many seconds that took; it must end with code 0."""
        begin = time.monotonic()
        self._process.terminate()
        try:
            code = self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            text = f"still running {STOP_TIMEOUT_S} s after SIGTERM:\n{self.log}"
            raise AssertionError(text) from None
        self._finish_reading()

        assert code == 0, f"exit code {code}:\n{self.log}"
        return time.monotonic() - begin

    def kill(self) -> None:
        """End it without asking, for a test that has failed already."""
        self._process.kill()
        self._process.wait()
        self._finish_reading()

    def _finish_reading(self) -> None:
        self._reader.join(STOP_TIMEOUT_S)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def running(directory: Path, **settings: object) -> Iterator[GatewayProcess]:
    """Run a gateway for the length of a block, after which it must stop cleanly."""
    gateway = GatewayProcess(directory, settings)
    try:
        yield gateway
    except BaseException:
        gateway.kill()
        raise
    gateway.stop()


def configuration(settings: Mapping[str, object]) -> str:
    """Write a FutuOpenD.xml with these elements."""
    elements = "".join(
        f"  <{key}>{escape(str(value))}</{key}>\n" for key, value in settings.items()
    )
    return f"<?xml version='1.0' encoding='utf-8'?>\n<futu_opend>\n{elements}</futu_opend>\n"


def write_rsa_key(path: Path) -> Path:
    """Write a new private key of the one kind that both sides accept: PKCS#1, 1024 bits."""
    path.write_bytes(RSA.generate(1024).export_key("PEM", pkcs=1))
    return path
