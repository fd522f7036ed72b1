"""Faults as a real client experiences them: late, lost, wrong and cut off, and how it recovers."""

from __future__ import annotations

import json

import pytest

from tests.conformance.client_programs import observe, rows
from tests.conformance.gateway_process import running


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    ports = folder / "ports.json"
    settings = {"sim_clock": "manual", "sim_admin_port": 0, "sim_limits": "off", "sim_journal": 500}
    with running(folder, sim_port_file=ports, **settings) as gateway:
        admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
        yield observe("current", "faulted", gateway, admin)


def test_an_outlier_is_in_the_ticker_only_and_gone_after(seen):
    """One pushed print is 30 % off; the list of prints and the quotes never were."""
    pushed, listed = seen["outlier"]["pushed"], seen["outlier"]["listed"]
    off = {number for number, price in pushed.items() if price != listed[number]}

    assert len(off) == 1
    [number] = off
    assert pushed[number] == pytest.approx(1.3 * listed[number], rel=0.002)
    assert max(seen["outlier"]["quotes"]) < 1.1 * listed[number]
    assert [(f["kind"], f["struck"]) for f in seen["outlier"]["faults"]] == [("outlier", 1)]


def test_stale_quotes_stand_still(seen):
    """Quote, quote push and snapshot are a minute old, while prints come; then they are fresh."""
    stale = seen["stale"]
    quote, snapshot = (rows(answer)[0] for answer in stale["before"])

    assert stale["prints"] > 0
    assert stale["during"] == stale["before"]
    assert stale["pushed"]["data_time"] == quote["data_time"]
    assert rows(stale["after"][0])[0]["data_time"] > quote["data_time"]
    assert rows(stale["after"][1])[0]["update_time"] > snapshot["update_time"]


def test_pushes_are_lost_doubled_swapped_and_spoilt(seen):
    """None arrives; all arrive twice; all arrive, in another order; none passes the check."""
    lost = seen["lost"]
    assert lost["drop"] == []
    assert lost["drop_quotes"] > 0
    doubled = lost["duplicate"]
    assert doubled
    assert all(doubled.count(number) == 2 for number in doubled)
    swapped = lost["reorder"]
    assert swapped != sorted(swapped)
    new = [n for n in lost["reorder_listed"] if n > lost["duplicate_listed"][-1]]
    assert set(swapped) <= set(new)
    assert len(swapped) >= len(new) - 1
    assert lost["wrong_digest"] == []


def test_what_is_late_waits_for_the_clock(seen):
    """Prints of the first half minute come in the second one, in order; so does a snapshot."""
    late = seen["late"]
    assert late["early"] == []
    assert late["then"]
    assert late["then"] == sorted(late["then"])
    assert late["arrived_before"] == 0
    assert rows(late["reply"][0])
    assert 0 < late["narrow"] < late["wide"] / 2


def test_errors_reach_the_strategy(seen):
    """The text of the error, the failed check, the timeout; and the order is there all the same."""
    refused = seen["refused"]
    assert refused["error"] == {"ret": -1, "text": "server busy"}
    spoilt, well = refused["digest"]
    assert spoilt["ret"] == -1
    assert "check sha error" in spoilt["text"]
    assert rows(well)
    assert refused["swallowed"]["ret"] == -1
    assert "Timeout" in refused["swallowed"]["text"]
    assert [order["price"] for order in rows(refused["orders"])] == [300]


def test_a_lost_quote_link_is_told_and_made_up_for(seen):
    """State and notices say so, old quotes are answered, and no print is missing afterwards."""
    link = seen["link"]
    assert link["state"]["value"]["qot_logined"] is False
    assert link["state"]["value"]["trd_logined"] is True
    assert link["snapshot"] == {"ret": -1, "text": "NN_ProtoRet_TimeOut"}
    assert link["quotes"][0] == link["quotes"][1]
    assert rows(link["quotes"][0])
    assert {row["push_data_type"] for row in link["pushed"]} == {"BYDISCONN"}
    told = [row["sequence"] for row in link["pushed"]] + link["after"]
    assert told == link["listed"][-len(told) :]
    assert len(link["notices"]) >= 2


def test_orders_are_told_after_the_trade_link_was_lost(seen):
    """No order can be placed meanwhile; the resting one is filled, and that is told afterwards."""
    link = seen["link"]
    assert link["refused"] == {"ret": -1, "text": "NN_ProtoRet_TimeOut"}
    assert link["told_meanwhile"] == 0
    assert link["told_afterwards"][-1] == "FILLED_ALL"


def test_subscriptions_may_be_lost(seen):
    """The SDK does not notice; after subscribing again pushes come."""
    link = seen["link"]
    assert link["lost"]["value"]["total_used"] == 0
    assert link["after_loss"] == []
    assert link["again"]


def test_cut_clients_come_back_with_their_subscriptions(seen):
    """A cut connection and one without KeepAlive are new ones later, and pushes go on.

    The SDK asks for all that it ever subscribed, also for what the server had lost.
    """
    cut, quiet = seen["cut"], seen["quiet"]
    assert cut["new"] not in {0, cut["old"]}
    assert quiet["new"] not in {0, quiet["old"]}
    assert set(cut["subscribed"]["value"]["sub_list"]) == {"QUOTE", "TICKER", "ORDER_BOOK"}
    assert cut["pushed"]


def test_a_refused_client_tries_again(seen):
    """It was turned away once on its way back."""
    assert seen["quiet"]["refused"] == 1


def test_the_journal_has_it_all(seen):
    """The latest entries are of this client, decoded."""
    entries = seen["journal"]["entries"]
    assert len(entries) == 20
    assert {entry["client"] for entry in entries} == {"PyNormal"}
    assert all(entry["message"] is not None for entry in entries)
