"""The synthetic source: exact sums from prints to days, and pure functions of the seed."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from simulator.domain import Market, SecurityType
from simulator.market.price_grid import PRICE_UNITS
from simulator.market.synthetic import SyntheticSource
from simulator.ticks import is_on_tick
from tests.support.markets import UNIVERSE, instrument

SOURCE = SyntheticSource(1)
SAMPLE = [
    "HK.00700", "HK.00939", "HK.00001", "HK.02840", "HK.07500", "HK.800000", "HK.800125",
    "HK.HSImain", "HK.CUSmain", "US.AAPL", "US..SPX", "US.ESmain", "US.ZNmain", "SH.600519",
    "SH.513180", "SZ.300750", "SG.SGPmain", "JP.NK225main", "HK.LIST1079",
]  # fmt: skip


def rows(symbol, count):
    """A few rows of a security, well spread."""
    last = len(SOURCE.days(instrument(symbol))) - 1
    return np.unique(np.linspace(0, last, count).astype(int)).tolist()


@pytest.mark.parametrize("symbol", SAMPLE)
def test_minutes_add_up_to_the_day(symbol):
    """Open, high, low, close, volume and turnover of the minutes are the day's, exactly."""
    days = SOURCE.days(instrument(symbol))
    for row in rows(symbol, 12):
        (bars,) = SOURCE.minutes(instrument(symbol), row, row)
        assert bars.open[0] == days.open[row]
        assert bars.close[-1] == days.close[row]
        assert bars.high.max() == days.high[row]
        assert bars.low.min() == days.low[row]
        assert int(bars.lots.sum(dtype=np.int64)) == days.lots[row]
        assert int(bars.value.sum()) == days.value[row]
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.low > 0).all()


@pytest.mark.parametrize("symbol", SAMPLE)
def test_prints_add_up_to_their_minute(symbol):
    """Prints reproduce each minute's prices, volume and turnover exactly, in strict order."""
    row = rows(symbol, 3)[1]
    (bars,) = SOURCE.minutes(instrument(symbol), row, row)
    for minute in range(0, len(bars), 9):
        ticks = SOURCE.ticks(instrument(symbol), row, minute)
        if not bars.lots[minute]:
            assert ticks.price == []
            continue
        price, lots = np.array(ticks.price, np.int64), np.array(ticks.lots, np.int64)
        assert (price[0], price[-1]) == (bars.open[minute], bars.close[minute])
        assert (price.max(), price.min()) == (bars.high[minute], bars.low[minute])
        assert (lots.sum(), price @ lots) == (bars.lots[minute], bars.value[minute])
        assert (lots > 0).all()
        assert (np.diff(ticks.offset_ns) > 0).all()
        inside = [offset for offset in ticks.offset_ns if 0 < offset < 60_000_000_000]
        auctions = (minute == 0 and bars.opening_ns is not None) + (
            minute == len(bars) - 1 and bars.closing_ns is not None
        )
        assert len(inside) == len(ticks.offset_ns) - auctions


@pytest.mark.parametrize("symbol", ["HK.00700", "HK.00939", "US.ESmain", "SH.600519"])
def test_any_cell_is_the_same_in_any_order(symbol):
    """A day asked for alone equals the same day of a batch, whatever was asked before."""
    forward, backward = SyntheticSource(5), SyntheticSource(5)
    stock = instrument(symbol)
    batch = forward.minutes(stock, 4_000, 4_040)
    for row in reversed(range(4_000, 4_041)):
        (alone,) = backward.minutes(stock, row, row)
        for name in ("open", "high", "low", "close", "lots", "value"):
            assert getattr(alone, name).tobytes() == getattr(batch[row - 4_000], name).tobytes()
    assert forward.ticks(stock, 4_003, 17) == backward.ticks(stock, 4_003, 17)


@pytest.mark.parametrize("symbol", ["HK.00700", "US.ESmain", "SH.600519"])
def test_later_days_never_change_earlier_ones(symbol):
    """A longer horizon leaves all days before it as they were."""
    short = SyntheticSource(5, date(2026, 6, 30)).days(instrument(symbol))
    long = SyntheticSource(5, date(2028, 6, 30)).days(instrument(symbol))
    for name in ("ordinals", "open", "high", "low", "close", "lots", "value"):
        assert getattr(short, name).tobytes() == getattr(long, name)[: len(short)].tobytes()


