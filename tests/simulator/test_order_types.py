"""Every order type, time in force and operation of real accounts, on a scripted market."""

from dataclasses import replace
from decimal import Decimal

import pytest

from simulator.accounts.account_table import (
    CASH_ACCOUNT,
    PAPER_ACCOUNTS,
    UNIVERSAL_ACCOUNT,
)
from simulator.brokerage.reasons import CROSSED, FORCED_REMARK
from simulator.domain import (
    NS_PER_S,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
    TradeKind,
    Trail,
    TrailKind,
    Trigger,
)
from simulator.errors import (
    InvalidExpiry,
    InvalidTrigger,
    MarketOrderMayOnlyClose,
    OperationNotSupported,
    OrderNotModifiable,
    OrderTypeNotSupported,
    PriceTooFar,
)
from simulator.events import FillMade
from tests.support.sources import (
    APPLE,
    CALL_100,
    HK_MORNING,
    HSI_FUTURE,
    MOUTAI,
    TENCENT,
    US_REGULAR,
    at,
)
from tests.support.trading import Desk

S, T = OrderStatus, OrderType
REAL = UNIVERSAL_ACCOUNT.account_id
BUY, SELL = Side.BUY, Side.SELL
RICH = replace(UNIVERSAL_ACCOUNT, initial_cash=Decimal(100_000_000))
FUTURES = PAPER_ACCOUNTS[4]


class RealDesk(Desk):
    """A desk of real accounts and the Hong Kong futures paper account."""

    def __init__(self, now_ns: int = HK_MORNING, accounts=(RICH, CASH_ACCOUNT, FUTURES)) -> None:
        super().__init__(now_ns, accounts)

    def place(self, security, side, quantity, kind, price=None, account_id=REAL, **more):
        request = OrderRequest(
            account_id=account_id,
            security=security,
            side=side,
            order_type=kind,
            quantity=Decimal(quantity),
            price=None if price is None else Decimal(str(price)),
            **more,
        )
        order = self.engine.submit(request, self.now_ns)
        self.run(1)
        return self.now(order)

    def prints(self, security, *prices, volume=100):
        """A print each second from two seconds on."""
        for second, price in enumerate(prices, 2):
            self.market.trade(security, self.now_ns + second * NS_PER_S, float(price), volume)


@pytest.fixture
def desk():
    return RealDesk()


# --- conditional orders


@pytest.mark.parametrize(
    ("kind", "side", "aux", "price", "prints", "filled_at"),
    [
        (T.STOP, SELL, 395, None, (397, 395), 399),
        (T.STOP, BUY, 405, None, (403, 405), 401),
        (T.STOP_LIMIT, BUY, 405, 410, (405,), 401),
        (T.MARKET_IF_TOUCHED, BUY, 395, None, (396, 395), 401),
        (T.MARKET_IF_TOUCHED, SELL, 405, None, (405,), 399),
        (T.LIMIT_IF_TOUCHED, SELL, 405, 399, (405,), 399),
    ],
)
def test_a_price_wakes_the_order(desk, kind, side, aux, price, prints, filled_at):
    """It sleeps until the last of the prints, then it meets the displayed book."""
    desk.place(TENCENT, BUY, 100, T.MARKET)
    desk.prints(TENCENT, *prints)
    order = desk.place(TENCENT, side, 100, kind, price, aux_price=Decimal(aux))
    desk.run(len(prints) - 0.5)
    assert desk.now(order).status is S.WAITING_SUBMIT
    desk.run(1)
    done = desk.now(order)
    assert (done.status, done.filled_average_price) == (S.FILLED_ALL, filled_at)


def test_a_trailing_stop_follows_the_best_price(desk):
    """From 400 up to 410 the stop at a distance of 5 rises to 405, and 405 wakes it."""
    desk.place(TENCENT, BUY, 100, T.MARKET)
    desk.prints(TENCENT, 404, 410, 406, 405)
    order = desk.place(
        TENCENT, SELL, 100, T.TRAILING_STOP, trail=Trail(TrailKind.AMOUNT, Decimal(5))
    )
    desk.run(3.5)
    assert desk.now(order).status is S.WAITING_SUBMIT
    desk.run(1)
    assert desk.now(order).status is S.FILLED_ALL


