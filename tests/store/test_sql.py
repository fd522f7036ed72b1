"""Records outlive the process in SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.store.base import Store, StoreError
from gateway.store.memory import MemoryStore
from gateway.store.opening import default_place, open_store, read_sqlite
from gateway.store.rows import Row, from_row, to_row
from gateway.store.snapshot import fill_store, read_snapshot, write_snapshot
from gateway.store.sql import SqliteDatabase, SqlStore
from simulator.accounts.ledger import EntryKind, LedgerEntry
from simulator.journal import CounterRecord, LedgerRecord, Removal
from simulator.packing import pack
from tests.support import postgresql_server
from tests.support.records import trading_day

SCHEMA_1 = Path(__file__).parent / "schema_1.sql"


def opened(place: str, failures: list[StoreError] | None = None) -> Store:
    errors = [] if failures is None else failures
    return open_store(place, lambda call: call(), errors.append)


def packed(records) -> list[object]:
    return [(type(record), pack(record)) for record in records]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    if not postgresql_server.is_installed():
        pytest.skip("no PostgreSQL server here")
    with postgresql_server.running() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """An empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/new/state.sqlite3"
    url = request.getfixturevalue("postgresql")
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP VIEW IF EXISTS orders, fills, ledger"))
        connection.execute(text("DROP TABLE IF EXISTS state, facts"))
    engine.dispose()
    return url


def test_everything_comes_back_in_order(place):
    """Records of all kinds, oldest key first, and facts."""
    records = trading_day()
    store = opened(place)
    store.append(records)
    store.set_fact("world", "seed 1")
    store.close()
    again = opened(place)
    saved = again.load()
    again.close()

    assert packed(saved.records) == packed(records)
    assert saved.facts == {"world": "seed 1"}


def test_a_newer_record_takes_the_place_of_the_older_one(place):
    """The key keeps its place in the order."""
    store = opened(place)
    store.append([CounterRecord(1, 0), *trading_day()[:1]])
    store.close()
    store = opened(place)
    store.append([CounterRecord(7, 3)])
    store.close()
    again = opened(place)
    saved = again.load()
    again.close()

    assert saved.records[0] == CounterRecord(7, 3)
    assert len(saved.records) == 2


def test_what_was_removed_is_gone(place):
    """Also if it was written in the same commit; what is written after a removal stays."""
    first = trading_day()
    store = opened(place)
    store.append(first)
    store.close()
    store = opened(place)
    store.append([Removal(type(record), record.key) for record in first])
    store.append([CounterRecord(9, 9)])
    store.close()
    again = opened(place)
    saved = again.load()
    again.close()

    assert saved.records == (CounterRecord(9, 9),)


def test_all_is_committed_once_the_store_is_closed(place):
    """The gate opens as far as was appended."""
    store = opened(place)
    for _ in range(50):
        store.append(trading_day())
    store.close()

    assert store.gate.appended == store.gate.committed == 50


def test_a_second_gateway_is_kept_out(place, monkeypatch):
    """While one uses the store another one gets a clear error; afterwards it may."""
    monkeypatch.setattr("gateway.store.sql.LOCK_PATIENCE_S", 0)
    store = opened(place)
    with pytest.raises(StoreError, match="another gateway is using it"):
        opened(place)
    store.close()
    opened(place).close()


def test_a_store_of_a_newer_release_is_refused(place):
    """It is left as it is."""
    store = opened(place)
    store.set_fact("schema_version", "99")
    store.close()

    with pytest.raises(StoreError, match="newer release"):
        opened(place)


def test_people_can_look_at_orders_fills_and_ledger(place):
    """The views show columns."""
    from sqlalchemy import create_engine, make_url, text  # noqa: PLC0415

    store = opened(place)
    store.append(trading_day())
    store.close()
    url = make_url(place.replace("sqlite:", "sqlite:///"))
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.connect() as connection:
        orders = connection.execute(text("SELECT code, filled_quantity FROM orders")).all()
        fills = connection.execute(text("SELECT code, quantity FROM fills")).all()
        count = connection.execute(text("SELECT count(*) FROM ledger")).scalar_one()
    engine.dispose()

    assert sorted((code, int(filled)) for code, filled in orders) == [("00700", 0), ("00700", 100)]
    assert [(code, int(quantity)) for code, quantity in fills] == [("00700", 100)]
    assert count == sum(isinstance(record, LedgerRecord) for record in trading_day())


