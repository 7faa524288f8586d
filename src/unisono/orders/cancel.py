"""Cancelling: an order whole, or quantities of its lines, as long as they have not left."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput, UnisonoError
from unisono.core.texts import Line as Sentence
from unisono.inventory import ledger
from unisono.orders import reading, recipients
from unisono.orders.changing import Allocation, changing_one, claims_of
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


class Units(msgspec.Struct, frozen=True, kw_only=True):
    """Units in one state of their way."""

    state: str
    quantity: int


class LinePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a cancellation would do to a line.

    ``asked`` is None for all that can be. ``cancelled`` has the states that the units would leave:
    at a location that works on them they will have to be put back. ``stays`` has the states of the
    others, which say why: what was ``shipped`` is returned, not cancelled.
    """

    line: int
    sku: str
    name: str
    asked: int | None
    cancelled: tuple[Units, ...]
    stays: tuple[Units, ...]

    @property
    def is_enough(self) -> bool:
        """Whether as many units can be cancelled as were asked."""
        return self.asked is None or self.asked <= sum(each.quantity for each in self.cancelled)


class CancellationPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a cancellation would do; ``possible`` is False when it would be refused.

    With ``whole`` nothing of the order would be left. ``version`` is the order's: cancelling with
    it does exactly this, or is refused.
    """

    version: int
    possible: bool
    whole: bool
    lines: tuple[LinePreview, ...]


# What is nearest to the shelf is cancelled first, so that as little work as possible is lost.
_FIRST = ("open", "allocated", "released", "picked", "packed", "ready_for_pickup")


async def cancel(
    db: Db,
    *,
    order_id: UUID,
    cancellation: Cancellation,
    version: int | None,
    author: str | None = None,
) -> None:
    """Cancel quantities and give their claims back, in one change of the order.

    ``author`` is who did it, None the customer. Raises UnknownOrder, VersionMismatch when
    ``version`` is given and the order has another, InvalidInput for a line that the order does not
    have or that is named twice, NothingToCancel when fewer units are left than should be cancelled:
    nothing changed then.
    """
    async with changing_one(db, order_id, version=version) as change:
        allocations = list(change.allocations.values())
        cancelled: list[Allocation] = []
        for line, asked in _asked(change.order.number, allocations, cancellation.lines).items():
            chosen = _chosen(allocations, line, asked)
            able = sum(each.quantity for each in chosen)
            if asked is not None and able < asked:
                message = f"only {able} units of line {line} can still be cancelled, not {asked}"
                raise NothingToCancel(message)
            cancelled += chosen
        if not cancelled:
            message = f"nothing of order {change.order.number} is left that could be cancelled"
            raise NothingToCancel(message)
        for each in cancelled:
            change.move(
                each.n,
                "cancelled",
                quantity=each.quantity,
                reason=cancellation.reason,
                retry_at=None,
            )
        units: dict[int, int] = {}
        for each in cancelled:
            units[each.line] = units.get(each.line, 0) + each.quantity
        left = any(each.state != "cancelled" for each in change.allocations.values())
        fact = OrderChanged if left else OrderCancelled
        change.tell(
            fact(reason=cancellation.reason, cancelled=sorted(units.items()), author=author)
        )
        await ledger.post(db, closed=claims_of(cancelled))


async def preview(db: Db, *, order_id: UUID, cancellation: Cancellation) -> CancellationPreview:
    """Return what a cancellation would do at this moment; nothing is changed or locked.

    Raises UnknownOrder, InvalidInput for a line that the order does not have or that is named
    twice.
    """
    order = await reading.get(db, order_id=order_id)
    allocations = await recipients.allocations(db, order_ids=[order_id])
    lines = {each.line: each for each in order.lines}
    shown = []
    for line, asked in _asked(order.number, allocations, cancellation.lines).items():
        chosen = _chosen(allocations, line, asked)
        taken = {each.n: each.quantity for each in chosen}
        left = [
            Units(state=each.state, quantity=each.quantity - taken.get(each.n, 0))
            for each in allocations
            if each.line == line and each.quantity > taken.get(each.n, 0)
        ]
        shown.append(
            LinePreview(
                line=line,
                sku=lines[line].sku,
                name=lines[line].name,
                asked=asked,
                cancelled=_by_state(Units(state=e.state, quantity=e.quantity) for e in chosen),
                stays=_by_state(left),
            )
        )
    cancelled = sum(each.quantity for line in shown for each in line.cancelled)
    alive = sum(each.quantity for each in allocations if each.state != "cancelled")
    return CancellationPreview(
        version=order.version,
        possible=cancelled > 0 and all(each.is_enough for each in shown),
        whole=0 < alive == cancelled,
        lines=tuple(shown),
    )


def _by_state(units: Iterable[Units]) -> tuple[Units, ...]:
    """Return units summed by state, in the order of the lifecycle."""
    sums: dict[str, int] = {}
    for each in units:
        sums[each.state] = sums.get(each.state, 0) + each.quantity
    ordered = sorted(sums, key=ALLOCATION.states.index)
    return tuple(Units(state=state, quantity=sums[state]) for state in ordered)


def _asked(
    number: int, allocations: Iterable[Allocation], lines: Sequence[CancelledLine]
) -> dict[int, int | None]:
    """Return units by line, None for all that can be; every line when none is named."""
    known = sorted({each.line for each in allocations})
    if not lines:
        return dict.fromkeys(known)
    asked: dict[int, int | None] = {}
    faults = []
    for at, each in enumerate(lines):
        if each.line not in known:
            detail = f"order {number} has no line {each.line}"
            faults.append(Fault(pointer=f"/lines/{at}/line", code="unknown_line", detail=detail))
        if each.line in asked:
            detail = f"line {each.line} is named twice"
            faults.append(Fault(pointer=f"/lines/{at}/line", code="named_twice", detail=detail))
        asked[each.line] = each.quantity
    if faults:
        raise InvalidInput(*faults)
    return asked


def _chosen(allocations: Iterable[Allocation], line: int, asked: int | None) -> list[Allocation]:
    """Return what of a line would be cancelled, as parts of its allocations: at most ``asked``."""
    able = [
        each
        for each in allocations
        if each.line == line and ALLOCATION.allows(each.state, "cancelled")
    ]
    able.sort(key=lambda each: (_FIRST.index(each.state), each.n))
    left = sum(each.quantity for each in able) if asked is None else asked
    chosen = []
    for each in able:
        units = min(left, each.quantity)
        if not units:
            break
        left -= units
        chosen.append(replace(each, quantity=units))
    return chosen
