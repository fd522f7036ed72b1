"""What the fixtures hand out: a gateway, the SDK contexts open on it, and the means to direct it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, Unpack

from opend_pytest.command_link import ControlError
from opend_pytest.contexts import Contexts
from opend_pytest.control import Control
from opend_pytest.fault_control import Entry, JournalQuery
from opend_pytest.journal_text import tails
from opend_pytest.process import Address, GatewayProcess

_POLL_S: Final = 0.005


class OpenD:
    """A running gateway.

    Args:
        directory: An empty directory of its own.
        python: The interpreter that has the emulator installed.
        settings: Elements of FutuOpenD.xml; `rsa_private_key` encrypts the contexts, too.
        sdk: Package of the client SDK; None takes what is installed.

    Raises:
        GatewayError: It did not become ready.
    """

    def __init__(
        self, directory: Path, python: str, settings: Mapping[str, object], sdk: str | None
    ) -> None:
        self._process = GatewayProcess(directory, python, settings)
        self.addresses = self._process.addresses
        """Where each service listens: `api`, `telnet`, `ws` …"""
        key = settings.get("rsa_private_key")
        self._contexts = Contexts(self.address, sdk, Path(str(key)) if key else None)
        self.control = Control(self.addresses["admin"])
        """Moves the clock and the prices, acts on orders, and whatever else the console can do."""

    @property
    def host(self) -> str:
        """The API's host, for contexts that the test or the strategy opens itself."""
        return self.address.host

    @property
    def port(self) -> int:
        """The API's port."""
        return self.address.port

    @property
    def address(self) -> Address:
        """The API's host and port."""
        return self.addresses["api"]

    @property
    def pid(self) -> int:
        """The number of the gateway's process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything the gateway has printed and logged so far."""
        return self._process.log

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        return self._process.log_tail()

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped or killed; False if it ended by itself."""
        return self._process.is_stopped

    def quote_context(self, **options: object) -> Any:  # noqa: ANN401 - the SDK ships no types
        """Open an `OpenQuoteContext`, which is closed for you.

        Args:
            **options: Further arguments of the SDK's class.
        """
        return self._contexts.quote(**options)

    def trade_context(self, market: str = "HK", **options: object) -> Any:  # noqa: ANN401 - see above
        """Open a trade context, which is closed for you.

        Args:
            market: `HK`, `US`, `CN` …; `FUTURES` and `CRYPTO` have classes of their own.
            **options: Further arguments of the SDK's class.
        """
        return self._contexts.trade(market, **options)

    def close_contexts(self) -> None:
        """Close the contexts opened so far and wait until no callback runs any more."""
        self._contexts.close()

    def journal(self, **query: Unpack[JournalQuery]) -> list[Entry]:
        """What clients sent and got: `journal(protocol="Trd_PlaceOrder", direction="request")`.

        Args:
            **query: See `Control.journal`.
        """
        return self.control.journal(**query)

    def count(self, **query: Unpack[JournalQuery]) -> int:
        """How many frames of some kind there were: `count(protocol="Qot_Sub", ret=-1)`.

        Args:
            **query: See `Control.journal`.
        """
        return self.control.count(**query)

    def journal_tail(self) -> str:
        """Return the last entries of each connection, a line each; empty if there is no journal."""
        try:
            return tails(self.control.journal())
        except ControlError:
            return ""

    def wait_until(self, condition: Callable[[], object], timeout_s: float = 5.0) -> None:
        """Wait for the client's side: what the gateway has pushed takes the SDK's threads a moment.

        Args:
            condition: Becomes true, for instance `lambda: strategy.orders`.
            timeout_s: How long to wait, in seconds of real time.

        Raises:
            AssertionError: It did not.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"still not true after {timeout_s} s")
            time.sleep(_POLL_S)

    def kill(self) -> None:
        """End the gateway as a power cut would; the contexts stay and try to reconnect."""
        self._process.kill()

    def stop(self) -> None:
        """Close the contexts and stop the gateway; nothing happens the second time.

        Raises:
            GatewayError: It had crashed, or had to be killed.
        """
        self.close_contexts()
        self._process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
