"""One module per feature; importing this package fills the registry."""

from gateway.handlers import (
    qot_history,
    qot_realtime,
    qot_screen,
    qot_static,
    qot_subscription,
    system,
    trd_account,
    trd_order,
)

__all__ = [
    "qot_history",
    "qot_realtime",
    "qot_screen",
    "qot_static",
    "qot_subscription",
    "system",
    "trd_account",
    "trd_order",
]