def test_a_trailing_stop_limit_gets_its_limit_when_it_wakes(desk):
    """Bought at 1 % above the low of 390: the stop is 393.9, the limit 0.5 higher, on the tick."""
    desk.prints(TENCENT, 390, 394)
    order = desk.place(
        TENCENT,
        BUY,
        100,
        T.TRAILING_STOP_LIMIT,
        trail=Trail(TrailKind.RATIO, Decimal(1), Decimal("0.5")),
    )
    desk.run(3)
    woken = desk.now(order)
    assert (woken.status, woken.price) == (S.SUBMITTED, Decimal("394.4"))


def test_a_sleeping_order_holds_nothing_back_until_it_wakes(desk):
    """Margin for the purchase from the print on that wakes it; what cannot be paid then fails."""
    desk.prints(TENCENT, 405)
    order = desk.place(TENCENT, BUY, 100, T.STOP_LIMIT, 398, aux_price=Decimal(405))
    assert desk.funds(REAL).frozen_cash == 0
    desk.run(2)
    assert desk.now(order).status is S.SUBMITTED
    assert 39_800 < desk.funds(REAL).frozen_cash < 40_000


@pytest.mark.parametrize("trail", [None, Trail(TrailKind.RATIO, Decimal(100))])
def test_what_cannot_wake_is_refused(desk, trail):
    """A trailing order needs a distance above nothing and below everything."""
    with pytest.raises(InvalidTrigger):
        desk.place(TENCENT, SELL, 100, T.TRAILING_STOP, trail=trail)


def test_the_trigger_can_be_changed(desk):
    """Quantity, limit and trigger at once; a trigger below the market wakes it at once."""
    order = desk.place(TENCENT, BUY, 100, T.STOP_LIMIT, 410, aux_price=Decimal(405))
    desk.engine.modify(
        REAL, order.order_id, Decimal(200), Decimal(409), desk.now_ns, Trigger(Decimal(399))
    )
    done = desk.now(order)
    assert (done.status, done.filled_quantity, done.price) == (S.FILLED_ALL, 200, 409)


# --- Hong Kong's limit orders


def show_ladder(desk):
    """Twelve ask levels of 100 shares, one spread apart, from 400.2 on."""
    asks = [(round(400.2 + 0.2 * step, 1), 100) for step in range(12)]
    desk.market.show(TENCENT, desk.now_ns, [(400.0, 100)], asks)


def test_an_enhanced_limit_order_takes_ten_queues(desk):
    """The rest of 1,200 waits at its own limit."""
    show_ladder(desk)
    order = desk.place(TENCENT, BUY, 1200, T.NORMAL, 402.0)
    assert (order.status, order.filled_quantity) == (S.FILLED_PART, 1000)


def test_nine_spreads_are_the_furthest(desk):
    """402.0 is nine spreads above 400.2, 402.2 is ten."""
    show_ladder(desk)
    with pytest.raises(PriceTooFar):
        desk.place(TENCENT, BUY, 100, T.NORMAL, 402.2)


def test_a_special_limit_order_leaves_nothing_behind(desk):
    """What ten queues do not fill is cancelled."""
    show_ladder(desk)
    order = desk.place(TENCENT, BUY, 1200, T.SPECIAL_LIMIT, 410)
    assert (order.status, order.filled_quantity) == (S.CANCELLED_PART, 1000)


@pytest.mark.parametrize(("quantity", "status"), [(1000, S.FILLED_ALL), (1100, S.CANCELLED_ALL)])
def test_all_or_nothing(desk, quantity, status):
    """Ten queues hold 1,000."""
    show_ladder(desk)
    assert desk.place(TENCENT, BUY, quantity, T.SPECIAL_LIMIT_ALL, 410).status is status


def test_an_absolute_limit_order_takes_no_better_price(desk):
    """At 400.2 it trades, at 400.4 it fails."""
    show_ladder(desk)
    assert desk.place(TENCENT, BUY, 100, T.ABSOLUTE_LIMIT, 400.2).status is S.FILLED_ALL
    desk.run(600)
    failed = desk.place(TENCENT, BUY, 100, T.ABSOLUTE_LIMIT, 400.4)
    assert (failed.status, failed.last_error) == (S.FAILED, CROSSED)


