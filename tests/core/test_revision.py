"""Copies of reference data: read once, and again when its revision moved."""

from unisono.core import revision
from unisono.core.database import Database, Db
from unisono.core.revision import Copy


async def test_every_area_with_copies_has_a_revision(database: Database) -> None:
    async with database.read() as db:
        assert await revision.current(db) == {"catalog": 1, "channels": 1, "network": 1}


async def test_a_change_moves_the_revision_of_its_area_alone(database: Database) -> None:
    async with database.transaction() as db:
        await revision.bump(db, "network")
    async with database.read() as db:
        assert await revision.current(db) == {"catalog": 1, "channels": 1, "network": 2}


async def test_a_copy_is_read_again_only_after_a_change(database: Database) -> None:
    loads = 0

    async def load(db: Db) -> int:
        nonlocal loads
        loads += 1
        return loads

    copy = Copy("network", load)
    for expected in (1, 1):
        async with database.read() as db:
            assert await copy.get(db) == expected
    async with database.transaction() as db:
        await revision.bump(db, "catalog")
    async with database.read() as db:
        assert await copy.get(db) == 1
    async with database.transaction() as db:
        await revision.bump(db, "network")
    async with database.read() as db:
        assert await copy.get(db) == 2


async def test_who_makes_a_change_sees_it_at_once(database: Database) -> None:
    async def load(db: Db) -> int:
        return (await revision.current(db))["network"]

    copy = Copy("network", load)
    async with database.transaction() as db:
        assert await copy.get(db) == 1
        await revision.bump(db, "network")
        assert await copy.get(db) == 2
