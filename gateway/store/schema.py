"""The tables, as the chain of steps that leads from nothing to the present version.

A new file or database goes through the same steps as an old one, so both end up alike. A step that
was released never changes; what comes later is a new step. New kinds of records and new fields with
defaults need no step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import sqlalchemy as sa

from gateway.store.base import StoreError

VERSION: Final = "schema_version"

METADATA: Final = sa.MetaData()
STATE: Final = sa.Table(
    "state",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
"""The newest record of each key; `number` says in which order the keys first appeared."""
FACTS: Final = sa.Table(
    "facts",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

Step = Callable[[sa.Connection], None]


def _create_tables(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        "CREATE TABLE state (kind TEXT NOT NULL, key TEXT NOT NULL, number BIGINT NOT NULL, "
        "body TEXT NOT NULL, PRIMARY KEY (kind, key))"
    )
    connection.exec_driver_sql(
        "CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)"
    )


_VIEWS: Final = {
    "orders": (
        "order",
        {
            "order_id": "live.order.order_id",
            "account_id": "live.order.account_id",
            "code": "live.order.security.1",
            "status": "live.order.status",
            "quantity": "live.order.quantity",
            "price": "live.order.price",
            "filled_quantity": "live.order.filled_quantity",
        },
    ),
    "fills": (
        "fill",
        {
            "fill_id": "fill.fill_id",
            "order_id": "fill.order_id",
            "account_id": "fill.account_id",
            "code": "fill.security.1",
            "side": "fill.side",
            "quantity": "fill.quantity",
            "price": "fill.price",
        },
    ),
    "ledger": (
        "ledger",
        {
            "account_id": "account_id",
            "number": "number",
            "kind": "entry.kind",
            "amount": "entry.amount",
            "order_id": "entry.order_id",
        },
    ),
}
"""Views for people who look at the tables: columns by their path inside the body."""


def _create_views(connection: sa.Connection) -> None:
    extract = _extract_sqlite if connection.dialect.name == "sqlite" else _extract_postgresql
    for view, (kind, columns) in _VIEWS.items():
        wanted = ", ".join(f'{extract(path)} AS "{name}"' for name, path in columns.items())
        connection.exec_driver_sql(
            f"CREATE VIEW {view} AS SELECT {wanted} FROM state WHERE kind = '{kind}'"  # noqa: S608
        )


def _extract_sqlite(path: str) -> str:
    steps = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))
    return f"json_extract(body, '${steps}')"


def _extract_postgresql(path: str) -> str:
    return f"(body::jsonb #>> '{{{path.replace('.', ',')}}}')"


STEPS: Final[Sequence[Step]] = (_create_tables, _create_views)
"""Step n leads from version n to version n + 1."""


def migrate(connection: sa.Connection, steps: Sequence[Step] = STEPS) -> tuple[int, int]:
    """Bring the tables to the present version, within the caller's transaction.

    Returns:
        The version found (0: there was nothing) and the present one.

    Raises:
        StoreError: they were made by a newer release.
    """
    found = _version(connection)
    if found > len(steps):
        raise StoreError(
            f"it was made by a newer release (schema {found}, this release knows {len(steps)})"
        )
    for step in steps[found:]:
        step(connection)
    if found < len(steps):
        connection.execute(sa.delete(FACTS).where(FACTS.c.name == VERSION))
        connection.execute(sa.insert(FACTS).values(name=VERSION, value=str(len(steps))))
    return found, len(steps)


def _version(connection: sa.Connection) -> int:
    if not sa.inspect(connection).has_table(FACTS.name):
        return 0
    query = sa.select(FACTS.c.value).where(FACTS.c.name == VERSION)
    return int(connection.execute(query).scalar_one_or_none() or 0)
