"""The engine as its users see it: orders from submission to their end, on a scripted market."""

from dataclasses import replace
from decimal import Decimal

import pytest

from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.brokerage.reasons import MARKET_CLOSED
from simulator.domain import (
    NS_PER_MINUTE,
    NS_PER_S,
    MarketState,
    OrderStatus,
    OrderType,
    Security,
    Side,
    TimeInForce,
    TradeDirection,
    Venue,
)
from simulator.errors import (
    InsufficientBuyingPower,
    InsufficientPosition,
    InvalidPrice,
    InvalidQuantity,
    MarketNotAuthorised,
    MarketOrderOutsideHours,
    OddLot,
    OppositePositionConflict,
    OrderNotModifiable,
    PriceOffTick,
    PriceOutsideLimits,
    TimeInForceNotSupported,
    UnknownAccount,
    UnknownOrder,
    UnknownSecurity,
)
from simulator.events import FillMade, MarketMoved, MarketStateChanged, OrderChanged
from tests.support.sources import (
    APPLE,
    CATL,
    HANG_SENG,
    HK_EVENING,
    HK_MORNING,
    MOUTAI,
    TENCENT,
    US_PRE_MARKET,
    US_REGULAR,
    at,
)
from tests.support.trading import CN, HK, US, Desk

S = OrderStatus


@pytest.fixture
def desk():
    """In the middle of a morning in Hong Kong and Shanghai."""
    return Desk()


@pytest.fixture
def us_desk():
    """In regular hours of New York."""
    return Desk(US_REGULAR)


# --- life of an order ------------------------------------------------------------------------


def test_marketable_order_goes_through_three_statuses(desk):
    """SUBMITTING from the call, then SUBMITTED and FILLED_ALL 20 ms later."""
    order = desk.send(TENCENT, Side.BUY, 200, 401)
    assert order.status is S.SUBMITTING

    desk.run(0.019)
    assert desk.now(order).status is S.SUBMITTING
    desk.run(0.001)

    assert desk.statuses() == [S.SUBMITTING, S.SUBMITTED, S.FILLED_ALL]
    assert desk.now(order).filled_average_price == 401
    assert desk.now(order).updated_ns == HK_MORNING + 20_000_000


def test_limit_order_of_hong_kong_is_shown_as_absolute_limit(desk):
    """From SUBMITTED on; other markets keep NORMAL."""
    tencent = desk.send(TENCENT, Side.BUY, 100, 390)
    moutai = desk.send(MOUTAI, Side.BUY, 100, 990)
    assert tencent.order_type is OrderType.NORMAL
    desk.run(1)

    assert desk.now(tencent).order_type is OrderType.ABSOLUTE_LIMIT
    assert desk.now(moutai).order_type is OrderType.NORMAL


def test_purchase_changes_cash_and_position(desk):
    """200 at 401: fees 24.06 + 15 + 0.5 + 2 + 80.20 + 4.01 + 2.17."""
    desk.buy(TENCENT, 200, 401)

    funds, position = desk.funds(HK), desk.position(TENCENT)
    assert funds.cash == Decimal(1_000_000) - 80_200 - Decimal("127.94")
    assert (funds.frozen_cash, funds.market_value) == (0, 80_200)
    assert (position.quantity, position.sellable_quantity) == (200, 200)
    assert (position.average_cost_price, position.cost_price) == (401, 401)


def test_fees_are_those_of_one_order_however_many_fills(desk):
    """300 at 401 and 300 at 402 pay the minimums once, as 600 for 240,900 do."""
    desk.market.show(TENCENT, HK_MORNING, asks=[(401.0, 300), (402.0, 300)])

    desk.buy(TENCENT, 600, 402)

    fees = -sum(entry.amount for entry in desk.engine.ledger(HK) if entry.kind == "fee")
    parts = ("72.27", "15", "0.5", "4.82", "240.90", "12.05", "6.50")
    assert fees == sum(map(Decimal, parts))
    assert desk.funds(HK).cash == 1_000_000 - 240_900 - fees


