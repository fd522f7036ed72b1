"""What FutuOpenD.xml and the command line may say, and what happens when they say it wrongly."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.config import ConfigError, Settings, load_settings, read_rsa_key
from gateway.config.command_line import WITHOUT_EFFECT
from gateway.config.settings import COMMAND_LINE_ONLY, OPTIONS

PROJECT = Path(__file__).parents[2]
SHIPPED = PROJECT / "config" / "FutuOpenD.xml"
MD5 = "e10adc3949ba59abbe56e057f20f883e"

REAL_ELEMENTS = (
    "ip", "api_port", "login_account", "login_pwd_md5", "login_pwd", "lang", "log_level",
    "log_path", "push_proto_type", "qot_push_frequency", "telnet_ip", "telnet_port",
    "rsa_private_key", "price_reminder_push", "auto_hold_quote_right",
    "future_trade_api_time_zone", "websocket_ip", "websocket_port", "websocket_key_md5",
    "websocket_private_key", "websocket_cert", "pdt_protection", "dtcall_confirmation",
    "simulate_trade",
)  # fmt: skip

ACCEPTED = [
    ("ip", "0.0.0.0", "0.0.0.0"),
    ("ip", "::1", "::1"),
    ("api_port", "0", 0),
    ("api_port", "65535", 65535),
    ("login_account", "+86 13800000000", "+86 13800000000"),
    ("login_pwd_md5", MD5.upper(), SecretStr(MD5)),
    ("login_pwd", "p=w d", SecretStr("p=w d")),
    ("lang", "en", "en"),
    *[("log_level", level, level) for level in ("no", "debug", "warning", "error", "fatal")],
    ("log_path", "/var/log/opend", Path("/var/log/opend")),
    ("push_proto_type", "1", 1),
    ("qot_push_frequency", "1000", 1000),
    ("telnet_ip", "127.0.0.2", "127.0.0.2"),
    ("telnet_port", "22222", 22222),
    ("rsa_private_key", "key.pem", Path("key.pem")),
    ("price_reminder_push", "0", False),
    ("auto_hold_quote_right", "0", False),
    ("future_trade_api_time_zone", "UTC-11", "UTC-11"),
    ("future_trade_api_time_zone", "UTC", "UTC"),
    ("websocket_ip", "0.0.0.0", "0.0.0.0"),
    ("websocket_port", "33333", 33333),
    ("websocket_key_md5", MD5, SecretStr(MD5)),
    ("pdt_protection", "0", False),
    ("dtcall_confirmation", "0", False),
    ("simulate_trade", "disable", "disable"),
    ("sim_seed", "0", 0),
    ("sim_clock", "wall", "wall"),
    ("sim_clock", "2026-01-15T01:25:00Z", datetime(2026, 1, 15, 1, 25, tzinfo=UTC)),
    ("sim_speed", "0.5", 0.5),
    ("sim_speed", "10000", 10_000.0),
    ("sim_start", "2026-01-15", date(2026, 1, 15)),
    ("sim_start", "2026-01-15T09:30:00+00:00", datetime(2026, 1, 15, 9, 30, tzinfo=UTC)),
    ("sim_clock", "manual", "manual"),
    ("sim_admin_port", "0", 0),
    ("sim_admin_ip", "0.0.0.0", "0.0.0.0"),
    ("sim_journal", "5000", 5000),
    ("sim_port_file", "/tmp/ports.json", Path("/tmp/ports.json")),
    ("sim_source", "replay:/data/prices", "replay:/data/prices"),
    ("sim_universe_size", "named", "named"),
    ("sim_limits", "off", "off"),
    ("sim_quote_rights", "hk_stock=LV1, us_stock=NO", {"hk_stock": "LV1", "us_stock": "NO"}),
    ("sim_watch_list", "A b=HK.00700, US..SPX;C=", (("A b", ("HK.00700", "US..SPX")), ("C", ()))),
    ("sim_quota_tier", "assets", "assets"),
    ("sim_quota_tier", "100", "100"),
    ("sim_history_quota_days", "30", "30"),
    ("sim_trade_without_rsa", "1", True),
    ("sim_login", "ok", ()),
    ("sim_login", "picture_code, device_lock", ("picture_code", "device_lock")),
    ("sim_login_password", "p=w d", SecretStr("p=w d")),
    ("sim_picture_code", "0042", "0042"),
    ("sim_phone_code", "12345678", "12345678"),
    ("sim_profile", "extended", "extended"),
    ("sim_accounts", "accounts.json", Path("accounts.json")),
    ("sim_worlds", "client_id", "client_id"),
    ("sim_scenario", "crash.yaml", Path("crash.yaml")),
    ("sim_trade_password_md5", MD5, SecretStr(MD5)),
    ("sim_data_dir", "/var/lib/opend", Path("/var/lib/opend")),
    ("sim_limits", "strict", "strict"),
    ("sim_store", "memory", "memory"),
    ("sim_store", "sqlite:/var/lib/opend/state.sqlite3", "sqlite:/var/lib/opend/state.sqlite3"),
    ("sim_store", "postgresql://me@db/opend", "postgresql://me@db/opend"),
]

PORTS = "a whole number from 0 to 65535 (0: any free port)"
ADDRESSES = "an IP address such as 127.0.0.1 or 0.0.0.0"
CLOCKS = (
    "open, wall, manual, or an instant with its offset such as 2026-01-15T09:25:00+08:00, "
    "in 1990 to 2090"
)
STORES = "memory, sqlite:<path>, postgresql://<user>@<host>/<database>"
DAYS = (
    "a date such as 2026-01-15, or an instant with its offset such as 2026-01-15T09:25:00+08:00, "
    "in 1990 to 2090"
)
SEEDS = "a whole number from 0 to 9223372036854775807"
SPEEDS = "a number above 0, at most 10000"
RIGHTS = (
    "pairs such as hk_stock=LV1,us_stock=BMP; products: hk_stock, hk_option, hk_future, us_stock, "
    "us_option, us_future, us_index, us_otc, cn, sg_future, jp_future, sg_stock, my_stock, jp_stock, "
    "crypto, event_contract; rights: NO, BMP, LV1, LV2, LV3, SF"
)
HURDLES = (
    "ok, or in the order in which they come: "
    "wrong_password, picture_code, phone_code, device_lock, disclaimer"
)
GROUPS = "names with codes, such as Tech=HK.00700,US.AAPL;Banks=SH.600036;Empty="
REFUSED = [
    ("sim_watch_list", "Tech", GROUPS),
    ("sim_watch_list", "Tech=00700", GROUPS),
    ("sim_watch_list", "Tech=HK.00700;", GROUPS),
    ("sim_quote_rights", "hk_stock", RIGHTS),
    ("sim_quote_rights", "hk_stocks=LV1", RIGHTS),
    ("sim_quote_rights", "hk_stock=lv1", RIGHTS),
    ("sim_login", "picture", HURDLES),
    ("sim_login", "ok,picture_code", HURDLES),
    ("sim_picture_code", "12a4", "1 to 8 digits"),
    ("sim_phone_code", "123456789", "1 to 8 digits"),
    ("ip", "localhost", ADDRESSES),
    ("ip", "127.0.0.256", ADDRESSES),
    ("api_port", "65536", PORTS),
    ("api_port", "-1", PORTS),
    ("api_port", "11_111", PORTS),
    ("api_port", "11111.0", PORTS),
    ("lang", "EN", "chs, en"),
    ("log_level", "verbose", "no, debug, info, warning, error, fatal"),
    ("push_proto_type", "2", "0 (protobuf), 1 (JSON)"),
    ("qot_push_frequency", "0", "a whole number of milliseconds from 1 to 3600000"),
    ("telnet_ip", "here", ADDRESSES),
    ("telnet_port", "x", PORTS),
    ("price_reminder_push", "true", "0, 1"),
    ("auto_hold_quote_right", "yes", "0, 1"),
    ("future_trade_api_time_zone", "UTC+13", "UTC-11 to UTC+12"),
    ("future_trade_api_time_zone", "UTC-12", "UTC-11 to UTC+12"),
    ("websocket_port", "70000", PORTS),
    ("pdt_protection", "2", "0, 1"),
    ("dtcall_confirmation", "on", "0, 1"),
    ("simulate_trade", "1", "enable, disable"),
    ("sim_seed", "9223372036854775808", SEEDS),
    ("sim_seed", "1.5", SEEDS),
    ("sim_clock", "stopped", CLOCKS),
    ("sim_clock", "2026-01-15T09:25:00", CLOCKS),
    ("sim_speed", "0", SPEEDS),
    ("sim_speed", "10000.1", SPEEDS),
    ("sim_speed", "nan", SPEEDS),
    ("sim_speed", "inf", SPEEDS),
    ("sim_speed", "fast", SPEEDS),
    ("sim_clock", "1989-12-31T09:25:00+08:00", CLOCKS),
    ("sim_start", "2026-02-30", DAYS),
    ("sim_start", "2091-01-01", DAYS),
    (
        "sim_source",
        "Replay",
        "synthetic, replay:<folder>, replay_only:<folder>, or the name of a plug-in",
    ),
    ("sim_universe_size", "all", "full, named"),
    ("sim_limits", "1", "on, strict, off"),
    ("sim_quota_tier", "500", "100, 300, 1000, 2000, assets"),
    ("sim_history_quota_days", "14", "7, 30"),
    ("sim_trade_without_rsa", "yes", "0, 1"),
    ("sim_profile", "real", "strict, extended"),
    ("sim_store", "disk", STORES),
    ("sim_store", "sqlite:", STORES),
    ("sim_store", "mysql://me@db/opend", STORES),
]


def write(folder: Path, body: str, root: str = "futu_opend") -> Path:
    path = folder / "FutuOpenD.xml"
    path.write_text(f"<{root}>{body}</{root}>", encoding="utf-8")
    return path


def load_file(folder: Path, body: str, *arguments: str, root: str = "futu_opend") -> Settings:
    return load_settings([f"-cfg_file={write(folder, body, root)}", *arguments])


def refusal_of(*arguments: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(list(arguments))
    return str(caught.value)


@pytest.fixture(autouse=True)
def empty_working_directory(tmp_path, monkeypatch):
    folder = tmp_path / "cwd"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


# --- elements -----------------------------------------------------------------------------------


def test_defaults_are_those_of_the_shipped_opend():
    """Nothing written anywhere gives the documented defaults."""
    settings = load_settings([])

    assert (settings.ip, settings.api_port) == ("127.0.0.1", 11111)
    assert (settings.lang, settings.log_level, settings.push_proto_type) == ("chs", "info", 0)
    assert settings.telnet_port is None
    assert settings.websocket_port is None
    assert settings.rsa_private_key is None
    assert settings.future_trade_api_time_zone == "UTC+8"
    assert settings.price_reminder_push
    assert settings.auto_hold_quote_right
    assert settings.pdt_protection
    assert settings.dtcall_confirmation
    assert (settings.sim_seed, settings.sim_clock, settings.sim_speed) == (1, "open", 1.0)
    assert (settings.sim_start, settings.cfg_file, settings.warnings) == (None, None, ())
    assert settings.sim_limits == "on"


@pytest.mark.parametrize(("name", "written", "value"), ACCEPTED)
def test_element_of_the_file_is_read(tmp_path, name, written, value):
    """Each element is understood when it stands in the file."""
    settings = load_file(tmp_path, f"<{name}> {written}\n</{name}>")

    assert value == getattr(settings, name)


@pytest.mark.parametrize(("name", "written", "value"), ACCEPTED)
def test_option_of_the_command_line_is_read(name, written, value):
    """Each element is understood as an option of the same name."""
    assert value == getattr(load_settings([f"-{name}={written}"]), name)


def test_every_element_is_covered_by_an_accepted_value():
    """No element is without a test of its own."""
    pair = {"websocket_private_key", "websocket_cert"}

    assert set(OPTIONS) - COMMAND_LINE_ONLY - pair == {name for name, _, _ in ACCEPTED}


def test_certificate_and_key_of_websocket_are_read(tmp_path):
    """The two paths of a secured WebSocket come together."""
    settings = load_file(
        tmp_path,
        "<websocket_private_key>a.key</websocket_private_key>"
        "<websocket_cert>a.pem</websocket_cert>",
    )

    assert (Path("a.key"), Path("a.pem")) == (
        settings.websocket_private_key,
        settings.websocket_cert,
    )


@pytest.mark.parametrize(("name", "written", "allowed"), REFUSED)
def test_wrong_value_in_the_file_is_one_clear_line(tmp_path, name, written, allowed):
    """File, element, value and what is allowed stand in the one line."""
    path = write(tmp_path, f"<{name}>{written}</{name}>")

    expected = f'{path}: element <{name}>: "{written}" is not allowed; allowed: {allowed}'
    assert expected == refusal_of(f"-cfg_file={path}")


@pytest.mark.parametrize(("name", "written", "allowed"), REFUSED)
def test_wrong_value_on_the_command_line_is_one_clear_line(name, written, allowed):
    """Option, value and what is allowed stand in the one line."""
    expected = f'command line: option -{name}: "{written}" is not allowed; allowed: {allowed}'
    assert expected == refusal_of(f"-{name}={written}")


@pytest.mark.parametrize("name", ["login_pwd_md5", "websocket_key_md5"])
def test_wrong_secret_is_not_repeated(name):
    """A refused secret does not end up in logs."""
    expected = f'command line: option -{name}: "***" is not allowed; allowed: 32 hexadecimal digits'
    assert expected == refusal_of(f"-{name}=hunter2")


def test_certificate_without_key_is_refused(tmp_path):
    """One half of the pair cannot serve."""
    path = write(tmp_path, "<websocket_cert>a.pem</websocket_cert>")

    expected = f"{path}: websocket_cert and websocket_private_key: give both or none"
    assert expected == refusal_of(f"-cfg_file={path}")


def test_settings_are_frozen():
    """Nobody changes the configuration of a running gateway."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings([]).api_port = 1


