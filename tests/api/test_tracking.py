"""Tracking over HTTP: public by a link, and silent about everything else."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.connecting import connected
from tests.core.stamping import stamped
from tests.fulfillment.floor import everything, shipped, to_lyon
from unisono import app
from unisono.core import ids, positions
from unisono.core.database import Database
from unisono.core.settings import Settings
from unisono.identity import keys
from unisono.tracking import links, timeline

Client = httpx.AsyncClient


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[Client]:
    async with connected(app.build(settings, database, pages=())) as client:
        yield client


async def test_whoever_has_the_link_sees_where_the_order_stands(
    client: Client, database: Database
) -> None:
    ref = await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    await stamped(database)
    async with database.transaction() as db:
        await timeline.record(db, (await positions.read(db, after=0, limit=1000)).events)
    async with database.transaction() as db:
        agent = await keys.add(db, name="agent", scopes=["orders:read"])
    address = f"/v1/orders/{ref.order_id}/tracking-link"
    assert (await client.get(address)).status_code == 401
    link = await client.get(address, headers={"Authorization": f"Bearer {agent.key}"})
    assert links.order_of(link.json()["token"], key=await links.key(database)) == ref.order_id
    answer = await client.get(link.json()["path"])
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["state"], shown["city"], shown["delivery_option"]) == (
        "fulfilled",
        "Lyon",
        "home_standard",
    )
    assert [step["milestone"] for step in shown["steps"]] == ["confirmed", "carrier_picked_up"]
    assert [package["tracking_number"] for package in shown["packages"]] == ["T1"]
    for private in ("Zoé", "Martin", "rue Bât", "69001", str(ref.order_id)):
        assert private not in answer.text


async def test_every_link_that_is_none_gets_the_same_answer(
    client: Client, database: Database
) -> None:
    ref = await to_lyon(database, ("CUP", 2))
    key = await links.key(database)
    good = links.token(ref.order_id, key=key)
    wrong = [
        "x",
        str(ref.order_id),
        good[:-1],
        good[::-1],
        good + "A",
        links.token(ref.order_id, key=bytes(32)),
        links.token(ids.uuid7(), key=key),
    ]
    answers = [await client.get(f"/v1/tracking/{token}") for token in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["code"] == "unknown_tracking"


async def test_an_order_that_does_not_exist_has_no_link(client: Client, database: Database) -> None:
    async with database.transaction() as db:
        agent = await keys.add(db, name="agent", scopes=["orders:read"])
    client.headers["Authorization"] = f"Bearer {agent.key}"
    answer = await client.get(f"/v1/orders/{ids.uuid7()}/tracking-link")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_order")


async def test_only_keys_with_the_scope_report_what_happened(
    client: Client, database: Database
) -> None:
    await shipped(database, await to_lyon(database, ("CUP", 2)), "T1")
    told = {
        "carrier": "post",
        "tracking_number": "T1",
        "milestone": "delivered",
        "at": "2026-03-02T09:30:00Z",
    }
    async with database.transaction() as db:
        other = await keys.add(db, name="other", scopes=["orders:read"])
        carrier = await keys.add(db, name="carrier", scopes=["tracking:write"])
    before = await everything(database)
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    client.headers["Authorization"] = f"Bearer {other.key}"
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    client.headers["Authorization"] = f"Bearer {carrier.key}"
    for events, pointer in (
        ([], "/events"),
        ([{**told, "milestone": "teleported"}], "/events/0/milestone"),
        ([told, {**told, "tracking_number": "T9"}], "/events/1/tracking_number"),
        ([{**told, "at": "2026-03-02T09:30:00"}], "/events/0/at"),
    ):
        answer = await client.post("/v1/tracking-events", json={"events": events})
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert await everything(database) == before
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert answer.json() == {"noted": 1}
    answer = await client.post("/v1/tracking-events", json={"events": [told]})
    assert answer.json() == {"noted": 0}
