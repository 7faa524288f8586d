"""The queue of a location: fulfillment orders with everything that doing the work needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from unisono.catalog import skus
from unisono.core import money, paging, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page
from unisono.fulfillment import records
from unisono.fulfillment.records import FulfillmentRef, Held, HeldPackage, Item
from unisono.fulfillment.states import FULFILLMENT_ORDER
from unisono.network import network
from unisono.network.network import Network
from unisono.orders import recipients
from unisono.orders.changing import Allocation
from unisono.orders.new_order import COLLECTED, Destination
from unisono.orders.recipients import Recipient

sql = queries.beside(__file__)

State = Literal[
    "open",
    "accepted",
    "picking",
    "packed",
    "shipped",
    "ready_for_pickup",
    "closed",
    "rejected",
    "incomplete",
    "cancelled",
]


class FulfillmentLine(Struct, frozen=True, kw_only=True):
    """Units of an order line that this work is about; picking and packing name the allocation."""

    allocation: int
    line: int
    sku: Annotated[str, Meta(examples=["85123A"])]
    name: str
    quantity: int
    state: str


class Package(Struct, frozen=True, kw_only=True):
    """A package of the work; costs are decimal amounts of ``currency``."""

    package: int
    state: str
    weight_g: int
    items: tuple[Item, ...]
    carrier: str | None
    service: str | None
    tracking_number: str | None
    shipping_cost: str | None
    handling_cost: str
    currency: str
    packed_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None


class FulfillmentOrder(Struct, frozen=True, kw_only=True):
    """The work that one location is asked to do.

    ``customer_name`` is who collects the goods, ``destination`` where a carrier brings them. What
    the location rejected or did not find is not among ``lines`` any more.
    """

    id: Annotated[str, Meta(examples=["0197a2b4-6c1e-7a35-9d1c-3f0c5a7e9b42.1"])]
    order_id: UUID
    order_number: int
    version: int
    state: str
    location: str
    delivery_option: str
    carrier: str | None
    service: str | None
    reason: str | None
    customer_name: str | None
    destination: Destination | None
    lines: tuple[FulfillmentLine, ...]
    packages: tuple[Package, ...]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the rows of a page refer to."""

    network: Network
    to: Mapping[UUID, Recipient]
    codes: Mapping[int, str]
    names: Mapping[int, str]
    currency: str


async def location_of(db: Db, *, ref: FulfillmentRef) -> str:
    """Return the code of the location that does the work. Raises UnknownFulfillmentOrder."""
    held = await records.get(db, ref=ref)
    return (await network.of(db)).by_id[held.location].code


async def get(db: Db, *, ref: FulfillmentRef) -> FulfillmentOrder:
    """Return a fulfillment order. Raises UnknownFulfillmentOrder."""
    [found] = await _shown(db, [await records.get(db, ref=ref)])
    return found


async def listing(
    db: Db,
    *,
    after: str | None,
    limit: int,
    locations: Iterable[str] | None = None,
    states: Iterable[State] | None = None,
) -> Page[FulfillmentOrder]:
    """Return fulfillment orders of the oldest orders first, ``limit`` after the cursor ``after``.

    ``locations`` are codes; None means all, of states too. Raises InvalidInput for a location that
    does not exist and for a cursor of another listing.
    """
    everywhere = await network.of(db)
    order_id, n = paging.decode(after, tuple[UUID, int]) if after else (None, None)
    rows = await db.rows(
        Held,
        sql.listing,
        {
            "locations": _ids(everywhere, locations),
            "states": sorted(FULFILLMENT_ORDER.states if states is None else set(states)),
            "order": order_id,
            "n": n,
            "limit": limit + 1,
        },
    )
    page = paging.page(rows, limit=limit, key=lambda held: (held.order_id, held.n))
    return Page(rows=tuple(await _shown(db, page.rows)), after=page.after)


def _ids(everywhere: Network, codes: Iterable[str] | None) -> list[int]:
    if codes is None:
        return [location.id for location in everywhere.locations]
    wanted = sorted(set(codes))
    unknown = [code for code in wanted if code not in everywhere.by_code]
    if unknown:
        detail = f"there is no location {unknown[0]}"
        raise InvalidInput(Fault(pointer="/location", code="unknown_location", detail=detail))
    return [everywhere.by_code[code].id for code in wanted]


async def _shown(db: Db, held: Sequence[Held]) -> list[FulfillmentOrder]:
    """Return fulfillment orders with what belongs to them, by one question for each kind."""
    if not held:
        return []
    order_ids = sorted({each.order_id for each in held})
    refs = {each.ref for each in held}
    lines: dict[FulfillmentRef, list[Allocation]] = {ref: [] for ref in refs}
    for allocation in await recipients.allocations(db, order_ids=order_ids):
        if allocation.fulfillment_order is not None:
            ref = FulfillmentRef(order_id=allocation.order_id, n=allocation.fulfillment_order)
            if ref in lines:
                lines[ref].append(allocation)
    packages: dict[FulfillmentRef, list[HeldPackage]] = {ref: [] for ref in refs}
    for package in await records.packages_of_orders(db, order_ids=order_ids):
        ref = FulfillmentRef(order_id=package.order_id, n=package.fulfillment_order)
        if ref in packages:
            packages[ref].append(package)
    in_question = {each.sku for found in lines.values() for each in found}
    around = _Around(
        network=await network.of(db),
        to=await recipients.recipients(db, order_ids=order_ids),
        codes=await skus.codes(db, ids=in_question),
        names=await skus.names(db, ids=in_question),
        currency=db.settings.currency,
    )
    return [_one(each, lines[each.ref], packages[each.ref], around) for each in held]


def _one(
    held: Held,
    lines: Sequence[Allocation],
    packages: Sequence[HeldPackage],
    around: _Around,
) -> FulfillmentOrder:
    to = around.to[held.order_id]
    collected = held.delivery_option in COLLECTED
    return FulfillmentOrder(
        id=str(held.ref),
        order_id=held.order_id,
        order_number=to.number,
        version=held.version,
        state=held.state,
        location=around.network.by_id[held.location].code,
        delivery_option=held.delivery_option,
        carrier=held.carrier,
        service=held.service,
        reason=held.reason,
        customer_name=to.customer_name if collected else None,
        destination=(
            None if to.destination is None else msgspec.convert(to.destination, Destination)
        ),
        lines=tuple(
            FulfillmentLine(
                allocation=each.n,
                line=each.line,
                sku=around.codes[each.sku],
                name=around.names[each.sku],
                quantity=each.quantity,
                state=each.state,
            )
            for each in lines
        ),
        packages=tuple(_package(each, around.currency) for each in packages),
        created_at=held.created_at,
        changed_at=held.changed_at,
    )


def _package(held: HeldPackage, currency: str) -> Package:
    return Package(
        package=held.n,
        state=held.state,
        weight_g=held.weight_g,
        items=held.items,
        carrier=held.carrier,
        service=held.service,
        tracking_number=held.tracking_number,
        shipping_cost=(
            None if held.shipping_cost is None else money.render(held.shipping_cost, currency)
        ),
        handling_cost=money.render(held.handling_cost, currency),
        currency=currency,
        packed_at=held.packed_at,
        shipped_at=held.shipped_at,
        delivered_at=held.delivered_at,
    )
