"""Copies of reference data: as of the revision that is current, and never of what was undone."""

import pytest
from psycopg.errors import DivisionByZero

from tests.network.samples import location
from unisono.core.database import Database
from unisono.network import network
from unisono.network.locations import put


async def _change_and_fail(database: Database) -> None:
    async with database.transaction() as db:
        await put(db, locations=[location("A")], currency="EUR")
        assert list((await network.of(db)).by_code) == ["A"]
        await db.execute(b"SELECT 1 / 0")


async def test_what_was_never_committed_is_not_remembered(database: Database) -> None:
    with pytest.raises(DivisionByZero):
        await _change_and_fail(database)
    async with database.transaction() as db:
        await put(db, locations=[location("B")], currency="EUR")
    async with database.read() as db:
        assert list((await network.of(db)).by_code) == ["B"]


async def test_a_copy_follows_the_revision(database: Database) -> None:
    async with database.read() as db:
        assert (await network.of(db)).by_code == {}
    async with database.transaction() as db:
        await put(db, locations=[location("A")], currency="EUR")
    async with database.read() as db:
        first = await network.of(db)
        assert list(first.by_code) == ["A"]
    async with database.read() as db:
        assert await network.of(db) is first
