"""Whatever is traded in which currency: every cent has its entry, and every fee its order."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.domain import OrderType, Side
from simulator.errors import SimulatorError
from tests.simulator.test_order_types import FUTURES, REAL, RealDesk
from tests.support.sources import HSI_FUTURE, MOUTAI, TENCENT

LOTS = {TENCENT: 100, MOUTAI: 100, HSI_FUTURE: 1}
STEPS = {
    TENCENT: (400, Decimal("0.2")),
    MOUTAI: (1000, Decimal(1)),
    HSI_FUTURE: (26950, Decimal(1)),
}
ACCOUNT_OF = {TENCENT: REAL, MOUTAI: REAL, HSI_FUTURE: FUTURES.account_id}
TYPES = (
    OrderType.NORMAL,
    OrderType.NORMAL,
    OrderType.MARKET,
    OrderType.STOP,
    OrderType.STOP_LIMIT,
    OrderType.LIMIT_IF_TOUCHED,
    OrderType.SPECIAL_LIMIT,
    OrderType.SPECIAL_LIMIT_ALL,
)
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(tuple(LOTS)),
        st.sampled_from((Side.BUY, Side.SELL)),
        st.sampled_from(TYPES),
        st.integers(1, 20),
        st.integers(-8, 8),
        st.integers(-8, 8),
        st.integers(-8, 8),
    ),
    min_size=4,
    max_size=14,
)


def play(orders) -> RealDesk:
    """Place the orders, a print after each of them, and cancel what is left."""
    desk = RealDesk()
    for security, side, kind, lots, price, aux, moved in orders:
        base, step = STEPS[security]
        desk.prints(security, base + moved * step)
        try:
            desk.place(
                security,
                side,
                lots * LOTS[security],
                kind,
                base + price * step,
                ACCOUNT_OF[security],
                aux_price=base + aux * step,
            )
        except SimulatorError:
            continue
        finally:
            desk.run(3)
    for account in (REAL, FUTURES.account_id):
        for order in desk.engine.orders(account, desk.now_ns):
            if not order.status.is_final:
                desk.engine.cancel(account, order.order_id, desk.now_ns)
    return desk


@settings(max_examples=60, deadline=None)
@given(ORDERS)
def test_cash_of_each_currency_is_the_sum_of_its_entries(orders):
    """And equity is cash, what is held, and what futures gained since they were settled."""
    desk = play(orders)
    for account in (REAL, FUTURES.account_id):
        funds = desk.funds(account)
        sums = defaultdict(Decimal)
        for entry in desk.engine.ledger(account):
            sums[entry.currency] += entry.amount
        assert {b.currency: b.cash for b in funds.balances} == dict(sums)
        assert funds.frozen_cash == 0
    real, futures = desk.funds(REAL), desk.funds(FUTURES.account_id)
    assert real.total_assets == real.cash + real.market_value
    fees = sum(e.amount for e in desk.engine.ledger(FUTURES.account_id) if e.kind == "fee")
    gains = futures.realized_pnl + futures.unrealized_pnl
    assert futures.total_assets == FUTURES.initial_cash + gains + fees


@settings(max_examples=60, deadline=None)
@given(ORDERS)
def test_every_fee_belongs_to_an_order(orders):
    """What GetOrderFee lists for all orders is what left the account, to the cent."""
    desk = play(orders)
    for account in (REAL, FUTURES.account_id):
        charged = defaultdict(Decimal)
        for entry in desk.engine.ledger(account):
            if entry.kind == "fee":
                charged[entry.order_id] -= entry.amount
        for order in desk.engine.orders(account, desk.now_ns):
            listed = desk.engine.order_fees(account, order.order_id)
            assert sum((due for _, due in listed), Decimal(0)) == charged[order.order_id]
