"""The commands of the console, in the order in which `help` lists them."""

from __future__ import annotations

from typing import Final

from telnet_ops.commands import (
    connections,
    diagnostics,
    login,
    process,
    quota,
    rights,
    sim_account,
    sim_clock,
    sim_events,
    sim_fault,
    sim_journal,
    sim_market,
    sim_scenario,
    sim_session,
    sim_worlds,
)
from telnet_ops.registry import Command

STANDARD_COMMANDS: Final[tuple[Command, ...]] = (
    process.help_,
    process.exit_,
    login.req_phone_verify_code,
    login.input_phone_verify_code,
    login.req_pic_verify_code,
    login.input_pic_verify_code,
    login.relogin,
    diagnostics.ping,
    diagnostics.show_delay_report,
    connections.close_api_conn,
    quota.show_sub_info,
    rights.request_highest_quote_right,
    process.update,
    process.set_log_level,
    rights.sim_kick,
    sim_clock.sim_clock,
    sim_market.sim_price,
    sim_market.sim_halt,
    sim_market.sim_resume,
    sim_market.sim_limit_up,
    sim_market.sim_limit_down,
    sim_market.sim_seed,
    sim_events.sim_corporate_action,
    sim_events.sim_expire,
    sim_account.sim_order,
    sim_account.sim_deposit,
    sim_account.sim_withdraw,
    sim_account.sim_position,
    sim_account.sim_reset,
    sim_session.sim_quota,
    sim_session.sim_rights,
    sim_session.sim_notify,
    sim_session.sim_connections,
    sim_fault.sim_fault,
    sim_journal.sim_journal,
    sim_scenario.sim_scenario,
    sim_worlds.sim_worlds,
)
