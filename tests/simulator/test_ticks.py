"""Spread tables, their boundaries and rounding."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain import (
    Currency,
    Exchange,
    Instrument,
    Market,
    Names,
    Security,
    SecurityType,
    Venue,
)
from simulator.ticks import (
    decimal_tick,
    is_on_tick,
    price_digits,
    product_of,
    round_to_tick,
    tick_bands,
    tick_size,
)

BEFORE = date(2025, 8, 1)
PHASE_1 = date(2025, 8, 4)
PHASE_2 = date(2026, 7, 6)


def make(market=Market.HK, security_type=SecurityType.EQUITY, code="00700", *, is_etf=False):
    return Instrument(
        security=Security(market, code),
        venue=Venue.HK_STOCK,
        security_type=security_type,
        names=Names("", "", ""),
        instrument_id=1,
        exchange=Exchange.HK_MAIN,
        currency=Currency.HKD,
        lot_size=100,
        reference_price=1.0,
        listing_date="1970-01-01",
        issued_shares=0,
        sector="",
        is_etf=is_etf,
    )


STOCK = make()
HK_FUND = make(security_type=SecurityType.TRUST, code="02800", is_etf=True)
US_STOCK = make(Market.US, code="AAPL")
NOTE = make(Market.US, SecurityType.FUTURE, "ZNmain")
INSTRUMENTS = [
    STOCK,
    HK_FUND,
    US_STOCK,
    NOTE,
    make(Market.SH),
    make(Market.JP, SecurityType.FUTURE, "NK225main"),
]


@pytest.mark.parametrize(
    ("price", "day", "expected"),
    [
        ("0.25", BEFORE, "0.001"),
        ("0.255", BEFORE, "0.005"),
        ("0.5", BEFORE, "0.005"),
        ("0.51", BEFORE, "0.01"),
        ("10", BEFORE, "0.01"),
        ("10.02", BEFORE, "0.02"),
        ("20", BEFORE, "0.02"),
        ("20.05", BEFORE, "0.05"),
        ("10.01", PHASE_1, "0.01"),
        ("20", PHASE_1, "0.01"),
        ("20.02", PHASE_1, "0.02"),
        ("50", PHASE_1, "0.02"),
        ("50.05", PHASE_1, "0.05"),
        ("100.1", PHASE_1, "0.1"),
        ("622", PHASE_1, "0.5"),
        ("5005", PHASE_1, "5"),
        ("9.99", PHASE_1, "0.01"),
        ("9.995", PHASE_2, "0.005"),
        ("10", PHASE_2, "0.005"),
        ("10.01", PHASE_2, "0.01"),
    ],
)
def test_hong_kong_equities(price, day, expected):
    """A band's step holds up to and including its top; the reform comes in two steps."""
    assert Decimal(expected) == decimal_tick(STOCK, Decimal(price), day)
    assert float(expected) == tick_size(STOCK, float(price), day)


@pytest.mark.parametrize(
    ("instrument", "price", "expected"),
    [
        (HK_FUND, "1", "0.001"),
        (HK_FUND, "26.9", "0.02"),
        (HK_FUND, "3290", "1"),
        (make(security_type=SecurityType.WARRANT), "15", "0.02"),
        (US_STOCK, "0.9999", "0.0001"),
        (US_STOCK, "1", "0.01"),
        (US_STOCK, "260", "0.01"),
        (make(Market.SH, code="600519"), "1390", "0.01"),
        (make(Market.SZ, SecurityType.TRUST, "159915", is_etf=True), "3.3", "0.001"),
        (make(security_type=SecurityType.INDEX, code="800000"), "26923", "0.01"),
        (make(security_type=SecurityType.FUTURE, code="HSImain"), "26950", "1"),
        (make(Market.US, SecurityType.FUTURE, "ESmain"), "6980", "0.25"),
        (NOTE, "112.3", "0.015625"),
        (make(Market.US, SecurityType.FUTURE, "6Emain"), "1.166", "0.00005"),
        (make(Market.SG, SecurityType.FUTURE, "TWNmain"), "2450", "0.25"),
        (make(Market.JP, SecurityType.FUTURE, "TOPIXmain"), "3650", "0.5"),
        (make(Market.US, SecurityType.FUTURE, "XXmain"), "5", "0.01"),
    ],
)
def test_other_products(instrument, price, expected):
    """Each product has its own table."""
    assert Decimal(expected) == decimal_tick(instrument, Decimal(price), PHASE_1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("HSImain", "HSI"),
        ("HSIcurrent", "HSI"),
        ("HSI2606", "HSI"),
        ("6Emain", "6E"),
        ("NK225main", "NK225"),
    ],
)
def test_product_of_a_contract(code, expected):
    """Main, current and dated contracts share their product's table."""
    assert expected == product_of(code)


def test_orders_must_be_on_the_grid():
    """Halfway between two steps is off, on the step is on."""
    assert is_on_tick(STOCK, Decimal("20.02"), PHASE_1)
    assert not is_on_tick(STOCK, Decimal("20.01"), PHASE_1)
    assert is_on_tick(STOCK, Decimal("10.01"), PHASE_1)
    assert not is_on_tick(STOCK, Decimal("10.01"), BEFORE)


def test_digits():
    """All prices of an instrument can be written with so many decimals."""
    assert [price_digits(i) for i in (STOCK, HK_FUND, US_STOCK, NOTE)] == [3, 3, 4, 6]


def test_bands_reach_over_all_prices():
    """Bands come as (top, step), lowest first."""
    bands = tick_bands(STOCK, PHASE_1)

    assert bands[0] == (0.25, 0.001)
    assert [top for top, _ in bands] == sorted(top for top, _ in bands)


def test_rounding_gives_what_a_reader_would_type():
    """Rounded floats equal their literals; nothing rounds to zero."""
    rounded = round_to_tick(np.array([0.0001, 0.2514, 10.014, 26.907, 622.3]), STOCK, PHASE_1)

    assert rounded.tolist() == [0.001, 0.25, 10.01, 26.9, 622.5]


def test_rounding_keeps_the_shape():
    """Arrays of any shape are rounded element by element."""
    assert round_to_tick(np.full((2, 3), 7.123), STOCK, PHASE_1).shape == (2, 3)


@given(
    st.sampled_from(INSTRUMENTS),
    st.sampled_from([BEFORE, PHASE_1, PHASE_2]),
    st.floats(0.001, 9000),
)
def test_rounded_prices_are_exact_and_on_the_grid(instrument, day, price):
    """The float is the nearest to a decimal on the grid, at most half a step from the input."""
    rounded = round_to_tick(np.array([price]), instrument, day)[0]
    as_decimal = Decimal(repr(float(rounded)))
    tick = decimal_tick(instrument, max(as_decimal, Decimal(repr(price))), day)

    assert is_on_tick(instrument, as_decimal, day)
    assert as_decimal == round(as_decimal, price_digits(instrument, day))
    assert abs(rounded - price) <= float(tick) / 2 + 1e-9 or rounded == float(tick)


def test_tables_do_not_depend_on_names():
    """Only type, market and product choose the table."""
    assert decimal_tick(replace(STOCK, sector="x"), Decimal(30), PHASE_1) == Decimal("0.02")
