"""Rerouting: another place for what has none, never one that declined, or a dated wait."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.fulfillment.floor import AUTHOR, captured, picked, told, types
from tests.orders.book import assert_sound, cancelled, shown, state_of_everything, states
from tests.orders.shop import collected, count, level, open_shop, order
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.fulfillment.pick import Picked
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import reject
from unisono.fulfillment.release import release
from unisono.orders import reading
from unisono.orders.reroute import due, reroute
from unisono.workers import schedule


async def rerouted(database: Database, *order_ids: UUID) -> int:
    async with database.transaction() as db:
        return await reroute(db, order_ids=order_ids)


async def rejected(database: Database, order_id: UUID, n: int = 1) -> None:
    """Release an order, and let its location reject the work."""
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
        ref = FulfillmentRef(order_id=order_id, n=n)
        await reject(db, ref=ref, version=None, author=AUTHOR, reason="no hands")


async def waits(database: Database, order_id: UUID) -> list[tuple[int, float]]:
    """Return tries and minutes from now of what waits."""
    async with database.read() as db:
        return [
            (attempts, round((retry_at - clock.now()).total_seconds() / 60, 1))
            for attempts, retry_at in await db.tuples(
                b"SELECT attempts, retry_at FROM orders.allocation"
                b" WHERE order_id = %(id)s AND state = 'open' ORDER BY n",
                {"id": order_id},
            )
        ]


async def test_what_was_rejected_goes_to_the_next_best_place(database: Database) -> None:
    await open_shop(
        database, {("CUP", "S-LYON"): 5, ("CUP", "W-ORLEANS"): 5, ("CUP", "S-LILLE"): 5}
    )
    order_id = await captured(database, order("A-1", ("CUP", 2)))
    places = []
    for n in range(1, 4):
        places += [place for *_, place, _ in await states(database, order_id)]
        await rejected(database, order_id, n)
        placed = await rerouted(database, order_id)
        assert placed == (1 if n < 3 else 0)
    # Lyon is near; Orléans is cheaper than Lille at preparing.
    assert places == ["S-LYON", "W-ORLEANS", "S-LILLE"]
    # Everybody declined: it waits, although everybody has it.
    assert await states(database, order_id) == [(1, 2, None, "open")]
    for place in ("S-LYON", "W-ORLEANS", "S-LILLE"):
        assert (await level(database, "CUP", place)).free == 5
    assert (await types(database, order_id))[-2:] == [
        "fulfillment_order.rejected",
        "order.parked",
    ]
    await assert_sound(database)


async def test_each_decision_is_kept_with_who_declined(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "W-ORLEANS"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 2)))
    await rejected(database, order_id)
    await rerouted(database, order_id)
    async with database.read() as db:
        first, second = await reading.decisions(db, order_id=order_id)
    assert [parcel.location for parcel in first.parcels] == ["S-LYON"]
    assert [parcel.location for parcel in second.parcels] == ["W-ORLEANS"]
    assert (first.removed, second.removed) == ({}, {"declined": ["S-LYON"]})
    assert (await told(database, order_id))[-1][1:] == (
        "sourcing_plan.created",
        {"allocations": [[1, 2, "W-ORLEANS"]]},
    )


async def test_what_was_not_found_is_asked_elsewhere_and_the_rest_stays(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5, ("CUP", "S-LILLE"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 3)))
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    ref = FulfillmentRef(order_id=order_id, n=1)
    await picked(database, ref, Picked(allocation=1, quantity=1), all_of_it=False)
    assert await rerouted(database, order_id) == 1
    assert sorted(await states(database, order_id)) == [
        (1, 1, "S-LYON", "picked"),
        (1, 2, "S-LILLE", "allocated"),
    ]
    lyon = await level(database, "CUP", "S-LYON")
    assert (lyon.on_hand, lyon.unavailable, lyon.committed) == (5, 2, 1)
    await assert_sound(database)


async def test_a_part_that_finds_a_place_does_not_wait_for_the_rest(database: Database) -> None:
    await open_shop(database, {})
    order_id = await captured(database, order("A-1", ("CUP", 5), channel="market"))
    await count(database, {("CUP", "S-LYON"): 2, ("CUP", "S-LILLE"): 1})
    assert await rerouted(database, order_id) == 1
    assert set(await states(database, order_id)) == {
        (1, 1, "S-LILLE", "allocated"),
        (1, 2, "S-LYON", "allocated"),
        (1, 2, None, "open"),
    }
    await count(database, {("CUP", "S-LYON"): 4})
    assert await rerouted(database, order_id) == 1
    assert not [row for row in await states(database, order_id) if row[3] == "open"]
    await assert_sound(database)


async def test_what_still_finds_no_place_waits_twice_as_long_and_tells_it_once(
    database: Database,
) -> None:
    await open_shop(database, {})
    order_id = await captured(database, order("A-1", ("CUP", 5), channel="market"))
    assert await waits(database, order_id) == [(0, 1.0)]
    for tries, minutes in ((1, 1.0), (2, 2.0), (3, 4.0)):
        assert await rerouted(database, order_id) == 0
        assert await waits(database, order_id) == [(tries, minutes)]
    assert (await types(database, order_id)).count("order.parked") == 1
    for _ in range(4):
        await rerouted(database, order_id)
    # The longest wait is a setting: an hour.
    assert await waits(database, order_id) == [(7, 60.0)]
    await assert_sound(database)


async def test_what_lost_its_place_again_waits_from_the_beginning_and_tells_it(
    database: Database,
) -> None:
    await open_shop(database, {})
    order_id = await captured(database, order("A-1", ("CUP", 1), channel="market"))
    for _ in range(3):
        await rerouted(database, order_id)
    await count(database, {("CUP", "S-LYON"): 1})
    assert await rerouted(database, order_id) == 1
    await rejected(database, order_id)
    assert await rerouted(database, order_id) == 0
    assert await waits(database, order_id) == [(1, 1.0)]
    assert (await types(database, order_id)).count("order.parked") == 2


async def test_goods_that_are_collected_are_never_asked_of_another_store(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("CUP", "S-LILLE"): 5})
    order_id = await captured(database, collected("A-1", ("CUP", 1), location="S-LYON"))
    await rejected(database, order_id)
    assert await rerouted(database, order_id) == 0
    assert (await states(database, order_id))[0][2:] == (None, "open")
    assert (await level(database, "CUP", "S-LILLE")).committed == 0


async def test_rerouting_again_changes_nothing(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 5})
    order_id = await captured(database, order("A-1", ("CUP", 1)))
    other = await captured(database, order("A-2", ("CUP", 1)))
    await cancelled(database, other)
    before = await state_of_everything(database)
    assert await rerouted(database, order_id, other) == 0
    assert await state_of_everything(database) == before


async def test_waiting_orders_are_tried_again_by_themselves_the_first_first(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {})
    first = await captured(database, order("A-1", ("CUP", 2), channel="market"))
    second = await captured(database, order("A-2", ("CUP", 2), channel="market"))
    async with database.read() as db:
        assert await due(db, limit=9) == []
    async with database.transaction() as db:
        await db.execute(
            b"UPDATE orders.allocation SET retry_at = now() - interval '1 second'"
            b" - CASE WHEN order_id = %(first)s THEN interval '1 second' ELSE interval '0' END",
            {"first": first},
        )
    async with database.read() as db:
        assert await due(db, limit=9) == [first, second]
        assert await due(db, limit=1) == [first]
    await count(database, {("CUP", "S-LYON"): 3})
    await schedule.retry_parked_orders(database, replace(settings, list_rows_max=1))
    assert await states(database, first) == [(1, 2, "S-LYON", "allocated")]
    assert set(await states(database, second)) == {
        (1, 1, "S-LYON", "allocated"),
        (1, 1, None, "open"),
    }
    async with database.read() as db:
        assert await due(db, limit=9) == []
    assert (await shown(database, second)).state == "open"
    await assert_sound(database)


@pytest.mark.parametrize("minutes", [-1, 1])
async def test_an_order_is_due_when_its_time_has_come(database: Database, minutes: int) -> None:
    await open_shop(database, {})
    order_id = await captured(database, order("A-1", ("CUP", 2), channel="market"))
    async with database.transaction() as db:
        await db.execute(
            b"UPDATE orders.allocation SET retry_at = %(at)s",
            {"at": clock.now() + timedelta(minutes=minutes)},
        )
        assert await due(db, limit=9) == ([order_id] if minutes < 0 else [])
