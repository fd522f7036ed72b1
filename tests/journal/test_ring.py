"""How much the journal keeps."""

from __future__ import annotations

from gateway.journal.ring import Entry, Journal
from gateway.wire.direction import Direction


def fill(journal: Journal, *bodies: bytes) -> list[int]:
    """Append entries and return the numbers that are left."""
    for body in bodies:
        number = journal.next_number
        journal.append(Entry(number, 0, 71, "a", Direction.PUSH, 3005, None, 0, body))
    return [entry.number for entry in journal]


def test_the_oldest_go_first() -> None:
    """By number of entries."""
    journal = Journal(3)
    assert fill(journal, *[b"x"] * 5) == [3, 4, 5]
    journal.resize(2)
    assert [entry.number for entry in journal] == [4, 5]


def test_large_bodies_push_out_old_ones() -> None:
    """By the sum of their bytes, too; a body that is too large by itself is not kept either."""
    journal = Journal(100, max_bytes=10)
    assert fill(journal, b"1234", b"1234", b"12") == [1, 2, 3]
    assert fill(journal, b"123") == [2, 3, 4]
    assert fill(journal, b"12345678901") == []
    assert fill(journal, b"1") == [6]


def test_a_journal_that_is_off_keeps_what_it_has() -> None:
    """Until it is cleared; numbers go on."""
    journal = Journal(5)
    fill(journal, b"a", b"b")
    journal.resize(0)
    assert not journal.is_on
    assert len(journal) == 2
    journal.clear()
    journal.resize(5)
    assert fill(journal, b"c") == [3]
