"""People: the list, a new one, and everything that can be done to one."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.settings import faults, places
from unisono.console.settings.rights import ROLE_MEANINGS
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import InvalidInput
from unisono.core.texts import folded
from unisono.identity import people, sessions
from unisono.identity.people import EmailTaken, Person
from unisono.identity.roles import ROLES
from unisono.identity.scopes import PEOPLE
from unisono.network import network as network_area

LIST = "/settings/people"

_ADMINISTRATORS = needs(PEOPLE)
_WRONG, _TAKEN = 422, 409


class NewPerson(Struct, frozen=True, kw_only=True):
    """The form of a new person."""

    name: str = ""
    email: str = ""
    password: str = ""
    role: str = ""
    locations: tuple[str, ...] = ()


class ChangedPerson(Struct, frozen=True, kw_only=True):
    """The form of a person's rights, as seen in ``version``."""

    version: int
    name: str = ""
    role: str = ""
    locations: tuple[str, ...] = ()


class Switch(Struct, frozen=True, kw_only=True):
    """The form that lets a person sign in, or no more."""

    version: int
    active: bool


class NewPassword(Struct, frozen=True, kw_only=True):
    """The form of a new password."""

    password: str = ""


@get("/settings", opt=_ADMINISTRATORS)
async def open_settings(visit: NamedDependency[Visit]) -> Response[Any]:
    """The settings begin with people."""
    return visit.onward(LIST)


@get(LIST, opt=_ADMINISTRATORS)
async def list_people(
    visit: NamedDependency[Visit], search: FromQuery[str] = "", role: FromQuery[str] = ""
) -> Response[Any]:
    """Everybody by name; there are hundreds at most, so all are on one page."""
    async with visit.database.read() as db:
        everybody = await people.listing(db)
        network = await network_area.of(db)
    shown = sorted(
        (each for each in everybody if _is_wanted(each, search, role)),
        key=lambda person: (not person.active, folded(person.name)),
    )
    return page(
        visit,
        "settings/people.html",
        people=shown,
        places={
            each.id: places.in_short(visit.language, each.locations, network) for each in shown
        },
        search=search,
        role=role,
    )


@get(f"{LIST}/new", opt=_ADMINISTRATORS)
async def new_person(visit: NamedDependency[Visit]) -> Response[Any]:
    """The empty form of a new person."""
    return await _new_page(visit, NewPerson())


@post(LIST, opt=_ADMINISTRATORS, status_code=200)
async def add_person(visit: NamedDependency[Visit]) -> Response[Any]:
    """Add a person; the password is not shown again, whatever comes of it."""
    given = await visit.filled(NewPerson)

    async def work(db: Db) -> Person:
        await places.require(db, given.locations)
        return await people.add(
            db,
            email=given.email,
            name=given.name,
            password=given.password,
            role=given.role,
            locations=given.locations,
            author=visit.person.name,
        )

    try:
        person = await visit.change(work)
    except InvalidInput as refused:
        return await _new_page(visit, given, faults.told(refused), status=_WRONG)
    except EmailTaken as refused:
        return await _new_page(visit, given, faults.told(refused), status=_TAKEN)
    said = visit.language.text("%(name)s can sign in now.", name=person.name)
    return visit.done(_address(person.id), said)


@get(f"{LIST}/{{person_id:uuid}}", opt=_ADMINISTRATORS)
async def show_person(visit: NamedDependency[Visit], person_id: FromPath[UUID]) -> Response[Any]:
    """One person: the rights, and what can be done about signing in."""
    return await _person_page(visit, person_id)


@post(f"{LIST}/{{person_id:uuid}}", opt=_ADMINISTRATORS, status_code=200)
async def change_person(visit: NamedDependency[Visit], person_id: FromPath[UUID]) -> Response[Any]:
    """Give a person another name or other rights, which hold at once."""
    given = await visit.filled(ChangedPerson)

    async def work(db: Db) -> Person:
        await places.require(db, given.locations)
        before = await people.get(db, person_id=person_id)
        return await people.change(
            db,
            person_id=person_id,
            name=given.name,
            role=given.role,
            locations=given.locations,
            active=before.active,
            version=given.version,
            author=visit.person.name,
        )

    try:
        person = await visit.change(work)
    except InvalidInput as refused:
        return await _person_page(
            visit, person_id, given=given, wrong=faults.told(refused), status=_WRONG
        )
    # Who gives up the own right to change people cannot see this page any more.
    is_left = person_id == visit.person.id and PEOPLE not in ROLES[person.role]
    to = "/settings/me" if is_left else _address(person_id)
    return visit.done(to, visit.language.text("Saved."))


