"""A line gives an answer or a clear text on what is wrong with it, in the program's language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telnet_ops.console import Console
from telnet_ops.limits import NS_PER_S
from tests.support.ops_target import FakeTarget

NOW_NS = 1_790_000_000 * NS_PER_S
WORDS = ("help", "ping", "close_api_conn", "show_sub_info", "-cmd", "-conn_id", "=", "1", '"', " ")


@pytest.mark.parametrize(
    ("line", "english", "chinese"),
    [
        ("dance", "Unknown command: dance.", "未知命令: dance，"),
        ("PING", "Unknown command: PING.", "未知命令: PING，"),
        ("ping -times=2", "Unknown parameter: times", "未知参数: times"),
        ("set_log_level", "Missing parameter: level", "缺少参数: level"),
        (
            "set_log_level -level=loud",
            "Invalid value: level=loud. Expected one of: no, debug, info, warning, error, fatal.",
            "参数值错误: level=loud，应为以下之一: no, debug, info, warning, error, fatal",
        ),
        (
            "close_api_conn -conn_id=abc",
            "Invalid value: conn_id=abc. Expected an integer.",
            "参数值错误: conn_id=abc，应为整数",
        ),
        ("help -cmd=", "Invalid value: cmd=. Expected a text", "参数值错误: cmd=，应为非空文本"),
        ("help -cmd={x}", "Unknown command: {x}.", "未知命令: {x}，"),
    ],
)
def test_says_what_is_wrong(line: str, english: str, chinese: str) -> None:
    """Wrong commands and parameters are named in either language, and nothing is done."""
    target = FakeTarget()
    console = Console(target)
    assert console.execute(line, NOW_NS).startswith(english)
    target.language = "chs"
    assert console.execute(line, NOW_NS).startswith(chinese)
    assert target == FakeTarget(language="chs")


def test_a_blank_line_has_no_answer() -> None:
    """An operator may press the enter key."""
    assert Console(FakeTarget()).execute("  ", NOW_NS) == ""


def test_the_eleventh_ping_waits_for_the_window() -> None:
    """Ten pings pass; the next is refused up to the last nanosecond of the first one's minute."""
    target = FakeTarget()
    console = Console(target)
    for i in range(10):
        assert "Quote" in console.execute("ping", NOW_NS + i)
    refusal = console.execute("ping", NOW_NS + 60 * NS_PER_S - 1)
    assert refusal == "Too frequent: at most 10 per 60 seconds"
    target.language = "chs"
    assert console.execute("ping", NOW_NS + 10) == "命令过于频繁，每60秒内最多请求10次"
    assert target.pings == 10
    assert "Quote" in console.execute("ping", NOW_NS + 60 * NS_PER_S)


def test_malformed_calls_do_not_count() -> None:
    """A mistyped ping leaves all ten."""
    console = Console(FakeTarget())
    for _ in range(20):
        console.execute("ping -x=1", NOW_NS)
    assert "Quote" in console.execute("ping", NOW_NS)


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map("".join)))
def test_any_line_is_answered(line: str) -> None:
    """No line raises, and every line that is not blank has an answer."""
    console = Console(FakeTarget(), save_report=lambda path, text: None)
    assert bool(console.execute(line, NOW_NS)) == bool(line.split())
