"""Frames that are kept back: when they leave, and in which order."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from gateway.faults.holding import REORDER_PATIENCE_NS, Holding

ONE = frozenset({1})


class Line:
    """A connection that notes what leaves, and when."""

    def __init__(self) -> None:
        self.holding = Holding()
        self.left: list[tuple[str, int]] = []

    def hold(self, name: str, due_ns: int, fault_ids: frozenset[int] = ONE) -> None:
        self.holding.hold(due_ns, 71, fault_ids, partial(self.note, name))

    def note(self, name: str, now_ns: int) -> None:
        self.left.append((name, now_ns))


def test_frames_leave_when_they_are_due() -> None:
    """Not before, and in the order of their instants."""
    line = Line()
    line.hold("late", 20)
    line.hold("early", 10)
    assert line.holding.next_deadline_ns() == 10
    line.holding.release(9)
    assert line.left == []
    line.holding.release(25)

    assert line.left == [("early", 25), ("late", 25)]
    assert line.holding.next_deadline_ns() is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 100)), max_size=30))
def test_a_late_line_keeps_its_order(frames: list[tuple[int, int]]) -> None:
    """However long each is delayed, none overtakes one that the same fault delays; others do."""
    holding, now_ns, dues = Holding(), 0, []
    for pause_ns, delay_ns in frames:
        now_ns += pause_ns
        due_ns = holding.delay(1, 71, now_ns, delay_ns)
        assert due_ns >= now_ns + delay_ns
        dues.append(due_ns)

    assert dues == sorted(dues)
    assert holding.delay(2, 71, 5, 0) == 5
    assert holding.delay(1, 72, 5, 0) == 5


def test_a_narrow_line_takes_its_time() -> None:
    """So many bytes a second, one frame after the other; a pause is not saved up."""
    holding = Holding()
    assert holding.squeeze(1, 71, 0, 500, 1000) == 500_000_000
    assert holding.squeeze(1, 71, 0, 250, 1000) == 750_000_000
    assert holding.squeeze(1, 71, 10**9, 250, 1000) == 1_250_000_000


def test_a_fault_that_ends_lets_everything_go() -> None:
    """At once and in order; what another fault holds stays."""
    line = Line()
    line.hold("b", 30)
    line.hold("a", 20)
    line.hold("other", 10, frozenset({2}))
    line.holding.release_fault(1, 5)
    assert line.left == [("a", 5), ("b", 5)]
    line.holding.release(99)

    assert line.left[2:] == [("other", 99)]


def test_a_connection_that_ends_takes_its_frames_along() -> None:
    """Nothing is sent to it any more."""
    line = Line()
    line.hold("lost", 10)
    line.holding.overtake(2, 71, 0, partial(line.note, "lost too"))
    line.holding.drop_connection(71)
    line.holding.release(10**12)

    assert line.left == []
    assert line.holding.next_deadline_ns() is None


def test_a_push_waits_to_be_overtaken() -> None:
    """By the next one, or for a second; then the next pair begins."""
    line = Line()
    send = {name: partial(line.note, name) for name in "abc"}
    assert line.holding.overtake(1, 71, 0, send["a"]) is None
    earlier = line.holding.overtake(1, 71, 5, send["b"])
    assert earlier is send["a"]
    assert line.holding.overtake(1, 71, 10, send["c"]) is None
    line.holding.release(10 + REORDER_PATIENCE_NS)

    assert line.left == [("c", 10 + REORDER_PATIENCE_NS)]
    assert line.holding.overtake(1, 71, 0, send["a"]) is None
