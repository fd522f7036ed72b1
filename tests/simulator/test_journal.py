"""A second engine goes on from the records of the first, wherever the first one was cut off."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.domain import NS_PER_S, OrderStatus, Side, TradeDirection
from simulator.engine import Engine
from simulator.errors import SimulatorError
from simulator.journal import KINDS, PrintRecord, Removal
from simulator.packing import pack, unpack
from tests.simulator.test_engine_properties import ACCOUNTS, ACTIONS, SCRIPT, act
from tests.support.markets import open_market, security
from tests.support.sources import APPLE, HK_EVENING, HK_MORNING, TENCENT, US_REGULAR, ScriptedMarket
from tests.support.trading import HK, US, Desk


def latest(records):
    """What a store keeps: the last record of each key, at the place of the first one."""
    kept = {}
    for record in records:
        if isinstance(record, Removal):
            kept.pop((record.kind, record.key), None)
        else:
            kept[type(record), record.key] = record
    return [through_json(record) for record in kept.values()]


def through_json(record):
    name = next(name for name, kind in KINDS.items() if kind is type(record))
    return unpack(KINDS[name], json.loads(json.dumps(pack(record))))


def restarted(desk, *, accounts=ACCOUNTS, records=None):
    """A new engine on the same market, from what the desk's engine journaled."""
    records = latest(desk.journal if records is None else records)
    again = Desk.__new__(Desk)
    again.market = ScriptedMarket()
    again.market.universe = desk.market.universe
    again.market.events = desk.market.events
    again.market._pictures = desk.market._pictures
    again.market._tape.update(
        {
            security: [row for row in rows if row[2] not in desk.market.recorded]
            for security, rows in desk.market._tape.items()
        }
    )
    again.now_ns = desk.now_ns
    again.engine = Engine(again.market, accounts)
    again.restored = again.engine.restore(records, again.now_ns)
    return again