def test_partial_fill_then_the_rest_from_the_tape(desk):
    """The rest queues; a print through its price fills it."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(399.0, 100)], asks=[(401.0, 100), (403.0, 900)])
    desk.market.trade(TENCENT, HK_MORNING + 2 * NS_PER_S, 400.8, 10)
    order = desk.buy(TENCENT, 300, 401)
    assert desk.statuses() == [S.SUBMITTING, S.SUBMITTED, S.FILLED_PART]
    assert desk.funds(HK).frozen_cash > 200 * 401

    desk.run(2)

    assert desk.now(order).status is S.FILLED_ALL
    assert desk.now(order).filled_average_price == 401
    assert desk.filled() == [(200, Decimal(401))]
    assert desk.funds(HK).frozen_cash == 0


def test_fill_happens_at_the_instant_of_the_print(desk):
    """Even if the engine is advanced in one long step."""
    desk.market.trade(TENCENT, HK_MORNING + 5 * NS_PER_S, 398.0, 10)
    order = desk.buy(TENCENT, 100, 399)

    desk.run(600)

    assert desk.now(order).updated_ns == HK_MORNING + 5 * NS_PER_S


def test_order_waits_in_the_displayed_queue(desk):
    """500 stand before it; the tape must trade them first."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(399.0, 500)], asks=[(401.0, 500)])
    for second, volume in ((2, 450), (4, 80)):
        at_ns = HK_MORNING + second * NS_PER_S
        desk.market.trade(TENCENT, at_ns, 399.0, volume, TradeDirection.SELL)
    order = desk.buy(TENCENT, 100, 399)

    desk.run(2)
    assert desk.now(order).filled_quantity == 0
    desk.run(2)

    assert desk.now(order).filled_quantity == 30


def test_market_order_takes_level_after_level(us_desk):
    """And waits for more when it has taken all that is shown."""
    us_desk.market.show(APPLE, US_REGULAR, asks=[(100.0, 10), (100.5, 20)])
    us_desk.market.show(APPLE, US_REGULAR + 5 * NS_PER_S, asks=[(101.0, 500)])

    order = us_desk.buy(APPLE, 50)
    assert us_desk.filled() == [(10, 100), (20, Decimal("100.5"))]
    us_desk.run(10)

    assert us_desk.now(order).status is S.FILLED_ALL
    assert us_desk.filled() == [(20, 101)]


def test_market_order_leaves_levels_beyond_its_collar(us_desk):
    """Five percent above the best ask it stops, so that it cannot overdraw the account."""
    us_desk.market.show(APPLE, US_REGULAR, asks=[(100.0, 10), (105.01, 500)])

    assert us_desk.buy(APPLE, 50).filled_quantity == 10


def test_aggressive_fills_are_printed_on_the_tape(desk):
    """Volume, price and side become part of the public tape; passive fills are the tape's own."""
    desk.market.trade(TENCENT, HK_MORNING + 3 * NS_PER_S, 398.0, 10)
    desk.engine.watch(TENCENT)
    desk.run(0)
    desk.buy(TENCENT, 100, 401)
    resting = desk.buy(TENCENT, 100, 399)
    desk.run(2)

    assert desk.now(resting).status is S.FILLED_ALL
    assert [(t.price, t.volume, t.direction) for t in desk.market.recorded] == [
        (401.0, 100, TradeDirection.BUY)
    ]
    moved = [e for e in desk.events() if isinstance(e, MarketMoved)]
    assert [[t.price for t in e.trades] for e in moved] == [[401.0], [398.0]]


def test_users_of_two_accounts_match_each_other():
    """A bid inside the spread is hit by the other account at the bid's price, printed once."""
    desk = Desk(accounts=(PAPER_ACCOUNTS[0], replace(PAPER_ACCOUNTS[0], account_id=777)))
    desk.buy(TENCENT, 500, 401, account_id=777)
    bid = desk.buy(TENCENT, 300, 400)
    desk.events()

    ask = desk.sell(TENCENT, 500, 399.6, account_id=777)

    assert desk.now(bid).status is S.FILLED_ALL
    assert (ask.filled_quantity, ask.filled_average_price) == (300, 400)
    assert desk.market.recorded[-1].volume == 300
    assert desk.position(TENCENT, 777).quantity == 200
    assert desk.position(TENCENT).quantity == 300


def test_orders_of_one_account_do_not_meet(desk):
    """The account's own resting bid is passed over."""
    desk.buy(TENCENT, 100, 401)
    bid = desk.buy(TENCENT, 100, 400)

    ask = desk.sell(TENCENT, 100, 400)

    assert (desk.now(bid).filled_quantity, ask.filled_quantity) == (0, 0)


# --- the book --------------------------------------------------------------------------------


