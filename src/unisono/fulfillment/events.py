"""What the work of locations tells the others; the aggregate of each is the order.

``fulfillment_order`` and ``package`` are numbers within the order, ``location`` is a code,
``author`` is who said it, and ``at`` is when it happened by their clock.
"""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from unisono.core.outbox import Fact


class WorkLine(Struct, frozen=True, kw_only=True):
    """Units of one order line."""

    line: int
    sku: str
    quantity: int


class ShortLine(Struct, frozen=True, kw_only=True):
    """Units of one order line that could not be found or used, and why."""

    line: int
    sku: str
    quantity: int
    reason: str


class FulfillmentOrderCreated(Fact, frozen=True, kw_only=True):
    """A location was asked to prepare goods."""

    name: ClassVar = "fulfillment_order.created"
    fulfillment_order: int
    location: str
    delivery_option: str
    carrier: str | None
    service: str | None
    lines: list[WorkLine]


class FulfillmentOrderAccepted(Fact, frozen=True, kw_only=True):
    """A location took the work on."""

    name: ClassVar = "fulfillment_order.accepted"
    fulfillment_order: int
    location: str
    at: datetime
    author: str


class FulfillmentOrderRejected(Fact, frozen=True, kw_only=True):
    """A location cannot do the work: its units wait for another place."""

    name: ClassVar = "fulfillment_order.rejected"
    fulfillment_order: int
    location: str
    reason: str
    lines: list[WorkLine]
    at: datetime
    author: str


class FulfillmentOrderPicked(Fact, frozen=True, kw_only=True):
    """A location found goods and took them from the shelf."""

    name: ClassVar = "fulfillment_order.picked"
    fulfillment_order: int
    location: str
    lines: list[WorkLine]
    at: datetime
    author: str


class FulfillmentOrderShortPicked(Fact, frozen=True, kw_only=True):
    """A location could not find or use some units: they wait for another place.

    With ``nothing_found`` the fulfillment order ended as incomplete.
    """

    name: ClassVar = "fulfillment_order.short_picked"
    fulfillment_order: int
    location: str
    lines: list[ShortLine]
    nothing_found: bool
    at: datetime
    author: str


class FulfillmentOrderPacked(Fact, frozen=True, kw_only=True):
    """Everything that was picked is in packages."""

    name: ClassVar = "fulfillment_order.packed"
    fulfillment_order: int
    location: str
    packages: list[int]
    at: datetime
    author: str


class FulfillmentOrderReadyForPickup(Fact, frozen=True, kw_only=True):
    """The goods wait for the customer."""

    name: ClassVar = "fulfillment_order.ready_for_pickup"
    fulfillment_order: int
    location: str
    packages: list[int]
    at: datetime
    author: str


class FulfillmentOrderCollected(Fact, frozen=True, kw_only=True):
    """The goods were handed to the customer."""

    name: ClassVar = "fulfillment_order.collected"
    fulfillment_order: int
    location: str
    packages: list[int]
    at: datetime
    author: str


class FulfillmentOrderCancelled(Fact, frozen=True, kw_only=True):
    """Nothing of the work is wanted any more."""

    name: ClassVar = "fulfillment_order.cancelled"
    fulfillment_order: int
    location: str


class ShipmentShipped(Fact, frozen=True, kw_only=True):
    """A package left with its carrier."""

    name: ClassVar = "shipment.shipped"
    package: int
    fulfillment_order: int
    location: str
    carrier: str | None
    service: str | None
    tracking_number: str
    lines: list[WorkLine]
    at: datetime
    author: str


class ShipmentTracked(Fact, frozen=True, kw_only=True):
    """A carrier told where a package is; ``milestone`` is a word of tracking events."""

    name: ClassVar = "shipment.tracked"
    package: int
    carrier: str
    tracking_number: str
    milestone: str
    at: datetime


class ShipmentDelivered(Fact, frozen=True, kw_only=True):
    """A carrier delivered a package."""

    name: ClassVar = "shipment.delivered"
    package: int
    fulfillment_order: int
    carrier: str | None
    tracking_number: str | None
    at: datetime
