import asyncio

import pytest
from psycopg import errors as database_errors

from tests.api import probe
from unisono.core.database import Database, Db

GOOD = b'{"lines":[{"sku":"A","quantity":1}]}'
JSON = {"Content-Type": "application/json"}


async def test_a_request_sent_twice_with_its_key_acts_once(database: Database) -> None:
    headers = JSON | {"Idempotency-Key": "k-1"}
    async with probe.client(database) as client:
        first = await client.post("/v1/normal", content=GOOD, headers=headers)
        second = await client.post("/v1/normal", content=GOOD, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"] == '"v3"'
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert await probe.written(database) == 1


async def test_the_same_key_at_the_same_instant_acts_once(database: Database) -> None:
    headers = JSON | {"Idempotency-Key": "k-1"}
    async with probe.client(database) as client:
        answers = await asyncio.gather(
            *(client.post("/v1/normal", content=GOOD, headers=headers) for _ in range(5))
        )
    assert [each.status_code for each in answers] == [201] * 5
    assert sum("idempotency-replayed" in each.headers for each in answers) == 4
    assert await probe.written(database) == 1


async def test_a_key_belongs_to_one_request(database: Database) -> None:
    headers = JSON | {"Idempotency-Key": "k-1"}
    async with probe.client(database) as client:
        await client.post("/v1/normal", content=GOOD, headers=headers)
        other = await client.post("/v1/normal", content=GOOD + b" ", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await probe.written(database) == 1


async def test_a_refused_request_leaves_its_key_free(database: Database) -> None:
    headers = JSON | {"Idempotency-Key": "k-1"}
    async with probe.client(database) as client:
        refused = await client.post(
            "/v1/normal", content=GOOD.replace(b"A", b"OVERLOADED"), headers=headers
        )
        taken = await client.post("/v1/normal", content=GOOD, headers=headers)
    assert (refused.status_code, taken.status_code) == (503, 201)
    assert await probe.written(database) == 1


async def test_a_key_is_one_of_its_sender(database: Database) -> None:
    headers = JSON | {"Idempotency-Key": "k-1"}
    for name in ("one", "other"):
        async with probe.client(database, name=name) as client:
            taken = await client.post("/v1/normal", content=GOOD, headers=headers)
            assert "idempotency-replayed" not in taken.headers
    assert await probe.written(database) == 2


@pytest.mark.parametrize("key", [b"", b"k 1", b"k" * 256, "é".encode()])
async def test_a_malformed_key_is_refused(database: Database, key: bytes) -> None:
    async with probe.client(database) as client:
        refused = await client.post(
            "/v1/normal",
            content=GOOD,
            headers={b"Content-Type": b"application/json", b"Idempotency-Key": key},
        )
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_header")
    assert await probe.written(database) == 0


async def test_a_change_that_collides_is_done_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    original = probe._write

    async def collide(db: Db, new: probe.NewThing) -> probe.Thing:
        tries.append(new)
        done = await original(db, new)
        if len(tries) < 3:
            raise database_errors.DeadlockDetected
        return done

    monkeypatch.setattr(probe, "_write", collide)
    async with probe.client(database) as client:
        taken = await client.post("/v1/normal", content=GOOD, headers=JSON)
    assert (taken.status_code, len(tries)) == (201, 3)
    assert await probe.written(database) == 1


async def test_a_change_that_always_collides_is_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def collide(db: Db, new: probe.NewThing) -> probe.Thing:
        tries.append(new)
        raise database_errors.LockNotAvailable

    monkeypatch.setattr(probe, "_write", collide)
    async with probe.client(database) as client:
        refused = await client.post("/v1/normal", content=GOOD, headers=JSON)
    assert (refused.status_code, refused.json()["code"], len(tries)) == (503, "unavailable", 3)


@pytest.mark.parametrize(("tag", "version"), [('"v3"', '"v4"'), ('W/"v3"', '"v4"'), (None, '"v1"')])
async def test_a_version_travels_as_etag(database: Database, tag: str | None, version: str) -> None:
    headers = JSON | ({} if tag is None else {"If-Match": tag})
    async with probe.client(database) as client:
        put = await client.put("/v1/things/a", content=b'{"sku":"A","quantity":1}', headers=headers)
    assert (put.status_code, put.headers["etag"]) == (200, version)


@pytest.mark.parametrize("tag", ["*", "v3", '"3"', '"v0"', '"v1", "v2"', '"v' + "9" * 30 + '"'])
async def test_a_malformed_version_is_refused(database: Database, tag: str) -> None:
    async with probe.client(database) as client:
        put = await client.put(
            "/v1/things/a",
            content=b'{"sku":"A","quantity":1}',
            headers=JSON | {"If-Match": tag},
        )
    assert (put.status_code, put.json()["code"]) == (400, "malformed_header")


async def test_following_the_links_of_a_listing_shows_each_thing_once(database: Database) -> None:
    seen: list[int] = []
    address: str | None = "/v1/things?channel=web&limit=2"
    async with probe.client(database) as client:
        while address is not None:
            page = await client.get(address)
            assert page.status_code == 200
            seen += [each["lines"] for each in page.json()["items"]]
            address = page.links["next"]["url"] if "next" in page.links else None
            assert address is None or "channel=web&limit=2&after=" in address
    assert seen == [1, 2, 3, 4, 5]
