"""A PostgreSQL server of the test's own, where the machine has the programs for one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_OWNER: Final = "nobody"
_USER: Final = "opend"


def program(name: str) -> str | None:
    """The path of one of the server's programs; Debian keeps them out of the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def is_installed() -> bool:
    """Whether a server can be started."""
    return program("initdb") is not None and program("pg_ctl") is not None


@contextmanager
def running() -> Iterator[str]:
    """Run a server for the length of a block and give the URL of its database.

    Its programs refuse to run as root, so they run as another user then.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        if os.geteuid() == 0:
            shutil.chown(directory, _OWNER)
        with _serving(directory) as url:
            yield url


@contextmanager
def _serving(directory: Path) -> Iterator[str]:
    data, log = directory / "data", directory / "log"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    _run("initdb", "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -h 127.0.0.1 -k {directory}"
    _run("pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", options, "start")
    try:
        yield f"postgresql://{_USER}@127.0.0.1:{port}/postgres"
    finally:
        _run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def _run(name: str, *arguments: str) -> None:
    path = program(name)
    assert path is not None
    command = [path, *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid", _OWNER, "--clear-groups", *command]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
