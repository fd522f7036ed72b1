"""Which frames a fault strikes: a function of the seed and of the order of the frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faults.rules import ALLOWED, USUAL, Fault, Kind, Subject
from gateway.faults.table import FaultTable, draw
from gateway.wire.direction import Direction
from gateway.wire.proto_ids import ProtoId
from simulator.domain import Market, Security

TENCENT = Security(Market.HK, "00700")
PUSH = frozenset({Direction.PUSH})
REPLY = frozenset({Direction.REPLY})
DROP = Fault(Kind.DROP, PUSH)


def subject(
    proto_id: int = ProtoId.Qot_UpdateTicker,
    direction: Direction = Direction.PUSH,
    conn_id: int = 1,
    client_id: str = "a",
    is_about: Callable[[Security], bool] = lambda _security: False,
) -> Subject:
    """A frame; a ticker push about nothing unless told otherwise."""
    return Subject(conn_id, client_id, proto_id, direction, is_about)


def hits(table: FaultTable, *subjects: Subject, now_ns: int = 0) -> list[bool]:
    """Whether each of some frames is struck."""
    return [bool(table.strikes(each, now_ns)) for each in subjects]


@pytest.mark.parametrize(
    ("fault", "struck", "spared"),
    [
        (DROP, subject(), subject(direction=Direction.REPLY)),
        (replace(DROP, conn_id=1), subject(), subject(conn_id=2)),
        (replace(DROP, client_id="a"), subject(), subject(client_id="b")),
        (
            replace(DROP, proto_id=ProtoId.Qot_UpdateTicker),
            subject(),
            subject(ProtoId.Qot_UpdateKL),
        ),
        (
            replace(DROP, security=TENCENT),
            subject(is_about=TENCENT.__eq__),
            subject(is_about=Security(Market.US, "AAPL").__eq__),
        ),
        (Fault(Kind.OUTLIER, PUSH), subject(), subject(ProtoId.Qot_UpdateBasicQot)),
        (
            Fault(Kind.SWALLOW, REPLY),
            subject(ProtoId.KeepAlive, Direction.REPLY),
            subject(ProtoId.TestCmd, Direction.REPLY),
        ),
        (
            Fault(Kind.SWALLOW, REPLY, proto_id=ProtoId.TestCmd),
            subject(ProtoId.TestCmd, Direction.REPLY),
            subject(ProtoId.KeepAlive, Direction.REPLY),
        ),
    ],
)
def test_a_fault_strikes_what_it_selects(fault: Fault, struck: Subject, spared: Subject) -> None:
    """By direction, connection, client, protocol and security; commands only by name."""
    table = FaultTable()
    table.add(fault, 0)

    assert hits(table, struck, spared) == [True, False]


def test_it_lets_some_pass_and_strikes_so_often() -> None:
    """`skip` and `count` count the frames that are selected; then it is over, and still listed."""
    table = FaultTable()
    number = table.add(replace(DROP, skip=2, count=3), 0)
    frames = [subject(), subject(conn_id=2)] * 4

    assert hits(table, *frames) == [False, False, True, True, True, False, False, False]
    assert [(s.fault_id, s.struck) for s in table.take_spent()] == [(number, 3)]
    assert len(table) == 0
    assert [(s.struck, s.is_over) for s in table.status()] == [(3, True)]
    assert table.clear(None) == ()
    assert table.status() == ()


def test_it_lasts_as_long_as_it_says() -> None:
    """From its begin, to the nanosecond."""
    table = FaultTable()
    table.add(replace(DROP, lasts_ns=10), 100)

    assert table.next_deadline_ns() == 110
    assert hits(table, subject(), now_ns=109) == [True]
    assert hits(table, subject(), now_ns=110) == [False]
    assert table.expire(109) == ()
    assert len(table.expire(110)) == 1
    assert table.next_deadline_ns() is None


@given(st.integers(0, 2**32), st.integers(1, 50), st.floats(0.05, 0.95))
def test_chance_repeats(seed: int, fault_id: int, probability: float) -> None:
    """The same seed, fault and number give the same draw, within [0, 1)."""
    draws = [draw(seed, fault_id, 3011, n, "hit") for n in range(200)]

    assert draws == [draw(seed, fault_id, 3011, n, "hit") for n in range(200)]
    assert all(0 <= number < 1 for number in draws)
    share = sum(number < probability for number in draws) / len(draws)
    assert share == pytest.approx(probability, abs=0.2)


def test_faults_do_not_disturb_one_anothers_chances() -> None:
    """What one fault draws does not depend on another one."""
    alone, together = FaultTable(7), FaultTable(7)
    uncertain = replace(DROP, probability=0.5)
    alone.add(uncertain, 0)
    together.add(uncertain, 0)
    together.add(replace(uncertain, kind=Kind.DUPLICATE), 0)
    frames = [subject() for _ in range(100)]

    found = [any(strike.fault_id == 1 for strike in together.strikes(frame, 0)) for frame in frames]
    assert found == hits(alone, *frames)
    assert 20 < sum(found) < 80


def test_other_protocols_do_not_disturb_chances_either() -> None:
    """A KeepAlive comes by the clock on the wall; what happens to pushes does not depend on it."""
    calm, busy = FaultTable(7), FaultTable(7)
    fault = Fault(Kind.LATENCY, frozenset(Direction), probability=0.5, delay_ns=1, jitter_ns=9)
    calm.add(fault, 0)
    busy.add(fault, 0)
    keep_alive = subject(ProtoId.KeepAlive, Direction.REPLY)
    found = []
    for _ in range(50):
        busy.strikes(keep_alive, 0)
        found.append([strike.draw for strike in busy.strikes(subject(), 0)])

    assert found == [[strike.draw for strike in calm.strikes(subject(), 0)] for _ in range(50)]


def test_connections_are_refused_so_often() -> None:
    """A refusal counts as a strike; other kinds let everybody in."""
    table = FaultTable()
    table.add(DROP, 0)
    assert not table.refuses(0)
    table.add(Fault(Kind.REFUSE, skip=1, count=2, lasts_ns=10), 0)

    assert [table.refuses(0) for _ in range(4)] == [False, True, True, False]


def test_every_kind_says_what_it_hits() -> None:
    """What a kind hits usually is something that it can hit."""
    assert set(ALLOWED) == set(USUAL) == set(Kind)
    assert all(USUAL[kind] <= ALLOWED[kind] for kind in Kind)
