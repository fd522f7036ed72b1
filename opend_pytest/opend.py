"""What the fixtures hand out: a gateway of one's own, one that runs elsewhere, a world inside of one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from opend_pytest.access import Access, Host
from opend_pytest.command_link import ControlError
from opend_pytest.contexts import Contexts
from opend_pytest.process import Address, GatewayProcess


class Gateway(Access):
    """A whole gateway.

    Args:
        host: What it lives in.
        addresses: Where its services listen.
        sdk: Package of the client SDK; None takes what is installed.
        rsa_key: Its key file, if it has one.
    """

    def __init__(
        self, host: Host, addresses: Mapping[str, Address], sdk: str | None, rsa_key: Path | None
    ) -> None:
        super().__init__(host, addresses, Contexts(addresses["api"], sdk, rsa_key))
        self._sdk = sdk
        self._rsa_key = rsa_key

    def world(self, name: str) -> World:
        """A private world of this gateway, which was started with `sim_worlds=client_id`.

        Args:
            name: The client id of all that belong to it.

        Raises:
            ControlError: There are no private worlds, or too many.
        """
        contexts = Contexts(self.address, self._sdk, self._rsa_key, name)
        return World(self, name, contexts)


class OpenD(Gateway):
    """A gateway that runs for these tests only.

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
        self._process = process = GatewayProcess(directory, python, settings)
        key = settings.get("rsa_private_key")
        super().__init__(process, process.addresses, sdk, Path(str(key)) if key else None)

    @property
    def pid(self) -> int:
        """The number of the gateway's process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything the gateway has printed and logged so far."""
        return self._process.log

    def kill(self) -> None:
        """End the gateway as a power cut would; the contexts stay and try to reconnect."""
        self._process.kill()


class RunningOpenD(Gateway):
    """A gateway that somebody else runs: a container, for instance.

    Args:
        api: Where clients connect.
        admin: Where its admin interface listens.
        sdk: Package of the client SDK; None takes what is installed.
        rsa_key: The gateway's key file, if it has one.
    """

    def __init__(
        self, api: Address, admin: Address, sdk: str | None, rsa_key: Path | None = None
    ) -> None:
        super().__init__(_Elsewhere(), {"api": api, "admin": admin}, sdk, rsa_key)


class World(Access):
    """A world of one's own inside a gateway that others use too.

    Args:
        gateway: Where it is.
        name: Its name.
        contexts: Open SDK contexts under that name.
    """

    def __init__(self, gateway: Access, name: str, contexts: Contexts) -> None:
        super().__init__(_WorldHost(gateway, name), gateway.addresses, contexts, name)
        self.name: Final = name
        """The client id of all that belong to it."""
        self.control.command("sim_clock")  # begins it, or says that there are no worlds
        contexts.identify()


class _Elsewhere:
    """Is not ours to end."""

    is_stopped: Final = False

    def log_tail(self) -> str:
        return "(the gateway runs elsewhere, and so is its log)"

    def stop(self) -> None:
        """It runs on."""


class _WorldHost:
    """A world's place in its gateway."""

    def __init__(self, gateway: Access, name: str) -> None:
        self._gateway = gateway
        self._name = name
        self.is_stopped = False

    def log_tail(self) -> str:
        return self._gateway.log_tail()

    def stop(self) -> None:
        if not self.is_stopped:
            self.is_stopped = True
            with suppress(ControlError):  # it may have ended with its gateway
                self._gateway.control.command("sim_worlds", end=self._name)
