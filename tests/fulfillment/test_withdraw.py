"""Withdrawing: work of which nothing is wanted any more ends; other work goes on."""

from tests.fulfillment.floor import (
    accepted,
    assert_sound,
    at_lyon,
    cancelled,
    everything,
    packed,
    released,
    seen,
    shipped,
    to_lyon,
    told,
    types,
)
from tests.orders.shop import open_shop, order
from unisono.core.database import Database
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.withdraw import withdraw


async def withdrawn(database: Database, *refs: FulfillmentRef) -> None:
    async with database.transaction() as db:
        await withdraw(db, order_ids=[ref.order_id for ref in refs])


async def test_work_of_a_cancelled_order_ends_with_its_packages(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    await cancelled(database, ref.order_id)
    await withdrawn(database, ref)
    work = await seen(database, ref)
    assert (work.state, work.version, work.packages[0].state) == ("cancelled", 5, "cancelled")
    assert (await told(database, ref.order_id))[-1] == (
        7,
        "fulfillment_order.cancelled",
        {"fulfillment_order": 1, "location": "S-LYON"},
    )
    await assert_sound(database)
    before = await everything(database)
    await withdrawn(database, ref)
    assert await everything(database) == before


async def test_work_of_which_a_part_is_wanted_goes_on(database: Database) -> None:
    ref = await accepted(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    await cancelled(database, ref.order_id, (1, None))
    before = await everything(database)
    await withdrawn(database, ref)
    assert await everything(database) == before


async def test_only_the_location_whose_units_were_cancelled_stops(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("LAMP", "W-ORLEANS"): 1})
    first = await released(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    second = FulfillmentRef(order_id=first.order_id, n=2)
    await cancelled(database, first.order_id, (2, None))
    await withdrawn(database, first)
    assert (await seen(database, first)).state == "open"
    assert (await seen(database, second)).state == "cancelled"
    await assert_sound(database)


async def test_work_that_was_shipped_is_not_withdrawn(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)))
    other = await released(database, order("A-2", ("CUP", 1)))
    await cancelled(database, other.order_id)
    await withdrawn(database, ref, other)
    assert (await seen(database, ref)).state == "shipped"
    assert (await seen(database, other)).state == "cancelled"
    assert "fulfillment_order.cancelled" not in await types(database, ref.order_id)
    await assert_sound(database)


async def test_goods_that_were_not_collected_go_back(database: Database) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    await cancelled(database, ref.order_id)
    await withdrawn(database, ref)
    assert (await seen(database, ref)).state == "cancelled"
    await assert_sound(database)
