"""One module per feature; importing this package fills the registry."""

from gateway.handlers import (
    system,
)

__all__ = [
    "system",
]
