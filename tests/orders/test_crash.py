"""Whatever breaks and whenever: an order is there whole or not at all, and once."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from tests.fulfillment.floor import everything
from tests.orders import dying
from tests.orders.shop import collected, count, level, open_shop, order
from unisono.core import database as databases
from unisono.core.database import Database
from unisono.core.errors import Unavailable
from unisono.core.statements import compiled
from unisono.core.trips import Leg, travel
from unisono.inventory import image
from unisono.inventory.audit import audit as audit_stock
from unisono.orders.audit import audit as audit_orders
from unisono.orders.capture import ATTEMPTS_MAX, capture
from unisono.orders.deciding import StockShort
from unisono.orders.entries import Captured
from unisono.orders.new_order import NewOrder

pytestmark = pytest.mark.whole

STOCK = {("CUP", "S-LYON"): 1000, ("LAMP", "S-LYON"): 1000, ("CUP", "S-LILLE"): 1000}
COMMIT = compiled(databases.sql.commit)
UNITS = {"WEB": 4, "MARKET": 2, "TILL": 1}


async def assert_sound(database: Database) -> None:
    async with database.read() as db:
        assert await audit_stock(db) == []
    assert await audit_orders(database) == []


async def units_of(database: Database, reference: str) -> list[int]:
    """How many units each order with this reference has; the audits say that they are whole."""
    async with database.read() as db:
        rows = await db.tuples(
            b"SELECT (SELECT sum(quantity)::int FROM orders.order_line WHERE order_id = k.order_id)"
            b" FROM orders.order_key AS k WHERE reference = %(reference)s",
            {"reference": reference},
        )
        orders = await db.value(
            b"SELECT count(*) FROM orders.orders WHERE reference = %(reference)s",
            {"reference": reference},
        )
    assert orders == len(rows)
    return [units for (units,) in rows]


async def no_dying_backend(database: Database) -> None:
    """Wait until the server noticed that the killed process is gone."""
    async with asyncio.timeout(30), database.transaction() as db:
        while await db.value(
            b"SELECT count(*) FROM pg_stat_activity"
            b" WHERE datname = current_database() AND application_name = %(name)s",
            {"name": dying.NAME},
        ):
            await asyncio.sleep(0.002)
            # The view of activity is of one moment in a transaction.
            await db.execute(b"SELECT pg_stat_clear_snapshot()")


async def check(database: Database, n: int, before: tuple[Any, ...]) -> set[str]:
    """All or nothing, then send again what the dead process had; return what had been written."""
    await no_dying_backend(database)
    written = set()
    for kind, units in UNITS.items():
        held = await units_of(database, f"{kind}-{n}")
        assert held in ([], [units])
        written |= {kind} if held else set()
    await assert_sound(database)
    if not written:
        assert await everything(database) == before
    answers = await capture(database, dying.orders(n))
    for kind, answer in zip(UNITS, answers, strict=True):
        assert isinstance(answer, Captured)
        assert answer.created == (kind not in written)
        assert await units_of(database, f"{kind}-{n}") == [UNITS[kind]]
    return written


@pytest.mark.parametrize("way", ["statement", "answer"])
async def test_a_capture_that_is_killed_leaves_all_or_nothing(database: Database, way: str) -> None:
    await open_shop(database, STOCK)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.orders.dying", database.url, way),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    seen: list[set[str]] = []
    while True:
        before = await everything(database)
        said = (await process.stdout.readline()).decode().strip()
        assert said in {"killed", "done"}
        seen.append(await check(database, len(seen) + 1, before))
        process.stdin.write(b"\n")
        if said == "done":
            break
    assert await process.wait() == 0
    await assert_sound(database)
    # Orders are written look by look: what a kill left grew from nothing to everything.
    assert seen[0] == set()
    assert seen[-1] == set(UNITS)
    numbers = [len(written) for written in seen]
    assert numbers == sorted(numbers)
    assert set(numbers) == {0, 1, 2, 3}
    # Three transactions, each with a commit and what came before it.
    assert len(seen) > {"statement": 40, "answer": 6}[way]


def losing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the connection break after a commit, before its answer; return where this is counted."""
    lost: list[int] = []

    async def unheard(connection: psycopg.AsyncConnection[Any], legs: Sequence[Leg]) -> None:
        await travel(connection, legs)
        if legs[-1].statement is COMMIT and len(lost) < times:
            lost.append(len(legs))
            await connection.close()
            message = "the connection was lost"
            raise psycopg.OperationalError(message)

    monkeypatch.setattr(databases, "travel", unheard)
    return lost


