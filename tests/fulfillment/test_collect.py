"""Collecting: the packages wait at the store, and are handed over once."""

import asyncio
from datetime import timedelta

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    allocations,
    assert_sound,
    at_lyon,
    cancelled,
    everything,
    figures,
    header,
    movements,
    packed,
    seen,
    to_lyon,
    told,
)
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.collect import hand_over, ready_for_pickup
from unisono.fulfillment.records import FulfillmentRef


async def waiting(database: Database, ref: FulfillmentRef) -> FulfillmentRef:
    await packed(database, ref)
    async with database.transaction() as db:
        await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    return ref


async def handed_over(database: Database, ref: FulfillmentRef) -> None:
    async with database.transaction() as db:
        await hand_over(db, ref=ref, version=None, author=AUTHOR)


async def test_goods_wait_and_stay_claimed_until_they_are_handed_over(database: Database) -> None:
    ref = await waiting(database, await at_lyon(database, ("CUP", 2)))
    assert (await seen(database, ref)).state == "ready_for_pickup"
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 2)
    assert (await header(database, ref.order_id))[0] == "open"
    await assert_sound(database)
    await handed_over(database, ref)
    work = await seen(database, ref)
    assert (work.state, work.packages[0].state, work.lines[0].state) == (
        "closed",
        "delivered",
        "picked_up",
    )
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    assert await movements(database) == [("collection", -2, 0, f"{work.order_number}/1", AUTHOR)]
    assert [(n, type_) for n, type_, _ in (await told(database, ref.order_id))[5:]] == [
        (6, "fulfillment_order.ready_for_pickup"),
        (7, "fulfillment_order.collected"),
    ]
    assert await header(database, ref.order_id) == ("fulfilled", 7)
    await assert_sound(database)


async def test_of_two_who_hand_over_at_once_one_wins(database: Database) -> None:
    ref = await waiting(database, await at_lyon(database, ("CUP", 2)))
    answers = await asyncio.gather(
        *(handed_over(database, ref) for _ in range(3)), return_exceptions=True
    )
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == 2
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    await assert_sound(database)


async def test_what_was_cancelled_while_it_waited_stays(database: Database) -> None:
    ref = await waiting(database, await at_lyon(database, ("CUP", 3)))
    await cancelled(database, ref.order_id, (1, 1))
    await handed_over(database, ref)
    assert await figures(database, "CUP", "S-LYON") == (8, 0, 0)
    assert [row[1:3] for row in await allocations(database, ref.order_id)] == [
        (2, "picked_up"),
        (1, "cancelled"),
    ]
    assert [item.quantity for item in (await seen(database, ref)).packages[0].items] == [2]
    await assert_sound(database)


async def test_what_a_carrier_brings_does_not_wait_at_the_store(database: Database) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(TransitionRefused, match="is to be sent by a carrier"):
        async with database.transaction() as db:
            await ready_for_pickup(db, ref=ref, version=None, author=AUTHOR)
    assert await everything(database) == before


async def test_goods_are_not_handed_over_before_they_wait_or_in_the_future(
    database: Database,
) -> None:
    ref = await packed(database, await at_lyon(database, ("CUP", 2)))
    before = await everything(database)
    with pytest.raises(TransitionRefused):
        await handed_over(database, ref)
    with pytest.raises(InvalidInput):
        async with database.transaction() as db:
            await hand_over(
                db,
                ref=ref,
                version=None,
                author=AUTHOR,
                occurred_at=clock.now() + timedelta(hours=1),
            )
    assert await everything(database) == before
