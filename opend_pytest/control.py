"""The console's commands as methods."""

from __future__ import annotations

from typing import Final

from opend_pytest.command_link import CommandLink, ControlError
from opend_pytest.process import Address

ANSWER_TIMEOUT_S: Final = 120.0


class Control:
    """Directs one gateway: moves its clock and its prices, acts on orders, and all the console can do.

    Each call returns once its effects were sent to the clients.

    Args:
        address: Where the gateway's API listens.
    """

    def __init__(self, address: Address) -> None:
        self._link = CommandLink(address, ANSWER_TIMEOUT_S)

    def command(self, name: str, /, **parameters: object) -> str:
        """Run any command of the console: `command("show_sub_info", conn_id=5)`.

        Args:
            name: The command.
            **parameters: Its parameters; None leaves one out.

        Returns:
            The console's answer.

        Raises:
            ControlError: The gateway did not answer, or refused.
        """
        written = " ".join(
            f'-{key}="{_written(value)}"' for key, value in parameters.items() if value is not None
        )
        return self._link.run(name, written)


def _written(value: object) -> str:
    text = str(int(value)) if isinstance(value, bool) else str(value)
    if '"' in text or "\n" in text:
        raise ControlError(f"a parameter cannot hold quotes or lines: {text!r}")
    return text
