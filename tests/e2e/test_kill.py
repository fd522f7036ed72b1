"""Nothing that a client was told is lost when the gateway is killed.

`KILL_ROUNDS=50` kills it more often than the few times of an ordinary run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Final

import pytest

from gateway.store.opening import open_store
from simulator.domain import Side
from simulator.journal import FillRecord, LedgerRecord, OrderRecord
from tests.conformance.gateway_process import GatewayProcess
from tests.support import postgresql_server
from tests.support.reckless_trader import RecklessTrader
from tests.support.trading import US

ROUNDS: Final = int(os.environ.get("KILL_ROUNDS", "3"))
CANCELLED: Final = frozenset({11, 14, 15})
"""FILLED_ALL too: the order was faster than its cancellation."""


def start(directory: Path, place: str) -> GatewayProcess:
    directory.mkdir(exist_ok=True)
    settings = {"sim_store": place, "sim_limits": "off", "lang": "en"}
    return GatewayProcess(directory, settings)


def check_stored(place: str) -> list[Decimal]:
    """The stored state agrees with itself; returns the account's cash after each movement."""
    store = open_store(place, lambda call: call(), lambda error: pytest.fail(str(error)))
    records = store.load().records
    store.close()
    orders = [r.live.order for r in records if isinstance(r, OrderRecord)]
    fills = [r.fill for r in records if isinstance(r, FillRecord)]
    entries = [r for r in records if isinstance(r, LedgerRecord) and r.account_id == US]
    filled: Counter[int] = Counter()
    for fill in fills:
        filled[fill.order_id] += fill.quantity
    signs = {Side.BUY: -1, Side.SELL: 1}
    received = sum((signs[f.side] * f.quantity * f.price for f in fills), Decimal(0))
    traded = sum((e.entry.amount for e in entries if e.entry.kind == "trade"), Decimal(0))

    assert len({order.order_id for order in orders}) == len(orders)
    assert len({fill.fill_id for fill in fills}) == len(fills)
    assert {o.order_id: o.filled_quantity for o in orders if o.filled_quantity} == dict(filled)
    assert [entry.number for entry in entries] == list(range(len(entries)))
    assert traded == received
    return list(accumulate(e.entry.amount for e in entries))


def check_told(trader: RecklessTrader, killed: RecklessTrader) -> None:
    """The restarted gateway knows each order that the client of the killed one was told of."""
    listed = trader.orders()
    orders = {order.orderID: order for order in listed}

    assert len(orders) == len(listed)
    assert killed.told.keys() <= orders.keys()
    for order_id, told in killed.told.items():
        order = orders[order_id]
        assert order.fillQty >= told.filled
        if told.final_status is not None:
            assert (order.orderStatus, order.fillQty) == (told.final_status, told.filled)
        if told.cancel_confirmed:
            assert order.orderStatus in CANCELLED
        if told.quantity is not None:
            assert order.qty == told.quantity


def kill_and_check(directory: Path, place: str) -> tuple[int, int]:
    """Kill a trading gateway again and again; returns how many orders and fills were told."""
    moments = random.Random(4)
    orders = filled = 0
    for number in range(ROUNDS):
        gateway = start(directory, place)
        killed = RecklessTrader(gateway.host, gateway.port, number)
        killed.trade(moments.randint(20, 1_500))
        gateway.kill()
        killed.read_the_rest()
        check_stored(place)
        orders += len(killed.told)
        filled += sum(told.filled > 0 for told in killed.told.values())

        again = start(directory, place)
        trader = RecklessTrader(again.host, again.port, number)
        check_told(trader, killed)
        cash = trader.cash()
        trader.tidy_up()
        trader.close()
        again.kill()
        assert any(abs(float(balance) - cash) < 0.005 for balance in check_stored(place))
    return orders, filled


@pytest.mark.slow
def test_sqlite_keeps_what_clients_were_told(tmp_path, record_property):
    """Orders, fills and balances survive SIGKILL at any moment."""
    orders, filled = kill_and_check(tmp_path / "run", f"sqlite:{tmp_path}/state.sqlite3")
    record_property("told", f"{ROUNDS} kills, {orders} orders, {filled} of them filled")

    assert orders > 10 * ROUNDS
    assert filled > ROUNDS


@pytest.mark.slow
@pytest.mark.skipif(
    not postgresql_server.is_installed(),
    reason="PostgreSQL is an optional store; .ci/run installs its server, a user's machine may lack it",
)
def test_postgresql_keeps_what_clients_were_told(tmp_path, record_property):
    """The same with a database server, whose lock is free again at once."""
    with postgresql_server.running() as place:
        orders, filled = kill_and_check(tmp_path / "run", place)
    record_property("told", f"{ROUNDS} kills, {orders} orders, {filled} of them filled")

    assert orders > 10 * ROUNDS
    assert filled > ROUNDS
