"""Cancelling: an order whole, or quantities of its lines, as long as they have not left."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.texts import Line as Sentence
from unisono.inventory import ledger
from unisono.orders.changing import Allocation, OrderChange, changing_one, claims_of
from unisono.orders.events import OrderCancelled, OrderChanged
from unisono.orders.new_order import LINES_MAX, Quantity
from unisono.orders.states import ALLOCATION


class NothingToCancel(UnisonoError):
    """What should be cancelled has left, or was cancelled before."""


class CancelledLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of a line that are not wanted any more; without a quantity, all that can be."""

    line: Annotated[int, Meta(ge=1, le=LINES_MAX, examples=[1])]
    quantity: Quantity | None = None


class Cancellation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to cancel: the lines named, or without any the whole order; and why."""

    reason: Annotated[Sentence, Meta(examples=["The customer changed her mind"])]
    lines: Annotated[tuple[CancelledLine, ...], Meta(max_length=LINES_MAX)] = ()


# What is nearest to the shelf is cancelled first, so that as little work as possible is lost.
_FIRST = ("open", "allocated", "released", "picked", "packed", "ready_for_pickup")


async def cancel(
    db: Db, *, order_id: UUID, cancellation: Cancellation, version: int | None
) -> None:
    """Cancel quantities and give their claims back, in one change of the order.

    Raises UnknownOrder, VersionMismatch when ``version`` is given and the order has another,
    InvalidInput for a line that the order does not have or that is named twice, NothingToCancel
    when fewer units are left than should be cancelled: nothing changed then.
    """
    async with changing_one(db, order_id, version=version) as change:
        wanted = _wanted(change, cancellation.lines)
        cancelled: list[Allocation] = []
        for line, quantity in wanted.items():
            cancelled += _cancel_line(change, line, quantity, cancellation.reason)
        if not cancelled:
            message = f"nothing of order {change.order.number} is left that could be cancelled"
            raise NothingToCancel(message)
        units: dict[int, int] = {}
        for each in cancelled:
            units[each.line] = units.get(each.line, 0) + each.quantity
        left = any(each.state != "cancelled" for each in change.allocations.values())
        fact = OrderChanged if left else OrderCancelled
        change.tell(fact(reason=cancellation.reason, cancelled=sorted(units.items())))
        await ledger.post(db, closed=claims_of(cancelled))


def _wanted(change: OrderChange, lines: Sequence[CancelledLine]) -> dict[int, int | None]:
    """Return units by line, None for all that can be; every line when none is named."""
    known = sorted({each.line for each in change.allocations.values()})
    if not lines:
        return dict.fromkeys(known)
    wanted: dict[int, int | None] = {}
    faults = []
    for at, each in enumerate(lines):
        if each.line not in known:
            detail = f"order {change.order.number} has no line {each.line}"
            faults.append(Fault(pointer=f"/lines/{at}/line", code="unknown_line", detail=detail))
        if each.line in wanted:
            detail = f"line {each.line} is named twice"
            faults.append(Fault(pointer=f"/lines/{at}/line", code="named_twice", detail=detail))
        wanted[each.line] = each.quantity
    if faults:
        raise InvalidInput(*faults)
    return wanted


def _cancel_line(
    change: OrderChange, line: int, quantity: int | None, reason: str
) -> list[Allocation]:
    """Cancel units of a line and return them as they were before: with the place of their claim."""
    able = [
        each
        for each in change.allocations.values()
        if each.line == line and ALLOCATION.allows(each.state, "cancelled")
    ]
    able.sort(key=lambda each: (_FIRST.index(each.state), each.n))
    available = sum(each.quantity for each in able)
    if quantity is not None and quantity > available:
        message = f"only {available} units of line {line} can still be cancelled, not {quantity}"
        raise NothingToCancel(message)
    left = available if quantity is None else quantity
    cancelled = []
    for each in able:
        units = min(left, each.quantity)
        if not units:
            break
        left -= units
        change.move(each.n, "cancelled", quantity=units, reason=reason, retry_at=None)
        cancelled.append(replace(each, quantity=units))
    return cancelled
