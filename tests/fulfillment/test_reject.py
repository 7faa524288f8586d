"""Rejecting: the units wait for another place, and this one is not asked again."""

import pytest

from tests.fulfillment.floor import (
    AT,
    AUTHOR,
    allocations,
    assert_sound,
    everything,
    figures,
    movements,
    packed,
    picked,
    seen,
    to_lyon,
    told,
)
from tests.orders.shop import level
from unisono.core.database import Database
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import reject
from unisono.fulfillment.release import release
from unisono.orders.reroute import reroute


async def rejected(database: Database, ref: FulfillmentRef) -> None:
    async with database.transaction() as db:
        await reject(db, ref=ref, version=None, author=AUTHOR, reason="flooded", occurred_at=AT)


async def test_rejected_units_are_open_again_and_free_at_the_location(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 2)
    await rejected(database, ref)
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 0)
    assert await movements(database) == []
    assert await allocations(database, ref.order_id) == [(1, 2, "open", "rejected", None)]
    work = await seen(database, ref)
    assert (work.state, work.reason, work.lines) == ("rejected", "flooded", ())
    assert (await told(database, ref.order_id))[-1] == (
        3,
        "fulfillment_order.rejected",
        {
            "fulfillment_order": 1,
            "location": "S-LYON",
            "reason": "flooded",
            "lines": [{"line": 1, "sku": "CUP", "quantity": 2}],
            "at": "2026-03-02T09:30:00Z",
            "author": AUTHOR,
        },
    )
    await assert_sound(database)


async def test_rejected_units_go_to_another_location(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    await rejected(database, ref)
    async with database.transaction() as db:
        assert await reroute(db, order_ids=[ref.order_id]) == 1
    async with database.transaction() as db:
        await release(db, order_ids=[ref.order_id])
    second = await seen(database, FulfillmentRef(order_id=ref.order_id, n=2))
    assert (second.location, second.lines[0].quantity) == ("W-ORLEANS", 2)
    assert (await level(database, "CUP", "W-ORLEANS")).committed == 2
    await assert_sound(database)


async def test_what_was_picked_can_still_be_rejected_but_not_what_is_packed(
    database: Database,
) -> None:
    ref = await picked(database, await to_lyon(database, ("CUP", 2)))
    await rejected(database, ref)
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 0)
    await assert_sound(database)


async def test_packed_work_cannot_be_rejected(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(TransitionRefused):
        await rejected(database, ref)
    assert await everything(database) == before
