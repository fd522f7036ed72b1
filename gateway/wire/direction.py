"""Which way a frame goes."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Which way a frame goes, and whether anybody asked for it."""

    REQUEST = "request"
    REPLY = "reply"
    PUSH = "push"