def test_secrets_do_not_show():
    """Printing the settings shows neither password nor digest."""
    settings = load_settings(["-login_pwd=hunter2", f"-login_pwd_md5={MD5}"])

    shown = f"{settings!r} {settings} {settings.origins!r}"
    assert "hunter2" not in shown
    assert MD5 not in shown


# --- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["futu_opend", "moomoo_opend"])
def test_both_editions_are_read(tmp_path, root):
    """The files of Futu and moomoo differ in their root only."""
    assert load_file(tmp_path, "<api_port>1</api_port>", root=root).api_port == 1


def test_other_root_is_refused(tmp_path):
    """Another XML file is no configuration."""
    path = write(tmp_path, "", root="opend")

    expected = f"{path}: the root element is <opend>; allowed: futu_opend, moomoo_opend"
    assert expected == refusal_of(f"-cfg_file={path}")


def test_unknown_element_warns_and_is_ignored(tmp_path):
    """Elements of other releases do not stop a start."""
    settings = load_file(tmp_path, "<api_prot>1</api_prot><api_port>2</api_port>")

    assert settings.api_port == 2
    assert settings.warnings == (f"{settings.cfg_file}: unknown element <api_prot> is ignored",)


def test_repeated_element_warns_and_the_first_counts(tmp_path):
    """A repeated element is said to be repeated."""
    settings = load_file(tmp_path, "<api_port>1</api_port><api_port>2</api_port>")

    assert settings.api_port == 1
    assert settings.warnings == (
        f"{settings.cfg_file}: element <api_port> is repeated; the first one counts",
    )


