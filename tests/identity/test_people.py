import asyncio
from typing import TypedDict
from uuid import UUID

import argon2
import pytest

from tests.identity.staff import PASSWORD, ZOE, hire, rows
from unisono.core.database import Database
from unisono.core.errors import InvalidInput, VersionMismatch
from unisono.identity import people, sessions
from unisono.identity.people import LastAdministrator, Person, UnknownPerson
from unisono.identity.sessions import SignInRefused

BOSS = "boss@shop.example"


class Rights(TypedDict, total=False):
    """What is changed of a person."""

    name: str
    role: str
    locations: list[str]
    active: bool
    version: int


async def change(database: Database, person: Person, rights: Rights) -> Person:
    """Change some of a person, as it was read."""
    wanted: Rights = {
        "name": person.name,
        "role": person.role,
        "locations": person.locations,
        "active": person.active,
        "version": person.version,
    }
    wanted.update(rights)
    async with database.transaction() as db:
        return await people.change(db, person_id=person.id, author="Boss", **wanted)


async def acts(database: Database) -> list[tuple[object, ...]]:
    return await rows(
        database,
        "SELECT actor, act, subject FROM identity.audit_entry WHERE actor = 'Boss' ORDER BY id",
    )


async def _people(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as db:
        return await db.tuples(b"SELECT email, name, role, locations FROM identity.person")


async def test_a_password_is_kept_as_argon2id(database: Database) -> None:
    async with database.transaction() as db:
        await people.add(
            db, email=" Zoe@Shop.example", name="Zoé", password=PASSWORD, role="operations"
        )
        stored = await db.value(b"SELECT password_hash FROM identity.person")
    assert stored.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(stored, PASSWORD)
    assert await _people(database) == [("zoe@shop.example", "Zoé", "operations", [])]


async def test_an_address_belongs_to_one_person(database: Database) -> None:
    async with database.transaction() as db:
        await people.add(db, email="a@b.example", name="A", password=PASSWORD, role="service")
    with pytest.raises(people.EmailTaken):
        async with database.transaction() as db:
            await people.add(db, email="A@B.example", name="B", password=PASSWORD, role="service")
    assert await _people(database) == [("a@b.example", "A", "service", [])]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a b@c.example"}, "/email"),
        ({"email": "nul\0@c.example"}, "/email"),
        ({"name": "  "}, "/name"),
        ({"password": "elevenchars"}, "/password"),
        ({"password": "x" * 1001}, "/password"),
        ({"role": "king"}, "/role"),
        ({"role": "store"}, "/locations"),
    ],
)
async def test_a_wrong_person_is_refused_by_field(
    database: Database, wrong: dict[str, str], pointer: str
) -> None:
    given = {"email": "a@b.example", "name": "A", "password": PASSWORD, "role": "service"} | wrong
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await people.add(db, **given)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert await _people(database) == []


async def test_people_of_a_store_have_their_store(database: Database) -> None:
    async with database.transaction() as db:
        person = await people.add(
            db,
            email="a@b.example",
            name="A",
            password=PASSWORD,
            role="store",
            locations=["PARIS", "PARIS"],
        )
    assert person.locations == ["PARIS"]


async def test_people_are_listed_by_their_address_and_found_by_it(database: Database) -> None:
    zoe, boss = await hire(database), await hire(database, BOSS, "administrator")
    assert zoe == Person(
        id=zoe.id, email=ZOE, name="Zoe", role="operations", locations=[], active=True, version=1
    )
    async with database.read() as db:
        assert await people.listing(db) == [boss, zoe]
        assert await people.get(db, person_id=zoe.id) == zoe
        assert await people.by_email(db, email=" ZOE@shop.example ") == zoe
        for unknown in ("max@shop.example", "nobody", "nul\0@shop.example"):
            with pytest.raises(UnknownPerson):
                await people.by_email(db, email=unknown)
        with pytest.raises(UnknownPerson):
            await people.get(db, person_id=UUID(int=1))


async def test_a_changed_person_has_the_new_rights_at_once(database: Database) -> None:
    zoe = await hire(database)
    token = (await sessions.sign_in(database, email=ZOE, password=PASSWORD)).token
    assert await sessions.signed_in(database, token=token) is not None
    after = await change(
        database, zoe, {"name": " Zoé ", "role": "store", "locations": ["PARIS", "LYON", "LYON"]}
    )
    assert after == Person(
        id=zoe.id,
        email=ZOE,
        name="Zoé",
        role="store",
        locations=["LYON", "PARIS"],
        active=True,
        version=2,
    )
    visitor = await sessions.signed_in(database, token=token)
    assert visitor is not None
    assert (visitor.name, visitor.role) == ("Zoé", "store")
    assert visitor.locations == {"LYON", "PARIS"}
    assert await acts(database) == [("Boss", "person_changed", ZOE)]


async def test_nobody_overwrites_what_he_has_not_seen(database: Database) -> None:
    zoe = await hire(database)
    after = await change(database, zoe, {"role": "service"})
    with pytest.raises(VersionMismatch):
        await change(database, zoe, {"role": "administrator"})
    async with database.read() as db:
        assert await people.get(db, person_id=zoe.id) == after
    assert await acts(database) == [("Boss", "person_changed", ZOE)]


