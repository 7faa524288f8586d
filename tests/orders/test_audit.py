"""The audit of orders finds a row that was broken by hand, and names its order."""

from uuid import UUID

import pytest

from tests.fulfillment.floor import captured
from tests.orders.shop import open_shop, order
from unisono.core.database import Database
from unisono.orders import audit as auditing
from unisono.orders.audit import audit
from unisono.orders.cancel import Cancellation, cancel

BROKEN = {
    "a claim is gone": (
        "DELETE FROM inventory.claim WHERE holder = %(id)s AND n = 2",
        "allocation 2 wants the claim ({lamp}, {lyon}, 1) and has None",
    ),
    "a claim is smaller": (
        "UPDATE inventory.claim SET quantity = 1 WHERE holder = %(id)s AND n = 1",
        "allocation 1 wants the claim ({cup}, {lyon}, 2) and has ({cup}, {lyon}, 1)",
    ),
    "a claim is elsewhere": (
        "UPDATE inventory.claim SET location = 77 WHERE holder = %(id)s AND n = 1",
        "allocation 1 wants the claim ({cup}, {lyon}, 2) and has ({cup}, 77, 2)",
    ),
    "a claim serves nothing": (
        "UPDATE orders.allocation SET state = 'shipped' WHERE order_id = %(id)s AND n = 1",
        "allocation 1 wants the claim None and has ({cup}, {lyon}, 2)",
    ),
    "units are lost": (
        "UPDATE orders.order_line SET quantity = 3 WHERE order_id = %(id)s AND n = 1",
        "3 units of line 1 were ordered, 2 are allocated",
    ),
    "units are another line's": (
        "UPDATE orders.allocation SET line = 1 WHERE order_id = %(id)s",
        "2 units of line 1 were ordered, 3 are allocated",
    ),
    "a state is wrong": (
        "UPDATE orders.orders SET state = 'fulfilled' WHERE id = %(id)s",
        "its state is fulfilled, its quantities make it open",
    ),
    "an event is missing": (
        "UPDATE orders.orders SET version = 5 WHERE id = %(id)s",
        "it told (1, 1) (events, last), not one per version",
    ),
    "its amount is wrong": (
        "UPDATE orders.orders SET goods_amount = 1, total_amount = 1 WHERE id = %(id)s",
        "its goods cost 1, its lines make 3000",
    ),
}


async def shop(database: Database) -> list[UUID]:
    """Three orders, the last of which was cancelled in part."""
    await open_shop(database, {("CUP", "S-LYON"): 50, ("LAMP", "S-LYON"): 50})
    made = [await captured(database, order(f"A-{n}", ("CUP", 2), ("LAMP", 1))) for n in range(3)]
    async with database.transaction() as db:
        gone = Cancellation(reason="not wanted")
        await cancel(db, order_id=made[2], cancellation=gone, version=None)
    return made


async def test_sound_orders_have_no_faults_however_they_are_paged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await shop(database)
    pages = (1, 2, 3, 5000)
    for page in pages:
        monkeypatch.setattr(auditing._page, "__defaults__", (page,))
        assert await audit(database) == []
    async with database.transaction() as db:
        broken = b"UPDATE orders.orders SET version = 9 WHERE id <> %(id)s"
        await db.execute(broken, {"id": made[0]})
    for page in pages:
        monkeypatch.setattr(auditing._page, "__defaults__", (page,))
        assert [fault.order_id for fault in await audit(database)] == made[1:]


async def test_a_broken_row_is_named_with_its_order(database: Database) -> None:
    _, broken, _ = await shop(database)
    async with database.read() as db:
        ids = {
            code.lower(): number
            for code, number in await db.tuples(b"SELECT code, id FROM catalog.sku")
        }
        ids["lyon"] = await db.value(b"SELECT id FROM network.location WHERE code = 'S-LYON'")
    for name, (statement, detail) in BROKEN.items():
        with pytest.raises(Restored):
            await find(database, broken, statement, detail.format(**ids), name)
    assert await audit(database) == []


class Restored(Exception):
    """The fault was found, and what was broken is rolled back."""


async def find(database: Database, broken: UUID, statement: str, detail: str, name: str) -> None:
    """Break a row in a transaction of its own, look for it in there, and undo it."""
    async with database.transaction() as db:
        await db.execute(statement.encode(), {"id": broken})
        found, _ = await auditing._page(db, UUID(int=0))
        assert {fault.order_id for fault in found} == {broken}, name
        assert detail in [fault.detail for fault in found], name
        assert str(found[0]).startswith(f"order {broken} in version "), name
        raise Restored
    raise AssertionError(name)


async def test_a_difference_that_is_gone_at_the_second_look_is_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims and allocations are read one after the other, on a system that goes on selling."""
    _, moved, _ = await shop(database)
    page = auditing._page
    looks: list[int] = []

    async def first_wrong(db, after, limit=5000):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        found, last = await page(db, after, limit)
        looks.append(limit)
        if len(looks) == 1:
            found = [auditing.OrderFault(order_id=moved, version=1, detail="was on its way")]
        return found, last

    monkeypatch.setattr(auditing, "_page", first_wrong)
    assert await audit(database) == []
    assert looks == [5000, 5000, 1]


async def test_claims_of_what_is_no_order_are_named(database: Database) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1})
    nobody = UUID(int=7)
    async with database.transaction() as db:
        await db.connection.execute(
            b"INSERT INTO inventory.claim (sku, holder, n, location, kind, quantity)"
            b" SELECT 1, %s, 1, 1, 'committed', 1",
            [nobody],
        )
    [fault] = await audit(database)
    assert (fault.order_id, fault.detail) == (nobody, "claims are held for it, and it is none")
