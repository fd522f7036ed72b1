"""Our own example programs and those inside the SDK's package run against a gateway."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import CLIENTS, EXAMPLES, run_program

ADDRESSED_BY_POSITION = ["quick_start", "place_modify_cancel", "two_clients"]
TROUBLE = ("Traceback", "Timeout", "Exception")


def run_example(gateway, name, *arguments):
    if name in ADDRESSED_BY_POSITION:
        address = (gateway.host, gateway.port)
    else:
        address = ("--host", gateway.host, "--port", gateway.port)
    finished = run_program("current", EXAMPLES / f"{name}.py", [*arguments, *address])

    assert finished.code == 0, finished.output[-4000:]
    assert not any(word in finished.output for word in TROUBLE), finished.output[-4000:]
    assert "refused" not in finished.output, finished.output[-4000:]
    return finished.output


def test_the_quick_start_prints_a_snapshot_and_an_order(start_gateway):
    """The official quick start: two answers, both good."""
    output = run_example(start_gateway(), "quick_start")

    assert output.count("(0, ") == 2
    assert output.count("腾讯控股") == 2
    assert "BUY" in output


def test_subscribe_and_print_shows_quotes_trades_and_books(start_gateway):
    """All three kinds of pushes are printed."""
    output = run_example(start_gateway(sim_speed=10), "subscribe_and_print", "--seconds", 4)

    assert {"quote", "trade", "book"} <= {line.split(" ")[0] for line in output.splitlines()}


def test_place_modify_cancel_shows_each_state(start_gateway):
    """Submitted, changed to two lots, cancelled."""
    output = run_example(start_gateway(), "place_modify_cancel")

    assert "pushed: SUBMITTED 200" in output
    assert "CANCELLED_ALL" in output.splitlines()[-1] or "pushed: CANCELLED_ALL" in output


def test_history_candles_come_page_by_page(start_gateway):
    """A year of days in pages of a hundred."""
    output = run_example(start_gateway(), "history_candles")

    assert "page 3:" in output
    assert "highest" in output


def test_two_clients_share_quota_and_account(start_gateway):
    """One hears trades, both hear orders."""
    output = run_example(start_gateway(), "two_clients")

    assert "to the second: 0" in output
    assert "the other client hears: CANCELLED_ALL" in output


def test_the_encrypted_client_reads_quotes_and_funds(start_gateway, rsa_key):
    """Both contexts work behind the key."""
    output = run_example(start_gateway(rsa_private_key=rsa_key), "encrypted_client", rsa_key)

    assert "US.AAPL" in output
    assert "1000000.0" in output


def test_the_moving_average_strategy_opens_and_closes_positions(start_gateway):
    """Within some tens of candles of faster market time it has bought and sold by itself."""
    gateway = start_gateway(sim_speed=60)

    output = run_example(gateway, "moving_average_strategy", "--max-bars", 20, "--seconds", 60)

    assert "[order] FILLED_ALL {'code': 'HK.00700'" in output
    assert "'side': 'BUY'" in output
    assert "'side': 'SELL'" in output
    assert "[signal] down: close the position" in output


# How long each may run, and what it is known to be refused and may therefore print.
PACKAGE = {
    "get_mkt_snapshot_demo": (60, ()),
    "quote_push": (5, ("未知股票",)),  # asks for HK.999010, a code that does not exist
    "quote_and_trade_demo": (25, ()),
    "simple_filter_demo": (20, ()),
    # Unlocking needs a real account; with paper accounts alone the SDK itself refuses.
    "stocksell_demo": (20, ("No one available account",)),
    "macd_strategy": (20, ()),
}


@pytest.mark.parametrize("name", PACKAGE)
def test_the_programs_of_the_package_run(start_gateway, name):
    """Each runs to its end, or for ever without trouble; refusals are the documented ones.

    One of them asks for every stock there is, 200 every three seconds: the named ones are enough.
    """
    seconds, refusals = PACKAGE[name]
    gateway = start_gateway(sim_universe_size="named")

    finished = run_program(
        "current-examples", CLIENTS / "package_example.py", [name, gateway.port, seconds]
    )
    lines = [line for line in finished.output.splitlines() if not any(r in line for r in refusals)]

    assert finished.code == 0, finished.output[-4000:]
    assert not [line for line in lines if any(word in line.lower() for word in ("error", "fail"))]
    assert not any(word in finished.output for word in TROUBLE), finished.output[-4000:]
