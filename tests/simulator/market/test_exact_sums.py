"""Property: whatever a day or a minute looks like, its parts add up to it exactly."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.market.minutes import MinuteShocks, minute_bars, weights
from simulator.market.prints import minute_ticks
from simulator.market.source import DayBars, MinuteBars

LENGTHS = st.sampled_from([(150, 180), (390,), (120, 120), (585, 165, 210), (1_380,), (150,)])


@st.composite
def days(draw):
    """A day bar with an average price inside its range."""
    low = draw(st.integers(20, 2_000_000))
    width = draw(st.sampled_from([0, 1, 2, 3, 10, 100, 5_000]))
    o, c = (low + draw(st.integers(0, width)) for _ in range(2))
    lots = draw(st.integers(8_000, 3_000_000))
    average = low + width * draw(st.floats(0.15, 0.85))
    columns = {
        "ordinals": 730_000, "step": 1_000, "open": o, "high": low + width, "low": low, "close": c,
        "lots": lots,
    }  # fmt: skip
    return DayBars(
        **{name: np.array([value], np.int32) for name, value in columns.items()},
        previous_close=np.array([o * 1_000]),
        value=np.array([round(average * lots)]),
        sigma=np.array([draw(st.floats(0.0005, 0.1))], np.float32),
    )


@settings(max_examples=150, deadline=None)
@given(days(), LENGTHS, st.integers(0, 2**60))
def test_minutes_of_any_day(day, lengths, key):
    """Flat days, one-tick days and wild days all split exactly."""
    share = weights(lengths, (False,) * len(lengths))
    minutes = np.arange(len(share), dtype=np.uint64)[None, :] + np.uint64(key % 10**9)
    (bars,) = minute_bars(day, 0, minutes, share, MinuteShocks(((key, 1.0),), key + 1))
    assert bars.open[0] == day.open[0]
    assert bars.close[-1] == day.close[0]
    assert bars.high.max() == day.high[0]
    assert bars.low.min() == day.low[0]
    assert int(bars.lots.sum(dtype=np.int64)) == day.lots[0]
    assert int(bars.value.sum()) == day.value[0]
    assert (bars.value >= bars.low.astype(np.int64) * bars.lots).all()
    assert (bars.value <= bars.high.astype(np.int64) * bars.lots).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()


@st.composite
def minutes(draw):
    """A minute bar whose value its prices and lots can make."""
    lots = draw(st.integers(1, 50_000))
    low = draw(st.integers(20, 100_000))
    high = low + draw(st.integers(0, 40)) * (lots > 1)
    if lots < 4:
        o, c = (low, high) if draw(st.booleans()) else (high, low)
    else:
        o, c = (draw(st.integers(low, high)) for _ in range(2))
    forced = [o] if lots == 1 else [o, c, *[high] * (high > max(o, c)), *[low] * (low < min(o, c))]
    free = lots - len(forced)
    value = sum(forced) + draw(st.integers(free * low, free * high))
    columns = (np.array([x], np.int32) for x in (o, high, low, c, lots))
    return MinuteBars(1_000, *columns, np.array([value], np.int64))


@settings(max_examples=300, deadline=None)
@given(minutes(), st.floats(1, 100), st.integers(0, 2**63), st.booleans())
def test_prints_of_any_minute(bars, usual, key, has_sides):
    """One lot or fifty thousand, flat or wide: prints hit the bar exactly."""
    ticks = minute_ticks(bars, 0, usual, key, has_sides=has_sides)
    price, lots = np.array(ticks.price, np.int64), np.array(ticks.lots, np.int64)
    assert (price[0], price[-1]) == (bars.open[0], bars.close[0])
    assert (price.max(), price.min()) == (bars.high[0], bars.low[0])
    assert (lots.sum(), price @ lots) == (bars.lots[0], bars.value[0])
    assert (lots > 0).all()
    assert len(ticks.offset_ns) == len(ticks.direction) == len(price)
    assert (np.diff(ticks.offset_ns) > 0).all()
