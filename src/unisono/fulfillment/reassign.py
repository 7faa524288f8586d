"""Reassigning: work that a location has not begun goes to another one, because somebody says so.

Orders cannot know of the work of locations, so taking it away stands here; where it goes instead is
sourced by ``orders.reroute``, in the same change of the order.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.core import clock
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.texts import Code, Line
from unisono.fulfillment import records
from unisono.fulfillment.events import FulfillmentOrderCancelled
from unisono.fulfillment.pick import Number
from unisono.network import network
from unisono.network.network import Network
from unisono.orders import reroute
from unisono.orders.changing import Allocation, OrderChange, changing_one

NOT_BEGUN = frozenset(("allocated", "released"))
"""The states of units that nobody has touched yet."""


class NothingToReroute(UnisonoError):
    """What should come from elsewhere was begun, has left, waits for stock or was cancelled."""


class Reassignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What should come from elsewhere, and why.

    The allocations named, or without any all that nobody has begun to pick; with ``location`` only
    those that it should serve.
    """

    reason: Annotated[Line, Meta(examples=["The shop is closed for a strike"])]
    location: Code | None = None
    allocations: Annotated[tuple[Number, ...], Meta(max_length=10_000)] = ()


async def reassign(
    db: Db, *, order_id: UUID, reassignment: Reassignment, version: int | None, author: str
) -> None:
    """Take units from where they should come from, and source them elsewhere, all or none of them.

    The places that lose them are not asked for them again. A fulfillment order that has nothing
    left to do ends as cancelled. Raises UnknownOrder, VersionMismatch, InvalidInput for a location
    or an allocation that does not exist, NothingToReroute, NoOtherLocation: nothing changed then.
    """
    async with changing_one(db, order_id, version=version) as change:
        everywhere = await network.of(db)
        taken = _taken(change, reassignment, everywhere)
        await reroute.replace(db, change, taken=taken, reason=reassignment.reason, author=author)
        await _shrink_work(db, change, taken, everywhere, reassignment.reason)


def _taken(
    change: OrderChange, reassignment: Reassignment, everywhere: Network
) -> list[Allocation]:
    if faults := _faults(change, reassignment, everywhere):
        raise InvalidInput(*faults)
    there = None if reassignment.location is None else everywhere.by_code[reassignment.location].id
    named = reassignment.allocations or tuple(change.allocations)
    taken = [
        each
        for each in (change.allocations[n] for n in named)
        if each.state in NOT_BEGUN and there in (None, each.location)
    ]
    if not taken or (reassignment.allocations and len(taken) < len(named)):
        left = sorted(set(named) - {each.n for each in taken})
        told = ", ".join(f"{n} is {change.allocations[n].state}" for n in left)
        message = f"allocations of order {change.order.number} cannot be rerouted: {told}"
        raise NothingToReroute(message)
    return taken


def _faults(change: OrderChange, reassignment: Reassignment, everywhere: Network) -> list[Fault]:
    faults = []
    seen: set[int] = set()
    for at, n in enumerate(reassignment.allocations):
        pointer = f"/allocations/{at}"
        if n not in change.allocations:
            detail = f"order {change.order.number} has no allocation {n}"
            faults.append(Fault(pointer=pointer, code="unknown_allocation", detail=detail))
        elif n in seen:
            detail = f"allocation {n} is given twice"
            faults.append(Fault(pointer=pointer, code="repeated", detail=detail))
        seen.add(n)
    if reassignment.location is not None and reassignment.location not in everywhere.by_code:
        detail = f"there is no location “{reassignment.location}”"
        faults.append(Fault(pointer="/location", code="unknown_location", detail=detail))
    return faults


async def _shrink_work(
    db: Db,
    change: OrderChange,
    taken: Sequence[Allocation],
    everywhere: Network,
    reason: str,
) -> None:
    """Raise the version of the work that lost units, and end what has nothing left to do."""
    touched = {each.fulfillment_order for each in taken} - {None}
    shrunk = []
    for held in await records.of_orders(db, order_ids=[change.order.id]):
        if held.n not in touched:
            continue
        left = change.of_fulfillment_order(held.n)
        if any(each.state != "cancelled" for each in left):
            shrunk.append(replace(held, changed_at=clock.now()))
            continue
        shrunk.append(replace(held, state="cancelled", reason=reason, changed_at=clock.now()))
        change.tell(
            FulfillmentOrderCancelled(
                fulfillment_order=held.n, location=everywhere.by_id[held.location].code
            )
        )
    await records.change(db, shrunk)
