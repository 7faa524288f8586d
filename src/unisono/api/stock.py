"""Stock over HTTP: counted, adjusted, read by level, with the ledger behind it."""

from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.lists import bounded
from unisono.api.requests import Call, Paging, once
from unisono.core.database import Database, Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import Line
from unisono.inventory import stock
from unisono.inventory.stock import (
    AdjustmentRow,
    CountRow,
    LevelView,
    MovementView,
    NewFigure,
    Only,
    RowReport,
    StockRow,
)

ROWS_MAX = 100_000


class Counts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counted figures, and the system that counted."""

    items: Annotated[tuple[CountRow, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    source: Line | None = None


class Adjustments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Corrections, and the system that made them."""

    items: Annotated[tuple[AdjustmentRow, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    source: Line | None = None


@post("/v1/stock/counts", opt=needs("stock:write"), status_code=200)
async def count_stock(request: Call, data: JSONBody[Counts]) -> Response[Items[RowReport]]:
    """Set levels to counted figures, all rows or none.

    A figure is as of its moment: movements that happened later are kept. A level that was counted
    later already stays as it is, and its row says so.
    """
    rows = bounded(request, data.items, field="items")
    for row in rows:
        request.principal.require_location(row.location)

    async def work(db: Db) -> Items[RowReport]:
        author = request.principal.name
        reports = await stock.count(db, rows=rows, author=author, source=data.source)
        return Items(items=tuple(reports))

    return await once(request, work)


@post("/v1/stock/adjustments", opt=needs("stock:write"), status_code=200)
async def adjust_stock(request: Call, data: JSONBody[Adjustments]) -> Response[Items[RowReport]]:
    """Add units to levels or take them off, all rows or none."""
    rows = bounded(request, data.items, field="items")
    for row in rows:
        request.principal.require_location(row.location)

    async def work(db: Db) -> Items[RowReport]:
        author = request.principal.name
        reports = await stock.adjust(db, rows=rows, author=author, source=data.source)
        return Items(items=tuple(reports))

    return await once(request, work)


@get("/v1/stock", opt=needs("stock:read"))
async def list_stock(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    location: FromQuery[str | None] = None,
    search: Annotated[str | None, QueryParameter(max_length=200)] = None,
    only: FromQuery[Only] = "all",
) -> Response[Items[StockRow]]:
    """SKUs in the order of their codes, with what there is of them everywhere or at a location.

    Search looks in codes and names. A page of ``only`` some of them may have fewer rows than the
    limit, even none, and still be followed by another. A key of some locations names one of them.
    """
    if location is not None:
        request.principal.require_location(location)
    elif request.principal.locations:
        detail = "this key is bound to locations: name one of them"
        raise InvalidInput(Fault(pointer="/location", code="location_missing", detail=detail))
    async with database.read() as db:
        page = await stock.listing(
            db,
            after=paging.after,
            limit=paging.limit,
            search=search,
            location=location,
            only=only,
        )
    return listed(request, page, paging)


@get("/v1/stock/{sku:str}", opt=needs("stock:read"))
async def read_stock(
    request: Call, database: NamedDependency[Database], sku: FromPath[str]
) -> Items[LevelView]:
    """The levels of a SKU at every location that has one."""
    async with database.read() as db:
        found = await stock.everywhere(db, sku=sku)
    own = request.principal.locations
    return Items(items=tuple(each for each in found if not own or each.location in own))


@get("/v1/stock/{sku:str}/{location:str}", opt=needs("stock:read"))
async def read_level(
    request: Call, database: NamedDependency[Database], sku: FromPath[str], location: FromPath[str]
) -> Response[LevelView]:
    """One level."""
    request.principal.require_location(location)
    async with database.read() as db:
        return tagged(await stock.level(db, sku=sku, location=location))


@put("/v1/stock/{sku:str}/{location:str}", opt=needs("stock:write"))
async def put_level(
    request: Call,
    sku: FromPath[str],
    location: FromPath[str],
    data: JSONBody[NewFigure],
    if_match: NamedDependency[int | None],
) -> Response[LevelView]:
    """Set one level to what was counted; with If-Match only if it is as it was read."""
    request.principal.require_location(location)

    async def work(db: Db) -> LevelView:
        return await stock.set_level(
            db,
            sku=sku,
            location=location,
            figure=data,
            version=if_match,
            author=request.principal.name,
        )

    return await once(request, work, headers=etag)


@get("/v1/stock/{sku:str}/{location:str}/movements", opt=needs("stock:read"))
async def list_movements(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    sku: FromPath[str],
    location: FromPath[str],
) -> Response[Items[MovementView]]:
    """The ledger of one level, newest first."""
    request.principal.require_location(location)
    async with database.read() as db:
        page = await stock.movements(
            db, sku=sku, location=location, after=paging.after, limit=paging.limit
        )
    return listed(request, page, paging)


area = Area(
    tag="stock",
    meaning="How much of what lies where, and the ledger of every change.",
    routes=(
        count_stock,
        adjust_stock,
        list_stock,
        read_stock,
        read_level,
        put_level,
        list_movements,
    ),
)
