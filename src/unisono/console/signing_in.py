"""Signing in and out; what a form said when its session had ended is kept and can be sent again."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Meta, Struct

from unisono.console.area import Pages
from unisono.console.guard import EVERYBODY, SIGNED_IN
from unisono.console.navigation import first_page
from unisono.console.rendering import page
from unisono.console.visits import SESSION_COOKIE, Visit, local
from unisono.core.database import Db
from unisono.identity import sessions
from unisono.identity.sessions import NotSignedIn, SignInRefused
from unisono.identity.sign_in_tries import SignInSlowed

ADDRESS = "/sign-in"
KEPT_CHARACTERS_MAX = 20_000
"""What of a form is kept over signing in again, at most."""


class SignIn(Struct, frozen=True, kw_only=True):
    """The form. ``kept`` is what an action said whose session had ended."""

    email: Annotated[str, Meta(max_length=300)] = ""
    password: Annotated[str, Meta(max_length=1000)] = ""
    to: Annotated[str, Meta(max_length=4000)] = "/"
    kept: Annotated[str, Meta(max_length=KEPT_CHARACTERS_MAX)] = ""


@get(ADDRESS, opt=EVERYBODY)
async def show_sign_in(visit: NamedDependency[Visit], to: FromQuery[str] = "") -> Response[Any]:
    """Show the form, or go on when somebody is signed in already."""
    if visit.visitor is not None:
        return visit.onward(local(to) if to else first_page(visit.visitor))
    return _form(visit, to=to)


@post(ADDRESS, opt=EVERYBODY, status_code=200)
async def sign_in(visit: NamedDependency[Visit]) -> Response[Any]:
    """Sign in, and go on where the person was."""
    given = await visit.filled(SignIn)
    try:
        new = await sessions.sign_in(visit.database, email=given.email, password=given.password)
    except SignInRefused:
        text = visit.language.text("The e-mail address or the password is not right.")
        return _form(visit, given, to=given.to, wrong=text, status=401)
    except SignInSlowed as slowed:
        text = visit.language.plural(
            "Too many wrong tries. Wait %(num)s second, then try again.",
            "Too many wrong tries. Wait %(num)s seconds, then try again.",
            slowed.seconds,
        )
        return _form(visit, given, to=given.to, wrong=text, status=429)
    to = local(given.to) if given.to not in {"", "/"} else first_page(new.visitor)
    kept = _kept(given.kept)
    if kept is not None:
        answer: Response[Any] = page(visit, "signing_in/kept.html", to=to, **kept)
    else:
        answer = visit.onward(to)
    life_seconds = 24 * 3600 * visit.settings.session_days_max
    answer.set_cookie(visit.cookie(SESSION_COOKIE, new.token, max_age=life_seconds))
    return answer


@post("/sign-out", opt=SIGNED_IN, status_code=200)
async def sign_out(visit: NamedDependency[Visit]) -> Response[Any]:
    """End the session."""
    token = visit.cookies[SESSION_COOKIE]

    async def end(db: Db) -> None:
        await sessions.sign_out(db, token=token)

    await visit.change(end)
    answer = visit.done(ADDRESS, visit.language.text("You are signed out."))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def asked_for(visit: Visit, refused: NotSignedIn) -> Response[Any]:
    """Return the form in place of a page that needs it, with what was sent to the page."""
    if visit.method == "GET":
        return _form(visit, to=visit.address, status=401)
    to = visit.came_from or "/"
    # A password belongs on no page: it is asked for again.
    fields = {name: said for name, said in refused.fields.items() if "password" not in name}
    kept = json.dumps({"address": visit.address, "fields": fields})
    if not fields or len(kept) > KEPT_CHARACTERS_MAX:
        return _form(visit, to=to, status=401)
    return _form(visit, SignIn(kept=kept), to=to, status=401)


def _form(
    visit: Visit,
    given: SignIn | None = None,
    *,
    to: str,
    wrong: str | None = None,
    status: int = 200,
) -> Response[Any]:
    return page(
        visit,
        "signing_in/form.html",
        status=status,
        to=to,
        wrong=wrong,
        email="" if given is None else given.email,
        kept="" if given is None else given.kept,
    )


def _kept(text: str) -> dict[str, Any] | None:
    """Return address and fields of what was kept, if it is what ``asked_for`` wrote."""
    if not text:
        return None
    try:
        kept = json.loads(text)
        address, fields = kept["address"], kept["fields"]
        pairs: Sequence[tuple[str, str]] = [
            (str(name), str(value)) for name, values in fields.items() for value in values
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return {"address": local(str(address)), "fields": pairs}


pages = Pages(name="signing_in", routes=(show_sign_in, sign_in, sign_out))
