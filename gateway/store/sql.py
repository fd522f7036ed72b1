"""The durable store: two tables in SQLite or PostgreSQL, written by one thread.

Every start takes an exclusive lock that ends with the process, however it ends: of a file beside
the SQLite file, or an advisory one in the PostgreSQL database. When a commit fails it is tried again
on a new connection for a while; repeating is harmless, because each record is the whole state under
its key. After that the store gives up, and what is not committed stays untold.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import sqlalchemy as sa
import structlog

from gateway.store.base import Saved, StoreError
from gateway.store.gate import Gate
from gateway.store.rows import NAMES, Row, from_row, to_row
from gateway.store.schema import FACTS, STATE, VERSION, migrate
from gateway.store.writer import Batch, GroupWriter
from simulator.journal import Change

_log: Final = structlog.get_logger()

PATIENCE_S: Final = 10.0
"""How long a failing commit is tried again: as long as clients wait for an answer. [I]"""
PAUSE_S: Final = 0.25
LOCK_PATIENCE_S: Final = 5.0
"""A server may need a moment to notice that the process that held the lock is gone."""
_ADVISORY_LOCK: Final = 0x4F70_656E_44


class Database(Protocol):
    """What differs between the two kinds of database."""

    def connect(self) -> sa.Connection:
        """Open the one connection, locked against other processes.

        Raises:
            StoreError: another process holds the lock.
            sqlalchemy.exc.SQLAlchemyError, OSError: it cannot be reached.
        """
        ...

    def release(self) -> None:
        """Let the lock go; the connection is closed already."""
        ...

    @property
    def mark(self) -> str:
        """What stands for a value in its statements."""
        ...

    @property
    def opening(self) -> str | None:
        """What begins a transaction; None: the first statement does."""
        ...


class SqliteDatabase:
    """A file in WAL mode.

    Args:
        path: of the file; its directory is made if missing.
        synchronous: `full`: a commit survives the loss of power; `normal`: the death of the
            process only, which needs no waiting for the disk.
    """

    mark: Final = "?"
    opening: Final = "BEGIN IMMEDIATE"

    def __init__(self, path: Path, synchronous: str) -> None:
        self._path = path
        self._synchronous = synchronous
        self._lock: int | None = None

    def connect(self) -> sa.Connection:
        """Lock and open the file."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(self._path)),
            poolclass=sa.NullPool,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        sa.event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(self.opening))
        connection = engine.connect()
        driver = connection.connection.cursor()
        driver.execute("PRAGMA journal_mode=WAL")
        driver.execute(f"PRAGMA synchronous={self._synchronous}")
        driver.close()
        return connection

    def release(self) -> None:
        """Unlock; the lock file stays, since removing it could race with another start."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise StoreError("another gateway is using it") from error
        self._lock = lock


class PostgresDatabase:
    """A database, or a schema named by `?options=-csearch_path%3D…`, of its own."""

    mark: Final = "%s"
    opening: Final = None

    def __init__(self, url: sa.URL) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    def connect(self) -> sa.Connection:
        """Connect and lock the schema; waits a moment for a lock whose owner just died."""
        connection = self._engine.connect()
        query = sa.text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
        until = time.monotonic() + LOCK_PATIENCE_S  # noqa: TID251 - patience is real time
        with connection.begin():
            while not connection.execute(query, {"key": _ADVISORY_LOCK % 2**31}).scalar_one():
                if time.monotonic() > until:  # noqa: TID251
                    connection.close()
                    raise StoreError("another gateway is using it")
                time.sleep(PAUSE_S)
        return connection

    def release(self) -> None:
        """Nothing: the lock ended with the connection."""


def postgres_database(place: str) -> PostgresDatabase:
    """The database of a `postgresql://` URL.

    Raises:
        StoreError: it is no such URL, or the driver is not installed.
    """
    try:
        return PostgresDatabase(sa.make_url(place).set(drivername="postgresql+psycopg"))
    except ImportError as error:
        raise StoreError(f"the Python package {error.name} is not installed") from error
    except (sa.exc.SQLAlchemyError, ValueError) as error:
        raise StoreError("this is no URL of a PostgreSQL database") from error


class SqlStore:
    """Records and facts in a database.

    Args:
        database: where they are kept.
        call_soon: calls a function in the thread that owns the gate, from any thread.
        failed: told, in that thread, when the store has given up.
        patience_s: how long a failing commit is tried again.

    Raises:
        StoreError: it cannot be opened, is in use, or was made by a newer release.
    """

    def __init__(
        self,
        database: Database,
        call_soon: Callable[[Callable[[], None]], None],
        failed: Callable[[StoreError], None],
        patience_s: float,
    ) -> None:
        self.gate = Gate()
        self._database = database
        self._call_soon = call_soon
        self._failed = failed
        self._patience_s = patience_s
        self._rows_written = 0
        self._statements = _statements(database.mark)
        try:
            self._connection: sa.Connection | None = database.connect()
            with self._connection.begin():
                found, version = migrate(self._connection)
                self._rows_written = self._connection.execute(
                    sa.select(sa.func.coalesce(sa.func.max(STATE.c.number), 0))
                ).scalar_one()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            database.release()
            raise StoreError(_reason(error)) from error
        if 0 < found < version:
            _log.info("store_migrated", from_schema=found, to_schema=version)
        self._writer = GroupWriter(self._write, self._committed, self._gave_up)

    def append(self, changes: Sequence[Change]) -> None:
        """Queue records and removals for the next commit."""
        self._writer.append(self.gate.append(), changes=changes)

    def set_fact(self, name: str, value: str) -> None:
        """Queue a fact for the next commit."""
        self._writer.append(self.gate.append(), facts=((name, value),))

    def load(self) -> Saved:
        """Read everything; to be called before anything is appended."""
        if self._connection is None:
            raise StoreError("it is closed")
        query = sa.select(STATE.c.kind, STATE.c.key, STATE.c.body).order_by(STATE.c.number)
        try:
            with self._connection.begin():
                rows = self._connection.execute(query).all()
                facts = self._connection.execute(sa.select(FACTS.c.name, FACTS.c.value)).all()
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(_reason(error)) from error
        records = tuple(from_row(Row(*row)) for row in rows)
        return Saved(records, {name: value for name, value in facts if name != VERSION})

    def close(self) -> None:
        """Commit what is queued; then disconnect and unlock."""
        self._writer.close()
        self._disconnect()
        self._database.release()

    # --- in the writer's thread ---------------------------------------------------------------

    def _write(self, batch: Batch) -> None:
        until = time.monotonic() + self._patience_s  # noqa: TID251 - patience is real time
        while True:
            try:
                self._write_once(batch)
            except (StoreError, sa.exc.SQLAlchemyError, OSError) as error:
                self._disconnect()
                if time.monotonic() + PAUSE_S > until:  # noqa: TID251
                    raise
                _log.warning("store_write_failed", reason=_reason(error), action="trying again")
                time.sleep(PAUSE_S)
            else:
                return

    def _write_once(self, batch: Batch) -> None:
        if self._connection is None:
            self._connection = self._database.connect()
        first = self._rows_written + 1
        records = (record for record in batch.records.values() if record is not None)
        rows = [(*to_row(record), number) for number, record in enumerate(records, first)]
        removed = [
            (NAMES[kind], key) for (kind, key), record in batch.records.items() if record is None
        ]
        self._commit(
            self._connection,
            (
                (self._statements.remove, removed),
                (self._statements.keep, rows),
                (self._statements.keep_fact, [*batch.facts.items()]),
            ),
        )
        self._rows_written += len(rows)

    def _commit(
        self, connection: sa.Connection, work: Sequence[tuple[str, Sequence[tuple[object, ...]]]]
    ) -> None:
        """One transaction, straight to the driver: SQLAlchemy's own way costs a round trip more.

        Raises:
            StoreError: the driver failed; the connection is then to be given up.
        """
        driver = connection.connection
        try:
            cursor = driver.cursor()
            if self._database.opening is not None:
                cursor.execute(self._database.opening)
            for statement, values in work:
                if values:
                    cursor.executemany(statement, values)
            driver.commit()
            cursor.close()
        except connection.dialect.loaded_dbapi.Error as error:
            raise StoreError(_reason(error)) from error

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except sa.exc.SQLAlchemyError as error:
                _log.debug("store_close_failed", reason=_reason(error))

    def _committed(self, number: int) -> None:
        self._call_soon(lambda: self.gate.commit(number))

    def _gave_up(self, error: Exception) -> None:
        reason = StoreError(_reason(error))
        self._call_soon(lambda: self._failed(reason))


class _Statements(NamedTuple):
    """What the writer says, in words that both kinds of database know."""

    remove: str
    keep: str
    keep_fact: str


def _statements(mark: str) -> _Statements:
    return _Statements(
        *(
            text.replace("?", mark)
            for text in _Statements(
                remove="DELETE FROM state WHERE kind = ? AND key = ?",
                keep="INSERT INTO state (kind, key, body, number) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                keep_fact="INSERT INTO facts (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            )
        )
    )


def _reason(error: Exception) -> str:
    """The driver's own first line: the rest is SQL and parameters."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
