"""Each setting changes something: here, or in the test that `PROOFS` names."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from gateway.assembly import build_opend, origin_ns
from gateway.config import Settings
from gateway.config.settings import OPTIONS
from gateway.continuity import ClockState
from gateway.session.opend import OpenD
from gateway.store.memory import MemoryStore
from simulator.domain import Environment, Profile
from tests.support.conversation import START_NS

ROOT: Final = Path(__file__).parents[2]
HERE: Final = "gateway/test_settings_effect.py::"
LOGIN: Final = "e2e/test_login.py::"
WEB: Final = "e2e/test_websocket.py::"
AT_WORK: Final = "handlers/test_settings_at_work.py::"
DAY_TRADING: Final = "handlers/test_day_trading.py::"
ADMIN: Final = "conformance/test_control.py::test_an_advance_comes_back_with_everything_delivered"

PROOFS: Final = {
    "ip": "e2e/test_open_address.py::test_without_a_key_only_quotes_are_served",
    "api_port": "gateway/test_continuity.py::test_each_port_has_a_state_of_its_own",
    "login_account": "e2e/test_start_options.py::test_the_account_is_named",
    "login_pwd_md5": HERE + "test_the_login_password_may_be_a_digest",
    "login_pwd": LOGIN + "test_a_wrong_password_ends_the_program_with_14",
    "lang": "handlers/test_test_command.py::test_a_command_answers_as_on_the_console",
    "log_level": "gateway/test_log.py::test_level_keeps_what_is_less_grave_out",
    "log_path": "gateway/test_log_file.py::test_the_log_goes_to_a_file_as_well",
    "push_proto_type": AT_WORK + "test_push_proto_type_is_for_clients_without_a_wish",
    "qot_push_frequency": "gateway/test_pacing.py::test_a_stream_is_pushed_once_in_its_interval",
    "telnet_ip": "e2e/test_start_options.py::test_telnet_and_admin_listen_where_they_are_told",
    "telnet_port": LOGIN + "test_codes_by_telnet_complete_the_login",
    "rsa_private_key": "e2e/test_open_address.py::test_with_a_key_trading_is_served",
    "price_reminder_push": (
        "handlers/test_qot_personal.py::test_the_setting_keeps_all_reminders_to_itself"
    ),
    "auto_hold_quote_right": (
        "handlers/test_each_quote_right.py::test_a_device_that_keeps_the_rights_keeps_them"
    ),
    "future_trade_api_time_zone": AT_WORK + "test_times_of_futures_orders_are_in_their_zone",
    "websocket_ip": WEB + "test_an_open_address_without_tls_is_not_served",
    "websocket_port": WEB + "test_the_start_names_the_address",
    "websocket_key_md5": WEB + "test_the_key_opens_the_service",
    "websocket_private_key": WEB + "test_an_open_address_with_tls_is_served",
    "websocket_cert": WEB + "test_an_open_address_with_tls_is_served",
    "pdt_protection": DAY_TRADING + "test_the_fourth_day_trade_is_stopped_unless_it_is_wanted",
    "dtcall_confirmation": DAY_TRADING
    + "test_opening_beyond_the_power_is_stopped_unless_it_is_wanted",
    "simulate_trade": "handlers/test_paper_accounts_off.py::test_only_real_accounts_are_listed",
    "console": "e2e/test_start_options.py::test_the_console_can_be_silent",
    "sim_seed": HERE + "test_the_seed_chooses_the_prices",
    "sim_clock": "gateway/test_continuity.py::test_the_wall_clock_is_never_overruled",
    "sim_speed": (
        "conformance/test_rate_limits.py::test_sixty_first_snapshot_is_refused_until_the_window_slides"
    ),
    "sim_start": HERE + "test_the_start_chooses_the_instant",
    "sim_source": "gateway/test_market_sources.py::test_a_folder_can_be_the_whole_market",
    "sim_universe_size": HERE + "test_the_universe_has_two_sizes",
    "sim_limits": "gateway/test_limiter_setting.py::test_setting_chooses_what_is_refused",
    "sim_quota_tier": "session/test_tiers.py::test_a_deposit_lifts_the_quotas_within_two_hours",
    "sim_history_quota_days": (
        "handlers/test_qot_history.py::test_the_month_of_older_releases_has_its_own_text"
    ),
    "sim_trade_without_rsa": "gateway/test_security_rule.py::test_who_may_trade",
    "sim_quote_rights": "conformance/test_login.py::test_quote_rights_open_and_close",
    "sim_watch_list": HERE + "test_a_setting_reaches_the_state",
    "sim_login": LOGIN + "test_codes_by_telnet_complete_the_login",
    "sim_login_password": LOGIN + "test_a_wrong_password_ends_the_program_with_14",
    "sim_picture_code": LOGIN + "test_codes_by_telnet_complete_the_login",
    "sim_phone_code": LOGIN + "test_codes_by_telnet_complete_the_login",
    "sim_profile": (
        "handlers/test_trd_real.py::test_paper_fills_stay_hidden_unless_the_profile_is_extended"
    ),
    "sim_accounts": HERE + "test_a_file_replaces_the_accounts",
    "sim_trade_password_md5": AT_WORK + "test_the_trade_password_is_that_of_the_setting",
    "sim_scenario": "e2e/test_scenario.py::test_the_file_of_the_configuration_begins_at_the_start",
    "sim_worlds": "e2e/test_worlds.py::test_clients_of_two_ids_do_not_see_each_other",
    "sim_store": "e2e/test_store.py::test_a_restart_says_what_it_recovered",
    "sim_data_dir": "gateway/test_continuity.py::test_each_port_has_a_state_of_its_own",
    "sim_admin_ip": "e2e/test_start_options.py::test_telnet_and_admin_listen_where_they_are_told",
    "sim_admin_port": ADMIN,
    "sim_journal": "plugin/test_journal.py::test_a_gateway_for_tests_keeps_a_journal",
    "sim_port_file": ADMIN,
}
"""The test that shows a setting's effect, below `tests/`."""


