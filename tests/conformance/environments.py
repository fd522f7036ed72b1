"""Virtual environments of the client SDK releases, built once under `.venvs/`.

Every environment sees the shared libraries (pandas and what it needs) through a path file, so
that one copy of pandas serves all of them; the SDK and its protobuf are its own. An environment
is rebuilt when its requirements or the interpreter change, and a lock keeps parallel test
processes from building it twice.

Run as a program, it builds the environments named on its command line (without names all that `make
conformance` needs), some at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    unpinned: bool = False
    """Whether its own pins are passed over; then `requirements` are all that it needs."""
    python: str = ""
    """The only Python version that it runs on, such as "3.12"; empty: ours, with our pandas."""
    rare: bool = False
    """Whether only `make matrix` needs it."""

    @property
    def pip_arguments(self) -> tuple[str, ...]:
        """What to tell `pip install`."""
        return (*(["--no-deps"] if self.unpinned else []), *self.requirements)


# Which combinations work was tried with CPython 3.11, pandas 3.1, numpy 2.4:
#
# * SDKs since 10.1 ask for protobuf >= 3.20 and run with 7.x, except for their JSON mode, which
#   reads an attribute that protobuf has dropped since 5.x: hence `current-json`.
# * SDKs up to 10.0 pin protobuf 3.*, and their generated modules do refuse 5.29 ("generated code
#   is out of date"). 3.20.3 has a pure-Python wheel, which runs on every interpreter.
# * SDKs up to 5.0 pin protobuf 3.5.1, which needs Python before 3.10; they run with 3.20.3.
# * None of them pins pandas or numpy, and all run with the newest: no older interpreter is
#   needed anywhere.
_NEWEST: Final = "futu-api==10.11.7108"
_OLD_PROTOBUF: Final = "protobuf==3.20.3"
_MCP: Final = "mcp==1.30.0"  # two of the servers leave it open, and none works with 2
_PYTEST: Final = "pytest==9.2.0"

ENVIRONMENTS: Final = {
    "current": ClientEnvironment((_NEWEST,)),
    "current-json": ClientEnvironment((_NEWEST, "protobuf==5.29.5")),
    "current-pytest": ClientEnvironment((_NEWEST, _PYTEST)),
    "futu-7.x-pytest": ClientEnvironment(("futu-api==7.7.3908", _OLD_PROTOBUF, _PYTEST)),
    "moomoo-pytest": ClientEnvironment(("moomoo-api==10.11.7108", _PYTEST), package="moomoo"),
    # The package's own example programs need TA-Lib for one of them.
    "current-examples": ClientEnvironment((_NEWEST, "TA-Lib")),
    "moomoo": ClientEnvironment(("moomoo-api==10.11.7108",), package="moomoo"),
    "moomoo-json": ClientEnvironment(
        ("moomoo-api==10.11.7108", "protobuf==5.29.5"), package="moomoo", rare=True
    ),
    "moomoo-9.x": ClientEnvironment(
        ("moomoo-api==9.6.5608", _OLD_PROTOBUF), package="moomoo", rare=True
    ),
    "moomoo-7.x": ClientEnvironment(
        ("moomoo-api==7.7.3908", _OLD_PROTOBUF), package="moomoo", rare=True
    ),
    "futu-10.8": ClientEnvironment(("futu-api==10.8.6808", "protobuf==5.29.5"), rare=True),
    "futu-10.5": ClientEnvironment(("futu-api==10.5.6508", "protobuf==5.29.5"), rare=True),
    "futu-10.0": ClientEnvironment(("futu-api==10.0.6008", _OLD_PROTOBUF)),
    "futu-9.x": ClientEnvironment(("futu-api==9.6.5608", _OLD_PROTOBUF)),
    "futu-8.x": ClientEnvironment(("futu-api==8.8.4808", _OLD_PROTOBUF)),
    "futu-7.x": ClientEnvironment(("futu-api==7.7.3908", _OLD_PROTOBUF)),
    "futu-6.x": ClientEnvironment(("futu-api==6.6.3108", _OLD_PROTOBUF)),
    "futu-5.x": ClientEnvironment(("futu-api==5.12.2408", _OLD_PROTOBUF), rare=True),
    "futu-5.0": ClientEnvironment(("futu-api==5.0.1310", _OLD_PROTOBUF), unpinned=True, rare=True),
    "futu-4.x": ClientEnvironment(("futu-api==4.0.1300", _OLD_PROTOBUF), unpinned=True, rare=True),
    "futu-3.x": ClientEnvironment(("futu-api==3.27.2", _OLD_PROTOBUF), unpinned=True),
    "mcp-moomoo": ClientEnvironment(
        ("moomoo-api-mcp==0.1.8", "moomoo-api==10.11.7108", _MCP), package="moomoo", rare=True
    ),
    "mcp-futu-stock": ClientEnvironment(("futu-stock-mcp-server==1.0.8", _NEWEST, _MCP), rare=True),
    "mcp-futu-opend": ClientEnvironment(("futu-opend-mcp==0.1.4", _NEWEST, _MCP), rare=True),
    "nautilus": ClientEnvironment(
        ("nautilus-futu==0.5.1", "nautilus_trader==1.231.0"), python="3.12", rare=True
    ),
    "futuquant": ClientEnvironment(
        ("futuquant==3.5.1", _OLD_PROTOBUF), package="futuquant", rare=True
    ),
}
_LIBRARIES: Final = ("pandas", "simplejson", "pycryptodome")


class NoPythonError(Exception):
    """This machine lacks the Python version that a client needs."""


def interpreter(name: str) -> Path:
    """Return the Python of the named environment, built first if it is missing.

    Raises:
        NoPythonError: this machine cannot have it.
        RuntimeError: it could not be built; the text holds pip's last lines.
    """
    if ENVIRONMENTS[name].python:
        return _python(_ensure_other(name, ENVIRONMENTS[name]))
    libraries = _ensure("libraries", _LIBRARIES, _build_libraries)

    arguments = ENVIRONMENTS[name].pip_arguments

    def build(path: Path) -> None:
        _build_client(path, libraries, arguments)

    return _python(_ensure(name, (*arguments, *_LIBRARIES), build))


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


def java_class_path(sources: Path, release: str) -> str:
    """Compile the Java programs against a release of the SDK, unless that was done already.

    Args:
        sources: the folder of the programs and their `pom.xml`, which takes the release.
        release: of the SDK, such as "9.6.5608".

    Raises:
        RuntimeError: the SDK could not be had, or a program is wrong; the text says which.
    """
    programs = sorted(sources.glob("*.java"))
    contents = [path.read_text() for path in (sources / "pom.xml", *programs)]

    def build(path: Path) -> None:
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={path / 'lib'}")
        scope = ("-DincludeScope=runtime", f"-Dsdk={release}")
        _run("mvn", "-q", "-B", "-f", str(sources / "pom.xml"), *goal, *scope)
        options = ("-encoding", "UTF-8", "-cp", f"{path}/lib/*", "-d", str(path))
        _run("javac", *options, *map(str, programs))

    path = _ensure(f"java-{release}", (release, *contents), build)
    return f"{path}{os.pathsep}{path}/lib/*"


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


def _ensure_other(name: str, environment: ClientEnvironment) -> Path:
    base = _other_python(environment.python)

    def build(path: Path) -> None:
        _run(base, "-m", "venv", str(path))
        _run(str(_python(path)), "-m", "pip", "install", "--quiet", *environment.pip_arguments)

    return _ensure(name, (base, *environment.pip_arguments), build)


def _other_python(version: str) -> str:
    """Find another Python on the path or among pyenv's."""
    found = [shutil.which(f"python{version}") or ""]
    found += sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for python in filter(None, found):
        # What pyenv puts on the path may belong to no version that is switched on.
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    raise NoPythonError(f"this machine has no CPython {version}")


def _build_libraries(path: Path) -> None:
    _run(sys.executable, "-m", "venv", str(path))
    _run(str(_python(path)), "-m", "pip", "install", "--quiet", *_LIBRARIES)


def _build_client(path: Path, libraries: Path, arguments: tuple[str, ...]) -> None:
    _run(sys.executable, "-m", "venv", "--without-pip", str(path))
    (site_packages,) = path.glob("lib/python3*/site-packages")
    (shared,) = libraries.glob("lib/python3*/site-packages")
    (site_packages / "shared-libraries.pth").write_text(f"{shared}\n")
    pip = (str(_python(libraries)), "-m", "pip", "--python", str(_python(path)))
    _run(*pip, "install", "--quiet", *arguments)


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


def build(names: Sequence[str]) -> None:
    """Build the named environments, two for each processor at a time."""
    _ensure("libraries", _LIBRARIES, _build_libraries)
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for name, python in zip(names, pool.map(interpreter, names), strict=True):
            print(f"{name}: {python}")  # noqa: T201


if __name__ == "__main__":
    build(sys.argv[1:] or [name for name in ENVIRONMENTS if not ENVIRONMENTS[name].rare])
