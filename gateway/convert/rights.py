"""The quote rights as GetUserInfo and the notice of their change write them."""

from __future__ import annotations

from typing import Final

from gateway.pb import GetUserInfo, Notify
from gateway.session.quote_rights import QuoteRight, QuoteRights

_FIELDS: Final = {
    "hkQotRight": "hk_stock",
    "usQotRight": "us_stock",
    "cnQotRight": "cn",
    "hkOptionQotRight": "hk_option",
    "hkFutureQotRight": "hk_future",
    "usFutureQotRight": "us_future",
    "usOptionQotRight": "us_option",
    "usIndexQotRight": "us_index",
    "usOtcQotRight": "us_otc",
    "usCMEFutureQotRight": "us_future",
    "usCBOTFutureQotRight": "us_future",
    "usNYMEXFutureQotRight": "us_future",
    "usCOMEXFutureQotRight": "us_future",
    "usCBOEFutureQotRight": "us_future",
    "sgFutureQotRight": "sg_future",
    "jpFutureQotRight": "jp_future",
    "shQotRight": "cn",
    "szQotRight": "cn",
    "ccQotRight": "crypto",
    "sgStockQotRight": "sg_stock",
    "myStockQotRight": "my_stock",
    "jpStockQotRight": "jp_stock",
    "ecQotRight": "event_contract",
}


def write_rights(message: GetUserInfo.S2C | Notify.QotRight, rights: QuoteRights) -> None:
    """Fill all fields about rights, which both messages name alike."""
    for name, product in _FIELDS.items():
        setattr(message, name, getattr(rights, product))
    message.hasUSOptionQotRight = rights.us_option is not QuoteRight.NONE
