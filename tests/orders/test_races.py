"""At the same instant: several processes sell the same, cancel what leaves, count what is sold."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import psycopg
import pytest
from psycopg import conninfo

from tests.fulfillment.floor import AUTHOR, captured, numbered, packed
from tests.orders.shop import count, level, open_shop, order
from unisono.core.database import Database
from unisono.core.lifecycle import TransitionRefused
from unisono.core.settings import Settings
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.fulfillment.ship import ship
from unisono.identity import keys
from unisono.inventory.audit import audit as audit_stock
from unisono.orders.audit import audit as audit_orders
from unisono.orders.cancel import Cancellation, NothingToCancel, cancel
from unisono.orders.capture import capture
from unisono.orders.entries import Captured
from unisono.orders.new_order import NewOrder

LAMPS = {("LAMP", "S-LYON"): 6, ("LAMP", "S-LILLE"): 4}


async def assert_sound(database: Database) -> None:
    async with database.read() as db:
        assert await audit_stock(db) == []
    assert await audit_orders(database) == []


@pytest.fixture(scope="module")
def shared_url(server: str, template: str) -> Iterator[str]:
    """The URL of a database that several processes serve, with the shop in it."""
    name = f"unisono_test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    url = conninfo.make_conninfo(server, dbname=name)
    asyncio.run(open_at(url))
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


async def open_at(url: str) -> None:
    database = Database(Settings(), url=url)
    await database.open()
    await open_shop(database, {("CUP", "S-LYON"): 30, ("CHAIR", "S-LYON"): 100, **LAMPS})
    await database.close()


@contextmanager
def serving(url: str) -> Iterator[str]:
    """Run ``serve`` in a process of its own on a free port, and return its address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UNISONO_")}
    with subprocess.Popen(
        [sys.executable, "-m", "unisono", "serve", "--no-workers", "--port", "0"],
        env=kept | {"UNISONO_DATABASE_URL": url, "UNISONO_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def addresses(shared_url: str) -> Iterator[list[str]]:
    """Two processes that sell from the same database."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(shared_url)) for _ in range(2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellers:
    """Two processes over HTTP, and the database behind them."""

    database: Database
    clients: list[httpx2.AsyncClient]

    async def sell(self, seller: int, new: NewOrder) -> httpx2.Response:
        return await self.clients[seller].post(
            "/v1/orders",
            content=msgspec.json.encode(new),
            headers={"content-type": "application/json"},
        )


@pytest.fixture
async def sellers(
    shared_url: str, addresses: list[str], settings: Settings
) -> AsyncIterator[Sellers]:
    database = Database(settings, url=shared_url)
    await database.open()
    async with database.transaction() as db:
        key = await keys.add(db, name=uuid4().hex, scopes=["orders:write"])
    headers = {"authorization": f"Bearer {key.key}"}
    limits = httpx2.Limits(max_connections=50)
    clients = [
        httpx2.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=60)
        for address in addresses
    ]
    yield Sellers(database=database, clients=clients)
    for client in clients:
        await client.aclose()
    await database.close()


def same(answer: httpx2.Response) -> dict[str, Any]:
    """What a repeat answers as the first did."""
    return {name: value for name, value in answer.json().items() if name != "created"}


async def test_one_reference_in_two_processes_at_once_is_one_order(sellers: Sellers) -> None:
    references = [f"SAME-{n}" for n in range(15)]
    answers = await asyncio.gather(
        *(
            sellers.sell(seller, order(reference, ("CUP", 2)))
            for reference in references
            for seller in (0, 1)
        )
    )
    for at, reference in enumerate(references):
        pair = answers[2 * at : 2 * at + 2]
        assert sorted(each.status_code for each in pair) == [200, 201]
        assert same(pair[0]) == same(pair[1])
        assert pair[0].headers["location"] == pair[1].headers["location"]
        assert pair[0].json()["reference"] == reference
    held = await level(sellers.database, "CUP", "S-LYON")
    assert (held.committed, held.free) == (30, 0)
    await assert_sound(sellers.database)


async def test_of_two_contents_of_one_reference_at_once_one_is_a_conflict(
    sellers: Sellers,
) -> None:
    answers = await asyncio.gather(
        *(
            sellers.sell(seller, order(f"OTHER-{n}", ("CHAIR", 1 + seller)))
            for n in range(10)
            for seller in (0, 1)
        )
    )
    units = 0
    for at in range(10):
        pair = answers[2 * at : 2 * at + 2]
        assert sorted(each.status_code for each in pair) == [201, 409]
        won, lost = sorted(pair, key=lambda each: each.status_code)
        assert lost.json()["code"] == "reference_conflict"
        assert [each["pointer"] for each in lost.json()["errors"]] == ["/lines/0/quantity"]
        units += int(float(won.json()["total"]) // 10)
    assert (await level(sellers.database, "CHAIR", "S-LYON")).committed == units
    await assert_sound(sellers.database)


async def test_fifty_buyers_of_ten_units_in_two_processes_are_ten_winners(
    sellers: Sellers,
) -> None:
    answers = await asyncio.gather(
        *(sellers.sell(n % 2, order(f"LAMP-{n}", ("LAMP", 1))) for n in range(50))
    )
    won = [each.json() for each in answers if each.status_code == 201]
    lost = [each for each in answers if each.status_code != 201]
    assert (len(won), len(lost)) == (10, 40)
    assert len({each["id"] for each in won}) == len({each["number"] for each in won}) == 10
    assert {each.status_code for each in lost} == {409}
    for each in lost:
        assert each.json()["code"] == "stock_short"
        assert [fault["pointer"] for fault in each.json()["errors"]] == ["/lines/0/quantity"]
    for (sku, place), units in LAMPS.items():
        held = await level(sellers.database, sku, place)
        assert (held.on_hand, held.committed, held.free) == (units, units, 0)
    await assert_sound(sellers.database)


async def test_what_is_cancelled_and_shipped_at_once_is_one_of_the_two(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 40})
    refs = []
    for n in range(10):
        order_id = await captured(database, order(f"A-{n}", ("CUP", 2)))
        async with database.transaction() as db:
            await release(db, order_ids=[order_id])
        refs.append(await packed(database, FulfillmentRef(order_id=order_id, n=1)))

    async def leave(ref: FulfillmentRef) -> str:
        try:
            async with database.transaction() as db:
                await ship(
                    db,
                    ref=ref,
                    version=None,
                    author=AUTHOR,
                    packages=numbered(f"T-{ref.order_id}"),
                )
        except TransitionRefused:
            return "late"
        return "shipped"

    async def stay(ref: FulfillmentRef) -> str:
        try:
            async with database.transaction() as db:
                wanted = Cancellation(reason="not wanted")
                await cancel(db, order_id=ref.order_id, cancellation=wanted, version=None)
        except NothingToCancel:
            return "late"
        return "cancelled"

    outcomes = []
    for at, ref in enumerate(refs):
        # Each is first to ask every other time.
        both = (leave(ref), stay(ref)) if at % 2 else (stay(ref), leave(ref))
        outcomes.append(sorted(await asyncio.gather(*both)))
        await assert_sound(database)
    shipped = outcomes.count(["late", "shipped"])
    assert shipped + outcomes.count(["cancelled", "late"]) == 10
    held = await level(database, "CUP", "S-LYON")
    assert (held.on_hand, held.committed) == (40 - 2 * shipped, 0)
    async with database.read() as db:
        states = await db.tuples(b"SELECT state, count(*)::int FROM orders.orders GROUP BY 1")
    assert dict(states) == {
        state: units
        for state, units in (("fulfilled", shipped), ("cancelled", 10 - shipped))
        if units
    }


async def test_two_counts_and_a_sale_at_once_end_with_one_of_the_counts(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 500})
    for n in range(10):
        figures = (500 + n, 700 + n)
        _, _, [answer] = await asyncio.gather(
            count(database, {("CUP", "S-LYON"): figures[0]}),
            count(database, {("CUP", "S-LYON"): figures[1]}),
            capture(database, [order(f"A-{n}", ("CUP", 3))]),
        )
        assert isinstance(answer, Captured)
        held = await level(database, "CUP", "S-LYON")
        assert held.on_hand in figures
        assert (held.committed, held.shortfall) == (3 * (n + 1), 0)
        await assert_sound(database)


async def test_a_count_below_what_is_being_sold_is_a_shortfall_or_a_refusal(
    database: Database,
) -> None:
    """Whoever is first: the claim is covered, or it is known to be short, or it was refused."""
    await open_shop(database, {("CUP", "S-LYON"): 0})
    for n in range(10):
        before = await level(database, "CUP", "S-LYON")
        await count(database, {("CUP", "S-LYON"): before.committed + 3})
        _, [answer] = await asyncio.gather(
            count(database, {("CUP", "S-LYON"): before.committed + 1}),
            capture(database, [order(f"A-{n}", ("CUP", 3))]),
        )
        held = await level(database, "CUP", "S-LYON")
        won = isinstance(answer, Captured)
        assert held.on_hand == before.committed + 1
        assert held.committed == before.committed + (3 if won else 0)
        assert held.shortfall == (2 if won else 0)
        await assert_sound(database)
