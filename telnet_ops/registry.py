"""Registration of commands: the signature is the parser, the docstring is the English help.

A command is a plain function `(context, **parameters) -> str`. `@command` reads its annotations once,
at import, and refuses there what could only fail later: a parameter type without a parser, a
parameter without help, a command without Chinese help.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Final, Literal, Union, get_args, get_origin, get_type_hints

from telnet_ops.limits import Limit
from telnet_ops.target import Language, OpsTarget
from telnet_ops.texts import (
    CHINESE_HELP,
    EXPECTED_CHOICE,
    EXPECTED_INTEGER,
    EXPECTED_NUMBER,
    EXPECTED_TEXT,
    INVALID_VALUE,
    Help,
    Text,
)

Value = str | int | Decimal | None
_MAX_ECHO_CHARACTERS: Final = 64
_WRITTEN: Final = frozenset({"token", "value"})
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,9})?")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}")  # a 64-bit connection id has 20 digits
_SECTION: Final = re.compile(r"^(Args|Returns|Raises|Source):", re.MULTILINE)
_ARGUMENT: Final = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


class RegistrationError(TypeError):
    """A command is written in a way that the console cannot serve; raised at import."""


class UsageError(Exception):
    """The caller must write the line differently; carries the text to tell so in either language."""

    def __init__(self, text: Text, **fields: str | Text) -> None:
        super().__init__(text.en)
        self._text = text
        self._fields = fields

    def without_secrets(self) -> UsageError:
        """Return the same error with what the caller wrote as a value left out."""
        hidden = dict.fromkeys(_WRITTEN & self._fields.keys(), "***")
        return UsageError(self._text, **{**self._fields, **hidden})

    @property
    def parameter(self) -> str:
        """The parameter that it is about, or nothing."""
        name = self._fields.get("name", "")
        return name if isinstance(name, str) else ""

    def in_language(self, language: Language) -> str:
        """Return the complete text for the caller, on one line."""
        fields = {
            name: value.in_language(language) if isinstance(value, Text) else _printable(value)
            for name, value in self._fields.items()
        }
        return self._text.in_language(language).format(**fields)


def _printable(value: str) -> str:
    kept = "".join(c if c.isprintable() else "?" for c in value[:_MAX_ECHO_CHARACTERS])
    return kept if len(value) <= _MAX_ECHO_CHARACTERS else f"{kept}..."


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `-name=value` of a command; `choices` is empty where any value of the type will do."""

    name: str
    is_required: bool
    is_integer: bool
    choices: tuple[str, ...]
    is_number: bool = False
    """A decimal number; `is_integer` is False then."""

    def parse(self, value: str) -> str | int | Decimal:
        """Turn the written value into the function's argument.

        Raises:
            UsageError: the value is not of the parameter's type.
        """
        if self.is_integer and _INTEGER.fullmatch(value):
            return int(value)
        if self.is_number and _NUMBER.fullmatch(value):
            return Decimal(value)
        is_text = not self.is_integer and not self.is_number
        if is_text and value and (not self.choices or value in self.choices):
            return value
        raise UsageError(INVALID_VALUE, name=self.name, value=value, expected=self._expected())

    def _expected(self) -> Text:
        if self.is_integer:
            return EXPECTED_INTEGER
        if self.is_number:
            return EXPECTED_NUMBER
        if self.choices:
            choices = ", ".join(self.choices)
            return Text(*(text.format(choices=choices) for text in EXPECTED_CHOICE))
        return EXPECTED_TEXT


@dataclass(frozen=True, slots=True)
class Context:
    """What a command may use: the program, the other commands, the time, files.

    `now_ns` is UTC nanoseconds. `save_report` writes a text to a path and `read_file` reads one; both
    raise `OSError`, and `UsageError` for those who need not be on this machine.
    """

    target: OpsTarget
    commands: Mapping[str, Command]
    now_ns: int
    save_report: Callable[[str, str], None]
    read_file: Callable[[str], str]
    may_use_files: bool = False
    """Whether whoever gave the command is on this machine."""

    def say(self, text: Text, **fields: object) -> str:
        """Return the text in the program's language with its fields filled."""
        return text.in_language(self.target.language).format(**fields)


@dataclass(frozen=True, slots=True)
class Command:
    """One registered command."""

    name: str
    aliases: tuple[str, ...]
    limit: Limit | None
    parameters: tuple[Parameter, ...]
    english: Help
    chinese: Help
    run: Callable[..., str]
    has_secrets: bool = False

    def help_in(self, language: Language) -> Help:
        """Return the help in that language."""
        return self.chinese if language == "chs" else self.english


def command(
    name: str,
    *,
    aliases: tuple[str, ...] = (),
    limit: Limit | None = None,
    has_secrets: bool = False,
    chinese: Help | None = None,
) -> Callable[[Callable[..., str]], Command]:
    """Make a function a command.

    Args:
        name: as typed by the operator.
        aliases: other names for it, not shown in the list of commands.
        limit: how often it may run, over all consoles together.
        has_secrets: whether what was written must not be repeated: by a refusal, or in the journal.
        chinese: the help in Chinese; None: it stands in `CHINESE_HELP`.

    Raises:
        RegistrationError: the function cannot be served, see the module's description.
    """

    def register(function: Callable[..., str]) -> Command:
        parameters = _parameters(function)
        english = _english_help(function)
        translated = chinese or CHINESE_HELP.get(name)
        if translated is None:
            raise RegistrationError(f"{name} has no Chinese help")
        for parameter in parameters:
            if not (
                parameter.name in english.parameters and parameter.name in translated.parameters
            ):
                raise RegistrationError(f"{name}: parameter {parameter.name} has no help")
        return Command(name, aliases, limit, parameters, english, translated, function, has_secrets)

    return register


def _parameters(function: Callable[..., str]) -> tuple[Parameter, ...]:
    hints = get_type_hints(function)
    _context, *written = inspect.signature(function).parameters.values()
    return tuple(
        _parameter(function, p.name, hints[p.name], is_required=p.default is p.empty)
        for p in written
    )


def _parameter(
    function: Callable[..., str], name: str, annotation: object, *, is_required: bool
) -> Parameter:
    kind = _without_none(annotation)
    if kind is int or kind is str:
        return Parameter(name, is_required, kind is int, ())
    if kind is Decimal:
        return Parameter(name, is_required, is_integer=False, choices=(), is_number=True)
    if get_origin(kind) is Literal and all(isinstance(c, str) for c in get_args(kind)):
        return Parameter(name, is_required, is_integer=False, choices=get_args(kind))
    raise RegistrationError(f"{function.__name__}: no parser for {name}: {annotation}")


def _without_none(annotation: object) -> object:
    if get_origin(annotation) not in (UnionType, Union):
        return annotation
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else annotation


def _english_help(function: Callable[..., str]) -> Help:
    text = inspect.getdoc(function)
    if not text:
        raise RegistrationError(f"{function.__name__} has no docstring")
    prose, *sections = _SECTION.split(text)
    title, _, description = prose.partition("\n\n")
    arguments = dict(zip(sections[::2], sections[1::2], strict=True)).get("Args", "")
    _, *pairs = _ARGUMENT.split(arguments)
    described = {n: _one_line(t) for n, t in zip(pairs[::2], pairs[1::2], strict=True)}
    return Help(_one_line(title).rstrip("."), _one_line(description or title), described)


def _one_line(text: str) -> str:
    return " ".join(text.split())
