"""Sliding windows: what passes, what does not, and when it passes again."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.session.limits import (
    MAX_WINDOWS,
    WINDOW_NS,
    RateLimiter,
    Rule,
    Verdict,
    WindowKey,
)
from simulator.domain import NS_PER_S

SNAPSHOT = WindowKey(3203)
MS = NS_PER_S // 1000


def admit_all(limiter: RateLimiter, rule: Rule, times: list[int]) -> list[Verdict]:
    return [limiter.admit(SNAPSHOT, rule, time_ns) for time_ns in times]


def test_burst_of_n_passes_and_the_next_is_refused():
    """n requests at one instant pass; one more does not."""
    verdicts = admit_all(RateLimiter(), Rule(60), [5] * 61)

    assert verdicts == [Verdict.ADMITTED] * 60 + [Verdict.TOO_MANY]


def test_next_request_is_more_than_thirty_seconds_after_the_first():
    """At exactly 30 s the window is still full; one nanosecond later it has slid on."""
    limiter, rule = RateLimiter(), Rule(2)
    admit_all(limiter, rule, [1_000, 2_000])

    assert limiter.admit(SNAPSHOT, rule, 1_000 + WINDOW_NS) is Verdict.TOO_MANY
    assert limiter.admit(SNAPSHOT, rule, 1_001 + WINDOW_NS) is Verdict.ADMITTED
    assert limiter.admit(SNAPSHOT, rule, 2_000 + WINDOW_NS) is Verdict.TOO_MANY
    assert limiter.admit(SNAPSHOT, rule, 2_001 + WINDOW_NS) is Verdict.ADMITTED


def test_even_pace_is_never_refused():
    """60 in 30 s, one each half second and a nanosecond, pass for ever."""
    times = [i * (WINDOW_NS // 60 + 1) for i in range(600)]

    assert {Verdict.ADMITTED} == set(admit_all(RateLimiter(), Rule(60), times))


def test_refused_requests_do_not_prolong_the_wait():
    """A client that keeps asking is served once the window has slid on."""
    limiter, rule = RateLimiter(), Rule(1)
    limiter.admit(SNAPSHOT, rule, 0)
    refused = admit_all(limiter, rule, [i * NS_PER_S for i in range(1, 31)])

    assert {Verdict.TOO_MANY} == set(refused)
    assert limiter.admit(SNAPSHOT, rule, WINDOW_NS + 1) is Verdict.ADMITTED


def test_spacing_allows_exactly_its_length():
    """Two requests may be 20 ms apart, not a nanosecond less."""
    limiter, rule = RateLimiter(), Rule(15, spacing_ns=20 * MS)
    limiter.admit(SNAPSHOT, rule, 0)

    assert limiter.admit(SNAPSHOT, rule, 20 * MS - 1) is Verdict.TOO_SOON
    assert limiter.admit(SNAPSHOT, rule, 20 * MS) is Verdict.ADMITTED


def test_spacing_can_be_left_out():
    """The number still counts where the distance does not."""
    limiter, rule = RateLimiter(keeps_spacing=False), Rule(2, spacing_ns=20 * MS)

    verdicts = admit_all(limiter, rule, [0, 0, 0])

    assert verdicts == [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.TOO_MANY]


def test_full_window_is_named_before_the_spacing():
    """A request that offends both is refused for the number."""
    limiter, rule = RateLimiter(), Rule(1, spacing_ns=20 * MS)
    limiter.admit(SNAPSHOT, rule, 0)

    assert limiter.admit(SNAPSHOT, rule, 1) is Verdict.TOO_MANY


def test_windows_are_apart():
    """Neither another protocol nor another account is in the way."""
    limiter, rule = RateLimiter(), Rule(1)
    keys = [WindowKey(2201, 1), WindowKey(2201, 2), WindowKey(2201), WindowKey(2102, 1)]

    assert {Verdict.ADMITTED} == {limiter.admit(key, rule, 0) for key in keys}
    assert {Verdict.TOO_MANY} == {limiter.admit(key, rule, 0) for key in keys}


def test_memory_is_bounded():
    """Invented account ids push out the windows that were not used for the longest time."""
    limiter, rule = RateLimiter(), Rule(1)
    for account_id in range(MAX_WINDOWS + 1):
        limiter.admit(WindowKey(2201, account_id), rule, 0)

    assert len(limiter._admitted) == MAX_WINDOWS
    assert limiter.admit(WindowKey(2201, MAX_WINDOWS), rule, 0) is Verdict.TOO_MANY
    assert limiter.admit(WindowKey(2201, 0), rule, 0) is Verdict.ADMITTED


@given(
    n=st.integers(1, 5),
    spacing=st.integers(0, 3),
    gaps=st.lists(st.integers(0, 12).map(lambda sixths: sixths * WINDOW_NS // 6), max_size=60),
    nudges=st.lists(st.integers(0, 2), min_size=60, max_size=60),
)
def test_limiter_agrees_with_counting_by_hand(n, spacing, gaps, nudges):
    """Whatever the pace, verdicts are those of a list of all admitted times."""
    limiter, rule = RateLimiter(), Rule(n, spacing)
    now_ns, admitted = 0, []
    for gap, nudge in zip(gaps, nudges, strict=False):
        now_ns += gap + nudge
        in_window = [time_ns for time_ns in admitted if now_ns - time_ns <= WINDOW_NS]
        if len(in_window) >= n:
            expected = Verdict.TOO_MANY
        elif admitted and now_ns - admitted[-1] < spacing:
            expected = Verdict.TOO_SOON
        else:
            expected = Verdict.ADMITTED
            admitted.append(now_ns)

        assert expected is limiter.admit(SNAPSHOT, rule, now_ns)