ORDERS: dict[str, NewOrder] = {
    "as usual": order("A-1", ("CUP", 2)),
    "sold already": order("A-1", ("CUP", 2), ("CHAIR", 1), channel="market"),
    "out of a till": collected(
        "A-1", ("CUP", 2), location="S-LYON", delivery_option="in_store", channel="till"
    ),
}


@pytest.mark.parametrize("kind", ORDERS)
async def test_a_commit_whose_answer_is_lost_is_one_order_and_told_as_created(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    lost = losing(monkeypatch, 1)
    [answer] = await capture(database, [ORDERS[kind]])
    assert len(lost) == 1
    assert isinstance(answer, Captured)
    assert answer.created
    assert (await level(database, "CUP", "S-LYON")).free == 1
    await assert_sound(database)
    [again] = await capture(database, [ORDERS[kind]])
    assert isinstance(again, Captured)
    assert (again.id, again.number, again.created) == (answer.id, answer.number, False)
    assert len(await units_of(database, "A-1")) == 1


async def test_a_refusal_whose_commit_is_lost_is_told_once_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    lost = losing(monkeypatch, 1)
    [answer] = await capture(database, [order("A-1", ("CUP", 4))])
    assert len(lost) == 1
    assert isinstance(answer, StockShort)
    assert await units_of(database, "A-1") == []
    assert (await level(database, "CUP", "S-LYON")).free == 3


async def test_a_database_that_stays_away_is_told_and_the_order_exists_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    lost = losing(monkeypatch, ATTEMPTS_MAX + ATTEMPTS_MAX)
    [answer] = await capture(database, [order("A-1", ("CUP", 2))])
    assert isinstance(answer, Unavailable)
    monkeypatch.undo()
    assert len(lost) == ATTEMPTS_MAX
    # It went through, and nobody heard it: sent again, it is the same order.
    [again] = await capture(database, [order("A-1", ("CUP", 2))])
    assert isinstance(again, Captured)
    assert not again.created
    assert (await level(database, "CUP", "S-LYON")).free == 1
    await assert_sound(database)


async def test_what_a_failed_write_took_from_memory_is_free_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    tries: list[int] = []

    async def broken(connection: psycopg.AsyncConnection[Any], legs: Sequence[Leg]) -> None:
        if legs[-1].statement is COMMIT:
            tries.append(len(legs))
            await connection.close()
            message = "the connection was lost"
            raise psycopg.OperationalError(message)
        await travel(connection, legs)

    monkeypatch.setattr(databases, "travel", broken)
    [answer] = await capture(database, [order("A-1", ("CUP", 3))])
    assert isinstance(answer, Unavailable)
    assert len(tries) == ATTEMPTS_MAX
    assert await units_of(database, "A-1") == []
    assert (await level(database, "CUP", "S-LYON")).free == 3
    assert len(image.of_process(database.memory, database.settings)) == 0
    monkeypatch.undo()
    [again] = await capture(database, [order("A-1", ("CUP", 3))])
    assert isinstance(again, Captured)
    assert again.created


async def test_a_database_that_restarts_in_the_middle_doubles_nothing(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1000, ("CUP", "S-LILLE"): 1000})
    await count(database, {("CUP", "W-ORLEANS"): 1000})
    batches = [[order(f"A-{at}-{n}", ("CUP", 1)) for n in range(5)] for at in range(30)]
    ending = asyncio.Event()

    async def restart() -> int:
        ended = 0
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as other:
            while not ending.is_set():
                cursor = await other.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'unisono'"
                    " AND state <> 'idle'"
                )
                row = await cursor.fetchone()
                ended += row[0] if row else 0
                await asyncio.sleep(0.005)
        return ended

    restarting = asyncio.create_task(restart())
    answers = await asyncio.gather(*(capture(database, batch) for batch in batches))
    ending.set()
    assert await restarting > 0
    flat = [answer for batch in answers for answer in batch]
    assert {type(answer) for answer in flat} <= {Captured, Unavailable}
    assert all(answer.created for answer in flat if isinstance(answer, Captured))
    wanted = [new for batch in batches for new in batch]
    for answer, again in zip(flat, await capture(database, wanted), strict=True):
        assert isinstance(again, Captured)
        if isinstance(answer, Captured):
            assert (again.id, again.created) == (answer.id, False)
    async with database.read() as db:
        assert await db.value(b"SELECT count(*) FROM orders.orders") == len(wanted)
        assert await db.value(b"SELECT sum(committed) FROM inventory.stock_level") == len(wanted)
    await assert_sound(database)
