"""Which trade writes were answered already, so that none is carried out twice.

A client numbers its trade writes: a packet id is its connection's id and a serial number. A packet
that comes again with the same content gets the answer of the first one, also after a restart; another
content under a number that was used is refused. Source: [P] Common.PacketID "against replay"; [I] what
is answered.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from google.protobuf.message import Message

from gateway import pb
from gateway.errors import ApiError
from gateway.texts import Text
from gateway.wire.proto_ids import ProtoId
from simulator.journal import AnswerRecord, Change, Removal

REMEMBERED: Final = 100_000
"""Answers kept; a client has given up on what is older."""

PacketKey = tuple[int, int, int]
"""Protocol, connection and serial number."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked and what came of it."""

    digest: str
    """Of the request."""
    answer: Message | ApiError
    is_of_earlier_run: bool = False
    """Whether its connection ended with another run, and may be another one by now."""


def content_digest(c2s: Message) -> str:
    """What tells requests apart."""
    return sha256(c2s.SerializeToString(deterministic=True)).hexdigest()


class SeenPackets:
    """The latest trade writes of all connections."""

    def __init__(self) -> None:
        self._answered: OrderedDict[PacketKey, Answered] = OrderedDict()
        self._changes: list[Change] = []

    def find(self, key: PacketKey) -> Answered | None:
        """What was answered to that packet, if it is known."""
        return self._answered.get(key)

    def remember(self, key: PacketKey, answered: Answered) -> None:
        """Keep an answer, and forget the oldest one if there are too many."""
        self._answered[key] = answered
        self._changes.append(_to_record(key, answered))
        if len(self._answered) > REMEMBERED:
            oldest, gone = self._answered.popitem(last=False)
            self._changes.append(Removal(AnswerRecord, _to_record(oldest, gone).key))

    def take_changes(self) -> list[Change]:
        """What came since the last call and must outlive this run."""
        taken, self._changes = self._changes, []
        return taken

    def all_records(self) -> list[AnswerRecord]:
        """Everything that is remembered."""
        return [_to_record(key, answered) for key, answered in self._answered.items()]

    def forget_all(self) -> None:
        """Know nothing; nothing of it is a change."""
        self._answered.clear()
        self._changes.clear()

    def restore(self, record: AnswerRecord) -> None:
        """Remember an answer of an earlier run."""
        key = (record.proto_id, record.conn_id, record.serial)
        self._answered[key] = Answered(record.digest, _answer_of(record), is_of_earlier_run=True)


def _to_record(key: PacketKey, answered: Answered) -> AnswerRecord:
    answer = answered.answer
    if isinstance(answer, Message):
        encoded = b64encode(answer.SerializeToString()).decode()
        return AnswerRecord(*key, answered.digest, encoded)
    refusal = (answer.render("chs"), answer.render("en"))
    return AnswerRecord(*key, answered.digest, None, refusal, answer.ret_type)


def _answer_of(record: AnswerRecord) -> Message | ApiError:
    if record.answer is None:
        zh, en = (text.replace("{", "{{").replace("}", "}}") for text in record.refusal)
        return ApiError(Text(zh, en, ""), ret_type=record.ret_type)
    message: Message = getattr(pb, ProtoId(record.proto_id).name).S2C()
    message.ParseFromString(b64decode(record.answer))
    return message
