"""What the console may do to a running OpenD: the gateway's side of `telnet_ops.target.OpsTarget`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from gateway.convert.subscription import SUB_TYPE_NAMES
from gateway.log import configure_logging
from gateway.session.delays import (
    NS_PER_MS,
    PushKind,
    PushStage,
    default_segments,
    histogram,
)
from gateway.session.opend import OpenD
from gateway.session.subscriptions import Unit
from gateway.shell.clock import GatewayClock
from simulator.domain import NS_PER_S, Venue
from telnet_ops import target

_PUSH_NAMES: Final = {
    PushKind.PRICE: "Price",
    PushKind.TICKER: "Ticker",
    PushKind.ORDER_BOOK: "OrderBook",
    PushKind.BROKER: "Broker",
}


class Operations:
    """Answers the operations console.

    Args:
        opend: What is operated.
        clock: The gateway's time.
        stop: Asks the program to end.
    """

    def __init__(self, opend: OpenD, clock: GatewayClock, stop: Callable[[], None]) -> None:
        self._opend = opend
        self._clock = clock
        self._stop = stop

    @property
    def language(self) -> target.Language:
        """The language of every answer."""
        return self._opend.language

    def stop(self) -> None:
        """Ask the program to end."""
        self._stop()

    def ping(self) -> tuple[target.PingResult, ...]:
        """The time that the back ends, which live in this process, take to answer."""
        now_ns = self._clock.now_ns()
        quote_ms = _milliseconds(lambda: self._opend.market.state(Venue.HK_STOCK, now_ns))
        trade_ms = _milliseconds(self._opend.engine.accounts)
        return (target.PingResult("quote", quote_ms), target.PingResult("trade", trade_ms))

    def connections(self) -> tuple[target.ConnectionInfo, ...]:
        """The live API connections, oldest first."""
        now_ns = self._clock.now_ns()
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
        for connection in chosen:
            connection.close("closed by an operator")
        return len(chosen)

    def subscriptions(self, conn_id: int | None) -> target.SubscriptionReport:
        """The quota and who uses it."""
        subs = self._opend.subscriptions
        return target.SubscriptionReport(
            used_quota=subs.used,
            remaining_quota=subs.remaining,
            connections=tuple(
                target.ConnectionSubscriptions(
                    entry.conn_id, len(entry.units), _groups(entry.units)
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
        configure_logging(level)

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
