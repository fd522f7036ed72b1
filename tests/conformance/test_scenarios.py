"""The examples of scenarios as a real client meets them, and twice the same to the last digit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.client_programs import EXAMPLES, observe
from tests.conformance.gateway_process import running

SCENARIOS = EXAMPLES / "scenarios"


def one_run(folder: Path) -> dict:
    """Everything that the client has seen: prints, prices, orders, fills, ids, times, notices."""
    folder.mkdir()
    ports = folder / "ports.json"
    settings = {
        "lang": "en",
        "sim_clock": "manual",
        "sim_limits": "off",
        "sim_worlds": "client_id",
        "sim_admin_port": 0,
        "sim_port_file": ports,
    }
    with running(folder, **settings) as gateway:
        admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
        return observe("current", "scenarios", gateway, admin, SCENARIOS)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return one_run(tmp_path_factory.mktemp("scenarios") / "first")


def test_every_example_is_told_and_comes_to_its_end(seen):
    """None is forgotten, and each step of each was done."""
    assert {path.stem for path in SCENARIOS.glob("*.yaml")} == seen.keys() - {"sdk"}
    for name, story in seen.items():
        if name != "sdk":
            state, steps = story["progress"]
            assert state == "finished", name
            assert set(steps) == {"done"}, name


def test_two_runs_are_the_same(seen, tmp_path):
    """Same seed, start, scenario and client script: the client's logs do not differ."""
    second = one_run(tmp_path / "second")

    assert seen.keys() == second.keys()
    for name, story in seen.items():
        assert story == second[name], name


def test_a_flash_crash_fills_a_low_bid_and_recovers(seen):
    """The prints go down by 8 % and back; the bid that nobody reached before is filled on the way."""
    story = seen["flash_crash"]
    first = story["first"]["last_price"]
    lowest = min(row["price"] for row in story["prints"])

    assert story["before"]["order"]["order_status"] == "SUBMITTED"
    assert story["bottom"]["snapshot"]["last_price"] == pytest.approx(0.92 * first, rel=0.01)
    assert lowest == pytest.approx(0.92 * first, rel=0.01)
    assert story["bottom"]["order"]["order_status"] == "FILLED_ALL"
    assert story["bottom"]["order"]["dealt_avg_price"] <= story["bottom"]["order"]["price"]
    assert story["back"]["snapshot"]["last_price"] == pytest.approx(first, rel=0.02)


def test_a_crash_beyond_the_band_cools_off_for_five_minutes(seen):
    """At the band's edge while it lasts, orders outside refused, and then the price goes its way."""
    story = seen["flash_crash"]["cooling"]
    before = story["before"]["last_price"]

    assert story["held"]["last_price"] == pytest.approx(0.9 * before, rel=0.01)
    assert story["refused"]["text"].startswith("In the cooling-off period the order price must be")
    assert story["after"]["last_price"] == pytest.approx(0.85 * before, rel=0.01)


def test_in_a_halt_nothing_is_printed_and_orders_wait(seen):
    """Suspended, an empty book, an order that fills when trading goes on."""
    before, halted, after = (seen["exchange_halt"][part] for part in ("before", "halted", "after"))

    assert halted["snapshot"]["suspension"] is True
    assert halted["book"]["value"]["Bid"] == halted["book"]["value"]["Ask"] == []
    assert halted["prints"] == before["prints"] > 0
    assert halted["orders"][0]["order_status"] == "SUBMITTED"
    assert after["snapshot"]["suspension"] is False
    assert after["prints"] > halted["prints"]
    assert after["orders"][0]["order_status"] == "FILLED_ALL"


def test_a_client_that_was_cut_off_in_a_partial_fill_finds_its_order(seen):
    """Half is filled while it is away; after it has reconnected the rest is pushed."""
    story = seen["disconnect_in_partial_fill"]
    (found,), (after,) = story["found"], story["after"]

    assert (found["order_status"], found["dealt_qty"]) == ("FILLED_PART", 200)
    assert (after["order_status"], after["dealt_qty"]) == ("FILLED_ALL", 400)
    assert {row["order_id"] for row in story["pushed"]} == {story["order_id"]}
    assert story["pushed"][-1]["order_status"] == "FILLED_ALL"
    assert after["updated_time"] > found["updated_time"]


def test_quotas_that_are_used_up_refuse_until_they_are_back(seen):
    """Subscriptions and historical candles, with OpenD's words."""
    story = seen["quota_exhaustion"]

    assert story["three"]["ret"] == 0
    assert "Insufficient subscription quota" in story["none"]["text"]
    assert "rows" in story["candles"][0]
    assert "Insufficient historical candlestick quota" in story["candles"][1]["text"]
    assert story["again"]["ret"] == 0


def test_kicked_quote_rights_stop_the_pushes_until_they_are_taken_back(seen):
    """Once OpenD takes them back by itself; the second time only when it is told to."""
    story = seen["quote_right_kicked"]
    first, held, kicked, still, back, later = story["counts"]

    assert first < held
    assert kicked == still
    assert back >= still
    assert later > back
    assert [bool(text) for text in story["refusals"]] == [False, False, True, True, False, False]
    assert len([n for n in story["notices"] if n["value"][0] != "CONN_STATUS"]) >= 2
