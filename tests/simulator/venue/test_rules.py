"""What venues and paper accounts accept, one test per rule."""

from datetime import date
from decimal import Decimal

import pytest

from simulator.accounts.account_table import PAPER_ACCOUNTS
from simulator.domain import (
    MarketState,
    OrderRequest,
    OrderSession,
    OrderType,
    Side,
    TimeInForce,
)
from simulator.errors import (
    InvalidPrice,
    InvalidQuantity,
    MarketNotAuthorised,
    OddLot,
    OrderTooLarge,
    OrderTypeNotSupported,
    PriceOffTick,
    PriceOutsideLimits,
    SideNotSupported,
    TimeInForceNotSupported,
)
from simulator.products import Product
from simulator.ticks import decimal_tick
from simulator.venue import rules
from simulator.venue.models import HalfLifeRefill, MarketOrderCollar
from tests.support.sources import APPLE, CATL, HANG_SENG, MOUTAI, TENCENT, ScriptedUniverse

HK = rules.PAPER_RULES[Product.HK_STOCK]
US = rules.PAPER_RULES[Product.US_STOCK]
CN = rules.PAPER_RULES[Product.CN_STOCK]
GET = ScriptedUniverse().get


def check_form(account_rules, security=TENCENT, **changes):
    fields = {
        "account_id": 1,
        "security": security,
        "side": Side.BUY,
        "order_type": OrderType.NORMAL,
        "quantity": Decimal(100),
        "price": Decimal(400),
    }
    request = OrderRequest(**(fields | changes))
    rules.check_form(request, account_rules)


@pytest.mark.parametrize("order_type", [OrderType.NORMAL, OrderType.MARKET])
@pytest.mark.parametrize(
    ("account_rules", "security"), [(HK, TENCENT), (US, APPLE), (CN, MOUTAI), (CN, CATL)]
)
def test_limit_and_market_orders_are_accepted(account_rules, security, order_type):
    """The two paper order types, in each market."""
    assert check_form(account_rules, security, order_type=order_type) is None


@pytest.mark.parametrize(
    ("account", "security"), [(0, APPLE), (1, TENCENT), (2, TENCENT), (0, HANG_SENG)]
)
def test_other_markets_and_indices_are_refused(account, security):
    """An account trades its market's tradable securities only."""
    with pytest.raises(MarketNotAuthorised):
        rules.order_rules(PAPER_ACCOUNTS[account], GET(security))


@pytest.mark.parametrize("side", [Side.SELL_SHORT, Side.BUY_BACK, Side.UNKNOWN])
def test_only_buy_and_sell(side):
    """Shorts are plain sells."""
    with pytest.raises(SideNotSupported):
        check_form(US, APPLE, side=side)


@pytest.mark.parametrize(
    "order_type", set(OrderType) - {OrderType.NORMAL, OrderType.MARKET, OrderType.ABSOLUTE_LIMIT}
)
def test_other_order_types_are_refused(order_type):
    """Paper accounts know no stops, auctions or algorithms."""
    with pytest.raises(OrderTypeNotSupported):
        check_form(HK, order_type=order_type)


def test_absolute_limit_belongs_to_hong_kong():
    """It is what Hong Kong's limit orders are called."""
    assert check_form(HK, order_type=OrderType.ABSOLUTE_LIMIT) is None
    with pytest.raises(OrderTypeNotSupported):
        check_form(US, APPLE, order_type=OrderType.ABSOLUTE_LIMIT)


@pytest.mark.parametrize("tif", [TimeInForce.GTC, TimeInForce.GTD, TimeInForce.IOC])
def test_day_orders_only(tif):
    """Everything but DAY is refused."""
    with pytest.raises(TimeInForceNotSupported):
        check_form(HK, time_in_force=tif)


@pytest.mark.parametrize("quantity", ["0", "-100", "100.5", "0.1", "NaN", "Infinity"])
def test_quantity_is_a_positive_whole_number(quantity):
    """Zero, negative and fractional quantities are refused."""
    with pytest.raises(InvalidQuantity):
        rules.check_quantity(Decimal(quantity), GET(TENCENT), HK)


def test_quantity_in_whole_lots():
    """150 is no multiple of the lot of 100."""
    assert rules.check_quantity(Decimal(300), GET(TENCENT), HK) == 300
    with pytest.raises(OddLot) as refusal:
        rules.check_quantity(Decimal(150), GET(TENCENT), HK)
    assert refusal.value.lot_size == 100


