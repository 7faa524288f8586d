"""The timeline of an order, as its customer sees it: dated steps, packages, the place to collect.

It is drawn from events, and holds no personal data beyond the city that the order goes to.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from unisono.catalog import skus
from unisono.core import clock, queries
from unisono.core.database import Db
from unisono.core.positions import PlacedEvent
from unisono.fulfillment import records
from unisono.fulfillment.records import HeldPackage
from unisono.network import calendars, network
from unisono.network.calendars import Interval
from unisono.network.expected import calendar_of
from unisono.network.network import Network
from unisono.orders import recipients
from unisono.orders.changing import Allocation
from unisono.orders.new_order import COLLECTED
from unisono.orders.states import ALLOCATION
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

OPENING_DAYS = 7
"""Days whose opening hours are told, the first is today by the clock of the place."""

_SHOWN_PACKAGES = frozenset(("shipped", "delivered"))
_SHOWN_STATES: Mapping[str, str] = {
    "open": "in_preparation",
    "allocated": "in_preparation",
    "released": "in_preparation",
    "picked": "in_preparation",
    "packed": "prepared",
}
"""What a customer is told of states that only matter inside; others are told as they are."""


class Step(Struct, frozen=True, kw_only=True):
    """Something that happened; ``city`` is that of the location where it did."""

    milestone: Annotated[str, Meta(examples=["in_transit"])]
    at: datetime
    package: int | None
    city: str | None


class TrackedItem(Struct, frozen=True, kw_only=True):
    """Units of an order line that stand alike, and the package that they left in.

    ``state`` is ``waiting`` (for stock), ``in_preparation``, ``prepared``, ``shipped``,
    ``delivered``, ``ready_for_pickup``, ``picked_up`` or ``cancelled``.
    """

    line: int
    name: Annotated[str, Meta(examples=["White hanging heart"])]
    quantity: int
    state: Annotated[str, Meta(examples=["shipped"])]
    package: int | None


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


class OpeningDay(Struct, frozen=True, kw_only=True):
    """When a place is open on a date; without intervals it is closed."""

    date: date
    intervals: tuple[Interval, ...]


class CollectionPlace(Struct, frozen=True, kw_only=True):
    """Where the customer collects the goods, and its hours from today on; None: always open."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str
    time_zone: str
    opening: tuple[OpeningDay, ...] | None


class Timeline(Struct, frozen=True, kw_only=True):
    """Where an order stands; ``city`` is where it goes when a carrier brings it.

    ``version`` is that of the order. ``cancellable``: nothing of it has left, so that the customer
    may still cancel it whole.
    """

    order_number: int
    version: int
    state: str
    cancellable: bool
    delivery_option: str
    city: str | None
    collect_at: CollectionPlace | None
    steps: tuple[Step, ...]
    packages: tuple[TrackedPackage, ...]
    items: tuple[TrackedItem, ...]


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
    packages = [
        each
        for each in await records.packages_of_orders(db, order_ids=[order_id])
        if each.state in _SHOWN_PACKAGES
    ]
    allocations = await recipients.allocations(db, order_ids=[order_id])
    names = await skus.names(db, ids={each.sku for each in allocations})
    return Timeline(
        order_number=order.number,
        version=order.version,
        state=order.state,
        cancellable=_is_cancellable(allocations),
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
        packages=tuple(_package(each, everywhere, newest.get(each.n)) for each in packages),
        items=_items(allocations, packages, names),
    )


def _is_cancellable(allocations: Iterable[Allocation]) -> bool:
    alive = [each.state for each in allocations if each.state != "cancelled"]
    return bool(alive) and all(ALLOCATION.allows(state, "cancelled") for state in alive)


def _items(
    allocations: Sequence[Allocation], packages: Iterable[HeldPackage], names: Mapping[int, str]
) -> tuple[TrackedItem, ...]:
    """Return what was ordered, line by line, units that stand alike together."""
    inside = {item.allocation: package.n for package in packages for item in package.items}
    units: dict[tuple[int, str, int | None], int] = {}
    of_line = {}
    for each in allocations:
        of_line[each.line] = names[each.sku]
        alike = (each.line, _shown_state(each), inside.get(each.n))
        units[alike] = units.get(alike, 0) + each.quantity
    return tuple(
        TrackedItem(line=line, name=of_line[line], quantity=quantity, state=state, package=package)
        for (line, state, package), quantity in sorted(
            units.items(), key=lambda item: (item[0][0], item[0][2] or 0, item[0][1])
        )
    )


def _shown_state(allocation: Allocation) -> str:
    # Sourcing looked for it and found none, as `analytics.order_outcome` sees it.
    if allocation.state == "open" and (allocation.attempts or allocation.reason == "out_of_stock"):
        return "waiting"
    return _SHOWN_STATES.get(allocation.state, allocation.state)


def _place(everywhere: Network, location: int) -> CollectionPlace:
    at = everywhere.by_id[location]
    calendar = calendar_of(everywhere, at)
    today = clock.now().astimezone(ZoneInfo(at.time_zone)).date()
    days = [today + timedelta(days=n) for n in range(OPENING_DAYS)]
    return CollectionPlace(
        name=at.name,
        street=at.street,
        postal_code=at.postal_code,
        city=at.city,
        country=at.country,
        time_zone=at.time_zone,
        opening=None
        if calendar is None
        else tuple(
            OpeningDay(date=day, intervals=tuple(calendars.intervals_on(calendar, day)))
            for day in days
        ),
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
