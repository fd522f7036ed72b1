"""Whether a message speaks of a security, wherever in it that may stand."""

from __future__ import annotations

from typing import Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from simulator.domain import Security

_SECURITY: Final = "Qot_Common.Security"
_CODE: Final = "code"


def mentions(message: Message, security: Security) -> bool:
    """Look for a security by market and code, or for its code where trading names it.

    Source: [P] `Qot_Common.Security` in quote messages, a text `code` in those about trading.
    """
    if message.DESCRIPTOR.full_name == _SECURITY:
        named = message.market, message.code  # type: ignore[attr-defined]
        return named == (int(security.market), security.code)
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            parts = (value,) if isinstance(value, Message) else value
            if any(mentions(part, security) for part in parts):
                return True
        elif field.name == _CODE and value == security.code:
            return True
    return False