class JournalingDesk(Desk):
    """A desk that takes the changes after each step, as the gateway does."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.journal = self.engine.take_changes()

    def save(self) -> None:
        self.journal += self.engine.take_changes()


def play(script, actions) -> JournalingDesk:
    desk = JournalingDesk(US_REGULAR, ACCOUNTS)
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
        finally:
            desk.save()
    return desk


def books(desk, accounts=ACCOUNTS):
    """Everything that a client can ask about accounts."""
    engine, now = desk.engine, desk.now_ns
    return [
        (
            engine.funds(spec.account_id, now),
            engine.positions(spec.account_id, now),
            engine.orders(spec.account_id, now),
            engine.history_orders(spec.account_id, 0, now),
            engine.fills(spec.account_id, 0, now),
            engine.ledger(spec.account_id),
        )
        for spec in accounts
    ]


@settings(max_examples=80, deadline=None)
@given(SCRIPT, ACTIONS)
def test_the_restarted_engine_answers_as_the_first_one_did(script, actions):
    """Funds, positions, orders, fills and ledger are the same at any cut."""
    desk = play(script, actions)
    again = restarted(desk)

    assert books(again) == books(desk)


@settings(max_examples=40, deadline=None)
@given(SCRIPT, ACTIONS, st.integers(0, 20))
def test_records_may_be_kept_twice(script, actions, repeated):
    """Keeping the newest records once more, as after a lost connection, changes nothing."""
    desk = play(script, actions)
    once = latest(desk.journal)
    twice = latest(chain(desk.journal, once[-repeated:] if repeated else ()))

    assert [pack(record) for record in twice] == [pack(record) for record in once]


@settings(max_examples=40, deadline=None)
@given(SCRIPT, ACTIONS)
def test_what_a_restart_took_over_is_not_journaled_again(script, actions):
    """The first changes of the second engine are its own."""
    desk = play(script, actions)
    again = restarted(desk)

    assert again.engine.take_changes() == []


def test_a_resting_order_fills_after_the_restart():
    """It rejoins the venue, fills once, and what it held back is free again."""
    desk = JournalingDesk(HK_MORNING)
    order = desk.buy(TENCENT, 200, 398)
    desk.save()
    desk.market.trade(TENCENT, desk.now_ns + NS_PER_S, 397.0, 100)
    again = restarted(desk, accounts=PAPER_ACCOUNTS)
    again.run(2)

    assert again.now(order).status is OrderStatus.FILLED_ALL
    assert again.filled() == [(200, Decimal(398))]
    assert again.funds(HK).frozen_cash == 0
    assert again.position(TENCENT).quantity == 200


def test_an_order_on_its_way_arrives_after_the_restart():
    """SUBMITTING at the cut, it is accepted at once by the next run."""
    desk = JournalingDesk(HK_MORNING)
    order = desk.send(TENCENT, Side.BUY, 100, 390)
    desk.save()
    again = restarted(desk, accounts=PAPER_ACCOUNTS)

    assert again.now(order).status is OrderStatus.SUBMITTING

    again.run(0)

    assert again.now(order).status is OrderStatus.SUBMITTED


def test_a_day_order_whose_day_ended_meanwhile_expires():
    """The next run finds it expired and its money free."""
    desk = JournalingDesk(HK_MORNING)
    order = desk.buy(TENCENT, 100, 390)
    desk.save()
    desk.now_ns = HK_EVENING
    again = restarted(desk, accounts=PAPER_ACCOUNTS)
    again.run(0)

    assert again.now(order).status is OrderStatus.CANCELLED_ALL
    assert again.funds(HK).frozen_cash == 0


def test_new_ids_differ_from_all_that_were_given_out():
    """The counters of orders and fills go on."""
    desk = JournalingDesk(HK_MORNING)
    first = desk.buy(TENCENT, 100)
    desk.save()
    again = restarted(desk, accounts=PAPER_ACCOUNTS)
    second = again.buy(TENCENT, 100)
    fills = again.engine.fills(HK, 0, again.now_ns)

    assert second.order_id != first.order_id
    assert len({fill.fill_id for fill in fills}) == len(fills) == 2
    assert [o.order_id for o in again.engine.orders(HK, again.now_ns)] == [
        second.order_id,
        first.order_id,
    ]


def test_records_of_an_account_that_exists_no_more_are_named():
    """They are left alone; the others are taken over."""
    desk = JournalingDesk(HK_MORNING)
    desk.buy(TENCENT, 100)
    desk.save()
    again = restarted(desk, accounts=PAPER_ACCOUNTS[1:])

    assert HK in again.restored.unknown_accounts
    assert again.funds(US).cash == 1_000_000


def test_an_account_that_is_new_begins_with_its_deposit():
    """What the store knows of others does not touch it, and its deposit is journaled."""
    desk = JournalingDesk(HK_MORNING, PAPER_ACCOUNTS[:1])
    newcomer = replace(PAPER_ACCOUNTS[1], initial_cash=Decimal(5))
    again = restarted(desk, accounts=(*PAPER_ACCOUNTS[:1], newcomer))

    assert again.funds(US).cash == 5
    assert [record.key for record in again.engine.take_changes()] == [f"{US}/0"]


def test_a_reset_account_begins_anew_after_the_restart_too():
    """Its orders, fills, ledger and holdings are gone; new ids still differ from the old ones."""
    desk = JournalingDesk(HK_MORNING, PAPER_ACCOUNTS)
    first = desk.buy(TENCENT, 100)
    desk.buy(TENCENT, 100, 390)
    desk.save()
    desk.engine.reset(HK, desk.now_ns)
    second = desk.buy(TENCENT, 100, 390)
    desk.save()
    again = restarted(desk, accounts=PAPER_ACCOUNTS)

    assert books(again, PAPER_ACCOUNTS) == books(desk, PAPER_ACCOUNTS)
    assert [o.order_id for o in again.engine.orders(HK, again.now_ns)] == [second.order_id]
    assert second.order_id != first.order_id
    assert again.funds(HK).cash == PAPER_ACCOUNTS[0].initial_cash


def test_the_tape_shows_users_trades_after_the_restart():
    """Quote, prints and bars of the synthetic market count them as before."""
    market, now = open_market()
    engine = Engine(market)
    desk = JournalingDesk.__new__(JournalingDesk)
    desk.engine, desk.market, desk.now_ns = engine, market, now
    tencent = security("HK.00700")
    desk.buy(tencent, 100)
    desk.run(70)
    records = engine.take_changes()
    fresh, _ = open_market()
    Engine(fresh).restore(latest(records), desk.now_ns)

    assert any(isinstance(record, PrintRecord) for record in records)
    assert fresh.quote(tencent, desk.now_ns) == market.quote(tencent, desk.now_ns)
    assert fresh.trades(tencent, desk.now_ns, 500) == market.trades(tencent, desk.now_ns, 500)
    assert fresh.intraday(tencent, desk.now_ns) == market.intraday(tencent, desk.now_ns)


def test_nobody_gains_a_place_in_the_queue_by_a_restart():
    """The order that came first but was enlarged stays behind the other one."""
    desk = JournalingDesk(HK_MORNING)
    desk.market.show(TENCENT, 0, [(398.0, 100)], [(401.0, 100)])
    enlarged, other = desk.buy(TENCENT, 100, 398), desk.buy(TENCENT, 100, 398)
    desk.change(enlarged, 200, 398)
    desk.save()
    desk.market.trade(TENCENT, desk.now_ns + NS_PER_S, 398.0, 200, TradeDirection.SELL)
    again = restarted(desk, accounts=PAPER_ACCOUNTS)
    again.run(2)

    assert again.now(other).status is OrderStatus.FILLED_ALL
    assert again.now(enlarged).filled_quantity == 0
