"""The settings: each element of FutuOpenD.xml in the order of the file, then the `sim_` ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.config.errors import ConfigError
from gateway.config.values import (
    Address,
    Allowed,
    Clock,
    ClockMode,
    FilePath,
    HistoryDays,
    JournalSize,
    Language,
    Limits,
    LoginHurdles,
    LogLevel,
    MarketSourceName,
    Md5Hex,
    Milliseconds,
    OnOff,
    Port,
    ProfileName,
    PushFormat,
    QuotaTier,
    RightsByProduct,
    Secret,
    Seed,
    Speed,
    Start,
    StorePlace,
    Switch,
    Text,
    UniverseSize,
    VerifyCode,
    WatchGroups,
    WorldNames,
    ZoneName,
)

COMMAND_LINE_ONLY: Final = frozenset({"console"})
BOOKKEEPING: Final = frozenset({"cfg_file", "origins", "warnings"})


@dataclass(frozen=True, slots=True)
class About:
    """What a setting is for, in the two languages of OpenD."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written, so that a refusal can point at it."""

    place: str
    """`FutuOpenD.xml: element <api_port>`, or `command line: option -api_port`."""
    value: str = field(repr=False)
    """As written; may be a secret, so it is never shown by accident."""


class Settings(BaseModel):
    """Everything a start is told; ports may be 0, which means any free one.

    Source: [D] OpenD documentation, "Command line OpenD"; [O] names, order and defaults of the
        shipped FutuOpenD.xml (releases 7.1 to 10.x); everything called `sim_` is our own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ip: Annotated[Address, About("API 监听地址", "Address the API listens on")] = "127.0.0.1"
    api_port: Annotated[Port, About("API 监听端口", "Port the API listens on")] = 11111
    login_account: Annotated[
        Text | None,
        About("登录账号,可不填", "Account to log in with; any or none will do"),
    ] = None
    login_pwd_md5: Annotated[
        Md5Hex | None,
        About("登录密码的 MD5,可不填", "MD5 of the login password; any or none will do"),
    ] = None
    login_pwd: Annotated[
        Secret | None,
        About("登录密码明文,可不填", "Login password in clear; any or none will do"),
    ] = None
    lang: Annotated[Language, About("输出语言", "Language of all output")] = "chs"
    log_level: Annotated[LogLevel, About("日志级别", "Level of the log")] = "info"
    log_path: Annotated[
        FilePath | None,
        About("日志目录", "Directory for log files"),
    ] = None
    push_proto_type: Annotated[
        PushFormat,
        About("推送格式(客户端未指定时)", "Format of pushes when a client asks for none"),
    ] = 0
    qot_push_frequency: Annotated[
        Milliseconds | None,
        About(
            "行情推送间隔,毫秒", "Least interval of a stream's pushes but for K lines and RT, ms"
        ),
    ] = None
    telnet_ip: Annotated[Address, About("Telnet 监听地址", "Address telnet listens on")] = (
        "127.0.0.1"
    )
    telnet_port: Annotated[
        Port | None,
        About("Telnet 监听端口", "Port telnet listens on"),
    ] = None
    rsa_private_key: Annotated[
        FilePath | None,
        About("RSA 私钥文件路径", "Path of the RSA private key file; turns encryption on"),
    ] = None
    price_reminder_push: Annotated[
        Switch, About("是否接收到价提醒推送", "Receive price reminders")
    ] = True
    auto_hold_quote_right: Annotated[
        Switch,
        About("被踢后是否自动抢行情权限", "Take quote rights back"),
    ] = True
    future_trade_api_time_zone: Annotated[
        ZoneName,
        About("期货交易接口的时区", "Time zone of the times in futures trading"),
    ] = "UTC+8"
    websocket_ip: Annotated[
        Address,
        About("WebSocket 监听地址", "Address WebSocket listens on"),
    ] = "127.0.0.1"
    websocket_port: Annotated[
        Port | None,
        About("WebSocket 监听端口", "Port WebSocket listens on"),
    ] = None
    websocket_key_md5: Annotated[
        Md5Hex | None,
        About("WebSocket 密钥的 MD5", "MD5 of the WebSocket key"),
    ] = None
    websocket_private_key: Annotated[
        FilePath | None,
        About("WebSocket 私钥文件", "WebSocket private key file"),
    ] = None
    websocket_cert: Annotated[
        FilePath | None,
        About("WebSocket 证书文件", "WebSocket certificate file"),
    ] = None
    pdt_protection: Annotated[
        Switch,
        About("防止被标记为日内交易者(美国账户)", "Guard American accounts against the PDT mark"),
    ] = True
    dtcall_confirmation: Annotated[
        Switch,
        About(
            "日内交易保证金追缴预警(美国账户)", "Guard American accounts against day-trading calls"
        ),
    ] = True
    simulate_trade: Annotated[
        OnOff, About("模拟交易开关(旧版)", "Whether paper accounts exist")
    ] = "enable"
    console: Annotated[Switch, About("是否显示控制台输出", "Show the console lines")] = True
    sim_seed: Annotated[
        Seed, About("模拟行情的种子", "Seed of the market: same seed, same prices")
    ] = 1
    sim_clock: Annotated[
        Clock,
        About(
            "市场时钟:始终开市、实际时间、由命令推进,或从某一时刻开始",
            "Market clock: always open, wall clock, moved by command, or from an instant",
        ),
    ] = "open"
    sim_speed: Annotated[Speed, About("市场时间倍速", "How many times faster market time runs")] = (
        1.0
    )
    sim_start: Annotated[
        Start | None,
        About(
            "首个交易日或起始时刻(时钟为 open 或 manual)",
            "First trading date or instant when the clock is `open` or `manual`",
        ),
    ] = None
    sim_source: Annotated[
        MarketSourceName,
        About("行情来源", "Where prices come from: synthetic, replay:<folder> or a plug-in"),
    ] = "synthetic"
    sim_universe_size: Annotated[
        UniverseSize,
        About("证券总数:全部或仅列名", "How many securities: thousands, or the named ones only"),
    ] = "full"
    sim_limits: Annotated[
        Limits, About("是否执行接口限频", "Refuse requests above the rate limits")
    ] = "on"
    sim_quota_tier: Annotated[
        QuotaTier,
        About(
            "订阅额度与历史K线额度的档位;assets 按真实账户资产",
            "Tier of the subscription and history quotas; `assets`: by what real accounts hold",
        ),
    ] = "1000"
    sim_history_quota_days: Annotated[
        HistoryDays, About("历史K线额度多少天后释放", "Days until history quota is free again")
    ] = "7"
    sim_trade_without_rsa: Annotated[
        Switch,
        About(
            "非本地监听且无 RSA 密钥时仍可交易",
            "Trade on an address that is not local even without an RSA key",
        ),
    ] = False
    sim_quote_rights: Annotated[
        RightsByProduct | None,
        About("行情权限(与默认不同者)", "Quote rights, where they are not the default ones"),
    ] = None
    sim_watch_list: Annotated[
        WatchGroups | None,
        About(
            "新用户的自选股分组;不填则为 Tech, Banks, Empty",
            "Watch-list groups of a new user; absent: Tech, Banks, Empty",
        ),
    ] = None
    sim_login: Annotated[
        LoginHurdles, About("登录过程中遇到的阻碍", "What stands in the way of the login")
    ] = ()
    sim_login_password: Annotated[
        Secret | None,
        About("正确的登录密码,不填则任意", "The right login password; absent: any will do"),
    ] = None
    sim_picture_code: Annotated[
        VerifyCode, About("正确的图形验证码", "The right picture verification code")
    ] = "1234"
    sim_phone_code: Annotated[
        VerifyCode, About("正确的手机验证码", "The right phone verification code")
    ] = "123456"
    sim_profile: Annotated[
        ProfileName,
        About("模拟账户的能力:strict 与实际一致,extended 如真实账户", "What paper accounts can do"),
    ] = "strict"
    sim_accounts: Annotated[
        FilePath | None,
        About("交易账户文件(JSON),不填则为默认账户", "JSON file of the trading accounts"),
    ] = None
    sim_trade_password_md5: Annotated[
        Md5Hex | None,
        About("交易密码的 MD5,不填则密码为 123456", "MD5 of the trade password; absent: of 123456"),
    ] = None
    sim_scenario: Annotated[
        FilePath | None,
        About("启动时开始的场景文件(YAML)", "YAML file of the scenario that begins at the start"),
    ] = None
    sim_worlds: Annotated[
        WorldNames,
        About(
            "独立世界:client_id 时每个 clientID 有各自的账户、订单、额度与时钟",
            "Private worlds: `client_id` gives each client id accounts, orders, quotas and a clock of "
            "its own",
        ),
    ] = "off"
    sim_store: Annotated[
        StorePlace | None,
        About(
            "账户、订单与成交的存储;默认在数据目录中,api_port 为 0 时仅存于内存",
            "Where accounts, orders and fills are kept; by default in the data directory, "
            "in memory if api_port is 0",
        ),
    ] = None
    sim_data_dir: Annotated[
        FilePath | None,
        About("数据目录,默认 ~/.opend-emulator", "Data directory, by default ~/.opend-emulator"),
    ] = None
    sim_admin_ip: Annotated[
        Address, About("管理接口监听地址", "Address the admin interface listens on")
    ] = "127.0.0.1"
    sim_admin_port: Annotated[
        Port | None,
        About("管理接口(HTTP)端口,不填则不启动", "Port of the HTTP admin interface; absent: none"),
    ] = None
    sim_journal: Annotated[
        JournalSize,
        About(
            "请求日志保留的条数;0 为不记录",
            "How many requests, replies and pushes the journal keeps; 0: there is none",
        ),
    ] = 0
    sim_port_file: Annotated[
        FilePath | None,
        About(
            "就绪后写入实际端口的 JSON 文件", "JSON file that gets the real ports once all is ready"
        ),
    ] = None

    cfg_file: Path | None = None
    """The file that was read; None: there was none, and defaults apply."""
    origins: Mapping[str, Origin] = Field(default_factory=dict, repr=False)
    """Where each value that is not a default was written, by name."""
    warnings: tuple[str, ...] = ()
    """Lines for the user about what was written and is not used."""

    @model_validator(mode="after")
    def _certificate_comes_with_its_key(self) -> Self:
        if (self.websocket_cert is None) != (self.websocket_private_key is None):
            msg = "websocket_cert and websocket_private_key: give both or none"
            raise ValueError(msg)
        return self

    def refusal(self, name: str, reason: str) -> ConfigError:
        """Make the error that blames setting `name`, for what only shows while starting.

        Args:
            name: a setting, such as `api_port`.
            reason: why its value cannot be used, such as "the port is in use".
        """
        origin = self.origins.get(name) or Origin(f"default of {name}", str(getattr(self, name)))
        return ConfigError(f'{origin.place}: "{origin.value}": {reason}')


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as help, refusals and warnings speak of it."""

    name: str
    default: str
    allowed: str
    about: About


def _option(name: str) -> Option:
    info = Settings.model_fields[name]
    # `X | None` keeps what is said about X one level down.
    notes = [*info.metadata, *(n for arm in get_args(info.annotation) for n in _notes(arm))]
    allowed = next(note.text for note in notes if isinstance(note, Allowed))
    about = next(note for note in notes if isinstance(note, About))
    return Option(name, _as_written(info.default), allowed, about)


def _notes(annotation: object) -> tuple[object, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def _as_written(default: object) -> str:
    match default:
        case None:
            return "-"
        case ():
            return "ok"
        case bool():
            return str(int(default))
        case float():
            return f"{default:g}"
        case _:
            return str(default)


OPTIONS: Final[Mapping[str, Option]] = {
    name: _option(name) for name in Settings.model_fields if name not in BOOKKEEPING
}

__all__ = ["COMMAND_LINE_ONLY", "OPTIONS", "About", "ClockMode", "Option", "Origin", "Settings"]
