"""A gateway in a process of its own, and what it takes."""

import re
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.child import resident_mb

ROOT: Final = Path(__file__).resolve().parent.parent
_READY: Final = re.compile(r"^OpenD emulator ready: .*\bapi=127\.0\.0\.1:(\d+)")


class RunningGateway:
    """A context in which one gateway serves on a free port of 127.0.0.1.

    Args:
        *options: Further options of its command line.
    """

    def __init__(self, *options: str) -> None:
        self._options = options

    def __enter__(self) -> Self:
        begin = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "-api_port=0", "-log_level=no", *self._options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.port = self._wait_until_ready()
        self.seconds_to_ready = time.perf_counter() - begin
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    @property
    def pid(self) -> int:
        """Of the gateway's process."""
        return self._process.pid

    def resident_mb(self) -> float:
        """Resident memory now, in MB of 1,000,000 bytes."""
        return resident_mb(self.pid)

    def _wait_until_ready(self) -> int:
        lines = self._process.stdout
        for line in lines or ():
            if match := _READY.match(line):
                return int(match[1])
        raise RuntimeError(f"the gateway ended with exit code {self._process.wait()}")
