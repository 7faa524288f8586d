"""The database as the areas see it: one open transaction, and the pools it comes from.

Only this module opens and commits transactions. An area function takes a ``Db`` and never knows
whether it is the whole transaction or a part of one.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from unisono.core import ids, queries
from unisono.core.errors import Unavailable, UnisonoError
from unisono.core.settings import Settings
from unisono.core.statements import compiled
from unisono.core.trips import Leg, forget, travel

sql = queries.beside(__file__)

T = TypeVar("T")
Parameters = Mapping[str, Any]

CHECK_SECONDS = 1.0
"""A connection that was idle for longer is tried before it is used."""

_WRITER_OPTIONS = {
    # Rows of a list are changed in the order of the list, so that no two transactions can wait for
    # each other: only a nested loop over unnest keeps that order.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "plan_cache_mode": "force_generic_plan",
    # Sorting is what a nested loop over unnest needs least; JIT costs more than any query here.
    "jit": "off",
}

_READER_OPTIONS = {
    # Everything that one request reads is of one moment, and nothing is written by mistake.
    "default_transaction_isolation": r"repeatable\ read",
    "default_transaction_read_only": "on",
    "jit": "off",
}


class DatabaseUnusable(UnisonoError):
    """The database at the given address cannot be used."""


class Fetched(Protocol):
    """What a statement's rows are fetched from."""

    async def fetchall(self) -> list[tuple[Any, ...]]:
        """Return every row."""