def opening(price, volume=50_000):
    """A desk at 09:10 whose opening auction prints at 09:20:30."""
    desk = RealDesk(at("2026-01-15T09:10:00+08:00"))
    when = at("2026-01-15T09:20:30+08:00")
    desk.market.trade(TENCENT, when, price, volume, kind=TradeKind.AUCTION)
    return desk


def test_an_auction_order_trades_in_the_opening_auction():
    """Sent at 09:10, filled by the auction's print at 09:20, at its price; a lower limit is not."""
    desk = opening(402.0)
    order = desk.place(TENCENT, BUY, 100, T.AUCTION)
    limited = desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, 400)
    better = desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, 403)
    assert order.status is S.SUBMITTED
    desk.run_to(at("2026-01-15T09:29:00+08:00"))
    assert desk.now(order).filled_average_price == 402
    assert desk.now(better).filled_average_price == 402
    assert desk.now(limited).status is S.SUBMITTED


def test_what_the_opening_leaves_goes_on_as_a_limit_or_ends():
    """The print is of 300 shares: 200 of an at-auction order are cancelled, a limit of 401 trades on."""
    desk = opening(402.0, 300)
    desk.market.trade(TENCENT, at("2026-01-15T09:30:05+08:00"), 401.0, 100)
    order = desk.place(TENCENT, BUY, 500, T.AUCTION)
    limited = desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, 401)
    desk.run_to(at("2026-01-15T09:31:00+08:00"))
    assert (desk.now(order).status, desk.now(order).filled_quantity) == (S.CANCELLED_PART, 300)
    assert desk.now(limited).status is S.FILLED_ALL


def test_an_at_auction_order_without_an_auction_ends_at_the_opening():
    """Nothing is printed: the order is cancelled once continuous trading runs."""
    desk = RealDesk(at("2026-01-15T09:10:00+08:00"))
    desk.market.trade(TENCENT, at("2026-01-15T09:30:05+08:00"), 401.0, 100)
    order = desk.place(TENCENT, BUY, 100, T.AUCTION)
    desk.run_to(at("2026-01-15T09:31:00+08:00"))
    assert desk.now(order).status is S.CANCELLED_ALL


def test_resting_limits_join_the_closing_auction():
    """A bid of 398 rests all day; the closing print at 397.8 fills it there, another at 395 ends."""
    desk = RealDesk(at("2026-01-15T15:58:00+08:00"))
    when = at("2026-01-15T16:08:30+08:00")
    desk.market.trade(TENCENT, when, 397.8, 50_000, kind=TradeKind.AUCTION)
    order = desk.place(TENCENT, BUY, 100, T.NORMAL, 398)
    low = desk.place(TENCENT, BUY, 100, T.NORMAL, 395)
    desk.run_to(at("2026-01-15T16:20:00+08:00"))
    assert (desk.now(order).status, desk.now(order).filled_average_price) == (
        S.FILLED_ALL,
        Decimal("397.8"),
    )
    assert desk.now(low).status is S.CANCELLED_ALL


@pytest.mark.parametrize(
    ("time", "changes", "cancels"),
    [("11:59", True, True), ("12:10", False, False), ("12:40", False, True), ("13:01", True, True)],
)
def test_orders_are_frozen_while_the_exchange_takes_no_changes(time, changes, cancels):
    """At lunch nothing can be changed, and in its first half hour nothing be taken back."""
    desk = RealDesk(at("2026-01-15T11:30:00+08:00"))
    order = desk.place(TENCENT, BUY, 100, T.NORMAL, 395)
    desk.run_to(at(f"2026-01-15T{time}:00+08:00"))
    acts = (changes, lambda: desk.change(order, 200, 396)), (cancels, lambda: desk.cancel(order))
    for allowed, act in acts:
        if allowed:
            act()
        else:
            with pytest.raises(OrderNotModifiable):
                act()


# --- over time


