"""The timeline of an order, as its customer sees it: dated steps, packages, the place to collect.

It is drawn from events, and holds no personal data beyond the city that the order goes to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from unisono.core import queries
from unisono.core.database import Db
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import records
from unisono.fulfillment.records import HeldPackage
from unisono.network import network
from unisono.network.network import Network
from unisono.orders import recipients
from unisono.orders.new_order import COLLECTED
from unisono.tracking import links

sql = queries.beside(__file__)

MILESTONES: Mapping[str, str] = {
    "order.created": "confirmed",
    "shipment.shipped": "carrier_picked_up",
    "shipment.delivered": "delivered",
    "fulfillment_order.ready_for_pickup": "ready_for_pickup",
    "fulfillment_order.collected": "picked_up",
}
"""Events that are a step by themselves; ``shipment.tracked`` says which step it is."""

DRAWN = frozenset((*MILESTONES, "shipment.tracked"))
"""The events that timelines are drawn from."""

_SHOWN_PACKAGES = frozenset(("shipped", "delivered"))


class Step(Struct, frozen=True, kw_only=True):
    """Something that happened; ``city`` is that of the location where it did."""

    milestone: Annotated[str, Meta(examples=["in_transit"])]
    at: datetime
    package: int | None
    city: str | None


class TrackedPackage(Struct, frozen=True, kw_only=True):
    """A package that left; ``milestone`` is the newest step of it."""

    package: int
    state: str
    carrier: str | None
    carrier_name: str | None
    tracking_number: str | None
    milestone: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class CollectionPlace(Struct, frozen=True, kw_only=True):
    """Where the customer collects the goods."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str


class Timeline(Struct, frozen=True, kw_only=True):
    """Where an order stands; ``city`` is where it goes when a carrier brings it."""

    order_number: int
    state: str
    delivery_option: str
    city: str | None
    collect_at: CollectionPlace | None
    steps: tuple[Step, ...]
    packages: tuple[TrackedPackage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    milestone: str
    package: int | None
    location: int | None
    at: datetime


async def record(db: Db, events: Sequence[PlacedEvent]) -> None:
    """Draw steps from events; drawing them again changes nothing."""
    drawn = [event for event in events if event.type in DRAWN]
    if not drawn:
        return
    everywhere = await network.of(db)
    await db.execute(
        sql.record,
        {
            "orders": [event.aggregate for event in drawn],
            "sequences": [event.sequence for event in drawn],
            "milestones": [_milestone(event) for event in drawn],
            "packages": [event.data.get("package") for event in drawn],
            "locations": [_location(event.data, everywhere) for event in drawn],
            "at": [_moment(event) for event in drawn],
        },
    )


def _milestone(event: PlacedEvent) -> str:
    """Return the step that an event is; what was carried out of a store was collected at once."""
    if event.data.get("delivery_option") == "in_store":
        return "picked_up"
    told: str = MILESTONES.get(event.type) or event.data["milestone"]
    return told


def _location(data: Mapping[str, Any], everywhere: Network) -> int | None:
    location = everywhere.by_code.get(data.get("location", ""))
    return None if location is None else location.id


def _moment(event: PlacedEvent) -> datetime:
    """Return when it happened, by the clock of whoever told it; else when it was written."""
    told = event.data.get("at")
    return event.at if told is None else msgspec.convert(told, datetime)


async def of_order(db: Db, *, order_id: UUID) -> Timeline:
    """Return the timeline of an order. Raises UnknownTracking."""
    found = await recipients.recipients(db, order_ids=[order_id])
    if order_id not in found:
        raise links.unknown()
    order = found[order_id]
    everywhere = await network.of(db)
    drawn = await db.rows(_Drawn, sql.of_order, {"order": order_id})
    newest = {each.package: each.milestone for each in drawn if each.package is not None}
    return Timeline(
        order_number=order.number,
        state=order.state,
        delivery_option=order.delivery_option,
        city=None if order.destination is None else order.destination["city"],
        collect_at=(
            _place(everywhere, order.location)
            if order.location is not None and order.delivery_option in COLLECTED
            else None
        ),
        steps=tuple(
            Step(
                milestone=each.milestone,
                at=each.at,
                package=each.package,
                city=None if each.location is None else everywhere.by_id[each.location].city,
            )
            for each in drawn
        ),
        packages=tuple(
            _package(each, everywhere, newest.get(each.n))
            for each in await records.packages_of_orders(db, order_ids=[order_id])
            if each.state in _SHOWN_PACKAGES
        ),
    )


def _place(everywhere: Network, location: int) -> CollectionPlace:
    at = everywhere.by_id[location]
    return CollectionPlace(
        name=at.name,
        street=at.street,
        postal_code=at.postal_code,
        city=at.city,
        country=at.country,
    )


def _package(held: HeldPackage, everywhere: Network, milestone: str | None) -> TrackedPackage:
    carrier = everywhere.carriers.get(held.carrier or "")
    return TrackedPackage(
        package=held.n,
        state=held.state,
        carrier=held.carrier,
        carrier_name=None if carrier is None else carrier.name,
        tracking_number=held.tracking_number,
        milestone=milestone,
        shipped_at=held.shipped_at,
        delivered_at=held.delivered_at,
    )
