"""Reassigning: what nobody has begun goes elsewhere, all of it or nothing."""

import asyncio
from uuid import UUID

import pytest

from tests.fulfillment.floor import (
    AUTHOR,
    accepted,
    captured,
    figures,
    picked,
    released,
    seen,
    told,
)
from tests.orders.book import assert_sound, cancelled, shown, state_of_everything, states
from tests.orders.shop import collected, open_shop, order
from unisono.core import ids
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, UnisonoError, VersionMismatch
from unisono.core.lifecycle import TransitionRefused
from unisono.fulfillment.accept import accept
from unisono.fulfillment.pick import pick
from unisono.fulfillment.reassign import NothingToReroute, Reassignment, reassign
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.orders import reading
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import NewPayment
from unisono.orders.reroute import NoOtherLocation

STOCK = {
    ("CUP", "S-LYON"): 9,
    ("CUP", "S-LILLE"): 9,
    ("LAMP", "S-LYON"): 9,
    ("LAMP", "W-ORLEANS"): 2,
}


async def moved(
    database: Database,
    order_id: UUID,
    *allocations: int,
    location: str | None = None,
    version: int | None = None,
) -> None:
    wanted = Reassignment(reason="strike", location=location, allocations=allocations)
    async with database.transaction() as db:
        await reassign(db, order_id=order_id, reassignment=wanted, version=version, author="Bo")


async def test_work_goes_to_another_place_and_its_claims_with_it(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await accepted(database, await released(database, order("A-1", ("CUP", 2))))
    version = (await seen(database, ref)).version
    await moved(database, ref.order_id)
    assert await states(database, ref.order_id) == [(1, 2, "S-LILLE", "allocated")]
    assert await figures(database, "CUP", "S-LYON") == (9, 0, 0)
    assert await figures(database, "CUP", "S-LILLE") == (9, 0, 2)
    work = await seen(database, ref)
    assert (work.state, work.version) == ("cancelled", version + 1)
    assert (await told(database, ref.order_id))[-3:] == [
        (4, "order.rerouted", {"reason": "strike", "taken": [[1, 2, "S-LYON"]], "author": "Bo"}),
        (5, "sourcing_plan.created", {"allocations": [[1, 2, "S-LILLE"]]}),
        (6, "fulfillment_order.cancelled", {"fulfillment_order": 1, "location": "S-LYON"}),
    ]
    async with database.read() as db:
        *_, last = await reading.decisions(db, order_id=ref.order_id)
    assert ([each.location for each in last.parcels], last.removed["declined"]) == (
        ["S-LILLE"],
        ["S-LYON"],
    )
    await assert_sound(database)
    # The new place is asked, and the old one is never asked again.
    async with database.transaction() as db:
        await release(db, order_ids=[ref.order_id])
    second = await picked(database, FulfillmentRef(order_id=ref.order_id, n=2))
    assert (await seen(database, second)).location == "S-LILLE"
    await assert_sound(database)


async def test_what_was_not_released_yet_can_go_elsewhere_too(database: Database) -> None:
    await open_shop(database, STOCK)
    waiting = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 2), payment=waiting))
    await moved(database, order_id, location="S-LYON", version=1)
    assert await states(database, order_id) == [(1, 2, "S-LILLE", "allocated")]
    assert (await shown(database, order_id)).state == "on_hold"
    await assert_sound(database)


async def test_a_part_goes_elsewhere_and_the_rest_of_the_work_stays(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2), ("LAMP", 1)))
    before = await seen(database, ref)
    await moved(database, ref.order_id, 2)
    assert await states(database, ref.order_id) == [
        (1, 2, "S-LYON", "released"),
        (2, 1, "W-ORLEANS", "allocated"),
    ]
    work = await seen(database, ref)
    assert (work.state, work.version) == ("open", before.version + 1)
    assert [each.sku for each in work.lines] == ["CUP"]
    # Whoever works with the list as it was is told so.
    with pytest.raises(VersionMismatch):
        async with database.transaction() as db:
            await accept(db, ref=ref, version=before.version, author=AUTHOR)
    await assert_sound(database)


async def test_only_the_place_that_is_named_loses_work(database: Database) -> None:
    await open_shop(
        database, {("CUP", "S-LYON"): 9, ("CUP", "S-LILLE"): 9, ("LAMP", "W-ORLEANS"): 2}
    )
    order_id = await captured(database, order("A-1", ("CUP", 2), ("LAMP", 1)))
    await moved(database, order_id, location="S-LYON")
    assert sorted(await states(database, order_id)) == [
        (1, 2, "S-LILLE", "allocated"),
        (2, 1, "W-ORLEANS", "allocated"),
    ]
    await assert_sound(database)


async def test_several_places_serve_what_one_had(database: Database) -> None:
    await open_shop(
        database, {("CUP", "S-LYON"): 9, ("CUP", "S-LILLE"): 2, ("CUP", "W-ORLEANS"): 1}
    )
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    await moved(database, order_id)
    assert sorted(await states(database, order_id)) == [
        (1, 1, "W-ORLEANS", "allocated"),
        (1, 2, "S-LILLE", "allocated"),
    ]
    await assert_sound(database)


