"""The SDK's rehab factors explain the SDK's adjusted candles."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, rows


@pytest.mark.parametrize("code", ["HK.00005", "US.KO", "SH.600519"])
def test_factors_turn_raw_candles_into_adjusted_ones(quote_gateway, code):
    """`price * A + B` over the events: old to new forward, new to old backward."""
    seen = observe("current", "rehab", quote_gateway, code)
    events = rows(seen["rehab"])
    raw, forward, backward = (rows(seen[name]) for name in ("none", "forward", "backward"))

    assert len(events) > 10
    assert len(raw) == len(forward) == len(backward) > 800
    assert any(event["ex_div_date"] > raw[0]["time_key"] for event in events)
    for bar, newer, older in zip(raw, forward, backward, strict=True):
        day = bar["time_key"][:10]
        up = down = bar["close"]
        for event in events:
            if day < event["ex_div_date"]:
                up = up * event["forward_adj_factorA"] + event["forward_adj_factorB"]
        for event in reversed(events):
            if day >= event["ex_div_date"]:
                down = down * event["backward_adj_factorA"] + event["backward_adj_factorB"]
        assert newer["close"] == pytest.approx(up, abs=2e-6)
        assert older["close"] == pytest.approx(down, abs=2e-6, rel=1e-9)
