"""Splits a command line, `cmd -key1=value1 -key2 value2`, into a name and written parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from telnet_ops.registry import UsageError
from telnet_ops.texts import MALFORMED_PARAMETER, MISSING_VALUE, REPEATED_PARAMETER

# Quotes hold blanks together, backslashes stand for themselves: paths may be those of Windows.
_TOKEN: Final = re.compile(r'(?:[^\s"]|"[^"]*"|")+')
_KEY: Final = re.compile(r"--?([A-Za-z_]\w*)(?:=(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line taken apart; the values are not yet checked."""

    name: str
    parameters: dict[str, str]


def split_line(line: str) -> CommandLine | None:
    """Take a line apart, or return None if there is nothing on it.

    Raises:
        UsageError: a parameter is not of the form `-key=value` or `-key value`, or appears twice.

    Source: [D] `cmd -param_key1=param_value1 -param_key2=param_value2`; [I] the form with a blank,
        two dashes and quotes.
    """
    tokens = _TOKEN.findall(line)
    if not tokens:
        return None
    parameters: dict[str, str] = {}
    rest = iter(tokens[1:])
    for token in rest:
        key, value = _key_and_value(token)
        if value is None:
            value = _value_after(key, next(rest, ""))
        if key in parameters:
            raise UsageError(REPEATED_PARAMETER, name=key)
        parameters[key] = _unquoted(value)
    return CommandLine(_unquoted(tokens[0]), parameters)


def _key_and_value(token: str) -> tuple[str, str | None]:
    match = _KEY.fullmatch(token)
    if match is None:
        raise UsageError(MALFORMED_PARAMETER, token=token)
    return match[1], match[2]


def _value_after(key: str, token: str) -> str:
    if not token or token.startswith("-"):
        raise UsageError(MISSING_VALUE, name=key)
    return token


def _unquoted(token: str) -> str:
    return token.replace('"', "")
