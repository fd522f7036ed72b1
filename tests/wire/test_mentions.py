"""Messages that speak of a security, wherever it stands in them."""

from __future__ import annotations

import pytest

from gateway import pb
from gateway.wire.mentions import mentions
from simulator.domain import Market, Security

TENCENT = Security(Market.HK, "00700")
HERE = {"market": 1, "code": "00700"}
ELSEWHERE = {"market": 11, "code": "00700"}


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("Qot_GetBasicQot.Request", {"c2s": {"securityList": [ELSEWHERE, HERE]}}, True),
        ("Qot_GetBasicQot.Request", {"c2s": {"securityList": [ELSEWHERE]}}, False),
        ("Qot_GetKL.Request", {"c2s": {"rehabType": 0, "klType": 1, "reqNum": 1, "security": HERE}}, True),
        ("Qot_UpdateTicker.Response", {"retType": 0, "s2c": {"security": HERE}}, True),
        ("Qot_UpdateTicker.Response", {"retType": 0}, False),
        ("KeepAlive.Request", {"c2s": {"time": 700}}, False),
    ],
)  # fmt: skip
def test_quotes_name_market_and_code(name: str, content: dict[str, object], found: bool) -> None:
    """Both must fit."""
    assert mentions(pb.message_type(name)(**content), TENCENT) is found


def test_trading_names_the_code_alone() -> None:
    """Whatever the market of the order is called."""
    c2s = {
        "packetID": {"connID": 1, "serialNo": 1},
        "header": {"trdEnv": 0, "accID": 1, "trdMarket": 1},
        "trdSide": 1,
        "orderType": 1,
        "code": "00700",
        "qty": 100,
    }
    order = pb.message_type("Trd_PlaceOrder.Request")(c2s=c2s)
    assert mentions(order, TENCENT)
    assert not mentions(order, Security(Market.HK, "09988"))
