"""What the newest SDK reads and hears of the user's own lists, and of flows and offerings."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows, value


@pytest.fixture(scope="module")
def seen(tmp_path_factory, quote_gateway):
    return observe("current", "personal", quote_gateway)


def test_a_reminder_speaks_once_and_is_off_then(seen):
    """The push names the reminder, its value and its session."""
    story = seen["reminders"]
    (push,) = story["pushes"]
    listed = {row["key"]: row for row in rows(story["listed"])}

    assert push["key"] == value(story["key"])
    assert (push["code"], push["note"], push["reminder_type"]) == ("HK.00700", "now", "VOLUME_UP")
    assert push["market_status"] == "OPEN"
    assert push["cur_value"] >= push["set_value"] == 10
    assert push["price"] > 0
    assert not listed[value(story["key"])]["enable"]
    assert listed[value(story["quiet"])]["enable"]
    assert rows(story["after_deletion"]) == []


def test_groups_are_read_and_changed(seen):
    """What was added and not moved out is in the group; all of it is watched."""
    groups = seen["groups"]
    named = {row["group_name"]: row["group_type"] for row in rows(groups["groups"])}

    assert (named["全部"], named["Tech"]) == ("SYSTEM", "CUSTOM")
    assert [row["code"] for row in rows(groups["members"])] == ["SH.600519"]
    assert {"US.AAPL", "SH.600519"} <= {row["code"] for row in rows(groups["all"])}
    assert refusal(groups["system"]) == "不支持系统分组"
    assert refusal(groups["unknown"]) == "未知自选股分组"


def test_flow_and_distribution_agree(seen):
    """The last day of the flow is today; a class's net is what came in less what went out."""
    (sums,) = rows(seen["distribution"])
    last = rows(seen["flow"])[-1]
    classes = {"super": "super", "big": "big", "mid": "mid", "small": "sml"}
    close = 0.2 * sum(sums[f"capital_in_{name}"] for name in classes)

    for name, short in classes.items():
        net = sums[f"capital_in_{name}"] - sums[f"capital_out_{name}"]
        assert last[f"{short}_in_flow"] == pytest.approx(net, abs=close)
    assert len(rows(seen["days"])) > 230


@pytest.mark.parametrize("market", ["HK", "US", "SH"])
def test_offerings_have_the_columns_of_their_market(seen, market):
    """The SDK fills the columns of other markets with nothing."""
    own = {"HK": "entrance_price", "US": "ipo_price_max", "SH": "apply_code"}[market]
    found = rows(seen["offerings"][market])

    assert found
    assert all(row["list_time"] and row[own] for row in found)


def test_holders_and_codes_are_told(seen):
    """Their rows carry what the SDK asks for."""
    assert all(row["holder_name"] and row["change_qty"] for row in rows(seen["holders"]))
    assert all(row["code"] != row["related_code"] for row in rows(seen["codes"]))
    assert rows(seen["holders"])
    assert rows(seen["codes"])


def test_dividends_and_splits_can_be_read(seen):
    """The SDK fills the columns of the announcements; the latest comes first."""
    listed = value(seen["dividends"])["dividend_list"]
    changed = value(seen["splits"])

    assert [row["ex_date"] for row in listed] == sorted(
        (row["ex_date"] for row in listed), reverse=True
    )
    assert all(row["statement"] for row in listed)
    assert len(changed["split_list"]) == 2
    assert changed["split_list"][0]["rate"].startswith(("1:", "10:"))
