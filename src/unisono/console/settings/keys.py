"""API keys: the list, a new one that is shown once, changing over to another, and the end.

A key stands in one answer only, which no cache keeps: never in an address, a cookie or a log.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.settings import faults, places, rights
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import InvalidInput
from unisono.core.texts import folded
from unisono.identity import keys
from unisono.identity.keys import KeyNameTaken, NewKey
from unisono.identity.scopes import PEOPLE
from unisono.network import network as network_area

LIST = "/settings/keys"
OVERLAPS_HOURS: Sequence[int] = (0, 1, 24, 24 * 7, 24 * 30)
"""How long an old key may live on, to choose from."""
OVERLAP_HOURS = 24

_ADMINISTRATORS = needs(PEOPLE)
_WRONG, _TAKEN = 422, 409


class KeyForm(Struct, frozen=True, kw_only=True):
    """The form of a new key."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()


class Rotation(Struct, frozen=True, kw_only=True):
    """The form of changing over to a new key."""

    overlap_hours: int = OVERLAP_HOURS


@get(LIST, opt=_ADMINISTRATORS)
async def list_keys(visit: NamedDependency[Visit], search: FromQuery[str] = "") -> Response[Any]:
    """Every living key, the newest first."""
    async with visit.database.read() as db:
        living = [each for each in await keys.listing(db) if folded(search) in folded(each.name)]
        network = await network_area.of(db)
    return page(
        visit,
        "settings/keys.html",
        keys=living,
        search=search,
        rights={each.id: rights.in_short(visit.language, each.scopes) for each in living},
        places={
            each.id: places.in_short(visit.language, each.locations, network) for each in living
        },
    )


@get(f"{LIST}/new", opt=_ADMINISTRATORS)
async def new_key(visit: NamedDependency[Visit]) -> Response[Any]:
    """The empty form of a new key."""
    return await _new_page(visit, KeyForm())


@post(LIST, opt=_ADMINISTRATORS, status_code=200)
async def add_key(visit: NamedDependency[Visit]) -> Response[Any]:
    """Make a key, and show it this once."""
    given = await visit.filled(KeyForm)

    async def work(db: Db) -> NewKey:
        await places.require(db, given.locations)
        return await keys.add(
            db,
            name=given.name,
            scopes=given.scopes,
            locations=given.locations,
            author=visit.person.name,
        )

    try:
        new = await visit.change(work)
    except InvalidInput as refused:
        return await _new_page(visit, given, faults.told(refused), status=_WRONG)
    except KeyNameTaken as refused:
        return await _new_page(visit, given, faults.told(refused), status=_TAKEN)
    return _shown_once(visit, new)


@get(f"{LIST}/{{key_id:uuid}}/rotate", opt=_ADMINISTRATORS)
async def ask_rotation(visit: NamedDependency[Visit], key_id: FromPath[UUID]) -> Response[Any]:
    """What changing over to a new key means, and how long the old one is to live on."""
    async with visit.database.read() as db:
        key = await keys.get(db, key_id=key_id)
    return page(
        visit,
        "settings/key_rotate.html",
        key=key,
        overlaps=OVERLAPS_HOURS,
        chosen=OVERLAP_HOURS,
    )


@post(f"{LIST}/{{key_id:uuid}}/rotate", opt=_ADMINISTRATORS, status_code=200)
async def rotate_key(visit: NamedDependency[Visit], key_id: FromPath[UUID]) -> Response[Any]:
    """Make a new key with the same rights, and show it this once."""
    given = await visit.filled(Rotation)

    async def work(db: Db) -> NewKey:
        return await keys.rotate_one(
            db, key_id=key_id, overlap_hours=given.overlap_hours, author=visit.person.name
        )

    new = await visit.change(work)
    return _shown_once(visit, new, old_hours=given.overlap_hours)


@get(f"{LIST}/{{key_id:uuid}}/end", opt=_ADMINISTRATORS)
async def ask_end(visit: NamedDependency[Visit], key_id: FromPath[UUID]) -> Response[Any]:
    """What stops working when a key ends, before it does: nobody can bring it back."""
    async with visit.database.read() as db:
        key = await keys.get(db, key_id=key_id)
        network = await network_area.of(db)
        others = [each for each in await keys.listing(db) if each.name == key.name]
    return page(
        visit,
        "settings/key_end.html",
        key=key,
        sentences=rights.sentences(key.scopes),
        places=places.names(key.locations, network),
        has_successor=any(each.id > key.id for each in others),
    )


@post(f"{LIST}/{{key_id:uuid}}/end", opt=_ADMINISTRATORS, status_code=200)
async def end_key(visit: NamedDependency[Visit], key_id: FromPath[UUID]) -> Response[Any]:
    """End one key now."""

    async def work(db: Db) -> str:
        key = await keys.get(db, key_id=key_id)
        await keys.end_one(db, key_id=key_id, author=visit.person.name)
        return key.name

    name = await visit.change(work)
    return visit.done(LIST, visit.language.text("The key “%(name)s” has ended.", name=name))


async def _new_page(
    visit: Visit, given: KeyForm, wrong: faults.Sentences = faults.NONE, *, status: int = 200
) -> Response[Any]:
    async with visit.database.read() as db:
        choices = await places.choices(db, given.locations)
    return page(
        visit,
        "settings/key_new.html",
        status=status,
        given=given,
        wrong=wrong,
        choices=choices,
        groups=rights.GROUPS,
    )


def _shown_once(visit: Visit, new: NewKey, *, old_hours: int | None = None) -> Response[Any]:
    """Return the one page that has a key; ``old_hours`` is how long the one before lives on."""
    example = rights.example(new.scopes, new.locations)
    return page(
        visit,
        "settings/key_made.html",
        new=new,
        old_hours=old_hours,
        example=None if example is None else f"{visit.origin}{example}",
    )
