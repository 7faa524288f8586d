"""Lists of stock over HTTP, and what a key of some locations sees of them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.connecting import connected
from tests.orders.shop import open_shop
from unisono import app
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with connected(app.build(settings, database, pages=())) as client:
        client.headers["Authorization"] = f"Bearer {await key(database)}"
        yield client


async def key(database: Database, *locations: str) -> str:
    """Make a key that reads stock, of these locations or of all."""
    async with database.transaction() as db:
        made = await keys.add(
            db,
            name=f"reader {len(locations)}",
            scopes=["stock:read", "stock:write"],
            locations=locations,
        )
    return made.key


async def test_stock_is_listed_by_sku_page_by_page(
    client: httpx.AsyncClient, database: Database
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 4, ("CUP", "S-LILLE"): 3, ("LAMP", "S-LYON"): 0})
    first = await client.get("/v1/stock?limit=2")
    assert [(row["sku"], row["available"]) for row in first.json()["items"]] == [
        ("CHAIR", 0),
        ("CUP", 7),
    ]
    second = await client.get(first.links["next"]["url"])
    assert [row["sku"] for row in second.json()["items"]] == ["LAMP"]
    assert "next" not in second.links
    for asked, found in (
        ("only=out", ["CHAIR", "LAMP"]),
        ("only=out&location=S-LYON", ["LAMP"]),
        ("search=Cup&location=S-LYON", ["CUP"]),
        ("only=negative", []),
    ):
        answer = await client.get(f"/v1/stock?{asked}")
        assert [row["sku"] for row in answer.json()["items"]] == found, asked
    assert (await client.get("/v1/stock?only=some")).status_code == 422
    assert (await client.get("/v1/stock?location=NOWHERE")).status_code == 404


async def test_a_key_of_some_locations_names_one_of_them(
    client: httpx.AsyncClient, database: Database
) -> None:
    await open_shop(database, {("CUP", "S-LYON"): 4, ("CUP", "S-LILLE"): 3})
    client.headers["Authorization"] = f"Bearer {await key(database, 'S-LYON')}"
    own = await client.get("/v1/stock?location=S-LYON&search=cup")
    assert [row["available"] for row in own.json()["items"]] == [4]
    assert (await client.get("/v1/stock?location=S-LILLE")).status_code == 403
    refused = await client.get("/v1/stock")
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json()["errors"]] == [
        ("/location", "location_missing")
    ]