def test_book_shows_resting_orders_and_missing_volume(desk):
    """Users' volume is added, consumed volume is gone until it refills."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(399.0, 500)], asks=[(401.0, 500), (402.0, 100)])
    desk.buy(TENCENT, 200, 401)
    desk.buy(TENCENT, 100, 399)
    desk.buy(TENCENT, 100, 400)

    book = desk.engine.order_book(TENCENT, HK_MORNING + 20_000_000)
    later = desk.engine.order_book(TENCENT, HK_MORNING + 600 * NS_PER_S)

    assert [tuple(level) for level in book.bids] == [(400.0, 100, 1), (399.0, 600, 2)]
    assert [tuple(level) for level in book.asks] == [(401.0, 300, 1), (402.0, 100, 1)]
    assert later.asks[0].volume == 500


def test_book_is_cut_to_the_depth_asked_for(desk):
    """A user's better price pushes the last level out."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(399.0, 5), (398.0, 5)], asks=[(401.0, 5)])
    desk.buy(TENCENT, 100, 400)

    book = desk.engine.order_book(TENCENT, desk.now_ns, depth=2)

    assert [level.price for level in book.bids] == [400.0, 399.0]


def test_volume_taken_by_one_user_is_not_there_for_the_next():
    """The second order finds the next level."""
    desk = Desk()
    desk.market.show(TENCENT, HK_MORNING, asks=[(401.0, 100), (402.0, 100)])
    for _ in range(2):
        desk.send(TENCENT, Side.BUY, 100, 402)
    desk.run(1)

    assert desk.filled() == [(100, 401), (100, 402)]


# --- cancel and modify -----------------------------------------------------------------------


def test_cancel_before_and_after_a_partial_fill(desk):
    """CANCELLED_ALL without a fill, CANCELLED_PART with one; the money is free again."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(390.0, 1)], asks=[(401.0, 100)])
    untouched = desk.buy(TENCENT, 100, 399)
    partly = desk.buy(TENCENT, 300, 401)

    assert desk.cancel(untouched).status is S.CANCELLED_ALL
    assert desk.cancel(partly).status is S.CANCELLED_PART
    assert desk.funds(HK).frozen_cash == 0
    assert [level.price for level in desk.engine.order_book(TENCENT, desk.now_ns).bids] == [390.0]


def test_cancelled_order_never_arrives(desk):
    """A cancellation that overtakes the order on its way."""
    order = desk.send(TENCENT, Side.BUY, 100, 401)
    desk.cancel(order)
    desk.run(1)

    assert desk.statuses() == [S.SUBMITTING, S.CANCELLED_ALL]


def test_finished_order_cannot_be_changed(desk):
    """Neither cancelled nor modified."""
    order = desk.buy(TENCENT, 100, 401)

    with pytest.raises(OrderNotModifiable):
        desk.cancel(order)
    with pytest.raises(OrderNotModifiable):
        desk.change(order, 200, 401)


def test_waiting_market_order_cannot_be_modified_but_cancelled(us_desk):
    """It has no price to change."""
    us_desk.market.show(APPLE, US_REGULAR, asks=[(100.0, 10)])
    order = us_desk.buy(APPLE, 50)

    with pytest.raises(OrderNotModifiable):
        us_desk.change(order, 40, 100)
    assert us_desk.cancel(order).status is S.CANCELLED_PART
    us_desk.run(60)
    assert us_desk.now(order).filled_quantity == 10


def test_modified_price_can_trade_at_once(desk):
    """A bid raised to the ask is filled at the ask."""
    order = desk.buy(TENCENT, 100, 399)

    changed = desk.change(order, 100, 402)

    assert (changed.status, changed.filled_average_price) == (S.FILLED_ALL, 401)
    assert desk.statuses() == [S.SUBMITTING, S.SUBMITTED, S.SUBMITTED, S.FILLED_ALL]


def queue_after_change(desk, quantity, price):
    """300 stand ahead of an order of 200 that is changed once 250 of 550 have traded."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(399.0, 550)], asks=[(401.0, 500)])
    for second, volume in ((2, 250), (4, 400)):
        at_ns = HK_MORNING + second * NS_PER_S
        desk.market.trade(TENCENT, at_ns, 399.0, volume, TradeDirection.SELL)
    order = desk.buy(TENCENT, 200, 399)
    desk.run(2)
    desk.change(order, quantity, price)
    desk.run(2)
    return desk.now(order).filled_quantity


