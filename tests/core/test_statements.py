"""Values that travel in binary arrive as they were, whatever they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unisono.core.database import Database
from unisono.core.statements import compiled

INTS = st.integers(-(2**31), 2**31 - 1)
BIGS = st.integers(-(2**63), 2**63 - 1)
# PostgreSQL keeps no NUL in a text, and psycopg no lone surrogate.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001 - made aware here
    lambda naive: naive.replace(tzinfo=UTC)
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": INTS,
    "bigint": BIGS,
    "text": TEXTS,
    "bytea": st.binary(),
    "uuid": st.uuids(),
    "timestamptz": TIMES,
}
LISTS: dict[str, st.SearchStrategy[Any]] = {
    f"{kind}[]": st.lists(one if kind == "uuid" else st.none() | one, max_size=8)
    for kind, one in VALUES.items()
}
CASES = VALUES | LISTS


@pytest.mark.parametrize("kind", CASES)
async def test_a_value_arrives_as_it_was(kind: str, database: Database) -> None:
    examples = list(_examples(CASES[kind]))
    query = f"SELECT %(value)b::{kind}".encode()
    async with database.pipeline() as db:
        pending = [await db.send(query, {"value": example}) for example in examples]
        arrived = [(await each.fetchall())[0][0] for each in pending]
    assert arrived == examples


@pytest.mark.parametrize("kind", VALUES)
async def test_nothing_arrives_as_nothing(kind: str, database: Database) -> None:
    async with database.pipeline() as db:
        assert await db.value(f"SELECT %(value)b::{kind}".encode(), {"value": None}) is None


async def test_a_time_of_another_zone_is_the_same_moment(database: Database) -> None:
    paris = datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=1)))
    async with database.pipeline() as db:
        assert await db.value(b"SELECT %(at)b::timestamptz", {"at": paris}) == paris
        assert await db.value(b"SELECT %(at)b::timestamptz[]", {"at": [paris]}) == [paris]


async def test_parameters_are_told_apart_by_name_and_type(database: Database) -> None:
    query = b"SELECT %(a)b::int, %(b)b::text, %(a)b::bigint, %(a)b::int"
    async with database.pipeline() as db:
        assert await db.tuples(query, {"a": 7, "b": "x"}) == [(7, "x", 7, 7)]


async def test_a_number_that_is_too_large_is_an_error_and_changes_nothing(
    database: Database,
) -> None:
    async def send(kind: str, value: object) -> None:
        async with database.pipeline() as db:
            await db.execute(b"INSERT INTO core.secret (name, value) VALUES ('x', '')")
            await db.value(f"SELECT %(value)b::{kind}".encode(), {"value": value})

    for kind, value in (
        ("int", 2**31),
        ("bigint", 2**63),
        ("int[]", [2**31]),
        ("bigint[]", [2**63]),
    ):
        with pytest.raises(Exception, match=r"format requires|out of|too large|argument out"):
            await send(kind, value)
    async with database.read() as db:
        assert await db.tuples(b"SELECT name FROM core.secret") == []


def test_a_type_that_nobody_can_encode_is_refused() -> None:
    with pytest.raises(KeyError, match="circle"):
        compiled(b"SELECT %(value)b::circle")


def _examples(strategy: st.SearchStrategy[Any]) -> Iterator[Any]:
    """Return values of a strategy, its simplest ones too."""
    found: list[Any] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: object) -> None:
        found.append(value)

    collect()
    yield from found
