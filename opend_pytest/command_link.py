"""Commands over the gateway's admin interface: it says whether a command was refused, and needs no SDK.

Each command has a connection of its own, so that nothing is left broken when a gateway is killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, Final
from urllib.parse import urlencode

from opend_pytest.process import Address

ANSWER_TIMEOUT_S: Final = 300.0
"""A clock that is moved far takes its time."""
_OK: Final = 200


class ControlError(RuntimeError):
    """The gateway could not be asked, or it refused; the text says why."""


class CommandLink:
    """Sends commands to one gateway.

    Args:
        address: Where its admin interface listens.
        world: The private world that is meant; empty: the common one.
    """

    def __init__(self, address: Address, world: str = "") -> None:
        self._address = address
        self._query = {"world": world} if world else {}

    def run(self, name: str, parameters: Mapping[str, str]) -> str:
        """Run one command and return its answer, after all its effects were sent to the clients.

        Raises:
            ControlError: There was no answer, or a refusal.
        """
        path = self._addressed(f"/commands/{name}", {})
        content = self._ask(name, "POST", path, json.dumps(parameters))
        return str(content["result"])

    def read(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What the gateway tells as data.

        Args:
            path: Such as `/scenario`.
            query: What follows the question mark, if anything.

        Raises:
            ControlError: There was no answer, or a refusal.
        """
        return self._ask(path, "GET", self._addressed(path, query or {}), None)

    def _addressed(self, path: str, query: Mapping[str, str]) -> str:
        written = urlencode({**query, **self._query})
        return f"{path}?{written}" if written else path

    def _ask(self, what: str, method: str, path: str, body: str | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Content-Type": "application/json"}
        connection = HTTPConnection(*self._address, timeout=ANSWER_TIMEOUT_S)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            raise ControlError(f"{what}: no answer from the gateway: {error!r}") from error
        finally:
            connection.close()
        if response.status != _OK:
            raise ControlError(f"{what}: {content['error']}")
        return content
