"""The console's texts in both languages: what may go wrong, and the Chinese help of each command.

The English help of a command is its docstring; `telnet_ops.registry` checks that both are complete.
Source: [D] the Chinese help, documentation page "运维命令"; [I] every other wording, unless marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from telnet_ops.limits import Limit
from telnet_ops.target import Language


class Text(NamedTuple):
    """One text in Chinese and English; both may hold the same `{fields}`."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text of that language, its fields not yet filled."""
        return self.zh if language == "chs" else self.en


@dataclass(frozen=True, slots=True)
class Help:
    """The help of one command in one language; parameters by name."""

    title: str
    description: str
    parameters: dict[str, str] = field(default_factory=dict)


UNKNOWN_COMMAND: Final = Text(
    "未知命令: {name}，输入 help 查看命令列表",
    "Unknown command: {name}. Enter help for the list of commands.",
)
MALFORMED_PARAMETER: Final = Text(
    "参数格式错误: {token}，命令格式: cmd -param_key1=param_value1 -param_key2=param_value2",
    "Malformed parameter: {token}. Format: cmd -param_key1=param_value1 -param_key2=param_value2",
)
REPEATED_PARAMETER: Final = Text("重复的参数: {name}", "Parameter given twice: {name}")
UNKNOWN_PARAMETER: Final = Text("未知参数: {name}", "Unknown parameter: {name}")
MISSING_PARAMETER: Final = Text("缺少参数: {name}", "Missing parameter: {name}")
MISSING_VALUE: Final = Text("参数缺少值: {name}", "Parameter without a value: {name}")
INVALID_VALUE: Final = Text(
    "参数值错误: {name}={value}，应为{expected}",
    "Invalid value: {name}={value}. Expected {expected}.",
)
EXPECTED_INTEGER: Final = Text("整数", "an integer")
EXPECTED_TEXT: Final = Text("非空文本", "a text that is not empty")
EXPECTED_CHOICE: Final = Text("以下之一: {choices}", "one of: {choices}")
TOO_FREQUENT: Final = Text("命令过于频繁，{limit}", "Too frequent: {limit}")
LIMIT_PER_HOUR: Final = Text("每小时最多请求{count}次", "at most {count} per hour")
LIMIT_PER_SECONDS: Final = Text(
    "每{window}秒内最多请求{count}次", "at most {count} per {window} seconds"
)
LINE_TOO_LONG: Final = Text("命令过长，不再接收命令", "The line is too long; no more are read")
INTERNAL_ERROR: Final = Text("命令执行失败，详见日志", "The command failed; see the log")

HELP_LIST: Final = Text("命令列表:", "Commands:")
HELP_PARAMETERS: Final = Text("参数:", "Parameters:")
HELP_LIMIT: Final = Text("频率限制:", "Frequency limit:")
HELP_ALIASES: Final = Text("别名: {names}", "Aliases: {names}")

NO_ANSWER: Final = Text("无响应", "no answer")
YES: Final = Text("是", "yes")
NO: Final = Text("否", "no")
NOTHING: Final = Text("无数据", "no data")
STOPPING: Final = Text("OpenD 正在退出", "OpenD is exiting")
LOG_LEVEL_SET: Final = Text("日志级别: {level}", "Log level: {level}")
REPORT_SAVED: Final = Text("已输出到文件: {path}", "Written to file: {path}")
REPORT_NOT_SAVED: Final = Text(
    "无法写入文件: {path}，{reason}", "Cannot write the file: {path}, {reason}"
)
NO_SUCH_CONNECTION: Final = Text("连接不存在: {conn_id}", "No such connection: {conn_id}")
CONNECTIONS_CLOSED: Final = Text("已关闭连接数: {count}", "Connections closed: {count}")

CHINESE_HELP: Final[dict[str, Help]] = {
    "help": Help("命令帮助", "查看指定命令详细信息，不指定参数则输出命令列表", {"cmd": "命令"}),
    "exit": Help("退出程序", "退出 OpenD 程序"),
    "ping": Help("检测与连接点之间的时延", "检测与连接点之间的时延"),
    "show_delay_report": Help(
        "展示延迟统计报告",
        "展示延迟统计报告，包括推送延迟，请求延迟以及下单延迟。每日北京时间 6:00 清理数据。",
        {
            "detail_report_path": "文件输出路径，可选参数，若不指定则输出到控制台",
            "push_count_type": (
                "推送延迟的类型(sr2ss，ss2cr，cr2cs，ss2cs，sr2cs)，默认 sr2cs。"
                "sr 指服务器接收时间(目前只有港股支持该时间)，ss 指服务器发出时间，"
                "cr 指 OpenD 接收时间，cs 指 OpenD 发出时间"
            ),
        },
    ),
    "close_api_conn": Help(
        "关闭 API 连接",
        "关闭某条 API 连接，若不指定则关闭所有",
        {"conn_id": "API 连接 ID"},
    ),
    "show_sub_info": Help(
        "展示订阅状态",
        "展示某条连接的订阅状态，若不指定则展示所有",
        {
            "conn_id": "API 连接 ID",
            "sub_info_path": "文件输出路径，可选参数，若不指定则输出到控制台",
        },
    ),
    "set_log_level": Help(
        "设置日志级别",
        "设置 OpenD 的日志级别，立即生效",
        {"level": "日志级别(no，debug，info，warning，error，fatal)"},
    ),
}


def limit_text(limit: Limit) -> Text:
    """Say a limit as the documentation does, such as `每60秒内最多请求10次`."""
    text = LIMIT_PER_HOUR if limit.window_s == 3600 else LIMIT_PER_SECONDS
    return Text(*(t.format(count=limit.count, window=limit.window_s) for t in text))
