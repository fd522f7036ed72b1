"""Trade writes are carried out once, however often their packet comes, also over a restart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message

from gateway import texts
from gateway.errors import ApiError, refusal
from gateway.pb import Common
from gateway.registry import Call
from gateway.session.packets import Answered, content_digest
from gateway.session.roster import may_be_connection_id
from gateway.wire.proto_ids import ProtoId
from simulator.errors import SimulatorError

S2C = TypeVar("S2C", bound=Message)


def answer_once(
    call: Call,
    proto_id: ProtoId,
    packet: Common.PacketID,
    c2s: Message,
    carry_out: Callable[[], S2C],
) -> S2C:
    """Carry a trade write out, or repeat the answer that its packet got.

    The `connID` of a packet is a connection's id, or the client's own count of connections, which
    then stands for the connection it came on. Source: [P] Java SDK 5.4 writes that count; [I] that
    another connection's id is refused.

    Args:
        call: The request.
        proto_id: Whose numbers count separately.
        packet: Connection and serial number, as the client wrote them.
        c2s: The whole request.
        carry_out: Does it.

    Raises:
        ApiError: The packet is another connection's, its number was used for something else, or
            the write was refused, now or the first time.
    """
    own_id = call.connection.conn_id
    conn_id = packet.connID if may_be_connection_id(packet.connID) else own_id
    key = (int(proto_id), conn_id, packet.serialNo)
    digest = content_digest(c2s)
    seen = call.opend.packets.find(key)
    is_own = conn_id == own_id
    if not is_own and (seen is None or not seen.is_of_earlier_run):
        raise ApiError(texts.PACKET_OF_ANOTHER_CONNECTION)
    if seen is None:
        seen = Answered(digest, _outcome(carry_out))
        call.opend.packets.remember(key, seen)
    elif seen.digest != digest:
        raise ApiError(texts.PACKET_NUMBER_USED, serial=packet.serialNo)
    if isinstance(seen.answer, ApiError):
        raise seen.answer
    return seen.answer  # type: ignore[return-value]


def _outcome(carry_out: Callable[[], Message]) -> Message | ApiError:
    try:
        return carry_out()
    except ApiError as error:
        return error
    except SimulatorError as error:
        return refusal(error)
