"""Moments: what a location tells later happened when it says, and never in the future."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.fulfillment.floor import (
    AT,
    AUTHOR,
    assert_sound,
    at_lyon,
    everything,
    packed,
    picked,
    released,
    seen,
    to_lyon,
    told,
)
from tests.orders.shop import order
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.fulfillment.accept import accept
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.pack import pack
from unisono.fulfillment.pick import Picked, pick
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import reject


async def acts(database: Database, ref: FulfillmentRef) -> list[tuple[str, datetime]]:
    """Return what the location did and when it says that it did it, in the order of telling."""
    return [
        (type_.partition(".")[2], datetime.fromisoformat(data["at"]))
        for _, type_, data in (await told(database, ref.order_id))[2:]
    ]


async def one(database: Database, query: bytes) -> datetime:
    """Return the only moment that a query finds."""
    async with database.read() as db:
        found: datetime = await db.value(query)
        return found


async def test_every_step_happened_when_the_location_says(database: Database) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)), at=AT)
    waits_at, over_at = AT + timedelta(minutes=5), AT + timedelta(hours=3)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR, occurred_at=waits_at)
        await hand_over(db, ref=ref, version=None, author=AUTHOR, occurred_at=over_at)
    assert await acts(database, ref) == [
        ("accepted", AT),
        ("picked", AT),
        ("packed", AT),
        ("ready_for_pickup", waits_at),
        ("collected", over_at),
    ]
    assert await one(database, b"SELECT packed_at FROM fulfillment.package") == AT
    assert (await seen(database, ref)).changed_at == over_at
    await assert_sound(database)


async def test_what_says_nothing_happens_now(database: Database) -> None:
    before = clock.now()
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    other = await released(database, order("A-2", ("CUP", 1)))
    async with database.transaction() as db:
        await reject(db, ref=other, version=None, author=AUTHOR, reason="no hands")
    after = clock.now()
    steps = await acts(database, ref)
    assert [act for act, _ in steps] == ["accepted", "picked", "packed", "ready_for_pickup"]
    assert all(before <= at <= after for _, at in steps)
    [(_, declined_at)] = await acts(database, other)
    assert before <= declined_at <= after


async def test_the_ledger_knows_when_goods_were_missed(database: Database) -> None:
    found = Picked(allocation=1, quantity=1, reason="damaged")
    ref = await picked(database, await to_lyon(database, ("CUP", 2)), found, all_of_it=False, at=AT)
    assert await acts(database, ref) == [("accepted", AT), ("picked", AT), ("short_picked", AT)]
    missed = b"SELECT occurred_at FROM inventory.movement WHERE cause = 'damaged'"
    assert await one(database, missed) == AT
    await assert_sound(database)


@pytest.mark.parametrize(
    "act", [accept, partial(reject, reason="no hands"), pick, pack, ready_for_pickup, hand_over]
)
async def test_nothing_happens_in_the_future(
    database: Database, act: Callable[..., Awaitable[None]]
) -> None:
    ref = await at_lyon(database, ("CUP", 2))
    before = await everything(database)
    later = clock.now() + timedelta(minutes=6)
    with pytest.raises(InvalidInput) as refusal:
        async with database.transaction() as db:
            await act(db, ref=ref, version=None, author=AUTHOR, occurred_at=later)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/occurred_at", "in_the_future")
    ]
    assert await everything(database) == before
