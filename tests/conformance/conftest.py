"""Gateways for the conformance tests, and the mark that all of them carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conformance.gateway_process import GatewayProcess, running, write_rsa_key
from tests.conformance.web_clients import WebPrograms, bundle


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.conformance)


@pytest.fixture(scope="session")
def quote_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """One gateway for all programs that only read the market."""
    with running(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    """Start gateways that this test alone uses; each must stop cleanly at its end."""
    with ExitStack() as stack:

        def start(**settings: object) -> GatewayProcess:
            directory = tmp_path / f"gateway-{len(list(tmp_path.iterdir()))}"
            directory.mkdir()
            return stack.enter_context(running(directory, **settings))

        yield start


@pytest.fixture(scope="session")
def rsa_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key file that gateway and client share."""
    return write_rsa_key(tmp_path_factory.mktemp("key") / "key.pem")


@pytest.fixture(scope="session")
def web_programs(tmp_path_factory: pytest.TempPathFactory) -> WebPrograms:
    """The programs of the newest JavaScript SDK, bundled once."""
    return bundle(tmp_path_factory.mktemp("bundles"))
