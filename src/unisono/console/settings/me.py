"""One's own account: who one is here, the password, and signing out everywhere."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from unisono.console.guard import SIGNED_IN
from unisono.console.rendering import page
from unisono.console.settings import faults, places
from unisono.console.settings.rights import ROLE_MEANINGS
from unisono.console.visits import SESSION_COOKIE, Visit
from unisono.core.database import Db
from unisono.core.errors import InvalidInput
from unisono.identity import own_password, sessions
from unisono.identity.sign_in_tries import SignInSlowed
from unisono.network import network as network_area

ADDRESS = "/settings/me"


class PasswordChange(Struct, frozen=True, kw_only=True):
    """The form of one's own new password."""

    old_password: str = ""
    password: str = ""


@get(ADDRESS, opt=SIGNED_IN)
async def show_me(visit: NamedDependency[Visit]) -> Response[Any]:
    """Who is signed in, and what that person may do."""
    return await _page(visit)


@post(f"{ADDRESS}/password", opt=SIGNED_IN, status_code=200)
async def change_password(visit: NamedDependency[Visit]) -> Response[Any]:
    """Take a new password; this browser stays signed in, all others do not."""
    given = await visit.filled(PasswordChange)
    try:
        await own_password.change(
            visit.database,
            visitor=visit.person,
            token=visit.cookies[SESSION_COOKIE],
            old=given.old_password,
            new=given.password,
        )
    except InvalidInput as refused:
        return await _page(visit, faults.told(refused), status=422)
    except SignInSlowed as slowed:
        slow = visit.language.plural(
            "Too many wrong tries. Wait %(num)s second, then try again.",
            "Too many wrong tries. Wait %(num)s seconds, then try again.",
            slowed.seconds,
        )
        return await _page(visit, {"old_password": slow}, status=429)
    said = visit.language.text("You have a new password. Everywhere else you are signed out.")
    return visit.done(ADDRESS, said)


@post(f"{ADDRESS}/sessions", opt=SIGNED_IN, status_code=200)
async def sign_out_everywhere(visit: NamedDependency[Visit]) -> Response[Any]:
    """End every session of the person, this one too."""
    person = visit.person

    async def work(db: Db) -> int:
        return await sessions.end_all(db, person_id=person.id, author=person.name)

    await visit.change(work)
    answer = visit.done("/sign-in", visit.language.text("You are signed out everywhere."))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


async def _page(
    visit: Visit, wrong: faults.Sentences = faults.NONE, *, status: int = 200
) -> Response[Any]:
    async with visit.database.read() as db:
        network = await network_area.of(db)
    return page(
        visit,
        "settings/me.html",
        status=status,
        wrong=wrong,
        meaning=ROLE_MEANINGS[visit.person.role],
        places=places.names(visit.person.locations, network),
    )
