"""People: who they are, their role, and for people of a store, which one."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import argon2

from unisono.core import ids, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError

sql = queries.beside(__file__)

ROLES = ("administrator", "operations", "service", "store")
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 1000
"""A limit, because hashing a password of megabytes would occupy the process."""
_EMAIL_LENGTH_MAX = 254
_NAME_LENGTH_MAX = 200

_hasher = argon2.PasswordHasher()


class EmailTaken(UnisonoError):
    """A person with that e-mail address exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person. ``locations`` are codes; people of the role ``store`` have at least one."""

    id: UUID
    email: str
    name: str
    role: str
    locations: tuple[str, ...]


async def add(
    db: Db, *, email: str, name: str, password: str, role: str, locations: Iterable[str] = ()
) -> Person:
    """Make a person; the password is stored as argon2id only, the address in lower case.

    Raises InvalidInput naming every wrong field, EmailTaken when the address is in use.
    """
    person = Person(
        id=ids.uuid7(),
        email=email.strip().lower(),
        name=name.strip(),
        role=role,
        locations=tuple(sorted(set(locations))),
    )
    faults = _faults(person, password)
    if faults:
        raise InvalidInput(*faults)
    inserted = await db.value(
        sql.insert_person,
        {
            "id": person.id,
            "email": person.email,
            "name": person.name,
            # Hashing is slow on purpose; in a thread it does not hold up other requests.
            "password_hash": await asyncio.to_thread(_hasher.hash, password),
            "role": person.role,
            "locations": list(person.locations),
        },
    )
    if inserted is None:
        message = f"somebody with the e-mail address {person.email} exists already"
        raise EmailTaken(message)
    return person


def _faults(person: Person, password: str) -> list[Fault]:
    faults = []
    local, at, domain = person.email.partition("@")
    spaced = any(character.isspace() for character in person.email)
    if not (local and at and domain) or spaced or len(person.email) > _EMAIL_LENGTH_MAX:
        detail = "this is not an e-mail address: write for example zoe@shop.example"
        faults.append(Fault(pointer="/email", code="wrong_format", detail=detail))
    if not 0 < len(person.name) <= _NAME_LENGTH_MAX:
        detail = f"a name has 1 to {_NAME_LENGTH_MAX} characters"
        faults.append(Fault(pointer="/name", code="wrong_length", detail=detail))
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        detail = f"a password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters"
        faults.append(Fault(pointer="/password", code="wrong_length", detail=detail))
    if person.role not in ROLES:
        detail = f"“{person.role}” is not a role; the roles are: {', '.join(ROLES)}"
        faults.append(Fault(pointer="/role", code="unknown_role", detail=detail))
    if person.role == "store" and not person.locations:
        detail = "people of a store need at least one location"
        faults.append(Fault(pointer="/locations", code="missing_field", detail=detail))
    return faults
