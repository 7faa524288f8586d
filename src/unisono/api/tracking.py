"""Tracking over HTTP: what carriers report, and what customers see."""

from typing import Annotated
from uuid import UUID

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
from unisono.orders import reading
from unisono.tracking import links, timeline
from unisono.tracking.timeline import Timeline


class CarrierFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What carriers report of packages."""

    events: Annotated[tuple[CarrierFact, ...], Meta(min_length=1, max_length=1000)]


class TrackingLink(Struct, frozen=True, kw_only=True):
    """Where the customer of an order sees how it stands, without a key."""

    token: Annotated[str, Meta(examples=["AZeitGweejWdHD8MWn6bQp41WNAawIL-O7-T-Am6gWs"])]
    path: Annotated[
        str, Meta(examples=["/v1/tracking/AZeitGweejWdHD8MWn6bQp41WNAawIL-O7-T-Am6gWs"])
    ]


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


@get("/v1/orders/{order_id:uuid}/tracking-link", opt=needs("orders:read"))
async def read_tracking_link(
    database: NamedDependency[Database], order_id: FromPath[UUID]
) -> TrackingLink:
    """The link to give to the customer of an order; it stays the same."""
    async with database.read() as db:
        await reading.get(db, order_id=order_id)
    token = links.token(order_id, key=await links.key(database))
    return TrackingLink(token=token, path=f"/v1/tracking/{token}")


@get("/v1/tracking/{token:str}", opt=PUBLIC)
async def read_tracking(database: NamedDependency[Database], token: FromPath[str]) -> Timeline:
    """Where an order stands, for whoever has its link."""
    order_id = links.order_of(token, key=await links.key(database))
    async with database.read() as db:
        return await timeline.of_order(db, order_id=order_id)


area = Area(
    tag="tracking",
    meaning="What carriers report of packages, and where a customer's order stands.",
    routes=(report_tracking_events, read_tracking_link, read_tracking),
)
