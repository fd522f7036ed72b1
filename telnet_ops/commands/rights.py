"""Commands about quote rights and other devices: request_highest_quote_right, sim_kick."""

from __future__ import annotations

from typing import Final

from telnet_ops.limits import Limit
from telnet_ops.registry import Context, UsageError, command
from telnet_ops.target import Kick
from telnet_ops.texts import (
    CHANGED_ELSEWHERE,
    HIGHEST_RIGHT_REQUESTED,
    KICKED,
    MISSING_PARAMETER,
)


@command("request_highest_quote_right", limit=Limit(10, window_s=60))
def request_highest_quote_right(context: Context) -> str:
    """Request the highest quote right.

    Request the highest quote right again after another device (desktop, mobile) took it. Other
    devices then lose it.

    Source: [D] what it does and its limit; [I] the answer.
    """
    context.target.request_highest_quote_right()
    return context.say(HIGHEST_RIGHT_REQUESTED)


_NEW_PASSWORD: Final = ("login_password", "trade_password")


@command("sim_kick", has_secrets=True)
def sim_kick(context: Context, what: Kick = "quote_right", password: str | None = None) -> str:
    """Simulate being kicked by another device.

    Behave as if another device took the quote rights (quote_right), logged the account in elsewhere
    (login), changed a password (login_password, trade_password) or turned the device lock on
    (device_lock). The real OpenD has no such command.

    Args:
        context: what the command works on.
        what: quote_right, login, login_password, trade_password or device_lock; quote_right if absent
        password: the new password
    """
    if what in _NEW_PASSWORD and not password:
        raise UsageError(MISSING_PARAMETER, name="password")
    context.target.kick(what, password)
    return context.say(KICKED if what in ("quote_right", "login") else CHANGED_ELSEWHERE)
