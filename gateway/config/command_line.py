"""The command line in every form seen in use: `-k=v`, `-k v`, `--k=v`, `--k v`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from gateway.config.errors import ConfigError
from gateway.config.settings import OPTIONS, About, Option

ALIASES: Final = {"api_ip": "ip"}
_CLI_NAMES: Final = {name: alias for alias, name in ALIASES.items()}
HELP: Final = frozenset({"help", "h"})
WITHOUT_EFFECT: Final = frozenset(
    {"area_code", "data_dir", "login_by_remember", "login_region", "no_monitor", "remember"}
)
"""Options of the real OpenD that have no meaning here; scripts that carry them still start."""
_MAY_STAND_ALONE: Final = WITHOUT_EFFECT | HELP
_CFG_FILE: Final = Option(
    "cfg_file",
    "FutuOpenD.xml",
    "a path",
    About("配置文件路径", "Path of the configuration file"),
)
_KNOWN: Final = frozenset(OPTIONS) | frozenset(ALIASES) | WITHOUT_EFFECT | HELP | {"cfg_file"}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What was asked for; `options` holds every known option but help and those without effect."""

    options: Mapping[str, str]
    wants_help: bool


def parse_command_line(arguments: Sequence[str]) -> CommandLine:
    """Read the arguments that follow the program's name; of a repeated option the last counts.

    Raises:
        ConfigError: an unknown option (with the nearest known one), a word that is no option,
            or an option without its value.

    Source: [D] `-key=value`; [O] `-key value` and `--key=value` in container start scripts;
        [I] refusing unknown options, so that a misspelt one is noticed.
    """
    options: dict[str, str] = {}
    position = 0
    while position < len(arguments):
        name, value = _split(arguments[position])
        position += 1
        if value is None and position < len(arguments) and name not in HELP:
            following = arguments[position]
            if not following.startswith("-"):
                value = following
                position += 1
        if value is None and name not in _MAY_STAND_ALONE:
            raise ConfigError(f"command line: option -{name}: a value is missing")
        options[ALIASES.get(name, name)] = _unquoted(value or "")
    used = {name: text for name, text in options.items() if name not in _MAY_STAND_ALONE}
    return CommandLine(used, wants_help=not HELP.isdisjoint(options))


def option_names() -> frozenset[str]:
    """Every setting, under all its names."""
    return frozenset(OPTIONS) | frozenset(ALIASES)


def _split(argument: str) -> tuple[str, str | None]:
    written, equals, value = argument.partition("=")
    name = written.removeprefix("-").removeprefix("-")
    if name == written or not name:
        raise ConfigError(
            f'command line: "{argument}" is not an option; options look like -key=value'
        )
    if name not in _KNOWN:
        near = get_close_matches(name, sorted(_KNOWN), n=1)
        hint = f"did you mean -{near[0]}?" if near else "-help lists all options"
        raise ConfigError(f"command line: unknown option -{name}; {hint}")
    return name, value if equals else None


def _unquoted(value: str) -> str:
    # Container files pass -cfg_file="…" without a shell that would take the quotes away.
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def help_text(language: str | None) -> str:
    """Describe all options, in the language asked for or else in both, ending with a newline."""
    lines = ["python -m gateway [-key=value ...]", ""]
    for option in (_CFG_FILE, *OPTIONS.values()):
        texts = {"chs": option.about.zh, "en": option.about.en}
        shown = [texts[language]] if language in texts else list(texts.values())
        lines.append(f"  -{_CLI_NAMES.get(option.name, option.name)}  {' / '.join(shown)}")
        lines.append(f"      {option.allowed} [{option.default}]")
    return "\n".join([*lines, "  -help", ""])
