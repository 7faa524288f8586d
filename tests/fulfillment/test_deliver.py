"""Delivering: what carriers tell is noted once, and the last delivery ends the work."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    allocations,
    assert_sound,
    everything,
    header,
    numbered,
    packed,
    seen,
    shipped,
    to_lyon,
    told,
    types,
)
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.fulfillment import deliver
from unisono.fulfillment.deliver import CarrierFact, Milestone
from unisono.fulfillment.pack import NewPackage, PackedItem
from unisono.fulfillment.ship import ship

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def fact(
    number: str, milestone: Milestone, *, hours: int = 0, carrier: str = "post"
) -> CarrierFact:
    return CarrierFact(
        carrier=carrier,
        tracking_number=number,
        milestone=milestone,
        at=AT + timedelta(hours=hours),
    )


async def recorded(database: Database, *facts: CarrierFact) -> int:
    async with database.transaction() as db:
        return await deliver.record(db, facts=facts)


async def test_a_delivery_ends_the_work(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    assert await recorded(database, fact("T1", "in_transit"), fact("T1", "delivered", hours=5)) == 2
    work = await seen(database, ref)
    assert (work.state, work.packages[0].state, work.lines[0].state) == (
        "closed",
        "delivered",
        "delivered",
    )
    assert work.packages[0].delivered_at == work.changed_at == AT + timedelta(hours=5)
    assert (await told(database, ref.order_id))[6:] == [
        (
            7,
            "shipment.tracked",
            {
                "package": 1,
                "carrier": "post",
                "tracking_number": "T1",
                "milestone": "in_transit",
                "at": "2026-03-02T09:30:00Z",
            },
        ),
        (
            8,
            "shipment.delivered",
            {
                "package": 1,
                "fulfillment_order": 1,
                "carrier": "post",
                "tracking_number": "T1",
                "at": "2026-03-02T14:30:00Z",
            },
        ),
    ]
    assert await header(database, ref.order_id) == ("fulfilled", 8)
    await assert_sound(database)


async def test_what_is_told_twice_changes_nothing(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    facts = [fact("T1", "in_transit"), fact("T1", "delivered", hours=5)]
    assert await recorded(database, *facts, *facts) == 2
    before = await everything(database)
    assert await recorded(database, *facts) == 0
    assert await everything(database) == before
    # Delivered once more, at another moment: it is noted, and nothing follows from it.
    assert await recorded(database, fact("T1", "delivered", hours=6)) == 1
    assert (await types(database, ref.order_id)).count("shipment.delivered") == 1
    assert (await seen(database, ref)).packages[0].delivered_at == AT + timedelta(hours=5)


async def test_facts_are_told_in_the_order_of_the_carriers_clock(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    await recorded(
        database,
        fact("T1", "delivered", hours=9),
        fact("T1", "out_for_delivery", hours=7),
        fact("T1", "in_transit"),
    )
    assert [
        data.get("milestone", type_) for _, type_, data in (await told(database, ref.order_id))[6:]
    ] == ["in_transit", "out_for_delivery", "shipment.delivered"]


async def test_the_last_of_two_packages_ends_the_work(database: Database) -> None:
    ref = await packed(
        database,
        await to_lyon(database, ("CUP", 3)),
        NewPackage(items=(PackedItem(allocation=1, quantity=1),)),
        NewPackage(items=(PackedItem(allocation=1, quantity=2),)),
    )
    async with database.transaction() as db:
        await ship(db, ref=ref, version=None, author=AUTHOR, packages=numbered("T1", "T2"))
    await recorded(database, fact("T2", "delivered"))
    assert (await seen(database, ref)).state == "shipped"
    assert [row[:3] for row in await allocations(database, ref.order_id)] == [
        (1, 2, "delivered"),
        (2, 1, "shipped"),
    ]
    await recorded(database, fact("T1", "delivered"))
    assert (await seen(database, ref)).state == "closed"
    await assert_sound(database)


async def test_rows_that_cannot_be_noted_are_named_and_nothing_is_noted(
    database: Database,
) -> None:
    await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    before = await everything(database)
    future = CarrierFact(
        carrier="post",
        tracking_number="T1",
        milestone="delayed",
        at=clock.now() + timedelta(hours=1),
    )
    with pytest.raises(InvalidInput) as refusal:
        await recorded(
            database,
            fact("T1", "delivered"),
            fact("T9", "delivered"),
            fact("T1", "delivered", carrier="other"),
            future,
        )
    assert [(each.pointer, each.code) for each in refusal.value.faults] == [
        ("/events/1/tracking_number", "unknown_package"),
        ("/events/2/tracking_number", "unknown_package"),
        ("/events/3/at", "in_the_future"),
    ]
    assert await everything(database) == before
