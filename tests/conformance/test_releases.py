"""The short story on every SDK release, and on the newest with encryption and JSON."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.conformance.client_programs import observe, rows
from tests.conformance.environments import ENVIRONMENTS

RELEASES = [name for name in ENVIRONMENTS if name.startswith(("moomoo", "futu-"))]


def one(answer):
    (row,) = rows(answer)
    return row


def check_quotes(seen):
    tencent, apple = rows(seen["snapshot"])
    days = rows(seen["history"])

    assert seen["subscribed"]["ret"] == 0
    assert min(seen["counts"].values()) >= 1, seen["counts"]
    assert all(push["ret"] == 0 for pushes in seen["pushes"].values() for push in pushes)
    assert (tencent["code"], apple["code"]) == ("HK.00700", "US.AAPL")
    assert tencent["low_price"] <= tencent["last_price"] <= tencent["high_price"]
    assert one(seen["quote"])["last_price"] > 0
    assert len(days) > 200
    assert all(a["time_key"] < b["time_key"] for a, b in pairwise(days))
    assert all(day["low"] <= day["close"] <= day["high"] for day in days)
    assert len(rows(seen["trades"])) == 10
    assert len(rows(seen["minute"])) == 5
    assert len(rows(seen["rt"])) >= 1
    assert seen["brokers"]["ret"] == 0


def check_trade(seen):
    before, after = (one(answer)["cash"] for answer in seen["funds"])

    assert seen["bought"][-1] == "FILLED_ALL"
    assert "SUBMITTED" in seen["bought"]
    assert seen["resting"][-1] == "CANCELLED_ALL"
    assert seen["cancel"]["ret"] == 0
    assert {"FILLED_ALL", "CANCELLED_ALL"} == {row["order_status"] for row in rows(seen["orders"])}
    assert one(seen["positions"])["qty"] == seen["lot"]
    assert after < before


def check(seen):
    check_quotes(seen["quotes"])
    check_trade(seen["trade"])


@pytest.mark.parametrize("environment", RELEASES)
def test_every_release_quotes_and_trades(start_gateway, environment):
    """Snapshot, candles, subscriptions, pushes, a fill and a cancel."""
    check(observe(environment, "short_story", start_gateway()))


def test_encrypted_connections_do_the_same(start_gateway, rsa_key):
    """RSA for the handshake, AES for everything after it."""
    gateway = start_gateway(rsa_private_key=rsa_key)

    check(observe("current", "short_story", gateway, rsa_key=rsa_key))


def test_json_bodies_do_the_same(start_gateway):
    """Requests and replies as JSON; the SDK asks for JSON pushes as well."""
    check(observe("current-json", "short_story", start_gateway(), json_bodies=True))


def test_encrypted_json_does_the_same(start_gateway, rsa_key):
    """Both at once."""
    gateway = start_gateway(rsa_private_key=rsa_key)

    check(observe("current-json", "short_story", gateway, rsa_key=rsa_key, json_bodies=True))


def test_the_oldest_release_can_be_encrypted(start_gateway, rsa_key):
    """The handshake is the same since 6.x."""
    gateway = start_gateway(rsa_private_key=rsa_key)

    check(observe("futu-6.x", "short_story", gateway, rsa_key=rsa_key))
