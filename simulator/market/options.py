"""What options are worth: Black-Scholes, its greeks and inverse, and the American premium on top.

All functions take arrays that broadcast against each other and know no calendar: time is in years,
rates, yields and volatilities are fractions a year (0.2 for 20 %).

The American price is the quadratic approximation of Barone-Adesi and Whaley (Journal of Finance 42,
1987), its critical price found by Newton steps kept inside a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_YEARS: Final = 1e-6
"""A shorter life counts as this long, so that nothing divides by zero."""
_LEAST_VOLATILITY: Final = 1e-4
_MOST_VOLATILITY: Final = 8.0
_ROOT_STEPS: Final = 60
_CRITICAL_STEPS: Final = 24

# Cody's rational approximations of the error function (Mathematics of Computation 23, 1969).
_ERF_NUMERATOR: Final = (
    1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
    3.77485237685302021e2, 3.20937758913846947e3,
)  # fmt: skip
_ERF_DENOMINATOR: Final = (
    1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
    2.84423683343917062e3,
)  # fmt: skip
_ERFC_NUMERATOR: Final = (
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
    6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
    1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
)  # fmt: skip
_ERFC_DENOMINATOR: Final = (
    1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
    1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
    3.43936767414372164e3, 1.23033935480374942e3,
)  # fmt: skip
_ERF_BORDER: Final = 0.46875
_ERFC_END: Final = 6.0
"""Beyond this the complement is below 1e-16 and taken as zero."""


def normal_density(x: Floats) -> Floats:
    """The standard normal density."""
    density: Floats = np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)
    return density


def normal_cdf(x: Floats) -> Floats:
    """The standard normal distribution function, absolute error below 1e-15."""
    z = np.abs(x) / np.sqrt(2.0)
    square = np.minimum(z, _ERF_BORDER) ** 2
    erf = np.minimum(z, _ERF_BORDER) * _ratio(_ERF_NUMERATOR, _ERF_DENOMINATOR, square)
    far = np.clip(z, _ERF_BORDER, _ERFC_END)
    complement = np.exp(-far * far) * _ratio(_ERFC_NUMERATOR, _ERFC_DENOMINATOR, far)
    upper = np.where(z <= _ERF_BORDER, 0.5 * (1.0 - erf), 0.5 * complement)
    upper = np.where(z >= _ERFC_END, 0.0, upper)
    found: Floats = np.where(x > 0, 1.0 - upper, upper)
    return found


def _ratio(numerator: tuple[float, ...], denominator: tuple[float, ...], x: Floats) -> Floats:
    top, bottom = np.full_like(x, numerator[0]), np.full_like(x, denominator[0])
    for a, b in zip(numerator[1:], denominator[1:], strict=True):
        top, bottom = top * x + a, bottom * x + b
    quotient: Floats = top / bottom
    return quotient


@dataclass(frozen=True, slots=True)
class Contract:
    """Options to price; every field broadcasts."""

    sign: Floats
    """1.0 for a call, -1.0 for a put."""
    strike: Floats
    years: Floats
    rate: Floats
    dividend: Floats
    """Continuous yield of the underlying."""
    volatility: Floats

    @classmethod
    def of(
        cls,
        *,
        sign: Floats | float,
        strike: Floats | float,
        years: Floats | float,
        rate: Floats | float,
        dividend: Floats | float,
        volatility: Floats | float,
    ) -> Contract:
        """Take numbers or arrays, keeping time and volatility above zero."""
        return cls(
            np.asarray(sign, np.float64),
            np.asarray(strike, np.float64),
            np.maximum(np.asarray(years, np.float64), LEAST_YEARS),
            np.asarray(rate, np.float64),
            np.asarray(dividend, np.float64),
            np.maximum(np.asarray(volatility, np.float64), _LEAST_VOLATILITY),
        )


@dataclass(frozen=True, slots=True)
class Greeks:
    """How a price reacts.

    `vega` and `rho` are for one percentage point, `theta` for one calendar day. Source: [I] the
    units in which brokers show them.
    """

    delta: Floats
    gamma: Floats
    vega: Floats
    theta: Floats
    rho: Floats


def _d1(c: Contract, spot: Floats) -> tuple[Floats, Floats]:
    deviation = c.volatility * np.sqrt(c.years)
    drift = (c.rate - c.dividend + 0.5 * c.volatility**2) * c.years
    return (np.log(spot / c.strike) + drift) / deviation, deviation


def european(c: Contract, spot: Floats) -> Floats:
    """Black-Scholes-Merton price."""
    d1, deviation = _d1(c, spot)
    asset = spot * np.exp(-c.dividend * c.years) * normal_cdf(c.sign * d1)
    money = c.strike * np.exp(-c.rate * c.years) * normal_cdf(c.sign * (d1 - deviation))
    price: Floats = np.maximum(c.sign * (asset - money), 0.0)
    return price


def delta(c: Contract, spot: Floats) -> Floats:
    """The delta of `greeks` alone."""
    d1, _ = _d1(c, spot)
    found: Floats = c.sign * np.exp(-c.dividend * c.years) * normal_cdf(c.sign * d1)
    return found


def greeks(c: Contract, spot: Floats) -> Greeks:
    """The greeks of the European price."""
    d1, deviation = _d1(c, spot)
    carry = np.exp(-c.dividend * c.years)
    discount = np.exp(-c.rate * c.years)
    density = normal_density(d1)
    inside, money = normal_cdf(c.sign * d1), normal_cdf(c.sign * (d1 - deviation))
    decay = -spot * carry * density * c.volatility / (2.0 * np.sqrt(c.years))
    yields = c.dividend * spot * carry * inside - c.rate * c.strike * discount * money
    return Greeks(
        delta=c.sign * carry * inside,
        gamma=carry * density / (spot * deviation),
        vega=spot * carry * density * np.sqrt(c.years) / 100.0,
        theta=(decay + c.sign * yields) / 365.0,
        rho=c.sign * c.strike * c.years * discount * money / 100.0,
    )


def american(c: Contract, spot: Floats) -> Floats:
    """Price with the right to exercise early; never below the intrinsic or the European value."""
    plain = european(c, spot)
    power = _power(c)
    critical = _critical_price(c, power)
    d1, _ = _d1(c, critical)
    slope = 1.0 - np.exp(-c.dividend * c.years) * normal_cdf(c.sign * d1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        premium = c.sign * critical / power * slope * (spot / critical) ** power
        held = plain + np.where(np.isfinite(premium), np.maximum(premium, 0.0), 0.0)
    intrinsic = np.maximum(c.sign * (spot - c.strike), 0.0)
    is_exercised = c.sign * (spot - critical) >= 0.0
    early = np.where(is_exercised, intrinsic, held)
    never = (c.sign > 0) & (c.dividend <= 0.0) | (c.sign < 0) & (c.rate <= 0.0)
    price: Floats = np.maximum(np.where(never, plain, early), np.maximum(plain, intrinsic))
    return price


def _power(c: Contract) -> Floats:
    """The exponent of the early-exercise premium: above 1 for calls, below 0 for puts."""
    variance = c.volatility**2
    m = 2.0 * c.rate / variance
    n = 2.0 * (c.rate - c.dividend) / variance
    k = -np.expm1(-c.rate * c.years)
    ratio = np.where(np.abs(c.rate) < 1e-9, 2.0 / (variance * c.years), m / np.where(k == 0, 1, k))
    power: Floats = (-(n - 1.0) + c.sign * np.sqrt((n - 1.0) ** 2 + 4.0 * ratio)) / 2.0
    return power


def _critical_price(c: Contract, power: Floats) -> Floats:
    """Where exercise is worth as much as holding on: Newton inside a shrinking bracket."""
    shape = np.broadcast(c.sign, c.strike, c.years, c.rate, c.dividend, c.volatility).shape
    strike = np.broadcast_to(c.strike, shape)
    is_call = np.broadcast_to(c.sign, shape) > 0
    low = np.where(is_call, strike, strike * 1e-4)
    high = np.where(is_call, strike * 1e4, strike)
    spot = np.where(is_call, strike * 1.15, strike * 0.87)
    carry = np.exp(-c.dividend * c.years)
    for _ in range(_CRITICAL_STEPS):
        d1, deviation = _d1(c, spot)
        inside = carry * normal_cdf(c.sign * d1)
        gap = (
            c.sign * (spot - c.strike) - european(c, spot) - c.sign * (1.0 - inside) * spot / power
        )
        slope = c.sign * (1.0 - inside) * (1.0 - 1.0 / power) + carry * normal_density(d1) / (
            deviation * power
        )
        is_above = np.where(is_call, gap > 0, gap < 0)
        high, low = np.where(is_above, spot, high), np.where(is_above, low, spot)
        step = spot - gap / np.where(slope == 0.0, 1.0, slope)
        safe = (step > low) & (step < high) & np.isfinite(step)
        following = np.where(safe, step, np.sqrt(low * high))
        if np.all(np.abs(following - spot) <= 1e-6 * strike):
            break
        spot = following
    return spot


def implied_volatility(c: Contract, spot: Floats, price: Floats) -> Floats:
    """The volatility at which the European price is `price`; 0 where there is none.

    Newton steps, replaced by halving where they would leave the bracket.

    Args:
        c: The options; their own volatility is not used.
        spot: Price of the underlying.
        price: Observed prices. One at or below the least value an option can have has no
            volatility.
    """
    shape = np.broadcast(price, spot, c.strike, c.years, c.sign).shape
    low = np.full(shape, _LEAST_VOLATILITY)
    high = np.full(shape, _MOST_VOLATILITY)
    found = np.full(shape, 0.3)

    def at(volatility: Floats) -> Contract:
        return Contract(c.sign, c.strike, c.years, c.rate, c.dividend, volatility)

    floor, top = european(at(low), spot), european(at(high), spot)
    for _ in range(_ROOT_STEPS):
        trial = at(found)
        gap = european(trial, spot) - price
        slope = greeks(trial, spot).vega * 100.0
        high, low = np.where(gap > 0, found, high), np.where(gap > 0, low, found)
        step = found - gap / np.maximum(slope, 1e-12)
        following = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        if np.all(np.abs(following - found) < 1e-10):
            break
        found = following
    has_root = (price > floor + 1e-9) & (price < top)
    answer: Floats = np.where(has_root, found, 0.0)
    return answer
