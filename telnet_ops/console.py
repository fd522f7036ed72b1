"""The console: one line in, one text out, the same for telnet, standard input and protocol 1008."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, NoReturn, Protocol

from telnet_ops.command_line import CommandLine, split_line
from telnet_ops.commands import STANDARD_COMMANDS
from telnet_ops.limits import Limit, SlidingWindow
from telnet_ops.registry import Command, Context, RegistrationError, UsageError, Value
from telnet_ops.rehearsal import rehearse
from telnet_ops.report_file import read_text, write_report
from telnet_ops.target import Language, OpsTarget
from telnet_ops.texts import (
    FILES_OVER_TELNET_ONLY,
    MISSING_PARAMETER,
    TOO_FREQUENT,
    UNKNOWN_COMMAND,
    UNKNOWN_PARAMETER,
    limit_text,
)

WORLD: Final = "world"
"""A parameter that any command may have where there are several worlds."""


class SaveReport(Protocol):
    """Writes a report to a file."""

    def __call__(self, path: str, text: str, /) -> None:
        """Write `text` to `path`; raises `OSError` if that cannot be done."""


class Files(NamedTuple):
    """What may be done with files; raises `UsageError` for those who may not."""

    save: SaveReport
    read: Callable[[str], str]


class Place(NamedTuple):
    """Another world: its console, and its time in UTC nanoseconds."""

    console: Console
    now_ns: int


class Console:
    """Executes lines against one program; remembers nothing but the runs that limits count.

    One console serves all doors, so that limits hold over all of them together [I].
    """

    def __init__(
        self,
        target: OpsTarget,
        *,
        commands: Iterable[Command] = STANDARD_COMMANDS,
        save_report: SaveReport = write_report,
    ) -> None:
        self._target = target
        self._files = Files(save_report, read_text)
        self._commands = {command.name: command for command in commands}
        self._by_name = _by_any_name(self._commands.values())
        self.elsewhere: Callable[[str], Place] | None = None
        """Finds the console of another world, for commands with a parameter `world`."""
        self._windows = {
            command.name: SlidingWindow(command.limit)
            for command in self._commands.values()
            if command.limit is not None
        }

    @property
    def language(self) -> Language:
        """The language of the answers."""
        return self._target.language

    def execute(self, line: str, now_ns: int, *, may_use_files: bool = True) -> str:
        r"""Run one line and return what to show: lines joined by `\n`, without a last one.

        Args:
            line: a command with its parameters, without the line's end. For protocol 1008 that is
                `cmd`, a blank and `paramStr`.
            now_ns: UTC nanoseconds, for the limits.
            may_use_files: False for those who need not be on this machine: protocol 1008.

        Returns:
            The answer, or what is wrong with the line; empty for a blank line.
        """
        try:
            return self._execute(line, now_ns, self._files if may_use_files else _NO_FILES)
        except UsageError as error:
            shown = error.without_secrets() if self._has_secrets(line) else error
            return shown.in_language(self._target.language)

    @property
    def commands(self) -> Mapping[str, Command]:
        """Everything that it can do, by name."""
        return self._commands

    def run(self, name: str, parameters: Mapping[str, str], now_ns: int) -> str:
        """Run one command that comes already taken apart, and neither read nor write files.

        Args:
            name: the command.
            parameters: their values as they would be written.
            now_ns: UTC nanoseconds, for the limits.

        Raises:
            UsageError: the command is unknown, or something is wrong with its parameters.
        """
        return self._find_and_run(CommandLine(name, dict(parameters)), now_ns, _NO_FILES)

    def check(self, name: str, parameters: Mapping[str, str]) -> Command:
        """Judge a command as far as that goes without the program; nothing happens.

        Args:
            name: the command.
            parameters: their values as they would be written.

        Raises:
            UsageError: the command is unknown, or something is wrong with its parameters.
        """
        command = self._by_name.get(name)
        if command is None:
            raise UsageError(UNKNOWN_COMMAND, name=name)
        arguments = _arguments(command, CommandLine(name, dict(parameters)))
        rehearse(command, arguments, self._commands)
        return command

    def admit(self, name: str, now_ns: int) -> Limit | None:
        """Count a run of a command that somebody makes in another way.

        Args:
            name: the command.
            now_ns: UTC nanoseconds.

        Returns:
            The limit that the run would break; None if it may go on, and is counted.
        """
        limit = self._commands[name].limit
        if limit is None or self._windows[name].admit(now_ns):
            return None
        return limit

    def _has_secrets(self, line: str) -> bool:
        name, *_ = line.split(maxsplit=1)
        command = self._by_name.get(name.replace('"', ""))
        return command is not None and command.has_secrets

    def _execute(self, line: str, now_ns: int, files: Files) -> str:
        written = split_line(line)
        if written is None:
            return ""
        if self.elsewhere is not None and WORLD in written.parameters:
            console, now_ns = self.elsewhere(written.parameters.pop(WORLD))
            return console._find_and_run(written, now_ns, files)
        return self._find_and_run(written, now_ns, files)

    def _find_and_run(self, written: CommandLine, now_ns: int, files: Files) -> str:
        command = self._by_name.get(written.name)
        if command is None:
            raise UsageError(UNKNOWN_COMMAND, name=written.name)
        return self._run(command, written, now_ns, files)

    def _run(self, command: Command, written: CommandLine, now_ns: int, files: Files) -> str:
        arguments = _arguments(command, written)
        self._admit(command, now_ns)
        context = Context(
            self._target,
            self._commands,
            now_ns,
            files.save,
            files.read,
            may_use_files=files is self._files,
        )
        return command.run(context, **arguments)

    def _admit(self, command: Command, now_ns: int) -> None:
        """Count a well-formed call; malformed ones cost nothing [I]."""
        limit = self.admit(command.name, now_ns)
        if limit is not None:
            raise UsageError(TOO_FREQUENT, limit=limit_text(limit))


def _refuse(path: str, _text: str = "") -> NoReturn:
    raise UsageError(FILES_OVER_TELNET_ONLY, path=path)


_NO_FILES: Final = Files(_refuse, _refuse)


def _by_any_name(commands: Iterable[Command]) -> dict[str, Command]:
    by_name: dict[str, Command] = {}
    for command in commands:
        for name in (command.name, *command.aliases):
            if name in by_name:
                raise RegistrationError(f"two commands are named {name}")
            by_name[name] = command
    return by_name


def _arguments(command: Command, written: CommandLine) -> dict[str, Value]:
    parameters = {parameter.name: parameter for parameter in command.parameters}
    for name in written.parameters:
        if name not in parameters:
            raise UsageError(UNKNOWN_PARAMETER, name=name)
    for parameter in command.parameters:
        if parameter.is_required and parameter.name not in written.parameters:
            raise UsageError(MISSING_PARAMETER, name=parameter.name)
    return {name: parameters[name].parse(value) for name, value in written.parameters.items()}
