"""Bent prints, minutes and days tell one story; only what a command touched is read anew."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simulator.domain import NS_PER_MINUTE, NS_PER_S, Period
from simulator.market.bends import Bend, Pin, Pinned, Span
from tests.support.markets import instrument, security, utc_ns, wall_market

TENCENT, HSBC = security("HK.00700"), security("HK.00005")
TEN = utc_ns("2026-01-15T10:00:00+08:00")
CLOSED = utc_ns("2026-01-15T17:00:00+08:00")


def moved(*knots: tuple[float, float], prints: dict[int, int] | None = None) -> Bend:
    """A bend from ten o'clock on: (minutes later, factor)."""
    bend = Bend(prints=prints or {})
    bend.move(TEN, [(TEN + round(after * NS_PER_MINUTE), factor) for after, factor in knots])
    return bend


def locked() -> Bend:
    bend = Bend()
    bend.lock(TEN, 700_000_000, Pin.UP)
    return bend


def halted() -> Bend:
    bend = Bend()
    bend.halt(TEN, TEN + 45 * NS_PER_MINUTE + 20 * NS_PER_S)
    return bend


def paused() -> Bend:
    """A fall that stands at a band's edge for a while and then pauses."""
    bend = moved((1, 0.8))
    stop = TEN + 40 * NS_PER_S
    bend.limit_states.append(Pinned(stop - 15 * NS_PER_S, stop, 600_000_000, Pin.DOWN))
    bend.pauses.append(Span(stop, stop + 5 * NS_PER_MINUTE))
    return bend


BENDS = {
    "paused": paused(),
    "jump": moved((0, 0.8)),
    "path": moved((0, 0.9), (7.5, 1.1)),
    "back": moved((0, 1.3), (90, 1.3), (90, 1.0)),
    "print": moved((0, 0.8), prints={TEN: 500_000_000}),
    "locked": locked(),
    "halted": halted(),
}


def bent_market(name: str):
    market = wall_market()
    market.bends.replace_bend(TENCENT, BENDS[name])
    market.refresh([TENCENT])
    return market


@pytest.mark.parametrize("name", BENDS)
def test_each_minute_is_the_sum_of_its_bent_prints(name: str) -> None:
    """Corners and volume exactly, turnover to within the rounding of prices."""
    market, stock = bent_market(name), instrument("HK.00700")
    row = market._tape.view(stock, TEN).row
    (bars,) = market.bends.minutes(stock, row, row)
    for minute in range(len(bars)):
        ticks = market.bends.ticks(stock, row, minute)
        assert int(bars.lots[minute]) == sum(ticks.lots)
        if not ticks.price:
            assert bars.high[minute] == bars.low[minute] == bars.close[minute]
            continue
        corners = tuple(int(getattr(bars, c)[minute]) for c in ("open", "high", "low", "close"))
        prices = ticks.price
        assert corners == (prices[0], max(prices), min(prices), prices[-1])
        value = sum(p * q for p, q in zip(ticks.price, ticks.lots, strict=True))
        assert int(bars.value[minute]) == pytest.approx(value, rel=2e-3)


@pytest.mark.parametrize("name", BENDS)
def test_day_minutes_and_quote_agree(name: str) -> None:
    """Volume, turnover and corners of the day candle are those of the minutes and of the quote."""
    market = bent_market(name)
    day = market.recent_candles(TENCENT, Period.DAY, 1, CLOSED)
    minutes = market.recent_candles(TENCENT, Period.MINUTE_1, 331, CLOSED)
    quote = market.quote(TENCENT, CLOSED)

    assert int(day.volume[0]) == quote.volume
    assert float(day.turnover[0]) == pytest.approx(quote.turnover, abs=0.01)
    assert (day.open[0], day.high[0], day.low[0], day.close[0]) == (
        quote.open,
        quote.high,
        quote.low,
        quote.last,
    )
    assert minutes.high.max() >= quote.high


@pytest.mark.parametrize("name", ["jump", "path", "locked"])
def test_turnover_never_falls_as_time_goes_on(name: str) -> None:
    """Second by second through two minutes, the end of one among them."""
    market = bent_market(name)
    seen = [market.quote(TENCENT, TEN + s * NS_PER_S).turnover for s in range(30, 150)]

    assert all(earlier <= later for earlier, later in pairwise(seen))
    assert seen[0] < seen[-1]


def test_later_days_follow_on_the_bent_ones() -> None:
    """Each previous close is the close before, and a constant factor leaves ratios alone."""
    market, stock = bent_market("jump"), instrument("HK.00700")
    row = market._tape.view(stock, TEN).row
    days, seeded = market.bends.days(stock), market.bends.seeded.days(stock)
    closes = days.close.astype(np.int64) * days.step
    plain = seeded.close.astype(np.int64) * seeded.step

    assert (days.previous_close[: row + 1] == seeded.previous_close[: row + 1]).all()
    for at in range(row + 1, row + 60):
        if seeded.previous_close[at] == plain[at - 1]:
            assert days.previous_close[at] == closes[at - 1]
    assert np.allclose(closes[row:] / plain[row:], 0.8, rtol=0.01)


def test_a_command_leaves_other_securities_as_they_were_read() -> None:
    """Another share's day is the same object; what hangs on the bent one is read anew."""
    market = wall_market()
    quotes = {s: market.quote(s, TEN) for s in (TENCENT, HSBC)}
    market.bends.replace_bend(TENCENT, BENDS["jump"])
    market.refresh([TENCENT])

    assert market.quote(HSBC, TEN) is quotes[HSBC]
    assert market.quote(TENCENT, TEN + NS_PER_MINUTE).last == pytest.approx(
        quotes[TENCENT].last * 0.8, rel=0.02
    )
