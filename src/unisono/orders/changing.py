"""Changing orders: every change raises the order's version first, and tells at least one fact.

Raising the version locks the order, so that what happens to it at the same moment (a cancellation
and a shipment) happens one after the other. States are those of ``states``; the header is rolled up
when the change ends.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from unisono.core import outbox, queries
from unisono.core.database import Db
from unisono.core.errors import UnisonoError, VersionMismatch
from unisono.core.outbox import Event, Fact
from unisono.inventory.claims import Claim
from unisono.orders.new_order import DeliveryOption
from unisono.orders.states import ALLOCATION, rolled_up

sql = queries.beside(__file__)


class UnknownOrder(UnisonoError):
    """There is no such order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The header of an order, as the change found it; amounts are minor units."""

    id: UUID
    number: int
    version: int
    channel: int
    reference: str
    state: str
    holds: list[str]
    currency: str
    delivery_option: DeliveryOption
    location: int | None
    destination: dict[str, Any] | None
    total_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Units of an order line at one location, in one state."""

    order_id: UUID
    n: int
    line: int
    sku: int
    quantity: int
    location: int | None
    state: str
    fulfillment_order: int | None = None
    reason: str | None = None
    declined: list[int]
    attempts: int = 0
    retry_at: datetime | None = None


class OrderChange:
    """One order that is being changed: its header, its allocations by number, what it will tell."""

    def __init__(self, order: Order) -> None:
        """Begin with the header; ``changing`` adds the allocations."""
        self.order = order
        self.allocations: dict[int, Allocation] = {}
        self.changed: dict[int, Allocation] = {}
        self.facts: list[Fact] = []
        self.holds = list(order.holds)

    def tell(self, fact: Fact) -> None:
        """Write this event with the change."""
        self.facts.append(fact)

    def move(self, n: int, state: str, *, quantity: int | None = None, **fields: Any) -> Allocation:  # noqa: ANN401 - fields are those of Allocation
        """Bring an allocation, or ``quantity`` units of it, into a state; return what is there.

        A part becomes an allocation of its own, with the next number. Raises TransitionRefused
        unless the lifecycle allows it.
        """
        found = self.allocations[n]
        ALLOCATION.require(found.state, state, what=f"allocation {n} of order {self.order.number}")
        moved = replace(found, state=state, **fields)
        if quantity is not None and quantity < found.quantity:
            self._put(replace(found, quantity=found.quantity - quantity))
            moved = replace(moved, n=max(self.allocations) + 1, quantity=quantity)
        self._put(moved)
        return moved

    def note(self, n: int, **fields: Any) -> Allocation:  # noqa: ANN401 - fields are those of Allocation
        """Change what is known of an allocation without changing its state."""
        noted = replace(self.allocations[n], **fields)
        self._put(noted)
        return noted

    def _put(self, allocation: Allocation) -> None:
        self.allocations[allocation.n] = allocation
        self.changed[allocation.n] = allocation

    def of_fulfillment_order(self, n: int) -> list[Allocation]:
        """Return the allocations that a fulfillment order of this order works on."""
        return [each for each in self.allocations.values() if each.fulfillment_order == n]


def claims_of(allocations: Iterable[Allocation]) -> list[Claim]:
    """Return the claims that these units hold at their places; what has no place holds none."""
    return [
        Claim(
            sku=each.sku,
            holder=each.order_id,
            n=each.n,
            location=each.location,
            quantity=each.quantity,
        )
        for each in allocations
        if each.location is not None
    ]


@asynccontextmanager
async def changing(db: Db, order_ids: Iterable[UUID]) -> AsyncIterator[dict[UUID, OrderChange]]:
    """Lock orders, let the block change them, and write what it changed and told.

    An id that is no order is absent. An order whose block told nothing is left as it was.
    """
    ids = sorted(set(order_ids))
    headers = await db.rows(Order, sql.raise_versions, {"ids": ids})
    changes = {order.id: OrderChange(order) for order in headers}
    for allocation in await db.rows(Allocation, sql.allocations, {"ids": list(changes)}):
        changes[allocation.order_id].allocations[allocation.n] = allocation
    yield changes
    await _write_allocations(db, [each for c in changes.values() for each in c.changed.values()])
    await _write_headers(db, list(changes.values()))
    await outbox.add(
        db,
        [
            Event(aggregate=change.order.id, sequence=change.order.version + at, fact=fact)
            for change in changes.values()
            for at, fact in enumerate(change.facts)
        ],
    )


@asynccontextmanager
async def changing_one(
    db: Db, order_id: UUID, *, version: int | None = None
) -> AsyncIterator[OrderChange]:
    """Change one order; ``version`` is the one that was read, None is any.

    Raises UnknownOrder and VersionMismatch.
    """
    async with changing(db, [order_id]) as changes:
        if order_id not in changes:
            message = f"there is no order {order_id}"
            raise UnknownOrder(message)
        change = changes[order_id]
        if version is not None and version != change.order.version - 1:
            message = f"the order is in version {change.order.version - 1}, not {version}"
            raise VersionMismatch(message)
        yield change


async def _write_headers(db: Db, changes: list[OrderChange]) -> None:
    await db.execute(
        sql.write_headers,
        {
            "ids": [change.order.id for change in changes],
            "versions": [change.order.version - 1 + len(change.facts) for change in changes],
            "states": [
                rolled_up(
                    (each.state for each in change.allocations.values()),
                    on_hold=bool(change.holds),
                )
                for change in changes
            ],
            "holds": [",".join(change.holds) for change in changes],
        },
    )


async def _write_allocations(db: Db, allocations: list[Allocation]) -> None:
    if not allocations:
        return
    await db.execute(
        sql.write_allocations,
        {
            "orders": [each.order_id for each in allocations],
            "ns": [each.n for each in allocations],
            "lines": [each.line for each in allocations],
            "skus": [each.sku for each in allocations],
            "quantities": [each.quantity for each in allocations],
            "locations": [each.location for each in allocations],
            "states": [each.state for each in allocations],
            "fulfillment_orders": [each.fulfillment_order for each in allocations],
            "reasons": [each.reason for each in allocations],
            "declined": [",".join(map(str, each.declined)) for each in allocations],
            "attempts": [each.attempts for each in allocations],
            "retry_at": [each.retry_at for each in allocations],
        },
    )
