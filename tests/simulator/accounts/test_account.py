"""Buying power, frozen cash, sellable shares, conflicts and the ledger of one account."""

from datetime import date
from decimal import Decimal

import pytest

from simulator.accounts.account import Account
from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.accounts.bookings import Execution, OrderCost
from simulator.accounts.capacity import BuyTerms
from simulator.accounts.ledger import EntryKind
from simulator.accounts.positions import Mark
from simulator.accounts.statement import funds_of
from simulator.accounts.terms import contract_terms
from simulator.accounts.worth import Marks
from simulator.domain import Side, TradingMarket
from simulator.errors import (
    InsufficientBuyingPower,
    InsufficientPosition,
    OppositePositionConflict,
)
from tests.support.sources import APPLE, MOUTAI, TENCENT, ScriptedUniverse

DAY = date(2026, 1, 15)
BUY, SELL = Side.BUY, Side.SELL


def open_account(market: TradingMarket) -> Account:
    spec = next(spec for spec in PAPER_ACCOUNTS if spec.markets[0] is market)
    get = ScriptedUniverse().get
    return Account(spec, lambda security: contract_terms(spec, get(security)), 0)


PRICE = Decimal(1)
"""A settlement price that nobody asks for: shares are not settled daily."""


@pytest.fixture
def hk():
    return open_account(TradingMarket.HK)


@pytest.fixture
def us():
    return open_account(TradingMarket.US)


def cost(security, side, quantity, price, fees="0"):
    return OrderCost(security, side, quantity, Decimal(price), Decimal(fees))


def judge(account, order_cost, marks=None):
    return account.judge(order_cost, marks or Marks(), resells_same_day=True)


def book(account, security, side, quantity, price, fee="0", order_id=1):
    execution = Execution(order_id, security, side, quantity, Decimal(price), Decimal(fee), 5)
    account.execute(execution, DAY)


def marks(**prices):
    names = {"apple": APPLE, "tencent": TENCENT, "moutai": MOUTAI}
    return Marks({names[k]: Mark(Decimal(v), Decimal(v)) for k, v in prices.items()})


def test_ledger_explains_the_cash(hk):
    """Deposit, value and fee of a purchase: three entries whose sum is the cash."""
    book(hk, TENCENT, BUY, 100, "400", "60.55")

    amounts = [(entry.kind, entry.amount) for entry in hk.ledger.entries]
    assert amounts == [
        (EntryKind.DEPOSIT, Decimal(1_000_000)),
        (EntryKind.TRADE, Decimal(-40_000)),
        (EntryKind.FEE, Decimal("-60.55")),
    ]
    assert hk.cash == Decimal("959939.45") == sum(amount for _, amount in amounts)


def test_open_buy_freezes_value_and_fees(hk):
    """Frozen cash is price times quantity and fees; power is cash less that."""
    hk.reserve(1, judge(hk, cost(TENCENT, BUY, 1000, "400", "500")))

    funds = funds_of(hk, Marks())
    assert funds.frozen_cash == 400_500
    assert funds.power == funds.withdrawable_cash == 599_500
    hk.release(1)
    assert funds_of(hk, Marks()).frozen_cash == 0


def test_cash_account_buys_exactly_what_it_can_pay(hk):
    """The last cent may be spent, not one more."""
    judge(hk, cost(TENCENT, BUY, 2499, "400", "400"))
    with pytest.raises(InsufficientBuyingPower) as refusal:
        judge(hk, cost(TENCENT, BUY, 2499, "400", "400.01"))

    assert refusal.value.needed == Decimal("1000000.01")
    assert refusal.value.available == 1_000_000


def test_cash_account_sells_what_it_has(hk):
    """No shorts; shares in open sell orders are taken."""
    book(hk, TENCENT, BUY, 300, "400")
    at = marks(tencent="400")
    hk.reserve(1, judge(hk, cost(TENCENT, SELL, 200, "410"), at))

    assert hk.sellable(TENCENT, resells_same_day=True) == 100
    with pytest.raises(InsufficientPosition) as refusal:
        judge(hk, cost(TENCENT, SELL, 101, "410"), at)
    assert refusal.value.available == 100


