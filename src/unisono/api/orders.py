"""Orders over HTTP: captured, read, listed, cancelled, paid, noted, rerouted, explained."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from unisono.api.answers import Items, etag, listed, tagged
from unisono.api.area import Area, Gatherers
from unisono.api.authentication import needs
from unisono.api.hot_route import HotAnswer, HotRoute
from unisono.api.requests import Call, Paging, once
from unisono.core.batching import Gatherer
from unisono.core.database import Database, Db
from unisono.core.settings import Settings
from unisono.fulfillment import reassign
from unisono.fulfillment.reassign import Reassignment
from unisono.identity.keys import Principal
from unisono.orders import cancel as cancelling
from unisono.orders import capture, history, listing, notes, pay, reading
from unisono.orders import search as searching
from unisono.orders.cancel import Cancellation, CancellationPreview
from unisono.orders.entries import Captured
from unisono.orders.history import Moment
from unisono.orders.listing import OrderFilter, OrderSummary
from unisono.orders.new_order import NewOrder
from unisono.orders.notes import NewNote
from unisono.orders.pay import NewReceipt
from unisono.orders.reading import DecisionView, OrderView
from unisono.orders.states import OrderState

_encode = msgspec.json.Encoder().encode


async def _answer(new: NewOrder, _principal: Principal, state: State) -> HotAnswer:
    queue: Gatherer[NewOrder, Captured] = state.gatherers["orders"]
    captured = await queue.submit(new)
    location = (b"location", f"/v1/orders/{captured.id}".encode())
    return HotAnswer(201 if captured.created else 200, _encode(captured), (location,))


@post("/v1/orders", opt=needs("orders:write"), middleware=[HotRoute(NewOrder, _answer)])
async def capture_order(data: JSONBody[NewOrder]) -> Captured:
    """Capture an order.

    The stock of all its lines is taken in the same transaction, or the order is refused and nothing
    changes; a channel that sold it already may have it accepted, to wait for stock. The channel's
    reference is the idempotency key: the same content again answers 200 with the same order, other
    content 409 with what differs.
    """
    raise AssertionError(data)


@get("/v1/orders", opt=needs("orders:read"))
async def list_orders(  # noqa: PLR0913, PLR0917 - each is a filter in the address
    request: Call,
    database: NamedDependency[Database],
    paging: NamedDependency[Paging],
    channel: FromQuery[str | None] = None,
    in_state: Annotated[list[OrderState] | None, QueryParameter(name="state")] = None,
    location: FromQuery[str | None] = None,
    reference: FromQuery[str | None] = None,
    number: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    placed_from: FromQuery[datetime | None] = None,
    placed_to: FromQuery[datetime | None] = None,
    search: Annotated[str | None, QueryParameter(max_length=searching.TEXT_LENGTH_MAX)] = None,
) -> Response[Items[OrderSummary]]:
    """Orders, those placed last first.

    ``state`` may be given several times. ``search`` finds orders of which every word given begins a
    word: the number, a part of the reference, a name of the customer, the e-mail address, a SKU.
    """
    wanted = OrderFilter(
        channel=channel,
        states=tuple(in_state or ()),
        location=location,
        reference=reference,
        number=number,
        placed_from=placed_from,
        placed_to=placed_to,
        search=search,
    )
    async with database.read() as db:
        page = await listing.listing(db, wanted=wanted, after=paging.after, limit=paging.limit)
    return listed(request, page, paging)


@get("/v1/orders/{order_id:uuid}", opt=needs("orders:read"))
async def read_order(
    database: NamedDependency[Database], order_id: FromPath[UUID]
) -> Response[OrderView]:
    """One order whole."""
    async with database.read() as db:
        return tagged(await reading.get(db, order_id=order_id))


@get("/v1/orders/{order_id:uuid}/decisions", opt=needs("orders:read"))
async def read_decisions(
    database: NamedDependency[Database], order_id: FromPath[UUID]
) -> Items[DecisionView]:
    """Why the order's goods come from where they come."""
    async with database.read() as db:
        return Items(items=tuple(await reading.decisions(db, order_id=order_id)))


