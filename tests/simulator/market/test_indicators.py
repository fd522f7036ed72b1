"""Technical indicators against series worked out by hand."""

import numpy as np
import pytest

from simulator.market.indicators import (
    Bars,
    boll,
    crosses_up,
    diverges,
    ema,
    is_ordered,
    kdj,
    ma,
    macd,
    rsi,
)

CLOSE = np.array([[10.0, 11.0, 13.0, 12.0, 14.0]])
NAN = float("nan")


def row(values):
    return values[0].tolist()


def test_simple_mean():
    """Of three bars: (10 + 11 + 13) / 3 and so on; nothing before."""
    assert row(ma(CLOSE, 3)) == pytest.approx([NAN, NAN, 34 / 3, 12.0, 13.0], nan_ok=True)


def test_exponential_mean():
    """Period 3 has weight one half: 10, 10.5, 11.75, 11.875, 12.9375."""
    assert row(ema(CLOSE, 3)) == pytest.approx([10.0, 10.5, 11.75, 11.875, 12.9375])


def test_rsi():
    """Moves 1, 2, -1, 2 with weight one half: rises 1, 1.5, .75, 1.375 of 1, 1.5, 1.25, 1.625."""
    expected = [NAN, 100.0, 100.0, 60.0, 1.375 / 1.625 * 100]

    assert row(rsi(CLOSE, 2)) == pytest.approx(expected, nan_ok=True)


def test_rsi_of_a_still_price_is_fifty():
    """No moves, no direction."""
    assert row(rsi(np.full((1, 4), 7.0), 3))[1:] == [50.0, 50.0, 50.0]


def test_macd():
    """Periods 1 and 3: DIFF 0, .5, 1.25, .125, 1.0625; DEA of period 1 is DIFF itself."""
    found = macd(CLOSE, 1, 3, 3)

    assert row(found.diff) == pytest.approx([0.0, 0.5, 1.25, 0.125, 1.0625])
    assert row(found.dea) == pytest.approx([0.0, 0.25, 0.75, 0.4375, 0.75])
    assert row(found.macd) == pytest.approx([0.0, 0.5, 1.0, -0.625, 0.625])


def test_kdj():
    """Highs one above, lows one below: the raw values of three bars are 75, 60, 75 per cent."""
    found = kdj(Bars(CLOSE + 1, CLOSE - 1, CLOSE), 3, 3, 3)
    raw = [(13 - 9) / (14 - 9) * 100, (12 - 10) / (14 - 10) * 100, (14 - 11) / (15 - 11) * 100]
    k, d = 50.0, 50.0
    for bar, value in enumerate(raw, 2):
        k = (value + 2 * k) / 3
        d = (k + 2 * d) / 3
        assert found.k[0, bar] == pytest.approx(k)
        assert found.d[0, bar] == pytest.approx(d)
        assert found.j[0, bar] == pytest.approx(3 * k - 2 * d)
    assert np.isnan(found.k[0, :2]).all()


def test_boll():
    """The last three closes are 13, 12, 14: mean 13, sample deviation 1."""
    found = boll(CLOSE, 3, 2)

    assert (found.upper[0, -1], found.middle[0, -1], found.lower[0, -1]) == (15.0, 13.0, 11.0)


def test_what_is_not_listed_yet_has_no_value():
    """Recursive means begin with the first number."""
    late = np.array([[NAN, NAN, 10.0, 12.0]])

    assert row(ema(late, 3)) == pytest.approx([NAN, NAN, 10.0, 11.0], nan_ok=True)
    assert np.isnan(ma(late, 3)).all()


def test_crossing_needs_the_other_side_on_the_bar_before():
    """Touching is no crossing."""
    line = np.array([[1.0, 2.0, 3.0, 1.0, 3.0]])

    assert row(crosses_up(line, np.full((1, 5), 2.0))) == [False, False, False, False, True]


def test_order_is_asked_of_two_bars():
    """Lines that stand in order for the first time are not aligned yet."""
    upper, lower = np.array([[1.0, 3.0, 3.0]]), np.array([[2.0, 2.0, 2.0]])

    assert row(is_ordered([upper, lower])) == [False, False, True]


def test_divergence_shows_one_bar_after_the_second_peak():
    """Closes peak at 5 and 6 while the measure falls from 9 to 8."""
    close = np.array([[1.0, 5.0, 2.0, 6.0, 3.0, 2.0]])
    measure = np.array([[0.0, 9.0, 0.0, 8.0, 0.0, 0.0]])

    assert row(diverges(close, measure)) == [False, False, False, False, True, False]
    assert not diverges(close, -measure).any()
