"""The queue: the oldest first, of the locations and states that are asked for, page by page."""

import pytest

from tests.fulfillment.floor import STOCK, accepted, released, to_lyon
from tests.orders.shop import collected, open_shop, order
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.paging import Page
from unisono.fulfillment import queue
from unisono.fulfillment.queue import FulfillmentOrder, State


async def listed(
    database: Database,
    *,
    locations: list[str] | None = None,
    states: list[State] | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[FulfillmentOrder]:
    async with database.read() as db:
        return await queue.listing(db, after=after, limit=limit, locations=locations, states=states)


async def test_the_oldest_order_comes_first_whatever_its_location_and_state(
    database: Database,
) -> None:
    await open_shop(database, {**STOCK, ("CUP", "S-LILLE"): 5})
    lyon = await released(database, order("A-1", ("CUP", 1)))
    lille = await released(database, collected("A-2", ("CUP", 1), location="S-LILLE"))
    again = await released(database, order("A-3", ("CUP", 1)))
    await accepted(database, again)
    every = await listed(database)
    assert [(work.id, work.location) for work in every.rows] == [
        (str(lyon), "S-LYON"),
        (str(lille), "S-LILLE"),
        (str(again), "S-LYON"),
    ]
    at_lyon = await listed(database, locations=["S-LYON"])
    assert [work.id for work in at_lyon.rows] == [str(lyon), str(again)]
    waiting = await listed(database, locations=["S-LYON", "S-LILLE"], states=["open"])
    assert [work.id for work in waiting.rows] == [str(lyon), str(lille)]
    assert (await listed(database, states=["closed"])).rows == ()


async def test_pages_follow_one_another_without_gap(database: Database) -> None:
    await open_shop(database, STOCK)
    refs = [await released(database, order(f"A-{n}", ("CUP", 1))) for n in range(5)]
    found: list[str] = []
    after = None
    for size in (2, 2, 1):
        page = await listed(database, after=after, limit=2)
        assert len(page.rows) == size
        found += [work.id for work in page.rows]
        after = page.after
    assert after is None
    assert found == [str(ref) for ref in refs]


async def test_a_location_that_does_not_exist_is_named(database: Database) -> None:
    await to_lyon(database, ("CUP", 1))
    with pytest.raises(InvalidInput) as refusal:
        await listed(database, locations=["S-NOWHERE"])
    assert [(each.pointer, each.code) for each in refusal.value.faults] == [
        ("/location", "unknown_location")
    ]
    with pytest.raises(InvalidInput):
        await listed(database, after="nonsense")


async def test_one_fulfillment_order_is_seen_as_in_the_queue(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2), ("LAMP", 1))
    [work] = (await listed(database)).rows
    async with database.read() as db:
        assert await queue.get(db, ref=ref) == work
        assert await queue.location_of(db, ref=ref) == "S-LYON"
    assert [(line.sku, line.name, line.quantity) for line in work.lines] == [
        ("CUP", "Cup", 2),
        ("LAMP", "Lamp", 1),
    ]
