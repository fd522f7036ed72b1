"""Combo orders: judged and filled as one, each leg in its own book, its own position, its own fees."""

from dataclasses import replace
from decimal import Decimal

import pytest

from simulator.accounts.account_table import DEFAULT_ACCOUNTS, UNIVERSAL_ACCOUNT
from simulator.domain import (
    NS_PER_S,
    Currency,
    OrderLeg,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from simulator.engine import Engine
from simulator.errors import (
    ComboNotSupported,
    InsufficientBuyingPower,
    InvalidCombo,
    InvalidPrice,
    InvalidQuantity,
    MarketOrderOutsideHours,
    OrderNotModifiable,
    OrderRejected,
    OrderTypeNotSupported,
    PriceOffTick,
    SideNotSupported,
)
from simulator.events import FillMade, OrderChanged
from tests.support.sources import (
    APPLE,
    CALL_100,
    CALL_105,
    HK_CALL,
    PUT_100,
    TENCENT,
    US_PRE_MARKET,
    US_REGULAR,
)
from tests.support.trading import US, Desk

S = OrderStatus
BUY, SELL = Side.BUY, Side.SELL
DOLLARS = replace(
    UNIVERSAL_ACCOUNT, currency=Currency.USD, initial_cash=Decimal(100_000), more_cash=()
)
REAL = DOLLARS.account_id
SPREAD = ((CALL_100, BUY, 1), (CALL_105, SELL, 1))


class ComboDesk(Desk):
    """An account in dollars; the calls stand at 4.9 to 5.1 and 3 to 3.2, ten contracts a level."""

    def __init__(self, now_ns=US_REGULAR):
        super().__init__(now_ns, (DOLLARS, *DEFAULT_ACCOUNTS[:-3]))
        self.quote(CALL_100, (4.9, 10), (5.1, 10), (5.3, 10))
        self.quote(CALL_105, (3.0, 10), (3.2, 10))

    def quote(self, security, bid, *asks, after_s=0):
        at_ns = self.now_ns + after_s * NS_PER_S
        self.market.show(security, at_ns, bids=(bid,), asks=asks)

    def request(self, legs, units, net=None, **more):
        made = tuple(OrderLeg(security, side, ratio) for security, side, ratio in legs)
        return OrderRequest(
            **{
                "account_id": REAL,
                "security": made[0].security,
                "side": made[0].side,
                "order_type": OrderType.MARKET if net is None else OrderType.NORMAL,
                "quantity": Decimal(str(units)),
                "price": None if net is None else Decimal(str(net)),
                "legs": made,
                **more,
            }
        )

    def combo(self, legs, units, net=None, **more):
        order = self.engine.submit(self.request(legs, units, net, **more), self.now_ns)
        self.run(1)
        return self.now(order)

    def held(self):
        return {p.security: p.quantity for p in self.engine.positions(REAL, self.now_ns)}


@pytest.fixture
def desk():
    return ComboDesk()


def test_a_spread_is_filled_in_both_books_at_once(desk):
    """Two at 5.1 less 3.0: a long and a short position, the net price, one fill a leg."""
    order = desk.combo(SPREAD, 2, "2.1")
    assert (order.status, order.filled_quantity) == (S.FILLED_ALL, 2)
    assert order.filled_average_price == Decimal("2.1")
    assert desk.held() == {CALL_100: 2, CALL_105: -2}
    events = desk.events()
    fills = [e.fill for e in events if isinstance(e, FillMade)]
    assert [(f.security, f.side, f.quantity, f.price) for f in fills] == [
        (CALL_100, BUY, 2, Decimal("5.1")),
        (CALL_105, SELL, 2, Decimal(3)),
    ]
    assert {f.order_id for f in fills} == {order.order_id}
    statuses = [e.order.status for e in events if isinstance(e, OrderChanged)]
    assert statuses == [S.SUBMITTING, S.SUBMITTED, S.FILLED_ALL]


def test_cash_falls_by_the_net_price_and_the_fees_of_both_legs(desk):
    """2 x 100 x 2.1 = 420, and per leg 1.99 + 0.60 + 0.04 + 0.04; the sale 0.01 + 0.02 more.

    Commission 0.65 a contract but 1.99 at least, platform 0.30, ORF 0.02135, OCC 0.02; the sale of
    600 dollars pays a TAF of 0.00279 a contract and no SEC fee before April 2026.
    """
    order = desk.combo(SPREAD, 2, "2.1")
    fees = dict(desk.engine.order_fees(REAL, order.order_id))
    assert fees == {
        "Commission": Decimal("3.98"),
        "Platform Fee": Decimal("1.20"),
        "ORF": Decimal("0.08"),
        "OCC Fee": Decimal("0.08"),
        "Trading Activity Fee": Decimal("0.01"),
    }
    assert desk.funds(REAL).cash == 100_000 - 420 - sum(fees.values())


def test_it_waits_until_the_books_give_its_net_price(desk):
    """At 2.0 nothing happens; once the call is offered at 5.0 both legs fill."""
    desk.quote(CALL_100, (4.9, 10), (5.0, 10), after_s=3)
    order = desk.combo(SPREAD, 2, "2.0")
    assert (order.status, desk.held()) == (S.SUBMITTED, {})
    desk.run(3)
    assert desk.now(order).status is S.FILLED_ALL
    assert desk.now(order).filled_average_price == 2


def test_only_as_many_units_as_both_books_have(desk):
    """Ten of the sold call are bid for: ten units fill, the rest waits and can be taken back."""
    order = desk.combo(SPREAD, 14, "2.1")
    assert (order.status, order.filled_quantity) == (S.FILLED_PART, 10)
    assert desk.held() == {CALL_100: 10, CALL_105: -10}
    desk.cancel(order)
    assert desk.now(order).status is S.CANCELLED_PART
    assert desk.funds(REAL).frozen_cash == 0


def test_dearer_levels_fill_only_within_the_limit(desk):
    """Above ten the bought call costs 5.3: those units cost 2.3."""
    desk.quote(CALL_105, (3.0, 40), (3.2, 10))
    order = desk.combo(SPREAD, 14, "2.3")
    assert order.status is S.FILLED_ALL
    assert order.filled_average_price == (10 * Decimal("2.1") + 4 * Decimal("2.3")) / 14


def test_a_covered_call_trades_shares_and_a_contract(desk):
    """A hundred shares at 101 less the call at 3.0 cost 98."""
    order = desk.combo(
        ((APPLE, BUY, 100), (CALL_105, SELL, 1)), 2, 98, security=CALL_105, side=SELL
    )
    assert (order.status, order.filled_average_price) == (S.FILLED_ALL, 98)
    assert desk.held() == {APPLE: 200, CALL_105: -2}


def test_a_market_order_takes_what_there_is(desk):
    """At 5.1 and 3.0; outside regular hours it is refused."""
    order = desk.combo(SPREAD, 1)
    assert (order.status, order.filled_average_price) == (S.FILLED_ALL, Decimal("2.1"))
    with pytest.raises(MarketOrderOutsideHours):
        ComboDesk(US_PRE_MARKET).combo(SPREAD, 1)


def test_immediate_or_cancel_ends_at_once(desk):
    """What the books do not give is cancelled."""
    order = desk.combo(SPREAD, 12, "2.1", time_in_force=TimeInForce.IOC)
    assert (order.status, order.filled_quantity) == (S.CANCELLED_PART, 10)
    assert desk.combo(SPREAD, 1, "1", time_in_force=TimeInForce.IOC).status is S.CANCELLED_ALL


def test_another_users_resting_order_is_met(desk):
    """Their sale at 5.0 is better than the market's 5.1, and both are told of the fill."""
    theirs = desk.sell(CALL_100, 1, 5.0, account_id=US)
    order = desk.combo(SPREAD, 1, "2.1")
    assert order.filled_average_price == 2
    assert desk.now(theirs).status is S.FILLED_ALL


def test_closing_a_spread_frees_everything(desk):
    """Sold as it was bought: nothing is held, no margin is bound."""
    desk.combo(SPREAD, 2, "2.1")
    order = desk.combo(((CALL_100, SELL, 1), (CALL_105, BUY, 1)), 2, "-1.7")
    assert (order.status, order.filled_average_price) == (S.FILLED_ALL, Decimal("-1.7"))
    funds = desk.funds(REAL)
    assert funds.initial_margin == funds.frozen_cash == 0
    assert all(quantity == 0 for quantity in desk.held().values())


def test_resting_units_claim_what_they_close(desk):
    """Two contracts promised to a combo cannot be promised again."""
    desk.combo(SPREAD, 2, "2.1")
    desk.combo(((CALL_100, SELL, 1), (CALL_105, BUY, 1)), 2, "-4")
    assert desk.most(CALL_100, 5, REAL).position_sell == 0
    with pytest.raises(OrderRejected):
        desk.send(CALL_100, SELL, 1, 6, account_id=REAL)


def test_price_and_units_can_be_changed(desk):
    """A change to the books' price fills it, with the new number of units."""
    order = desk.combo(SPREAD, 2, "2.0")
    desk.change(order, 3, "2.1")
    done = desk.now(order)
    assert (done.status, done.filled_quantity, done.quantity) == (S.FILLED_ALL, 3, 3)
    with pytest.raises(OrderNotModifiable):
        desk.change(order, 4, "2.1")


def test_a_day_order_ends_with_the_day(desk):
    """What nobody filled is cancelled at the close, and nothing is held back any more."""
    order = desk.combo(SPREAD, 1, "1")
    assert desk.funds(REAL).frozen_cash > 0
    desk.run(7 * 3600)
    assert desk.now(order).status is S.CANCELLED_ALL
    assert desk.funds(REAL).frozen_cash == 0


def test_a_command_fills_whole_units_at_a_net_price(desk):
    """Legs at their last prices, the first one such that the net is what was asked for."""
    order = desk.combo(SPREAD, 3, "1")
    desk.engine.fill(order.order_id, 2, Decimal("1.5"), desk.now_ns)
    done = desk.now(order)
    assert (done.status, done.filled_average_price) == (S.FILLED_PART, Decimal("1.5"))
    prices = {f.security: f.price for f in desk.engine.fills(REAL, 0, 2**62)}
    assert prices == {CALL_100: Decimal("4.5"), CALL_105: Decimal("3.0")}


def test_a_restart_goes_on_where_it_was(desk):
    """A partly filled combo: what it holds back, its fees and its legs survive; then it fills."""
    order = desk.combo(SPREAD, 14, "2.1")
    records = desk.engine.take_changes()
    held = desk.funds(REAL).frozen_cash
    other = ComboDesk()
    other.engine = Engine(other.market, (DOLLARS,))
    other.engine.restore([r for r in records if hasattr(r, "key")], desk.now_ns)
    other.now_ns = desk.now_ns
    assert other.engine.order(REAL, order.order_id) == order
    assert other.funds(REAL).frozen_cash == held > 0
    other.quote(CALL_105, (3.0, 50), (3.2, 10), after_s=100)
    other.run(200)
    assert other.now(order).status is S.FILLED_ALL
    fees = dict(other.engine.order_fees(REAL, order.order_id))
    assert fees["Commission"] == Decimal("18.20")


@pytest.mark.parametrize(
    ("legs", "units", "net", "error"),
    [
        (SPREAD[:1], 1, 1, InvalidCombo),
        ((SPREAD[0], (CALL_100, SELL, 1)), 1, 1, InvalidCombo),
        ((SPREAD[0], (HK_CALL, SELL, 1)), 1, 1, InvalidCombo),
        ((SPREAD[0], (TENCENT, SELL, 100)), 1, 1, InvalidCombo),
        ((SPREAD[0], (CALL_105, SELL, 0)), 1, 1, InvalidCombo),
        ((SPREAD[0], (CALL_105, Side.SELL_SHORT, 1)), 1, 1, SideNotSupported),
        (SPREAD, 0, 1, InvalidQuantity),
        (SPREAD, "1.5", 1, InvalidQuantity),
        (SPREAD, 1, "nan", InvalidPrice),
        (SPREAD, 1, "1.005", PriceOffTick),
        (SPREAD, 300, "5", InsufficientBuyingPower),
        (((CALL_100, BUY, 1), (PUT_100, BUY, 1)), 1_000, "9.5", InsufficientBuyingPower),
    ],
)
def test_refusals(desk, legs, units, net, error):
    """Each reason; nothing is held back afterwards."""
    with pytest.raises(error):
        desk.combo(legs, units, net)
    assert desk.funds(REAL).frozen_cash == 0


def test_other_kinds_of_orders_and_accounts_know_no_combos(desk):
    """Stops have no legs; a strict paper account trades none at all."""
    with pytest.raises(OrderTypeNotSupported):
        desk.combo(SPREAD, 1, 1, order_type=OrderType.STOP, aux_price=Decimal(3))
    with pytest.raises(ComboNotSupported):
        desk.combo(SPREAD, 1, 1, account_id=US)


def test_the_effects_are_what_filling_brings(desk):
    """What is foretold for two units is what funds show afterwards, marked at the same prices."""
    for security, price in ((CALL_100, 5.1), (CALL_105, 3.0)):
        desk.market.trade(security, desk.now_ns, price, 1)
    before = desk.funds(REAL)
    effects = desk.engine.combo_effects(desk.request(SPREAD, 2, "2.1"), desk.now_ns)
    desk.combo(SPREAD, 2, "2.1")
    after = desk.funds(REAL)
    assert effects.equity == after.total_assets - before.total_assets == Decimal("-5.35")
    assert effects.initial_margin == after.initial_margin - before.initial_margin
    assert effects.maintenance_margin == after.maintenance_margin
    assert effects.power_used == before.available - after.available
    assert effects.withdrawable == after.withdrawable_cash - before.withdrawable_cash
    assert effects.option_power == before.available