def test_another_seed_is_another_market():
    """Seeds change prices, not the anchor."""
    stock = instrument("HK.00700")
    a, b = SyntheticSource(1).days(stock), SyntheticSource(2).days(stock)
    assert (a.close != b.close).mean() > 0.9


def test_every_security_closes_at_its_reference_on_the_anchor_day():
    """On 2026-01-15 the close is the reference price, to the tick."""
    for listed in UNIVERSE.instruments()[::7]:
        days = SOURCE.days(listed)
        row = int(np.searchsorted(days.ordinals, date(2026, 1, 15).toordinal()))
        close = int(days.close[row]) * int(days.step[row]) / PRICE_UNITS
        half_step = int(days.step[row]) / PRICE_UNITS / 2
        assert close == pytest.approx(listed.reference_price, abs=half_step)


@pytest.mark.parametrize("symbol", [s for s in SAMPLE if "800" not in s and "LIST" not in s])
def test_prices_lie_on_the_tick_of_their_day(symbol):
    """Open, high, low and close of many days are valid order prices of that date."""
    stock = instrument(symbol)
    days = SOURCE.days(stock)
    for row in rows(symbol, 60):
        day = date.fromordinal(int(days.ordinals[row]))
        for column in (days.open, days.high, days.low, days.close):
            units = int(column[row]) * int(days.step[row])
            assert is_on_tick(stock, Decimal(units) / PRICE_UNITS, day)


def test_mainland_prices_respect_the_daily_limit():
    """No A-share leaves the band around its previous close."""
    for listed in UNIVERSE.instruments(Market.SZ, SecurityType.EQUITY):
        limit = 0.2 if listed.security.code.startswith(("300", "301")) else 0.1
        days = SOURCE.days(listed)
        close = days.previous_close / days.step
        assert (days.high / close <= 1 + limit).all()
        assert (days.low / close >= 1 - limit).all()


@pytest.mark.parametrize(
    ("symbol", "low", "high"),
    [("HK.800000", 0.14, 0.28), ("HK.00939", 0.12, 0.32), ("US.NVDA", 0.25, 0.65),
     ("US..VIX", 0.6, 1.4), ("US.ZNmain", 0.03, 0.1)],
)  # fmt: skip
def test_stylised_facts(symbol, low, high):
    """Volatility is in its band, tails are heavy, returns are uncorrelated, volatility clusters."""
    days = SOURCE.days(instrument(symbol))
    returns = np.diff(np.log(days.close * days.step.astype(float)))
    assert low < returns.std() * 250**0.5 < high
    x = (returns - returns.mean()) / returns.std()
    assert (x**4).mean() > 3.5
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 0.08
    assert np.corrcoef(abs(x[1:]), abs(x[:-1]))[0, 1] > 0.03


def test_futures_follow_their_index():
    """Main and current series are one contract, and close within a tick or so of the index."""
    index, main, current = (
        SOURCE.days(instrument(f"HK.{code}")) for code in ("800000", "HSImain", "HSIcurrent")
    )
    assert main.close.tobytes() == current.close.tobytes()
    returns = [
        np.diff(np.log(days.close * days.step.astype(float)))[-2_000:] for days in (index, main)
    ]
    assert np.corrcoef(*returns)[0, 1] > 0.99


def test_volume_has_a_double_u_over_the_day():
    """The first and the last half hour are the busiest, within the bands of real markets."""
    stock = instrument("HK.00700")
    shares = []
    for bars in SOURCE.minutes(stock, 4_000, 4_100):
        lots = bars.lots / bars.lots.sum()
        shares.append((lots[:30].sum(), lots[150:180].sum(), lots[-30:].sum()))
    first, after_lunch, last = np.mean(shares, axis=0)
    assert 0.12 < first < 0.2
    assert 0.1 < last < 0.2, "the closing auction included"
    assert after_lunch > 30 / 330
