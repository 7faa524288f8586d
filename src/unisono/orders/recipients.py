"""Whom an order is for and where its quantities stand, for those who do the work or track it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from unisono.core import queries
from unisono.core.database import Db
from unisono.orders.changing import Allocation

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An order's number, state and version, and where its goods go; ``location`` is an id.

    ``customer_name`` and ``destination`` are personal data.
    """

    order_id: UUID
    number: int
    state: str
    version: int
    delivery_option: str
    location: int | None
    destination: dict[str, Any] | None
    customer_name: str | None


async def recipients(db: Db, *, order_ids: Iterable[UUID]) -> Mapping[UUID, Recipient]:
    """Return the recipients of these orders by order; an id that is no order is absent."""
    rows = await db.rows(Recipient, sql.recipients, {"ids": list(order_ids)})
    return {row.order_id: row for row in rows}


async def numbered(db: Db, *, number: int) -> list[UUID]:
    """Return the ids of the orders of this number, the first first."""
    return [order_id for (order_id,) in await db.tuples(sql.numbered, {"number": number})]


async def allocations(db: Db, *, order_ids: Iterable[UUID]) -> list[Allocation]:
    """Return where every quantity of these orders stands, in order; nothing is locked."""
    return await db.rows(Allocation, sql.allocations, {"ids": list(order_ids)})
