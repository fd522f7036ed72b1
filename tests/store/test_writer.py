"""What came while the last commit ran goes together."""

from __future__ import annotations

import threading

from gateway.store.writer import Batch, GroupWriter
from simulator.journal import CounterRecord
from tests.support.records import trading_day


class SlowDisk:
    """A disk that finishes a commit when the test says so."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.began = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.began.release()
        assert self.may_end.acquire(timeout=10)


def test_one_commit_takes_all_that_waited():
    """Three changes during the first commit become one second commit, of which the last is told."""
    disk, told = SlowDisk(), []
    writer = GroupWriter(disk.write, told.append, told.append)
    writer.append(1, [CounterRecord(1, 0)])
    assert disk.began.acquire(timeout=10)
    writer.append(2, [CounterRecord(2, 0)])
    writer.append(3, trading_day())
    writer.append(4, facts=[("clock", "now")])
    disk.may_end.release(2)
    writer.close()

    assert [batch.number for batch in disk.batches] == [1, 4]
    assert disk.batches[1].facts == {"clock": "now"}
    assert told == [1, 4]


def test_of_two_records_with_one_key_the_later_one_is_written():
    """Within a commit a thing is written once, in its newest state."""
    disk, told = SlowDisk(), []
    disk.may_end.release(2)
    writer = GroupWriter(disk.write, told.append, told.append)
    writer.append(1, [CounterRecord(1, 0), CounterRecord(2, 1)])
    writer.close()

    assert list(disk.batches[0].records.values()) == [CounterRecord(2, 1)]


def test_after_an_error_nothing_is_written_or_told():
    """The error is told once; later changes stay uncommitted."""
    told: list[object] = []
    failure = OSError("disk full")

    def fail(_batch: Batch) -> None:
        raise failure

    writer = GroupWriter(fail, told.append, told.append)
    writer.append(1)
    writer.append(2)
    writer.close()

    assert told == [failure]


def test_closing_writes_what_is_queued():
    """Nothing is lost on the way out."""
    disk, told = SlowDisk(), []
    disk.may_end.release(5)
    writer = GroupWriter(disk.write, told.append, told.append)
    for number in range(1, 4):
        writer.append(number, [CounterRecord(number, 0)])
    writer.close()

    assert told[-1] == 3