def test_smaller_quantity_keeps_the_place(desk):
    """Of 400 traded, 300 go to those ahead, 100 to the order."""
    assert queue_after_change(desk, 100, 399) == 100


def test_larger_quantity_loses_the_place(desk):
    """The order queues anew behind the 550 displayed."""
    assert queue_after_change(desk, 300, 399) == 0


def test_modified_quantity_is_the_new_total(desk):
    """300 of which 100 are filled, changed to 200: 100 are left, frozen and filled later."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(390.0, 1)], asks=[(401.0, 100)])
    desk.market.trade(TENCENT, HK_MORNING + 2 * NS_PER_S, 400.0, 1)
    order = desk.buy(TENCENT, 300, 401)
    changed = desk.change(order, 200, 401)
    assert (changed.quantity, changed.filled_quantity) == (200, 100)
    assert 100 * 401 < desk.funds(HK).frozen_cash < 101 * 401

    with pytest.raises(InvalidQuantity):
        desk.change(order, 100, 401)
    desk.run(2)

    assert desk.now(order).status is S.FILLED_ALL
    assert desk.position(TENCENT).quantity == 200


def test_refused_change_leaves_the_order_as_it_was(desk):
    """Too dear, off the tick, an odd lot: order and frozen cash stay."""
    order = desk.buy(TENCENT, 100, 399)
    frozen = desk.funds(HK).frozen_cash
    refusals = [
        (2600, 399, InsufficientBuyingPower),
        (100, 399.1, PriceOffTick),
        (150, 399, OddLot),
    ]

    for quantity, price, refusal in refusals:
        with pytest.raises(refusal):
            desk.change(order, quantity, price)

    assert (desk.now(order), desk.funds(HK).frozen_cash) == (order, frozen)


def test_change_to_the_same_is_no_change(desk):
    """No event."""
    order = desk.buy(TENCENT, 100, 399)
    desk.events()
    desk.change(order, 100, 399)

    assert desk.events() == []


def test_unknown_orders_and_accounts(desk):
    """An order belongs to its account."""
    order = desk.buy(TENCENT, 100, 399)

    with pytest.raises(UnknownOrder):
        desk.engine.cancel(US, order.order_id, desk.now_ns)
    with pytest.raises(UnknownOrder):
        desk.engine.modify(HK, 5, Decimal(1), Decimal(1), desk.now_ns)
    for query in (desk.engine.funds, desk.engine.positions, desk.engine.orders):
        with pytest.raises(UnknownAccount):
            query(123, desk.now_ns)


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("security", "side", "quantity", "price", "refusal"),
    [
        (Security(TENCENT.market, "99999"), Side.BUY, 100, 1, UnknownSecurity),
        (HANG_SENG, Side.BUY, 1, 26000, MarketNotAuthorised),
        (TENCENT, Side.BUY, 0, 400, InvalidQuantity),
        (TENCENT, Side.BUY, 150, 400, OddLot),
        (TENCENT, Side.BUY, 100, 400.1, PriceOffTick),
        (TENCENT, Side.BUY, 2500, 400, InsufficientBuyingPower),
        (TENCENT, Side.SELL, 100, 400, InsufficientPosition),
        (MOUTAI, Side.SELL, 100, 1000, InsufficientPosition),
        (MOUTAI, Side.BUY, 100, 1100.01, PriceOutsideLimits),
        (MOUTAI, Side.BUY, 100, 899.99, PriceOutsideLimits),
        (CATL, Side.BUY, 100, 240.01, PriceOutsideLimits),
    ],
)
def test_refused_before_it_is_sent(desk, security, side, quantity, price, refusal):
    """No order, no event, no money held."""
    with pytest.raises(refusal):
        desk.send(security, side, quantity, price)

    assert desk.events() == []
    assert all(desk.engine.orders(a, desk.now_ns) == () for a in (HK, US, CN))
    assert desk.funds(HK).frozen_cash == 0


def test_market_orders_are_refused_outside_regular_hours():
    """In the evening, and before the market in New York."""
    with pytest.raises(MarketOrderOutsideHours):
        Desk(HK_EVENING).send(TENCENT, Side.BUY, 100)
    with pytest.raises(MarketOrderOutsideHours):
        Desk(US_PRE_MARKET).send(APPLE, Side.BUY, 100, fill_outside_rth=True)


def test_only_day_orders(desk):
    """GTC is refused."""
    with pytest.raises(TimeInForceNotSupported):
        desk.send(TENCENT, Side.BUY, 100, 400, time_in_force=TimeInForce.GTC)


def test_market_order_that_arrives_in_the_lunch_break_fails():
    """The venue refuses it; the reason is in the order, the money is free."""
    desk = Desk(at("2026-01-15T11:59:59.990+08:00"))
    order = desk.send(TENCENT, Side.BUY, 100)
    desk.run(1)

    assert (desk.now(order).status, desk.now(order).last_error) == (S.FAILED, MARKET_CLOSED)
    assert desk.funds(HK).frozen_cash == 0


def test_shares_bought_today_in_shanghai_are_sold_tomorrow(desk):
    """T+1."""
    desk.buy(MOUTAI, 100, 1001)
    with pytest.raises(InsufficientPosition):
        desk.send(MOUTAI, Side.SELL, 100, 999)

    desk.run_to(at("2026-01-16T10:00:00+08:00"))

    assert desk.sell(MOUTAI, 100, 999).status is S.FILLED_ALL


def test_short_sale_in_the_us_margin_account(us_desk):
    """A sell without a position goes short; a buy closes it again."""
    us_desk.sell(APPLE, 1000, 99)
    position = us_desk.position(APPLE)
    assert (position.quantity, position.side.name) == (-1000, "SHORT")
    with pytest.raises(OppositePositionConflict):
        us_desk.send(APPLE, Side.BUY, 1001, 101)

    us_desk.buy(APPLE, 1000, 101)

    assert us_desk.position(APPLE).realized_pnl == -2000
    assert us_desk.funds(US).market_value == 0


# --- hours and days --------------------------------------------------------------------------


def test_order_of_the_evening_waits_for_the_morning():
    """SUBMITTED at once, filled when continuous trading starts, not in the auction."""
    desk = Desk(HK_EVENING)
    for text in ("2026-01-16T09:10:00+08:00", "2026-01-16T09:30:01+08:00"):
        desk.market.show(TENCENT, at(text), bids=[(399.0, 500)], asks=[(400.6, 500)])
    order = desk.buy(TENCENT, 100, 401)
    assert order.status is S.SUBMITTED

    desk.run_to(at("2026-01-16T09:30:00+08:00"))
    assert desk.now(order).status is S.SUBMITTED
    desk.run_to(at("2026-01-16T09:31:00+08:00"))

    assert desk.now(order).filled_average_price == Decimal("400.6")


def test_day_order_ends_with_the_day(desk):
    """At 16:00 of the same day; CANCELLED_PART where a part was filled."""
    desk.market.show(TENCENT, HK_MORNING, bids=[(390.0, 1)], asks=[(401.0, 100)])
    partly = desk.buy(TENCENT, 300, 401)
    untouched = desk.buy(TENCENT, 100, 399)

    desk.run_to(at("2026-01-15T15:59:59+08:00"))
    assert desk.now(untouched).status is S.SUBMITTED
    desk.run_to(at("2026-01-15T16:00:00+08:00"))

    assert desk.now(partly).status is S.CANCELLED_PART
    assert desk.now(untouched).status is S.CANCELLED_ALL
    assert desk.now(untouched).updated_ns == at("2026-01-15T16:00:00+08:00")
    assert desk.funds(HK).frozen_cash == 0


def test_order_placed_before_the_weekend_ends_on_monday():
    """Friday evening's order belongs to Monday."""
    desk = Desk(at("2026-01-16T20:00:00+08:00"))
    order = desk.buy(TENCENT, 100, 399)

    desk.run_to(at("2026-01-19T15:00:00+08:00"))
    assert desk.now(order).status is S.SUBMITTED
    desk.run_to(at("2026-01-19T16:00:00+08:00"))

    assert desk.now(order).status is S.CANCELLED_ALL


