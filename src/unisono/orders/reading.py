"""Reading orders: one whole, a listing with filters, and why each plan was chosen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from unisono.catalog import skus as catalog
from unisono.channels import channels as channels_area
from unisono.channels.channels import Channels
from unisono.core import money, paging, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.paging import Page
from unisono.network import network as network_area
from unisono.orders.changing import UnknownOrder
from unisono.orders.new_order import Customer, Destination
from unisono.payments import payments

sql = queries.beside(__file__)


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order; amounts are decimal strings."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: str
    unit_discount: str


class AllocationView(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line: where they come from and how far they are."""

    allocation: int
    line: int
    quantity: int
    location: str | None
    state: str
    reason: str | None


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """An amount that was received."""

    reference: str
    amount: str
    received_at: datetime


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An order as a row of a listing."""

    id: UUID
    number: int
    version: int
    channel: str
    reference: str
    state: str
    holds: list[str]
    delivery_option: str
    customer: str
    currency: str
    total: str
    placed_at: datetime
    created_at: datetime


class OrderView(OrderSummary, frozen=True, kw_only=True):
    """An order whole; ``location`` is where it is collected or was handed over."""

    location: str | None
    contact: Customer
    destination: Destination | None
    goods: str
    delivery: str
    lines: list[LineView]
    allocations: list[AllocationView]
    payments: list[PaymentView]


class ParcelView(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel of a decision: units by SKU, costs as decimal strings of the cost currency."""

    location: str
    units: dict[str, int]
    weight_g: int
    shipping: str
    handling: str
    carrier: str | None
    service: str | None
    zone: str | None


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a sourcing plan was chosen: its parcels, and for every other location the reason.

    Costs are decimal strings in ``currency``. ``whole`` is what each location that could have
    served everything alone would have cost; ``removed`` names the constraint that removed others.
    """

    decision: int
    at: datetime
    method: str
    currency: str
    cost: str | None
    parcels: list[ParcelView]
    whole: dict[str, str]
    removed: dict[str, list[str]]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: int
    version: int
    channel: int
    reference: str
    state: str
    holds: list[str]
    currency: str
    delivery_option: str
    location: int | None
    customer: dict[str, Any]
    destination: dict[str, Any] | None
    goods_amount: int
    delivery_amount: int
    total_amount: int
    placed_at: datetime
    created_at: datetime


async def get(db: Db, *, order_id: UUID) -> OrderView:
    """Return an order whole. Raises UnknownOrder."""
    row = await db.row(_Row, sql.by_id, {"id": order_id})
    if row is None:
        message = f"there is no order {order_id}"
        raise UnknownOrder(message)
    network = await network_area.of(db)
    lines = await db.tuples(sql.lines, {"id": order_id})
    skus = [sku for _, sku, *_ in lines]
    codes = await catalog.codes(db, ids=skus)
    names = await catalog.names(db, ids=skus)
    received = await payments.of_order(db, order_id=order_id)

    def amount(minor: int) -> str:
        return money.render(minor, row.currency)

    def place(location: int | None) -> str | None:
        return None if location is None else network.by_id[location].code

    summary = _summary(row, await channels_area.all(db))
    return OrderView(
        **msgspec.structs.asdict(summary),
        location=place(row.location),
        contact=msgspec.convert(row.customer, Customer),
        destination=None
        if row.destination is None
        else msgspec.convert(row.destination, Destination),
        goods=amount(row.goods_amount),
        delivery=amount(row.delivery_amount),
        lines=[
            LineView(
                line=n,
                sku=codes[sku],
                name=names[sku],
                quantity=quantity,
                unit_price=amount(price),
                unit_discount=amount(discount),
            )
            for n, sku, quantity, price, discount in lines
        ],
        allocations=[
            AllocationView(
                allocation=n,
                line=line,
                quantity=quantity,
                location=place(location),
                state=state,
                reason=reason,
            )
            for n, line, quantity, location, state, reason in await db.tuples(
                sql.allocations, {"id": order_id}
            )
        ],
        payments=[
            PaymentView(
                reference=each.reference,
                amount=amount(each.amount),
                received_at=each.received_at,
            )
            for each in received
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders to list; None lets all through.

    ``channel`` and ``location`` are codes; ``location`` keeps the orders with an allocation there.
    ``placed_from`` is included, ``placed_to`` is not.
    """

    channel: str | None = None
    state: str | None = None
    location: str | None = None
    reference: str | None = None
    number: int | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None


