"""What the console may do to a running OpenD: the gateway's side of `telnet_ops.target.OpsTarget`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.convert.subscription import SUB_TYPE_NAMES
from gateway.log import set_level
from gateway.session.delays import (
    NS_PER_MS,
    PushKind,
    PushStage,
    default_segments,
    histogram,
)
from gateway.session.login import SERVER_RELEASE, CodeKind, CodeVerdict, password_digest
from gateway.session.notices import ProgramStatus
from gateway.session.opend import OpenD
from gateway.session.subscriptions import Unit
from simulator.domain import NS_PER_S, Venue
from telnet_ops import target
from telnet_ops.control import Control
from telnet_ops.scenario import Scenarios
from telnet_ops.worlds import NoWorlds, WorldList

_PUSH_NAMES: Final = {
    PushKind.PRICE: "Price",
    PushKind.TICKER: "Ticker",
    PushKind.ORDER_BOOK: "OrderBook",
    PushKind.BROKER: "Broker",
}

_STATE_NAMES: Final[Mapping[ProgramStatus, target.LoginState]] = {
    ProgramStatus.LOADED: "logging_in",
    ProgramStatus.LOGGING_IN: "logging_in",
    ProgramStatus.NEED_PICTURE_CODE: "need_picture_code",
    ProgramStatus.NEED_PHONE_CODE: "need_phone_code",
    ProgramStatus.LOGIN_FAILED: "wrong_password",
    ProgramStatus.PREPARING: "logging_in",
    ProgramStatus.DISCLAIMER_NOT_AGREED: "disclaimer",
    ProgramStatus.READY: "ready",
    ProgramStatus.LOGGED_OUT: "logged_out",
}
_VERDICT_NAMES: Final[Mapping[CodeVerdict, target.CodeVerdict]] = {
    CodeVerdict.ACCEPTED: "accepted",
    CodeVerdict.WRONG: "wrong",
    CodeVerdict.NOT_NEEDED: "not_needed",
}


@dataclass(slots=True)
class Desks:
    """What changes the simulation by command."""

    control: Control
    """Time, markets, orders and accounts."""
    scenarios: Scenarios
    """What happens by itself."""
    worlds: WorldList = field(default_factory=NoWorlds)
    """The private ones beside this."""


class Operations:
    """Answers the operations console.

    Args:
        opend: What is operated.
        now_ns: The gateway's time.
        stop: Asks the program to end.
        wake: Has what a command caused told soon, after its answer.
        picture_path: Where the picture of a code is drawn.
        desks: Change the simulation.
    """

    def __init__(
        self,
        opend: OpenD,
        now_ns: Callable[[], int],
        stop: Callable[[], None],
        wake: Callable[[], None],
        picture_path: str,
        desks: Desks,
    ) -> None:
        self._opend = opend
        self._now_ns = now_ns
        self._stop = stop
        self._wake = wake
        self._picture_path = picture_path
        self._desks = desks

    @property
    def language(self) -> target.Language:
        """The language of every answer."""
        return self._opend.language

    @property
    def control(self) -> Control:
        """What changes time, markets, orders and accounts."""
        return self._desks.control

    @property
    def scenarios(self) -> Scenarios:
        """What runs scenarios."""
        return self._desks.scenarios

    @property
    def worlds(self) -> WorldList:
        """The private worlds beside this one."""
        return self._desks.worlds

    def stop(self) -> None:
        """Ask the program to end."""
        self._stop()

    def ping(self) -> tuple[target.PingResult, ...]:
        """The time that the back ends, which live in this process, take to answer."""
        now_ns = self._now_ns()
        quote_ms = _milliseconds(lambda: self._opend.market.state(Venue.HK_STOCK, now_ns))
        trade_ms = _milliseconds(self._opend.engine.accounts)
        return (target.PingResult("quote", quote_ms), target.PingResult("trade", trade_ms))

    def connections(self) -> tuple[target.ConnectionInfo, ...]:
        """The live API connections, oldest first."""
        now_ns = self._now_ns()
        return tuple(
            target.ConnectionInfo(
                conn_id=c.conn_id,
                peer=c.peer,
                client_id=c.client.client_id,
                programming_language=c.client.programming_language,
                connected_s=(now_ns - c.opened_ns) / NS_PER_S,
                encryption=c.encryption,
                is_ready=c.is_ready,
            )
            for c in self._opend.roster
        )

    def close_connections(self, conn_id: int | None) -> int:
        """Close one API connection, or all of them for None."""
        chosen = [c for c in self._opend.roster if conn_id in (None, c.conn_id)]
        self._opend.cut(tuple(c.conn_id for c in chosen), "closed by an operator")
        self._wake()
        return len(chosen)

    def subscriptions(self, conn_id: int | None) -> target.SubscriptionReport:
        """The quota and who uses it."""
        subs = self._opend.subscriptions
        return target.SubscriptionReport(
            used_quota=subs.used,
            remaining_quota=subs.remaining,
            option_used_quota=subs.option_used,
            option_remaining_quota=subs.option_remaining,
            connections=tuple(
                target.ConnectionSubscriptions(
                    entry.conn_id, entry.used, entry.option_used, _groups(entry.units)
                )
                for entry in subs.report()
                if conn_id in (None, entry.conn_id)
            ),
        )

    def delay_report(self, stage: target.PushStage) -> target.DelayReport:
        """Everything measured since the last daily reset."""
        delays = self._opend.delays
        requests = tuple(
            target.RequestDelay(
                proto_id=proto_id,
                count=entry.count,
                total_ms=entry.total_ns / entry.count / NS_PER_MS,
                opend_ms=entry.total_ns / entry.count / NS_PER_MS,
                network_ms=0.0,
                is_local_reply=True,
            )
            for proto_id, entry in delays.requests.items()
        )
        orders = tuple(
            target.OrderDelay(
                order_id=str(order_id),
                total_ms=order.gateway_ns / NS_PER_MS,
                opend_ms=order.gateway_ns / NS_PER_MS,
                network_ms=0.0,
                update_ms=order.update_ns / NS_PER_MS,
            )
            for order_id, order in delays.orders.items()
        )
        pushes = tuple(self._push_delay(kind, PushStage[stage.upper()]) for kind in PushKind)
        return target.DelayReport(pushes, requests, orders)

    def set_log_level(self, level: target.LogLevel) -> None:
        """Log from now on what is at least as grave as `level`."""
        set_level(level)

    # --- login and rights ----------------------------------------------------------------------

    @property
    def release(self) -> str:
        """The version of OpenD that is imitated."""
        return SERVER_RELEASE

    @property
    def login_state(self) -> target.LoginState:
        """How far the login is."""
        return _STATE_NAMES[self._opend.login.status]

    def request_code(self, kind: target.CodeKind) -> target.CodeRequest:
        """Have a code sent or drawn, if the login waits for one of that kind.

        Raises:
            OSError: The picture cannot be written.
        """
        if not self._opend.login.request_code(CodeKind[kind.upper()]):
            return target.CodeRequest(is_needed=False)
        return target.CodeRequest(
            is_needed=True, picture_path=self._picture_path if kind == "picture" else None
        )

    def enter_code(self, kind: target.CodeKind, code: str) -> target.CodeVerdict:
        """Check a code and, if it is right, go on with the login."""
        verdict = self._opend.login.enter_code(CodeKind[kind.upper()], code)
        self._wake()
        return _VERDICT_NAMES[verdict]

    def relogin(self, password: str | None, password_md5: str | None) -> target.LoginState:
        """Log the same account in again."""
        given = password_md5.lower() if password_md5 else None
        if given is None and password is not None:
            given = password_digest(password)
        self._opend.login.log_in(given)
        self._wake()
        return self.login_state

    def request_highest_quote_right(self) -> None:
        """Take the quote rights back from other devices."""
        self._opend.quote_access.request_highest(self._now_ns())
        self._wake()

    def kick(self, what: target.Kick, password: str | None) -> None:
        """Behave as if another device had taken or changed something."""
        login, digest = self._opend.login, password_digest(password or "")
        match what:
            case "quote_right":
                self._opend.quote_access.kick(self._now_ns())
            case "login":
                login.kick_out()
            case "login_password":
                login.change_password(digest)
            case "trade_password":
                login.change_trade_password(digest)
            case "device_lock":
                login.turn_device_lock_on()
        self._wake()

    def _push_delay(self, kind: PushKind, stage: PushStage) -> target.PushDelay:
        samples = [push.stage_ns(stage) for push in self._opend.delays.pushes[kind]]
        return target.PushDelay(
            push_type=_PUSH_NAMES[kind],
            count=len(samples),
            average_ms=sum(samples) / len(samples) / NS_PER_MS if samples else 0.0,
            segments=tuple(
                target.DelaySegment(s.begin_ms, s.end_ms, s.count, s.percent, s.cumulative_percent)
                for s in histogram(samples, default_segments())
            ),
        )


def _groups(units: Iterable[Unit]) -> tuple[target.SubscriptionGroup, ...]:
    by_type: dict[int, list[str]] = {}
    for unit in units:
        by_type.setdefault(unit.sub_type, []).append(unit.security.symbol)
    return tuple(
        target.SubscriptionGroup(SUB_TYPE_NAMES[sub_type], tuple(symbols))
        for sub_type, symbols in by_type.items()
    )


def _milliseconds(call: Callable[[], object]) -> float:
    started_ns = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - started_ns) / NS_PER_MS
