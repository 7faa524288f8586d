import asyncio

import pytest
from msgspec import structs

from tests.network.samples import location
from unisono.channels import channels
from unisono.channels.channels import NewChannel, UnknownChannel
from unisono.core import ids, revision
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch, VersionRequired
from unisono.network import locations

WEB = NewChannel(code="web", name="Web shop", kind="web_site", currency="EUR", when_short="refuse")
TILL = NewChannel(code="till", name="Tills", kind="store_till", currency="EUR", when_short="accept")


async def test_a_channel_is_held_as_told_and_unchanged_tells_nothing(database: Database) -> None:
    async with database.transaction() as db:
        await locations.put(db, locations=[location("S-1")], currency="EUR")
        before = (await revision.current(db))["channels"]
        bounded = structs.replace(WEB, locations=("S-1",), safety_stock=2, brand="Maison")
        made = await channels.replace(db, code="web", channel=bounded, version=None)
        again = await channels.replace(db, code="web", channel=bounded, version=1)
        assert (await revision.current(db))["channels"] == before + 1
    assert made == again
    assert (made.locations, made.safety_stock, made.brand, made.version) == (
        ("S-1",),
        2,
        "Maison",
        1,
    )
    async with database.read() as db:
        assert await db.tuples(
            b"SELECT sequence, type, data -> 'channel' ->> 'when_short' FROM core.event"
            b" WHERE aggregate = %(channel)s::uuid",
            {"channel": ids.named("channel", "web")},
        ) == [(1, "channel.changed", "refuse")]


async def test_a_channel_sells_only_from_locations_that_exist(database: Database) -> None:
    async with database.transaction() as db:
        await locations.put(db, locations=[location("S-1")], currency="EUR")
        wrong = structs.replace(WEB, locations=("S-1", "NO", "S-1"))
        with pytest.raises(InvalidInput) as refusal:
            await channels.put(db, channel=wrong)
        assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [
            ("/locations/1", "unknown_location"),
            ("/locations/2", "repeated"),
        ]
        with pytest.raises(UnknownChannel):
            await channels.get(db, code="web")


async def test_of_two_who_replace_the_same_version_one_is_refused(database: Database) -> None:
    async with database.transaction() as db:
        await channels.put(db, channel=WEB)
        with pytest.raises(VersionRequired):
            await channels.replace(db, code="web", channel=WEB, version=None)

    async def rename(name: str) -> int:
        async with database.transaction() as db:
            renamed = structs.replace(WEB, name=name)
            return (await channels.replace(db, code="web", channel=renamed, version=1)).version

    answers = await asyncio.gather(rename("A"), rename("B"), return_exceptions=True)
    assert 2 in answers
    assert [type(each) for each in answers if each != 2] == [VersionMismatch]


async def test_all_channels_are_kept_until_one_changes(database: Database) -> None:
    async with database.transaction() as db:
        web = await channels.put(db, channel=WEB)
        await channels.put(db, channel=TILL)
    async with database.read() as db:
        every = await channels.all(db)
        assert every.by_code["web"] == web
        assert every.by_id[web.id] is every.by_code["web"]
        assert sorted(every.by_code) == ["till", "web"]
        assert await channels.all(db, (await revision.current(db))["channels"]) is every
    async with database.transaction() as db:
        await channels.put(db, channel=structs.replace(WEB, status="closed"))
    async with database.read() as db:
        assert (await channels.all(db)).by_code["web"].status == "closed"


async def test_channels_are_listed_by_code_and_status(database: Database) -> None:
    async with database.transaction() as db:
        await channels.put(db, channel=WEB)
        await channels.put(db, channel=structs.replace(TILL, status="closed"))
        first = await channels.listing(db, after=None, limit=1)
        rest = await channels.listing(db, after=first.after, limit=1)
        active = await channels.listing(db, after=None, limit=9, status="active")
    assert [each.code for each in (*first.rows, *rest.rows)] == ["till", "web"]
    assert [each.code for each in active.rows] == ["web"]
