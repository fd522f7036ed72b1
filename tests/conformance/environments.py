"""Virtual environments of the client SDK releases, built once under `.venvs/`.

Every environment sees the shared libraries (pandas and what it needs) through a path file, so
that one copy of pandas serves all of them; the SDK and its protobuf are its own. An environment
is rebuilt when its requirements or the interpreter change, and a lock keeps parallel test
processes from building it twice.

Run as a program, it builds the environments named on its command line (all without names).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2] / ".venvs"
_BUILD_TIMEOUT_S: Final = 300


@dataclass(frozen=True, slots=True)
class ClientEnvironment:
    """One SDK release with the libraries it runs on."""

    requirements: tuple[str, ...]
    package: str = "futu"
    """The name under which client programs import it."""


# Which combinations work was tried with CPython 3.11, pandas 3.1, numpy 2.4:
#
# * The newest SDKs ask for protobuf >= 3.20 and run with 7.x, except for their JSON mode, which
#   reads an attribute that protobuf has dropped since 5.x: hence `current-json`.
# * SDKs up to 10.0 pin protobuf 3.*, and their generated modules do refuse 5.29 ("generated code
#   is out of date"). 3.20.3 has a pure-Python wheel, which runs on every interpreter.
# * None of them pins pandas or numpy, and all run with the newest: no older interpreter is
#   needed anywhere.
ENVIRONMENTS: Final = {
    "current": ClientEnvironment(("futu-api>=10.11.7108",)),
    "current-json": ClientEnvironment(("futu-api>=10.11.7108", "protobuf==5.29.5")),
    "current-pytest": ClientEnvironment(("futu-api>=10.11.7108", "pytest>=8")),
    "futu-7.x-pytest": ClientEnvironment(("futu-api==7.7.3908", "protobuf==3.20.3", "pytest>=8")),
    "moomoo-pytest": ClientEnvironment(("moomoo-api>=10.11.7108", "pytest>=8"), package="moomoo"),
    # The package's own example programs need TA-Lib for one of them.
    "current-examples": ClientEnvironment(("futu-api>=10.11.7108", "TA-Lib")),
    "moomoo": ClientEnvironment(("moomoo-api>=10.11.7108",), package="moomoo"),
    "futu-10.0": ClientEnvironment(("futu-api==10.0.6008", "protobuf==3.20.3")),
    "futu-9.x": ClientEnvironment(("futu-api==9.6.5608", "protobuf==3.20.3")),
    "futu-8.x": ClientEnvironment(("futu-api==8.8.4808", "protobuf==3.20.3")),
    "futu-7.x": ClientEnvironment(("futu-api==7.7.3908", "protobuf==3.20.3")),
    "futu-6.x": ClientEnvironment(("futu-api==6.6.3108", "protobuf==3.20.3")),
}
_LIBRARIES: Final = ("pandas", "simplejson", "pycryptodome")


def interpreter(name: str) -> Path:
    """Return the Python of the named environment, built first if it is missing.

    Raises:
        RuntimeError: it could not be built; the text holds pip's last lines.
    """
    libraries = _ensure("libraries", _LIBRARIES, _build_libraries)

    def build(path: Path) -> None:
        _build_client(path, libraries, ENVIRONMENTS[name].requirements)

    return _python(_ensure(name, (*ENVIRONMENTS[name].requirements, *_LIBRARIES), build))


def node_modules(package_file: Path) -> Path:
    """Return the folder of installed JavaScript packages, installed first if they are missing.

    Args:
        package_file: a `package.json` with exact versions.

    Raises:
        RuntimeError: they could not be installed; the text holds npm's last lines.
    """

    def build(path: Path) -> None:
        path.mkdir()
        shutil.copy(package_file, path)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
        _run("npm", "install", *options, "--prefix", str(path))

    return _ensure("javascript", (package_file.read_text(),), build) / "node_modules"


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _ensure(name: str, requirements: tuple[str, ...], build: Callable[[Path], None]) -> Path:
    key = hashlib.sha256("\n".join((sys.version, *requirements)).encode()).hexdigest()
    path, stamp = ROOT / name, ROOT / name / "built-from"
    ROOT.mkdir(exist_ok=True)
    with _lock(ROOT / f"{name}.lock"):
        if not stamp.exists() or stamp.read_text() != key:
            shutil.rmtree(path, ignore_errors=True)
            build(path)
            stamp.write_text(key)
    return path


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build_libraries(path: Path) -> None:
    _run(sys.executable, "-m", "venv", str(path))
    _run(str(_python(path)), "-m", "pip", "install", "--quiet", *_LIBRARIES)


def _build_client(path: Path, libraries: Path, requirements: tuple[str, ...]) -> None:
    _run(sys.executable, "-m", "venv", "--without-pip", str(path))
    (site_packages,) = path.glob("lib/python3*/site-packages")
    (shared,) = libraries.glob("lib/python3*/site-packages")
    (site_packages / "shared-libraries.pth").write_text(f"{shared}\n")
    pip = (str(_python(libraries)), "-m", "pip", "--python", str(_python(path)))
    _run(*pip, "install", "--quiet", *requirements)


def _run(*command: str) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        command,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_BUILD_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


if __name__ == "__main__":
    for environment in sys.argv[1:] or ENVIRONMENTS:
        print(environment, interpreter(environment))  # noqa: T201
