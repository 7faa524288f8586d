"""Values travel in binary and arrive as they were."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest

from unisono.core.database import Database
from unisono.core.statements import compiled

MOMENT = datetime(2026, 3, 2, 9, 30, 12, 345678, tzinfo=timezone(timedelta(hours=1)))
BEFORE_THE_EPOCH = datetime(1912, 6, 23, 0, 0, 0, 1, tzinfo=UTC)
ID = UUID("0195c0de-0000-7000-8000-00000000ffff")

VALUES: list[tuple[str, list[Any]]] = [
    ("bigint", [0, -1, 2**63 - 1, -(2**63), None]),
    ("int", [0, -1, 2**31 - 1, -(2**31), None]),
    ("text", ["", "Zoé 🛒", "%s %(x)s $1", "'", None]),
    ("bytea", [b"", b"\x00\xff", None]),
    ("uuid", [ID, UUID(int=0), None]),
    ("timestamptz", [MOMENT, BEFORE_THE_EPOCH, datetime(9999, 1, 1, tzinfo=UTC), None]),
    ("bigint[]", [[], [1], [2**63 - 1, None, -(2**63)], list(range(3000))]),
    ("int[]", [[], [7], [2**31 - 1, None, -(2**31)], [None]]),
    ("text[]", [[], ["", "é", None, 'a,"b"\\{}', "NULL"], [None]]),
    ("bytea[]", [[], [b"", None, b"\x00"]]),
    ("uuid[]", [[], [ID, UUID(int=2**128 - 1)]]),
    ("timestamptz[]", [[], [MOMENT, None, BEFORE_THE_EPOCH]]),
]


async def test_every_kind_of_value_arrives_as_it_was(database: Database) -> None:
    async with database.pipeline() as db:
        for kind, values in VALUES:
            query = f"SELECT %(value)s::{kind}".encode()
            pending = [(value, await db.send(query, {"value": value})) for value in values]
            arrived = [await each.fetchall() for _, each in pending]
            assert arrived == [[(value,)] for value, _ in pending], kind


async def test_what_travels_together_is_what_would_travel_alone(database: Database) -> None:
    """A statement of a trip and one of a plain transaction see the same value."""
    query = b"SELECT %(units)s::int[] = %(again)s::int[], %(note)s::text IS NULL, %(note)s::text"
    parameters = {"units": [1, None, 3], "again": [1, None, 3], "note": "100 % “sûr”"}
    async with database.pipeline() as db:
        travelled = await db.tuples(query, parameters)
    async with database.transaction() as plain:
        assert travelled == await plain.tuples(query, parameters) == [(True, False, "100 % “sûr”")]


TOO_LARGE: list[tuple[str, object]] = [
    ("int", 2**31),
    ("bigint", 2**63),
    ("int[]", [1, 2**31]),
    ("int[]", [None, -(2**31) - 1]),
    ("bigint[]", [2**63]),
    ("bigint[]", [None, 2**63]),
]


async def test_a_number_that_its_type_cannot_hold_is_never_cut(database: Database) -> None:
    async with database.pipeline() as db:
        for kind, value in TOO_LARGE:
            with pytest.raises(psycopg.errors.DataError, match="out of range"):
                await db.value(f"SELECT %(value)s::{kind}".encode(), {"value": value})
        # It never travelled, so the transaction goes on.
        assert await db.value(b"SELECT 1") == 1


def test_a_parameter_that_comes_twice_travels_once() -> None:
    statement = compiled(b"SELECT %(a)s::int + %(b)s::bigint + %(a)s::int")
    assert (statement.names, statement.oids) == (("a", "b"), (23, 20))
    assert statement.text == b"SELECT $1::int + $2::bigint + $1::int"
    assert statement.encoded({"a": 1, "b": None}) == [b"\x00\x00\x00\x01", None]


def test_a_type_that_nobody_encodes_is_told_when_the_query_is_compiled() -> None:
    with pytest.raises(KeyError, match="inet"):
        compiled(b"SELECT %(address)s::inet")


def test_a_parameter_that_is_not_given_is_told() -> None:
    with pytest.raises(KeyError, match="units"):
        compiled(b"SELECT %(units)s::int").encoded({"unit": 1})