async def listing(
    db: Db, *, wanted: OrderFilter, after: str | None, limit: int
) -> Page[OrderSummary]:
    """Return orders, the newest first. A code that nobody has finds nothing.

    Raises InvalidInput when ``after`` is not a cursor of this listing, or a time has no offset.
    """
    for name in ("placed_from", "placed_to"):
        at: datetime | None = getattr(wanted, name)
        if at is not None and at.tzinfo is None:
            detail = "a time needs its offset, for example 2026-11-22T10:00:00Z"
            fault = Fault(pointer=f"/{name}", code="time_without_offset", detail=detail)
            raise InvalidInput(fault)
    channel, location = wanted.channel, wanted.location
    channels = await channels_area.all(db)
    network = await network_area.of(db)
    if (channel is not None and channel not in channels.by_code) or (
        location is not None and location not in network.by_code
    ):
        return Page(rows=(), after=None)
    rows = await db.rows(
        _Row,
        sql.listing,
        {
            "after": None if after is None else paging.decode(after, UUID),
            "channel": None if channel is None else channels.by_code[channel].id,
            "state": wanted.state,
            "location": None if location is None else network.by_code[location].id,
            "reference": wanted.reference,
            "number": wanted.number,
            "placed_from": wanted.placed_from,
            "placed_to": wanted.placed_to,
            "limit": limit + 1,
        },
    )
    shown = paging.page(rows, limit=limit, key=lambda row: row.id)
    return Page(rows=tuple(_summary(row, channels) for row in shown.rows), after=shown.after)


async def decisions(db: Db, *, order_id: UUID) -> list[DecisionView]:
    """Return why the order's goods come from where they come, the first decision first.

    Raises UnknownOrder.
    """
    rows = await db.tuples(sql.decisions, {"id": order_id})
    if not rows:
        message = f"there is no order {order_id}"
        raise UnknownOrder(message)
    network = await network_area.of(db)
    codes = {location.id: location.code for location in network.locations}
    skus = {
        sku for _, _, plan in rows for each in plan.get("parcels", ()) for sku, _ in each["units"]
    }
    names = await catalog.codes(db, ids=skus)
    currency = db.settings.currency

    def amount(minor: int) -> str:
        return money.render(minor, currency)

    return [
        DecisionView(
            decision=n,
            at=at,
            method=plan.get("method", "none"),
            currency=currency,
            cost=amount(plan["cost"]) if "cost" in plan else None,
            parcels=[
                ParcelView(
                    location=codes[each["location"]],
                    units={names[sku]: quantity for sku, quantity in each["units"]},
                    weight_g=each["weight_g"],
                    shipping=amount(each["shipping"]),
                    handling=amount(each["handling"]),
                    carrier=each["carried"][0] if each["carried"] else None,
                    service=each["carried"][1] if each["carried"] else None,
                    zone=each["carried"][2] if each["carried"] else None,
                )
                for each in plan.get("parcels", ())
            ],
            whole={
                codes[location]: amount(cost)
                for location, cost in zip(
                    plan.get("locations", ()), plan.get("whole", ()), strict=True
                )
                if cost >= 0
            },
            removed={
                reason: [codes[location] for location in locations]
                for reason, locations in plan.get("removed", {}).items()
            },
        )
        for n, at, plan in rows
    ]


def _summary(row: _Row, channels: Channels) -> OrderSummary:
    return OrderSummary(
        id=row.id,
        number=row.number,
        version=row.version,
        channel=channels.by_id[row.channel].code,
        reference=row.reference,
        state=row.state,
        holds=row.holds,
        delivery_option=row.delivery_option,
        customer=str(row.customer.get("name", "")),
        currency=row.currency,
        total=money.render(row.total_amount, row.currency),
        placed_at=row.placed_at,
        created_at=row.created_at,
    )