@pytest.mark.parametrize("kind", [T.TWAP, T.VWAP])
def test_an_algorithm_works_over_the_rest_of_the_session(kind):
    """A first part at once, more each minute, everything a minute before the end."""
    desk = RealDesk(US_REGULAR)
    order = desk.place(APPLE, BUY, 3000, kind)
    first = order.filled_quantity
    assert 0 < first < 100
    desk.run(3 * 3600)
    half = desk.now(order).filled_quantity
    assert 1200 < half < 1800
    desk.run(3 * 3600)
    assert desk.now(order).status is S.FILLED_ALL


def test_immediate_or_cancel(desk):
    """What is there is taken, the rest is cancelled at once."""
    show_ladder(desk)
    order = desk.place(TENCENT, BUY, 300, T.NORMAL, 400.4, time_in_force=TimeInForce.IOC)
    assert (order.status, order.filled_quantity) == (S.CANCELLED_PART, 200)


def test_good_till_cancelled_lives_for_ninety_days(desk):
    """Open on the 90th day, which trades, and over on the next."""
    order = desk.place(TENCENT, BUY, 100, T.NORMAL, 395, time_in_force=TimeInForce.GTC)
    desk.run_to(at("2026-04-15T15:59:00+08:00"))
    assert desk.now(order).status is S.SUBMITTED
    desk.run_to(at("2026-04-16T09:00:00+08:00"))
    assert desk.now(order).status is S.CANCELLED_ALL


def test_good_till_date(desk):
    """Over at the end of the day that it names."""
    order = desk.place(
        TENCENT, BUY, 100, T.NORMAL, 395, time_in_force=TimeInForce.GTD, expires="2026-01-16"
    )
    desk.run_to(at("2026-01-16T15:59:00+08:00"))
    assert desk.now(order).status is S.SUBMITTED
    desk.run_to(at("2026-01-16T16:15:00+08:00"))
    assert desk.now(order).status is S.CANCELLED_ALL


@pytest.mark.parametrize("expires", ["", "2026-01-14", "2026-04-16", "tomorrow"])
def test_impossible_days_are_refused(desk, expires):
    """None, past, more than 90 days ahead, unreadable."""
    with pytest.raises(InvalidExpiry):
        desk.place(TENCENT, BUY, 100, T.NORMAL, 395, time_in_force=TimeInForce.GTD, expires=expires)


# --- operations


def test_a_disabled_order_is_out_of_the_market(desk):
    """A print through its price does not fill it; enabled, it waits again."""
    order = desk.place(TENCENT, BUY, 100, T.NORMAL, 395)
    desk.engine.disable(REAL, order.order_id, desk.now_ns)
    desk.prints(TENCENT, 390)
    desk.run(3)
    assert desk.now(order).status is S.DISABLED
    desk.engine.enable(REAL, order.order_id, desk.now_ns)
    desk.run(1)
    assert desk.now(order).status is S.SUBMITTED


def test_only_orders_without_a_fill_are_deleted(desk):
    """A filled order stays."""
    filled = desk.place(TENCENT, BUY, 100, T.MARKET)
    with pytest.raises(OrderNotModifiable):
        desk.engine.delete(REAL, filled.order_id, desk.now_ns)


def test_a_shares_of_real_accounts_can_only_be_cancelled(desk):
    """HKCC knows limit orders and their cancellation."""
    with pytest.raises(OrderTypeNotSupported):
        desk.place(MOUTAI, BUY, 100, T.MARKET)
    order = desk.place(MOUTAI, BUY, 100, T.NORMAL, 990)
    with pytest.raises(OperationNotSupported):
        desk.change(order, 200, 990)
    assert desk.cancel(order).status is S.CANCELLED_ALL


# --- futures


def test_futures_are_traded_in_contracts_on_margin(desk):
    """One HSI contract at 26,951 binds 9.7 % of 50 times that; only its fees leave the cash."""
    order = desk.place(HSI_FUTURE, BUY, 1, T.NORMAL, 26_951, account_id=FUTURES.account_id)
    assert order.status is S.FILLED_ALL
    funds = desk.funds(FUTURES.account_id)
    assert funds.cash == Decimal(10_000_000) - Decimal("20.54")
    assert funds.initial_margin == Decimal("0.097") * 26_951 * 50
    assert funds.market_value == 0
    assert funds.total_assets == funds.cash