def test_extended_hours_of_new_york():
    """Before the market only orders that ask for it trade; they live until after hours end."""
    desk = Desk(US_PRE_MARKET)
    desk.market.show(APPLE, US_REGULAR, bids=[(99.0, 500)], asks=[(101.0, 500)])
    regular = desk.buy(APPLE, 10, 101)
    extended = desk.buy(APPLE, 10, 101, fill_outside_rth=True)
    resting = desk.buy(APPLE, 10, 90, fill_outside_rth=True)
    assert (regular.status, extended.status) == (S.SUBMITTED, S.FILLED_ALL)

    desk.run_to(US_REGULAR)
    assert desk.now(regular).status is S.FILLED_ALL
    desk.run_to(at("2026-01-15T19:59:59-05:00"))
    assert desk.now(resting).status is S.SUBMITTED
    desk.run_to(at("2026-01-15T20:00:00-05:00"))

    assert desk.now(resting).status is S.CANCELLED_ALL


# --- lists and limits ------------------------------------------------------------------------


def test_order_lists(desk):
    """Today's and open ones newest first; finished ones in the history."""
    first = desk.buy(TENCENT, 100, 401)
    second = desk.buy(TENCENT, 100, 399)

    assert desk.engine.orders(HK, desk.now_ns) == (desk.now(second), desk.now(first))
    assert desk.engine.history_orders(HK, 0, desk.now_ns) == (desk.now(first),)
    assert [f.order_id for f in desk.engine.fills(HK, 0, desk.now_ns)] == [first.order_id]
    tomorrow = at("2026-01-16T10:00:00+08:00")
    desk.run_to(tomorrow)

    assert desk.engine.orders(HK, tomorrow) == ()
    assert desk.engine.history_orders(HK, 0, tomorrow) == (desk.now(second), desk.now(first))


