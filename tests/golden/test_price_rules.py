"""Exchange rules on prices: cases worked out by hand from the rules' text."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from simulator.domain import NS_PER_S, Market, OrderType, Security, Side, TimeInForce
from simulator.errors import (
    OddLot,
    OrderTooLarge,
    PriceOutsideCage,
    PriceOutsideLimits,
    PriceTooFar,
    ShortSaleBelowMarket,
)
from simulator.products import Product
from simulator.ticks import HK_EQUITY, US_STOCK, tick_table
from simulator.venue.price_rules import (
    HK_SPREADS,
    auction_band,
    cage,
    closing_reference,
    is_quotable,
    is_restricted,
    spread_band,
    stepped,
)
from simulator.venue.rules import REAL_RULES, check_quantity, odd_rest
from tests.simulator.test_order_types import REAL, RealDesk
from tests.support.sources import APPLE, CATL, MOUTAI, TENCENT, US_REGULAR, at, make_instrument

BUY, SELL = Side.BUY, Side.SELL
T = OrderType
D = Decimal
OLD, FIRST, SECOND = (table for _, table in HK_EQUITY)


@pytest.mark.parametrize(
    ("table", "price", "steps", "expected"),
    [
        (OLD, "19.96", 3, "20.05"),  # .02, .02 to 20, then .05
        (OLD, "20.05", -3, "19.96"),
        (FIRST, "19.99", 3, "20.04"),  # since 2025-08-04: .01 to 20, then .02
        (SECOND, "9.995", 2, "10.01"),  # .005 to 10, then .01
        (OLD, "9.99", 2, "10.02"),
        (OLD, "0.25", 1, "0.255"),
        (OLD, "0.25", -1, "0.249"),
        (OLD, "99.95", 2, "100.1"),
        (OLD, "0.002", -24, "0.001"),
        (US_STOCK, "0.9998", 3, "1.01"),  # a cent from one dollar on
    ],
)
def test_steps_cross_the_bands_of_the_table(table, price, steps, expected):
    """Each band has its own step; nothing is below the first one."""
    assert stepped(D(price), steps, table) == D(expected)


@pytest.mark.parametrize(
    ("side", "low", "high"), [(BUY, "19.66", "20.14"), (SELL, "19.81", "20.44")]
)
def test_spreads_around_a_band_boundary(side, low, high):
    """Bid 19.90 and ask 19.98 under the first phase's table, .01 below 20 and .02 above.

    A purchase: 24 steps below 19.90 is 19.66; nine above 19.98 is 20 after two and 20.14 after nine.
    A sale: nine below 19.90 is 19.81; 24 above 19.98 is 20 after two and 20.44 after 24.
    """
    assert spread_band(side, D("19.90"), D("19.98"), HK_SPREADS, FIRST) == (D(low), D(high))


@pytest.mark.parametrize(
    ("price", "fits"), [("3599.9", True), ("3600", False), ("44.5", True), ("44.4", False)]
)
def test_nine_times_the_nominal_price(price, fits):
    """400 x 9 = 3,600 is out, 400 / 9 = 44.44 is the lower edge."""
    assert is_quotable(D(price), D(400)) is fits


@pytest.mark.parametrize(
    ("reference", "fraction", "low", "high"),
    [
        # 15 % of 400 is 60; both ends are on the steps of .2.
        ("400", "0.15", "340", "460"),
        # 5 % of 61.35: 58.2825 rises to 58.3, 64.4175 falls to 64.4, with steps of .05.
        ("61.35", "0.05", "58.3", "64.4"),
        # 5 % of 20: 19 and 21, steps .01 and .02.
        ("20", "0.05", "19", "21"),
        # 5 % of 0.255: 0.24225 rises to 0.243 (.001), 0.26775 falls to 0.265 (.005).
        ("0.255", "0.05", "0.243", "0.265"),
    ],
)
def test_limits_of_auctions(reference, fraction, low, high):
    """Never further than the fraction, on the tick."""
    assert auction_band(D(reference), D(fraction), FIRST) == (D(low), D(high))


def test_the_closing_reference_is_the_median():
    """Of five prices the third."""
    assert closing_reference([D(x) for x in ("61.3", "61.4", "61.2", "61.35", "62")]) == D("61.35")


@pytest.mark.parametrize(
    ("side", "reference", "limit"),
    [
        (BUY, "1000", "1020"),  # 2 %
        (SELL, "1000", "980"),
        (BUY, "3.33", "3.43"),  # 2 % would be 3.40: ten steps are further
        (SELL, "3.33", "3.23"),
        (BUY, "10.17", "10.37"),  # 10.3734 rounds to 10.37
        (SELL, "10.17", "9.97"),  # 9.9666 rounds to 9.97
        (BUY, "5", "5.1"),  # both are the same
    ],
)
def test_the_price_cage(side, reference, limit):
    """102 or 98 %, or ten steps, whichever is further from the reference."""
    low, high = cage(side, D(reference), D("0.01"))
    assert (high if side is BUY else low) == D(limit)


@pytest.mark.parametrize(("low", "restricted"), [("90.01", False), ("90", True), ("85", True)])
def test_a_fall_of_a_tenth_restricts_short_sales(low, restricted):
    """From a close of 100."""
    assert is_restricted(D(low), D(100)) is restricted


# --- the rules on orders: Tencent 399 to 401 in steps of .2, Moutai 999 to 1001


@pytest.mark.parametrize(
    ("side", "price", "fits"),
    [
        (BUY, "402.8", True),  # nine steps above 401
        (BUY, "403", False),
        (BUY, "394.2", True),  # 24 steps below 399
        (BUY, "394", False),
        (SELL, "397.2", True),  # nine below 399
        (SELL, "397", False),
        (SELL, "405.8", True),  # 24 above 401
        (SELL, "406", False),
    ],
)
def test_enhanced_limits_in_hong_kong(side, price, fits):
    """Refused beyond nine steps in front and 24 behind."""
    desk = RealDesk()
    desk.place(TENCENT, BUY, 100, T.MARKET)
    if fits:
        assert desk.place(TENCENT, side, 100, T.NORMAL, price).last_error == ""
    else:
        with pytest.raises(PriceTooFar):
            desk.place(TENCENT, side, 100, T.NORMAL, price)


def test_special_limits_know_no_steps_but_nine_times():
    """410 is 45 steps away and fine; 3,600 is nine times the last price."""
    desk = RealDesk()
    assert desk.place(TENCENT, BUY, 100, T.SPECIAL_LIMIT, 410).filled_quantity == 100
    for price in (3700, 44):
        with pytest.raises(PriceTooFar):
            desk.place(TENCENT, BUY, 100, T.SPECIAL_LIMIT, price)


def test_orders_outside_hours_are_not_measured():
    """In the evening there is no market to be far from."""
    desk = RealDesk(at("2026-01-15T20:00:00+08:00"))
    assert desk.place(TENCENT, BUY, 100, T.NORMAL, 350).last_error == ""


@pytest.mark.parametrize(
    ("price", "fits"), [("460", True), ("460.2", False), ("340", True), ("339.8", False)]
)
def test_limits_of_the_opening_auction(price, fits):
    """15 % around the previous close of 400, at 09:10."""
    desk = RealDesk(at("2026-01-15T09:10:00+08:00"))
    if fits:
        desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, price)
    else:
        with pytest.raises(PriceOutsideLimits):
            desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, price)


def test_limits_of_the_closing_auction():
    """Five per cent around the median of the last minute's nominal prices."""
    desk = RealDesk(at("2026-01-15T15:58:00+08:00"))
    close = at("2026-01-15T16:00:00+08:00")
    for seconds, price in ((50, 402), (35, 404), (20, 390), (1, 400)):
        desk.market.trade(TENCENT, close - seconds * NS_PER_S, float(price), 100)
    desk.run_to(at("2026-01-15T16:02:00+08:00"))
    # Nominal prices at :00 400, at :15 402, at :30 404, at :45 390, at 16:00 400: the median is 400.
    for price, fits in (("420", True), ("420.2", False), ("380", True), ("379.8", False)):
        if fits:
            desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, price)
        else:
            with pytest.raises(PriceOutsideLimits):
                desk.place(TENCENT, BUY, 100, T.AUCTION_LIMIT, price)


