"""Order details under SF and option chains, as the newest SDK reads them."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, rows, value
from tests.conformance.gateway_process import running

OWNERS = ["HK.00700", "HK.800000", "US.AAPL", "US..SPX"]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    settings = {"sim_quote_rights": "hk_stock=SF", "sim_start": "2026-11-20"}
    with running(tmp_path_factory.mktemp("depth"), **settings) as gateway:
        yield observe("current", "depth_and_options", gateway)


def test_forty_levels_come_with_their_orders(seen):
    """The orders of a level add up to it; no number comes twice."""
    book = value(seen["book"]["asked"])

    for side in ("Bid", "Ask"):
        assert len(book[side]) == 40
        for _, volume, count, orders in book[side][:10]:
            assert sum(orders.values()) == volume
            assert len(orders) == count
        numbers = [number for level in book[side] for number in level[3]]
        assert len(numbers) == len(set(numbers)) <= 1000


def test_pushed_books_are_as_deep_as_those_asked_for(seen):
    """And most orders are found again from one push to the next."""
    pushed = [value(push) for push in seen["book"]["pushed"]]

    assert len(pushed) >= 3
    assert all(len(book["Bid"]) == len(book["Ask"]) == 40 for book in pushed)
    first, second = ({n for level in book["Bid"] for n in level[3]} for book in pushed[1:3])
    assert len(first & second) > 0.4 * len(first)


def test_brokers_name_their_orders(seen):
    """Where the right shows them."""
    told = [row for row in rows(seen["book"]["brokers"]) if row["order_id"] != "N/A"]

    assert told
    assert all(row["order_volume"] > 0 for row in told)


def test_without_the_right_the_book_is_as_ever(quote_gateway):
    """Ten levels and no single orders; the wish is no mistake."""
    book = observe("current", "depth_and_options", quote_gateway, "book")["book"]
    asked = value(book["asked"])

    assert book["subscribed"]["ret"] == 0
    assert len(asked["Bid"]) == len(asked["Ask"]) == 10
    assert not any(level[3] for level in asked["Bid"] + asked["Ask"])


@pytest.mark.parametrize("owner", OWNERS)
def test_expiries_are_weekly_and_monthly(seen, owner):
    """A week from the next but one day on, and months up to next year."""
    distances = [row["option_expiry_date_distance"] for row in seen["chains"][owner]["dates"]]

    assert distances == sorted(set(distances))
    assert 0 <= distances[0] <= 14
    assert distances[-1] > 180


@pytest.mark.parametrize("owner", OWNERS)
def test_snapshots_of_a_chain_agree_with_each_other(seen, owner):
    """Greeks have their signs, and a call less a put is the forward price less the strike."""
    story = seen["chains"][owner]
    (spot,) = (row["last_price"] for row in rows(story["owner"]))
    pairs = {}
    for row in rows(story["snapshots"]):
        pairs.setdefault(row["option_strike_price"], {})[row["option_type"]] = row
    whole = [pair for pair in pairs.values() if len(pair) == 2]

    assert len(whole) > 5
    for pair in whole:
        call, put = pair["CALL"], pair["PUT"]
        assert 0 <= call["option_delta"] <= 1
        assert -1 <= put["option_delta"] <= 0
        assert call["option_gamma"] >= 0
        assert call["option_vega"] >= 0
        both_quoted = all(
            type(row["bid_price"]) is float and row["bid_price"] for row in (call, put)
        )
        if both_quoted:
            parity = spot - call["option_strike_price"]
            room = 0.02 * spot + call["ask_price"] - call["bid_price"]
            room += put["ask_price"] - put["bid_price"]
            mid = (call["bid_price"] + call["ask_price"] - put["bid_price"] - put["ask_price"]) / 2
            assert mid == pytest.approx(parity, abs=room)


@pytest.mark.parametrize("owner", OWNERS)
def test_a_filter_keeps_what_the_snapshots_say(seen, owner):
    """Calls with a delta between the bounds, and no other of those that were looked at."""
    story = seen["chains"][owner]
    kept = {row["code"] for row in rows(story["filtered"])}

    assert kept
    assert kept < {row["code"] for row in rows(story["chain"])}
    for row in rows(story["snapshots"]):
        if abs(row["option_delta"] - 0.2) > 0.01 and abs(row["option_delta"] - 0.8) > 0.01:
            assert (row["code"] in kept) == (0.2 < row["option_delta"] < 0.8), row["code"]


def test_the_index_abroad_has_weekly_roots(seen):
    """Weeks are `SPXW`, settled in the afternoon."""
    chain = rows(seen["chains"]["US..SPX"]["chain"])

    assert {row["code"][:7] for row in chain} == {"US.SPXW"}
    assert {row["option_settlement_mode"] for row in chain} == {"PM"}
    assert {row["stock_owner"] for row in chain} == {"US..SPX"}
