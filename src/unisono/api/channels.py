"""Channels over HTTP."""

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.lists import shown
from unisono.api.requests import Call, Paging, once
from unisono.channels import channels
from unisono.channels.channels import NewChannel, ToldChannel
from unisono.core.database import Database, Db


@get("/v1/channels", opt=needs("channels:read"))
async def list_channels(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    status: FromQuery[channels.Status | None] = None,
) -> Response[Items[ToldChannel]]:
    """Channels in the order of their codes."""
    async with database.read() as db:
        page = await channels.listing(db, after=paging.after, limit=paging.limit, status=status)
    return listed(request, shown(page, channels.told), paging)


@get("/v1/channels/{code:str}", opt=needs("channels:read"))
async def read_channel(
    database: NamedDependency[Database], code: FromPath[str]
) -> Response[ToldChannel]:
    """One channel."""
    async with database.read() as db:
        return tagged(channels.told(await channels.get(db, code=code)))


@put("/v1/channels/{code:str}", opt=needs("channels:write"))
async def put_channel(
    request: Call,
    code: FromPath[str],
    data: JSONBody[NewChannel],
    if_match: NamedDependency[int | None],
) -> Response[ToldChannel]:
    """Make a channel, or replace the version that was read."""

    async def work(db: Db) -> ToldChannel:
        stored = await channels.replace(db, code=code, channel=data, version=if_match)
        return channels.told(stored)

    return await once(request, work, headers=etag)


area = Area(
    tag="channels",
    meaning="Where sales are made, and on which terms.",
    routes=(list_channels, read_channel, put_channel),
)
