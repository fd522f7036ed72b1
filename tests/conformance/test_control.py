"""Commands as a real client experiences them: a price set, a halt, an order half filled, time moved."""

from __future__ import annotations

import json

import pytest

from tests.conformance.client_programs import observe, rows
from tests.conformance.gateway_process import running


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("control")
    ports = folder / "ports.json"
    with running(folder, sim_clock="manual", sim_admin_port=0, sim_port_file=ports) as gateway:
        admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
        yield observe("current", "controlled", gateway, admin)


def test_an_advance_comes_back_with_everything_delivered(seen):
    """The answer tells the new time, and the minute's prints are all there."""
    assert seen["times"][0].startswith("时间: 2026-01-15T01:31:00.000Z")
    assert seen["before"]["update_time"] >= "2026-01-15 09:30:"
    assert len(seen["pushes"]["ticker"]) > 10


def test_a_set_price_is_in_every_answer_and_push(seen):
    """Snapshot and ticker say 500, and the candle's low or high has it."""
    assert seen["before"]["last_price"] != 500
    assert seen["after_set"]["last_price"] == 500
    assert seen["ticker_at_set"]["price"] == 500


def test_an_order_fills_half_and_the_rest_when_let_go(seen):
    """200 of 400 at its price, then the market fills the rest."""
    assert (seen["half"]["order_status"], seen["half"]["dealt_qty"]) == ("FILLED_PART", 200)
    assert seen["half"]["dealt_avg_price"] == 510
    assert (seen["released"]["order_status"], seen["released"]["dealt_qty"]) == ("FILLED_ALL", 400)
    pushed = [row["dealt_qty"] for push in seen["fills"]["order"] for row in push["rows"]]
    assert pushed[:3] == [0, 0, 200]
    assert pushed[-1] == 400


def test_nothing_is_pushed_in_a_halt(seen):
    """No prints for two minutes and an empty book; prints again afterwards."""
    assert seen["prints_in_halt"] == 0
    assert seen["in_halt"]["value"]["Bid"] == seen["in_halt"]["value"]["Ask"] == []
    assert seen["halted"]["suspension"] is True
    assert seen["prints_after_halt"] > 0


def test_no_print_is_lost(seen):
    """What was pushed is what the getter lists, number by number."""
    pushed = [row["sequence"] for push in seen["pushes"]["ticker"] for row in push["rows"]]
    listed = [row["sequence"] for row in rows(seen["history"])]
    assert [n for n in listed if n in set(pushed)] == sorted(set(pushed))
    assert set(listed[-50:]) <= set(pushed)
