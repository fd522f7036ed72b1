"""Options through the newest SDK: single orders on both paper accounts, combos on the real one."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows
from tests.conformance.gateway_process import running


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with running(tmp_path_factory.mktemp("options")) as gateway:
        yield observe("current", "option_trading", gateway)


def one(answer):
    (row,) = rows(answer)
    return row


def cents(amount):
    """Halves go up, as on the bill."""
    return int(amount * 100 + 0.5 + 1e-9) / 100


def american_fees(contracts, amount, *, sale):
    """0.65 (1.99 at least), 0.30, 0.02135 and 0.02 a contract; sales 0.00279 and 20.60 a million."""
    fees = max(1.99, cents(0.65 * contracts)) + cents(0.30 * contracts)
    fees += max(0.01, cents(0.02135 * contracts)) + cents(0.02 * contracts)
    if sale:
        fees += max(0.01, cents(0.00279 * contracts)) + max(0.01, cents(0.0000206 * amount))
    return fees


def hong_kong_fees(contracts, amount, *, sale):
    """0.2 % of the premium (3 at least), 15 an order, 3 a contract; a sale costs the same."""
    del sale
    return max(3.0, cents(0.002 * amount)) + 15 + 3 * contracts


FEES = {"us": american_fees, "hk": hong_kong_fees}
MARKETS = pytest.mark.parametrize("market", ["us", "hk"])


@MARKETS
def test_a_purchase_costs_the_premium_of_all_shares_and_its_fees(seen, market):
    """Two contracts of a hundred shares; assets fall by the fees alone."""
    story = seen[market]
    before, after = one(story["funds_before"]), one(story["funds_after"])
    held = one(story["positions"])
    amount = held["cost_price"] * 2 * 100
    fees = FEES[market](2, amount, sale=False)
    assert before["cash"] - after["cash"] == pytest.approx(amount + fees, abs=0.005)
    assert (held["qty"], held["can_sell_qty"], held["position_side"]) == (2, 2, "LONG")
    assert held["today_buy_val"] == pytest.approx(amount)
    assert held["market_val"] == pytest.approx(held["nominal_price"] * 200)
    assert after["total_assets"] == pytest.approx(after["cash"] + held["market_val"], abs=0.005)


@MARKETS
def test_states_are_pushed_in_order(seen, market):
    """Placed, accepted, filled; placed, accepted, changed, cancelled."""
    bought = [row["order_status"] for row in seen[market]["pushes"]]
    assert [s for s in bought if s != "FILLED_PART"] == ["SUBMITTING", "SUBMITTED", "FILLED_ALL"]
    resting = [(row["order_status"], row["qty"]) for row in seen[market]["resting_pushes"]]
    assert resting == [
        ("SUBMITTING", 1),
        ("SUBMITTED", 1),
        ("SUBMITTED", 3),
        ("CANCELLED_ALL", 3),
    ]


@MARKETS
def test_a_resting_order_freezes_its_premium_and_fees(seen, market):
    """One contract five ticks below the bid."""
    story = seen[market]
    amount = story["resting_pushes"][0]["price"] * 100
    frozen = one(story["funds_resting"])["frozen_cash"]
    assert frozen == pytest.approx(amount + FEES[market](1, amount, sale=False), abs=0.005)
    assert one(story["funds_sold"])["frozen_cash"] == 0


@MARKETS
def test_the_maximum_is_what_the_cash_pays(seen, market):
    """One contract more would cost more than there is; writing options binds three times as much."""
    story = seen[market]
    ask, most = story["snapshot"]["ask_price"], one(story["maximum"])
    cash = one(story["funds_before"])["cash"]

    def cost(contracts):
        amount = ask * 100 * contracts
        return amount + FEES[market](contracts, amount, sale=False)

    assert cost(most["max_cash_buy"]) <= cash < cost(most["max_cash_buy"] + 1)
    assert most["max_sell_short"] == cash // (3 * ask * 100)
    assert most["max_position_sell"] == 0
    changed = one(story["changed_maximum"])
    assert changed["max_position_sell"] == 2
    assert changed["max_cash_buy"] > 0


@MARKETS
def test_options_are_bought_with_limits_only(seen, market):
    """OpenD's words for a market order of a paper account."""
    assert refusal(seen[market]["market_order"]) == "模拟交易不支持Market订单"


