"""Option prices against reference values, and the laws that any option price obeys.

The reference values were computed once with QuantLib 1.44: AnalyticEuropeanEngine for prices and
greeks, BaroneAdesiWhaleyApproximationEngine and QdFpAmericanEngine (accurate scheme) for the
American ones; Actual/365 (Fixed), flat curves.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.market.options import (
    Contract,
    american,
    european,
    greeks,
    implied_volatility,
    normal_cdf,
)

# sign, spot, strike, days, rate, dividend, volatility
CASES = np.array(
    [
        (1, 100, 100, 30, 0.04, 0.005, 0.25),
        (-1, 100, 100, 30, 0.04, 0.005, 0.25),
        (1, 622, 580, 90, 0.03, 0.01, 0.32),
        (-1, 622, 700, 250, 0.03, 0.01, 0.32),
        (-1, 100, 130, 365, 0.05, 0.0, 0.2),
        (1, 100, 80, 365, 0.02, 0.08, 0.3),
        (-1, 100, 70, 7, 0.04, 0.0, 0.9),
        (1, 26900, 28000, 60, 0.03, 0.035, 0.2),
    ]
)
# price, delta, gamma, vega, theta, rho; then the American price, approximate and accurate
EUROPEAN = [
    (2.9993062, 0.53006189, 0.05547841, 0.11399674, -0.05225274, 0.04110155),
    (2.71216637, -0.46952724, 0.05547841, 0.11399674, -0.0426991, -0.04082046),
    (64.36032191, 0.70725172, 0.00346041, 1.0563495, -0.20661027, 0.92601431),
    (107.89865185, -0.59920163, 0.00232419, 1.97083055, -0.09684267, -3.29179495),
    (25.2994181, -0.83193032, 0.01256022, 0.25120432, 0.00797967, -1.0849245),
    (18.58025856, 0.69796817, 0.00964975, 0.28949248, 0.00059459, 0.51216558),
    (0.00629361, -0.00169374, 0.00043735, 0.00075488, -0.00483353, -3.369e-05),
    (434.66465907, 0.31953576, 0.0001633, 38.84840572, -6.32126169, 13.41509132),
]
AMERICAN = [2.999306, 2.726638, 64.360336, 109.439383, 30.0, 20.833436, 0.00632, 435.474741]
ACCURATE = [2.999306, 2.731165, 64.360322, 109.688439, 30.0, 20.934365, 0.006295, 435.420694]
SPOT = CASES[:, 1]


def contracts(cases):
    sign, _, strike, days, rate, dividend, volatility = cases.T
    return Contract.of(
        sign=sign,
        strike=strike,
        years=days / 365,
        rate=rate,
        dividend=dividend,
        volatility=volatility,
    )


def test_european_prices_and_greeks_match_the_reference():
    """To the last digit that was written down."""
    options = contracts(CASES)
    g = greeks(options, SPOT)

    found = np.column_stack([european(options, SPOT), g.delta, g.gamma, g.vega, g.theta, g.rho])

    np.testing.assert_allclose(found, EUROPEAN, rtol=1e-6, atol=6e-9)


def test_american_prices_match_the_same_approximation():
    """Of Barone-Adesi and Whaley, to a ten-thousandth."""
    np.testing.assert_allclose(american(contracts(CASES), SPOT), AMERICAN, rtol=1e-5, atol=2e-5)


def test_american_prices_are_near_the_accurate_ones():
    """Within half a percent, or a twentieth of a cent."""
    np.testing.assert_allclose(american(contracts(CASES), SPOT), ACCURATE, rtol=5e-3, atol=5e-4)


def test_implied_volatility_undoes_the_price():
    """Whatever the moneyness and the life."""
    options = contracts(CASES)

    found = implied_volatility(options, SPOT, european(options, SPOT))

    np.testing.assert_allclose(found, CASES[:, 6], rtol=1e-6)


def test_a_price_that_no_volatility_makes_has_none():
    """At the least possible value, and above the underlying's own."""
    call = Contract.of(sign=1, strike=80, years=0.5, rate=0.0, dividend=0.0, volatility=0.2)

    found = implied_volatility(call, np.full(2, 100.0), np.array([20.0, 101.0]))

    assert found.tolist() == [0.0, 0.0]


def test_the_normal_distribution_is_symmetric_and_exact_at_known_points():
    """Its tails do not vanish early."""
    x = np.array([0.0, 1.0, 1.959963984540054, 6.0])

    np.testing.assert_allclose(
        normal_cdf(x), [0.5, 0.8413447460685429, 0.975, 0.9999999990134123], rtol=1e-14
    )
    np.testing.assert_allclose(normal_cdf(x) + normal_cdf(-x), 1.0, rtol=1e-14)


options_strategy = st.tuples(
    st.floats(60, 160), st.floats(0.01, 2.0), st.floats(0.0, 0.06), st.floats(0.08, 0.9)
)


@given(options_strategy)
def test_put_call_parity_holds_and_early_exercise_is_worth_something(case):
    """European parity is exact; American prices lie between it and the underlying's limits."""
    strike, years, rate, volatility = case
    call, put = (
        Contract.of(
            sign=sign, strike=strike, years=years, rate=rate, dividend=0.01, volatility=volatility
        )
        for sign in (1.0, -1.0)
    )
    spot = np.array(100.0)
    forward = 100.0 * np.exp(-0.01 * years) - strike * np.exp(-rate * years)

    assert european(call, spot) - european(put, spot) == pytest.approx(forward, abs=1e-9)
    for option, sign in ((call, 1), (put, -1)):
        price = american(option, spot)
        assert price >= european(option, spot) - 1e-12
        assert price >= sign * (100.0 - strike)
        assert price <= (100.0 if sign > 0 else strike)


@given(options_strategy)
def test_prices_are_monotone_in_the_strike(case):
    """Calls fall and puts rise with it, never faster than the strike itself."""
    _, years, rate, volatility = case
    strikes = np.linspace(60, 160, 101)
    for sign in (1.0, -1.0):
        options = Contract.of(
            sign=sign, strike=strikes, years=years, rate=rate, dividend=0.01, volatility=volatility
        )
        steps = -sign * np.diff(american(options, np.array(100.0)))

        assert np.all(steps >= -1e-6)
        assert np.all(steps <= 1.0 + 2e-3)
