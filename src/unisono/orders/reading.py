"""Reading one order: whole, and why each of its plans was chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from unisono.catalog import skus as catalog
from unisono.channels import channels as channels_area
from unisono.core import money, queries
from unisono.core.database import Db
from unisono.network import network as network_area
from unisono.orders import notes
from unisono.orders.changing import UnknownOrder
from unisono.orders.listing import OrderSummary
from unisono.orders.new_order import Customer, Destination
from unisono.orders.notes import NoteView
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
    notes: list[NoteView]


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
    served everything alone would have cost, ``short`` names those that no constraint removed but
    that alone could not have, and ``removed`` names the constraint that removed others.
    """

    decision: int
    at: datetime
    method: str
    currency: str
    cost: str | None
    parcels: list[ParcelView]
    whole: dict[str, str]
    short: list[str]
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
    received = await payments.of_order(db, order_id=order_id)

    def amount(minor: int) -> str:
        return money.render(minor, row.currency)

    def place(location: int | None) -> str | None:
        return None if location is None else network.by_id[location].code

    return OrderView(
        id=row.id,
        number=row.number,
        version=row.version,
        channel=(await channels_area.all(db)).by_id[row.channel].code,
        reference=row.reference,
        state=row.state,
        holds=row.holds,
        delivery_option=row.delivery_option,
        customer=str(row.customer.get("name", "")),
        currency=row.currency,
        total=amount(row.total_amount),
        placed_at=row.placed_at,
        created_at=row.created_at,
        location=place(row.location),
        contact=msgspec.convert(row.customer, Customer),
        destination=None
        if row.destination is None
        else msgspec.convert(row.destination, Destination),
        goods=amount(row.goods_amount),
        delivery=amount(row.delivery_amount),
        lines=await _lines(db, row),
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
        notes=list((await notes.of_order(db, order_id=order_id)).values()),
    )


async def _lines(db: Db, row: _Row) -> list[LineView]:
    lines = await db.tuples(sql.lines, {"id": row.id})
    skus = [sku for _, sku, *_ in lines]
    codes = await catalog.codes(db, ids=skus)
    names = await catalog.names(db, ids=skus)
    return [
        LineView(
            line=n,
            sku=codes[sku],
            name=names[sku],
            quantity=quantity,
            unit_price=money.render(price, row.currency),
            unit_discount=money.render(discount, row.currency),
        )
        for n, sku, quantity, price, discount in lines
    ]


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
            short=_short(plan, codes),
            removed={
                reason: [codes[location] for location in locations]
                for reason, locations in plan.get("removed", {}).items()
            },
        )
        for n, at, plan in rows
    ]


def _short(plan: Mapping[str, Any], codes: Mapping[int, str]) -> list[str]:
    """Return the locations that were asked and could not have served everything alone."""
    removed = {location for each in plan.get("removed", {}).values() for location in each}
    return [
        codes[location]
        for location, cost in zip(plan.get("locations", ()), plan.get("whole", ()), strict=True)
        if cost < 0 and location not in removed
    ]
