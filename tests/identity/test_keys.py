import asyncio
import hashlib

import pytest

from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.identity import keys


async def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(query.encode())


async def test_a_key_is_stored_as_its_sha256_only(database: Database) -> None:
    async with database.transaction() as db:
        new = await keys.add(db, name="shop", scopes=["orders:write", "orders:read"])
    assert new.key.startswith("uk_")
    assert len(new.key) == len("uk_") + 43
    assert await _rows(database, "SELECT name, hash, scopes, locations FROM identity.api_key") == [
        ("shop", hashlib.sha256(new.key.encode()).digest(), ["orders:read", "orders:write"], [])
    ]


async def test_a_key_opens_what_it_was_made_for(database: Database) -> None:
    async with database.transaction() as db:
        new = await keys.add(db, name="store", scopes=["stock:read"], locations=["PARIS"])
    principal = await keys.authenticate(database, key=new.key.encode(), trust_seconds=5)
    assert principal == keys.Principal(
        id=new.id,
        name="store",
        scopes=frozenset({"stock:read"}),
        locations=frozenset({"PARIS"}),
    )
    principal.require_location("PARIS")
    with pytest.raises(keys.LocationRefused, match="LYON"):
        principal.require_location("LYON")


@pytest.mark.parametrize("key", [b"", b"uk_", b"uk_unknown", b"\xff"])
async def test_an_unknown_key_opens_nothing(database: Database, key: bytes) -> None:
    with pytest.raises(keys.KeyRefused):
        await keys.authenticate(database, key=key, trust_seconds=5)


