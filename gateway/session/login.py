"""What is global to one OpenD: who is logged in, with which quote rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

SERVER_VERSION: Final = 1011
"""Major × 100 + minor of the OpenD we behave like. Source: [O] opend_facts 4.2."""

SERVER_BUILD: Final = 7108
SERVER_RELEASE: Final = "10.11.7108"

DEFAULT_TRADE_PASSWORD_MD5: Final = "e10adc3949ba59abbe56e057f20f883e"  # noqa: S105 - public
"""Of 123456, the trade password in all samples [D]."""


class ProgramStatus(IntEnum):
    """Source: [P] Common.ProgramStatusType."""

    LOADED = 1
    LOGGING_IN = 2
    LOGIN_FAILED = 5
    READY = 10


class QuoteRight(IntEnum):
    """Source: [P] Qot_Common.QotRight."""

    BMP = 1
    LEVEL1 = 2
    LEVEL2 = 3
    SF = 4
    NONE = 5


@dataclass(frozen=True, slots=True)
class QuoteRights:
    """The right per market and product. Source: [D] a mainland user with the free and promoted rights."""

    hk_stock: QuoteRight = QuoteRight.LEVEL2
    hk_option: QuoteRight = QuoteRight.LEVEL2
    hk_future: QuoteRight = QuoteRight.LEVEL2
    us_stock: QuoteRight = QuoteRight.LEVEL2
    us_option: QuoteRight = QuoteRight.LEVEL1
    us_future: QuoteRight = QuoteRight.LEVEL2
    us_index: QuoteRight = QuoteRight.LEVEL1
    us_otc: QuoteRight = QuoteRight.NONE
    cn: QuoteRight = QuoteRight.LEVEL1
    sg_future: QuoteRight = QuoteRight.LEVEL2
    jp_future: QuoteRight = QuoteRight.LEVEL2
    sg_stock: QuoteRight = QuoteRight.NONE
    my_stock: QuoteRight = QuoteRight.NONE
    jp_stock: QuoteRight = QuoteRight.NONE
    crypto: QuoteRight = QuoteRight.NONE
    event_contract: QuoteRight = QuoteRight.NONE


@dataclass(slots=True)
class Login:
    """The user that this OpenD is logged in as."""

    user_id: int = 100_086_001
    """Nine digits, as real ones [O]."""
    nickname: str = "OpenD Emulator"
    user_attribution: int = 1
    """Source: [P] Common.UserAttribution: 1 is a mainland user."""
    status: ProgramStatus = ProgramStatus.READY
    quotes_connected: bool = True
    trading_connected: bool = True
    history_quota: int = 1000
    """The same tier as the subscription quota. Source: [D]."""
    trade_password_md5: str = DEFAULT_TRADE_PASSWORD_MD5
    trading_unlocked: bool = False
    """Whether real accounts may trade; one state for all connections. Source: [D]."""
    rights: QuoteRights = field(default_factory=QuoteRights)
