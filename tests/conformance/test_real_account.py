"""Real accounts and futures with the newest SDK: locked, traded, charged, accounted for."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows
from tests.conformance.gateway_process import running


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    with running(tmp_path_factory.mktemp("real")) as gateway:
        yield observe("current", "real_account", gateway)


@pytest.fixture(scope="module")
def real(seen):
    return seen["securities"]


def one(answer):
    (row,) = rows(answer)
    return row


def test_the_universal_account_is_listed_with_its_cards(real):
    """Eighteen digits, two cards, Futu Securities, four markets."""
    account = next(row for row in rows(real["accounts"]) if row["uni_card_num"] not in ("", "N/A"))

    assert len(str(account["acc_id"])) == 18
    assert len(account["card_num"]) == len(account["uni_card_num"]) == 16
    assert (account["security_firm"], account["acc_type"]) == ("FUTUSECURITIES", "MARGIN")
    assert account["trdmarket_auth"] == ["HK", "US", "HKCC", "SG"]


def test_trading_is_locked_until_the_password_is_given(real):
    """Refused in OpenD's words, before and after."""
    for name in ("locked", "locked_again"):
        assert refusal(real[name]) == "没有解锁交易，请先解锁交易"
    assert refusal(real["wrong_password"]) == "交易密码错误"
    assert real["unlocked"]["ret"] == real["lock"]["ret"] == 0


def test_fills_are_listed_and_pushed(real):
    """The same fills everywhere, and together the order."""
    fills = rows(real["fills"])
    pushed = [row for push in real["pushes"]["fill"] for row in rows(push)]

    assert {fill["deal_id"] for fill in fills} == {fill["deal_id"] for fill in pushed}
    assert {fill["deal_id"] for fill in rows(real["history_fills"])} == {
        fill["deal_id"] for fill in fills
    }
    assert sum(fill["qty"] for fill in fills) == one(real["order"])["dealt_qty"]


def test_the_order_fee_is_the_sum_of_its_items_and_left_the_account(real):
    """Cash fell by the amount and the fees, and the flows of the day say the same."""
    fee = one(real["fees"])
    order = one(real["order"])
    before, after = (one(real[name])["hk_cash"] for name in ("funds_before", "funds_after"))
    flows = sum(row["cashflow_amount"] for row in rows(real["flows"]))

    assert fee["fee_amount"] == pytest.approx(sum(item[1] for item in fee["fee_details"]))
    spent = order["dealt_avg_price"] * order["dealt_qty"] + fee["fee_amount"]
    assert before - after == pytest.approx(spent, abs=0.005)
    assert flows == pytest.approx(after - before, abs=0.005)


def test_funds_of_the_universal_account_show_margin_and_currencies(real):
    """Three balances; margin bound by the shares; a risk status."""
    funds = one(real["funds_after"])

    assert (funds["us_cash"], funds["cn_cash"]) == (100_000, 200_000)
    assert funds["initial_margin"] == pytest.approx(funds["market_val"] * 0.3, rel=0.001)
    assert funds["risk_status"] == "LEVEL1"
    assert rows(real["positions"])[0]["average_cost"] > 0


def test_margin_ratios_are_answered(real):
    """Initial above maintenance."""
    ratio = one(real["margin"])

    assert ratio["im_long_ratio"] > ratio["mm_long_ratio"] > 0


def test_a_stop_limit_order_sleeps_and_knows_every_operation(real):
    """Shown with its trigger and GTC; disabled, enabled, disabled, deleted."""
    order = one(real["sleeping"])

    assert (order["order_status"], order["order_type"]) == ("WAITING_SUBMIT", "STOP_LIMIT")
    assert (order["time_in_force"], order["aux_price"] > 0) == ("GTC", True)
    for name in ("disabled", "enabled", "again", "deleted", "cancel_all"):
        assert real[name]["ret"] == 0, real[name]
    statuses = {row["order_status"] for row in rows(real["orders"])}
    assert statuses == {"FILLED_ALL", "DELETED", "CANCELLED_ALL"}


def test_futures_accounts_are_listed_by_the_futures_context(seen):
    """Four paper accounts and a real one."""
    accounts = rows(seen["futures"]["accounts"])

    assert len([row for row in accounts if row["trd_env"] == "SIMULATE"]) == 4
    assert [row["trdmarket_auth"] for row in accounts if row["trd_env"] == "REAL"] == [["FUTURES"]]


def test_a_future_is_bought_and_sold(seen):
    """In contracts, on margin; market orders close only; the rest of the story is in the cash."""
    futures = seen["futures"]
    (position,) = [row for row in rows(futures["positions"]) if row["qty"]]
    funds, after = one(futures["funds"]), one(futures["funds_after"])

    assert refusal(futures["market_opens"]) == "模拟期货市价单仅支持平仓"
    assert (position["code"], position["qty"]) == ("HK.HSImain", 1)
    assert funds["initial_margin"] == pytest.approx(
        position["nominal_price"] * 50 * 0.097, rel=0.01
    )
    assert one(futures["maximum"])["long_required_im"] > 100_000
    assert after["initial_margin"] == 0
    assert after["total_assets"] == pytest.approx(after["cash"], abs=0.01)
