"""`python -m gateway.container`: the start inside a container, configured by environment variables.

`OPEND_SIM_CLOCK=open` means `-sim_clock=open`, and so on for every setting;
`OPEND_LOGIN_PWD_FILE=/run/secrets/password` reads a value from a file. The order, from weak to strong:
what suits a container, FutuOpenD.xml in the working directory, the environment, the command line.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Final

from gateway.config import ConfigError, option_names, written_names
from gateway.health import PORT_FILE

PREFIX: Final = "OPEND_"
FILE_SUFFIX: Final = "_FILE"
DEFAULTS: Final = {
    "lang": "en",
    "sim_clock": "wall",
    "sim_data_dir": str(PORT_FILE.parent),
    "sim_port_file": str(PORT_FILE),
    "sim_trade_without_rsa": "1",
}
ALWAYS: Final = {"api_ip": "0.0.0.0"}  # noqa: S104 - a container's own network
"""Wins over the file: a file written for a desktop names 127.0.0.1, where nobody outside would get in."""


def arguments(environment: Mapping[str, str], written: Container[str]) -> list[str]:
    """The command line that an environment stands for.

    Variables with the prefix that name no option are left out: orchestrators make up some of their
    own for a service called `opend` (`OPEND_SERVICE_HOST`).

    Args:
        environment: All environment variables.
        written: The elements that the configuration file has.

    Raises:
        ConfigError: A `_FILE` cannot be read.
    """
    defaults = {name: value for name, value in DEFAULTS.items() if name not in written}
    chosen = defaults | ALWAYS | dict(_chosen(environment))
    return [f"-{name}={value}" for name, value in chosen.items()]


def _chosen(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = option_names()
    for variable, value in sorted(environment.items()):
        name = variable.removeprefix(PREFIX).lower()
        if name == variable.lower() or not value:
            continue
        if name in names:
            yield name, value
        elif name.upper().endswith(FILE_SUFFIX) and name[: -len(FILE_SUFFIX)] in names:
            yield name[: -len(FILE_SUFFIX)], _read(variable, value)


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{variable}: {path}: cannot be read: {error}") from error


def start() -> int:
    """Run until stopped; returns the exit code as `gateway.__main__.main` does."""
    # The first process of a container ignores SIGTERM unless it says otherwise.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    from gateway.__main__ import main  # noqa: PLC0415 - it takes a second, and SIGTERM may come

    try:
        made = arguments(os.environ, written_names())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return main([*made, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(start())
