"""The migrated database is what ``core/tables.py`` says, and would stand on several nodes.

What is distributed is told apart by its key; everything here is read from the catalog of a migrated
database, never from the text of migrations.
"""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from unisono.core.tables import TABLES, Kind

DISTRIBUTED: frozenset[Kind] = frozenset(("sku", "document", "location", "key"))
# What a distributed table is divided by. A key table has a key of its own.
DIVIDED_BY: dict[Kind, frozenset[str]] = {
    "sku": frozenset(("sku",)),
    "document": frozenset(("id", "order_id", "aggregate", "batch")),
    "location": frozenset(("location",)),
}
MADE_BY_THE_SERVER = re.compile(r"_(?:check|not_null|excl)\d*$")

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def connection(schema_url: str) -> Iterator[Connection]:
    with psycopg.connect(schema_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def keys(connection: Connection) -> dict[str, list[str]]:
    """The columns of the primary key of every table of ours."""
    return {table: columns for table, primary, columns in _unique_indexes(connection) if primary}


def test_every_table_of_the_database_is_listed(connection: Connection) -> None:
    # The ledger of migrations and the job queue have schemas that are not ours to shape.
    found = connection.execute(
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'jobs')"
        " AND schemaname || '.' || tablename <> 'public.unisono_migration'"
    )
    assert sorted(table for (table,) in found) == sorted(TABLES)


def test_every_table_has_a_primary_key(keys: dict[str, list[str]]) -> None:
    assert keys.keys() == TABLES.keys()


def test_the_key_of_a_distributed_table_begins_with_what_divides_it(
    keys: dict[str, list[str]],
) -> None:
    wrong = {
        table: keys[table][0]
        for table, kind in TABLES.items()
        if kind in DIVIDED_BY and keys[table][0] not in DIVIDED_BY[kind]
    }
    assert wrong == {}


def test_what_is_unique_contains_what_divides_the_table(
    connection: Connection, keys: dict[str, list[str]]
) -> None:
    wrong = [
        (table, columns)
        for table, _, columns in _unique_indexes(connection)
        if TABLES[table] in DISTRIBUTED and keys[table][0] not in columns
    ]
    assert wrong == []


def test_foreign_keys_are_among_reference_data_only(connection: Connection) -> None:
    pairs = connection.execute(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace <> 'jobs'::regnamespace"
    ).fetchall()
    assert pairs != []
    assert [pair for pair in pairs if {TABLES[table] for table in pair} != {"reference"}] == []


def test_constraints_have_names_in_words_of_the_business(connection: Connection) -> None:
    names = connection.execute(
        "SELECT conrelid::regclass::text || ': ' || conname FROM pg_constraint"
        " WHERE contype IN ('c', 'x') AND conrelid::regclass::text = ANY(%s)",
        (list(TABLES),),
    ).fetchall()
    assert len(names) > 20
    assert [name for (name,) in names if MADE_BY_THE_SERVER.search(name)] == []


def test_the_schema_needs_no_extension(connection: Connection) -> None:
    assert connection.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]


def test_the_schema_names_no_collation(connection: Connection) -> None:
    # Servers are built with other ICU versions, or without: an index must not depend on them.
    named = connection.execute(
        "SELECT attrelid::regclass::text, attname, collname FROM pg_attribute"
        " JOIN pg_class ON pg_class.oid = attrelid"
        " JOIN pg_collation ON pg_collation.oid = attcollation"
        " WHERE attrelid::regclass::text = ANY(%s) AND collname NOT IN ('default', 'C')",
        (list(TABLES),),
    )
    assert named.fetchall() == []


def test_stock_levels_have_no_index_but_their_key(connection: Connection) -> None:
    # An index on a figure that changes would make every change of a hot row ten times dearer.
    indexes = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'stock_level'"
    ).fetchall()
    assert indexes == [("stock_level_pkey",)]


def test_pages_of_stock_levels_leave_room_for_changes(connection: Connection) -> None:
    row = connection.execute(
        "SELECT reloptions FROM pg_class WHERE oid = 'inventory.stock_level'::regclass"
    ).fetchone()
    assert row is not None
    assert "fillfactor=60" in row[0]


def test_the_ledger_of_stock_cannot_be_rewritten(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO inventory.movement (sku, id, location, version, on_hand_change,"
            " unavailable_change, quantity, cause, author, occurred_at)"
            " VALUES (1, gen_random_uuid(), 1, 1, 5, 0, 5, 'count', 'a test', now())"
        )
        for statement in (
            b"UPDATE inventory.movement SET quantity = 6",
            b"DELETE FROM inventory.movement",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(statement)
        kept = connection.execute("SELECT quantity FROM inventory.movement").fetchall()
    assert kept == [(5,)]


def _unique_indexes(connection: Connection) -> list[tuple[str, bool, list[str]]]:
    """Return table, whether it is the primary key, and the columns of every unique index."""
    return connection.execute(
        "SELECT indrelid::regclass::text, indisprimary, ("
        "  SELECT array_agg(attname::text ORDER BY position) FROM pg_attribute"
        "  JOIN unnest(indkey) WITH ORDINALITY AS k (number, position) ON number = attnum"
        "  WHERE attrelid = indrelid"
        ") FROM pg_index WHERE indisunique AND indrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
        (list(TABLES),),
    ).fetchall()