@pytest.mark.parametrize(
    ("security", "price", "error"),
    [
        (MOUTAI, "1021.02", None),  # 102 % of the ask of 1,001
        (MOUTAI, "1021.03", PriceOutsideCage),
        (MOUTAI, "900", None),  # the lower day limit: nothing below holds a bid back
        (MOUTAI, "1100.01", PriceOutsideLimits),
        (CATL, "205.02", None),  # 102 % of 201
        (CATL, "205.03", PriceOutsideCage),
    ],
)
def test_a_share_bids(security, price, error):
    """Beside the day's limits of 10 and 20 %."""
    desk = RealDesk()
    if error is None:
        assert desk.place(security, BUY, 100, T.NORMAL, price).last_error == ""
    else:
        with pytest.raises(error):
            desk.place(security, BUY, 100, T.NORMAL, price)


@pytest.mark.parametrize(
    ("side", "quantity", "held", "fits"),
    [
        (BUY, 200, 0, True),
        (BUY, 201, 0, True),  # beyond 200 share by share
        (BUY, 199, 0, False),
        (BUY, 100_000, 0, True),
        (SELL, 150, 150, True),  # a rest below 200, whole
        (SELL, 100, 150, False),
        (SELL, 250, 350, True),
    ],
)
def test_quantities_on_star(side, quantity, held, fits):
    """At least 200 shares, any number above, at most 100,000; a smaller rest goes in one order."""
    star = make_instrument(Security(Market.SH, "688981"), 100, 50.0)
    rules = REAL_RULES[Product.CN_STOCK]
    rest = odd_rest(star, held) if side is SELL else 0
    if fits:
        assert check_quantity(D(quantity), star, rules, rest) == quantity
    else:
        with pytest.raises(OddLot):
            check_quantity(D(quantity), star, rules, rest)