def test_api_ip_is_the_same_element_as_ip(tmp_path):
    """The file may use the command line's name of the address."""
    assert load_file(tmp_path, "<api_ip>127.0.0.9</api_ip>").ip == "127.0.0.9"


def test_empty_and_commented_elements_count_as_absent(tmp_path):
    """Empty elements and examples in comments leave the default."""
    settings = load_file(tmp_path, "<telnet_port></telnet_port><!-- <api_port>5</api_port> -->")

    assert (settings.telnet_port, settings.api_port) == (None, 11111)


def test_start_date_without_the_open_clock_warns():
    """A first trading date means nothing to the other clocks."""
    settings = load_settings(["-sim_start=2026-01-15", "-sim_clock=wall"])

    assert settings.warnings == (
        "command line: option -sim_start: has no effect unless sim_clock is open or manual",
    )


def test_named_file_must_exist():
    """A named file that is missing stops the start."""
    expected = "nowhere.xml: cannot be read: No such file or directory"
    assert expected == refusal_of("-cfg_file=nowhere.xml")


def test_folder_is_no_file(tmp_path):
    """A folder is not readable as a file."""
    assert f"{tmp_path}: cannot be read: Is a directory" == refusal_of(f"-cfg_file={tmp_path}")


def test_broken_xml_names_the_line(tmp_path):
    """A missing end tag is located."""
    path = tmp_path / "bad.xml"
    path.write_text("<futu_opend>\n<ip>1</api>\n</futu_opend>")

    expected = f"{path}: line 2, column 8: not well-formed XML (mismatched tag)"
    assert expected == refusal_of(f"-cfg_file={path}")


