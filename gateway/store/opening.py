"""`sim_store` → the store it names; what a database needs is imported only if one is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.store.base import Store, StoreError
from gateway.store.memory import MemoryStore

MEMORY: Final = "memory"
SQLITE: Final = "sqlite:"
POSTGRESQL: Final = "postgresql://"
SYNCHRONOUS: Final = ("full", "normal")


def open_store(
    place: str,
    call_soon: Callable[[Callable[[], None]], None],
    failed: Callable[[StoreError], None],
) -> Store:
    """Open a store.

    Args:
        place: `memory`, `sqlite:<path>[?synchronous=normal]` or `postgresql://…`.
        call_soon: calls a function in the thread that opens the store, from any thread.
        failed: told, in that thread, when the store has given up.

    Raises:
        StoreError: it cannot be opened.
    """
    if place == MEMORY:
        return MemoryStore()
    try:
        from gateway.store import sql  # noqa: PLC0415 - a quarter of a second, for who needs it
    except ImportError as error:
        raise StoreError(f"the Python package {error.name} is not installed") from error
    if place.startswith(SQLITE):
        path, synchronous = read_sqlite(place)
        return sql.SqlStore(
            sql.SqliteDatabase(path, synchronous), call_soon, failed, sql.PATIENCE_S
        )
    return sql.SqlStore(sql.postgres_database(place), call_soon, failed, sql.PATIENCE_S)


def read_sqlite(place: str) -> tuple[Path, str]:
    """Path and `synchronous` of `sqlite:<path>[?synchronous=…]`.

    Raises:
        StoreError: there is no path, or the option is unknown.
    """
    path, _, option = place.removeprefix(SQLITE).partition("?")
    name, _, value = option.partition("=")
    if not path or (option and (name != "synchronous" or value not in SYNCHRONOUS)):
        raise StoreError("sqlite:<path> may end with ?synchronous=full or ?synchronous=normal")
    return Path(path).expanduser(), value or "normal"


def default_place(folder: Path, api_port: int, seed: int, clock: str) -> str:
    """Where a gateway keeps its state unless told: one file per port, seed and clock.

    A port of 0 is a gateway that nobody will look for again, in a test or a build: it forgets.
    """
    if not api_port:
        return MEMORY
    name = f"state-{api_port}-seed{seed}-{clock}.sqlite3".replace(":", "")
    return f"{SQLITE}{folder / name}"
