"""All that the console may ask of the program it operates, and the values it gets back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from telnet_ops.control import Control
from telnet_ops.scenario import Scenarios
from telnet_ops.worlds import WorldList

Language = Literal["chs", "en"]
"""The two languages of the console. Source: [D] configuration element `lang`."""

LogLevel = Literal["no", "debug", "info", "warning", "error", "fatal"]
"""The levels of the log. Source: [D] configuration element `log_level`."""

PushStage = Literal["sr2ss", "ss2cr", "cr2cs", "ss2cs", "sr2cs"]
"""The way of a push that is measured: sr and ss are the server's receiving and sending, cr and cs ours.

Source: [D] `show_delay_report`, parameter `push_count_type`.
"""

CodeKind = Literal["picture", "phone"]
"""The two codes that a login may ask for. Source: [D] commands `input_pic_verify_code` and so on."""

CodeVerdict = Literal["accepted", "wrong", "not_needed"]
"""What became of a code that was typed in."""

LoginState = Literal[
    "ready",
    "logging_in",
    "need_picture_code",
    "need_phone_code",
    "wrong_password",
    "disclaimer",
    "logged_out",
]
"""How far the login is. Source: [P] Common.ProgramStatusType, as far as it can occur here."""

Kick = Literal["quote_right", "login", "login_password", "trade_password", "device_lock"]
"""What another device takes away or changes."""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """Whether a code is asked for at all, and where its picture is, if it is one."""

    is_needed: bool
    picture_path: str | None = None


@dataclass(frozen=True, slots=True)
class PingResult:
    """The round trip to one back end; `milliseconds` is None if it does not answer."""

    name: str
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """One API connection; `connected_s` is its age in seconds."""

    conn_id: int
    peer: str
    client_id: str
    programming_language: str
    connected_s: float
    encryption: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class SubscriptionGroup:
    """The symbols, such as `HK.00700`, that one connection subscribed with one type."""

    type_name: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectionSubscriptions:
    """What one connection subscribed; `used_quota` is its own share, in units of security × type, or of option chain × type."""

    conn_id: int
    used_quota: int
    option_used_quota: int
    groups: tuple[SubscriptionGroup, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionReport:
    """The quotas over all connections, and who uses them.

    Units are security × type, of options chain × type.
    """

    used_quota: int
    remaining_quota: int
    option_used_quota: int
    option_remaining_quota: int
    connections: tuple[ConnectionSubscriptions, ...]


@dataclass(frozen=True, slots=True)
class DelaySegment:
    """How many delays fell into [begin_ms, end_ms); `end_ms` is -1 for no end; shares are percent.

    Source: [P] GetDelayStatistics.proto, `DelayStatisticsItem`.
    """

    begin_ms: int
    end_ms: int
    count: int
    proportion: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class PushDelay:
    """The delays of one kind of push. Source: [P] GetDelayStatistics.proto, `DelayStatistics`."""

    push_type: str
    count: int
    average_ms: float
    segments: tuple[DelaySegment, ...]


@dataclass(frozen=True, slots=True)
class RequestDelay:
    """The average delays of one request. Source: [P] as above, `ReqReplyStatisticsItem`."""

    proto_id: int
    count: int
    total_ms: float
    opend_ms: float
    network_ms: float
    is_local_reply: bool


@dataclass(frozen=True, slots=True)
class OrderDelay:
    """The delays of one placed order. Source: [P] as above, `PlaceOrderStatisticsItem`."""

    order_id: str
    total_ms: float
    opend_ms: float
    network_ms: float
    update_ms: float


@dataclass(frozen=True, slots=True)
class DelayReport:
    """Everything measured since the last daily reset, each part in its own order."""

    pushes: tuple[PushDelay, ...]
    requests: tuple[RequestDelay, ...]
    orders: tuple[OrderDelay, ...]


class OpsTarget(Protocol):
    """The program that the commands operate. Every method returns at once and never waits."""

    @property
    def language(self) -> Language:
        """The language of every answer."""
        ...

    def stop(self) -> None:
        """Ask the program to end; the answer to the caller may still leave."""
        ...

    def ping(self) -> tuple[PingResult, ...]:
        """Return the latency to each back end, quote servers first."""
        ...

    def connections(self) -> tuple[ConnectionInfo, ...]:
        """Return the live API connections, oldest first."""
        ...

    def close_connections(self, conn_id: int | None) -> int:
        """Close one API connection, or all of them for None; return how many were closed."""
        ...

    def subscriptions(self, conn_id: int | None) -> SubscriptionReport:
        """Return the quota and the subscriptions of one connection, or of all for None."""
        ...

    def delay_report(self, stage: PushStage) -> DelayReport:
        """Return the delay statistics, with pushes measured over `stage`."""
        ...

    def set_log_level(self, level: LogLevel) -> None:
        """Log from now on what is at least as grave as `level`; `no` logs nothing."""
        ...

    @property
    def release(self) -> str:
        """The version of OpenD that is imitated, such as `10.11.7108`."""
        ...

    @property
    def login_state(self) -> LoginState:
        """How far the login is."""
        ...

    def request_code(self, kind: CodeKind) -> CodeRequest:
        """Have a code sent or drawn, if the login waits for one of that kind.

        Raises:
            OSError: the picture cannot be written.
        """
        ...

    def enter_code(self, kind: CodeKind, code: str) -> CodeVerdict:
        """Check a code and, if it is right, go on with the login."""
        ...

    def relogin(self, password: str | None, password_md5: str | None) -> LoginState:
        """Log the same account in again; without a password, with that of the start."""
        ...

    def request_highest_quote_right(self) -> None:
        """Take the quote rights back from other devices."""
        ...

    @property
    def control(self) -> Control:
        """What commands may do to time, markets, orders and accounts."""
        ...

    @property
    def scenarios(self) -> Scenarios:
        """What runs scenarios."""
        ...

    @property
    def worlds(self) -> WorldList:
        """The private worlds beside this one."""
        ...

    def kick(self, what: Kick, password: str | None) -> None:
        """Behave as if another device had taken or changed something.

        Args:
            what: the quote rights, the login, a password, or the device lock, which was turned on.
            password: the new one.
        """
        ...