def test_empty_file_is_refused(tmp_path):
    """An empty file is no configuration."""
    path = tmp_path / "empty.xml"
    path.write_bytes(b"")

    expected = f"{path}: line 1, column 1: not well-formed XML (no element found)"
    assert expected == refusal_of(f"-cfg_file={path}")


def test_document_type_is_refused(tmp_path):
    """Entities, internal or external, have no way in."""
    path = tmp_path / "evil.xml"
    path.write_text(
        '<!DOCTYPE futu_opend [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        "<futu_opend><login_account>&a;</login_account></futu_opend>"
    )

    expected = f"{path}: a document type (<!DOCTYPE …>) is not allowed"
    assert expected == refusal_of(f"-cfg_file={path}")


def test_huge_file_is_refused(tmp_path):
    """A wrong path to something big fails at once."""
    path = write(tmp_path, " " * (1 << 20))

    assert f"{path}: is larger than 1048576 bytes" == refusal_of(f"-cfg_file={path}")


@given(content=st.binary(max_size=200))
def test_any_bytes_give_settings_or_one_line(tmp_path_factory, content):
    """Whatever the file holds, the answer is a model or one line."""
    path = tmp_path_factory.mktemp("any") / "any.xml"
    path.write_bytes(content)

    text = refusal_of(f"-cfg_file={path}")

    assert text.startswith(f"{path}: ")
    assert "\n" not in text