def test_a_futures_gain_becomes_cash_when_it_is_closed(desk):
    """Bought at 26,951, sold at 26,949: two points of 50 dollars, and fees twice."""
    account = FUTURES.account_id
    desk.place(HSI_FUTURE, BUY, 2, T.NORMAL, 26_951, account_id=account)
    desk.place(HSI_FUTURE, SELL, 2, T.MARKET, account_id=account)
    funds = desk.funds(account)
    assert funds.cash == funds.total_assets == 10_000_000 - 200 - 4 * Decimal("20.54")
    assert (funds.realized_pnl, funds.initial_margin) == (-200, 0)


def test_a_new_trade_date_settles_the_gain_of_the_old_one(desk):
    """The previous close is 26,950, a point less than was paid; the last price is where it was."""
    account = FUTURES.account_id
    desk.place(HSI_FUTURE, BUY, 1, T.NORMAL, 26_951, account_id=account)
    desk.run_to(at("2026-01-16T10:00:00+08:00"))
    desk.funds(account)
    settled = [e.amount for e in desk.engine.ledger(account) if e.kind == "settlement"]
    assert settled == [-50]
    assert desk.funds(account).total_assets == desk.funds(account).cash + 50


def test_market_orders_open_no_paper_futures(desk):
    """They close only; limit orders open."""
    with pytest.raises(MarketOrderMayOnlyClose):
        desk.place(HSI_FUTURE, BUY, 1, T.MARKET, account_id=FUTURES.account_id)


# --- risk


def test_a_short_that_eats_the_equity_is_bought_back_by_force():
    """Short 16,000 at 99 on 1,000,000: at 190 less than half the value is left."""
    account = PAPER_ACCOUNTS[1].account_id
    desk = RealDesk(US_REGULAR, (PAPER_ACCOUNTS[1],))
    desk.place(APPLE, SELL, 16_000, T.MARKET, account_id=account)
    later = desk.now_ns + 30 * NS_PER_S
    desk.market.trade(APPLE, later, 150.0, 100)
    desk.market.show(APPLE, later, [(149.0, 1_000_000)], [(151.0, 1_000_000)])
    desk.engine.drain()
    desk.run(180)
    forced = [o for o in desk.engine.orders(account, desk.now_ns) if o.remark == FORCED_REMARK]
    assert [(o.side, o.status, o.filled_quantity) for o in forced] == [(BUY, S.FILLED_ALL, 16_000)]
    assert any(isinstance(event, FillMade) for event in desk.engine.drain())
    assert desk.funds(account).maintenance_margin == 0


def test_written_options_are_bought_back_although_they_know_no_market_orders():
    """600 calls written at 4 on 1,000,000: at 12 they bind 1,440,000 and are bought with a limit."""
    account = PAPER_ACCOUNTS[1].account_id
    desk = RealDesk(US_REGULAR, (PAPER_ACCOUNTS[1],))
    desk.place(CALL_100, SELL, 600, T.NORMAL, 4, account_id=account)
    assert desk.position(CALL_100, account).quantity == -600
    later = desk.now_ns + 30 * NS_PER_S
    desk.market.trade(CALL_100, later, 12.0, 100)
    desk.market.show(CALL_100, later, [(11.9, 1_000)], [(12.1, 1_000)])
    desk.run(180)
    forced = [o for o in desk.engine.orders(account, desk.now_ns) if o.remark == FORCED_REMARK]
    assert [(o.order_type, o.side, o.status) for o in forced] == [(T.NORMAL, BUY, S.FILLED_ALL)]
    assert desk.funds(account).maintenance_margin == 0


def test_a_healthy_account_is_left_alone():
    """Long 5,000 of 1,000,000: nothing is sold."""
    account = PAPER_ACCOUNTS[1].account_id
    desk = RealDesk(US_REGULAR, (PAPER_ACCOUNTS[1],))
    desk.place(APPLE, BUY, 5000, T.MARKET, account_id=account)
    desk.run(600)
    assert len(desk.engine.orders(account, desk.now_ns)) == 1
