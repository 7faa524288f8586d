import asyncio

import pytest

from tests.network.samples import location
from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch, VersionRequired
from unisono.network import locations
from unisono.network.locations import Location, UnknownLocation


async def put(database: Database, *given: locations.NewLocation) -> list[Location]:
    async with database.transaction() as db:
        return await locations.put(db, locations=given, currency="EUR")


async def told(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(
            b"SELECT aggregate, sequence, type, data -> 'location' ->> 'line_cost',"
            b" data ->> 'currency' FROM core.event ORDER BY aggregate, sequence"
        )


async def test_costs_are_told_as_amounts_and_held_in_minor_units(database: Database) -> None:
    [held] = await put(database, location("S-1", line_cost="1.25", parcel_cost="0.7"))
    assert (held.line_cost, held.parcel_cost, held.version) == (125, 70, 1)
    shown = locations.told(held, currency="EUR")
    assert (shown.line_cost, shown.parcel_cost, shown.currency) == ("1.25", "0.70", "EUR")
    assert await told(database) == [
        (ids.named("location", "S-1"), 1, "location.changed", "1.25", "EUR")
    ]


async def test_only_a_location_that_changes_raises_its_version_and_the_revision(
    database: Database,
) -> None:
    await put(database, location("S-1"), location("S-2"))
    async with database.read() as db:
        before = (await revision.current(db))["network"]
    assert [each.version for each in await put(database, location("S-2"), location("S-1"))] == [
        1,
        1,
    ]
    async with database.read() as db:
        assert (await revision.current(db))["network"] == before
    changed = await put(database, location("S-2", status="suspended"), location("S-1"))
    assert [(each.code, each.version) for each in changed] == [("S-2", 2), ("S-1", 1)]
    async with database.read() as db:
        assert (await revision.current(db))["network"] == before + 1
    assert len(await told(database)) == 3


async def test_everything_that_is_wrong_is_named_and_nothing_is_put(database: Database) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await put(
            database,
            location("S-1", time_zone="Europe/Nowhere"),
            location("S-1", calendar="NEVER", parcel_cost="0.001"),
        )
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
        ("/locations/0/time_zone", "unknown_time_zone"),
        ("/locations/1/code", "repeated"),
        ("/locations/1/calendar", "unknown_calendar"),
        ("/locations/1/parcel_cost", "wrong_amount"),
    ]
    assert await told(database) == []
    async with database.read() as db:
        with pytest.raises(UnknownLocation):
            await locations.get(db, code="S-1")


async def test_of_two_who_replace_the_same_version_one_is_refused(database: Database) -> None:
    await put(database, location("S-1"))

    async def suspend(name: str) -> int:
        async with database.transaction() as db:
            stored = await locations.replace(
                db,
                code="S-1",
                location=location("S-1", name=name),
                version=1,
                currency="EUR",
            )
            return stored.version

    answers = await asyncio.gather(suspend("A"), suspend("B"), return_exceptions=True)
    assert 2 in answers
    assert [type(each) for each in answers if each != 2] == [VersionMismatch]
    assert len(await told(database)) == 2


async def test_a_location_that_exists_is_not_made_again(database: Database) -> None:
    await put(database, location("S-1"))
    async with database.transaction() as db:
        with pytest.raises(VersionRequired):
            await locations.replace(
                db, code="S-1", location=location("S-1"), version=None, currency="EUR"
            )
        with pytest.raises(InvalidInput) as refusal:
            await locations.replace(
                db, code="S-2", location=location("S-1"), version=None, currency="EUR"
            )
    assert [fault.pointer for fault in refusal.value.faults] == ["/code"]


async def test_a_listing_filters_and_goes_on_after_its_cursor(database: Database) -> None:
    await put(
        database,
        location("S-1", name="Boutique Élysée"),
        location("S-2", name="Boutique Lyon"),
        location("W-1", kind="warehouse", status="offline"),
    )
    async with database.read() as db:
        first = await locations.listing(db, after=None, limit=2)
        assert [each.code for each in first.rows] == ["S-1", "S-2"]
        rest = await locations.listing(db, after=first.after, limit=2)
        assert ([each.code for each in rest.rows], rest.after) == (["W-1"], None)
        found = await locations.listing(db, after=None, limit=9, search="elysee", kind="store")
        assert [each.code for each in found.rows] == ["S-1"]
        found = await locations.listing(db, after=None, limit=9, status="offline")
        assert [each.code for each in found.rows] == ["W-1"]
        assert await locations.unknown(db, codes=["S-1", "S-9"]) == {"S-9"}
