"""Gateway time."""

import trio

from gateway.shell.clock import GatewayClock

SECOND = 1_000_000_000


async def test_time_starts_at_the_origin_and_runs_at_its_speed(autojump_clock):
    """Ten real seconds at speed 60 are ten gateway minutes."""
    clock = GatewayClock(1_000 * SECOND, speed=60)

    assert clock.now_ns() == 1_000 * SECOND

    await trio.sleep(10)

    assert abs(clock.now_ns() - 1_600 * SECOND) < 1_000_000


async def test_real_delays_shrink_with_speed_and_are_never_negative(autojump_clock):
    """A deadline one gateway minute ahead is one real second away at speed 60."""
    clock = GatewayClock(0, speed=60)

    assert abs(clock.real_delay_s(60 * SECOND) - 1.0) < 1e-6
    assert clock.real_delay_s(-5) == 0.0
    assert clock.real_ns(60 * SECOND) == SECOND


class RestlessClock(GatewayClock):
    """A clock that shows ten nanoseconds more each time it is looked at."""

    shown_ns = 0

    def now_ns(self) -> int:
        self.shown_ns += 10
        return self.shown_ns


async def test_a_deadline_that_passes_while_it_is_looked_at_is_due_now():
    """Time goes on within the calculation, too."""
    assert RestlessClock(0).real_delay_s(15) >= 0.0
