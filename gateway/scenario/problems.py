"""What may be wrong with a scenario's file, in both languages, with the line that it is wrong in."""

from __future__ import annotations

from typing import Final

from telnet_ops.registry import UsageError
from telnet_ops.texts import Text

NOT_YAML: Final = Text("不是有效的 YAML: {detail}", "not YAML: {detail}")
TOO_LONG: Final = Text(
    "文件过大，至多 {limit} 字符", "the file is too long: at most {limit} characters"
)
NO_ALIASES: Final = Text(
    "请直接写出内容，不支持锚点与别名", "write it out: anchors and aliases are not for scenarios"
)
EXPECTED: Final = Text("{what}: 应为{expected}", "{what}: expected {expected}")
EMPTY: Final = Text("{what} 不能为空", "{what} must not be empty")
REPEATED_KEY: Final = Text("{key} 重复", "{key} is written twice")
UNKNOWN_KEY: Final = Text("未知的 {key}，可用: {allowed}", "unknown: {key}. Allowed: {allowed}")
UNKNOWN_STEP_KEY: Final = Text(
    "未知的命令或键 {key}{guess}；键: {allowed}；命令见 help",
    "unknown command or key: {key}{guess}. Keys: {allowed}; commands: see `help`",
)
GUESS: Final = Text("，是否为 {name}", ", did you mean {name}")
ONE_OF: Final = Text("{what} 中须且只能有一项: {allowed}", "{what}: exactly one of {allowed}")
ONE_TRIGGER: Final = Text("at, after, when 至多一项", "at most one of at, after and when")
WITHIN_NEEDS_WHEN: Final = Text("within 仅用于 when", "within belongs to when")
NO_COMMANDS: Final = Text(
    "该步骤没有命令，也不等待", "the step has no command and waits for nothing"
)
STEPS_OR_TRACKS: Final = Text("steps 与 tracks 须且只能有一项", "exactly one of steps and tracks")
NOT_IN_SCENARIO: Final = Text("场景中不能使用 {name}{hint}", "{name} is not for scenarios{hint}")
USE_WAITING: Final = Text("，请用 at 或 after", ": wait with at or after")
UNKNOWN_SECURITY: Final = Text("未知证券 {symbol}", "unknown security {symbol}")
UNKNOWN_FACT: Final = Text(
    "未知的 ${name}，可用: {allowed}", "unknown: ${name}. Known after a condition: {allowed}"
)
ANY_TEXT: Final = Text("一个值", "one value")
A_MAPPING: Final = Text("键与值", "keys with values")
A_LIST: Final = Text("列表", "a list")
A_TIME: Final = Text(
    "时间，如 09:31、09:31:30 或 2026-01-15T09:31:00",
    "a time such as 09:31, 09:31:30 or 2026-01-15T09:31:00",
)
A_COUNT: Final = Text("大于 0 的整数", "a whole number above 0")
A_PRICE: Final = Text("大于 0 的数字", "a number above 0")
COMMANDS: Final = Text(
    "命令及其参数，如 sim_price: {security: HK.00700, percent: -5}",
    "a command with its parameters, such as sim_price: {security: HK.00700, percent: -5}",
)


class ScenarioError(UsageError):
    """A file that says nothing that could be done; tells where and why.

    Args:
        place: The file's name.
        line: From 1.
        problem: What is wrong.
        **fields: Of the problem's text.
    """

    def __init__(self, place: str, line: int, problem: Text, **fields: str | Text) -> None:
        told = UsageError(problem, **fields)
        both = (f"{place}:{line}: {told.in_language(language)}" for language in ("chs", "en"))
        super().__init__(Text("{told}", "{told}"), told=Text(*both))
