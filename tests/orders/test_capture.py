"""Capture: each order once, each all or nothing, nothing sold twice."""

import asyncio
from uuid import UUID

import pytest

from tests.orders.shop import collected, count, level, open_shop, order
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.orders.capture import capture
from unisono.orders.deciding import NotDeliverable, StockShort
from unisono.orders.entries import Captured
from unisono.orders.repeats import ReferenceConflict


async def one(database: Database, *orders: object) -> list[object]:
    return list(await capture(database, list(orders)))  # type: ignore[arg-type]


async def rows(database: Database, table: str) -> int:
    async with database.read() as db:
        number: int = await db.value(f"SELECT count(*) FROM {table}".encode())
        return number


async def test_an_order_takes_its_stock_from_the_cheapest_location(database: Database) -> None:
    await open_shop(
        database, {("CUP", "W-ORLEANS"): 5, ("CUP", "S-LYON"): 5, ("CUP", "S-LILLE"): 5}
    )
    [answer] = await one(database, order("A-1", ("CUP", 2)))
    assert isinstance(answer, Captured)
    assert (answer.total, answer.created) == ("20.00", True)
    # Lyon is near (4.00 + 1.25 + 1.50), Orléans far (6.00 + 0.45 + 0.70).
    lyon = await level(database, "CUP", "S-LYON")
    assert (lyon.on_hand, lyon.committed, lyon.free) == (5, 2, 3)
    assert (await level(database, "CUP", "W-ORLEANS")).committed == 0


async def test_lines_of_one_sku_are_summed(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    [short] = await one(database, order("A-1", ("CUP", 2), ("CUP", 2)))
    assert isinstance(short, StockShort)
    assert [(f.pointer, f.code) for f in short.faults] == [("/lines/1/quantity", "stock_short")]
    assert (await level(database, "CUP", "S-LYON")).committed == 0
    assert await rows(database, "orders.order_key") == 0
    [answer] = await one(database, order("A-1", ("CUP", 2), ("CUP", 1)))
    assert isinstance(answer, Captured)
    assert (await level(database, "CUP", "S-LYON")).committed == 3


async def test_an_order_is_all_or_nothing(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3, ("LAMP", "S-LYON"): 0})
    [short] = await one(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    assert isinstance(short, StockShort)
    assert (await level(database, "CUP", "S-LYON")).committed == 0
    for table in ("orders.orders", "orders.order_key", "inventory.claim", "core.event"):
        held = 0 if table != "core.event" else await rows(database, table)
        assert await rows(database, table) == held


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    [first] = await one(database, order("A-1", ("CUP", 3)))
    [again] = await one(database, order("A-1", ("CUP", 3)))
    assert isinstance(first, Captured)
    assert isinstance(again, Captured)
    assert (again.id, again.number, again.total) == (first.id, first.number, first.total)
    assert not again.created
    lyon = await level(database, "CUP", "S-LYON")
    # Counted once and taken once: the repeat did not touch the level at all.
    assert (lyon.committed, lyon.version) == (3, 2)
    assert await rows(database, "orders.orders") == 1


async def test_the_same_reference_twice_in_one_batch_is_one_order(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    answers = await one(database, order("A-1", ("CUP", 1)), order("A-1", ("CUP", 1)))
    assert [answer.created for answer in answers if isinstance(answer, Captured)] == [True, False]
    assert (await level(database, "CUP", "S-LYON")).committed == 1


async def test_other_content_under_a_used_reference_is_a_conflict_that_names_it(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    await one(database, order("A-1", ("CUP", 1)))
    [conflict] = await one(database, order("A-1", ("CUP", 2)))
    assert isinstance(conflict, ReferenceConflict)
    assert [(f.pointer, f.detail) for f in conflict.faults] == [
        ("/lines/0/quantity", "was “1”, is “2” now")
    ]
    assert (await level(database, "CUP", "S-LYON")).committed == 1


async def test_an_order_is_split_when_no_place_has_it_whole(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("LAMP", "W-ORLEANS"): 1})
    [answer] = await one(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    assert isinstance(answer, Captured)
    assert (await level(database, "CUP", "S-LYON")).committed == 1
    assert (await level(database, "LAMP", "W-ORLEANS")).committed == 1


async def test_a_line_is_split_when_no_place_has_enough(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 2, ("CUP", "S-LILLE"): 2})
    [answer] = await one(database, order("A-1", ("CUP", 3)))
    assert isinstance(answer, Captured)
    taken = [(await level(database, "CUP", place)).committed for place in ("S-LYON", "S-LILLE")]
    assert sorted(taken) == [1, 2]


async def test_safety_stock_is_left_where_the_channel_leaves_it(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 3})
    [short] = await one(database, order("A-1", ("CUP", 2), channel="careful"))
    assert isinstance(short, StockShort)
    [answer] = await one(database, order("A-2", ("CUP", 1), channel="careful"))
    assert isinstance(answer, Captured)


async def test_collected_goods_come_from_the_store_where_they_are_collected(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("CUP", "S-LILLE"): 1})
    [answer] = await one(database, collected("A-1", ("CUP", 1), location="S-LILLE"))
    assert isinstance(answer, Captured)
    assert (await level(database, "CUP", "S-LILLE")).committed == 1
    [short] = await one(database, collected("A-2", ("CUP", 1), location="S-LILLE"))
    assert isinstance(short, StockShort)


