"""Fees worked out by hand, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.accounts.account_table import FUTURES_ACCOUNT
from simulator.accounts.fee_tables import (
    FUND_SCHEDULES,
    PAPER_SCHEDULES,
    REAL_SCHEDULES,
    fee_schedule,
)
from simulator.accounts.fees import NO_FEES
from simulator.domain import Side
from simulator.products import Product
from tests.support.sources import HSI_FUTURE, ScriptedUniverse

DAY = date(2026, 1, 15)
HK, US, CN = (
    PAPER_SCHEDULES[product] for product in (Product.HK_STOCK, Product.US_STOCK, Product.CN_STOCK)
)


def items(schedule, side, quantity, amount, day=DAY):
    return {title: str(due) for title, due in schedule.items(side, quantity, Decimal(amount), day)}


def test_hong_kong_order_above_all_minimums():
    """100,000 dollars: 30 + 15 + 0.5 + 2 (0.002 % is exactly 2) + 100 + 5 + 2.70."""
    assert items(HK, Side.BUY, 250, "100000") == {
        "Commission": "30.00",
        "Platform Fee": "15.00",
        "Trading System Fee": "0.50",
        "Settlement Fee": "2.00",
        "Stamp Duty": "100.00",
        "Trading Fee": "5.00",
        "SFC Levy": "2.70",
    }
    assert HK.due(Side.BUY, 250, Decimal(100000), DAY) == Decimal("155.20")


def test_hong_kong_minimums():
    """100 dollars: every minimum holds."""
    assert items(HK, Side.SELL, 100, "100") == {
        "Commission": "3.00",
        "Platform Fee": "15.00",
        "Trading System Fee": "0.50",
        "Settlement Fee": "2.00",
        "Stamp Duty": "1.00",
        "Trading Fee": "0.01",
        "SFC Levy": "0.01",
    }


def test_hong_kong_settlement_fee_ends_at_a_hundred():
    """0.002 % of 10 million is 200, capped."""
    assert items(HK, Side.BUY, 1, "10000000")["Settlement Fee"] == "100.00"


def test_us_buy():
    """1,000 shares at 100: 4.90 + 5.00 + 3.00, no SEC fee."""
    assert items(US, Side.BUY, 1000, "100000") == {
        "Commission": "4.90",
        "Platform Fee": "5.00",
        "Settlement Fee": "3.00",
    }


def test_us_sell_pays_the_sec_fee():
    """0.000008 of 100,000 is 0.80."""
    assert items(US, Side.SELL, 1000, "100000")["SEC Fee"] == "0.80"


def test_us_cap_and_minimum():
    """1,000 shares at 0.50: half a percent is 2.50; one share at 10: the minimums."""
    assert items(US, Side.BUY, 1000, "500")["Commission"] == "2.50"
    assert items(US, Side.BUY, 1, "10") == {"Commission": "0.99", "Platform Fee": "1.00"}


def test_shanghai_sell_pays_stamp_duty():
    """100,000: 30 + 15 + 3.41 + 2 + 3, a seller 50 more."""
    assert CN.due(Side.BUY, 100, Decimal(100000), DAY) == Decimal("53.41")
    assert CN.due(Side.SELL, 100, Decimal(100000), DAY) == Decimal("103.41")


def test_rates_follow_the_date():
    """Stamp duty and handling fee were higher until 2023-08-27."""
    before = items(CN, Side.SELL, 100, "100000", date(2023, 8, 27))
    after = items(CN, Side.SELL, 100, "100000", date(2023, 8, 28))

    assert (before["Stamp Duty"], before["Handling Fee"]) == ("100.00", "4.87")
    assert (after["Stamp Duty"], after["Handling Fee"]) == ("50.00", "3.41")


@pytest.mark.parametrize("schedule", [HK, US, CN])
def test_nothing_traded_costs_nothing(schedule):
    """An order without a fill owes no flat fee."""
    assert schedule.due(Side.BUY, 0, Decimal(0), DAY) == 0


@given(
    st.sampled_from((HK, US, CN)),
    st.sampled_from((Side.BUY, Side.SELL)),
    st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 100_000)), min_size=1, max_size=6),
)
def test_what_an_order_owes_never_falls(schedule, side, fills):
    """So each fill is charged zero or more, and the charges add up to the order's total."""
    quantity, amount, owed = 0, Decimal(0), Decimal(0)
    for shares, cents in fills:
        quantity += shares
        amount += shares * Decimal(cents) / 100
        due = schedule.due(side, quantity, amount, DAY)
        assert due >= owed
        owed = due


# --- real accounts ---------------------------------------------------------------------------

REAL_HK, REAL_US, REAL_CN, US_OPTION, HK_OPTION = (
    REAL_SCHEDULES[product]
    for product in (
        Product.HK_STOCK,
        Product.US_STOCK,
        Product.CN_STOCK,
        Product.US_OPTION,
        Product.HK_OPTION,
    )
)


