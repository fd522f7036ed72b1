"""Splits, dividends, exercise and a loaded state as a real client experiences them."""

from __future__ import annotations

import json

import pytest

from tests.conformance.client_programs import observe, rows
from tests.conformance.gateway_process import running

SHARE, PAYER = "US.AAPL", "US.MSFT"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("outcomes")
    ports = folder / "ports.json"
    settings = {"sim_clock": "manual", "sim_data_dir": folder, "lang": "en", "sim_limits": "off"}
    with running(folder, sim_admin_port=0, sim_port_file=ports, **settings) as gateway:
        admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
        yield observe("current", "outcomes", gateway, admin)


def test_a_split_changes_shares_price_and_bars_alike(seen):
    """Four times the shares at a quarter; forward-adjusted candles do not jump."""
    before, after = seen["before"], seen["after"]
    assert before["paper"]["held"][SHARE][0] == 100
    assert after["paper"]["held"][SHARE][0] == 400
    assert after["paper"]["held"][SHARE][1] == pytest.approx(
        before["paper"]["held"][SHARE][1] / 4, abs=0.001
    )
    assert after["closes"][SHARE] * 4 == pytest.approx(before["prices"][SHARE], rel=0.06)
    closes = [row["close"] for row in rows(seen["adjusted"])]
    assert max(closes) / min(closes) < 1.1
    newest = rows(seen["rehab"])[-1]
    assert (newest["ex_div_date"], newest["split_ratio"]) == ("2026-01-16", 0.25)


def test_the_order_in_what_was_split_is_cancelled_and_pushed(seen):
    """It was good till cancelled."""
    assert seen["resting"]["ret"] == 0, seen["resting"]
    order_id = rows(seen["resting"])[0]["order_id"]
    statuses = [
        row["order_status"]
        for push in seen["pushes"]["order"]
        for row in push["rows"]
        if row["order_id"] == order_id
    ]
    assert statuses == ["SUBMITTING", "SUBMITTED", "CANCELLED_ALL"]


def test_a_dividend_is_cash_with_its_entry(seen):
    """40 shares at 1.50 on the ex-date."""
    (flow,) = rows(seen["flows"])
    assert (flow["cashflow_amount"], flow["cashflow_direction"]) == (60.0, "IN")
    assert (flow["cashflow_type"], flow["cashflow_remark"]) == ("Dividend", PAYER)
    assert flow["currency"] == "USD"


def test_an_exercise_turns_contracts_into_shares(seen):
    """Two calls: 200 shares more, the strike paid, the contracts gone."""
    option, after, done = seen["option"], seen["after"], seen["exercised"]
    assert seen["expired"].endswith(": 1")
    assert done["paper"]["held"][SHARE][0] == 600
    assert done["paper"]["held"][option["code"]][0] == 0
    paid = after["paper"]["cash"] - done["paper"]["cash"]
    assert paid == pytest.approx(200 * option["strike_price"], abs=0.01)


def test_a_loaded_state_answers_as_it_did(seen):
    """Prices, positions, cash and the clock of the eve."""
    assert seen["loaded"] == seen["before"]
    assert "2026-01-15T14:30:0" in seen["clock"]
