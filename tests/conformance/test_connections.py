"""Several connections and the life of subscriptions, as the newest SDK sees them."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows, value
from tests.conformance.gateway_process import running

SPEED = 60


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with running(tmp_path_factory.mktemp("two")) as gateway:
        yield observe("current", "two_connections", gateway)


def test_pushes_go_only_to_the_connection_that_asked(two):
    """The first connection gets its pushes; the one subscribed without pushes gets none."""
    quotes = two["quotes"]
    first, second = quotes["counts"]

    assert [answer["ret"] for answer in quotes["subscribed"]] == [0, 0]
    assert first["ticker"] >= 3
    assert second == {"ticker": 0, "quote": 0}


def test_getters_need_a_subscription_of_their_own_connection(two):
    """What another connection subscribed does not open a getter."""
    quotes = two["quotes"]

    assert rows(quotes["getter_of_second"])[0]["code"] == "HK.00700"
    assert "请先订阅Ticker数据" in refusal(quotes["ticker_of_second"])


def test_the_quota_is_shared_and_counts_a_subscription_once(two):
    """Two and one own units, but two in total: the same quote of both connections counts once."""
    first, second, everybody = (value(answer) for answer in two["quotes"]["subscriptions"])

    assert (first["own_used"], second["own_used"]) == (2, 1)
    assert first["total_used"] == second["total_used"] == everybody["total_used"] == 2
    assert set(first["sub_list"]) == {"QUOTE", "TICKER"}
    assert set(second["sub_list"]) == {"QUOTE"}


def test_a_connection_closed_early_leaves_its_quota_in_use(two):
    """Subscriptions younger than a minute outlive their connection."""
    left = value(two["left"])

    assert left["total_used"] == 2
    assert left["own_used"] == 0


def test_order_pushes_reach_every_connection_of_the_account(two):
    """Both connections hear the same states of one order, whoever placed or cancelled it."""
    orders = two["orders"]
    first, second = ([row["order_status"] for row in pushed] for pushed in orders["pushes"])

    assert orders["cancel"]["ret"] == 0
    assert first == second
    assert first[-1] == "CANCELLED_ALL"


def test_a_subscription_can_be_dropped_after_a_minute(start_gateway):
    """Too early it is refused as a whole; later pushes end and the getter is closed."""
    gateway = start_gateway(sim_speed=SPEED)

    seen = observe("current", "unsubscribe", gateway, SPEED)

    assert "HK.00700的Basic订阅时间过短，至少需要订阅1分钟" in refusal(seen["at_once"])
    assert set(value(seen["still"])["sub_list"]) == {"QUOTE", "TICKER"}
    assert seen["later"]["ret"] == 0
    assert set(value(seen["after"])["sub_list"]) == {"TICKER"}
    assert "请先订阅Basic数据" in refusal(seen["getter"])
    assert seen["pushes"][0] == seen["pushes"][1] > 0
    assert seen["all"]["ret"] == 0
    assert value(seen["end"])["own_used"] == 0
