"""SKUs over HTTP."""

from typing import Annotated

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.lists import bounded, shown
from unisono.api.requests import Call, Paging, once
from unisono.catalog import skus
from unisono.catalog.skus import NewSku, NewSkus, ToldSku
from unisono.core.database import Database, Db


@get("/v1/skus", opt=needs("catalog:read"))
async def list_skus(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    status: FromQuery[skus.Status | None] = None,
    category: Annotated[str | None, QueryParameter(max_length=200)] = None,
    search: Annotated[str | None, QueryParameter(max_length=200)] = None,
) -> Response[Items[ToldSku]]:
    """SKUs in the order of their codes; search looks in codes and names."""
    async with database.read() as db:
        page = await skus.listing(
            db,
            after=paging.after,
            limit=paging.limit,
            status=status,
            category=category,
            search=search,
        )
    return listed(request, shown(page, skus.told), paging)


@put("/v1/skus", opt=needs("catalog:write"))
async def put_skus(request: Call, data: JSONBody[NewSkus]) -> Response[Items[ToldSku]]:
    """Make or change many SKUs, all or none; no version is asked for."""
    rows = bounded(request, data.skus, field="skus")

    async def work(db: Db) -> Items[ToldSku]:
        return Items(items=tuple(skus.told(sku) for sku in await skus.put(db, skus=rows)))

    return await once(request, work)


@get("/v1/skus/{code:str}", opt=needs("catalog:read"))
async def read_sku(database: NamedDependency[Database], code: FromPath[str]) -> Response[ToldSku]:
    """One SKU."""
    async with database.read() as db:
        return tagged(skus.told(await skus.get(db, code=code)))


@put("/v1/skus/{code:str}", opt=needs("catalog:write"))
async def put_sku(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewSku],
    if_match: NamedDependency[int | None],
) -> Response[ToldSku]:
    """Make a SKU, or replace the version that was read."""

    async def work(db: Db) -> ToldSku:
        return skus.told(await skus.replace(db, code=code, sku=data, version=if_match))

    return await once(request, work, headers=etag)


area = Area(
    tag="catalog",
    meaning="What is sold and counted.",
    routes=(list_skus, put_skus, read_sku, put_sku),
)
