"""The official Java SDK."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.environments import java_class_path
from tests.conformance.matrix.python_clients import AES, PLAIN

SOURCES = Path(__file__).resolve().parents[1] / "clients_java"
NEWEST, OLDEST = "9.6.5608", "5.4.1608"
TIMEOUT_S = 60
TOOLS = ("java", "javac", "mvn")


def tell(class_path, gateway, output, *more):
    """Run the program and return the day it has seen."""
    command = ["java", "-cp", class_path, "Day", gateway.host, gateway.port, output, *more]
    done = subprocess.run(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout[-4000:]}\n--- gateway:\n{gateway.log[-2000:]}"
    return json.loads(output.read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", [PLAIN, AES])
@pytest.mark.parametrize("release", [NEWEST, pytest.param(OLDEST, marks=pytest.mark.matrix)])
def test_the_java_sdk_lives_through_the_day(
    start_day, rsa_key, client_record, tmp_path, release, mode
):
    """All of it; the SDK has no JSON mode."""
    record = client_record(f"futu-api {release} for Java", mode)
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"this machine has no {', '.join(missing)}")
    class_path = java_class_path(SOURCES, release)
    key = (rsa_key,) if mode == AES else ()

    day = tell(class_path, start_day(encrypted=mode == AES), tmp_path / "day.json", *key)

    record.check(day)