def test_shares_bought_today_are_locked_in_shanghai():
    """T+1: only what was held this morning can be sold."""
    cn = open_account(TradingMarket.CN)
    book(cn, MOUTAI, BUY, 200, "1000")
    cn.roll(MOUTAI, date(2026, 1, 16), PRICE, 5)
    cn.execute(Execution(2, MOUTAI, BUY, 100, Decimal(1000), Decimal(0), 6), date(2026, 1, 16))
    cn.execute(Execution(3, MOUTAI, SELL, 50, Decimal(1000), Decimal(0), 7), date(2026, 1, 16))

    assert cn.sellable(MOUTAI, resells_same_day=False) == 150
    assert cn.sellable(MOUTAI, resells_same_day=True) == 250


def test_margin_account_has_twice_its_cash(us):
    """Nothing held: power is 2,000,000, shorts up to equity / 0.6."""
    funds = funds_of(us, Marks())

    assert funds.power == 2_000_000
    assert round(funds.power_short, 2) == Decimal("1666666.67")
    assert (funds.initial_margin, funds.maintenance_margin) == (0, 0)


def test_margin_of_positions(us):
    """Long 5,000 at 100: half is bound; 40 % must stay."""
    book(us, APPLE, BUY, 5000, "100")

    funds = funds_of(us, marks(apple="100"))
    assert (funds.initial_margin, funds.maintenance_margin) == (250_000, 200_000)
    assert (funds.total_assets, funds.power) == (1_000_000, 1_500_000)


def test_margin_of_a_short_position(us):
    """Short 1,000 at 100 bind 60,000; a rise of 10 costs 10,000."""
    book(us, APPLE, SELL, 1000, "100")

    funds = funds_of(us, marks(apple="110"))
    assert (funds.short_value, funds.cash, funds.total_assets) == (-110_000, 1_100_000, 990_000)
    assert (funds.initial_margin, funds.maintenance_margin) == (66_000, 55_000)


def test_short_sale_needs_sixty_percent(us):
    """1,000,000 carry 16,666 shares at 100, not 16,667."""
    judge(us, cost(APPLE, SELL, 16_666, "100"))
    with pytest.raises(InsufficientBuyingPower):
        judge(us, cost(APPLE, SELL, 16_667, "100"))


def test_no_long_and_short_at_once(us):
    """A sell above the long position, and a buy above the short one, are conflicts."""
    book(us, APPLE, BUY, 100, "100")
    with pytest.raises(OppositePositionConflict):
        judge(us, cost(APPLE, SELL, 101, "100"), marks(apple="100"))

    book(us, APPLE, SELL, 150, "100")
    judge(us, cost(APPLE, BUY, 50, "100"), marks(apple="100"))
    with pytest.raises(OppositePositionConflict):
        judge(us, cost(APPLE, BUY, 51, "100"), marks(apple="100"))


@pytest.mark.parametrize(("first", "second"), [(BUY, SELL), (SELL, BUY)])
def test_opening_orders_of_both_sides_conflict(us, first, second):
    """While an order to open one side is open, the other side cannot be opened."""
    us.reserve(1, judge(us, cost(APPLE, first, 10, "100")))

    with pytest.raises(OppositePositionConflict):
        judge(us, cost(APPLE, second, 10, "100"))


def test_closing_needs_no_money(us):
    """A short can be bought back even when nothing is available."""
    book(us, APPLE, SELL, 10_000, "100")
    at = marks(apple="190")
    assert us.available(at) < 0

    assert judge(us, cost(APPLE, BUY, 10_000, "190"), at).margin == 0


@pytest.mark.parametrize(
    ("market", "security", "lot", "price"),
    [
        (TradingMarket.HK, TENCENT, 100, "403.2"),
        (TradingMarket.US, APPLE, 1, "97.31"),
        (TradingMarket.CN, MOUTAI, 100, "12.34"),
    ],
)
def test_the_most_is_accepted_and_one_lot_more_is_not(market, security, lot, price):
    """`max_quantities` and `judge` agree to the lot, fees included."""
    account = open_account(market)
    terms = BuyTerms(security, Decimal(price), lot, 10**9, DAY)
    most = account.max_quantities(terms, Marks(), resells_same_day=True).margin_buy

    def try_to_buy(quantity):
        fees = account.terms(security).fees.due(BUY, quantity, quantity * Decimal(price), DAY)
        return judge(account, cost(security, BUY, quantity, price, fees))

    assert try_to_buy(most).quantity == most
    with pytest.raises(InsufficientBuyingPower):
        try_to_buy(most + lot)
