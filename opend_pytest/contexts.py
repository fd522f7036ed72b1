"""Contexts of the client SDK, whichever is installed, and their end.

A context owns threads that are no daemons: one that stays open keeps pytest from ending.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from opend_pytest.process import Address

PACKAGES: Final = ("futu", "moomoo")
END_TIMEOUT_S: Final = 3.0
CLIENT_VERSION: Final = 1
"""Told with a client id."""
_TRADE_CONTEXTS: Final = {"FUTURES": "OpenFutureTradeContext", "CRYPTO": "OpenCryptoTradeContext"}


def load_sdk(package: str | None) -> ModuleType:
    """Import the client SDK.

    Args:
        package: `futu` or `moomoo`; None takes the first of them that is installed.

    Raises:
        ImportError: There is none.
    """
    if package is None:
        package = next((name for name in PACKAGES if find_spec(name)), None)
    if package is None:
        raise ImportError("no client SDK is installed: pip install futu-api (or moomoo-api)")
    return importlib.import_module(package)


class Contexts:
    """The open contexts of one gateway.

    Args:
        address: Where the gateway listens.
        package: See `load_sdk`.
        rsa_key: The gateway's key file, if it has one: then all contexts are encrypted with it.
        client_id: What they call themselves; None leaves that to the SDK.
    """

    def __init__(
        self,
        address: Address,
        package: str | None,
        rsa_key: Path | None,
        client_id: str | None = None,
    ) -> None:
        self._address = address
        self._package = package
        self._rsa_key = rsa_key
        self._client_id = client_id
        self._open: list[tuple[Any, set[threading.Thread]]] = []

    def quote(self, **options: object) -> Any:  # noqa: ANN401 - the SDK ships no types
        """Open an `OpenQuoteContext`."""
        return self._connect("OpenQuoteContext", options)

    def trade(self, market: str, **options: object) -> Any:  # noqa: ANN401 - the SDK ships no types
        """Open a trade context for `HK`, `US`, `CN`, `FUTURES` and so on."""
        kind = _TRADE_CONTEXTS.get(market)
        if kind is None:
            return self._connect("OpenSecTradeContext", {"filter_trdmarket": market, **options})
        return self._connect(kind, options)

    def identify(self) -> None:
        """Have everything that the SDK connects from now on call itself so, if there is an SDK."""
        with suppress(ImportError):
            self._identify(load_sdk(self._package), self._client_id)

    def _identify(self, sdk: ModuleType, client_id: str | None) -> None:
        if self._client_id is not None:
            sdk.SysConfig.set_client_info(client_id, client_id and CLIENT_VERSION)

    def close(self) -> None:
        """Close all, last opened first, and wait for their threads."""
        while self._open:
            context, threads = self._open.pop()
            context.close()
            _join(threads)
        with suppress(ImportError):
            if self._client_id is not None:
                self._identify(load_sdk(self._package), None)

    def _connect(self, kind: str, options: dict[str, object]) -> Any:  # noqa: ANN401
        sdk = load_sdk(self._package)
        self._identify(sdk, self._client_id)
        if self._rsa_key is not None:
            sdk.SysConfig.set_init_rsa_file(str(self._rsa_key))
        make: Callable[..., Any] = getattr(sdk, kind)
        host, port = self._address
        before = set(threading.enumerate())
        is_encrypted = self._rsa_key is not None
        context = make(**{"host": host, "port": port, "is_encrypt": is_encrypted, **options})
        threads = {t for t in set(threading.enumerate()) - before if not t.daemon}
        self._open.append((context, threads))
        return context


def _join(threads: set[threading.Thread]) -> None:
    deadline = time.monotonic() + END_TIMEOUT_S
    for thread in threads - {threading.current_thread()}:
        thread.join(max(0.0, deadline - time.monotonic()))
