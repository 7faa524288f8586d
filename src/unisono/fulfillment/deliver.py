"""Delivering: what carriers tell of packages, up to the customer's door."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from unisono.core import clock, queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import Code
from unisono.fulfillment import records
from unisono.fulfillment.events import ShipmentDelivered, ShipmentTracked
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.records import Held, HeldPackage
from unisono.fulfillment.ship import TrackingNumber
from unisono.fulfillment.states import FULFILLMENT_ORDER, PACKAGE
from unisono.orders.changing import OrderChange, changing

sql = queries.beside(__file__)

Milestone = Literal[
    "label_printed",
    "carrier_picked_up",
    "in_transit",
    "out_for_delivery",
    "attempted_delivery",
    "delayed",
    "delivered",
    "failure",
    "returning_to_sender",
]

Told = tuple[UUID, int, str, datetime]
"""Order, package, milestone, moment."""


class CarrierFact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened to a package, by the carrier's clock."""

    carrier: Annotated[Code, Meta(examples=["relais"])]
    tracking_number: TrackingNumber
    milestone: Annotated[Milestone, Meta(examples=["delivered"])]
    at: Moment


async def locations(db: Db, *, facts: Sequence[CarrierFact]) -> set[int]:
    """Return from which locations (ids) the known ones of these packages were sent."""
    owners = {owner for owner in await _owners(db, facts) if owner is not None}
    packages = await records.packages_of_orders(db, order_ids={order_id for order_id, _ in owners})
    return {each.location for each in packages if (each.order_id, each.n) in owners}


async def record(db: Db, *, facts: Sequence[CarrierFact]) -> int:
    """Take note of what carriers told, in the order of their clocks; return how much was news.

    A delivered package delivers what is in it, and the last one closes its fulfillment order. What
    was told before changes nothing and tells nothing. Raises InvalidInput with every row that is in
    the future or names a package that nobody knows: then nothing is noted.
    """
    owners = await _owners(db, facts)
    told: dict[Told, CarrierFact] = {}
    faults = []
    for row, (fact, owner) in enumerate(zip(facts, owners, strict=True)):
        if owner is None:
            detail = f"carrier {fact.carrier} has no package {fact.tracking_number} of ours"
            pointer = f"/events/{row}/tracking_number"
            faults.append(Fault(pointer=pointer, code="unknown_package", detail=detail))
        elif fault := clock.fault_of(fact.at, pointer=f"/events/{row}/at"):
            faults.append(fault)
        else:
            told[(*owner, fact.milestone, fact.at)] = fact
    if faults:
        raise InvalidInput(*faults)
    async with changing(db, {order_id for order_id, *_ in told}) as changes:
        news = await _note(db, sorted(told, key=lambda each: (each[3], each[0], each[1], each[2])))
        held = {each.ref: each for each in await records.of_orders(db, order_ids=changes)}
        packages = {
            (each.order_id, each.n): each
            for each in await records.packages_of_orders(db, order_ids=changes)
        }
        delivered: list[HeldPackage] = []
        for order_id, n, milestone, at in news:
            package = packages[order_id, n]
            if milestone == "delivered" and PACKAGE.allows(package.state, "delivered"):
                packages[order_id, n] = _deliver(changes[order_id], package, at)
                delivered.append(packages[order_id, n])
            elif milestone != "delivered":
                _tell_tracked(changes[order_id], told[order_id, n, milestone, at], n)
        await records.put_packages(db, delivered)
        await records.change(db, _closed(list(held.values()), list(packages.values()), delivered))
    return len(news)


async def _owners(db: Db, facts: Sequence[CarrierFact]) -> list[tuple[UUID, int] | None]:
    rows = await db.tuples(
        sql.owners,
        {
            "carriers": [fact.carrier for fact in facts],
            "tracking_numbers": [fact.tracking_number for fact in facts],
        },
    )
    return [None if order_id is None else (order_id, package) for order_id, package in rows]


async def _note(db: Db, told: Sequence[Told]) -> list[Told]:
    """Write what was told and return what is new of it, in the order given."""
    rows = await db.tuples(
        sql.note,
        {
            "orders": [order_id for order_id, _, _, _ in told],
            "packages": [package for _, package, _, _ in told],
            "milestones": [milestone for _, _, milestone, _ in told],
            "at": [at for _, _, _, at in told],
        },
    )
    new = set(rows)
    return [each for each in told if each in new]


def _deliver(change: OrderChange, package: HeldPackage, at: datetime) -> HeldPackage:
    for item in package.items:
        change.move(item.allocation, "delivered")
    change.tell(
        ShipmentDelivered(
            package=package.n,
            fulfillment_order=package.fulfillment_order,
            carrier=package.carrier,
            tracking_number=package.tracking_number,
            at=at,
        )
    )
    return replace(package, state="delivered", delivered_at=at)


def _tell_tracked(change: OrderChange, fact: CarrierFact, package: int) -> None:
    change.tell(
        ShipmentTracked(
            package=package,
            carrier=fact.carrier,
            tracking_number=fact.tracking_number,
            milestone=fact.milestone,
            at=fact.at,
        )
    )


def _closed(
    held: Sequence[Held], packages: Sequence[HeldPackage], delivered: Sequence[HeldPackage]
) -> list[Held]:
    """Return the fulfillment orders whose last package was delivered just now, closed."""
    # The latest of several comes last.
    done = {
        (each.order_id, each.fulfillment_order): each.delivered_at
        for each in delivered
        if each.delivered_at is not None
    }
    under_way = {
        (each.order_id, each.fulfillment_order) for each in packages if each.state == "shipped"
    }
    return [
        replace(each, state="closed", changed_at=done[each.order_id, each.n])
        for each in held
        if (each.order_id, each.n) in done.keys() - under_way
        and FULFILLMENT_ORDER.allows(each.state, "closed")
    ]
