"""The work of locations over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area
from unisono.api.authentication import needs
from unisono.api.requests import Call, Paging, once
from unisono.core.database import Database, Db
from unisono.fulfillment import accept as accepting
from unisono.fulfillment import collect, queue
from unisono.fulfillment import pack as packing
from unisono.fulfillment import pick as picking
from unisono.fulfillment import reject as rejecting
from unisono.fulfillment import ship as shipping
from unisono.fulfillment.accept import Acceptance
from unisono.fulfillment.collect import HandOver, Readiness
from unisono.fulfillment.pack import Packing
from unisono.fulfillment.pick import Picking
from unisono.fulfillment.queue import FulfillmentOrder, State
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.reject import Rejection
from unisono.fulfillment.ship import Shipping

READ = needs("fulfillment:read")
WRITE = needs("fulfillment:write")


@get("/v1/fulfillment-orders", opt=READ)
async def list_fulfillment_orders(
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    location: FromQuery[str | None] = None,
    in_state: Annotated[list[State] | None, QueryParameter(name="state")] = None,
) -> Response[Items[FulfillmentOrder]]:
    """The queue: fulfillment orders of the oldest orders first.

    Without ``location``, those of every location of the key; ``state`` may be given several times.
    """
    if location is not None:
        request.principal.require_location(location)
    locations = [location] if location is not None else sorted(request.principal.locations)
    async with database.read() as db:
        page = await queue.listing(
            db,
            after=paging.after,
            limit=paging.limit,
            locations=locations or None,
            states=in_state,
        )
    return listed(request, page, paging)


@get("/v1/fulfillment-orders/{fulfillment_order:str}", opt=READ)
async def read_fulfillment_order(
    request: Call, database: NamedDependency[Database], fulfillment_order: FromPath[str]
) -> Response[FulfillmentOrder]:
    """One fulfillment order, with everything that doing the work needs."""
    async with database.read() as db:
        found = await queue.get(db, ref=FulfillmentRef.parse(fulfillment_order))
    request.principal.require_location(found.location)
    return tagged(found)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/accept", opt=WRITE, status_code=200)
async def accept_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    if_match: NamedDependency[int | None],
    data: JSONBody[Acceptance | None] = None,
) -> Response[FulfillmentOrder]:
    """Take the work on."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await accepting.accept(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            occurred_at=None if data is None else data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/reject", opt=WRITE, status_code=200)
async def reject_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    data: JSONBody[Rejection],
    if_match: NamedDependency[int | None],
) -> Response[FulfillmentOrder]:
    """Leave the work to another location, with the reason."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await rejecting.reject(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            reason=data.reason,
            occurred_at=data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/pick", opt=WRITE, status_code=200)
async def pick_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    data: JSONBody[Picking],
    if_match: NamedDependency[int | None],
) -> Response[FulfillmentOrder]:
    """Say what was found; what was not found or is damaged goes to another location."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await picking.pick(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            picked=data.picked,
            occurred_at=data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/pack", opt=WRITE, status_code=200)
async def pack_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    data: JSONBody[Packing],
    if_match: NamedDependency[int | None],
) -> Response[FulfillmentOrder]:
    """Put what was picked into packages."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await packing.pack(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            packages=data.packages,
            occurred_at=data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/ship", opt=WRITE, status_code=200)
async def ship_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    data: JSONBody[Shipping],
    if_match: NamedDependency[int | None],
) -> Response[FulfillmentOrder]:
    """Say that the packages left with their carriers, with the numbers on them."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await shipping.ship(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            packages=data.packages,
            occurred_at=data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/ready-for-pickup", opt=WRITE, status_code=200)
async def ready_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    if_match: NamedDependency[int | None],
    data: JSONBody[Readiness | None] = None,
) -> Response[FulfillmentOrder]:
    """Say that the packages wait for the customer."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await collect.ready_for_pickup(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            occurred_at=None if data is None else data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


@post("/v1/fulfillment-orders/{fulfillment_order:str}/hand-over", opt=WRITE, status_code=200)
async def hand_over_fulfillment_order(
    request: Call,
    fulfillment_order: FromPath[str],
    data: JSONBody[HandOver],
    if_match: NamedDependency[int | None],
) -> Response[FulfillmentOrder]:
    """Say that the customer has the goods."""

    async def act(db: Db, ref: FulfillmentRef) -> None:
        await collect.hand_over(
            db,
            ref=ref,
            version=if_match,
            author=request.principal.name,
            occurred_at=data.occurred_at,
        )

    return await _changed(request, fulfillment_order, act)


async def _changed(
    request: Call, named: str, act: Callable[[Db, FulfillmentRef], Awaitable[None]]
) -> Response[FulfillmentOrder]:
    """Answer with a fulfillment order after a change that the key may make at its location."""
    ref = FulfillmentRef.parse(named)

    async def work(db: Db) -> FulfillmentOrder:
        request.principal.require_location(await queue.location_of(db, ref=ref))
        await act(db, ref)
        return await queue.get(db, ref=ref)

    return await once(request, work, headers=etag)


area = Area(
    tag="fulfillment",
    meaning="What locations are asked to do: accept, pick, pack, ship, hand over.",
    routes=(
        list_fulfillment_orders,
        read_fulfillment_order,
        accept_fulfillment_order,
        reject_fulfillment_order,
        pick_fulfillment_order,
        pack_fulfillment_order,
        ship_fulfillment_order,
        ready_fulfillment_order,
        hand_over_fulfillment_order,
    ),
)
