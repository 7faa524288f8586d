"""The floor: the staff of a location does everything but the little that is left to a visitor."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import cast

import httpx2
import pytest

from tests.api.connecting import connected
from tests.fulfillment.floor import released
from tests.orders.shop import collected, level, open_shop
from unisono import app
from unisono.core import clock
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.demo import left
from unisono.demo.client import Client
from unisono.demo.deliveries import Deliveries
from unisono.demo.floor import Floor, World
from unisono.demo.journal import Journal, Known
from unisono.demo.retailer import locations
from unisono.demo.shelves import Shelves
from unisono.demo.stocking import StockPlacement
from unisono.demo.tempo import History
from unisono.fulfillment import accept, queue
from unisono.fulfillment.records import FulfillmentRef
from unisono.identity import keys

LYON = next(location for location in locations() if location.code == "S-LYON")
CUPS = 20
ORDERS = left.LEFT_MAX + 3


async def looked(floor: Floor) -> None:
    """Let the staff work until there is nothing that it wants to do."""
    working = asyncio.create_task(floor.work())
    while floor.rests_since is None:  # noqa: ASYNC110 - the staff tells nobody when it rests
        await asyncio.sleep(0.01)
    working.cancel()
    floor.rests_since = None


async def states(database: Database) -> Counter[str]:
    async with database.read() as db:
        page = await queue.listing(db, after=None, limit=100)
    return Counter(work.state for work in page.rows)


@pytest.fixture
async def lyon_key(database: Database) -> str:
    """The key of a store with cups, which opens for this test."""
    await open_shop(database, {("CUP", "S-LYON"): CUPS})
    scopes = ("fulfillment:read", "fulfillment:write")
    async with database.transaction() as db:
        return (await keys.add(db, name="Lyon", scopes=scopes, locations=["S-LYON"])).key


@pytest.mark.parametrize(
    ("left_before", "ends"),
    [
        (timedelta(hours=1), {"open": left.LEFT_MAX, "closed": 3}),
        # What lies there for longer was never left to anybody.
        (timedelta(0), {"closed": ORDERS}),
        (None, {"closed": ORDERS}),
    ],
)
async def test_only_so_much_of_the_newest_work_is_left_to_a_visitor(
    database: Database,
    settings: Settings,
    lyon_key: str,
    monkeypatch: pytest.MonkeyPatch,
    left_before: timedelta | None,
    ends: dict[str, int],
) -> None:
    monkeypatch.setattr(left, "SHARES", {"S-LYON": 1.0})
    now = clock.now()
    journal = Journal(planned=0, known_max=100)
    tempo = History(now=now, to_the_end=True)
    shelves = Shelves([StockPlacement(sku="CUP", location="S-LYON", quantity=CUPS)])
    for n in range(ORDERS):
        ref = await released(database, collected(f"A-{n}", ("CUP", 1), location="S-LYON"))
        since = now - timedelta(minutes=ORDERS - n)
        journal.remember(ref.order_id, Known(reference=f"A-{n}", planned=None, since=since))
    async with connected(app.build(settings, database, pages=())) as http:
        client = Client(cast("httpx2.AsyncClient", http), lyon_key)
        world = World(
            tempo=tempo,
            shelves=shelves,
            deliveries=Deliveries(client, tempo),
            journal=journal,
            seed=1,
            left_since=None if left_before is None else now - left_before,
        )
        floor = Floor(LYON, client, world)
        await looked(floor)
        assert await states(database) == ends
        assert floor.open_work == ends.get("open", 0)
        if left_before == timedelta(hours=1):
            await accept_all(database)
            # Once it is the visitor's it stays so, whatever was done with it.
            await looked(floor)
            assert await states(database) == {"accepted": left.LEFT_MAX, "closed": 3}
    gone = ends["closed"]
    cups = await level(database, "CUP", "S-LYON")
    assert (cups.on_hand, cups.committed) == (CUPS - gone, ORDERS - gone)
    assert shelves.take("S-LYON", "CUP", CUPS) == CUPS - gone


async def accept_all(database: Database) -> None:
    async with database.transaction() as db:
        page = await queue.listing(db, after=None, limit=100, states=["open"])
        for work in page.rows:
            ref = FulfillmentRef.parse(work.id)
            await accept.accept(db, ref=ref, version=None, author="a visitor")
