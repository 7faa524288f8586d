"""Tracking over HTTP: what carriers report, and what customers see."""

from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from unisono.api.area import Area
from unisono.api.authentication import PUBLIC, needs
from unisono.api.requests import Call, once
from unisono.core.database import Database, Db
from unisono.fulfillment import deliver
from unisono.fulfillment.deliver import CarrierFact
from unisono.network import network
from unisono.tracking import links, timeline
from unisono.tracking.timeline import Timeline


class CarrierFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What carriers report of packages."""

    events: Annotated[tuple[CarrierFact, ...], Meta(min_length=1, max_length=1000)]


class Noted(Struct, frozen=True, kw_only=True):
    """How many of the events were news."""

    noted: int


@post("/v1/tracking-events", opt=needs("tracking:write"), status_code=200)
async def report_tracking_events(request: Call, data: JSONBody[CarrierFacts]) -> Response[Noted]:
    """Report what happened to packages; what was reported before changes nothing."""

    async def work(db: Db) -> Noted:
        everywhere = await network.of(db)
        for location in sorted(await deliver.locations(db, facts=data.events)):
            request.principal.require_location(everywhere.by_id[location].code)
        return Noted(noted=await deliver.record(db, facts=data.events))

    return await once(request, work)


@get("/v1/tracking/{token:str}", opt=PUBLIC)
async def read_tracking(database: NamedDependency[Database], token: FromPath[str]) -> Timeline:
    """Where an order stands, for whoever has its link."""
    order_id = links.order_of(token, key=await links.key(database))
    async with database.read() as db:
        return await timeline.of_order(db, order_id=order_id)


area = Area(
    tag="tracking",
    meaning="What carriers report of packages, and where a customer's order stands.",
    routes=(report_tracking_events, read_tracking),
)
