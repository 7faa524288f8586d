"""Who may see a page: the session of a cookie, the scope that it needs, where a form comes from.

Every page says ``opt=needs("orders:read")``, ``opt=SIGNED_IN`` or ``opt=EVERYBODY``. A change is
only taken from a page of this server: browsers tell where a request comes from, in a header that
no other site can set, and the session's cookie is not sent along from elsewhere.
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from unisono.console.visits import SESSION_COOKIE, Visit
from unisono.identity import sessions
from unisono.identity.keys import ScopeMissing
from unisono.identity.scopes import SCOPES
from unisono.identity.sessions import ForeignForm, NotSignedIn

EVERYBODY: Mapping[str, Any] = {"visitors": "everybody"}
SIGNED_IN: Mapping[str, Any] = {"visitors": "signed in"}

_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def needs(scope: str) -> dict[str, Any]:
    """Return the ``opt`` of a page that only people with this scope may see."""
    if scope not in SCOPES:
        message = f"{scope} is not a scope"
        raise ValueError(message)
    return {"visitors": "signed in", "needs": scope}


class Guard(ASGIMiddleware):
    """Lets a request through to its page when this person may see it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Raise NotSignedIn, ScopeMissing or ForeignForm, or go on."""
        request = cast("HTTPScope", scope)
        opt = request["route_handler"].opt

        if "\0" in request["path"] or b"%00" in request["query_string"]:
            # No text of ours contains it, and the database takes none that does.
            raise NotFoundException
        visit = Visit(scope, receive, send)
        token = visit.cookies.get(SESSION_COOKIE)
        if token is not None:
            scope["user"] = await sessions.signed_in(visit.database, token=token)
        else:
            scope["user"] = None
        if request["method"] not in _SAFE and not is_own(visit):
            message = "the request comes from another site, or the browser does not say from where"
            raise ForeignForm(message)
        if opt["visitors"] != "everybody":
            visitor: sessions.Visitor | None = scope["user"]
            if visitor is None:
                raise NotSignedIn({} if request["method"] in _SAFE else await visit.fields())
            _require(visitor, opt.get("needs"))
        await next_app(scope, receive, send)


def is_own(visit: Visit) -> bool:
    """Whether a request was made by a page of this server, as the browser says."""
    headers: Headers = visit.headers
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc == urlsplit(visit.origin).netloc


def _require(visitor: sessions.Visitor, scope: str | None) -> None:
    if scope is not None and scope not in visitor.scopes:
        message = f"{visitor.name} may not do this: it needs {scope}"
        raise ScopeMissing(message)
