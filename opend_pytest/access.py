"""A way into a gateway: SDK contexts that are closed for you, and the means to direct it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Protocol, Self, Unpack

from opend_pytest.command_link import CommandLink, ControlError
from opend_pytest.contexts import Contexts
from opend_pytest.control import Control
from opend_pytest.fault_control import Entry, JournalQuery
from opend_pytest.journal_text import tails
from opend_pytest.process import Address

_POLL_S: Final = 0.005


class Host(Protocol):
    """What a gateway, or a world inside of one, lives in."""

    @property
    def is_stopped(self) -> bool:
        """Whether it has come to its end as it should."""
        ...

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        ...

    def stop(self) -> None:
        """End it; nothing happens the second time."""
        ...


class Access:
    """What tests do with a gateway, whoever runs it.

    Args:
        host: What it lives in.
        addresses: Where its services listen; `api` and `admin` at least.
        contexts: Opens SDK contexts there.
        world: The private world that commands are meant for; empty: the common one.
    """

    def __init__(
        self, host: Host, addresses: Mapping[str, Address], contexts: Contexts, world: str = ""
    ) -> None:
        self._host = host
        self.addresses: Final = addresses
        """Where each service listens: `api`, `telnet`, `ws` …"""
        self._contexts = contexts
        self.control: Final = Control(CommandLink(addresses["admin"], world))
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

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped or killed; False if it ended by itself."""
        return self._host.is_stopped

    def log_tail(self) -> str:
        """Return the last lines of the gateway's log."""
        return self._host.log_tail()

    def stop(self) -> None:
        """Close the contexts and stop the gateway; nothing happens the second time.

        Raises:
            GatewayError: It had crashed, or had to be killed.
        """
        self.close_contexts()
        self._host.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
