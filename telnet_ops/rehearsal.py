"""Runs a command up to the point where it would touch the program, so that its parameters are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NoReturn, cast

from telnet_ops.registry import Command, Context, Value
from telnet_ops.target import OpsTarget


class _TouchedError(Exception):
    """The command began to do something."""


class _Program:
    """Stands for the program and every part of it; whatever is asked of it ends the rehearsal."""

    language: Final = "en"

    @property
    def control(self) -> _Program:
        """What changes the program."""
        return self

    @property
    def scenarios(self) -> _Program:
        """What runs scenarios."""
        return self

    @property
    def worlds(self) -> _Program:
        """The private worlds."""
        return self

    def __getattr__(self, _name: str) -> Callable[..., object]:
        return _touch


def _touch(*_arguments: object, **_named: object) -> NoReturn:
    raise _TouchedError


def rehearse(
    command: Command, arguments: Mapping[str, Value], commands: Mapping[str, Command]
) -> None:
    """Judge parameters that are of the right type each.

    Raises:
        UsageError: as the command itself would.
    """
    context = Context(
        target=cast(OpsTarget, _Program()),
        commands=commands,
        now_ns=0,
        save_report=_touch,
        read_file=_touch,
    )
    with suppress(_TouchedError):
        command.run(context, **arguments)
