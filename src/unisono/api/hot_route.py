"""A hot route: a typed handler documents it, and this middleware on it answers instead.

It skips the request object and dependency injection, and nothing else: key and scope were checked
by ``authentication``, the body goes through ``bodies`` and an error through ``errors``, like those
of every route.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Self, TypeVar, cast

import msgspec
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from unisono.api import bodies, errors
from unisono.core.errors import UnisonoError
from unisono.identity.keys import Principal

T = TypeVar("T")


class HotAnswer(msgspec.Struct, frozen=True):
    """What to send: the status, the JSON, and further headers in ASGI's form."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


class HotRoute(ASGIMiddleware, Generic[T]):
    """Decodes the body into ``kind`` and sends what ``answer(body, principal, state)`` returns.

    ``answer`` gets the state of the application, where ``database``, ``settings`` and
    ``gatherers`` are. The route's method is POST; it has a body and no query.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(
        self, kind: type[T], answer: Callable[[T, Principal, State], Awaitable[HotAnswer]]
    ) -> None:
        """Prepare the decoder of the body's type."""
        self._decoder = msgspec.json.Decoder(kind)
        self._answer = answer

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay one: the framework copies routers with all they hold, and decoders have no copy."""
        return self

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer the request; the handler behind is never called."""
        if cast("HTTPScope", scope)["method"] != "POST":
            await next_app(scope, receive, send)
            return
        state: Any = scope["litestar_app"].state
        try:
            raw = await bodies.read(
                receive, scope["headers"], bytes_max=state.settings.request_bytes_max
            )
            decoded = bodies.decode(self._decoder, raw)
            answer = await self._answer(decoded, scope["user"], state)
        except UnisonoError as problem:
            # Refusals are usual when a SKU is short: they are rendered without a detour as well.
            shown = errors.rendered(problem)
            answer = HotAnswer(shown.status, shown.body)
            headers = [(k.encode(), v.encode()) for k, v in shown.headers.items()]
        else:
            headers = [(b"content-type", b"application/json"), *answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})
