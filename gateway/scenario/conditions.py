"""Conditions that are waited for: each watches one OpenD and says when it has come true."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from typing_extensions import override

from gateway.scenario.steps import (
    Condition,
    ConnectionChanges,
    IsSubscribed,
    OrderBecomes,
    PriceReaches,
)
from gateway.session.opend import OpenD
from simulator.events import OrderChanged

Facts = Mapping[str, str]
"""What is known once a condition has come true, by the names that commands may use."""


class Watch:
    """One condition while it is waited for."""

    sees_orders = False
    """Whether it must be shown every change of an order, at its instant."""

    def saw(self, event: OrderChanged) -> Facts | None:
        """Judge a change of an order; None if that is not what is waited for."""
        return None

    def look(self, now_ns: int) -> Facts | None:
        """Judge the state of things; None if it is not what is waited for."""
        return None

    def next_look_ns(self, after_ns: int) -> int | None:
        """When the state may have changed next by itself, in gateway time; None if only by others."""
        return None


def begin_watch(condition: Condition, opend: OpenD, now_ns: int) -> Watch:
    """Begin to wait; what was before does not count, except for levels of prices."""
    match condition:
        case PriceReaches():
            return _PriceWatch(condition, opend, now_ns)
        case OrderBecomes():
            return _OrderWatch(condition)
        case ConnectionChanges():
            return _ConnectionWatch(condition, opend)
        case IsSubscribed():
            return _SubscriptionWatch(condition, opend)


class _PriceWatch(Watch):
    def __init__(self, wanted: PriceReaches, opend: OpenD, now_ns: int) -> None:
        self._wanted = wanted
        self._opend = opend
        self._level = self._level_at(now_ns)

    def _level_at(self, now_ns: int) -> Decimal:
        if self._wanted.level is not None:
            return self._wanted.level
        share = (self._wanted.percent or Decimal(0)) / 100
        return self._last(now_ns) * (1 - share if self._wanted.is_fall else 1 + share)

    def _last(self, now_ns: int) -> Decimal:
        return Decimal(repr(self._opend.market.quote(self._wanted.security, now_ns).last))

    @override
    def look(self, now_ns: int) -> Facts | None:
        last = self._last(now_ns)
        if last > self._level if self._wanted.is_fall else last < self._level:
            return None
        return {"security": self._wanted.security.symbol, "price": str(last)}

    @override
    def next_look_ns(self, after_ns: int) -> int | None:
        return self._opend.market.next_change_ns(self._wanted.security, after_ns)


class _OrderWatch(Watch):
    sees_orders = True

    def __init__(self, wanted: OrderBecomes) -> None:
        self._wanted = wanted
        self._left = wanted.count

    @override
    def saw(self, event: OrderChanged) -> Facts | None:
        order, wanted = event.order, self._wanted
        fits = (
            order.status in wanted.statuses
            and wanted.account_id in (None, order.account_id)
            and wanted.security in (None, order.security)
            and wanted.side in (None, order.side)
        )
        if not fits:
            return None
        self._left -= 1
        if self._left:
            return None
        return {
            "order_id": str(order.order_id),
            "account": str(order.account_id),
            "security": order.security.symbol,
            "quantity": str(order.quantity),
            "price": str(order.price),
        }


class _ConnectionWatch(Watch):
    def __init__(self, wanted: ConnectionChanges, opend: OpenD) -> None:
        self._wanted = wanted
        self._opend = opend
        self._known = self._ready()
        self._left = wanted.count

    def _ready(self) -> dict[int, str]:
        return {c.conn_id: c.client.client_id for c in self._opend.roster if c.is_ready}

    @override
    def look(self, now_ns: int) -> Facts | None:
        before, self._known = self._known, self._ready()
        old, new = (before, self._known) if self._wanted.is_opened else (self._known, before)
        for conn_id, client_id in new.items():
            if conn_id not in old and self._wanted.client_id in (None, client_id):
                self._left -= 1
                if not self._left:
                    return {"conn_id": str(conn_id), "client_id": client_id}
        return None


class _SubscriptionWatch(Watch):
    def __init__(self, wanted: IsSubscribed, opend: OpenD) -> None:
        self._security: Final = wanted.security
        self._opend = opend

    @override
    def look(self, now_ns: int) -> Facts | None:
        units = self._opend.subscriptions.units
        if any(unit.security == self._security for unit in units):
            return {"security": self._security.symbol}
        return None
