"""People: who they are, their role, and for people of a store, which one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from unisono.core import ids, queries, versions
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.identity import emails, passwords, sessions, sign_in_tries, trail
from unisono.identity.roles import ADMINISTRATOR, ROLES, STORE
from unisono.identity.trail import Act

sql = queries.beside(__file__)

PEOPLE_LISTED_MAX = 1000
_NAME_LENGTH_MAX = 200


class EmailTaken(UnisonoError):
    """A person with that e-mail address exists."""


class UnknownPerson(UnisonoError):
    """There is no such person."""


class LastAdministrator(UnisonoError):
    """Without this person nobody could change people and keys any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person. ``locations`` are codes; people of the role ``store`` have at least one.

    One who is not ``active`` was switched off and cannot sign in.
    """

    id: UUID
    email: str
    name: str
    role: str
    locations: list[str]
    active: bool
    version: int


async def add(
    db: Db,
    *,
    email: str,
    name: str,
    password: str,
    role: str,
    locations: Iterable[str] = (),
    author: str = trail.INSTALLATION,
) -> Person:
    """Make a person; the password is stored as argon2id only, the address in lower case.

    Raises InvalidInput naming every wrong field, EmailTaken when the address is in use, Overloaded
    when too many passwords are being hashed.
    """
    address = emails.folded(email)
    codes = sorted(set(locations))
    _require(
        emails.fault_of(address),
        *_faults(name.strip(), role, codes),
        passwords.fault_of(password),
    )
    with passwords.place():
        password_hash = await passwords.hashed(password)
    person = await db.row(
        Person,
        sql.insert_person,
        {
            "id": ids.uuid7(),
            "email": address,
            "name": name.strip(),
            "password_hash": password_hash,
            "role": role,
            "locations": codes,
        },
    )
    if person is None:
        message = f"somebody with the e-mail address {address} exists already"
        raise EmailTaken(message)
    await trail.write(db, actor=author, act="person_added", subject=address)
    return person


async def listing(db: Db) -> list[Person]:
    """Return all people by their address, at most PEOPLE_LISTED_MAX."""
    return await db.rows(Person, sql.listing, {"limit": PEOPLE_LISTED_MAX})


async def get(db: Db, *, person_id: UUID) -> Person:
    """Return a person. Raises UnknownPerson."""
    person = await db.row(Person, sql.by_id, {"id": person_id})
    if person is None:
        _refuse_unknown(str(person_id))
    return person


async def by_email(db: Db, *, email: str) -> Person:
    """Return the person with an address. Raises UnknownPerson."""
    address = emails.folded(email)
    person = None
    if emails.is_address(address):
        person = await db.row(Person, sql.by_email, {"email": address})
    if person is None:
        _refuse_unknown(address)
    return person


async def change(
    db: Db,
    *,
    person_id: UUID,
    name: str,
    role: str,
    locations: Iterable[str],
    active: bool,
    version: int,
    author: str,
) -> Person:
    """Change a person as read in ``version``; new rights hold at once, in this process.

    Who is switched off loses every session. What changes nothing keeps its version. Raises
    InvalidInput naming every wrong field, UnknownPerson, VersionMismatch, and LastAdministrator
    when no active administrator would be left.
    """
    wanted_name, codes = name.strip(), sorted(set(locations))
    _require(*_faults(wanted_name, role, codes))
    # Two that take the rights of two administrators at once would both find another one left.
    await db.execute(sql.lock_people)
    before = await get(db, person_id=person_id)
    versions.require(held=before.version, given=version, what=before.email)
    wanted = (wanted_name, role, codes, active)
    if wanted == (before.name, before.role, before.locations, before.active):
        return before
    if not (active and role == ADMINISTRATOR):
        await _require_another_administrator(db, before)
    (after,) = await db.rows(
        Person,
        sql.change,
        {
            "id": person_id,
            "version": version,
            "name": wanted_name,
            "role": role,
            "locations": codes,
            "active": active,
        },
    )
    sessions.doubt(db, person_id)
    if not active:
        await sessions.end_all(db, person_id=person_id, author=author)
    for act in _acts(before, after):
        await trail.write(db, actor=author, act=act, subject=after.email)
    return after


async def set_password(db: Db, *, person_id: UUID, password: str, author: str) -> None:
    """Give a person a new password; every session ends, and the next sign-in need not wait.

    Raises InvalidInput, UnknownPerson, Overloaded.
    """
    _require(passwords.fault_of(password))
    with passwords.place():
        password_hash = await passwords.hashed(password)
    email = await db.value(sql.set_password, {"id": person_id, "password_hash": password_hash})
    if email is None:
        _refuse_unknown(str(person_id))
    await sign_in_tries.succeed(db, address=email)
    await sessions.end_all(db, person_id=person_id, author=author)
    await trail.write(db, actor=author, act="password_set", subject=email)


async def _require_another_administrator(db: Db, person: Person) -> None:
    if person.role != ADMINISTRATOR or not person.active:
        return
    if not await db.value(sql.other_administrators, {"id": person.id, "role": ADMINISTRATOR}):
        message = f"{person.email} is the last active administrator; make another one first"
        raise LastAdministrator(message)


def _acts(before: Person, after: Person) -> list[Act]:
    """Return what was done to a person, in the words of the trail."""
    acts: list[Act] = []
    if (before.name, before.role, before.locations) != (after.name, after.role, after.locations):
        acts.append("person_changed")
    if before.active != after.active:
        acts.append("person_switched_on" if after.active else "person_switched_off")
    return acts


def _faults(name: str, role: str, locations: list[str]) -> list[Fault]:
    faults = []
    if not 0 < len(name) <= _NAME_LENGTH_MAX:
        detail = f"a name has 1 to {_NAME_LENGTH_MAX} characters"
        faults.append(Fault(pointer="/name", code="wrong_length", detail=detail))
    if role not in ROLES:
        detail = f"“{role}” is not a role; the roles are: {', '.join(ROLES)}"
        faults.append(Fault(pointer="/role", code="unknown_role", detail=detail))
    if role == STORE and not locations:
        detail = "people of a store need at least one location"
        faults.append(Fault(pointer="/locations", code="missing_field", detail=detail))
    return faults


def _require(*faults: Fault | None) -> None:
    found = [fault for fault in faults if fault is not None]
    if found:
        raise InvalidInput(*found)


def _refuse_unknown(who: str) -> NoReturn:
    message = f"there is no person {who}"
    raise UnknownPerson(message)