@pytest.mark.parametrize(
    "present",
    [
        ["FutuOpenD.xml", "OpenD.xml", "config/FutuOpenD.xml"],
        ["OpenD.xml", "config/FutuOpenD.xml"],
        ["config/FutuOpenD.xml"],
    ],
)
def test_default_file_is_searched_in_order(empty_working_directory, present):
    """Without `-cfg_file` the first of three places counts."""
    for name in present:
        path = empty_working_directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("<futu_opend><api_port>5</api_port></futu_opend>")

    settings = load_settings([])

    assert (Path(present[0]), 5) == (settings.cfg_file, settings.api_port)


# --- the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["-api_port=7"],
        ["-api_port", "7"],
        ["--api_port=7"],
        ["--api_port", "7"],
        ['-api_port="7"'],
        ["-api_port=6", "--api_port=7"],
    ],
)
def test_every_form_of_an_option_is_read(arguments):
    """All forms seen in start scripts mean the same."""
    assert load_settings(arguments).api_port == 7


def test_cfg_file_may_follow_after_a_blank(tmp_path):
    """`-cfg_file path` is the form of the quick start."""
    path = write(tmp_path, "<api_port>8</api_port>")

    assert load_settings(["-cfg_file", str(path)]).api_port == 8


def test_value_may_contain_an_equals_sign():
    """Only the first `=` separates."""
    settings = load_settings(["-login_pwd=a=b"])

    assert settings.login_pwd == SecretStr("a=b")


