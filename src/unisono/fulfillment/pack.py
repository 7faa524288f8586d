"""Packing: what was picked goes into packages, which get their weight, carrier and price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.fulfillment import moments
from unisono.fulfillment.events import FulfillmentOrderPacked
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.pick import Number
from unisono.fulfillment.records import FulfillmentRef, HeldPackage, Item
from unisono.fulfillment.working import Work, working
from unisono.inventory import claims

PACKAGES_MAX = 1000


class PackedItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of an allocation in a package."""

    allocation: Number
    quantity: Number


class NewPackage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package; one without ``items`` is the only one and holds everything.

    Without ``weight_g`` it weighs what its SKUs weigh.
    """

    weight_g: Annotated[int, Meta(ge=1, le=10_000_000, examples=[640])] | None = None
    items: Annotated[tuple[PackedItem, ...], Meta(min_length=1, max_length=10_000)] | None = None


class Packing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is in which package; without ``packages``, one, or as many as carriers' limits need.

    It was packed at ``occurred_at``; without it, now.
    """

    packages: (
        Annotated[tuple[NewPackage, ...], Meta(min_length=1, max_length=PACKAGES_MAX)] | None
    ) = None
    occurred_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    """A package to make: units by allocation, and what the scales said."""

    units: Mapping[int, int]
    weight_g: int | None


async def pack(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    packages: Sequence[NewPackage] | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Put everything that was picked into packages, numbered in the order.

    Each package gets the cheapest service for its true weight, and its costs: what that service
    takes, the location's line cost for each different SKU, and its parcel cost. An allocation that
    is in two packages becomes two. Raises InvalidInput, NoCarrierServes, UnknownFulfillmentOrder,
    VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        work.become("packed", at=at)
        if packages is None:
            filled = _filled_in_turn(work)
        elif len(packages) == 1 and packages[0].items is None:
            units = {each.n: each.quantity for each in work.wanted}
            filled = [_Filled(units=units, weight_g=packages[0].weight_g)]
        elif faults := _faults(work, packages):
            raise InvalidInput(*faults)
        else:
            filled = [
                _Filled(
                    units={item.allocation: item.quantity for item in package.items or ()},
                    weight_g=package.weight_g,
                )
                for package in packages
            ]
        made = [
            _package(work, n, each, items, packed_at=at)
            for n, (each, items) in enumerate(
                zip(filled, await _fill(db, work, filled), strict=True), work.next_package
            )
        ]
        work.changed_packages.extend(made)
        work.tell(
            FulfillmentOrderPacked(
                fulfillment_order=ref.n,
                location=work.location,
                packages=[package.n for package in made],
                at=at,
                author=author,
            )
        )


def _faults(work: Work, packages: Sequence[NewPackage]) -> list[Fault]:
    open_units = {each.n: each.quantity for each in work.wanted}
    faults = []
    for at, package in enumerate(packages):
        if package.items is None:
            detail = "say what is in it: only a single package may hold everything"
            faults.append(
                Fault(pointer=f"/packages/{at}/items", code="missing_field", detail=detail)
            )
        seen: set[int] = set()
        for n, item in enumerate(package.items or ()):
            pointer = f"/packages/{at}/items/{n}"
            if item.allocation not in open_units:
                detail = f"allocation {item.allocation} is not wanted here, or not any more"
                faults.append(
                    Fault(pointer=f"{pointer}/allocation", code="unknown_allocation", detail=detail)
                )
                continue
            if item.allocation in seen:
                detail = f"allocation {item.allocation} is given twice in this package"
                faults.append(
                    Fault(pointer=f"{pointer}/allocation", code="repeated", detail=detail)
                )
            seen.add(item.allocation)
            if item.quantity > open_units[item.allocation]:
                detail = f"only {open_units[item.allocation]} are left to pack"
                faults.append(Fault(pointer=f"{pointer}/quantity", code="too_many", detail=detail))
            open_units[item.allocation] -= min(item.quantity, open_units[item.allocation])
    for n, left in open_units.items():
        if left and not faults:
            detail = f"{left} of allocation {n} are in no package"
            faults.append(Fault(pointer="/packages", code="not_packed", detail=detail))
    return faults


def _filled_in_turn(work: Work) -> list[_Filled]:
    """Fill one package after the other, none heavier than a carrier takes."""
    heaviest_g = work.carriage().heaviest_g
    filled: list[dict[int, int]] = [{}]
    room_g = heaviest_g
    for each in work.wanted:
        unit_g = work.goods[each.sku].weight_g
        left = each.quantity
        while left:
            fitting = left if room_g is None else min(left, room_g // unit_g)
            # A unit that no carrier takes is told when its package is priced.
            if not fitting and not filled[-1]:
                fitting = 1
            if fitting:
                filled[-1][each.n] = filled[-1].get(each.n, 0) + fitting
                left -= fitting
                room_g = None if room_g is None else room_g - fitting * unit_g
            if left:
                filled.append({})
                room_g = heaviest_g
    return [_Filled(units=units, weight_g=None) for units in filled]


async def _fill(db: Db, work: Work, filled: Sequence[_Filled]) -> list[tuple[Item, ...]]:
    """Pack the allocations and return what is in each package; divide those that are in several.

    A part takes its share of the claim with it: the units at the location stay claimed as before.
    """
    contents, parts = [], []
    divided: dict[int, int] = {}
    for package in filled:
        items = []
        for n, quantity in package.units.items():
            moved = work.change.move(n, "packed", quantity=quantity)
            items.append(Item(allocation=moved.n, quantity=quantity))
            if moved.n != n:
                divided[n] = divided.get(n, 0) + quantity
                parts.append(work.claim(moved))
        contents.append(tuple(items))
    if parts:
        whole = work.change.allocations
        await claims.shrink(
            db, [work.claim(whole[n], quantity=quantity) for n, quantity in divided.items()]
        )
        await claims.insert(db, parts)
    return contents


def _package(
    work: Work, n: int, filled: _Filled, items: tuple[Item, ...], *, packed_at: datetime
) -> HeldPackage:
    skus = [work.change.allocations[item.allocation].sku for item in items]
    weight_g = filled.weight_g or sum(
        work.goods[sku].weight_g * item.quantity for sku, item in zip(skus, items, strict=True)
    )
    carriage = work.carriage()
    sent = carriage.of_package(weight_g)
    return HeldPackage(
        order_id=work.held.order_id,
        n=n,
        fulfillment_order=work.held.n,
        location=work.held.location,
        state="packed",
        weight_g=weight_g,
        items=items,
        carrier=None if sent is None else sent.carrier,
        service=None if sent is None else sent.service,
        tracking_number=None,
        shipping_cost=None if sent is None else sent.cost,
        handling_cost=carriage.handling_cost(len(set(skus))),
        packed_at=packed_at,
        shipped_at=None,
        delivered_at=None,
    )
