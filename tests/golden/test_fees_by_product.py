"""What one order costs, product by product: worked out by hand from each rate and its source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from simulator.accounts.account_table import FUTURES_ACCOUNT, PAPER_ACCOUNTS, UNIVERSAL_ACCOUNT
from simulator.accounts.terms import contract_terms
from simulator.domain import Side
from tests.support.markets import instrument
from tests.support.sources import CALL_100, HK_CALL, ScriptedUniverse

BUY, SELL = Side.BUY, Side.SELL
DAY = date(2026, 5, 15)
_, US_PAPER, _, HK_OPTION_PAPER, HK_FUTURES_PAPER, *_ = PAPER_ACCOUNTS


def charged(spec, contract, side, quantity, price, day=DAY):
    terms = contract_terms(spec, contract)
    amount = quantity * terms.multiplier * Decimal(str(price))
    items = terms.fees.items(side, quantity, amount, day)
    return {title: str(due) for title, due in items}


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        # Exchange fees and SFC levies per side and contract: HKEX's lists, as brokers print them.
        # Commission and platform fee of 5 each: ours, Futu's own were not found.
        ("HK.HSImain", {"Exchange Fee": "30.00", "SFC Levy": "1.62"}),
        ("HK.MHImain", {"Exchange Fee": "10.50", "SFC Levy": "0.30"}),
        ("HK.HHImain", {"Exchange Fee": "10.50", "SFC Levy": "1.62"}),
        ("HK.MCHmain", {"Exchange Fee": "6.00", "SFC Levy": "0.30"}),
        ("HK.HTImain", {"Exchange Fee": "15.00", "SFC Levy": "1.62"}),
        ("HK.CUSmain", {"Exchange Fee": "24.00"}),
    ],
)
def test_three_hong_kong_futures(symbol, expected):
    """Per contract, whatever the price; paper and real alike."""
    base = {"Commission": "15.00", "Platform Fee": "15.00"}
    for spec in (FUTURES_ACCOUNT, HK_FUTURES_PAPER):
        for side in (BUY, SELL):
            assert charged(spec, instrument(symbol), side, 3, 20_000) == base | expected


@pytest.mark.parametrize(
    ("symbol", "commission", "exchange"),
    [
        # Commission 4, micro contracts 1, platform 1, NFA 0.02: Futu's list of options on CME
        # futures, with the exchange fees of ES, MES, CL and GC; others take those of ES or MES.
        ("US.ESmain", "8.00", "1.10"),
        ("US.NQmain", "8.00", "1.10"),
        ("US.MESmain", "2.00", "0.40"),
        ("US.MNQmain", "2.00", "0.40"),
        ("US.CLmain", "8.00", "3.00"),
        ("US.GCmain", "8.00", "3.30"),
    ],
)
def test_two_american_futures(symbol, commission, exchange):
    """Per contract."""
    assert charged(FUTURES_ACCOUNT, instrument(symbol), BUY, 2, 5_000) == {
        "Commission": commission,
        "Platform Fee": "2.00",
        "Exchange Fee": exchange,
        "NFA Fee": "0.04",
    }


@pytest.mark.parametrize(
    ("symbol", "commission", "platform"),
    [("SG.CNmain", "8.00", "2.00"), ("JP.NK225main", "600.00", "200.00")],
)
def test_two_futures_of_singapore_and_japan(symbol, commission, platform):
    """No list was found: 4 and 1 dollars, 300 and 100 yen a contract are ours."""
    assert charged(FUTURES_ACCOUNT, instrument(symbol), SELL, 2, 10_000) == {
        "Commission": commission,
        "Platform Fee": platform,
    }


@pytest.mark.parametrize(
    ("quantity", "price", "side", "expected"),
    [
        # One contract at 5: commission 0.65 but 1.99 at least, platform 0.30, ORF 0.02135, OCC 0.02.
        (
            1,
            5,
            BUY,
            {"Commission": "1.99", "Platform Fee": "0.30", "ORF": "0.02", "OCC Fee": "0.02"},
        ),
        # Ten sold at 5: 6.50, 3.00, 0.2135, 0.20; TAF 10 x 0.00279 = 0.0279; SEC 20.60 a million of
        # 5,000 dollars since April 2026 = 0.103.
        (
            10,
            5,
            SELL,
            {
                "Commission": "6.50",
                "Platform Fee": "3.00",
                "ORF": "0.21",
                "OCC Fee": "0.20",
                "Trading Activity Fee": "0.03",
                "SEC Fee": "0.10",
            },
        ),
        # Three thousand bought: OCC 60 is capped at 55.
        (
            3000,
            1,
            BUY,
            {
                "Commission": "1950.00",
                "Platform Fee": "900.00",
                "ORF": "64.05",
                "OCC Fee": "55.00",
            },
        ),
    ],
)
def test_american_options(quantity, price, side, expected):
    """Futu's list, with the levies of OCC, FINRA and the SEC; paper accounts pay the same."""
    contract = ScriptedUniverse().get(CALL_100)
    for spec in (UNIVERSAL_ACCOUNT, US_PAPER):
        assert charged(spec, contract, side, quantity, price) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        # 1 x 100 x 10 = 1,000: 0.2 % is 2, but 3 at least; 15; tariff 3.
        (1, 10, {"Commission": "3.00", "Platform Fee": "15.00", "Trading Tariff": "3.00"}),
        # 5 x 100 x 20 = 10,000: 20; 15; 15.
        (5, 20, {"Commission": "20.00", "Platform Fee": "15.00", "Trading Tariff": "15.00"}),
    ],
)
def test_hong_kong_options(quantity, price, expected):
    """Futu's list of the paper account and of real ones; both sides cost the same."""
    contract = ScriptedUniverse().get(HK_CALL)
    for spec in (UNIVERSAL_ACCOUNT, HK_OPTION_PAPER):
        for side in (BUY, SELL):
            assert charged(spec, contract, side, quantity, price) == expected
