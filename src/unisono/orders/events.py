"""What orders tell the others; the aggregate of each is the order.

``author`` is the person or key that did it; null when nobody is named, as when the customer did.
"""

from datetime import datetime
from typing import ClassVar

from unisono.core.outbox import Fact


class OrderCreated(Fact, frozen=True, kw_only=True):
    """An order was captured; ``at`` is when the customer placed it, by the channel's clock."""

    name: ClassVar = "order.created"
    number: int
    channel: str
    reference: str
    state: str
    holds: list[str]
    delivery_option: str
    currency: str
    total: int
    at: datetime


class OrderPaid(Fact, frozen=True, kw_only=True):
    """A payment was received; ``holds`` are those that still stand.

    ``at`` is when it was received, by the provider's clock.
    """

    name: ClassVar = "order.paid"
    payment: str
    amount: int
    currency: str
    holds: list[str]
    at: datetime
    author: str | None = None


class OrderChanged(Fact, frozen=True, kw_only=True):
    """A part of the order was cancelled; ``cancelled`` lists line and quantity."""

    name: ClassVar = "order.changed"
    reason: str
    cancelled: list[tuple[int, int]]
    author: str | None = None


class OrderCancelled(Fact, frozen=True, kw_only=True):
    """Nothing of the order is left to be done."""

    name: ClassVar = "order.cancelled"
    reason: str
    cancelled: list[tuple[int, int]]
    author: str | None = None


class SourcingPlanCreated(Fact, frozen=True, kw_only=True):
    """What had no place, or lost it, was given one: line, quantity, location."""

    name: ClassVar = "sourcing_plan.created"
    allocations: list[tuple[int, int, str]]


class OrderParked(Fact, frozen=True, kw_only=True):
    """Units of the order found no stock and wait: line, quantity, reason."""

    name: ClassVar = "order.parked"
    waiting: list[tuple[int, int, str]]


class OrderNoted(Fact, frozen=True, kw_only=True):
    """Somebody noted something about the order; what, is told to who reads the order only."""

    name: ClassVar = "order.noted"
    note: int
    author: str


class OrderRerouted(Fact, frozen=True, kw_only=True):
    """Units were taken from where they should have come from: line, quantity, location.

    The ``sourcing_plan.created`` that follows tells where they come from instead.
    """

    name: ClassVar = "order.rerouted"
    reason: str
    taken: list[tuple[int, int, str]]
    author: str
