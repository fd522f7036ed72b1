"""Time as operators write it and read it: `500ms`, `60s`, `10m`, `1.5h`, `2d`; instants in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from telnet_ops.registry import UsageError
from telnet_ops.texts import INVALID_VALUE, Text

EXPECTED_DURATION: Final = Text(
    "时长, 如 500ms、60s、10m、1.5h、2d", "a span of time such as 500ms, 60s, 10m, 1.5h or 2d"
)
_UNITS: Final = {
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
_LONGEST_NS: Final = 36_500 * _UNITS["d"]
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")


def parse_duration(name: str, text: str) -> int:
    """Nanoseconds, at least 0 and at most a hundred years of them.

    Args:
        name: the parameter, for the refusal.
        text: what was written.

    Raises:
        UsageError: it is no span of time.
    """
    match = _DURATION.fullmatch(text)
    span_ns = int(Decimal(match[1]) * _UNITS[match[2]]) if match else None
    if span_ns is None or span_ns > _LONGEST_NS:
        raise UsageError(INVALID_VALUE, name=name, value=text, expected=EXPECTED_DURATION)
    return span_ns


def optional_duration(name: str, text: str | None) -> int | None:
    """Nanoseconds, or None for nothing written; raises as `parse_duration`."""
    return None if text is None else parse_duration(name, text)


def shown_instant(time_ns: int) -> str:
    """An instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).replace(tzinfo=None)
    return f"{moment.isoformat()}.{time_ns // 1_000_000 % 1000:03}Z"
