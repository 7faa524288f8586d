"""Picking: what a location found, and what it could not find or use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.fulfillment import moments
from unisono.fulfillment.events import (
    FulfillmentOrderPicked,
    FulfillmentOrderShortPicked,
    ShortLine,
)
from unisono.fulfillment.moments import Moment
from unisono.fulfillment.records import FulfillmentRef
from unisono.fulfillment.working import Work, working
from unisono.inventory import ledger
from unisono.inventory.ledger import NewMovement

Number = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class Picked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of an allocation that were found; ``reason`` says why there are not more."""

    allocation: Number
    quantity: Annotated[int, Meta(ge=0, le=2**31 - 1, examples=[2])]
    reason: Literal["not_found", "damaged"] = "not_found"


class Picking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of each allocation: without ``picked``, everything.

    It was found at ``occurred_at``; without it, now.
    """

    picked: Annotated[tuple[Picked, ...], Meta(min_length=1, max_length=10_000)] | None = None
    occurred_at: Moment | None = None


async def pick(
    db: Db,
    *,
    ref: FulfillmentRef,
    version: int | None,
    author: str,
    picked: Sequence[Picked] | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Take note of what was found of every allocation; None means all of it.

    What is missing is a short pick: those units are set aside here as not found or damaged, and go
    back to sourcing. When nothing at all was found the work ends as incomplete. Raises
    InvalidInput, UnknownFulfillmentOrder, VersionMismatch, TransitionRefused.
    """
    at = moments.happened(occurred_at)
    async with working(db, ref=ref, version=version) as work:
        if picked is None:
            found = {
                each.n: Picked(allocation=each.n, quantity=each.quantity) for each in work.wanted
            }
            work.become("picking", at=at)
        else:
            found = {each.allocation: each for each in picked}
            if any(each.quantity for each in picked):
                work.become("picking", at=at)
            else:
                work.become("incomplete", at=at, reason="nothing was found")
            if faults := _faults(work, picked):
                raise InvalidInput(*faults)
        await _set_aside(db, work, found, author=author, at=at)
        _move(work, found)
        _tell(work, found, author=author, at=at)


def _faults(work: Work, picked: Sequence[Picked]) -> list[Fault]:
    wanted = {each.n: each.quantity for each in work.wanted}
    faults = []
    seen: set[int] = set()
    for at, each in enumerate(picked):
        pointer = f"/picked/{at}"
        if each.allocation not in wanted:
            detail = f"allocation {each.allocation} is not wanted here, or not any more"
            faults.append(
                Fault(pointer=f"{pointer}/allocation", code="unknown_allocation", detail=detail)
            )
        elif each.allocation in seen:
            detail = f"allocation {each.allocation} is given twice"
            faults.append(Fault(pointer=f"{pointer}/allocation", code="repeated", detail=detail))
        elif each.quantity > wanted[each.allocation]:
            detail = f"only {wanted[each.allocation]} are wanted"
            faults.append(Fault(pointer=f"{pointer}/quantity", code="too_many", detail=detail))
        seen.add(each.allocation)
    for n in sorted(wanted.keys() - seen):
        detail = f"say how many of allocation {n} were found; 0 if none"
        faults.append(Fault(pointer="/picked", code="allocation_missing", detail=detail))
    return faults


async def _set_aside(
    db: Db, work: Work, found: Mapping[int, Picked], *, author: str, at: datetime
) -> None:
    """Write what is missing into the ledger, and end the claims on it."""
    short = [(each, each.quantity - found[each.n].quantity) for each in work.wanted]
    await ledger.post(
        db,
        movements=[
            NewMovement(
                sku=each.sku,
                location=work.held.location,
                cause=found[each.n].reason,
                quantity=missing,
                unavailable=missing,
                document=str(work.change.order.number),
                author=author,
                occurred_at=at,
            )
            for each, missing in short
            if missing
        ],
        closed=[work.claim(each, quantity=missing) for each, missing in short if missing],
    )


def _move(work: Work, found: Mapping[int, Picked]) -> None:
    for each in work.wanted:
        here = found[each.n].quantity
        if here < each.quantity:
            work.reopen(each.n, reason="short_pick", quantity=each.quantity - here)
        if here:
            work.change.move(each.n, "picked")


def _tell(work: Work, found: Mapping[int, Picked], *, author: str, at: datetime) -> None:
    # After the move, an allocation of which something was found holds what was found.
    there = [work.change.allocations[each.n] for each in work.wanted if found[each.n].quantity]
    short = [
        ShortLine(
            line=each.line,
            sku=work.goods[each.sku].code,
            quantity=each.quantity - found[each.n].quantity,
            reason=found[each.n].reason,
        )
        for each in work.wanted
        if found[each.n].quantity < each.quantity
    ]
    if there:
        work.tell(
            FulfillmentOrderPicked(
                fulfillment_order=work.held.n,
                location=work.location,
                lines=work.lines(there),
                at=at,
                author=author,
            )
        )
    if short:
        work.tell(
            FulfillmentOrderShortPicked(
                fulfillment_order=work.held.n,
                location=work.location,
                lines=short,
                nothing_found=not there,
                at=at,
                author=author,
            )
        )
