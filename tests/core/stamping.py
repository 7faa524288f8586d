"""Waiting until everything that was told has its position."""

import asyncio

from unisono.core import lag, positions
from unisono.core.database import Database


async def stamped(database: Database) -> None:
    """Give every batch its position; an application that runs beside may be doing it just now."""
    while True:
        while await positions.stamp(database):
            pass
        async with database.read() as db:
            if not await lag.batches_without_position(db):
                return
        await asyncio.sleep(0.01)
