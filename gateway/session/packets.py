"""Which trade writes were answered already, so that none is carried out twice.

A client numbers its trade writes: a packet id is its connection's id and a serial number. A packet
that comes again with the same content gets the answer of the first one; another content under a
number that was used is refused. Source: [P] Common.PacketID "against replay"; [I] what is answered.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from gateway.errors import ApiError

REMEMBERED: Final = 100_000
"""Answers kept; a client has given up on what is older."""

PacketKey = tuple[int, int, int]
"""Protocol, connection and serial number."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked and what came of it."""

    content: bytes
    answer: Message | ApiError


class SeenPackets:
    """The latest trade writes of all connections."""

    def __init__(self) -> None:
        self._answered: OrderedDict[PacketKey, Answered] = OrderedDict()

    def find(self, key: PacketKey) -> Answered | None:
        """What was answered to that packet, if it is known."""
        return self._answered.get(key)

    def remember(self, key: PacketKey, answered: Answered) -> None:
        """Keep an answer, and forget the oldest one if there are too many."""
        self._answered[key] = answered
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
