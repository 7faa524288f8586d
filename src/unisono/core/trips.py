"""Trips: statements that travel to the database together, and their results that come back so.

psycopg's own pipeline asks the event loop to wait at every statement; here a whole trip is written
at once and waited for once. A transaction made of trips begins with the first and commits with the
last one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer

from unisono.core.statements import Encoded, Statement

_prepared: WeakKeyDictionary[psycopg.AsyncConnection[Any], dict[bytes, bytes]] = WeakKeyDictionary()
_numbers = count()
_OK = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


@dataclass(slots=True, kw_only=True, eq=False)
class Leg:
    """One statement of a trip, and its result once the trip is over."""

    statement: Statement
    values: list[Encoded]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    status: bytes = b""


async def travel(connection: psycopg.AsyncConnection[Any], legs: Sequence[Leg]) -> None:
    """Send these statements and take in their results, in one trip.

    The connection must belong to the caller alone. Raises the first statement's error; those after
    it did not run. A trip that is cut short leaves a connection that is closed.
    """
    known = _prepared.setdefault(connection, {})
    pgconn = connection.pgconn
    fresh: set[bytes] = set()
    try:
        pgconn.enter_pipeline_mode()
        replies = [_send(pgconn, leg, known, fresh) for leg in legs]
        pgconn.pipeline_sync()
        await _flush(pgconn)
        problem = await _receive(connection, legs, replies)
        pgconn.exit_pipeline_mode()
    except BaseException:
        await connection.close()
        raise
    if problem is not None:
        # What was prepared in a trip that failed may not be there.
        for text in fresh:
            known.pop(text, None)
        raise problem


def forget(connection: psycopg.AsyncConnection[Any]) -> None:
    """Forget what was prepared on a connection, because the server has forgotten it too."""
    _prepared.pop(connection, None)


def _send(pgconn: Any, leg: Leg, known: dict[bytes, bytes], fresh: set[bytes]) -> int:  # noqa: ANN401 - libpq's connection
    """Write one statement, prepared before when it is new here; return how many replies come."""
    text = leg.statement.text
    replies = 1
    if text not in known:
        known[text] = f"unisono_{next(_numbers)}".encode()
        fresh.add(text)
        pgconn.send_prepare(known[text], text, leg.statement.oids)
        replies = 2
    formats = [pq.Format.BINARY] * len(leg.values)
    pgconn.send_query_prepared(known[text], leg.values, formats, pq.Format.BINARY)
    return replies


async def _flush(pgconn: Any) -> None:  # noqa: ANN401 - libpq's connection
    """Write what is queued; read meanwhile, because the server may wait for that."""
    while pgconn.flush():
        await _ready(pgconn.socket, write=True)
        pgconn.consume_input()


async def _receive(
    connection: psycopg.AsyncConnection[Any], legs: Sequence[Leg], replies: Sequence[int]
) -> Exception | None:
    """Take in every result up to the end of the trip; return the first error."""
    pgconn = connection.pgconn
    problem: Exception | None = None
    for leg, expected in zip(legs, replies, strict=True):
        for _ in range(expected):
            result = await _result(pgconn)
            if result is None:
                message = "the server ended a trip before all its statements were answered"
                raise psycopg.OperationalError(message)
            if result.status in _OK:
                _take_in(connection, leg, result)
            elif problem is None and result.status == pq.ExecStatus.FATAL_ERROR:
                problem = psycopg.errors.error_from_result(result, "utf-8")
            await _result(pgconn)
    await _result(pgconn)
    return problem


def _take_in(connection: psycopg.AsyncConnection[Any], leg: Leg, result: Any) -> None:  # noqa: ANN401 - libpq's result
    leg.status = result.command_status or b""
    if result.status == pq.ExecStatus.TUPLES_OK:
        transformer = Transformer(connection)
        transformer.set_pgresult(result)
        leg.rows = transformer.load_rows(0, result.ntuples, tuple)
        leg.columns = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))


async def _result(pgconn: Any) -> Any:  # noqa: ANN401 - libpq's connection and result
    while pgconn.is_busy():
        await _ready(pgconn.socket, write=False)
        pgconn.consume_input()
    return pgconn.get_result()


async def _ready(socket: int, *, write: bool) -> None:
    """Wait until the socket can be read, or also until it can be written."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(socket, wake)
    if write:
        loop.add_writer(socket, wake)
    try:
        await ready
    finally:
        loop.remove_reader(socket)
        if write:
            loop.remove_writer(socket)
