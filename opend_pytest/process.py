"""One gateway as a process: started on free ports, stopped without leaving anything behind."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

START_TIMEOUT_S: Final = 30
STOP_TIMEOUT_S: Final = 5
LOG_TAIL_LINES: Final = 60
_POLL_S: Final = 0.005
_FREE_PORTS: Final = {"api_port": 0, "sim_admin_port": 0}


class GatewayError(RuntimeError):
    """The gateway did not start, or did not end as it was asked to; the text holds its last lines."""


class Address(NamedTuple):
    """Where a service listens."""

    host: str
    port: int


class GatewayProcess:
    """A running `python -m gateway`, ready when the constructor returns.

    Relative paths among the settings start where pytest was started.

    Args:
        directory: An empty directory of its own, for the configuration, the log and the ports.
        python: The interpreter that has the emulator installed.
        settings: Elements of FutuOpenD.xml; ports are free ones unless given.

    Raises:
        GatewayError: It did not become ready.
    """

    def __init__(self, directory: Path, python: str, settings: Mapping[str, object]) -> None:
        self._log_path = directory / "gateway.log"
        port_file = directory / "ports.json"
        file = directory / "FutuOpenD.xml"
        chosen = {**_FREE_PORTS, "sim_data_dir": directory, **settings, "sim_port_file": port_file}
        file.write_text(_configuration(chosen), encoding="utf-8")
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                # -P: a folder `gateway` of the tested project must not be taken for ours.
                [python, "-P", "-m", "gateway", "-cfg_file", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._was_asked_to_stop = False
        self.addresses = self._wait_for(port_file)
        """Where each service listens: `api`, `telnet`, `ws` …"""

    def _wait_for(self, port_file: Path) -> dict[str, Address]:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not port_file.exists():
            is_late = time.monotonic() > deadline
            if is_late or self._process.poll() is not None:
                self.kill()
                reason = "was not ready in time" if is_late else "ended while starting"
                raise GatewayError(f"the gateway {reason}:\n{self.log_tail()}")
            time.sleep(_POLL_S)
        content = json.loads(port_file.read_text(encoding="utf-8"))
        addresses = {
            name: Address(entry["host"], entry["port"])
            for name, entry in content.items()
            if isinstance(entry, dict)
        }
        missing = {"api", "admin"} - addresses.keys()
        if missing:
            self.kill()
            raise GatewayError(f"the gateway does not serve {', '.join(missing)}")
        return addresses

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has printed and logged so far."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log.splitlines()[-lines:])

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` or `kill` has ended it; False if it ended by itself."""
        return self._was_asked_to_stop

    def stop(self) -> None:
        """End it; nothing happens if it was ended before.

        Raises:
            GatewayError: It had crashed, or had to be killed.
        """
        if self._was_asked_to_stop:
            return
        self._was_asked_to_stop = True
        self._process.terminate()
        try:
            code = self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise GatewayError(f"the gateway did not stop:\n{self.log_tail()}") from None
        if code != 0:
            raise GatewayError(f"the gateway ended with code {code}:\n{self.log_tail()}")

    def kill(self) -> None:
        """End it without asking, as a power cut would."""
        self._was_asked_to_stop = True
        self._process.kill()
        self._process.wait()


def _configuration(settings: Mapping[str, object]) -> str:
    elements = "".join(
        f"  <{name}>{escape(_written(value))}</{name}>\n" for name, value in settings.items()
    )
    return f"<?xml version='1.0' encoding='utf-8'?>\n<futu_opend>\n{elements}</futu_opend>\n"


def _written(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