@pytest.mark.parametrize("option", ["-ip=127.0.0.3", "-api_ip=127.0.0.3"])
def test_ip_and_api_ip_are_one_option(tmp_path, option):
    """Both names of the address win over the file."""
    assert load_file(tmp_path, "<ip>127.0.0.2</ip>", option).ip == "127.0.0.3"


def test_command_line_wins_over_the_file(tmp_path):
    """What is asked for at the start counts, element by element."""
    settings = load_file(tmp_path, "<api_port>1</api_port><lang>en</lang>", "-api_port=2")

    assert (settings.api_port, settings.lang) == (2, "en")


def test_command_line_saves_a_wrong_element_of_the_file(tmp_path):
    """An element that is overruled is not judged."""
    assert load_file(tmp_path, "<api_port>x</api_port>", "-api_port=2").api_port == 2


def test_empty_option_takes_an_element_back(tmp_path):
    """`-telnet_port=` starts without the file's telnet."""
    assert load_file(tmp_path, "<telnet_port>1</telnet_port>", "-telnet_port=").telnet_port is None


def test_console_is_an_option_and_no_element(tmp_path):
    """`console` is read from the command line; in a file it is unknown."""
    settings = load_file(tmp_path, "<console>1</console>", "-console=0")

    assert not settings.console
    assert settings.warnings == (f"{settings.cfg_file}: unknown element <console> is ignored",)


@pytest.mark.parametrize("name", sorted(WITHOUT_EFFECT))
@pytest.mark.parametrize("form", ["-{}=1", "--{}=1", "-{}"])
def test_options_without_meaning_here_are_accepted(name, form):
    """Start scripts written for the real OpenD keep working."""
    assert load_settings([form.format(name), "-api_port=3"]).api_port == 3


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("-api_prot=1", "command line: unknown option -api_prot; did you mean -api_port?"),
        ("--xyz", "command line: unknown option -xyz; -help lists all options"),
        ("-api_port", "command line: option -api_port: a value is missing"),
        ("start", 'command line: "start" is not an option; options look like -key=value'),
        ("-", 'command line: "-" is not an option; options look like -key=value'),
        ("", 'command line: "" is not an option; options look like -key=value'),
    ],
)
def test_wrong_option_is_one_clear_line(argument, line):
    """Misspelt options are noticed, and the nearest one is named."""
    assert line == refusal_of(argument)


def test_next_option_is_not_taken_for_a_value():
    """An option in front of another one has no value."""
    expected = "command line: option -api_port: a value is missing"
    assert expected == refusal_of("-api_port", "-lang=en")


@pytest.mark.parametrize("option", ["-help", "--help", "-h", "-help=1"])
def test_help_lists_every_option_and_ends_well(capsys, option):
    """Help prints all options and exits with code 0."""
    with pytest.raises(SystemExit) as caught:
        load_settings([option])

    listed = set(re.findall(r"^  -(\w+)", capsys.readouterr().out, re.MULTILINE))
    assert caught.value.code == 0
    assert listed == (set(OPTIONS) - {"ip"}) | {"api_ip", "cfg_file", "help"}


