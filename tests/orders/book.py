"""What is known of orders, read for comparison, and the usual changes of them."""

from typing import Any
from uuid import UUID

from tests.fulfillment.floor import everything
from unisono.core.database import Database
from unisono.inventory.audit import audit as audit_stock
from unisono.orders import reading
from unisono.orders.audit import audit as audit_orders
from unisono.orders.cancel import Cancellation, CancelledLine, cancel
from unisono.orders.reading import OrderView


async def shown(database: Database, order_id: UUID) -> OrderView:
    """Return an order whole."""
    async with database.read() as db:
        return await reading.get(db, order_id=order_id)


async def states(database: Database, order_id: UUID) -> list[tuple[int, int, str | None, str]]:
    """Return line, quantity, location and state of every quantity of an order."""
    order = await shown(database, order_id)
    return [(each.line, each.quantity, each.location, each.state) for each in order.allocations]


async def state_of_everything(database: Database) -> tuple[Any, ...]:
    """Return all that a change of an order can change, to compare before and after a refusal."""
    async with database.read() as db:
        payments = await db.tuples(b"SELECT p::text FROM payments.payment AS p ORDER BY 1")
        decisions = await db.tuples(b"SELECT d::text FROM orders.decision AS d ORDER BY 1")
    return (*await everything(database), payments, decisions)


async def cancelled(
    database: Database, order_id: UUID, *lines: tuple[int, int | None], version: int | None = None
) -> None:
    """Cancel quantities of lines (None: all that can be), or the whole order."""
    wanted = tuple(CancelledLine(line=n, quantity=units) for n, units in lines)
    async with database.transaction() as db:
        cancellation = Cancellation(reason="not wanted", lines=wanted)
        await cancel(db, order_id=order_id, cancellation=cancellation, version=version)


async def assert_sound(database: Database) -> None:
    """Both audits find nothing."""
    async with database.read() as db:
        assert await audit_stock(db) == []
    assert await audit_orders(database) == []