@pytest.mark.parametrize("scopes", [[], ["orders:write", "orders:everything"]])
async def test_a_key_without_a_known_scope_is_not_made(
    database: Database, scopes: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await keys.add(db, name="shop", scopes=scopes)
    assert [fault.pointer for fault in refused.value.faults] == ["/scopes"]
    assert await _rows(database, "SELECT 1 FROM identity.api_key") == []


async def test_rotating_keeps_the_rights_and_lets_the_old_key_live_on(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"], locations=["PARIS"])
    async with database.transaction() as db:
        new = await keys.rotate(db, name="shop", overlap_hours=24)
    assert (new.scopes, new.locations) == (("orders:read",), ("PARIS",))
    assert new.key != old.key
    for each in (old, new):
        principal = await keys.authenticate(database, key=each.key.encode(), trust_seconds=0)
        assert principal.id == each.id
    assert await _rows(
        database,
        "SELECT id, round(extract(epoch FROM expires_at - now()) / 3600) FROM identity.api_key"
        " WHERE expires_at IS NOT NULL",
    ) == [(old.id, 24)]


async def test_rotating_without_overlap_ends_the_old_key(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
    await keys.authenticate(database, key=old.key.encode(), trust_seconds=0)
    async with database.transaction() as db:
        await keys.rotate(db, name="shop", overlap_hours=0)
    with pytest.raises(keys.KeyRefused):
        await keys.authenticate(database, key=old.key.encode(), trust_seconds=0)


async def test_rotating_again_never_lengthens_a_life(database: Database) -> None:
    async with database.transaction() as db:
        first = await keys.add(db, name="shop", scopes=["orders:read"])
    for hours in (1, 24):
        async with database.transaction() as db:
            await keys.rotate(db, name="shop", overlap_hours=hours)
    assert await _rows(
        database,
        "SELECT round(extract(epoch FROM expires_at - now()) / 3600) FROM identity.api_key"
        f" WHERE id = '{first.id}'",
    ) == [(1,)]


async def test_only_a_live_key_is_rotated(database: Database) -> None:
    with pytest.raises(keys.UnknownKey):
        async with database.transaction() as db:
            await keys.rotate(db, name="nobody", overlap_hours=1)
    with pytest.raises(InvalidInput):
        async with database.transaction() as db:
            await keys.rotate(db, name="nobody", overlap_hours=-1)
    assert await _rows(database, "SELECT 1 FROM identity.api_key") == []


async def test_what_was_read_of_a_key_is_trusted_for_a_while(database: Database) -> None:
    async with database.transaction() as db:
        new = await keys.add(db, name="shop", scopes=["orders:read"])
    await keys.authenticate(database, key=new.key.encode(), trust_seconds=3600)
    async with database.transaction() as db:
        await db.execute(b"DELETE FROM identity.api_key")
    principal = await keys.authenticate(database, key=new.key.encode(), trust_seconds=3600)
    assert principal.id == new.id


async def test_a_living_key_keeps_its_name_for_itself(database: Database) -> None:
    async with database.transaction() as db:
        await keys.add(db, name="shop", scopes=["orders:read"])
    with pytest.raises(keys.KeyNameTaken, match="“shop”"):
        async with database.transaction() as db:
            await keys.add(db, name="shop", scopes=["orders:write"])
    named = "SELECT scopes FROM identity.api_key WHERE name = 'shop' ORDER BY id"
    assert await _rows(database, named) == [(["orders:read"],)]
    async with database.transaction() as db:
        await keys.end(db, name="shop", author="Zoé")
    async with database.transaction() as db:
        await keys.add(db, name="shop", scopes=["orders:write"])
    assert await _rows(database, named) == [(["orders:read"],), (["orders:write"],)]


async def test_of_keys_that_are_made_at_once_one_gets_the_name(database: Database) -> None:
    async def add() -> None:
        async with database.transaction() as db:
            await keys.add(db, name="shop", scopes=["orders:read"])

    told = await asyncio.gather(*(add() for _ in range(6)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in told) == ["KeyNameTaken"] * 5 + ["NoneType"]
    assert await _rows(database, "SELECT name FROM identity.api_key") == [("shop",)]


async def test_a_key_is_ended_by_its_name_with_all_before_it(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
        other = await keys.add(db, name="till", scopes=["orders:read"])
    async with database.transaction() as db:
        new = await keys.rotate(db, name="shop", overlap_hours=24)
    for each in (old, new, other):
        await keys.authenticate(database, key=each.key.encode(), trust_seconds=3600)
    async with database.transaction() as db:
        await keys.end(db, name="shop", author="Zoé")
    for each in (old, new):
        with pytest.raises(keys.KeyRefused):
            await keys.authenticate(database, key=each.key.encode(), trust_seconds=3600)
    await keys.authenticate(database, key=other.key.encode(), trust_seconds=0)


async def test_one_key_is_ended_by_its_id(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
    async with database.transaction() as db:
        new = await keys.rotate(db, name="shop", overlap_hours=24)
        assert [each.id for each in await keys.listing(db)] == [new.id, old.id]
    await keys.authenticate(database, key=old.key.encode(), trust_seconds=3600)
    async with database.transaction() as db:
        await keys.end_one(db, key_id=old.id, author="Zoé")
    with pytest.raises(keys.KeyRefused):
        await keys.authenticate(database, key=old.key.encode(), trust_seconds=3600)
    await keys.authenticate(database, key=new.key.encode(), trust_seconds=0)
    async with database.read() as db:
        assert [each.id for each in await keys.listing(db)] == [new.id]


async def test_a_key_that_is_rotated_without_overlap_ends_at_once(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
    await keys.authenticate(database, key=old.key.encode(), trust_seconds=3600)
    async with database.transaction() as db:
        await keys.rotate(db, name="shop", overlap_hours=0)
    with pytest.raises(keys.KeyRefused):
        await keys.authenticate(database, key=old.key.encode(), trust_seconds=3600)


async def test_only_a_living_key_is_ended(database: Database) -> None:
    async with database.transaction() as db:
        made = await keys.add(db, name="shop", scopes=["orders:read"])
        await keys.end(db, name="shop", author="Zoé")
    before = await _rows(database, "SELECT expires_at FROM identity.api_key")
    with pytest.raises(keys.UnknownKey, match="“shop”"):
        async with database.transaction() as db:
            await keys.end(db, name="shop", author="Zoé")
    with pytest.raises(keys.UnknownKey):
        async with database.transaction() as db:
            await keys.end_one(db, key_id=made.id, author="Zoé")
    assert await _rows(database, "SELECT expires_at FROM identity.api_key") == before
    assert await _rows(database, "SELECT act FROM identity.audit_entry ORDER BY id") == [
        ("key_added",),
        ("key_ended",),
    ]


async def test_a_key_is_replaced_once_however_often_that_is_asked_for(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
    async with database.transaction() as db:
        new = await keys.rotate_one(db, key_id=old.id, overlap_hours=24, author="Boss")
    assert (new.name, new.scopes) == ("shop", ("orders:read",))
    with pytest.raises(keys.UnknownKey):
        async with database.transaction() as db:
            await keys.rotate_one(db, key_id=old.id, overlap_hours=24, author="Boss")
    async with database.read() as db:
        assert [each.id for each in await keys.listing(db)] == [new.id, old.id]


async def test_a_key_that_has_ended_is_neither_told_nor_replaced(database: Database) -> None:
    async with database.transaction() as db:
        old = await keys.add(db, name="shop", scopes=["orders:read"])
        assert (await keys.get(db, key_id=old.id)).name == "shop"
    async with database.transaction() as db:
        await keys.end_one(db, key_id=old.id, author="Boss")
    for overlap_hours in (0, 24):
        with pytest.raises(keys.UnknownKey):
            async with database.transaction() as db:
                await keys.rotate_one(db, key_id=old.id, overlap_hours=overlap_hours, author="Boss")
    async with database.read() as db:
        with pytest.raises(keys.UnknownKey):
            await keys.get(db, key_id=old.id)
    assert await _rows(database, "SELECT count(*) FROM identity.api_key") == [(1,)]
