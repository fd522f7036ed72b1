"""What the newest SDK reads about securities, markets and days."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe, refusal, rows, value

PRICES = ["last_price", "open_price", "high_price", "low_price", "prev_close_price"]
COMMON = [*PRICES, "volume", "turnover", "update_time", "name", "price_spread", "amplitude"]
TRADED = [*COMMON, "ask_price", "bid_price", "ask_vol", "bid_vol", "avg_price", "volume_ratio"]
RANGES = ["highest52weeks_price", "lowest52weeks_price"]
RANGES += ["highest_history_price", "lowest_history_price", "close_price_5min"]
EQUITY = ["issued_shares", "total_market_val", "net_asset", "net_profit", "earning_per_share"]
EQUITY += ["outstanding_shares", "circular_market_val", "net_asset_per_share", "ey_ratio"]
EQUITY += ["pe_ratio", "pb_ratio", "pe_ttm_ratio", "dividend_ttm", "dividend_ratio_ttm"]
EQUITY += ["dividend_lfy", "dividend_lfy_ratio", "turnover_rate", "listing_date", "lot_size"]
FILLED = {
    "HK.00700": [*TRADED, *RANGES, *EQUITY],
    "US.AAPL": [*TRADED, *RANGES, *EQUITY],
    "SH.600519": [*TRADED, *RANGES, *EQUITY],
    "SZ.000001": [*TRADED, *RANGES, *EQUITY],
    "HK.02800": [*TRADED, *RANGES, "listing_date", "lot_size", "trust_outstanding_units"],
    "HK.800000": [*COMMON, *RANGES],
    "HK.HSImain": [*COMMON, *RANGES, "future_last_settle_price", "future_position"],
}
# Fields that the gateway leaves out arrive as zero, so a zero counts as empty too.
NOTHING = (None, "", "N/A", 0)


@pytest.fixture(scope="module")
def seen(quote_gateway):
    return observe("current", "reference_data", quote_gateway)


@pytest.fixture(scope="module")
def snapshots(seen):
    return {row["code"]: row for row in rows(seen["snapshots"])}


@pytest.mark.parametrize("code", FILLED)
def test_a_snapshot_has_every_column_of_its_kind_of_security(snapshots, code):
    """Every column that applies holds a value."""
    empty = [column for column in FILLED[code] if snapshots[code][column] in NOTHING]

    assert not empty


@pytest.mark.parametrize("code", FILLED)
def test_a_snapshot_agrees_with_itself(snapshots, code):
    """Prices lie inside the day's and the year's range, and money matches prices."""
    row = snapshots[code]

    assert row["low_price"] <= min(row["last_price"], row["open_price"])
    assert row["high_price"] >= max(row["last_price"], row["open_price"])
    assert row["lowest52weeks_price"] <= row["low_price"]
    assert row["highest52weeks_price"] >= row["high_price"]
    assert row["lowest_history_price"] <= row["lowest52weeks_price"]
    assert row["highest_history_price"] >= row["highest52weeks_price"]
    assert row["volume"] >= 0
    if row["bid_price"] not in NOTHING and row["ask_price"] not in NOTHING:
        assert row["bid_price"] < row["ask_price"] or row["ask_price"] == 0


@pytest.mark.parametrize("code", ["HK.00700", "US.AAPL", "SH.600519", "SZ.000001"])
def test_the_figures_of_a_share_follow_from_its_price(snapshots, code):
    """Market value, ratios and average price fit price, shares and turnover."""
    row = snapshots[code]

    assert row["equity_valid"] is True
    assert row["total_market_val"] == pytest.approx(
        row["last_price"] * row["issued_shares"], rel=0.001
    )
    assert row["pe_ratio"] == pytest.approx(row["last_price"] / row["earning_per_share"], rel=0.02)
    assert row["pb_ratio"] == pytest.approx(
        row["last_price"] / row["net_asset_per_share"], rel=0.02
    )
    assert row["low_price"] <= row["avg_price"] <= row["high_price"]
    assert row["avg_price"] == pytest.approx(row["turnover"] / row["volume"], rel=0.001)


def test_an_index_counts_its_members(snapshots):
    """Rising, falling and unchanged members are counted."""
    row = snapshots["HK.800000"]

    assert row["index_valid"] is True
    assert row["index_raise_count"] + row["index_fall_count"] + row["index_equal_count"] > 10


def test_static_information_lists_the_market_and_the_named_securities(seen):
    """Shares of a market are listed with lot, name and id; named ones come alone."""
    listed = {row["code"]: row for row in rows(seen["static"])}
    named = rows(seen["named"])

    assert len(listed) > 50
    assert listed["HK.00700"]["lot_size"] == 100
    assert listed["HK.00700"]["stock_type"] == "STOCK"
    assert listed["HK.00700"]["listing_date"] == "2004-06-16"
    assert len({row["stock_id"] for row in listed.values()}) == len(listed)
    assert [row["code"] for row in named] == ["US.AAPL", "US.MSFT"]


def test_every_market_trades_while_the_clock_is_open(seen):
    """In clock mode `open` all securities are in a continuous session."""
    states = {row["code"]: row["market_state"] for row in rows(seen["states"])}

    assert states["HK.00700"] in ("MORNING", "AFTERNOON")
    assert states["SH.600519"] in ("MORNING", "AFTERNOON")
    assert states["US.AAPL"] == "AFTERNOON"
    assert states["HK.HSImain"] in ("FUTURE_DAY_OPEN", "NIGHT_OPEN")
    assert value(seen["global_state"])["market_hk"] == states["HK.00700"]


def test_trading_days_follow_the_exchange_calendar(seen):
    """January 2026 in Hong Kong: weekdays without New Year's Day."""
    days = [day["time"] for day in value(seen["trading_days"])]

    assert days[0] == "2026-01-02"
    assert days[-1] == "2026-01-30"
    assert len(days) == 21
    assert "2026-01-03" not in days


def test_global_state_says_that_everything_is_connected(seen):
    """Logged in to quotes and trade, with the server's version and time."""
    state = value(seen["global_state"])

    assert state["qot_logined"] is True
    assert state["trd_logined"] is True
    assert state["program_status_type"] == "READY"
    assert int(state["server_ver"]) >= 1000
    assert int(state["timestamp"]) > 1_600_000_000


def test_plates_and_their_members_name_each_other(seen):
    """Members of a plate are securities; a security's plates are in the list of plates."""
    plates = {row["code"] for row in rows(seen["plates"])}
    owners = {row["plate_code"] for row in rows(seen["owner_plates"])}

    assert len(rows(seen["members"])) > 0
    assert owners
    assert owners <= plates


def test_an_unknown_code_fails_the_whole_snapshot_and_is_named(seen):
    """One bad code refuses the batch; the text holds the symbol."""
    text = refusal(seen["unknown"])

    assert "未知股票" in text
    assert "99999" in text
