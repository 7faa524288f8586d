"""A captured order as rows: what is written, and the one place that writes it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from unisono.core import clock, outbox, queries
from unisono.core.database import Db
from unisono.core.outbox import Event
from unisono.inventory import claims
from unisono.inventory.claims import Claim
from unisono.orders.events import OrderCreated
from unisono.orders.new_order import CheckedOrder
from unisono.payments import payments
from unisono.payments.payments import Payment

sql = queries.beside(__file__)


class NewAllocation(Struct, frozen=True, kw_only=True):
    """Units of a line given to a location, or without one and the reason why."""

    n: int
    line: int
    sku: int
    quantity: int
    location: int | None
    reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Record:
    """An order that was decided: its identity, its allocations and why they are what they are."""

    id: UUID
    content_hash: bytes
    order: CheckedOrder
    number: int = 0
    allocations: list[NewAllocation] = field(default_factory=list)
    plan: bytes = b"{}"
    allocation_state: str = "allocated"
    state: str = "open"
    holds: tuple[str, ...] = ()


async def insert(db: Db, records: Sequence[Record]) -> None:
    """Write decided orders with all that belongs to them: lines, claims, payments, events."""
    if not records:
        return
    now = clock.now()
    await db.execute(sql.insert_orders, _orders(records, now))
    await db.execute(sql.insert_lines, _lines(records))
    await db.execute(sql.insert_allocations, _allocations(db, records, now))
    await db.execute(
        sql.insert_decisions,
        {
            "ids": [record.id for record in records],
            "plans": [record.plan.decode() for record in records],
        },
    )
    held = [
        Claim(
            sku=each.sku,
            holder=record.id,
            n=each.n,
            location=each.location,
            quantity=each.quantity,
        )
        for record in records
        if record.allocation_state == "allocated"
        for each in record.allocations
        if each.location is not None
    ]
    if held:
        await claims.insert(db, held)
    paid = [payment for record in records if (payment := _payment(record, now)) is not None]
    if paid:
        await payments.record(db, payments=paid)
    await outbox.add(db, [_created(record, now) for record in records])


def _orders(records: Sequence[Record], now: datetime) -> dict[str, Any]:
    encode = msgspec.json.encode
    orders = [record.order for record in records]
    return {
        "ids": [record.id for record in records],
        "numbers": [record.number for record in records],
        "channels": [order.channel.id for order in orders],
        "references": [order.new.reference for order in orders],
        "states": [record.state for record in records],
        "holds": [",".join(record.holds) for record in records],
        "currencies": [order.new.currency for order in orders],
        "options": [order.new.delivery_option for order in orders],
        "locations": [order.location for order in orders],
        "customers": [encode(order.new.customer).decode() for order in orders],
        "destinations": [
            None if order.new.destination is None else encode(order.new.destination).decode()
            for order in orders
        ],
        "goods": [order.goods_amount for order in orders],
        "deliveries": [order.delivery_amount for order in orders],
        "placed_at": [order.new.placed_at or now for order in orders],
    }


def _lines(records: Sequence[Record]) -> dict[str, Any]:
    pairs = [(record.id, line) for record in records for line in record.order.lines]
    return {
        "ids": [order_id for order_id, _ in pairs],
        "ns": [line.n for _, line in pairs],
        "skus": [line.sku for _, line in pairs],
        "quantities": [line.quantity for _, line in pairs],
        "prices": [line.unit_price for _, line in pairs],
        "discounts": [line.unit_discount for _, line in pairs],
    }


def _allocations(db: Db, records: Sequence[Record], now: datetime) -> dict[str, Any]:
    pairs = [(record, each) for record in records for each in record.allocations]
    retry_at = now + timedelta(seconds=db.settings.allocation_wait_seconds)
    return {
        "ids": [record.id for record, _ in pairs],
        "ns": [each.n for _, each in pairs],
        "lines": [each.line for _, each in pairs],
        "skus": [each.sku for _, each in pairs],
        "quantities": [each.quantity for _, each in pairs],
        "locations": [each.location for _, each in pairs],
        "states": [
            "open" if each.location is None else record.allocation_state for record, each in pairs
        ],
        "reasons": [each.reason for _, each in pairs],
        "retry_at": [retry_at if each.location is None else None for _, each in pairs],
    }


def _payment(record: Record, now: datetime) -> Payment | None:
    told = record.order.new.payment
    if told is None or told.reference is None or told.status != "paid":
        return None
    if record.order.total_amount == 0:
        return None
    return Payment(
        order_id=record.id,
        reference=told.reference,
        amount=record.order.total_amount,
        currency=record.order.new.currency,
        received_at=record.order.new.placed_at or now,
    )


def _created(record: Record, now: datetime) -> Event:
    order = record.order
    return Event(
        aggregate=record.id,
        sequence=1,
        fact=OrderCreated(
            number=record.number,
            channel=order.new.channel,
            reference=order.new.reference,
            state=record.state,
            holds=list(record.holds),
            delivery_option=order.new.delivery_option,
            currency=order.new.currency,
            total=order.total_amount,
            at=order.new.placed_at or now,
        ),
    )
