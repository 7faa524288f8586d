import argon2
import pytest

from unisono.core.database import Database
from unisono.core.errors import InvalidInput
from unisono.identity import people

PASSWORD = "correct horse battery"


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
    assert person.locations == ("PARIS",)
