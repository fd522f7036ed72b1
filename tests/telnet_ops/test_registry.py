"""A command that the console could not serve is refused at registration."""

from __future__ import annotations

from typing import Literal

import pytest

from telnet_ops.console import Console
from telnet_ops.registry import Context, Parameter, RegistrationError, UsageError, command
from tests.support.ops_target import FakeTarget


def test_reads_parameters_from_the_signature() -> None:
    """Types, choices, defaults and help all come from the function."""

    def set_log_level(context: Context, level: Literal["a", "b"]) -> str:
        """Do it.

        Do it
        well.

        Args:
            context: where
            level: how
                much

        Source: [I]
        """
        return level

    built = command("set_log_level", aliases=("sll",))(set_log_level)
    assert built.parameters == (
        Parameter("level", is_required=True, is_integer=False, choices=("a", "b")),
    )
    assert built.english.title == "Do it"
    assert built.english.description == "Do it well."
    assert built.english.parameters["level"] == "how much"
    assert built.chinese.parameters["level"].startswith("日志级别")


def test_refuses_a_type_without_a_parser() -> None:
    """A float parameter fails when the module is imported, not when somebody types it."""

    def close_api_conn(context: Context, conn_id: float) -> str:
        """Do it."""
        return f"{conn_id}"

    with pytest.raises(RegistrationError, match="no parser for conn_id"):
        command("close_api_conn")(close_api_conn)


def test_refuses_a_union_of_two_types() -> None:
    """A parameter has one type, at most with None as its default."""

    def close_api_conn(context: Context, conn_id: int | str) -> str:
        """Do it."""
        return f"{conn_id}"

    with pytest.raises(RegistrationError, match="no parser for conn_id"):
        command("close_api_conn")(close_api_conn)


def test_refuses_a_command_without_docstring() -> None:
    """The docstring is the English help; without it there is none."""

    def ping(context: Context) -> str:
        return ""

    with pytest.raises(RegistrationError, match="no docstring"):
        command("ping")(ping)


def test_refuses_a_command_without_chinese_help() -> None:
    """Both languages are complete."""

    def mystery(context: Context) -> str:
        """Do it."""
        return ""

    with pytest.raises(RegistrationError, match="no Chinese help"):
        command("mystery")(mystery)


def test_refuses_a_parameter_without_help() -> None:
    """Each parameter is described."""

    def ping(context: Context, times: int) -> str:
        """Do it."""
        return f"{times}"

    with pytest.raises(RegistrationError, match="parameter times has no help"):
        command("ping")(ping)


def test_refuses_two_commands_of_one_name() -> None:
    """An alias may not hide a command."""

    def ping(context: Context) -> str:
        """Do it."""
        return ""

    commands = (command("ping")(ping), command("exit", aliases=("ping",))(ping))
    with pytest.raises(RegistrationError, match="named ping"):
        Console(FakeTarget(), commands=commands)


@pytest.mark.parametrize("value", ["", "x", "1.0", "1_0", "٣", "0x1", "9" * 21, "1 "])
def test_refuses_what_is_no_integer(value: str) -> None:
    """Integers are written in plain decimal digits, at most as many as an id has."""
    with pytest.raises(UsageError) as caught:
        Parameter("n", is_required=True, is_integer=True, choices=()).parse(value)
    assert caught.value.in_language("en") == f"Invalid value: n={value}. Expected an integer."


def test_reads_integers_with_a_sign() -> None:
    """A 64-bit id and a negative number are integers."""
    parameter = Parameter("n", is_required=True, is_integer=True, choices=())
    assert parameter.parse("18446744073709551615") == 2**64 - 1
    assert parameter.parse("-5") == -5