async def test_what_changes_nothing_is_no_change(database: Database) -> None:
    zoe = await hire(database)
    assert await change(database, zoe, {}) == zoe
    assert await acts(database) == []


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        (Rights(name=" "), ["/name"]),
        (Rights(role="king"), ["/role"]),
        (Rights(role="store"), ["/locations"]),
        (Rights(name="", role="king"), ["/name", "/role"]),
    ],
)
async def test_a_wrong_change_is_refused_by_field(
    database: Database, wrong: Rights, pointers: list[str]
) -> None:
    zoe = await hire(database)
    with pytest.raises(InvalidInput) as refused:
        await change(database, zoe, wrong)
    assert [fault.pointer for fault in refused.value.faults] == pointers
    async with database.read() as db:
        assert await people.get(db, person_id=zoe.id) == zoe


async def test_only_somebody_can_be_changed(database: Database) -> None:
    zoe = await hire(database)
    with pytest.raises(UnknownPerson):
        async with database.transaction() as db:
            await people.change(
                db,
                person_id=UUID(int=1),
                name="Max",
                role="service",
                locations=[],
                active=True,
                version=1,
                author="Boss",
            )
    with pytest.raises(UnknownPerson):
        async with database.transaction() as db:
            await people.set_password(db, person_id=UUID(int=1), password=PASSWORD, author="Boss")
    async with database.read() as db:
        assert await people.listing(db) == [zoe]


async def test_who_is_switched_off_is_out_at_once_until_switched_on(database: Database) -> None:
    zoe = await hire(database)
    token = (await sessions.sign_in(database, email=ZOE, password=PASSWORD)).token
    assert await sessions.signed_in(database, token=token) is not None
    off = await change(database, zoe, {"active": False})
    assert (off.active, off.version) == (False, 2)
    assert await sessions.signed_in(database, token=token) is None
    assert await rows(database, "SELECT 1 FROM identity.session") == []
    with pytest.raises(SignInRefused):
        await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    await change(database, off, {"active": True})
    assert await sessions.signed_in(database, token=token) is None
    await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    assert await acts(database) == [
        ("Boss", "sessions_ended", ZOE),
        ("Boss", "person_switched_off", ZOE),
        ("Boss", "person_switched_on", ZOE),
    ]


async def test_who_signs_in_while_being_switched_off_stays_out(database: Database) -> None:
    zoe = await hire(database)
    async with database.transaction() as db:
        await people.change(
            db,
            person_id=zoe.id,
            name=zoe.name,
            role=zoe.role,
            locations=[],
            active=False,
            version=1,
            author="Boss",
        )
        entering = asyncio.create_task(sessions.sign_in(database, email=ZOE, password=PASSWORD))
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not await rows(database, waiting):
            assert not entering.done()
    with pytest.raises(SignInRefused):
        await entering
    assert await rows(database, "SELECT 1 FROM identity.session") == []


async def test_a_new_password_ends_all_sessions_and_every_wait(database: Database) -> None:
    zoe = await hire(database)
    token = (await sessions.sign_in(database, email=ZOE, password=PASSWORD)).token
    for _ in range(3):
        with pytest.raises(SignInRefused):
            await sessions.sign_in(database, email=ZOE, password="incorrect horse")
    async with database.transaction() as db:
        await people.set_password(
            db, person_id=zoe.id, password="another horse battery", author="Boss"
        )
    assert await sessions.signed_in(database, token=token) is None
    new = await sessions.sign_in(database, email=ZOE, password="another horse battery")
    assert await sessions.signed_in(database, token=new.token) == new.visitor
    with pytest.raises(SignInRefused):
        await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    assert await acts(database) == [
        ("Boss", "sessions_ended", ZOE),
        ("Boss", "password_set", ZOE),
    ]


async def test_a_short_password_changes_nothing(database: Database) -> None:
    zoe = await hire(database)
    with pytest.raises(InvalidInput) as refused:
        async with database.transaction() as db:
            await people.set_password(db, person_id=zoe.id, password="elevenchars", author="Boss")
    assert [fault.pointer for fault in refused.value.faults] == ["/password"]
    await sessions.sign_in(database, email=ZOE, password=PASSWORD)
    assert await acts(database) == []


@pytest.mark.parametrize("rights", [Rights(active=False), Rights(role="operations")])
async def test_the_last_active_administrator_stays_one(database: Database, rights: Rights) -> None:
    boss = await hire(database, BOSS, "administrator")
    off = await hire(database, "off@shop.example", "administrator")
    await change(database, off, {"active": False})
    await hire(database)
    with pytest.raises(LastAdministrator, match=r"^boss@shop\.example is the last"):
        await change(database, boss, rights)
    async with database.read() as db:
        assert await people.get(db, person_id=boss.id) == boss
    renamed = await change(database, boss, {"name": "The boss"})
    await hire(database, "next@shop.example", "administrator")
    assert (await change(database, renamed, rights)).version == 3


async def test_of_two_administrators_who_take_each_others_rights_one_is_left(
    database: Database,
) -> None:
    for turn in range(5):
        pair = [await hire(database, f"{n}-{turn}@shop.example", "administrator") for n in (1, 2)]
        told = await asyncio.gather(
            change(database, pair[0], {"active": False}),
            change(database, pair[1], {"role": "service"}),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in told) == ["LastAdministrator", "Person"]
        (left,) = await rows(
            database,
            "SELECT version FROM identity.person WHERE role = 'administrator' AND active",
        )
        assert left == (1,)
        async with database.transaction() as db:
            await db.execute(b"DELETE FROM identity.person")