def start(**options: object) -> OpenD:
    settings = Settings(sim_universe_size=options.pop("sim_universe_size", "named"), **options)
    return build_opend(settings, ClockState(START_NS, START_NS), MemoryStore())


def test_every_setting_is_proved():
    """No setting is forgotten."""
    assert set(OPTIONS) == set(PROOFS)


@pytest.mark.parametrize("name", PROOFS)
def test_each_proof_exists(name):
    """The map names tests that are there."""
    path, _, test = PROOFS[name].partition("::")
    text = (ROOT / "tests" / path).read_text(encoding="utf-8")

    assert re.search(rf"def {test}\(", text)


@pytest.mark.parametrize(
    ("name", "value", "read", "expected"),
    [
        ("lang", "en", lambda o: o.language, "en"),
        ("push_proto_type", "1", lambda o: o.default_push_format, 1),
        ("auto_hold_quote_right", "0", lambda o: o.quote_access.holds_automatically, False),
        (
            "future_trade_api_time_zone",
            "UTC-5",
            lambda o: o.futures_zone.utcoffset(None),
            timedelta(hours=-5),
        ),
        ("sim_history_quota_days", "30", lambda o: o.history_quota.window_ns, 30 * 86_400 * 10**9),
        (
            "sim_watch_list",
            "Mine=HK.00005",
            lambda o: [title.english for title in o.watch_list.titles()][-1],
            "Mine",
        ),
        ("sim_picture_code", "0042", lambda o: o.login.script.picture_code, "0042"),
        ("sim_phone_code", "77", lambda o: o.login.script.phone_code, "77"),
        ("sim_trade_password_md5", "0" * 32, lambda o: o.login.trade_password_md5, "0" * 32),
        (
            "sim_profile",
            "extended",
            lambda o: {s.profile for s in o.accounts() if s.environment is Environment.SIMULATE},
            {Profile.EXTENDED},
        ),
    ],
)
def test_a_setting_reaches_the_state(name, value, read, expected):
    """What is written is what the running OpenD goes by; without it, it goes by something else."""
    assert read(start(**{name: value})) == expected
    assert read(start()) != expected


def test_the_login_password_may_be_a_digest():
    """The MD5 counts before the clear text. Source: [D]."""
    digest = "0123456789abcdef" * 2

    assert start(login_pwd_md5=digest, login_pwd="x").login.password_md5 == digest


def test_the_seed_chooses_the_prices():
    """Another seed, another market."""
    prices = []
    for seed in (1, 2, 1):
        market = start(sim_seed=seed).market
        security = next(iter(market.universe.instruments())).security
        prices.append(market.quote(security, START_NS).last)

    assert prices[0] == prices[2] != prices[1]


def test_the_start_chooses_the_instant():
    """A date begins at noon UTC."""
    assert origin_ns(Settings(sim_start="2026-01-15")) == 1_768_478_400 * 10**9


def test_the_universe_has_two_sizes():
    """Thousands of securities, or the named ones."""
    named = len(list(start().market.universe.instruments()))

    assert len(list(start(sim_universe_size="full").market.universe.instruments())) > 2 * named


def test_a_file_replaces_the_accounts(tmp_path):
    """Only what the file describes is there."""
    path = tmp_path / "accounts.json"
    path.write_text(
        '[{"id": 7, "environment": "SIMULATE", "type": "CASH", "markets": ["HK"],'
        ' "cash": {"HKD": "100"}}]'
    )

    assert [spec.account_id for spec in start(sim_accounts=path).accounts()] == [7]