def test_a_file_of_schema_1_is_brought_up_to_date(tmp_path):
    """Its records are there, and the views of schema 2 too."""
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA_1.read_text(encoding="utf-8"))
    store = opened(f"sqlite:{path}")
    saved = store.load()
    store.close()
    with sqlite3.connect(path) as database:
        views = database.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        version = database.execute("SELECT value FROM facts WHERE name = 'schema_version'")
        found = version.fetchone()
    database.close()

    assert saved.records == (CounterRecord(2, 1),)
    assert sorted(views) == [("fills",), ("ledger",), ("orders",)]
    assert found == ("2",)


def test_a_full_disk_stops_the_store_and_keeps_what_was_committed(tmp_path):
    """The error is named, the gate stays shut, and the file can be read afterwards."""
    path = tmp_path / "state.sqlite3"
    failures: list[StoreError] = []

    class SmallDisk(SqliteDatabase):
        def connect(self):
            connection = super().connect()
            connection.connection.cursor().execute("PRAGMA max_page_count=12").close()
            return connection

    entry = LedgerEntry(0, EntryKind.DEPOSIT, Decimal(1))
    store = SqlStore(SmallDisk(path, "normal"), lambda call: call(), failures.append, 0.0)
    store.append([CounterRecord(1, 0)])
    store.append([LedgerRecord(1, number, entry) for number in range(1_000)])
    store.close()
    again = opened(f"sqlite:{path}")
    saved = again.load()
    again.close()

    assert [str(failure) for failure in failures] == ["database or disk is full"]
    assert store.gate.committed < store.gate.appended
    assert len(saved.records) in {0, 1}


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("sqlite:", "sqlite:<path>"),
        ("sqlite:x?synchronous=off", "synchronous=full"),
        ("sqlite:/proc/none/state", "No such file|not permitted|Permission"),
        ("postgresql://nobody@127.0.0.1:1/none", "refused"),
    ],
)
def test_a_place_that_cannot_be_opened_is_named_in_one_line(place, text):
    """No traceback, no SQL, no parameters."""
    with pytest.raises(StoreError, match=text) as caught:
        opened(place)

    assert "\n" not in str(caught.value)


def test_where_a_state_is_kept_unless_told(tmp_path):
    """One file per port, seed and clock; a gateway on any free port forgets."""
    place = default_place(tmp_path, 11111, 1, "open")

    assert place == f"sqlite:{tmp_path}/state-11111-seed1-open.sqlite3"
    assert read_sqlite(place) == (tmp_path / "state-11111-seed1-open.sqlite3", "normal")
    assert read_sqlite(f"{place}?synchronous=full")[1] == "full"
    assert default_place(tmp_path, 0, 1, "open") == "memory"
    assert isinstance(opened("memory"), MemoryStore)


def test_rows_that_fit_nothing_are_refused():
    """Damage is named by kind and key."""
    with pytest.raises(StoreError, match="no kind of record called gift"):
        from_row(Row("gift", "1", "{}"))
    with pytest.raises(StoreError, match="record counter ids: "):
        from_row(Row("counter", "ids", '{"orders": 1}'))
    with pytest.raises(StoreError, match="record counter ids: "):
        from_row(Row("counter", "ids", "{"))

    assert from_row(to_row(CounterRecord(1, 2))) == CounterRecord(1, 2)


def test_a_snapshot_moves_the_state_from_store_to_store(tmp_path):
    """From memory through a file to SQLite."""
    memory = MemoryStore()
    memory.append(trading_day())
    memory.set_fact("world", "seed 1")
    write_snapshot(memory.load(), tmp_path / "state.json")
    store = opened(f"sqlite:{tmp_path}/state.sqlite3")
    fill_store(store, read_snapshot(tmp_path / "state.json"))
    store.close()
    store = opened(f"sqlite:{tmp_path}/state.sqlite3")
    saved = store.load()

    assert packed(saved.records) == packed(trading_day())
    assert saved.facts == {"world": "seed 1"}
    with pytest.raises(StoreError, match="not empty"):
        fill_store(store, saved)
    store.close()


@pytest.mark.parametrize("text", ["", "{}\n", "[1]\n", '{"format": "opend-emulator state"}\n'])
def test_what_is_no_snapshot_is_refused(tmp_path, text):
    """Another file, or a damaged one."""
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(StoreError, match=r"is (no snapshot|damaged)"):
        read_snapshot(path)