async def test_where_no_carrier_goes_nothing_is_taken(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [refused] = await one(database, order("A-1", ("CUP", 1), delivery_option="home_express"))
    assert isinstance(refused, NotDeliverable)
    assert (await level(database, "CUP", "S-LYON")).committed == 0


async def test_what_was_sold_already_is_accepted_and_waits_for_stock(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [answer] = await one(database, order("A-1", ("CUP", 3), channel="market"))
    assert isinstance(answer, Captured)
    async with database.read() as db:
        found = await db.tuples(b"SELECT state, quantity, reason FROM orders.allocation ORDER BY n")
    assert found == [("allocated", 1, None), ("open", 2, "out_of_stock")]
    assert (await level(database, "CUP", "S-LYON")).free == 0


async def test_a_till_sale_is_a_fact_even_below_zero(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    sale = collected(
        "T-1", ("CUP", 2), location="S-LYON", delivery_option="in_store", channel="till"
    )
    [answer] = await one(database, sale)
    assert isinstance(answer, Captured)
    lyon = await level(database, "CUP", "S-LYON")
    assert (lyon.on_hand, lyon.committed, lyon.shortfall) == (-1, 0, 1)
    [again] = await one(database, sale)
    assert isinstance(again, Captured)
    assert not again.created
    assert (await level(database, "CUP", "S-LYON")).on_hand == -1


async def test_every_fault_of_an_order_is_named(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [refused] = await one(
        database, order("A-1", ("CUP", 1), ("NOPE", 1), channel="nope", currency="USD")
    )
    assert isinstance(refused, InvalidInput)
    assert [(f.pointer, f.code) for f in refused.faults] == [
        ("/channel", "unknown_channel"),
        ("/lines/1/sku", "unknown_sku"),
    ]
    assert await rows(database, "orders.order_key") == 0


async def test_nobody_is_refused_from_memory(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    [first] = await one(database, order("A-1", ("CUP", 1)))
    assert isinstance(first, Captured)
    # Another process counts more: this one has not heard of it.
    other = Database(database.settings, url=database.url)
    await other.open()
    await count(other, {("CUP", "S-LYON"): 2})
    await other.close()
    [second] = await one(database, order("A-2", ("CUP", 1)))
    assert isinstance(second, Captured)


@pytest.mark.parametrize("processes", [1, 2])
async def test_fifty_buyers_of_ten_units_make_ten_winners(
    database: Database, processes: int
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 6, ("CUP", "S-LILLE"): 4})
    others = [Database(database.settings, url=database.url) for _ in range(processes - 1)]
    for other in others:
        await other.open()
    sellers = [database, *others]
    answers = await asyncio.gather(
        *(
            capture(sellers[at % processes], [order(f"A-{at}-{n}", ("CUP", 1)) for n in range(5)])
            for at in range(10)
        )
    )
    for other in others:
        await other.close()
    flat = [answer for batch in answers for answer in batch]
    won = [answer for answer in flat if isinstance(answer, Captured)]
    assert len(won) == 10
    assert all(isinstance(a, StockShort) for a in flat if not isinstance(a, Captured))
    assert len({UUID(str(answer.id)) for answer in won}) == 10
    assert (await level(database, "CUP", "S-LYON")).free == 0
    assert (await level(database, "CUP", "S-LILLE")).free == 0
