"""What the broker itself writes into orders."""

from __future__ import annotations

from typing import Final

MARKET_CLOSED: Final = "market_closed"
"""`last_error` of a market order that reached the venue after its session had ended. [I]"""

CROSSED: Final = "absolute_limit_crossed"
"""`last_error` of an absolute limit order that could have traded at a better price only. [D]"""

UNAFFORDABLE: Final = "insufficient_buying_power"
"""`last_error` of an order that woke when the account could not pay for it any more. [I]"""

FORCED_REMARK: Final = "forced_liquidation"
"""`remark` of orders that the broker itself sends. [I]"""
