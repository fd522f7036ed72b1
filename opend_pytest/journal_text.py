"""The journal below a failed test: the last entries of each connection."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from opend_pytest.fault_control import Entry

TAIL: Final = 12
"""Entries shown of each connection."""
_WIDTH: Final = 160


def tails(entries: Iterable[Entry]) -> str:
    """One paragraph per connection, in the order of their first entries.

    Args:
        entries: Of the journal, oldest first.
    """
    by_connection: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        key = str(entry["conn_id"]), str(entry["client"])
        by_connection.setdefault(key, []).append(entry)
    return "\n\n".join(
        "\n".join([f"connection {conn_id} ({client})", *map(_line, found[-TAIL:])])
        for (conn_id, client), found in by_connection.items()
    )


def _line(entry: Entry) -> str:
    serial = "" if entry["serial"] is None else f" #{entry['serial']}"
    fate = "".join(f" [{name}]" for name in entry["faults"])
    if not entry["delivered"]:
        fate += " not delivered"
    refusal = ""
    if entry.get("ret_type"):
        refusal = f" retType {entry['ret_type']}: {entry['ret_msg']}"
    content = json.dumps(entry["message"], ensure_ascii=False)
    if len(content) > _WIDTH:
        content = f"{content[:_WIDTH]}..."
    time = entry["time"].partition("T")[2]
    return (
        f"{entry['n']:>6} {time} {entry['direction']:<7} {entry['protocol']}{serial}{fate}"
        f"{refusal} {content}"
    )
