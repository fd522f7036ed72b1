"""The console's texts in both languages: what may go wrong, and the Chinese help of each command.

The English help of a command is its docstring; `telnet_ops.registry` checks that both are complete.
Source: [D] the Chinese help, documentation page "运维命令"; [I] every other wording, unless marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from telnet_ops.limits import Limit
from telnet_ops.target import CodeKind, Language, LoginState


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
EXPECTED_NUMBER: Final = Text("数字", "a number")
EXPECTED_TEXT: Final = Text("非空文本", "a text that is not empty")
EXPECTED_MD5: Final = Text("32 位 16 进制数", "32 hexadecimal digits")
EXPECTED_DERIVATIVE: Final = Text(
    "期权、窝轮或期货合约", "an option, a warrant or a contract month"
)
EXPECTED_SECURITY: Final = Text("如 HK.00700 的证券代码", "a security such as HK.00700")
EXPECTED_JUMP: Final = Text(
    "open, close, 日期, 或带时区的时刻", "open, close, a date or an instant with its offset"
)
EXPECTED_CHOICE: Final = Text("以下之一: {choices}", "one of: {choices}")
TOO_FREQUENT: Final = Text("命令过于频繁，{limit}", "Too frequent: {limit}")
LIMIT_PER_HOUR: Final = Text("每小时最多请求{count}次", "at most {count} per hour")
LIMIT_PER_SECONDS: Final = Text(
    "每{window}秒内最多请求{count}次", "at most {count} per {window} seconds"
)
LINE_TOO_LONG: Final = Text("命令过长，不再接收命令", "The line is too long; no more are read")
INTERNAL_ERROR: Final = Text("命令执行失败，详见日志", "The command failed; see the log")

IN_THE_PAST: Final = Text("时间不能倒退: {goal}", "Time does not go back: {goal}")
BEYOND_TIME: Final = Text("时间止于 {last}: {goal}", "Time ends at {last}: {goal}")

NO_WORLDS: Final = Text(
    "没有独立世界，请以 sim_worlds=client_id 启动",
    "There are no private worlds: start with sim_worlds=client_id",
)
TOO_MANY_WORLDS: Final = Text("世界过多，至多 {limit} 个", "Too many worlds: at most {limit}")

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

CODE_SENT: Final = Text(
    "正在请求手机验证码\n请求手机验证码成功\n命令提示: input_phone_verify_code -code=123456",
    "Requesting a phone verification code\nPhone verification code requested successfully\n"
    "Command tips: input_phone_verify_code -code=123456",
)
PICTURE_WRITTEN: Final = Text(
    "请求图形验证码成功，请查看: {path}\n命令提示: input_pic_verify_code -code=1234",
    "Picture verification code requested successfully, see: {path}\n"
    "Command tips: input_pic_verify_code -code=1234",
)
PICTURE_NOT_WRITTEN: Final = Text(
    "请求图形验证码失败: {reason}", "Picture verification code request failed: {reason}"
)
CODE_NOT_NEEDED: Final[Mapping[CodeKind, Text]] = {
    "picture": Text("当前不需要图形验证码", "No picture verification code is needed"),
    "phone": Text("当前不需要手机验证码", "No phone verification code is needed"),
}
CODE_WRONG: Final[Mapping[CodeKind, Text]] = {
    "picture": Text("图形验证码错误", "Wrong picture verification code"),
    "phone": Text("手机验证码错误", "Wrong phone verification code"),
}
VERIFYING: Final[Mapping[CodeKind, Text]] = {
    "picture": Text("正在验证图形验证码", "Verifying the picture verification code"),
    "phone": Text("正在验证手机验证码", "Verifying the phone verification code"),
}
LOGIN_STATES: Final[Mapping[LoginState, Text]] = {
    "ready": Text("登录成功", "Login successful"),
    "logging_in": Text("正在登录", "Logging in"),
    "need_picture_code": Text(
        "需要图形验证码\n命令提示: req_pic_verify_code",
        "Need a picture verification code\nCommand tips: req_pic_verify_code",
    ),
    "need_phone_code": Text(
        "需要手机验证码\n命令提示: req_phone_verify_code",
        "Need a phone verification code\nCommand tips: req_phone_verify_code",
    ),
    "wrong_password": Text("登录失败,密码不匹配", "Login failed,Password does not match"),
    "disclaimer": Text(
        "未同意免责声明\n命令提示: relogin", "Disclaimer not agreed to\nCommand tips: relogin"
    ),
    "logged_out": Text(
        "已被强制退出登录\n命令提示: relogin", "Forced to log out\nCommand tips: relogin"
    ),
}
"""Source: [O] `登录成功`, `密码不匹配`, the two needs and their English but for the picture, the tip of the
phone code, `Login failed,Password does not match`; [I] the rest."""
HIGHEST_RIGHT_REQUESTED: Final = Text(
    "请求最高行情权限成功", "The highest quote right was requested successfully"
)
KICKED: Final = Text("模拟: 被其他设备踢下", "Simulated: kicked by another device")
CHANGED_ELSEWHERE: Final = Text("模拟: 在其他设备上修改", "Simulated: changed on another device")
UP_TO_DATE: Final = Text("已是最新版本 Ver.{release}", "Already the newest, Ver.{release}")
NOT_USABLE: Final = Text("无法使用文件 {name}: {reason}", "Cannot use the file {name}: {reason}")
FILES_OVER_TELNET_ONLY: Final = Text(
    "文件只能通过命令行或Telnet读写: {path}",
    "Files are for the console and telnet only: {path}",
)

CHINESE_HELP: Final[dict[str, Help]] = {
    "help": Help("命令帮助", "查看指定命令详细信息，不指定参数则输出命令列表", {"cmd": "命令"}),
    "exit": Help("退出程序", "退出 OpenD 程序"),
    "req_phone_verify_code": Help(
        "请求手机验证码", "请求手机验证码，当启用设备锁并初次在该设备登录，要求做安全验证。"
    ),
    "input_phone_verify_code": Help(
        "输入手机验证码", "输入手机验证码，并继续登录流程。", {"code": "手机验证码"}
    ),
    "req_pic_verify_code": Help(
        "请求图形验证码", "请求图形验证码，当多次输入错登录密码时，需要输入图形验证码。"
    ),
    "input_pic_verify_code": Help(
        "输入图形验证码", "输入图形验证码，并继续登录流程。", {"code": "图形验证码"}
    ),
    "relogin": Help(
        "重登录",
        "当登录密码修改或中途打开设备锁等情况，要求用户重新登录时，可以使用该命令。"
        "只能重登当前帐号，不支持切换帐号。"
        "密码参数主要用于登录密码修改的情况，不指定密码则使用启动时登录密码。",
        {
            "login_pwd": "登录密码明文",
            "login_pwd_md5": "登录密码密文（32 位 MD5 加密 16 进制）",
        },
    ),
    "request_highest_quote_right": Help(
        "请求最高行情权限",
        "当高级行情权限被其他设备（如：桌面端/手机端）占用时，可使用该命令重新请求最高行情权限"
        "（届时，其他处于登录状态的设备将无法使用高级行情）。",
    ),
    "update": Help("升级", "运行该命令，可以一键更新 OpenD"),
    "sim_kick": Help(
        "模拟被其他设备踢下",
        "模拟其他设备占用行情权限(quote_right)，帐号在别处登录(login)，修改密码(login_password，"
        "trade_password)，或启用设备锁(device_lock)",
        {
            "what": "quote_right，login，login_password，trade_password 或 device_lock，默认 quote_right",
            "password": "新密码",
        },
    ),
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
