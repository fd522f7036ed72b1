"""Securities and requests that quote tests share."""

from __future__ import annotations

from typing import Any, Final

from gateway.wire.proto_ids import ProtoId
from tests.support.conversation import Client

TENCENT: Final = {"market": 1, "code": "00700"}
HSBC: Final = {"market": 1, "code": "00005"}
TRACKER: Final = {"market": 1, "code": "02800"}
HANG_SENG: Final = {"market": 1, "code": "800000"}
HSI_FUTURE: Final = {"market": 1, "code": "HSImain"}
BANKS: Final = {"market": 1, "code": "LIST1079"}
APPLE: Final = {"market": 11, "code": "AAPL"}
MOUTAI: Final = {"market": 21, "code": "600519"}
NOBODY: Final = {"market": 1, "code": "99999"}

BASIC, BOOK, TICKER, RT, KL_DAY, KL_1MIN, BROKER = 1, 2, 4, 5, 6, 11, 14


def subscribe(client: Client, securities: list[Any], sub_types: list[int], **more: object) -> Any:
    """Subscribe without pushes unless told otherwise, and return the Response."""
    return client.ask(
        ProtoId.Qot_Sub,
        securityList=securities,
        subTypeList=sub_types,
        isSubOrUnSub=True,
        **more,
    )


def unsubscribe(client: Client, securities: list[Any], sub_types: list[int]) -> Any:
    """Give up subscriptions and return the Response."""
    return client.ask(
        ProtoId.Qot_Sub, securityList=securities, subTypeList=sub_types, isSubOrUnSub=False
    )


def answer(response: Any) -> Any:
    """The s2c of a success."""
    assert response.retType == 0, response.retMsg
    return response.s2c


def refusal(response: Any) -> str:
    """The text of a refusal."""
    assert response.retType == -1
    text: str = response.retMsg
    return text
