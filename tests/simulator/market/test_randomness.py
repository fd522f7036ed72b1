"""Counter-based random numbers."""

import numpy as np
import pytest

from simulator.market.randomness import (
    heavy_tailed,
    lane,
    normals,
    spread_evenly,
    stream_key,
    uniform,
    uniforms,
)

KEY = stream_key(7, "test")
MANY = np.arange(200_000, dtype=np.uint64)


def test_a_cell_is_the_same_alone_and_in_a_batch():
    """One draw equals the same cell of any batch."""
    batch = uniforms(KEY, MANY[:500])
    assert [uniform(KEY, n) for n in range(500)] == batch.tolist()
    assert uniforms(KEY, MANY[100:103]).tolist() == batch[100:103].tolist()


def test_lanes_and_keys_are_independent():
    """Neighbouring streams share nothing visible."""
    a, b = uniforms(lane(KEY, 0), MANY), uniforms(lane(KEY, 1), MANY)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.01
    assert stream_key(1, "a") != stream_key(1, "b") != stream_key(2, "b")


@pytest.mark.parametrize(("draw", "kurtosis"), [(normals, (2.9, 3.1)), (heavy_tailed, (5, 200))])
def test_moments(draw, kurtosis):
    """Both laws have mean 0 and variance 1; one has heavy tails."""
    x = draw(KEY, MANY)
    assert abs(x.mean()) < 0.01
    assert x.var() == pytest.approx(1.0, abs=0.05)
    assert kurtosis[0] < (x**4).mean() < kurtosis[1]


def test_spreading_sums_exactly():
    """Whole parts in proportion add up to the whole."""
    weights = uniforms(KEY, np.arange(40, dtype=np.uint64).reshape(4, 10))
    totals = np.array([0, 1, 7, 1_000_003])
    parts = spread_evenly(weights, totals)
    assert parts.sum(axis=1).tolist() == totals.tolist()
    assert (parts >= 0).all()
