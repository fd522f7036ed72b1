"""The commands of the console, in the order in which `help` lists them."""

from __future__ import annotations

from typing import Final

from telnet_ops.commands import connections, diagnostics, process, quota
from telnet_ops.registry import Command

STANDARD_COMMANDS: Final[tuple[Command, ...]] = (
    process.help_,
    process.exit_,
    diagnostics.ping,
    diagnostics.show_delay_report,
    connections.close_api_conn,
    quota.show_sub_info,
    process.set_log_level,
)
