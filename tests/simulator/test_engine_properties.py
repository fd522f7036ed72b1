"""Whatever users do: no money or share appears or vanishes, and replays repeat."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.domain import NS_PER_S, OrderStatus, Side, TradeDirection
from simulator.errors import SimulatorError
from simulator.events import Event, FillMade, OrderChanged
from simulator.journal import OrderRecord
from simulator.venue.orders import TRANSITIONS
from tests.support.sources import APPLE, US_REGULAR
from tests.support.trading import US, Desk

OTHER: Final = 777
ACCOUNTS: Final = (PAPER_ACCOUNTS[1], replace(PAPER_ACCOUNTS[1], account_id=OTHER))

SUBMIT = st.tuples(
    st.just("submit"),
    st.sampled_from((US, OTHER)),
    st.sampled_from((Side.BUY, Side.SELL)),
    st.one_of(st.integers(1, 400), st.just(30_000)),
    st.one_of(st.none(), st.integers(95, 105)),
    st.sampled_from((0, 0.02, 1, 3)),
)
ACTIONS = st.lists(
    st.one_of(
        SUBMIT,
        SUBMIT,
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("modify"), st.integers(0, 20), st.integers(1, 400), st.integers(95, 105)),
        st.tuples(st.just("run"), st.sampled_from((0.01, 1, 5))),
    ),
    min_size=8,
    max_size=25,
)
SCRIPT = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.integers(95, 105),
        st.integers(1, 300),
        st.sampled_from(TradeDirection),
        st.integers(1, 300),
    ),
    min_size=6,
    max_size=20,
)


def play(script, actions) -> tuple[Desk, list[Event]]:
    """A market of the script's prints, a book around each of them, and the users' actions."""
    desk = Desk(US_REGULAR, ACCOUNTS)
    for second, price, volume, direction, shown in script:
        at_ns = US_REGULAR + second * NS_PER_S
        desk.market.trade(APPLE, at_ns, float(price), volume, direction)
        bids = [(float(price - step), shown) for step in (1, 2, 3)]
        asks = [(float(price + step), shown) for step in (1, 2, 3)]
        desk.market.show(APPLE, at_ns, bids, asks)
    orders = []
    for action in actions:
        try:
            act(desk, orders, *action)
        except SimulatorError:
            continue
    return desk, desk.events()


def act(desk, orders, kind, *rest) -> None:
    if kind == "submit":
        account_id, side, quantity, price, then_run = rest
        orders.append(desk.send(APPLE, side, quantity, price, account_id=account_id))
        desk.run(then_run)
    elif kind == "run":
        desk.run(rest[0])
    elif orders and kind == "cancel":
        desk.cancel(orders[rest[0] % len(orders)])
    elif orders:
        desk.change(orders[rest[0] % len(orders)], rest[1], rest[2])


def all_orders(desk):
    return [o for spec in ACCOUNTS for o in desk.engine.orders(spec.account_id, desk.now_ns)]


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_the_books_balance(script, actions):
    """Cash is the sum of the ledger, equity is cash and market value, shares are the fills'."""
    desk, events = play(script, actions)
    fills = [e.fill for e in events if isinstance(e, FillMade)]
    for spec in ACCOUNTS:
        funds = desk.engine.funds(spec.account_id, desk.now_ns)
        position = desk.position(APPLE, spec.account_id)
        own = [f for f in fills if f.account_id == spec.account_id]
        held = sum(f.quantity if f.side is Side.BUY else -f.quantity for f in own)

        assert funds.cash == sum(e.amount for e in desk.engine.ledger(spec.account_id))
        assert funds.total_assets == funds.cash + funds.market_value
        assert (position.quantity if position else 0) == held
        profit = funds.realized_pnl + funds.unrealized_pnl
        fees = sum(e.amount for e in desk.engine.ledger(spec.account_id) if e.kind == "fee")
        assert abs(funds.total_assets - spec.initial_cash - profit - fees) < Decimal("1e-9")


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_orders_fill_no_more_than_asked(script, actions):
    """The fills of an order add up to its filled quantity, which is within its quantity."""
    desk, events = play(script, actions)
    filled = defaultdict(int)
    for event in events:
        if isinstance(event, FillMade):
            filled[event.fill.order_id] += event.fill.quantity
    for order in all_orders(desk):
        assert order.filled_quantity == filled[order.order_id] <= order.quantity
        assert (order.status is OrderStatus.FILLED_ALL) == (order.filled_quantity == order.quantity)


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_no_fill_is_worse_than_the_limit_of_its_moment(script, actions):
    """Buyers never pay more than their limit, sellers never get less."""
    _, events = play(script, actions)
    limits = {}
    for event in events:
        if isinstance(event, OrderChanged):
            limits[event.order.order_id] = event.order.price
        elif isinstance(event, FillMade):
            limit = limits[event.fill.order_id]
            if limit is not None and event.fill.side is Side.BUY:
                assert event.fill.price <= limit
            elif limit is not None:
                assert event.fill.price >= limit


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_nothing_stays_frozen_when_no_order_is_open(script, actions):
    """After all is cancelled the whole cash is free, and the book shows no user's order."""
    desk, _ = play(script, actions)
    for order in all_orders(desk):
        if not order.status.is_final:
            desk.cancel(order)

    for spec in ACCOUNTS:
        assert desk.engine.funds(spec.account_id, desk.now_ns).frozen_cash == 0
    seen = {level.price for level in desk.engine.order_book(APPLE, desk.now_ns).bids}
    shown = {level.price for level in desk.market.displayed_book(APPLE, desk.now_ns).bids}
    assert seen <= shown


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_what_is_frozen_is_what_open_orders_hold_back(script, actions):
    """The account's totals are the sums over its open orders, as the journal keeps them."""
    desk, _ = play(script, actions)
    kept = [
        (record.live.order.account_id, record.resumption.reservation)
        for record in desk.engine.take_changes()
        if isinstance(record, OrderRecord) and record.resumption is not None
    ]
    for spec in ACCOUNTS:
        funds = desk.engine.funds(spec.account_id, desk.now_ns)
        held = [held for account_id, held in kept if account_id == spec.account_id]
        free = funds.total_assets - funds.initial_margin - sum(r.margin for r in held)
        assert funds.frozen_cash == sum(r.cash for r in held)
        assert funds.available == max(0, free)


@settings(max_examples=60, deadline=None)
@given(SCRIPT, ACTIONS)
def test_events_follow_the_state_table(script, actions):
    """Each order starts SUBMITTING, and each next status is one that the table allows."""
    _, events = play(script, actions)
    last = {}
    for event in events:
        if not isinstance(event, OrderChanged):
            continue
        order = event.order
        before = last.get(order.order_id)
        if before is None:
            assert order.status is OrderStatus.SUBMITTING
        else:
            assert order.status in TRANSITIONS[before].values()
        last[order.order_id] = order.status


@settings(max_examples=40, deadline=None)
@given(SCRIPT, ACTIONS)
def test_the_same_calls_give_the_same_events(script, actions):
    """A replay repeats, ids included."""
    assert play(script, actions)[1] == play(script, actions)[1]