@MARKETS
def test_a_sale_closes_the_position(seen, market):
    """Nothing is held; cash is what it was less what both trades lost and cost."""
    story = seen[market]
    sold = one(story["sold"])
    assert (sold["order_status"], sold["dealt_qty"]) == ("FILLED_ALL", 2)
    assert one(story["positions_sold"])["qty"] == 0
    paid = one(story["positions"])["cost_price"] * 200
    got = sold["dealt_avg_price"] * 200
    fees = FEES[market](2, paid, sale=False) + FEES[market](2, got, sale=True)
    before, after = one(story["funds_before"])["cash"], one(story["funds_sold"])["cash"]
    assert after == pytest.approx(before + got - paid - fees, abs=0.005)


def test_a_combo_is_returned_with_its_strategy_and_legs(seen):
    """The row that `place_combo_order` makes of the order list."""
    spread = seen["spread"]
    placed = one(spread["placed"])
    low, high = spread["legs"]
    assert placed["order_id"].startswith("v3_")
    assert (placed["code"], placed["strategy_type"]) == ("US.AAPL", "SPREAD")
    assert (placed["qty"], placed["price"], placed["remark"]) == (2, spread["net"], "spread")
    assert low["code"] in str(placed["combo_legs"][0])
    assert "trd_side=SELL" in str(placed["combo_legs"][1])
    assert high["code"] in str(placed["combo_legs"][1])


def test_a_combo_fills_in_both_legs_at_its_net_price(seen):
    """Fills and positions of each leg; their difference is the order's average price."""
    spread = seen["spread"]
    order = one(spread["order"])
    prices = {"BUY": 0.0, "SELL": 0.0}
    for fill in spread["fills"]:
        assert fill["order_id"] == order["order_id"]
        prices[fill["trd_side"]] += fill["price"] * fill["qty"] / 2
    net = prices["BUY"] - prices["SELL"]
    assert (order["order_status"], order["dealt_qty"]) == ("FILLED_ALL", 2)
    assert order["dealt_avg_price"] == pytest.approx(net)
    assert net <= spread["net"] + 1e-9
    low, high = (leg["code"] for leg in spread["legs"])
    assert {row["code"]: row["qty"] for row in rows(spread["positions"])} == {low: 2, high: -2}
    states = [row["order_status"] for row in spread["pushes"]]
    assert states == ["SUBMITTING", "SUBMITTED", "FILLED_ALL"]


def test_cash_falls_by_the_net_price_and_each_legs_fees(seen):
    """Both legs pay as single orders would; the items add up to what left the account."""
    spread = seen["spread"]
    amounts = {"BUY": 0.0, "SELL": 0.0}
    for fill in spread["fills"]:
        amounts[fill["trd_side"]] += fill["price"] * fill["qty"] * 100
    fees = sum(american_fees(2, amounts[s], sale=s == "SELL") for s in ("BUY", "SELL"))
    fee = one(spread["fee"])
    before, after = (one(spread[name])["us_cash"] for name in ("funds_before", "funds_after"))
    assert fee["fee_amount"] == pytest.approx(fees, abs=0.005)
    assert fee["fee_amount"] == pytest.approx(sum(item[1] for item in fee["fee_details"]))
    assert before - after == pytest.approx(amounts["BUY"] - amounts["SELL"] + fees, abs=0.005)


def test_the_effects_are_told_beforehand(seen):
    """Margins rise; what can be spent falls by margin and loss."""
    effects = one(seen["spread"]["effects"])
    assert effects["initial_margin_change"] > effects["maintenance_margin_change"] > 0
    used = effects["initial_margin_change"] - effects["nlv_change"]
    assert effects["bp_decrease"] == pytest.approx(used, abs=0.01)
    assert effects["option_bp"] > 0


def test_a_resting_combo_is_changed_and_cancelled(seen):
    """By its long id; pushes tell both."""
    spread = seen["spread"]
    assert spread["changed"]["ret"] == spread["cancelled"]["ret"] == 0
    pushed = [(p["order_status"], p["qty"], p["price"]) for p in spread["far_pushes"]]
    assert pushed == [
        ("SUBMITTING", 1, 0.05),
        ("SUBMITTED", 1, 0.05),
        ("SUBMITTED", 2, 0.1),
        ("CANCELLED_ALL", 2, 0.1),
    ]


def test_combos_are_refused_for_their_reasons(seen):
    """Locked, paper, legs, sides, kinds, sizes and money."""
    texts = {name: refusal(answer) for name, answer in seen["refused"].items()}
    assert texts == {
        "one_leg": "组合腿不合法",
        "twice": "组合腿不合法",
        "side": "订单方向只能是买入或卖出",
        "ratio": "组合腿不合法",
        "stop": "不支持的订单类型",
        "none": "数量不合法",
        "dear": "账户购买力不足",
    }
    assert refusal(seen["locked"]) == "没有解锁交易，请先解锁交易"
    assert refusal(seen["paper_combo"]) == "模拟交易不支持组合下单"
