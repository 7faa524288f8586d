"""Release: what sourcing gave to locations becomes work, once."""

from tests.fulfillment.floor import (
    STOCK,
    allocations,
    assert_sound,
    captured,
    everything,
    header,
    released,
    seen,
    told,
    types,
)
from tests.orders.shop import open_shop, order
from unisono.core.database import Database
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.release import release
from unisono.orders.new_order import NewPayment


async def test_an_order_becomes_one_fulfillment_order_with_the_cheapest_service(
    database: Database,
) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2), ("LAMP", 1), ("CUP", 1)))
    work = await seen(database, ref)
    assert (work.state, work.version, work.location) == ("open", 1, "S-LYON")
    assert (work.carrier, work.service, work.delivery_option) == (
        "post",
        "standard",
        "home_standard",
    )
    assert [(x.allocation, x.line, x.sku, x.quantity, x.state) for x in work.lines] == [
        (1, 1, "CUP", 2, "released"),
        (2, 2, "LAMP", 1, "released"),
        (3, 3, "CUP", 1, "released"),
    ]
    assert work.destination is not None
    assert (work.destination.street, work.customer_name) == ("1 rue Bât", None)
    [_, (sequence, type_, data)] = await told(database, ref.order_id)
    assert (sequence, type_) == (2, "fulfillment_order.created")
    assert data == {
        "fulfillment_order": 1,
        "location": "S-LYON",
        "delivery_option": "home_standard",
        "carrier": "post",
        "service": "standard",
        "lines": [
            {"line": 1, "sku": "CUP", "quantity": 2},
            {"line": 2, "sku": "LAMP", "quantity": 1},
            {"line": 3, "sku": "CUP", "quantity": 1},
        ],
    }
    assert await header(database, ref.order_id) == ("open", 2)
    await assert_sound(database)


async def test_an_order_from_two_locations_becomes_two_fulfillment_orders(
    database: Database,
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 1, ("LAMP", "W-ORLEANS"): 1})
    ref = await released(database, order("A-1", ("CUP", 1), ("LAMP", 1)))
    assert (await seen(database, ref)).location == "S-LYON"
    second = await seen(database, FulfillmentRef(order_id=ref.order_id, n=2))
    assert (second.location, [line.sku for line in second.lines]) == ("W-ORLEANS", ["LAMP"])
    assert await types(database, ref.order_id) == [
        "order.created",
        "fulfillment_order.created",
        "fulfillment_order.created",
    ]
    await assert_sound(database)


async def test_releasing_twice_changes_nothing(database: Database) -> None:
    await open_shop(database, STOCK)
    ref = await released(database, order("A-1", ("CUP", 2)))
    before = await everything(database)
    async with database.transaction() as db:
        await release(db, order_ids=[ref.order_id, ref.order_id])
    assert await everything(database) == before


async def test_an_order_on_hold_is_not_released(database: Database) -> None:
    await open_shop(database, STOCK)
    pending = NewPayment(status="pending")
    order_id = await captured(database, order("A-1", ("CUP", 2), payment=pending))
    before = await everything(database)
    async with database.transaction() as db:
        await release(db, order_ids=[order_id])
    assert await everything(database) == before
    assert [state for _, _, state, _, _ in await allocations(database, order_id)] == ["allocated"]


async def test_several_orders_are_released_together(database: Database) -> None:
    await open_shop(database, STOCK)
    order_ids = [
        await captured(database, order(f"A-{n}", ("CUP", 1), ("LAMP", 1))) for n in range(5)
    ]
    async with database.transaction() as db:
        await release(db, order_ids=order_ids)
    for order_id in order_ids:
        assert await types(database, order_id) == ["order.created", "fulfillment_order.created"]
    await assert_sound(database)
