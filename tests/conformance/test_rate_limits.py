"""Rate limits as the newest SDK meets them."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal
from tests.conformance.gateway_process import running

SNAPSHOT = {
    "chs": "获取市场快照频率太高，请求失败，每30秒最多60次。",
    "en": (
        "Get Market Snapshot request failed due to high frequency. Maximum 60 times per 30 seconds."
    ),
}
ORDER = {
    "chs": "下单频率太高，请求失败，每30秒最多15次。",
    "en": "Place Order request failed due to high frequency. Maximum 15 times per 30 seconds.",
}


@pytest.fixture(scope="module", params=["chs", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def seen(tmp_path_factory, language):
    # Three real seconds are a window: long enough for the bursts, short enough to wait for.
    directory = tmp_path_factory.mktemp("limits")
    with running(directory, lang=language, sim_speed=10) as gateway:
        yield observe("current", "rate_limits", gateway)


def test_sixty_first_snapshot_is_refused_until_the_window_slides(seen, language):
    """60 pass, the next is refused in OpenD's words, and passes half a minute later."""
    *passed, last = seen["snapshots"]

    assert {0} == {answer["ret"] for answer in passed}
    assert SNAPSHOT[language] == refusal(last)
    assert seen["snapshot_again"]


def test_connections_share_the_window(seen, language):
    """Another connection has no snapshots of its own."""
    assert SNAPSHOT[language] == refusal(seen["other_connection"])


def test_failed_orders_count(seen, language):
    """15 orders fail for their code, the 16th for its frequency."""
    *failed, last = [refusal(answer) for answer in seen["orders"]]

    assert all("99999" in text for text in failed)
    assert ORDER[language] == last


def test_reading_the_cache_is_free(seen):
    """Only lists that are refreshed at the server are limited."""
    *passed, last = seen["order_lists"]

    assert {0} == {answer["ret"] for answer in passed}
    assert last["ret"] == -1
    assert seen["cached_order_list"]["ret"] == 0
