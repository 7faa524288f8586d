"""Cancelling: what has not left can be cancelled, and its stock is free at once."""

import pytest

from tests.fulfillment.floor import captured, packed, picked, shipped, told
from tests.orders.book import (
    assert_sound,
    cancelled,
    shown,
    state_of_everything,
    states,
)
from tests.orders.shop import level, open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.orders.cancel import NothingToCancel
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import NewPayment

STOCK = {("CUP", "S-LYON"): 5, ("LAMP", "S-LYON"): 5}


async def test_a_whole_order_is_cancelled_and_its_stock_is_free(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 2), ("LAMP", 1)))
    await cancelled(database, order_id)
    seen = await shown(database, order_id)
    assert (seen.state, seen.version) == ("cancelled", 2)
    assert {each.reason for each in seen.allocations} == {"not wanted"}
    assert (await level(database, "CUP", "S-LYON")).free == 5
    assert (await told(database, order_id))[-1] == (
        2,
        "order.cancelled",
        {"reason": "not wanted", "cancelled": [[1, 2], [2, 1]]},
    )
    await assert_sound(database)


async def test_a_part_of_a_line_is_cancelled_and_the_rest_goes_on(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3), ("LAMP", 1)))
    await cancelled(database, order_id, (1, 2))
    assert sorted(await states(database, order_id)) == [
        (1, 1, "S-LYON", "allocated"),
        (1, 2, "S-LYON", "cancelled"),
        (2, 1, "S-LYON", "allocated"),
    ]
    assert (await shown(database, order_id)).state == "open"
    assert (await level(database, "CUP", "S-LYON")).free == 4
    assert (await told(database, order_id))[-1][1:] == (
        "order.changed",
        {"reason": "not wanted", "cancelled": [[1, 2]]},
    )
    await assert_sound(database)
    await cancelled(database, order_id, (1, None), (2, 1))
    assert (await shown(database, order_id)).state == "cancelled"
    await assert_sound(database)


async def test_what_waits_for_stock_is_cancelled_before_what_has_a_place(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    order_id = await captured(database, order("A-1", ("CUP", 3), channel="market"))
    await cancelled(database, order_id, (1, 2))
    assert sorted(await states(database, order_id)) == [
        (1, 1, "S-LYON", "allocated"),
        (1, 2, None, "cancelled"),
    ]
    await assert_sound(database)


async def test_more_than_is_left_is_refused_and_nothing_changes(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3), ("LAMP", 1)))
    await cancelled(database, order_id, (1, 2))
    before = await state_of_everything(database)
    with pytest.raises(NothingToCancel, match="only 1 units of line 1"):
        await cancelled(database, order_id, (2, 1), (1, 2))
    assert await state_of_everything(database) == before


async def test_lines_that_do_not_exist_or_come_twice_are_named(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    before = await state_of_everything(database)
    with pytest.raises(InvalidInput) as refused:
        await cancelled(database, order_id, (1, 1), (1, 1), (7, 1))
    assert [(f.pointer, f.code) for f in refused.value.faults] == [
        ("/lines/1/line", "named_twice"),
        ("/lines/2/line", "unknown_line"),
    ]
    assert await state_of_everything(database) == before


async def test_an_order_is_only_cancelled_as_it_was_read(database: Database) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    before = await state_of_everything(database)
    for wrong in (2, 7):
        with pytest.raises(VersionMismatch, match=f"in version 1, not {wrong}"):
            await cancelled(database, order_id, version=wrong)
    with pytest.raises(UnknownOrder):
        await cancelled(database, ids.uuid7())
    assert await state_of_everything(database) == before
    await cancelled(database, order_id, version=1)
    with pytest.raises(NothingToCancel):
        await cancelled(database, order_id)


async def test_what_left_stays_sold_and_what_is_still_there_is_cancelled(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    ref = FulfillmentRef(order_id=order_id, n=1)
    await shipped(database, ref, "T1")
    before = await state_of_everything(database)
    with pytest.raises(NothingToCancel):
        await cancelled(database, order_id)
    assert await state_of_everything(database) == before
    assert (await shown(database, order_id)).state == "fulfilled"


@pytest.mark.parametrize("done", [picked, packed])
async def test_what_is_in_work_can_still_be_cancelled(database: Database, done: object) -> None:
    await open_shop(database, STOCK)
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    ref = FulfillmentRef(order_id=order_id, n=1)
    await (picked(database, ref) if done is picked else packed(database, ref))
    await cancelled(database, order_id, (1, 1))
    assert (await level(database, "CUP", "S-LYON")).free == 3
    await cancelled(database, order_id)
    assert (await level(database, "CUP", "S-LYON")).free == 5
    await assert_sound(database)


async def test_an_order_on_hold_can_be_cancelled(database: Database) -> None:
    await open_shop(database, STOCK)
    pending = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 3), payment=pending))
    await cancelled(database, order_id, (1, 1))
    assert (await shown(database, order_id)).state == "on_hold"
    await cancelled(database, order_id)
    assert (await shown(database, order_id)).state == "cancelled"
    await assert_sound(database)