@post(f"{LIST}/{{person_id:uuid}}/active", opt=_ADMINISTRATORS, status_code=200)
async def switch_person(visit: NamedDependency[Visit], person_id: FromPath[UUID]) -> Response[Any]:
    """Let a person sign in no more, or again."""
    given = await visit.filled(Switch)

    async def work(db: Db) -> Person:
        before = await people.get(db, person_id=person_id)
        return await people.change(
            db,
            person_id=person_id,
            name=before.name,
            role=before.role,
            locations=before.locations,
            active=given.active,
            version=given.version,
            author=visit.person.name,
        )

    person = await visit.change(work)
    language = visit.language
    if person.active:
        said = language.text("%(name)s can sign in again.", name=person.name)
    else:
        said = language.text("%(name)s is switched off and signed out.", name=person.name)
    return visit.done(_address(person_id), said)


@post(f"{LIST}/{{person_id:uuid}}/password", opt=_ADMINISTRATORS, status_code=200)
async def set_password(visit: NamedDependency[Visit], person_id: FromPath[UUID]) -> Response[Any]:
    """Give a person a new password, and end the sessions that began with the old one."""
    given = await visit.filled(NewPassword)

    async def work(db: Db) -> Person:
        person = await people.get(db, person_id=person_id)
        await people.set_password(
            db, person_id=person_id, password=given.password, author=visit.person.name
        )
        return person

    try:
        person = await visit.change(work)
    except InvalidInput as refused:
        return await _person_page(visit, person_id, wrong=faults.told(refused), status=_WRONG)
    said = visit.language.text("%(name)s has a new password.", name=person.name)
    return visit.done(_address(person_id), said)


@post(f"{LIST}/{{person_id:uuid}}/sessions", opt=_ADMINISTRATORS, status_code=200)
async def end_sessions(visit: NamedDependency[Visit], person_id: FromPath[UUID]) -> Response[Any]:
    """Sign a person out everywhere."""

    async def work(db: Db) -> int:
        await people.get(db, person_id=person_id)
        return await sessions.end_all(db, person_id=person_id, author=visit.person.name)

    ended = await visit.change(work)
    language = visit.language
    if ended:
        said = language.plural(
            "Signed out in %(num)s place.", "Signed out in %(num)s places.", ended
        )
    else:
        said = language.text("Was signed in nowhere.")
    return visit.done(_address(person_id), said)


def _address(person_id: UUID) -> str:
    return f"{LIST}/{person_id}"


def _is_wanted(person: Person, search: str, role: str) -> bool:
    return folded(search) in folded(f"{person.name} {person.email}") and role in {"", person.role}


async def _new_page(
    visit: Visit, given: NewPerson, wrong: faults.Sentences = faults.NONE, *, status: int = 200
) -> Response[Any]:
    async with visit.database.read() as db:
        choices = await places.choices(db, given.locations)
    return page(
        visit,
        "settings/person_new.html",
        status=status,
        given=given,
        wrong=wrong,
        choices=choices,
        meanings=ROLE_MEANINGS,
    )


async def _person_page(
    visit: Visit,
    person_id: UUID,
    *,
    given: ChangedPerson | None = None,
    wrong: faults.Sentences = faults.NONE,
    status: int = 200,
) -> Response[Any]:
    async with visit.database.read() as db:
        person = await people.get(db, person_id=person_id)
        shown = given or ChangedPerson(
            version=person.version,
            name=person.name,
            role=person.role,
            locations=tuple(person.locations),
        )
        choices = await places.choices(db, shown.locations)
    return page(
        visit,
        "settings/person.html",
        status=status,
        person=person,
        given=shown,
        wrong=wrong,
        choices=choices,
        meanings=ROLE_MEANINGS,
        is_self=person_id == visit.person.id,
    )
