"""Who may call a route: every route says the scope that it needs, or that it is public.

``opt=needs("orders:write")`` or ``opt=PUBLIC``. The middleware stands around every route, hot ones
included; a route that says neither answers nobody.
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from unisono.api import refusals
from unisono.core.database import Database
from unisono.core.errors import Fault, InvalidInput
from unisono.identity import keys
from unisono.identity.scopes import SCOPES

PUBLIC: Mapping[str, Any] = {"needs": None}
"""For the few routes that anybody may call."""

_BEARER = b"bearer "
_QUERY_FIELDS_MAX = 100


def needs(scope: str) -> dict[str, Any]:
    """Return the ``opt`` of a route that only keys with this scope may call."""
    if scope not in SCOPES:
        message = f"{scope} is not a scope"
        raise ValueError(message)
    return {"needs": scope}


class Authentication(ASGIMiddleware):
    """Lets a request through to its route when its key may call it, and its parameters exist."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Raise KeyRefused, ScopeMissing, UnknownRoute or InvalidInput, or go on."""
        request = cast("HTTPScope", scope)
        handler = request["route_handler"]
        # What OPTIONS tells, the methods of an address, is in the public documentation.
        needed = handler.opt["needs"] if request["method"] != "OPTIONS" else None
        if needed is not None:
            key = _bearer(scope["headers"])
            database: Database = request["litestar_app"].state.database
            principal = await keys.authenticate(
                database, key=key, trust_seconds=database.settings.key_cache_seconds
            )
            if needed not in principal.scopes:
                message = f"the key “{principal.name}” lacks the scope {needed}"
                raise keys.ScopeMissing(message)
            scope["user"] = principal
        if "\0" in scope["path"]:
            message = "no address contains the character U+0000"
            raise refusals.UnknownRoute(message)
        if scope["query_string"]:
            _require_known(scope["query_string"], handler.opt.get("query", frozenset()))
        await next_app(scope, receive, send)


def _bearer(headers: Any) -> bytes:  # noqa: ANN401 - pairs of bytes, as ASGI gives them
    for name, value in headers:
        if name == b"authorization":
            if value[: len(_BEARER)].lower() == _BEARER:
                key: bytes = value[len(_BEARER) :].strip()
                return key
            message = "the Authorization header must be: Bearer uk_…"
            raise keys.KeyRefused(message)
    message = "this needs an API key in the header Authorization: Bearer uk_…"
    raise keys.KeyRefused(message)


def _require_known(query: bytes, known: frozenset[str]) -> None:
    """Refuse a parameter that does not exist: a misspelt filter must not mean “everything”."""
    try:
        given = parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, max_num_fields=_QUERY_FIELDS_MAX
        )
    except ValueError as problem:
        raise refusals.MalformedRequest(str(problem)) from None
    names = ", ".join(sorted(known)) or "none"
    faults = [
        Fault(
            pointer=f"/{name}",
            code="unknown_parameter",
            detail=f"this route has no parameter “{name}”; it has: {names}",
        )
        for name, _ in given
        if name not in known
    ] + [
        Fault(
            pointer=f"/{name}",
            code="wrong_format",
            detail="the character U+0000 is not accepted in any text",
        )
        for name, value in given
        if name in known and "\0" in value
    ]
    if faults:
        raise InvalidInput(*faults)
