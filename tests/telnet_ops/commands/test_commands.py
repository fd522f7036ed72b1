"""Each command, in both languages, does what the documentation says and answers in text."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from telnet_ops.commands import STANDARD_COMMANDS
from telnet_ops.console import Console
from telnet_ops.registry import Command
from telnet_ops.target import Language, LoginState
from tests.support.ops_target import NO_DELAYS, FakeTarget


@dataclass
class Desk:
    """A console over a fake target, with reports kept in memory instead of files."""

    target: FakeTarget = field(default_factory=FakeTarget)
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.console = Console(self.target, save_report=self._save)

    def _save(self, path: str, text: str) -> None:
        if path.startswith("/full/"):
            raise OSError(28, "No space left on device")
        self.files[path] = text

    def ask(self, line: str, language: Language = "en") -> str:
        self.target.language = language
        return self.console.execute(line, now_ns=0)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_help_lists_every_command(desk: Desk) -> None:
    """Without a parameter help shows each name with its title."""
    english, chinese = desk.ask("help").split("\n"), desk.ask("help", "chs").split("\n")
    assert [line.split()[0] for line in english[1:]] == [c.name for c in STANDARD_COMMANDS]
    assert english[0] == "Commands:"
    assert chinese[0] == "命令列表:"
    assert chinese[2] == "exit                         退出程序"


def test_help_shows_the_documentation_example(desk: Desk) -> None:
    """`help -cmd=exit` explains exit in the program's language; the alias leads there too."""
    assert desk.ask("help -cmd=exit", "chs") == "退出程序\nexit\n退出 OpenD 程序\n别名: quit"
    assert desk.ask("help -cmd=quit") == (
        "Exit the program\nexit\nExit the OpenD program.\nAliases: quit"
    )


def test_help_shows_parameters_and_limit(desk: Desk) -> None:
    """Details name each parameter, required or not, and how often the command may run."""
    assert "[-conn_id=] [-sub_info_path=]" in desk.ask("help -cmd=show_sub_info")
    assert "set_log_level -level=" in desk.ask("help -cmd=set_log_level")
    assert "参数:\nconn_id: API 连接 ID" in desk.ask("help -cmd=close_api_conn", "chs")
    assert desk.ask("help -cmd=ping", "chs").endswith("频率限制:\n每60秒内最多请求10次")
    assert desk.ask("help -cmd=ping").endswith("Frequency limit:\nat most 10 per 60 seconds")


@pytest.mark.parametrize("language", ["en", "chs"])
@pytest.mark.parametrize("command", STANDARD_COMMANDS, ids=lambda command: command.name)
def test_every_help_decodes_as_the_documentation_does(
    desk: Desk, command: Command, language: Language
) -> None:
    """No help holds a character outside GB2312."""
    text = desk.ask(f"help -cmd={command.name}", language)
    assert text.encode("gb2312").decode("gb2312") == text


@pytest.mark.parametrize("line", ["exit", "quit"])
def test_exit_stops_the_program(desk: Desk, line: str) -> None:
    """Both names ask the program to stop, once, and say so."""
    assert desk.ask(line) == "OpenD is exiting"
    assert desk.target.stops == 1
    assert desk.ask(line, "chs") == "OpenD 正在退出"


def test_ping_shows_each_back_end(desk: Desk) -> None:
    """A back end that does not answer is named as such."""
    assert desk.ask("ping") == "Quote: 1.234ms\nTrade: no answer"
    assert desk.ask("ping", "chs") == "Quote: 1.234ms\nTrade: 无响应"


def test_delay_report_has_three_parts(desk: Desk) -> None:
    """Pushes by range without empty ranges, requests by protocol, orders one by one."""
    assert desk.ask("show_delay_report") == (
        "Push delay (sr2cs) Price: 4 packets, average 1.250ms\n"
        "Range     Count  Share   Cumulative\n"
        "0-2ms     3      75.00%  75.00%\n"
        ">=2000ms  1      25.00%  100.00%\n"
        "\n"
        "Request delay:\n"
        "Protocol ID  Count  Average total  Average OpenD  Average network  Local reply\n"
        "3004         2      1.500ms        0.500ms        1.000ms          yes\n"
        "\n"
        "Order delay:\n"
        "Order ID  Total    OpenD    Network  Until at the exchange\n"
        "6801      9.000ms  1.000ms  2.000ms  6.000ms"
    )


def test_delay_report_without_measurements(desk: Desk) -> None:
    """Parts without data say so."""
    desk.target.delays = NO_DELAYS
    assert desk.ask("show_delay_report", "chs") == (
        "推送延迟(sr2cs): 无数据\n\n请求延迟:\n无数据\n\n下单延迟:\n无数据"
    )


