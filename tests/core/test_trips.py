"""Trips: statements that travel together are one transaction, or none at all."""

import asyncio
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from unisono.core.database import Database, TravellingDb
from unisono.core.settings import Settings

PUT = b"INSERT INTO core.secret (name, value) VALUES (%(name)s::text, '')"
NAMES = b"SELECT name FROM core.secret ORDER BY name"
END_ME = b"SELECT pg_terminate_backend(pg_backend_pid())"


async def names(database: Database) -> list[str]:
    async with database.read() as db:
        return [name for (name,) in await db.tuples(NAMES)]


async def send(database: Database, *statements: bytes | tuple[bytes, str]) -> TravellingDb:
    """Send statements, some with a name, in one transaction and ask for the rows of the last."""
    async with database.pipeline() as db:
        for each in statements[:-1]:
            query, name = each if isinstance(each, tuple) else (each, "")
            await db.execute(query, {"name": name})
        query, name = statements[-1] if isinstance(statements[-1], tuple) else (statements[-1], "")
        await db.tuples(query, {"name": name})
    return db


async def test_results_come_back_to_the_statement_that_asked(database: Database) -> None:
    async with database.pipeline() as db:
        first = await db.send(b"SELECT 1 AS a, 'x' AS b")
        await db.execute(PUT, {"name": "kept"})
        second = await db.send(b"SELECT n FROM generate_series(1, 3) AS n")
        nothing = await db.send(b"SELECT 1 WHERE false")
        assert await second.fetchall() == [(1,), (2,), (3,)]
        assert await first.fetchall() == [(1, "x")]
        assert first.leg.columns == ("a", "b")
        assert await nothing.fetchall() == []
        assert await db.value(b"SELECT 1 WHERE false") is None
    assert await names(database) == ["kept"]


async def test_nothing_travels_before_somebody_asks_or_the_transaction_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[int] = []
    go = TravellingDb.go

    async def noting(db: TravellingDb) -> None:
        if db._waiting:
            trips.append(len(db._waiting))
        await go(db)

    monkeypatch.setattr(TravellingDb, "go", noting)
    async with database.pipeline() as db:
        await db.execute(PUT, {"name": "a"})
        await db.execute(PUT, {"name": "b"})
        assert trips == []
        assert await db.tuples(NAMES) == [("a",), ("b",)]
        await db.execute(PUT, {"name": "c"})
        assert trips == [4]
    # BEGIN and three statements, then the last statement and COMMIT.
    assert trips == [4, 2]


async def test_one_wrong_statement_undoes_the_whole_transaction(database: Database) -> None:
    lone = Database(replace(database.settings, database_writers=1), url=database.url)
    await lone.open()
    used = (await send(lone, b"SELECT 1")).connection
    with pytest.raises(psycopg.errors.UniqueViolation):
        await send(lone, (PUT, "a"), (PUT, "b"), (PUT, "a"), (PUT, "c"), b"SELECT 1 / 0")
    assert await names(lone) == []
    # The connection is as good as before.
    assert (await send(lone, (PUT, "d"), b"SELECT 1")).connection is used
    assert await names(lone) == ["d"]
    await lone.close()


async def test_the_first_error_is_told_and_what_comes_after_did_not_run(
    database: Database,
) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        await send(
            database, b"SELECT 1 / 0", b"SELECT nextval('orders.number')", b"SELECT no_such_column"
        )
    async with database.read() as read:
        assert await read.value(b"SELECT is_called FROM orders.number") is False


async def test_a_statement_of_a_failed_trip_can_be_sent_again(database: Database) -> None:
    """What was prepared in a trip that failed is prepared anew."""
    again = b"SELECT count(*) FROM core.secret WHERE name <> %(name)s::text"
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await send(database, b"SELECT no_such_column", (again, "x"))
    async with database.pipeline() as db:
        assert await db.value(again, {"name": "x"}) == 0


@pytest.mark.parametrize("asked", [False, True])
async def test_a_block_that_raises_leaves_nothing(database: Database, *, asked: bool) -> None:
    async def change_my_mind() -> None:
        async with database.pipeline() as db:
            await db.execute(PUT, {"name": "a"})
            if asked:
                await db.tuples(NAMES)
            message = "changed my mind"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="changed my mind"):
        await change_my_mind()
    assert await names(database) == []


async def test_a_trip_larger_than_every_buffer_arrives(database: Database) -> None:
    """Both sides write at once: who only wrote would wait for ever."""
    text = "é" * 300_000
    async with database.pipeline() as db:
        pending = [await db.send(b"SELECT %(text)s::text", {"text": text}) for _ in range(20)]
        assert [await each.fetchall() for each in pending] == [[(text,)]] * 20


async def test_a_trip_that_is_cut_short_costs_its_connection_only(database: Database) -> None:
    started = asyncio.Event()
    held: list[psycopg.AsyncConnection[Any]] = []

    async def wait() -> None:
        async with database.pipeline() as db:
            held.append(db.connection)
            await db.execute(PUT, {"name": "never"})
            started.set()
            await db.tuples(b"SELECT pg_sleep(60)")

    waiting = asyncio.create_task(wait())
    await started.wait()
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert held[0].closed
    async with database.pipeline() as db:
        assert db.connection is not held[0]
        await db.execute(PUT, {"name": "a"})
    assert await names(database) == ["a"]


async def test_a_server_that_goes_away_in_the_middle_is_an_operational_error(
    database: Database,
) -> None:
    with pytest.raises(psycopg.OperationalError):
        await send(database, (PUT, "never"), END_ME, NAMES)
    held: list[psycopg.AsyncConnection[Any]] = []

    async def lose_it_between_two_trips() -> None:
        async with database.pipeline() as db:
            held.append(db.connection)
            await db.execute(PUT, {"name": "never"})
            pid = await db.value(b"SELECT pg_backend_pid()")
            async with database.transaction() as other:
                await other.value(b"SELECT pg_terminate_backend(%(pid)s)", {"pid": pid})
            await db.tuples(NAMES)

    with pytest.raises(psycopg.OperationalError):
        await lose_it_between_two_trips()
    assert held[0].closed
    await send(database, (PUT, "a"), b"SELECT 1")
    assert await names(database) == ["a"]


async def test_rows_become_the_data_that_was_asked_for(database: Database) -> None:
    async with database.pipeline() as db:
        assert await db.row(dict, b"SELECT 1 AS a, NULL AS b") == {"a": 1, "b": None}
        assert await db.row(dict, b"SELECT 1 AS a WHERE false") is None
        assert await db.rows(dict, b"SELECT n FROM generate_series(1, 2) AS n") == [
            {"n": 1},
            {"n": 2},
        ]


async def test_trips_go_on_where_another_transaction_was_undone(database_url: str) -> None:
    narrow = Database(Settings(database_writers=1), url=database_url)
    await narrow.open()

    async def undo() -> None:
        async with narrow.transaction() as db:
            await db.execute(PUT, {"name": "undone"})
            raise ZeroDivisionError

    try:
        for _ in range(2):
            await send(narrow, NAMES)
            with pytest.raises(ZeroDivisionError):
                await undo()
        assert await names(narrow) == []
    finally:
        await narrow.close()