def test_real_hong_kong_order():
    """100,000 in January 2026: settlement 0.0042 %, trading fee 0.00565 %, two levies, a stamp of 100.

    Source: futuhk.com commission page; HKEX circulars on the fees of 2023-01-01 and 2025-06-30.
    """
    assert items(REAL_HK, Side.BUY, 250, "100000") == {
        "Commission": "30.00",
        "Platform Fee": "15.00",
        "Settlement Fee": "4.20",
        "Trading Fee": "5.65",
        "SFC Levy": "2.70",
        "FRC Levy": "0.15",
        "Stamp Duty": "100.00",
    }


def test_stamp_duty_is_rounded_up_to_a_dollar():
    """0.1 % of 80,200 is 80.20: 81; a fund pays none."""
    assert items(REAL_HK, Side.BUY, 200, "80200")["Stamp Duty"] == "81.00"
    assert "Stamp Duty" not in items(FUND_SCHEDULES[Product.HK_STOCK], Side.BUY, 200, "80200")


@pytest.mark.parametrize(
    ("day", "settlement", "stamp"),
    [
        (date(2023, 11, 16), "2.00", "130.00"),
        (date(2023, 11, 17), "2.00", "100.00"),
        (date(2025, 6, 27), "2.00", "100.00"),
        (date(2025, 6, 30), "4.20", "100.00"),
    ],
)
def test_hong_kong_rates_follow_the_date(day, settlement, stamp):
    """0.13 % of stamp until 2023-11-16; 0.002 % of settlement, at least 2, until 2025-06-27."""
    found = items(REAL_HK, Side.BUY, 250, "100000", day)
    assert (found["Settlement Fee"], found["Stamp Duty"]) == (settlement, stamp)


@pytest.mark.parametrize(
    ("day", "levies"),
    [
        (date(2025, 5, 13), {"SEC Fee": "2.78", "Trading Activity Fee": "0.17"}),
        (date(2025, 5, 14), {"Trading Activity Fee": "0.17"}),
        (date(2026, 1, 15), {"Trading Activity Fee": "0.20"}),
        (date(2026, 4, 4), {"SEC Fee": "2.06", "Trading Activity Fee": "0.20"}),
    ],
)
def test_real_american_sale(day, levies):
    """1,000 shares at 100: 4.90, 5 and 3, and the levies of the day. Source: SEC and FINRA rates."""
    assert items(REAL_US, Side.SELL, 1000, "100000", day) == {
        "Commission": "4.90",
        "Platform Fee": "5.00",
        "Settlement Fee": "3.00",
        **levies,
    }


def test_real_a_share_sale():
    """100,000: 30 + 15 + 3.41 + 2 + 3 + 50. Source: futuhk topic334, rates since 2023-08-28."""
    assert REAL_CN.due(Side.SELL, 100, Decimal(100000), DAY) == Decimal("103.41")
    fund = FUND_SCHEDULES[Product.CN_STOCK]
    assert items(fund, Side.SELL, 100, "100000") == {
        "Commission": "30.00",
        "Platform Fee": "15.00",
        "Handling Fee": "4.00",
        "Transfer Fee": "2.00",
    }


def test_american_option_order():
    """Ten contracts sold for 2,000: 6.50, 3, 0.21, 0.20 and 0.03. Source: futusg topic143."""
    assert items(US_OPTION, Side.SELL, 10, "2000") == {
        "Commission": "6.50",
        "Platform Fee": "3.00",
        "ORF": "0.21",
        "OCC Fee": "0.20",
        "Trading Activity Fee": "0.03",
    }


def test_hong_kong_option_order():
    """Five contracts for 10,000: 20, 15 and 15. Source: [D] and [O]."""
    assert HK_OPTION.due(Side.BUY, 5, Decimal(10_000), DAY) == 50


def test_hang_seng_future():
    """Two contracts: 5 + 5 of our own, exchange 10 and levy 0.54 each. Source: HKEX fee table."""
    schedule = fee_schedule(FUTURES_ACCOUNT, ScriptedUniverse().get(HSI_FUTURE))
    assert items(schedule, Side.BUY, 2, "2695000") == {
        "Commission": "10.00",
        "Platform Fee": "10.00",
        "Exchange Fee": "20.00",
        "SFC Levy": "1.08",
    }


def test_fills_of_two_dates_are_two_orders_to_the_schedule():
    """Twice the flat fee and the minimum; the items are the sums."""
    tally = NO_FEES
    for day in (date(2026, 1, 15), date(2026, 1, 15), date(2026, 1, 16)):
        tally = tally.after_fill(REAL_HK, Side.BUY, 100, Decimal(1000), day)
    found = dict(tally.items)
    assert (found["Platform Fee"], found["Commission"]) == (30, 6)
    assert tally.total == sum(found.values())
