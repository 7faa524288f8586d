"""One request of a normal route: who sends it, its body, its version, its Idempotency-Key.

A handler is typed and thin: it decodes nothing, it opens one transaction by ``once`` (changes) or
``database.read()`` (questions), and calls one function of its area.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import InternalServerException
from litestar.params import HeaderParameter, QueryParameter

from unisono.api import bodies, refusals
from unisono.core import idempotency, tries
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.settings import Settings
from unisono.identity.keys import Principal

T = TypeVar("T")

PAGE_ROWS = 50
CURSOR_LENGTH_MAX = 500

_VERSION = re.compile(r'(?:W/)?"v([1-9]\d{0,17})"')
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class Call(Request[Principal, None, State]):
    """A request of this API. Its body is decoded strictly into the type of the handler's data."""

    @property
    def principal(self) -> Principal:
        """Who sends it."""
        return self.user

    @property
    def database(self) -> Database:
        """The database of this process."""
        database: Database = self.app.state.database
        return database

    @property
    def settings(self) -> Settings:
        """The settings of this process."""
        settings: Settings = self.app.state.settings
        return settings

    async def body(self) -> bytes:
        """Return the raw body; where it may be left out, an empty one is none.

        Raises NotJson, BodyTooLarge, MalformedJson for an empty one that is needed.
        """
        wanted = self.route_handler.parsed_data_field
        is_needed = wanted is not None and not wanted.is_optional
        if is_needed:
            bodies.require_json(self.headers.get("content-type", ""))
        try:
            raw = await super().body()
        except InternalServerException:
            # The framework's word for a connection that ended in the middle.
            message = "the connection ended before the body was complete"
            raise refusals.ClientGone(message) from None
        if is_needed and not raw:
            message = "the body cannot be read as JSON: it is empty"
            raise refusals.MalformedJson(message)
        if wanted is not None and raw and not is_needed:
            bodies.require_json(self.headers.get("content-type", ""))
        return raw

    async def json(self) -> Any:  # noqa: ANN401 - the handler's annotation says what it is
        """Return the decoded body. Raises MalformedJson and InvalidInput."""
        wanted = self.route_handler.parsed_data_field
        kind = Any if wanted is None else wanted.raw
        return bodies.decode(_decoder(kind), await self.body())


@lru_cache(maxsize=1000)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - any type that msgspec knows
    return msgspec.json.Decoder(kind)


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """Which page of a listing is asked for: how many rows, and the cursor they come after."""

    limit: int
    after: str | None


async def once(
    request: Call,
    work: Callable[[Db], Awaitable[T]],
    *,
    headers: Callable[[T], Mapping[str, str]] | None = None,
) -> Response[T]:
    """Do a change in one transaction, and answer with what ``work`` returns, as JSON.

    A request with an Idempotency-Key that was answered before is not done again: its answer is
    sent once more, with ``Idempotency-Replayed: true``. ``work`` may be started several times
    (``tries.settled``). ``headers`` gets the result (for example ``answers.etag``). Raises
    MalformedHeader, and what ``work`` raises: then nothing was changed and nothing is remembered.
    """
    return await tries.settled(lambda: _once(request, work, headers))


async def _once(
    request: Call,
    work: Callable[[Db], Awaitable[T]],
    headers: Callable[[T], Mapping[str, str]] | None,
) -> Response[T]:
    key = _idempotency_key(request)
    body = await request.body()
    who, route = request.principal.id, _address(request)
    async with request.database.transaction() as db:
        if key is not None:
            earlier = await idempotency.take(db, principal=who, route=route, key=key, request=body)
            if earlier is not None:
                return _sent(earlier, {"Idempotency-Replayed": "true"})
        result = await work(db)
        answer = idempotency.Answer(
            status=request.route_handler.status_code,
            headers=dict(headers(result)) if headers else {},
            response=msgspec.json.encode(result),
        )
        if key is not None:
            await idempotency.remember(db, principal=who, route=route, key=key, answer=answer)
    return _sent(answer, {})


def _sent(answer: idempotency.Answer, more: Mapping[str, str]) -> Response[Any]:
    return Response(
        content=answer.response,
        status_code=answer.status,
        headers={**answer.headers, **more},
        media_type="application/json",
    )


def _address(request: Call) -> str:
    """Return method, path and query: the same key may be used once for each of them."""
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.method} {request.scope['path']}{'?' if query else ''}{query}"


def _idempotency_key(request: Call) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and _IDEMPOTENCY_KEY.fullmatch(key) is None:
        message = "an Idempotency-Key has 1 to 255 visible ASCII characters"
        raise refusals.MalformedHeader(message)
    return key


def _paging(
    request: Call,
    limit: Annotated[
        int, QueryParameter(ge=1, description="Rows of the page, at most.")
    ] = PAGE_ROWS,
    after: Annotated[
        str | None,
        QueryParameter(
            max_length=CURSOR_LENGTH_MAX,
            description="The cursor that the Link header of the page before gave.",
        ),
    ] = None,
) -> Paging:
    most = request.settings.page_rows_max
    if limit > most:
        detail = f"a page has {most} rows at most"
        raise InvalidInput(Fault(pointer="/limit", code="out_of_range", detail=detail))
    return Paging(limit=limit, after=after)


def _if_match(
    tag: Annotated[
        str | None,
        HeaderParameter(name="If-Match", description="The ETag of the version that was read."),
    ] = None,
) -> int | None:
    if tag is None:
        return None
    # A proxy that compresses makes tags weak; the version in them is as exact as before.
    found = _VERSION.fullmatch(tag.strip())
    if found is None:
        message = 'If-Match must be one ETag as it was read, such as "v3"'
        raise refusals.MalformedHeader(message)
    return int(found[1])


def _database(request: Call) -> Database:
    return request.database


DEPENDENCIES = {
    "database": Provide(_database, sync_to_thread=False),
    "if_match": Provide(_if_match, sync_to_thread=False),
    "paging": Provide(_paging, sync_to_thread=False),
}
"""What a handler may ask for by naming a parameter so."""
