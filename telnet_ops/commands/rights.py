"""Commands about quote rights and other devices: request_highest_quote_right, sim_kick."""

from __future__ import annotations

from telnet_ops.limits import Limit
from telnet_ops.registry import Context, command
from telnet_ops.target import Kick
from telnet_ops.texts import HIGHEST_RIGHT_REQUESTED, KICKED


@command("request_highest_quote_right", limit=Limit(10, window_s=60))
def request_highest_quote_right(context: Context) -> str:
    """Request the highest quote right.

    Request the highest quote right again after another device (desktop, mobile) took it. Other
    devices then lose it.

    Source: [D] what it does and its limit; [I] the answer.
    """
    context.target.request_highest_quote_right()
    return context.say(HIGHEST_RIGHT_REQUESTED)


@command("sim_kick")
def sim_kick(context: Context, what: Kick = "quote_right") -> str:
    """Simulate being kicked by another device.

    Behave as if another device took the quote rights (quote_right) or logged the account in
    elsewhere (login). The real OpenD has no such command.

    Args:
        context: what the command works on.
        what: what is taken (quote_right, login), by default quote_right
    """
    context.target.kick(what)
    return context.say(KICKED)
