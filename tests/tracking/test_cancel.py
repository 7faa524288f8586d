"""Cancelling by the customer: the whole order or nothing, until something has left."""

import asyncio

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    STOCK,
    assert_sound,
    cancelled,
    captured,
    everything,
    figures,
    header,
    numbered,
    packed,
    released,
    shipped,
    to_lyon,
    told,
)
from tests.orders.shop import open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import UnisonoError, VersionMismatch
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.ship import ship
from unisono.orders.cancel import NothingToCancel
from unisono.tracking import cancel
from unisono.tracking.cancel import TooLateToCancel
from unisono.tracking.links import UnknownTracking


async def asked(database: Database, ref: FulfillmentRef, *, version: int | None = None) -> None:
    seen = (await header(database, ref.order_id))[1] if version is None else version
    async with database.transaction() as db:
        await cancel.cancel(db, order_id=ref.order_id, version=seen)


async def test_a_customer_cancels_an_order_while_its_location_works_on_it(
    database: Database,
) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2), ("LAMP", 1)))
    await asked(database, ref)
    assert (await header(database, ref.order_id))[0] == "cancelled"
    assert await figures(database, "CUP", "S-LYON") == (10, 0, 0)
    _, type_, data = (await told(database, ref.order_id))[-1]
    assert (type_, data["reason"], data.get("author")) == ("order.cancelled", cancel.REASON, None)
    await assert_sound(database)


async def test_after_a_part_has_left_nothing_is_cancelled(database: Database) -> None:
    await open_shop(database, STOCK)
    # Lyon has no more cups than ten: the order comes from two places.
    ref = await released(database, order("A-1", ("CUP", 11), ("LAMP", 1)))
    await shipped(database, ref)
    before = await everything(database)
    with pytest.raises(TooLateToCancel):
        await asked(database, ref)
    assert await everything(database) == before


async def test_what_has_all_left_or_is_cancelled_cannot_be_cancelled(database: Database) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)))
    gone = FulfillmentRef(order_id=await captured(database, order("A-2", ("LAMP", 1))), n=1)
    await cancelled(database, gone.order_id)
    before = await everything(database)
    for each in (ref, gone):
        with pytest.raises(NothingToCancel):
            await asked(database, each)
    assert await everything(database) == before


async def test_a_page_that_is_not_new_any_more_cancels_nothing(database: Database) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    seen = (await header(database, ref.order_id))[1]
    await packed(database, ref)
    before = await everything(database)
    with pytest.raises(VersionMismatch):
        await asked(database, ref, version=seen)
    assert await everything(database) == before


async def test_what_is_no_order_cannot_be_cancelled(database: Database) -> None:
    async with database.transaction() as db:
        with pytest.raises(UnknownTracking):
            await cancel.cancel(db, order_id=ids.uuid7(), version=1)


async def test_of_a_cancellation_and_a_van_at_the_same_moment_one_wins(
    database: Database,
) -> None:
    ref = await packed(database, await to_lyon(database, ("CUP", 2)))
    seen = (await header(database, ref.order_id))[1]

    async def leave() -> None:
        async with database.transaction() as db:
            await ship(db, ref=ref, version=None, author=AUTHOR, packages=numbered("T1"))

    ended = await asyncio.gather(
        asked(database, ref, version=seen), leave(), return_exceptions=True
    )
    refused = [each for each in ended if each is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], UnisonoError)
    state = (await header(database, ref.order_id))[0]
    assert state == ("fulfilled" if ended[1] is None else "cancelled")
    await assert_sound(database)
