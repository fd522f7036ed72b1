"""File and command line → `Settings`, or one line that says what is wrong and where.

The command line wins over the file, element by element; an empty value (`-telnet_port=`) takes an
element of the file back to its default.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from gateway.config.command_line import ALIASES, CommandLine, help_text, parse_command_line
from gateway.config.errors import ConfigError
from gateway.config.settings import COMMAND_LINE_ONLY, OPTIONS, Origin, Settings
from gateway.config.xml_file import ConfigFile, find_config_file, read_config_file

_SECRETS: Final = frozenset(
    {
        "login_pwd",
        "login_pwd_md5",
        "sim_login_password",
        "sim_trade_password_md5",
        "websocket_key_md5",
    }
)
MAX_KEY_FILE_BYTES: Final = 1 << 16


def load_settings(argv: Sequence[str]) -> Settings:
    """Read the configuration of one start.

    Args:
        argv: the arguments that follow the program's name.

    Raises:
        ConfigError: the start cannot go on; the text is one line that names the file or the
            option, the element, its value and what is allowed.
        SystemExit: with code 0, after `-help` has printed the options.

    Source: [D] precedence of the command line, `-help`, a missing file stops the start. Without
        `-cfg_file` and without a file in the working directory the defaults apply, where the real
        OpenD would not start [I].
    """
    command_line = parse_command_line(argv)
    if command_line.wants_help:
        sys.stdout.write(help_text(command_line.options.get("lang")))
        raise SystemExit(0)
    file = _config_file(command_line)
    return _build(file, _origins(file, command_line))


def written_names() -> frozenset[str]:
    """The elements of the file that a start without `-cfg_file` reads; none without a file.

    Raises:
        ConfigError: the file cannot be read.
    """
    path = find_config_file()
    return frozenset(name for name, _ in _usable(read_config_file(path) if path else None))


def read_rsa_key(settings: Settings) -> str | None:
    """Return the text of the key file, or None if encryption is not configured.

    Raises:
        ConfigError: the file is missing, unreadable or no text. Whether the text holds a usable
            key is not looked at here.

    Source: [D] path of a PKCS#1 key file; [O] the real OpenD starts with encryption off when the
        file is unreadable. We stop instead: silently unencrypted is never what was meant [I].
    """
    path = settings.rsa_private_key
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return file.read(MAX_KEY_FILE_BYTES).decode("utf-8")
    except OSError as error:
        reason = f"the key file cannot be read: {error.strerror}"
        raise settings.refusal("rsa_private_key", reason) from error
    except UnicodeDecodeError as error:
        reason = "the key file holds no PEM text"
        raise settings.refusal("rsa_private_key", reason) from error


def _config_file(command_line: CommandLine) -> ConfigFile | None:
    named = command_line.options.get("cfg_file")
    path = Path(named) if named else find_config_file()
    return read_config_file(path) if path else None


def _origins(file: ConfigFile | None, command_line: CommandLine) -> dict[str, Origin]:
    found: dict[str, Origin] = {}
    for name, value in _usable(file):
        found.setdefault(name, Origin(f"{_path(file)}: element <{name}>", value))
    for name, value in command_line.options.items():
        found[name] = Origin(f"command line: option -{name}", value)
    return {name: origin for name, origin in found.items() if origin.value and name in OPTIONS}


def _path(file: ConfigFile | None) -> str:
    return str(file.path) if file else "defaults"


def _usable(file: ConfigFile | None) -> Iterator[tuple[str, str]]:
    for name, value in file.elements if file else ():
        yield ALIASES.get(name, name), value


def _build(file: ConfigFile | None, origins: Mapping[str, Origin]) -> Settings:
    values: dict[str, object] = {name: origin.value for name, origin in origins.items()}
    values["cfg_file"] = file.path if file else None
    values["origins"] = origins
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _refused(error, file, origins) from error
    warnings = (*_file_warnings(file), *_without_effect(settings))
    return settings.model_copy(update={"warnings": warnings})


def _refused(
    error: ValidationError, file: ConfigFile | None, origins: Mapping[str, Origin]
) -> ConfigError:
    first = error.errors()[0]
    if not first["loc"]:
        return ConfigError(f"{_path(file)}: {first['ctx']['error']}")
    name = str(first["loc"][0])
    value = "***" if name in _SECRETS else origins[name].value
    allowed = OPTIONS[name].allowed
    return ConfigError(f'{origins[name].place}: "{value}" is not allowed; allowed: {allowed}')


def _file_warnings(file: ConfigFile | None) -> Iterator[str]:
    seen: set[str] = set()
    for name, _ in _usable(file):
        if name not in OPTIONS or name in COMMAND_LINE_ONLY:
            yield f"{_path(file)}: unknown element <{name}> is ignored"
        elif name in seen:
            yield f"{_path(file)}: element <{name}> is repeated; the first one counts"
        seen.add(name)


def _without_effect(settings: Settings) -> Iterable[str]:
    if settings.sim_start is not None and settings.sim_clock not in ("open", "manual"):
        place = settings.origins["sim_start"].place
        yield f"{place}: has no effect unless sim_clock is open or manual"
