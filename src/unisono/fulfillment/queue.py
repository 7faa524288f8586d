"""The queue of a location: fulfillment orders with everything that doing the work needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import groupby, islice
from typing import Annotated, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from unisono.catalog import skus
from unisono.core import clock, money, paging, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page
from unisono.fulfillment import records
from unisono.fulfillment.deadlines import Deadlines
from unisono.fulfillment.records import (
    FulfillmentRef,
    Held,
    HeldPackage,
    Item,
    UnknownFulfillmentOrder,
)
from unisono.fulfillment.states import FULFILLMENT_ORDER
from unisono.inventory import claims
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
Waiting = Literal["open", "accepted", "picking", "packed", "ready_for_pickup"]
"""What a location still has to do, or to hand over."""
TO_DO: tuple[Waiting, ...] = ("open", "accepted", "picking", "packed")
"""What a location still has to do."""

NUMBER_DIGITS_MAX = 18
TODO_MAX = 200
DONE_MAX = 200
# A scanned SKU is looked for in so many of the oldest orders that have taken it here.
SCANNED_ORDERS_MAX = 1000
_NEVER = datetime.max.replace(tzinfo=UTC)


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
    the location rejected or did not find is not among ``lines`` any more. ``due_at`` is by when it
    must be packed to leave with the next van, or to be collected; null when nothing can be told.
    ``changed_at`` is when it last changed, by the clock of who changed it.
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
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What left a location today: how much, and the last of it first."""

    count: int
    works: tuple[FulfillmentOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What the rows of a page refer to."""

    network: Network
    to: Mapping[UUID, Recipient]
    codes: Mapping[int, str]
    names: Mapping[int, str]
    currency: str
    deadlines: Deadlines


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


async def todo(
    db: Db,
    *,
    location: str,
    states: Iterable[Waiting] = TO_DO,
    limit: int = TODO_MAX,
) -> tuple[FulfillmentOrder, ...]:
    """Return the work of one location (a code) that is due first, then the oldest first.

    At most ``limit`` and never more than TODO_MAX; what has no due time comes last. Raises
    InvalidInput for a location that does not exist.
    """
    everywhere = await network.of(db)
    limit = min(limit, TODO_MAX)
    deadlines = _deadlines(db, everywhere)
    rows = await db.rows(
        Held,
        sql.oldest_by_service,
        {
            "locations": _ids(everywhere, [location]),
            "states": sorted(set(states)),
            "limit": limit,
        },
    )

    def urgency(held: Held) -> tuple[datetime, datetime, FulfillmentRef]:
        return deadlines.of(held) or _NEVER, held.created_at, held.ref

    # What travels by the same service is due in the order in which it was asked for, so that the
    # oldest of each service are enough, whatever cut-offs and calendars say today.
    services = [list(works) for _, works in groupby(rows, key=_service)]
    return tuple(await _shown(db, list(islice(merge(*services, key=urgency), limit))))


async def earliest_due(db: Db, *, locations: Iterable[str] | None = None) -> Mapping[str, datetime]:
    """Return by when each location (code) must have packed what is most urgent of its work.

    ``locations`` are codes; None means all. One that has nothing to do, or nothing with a due time,
    is absent. Raises InvalidInput for a location that does not exist.
    """
    everywhere = await network.of(db)
    deadlines = _deadlines(db, everywhere)
    # The oldest work of each service is what is due first of that service (see ``todo``).
    rows = await db.rows(
        Held,
        sql.oldest_by_service,
        {"locations": _ids(everywhere, locations), "states": sorted(TO_DO), "limit": 1},
    )
    found: dict[str, datetime] = {}
    for held in rows:
        code, due = everywhere.by_id[held.location].code, deadlines.of(held)
        if due is not None:
            found[code] = min(due, found.get(code, due))
    return found


async def counts(
    db: Db, *, locations: Iterable[str] | None = None
) -> Mapping[tuple[str, Waiting], int]:
    """Return how much work waits, by location (code) and state, zeros included; exact.

    ``locations`` are codes; None means all. Raises InvalidInput for a location that does not exist.
    """
    everywhere = await network.of(db)
    ids = _ids(everywhere, locations)
    states: tuple[Waiting, ...] = get_args(Waiting)
    found = {(everywhere.by_id[location].code, state): 0 for location in ids for state in states}
    for location, state, count in await db.tuples(
        sql.counts, {"locations": ids, "states": list(states)}
    ):
        found[everywhere.by_id[location].code, state] = count
    return found


async def done_today(db: Db, *, location: str, limit: int = 20) -> Done:
    """Return what left a location (a code) since midnight on its clock, the last ``limit`` shown.

    Never more than DONE_MAX are shown; the count is exact. What left went with a carrier or was
    handed over. Raises InvalidInput for a location that does not exist.
    """
    everywhere = await network.of(db)
    [at] = _ids(everywhere, [location])
    here = clock.now().astimezone(ZoneInfo(everywhere.by_id[at].time_zone))
    rows = await db.tuples(
        sql.left_since,
        {
            "location": at,
            "since": here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0),
            "limit": min(limit, DONE_MAX),
        },
    )
    held = {
        (each.order_id, each.n): each
        for each in await records.of_orders(db, order_ids=[order_id for order_id, _, _ in rows])
    }
    works = await _shown(db, [held[order_id, n] for order_id, n, _ in rows])
    return Done(count=rows[0][2] if rows else 0, works=tuple(works))


async def find(db: Db, *, location: str, code: str) -> FulfillmentOrder | None:
    """Return the work of one location that a scanned code means; None when there is none there.

    A code is a fulfillment order's id, a carrier's tracking number, an order's number, or a SKU's
    code or GTIN, the first of these that has work at the location. Of an order with several works
    there, what waits comes first, then the latest. A SKU means the oldest work, not yet picked,
    that wants it. Raises InvalidInput for a location that does not exist.
    """
    everywhere = await network.of(db)
    [here] = _ids(everywhere, [location])
    code = code.strip()
    if not code.isprintable():
        return None
    for meaning in (_named, _tracked, _numbered, _wanting):
        held = await meaning(db, code, here)
        if held is not None:
            [found] = await _shown(db, [held])
            return found
    return None


def _deadlines(db: Db, everywhere: Network) -> Deadlines:
    return Deadlines(everywhere, collect_ready_minutes=db.settings.collect_ready_minutes)


def _service(held: Held) -> tuple[str, str | None, str | None]:
    return held.delivery_option, held.carrier, held.service


async def _named(db: Db, code: str, location: int) -> Held | None:
    try:
        held = await records.get(db, ref=FulfillmentRef.parse(code))
    except UnknownFulfillmentOrder:
        return None
    return held if held.location == location else None


async def _tracked(db: Db, code: str, location: int) -> Held | None:
    carriers = sorted((await network.of(db)).carriers)
    packages = await db.tuples(sql.tracked, {"carriers": carriers, "tracking_number": code})
    order_ids = sorted({order_id for order_id, _ in packages})
    works = {
        FulfillmentRef(order_id=each.order_id, n=each.fulfillment_order)
        for each in await records.packages_of_orders(db, order_ids=order_ids)
        if (each.order_id, each.n) in packages
    }
    held = await records.of_orders(db, order_ids=order_ids)
    return _first([each for each in held if each.ref in works and each.location == location])


async def _numbered(db: Db, code: str, location: int) -> Held | None:
    if not (code.isascii() and code.isdigit() and len(code) <= NUMBER_DIGITS_MAX):
        return None
    order_ids = await recipients.numbered(db, number=int(code))
    held = await records.of_orders(db, order_ids=order_ids)
    return _first([each for each in held if each.location == location])


async def _wanting(db: Db, code: str, location: int) -> Held | None:
    scanned = await skus.scanned(db, code=code)
    order_ids = await claims.holders(
        db, skus=[each.id for each in scanned], location=location, limit=SCANNED_ORDERS_MAX
    )
    # The claims are of everything of these orders that is here; another part may be picked already.
    wanted = {
        (each.order_id, each.fulfillment_order)
        for each in await recipients.allocations(db, order_ids=order_ids)
        if each.state == "released" and each.sku in {sku.id for sku in scanned}
    }
    works = [
        each
        for each in await records.of_orders(db, order_ids=order_ids)
        if (each.order_id, each.n) in wanted and each.location == location
    ]
    return min(works, key=lambda held: (held.created_at, held.ref), default=None)


def _first(works: Sequence[Held]) -> Held | None:
    """Return what waits, else the latest."""
    waiting = [each for each in works if each.state in get_args(Waiting)]
    return waiting[0] if waiting else max(works, key=lambda held: held.n, default=None)


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
    """Return fulfillment orders, in order, with what belongs to them: a question for each kind."""
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
    everywhere = await network.of(db)
    around = _Around(
        network=everywhere,
        to=await recipients.recipients(db, order_ids=order_ids),
        codes=await skus.codes(db, ids=in_question),
        names=await skus.names(db, ids=in_question),
        currency=db.settings.currency,
        deadlines=_deadlines(db, everywhere),
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
        due_at=around.deadlines.of(held),
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
