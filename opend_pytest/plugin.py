"""The pytest plugin: options, fixtures, and the gateway's log below a failed test.

Everything else is imported by the first test that uses a fixture, so that a test run without one pays
nothing.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from opend_pytest.access import Access
    from opend_pytest.opend import Gateway, OpenD, RunningOpenD, World
    from opend_pytest.process import Address

ADMIN_PORT: Final = 8111
"""Where an admin interface usually is."""
DEFAULT_SETTINGS: Final = {"lang": "en", "sim_clock": "manual", "sim_journal": 5_000}
"""What a test wants and a user does not: readable answers, time that passes when the test says so, and a
journal to look into when it fails."""

_running: Final = pytest.StashKey[list["Access"]]()
_numbers: Final = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what can be configured."""
    group = parser.getgroup("opend", "OpenD emulator")
    group.addoption(
        "--opend-python",
        metavar="PATH",
        help="interpreter that has the emulator installed (default: the one that runs pytest)",
    )
    group.addoption(
        "--opend-setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="setting of every gateway, such as sim_seed=7; wins over the ini file",
    )
    group.addoption(
        "--opend-at",
        metavar="HOST:PORT",
        help="a gateway that runs already, with sim_worlds=client_id, in place of ones of our own",
    )
    group.addoption(
        "--opend-admin", metavar="HOST:PORT", help="its admin interface (default: port 8111 there)"
    )
    parser.addini("opend_at", "a gateway that runs already: host:port")
    parser.addini("opend_admin", "its admin interface: host:port")
    parser.addini("opend_python", "interpreter that has the emulator installed")
    parser.addini("opend_settings", "settings of every gateway: name=value", type="linelist")
    parser.addini("opend_sdk", "client package: futu or moomoo (default: what is installed)")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and that no gateway is running."""
    config.addinivalue_line(
        "markers", "opend(**settings): settings of this test's gateway, such as sim_seed=7"
    )
    config.stash[_running] = []


@pytest.fixture(scope="session")
def opend_factory(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., OpenD]]:
    """Start further gateways: `opend_factory(sim_seed=7)`; each runs until the session ends or `stop()`."""
    from opend_pytest.opend import OpenD  # noqa: PLC0415 - see the module's description

    running = pytestconfig.stash[_running]
    python = _option(pytestconfig, "opend_python") or sys.executable
    sdk = pytestconfig.getini("opend_sdk") or None

    with ExitStack() as stack:

        def start(**settings: object) -> OpenD:
            directory = tmp_path_factory.mktemp("opend")
            opend = OpenD(directory, python, _settings(pytestconfig) | settings, sdk)
            running.append(opend)
            stack.callback(running.remove, opend)
            stack.callback(opend.stop)
            return opend

        yield start


@pytest.fixture
def opend(request: pytest.FixtureRequest) -> Iterator[Access]:
    """A gateway that only this test talks to, with the settings of its marker `opend`.

    With `--opend-at` it is a world of the gateway there.
    """
    settings: dict[str, object] = {}
    for marker in reversed(list(request.node.iter_markers("opend"))):
        settings |= marker.kwargs
    if not _elsewhere(request.config):
        gateway: Access = request.getfixturevalue("opend_factory")(**settings)
    elif settings:
        raise pytest.UsageError("settings of a test need a gateway of its own: no --opend-at then")
    else:
        gateway = request.getfixturevalue("opend_world")
    yield gateway
    gateway.stop()


@pytest.fixture(scope="session")
def opend_session(request: pytest.FixtureRequest) -> Gateway:
    """One gateway for all tests of this process; what one test does, the next one finds."""
    if _elsewhere(request.config):
        gateway: Gateway = request.getfixturevalue("_opend_elsewhere")
    else:
        gateway = request.getfixturevalue("opend_factory")()
    return gateway


@pytest.fixture(scope="session")
def _opend_elsewhere(pytestconfig: pytest.Config) -> Iterator[RunningOpenD]:
    from opend_pytest.opend import RunningOpenD  # noqa: PLC0415 - see the module's description

    api = _address(_elsewhere(pytestconfig))
    admin = _option(pytestconfig, "opend_admin") or f"{api.host}:{ADMIN_PORT}"
    sdk = pytestconfig.getini("opend_sdk") or None
    key = _settings(pytestconfig).get("rsa_private_key")
    with RunningOpenD(api, _address(admin), sdk, Path(str(key)) if key else None) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def _opend_of_worlds(request: pytest.FixtureRequest) -> Gateway:
    """The gateway in which tests have worlds of their own."""
    if _elsewhere(request.config):
        gateway: Gateway = request.getfixturevalue("_opend_elsewhere")
    else:
        gateway = request.getfixturevalue("opend_factory")(sim_worlds="client_id")
    return gateway


@pytest.fixture
def opend_world(request: pytest.FixtureRequest, _opend_of_worlds: Gateway) -> Iterator[World]:
    """A world that only this test is in, within a gateway that all tests share: there in milliseconds."""
    running = request.config.stash[_running]
    name = f"{request.node.name[:40]}-{os.getpid()}-{next(_numbers)}"
    with _opend_of_worlds.world(name) as world:
        running.append(world)
        yield world
        running.remove(world)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show below a failure what the gateways have said."""
    report = yield
    if report.failed and call.when != "teardown":
        for opend in item.config.stash[_running]:
            if not opend.is_stopped:
                title = f"OpenD {opend.host}:{opend.port}"
                if journal := opend.journal_tail():
                    report.sections.append((f"{title}: journal", journal))
                report.sections.append((title, opend.log_tail()))
    return report


def _elsewhere(config: pytest.Config) -> str:
    """Where a gateway runs already, as it was written; empty for none."""
    return _option(config, "opend_at")


def _address(written: str) -> Address:
    from opend_pytest.process import Address  # noqa: PLC0415 - see the module's description

    host, _, port = written.rpartition(":")
    if not host or not port.isdecimal():
        raise pytest.UsageError(f"{written!r}: write it as host:port")
    return Address(host.strip("[]"), int(port))


def _option(config: pytest.Config, name: str) -> str:
    return str(config.getoption(name) or config.getini(name) or "")


def _settings(config: pytest.Config) -> dict[str, object]:
    settings: dict[str, object] = dict(DEFAULT_SETTINGS)
    for line in [*config.getini("opend_settings"), *config.getoption("opend_setting")]:
        name, equals, value = line.partition("=")
        if not equals:
            raise pytest.UsageError(f"opend setting {line!r}: write it as name=value")
        settings[name.strip()] = value.strip()
    return settings
