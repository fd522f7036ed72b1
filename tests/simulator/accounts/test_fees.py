"""Fees worked out by hand, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.accounts.fee_tables import PAPER_SCHEDULES
from simulator.domain import Side
from simulator.products import Product

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
