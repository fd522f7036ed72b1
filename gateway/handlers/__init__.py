"""One module per feature; importing this package fills the registry."""

from gateway.handlers import (
    notify,
    qot_calendar,
    qot_capital,
    qot_history,
    qot_personal,
    qot_realtime,
    qot_screen,
    qot_static,
    qot_subscription,
    system,
    test_command,
    trd_account,
    trd_order,
    verification,
)

__all__ = [
    "notify",
    "qot_calendar",
    "qot_capital",
    "qot_history",
    "qot_personal",
    "qot_realtime",
    "qot_screen",
    "qot_static",
    "qot_subscription",
    "system",
    "test_command",
    "trd_account",
    "trd_order",
    "verification",
]
