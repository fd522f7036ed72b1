"""The whole state in one file, to be kept, sent along with a question, or put into another store.

The file is text, one JSON value a line: a head with the format and the facts, then a row per record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gateway.store.base import Saved, Store, StoreError
from gateway.store.rows import Row, from_row, to_row

FORMAT: Final = "opend-emulator state"
VERSION: Final = 1


def write_snapshot(saved: Saved, path: Path) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    head = {"format": FORMAT, "version": VERSION, "facts": dict(saved.facts)}
    lines: Iterable[object] = (head, *map(to_row, saved.records))
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        if draft.is_file():
            draft.unlink()
        raise


def read_snapshot(path: Path) -> Saved:
    """Read what `write_snapshot` wrote.

    Raises:
        OSError: it cannot be read.
        StoreError: it is something else, damaged, or of a newer release.
    """
    try:
        with path.open(encoding="utf-8") as file:
            head = json.loads(file.readline())
            if not isinstance(head, dict) or head.get("format") != FORMAT:
                raise StoreError("it is no snapshot")
            if head["version"] > VERSION:
                raise StoreError("it was made by a newer release")
            records = tuple(from_row(Row(*json.loads(line))) for line in file)
            return Saved(records, head["facts"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"it is damaged: {error}") from error


def fill_store(store: Store, saved: Saved) -> None:
    """Put a snapshot into a store that holds nothing yet.

    Raises:
        StoreError: it holds something.
    """
    if store.load().records:
        raise StoreError("the store is not empty")
    store.append(saved.records)
    for name, value in saved.facts.items():
        store.set_fact(name, value)
