"""Cancelling an order or units of it: first what it would do, then exactly that or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from unisono.console.guard import needs
from unisono.console.orders.order import of_number
from unisono.console.rendering import page
from unisono.console.visits import Visit
from unisono.core.database import Db
from unisono.core.errors import Fault, InvalidInput
from unisono.core.texts import Line as Sentence
from unisono.orders import cancel
from unisono.orders.cancel import Cancellation, CancellationPreview, CancelledLine
from unisono.orders.reading import OrderView
from unisono.orders.states import DONE

_FIELD = "line-"
"""What the name of a line's field begins with; its number follows."""
_AT_HAND = frozenset(("picked", "packed", "ready_for_pickup"))
"""States of units that somebody has to put back."""


class CancelForm(Struct, frozen=True, kw_only=True):
    """Why, and what was shown: ``shown`` are the units whose effect the person has seen."""

    version: int
    reason: Sentence | None = None
    shown: Annotated[str, Meta(max_length=200_000)] = ""
    preview: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A line to choose of: how many units can be cancelled, how many are chosen, what stays."""

    line: int
    name: str
    sku: str
    most: int
    chosen: int
    stays: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a cancellation would do; ``goods`` is the price of the units, a decimal string.

    ``put_back`` units are off their shelf already; ``gone`` ones have left and stay. ``shown``
    stands for the units that are chosen.
    """

    possible: bool
    whole: bool
    units: int
    lines: int
    goods: str
    put_back: int
    gone: int
    shown: str


@get("/orders/{named:str}/cancel", opt=needs("orders:write"))
async def show_cancel(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Show what can be cancelled; all of it is chosen."""
    async with visit.database.read() as db:
        order = await of_number(db, named)
        return await _form(visit, db, order, None)


@post("/orders/{named:str}/cancel", opt=needs("orders:write"), status_code=200)
async def cancel_order(visit: NamedDependency[Visit], named: FromPath[str]) -> Response[Any]:
    """Cancel the units whose effect was shown; show the effect first if others are chosen now."""
    given = await visit.filled(CancelForm)
    wanted = _wanted(await visit.fields())
    # Nothing chosen must never be sent on: to the area it means everything.
    is_seen = bool(wanted) and given.shown == _shown(wanted)
    if given.preview is not None or not is_seen:
        async with visit.database.read() as db:
            order = await of_number(db, named)
            return await _form(
                visit, db, order, wanted, reason=given.reason or "", is_new=given.preview is None
            )
    if given.reason is None:
        detail = "a cancellation says why"
        raise InvalidInput(Fault(pointer="/reason", code="missing_field", detail=detail))
    cancellation = _cancellation(wanted, given.reason)

    async def work(db: Db) -> OrderView:
        order = await of_number(db, named)
        await cancel.cancel(
            db,
            order_id=order.id,
            cancellation=cancellation,
            version=given.version,
            author=visit.person.name,
        )
        return await of_number(db, named)

    if (await visit.change(work)).state == "cancelled":
        text = visit.language.text("The order is cancelled.")
    else:
        text = visit.language.plural(
            "%(num)s unit is cancelled.", "%(num)s units are cancelled.", sum(wanted.values())
        )
    return visit.done(f"/orders/{named}", text)


async def _form(
    visit: Visit,
    db: Db,
    order: OrderView,
    wanted: Mapping[int, int] | None,
    *,
    reason: str = "",
    is_new: bool = False,
) -> Response[Any]:
    """Return the page; None chooses everything that can be cancelled.

    ``is_new`` says that what was sent is not what had been shown.
    """
    everything = await cancel.preview(
        db, order_id=order.id, cancellation=_cancellation({}, reason or "?")
    )
    choices = _choices(everything, wanted)
    chosen = {each.line: each.chosen for each in choices if each.chosen}
    preview = everything
    if chosen:
        preview = await cancel.preview(
            db, order_id=order.id, cancellation=_cancellation(chosen, reason or "?")
        )
    return page(
        visit,
        "orders/cancel.html",
        order=order,
        choices=choices,
        effect=_effect(preview, order, chosen),
        reason=reason,
        is_new=is_new,
    )


def _choices(everything: CancellationPreview, wanted: Mapping[int, int] | None) -> list[Choice]:
    """Return every line; what is not wanted any more than it can be is chosen as far as it can."""
    choices = []
    for each in everything.lines:
        most = sum(units.quantity for units in each.cancelled)
        choices.append(
            Choice(
                line=each.line,
                name=each.name,
                sku=each.sku,
                most=most,
                chosen=most if wanted is None else min(most, wanted.get(each.line, 0)),
                stays=[
                    (units.state, units.quantity)
                    for units in each.stays
                    if units.state != "cancelled"
                ],
            )
        )
    return choices


def _effect(preview: CancellationPreview, order: OrderView, chosen: Mapping[int, int]) -> Effect:
    prices = {
        each.line: Decimal(each.unit_price) - Decimal(each.unit_discount) for each in order.lines
    }
    states = [
        (units.state, units.quantity)
        for line in preview.lines
        if line.line in chosen
        for units in line.cancelled
    ]
    return Effect(
        possible=bool(chosen) and preview.possible,
        whole=preview.whole,
        units=sum(chosen.values()),
        lines=len(chosen),
        goods=str(sum((prices[line] * units for line, units in chosen.items()), Decimal(0))),
        put_back=_units(states, _AT_HAND),
        gone=sum(each.quantity for each in order.allocations if each.state in DONE),
        shown=_shown(chosen),
    )


def _units(states: Iterable[tuple[str, int]], among: frozenset[str]) -> int:
    return sum(quantity for state, quantity in states if state in among)


def _wanted(fields: Mapping[str, Sequence[str]]) -> dict[int, int]:
    """Return units by line, those of no unit left out. Raises InvalidInput."""
    wanted = {}
    for name, values in fields.items():
        line, units = name.removeprefix(_FIELD), values[-1].strip() or "0"
        if not name.startswith(_FIELD):
            continue
        if not (_is_small(line) and _is_small(units)):
            detail = "units are a number, not below 0"
            raise InvalidInput(Fault(pointer=f"/{name}", code="wrong_format", detail=detail))
        if int(units):
            wanted[int(line)] = int(units)
    return wanted


def _is_small(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 7  # noqa: PLR2004 - a million fits


def _cancellation(wanted: Mapping[int, int], reason: str) -> Cancellation:
    lines = tuple(CancelledLine(line=line, quantity=n) for line, n in sorted(wanted.items()))
    return Cancellation(reason=reason, lines=lines)


def _shown(wanted: Mapping[int, int]) -> str:
    """Return units by line as one text, to compare what is sent with what was shown."""
    return ",".join(f"{line}:{units}" for line, units in sorted(wanted.items()))
