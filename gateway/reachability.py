"""What OpenD answers while a link to its servers is down.

Subscribed data are answered from what OpenD last heard; what only OpenD itself knows is answered as ever;
everything else gets the answer to a request that the server has left open.

Source: [O] the text; [I] that a lost link brings it, at once rather than after a while, and which
    interfaces need no server.
"""

from __future__ import annotations

from typing import Final

from gateway import texts
from gateway.errors import ApiError
from gateway.registry import Call, Route
from gateway.wire.proto_ids import ProtoId

TIMED_OUT: Final = -100
"""Source: [P] Common.RetType_TimeOut."""

_LOCAL: Final = frozenset(
    {
        ProtoId.Qot_GetSubInfo,
        ProtoId.Qot_RegQotPush,
        ProtoId.Trd_GetAccList,
        ProtoId.Trd_SubAccPush,
    }
)
_REMEMBERED: Final = frozenset(
    {
        ProtoId.Qot_GetBasicQot,
        ProtoId.Qot_GetKL,
        ProtoId.Qot_GetRT,
        ProtoId.Qot_GetTicker,
        ProtoId.Qot_GetOrderBook,
        ProtoId.Qot_GetBroker,
    }
)


def check(call: Call, route: Route) -> None:
    """Refuse what cannot be reached, and let what is remembered be told as it was.

    Raises:
        ApiError: The server that would have to answer is not there.
    """
    links = call.opend.links
    if route.proto_id in _LOCAL:
        return
    if route.is_trade:
        if links.trading_lost:
            raise ApiError(texts.SERVER_TIMED_OUT, ret_type=TIMED_OUT)
    elif route.proto_id.name.startswith("Qot_") and links.quotes_lost_ns is not None:
        if route.proto_id not in _REMEMBERED:
            raise ApiError(texts.SERVER_TIMED_OUT, ret_type=TIMED_OUT)
        call.now_ns = links.quotes_lost_ns
