"""One module per feature; importing this package fills the registry."""

from gateway.handlers import (
    system,
    trd_account,
    trd_order,
)

__all__ = [
    "system",
    "trd_account",
    "trd_order",
]
