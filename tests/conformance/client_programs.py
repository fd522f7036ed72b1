"""Run a client program inside an SDK's environment and take what it has observed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conformance.environments import ENVIRONMENTS, interpreter
from tests.conformance.gateway_process import SOURCE_ROOT, GatewayProcess

CLIENTS: Final = Path(__file__).parent / "clients"
EXAMPLES: Final = SOURCE_ROOT / "examples"
TIMEOUT_S: Final = 90


@dataclass(frozen=True, slots=True)
class Finished:
    """What a program printed, and how it ended."""

    code: int
    output: str


def run_program(
    environment: str, program: Path, arguments: Iterable[object], timeout_s: float = TIMEOUT_S
) -> Finished:
    """Run a Python program in the named environment until it ends.

    The SDK writes its log below the home directory, so the program gets a temporary one.

    Raises:
        AssertionError: it did not end in time; the text holds what it printed.
    """
    python = interpreter(environment)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    with tempfile.TemporaryDirectory(prefix="opend-client-") as home:
        changed = {"HOME": home, "SDK_PACKAGE": ENVIRONMENTS[environment].package}
        changed["PYTHONUNBUFFERED"] = "1"
        command = [str(python), "-W", "ignore", str(program), *map(str, arguments)]
        try:
            done = subprocess.run(
                command,
                env=kept | changed,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            text = (late.stdout or b"").decode(errors="replace")
            raise AssertionError(f"{program.name} is still running:\n{text[-6000:]}") from None
    return Finished(done.returncode, done.stdout.decode(errors="replace"))


def observe(
    environment: str,
    program: str,
    gateway: GatewayProcess,
    *arguments: object,
    rsa_key: Path | None = None,
    json_bodies: bool = False,
) -> dict:
    """Run `clients/<program>.py` against a gateway and return its observations."""
    options = ["--host", gateway.host, "--port", gateway.port]
    if rsa_key:
        options += ["--rsa-key", rsa_key]
    if json_bodies:
        options += ["--json"]
    with tempfile.TemporaryDirectory(prefix="opend-observations-") as directory:
        document = Path(directory) / "observations.json"
        options += ["--output", document]
        finished = run_program(environment, CLIENTS / f"{program}.py", [*options, *arguments])

        assert finished.code == 0, f"{finished.output[-6000:]}\n--- gateway:\n{gateway.log[-3000:]}"
        return json.loads(document.read_text(encoding="utf-8"))


def rows(answer: dict) -> list[dict]:
    """The rows of a good answer; a refusal fails the test with its text."""
    assert "rows" in answer, answer
    return answer["rows"]


def value(answer: dict):
    """The plain value of a good answer; a refusal fails the test with its text."""
    assert "value" in answer, answer
    return answer["value"]


def refusal(answer: dict) -> str:
    """The text of a refused request."""
    assert answer["ret"] == -1, answer
    return answer["text"]
