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


async def test_a_standing_clock_moves_by_steps_only(autojump_clock):
    """Neither real time nor a journey that has begun moves it; a step does, and never back."""
    clock = GatewayClock(0, is_running=False)
    await trio.sleep(10)
    assert clock.now_ns() == 0
    assert clock.real_delay_s(5) == float("inf")

    clock.travel_to(60 * SECOND)
    assert (clock.now_ns(), clock.goal_ns) == (0, 60 * SECOND)
    clock.step_to(20 * SECOND)
    clock.step_to(10 * SECOND)
    assert (clock.now_ns(), clock.goal_ns) == (20 * SECOND, 60 * SECOND)
    clock.step_to(60 * SECOND)
    assert (clock.now_ns(), clock.goal_ns) == (60 * SECOND, None)


async def test_a_running_clock_goes_on_after_a_journey(autojump_clock):
    """What passes in real time during the journey does not count."""
    clock = GatewayClock(0)
    clock.travel_to(60 * SECOND)
    await trio.sleep(3)
    clock.step_to(60 * SECOND)
    await trio.sleep(2)
    assert abs(clock.now_ns() - 62 * SECOND) < 1_000_000


async def test_pause_speed_and_limit(autojump_clock):
    """Time stops, goes on at another speed, and waits at a limit without making up for it."""
    clock = GatewayClock(0)
    clock.pause()
    await trio.sleep(5)
    assert clock.now_ns() == 0
    clock.resume()
    clock.set_speed(10)
    clock.stretch_to(20 * SECOND)
    await trio.sleep(5)
    assert clock.now_ns() == 20 * SECOND
    clock.stretch_to(100 * SECOND)
    await trio.sleep(1)
    assert abs(clock.now_ns() - 30 * SECOND) < 1_000_000
    clock.set_speed(1)
    await trio.sleep(200)
    assert abs(clock.now_ns() - 230 * SECOND) < 1_000_000