@pytest.mark.parametrize(
    ("security", "most"),
    [
        (Security(Market.SH, "688981"), 100_000),
        (CATL, 300_000),
        (MOUTAI, 1_000_000),
    ],
)
def test_the_largest_order_of_each_board(security, most):
    """One lot more is refused."""
    instrument, rules = make_instrument(security, 100, 50.0), REAL_RULES[Product.CN_STOCK]
    assert check_quantity(D(most), instrument, rules) == most
    with pytest.raises(OrderTooLarge):
        check_quantity(D(most + 100), instrument, rules)


# --- short sales


def test_hong_kong_short_sales_stand_at_the_offer():
    """401 is the best offer; below, and at market, they are refused."""
    desk = RealDesk()
    for price in ("400.8", None):
        kind = T.MARKET if price is None else T.NORMAL
        with pytest.raises(ShortSaleBelowMarket) as refused:
            desk.place(TENCENT, SELL, 100, kind, price)
        assert refused.value.least == 401
    order = desk.place(TENCENT, SELL, 100, T.NORMAL, 401)
    assert order.filled_quantity == 0


def test_american_short_sales_after_a_fall_of_a_tenth():
    """At 95 anything goes; after a print at 90 nothing at the bid of 99 or below, 99.01 stands."""
    desk = RealDesk(US_REGULAR)
    assert desk.place(APPLE, SELL, 10, T.MARKET).filled_quantity == 10
    desk.prints(APPLE, 90)
    desk.run(3)
    for price in ("99", None):
        kind = T.MARKET if price is None else T.NORMAL
        with pytest.raises(ShortSaleBelowMarket) as refused:
            desk.place(APPLE, SELL, 10, kind, price)
        assert refused.value.least == D("99.01")
    assert desk.place(APPLE, SELL, 10, T.NORMAL, "99.01").last_error == ""


def test_no_more_is_sold_short_than_can_be_borrowed():
    """A five-hundredth of the thousand million shares, and the maximum says the same."""
    desk = RealDesk(US_REGULAR)
    with pytest.raises(OrderTooLarge):
        desk.place(APPLE, SELL, 2_000_001, T.NORMAL, 101)
    assert desk.most(APPLE, 101, REAL).sell_short <= 2_000_000


def test_a_held_share_is_sold_at_any_price():
    """The rule is for short sales alone."""
    desk = RealDesk()
    desk.place(TENCENT, BUY, 100, T.MARKET)
    sold = desk.place(TENCENT, SELL, 100, T.MARKET, time_in_force=TimeInForce.DAY)
    assert sold.filled_quantity == 100


# --- dated tables


@pytest.mark.parametrize(
    ("day", "price", "tick"),
    [
        ("2025-08-03", "15", "0.02"),
        ("2025-08-04", "15", "0.01"),
        ("2025-08-03", "30", "0.05"),
        ("2025-08-04", "30", "0.02"),
        ("2025-08-04", "5", "0.01"),
        ("2026-07-06", "5", "0.005"),
        ("2026-07-06", "75", "0.05"),
    ],
)
def test_the_two_phases_of_hong_kongs_ticks(day, price, tick):
    """Steps on the last day of one table and the first of the next."""
    table = tick_table(make_instrument(TENCENT, 100, 15.0), date.fromisoformat(day))
    assert table.tick_at(D(price)) == D(tick)
    fund = replace(make_instrument(TENCENT, 100, 15.0), is_etf=True)
    assert tick_table(fund, date.fromisoformat(day)).tick_at(D(15)) == D("0.01")
