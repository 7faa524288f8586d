"""A small area whose normal and hot route take the same body, to compare what they answer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import msgspec
import psycopg
from litestar import Response, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from tests.api.connecting import connected
from unisono import app
from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.hot_route import HotAnswer, HotRoute
from unisono.api.requests import Call, Paging, once
from unisono.core import paging as cursors
from unisono.core.batching import Gatherer
from unisono.core.database import Database, Db
from unisono.core.errors import Overloaded
from unisono.core.settings import Settings
from unisono.identity import keys
from unisono.identity.keys import Principal


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class NewThing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lines: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=2000)]


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    lines: int
    version: int


async def _write(db: Db, new: NewThing) -> Thing:
    """Each call leaves one row in a table that the test may count."""
    await db.execute(
        b"INSERT INTO core.secret (name, value) SELECT 'probe ' || count(*), '' FROM core.secret"
    )
    if new.lines[0].sku == "OVERLOADED":
        message = "too many wait"
        raise Overloaded(message)
    if new.lines[0].sku == "BROKEN":
        message = "uk_secret"
        raise RuntimeError(message)
    if new.lines[0].sku == "AWAY":
        raise psycopg.OperationalError
    return Thing(lines=len(new.lines), version=3)


@post("/v1/normal", opt=needs("orders:write"))
async def normal(request: Call, data: JSONBody[NewThing]) -> Response[Thing]:
    """Write a thing."""
    return await once(request, lambda db: _write(db, data), headers=etag)


async def answer(new: NewThing, principal: Principal, state: State) -> HotAnswer:
    async with state.database.transaction() as db:
        thing = await _write(db, new)
    assert principal.scopes
    return HotAnswer(201, msgspec.json.encode(thing), ((b"etag", b'"v3"'),))


@post("/v1/hot", opt=needs("orders:write"), middleware=[HotRoute(NewThing, answer)])
async def hot(data: JSONBody[NewThing]) -> Thing:
    """Write a thing fast."""
    raise NotImplementedError


@get("/v1/things", opt=needs("orders:read"))
async def things(
    request: Call, paging: NamedDependency[Paging], channel: FromQuery[str | None] = None
) -> Response[Items[Thing]]:
    """List things."""
    start = 0 if paging.after is None else cursors.decode(paging.after, int)
    rows = [Thing(lines=n, version=n) for n in range(start + 1, 6)][: paging.limit + 1]
    page = cursors.page(rows, limit=paging.limit, key=lambda thing: thing.lines)
    return listed(request, page, paging)


@get("/v1/things/{code:str}", opt=needs("orders:read"))
async def thing(code: FromPath[str], request: Call) -> Response[Thing]:
    """Read a thing."""
    request.principal.require_location(code)
    return tagged(Thing(lines=1, version=7))


@put("/v1/things/{code:str}", opt=needs("orders:write"))
async def put_thing(
    code: FromPath[str],
    request: Call,
    data: JSONBody[Line],
    if_match: NamedDependency[int | None],
) -> Response[Thing]:
    """Replace a thing."""

    async def work(db: Db) -> Thing:
        return Thing(lines=1, version=(if_match or 0) + 1)

    return await once(request, work, headers=etag)


def _gatherers(database: Database, settings: Settings) -> dict[str, Gatherer[int, int]]:
    async def decide(numbers: Sequence[int]) -> Sequence[int]:
        return numbers

    return {"probe": Gatherer(decide, batch_max=1, queue_max=1, wait_seconds=60)}


area = Area(
    tag="probe",
    meaning="A probe.",
    routes=(normal, hot, things, thing, put_thing),
    gatherers=_gatherers,
)


@asynccontextmanager
async def client(
    database: Database,
    *,
    scopes: tuple[str, ...] = ("orders:read", "orders:write"),
    locations: tuple[str, ...] = (),
    name: str = "test",
) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key of that name and these rights."""
    async with database.transaction() as db:
        key = await keys.add(db, name=name, scopes=scopes, locations=locations)
    built = app.build(Settings(), database, areas=(area,), pages=())
    async with connected(built, key=key.key) as client:
        yield client


async def written(database: Database) -> int:
    """How often something was written."""
    async with database.read() as db:
        count: int = await db.value(b"SELECT count(*) FROM core.secret WHERE name LIKE 'probe%'")
        return count