@pytest.mark.parametrize("price", [401, None])
def test_the_most_that_can_be_bought_is_accepted(price):
    """And one lot more is not, for limit and market orders."""
    most = Desk().most(TENCENT, price).cash_buy
    assert most > 0
    assert most % 100 == 0

    with pytest.raises(InsufficientBuyingPower):
        Desk().send(TENCENT, Side.BUY, most + 100, price)
    assert Desk().buy(TENCENT, most, price).status is S.FILLED_ALL


def test_the_most_that_can_be_shorted_is_accepted(us_desk):
    """Equity / (price x 0.6)."""
    assert us_desk.most(APPLE, 100).sell_short == 16_666
    with pytest.raises(InsufficientBuyingPower):
        us_desk.send(APPLE, Side.SELL, 16_667, 100)
    us_desk.send(APPLE, Side.SELL, 16_666, 100)


def test_most_quantities_of_positions(us_desk):
    """Long: sell it, no short; short: buy it back, no long."""
    us_desk.buy(APPLE, 100, 101)
    most = us_desk.most(APPLE, 100)
    assert (most.position_sell, most.sell_short, most.buy_back) == (100, 0, 0)

    us_desk.sell(APPLE, 100, 99)
    us_desk.sell(APPLE, 40, 99)
    most = us_desk.most(APPLE, 100)

    assert (most.position_sell, most.buy_back, most.margin_buy) == (0, 40, 0)


def test_the_most_of_a_changed_order_counts_its_own_money(desk):
    """With everything frozen by one order, changing it has the same room as before."""
    most = desk.most(TENCENT, 399).cash_buy
    order = desk.buy(TENCENT, most, 399)

    assert desk.most(TENCENT, 399).cash_buy == 0
    assert desk.most(TENCENT, 399, order_id=order.order_id).cash_buy == most


def test_the_most_of_a_changed_sale_counts_what_it_sold(us_desk):
    """Of 100 held 30 are sold: changed to at most 100 in total."""
    us_desk.buy(APPLE, 100, 101)
    us_desk.market.show(APPLE, us_desk.now_ns, bids=[(99.0, 30)], asks=[(110.0, 1)])
    order = us_desk.sell(APPLE, 60, 99)
    assert order.filled_quantity == 30

    assert us_desk.most(APPLE, 99).position_sell == 40
    assert us_desk.most(APPLE, 99, order_id=order.order_id).position_sell == 100
    assert us_desk.change(order, 100, 99).quantity == 100


def test_no_most_without_a_market_or_a_price(desk):
    """Refused as the order itself would be."""
    with pytest.raises(MarketNotAuthorised):
        desk.most(APPLE, 100, account_id=HK)
    for price in (0, "NaN"):
        with pytest.raises(InvalidPrice):
            desk.most(TENCENT, price)
        with pytest.raises(InvalidPrice):
            desk.send(TENCENT, Side.BUY, 100, price)


