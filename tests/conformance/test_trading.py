"""Paper trading with the newest SDK: states, positions, and money to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.conformance.client_programs import observe, refusal, rows
from tests.conformance.gateway_process import running

TRADES = ["bought", "bought_at_market", "sold", "sold_rest"]
CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with running(tmp_path_factory.mktemp("trading")) as gateway:
        yield observe("current", "trading", gateway)


def one(answer):
    (row,) = rows(answer)
    return row


def money(number) -> Decimal:
    return Decimal(str(number)).quantize(CENT, ROUND_HALF_UP)


def hk_paper_fees(amount: Decimal) -> Decimal:
    """Every fee of the HK paper account on one order, each rounded to the cent.

    Source: [D] fee list of the paper account, support pages: commission, platform, trading
        system, settlement, stamp duty, trading fee, levy.
    """
    items = [
        max(amount * Decimal("0.0003"), Decimal(3)),
        Decimal(15),
        Decimal("0.5"),
        min(max(amount * Decimal("0.00002"), Decimal(2)), Decimal(100)),
        max(amount * Decimal("0.001"), Decimal(1)),
        max(amount * Decimal("0.00005"), CENT),
        max(amount * Decimal("0.000027"), CENT),
    ]
    return sum((money(item) for item in items), Decimal(0))


def statuses(pushes):
    """The pushed states without the number of partial fills, which is the market's affair."""
    return [push["order_status"] for push in pushes if push["order_status"] != "FILLED_PART"]


def test_the_account_starts_with_its_capital_and_nothing_else(seen):
    """One million Hong Kong dollars and no position."""
    funds = one(seen["start"]["funds"])

    assert funds["cash"] == funds["power"] == funds["total_assets"] == 1_000_000
    assert rows(seen["start"]["positions"]) == []


def test_the_account_list_holds_a_paper_account_for_shares(seen):
    """A simulated cash account authorised for Hong Kong."""
    paper = [row for row in rows(seen["accounts"]) if row["trd_env"] == "SIMULATE"]

    assert any(row["sim_acc_type"] == "STOCK" and row["acc_type"] == "CASH" for row in paper)
    assert all("HK" in row["trdmarket_auth"] for row in paper)


def test_the_maximum_quantity_is_what_the_cash_pays_for(seen):
    """Whole lots, payable with the cash, and not one lot fewer than that."""
    maximum, lot = int(one(seen["maximum"])["max_cash_buy"]), seen["lot"]
    price = Decimal(str(one(seen["bought"]["placed"])["price"]))

    assert maximum % lot == 0
    assert maximum * price * Decimal("0.98") <= 1_000_000
    assert (maximum + 2 * lot) * price * Decimal("1.02") > 1_000_000
    assert one(seen["maximum"])["max_position_sell"] == 0


@pytest.mark.parametrize("name", TRADES)
def test_an_order_is_filled_through_the_documented_states(seen, name):
    """SUBMITTING in the reply; SUBMITTING, SUBMITTED and FILLED_ALL pushed in that order."""
    trade = seen[name]

    assert one(trade["placed"])["order_status"] == "SUBMITTING"
    assert statuses(trade["pushes"])[-2:] == ["SUBMITTED", "FILLED_ALL"]
    assert statuses(trade["pushes"])[:-2] in ([], ["SUBMITTING"])
    assert one(trade["order"])["order_status"] == "FILLED_ALL"
    assert one(trade["order"])["dealt_qty"] == seen["lot"]
    assert one(trade["order"])["remark"] == "conformance"


@pytest.mark.parametrize("name", ["bought", "sold", "sold_rest"])
def test_a_limit_order_is_never_filled_beyond_its_limit(seen, name):
    """Buyers pay at most their price, sellers get at least theirs."""
    limit, average = seen[name]["price"], one(seen[name]["order"])["dealt_avg_price"]

    assert average <= limit if name == "bought" else average >= limit


