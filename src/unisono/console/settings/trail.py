"""Who changed whose access, the newest first."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from unisono.console.guard import needs
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.console.words import mark
from unisono.identity import people, trail
from unisono.identity.scopes import PEOPLE

ROWS = 50

ACTS: Mapping[trail.Act, str] = MappingProxyType(
    {
        "person_added": mark("Added a person"),
        "person_changed": mark("Changed a person’s name or rights"),
        "person_switched_off": mark("Switched a person off"),
        "person_switched_on": mark("Switched a person on"),
        "password_set": mark("Set a new password"),
        "key_added": mark("Made an API key"),
        "key_rotated": mark("Replaced an API key"),
        "key_ended": mark("Ended an API key"),
        "signed_in": mark("Signed in"),
        "signed_out": mark("Signed out"),
        "sessions_ended": mark("Signed out everywhere"),
    }
)


@get("/settings/trail", opt=needs(PEOPLE))
async def list_trail(
    visit: NamedDependency[Visit], after: FromQuery[str | None] = None
) -> Response[Any]:
    """A page of acts; people are told by their names as far as they are known."""
    async with visit.database.read() as db:
        entries = await trail.listing(db, after=after, limit=ROWS)
        known = {each.email: each for each in await people.listing(db)}
    return page(
        visit,
        "settings/trail.html",
        entries=entries.rows,
        after=entries.after,
        is_first=after is None,
        known=known,
        acts=ACTS,
        installation=trail.INSTALLATION,
    )
