"""Records as rows of text, for tables and snapshot files."""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from gateway.store.base import StoreError
from simulator.journal import KINDS, Record
from simulator.packing import PackingError, pack, unpack

NAMES: Final[dict[type[Record], str]] = {kind: name for name, kind in KINDS.items()}


_dumps: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode


class Row(NamedTuple):
    """One record as text."""

    kind: str
    key: str
    body: str
    """Compact JSON."""


def to_row(record: Record) -> Row:
    """Write a record."""
    return Row(NAMES[type(record)], record.key, _dumps(pack(record)))


def from_row(row: Row) -> Record:
    """Read a record.

    Raises:
        StoreError: it is of an unknown kind or does not fit it.
    """
    kind = KINDS.get(row.kind)
    if kind is None:
        raise StoreError(f"there is no kind of record called {row.kind}")
    try:
        return unpack(kind, json.loads(row.body))
    except (PackingError, json.JSONDecodeError) as error:
        raise StoreError(f"record {row.kind} {row.key}: {error}") from error
