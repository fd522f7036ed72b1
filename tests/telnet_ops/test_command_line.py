"""A command line is taken apart into a name and written parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telnet_ops.command_line import CommandLine, split_line
from telnet_ops.registry import UsageError


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        ("c", {}),
        ("  c  ", {}),
        ("c -a=1 -b=2", {"a": "1", "b": "2"}),
        ("c -a 1 -b 2", {"a": "1", "b": "2"}),
        ("c --a=1 --b 2", {"a": "1", "b": "2"}),
        ("c -a=", {"a": ""}),
        ("c -a=x=y", {"a": "x=y"}),
        ("c -a=-5", {"a": "-5"}),
        (r'c -a="D:\my files\x.txt"', {"a": r"D:\my files\x.txt"}),
        ('c -a "two words" -b=1', {"a": "two words", "b": "1"}),
    ],
)
def test_takes_lines_apart(line: str, parameters: dict[str, str]) -> None:
    """Both forms of a parameter are read; quotes hold blanks together."""
    assert split_line(line) == CommandLine("c", parameters)


@pytest.mark.parametrize("line", ["", "   ", "\t"])
def test_a_blank_line_is_nothing(line: str) -> None:
    """There is no command on a blank line."""
    assert split_line(line) is None


@pytest.mark.parametrize(
    ("line", "english", "chinese"),
    [
        ("c value", "Malformed parameter: value.", "参数格式错误: value，"),
        ("c -1=2", "Malformed parameter: -1=2.", "参数格式错误: -1=2，"),
        ("c -a=1 -a=2", "Parameter given twice: a", "重复的参数: a"),
        ("c -a", "Parameter without a value: a", "参数缺少值: a"),
        ('c -a="no end', "Malformed parameter: end.", "参数格式错误: end，"),
        ("c -a -b=1", "Parameter without a value: a", "参数缺少值: a"),
    ],
)
def test_says_what_is_wrong_with_the_form(line: str, english: str, chinese: str) -> None:
    """A malformed line is refused with a text that names the culprit."""
    with pytest.raises(UsageError) as caught:
        split_line(line)
    assert caught.value.in_language("en").startswith(english)
    assert caught.value.in_language("chs").startswith(chinese)


def test_echoes_are_short_and_printable() -> None:
    """What the caller wrote comes back cut and without control characters."""
    with pytest.raises(UsageError) as caught:
        split_line("c \x1b[2J" + "x" * 500)
    text = caught.value.in_language("en")
    assert text.isprintable()
    assert len(text) < 200


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(line: str) -> None:
    """No line crashes the parser, and what it reads is not blank."""
    try:
        read = split_line(line)
    except UsageError:
        read = CommandLine("refused", {})
    assert (read is None) == (not line.split())