@post("/v1/orders/{order_id:uuid}/cancellations", opt=needs("orders:write"))
async def cancel_order(
    request: Call,
    order_id: FromPath[UUID],
    data: JSONBody[Cancellation],
    if_match: NamedDependency[int | None],
) -> Response[OrderView]:
    """Cancel an order, or quantities of its lines, as long as they have not left."""

    async def work(db: Db) -> OrderView:
        await cancelling.cancel(
            db,
            order_id=order_id,
            cancellation=data,
            version=if_match,
            author=request.principal.name,
        )
        return await reading.get(db, order_id=order_id)

    return await once(request, work, headers=etag)


@post("/v1/orders/{order_id:uuid}/payments", opt=needs("orders:write"))
async def record_payment(
    request: Call, order_id: FromPath[UUID], data: JSONBody[NewReceipt]
) -> Response[OrderView]:
    """Tell that the order was paid; when it is paid in full, its payment hold is released."""

    async def work(db: Db) -> OrderView:
        await pay.pay(db, order_id=order_id, receipt=data, author=request.principal.name)
        return await reading.get(db, order_id=order_id)

    return await once(request, work, headers=etag)


@post("/v1/orders/{order_id:uuid}/notes", opt=needs("orders:write"))
async def note_order(
    request: Call,
    order_id: FromPath[UUID],
    data: JSONBody[NewNote],
    if_match: NamedDependency[int | None],
) -> Response[OrderView]:
    """Note something about an order, for those who will read it."""

    async def work(db: Db) -> OrderView:
        await notes.add(
            db,
            order_id=order_id,
            text=data.text,
            author=request.principal.name,
            version=if_match,
        )
        return await reading.get(db, order_id=order_id)

    return await once(request, work, headers=etag)


@post("/v1/orders/{order_id:uuid}/reroutes", opt=needs("orders:write"))
async def reroute_order(
    request: Call,
    order_id: FromPath[UUID],
    data: JSONBody[Reassignment],
    if_match: NamedDependency[int | None],
) -> Response[OrderView]:
    """Take what a location has not begun to pick from it, and let others serve it, all or none."""

    async def work(db: Db) -> OrderView:
        await reassign.reassign(
            db,
            order_id=order_id,
            reassignment=data,
            version=if_match,
            author=request.principal.name,
        )
        return await reading.get(db, order_id=order_id)

    return await once(request, work, headers=etag)


@get("/v1/orders/{order_id:uuid}/history", opt=needs("orders:read"))
async def read_history(
    database: NamedDependency[Database], order_id: FromPath[UUID]
) -> Items[Moment]:
    """Everything that happened to an order, as it happened; each moment has its sequence."""
    async with database.read() as db:
        return Items(items=tuple(await history.of_order(db, order_id=order_id)))


@post(
    "/v1/orders/{order_id:uuid}/cancellations/preview",
    opt=needs("orders:read"),
    status_code=200,
)
async def preview_cancellation(
    database: NamedDependency[Database], order_id: FromPath[UUID], data: JSONBody[Cancellation]
) -> CancellationPreview:
    """What a cancellation would do at this moment; nothing is changed."""
    async with database.read() as db:
        return await cancelling.preview(db, order_id=order_id, cancellation=data)


def _gatherers(database: NamedDependency[Database], settings: Settings) -> Gatherers:
    async def decide(orders: Sequence[NewOrder]) -> list[Captured | Exception]:
        return await capture.capture(database, orders)

    return {
        "orders": Gatherer(
            decide,
            batch_max=settings.capture_batch_max,
            queue_max=settings.capture_queue_max,
            wait_seconds=settings.capture_wait_seconds,
        )
    }


area = Area(
    tag="orders",
    meaning="What customers asked for, from every channel.",
    routes=(
        capture_order,
        list_orders,
        read_order,
        read_decisions,
        cancel_order,
        record_payment,
        note_order,
        reroute_order,
        read_history,
        preview_cancellation,
    ),
    gatherers=_gatherers,
)
