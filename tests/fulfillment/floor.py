"""The shop floor for tests: orders of the small retailer that became work."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.orders.shop import collected, level, open_shop, order
from unisono.core.database import Database
from unisono.fulfillment import queue
from unisono.fulfillment.accept import accept
from unisono.fulfillment.pack import NewPackage, pack
from unisono.fulfillment.pick import Picked, pick
from unisono.fulfillment.queue import FulfillmentOrder
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.fulfillment.ship import Labelled, ship
from unisono.inventory.audit import audit
from unisono.orders.cancel import Cancellation, CancelledLine, cancel
from unisono.orders.capture import capture
from unisono.orders.entries import Captured
from unisono.orders.new_order import NewOrder

AUTHOR = "Ana"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STOCK = {
    ("CUP", "S-LYON"): 10,
    ("LAMP", "S-LYON"): 10,
    ("CHAIR", "S-LYON"): 10,
    ("CUP", "W-ORLEANS"): 10,
}


async def captured(database: Database, new: NewOrder) -> UUID:
    """Capture an order and return its id."""
    [answer] = await capture(database, [new])
    assert isinstance(answer, Captured), answer
    return answer.id


async def released(database: Database, new: NewOrder) -> FulfillmentRef:
    """Capture and release an order; return its first fulfillment order."""
    order_id = await captured(database, new)
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    return FulfillmentRef(order_id=order_id, n=1)


async def to_lyon(database: Database, *lines: tuple[str, int]) -> FulfillmentRef:
    """Open the shop and release an order that Lyon sends to Lyon."""
    await open_shop(database, STOCK)
    return await released(database, order("A-1", *lines))


async def at_lyon(database: Database, *lines: tuple[str, int]) -> FulfillmentRef:
    """Open the shop and release an order that is collected at Lyon."""
    await open_shop(database, STOCK)
    return await released(database, collected("A-1", *lines, location="S-LYON"))


async def accepted(
    database: Database, ref: FulfillmentRef, *, at: datetime | None = None
) -> FulfillmentRef:
    """Accept the work; ``at`` is when it says that it happened."""
    async with database.transaction() as db:
        await accept(db, ref=ref, version=None, author=AUTHOR, occurred_at=at)
    return ref


async def picked(
    database: Database,
    ref: FulfillmentRef,
    *found: Picked,
    all_of_it: bool = True,
    at: datetime | None = None,
) -> FulfillmentRef:
    """Accept the work and pick all of it, or what is named."""
    await accepted(database, ref, at=at)
    async with database.transaction() as db:
        await pick(
            db,
            ref=ref,
            version=None,
            author=AUTHOR,
            picked=None if all_of_it else list(found),
            occurred_at=at,
        )
    return ref


async def packed(
    database: Database, ref: FulfillmentRef, *packages: NewPackage, at: datetime | None = None
) -> FulfillmentRef:
    """Accept, pick and pack the work."""
    await picked(database, ref, at=at)
    async with database.transaction() as db:
        await pack(
            db, ref=ref, version=None, author=AUTHOR, packages=packages or None, occurred_at=at
        )
    return ref


def numbered(*labels: str) -> list[Labelled]:
    """Number the packages of an order from 1."""
    return [Labelled(package=n, tracking_number=label) for n, label in enumerate(labels, 1)]


async def shipped(database: Database, ref: FulfillmentRef, *labels: str) -> FulfillmentRef:
    """Accept, pick, pack and ship the work, in one package unless more numbers are given."""
    await packed(database, ref)
    async with database.transaction() as db:
        await ship(db, ref=ref, version=None, author=AUTHOR, packages=numbered(*labels or ("T1",)))
    return ref


async def cancelled(database: Database, order_id: UUID, *lines: tuple[int, int | None]) -> None:
    """Cancel quantities of lines (None: all), or the whole order."""
    async with database.transaction() as db:
        await cancel(
            db,
            order_id=order_id,
            version=None,
            cancellation=Cancellation(
                reason="not wanted",
                lines=tuple(CancelledLine(line=n, quantity=units) for n, units in lines),
            ),
        )


async def seen(database: Database, ref: FulfillmentRef) -> FulfillmentOrder:
    """Return the work as the location sees it."""
    async with database.read() as db:
        return await queue.get(db, ref=ref)


async def told(database: Database, order_id: UUID) -> list[tuple[int, str, dict[str, Any]]]:
    """Return what was told of an order: sequence, type, data."""
    async with database.read() as db:
        return await db.tuples(
            b"SELECT sequence, type, data FROM core.event WHERE aggregate = %(id)s ORDER BY 1",
            {"id": order_id},
        )


async def types(database: Database, order_id: UUID) -> list[str]:
    """Return the types of what was told of an order."""
    return [type_ for _, type_, _ in await told(database, order_id)]


async def allocations(database: Database, order_id: UUID) -> list[tuple[Any, ...]]:
    """Return number, quantity, state, reason and fulfillment order of an order's allocations."""
    async with database.read() as db:
        return await db.tuples(
            b"SELECT n, quantity, state, reason, fulfillment_order FROM orders.allocation"
            b" WHERE order_id = %(id)s ORDER BY n",
            {"id": order_id},
        )