async def test_without_another_place_for_all_of_it_nothing_changes(database: Database) -> None:
    await open_shop(database, STOCK)
    lamps = await released(database, order("A-1", ("CUP", 2), ("LAMP", 3)))
    fetched = await captured(database, collected("A-2", ("CUP", 1), location="S-LYON"))
    before = await state_of_everything(database)
    with pytest.raises(NoOtherLocation, match="1 units have no other place"):
        await moved(database, lamps.order_id)
    # Goods are collected where the customer comes, and nowhere else.
    with pytest.raises(NoOtherLocation):
        await moved(database, fetched)
    assert await state_of_everything(database) == before
    await moved(database, lamps.order_id, 1)
    await assert_sound(database)


async def test_what_was_begun_has_left_or_waits_cannot_go_elsewhere(database: Database) -> None:
    await open_shop(database, {**STOCK, ("CHAIR", "S-LYON"): 1})
    begun = await picked(database, await released(database, order("A-1", ("CUP", 2))))
    gone = await captured(database, order("A-2", ("CUP", 1)))
    await cancelled(database, gone)
    waits = await captured(database, order("A-3", ("CHAIR", 2), channel="market"))
    before = await state_of_everything(database)
    for order_id, allocations, where in (
        (begun.order_id, (), None),
        (begun.order_id, (1,), None),
        (gone, (), None),
        (waits, (1, 2), None),
        (waits, (), "S-LILLE"),
    ):
        with pytest.raises(NothingToReroute):
            await moved(database, order_id, *allocations, location=where)
    with pytest.raises(InvalidInput) as refused:
        await moved(database, begun.order_id, 1, 1, 7, location="NOWHERE")
    assert [(each.pointer, each.code) for each in refused.value.faults] == [
        ("/allocations/1", "repeated"),
        ("/allocations/2", "unknown_allocation"),
        ("/location", "unknown_location"),
    ]
    with pytest.raises(VersionMismatch):
        await moved(database, waits, version=7)
    with pytest.raises(UnknownOrder):
        await moved(database, ids.uuid7())
    assert await state_of_everything(database) == before


@pytest.mark.parametrize("turn", range(3))
async def test_of_picking_and_taking_away_at_once_one_wins(database: Database, turn: int) -> None:
    await open_shop(database, STOCK)
    ref = await accepted(database, await released(database, order("A-1", ("CUP", 2))))

    async def take_away() -> None:
        await asyncio.sleep(0.002 * turn)
        await moved(database, ref.order_id)

    async def find() -> None:
        async with database.transaction() as db:
            await pick(db, ref=ref, version=None, author=AUTHOR)

    outcomes = await asyncio.gather(take_away(), find(), return_exceptions=True)
    refusals = [each for each in outcomes if isinstance(each, BaseException)]
    assert [type(each) for each in refusals] in ([NothingToReroute], [TransitionRefused])
    won = "S-LYON" if outcomes[1] is None else "S-LILLE"
    [(_, units, place, state)] = await states(database, ref.order_id)
    assert (units, place, state) == (2, won, "picked" if won == "S-LYON" else "allocated")
    await assert_sound(database)


async def test_cancelling_and_taking_away_at_once_leave_the_figures_right(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    for n in range(6):
        ref = await released(database, order(f"A-{n}", ("CUP", 2), ("LAMP", 1)))
        outcomes = await asyncio.gather(
            moved(database, ref.order_id, 1),
            cancelled(database, ref.order_id, (1, 1)),
            moved(database, ref.order_id, 1),
            return_exceptions=True,
        )
        refusals = [each for each in outcomes if isinstance(each, BaseException)]
        assert all(isinstance(each, UnisonoError) for each in refusals), refusals
        # The cancellation always finds something; of the places that have cups only one is left.
        assert outcomes[1] is None
        assert [type(each) for each in refusals] == [NoOtherLocation]
        await assert_sound(database)
        await cancelled(database, ref.order_id)
    assert await figures(database, "CUP", "S-LILLE") == (9, 0, 0)


async def test_orders_that_lose_places_at_once_do_not_wait_for_each_other(
    database: Database,
) -> None:
    """Levels are locked in one order, whichever place gives and whichever takes."""
    every = ("S-LYON", "S-LILLE", "W-ORLEANS")
    await open_shop(database, {(sku, at): 60 for sku in ("CUP", "LAMP") for at in every})
    made = [await captured(database, order(f"A-{n}", ("CUP", 1), ("LAMP", 1))) for n in range(8)]
    for each in made[:4]:
        await moved(database, each)
    # The first four go on from their second place while the others leave their first one.
    for four in (made[::2], made[1::2]):
        await asyncio.gather(*(moved(database, each) for each in four))
    for n, order_id in enumerate(made):
        places = {place for _, _, place, _ in await states(database, order_id)}
        assert len(places) == 1
        assert "S-LYON" not in places
        assert (places == {"S-LILLE"}) == (n < 4)
    await assert_sound(database)
