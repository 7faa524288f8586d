from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.connecting import connected
from unisono import app
from unisono.api import catalog
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

Client = httpx.AsyncClient

BALLOON = {"code": "B-1", "name": "Balloon", "weight_g": 12}
TOLD = {**BALLOON, "gtin": None, "category": None, "status": "active", "version": 1}


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[Client]:
    async with database.transaction() as db:
        key = await keys.add(db, name="catalog", scopes=["catalog:read", "catalog:write"])
    async with connected(app.build(settings, database, areas=(catalog.area,), pages=())) as client:
        client.headers["Authorization"] = f"Bearer {key.key}"
        yield client


async def test_a_sku_is_read_as_it_was_told_without_its_inner_id(client: Client) -> None:
    answer = await client.put("/v1/skus/B-1", json=BALLOON)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v1"')
    read = (await client.get("/v1/skus/B-1")).json()
    assert read == answer.json()
    assert read.pop("updated_at").endswith("Z")
    assert read == TOLD


async def test_many_skus_are_put_at_once_and_listed(client: Client) -> None:
    rows = [{**BALLOON, "code": f"B-{n}", "name": f"Ballon Élan {n}"} for n in range(3)]
    answer = await client.put("/v1/skus", json={"skus": rows})
    assert [each["version"] for each in answer.json()["items"]] == [1, 1, 1]
    listed = await client.get("/v1/skus?search=elan&status=active&limit=2")
    assert [each["code"] for each in listed.json()["items"]] == ["B-0", "B-1"]
    assert 'rel="next"' in listed.headers["link"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weight_g": 0}, "/skus/0/weight_g"),
        ({"weight_g": 1.5}, "/skus/0/weight_g"),
        ({"weight_g": 2**63}, "/skus/0/weight_g"),
        ({"code": "a b"}, "/skus/0/code"),
        ({"code": "a\n"}, "/skus/0/code"),
        ({"gtin": "04006381333932"}, "/skus/0/gtin"),
        ({"gtin": "4006381333931"}, "/skus/0/gtin"),
        ({"price": "1"}, "/skus/0/price"),
    ],
)
async def test_a_wrong_field_is_pointed_at_and_nothing_is_put(
    client: Client, change: dict[str, object], pointer: str
) -> None:
    answer = await client.put("/v1/skus", json={"skus": [{**BALLOON, **change}]})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert (await client.get("/v1/skus")).json() == {"items": []}


async def test_a_sku_put_at_another_address_is_refused(client: Client) -> None:
    answer = await client.put("/v1/skus/B-2", json=BALLOON)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")
    assert (await client.get("/v1/skus")).json() == {"items": []}


async def test_an_unknown_sku_is_not_found(client: Client) -> None:
    answer = await client.get("/v1/skus/NO")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_sku")


async def test_a_code_that_no_text_can_be_is_not_a_mistake_of_the_server(client: Client) -> None:
    assert (await client.get("/v1/skus/%00")).status_code < 500
    assert (await client.get("/v1/skus?search=%00")).status_code < 500
