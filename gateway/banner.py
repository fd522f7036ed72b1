"""The lines that OpenD prints when it starts, in both languages.

Source: [O] opend_facts 7, console of 10.9 to 10.11, English and Chinese; a line whose Chinese was never
seen is our translation [I]. The last line is our own: it never changes, so that scripts can wait for
it, and it names the real ports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateway.session.login import SERVER_RELEASE, Login, QuoteRight
from gateway.texts import Language

READY_PREFIX: Final = "OpenD emulator ready:"

_RIGHT_NAMES: Final = {
    QuoteRight.BMP: "BMP",
    QuoteRight.LEVEL1: "LV1",
    QuoteRight.LEVEL2: "LV2",
    QuoteRight.SF: "SF",
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
    login: Login
    subscription_quota: int
    web_socket_lacks_tls: bool = False
    """The WebSocket service was not started: it may not be reached from elsewhere unencrypted."""


def start_lines(facts: StartFacts) -> Iterator[str]:
    """The console lines of a successful start, in order."""
    english = facts.language == "en"

    def say(zh: str, en: str) -> str:
        return f">>>{en if english else zh}"

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
    yield say("登录成功", "Login successful")
    quota, history = facts.subscription_quota, facts.login.history_quota
    yield say(
        f"用户额度: 订阅额度: {quota}, 历史K线额度: {history}",
        f"User Quota: Subscription Quota: {quota}, Historical Candlestick Quota: {history}",
    )
    for attribute, name_en, name_zh in _RIGHT_LINES:
        right = getattr(facts.login.rights, attribute)
        level_en = _RIGHT_NAMES.get(right, "No permission")
        level_zh = _RIGHT_NAMES.get(right, "无权限")
        yield say(
            f"{name_zh}: {level_zh}, 权限状态: 正常",
            f"{name_en}: {level_en}, Permission Status: Normal",
        )


def _web_socket_lines(facts: StartFacts, say: Callable[[str, str], str]) -> Iterator[str]:
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
