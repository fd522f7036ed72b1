"""What waits to be written to one connection."""

from functools import partial

import trio

from gateway.shell.outbox import (
    FAIR_BYTES,
    MAX_TOTAL_BYTES,
    MAX_WAITING_BYTES,
    MAX_WRITE_BYTES,
    QueuedOutbox,
    relieve,
)
from gateway.store.gate import Gate


async def test_waiting_frames_leave_in_one_write_and_in_order():
    """Frames queued while the writer was busy are joined."""
    outbox = QueuedOutbox()
    for frame in (b"a", b"bb", b"c"):
        outbox.put(frame)

    assert await outbox.take() == b"abbc"


async def test_a_write_is_bounded():
    """Large frames are not joined beyond the write size."""
    outbox = QueuedOutbox()
    big = b"x" * MAX_WRITE_BYTES
    outbox.put(big)
    outbox.put(b"y")

    assert await outbox.take() == big
    assert await outbox.take() == b"y"


async def test_the_writer_wakes_when_a_frame_comes(autojump_clock):
    """`take` waits and returns as soon as there is something."""
    outbox = QueuedOutbox()
    taken: list[bytes | None] = []

    async def write() -> None:
        taken.append(await outbox.take())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        await trio.sleep(5)

        assert taken == []

        outbox.put(b"now")

    assert taken == [b"now"]


async def test_closing_lets_queued_frames_out_and_takes_no_more():
    """After `close` the queue empties, then `take` says that it is over."""
    outbox = QueuedOutbox()
    outbox.put(b"last")
    outbox.close("bye")
    outbox.put(b"too late")

    assert await outbox.take() == b"last"
    assert await outbox.take() is None
    assert outbox.closing == "bye"


async def test_a_client_that_does_not_read_is_cut_off():
    """Beyond the limit everything is dropped and the connection aborted, once."""
    outbox = QueuedOutbox()
    aborted: list[str] = []
    outbox.abort = lambda: aborted.append("now")
    chunk = bytes(1 << 20)
    for _ in range((MAX_WAITING_BYTES >> 20) + 2):
        outbox.put(chunk)

    assert aborted == ["now"]
    assert outbox.closing == "client does not read"
    assert await outbox.take() is None


async def test_a_frame_leaves_only_once_what_it_tells_is_committed(autojump_clock):
    """What was finished before the change goes at once; the rest waits for the commit, in order."""
    gate = Gate()
    outbox = QueuedOutbox(gate=gate)
    outbox.put(b"before ")
    gate.append()
    outbox.put(b"after ")
    outbox.put(b"later")

    assert await outbox.take() == b"before "

    with trio.move_on_after(60) as waiting:
        await outbox.take()

    assert waiting.cancelled_caught

    gate.commit(1)

    assert await outbox.take() == b"after later"


async def test_each_frame_waits_for_its_own_change(autojump_clock):
    """A commit releases what it covers and no more; the writer wakes by itself."""
    gate = Gate()
    outbox = QueuedOutbox(gate=gate)
    taken: list[bytes | None] = []
    for frame in (b"one", b"two"):
        gate.append()
        outbox.put(frame)

    async def write() -> None:
        while (data := await outbox.take()) is not None:
            taken.append(data)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        await trio.sleep(1)
        assert taken == []

        gate.commit(1)
        await trio.sleep(1)
        assert taken == [b"one"]

        outbox.close("bye")
        await trio.sleep(1)
        assert taken == [b"one"]

        gate.commit(2)

    assert taken == [b"one", b"two"]


async def test_what_a_request_causes_is_sent_at_once(autojump_clock):
    """Frames put under the cork leave joined, without the writer, when it is drawn."""
    outbox = QueuedOutbox()
    sent: list[bytes] = []
    outbox.cork()
    outbox.put(b"reply ")
    outbox.put(b"push")
    assert sent == []

    outbox.send_now = lambda data: sent.append(data) or len(data)
    outbox.uncork()

    assert sent == [b"reply push"]
    assert outbox.waiting_bytes == 0
    with trio.move_on_after(60) as waiting:
        await outbox.take()
    assert waiting.cancelled_caught


async def test_the_writer_sends_what_the_socket_did_not_take():
    """A socket that takes a part leaves the rest, whole and in front of what follows."""
    outbox = QueuedOutbox()
    outbox.cork()
    outbox.put(b"0123456789")
    outbox.send_now = lambda _data: 4
    outbox.uncork()
    outbox.put(b"next")

    assert outbox.waiting_bytes == 10
    assert await outbox.take() == b"456789next"


async def test_nothing_overtakes_a_write_under_way():
    """While the writer sends, what a request causes queues behind it."""
    outbox = QueuedOutbox()
    outbox.put(b"slow")
    assert await outbox.take() == b"slow"
    outbox.cork()
    outbox.put(b"reply")
    outbox.send_now = lambda _data: 1 / 0
    outbox.uncork()

    assert await outbox.take() == b"reply"


async def test_a_corked_frame_waits_for_its_commit_too():
    """What is not committed is not sent at once, but as soon as it is; the writer has the rest."""
    gate = Gate()
    outbox = QueuedOutbox(gate=gate)
    sent: list[bytes] = []
    gate.append()
    outbox.cork()
    outbox.put(b"filled")
    outbox.send_now = lambda data: sent.append(data) or 4
    outbox.uncork()
    assert sent == []

    gate.commit(1)
    assert sent == [b"filled"]
    assert await outbox.take() == b"ed"


def test_who_reads_least_is_cut_off_when_too_much_waits_in_all():
    """Each stays below its own limit; together they may not take all memory. A fair share is safe."""
    outboxes = [QueuedOutbox() for _ in range(20)]
    for outbox in outboxes:
        outbox.relieve = partial(relieve, outboxes)
    modest, *greedy = outboxes
    modest.put(b"x" * FAIR_BYTES)
    piece = b"x" * (1 << 20)
    for number, outbox in enumerate(greedy):
        for _ in range(13 + number // 10):
            outbox.put(piece)

    cut = [outbox for outbox in outboxes if outbox.closing]
    assert {outbox.closing for outbox in cut} == {"others need the memory"}
    assert modest.closing is None
    assert 0 < len(cut) < 4
    assert sum(outbox.waiting_bytes for outbox in outboxes) <= MAX_TOTAL_BYTES
    assert all(outbox.waiting_bytes == 0 for outbox in cut)
