"""An outbox that keeps what it is given."""

from __future__ import annotations


class FakeOutbox:
    """Keeps what a connection was sent, in order."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.closed: str | None = None

    def put(self, frame: bytes) -> None:
        """Keep a frame, as long as the connection lives."""
        if self.closed is None:
            self.frames.append(frame)

    def close(self, reason: str) -> None:
        """Remember why."""
        self.closed = reason