def test_odd_rest_can_be_sold_in_shanghai_but_not_in_hong_kong():
    """A position of 150: 150 and 50 may be sold, 30 may not."""
    for quantity in (150, 50):
        assert rules.check_quantity(Decimal(quantity), GET(MOUTAI), CN, odd_rest=50) == quantity
    with pytest.raises(OddLot):
        rules.check_quantity(Decimal(30), GET(MOUTAI), CN, odd_rest=50)
    with pytest.raises(OddLot):
        rules.check_quantity(Decimal(50), GET(TENCENT), HK, odd_rest=50)


@pytest.mark.parametrize(
    ("security", "account_rules", "most"),
    [(TENCENT, HK, 300_000), (APPLE, US, 500_000), (MOUTAI, CN, 1_000_000)],
)
def test_single_order_limit(security, account_rules, most):
    """3,000 lots in Hong Kong, a number of shares elsewhere."""
    instrument = GET(security)
    step = instrument.lot_size

    assert rules.check_quantity(Decimal(most), instrument, account_rules) == most
    with pytest.raises(OrderTooLarge):
        rules.check_quantity(Decimal(most + step), instrument, account_rules)


@pytest.mark.parametrize(
    "price", [None, Decimal(0), Decimal(-1), Decimal("NaN"), Decimal("Infinity")]
)
def test_price_must_be_positive(price):
    """A limit order without a sensible price is refused."""
    with pytest.raises(InvalidPrice):
        rules.check_price(price, Decimal("0.2"), None)


def test_price_on_tick():
    """400.2 lies on the step of 0.2, 400.1 does not."""
    assert rules.check_price(Decimal("400.2"), Decimal("0.2"), None) == Decimal("400.2")
    with pytest.raises(PriceOffTick) as refusal:
        rules.check_price(Decimal("400.1"), Decimal("0.2"), None)
    assert refusal.value.tick == Decimal("0.2")


@pytest.mark.parametrize(
    ("security", "previous", "low", "high"),
    [
        (MOUTAI, "1000", "900", "1100"),
        (MOUTAI, "10.05", "9.05", "11.06"),
        (CATL, "200", "160", "240"),
    ],
)
def test_day_limits_of_a_shares(security, previous, low, high):
    """10 % on the main board, 20 % on ChiNext, half a cent rounds up; the limits are allowed."""
    tick = decimal_tick(GET(security), Decimal(previous), date(2026, 1, 15))
    limits = rules.price_limits(GET(security), Decimal(previous), tick)

    assert limits == (Decimal(low), Decimal(high))
    for price in limits:
        assert rules.check_price(price, tick, limits) == price
    for price in (limits[0] - tick, limits[1] + tick):
        with pytest.raises(PriceOutsideLimits):
            rules.check_price(price, tick, limits)


@pytest.mark.parametrize(
    ("state", "account_rules", "outside", "trades"),
    [
        (MarketState.MORNING, HK, False, True),
        (MarketState.AFTERNOON, HK, False, True),
        (MarketState.REST, HK, False, False),
        (MarketState.AUCTION, HK, False, False),
        (MarketState.HK_CAS, HK, False, False),
        (MarketState.PRE_MARKET_BEGIN, US, False, False),
        (MarketState.PRE_MARKET_BEGIN, US, True, True),
        (MarketState.AFTER_HOURS_BEGIN, US, True, True),
        (MarketState.OVERNIGHT, US, True, False),
        (MarketState.AFTERNOON, US, False, True),
        (MarketState.PRE_MARKET_BEGIN, HK, True, False),
    ],
)
def test_hours(state, account_rules, outside, trades):
    """Continuous trading only; before and after hours only for US orders that ask for it."""
    session = rules.session_of(OrderSession.NONE, outside_regular=outside)
    assert rules.trades_in(state, account_rules, session) is trades


def test_collar_of_market_orders():
    """Five percent beyond the best price, on the tick, never at zero."""
    collar = MarketOrderCollar()
    tick = Decimal("0.01")

    assert collar.worst_price(Decimal(100), tick, is_buy=True) == Decimal(105)
    assert collar.worst_price(Decimal(100), tick, is_buy=False) == Decimal(95)
    assert collar.worst_price(tick, tick, is_buy=False) == tick


def test_refill_halves_what_is_missing():
    """The model of consumed liquidity."""
    refill = HalfLifeRefill(half_life_ns=10)

    assert [refill.still_missing(800, ns) for ns in (0, 10, 20, 1000)] == [800, 400, 200, 0]