async def header(database: Database, order_id: UUID) -> tuple[str, int]:
    """Return state and version of an order."""
    async with database.read() as db:
        [row] = await db.tuples(
            b"SELECT state, version FROM orders.orders WHERE id = %(id)s", {"id": order_id}
        )
        return row[0], row[1]


async def movements(database: Database) -> list[tuple[Any, ...]]:
    """Return cause, changes of on_hand and unavailable, document and author but for counts."""
    async with database.read() as db:
        return await db.tuples(
            b"SELECT cause, on_hand_change, unavailable_change, document, author"
            b" FROM inventory.movement WHERE cause <> 'count' ORDER BY id"
        )


async def figures(database: Database, sku: str, location: str) -> tuple[int, int, int]:
    """Return on_hand, unavailable and committed of a level."""
    held = await level(database, sku, location)
    return held.on_hand, held.unavailable, held.committed


async def everything(database: Database) -> tuple[Any, ...]:
    """Return all that work can change, to compare before and after a refusal."""
    tables = (
        "orders.orders",
        "orders.allocation",
        "fulfillment.fulfillment_order",
        "fulfillment.package",
        "fulfillment.tracking_number",
        "fulfillment.carrier_fact",
        "inventory.stock_level",
        "inventory.claim",
        "inventory.movement",
        "core.event",
    )
    async with database.read() as db:
        return tuple(
            [
                await db.tuples(f"SELECT t::text FROM {table} AS t ORDER BY 1".encode())
                for table in tables
            ]
        )


async def assert_sound(database: Database) -> None:
    """Every figure adds up, claims are those of living allocations, and sequences are dense."""
    async with database.read() as db:
        assert await audit(db) == []
        assert await db.tuples(
            b"SELECT sku, holder, n, location, quantity FROM inventory.claim ORDER BY holder, n"
        ) == await db.tuples(
            b"SELECT sku, order_id, n, location, quantity FROM orders.allocation"
            b" WHERE state IN ('allocated', 'released', 'picked', 'packed', 'ready_for_pickup')"
            b" ORDER BY order_id, n"
        )
        assert (
            await db.tuples(
                b"SELECT o.id FROM orders.orders AS o JOIN core.event AS e ON e.aggregate = o.id"
                b" GROUP BY o.id HAVING (count(*), max(e.sequence)) <> (o.version, o.version)"
            )
            == []
        )
        assert (
            await db.tuples(
                b"SELECT order_id, n FROM orders.order_line AS l WHERE quantity <> (SELECT"
                b" sum(a.quantity) FROM orders.allocation AS a WHERE (a.order_id, a.line)"
                b" = (l.order_id, l.n))"
            )
            == []
        )
