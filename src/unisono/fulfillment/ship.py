"""Shipping: packages leave with their carriers, and the goods leave the stock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from unisono.core import queries
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.fulfillment import moments, records
from unisono.fulfillment.events import ShipmentShipped
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.pack import PACKAGES_MAX
from unisono.fulfillment.pick import Number
from unisono.fulfillment.records import FulfillmentRef, HeldPackage, Item
from unisono.fulfillment.states import FULFILLMENT_ORDER
from unisono.fulfillment.working import Work, working
from unisono.inventory import ledger
from unisono.orders.changing import Allocation

sql = queries.beside(__file__)

TrackingNumber = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$(?!\n)", examples=["6A12345678901"])
]


class TrackingNumberTaken(UnisonoError):
    """The tracking number belongs to another package."""


class Labelled(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The carrier's number on a package."""

    package: Number
    tracking_number: TrackingNumber


class Shipping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which packages left, with their numbers, and when; without ``occurred_at``, now."""

    packages: Annotated[tuple[Labelled, ...], Meta(min_length=1, max_length=PACKAGES_MAX)]
    occurred_at: Moment | None = None


async def ship(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    packages: Sequence[Labelled],
    occurred_at: datetime | None = None,
) -> None:
    """Every package of the work leaves; what was cancelled since it was packed stays here.

    Such a package keeps the weight and price of its label. A package of which nothing is wanted any
    more must not be named. Raises InvalidInput, TrackingNumberTaken, UnknownFulfillmentOrder,
    VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    await _take_numbers(db, ref, packages)
    numbers = {each.package: each.tracking_number for each in packages}
    async with working(db, ref=ref, version=version) as work:
        work.require_collected(wanted=False)
        work.become("shipped", at=at)
        contents = still_wanted(work)
        if faults := _faults(contents, packages):
            raise InvalidInput(*faults)
        await ledger.post(
            db,
            movements=[
                work.gone(each, cause="shipment", package=n, author=author, at=at)
                for n, inside in contents.items()
                for each in inside
            ],
            closed=[work.claim(each) for inside in contents.values() for each in inside],
        )
        for package in work.packages:
            inside = contents[package.n]
            if inside:
                _send(work, package, inside, number=numbers[package.n], author=author, at=at)
            else:
                work.move_package(package, "cancelled")


def still_wanted(work: Work) -> dict[int, list[Allocation]]:
    """Return, by package, the allocations in it that were not cancelled since it was packed."""
    wanted = {each.n: each for each in work.wanted}
    return {
        package.n: [wanted[item.allocation] for item in package.items if item.allocation in wanted]
        for package in work.packages
    }


def items_of(inside: Sequence[Allocation]) -> tuple[Item, ...]:
    """Return allocations as the items of a package."""
    return tuple(Item(allocation=each.n, quantity=each.quantity) for each in inside)


async def _take_numbers(db: Db, ref: FulfillmentRef, packages: Sequence[Labelled]) -> None:
    """Take the numbers before the order is locked: keys come first in the order of locks.

    The packages cannot have other carriers later: packing is done once.
    """
    held = await records.get(db, ref=ref)
    FULFILLMENT_ORDER.require(held.state, "shipped", what=f"fulfillment order {ref}")
    carriers = {
        package.n: package.carrier
        for package in await records.packages_of_orders(db, order_ids=[ref.order_id])
        if package.fulfillment_order == ref.n and package.carrier is not None
    }
    taken = sorted(
        (carrier, each.tracking_number, each.package)
        for each in packages
        if (carrier := carriers.get(each.package)) is not None
    )
    keys = {
        "carriers": [carrier for carrier, _, _ in taken],
        "tracking_numbers": [number for _, number, _ in taken],
    }
    await db.execute(
        sql.take_numbers,
        {**keys, "order": ref.order_id, "packages": [package for _, _, package in taken]},
    )
    owners = {
        (carrier, number): (order_id, package)
        for carrier, number, order_id, package in await db.tuples(sql.owners, keys)
    }
    for carrier, number, package in taken:
        if owners[carrier, number] != (ref.order_id, package):
            message = f"number {number} of carrier {carrier} belongs to another package"
            raise TrackingNumberTaken(message)


def _faults(contents: dict[int, list[Allocation]], packages: Sequence[Labelled]) -> list[Fault]:
    faults = []
    seen: set[int] = set()
    for at, each in enumerate(packages):
        pointer = f"/packages/{at}/package"
        if each.package in seen:
            detail = f"package {each.package} is given twice"
            faults.append(Fault(pointer=pointer, code="repeated", detail=detail))
        elif each.package not in contents:
            detail = f"package {each.package} is none of this fulfillment order"
            faults.append(Fault(pointer=pointer, code="unknown_package", detail=detail))
        elif not contents[each.package]:
            detail = f"everything in package {each.package} was cancelled: it must not leave"
            faults.append(Fault(pointer=pointer, code="package_cancelled", detail=detail))
        seen.add(each.package)
    for n, inside in contents.items():
        if inside and n not in seen:
            detail = f"package {n} has no tracking number"
            faults.append(Fault(pointer="/packages", code="package_missing", detail=detail))
    return faults


def _send(
    work: Work,
    package: HeldPackage,
    inside: Sequence[Allocation],
    *,
    number: str,
    author: str,
    at: datetime,
) -> None:
    for each in inside:
        work.change.move(each.n, "shipped")
    sent = work.move_package(
        replace(package, items=items_of(inside)), "shipped", tracking_number=number, shipped_at=at
    )
    work.tell(
        ShipmentShipped(
            package=sent.n,
            fulfillment_order=work.held.n,
            location=work.location,
            carrier=sent.carrier,
            service=sent.service,
            tracking_number=number,
            lines=work.lines(inside),
            at=at,
            author=author,
        )
    )
