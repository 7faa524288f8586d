"""Statements that travel together, on connections that others use as well."""

from dataclasses import replace

import pytest

from unisono.core import revision
from unisono.core.database import Database
from unisono.core.settings import Settings


async def test_trips_go_on_where_another_transaction_was_undone(
    database_url: str, settings: Settings
) -> None:
    database = Database(replace(settings, database_writers=1), url=database_url)
    await database.open()

    async def undo() -> None:
        async with database.transaction() as db:
            await revision.bump(db, "catalog")
            raise LookupError

    try:
        for _ in range(2):
            async with database.pipeline() as db:
                assert await revision.current(db) == {"network": 1, "catalog": 1, "channels": 1}
            with pytest.raises(LookupError):
                await undo()
    finally:
        await database.close()
