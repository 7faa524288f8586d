"""Restocking: the next orders find their goods, stock does not grow, shelves hold what is told."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import cast

import httpx2
import pytest

from tests.api.connecting import connected
from unisono import app
from unisono.api.answers import Items
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import opening, payloads
from unisono.demo.client import Client
from unisono.demo.order_plan import plan_orders
from unisono.demo.restocking import Suppliers
from unisono.demo.shelves import Shelves
from unisono.inventory.stock import LevelView
from unisono.orders.entries import Captured

SEED = 5
ORDERS = tuple(
    each for each in plan_orders(SEED, 60) if each.store is not None or each.channel == "web"
)[:8]
SKUS = sorted({line.sku for order in ORDERS for line in order.lines})


@pytest.fixture
async def clients(
    database: Database, settings: Settings
) -> AsyncIterator[tuple[Client, dict[str, Client]]]:
    """The back office of a demo retailer without any stock, and its channels."""
    async with connected(app.build(settings, database, pages=())) as http:
        connections = cast("httpx2.AsyncClient", http)
        keys = await opening.make_keys(database)
        back_office = Client(connections, keys.back_office)
        await opening.tell_reference_data(back_office)
        yield (
            back_office,
            {code: Client(connections, key) for code, key in keys.channels.items()},
        )


async def levels(client: Client) -> dict[tuple[str, str], int]:
    """Units on hand of everything that the orders want."""
    found = {}
    for sku in SKUS:
        for level in (await client.get(f"/v1/stock/{sku}", Items[LevelView])).items:
            found[sku, level.location] = level.on_hand
    return found


async def test_what_the_next_orders_lack_is_delivered_once_and_lies_on_the_shelves(
    clients: tuple[Client, dict[str, Client]],
) -> None:
    back_office, channels = clients
    shelves = Shelves(())
    sold = next(each for each in ORDERS if each.delivery_option == "in_store")
    told = payloads.order(sold)
    await channels["till"].post("/v1/orders", told, Captured)
    void = {(line.sku, sold.store): -line.quantity for line in sold.lines}
    assert await levels(back_office) == void

    suppliers = Suppliers(back_office, shelves, seed=SEED)
    delivered = [await suppliers.deliver(ORDERS) for _ in range(8)]
    # What came too late the first time comes later; then nothing is lacking any more.
    assert delivered[0] > 0
    assert delivered[-3:] == [0, 0, 0]
    there = await levels(back_office)
    assert sum(there.values()) == sum(delivered) + sum(void.values())
    wanted, at_counters = Counter[str](), Counter[tuple[str, str]]()
    for order in ORDERS:
        for line in order.lines:
            wanted[line.sku] += line.quantity
            if order.store is not None and order.delivery_option != "home_standard":
                at_counters[line.sku, order.store] += line.quantity
    for sku, units in wanted.items():
        assert sum(n for (each, _), n in there.items() if each == sku) >= units
    assert all(there[level] >= units for level, units in at_counters.items())
    for (sku, location), units in there.items():
        assert shelves.take(location, sku, 10**9) == units


async def test_what_somebody_waits_for_comes_with_the_next_delivery(
    clients: tuple[Client, dict[str, Client]],
) -> None:
    back_office, _ = clients
    suppliers = Suppliers(back_office, Shelves(()), seed=SEED)
    suppliers.order({SKUS[0]: 40})
    delivered = [await suppliers.deliver(()) for _ in range(2)]
    assert delivered[0] >= 40
    assert delivered[1] == 0
    there = await levels(back_office)
    assert {sku for sku, _ in there} == {SKUS[0]}
    assert sum(there.values()) == delivered[0]
