from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.connecting import connected
from unisono import app
from unisono.api import channels
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys

Client = httpx.AsyncClient

WEB = {
    "code": "web",
    "name": "Web shop",
    "kind": "web_site",
    "currency": "EUR",
    "when_short": "refuse",
}
TOLD: dict[str, object] = {
    **WEB,
    "status": "active",
    "safety_stock": 0,
    "locations": [],
    "brand": None,
    "legal_entity": None,
    "version": 1,
}


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[Client]:
    async with database.transaction() as db:
        key = await keys.add(db, name="channels", scopes=["channels:read", "channels:write"])
    async with connected(app.build(settings, database, areas=(channels.area,), pages=())) as client:
        client.headers["Authorization"] = f"Bearer {key.key}"
        yield client


async def test_a_channel_is_read_and_listed_as_it_was_told(client: Client) -> None:
    answer = await client.put("/v1/channels/web", json=WEB)
    assert (answer.status_code, answer.json()) == (200, TOLD)
    assert (await client.get("/v1/channels/web")).json() == TOLD
    assert (await client.get("/v1/channels?status=active")).json() == {"items": [TOLD]}
    assert (await client.get("/v1/channels?status=closed")).json() == {"items": []}


async def test_a_channel_that_sells_from_nowhere_known_is_refused(client: Client) -> None:
    answer = await client.put("/v1/channels/web", json={**WEB, "locations": ["NO"]})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/locations/0"]
    answer = await client.get("/v1/channels/web")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_channel")