class Db:
    """One open transaction.

    ``batch`` names everything that this transaction will tell others: its events and its stock
    changes. ``told`` counts its events; a transaction that told something leaves one batch row.
    ``memory`` is what this process remembers of this database: copies, never the only truth.
    ``revisions`` are those of reference data, once they were read; ``moved`` names the areas whose
    reference data this transaction changes: what it reads of them is not remembered, because it may
    never be committed.
    """

    __slots__ = (
        "_batch",
        "_pieces",
        "connection",
        "memory",
        "moved",
        "revisions",
        "settings",
        "told",
    )

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        *,
        settings: Settings,
        memory: dict[object, Any],
    ) -> None:
        """Wrap a connection on which a transaction is open."""
        self.connection = connection
        self.settings = settings
        self.memory = memory
        self.moved: set[str] = set()
        self.revisions: dict[str, int] | None = None
        self.told = 0
        self._batch: UUID | None = None
        self._pieces = 0

    @property
    def batch(self) -> UUID:
        """The id of this transaction's batch; asking for it makes the batch exist."""
        if self._batch is None:
            self._batch = ids.uuid7()
        return self._batch

    @property
    def has_batch(self) -> bool:
        """Whether this transaction has something to tell."""
        return self._batch is not None

    def next_piece(self) -> int:
        """Return the next number, from 0, for a row that belongs to this transaction's batch."""
        piece, self._pieces = self._pieces, self._pieces + 1
        return piece

    async def execute(self, query: bytes, parameters: Parameters | None = None) -> None:
        """Run a query whose rows, if any, do not matter."""
        await self.connection.execute(query, parameters, binary=True)

    async def send(self, query: bytes, parameters: Parameters | None = None) -> Fetched:
        """Run a query, and return what to fetch its rows from."""
        return await self.connection.execute(query, parameters, binary=True)

    async def rows(
        self, kind: type[T], query: bytes, parameters: Parameters | None = None
    ) -> list[T]:
        """Return every row as ``kind``, a frozen dataclass or struct with the query's columns."""
        async with self.connection.cursor(row_factory=class_row(kind), binary=True) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchall()

    async def row(
        self, kind: type[T], query: bytes, parameters: Parameters | None = None
    ) -> T | None:
        """Return the first row as ``kind``, or None."""
        async with self.connection.cursor(row_factory=class_row(kind), binary=True) as cursor:
            await cursor.execute(query, parameters)
            return await cursor.fetchone()

    async def tuples(
        self, query: bytes, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Return every row as a plain tuple."""
        cursor = await self.connection.execute(query, parameters, binary=True)
        return await cursor.fetchall()

    async def value(self, query: bytes, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - the caller knows the column
        """Return the first column of the first row, or None when there is no row."""
        cursor = await self.connection.execute(query, parameters, binary=True)
        row = await cursor.fetchone()
        return None if row is None else row[0]


class Pending:
    """The rows of a statement that may still be on its way."""

    def __init__(self, db: "TravellingDb", leg: Leg) -> None:
        """Remember where the rows will come from."""
        self._db = db
        self.leg = leg

    async def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows; the first that asks sends everything that waits."""
        await self._db.go()
        return self.leg.rows


class TravellingDb(Db):
    """An open transaction whose statements wait for one another and travel together.

    ``execute`` and ``send`` only queue; a trip begins when rows are asked for, and with the commit.
    """

    __slots__ = ("_waiting",)

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        *,
        settings: Settings,
        memory: dict[object, Any],
    ) -> None:
        """Wrap a connection that nobody else uses meanwhile."""
        super().__init__(connection, settings=settings, memory=memory)
        self._waiting: list[Leg] = []

    async def execute(self, query: bytes, parameters: Parameters | None = None) -> None:
        """Queue a query whose rows, if any, do not matter."""
        await self.send(query, parameters)

    async def send(self, query: bytes, parameters: Parameters | None = None) -> Pending:
        """Queue a query, and return what its rows can be fetched from."""
        statement = compiled(query)
        leg = Leg(statement=statement, values=statement.encoded(parameters))
        self._waiting.append(leg)
        return Pending(self, leg)

    async def go(self) -> None:
        """Send everything that waits, in one trip."""
        if self._waiting:
            legs, self._waiting = self._waiting, []
            await travel(self.connection, legs)

    async def abandon(self) -> None:
        """Undo the transaction; what still waits is never sent."""
        self._waiting.clear()
        if not self.connection.closed:
            await self.execute(sql.rollback)
            await self.go()

    async def rows(
        self, kind: type[T], query: bytes, parameters: Parameters | None = None
    ) -> list[T]:
        """Return every row as ``kind``, a frozen dataclass or struct with the query's columns."""
        pending = await self.send(query, parameters)
        found = await pending.fetchall()
        columns = pending.leg.columns
        return [kind(**dict(zip(columns, row, strict=True))) for row in found]

    async def row(
        self, kind: type[T], query: bytes, parameters: Parameters | None = None
    ) -> T | None:
        """Return the first row as ``kind``, or None."""
        found = await self.rows(kind, query, parameters)
        return found[0] if found else None

    async def tuples(
        self, query: bytes, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Return every row as a plain tuple."""
        return await (await self.send(query, parameters)).fetchall()

    async def value(self, query: bytes, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - the caller knows the column
        """Return the first column of the first row, or None when there is no row."""
        found = await self.tuples(query, parameters)
        return found[0][0] if found else None


class Database:
    """The connections of one process: a pool of writers and a pool of readers, both bounded."""

    def __init__(self, settings: Settings, *, url: str | None = None) -> None:
        """Remember where the database is; nothing is opened before ``open``."""
        self.url = url or settings.database_url or ""
        self.settings = settings
        self.memory: dict[object, Any] = {}
        self._used_at: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()
        self._writers = self._pool(settings.database_writers, _WRITER_OPTIONS)
        self._readers = self._pool(settings.database_readers, _READER_OPTIONS)

    def _pool(
        self, size: int, options: Mapping[str, str]
    ) -> AsyncConnectionPool[psycopg.AsyncConnection[Any]]:
        limits = {
            "lock_timeout": f"{self.settings.lock_timeout_ms}ms",
            "statement_timeout": f"{self.settings.statement_timeout_seconds}s",
            "idle_in_transaction_session_timeout": "60s",
        }
        return AsyncConnectionPool(
            self.url,
            min_size=min(2, size),
            max_size=size,
            max_waiting=self.settings.database_waiting,
            timeout=self.settings.database_wait_seconds,
            open=False,
            check=self._check,
            kwargs={
                # Every statement is prepared when it first runs, once per connection.
                "prepare_threshold": 0,
                "options": " ".join(f"-c {k}={v}" for k, v in {**options, **limits}.items()),
                "application_name": "unisono",
            },
        )

    async def _check(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Try a connection before it is used, unless it was used a moment ago."""
        now = time.monotonic()
        if now - self._used_at.get(connection, 0.0) > CHECK_SECONDS:
            await AsyncConnectionPool.check_connection(connection)
        self._used_at[connection] = now

    async def open(self) -> None:
        """Open both pools.

        Raises DatabaseUnusable when no connection can be had, with the server's own reason.
        """
        try:
            probe = await psycopg.AsyncConnection.connect(self.url, connect_timeout=10)
            await probe.close()
        except psycopg.Error as problem:
            raise DatabaseUnusable(_first_line(problem)) from None
        await self._writers.open()
        await self._readers.open()

    async def close(self) -> None:
        """Close both pools; what is running is given a bounded time to end."""
        await self._writers.close(timeout=5)
        await self._readers.close(timeout=5)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Db]:
        """Open a transaction; it is committed when the block ends and rolled back when it raises.

        Raises Unavailable when no connection can be had.
        """
        async with _connection(self._writers) as connection:
            try:
                async with connection.transaction():
                    db = Db(connection, settings=self.settings, memory=self.memory)
                    yield db
                    await _close_batch(db)
            except BaseException:
                # When psycopg rolls back it deallocates everything, what trips prepared included.
                forget(connection)
                raise

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator["TravellingDb"]:
        """Open a transaction whose statements travel together: see ``TravellingDb``."""
        async with _connection(self._writers) as connection:
            db = TravellingDb(connection, settings=self.settings, memory=self.memory)
            await db.execute(sql.begin)
            try:
                yield db
                await _close_batch(db)
                await db.execute(sql.commit)
                await db.go()
            except BaseException:
                await db.abandon()
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Db]:
        """Open one consistent, read-only view of the truth."""
        async with _connection(self._readers) as connection, connection.transaction():
            yield Db(connection, settings=self.settings, memory=self.memory)


@asynccontextmanager
async def _connection(
    pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]],
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    try:
        async with pool.connection() as connection:
            yield connection
    except PoolTimeout as problem:
        raise Unavailable(str(problem)) from problem


async def _close_batch(db: Db) -> None:
    """Write the batch row last, when everything that it announces is there."""
    if db.has_batch:
        await db.execute(sql.insert_batch, {"id": db.batch, "events": db.told})


def _first_line(problem: psycopg.Error) -> str:
    lines: Sequence[str] = str(problem).strip().splitlines() or ["no reason was given"]
    return lines[0]