@pytest.mark.parametrize("name", TRADES)
def test_cash_changes_by_amount_and_fees_to_the_cent(seen, name):
    """Cash afterwards is cash before, less or plus the amount, less the listed fees."""
    order = one(seen[name]["order"])
    amount = Decimal(str(order["dealt_avg_price"])) * Decimal(str(order["dealt_qty"]))
    signed = -amount if order["trd_side"] == "BUY" else amount
    before, after = (one(seen[name][key])["cash"] for key in ("funds_before", "funds_after"))

    assert money(before) + money(signed) - hk_paper_fees(amount) == money(after)


def test_positions_follow_the_fills(seen):
    """One lot, two lots, one lot, none; the cost price is the average price paid.

    Paper accounts have no `average_cost`: Source: [P] Trd_Common.proto, averageCostPrice.
    """
    lot = seen["lot"]
    held = [
        sum(row["qty"] for row in rows(seen[name]["positions"]) if row["code"] == "HK.00700")
        for name in TRADES
    ]
    first, second = (one(seen[name]["order"])["dealt_avg_price"] for name in TRADES[:2])
    position = next(iter(rows(seen["bought_at_market"]["positions"])))

    assert held == [lot, 2 * lot, lot, 0]
    assert position["average_cost"] == "N/A"
    assert position["cost_price"] == pytest.approx((first + second) / 2, abs=0.005)
    assert position["market_val"] == pytest.approx(
        position["nominal_price"] * position["qty"], abs=0.01
    )


def test_assets_are_cash_and_shares(seen):
    """Total assets equal cash plus the value of what is held."""
    for name in TRADES:
        funds = one(seen[name]["funds_after"])
        assert money(funds["cash"]) + money(funds["market_val"]) == money(funds["total_assets"])


def test_a_resting_order_ties_up_money_until_it_is_cancelled(seen):
    """Buying power falls while it rests; after the cancel everything is as before."""
    resting = seen["resting"]
    before, during, after = (
        one(resting[key]) for key in ("funds_before", "funds_resting", "funds_after")
    )

    assert before["power"] - during["power"] >= resting["price"] * seen["lot"]
    assert during["cash"] == before["cash"]
    assert (before["power"], before["cash"], before["frozen_cash"]) == (
        after["power"],
        after["cash"],
        after["frozen_cash"],
    )


def test_an_order_can_be_changed_and_cancelled(seen):
    """Price and total quantity change; the cancel ends it unfilled and cannot be repeated."""
    resting = seen["resting"]
    changed, ended = one(resting["changed"]), one(resting["order"])

    assert resting["modified"]["ret"] == 0
    assert changed["qty"] == 2 * seen["lot"]
    assert changed["price"] == pytest.approx(resting["price"] - resting["spread"])
    assert changed["order_status"] == "SUBMITTED"
    assert resting["cancelled"]["ret"] == 0
    assert (ended["order_status"], ended["dealt_qty"]) == ("CANCELLED_ALL", 0)
    assert statuses(resting["pushes"])[-1] == "CANCELLED_ALL"
    assert refusal(resting["again"])


def test_the_order_lists_show_today_and_filter_by_state(seen):
    """All five orders, newest first; the filter leaves the cancelled one."""
    orders = rows(seen["orders"])
    (cancelled,) = rows(seen["cancelled_orders"])

    assert len(orders) == 5
    assert sorted((order["create_time"] for order in orders), reverse=True) == [
        order["create_time"] for order in orders
    ]
    assert cancelled["order_id"] == orders[0]["order_id"]
    assert {order["order_id"] for order in orders} <= {
        order["order_id"] for order in rows(seen["history_orders"])
    }


def test_paper_accounts_have_no_list_of_fills(seen):
    """The query is refused, and nothing is pushed."""
    assert refusal(seen["fills"]) == "模拟交易不支持成交数据"
    assert seen["pushes"]["fill"] == []