def test_delay_report_measures_the_stage_asked_for(desk: Desk) -> None:
    """`push_count_type` is sr2cs unless one of the other four is given."""
    for line in ("", " -push_count_type=ss2cr", " -push_count_type=sr2ss"):
        desk.ask(f"show_delay_report{line}")
    assert desk.target.stages == ["sr2cs", "ss2cr", "sr2ss"]
    assert "Expected one of: sr2ss, ss2cr, cr2cs, ss2cs, sr2cs." in desk.ask(
        "show_delay_report -push_count_type=x"
    )


def test_reports_go_to_a_file_if_asked(desk: Desk) -> None:
    """With a path the file gets what the console would have shown."""
    shown = desk.ask("show_delay_report")
    answer = desk.ask("show_delay_report -detail_report_path=D:/detail.txt")
    assert answer == "Written to file: D:/detail.txt"
    assert desk.ask("show_sub_info -sub_info_path=/s", "chs") == "已输出到文件: /s"
    assert desk.files["D:/detail.txt"] == shown
    assert desk.files["/s"] == desk.ask("show_sub_info", "chs")


def test_a_file_that_cannot_be_written_is_told(desk: Desk) -> None:
    """The answer names the file and the reason, and the console goes on."""
    answer = desk.ask("show_sub_info -sub_info_path=/full/x")
    assert answer == "Cannot write the file: /full/x, No space left on device"
    assert desk.ask("show_sub_info -sub_info_path=/full/x", "chs").startswith("无法写入文件: ")


def test_close_one_connection(desk: Desk) -> None:
    """Only the named connection goes; naming it again is refused."""
    assert desk.ask("close_api_conn -conn_id=71") == "Connections closed: 1"
    assert [c.conn_id for c in desk.target.open_connections] == [72]
    assert desk.ask("close_api_conn -conn_id=71") == "No such connection: 71"
    assert desk.ask("close_api_conn -conn_id=71", "chs") == "连接不存在: 71"


def test_close_all_connections(desk: Desk) -> None:
    """Without a number all go, also if there are none."""
    assert desk.ask("close_api_conn", "chs") == "已关闭连接数: 2"
    assert desk.target.open_connections == []
    assert desk.ask("close_api_conn") == "Connections closed: 0"


def test_sub_info_shows_quota_and_all_connections(desk: Desk) -> None:
    """The English answer holds the line that third-party programs wait for."""
    assert desk.ask("show_sub_info") == (
        "The used quota: 3\n"
        "The remaining quota: 297\n"
        "The used option quota: 1, the remaining option quota: 59\n"
        "Connection ID: 71, used quota: 3, used option quota: 1\n"
        "Address: 127.0.0.1:40001, client: py1, language: Python\n"
        "QUOTE: HK.00700, US.AAPL\n"
        "Connection ID: 72, used quota: 0, used option quota: 0\n"
        "Address: 127.0.0.1:40002, client: js1, language: JavaScript\n"
        "no data"
    )


def test_sub_info_of_one_connection(desk: Desk) -> None:
    """A number narrows the answer; an unknown number is refused."""
    answer = desk.ask("show_sub_info -conn_id=71", "chs")
    assert answer.startswith(
        "已用额度: 3\n剩余额度: 297\n期权已用额度: 1，期权剩余额度: 59\n"
        "连接ID: 71，占用额度: 3，占用期权额度: 1\n地址: "
    )
    assert "72" not in answer
    assert desk.ask("show_sub_info -conn_id=9") == "No such connection: 9"


def test_sub_info_of_a_connection_that_left_its_subscriptions(desk: Desk) -> None:
    """Subscriptions may outlive their connection; they are shown without its address."""
    desk.ask("close_api_conn")
    answer = desk.ask("show_sub_info -conn_id=71")
    assert answer.endswith(
        "Connection ID: 71, used quota: 3, used option quota: 1\nQUOTE: HK.00700, US.AAPL"
    )


def test_set_log_level(desk: Desk) -> None:
    """The level is one of the configuration's."""
    assert desk.ask("set_log_level -level=debug") == "Log level: debug"
    assert desk.ask("set_log_level -level no", "chs") == "日志级别: no"
    assert desk.target.levels == ["debug", "no"]


