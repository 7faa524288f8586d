"""Transactions: whole or not at all, one consistent view to read, bounded waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import psycopg
import pytest

from tests.core.facts import note
from unisono.core import secrets
from unisono.core.database import Database, DatabaseUnusable, Db
from unisono.core.errors import Unavailable
from unisono.core.secrets import secret
from unisono.core.settings import Settings

Opening = Callable[[Database], AbstractAsyncContextManager[Db]]
WRITING = pytest.mark.parametrize(
    "opening",
    [Database.transaction, Database.pipeline],
    ids=["one statement after the other", "statements that travel together"],
)


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Database]:
    """A database to which this process has one connection of each kind."""
    settings = Settings(database_writers=1, database_readers=1, database_wait_seconds=1)
    database = Database(settings, url=database_url)
    await database.open()
    yield database
    await database.close()


@WRITING
async def test_what_a_block_wrote_is_there_when_it_ends(
    opening: Opening, database: Database
) -> None:
    async with opening(database) as db:
        key = await secret(db, "mine")
        assert await names(database) == []
    assert await names(database) == ["mine"]
    async with database.read() as db:
        assert await db.value(secrets.sql.read, {"name": "mine"}) == key


@WRITING
async def test_a_block_that_raises_leaves_nothing(opening: Opening, database: Database) -> None:
    async def fail() -> None:
        async with opening(database) as db:
            await secret(db, "mine")
            await note(db, uuid4(), 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await names(database) == []
    assert await batches(database) == []


@WRITING
async def test_a_statement_that_fails_undoes_the_block_and_frees_its_connection(
    opening: Opening, narrow: Database
) -> None:
    async def fail() -> None:
        async with opening(narrow) as db:
            await secret(db, "mine")
            await note(db, uuid4(), 0)

    with pytest.raises(psycopg.errors.CheckViolation, match="sequences_count_from_one"):
        await fail()
    assert await names(narrow) == []
    async with opening(narrow) as db:
        await secret(db, "after it")
    assert await names(narrow) == ["after it"]


@WRITING
async def test_a_block_that_is_cancelled_leaves_nothing(opening: Opening, narrow: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with opening(narrow) as db:
            await secret(db, "mine")
            begun.set()
            await asyncio.sleep(60)

    writing = asyncio.create_task(write())
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await names(narrow) == []
    async with opening(narrow) as db:
        await secret(db, "after it")
    assert await names(narrow) == ["after it"]


@WRITING
async def test_what_tells_others_something_leaves_one_batch(
    opening: Opening, database: Database
) -> None:
    async with opening(database) as db:
        await note(db, uuid4(), 1)
        await note(db, uuid4(), 1)
        told = db.batch
    assert await batches(database) == [(told, 2, False)]


@WRITING
async def test_what_tells_nothing_leaves_no_batch(opening: Opening, database: Database) -> None:
    async with opening(database) as db:
        await secret(db, "mine")
        assert not db.has_batch
    assert await batches(database) == []


async def test_who_reads_cannot_write(database: Database) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with database.read() as db:
            await secret(db, "mine")
    assert await names(database) == []


async def test_everything_that_is_read_together_is_of_one_moment(database: Database) -> None:
    async with database.read() as reader:
        assert await reader.tuples(b"SELECT name FROM core.secret") == []
        async with database.transaction() as writer:
            await secret(writer, "meanwhile")
        assert await reader.tuples(b"SELECT name FROM core.secret") == []
    assert await names(database) == ["meanwhile"]


@WRITING
async def test_rows_become_values_in_every_way_of_asking(
    opening: Opening, database: Database
) -> None:
    async with opening(database) as db:
        await secret(db, "a")
        await secret(db, "b")
        text = b"SELECT name FROM core.secret WHERE name >= %(least)b::text ORDER BY name"
        assert await db.tuples(text, {"least": "a"}) == [("a",), ("b",)]
        assert await db.value(text, {"least": "b"}) == "b"
        assert await db.value(text, {"least": "c"}) is None
        assert await (await db.send(text, {"least": "b"})).fetchall() == [("b",)]


async def test_who_finds_no_connection_in_time_is_told_so(narrow: Database) -> None:
    async with narrow.transaction():
        with pytest.raises(Unavailable):
            async with narrow.transaction():
                pytest.fail("there is only one connection")
    async with narrow.transaction() as db:
        await secret(db, "after it")
    assert await names(narrow) == ["after it"]


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/unisono?connect_timeout=2", "not an address"]
)
async def test_an_address_without_a_database_is_told_in_one_line(url: str) -> None:
    database = Database(Settings(), url=url)
    with pytest.raises(DatabaseUnusable) as refusal:
        await database.open()
    assert refusal.value.detail
    assert "\n" not in refusal.value.detail


async def test_a_key_of_this_installation_is_made_once(database: Database) -> None:
    async def ask() -> bytes:
        async with database.transaction() as db:
            return await secret(db, "links")

    made = set(await asyncio.gather(*(ask() for _ in range(8))))
    assert len(made) == 1
    assert [len(key) for key in made] == [32]


async def names(database: Database) -> list[str]:
    async with database.read() as db:
        return [name for (name,) in await db.tuples(b"SELECT name FROM core.secret ORDER BY name")]


async def batches(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(b"SELECT id, events, stamped FROM core.batch ORDER BY id")
