import pytest

from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.network import places
from unisono.network.places import NewPlace, UnknownPlace


def place(postal_code: str, country: str = "FR", name: str = "Somewhere") -> NewPlace:
    return NewPlace(
        country=country, postal_code=postal_code, name=name, latitude=47.9, longitude=1.9
    )


async def test_places_are_held_as_told_and_only_what_changes_is_told_on(
    database: Database,
) -> None:
    async with database.transaction() as db:
        stored = await places.put(db, places=[place("45000"), place("1000", "BE")])
        assert [(each.country, each.version) for each in stored] == [("FR", 1), ("BE", 1)]
        before = (await revision.current(db))["network"]
        await places.put(db, places=[place("45000"), place("1000", "BE")])
        assert (await revision.current(db))["network"] == before
        [renamed] = await places.put(db, places=[place("45000", name="Orléans")])
        assert (renamed.name, renamed.version) == ("Orléans", 2)
        assert (await revision.current(db))["network"] == before + 1
    async with database.read() as db:
        assert await db.tuples(
            b"SELECT sequence, type FROM core.event WHERE aggregate = %(place)s::uuid"
            b" ORDER BY sequence",
            {"place": ids.named("place", "FR 45000")},
        ) == [(1, "place.changed"), (2, "place.changed")]


async def test_a_postal_code_given_twice_is_named_and_nothing_is_put(database: Database) -> None:
    async with database.transaction() as db:
        with pytest.raises(InvalidInput) as refusal:
            await places.put(db, places=[place("45000"), place("1", "BE"), place("45000")])
        assert [fault.pointer for fault in refusal.value.faults] == ["/places/2/postal_code"]
        with pytest.raises(UnknownPlace, match="there is no place FR 45000"):
            await places.get(db, country="FR", postal_code="45000")


async def test_places_are_listed_by_country_and_postal_code(database: Database) -> None:
    async with database.transaction() as db:
        await places.put(
            db, places=[place("75001"), place("45000"), place("9000", "BE"), place("1000", "BE")]
        )
        first = await places.listing(db, after=None, limit=3)
        rest = await places.listing(db, after=first.after, limit=3)
        french = await places.listing(db, after=None, limit=3, country="FR")
    assert [each.postal_code for each in first.rows] == ["1000", "9000", "45000"]
    assert ([each.postal_code for each in rest.rows], rest.after) == (["75001"], None)
    assert [each.postal_code for each in french.rows] == ["45000", "75001"]