# --- login, rights, update --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "english", "chinese"),
    [
        (
            "phone",
            "Requesting a phone verification code",
            "正在请求手机验证码\n请求手机验证码成功\n命令提示: input_phone_verify_code -code=123456",
        ),
        (
            "pic",
            "Picture verification code requested successfully, see: /data/PicVerifyCode.png",
            "请求图形验证码成功，请查看: /data/PicVerifyCode.png",
        ),
    ],
)
def test_codes_are_requested_when_the_login_waits_for_them(
    kind: str, english: str, chinese: str
) -> None:
    """The answer says what was done and which command comes next."""
    state: LoginState = "need_phone_code" if kind == "phone" else "need_picture_code"
    assert Desk(FakeTarget(login_state=state)).ask(f"req_{kind}_verify_code").startswith(english)
    answer = Desk(FakeTarget(login_state=state)).ask(f"req_{kind}_verify_code", "chs")
    assert answer.startswith(chinese)


def test_a_picture_that_cannot_be_written_is_said(desk: Desk) -> None:
    """The reason of the system reaches the operator."""
    desk.target.login_state = "need_picture_code"
    desk.target.picture_fault = OSError(28, "No space left on device")
    answer = desk.ask("req_pic_verify_code")
    assert answer == "Picture verification code request failed: No space left on device"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("req_phone_verify_code", "No phone verification code is needed"),
        ("req_pic_verify_code", "No picture verification code is needed"),
        ("input_phone_verify_code -code=1", "No phone verification code is needed"),
        ("input_pic_verify_code -code=1", "No picture verification code is needed"),
    ],
)
def test_codes_are_not_needed_once_logged_in(desk: Desk, name: str, answer: str) -> None:
    """Whoever is logged in has nothing to verify."""
    assert desk.ask(name) == answer


def test_a_wrong_code_can_be_corrected(desk: Desk) -> None:
    """A wrong picture code is refused with the observed text, the right one logs in."""
    desk.target.login_state = "need_picture_code"
    wrong = desk.ask("input_pic_verify_code -code=0000", "chs")
    assert wrong == "正在验证图形验证码\n图形验证码错误"
    right = desk.ask("input_pic_verify_code -code=1234", "chs")
    assert right == "正在验证图形验证码\n登录成功"


def test_the_phone_code_may_be_requested_once_a_minute(desk: Desk) -> None:
    """Source: [D] at most once in 60 seconds."""
    desk.target.login_state = "need_phone_code"
    assert desk.ask("req_phone_verify_code").startswith("Requesting")
    assert desk.ask("req_phone_verify_code") == "Too frequent: at most 1 per 60 seconds"


@pytest.mark.parametrize(
    ("line", "handed_on"),
    [
        ("relogin", (None, None)),
        ("relogin -login_pwd=se=cret", ("se=cret", None)),
        (f"relogin -login_pwd_md5={'a' * 32}", (None, "a" * 32)),
    ],
)
def test_relogin_hands_on_what_was_given(
    desk: Desk, line: str, handed_on: tuple[str | None, str | None]
) -> None:
    """Either form of the password reaches the program, and the answer is the new state."""
    assert desk.ask(line) == "Login successful"
    assert desk.target.passwords == [handed_on]


def test_relogin_is_limited_by_the_hour(desk: Desk) -> None:
    """Source: [D] ten an hour."""
    answers = [desk.ask("relogin", "chs") for _ in range(11)]
    assert answers == ["登录成功"] * 10 + ["命令过于频繁，每小时最多请求10次"]


@pytest.mark.parametrize(
    "line",
    [
        "relogin hunter2",
        '"relogin" hunter2',
        "relogin -login_pwd_md5=hunter2",
        "relogin -login_pwd=a hunter2",
    ],
)
def test_a_refused_relogin_repeats_no_password(desk: Desk, line: str) -> None:
    """What may be a password does not come back, however the line is wrong."""
    answer = desk.ask(line)
    assert "***" in answer
    assert "hunter2" not in answer
    assert desk.target.passwords == []


def test_rights_are_requested_and_taken(desk: Desk) -> None:
    """The highest right can be asked for, and another device can be imitated."""
    assert desk.ask("request_highest_quote_right", "chs") == "请求最高行情权限成功"
    assert desk.ask("sim_kick", "chs") == "模拟: 被其他设备踢下"
    assert desk.ask("sim_kick -what=login") == "Simulated: kicked by another device"
    assert (desk.target.right_requests, desk.target.kicks) == (1, ["quote_right", "login"])


def test_update_says_that_this_is_the_newest(desk: Desk) -> None:
    """There is never anything to install."""
    assert desk.ask("update") == "Already the newest, Ver.10.11.7108"


def test_files_can_be_refused() -> None:
    """Who need not be on this machine gets reports as text only."""
    console = Console(FakeTarget(language="chs"))
    line = "show_sub_info -sub_info_path=/etc/passwd"
    answer = console.execute(line, 0, may_use_files=False)
    assert answer == "文件只能通过命令行或Telnet读写: /etc/passwd"
    assert "订阅" in console.execute("help", 0, may_use_files=False)
