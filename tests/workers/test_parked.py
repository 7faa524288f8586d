"""Orders that wait for stock are tried again when it arrives, and not before their time else."""

from tests.orders.shop import count, level, open_shop, order
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.orders.capture import capture
from unisono.workers.schedule import retry_parked_orders


async def states(database: Database) -> list[tuple[str, int]]:
    async with database.read() as db:
        rows = await db.tuples(b"SELECT state, quantity FROM orders.allocation ORDER BY n")
    return [(state, quantity) for state, quantity in rows]


async def test_stock_that_arrives_wakes_who_waits_for_it(
    database: Database, settings: Settings
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("LAMP", "S-LYON"): 0})
    await capture(database, [order("A-1", ("CUP", 1), ("LAMP", 2), channel="market")])
    await retry_parked_orders(database, settings)
    assert await states(database) == [("allocated", 1), ("open", 2)]
    await count(database, {("LAMP", "S-LYON"): 5})
    await retry_parked_orders(database, settings)
    assert await states(database) == [("allocated", 1), ("allocated", 2)]
    assert (await level(database, "LAMP", "S-LYON")).committed == 2


async def test_stock_of_something_else_wakes_nobody(database: Database, settings: Settings) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 0, ("LAMP", "S-LYON"): 0})
    await capture(database, [order("A-1", ("CUP", 1), channel="market")])
    await count(database, {("LAMP", "S-LYON"): 5})
    await retry_parked_orders(database, settings)
    async with database.read() as db:
        attempts = await db.value(b"SELECT attempts FROM orders.allocation")
    assert (await states(database), attempts) == ([("open", 1)], 0)
