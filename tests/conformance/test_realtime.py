"""Subscriptions of the newest SDK: getters, pushes, and the agreement of everything at one instant."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.conformance.client_programs import observe, refusal, rows, value

CANDLE_TYPES = ["K_1M", "K_3M", "K_5M", "K_15M", "K_30M", "K_60M", "K_DAY", "K_WEEK", "K_MON"]
CANDLE_TYPES += ["K_QUARTER", "K_YEAR"]


@pytest.fixture(scope="module")
def seen(quote_gateway):
    return observe("current", "realtime", quote_gateway)


@pytest.fixture(params=range(3))
def instant(request, seen):
    """One round of questions asked in quick succession."""
    return seen["instants"][request.param]


def one(answer):
    (row,) = rows(answer)
    return row


def window(instant):
    """Prices that were the last one at some moment between the two looks at the trades."""
    latest = rows(instant["trades_before"])[-1]["sequence"]
    return {row["price"] for row in rows(instant["trades_after"]) if row["sequence"] >= latest}


def minute_label(trade):
    """The time key of the minute candle that a trade belongs to: the end of its minute."""
    start = datetime.fromisoformat(trade["time"][:16])
    return (start + timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:00")


def test_getters_before_a_subscription_name_what_is_missing(seen):
    """Each getter asks for its own subscription type."""
    early = seen["too_early"]

    assert "请先订阅Basic数据" in refusal(early["quote"])
    assert "请先订阅KL_1Min数据" in refusal(early["minute"])
    assert "请先订阅Ticker数据" in refusal(early["trades"])
    assert "请先订阅OrderBook数据" in refusal(early["book"])


def test_the_subscription_is_counted_per_type(seen):
    """One unit of quota for each type of the one security."""
    subscription = value(seen["subscription"])

    assert seen["subscribed"]["ret"] == 0
    assert subscription["own_used"] == 5 + len(CANDLE_TYPES)
    assert set(subscription["sub_list"]) >= {"QUOTE", "ORDER_BOOK", "TICKER", "RT_DATA", "BROKER"}
    assert all(codes == ["HK.00700"] for codes in subscription["sub_list"].values())


@pytest.mark.parametrize("kind", ["quote", "order_book", "ticker", "rt", "candle", "broker"])
def test_every_subscribed_kind_is_pushed(seen, kind):
    """The first push and, where the market moves, later ones arrive and can be read."""
    pushes = seen["pushes"][kind]

    assert len(pushes) >= (1 if kind in ("rt", "broker") else 3)
    assert all(push["ret"] == 0 for push in pushes), pushes


def test_pushed_trades_come_once_and_in_order(seen):
    """No sequence number is pushed twice or out of order."""
    sequences = [row["sequence"] for push in seen["pushes"]["ticker"] for row in rows(push)]

    assert sorted(set(sequences)) == sequences


def test_candles_of_every_subscribed_type_are_pushed(seen):
    """Each type has at least its first push."""
    types = {row["k_type"] for push in seen["pushes"]["candle"] for row in rows(push)}

    assert set(CANDLE_TYPES) == types


def test_pushed_quotes_never_go_back_in_time(seen):
    """Times and volumes of the pushed quotes do not fall."""
    pushed = [one(push) for push in seen["pushes"]["quote"]]
    moments = [(row["data_date"], row["data_time"], row["volume"]) for row in pushed]

    assert sorted(moments) == moments


def test_the_last_price_is_one_of_the_last_trades(instant):
    """Snapshot, quote, minute, day and line all show the price of the newest trade."""
    prices = window(instant)

    assert one(instant["snapshot_before"])["last_price"] in prices
    assert one(instant["quote"])["last_price"] in prices
    assert rows(instant["minute"])[-1]["close"] in prices
    assert rows(instant["day"])[-1]["close"] in prices
    assert rows(instant["rt"])[-1]["cur_price"] in prices


def test_the_minute_candle_contains_its_trades(instant):
    """Trades of the candle's minute lie between its low and high, and their volumes add up."""
    candle = rows(instant["minute"])[-1]
    before, after = (
        [t for t in rows(instant[key]) if minute_label(t) == candle["time_key"]]
        for key in ("trades_before", "trades_after")
    )

    assert all(candle["low"] <= trade["price"] <= candle["high"] for trade in before)
    assert (
        sum(trade["volume"] for trade in before)
        <= candle["volume"]
        <= sum(trade["volume"] for trade in after)
    )


def test_the_day_candle_lies_between_two_snapshots(instant):
    """High, low, volume and turnover only grow, so the candle lies between the two."""
    before, after = one(instant["snapshot_before"]), one(instant["snapshot_after"])
    day, yesterday = rows(instant["day"])[-1], rows(instant["day"])[-2]

    assert before["open_price"] == day["open"]
    assert before["high_price"] <= day["high"] <= after["high_price"]
    assert before["low_price"] >= day["low"] >= after["low_price"]
    assert before["volume"] <= day["volume"] <= after["volume"]
    assert before["turnover"] <= day["turnover"] * (1 + 1e-9)
    assert day["turnover"] <= after["turnover"] * (1 + 1e-9)
    assert before["prev_close_price"] == yesterday["close"]
    assert before["prev_close_price"] == rows(instant["rt"])[-1]["last_close"]


def test_the_order_book_is_ordered_and_full(instant):
    """Ten levels a side, best first, no crossing, all on the tick."""
    book = value(instant["book"])
    bids, asks = book["Bid"], book["Ask"]
    spread = one(instant["snapshot_before"])["price_spread"]

    assert len(bids) == len(asks) == 10
    assert sorted((level[0] for level in bids), reverse=True) == [level[0] for level in bids]
    assert sorted(level[0] for level in asks) == [level[0] for level in asks]
    assert bids[0][0] < asks[0][0]
    assert all(level[1] > 0 and level[2] > 0 for level in bids + asks)
    assert all(abs(level[0] / spread - round(level[0] / spread)) < 1e-6 for level in bids)


def test_the_intraday_line_is_made_of_whole_minutes(instant):
    """One point a minute, ascending, with an average price inside the day's range."""
    line = rows(instant["rt"])
    day = rows(instant["day"])[-1]
    times = [point["time"] for point in line if not point["is_blank"]]

    assert sorted(set(times)) == times
    assert all(day["low"] <= point["avg_price"] <= day["high"] for point in line[:-1])


def test_the_broker_queue_has_two_sides(seen):
    """Brokers with ids and names stand on both sides."""
    bids, asks = value(seen["brokers"])

    assert len(bids) > 0
    assert len(asks) > 0
    assert all(row["bid_broker_id"] > 0 and row["bid_broker_name"] for row in bids)
    assert all(row["ask_broker_id"] > 0 and row["ask_broker_name"] for row in asks)


@pytest.mark.parametrize("ktype", CANDLE_TYPES)
def test_candles_of_all_periods_are_well_formed(seen, ktype):
    """Twenty candles, ascending in time, each with its prices between low and high."""
    candles = rows(seen["candles"][ktype])

    assert len(candles) == 20 or ktype in ("K_QUARTER", "K_YEAR")
    keys = [candle["time_key"] for candle in candles]
    assert sorted(set(keys)) == keys
    for candle in candles:
        assert candle["low"] <= min(candle["open"], candle["close"])
        assert candle["high"] >= max(candle["open"], candle["close"])
