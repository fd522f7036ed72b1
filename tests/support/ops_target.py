"""A small program for the console to operate: it answers with fixed values and notes what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from telnet_ops.target import (
    CodeKind,
    CodeRequest,
    CodeVerdict,
    ConnectionInfo,
    ConnectionSubscriptions,
    DelayReport,
    DelaySegment,
    Kick,
    Language,
    LoginState,
    LogLevel,
    OrderDelay,
    PingResult,
    PushDelay,
    PushStage,
    RequestDelay,
    SubscriptionGroup,
    SubscriptionReport,
)

CONNECTIONS = (
    ConnectionInfo(71, "127.0.0.1:40001", "py1", "Python", 12.5, "none", is_ready=True),
    ConnectionInfo(72, "127.0.0.1:40002", "js1", "JavaScript", 3.0, "none", is_ready=True),
)
SUBSCRIPTIONS = (
    ConnectionSubscriptions(71, 3, 1, (SubscriptionGroup("QUOTE", ("HK.00700", "US.AAPL")),)),
    ConnectionSubscriptions(72, 0, 0, ()),
)
DELAYS = DelayReport(
    pushes=(
        PushDelay(
            "Price",
            4,
            1.25,
            (
                DelaySegment(0, 2, 3, 75.0, 75.0),
                DelaySegment(2, 4, 0, 0.0, 75.0),
                DelaySegment(2000, -1, 1, 25.0, 100.0),
            ),
        ),
    ),
    requests=(RequestDelay(3004, 2, 1.5, 0.5, 1.0, is_local_reply=True),),
    orders=(OrderDelay("6801", 9.0, 1.0, 2.0, 6.0),),
)
NO_DELAYS = DelayReport((), (), ())


@dataclass
class FakeTarget:
    """Two connections, the second without subscriptions; everything asked stands in the attributes."""

    language: Language = "en"
    delays: DelayReport = DELAYS
    open_connections: list[ConnectionInfo] = field(default_factory=lambda: list(CONNECTIONS))
    stops: int = 0
    pings: int = 0
    levels: list[LogLevel] = field(default_factory=list)
    stages: list[PushStage] = field(default_factory=list)
    login_state: LoginState = "ready"
    code: str = "1234"
    picture_fault: OSError | None = None
    passwords: list[tuple[str | None, str | None]] = field(default_factory=list)
    right_requests: int = 0
    kicks: list[Kick] = field(default_factory=list)
    release: str = "10.11.7108"
    control: Any = None
    scenarios: Any = None
    worlds: Any = None

    def stop(self) -> None:
        self.stops += 1

    def ping(self) -> tuple[PingResult, ...]:
        self.pings += 1
        return (PingResult("Quote", 1.2345), PingResult("Trade", None))

    def connections(self) -> tuple[ConnectionInfo, ...]:
        return tuple(self.open_connections)

    def close_connections(self, conn_id: int | None) -> int:
        kept = [c for c in self.open_connections if conn_id is not None and c.conn_id != conn_id]
        closed = len(self.open_connections) - len(kept)
        self.open_connections = kept
        return closed

    def subscriptions(self, conn_id: int | None) -> SubscriptionReport:
        wanted = tuple(s for s in SUBSCRIPTIONS if conn_id in (None, s.conn_id))
        return SubscriptionReport(3, 297, 1, 59, wanted)

    def delay_report(self, stage: PushStage) -> DelayReport:
        self.stages.append(stage)
        return self.delays

    def set_log_level(self, level: LogLevel) -> None:
        self.levels.append(level)

    def request_code(self, kind: CodeKind) -> CodeRequest:
        if not self._needs(kind):
            return CodeRequest(is_needed=False)
        if kind == "phone":
            return CodeRequest(is_needed=True)
        if self.picture_fault is not None:
            raise self.picture_fault
        return CodeRequest(is_needed=True, picture_path="/data/PicVerifyCode.png")

    def enter_code(self, kind: CodeKind, code: str) -> CodeVerdict:
        if not self._needs(kind):
            return "not_needed"
        if code != self.code:
            return "wrong"
        self.login_state = "ready"
        return "accepted"

    def _needs(self, kind: CodeKind) -> bool:
        return self.login_state == f"need_{kind}_code"

    def relogin(self, password: str | None, password_md5: str | None) -> LoginState:
        self.passwords.append((password, password_md5))
        return self.login_state

    def request_highest_quote_right(self) -> None:
        self.right_requests += 1

    def kick(self, what: Kick, _password: str | None = None) -> None:
        self.kicks.append(what)
