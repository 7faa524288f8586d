"""Payments: what providers say they received, kept as rows that are never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from unisono.core import queries
from unisono.core.database import Db

sql = queries.beside(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """An amount received for an order, in minor units; ``reference`` is the provider's."""

    order_id: UUID
    reference: str
    amount: int
    currency: str
    received_at: datetime


async def record(db: Db, *, payments: Sequence[Payment]) -> list[tuple[UUID, str]]:
    """Write payments; return (order, reference) of those that were not known yet.

    A provider that tells the same payment twice is counted once.
    """
    cursor = await db.send(
        sql.record,
        {
            "orders": [payment.order_id for payment in payments],
            "references": [payment.reference for payment in payments],
            "amounts": [payment.amount for payment in payments],
            "currencies": [payment.currency for payment in payments],
            "received_at": [payment.received_at for payment in payments],
        },
    )
    return [(order_id, reference) for order_id, reference in await cursor.fetchall()]


async def of_order(db: Db, *, order_id: UUID) -> list[Payment]:
    """Return the payments of an order, in the order in which they were received."""
    return await db.rows(Payment, sql.of_order, {"order": order_id})
