"""Levels by codes, and what a transaction makes of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.orders.shop import level, open_shop
from unisono.core import clock
from unisono.core.database import Database
from unisono.inventory import ledger, levels
from unisono.inventory.claims import Claim
from unisono.inventory.ledger import Cause, NewMovement
from unisono.inventory.levels import Change, Changed, Key, Take

LYON = ("CUP", "S-LYON")
LILLE = ("CUP", "S-LILLE")


def ago(minutes: int) -> datetime:
    """A moment of the last hours."""
    return clock.now() - timedelta(minutes=minutes)


async def stocked(database: Database, stock: Mapping[tuple[str, str], int]) -> dict[str, Key]:
    """Open the shop with this stock; return the keys of cups, by location."""
    await open_shop(database, stock)
    held = {place: await level(database, "CUP", place) for _, place in (LYON, LILLE)}
    return {place: (each.sku, each.location) for place, each in held.items()}


async def figures(database: Database, place: str = "S-LYON") -> tuple[int, int, int, int]:
    """Return on_hand, unavailable, committed and shortfall of the cups there."""
    held = await level(database, "CUP", place)
    return held.on_hand, held.unavailable, held.committed, held.shortfall


async def take(database: Database, takes: Mapping[Key, tuple[int, int]]) -> list[Changed]:
    """Take (quantity, need) by level in a transaction of its own."""
    async with database.transaction() as db:
        wanted = {key: Take(quantity=units, need=need) for key, (units, need) in takes.items()}
        return await levels.take(db, takes=wanted)


async def apply(
    database: Database, key: Key, *, on_hand: int = 0, unavailable: int = 0, committed: int = 0
) -> list[Changed]:
    """Apply a change to one level in a transaction of its own."""
    change = Change(on_hand=on_hand, unavailable=unavailable, committed=committed)
    async with database.transaction() as db:
        return await levels.apply(db, changes={key: change})


def movement(key: Key, cause: Cause, quantity: int, **more: object) -> NewMovement:
    """A movement of units at a level, by Ana, now."""
    fields: dict[str, Any] = {"author": "Ana", "occurred_at": clock.now(), **more}
    return NewMovement(sku=key[0], location=key[1], cause=cause, quantity=quantity, **fields)


async def post(
    database: Database, *movements: NewMovement, closed: tuple[Claim, ...] = ()
) -> list[Changed]:
    """Post movements in a transaction of its own."""
    async with database.transaction() as db:
        return await ledger.post(db, movements=movements, closed=closed)


async def lines(database: Database) -> list[tuple[Any, ...]]:
    """Return cause, quantity, changes of on_hand and unavailable of the ledger, but for counts."""
    async with database.read() as db:
        return await db.tuples(
            b"SELECT cause, quantity, on_hand_change, unavailable_change FROM inventory.movement"
            b" WHERE cause <> 'count' ORDER BY id"
        )


async def stock(database: Database) -> list[tuple[Any, ...]]:
    """Return everything that is known of stock, to compare before and after a refusal."""
    tables = ("stock_level", "claim", "movement", "unavailable", "stock_change")
    async with database.read() as db:
        return [
            *[
                row
                for table in tables
                for row in await db.tuples(
                    f"SELECT t::text FROM inventory.{table} AS t ORDER BY 1".encode()
                )
            ]
        ]
