"""The lines that OpenD prints when it starts and while it logs in, in both languages.

Source: [O], console of 10.9 to 10.11, English and Chinese; a line whose Chinese was never
seen is our translation [I]. The last line is our own: it never changes, so that scripts can wait for
it, and it names the real ports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateway.session.login import SERVER_RELEASE
from gateway.session.notices import Notice, ProgramStatus, StatusChanged
from gateway.session.opend import OpenD
from gateway.session.quote_rights import QuoteRight
from gateway.texts import Language
from simulator.journal import Restored
from telnet_ops.texts import LOGIN_STATES

Say = Callable[[str, str], str]
"""A line, given in Chinese and in English, in the language of this run."""

READY_PREFIX: Final = "OpenD emulator ready:"

_RIGHT_NAMES: Final = {
    QuoteRight.BMP: "BMP",
    QuoteRight.LEVEL1: "LV1",
    QuoteRight.LEVEL2: "LV2",
    QuoteRight.LEVEL3: "LV3",
    QuoteRight.SF: "SF",
}
_STATUS_TEXTS: Final = {
    ProgramStatus.NEED_PICTURE_CODE: LOGIN_STATES["need_picture_code"],
    ProgramStatus.NEED_PHONE_CODE: LOGIN_STATES["need_phone_code"],
    ProgramStatus.LOGIN_FAILED: LOGIN_STATES["wrong_password"],
    ProgramStatus.DISCLAIMER_NOT_AGREED: LOGIN_STATES["disclaimer"],
    ProgramStatus.READY: LOGIN_STATES["ready"],
    ProgramStatus.LOGGED_OUT: LOGIN_STATES["logged_out"],
}
_RIGHT_LINES: Final = (
    ("hk_stock", "HK Stocks", "港股"),
    ("hk_option", "HK Options", "港股期权"),
    ("hk_future", "HK Futures", "港股期货"),
    ("us_stock", "US Stocks", "美股"),
    ("us_option", "US Options", "美股期权"),
    ("us_future", "US Futures", "美股期货"),
    ("cn", "CN Stocks", "A股"),
    ("sg_future", "SG Futures", "新加坡期货"),
    ("jp_future", "JP Futures", "日本期货"),
)


@dataclass(frozen=True, slots=True)
class StartFacts:
    """What the lines tell of this start."""

    language: Language
    start_ns: int
    addresses: dict[str, str]
    """Listening addresses by service: `api`, `telnet` …, as `host:port`."""
    has_rsa_key: bool
    account: str
    web_socket_lacks_tls: bool = False
    """The WebSocket service was not started: it may not be reached from elsewhere unencrypted."""


def start_lines(facts: StartFacts) -> Iterator[str]:
    """The console lines of a start up to the login, in order."""
    say = _sayer(facts.language)
    started = datetime.fromtimestamp(facts.start_ns / 1e9, UTC).astimezone()
    yield say(
        f"OpenD版本信息: {SERVER_RELEASE} (模拟器)",
        f"OpenD version info: {SERVER_RELEASE} (emulator)",
    )
    yield say(f"启动时间: {started:%Y-%m-%d %H:%M:%S}", f"Start Time: {started:%Y-%m-%d %H:%M:%S}")
    yield say("OpenD正在运行", "OpenD is running")
    yield say("配置文件加载成功", "Configuration file loaded successfully")
    yield say("服务器启动成功", "Server started")
    yield say(
        f"API监听地址: {facts.addresses['api']}", f"API Listening Address: {facts.addresses['api']}"
    )
    yield say(
        f"API启用RSA: {'是' if facts.has_rsa_key else '否'}",
        f"API RSA Enabled: {'Yes' if facts.has_rsa_key else 'No'}",
    )
    if "telnet" in facts.addresses:
        address = facts.addresses["telnet"]
        yield say(f"Telnet监听地址: {address}", f"Telnet Listening Address: {address}")
    yield from _web_socket_lines(facts, say)
    yield say("正在登录", "Logging in")
    yield say(f"登录账号: {facts.account}", f"Login Account: {facts.account}")


def notice_lines(opend: OpenD, notice: Notice) -> Iterator[str]:
    """What the console says of a notice: each stop on the way to the login, and who came in with what.

    Source: [O].
    """
    say = _sayer(opend.language)
    if not isinstance(notice, StatusChanged) or notice.status not in _STATUS_TEXTS:
        return
    zh, en = _STATUS_TEXTS[notice.status]
    for line_zh, line_en in zip(zh.split("\n"), en.split("\n"), strict=True):
        yield say(line_zh, line_en)
    if notice.status is ProgramStatus.READY:
        yield from _quota_lines(opend, say)


def exit_line(language: Language) -> str:
    """The last line when a start fails. Source: [O] `moomoo OpenD has exited`; [I] the Chinese."""
    return _sayer(language)("OpenD已退出", "OpenD has exited")


def restored_line(language: Language, restored: Restored) -> str:
    """What an earlier run left; a line of our own."""
    orders, open_orders, fills = restored.orders, restored.open_orders, restored.fills
    return _sayer(language)(
        f"已恢复: 订单 {orders} 笔(未完成 {open_orders} 笔), 成交 {fills} 笔",
        f"Restored: {orders} orders ({open_orders} open), {fills} fills",
    )


def _quota_lines(opend: OpenD, say: Say) -> Iterator[str]:
    quota, history = opend.subscriptions.quota, opend.login.history_quota
    yield say(
        f"用户额度: 订阅额度: {quota}, 历史K线额度: {history}",
        f"User Quota: Subscription Quota: {quota}, Historical Candlestick Quota: {history}",
    )
    for attribute, name_en, name_zh in _RIGHT_LINES:
        right = getattr(opend.quote_access.granted, attribute)
        level_en = _RIGHT_NAMES.get(right, "No permission")
        level_zh = _RIGHT_NAMES.get(right, "无权限")
        yield say(
            f"{name_zh}: {level_zh}, 权限状态: 正常",
            f"{name_en}: {level_en}, Permission Status: Normal",
        )


def _sayer(language: Language) -> Say:
    return lambda zh, en: f">>>{en if language == 'en' else zh}"


def _web_socket_lines(facts: StartFacts, say: Say) -> Iterator[str]:
    """Source: [O] zh address line; [D] the rule; the refusal's wording and the English are [I]."""
    if "ws" in facts.addresses:
        address = facts.addresses["ws"]
        yield say(f"WebSocket监听地址: {address}", f"WebSocket Listening Address: {address}")
    if facts.web_socket_lacks_tls:
        yield say(
            "WebSocket启动失败: 监听地址不是本地，需配置SSL(websocket_cert和websocket_private_key)",
            "WebSocket not started: the listening address is not local, SSL is required"
            " (websocket_cert and websocket_private_key)",
        )


def ready_line(addresses: dict[str, str]) -> str:
    """The one line that scripts wait for, e.g. `OpenD emulator ready: api=127.0.0.1:11111`."""
    return " ".join((READY_PREFIX, *(f"{name}={value}" for name, value in addresses.items())))