@pytest.mark.parametrize(
    ("language", "shown", "hidden"),
    [("en", "Address the API listens on", "监听地址"), ("chs", "API 监听地址", "Address the")],
)
def test_help_speaks_the_language_asked_for(capsys, language, shown, hidden):
    """`-lang` chooses the language of the help."""
    with pytest.raises(SystemExit):
        load_settings(["-help", f"-lang={language}"])

    text = capsys.readouterr().out
    assert shown in text
    assert hidden not in text


def test_start_instant_keeps_its_offset():
    """The instant of `sim_clock` is aware of its zone."""
    settings = load_settings(["-sim_clock", "2026-01-15T09:25:00+08:00"])

    zone = timezone(timedelta(hours=8))
    assert datetime(2026, 1, 15, 9, 25, tzinfo=zone) == settings.sim_clock


# --- what shows only while starting ---------------------------------------------------------------


def test_key_file_is_read(tmp_path):
    """The text of the key comes back as it stands in the file."""
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN RSA PRIVATE KEY-----\n")

    settings = load_settings([f"-rsa_private_key={path}"])

    assert read_rsa_key(settings) == "-----BEGIN RSA PRIVATE KEY-----\n"


def test_no_key_file_means_no_key():
    """Without the element there is no encryption."""
    assert read_rsa_key(load_settings([])) is None


def test_missing_key_file_is_one_clear_line(tmp_path):
    """A key that cannot be read stops the start and says where it was asked for."""
    settings = load_file(tmp_path, "<rsa_private_key>/nowhere/key.pem</rsa_private_key>")

    with pytest.raises(ConfigError) as caught:
        read_rsa_key(settings)

    assert str(caught.value) == (
        f'{settings.cfg_file}: element <rsa_private_key>: "/nowhere/key.pem": '
        "the key file cannot be read: No such file or directory"
    )


def test_key_file_that_is_no_text_is_one_clear_line(tmp_path):
    """Binary garbage is refused before anyone parses it."""
    path = tmp_path / "key.der"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError) as caught:
        read_rsa_key(load_settings(["-rsa_private_key", str(path)]))

    expected = f'command line: option -rsa_private_key: "{path}": the key file holds no PEM text'
    assert expected == str(caught.value)


def test_refusal_names_a_default_as_a_default():
    """What fails without having been written is called a default."""
    error = load_settings([]).refusal("api_port", "the port is in use")

    assert str(error) == 'default of api_port: "11111": the port is in use'


# --- the shipped file and its documentation -------------------------------------------------------


def test_shipped_file_loads_without_a_warning():
    """The file in config/ is understood and means the defaults."""
    settings = load_settings(["-cfg_file", str(SHIPPED)])
    ours = {"cfg_file", "origins"}

    assert settings.warnings == ()
    assert settings.model_dump(exclude=ours) == Settings().model_dump(exclude=ours)


def test_shipped_file_shows_every_element_in_order():
    """Each element stands in the file, active or as an example in a comment."""
    shown = re.findall(r"<(\w+)>[^<]*</\1>", SHIPPED.read_text(encoding="utf-8"))

    assert shown == [name for name in OPTIONS if name not in COMMAND_LINE_ONLY]
    assert tuple(shown[: len(REAL_ELEMENTS)]) == REAL_ELEMENTS


def test_examples_in_the_shipped_file_are_valid(tmp_path):
    """Taking an example out of its comment gives a working element."""
    text = SHIPPED.read_text(encoding="utf-8")
    active = re.sub(r"<!-- (<(\w+)>[^<]*</\2>) -->", r"\1", text)
    path = tmp_path / "all.xml"
    path.write_text(active, encoding="utf-8")

    assert set(load_settings([f"-cfg_file={path}"]).origins) == set(OPTIONS) - COMMAND_LINE_ONLY


def test_documentation_lists_every_option():
    """No option is without its row in docs/configuration.md."""
    page = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", page, re.MULTILINE)

    assert rows == [(option.name, option.default) for option in OPTIONS.values()]
