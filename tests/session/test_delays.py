"""Delay statistics: segments, averages, bounded memory."""

from datetime import datetime

import pytest

from gateway.session.delays import (
    KEPT_ORDERS,
    Delays,
    PushKind,
    PushStage,
    default_segments,
    histogram,
    next_reset_ns,
)
from simulator.domain import NS_PER_DAY, NS_PER_S

MS = 1_000_000


def test_default_segments_are_opends():
    """Every 2 ms to 100, then 500, 1000, 2000 and the open one."""
    ends = default_segments()

    assert ends[:3] == (2, 4, 6)
    assert ends[-5:] == (100, 500, 1000, 2000, -1)


def test_segments_are_closed_below_and_open_above():
    """A delay of exactly 2 ms lies in [2, 4)."""
    segments = histogram([0, 2 * MS - 1, 2 * MS, 900 * MS], (2, 4, -1))

    assert [s.count for s in segments] == [2, 1, 1]
    assert [s.cumulative_percent for s in segments] == [50.0, 75.0, 100.0]


def test_an_empty_histogram_has_no_share():
    """No samples: zero percent everywhere."""
    assert [s.percent for s in histogram([], (2, -1))] == [0.0, 0.0]


def test_requests_and_orders_are_counted():
    """Requests add up per protocol; an order remembers when the venue took it, once."""
    delays = Delays()
    delays.record_request(1004, 10)
    delays.record_request(1004, 30)
    delays.record_order(7, took_ns=5, now_ns=100)
    delays.record_accepted(7, 150)
    delays.record_accepted(7, 999)
    delays.record_accepted(8, 999)

    assert (delays.requests[1004].count, delays.requests[1004].total_ns) == (2, 40)
    assert delays.orders[7].accepted_ns == 150
    assert 8 not in delays.orders


def test_old_orders_make_room():
    """Only the latest orders are kept."""
    delays = Delays()
    for order_id in range(KEPT_ORDERS + 1):
        delays.record_order(order_id, 1, 1)

    assert len(delays.orders) == KEPT_ORDERS
    assert 0 not in delays.orders


def test_stages_of_a_push_add_up():
    """From the server's receipt to our sending is being late plus being handled."""
    delays = Delays()
    delays.record_push(PushKind.TICKER, late_ns=-5, handled_ns=7)
    push = delays.pushes[PushKind.TICKER][0]

    stages = {stage: push.stage_ns(stage) for stage in PushStage}

    assert stages == {
        PushStage.SR2SS: 0,
        PushStage.SS2CR: 0,
        PushStage.CR2CS: 7,
        PushStage.SS2CS: 7,
        PushStage.SR2CS: 7,
    }

    delays.clear()

    assert not delays.pushes[PushKind.TICKER]


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        ("2026-01-15T05:59:59+08:00", "2026-01-15T06:00:00+08:00"),
        ("2026-01-15T06:00:00+08:00", "2026-01-16T06:00:00+08:00"),
        ("2026-01-15T23:59:00+08:00", "2026-01-16T06:00:00+08:00"),
        ("2026-01-16T00:30:00+08:00", "2026-01-16T06:00:00+08:00"),
    ],
)
def test_the_next_reset_is_six_in_beijing(now, reset):
    """At the instant itself the next day's counts."""
    assert next_reset_ns(_ns(now)) == _ns(reset)


def test_figures_are_cleared_at_the_reset():
    """Not before, once, and then a day later again."""
    morning = _ns("2026-01-15T06:00:00+08:00")
    delays = Delays(next_reset_ns=morning)
    delays.record_request(1004, 10)
    delays.roll(morning - 1)
    assert delays.requests[1004].count == 1

    delays.roll(morning + 3 * NS_PER_DAY)
    assert not delays.requests
    assert delays.next_reset_ns == morning + 4 * NS_PER_DAY


def test_figures_stay_where_there_is_no_reset():
    """Statistics without a day never end."""
    delays = Delays()
    delays.record_request(1004, 10)
    delays.roll(_ns("2036-01-15T06:00:00+08:00"))

    assert delays.requests[1004].count == 1


def _ns(text):
    return int(datetime.fromisoformat(text).timestamp()) * NS_PER_S
