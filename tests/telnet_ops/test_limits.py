"""A sliding window admits a number of runs and forgets each exactly one window later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from telnet_ops.limits import NS_PER_S, Limit, SlidingWindow

START_NS = 1_790_000_000 * NS_PER_S


def test_admits_again_at_the_exact_nanosecond() -> None:
    """The run after the last permitted one waits until the first is one whole window old."""
    window = SlidingWindow(Limit(2, window_s=60))
    assert window.admit(START_NS)
    assert window.admit(START_NS + 7)
    assert not window.admit(START_NS + 60 * NS_PER_S - 1)
    assert window.admit(START_NS + 60 * NS_PER_S)
    assert not window.admit(START_NS + 60 * NS_PER_S + 6)
    assert window.admit(START_NS + 60 * NS_PER_S + 7)


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(steps_s: list[int], count: int) -> None:
    """Whenever runs are tried, no 60 seconds hold more admitted runs than permitted."""
    window = SlidingWindow(Limit(count, window_s=60))
    now_ns, admitted = START_NS, []
    for step_s in steps_s:
        now_ns += step_s * NS_PER_S
        if window.admit(now_ns):
            admitted.append(now_ns)
    for begin_ns in admitted:
        inside = [t for t in admitted if begin_ns <= t < begin_ns + 60 * NS_PER_S]
        assert len(inside) <= count