def test_default_accounts(desk):
    """A million for shares and options of each market, ten million for each futures market."""
    specs = desk.engine.accounts()
    futures = [f"FUTURES_SIMULATE_{market}" for market in ("HK", "US", "SG", "JP")]

    assert [spec.markets[0].name for spec in specs] == ["HK", "US", "CN", "HK", *futures]
    assert [desk.funds(spec.account_id).total_assets for spec in specs] == [
        *[1_000_000] * 4,
        *[10_000_000] * 4,
    ]


def test_a_shares_market_order_stays_inside_the_day_limits(desk):
    """Near the upper limit the collar ends at the limit."""
    desk.market.show(MOUTAI, HK_MORNING, asks=[(1090.0, 100), (1100.0, 100), (1100.01, 100)])

    order = desk.buy(MOUTAI, 300)

    assert (order.filled_quantity, order.status) == (200, S.FILLED_PART)


# --- time ------------------------------------------------------------------------------------


def test_watched_security_reports_its_market_minute_by_minute(desk):
    """Prints of one long step come in chunks that never span two minutes, in order."""
    for second in (10, 50, 61, 70, 200):
        desk.market.trade(TENCENT, HK_MORNING + second * NS_PER_S, 400.0, second)
    desk.engine.watch(TENCENT)
    desk.run(0)
    desk.run(300)

    moved = [e for e in desk.events() if isinstance(e, MarketMoved)]
    assert [[t.volume for t in e.trades] for e in moved] == [[10, 50], [61, 70], [200]]
    for event in moved:
        assert all(t.time_ns <= event.now_ns for t in event.trades)
        assert len({t.time_ns // NS_PER_MINUTE for t in event.trades}) == 1
        assert event.now_ns // NS_PER_MINUTE == event.trades[-1].time_ns // NS_PER_MINUTE


def test_watching_is_counted(desk):
    """Two watch, one leaves: still reported; both left: silent, and no deadline."""
    for second in (1, 2):
        desk.market.trade(TENCENT, HK_MORNING + second * NS_PER_S, 400.0, 5)
    for _ in range(2):
        desk.engine.watch(TENCENT)
    desk.run(0)
    desk.engine.unwatch(TENCENT)
    desk.run(1)
    assert len(desk.events()) == 1
    desk.engine.unwatch(TENCENT)
    desk.run(5)

    assert desk.events() == []


def test_deadlines(desk):
    """None without anything to follow; the next change, and sooner an order's arrival."""
    assert desk.engine.next_deadline_ns() is None
    desk.engine.watch(TENCENT)
    assert desk.engine.next_deadline_ns() == HK_MORNING
    desk.market.trade(TENCENT, HK_MORNING + NS_PER_S, 400.0, 5)
    desk.run(0)
    assert desk.engine.next_deadline_ns() == HK_MORNING + NS_PER_S
    desk.send(MOUTAI, Side.BUY, 100, 990)
    desk.run(0)

    assert desk.engine.next_deadline_ns() == HK_MORNING + 20_000_000


def test_market_states_of_venues_in_use(desk):
    """The lunch break of Hong Kong, for one who watches a security there."""
    desk.engine.watch(TENCENT)
    desk.run(0)
    desk.run_to(at("2026-01-15T13:30:00+08:00"))

    changes = [e for e in desk.events() if isinstance(e, MarketStateChanged)]
    assert [(e.venue, e.state) for e in changes] == [
        (Venue.HK_STOCK, MarketState.REST),
        (Venue.HK_STOCK, MarketState.AFTERNOON),
    ]


def test_time_never_runs_backwards(desk):
    """An earlier instant is taken as the latest one known."""
    desk.run(10)
    desk.run_to(HK_MORNING)

    assert desk.send(TENCENT, Side.BUY, 100, 399).created_ns == HK_MORNING + 10 * NS_PER_S


def test_unknown_security_cannot_be_watched(desk):
    """Nothing is followed then."""
    with pytest.raises(UnknownSecurity):
        desk.engine.watch(Security(TENCENT.market, "99999"))
    assert desk.engine.next_deadline_ns() is None


def test_fill_follows_the_change_of_its_order(desk):
    """OrderChanged first, FillMade second, of the same instant."""
    desk.buy(TENCENT, 100, 401)

    changed, made = desk.events()[-2:]
    assert isinstance(changed, OrderChanged)
    assert isinstance(made, FillMade)
    assert (changed.order.order_id, changed.now_ns) == (made.fill.order_id, made.now_ns)
